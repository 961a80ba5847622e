"""Is it the loss or the architecture? Flat greys in, grid out; and one loss on two decoders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from json import dumps
from typing import TYPE_CHECKING

import streamlit as st

from pages.artifacts.maps import known
from pages.artifacts.scores import rows, score_needs, score_tables
from pages.shared import cached
from pages.shared.cached import Number
from pages.shared.cells import Cell, Row, cell_table
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, base_panels, polled, step_and_rerun
from pages.shared.linked_viewer import Layer, Panel, encode_layer, linked_viewer
from pages.shared.metric_table import metric_table
from pages.shared.plain import plain
from pages.shared.slots import Slot
from pages.shared.workbench import Workbench, distinct_labels, region_field, take_region

if TYPE_CHECKING:
    from torch import Tensor

    from core.artifacts import FlatField
    from core.variants.store import Card

ABOUT = (
    "Uniform greys go into each network, so whatever repeats in what comes out is the network’s "
    "own drawing, with no picture and no noise to blame. Transposed convolutions have four "
    "kernels that take turns and can draw a grid of 2 pixels at rest; a decoder that resizes and "
    "then convolves treats every pixel alike and cannot."
)
TWINS = (
    "The same loss, data, seed and steps on both decoders, on the current picture. What both show "
    "cannot come from the upsampling; what only one shows can. Each was trained once."
)
SAME = (
    "model", "loss", "hidden", "steps", "batch", "crop", "seed", "optimiser", "degradation",
    "data",
)  # fmt: skip
"""Fields of a card in which twins agree, beside all arguments but one."""
NO_TWINS = (
    "No two variants here differ in their upsampling alone, so only the flat fields can tell."
)
SCALE = (
    "Grey {grey:g} goes in. Shown is the luma that comes out, less its shading, from −{high:.2f} "
    "to {high:.2f} of 255 levels: the middle 64 × 64 pixels, far from the borders."
)
OTHER_CELLS = (
    "{label} works in cells of {lattice} × {lattice} pixels, a period that the table does not "
    "have: see what it draws in its picture."
)
SIDE = 64  # of what is shown, a multiple of every period
LAYER, LAYER_LABEL = "pattern", "What it draws by itself"
FLOOR = 0.05


def upsampling_view(bench: Workbench) -> None:
    """Flat fields of every network, and the pairs that differ in their decoder alone."""
    st.markdown(ABOUT)
    pairs = twins(cached.cards(hidden=True).values())
    cards = list({card.name: card for card in [*pairs, *bench.cards]}.values())
    grey = choose_grey()
    polled(replace(bench, cards=()), partial(draw_flat, cards, grey), partial(flat_needs, cards))
    if not pairs:
        st.info(NO_TWINS)
        return
    st.markdown(TWINS)
    polled(replace(bench, cards=tuple(pairs)), draw_twins, score_needs)


def twins(cards: Iterable[Card]) -> list[Card]:
    """Those that differ from another in their upsampling, and in nothing else."""
    from core.models import MODELS

    groups: dict[str, dict[str, Card]] = {}
    for card in cards:
        arguments = {**MODELS[card.model].defaults, **card.arguments}
        if upsampling := arguments.pop("upsampling", None):
            rest = [arguments, *(getattr(card, name) for name in SAME)]
            groups.setdefault(dumps(rest, sort_keys=True), {}).setdefault(upsampling, card)
    return [card for group in groups.values() if len(group) > 1 for card in group.values()]


# Flat fields -------------------------------------------------------------------------------------


def choose_grey() -> float:
    from core.artifacts import GREYS

    greys = {f"{grey:g}": f"{grey:g}" for grey in GREYS}
    middle = list(greys)[len(greys) // 2]
    return float(
        choose("flat_grey", "Grey that goes in", greys, default=middle, label_visibility="visible")
    )


def flat_slot(card: Card) -> Slot[FlatField]:
    """The place for what a network makes of flat greys."""
    from core.artifacts import flat_field

    return cached.computed_map(
        "flat_field",
        card.name,
        cached.variant_stamp(card.name),
        compute=lambda: flat_field(cached.model(card.name)),
    )


def flat_needs(cards: Sequence[Card], found: Comparison) -> list[Slot]:
    return [flat_slot(card) for card in cards]


def draw_flat(cards: Sequence[Card], grey: float, found: Comparison) -> None:
    """What each network draws on one grey, on one scale, and the grid levels over all greys."""
    slots = {card.name: flat_slot(card) for card in cards}
    labels = distinct_labels(cards)
    fields = known(slots)
    planes = {name: plane_of(field, grey) for name, field in fields.items()}
    high = max([FLOOR, *(plane.abs().max().item() for plane in planes.values())])
    panels = []
    for card in cards:
        layers, blank = (), None
        if card.name in planes:
            plane = planes[card.name]
            blank = (plane.shape[1], plane.shape[0])
            encoded = encode_layer(plane.numpy())
            layers = (
                Layer(LAYER, LAYER_LABEL, encoded, -high, high, "diverging", 1.0, unit="levels"),
            )
        caption = grid_caption(fields.get(card.name), grey)
        error = slots[card.name].error or ""
        panels.append(
            Panel(card.name, labels[card.name], None, "output", caption, "", layers, blank, error)
        )
    st.caption(found.progress or SCALE.format(grey=grey, high=high))
    linked_viewer(panels, key="flat_fields")
    for card in cards:
        if slots[card.name].error:
            st.error(plain(f"{labels[card.name]}: {slots[card.name].error}"))
    grid_table({labels[name]: field for name, field in fields.items()})
    for name, field in fields.items():
        if (lattice := cell_of(name)) not in (1, *field.levels):
            st.caption(plain(OTHER_CELLS.format(label=labels[name], lattice=lattice)))


def cell_of(name: str) -> int:
    """The side in pixels of the cells that a network itself works in."""
    from core.models import lattice_of

    return lattice_of(cached.model(name))


def plane_of(field: FlatField, grey: float) -> Tensor:
    """The middle of one grey's pattern, `(S, S)`, 8-bit levels."""
    plane = field.pattern[index_of(field, grey)]
    margin = (len(plane) - SIDE) // 2
    return plane[margin : margin + SIDE, margin : margin + SIDE]


def index_of(field: FlatField, grey: float) -> int:
    return int((field.greys - grey).abs().argmin())


def grid_caption(field: FlatField | None, grey: float) -> tuple[str, ...]:
    if field is None:
        return ()
    return (f"grid of 2 px: {field.levels[2][index_of(field, grey)]:.3f} levels",)


def grid_table(fields: Mapping[str, FlatField]) -> None:
    """Network x period: the strongest grid of all greys."""
    if not fields:
        return
    first = next(iter(fields.values()))
    greys = ", ".join(f"{grey:g}" for grey in first.greys.tolist())
    cell_table(
        f"Grid that the network draws on flat grey, 8-bit levels: the most of {greys}",
        [f"{period} px" for period in first.levels],
        [
            Row(label, [Cell(f"{level.max():.3f}") for level in field.levels.values()])
            for label, field in fields.items()
        ],
    )


# Twins -------------------------------------------------------------------------------------------


def draw_twins(found: Comparison) -> None:
    """The current picture through the pairs, and what sets them apart in numbers."""
    from core.artifacts import SCORES

    region_field(*found.bench.measurement.size)
    table = rows(found, None)
    added = "grid_added_2" if found.bench.clean else "grid_2"
    captions = {
        label: (f"{SCORES[added].label} {SCORES[added].format(row[added].value)}",)
        for label, row in table.items()
    }
    linked_viewer(
        base_panels(found, captions),
        key="twins",
        region=found.region,
        on_region_change=take_region,
        on_step=step_and_rerun,
    )
    score_tables(found)
    validation_table(found.bench.cards)


def validation_table(cards: Sequence[Card]) -> None:
    """What the cards say of the pairs: one picture proves little."""
    from core.metrics import METRICS

    measured = [card for card in cards if card.validation]
    if not measured:
        return
    protocol = measured[0].validation["protocol"]  # means of another task do not compare
    measured = [card for card in measured if card.validation["protocol"] == protocol]
    labels = distinct_labels(measured)
    means = {
        labels[card.name]: {k: Number(value) for k, value in card.validation["metrics"].items()}
        for card in measured
    }
    specs = [spec for spec in METRICS.values() if all(spec.key in row for row in means.values())]
    count = measured[0].validation["count"]
    title = f"Means over the {count} validation photos, from the cards"
    metric_table(means, title, judged=means, specs=specs)
