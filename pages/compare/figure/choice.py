"""What a figure shows, by widgets: its panels, boxes and numbers, and its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.base.words import printable
from core.imaging.images import Region, crop
from core.report.figure import PRESETS
from core.report.figure.recipe import CLEAN, MEASUREMENT
from core.variants.labels import without_shared_network
from pages.shared.choose import Field, choose, choose_some
from pages.shared.comparison import Comparison
from pages.shared.workbench import Workbench, current_region

if TYPE_CHECKING:
    from core.metrics import MetricSpec

FORM = "four whole numbers x,y,width,height"
BOXES = tuple(
    Field(f"figure_box_{number}", f"{colour} box: x, y, width, height", FORM, Region.parse)
    for number, colour in enumerate(("Red", "Blue", "Yellow"), start=1)
)
USUAL = {True: ("psnr", "ssim"), False: ("blur", "checkerboard")}
"""With or without a clean picture, the numbers that a figure has at first."""
TAKE = "Take the region of the viewer"
TAKE_HELP = "Draw it in the viewer above: it becomes the next box."
LABELS, LABELS_HELP = "Labels", "What stands above each picture; what is left empty stays."
LONGEST = 80
"""Characters of a label."""


@dataclass(frozen=True)
class Choice:
    """What a figure shows: keys of panels, boxes in the picture, keys of metrics, and its size.

    `labels` has what stands above each panel, in the order of `panels`.
    """

    panels: tuple[str, ...]
    labels: tuple[str, ...]
    boxes: tuple[Region, ...]
    metrics: tuple[str, ...]
    preset: str

    @property
    def labels_by_key(self) -> dict[str, str]:
        """Key of a panel -> what stands above it."""
        return dict(zip(self.panels, self.labels, strict=True))


def chosen(bench: Workbench) -> Choice:
    """The widgets."""
    found = Comparison(bench)
    sizes = {spec.key: spec.label for spec in PRESETS.values()}
    preset = choose("figure_size", "Size", sizes, label_visibility="visible")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = labels_of(found)
        without = choose_some("figure_without", "Leave out", labels, [], placeholder="Nothing")
        metrics = choose_metrics(bench)
        panels = tuple(key for key in labels if key not in without)
        own = choose_labels(labels, panels)
    boxes = choose_boxes(*bench.measurement.size)
    return Choice(panels, own, boxes, tuple(metrics), preset)


def labels_of(found: Comparison) -> dict[str, str]:
    """Key -> label of everything that can be a panel."""
    clean = {CLEAN: "Clean"} if found.bench.clean else {}
    return clean | {MEASUREMENT: found.bench.input_label} | found.labels


def choose_labels(labels: Mapping[str, str], panels: Sequence[str]) -> tuple[str, ...]:
    """What stands above each of these panels: the person's own words, or its short label."""
    outputs = [key for key in panels if key not in (CLEAN, MEASUREMENT)]
    short = labels | without_shared_network({key: labels[key] for key in outputs})
    fields = {
        key: Field(f"figure_label_{key}", labels[key], "a few words", readable) for key in panels
    }
    with st.popover(LABELS, help=LABELS_HELP):
        for key, field in fields.items():
            field.draw(short[key])
    return tuple(own_label(field.text) or short[key] for key, field in fields.items())


def readable(text: str) -> str:
    """The label, on one line. Raises `ValueError` for one that is too long."""
    label = printable(" ".join(text.split()))
    if len(label) > LONGEST:
        raise ValueError(f"A label has at most {LONGEST} characters; this one has {len(label)}.")
    return label


def own_label(text: str) -> str:
    try:
        return readable(text)
    except ValueError:
        return ""


def choose_metrics(bench: Workbench) -> list[str]:
    from core.metrics import METRICS
    from core.report.figure import MOST_METRICS

    labels = {spec.key: spec.label for spec in METRICS.values() if can_be_had(spec, bench)}
    return choose_some(
        "figure_numbers",
        "Numbers below",
        labels,
        USUAL[bench.clean is not None],
        max_selections=MOST_METRICS,
    )


def can_be_had(spec: MetricSpec, bench: Workbench) -> bool:
    lacking = (spec.needs_reference and not bench.clean) or (
        spec.needs_measurement and not bench.taken
    )
    return not lacking and not spec.absent()


def choose_boxes(width: int, height: int) -> tuple[Region, ...]:
    """Up to three regions; those that cannot be read, or reach outside, say so and are left."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for box in BOXES:
            box.draw("none", partial(inside, width=width, height=height))
        st.button(TAKE, key="figure_take", help=TAKE_HELP, on_click=take, args=(width, height))
    return tuple(filter(None, (box_in(box.text, width, height) for box in BOXES)))


def inside(text: str, width: int, height: int) -> Region:
    """The region. Raises `ValueError` unless it lies in a picture of this size."""
    region = Region.parse(text)
    crop(np.broadcast_to(np.uint8(0), (height, width, 3)), region)
    return region


def box_in(text: str, width: int, height: int) -> Region | None:
    try:
        return inside(text, width, height) if text else None
    except ValueError:
        return None


def take(width: int, height: int) -> None:
    """Put the drawn region into the first box that is free, else into the last."""
    region = current_region(width, height)
    if region:
        box = next((box for box in BOXES if not box.text), BOXES[-1])
        st.session_state[box.key] = region.text
