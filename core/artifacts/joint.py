"""Maps that several outputs make together: the specs of `agreement`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from ..imaging.batches import check_shapes, check_values
from ..imaging.images import at_least_float32
from .agreement import disagreement, nearest_to_clean
from .spec import ArtifactMap

GROUP = "agreement"


@dataclass(frozen=True)
class JointSpec:
    """A map of all outputs together, as it stands in the table `JOINT`.

    With `names` its values are indices of the outputs in their order. `signed` and `floor` are
    what `locked_range` asks of a map.
    """

    key: str
    label: str
    unit: str
    sentence: str
    needs_reference: bool
    names: bool
    function: Callable[[Mapping[str, Tensor], Tensor | None], ArtifactMap]
    group: str = GROUP
    signed: bool = False
    floor: float = 0.1

    def __call__(self, outputs: Mapping[str, Tensor], clean: Tensor | None = None) -> ArtifactMap:
        """The map of `outputs`, `(3, H, W)` in [0, 1] each, by variant.

        Raises `ValueError` for too few or too small outputs, for a missing clean image, and for
        what is no image, as `ArtifactSpec` does.
        """
        if self.needs_reference and clean is None:
            raise ValueError(f"{self.label} needs a clean image.")
        images = [*outputs.values(), *([] if clean is None else [clean])]
        if images:
            check_shapes(f"A map of {self.label}", *images, dimensions=3)
            check_values(f"A map of {self.label}", *images)
        known = {name: at_least_float32(image) for name, image in outputs.items()}
        return self.function(known, None if clean is None else at_least_float32(clean))


DISAGREEMENT = JointSpec(
    key="disagreement",
    label="Disagreement",
    unit="levels",
    sentence=(
        "How far the variants lie apart in each 32-pixel tile: standard deviation of their luma, "
        "in 8-bit levels. High where the loss decides what is painted."
    ),
    needs_reference=False,
    names=False,
    function=lambda outputs, clean: disagreement(outputs),
)

NEAREST = JointSpec(
    key="nearest",
    label="Nearest to clean",
    unit="",
    sentence=(
        "Which variant has the least squared error in each 16-pixel tile. The least MSE is not "
        "the best look: a variant trained on MSE alone is at home here."
    ),
    needs_reference=True,
    names=True,
    function=nearest_to_clean,
)
