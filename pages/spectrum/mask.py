"""The radial mask of `frequency_radial`, and what the loss sums with it, for each variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.images import Region
from core.viewer import Layer, Panel, encode_layer
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.comparison import Comparison, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.values import Picture
from pages.shared.views import polled
from pages.shared.workbench import Workbench
from pages.spectrum.common import (
    EntriesView,
    Entry,
    Setting,
    choose_region,
    compared,
    key_of,
    no_clean,
    part,
    size_of,
    usable,
)

if TYPE_CHECKING:
    from torch import Tensor

ABOUT = (
    "The loss `frequency_radial` weighs each frequency by **1 + w r / r_max**: 1 for the mean "
    "brightness in the middle, 1 + w for the finest diagonal detail in the corners. Move w to see "
    "what the loss then sums."
)
ABOUT_SUMS = (
    "(1 + w r / r_max) · | |F output| − |F clean| |, F orthonormal, mean of the three colours, in "
    "8-bit levels. No window: the loss has none. The loss is 0.224 times the mean of this map, in "
    "values from 0 to 1. One scale, made for the variants: the input may lie beyond it."
)
WEIGHT = Setting("weight", "Weight w", 0.0, 8.0, 2.0, 0.1)
SPLIT = Setting(
    "split", "Split at the radius (cycles per pixel)", 0.01, 0.7, 0.25, 0.01,
    "The loss is told apart into what lies below this radius and what lies above.",
)  # fmt: skip
TABLE_SIDE = Setting("mask_side", "Side of the value table", 4.0, 16.0, 10.0, 1.0)
SETTINGS = (WEIGHT, SPLIT, TABLE_SIDE)
MASK_SIDE = 128
LEAST_TOP = 1.1  # a scale needs two ends, and w may be 0
PROFILE_POINTS = 100
TOP = 99.5
LEVELS = 255
FACTOR = 1000


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    left, right = st.columns(2)
    with left:
        weight = WEIGHT.slider()
    with right:
        split = SPLIT.slider()
    picture_and_profile(weight, split)
    values(weight)
    st.subheader("What the loss sums")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = choose_region(bench)
    region = usable(region)
    if not bench.clean:
        no_clean("a loss compares with it, so that there is nothing to sum")
        return
    polled(Sums(bench, region, weight, split))


# The mask ----------------------------------------------------------------------------------------


def mask_of(side: int, weight: float) -> np.ndarray:
    """The mask of a square, shifted: (side, side)."""
    from core.imaging.spectrum import full_plane, radial_mask

    return full_plane(radial_mask(side, side, weight), side).numpy()


def picture_and_profile(weight: float, split: float) -> None:
    from core.figures import line_chart
    from core.imaging.spectrum import MAX_RADIUS

    picture, profile = st.columns(2)
    mask = encode_layer(mask_of(MASK_SIDE, weight))
    layer = Layer("weight", "Weight", mask, 1.0, max(1.0 + weight, LEAST_TOP), opacity=1.0)
    panel = Panel(
        "mask", f"1 + {weight:g} r / r_max", None, layers=(layer,), blank=(MASK_SIDE,) * 2
    )
    with picture:
        linked_viewer([panel], key="mask", axes="frequency", height=300)
    radius = np.linspace(0, MAX_RADIUS, PROFILE_POINTS)
    figure = line_chart(
        radius,
        {"weight": 1 + weight * radius / MAX_RADIUS},
        "Radius, cycles per pixel",
        "Weight",
        height=340,
        vertical=split,
    )
    figure.update_yaxes(range=[0, 1 + WEIGHT.high])  # fixed, so that w moves the line
    with profile:
        chart(figure, "profile", f"The weight rises evenly from 1 to {1 + weight:g}.")


def values(weight: float) -> None:
    """The mask of a small square as numbers, as the source prints it."""
    side = int(TABLE_SIDE.field())
    rows = [
        [str(number), *(f"{value:.5f}" for value in row)]
        for number, row in enumerate(mask_of(side, weight))
    ]
    text_table(f"The mask of {side} × {side} pixels, w = {weight:g}", [], rows)
    st.caption("Zero frequency in the middle, at row and column side // 2, as after `fftshift`.")


# The sum -----------------------------------------------------------------------------------------


def difference_of(output: Picture, clean: Picture, region: Region | None) -> Tensor:
    """Magnitude differences without weight, averaged over colours: (1, H, W//2 + 1)."""
    from core.losses.frequency import magnitude_differences

    images = (part(picture, region)[None] for picture in (output, clean))
    return magnitude_differences(*images).mean(dim=1)


@dataclass(frozen=True)
class Sums(EntriesView):
    """Maps of what the loss sums, and the sums below and above the split."""

    region: Region | None
    weight: float
    split: float

    def made(self, found: Comparison) -> dict[str, Job[Tensor]]:
        clean, region = self.bench.clean, self.region
        return {
            entry.key: computed(
                "magnitude_differences",
                entry.picture.digest,
                clean.digest,
                key_of(region),
                compute=partial(difference_of, entry.picture, clean, region),
            )
            for entry in compared(found)
            if entry.picture
        }

    def show(self, found: Comparison, ready: Mapping[str, Tensor]) -> None:
        from core.imaging.spectrum import radial_mask

        width, height = size_of(self.bench, self.region)
        mask = radial_mask(height, width, self.weight)
        weighted = {key: differences * mask for key, differences in ready.items()}
        linked_viewer(
            panels(compared(found), weighted, (width, height)),
            key="weighted",
            name=self.bench.file_name(f"weighted difference w {self.weight:g}"),
            axes="frequency",
            on_step=step_and_rerun,
            height=420,
        )
        st.caption(ABOUT_SUMS)
        labels = {entry.key: entry.label for entry in compared(found)}
        loss = {labels[k]: split_loss(plane, width, self.split) for k, plane in weighted.items()}
        if loss:
            split_table(loss, self.weight, self.split)


def panels(shown: list[Entry], weighted: dict[str, Tensor], size: tuple[int, int]) -> list[Panel]:
    """A panel each, all maps on one scale: the variants', because noise would dwarf them."""
    from core.imaging.spectrum import full_plane

    planes = {k: LEVELS * full_plane(half, size[0])[0].numpy() for k, half in weighted.items()}
    tops = {key: LEVELS * float(np.percentile(half, TOP)) for key, half in weighted.items()}
    variants = [tops[e.key] for e in shown if e.role == "output" and e.key in tops]
    top = max(variants or tops.values(), default=0) or 1.0
    drawn = {
        key: Layer(
            "weighted", "Weighted difference", encode_layer(plane), 0.0, top,
            opacity=1.0, unit="levels",
        )
        for key, plane in planes.items()
    }  # fmt: skip
    return [
        Panel(
            entry.key,
            entry.label,
            None,
            "output",
            layers=(drawn[entry.key],) if entry.key in drawn else (),
            blank=size if entry.key in drawn else None,
        )
        for entry in shown
    ]


def split_loss(weighted: Tensor, width: int, split: float) -> tuple[float, float]:
    """The loss of what lies below a radius and above, in cycles per pixel."""
    from core.imaging.spectrum import MAX_RADIUS, ring_means
    from core.losses.frequency import SCALE

    below, above = SCALE * ring_means(weighted, width, (0.0, split, MAX_RADIUS))[0]
    return float(below), float(above)


def split_table(loss: dict[str, tuple[float, float]], weight: float, split: float) -> None:
    from core.figures import score_bars

    names = (f"below {split:g}", f"above {split:g}")
    rows = [
        [label, *(f"{FACTOR * v:.3f}" for v in (below + above, below, above)), share(below, above)]
        for label, (below, above) in loss.items()
    ]
    title = f"frequency_radial(weight={weight:g}) × {FACTOR}, split at {split:g} cycles per pixel"
    text_table(title, ["Loss", *names, "share above"], rows)
    bars = {
        label: dict(zip(names, (FACTOR * v for v in parts), strict=True))
        for label, parts in loss.items()
    }
    chart(
        score_bars(bars, f"loss × {FACTOR}", stacked=True),
        "split_bars",
        "The loss of each picture, the part below the radius first.",
    )


def share(below: float, above: float) -> str:
    total = below + above
    return f"{100 * above / total:.1f} %" if total else "—"
