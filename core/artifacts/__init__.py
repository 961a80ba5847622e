"""Where an output is wrong. To add an artifact map: a file here, and its spec in this table."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ..base.table import Table
from ..metrics import METRICS
from .agreement import disagreement, nearest_to_clean
from .blur import BLUR, BLUR_EFFECT
from .colour_shift import COLOUR_SHIFT
from .flat_field import GREYS, FlatField, flat_field
from .flip import FLIP
from .grid import GRID_2, GRID_4, GRID_8
from .joint import DISAGREEMENT, NEAREST, JointSpec
from .observed import Observed, grid_captions, observe
from .observed import captions as observed_captions
from .places import Place, worst_places
from .scores import ADDED_SCORES, GRID_SCORES, VALIDATED
from .sharpness import SHARPNESS_CLEAN, SHARPNESS_DIFFERENCE, SHARPNESS_OUTPUT
from .signed_error import SIGNED_ERROR
from .spec import HOP, TILE, ArtifactMap, ArtifactSpec, GroupSpec, locked_range, reach
from .telling_view import telling_view

GROUPS = Table(
    "artifact group",
    GroupSpec(
        "blur", "Blur", "Detail that was smoothed away.", ("blur", "detail_gain"), ("blur",)
    ),
    GroupSpec(
        "checkerboard",
        "Checkerboard",
        "A pattern in step with the network's own lattice.",
        ("grid_added_2", "grid_added_4", "grid_added_8"),
        ("grid_2", "grid_4", "grid_8"),
        tested=True,
    ),
    GroupSpec(
        "colour_shift",
        "Colour shift",
        "A tint that the clean image does not have.",
        ("colour_shift",),
    ),
    GroupSpec(
        "sharpness",
        "Regional sharpness",
        "What the regional sharpness loss itself sees.",
        ("detail_gain", "detail_truth"),
    ),
    GroupSpec("flip", "FLIP", "What a person sees when output and clean alternate.", ("flip",)),
    GroupSpec("signed_error", "Signed error", "Lighter or darker than clean."),
    GroupSpec(
        "agreement", "Agreement", "Where the variants differ, and which is nearest to clean."
    ),
)
"""In the order in which a page offers them."""

ARTIFACTS = Table(
    "artifact",
    BLUR,
    BLUR_EFFECT,
    GRID_2,
    GRID_4,
    GRID_8,
    COLOUR_SHIFT,
    SHARPNESS_OUTPUT,
    SHARPNESS_CLEAN,
    SHARPNESS_DIFFERENCE,
    FLIP,
    SIGNED_ERROR,
)

JOINT = Table("joint map", DISAGREEMENT, NEAREST)

SCORES = Table(
    "artifact score",
    METRICS["blur"],
    *GRID_SCORES,
    *ADDED_SCORES,
    METRICS["colour_shift"],
    METRICS["detail_gain"],
    METRICS["detail_truth"],
    METRICS["flip"],
)
"""One number per image: the columns of a page's table."""


def worst_place(kind: str, outputs: Mapping[str, Tensor], clean: Tensor | None = None) -> Place:
    """The tile where an artifact is strongest in any of the outputs, `(3, H, W)` each.

    Raises `ValueError` for an unknown kind, no output, a missing clean image, pictures under the
    tile's side, and where all values are below what the map's scale starts to show.
    """
    artifact = ARTIFACTS[kind]
    if not outputs:
        raise ValueError(f"The worst place for {artifact.label} needs at least one output.")
    looks = len(outputs)
    maps = {name: artifact(image, clean, looks=looks) for name, image in outputs.items()}
    places = worst_places(maps, 1, floor=artifact.floor)
    if not places:
        least = f"{artifact.floor:g} {artifact.unit}".rstrip()
        chance = " by more than chance explains" if artifact.tested else ""
        raise ValueError(f"{artifact.label}: no tile of any output is above {least}{chance}.")
    return places[0]


__all__ = [
    "ARTIFACTS",
    "GREYS",
    "GROUPS",
    "HOP",
    "JOINT",
    "SCORES",
    "TILE",
    "VALIDATED",
    "ArtifactMap",
    "ArtifactSpec",
    "FlatField",
    "GroupSpec",
    "JointSpec",
    "Observed",
    "Place",
    "disagreement",
    "flat_field",
    "grid_captions",
    "locked_range",
    "nearest_to_clean",
    "observe",
    "observed_captions",
    "reach",
    "telling_view",
    "worst_place",
    "worst_places",
]
