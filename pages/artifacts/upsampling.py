"""Is it the loss or the architecture? Flat greys in, grid out; and one loss on two decoders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from json import dumps
from typing import TYPE_CHECKING

import streamlit as st

from core.viewer import Layer, Panel, encode_layer
from pages.artifacts.scores import all_score_jobs, rows, score_tables
from pages.shared import cached
from pages.shared.cells import Cell, Row, cell_table
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, base_panels, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job, known
from pages.shared.linked_viewer import linked_viewer
from pages.shared.metric_table import metric_table
from pages.shared.plain import plain
from pages.shared.values import Number
from pages.shared.views import View, polled
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
VALIDATED = {"metrics", "protocol", "count"}
"""What a card says of its validation photos."""


def upsampling_view(bench: Workbench) -> None:
    """Flat fields of every network, and the pairs that differ in their decoder alone."""
    st.markdown(ABOUT)
    pairs = twins(cached.variants.cards(hidden=True).values())
    cards = list({card.name: card for card in [*pairs, *bench.networks]}.values())
    grey = choose_grey()
    polled(FlatFields(tuple(cards), grey))
    if not pairs:
        st.info(NO_TWINS)
        return
    st.markdown(TWINS)
    polled(Twins(replace(bench, cards=tuple(pairs))))


def twins(cards: Iterable[Card]) -> list[Card]:
    """Those that differ from another in their upsampling, and in nothing else."""
    from core.models import MODELS

    groups: dict[str, dict[str, Card]] = {}
    for card in cards:
        if not card.model:
            continue  # a network of somebody's: its twin cannot be known
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


def flat_job(card: Card) -> Job[FlatField]:
    """The job of what a network makes of flat greys."""
    from core.artifacts import flat_field

    return computed(
        "flat_field",
        card.name,
        cached.variants.variant_stamp(card.name),
        compute=lambda: flat_field(cached.variants.model(card.name)),
    )


@dataclass(frozen=True)
class FlatFields(View):
    """What each network draws on one grey, on one scale, and the grid levels over all greys."""

    cards: tuple[Card, ...]
    grey: float

    def jobs(self) -> list[Job]:
        return [flat_job(card) for card in self.cards]

    def draw(self, *, pending: bool) -> None:
        jobs, labels = {card.name: flat_job(card) for card in self.cards}, self.labels
        fields = known(jobs)
        planes = {name: plane_of(one, self.grey) for name, one in fields.items()}
        high = max([FLOOR, *(plane.abs().max().item() for plane in planes.values())])
        st.caption("computing" if pending else SCALE.format(grey=self.grey, high=high))
        linked_viewer(
            [
                flat_panel(
                    Panel(name, label, None, "output", error=jobs[name].error or ""),
                    planes.get(name),
                    grid_caption(fields.get(name), self.grey),
                    high,
                )
                for name, label in labels.items()
            ],
            key="flat_fields",
        )
        for name, job in jobs.items():
            if job.error:
                st.error(plain(f"{labels[name]}: {job.error}"))
        grid_table({labels[name]: one for name, one in fields.items()})
        for name, one in fields.items():
            if (lattice := cell_of(name)) not in (1, *one.levels):
                st.caption(plain(OTHER_CELLS.format(label=labels[name], lattice=lattice)))

    @property
    def labels(self) -> dict[str, str]:
        return distinct_labels(self.cards)


def flat_panel(panel: Panel, plane: Tensor | None, caption: tuple[str, ...], high: float) -> Panel:
    """A panel with a network's pattern in it; as it is where there is none yet."""
    if plane is None:
        return panel
    values = encode_layer(plane.numpy())
    layer = Layer(LAYER, LAYER_LABEL, values, -high, high, "diverging", 1.0, unit="levels")
    size = plane.shape[1], plane.shape[0]
    return replace(panel, caption=caption, layers=(layer,), blank=size)


def cell_of(name: str) -> int:
    """The side in pixels of the cells that a network itself works in."""
    from core.models import lattice_of

    return lattice_of(cached.variants.model(name))


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


@dataclass(frozen=True)
class Twins(View):
    """The current picture through the pairs, and what sets them apart in numbers."""

    bench: Workbench

    def jobs(self) -> list[Job]:
        found = Comparison(self.bench)
        return [*found.jobs.values(), *all_score_jobs(found)]

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        region_field(*self.bench.measurement.size)
        linked_viewer(
            base_panels(found, grid_captions(found)),
            key="twins",
            region=found.region,
            name=self.bench.file_name("twins"),
            on_region_change=take_region,
            on_step=step_and_rerun,
        )
        score_tables(found)
        validation_table(self.bench.cards)
        found.draw_errors()


def grid_captions(found: Comparison) -> dict[str, tuple[str, ...]]:
    """Label -> the grid of 2 px that was added, or that is there."""
    from core.artifacts import SCORES

    spec = SCORES["grid_added_2" if found.bench.clean else "grid_2"]
    return {
        label: (f"{spec.label} {spec.format(row[spec.key].value)}",)
        for label, row in rows(found, None).items()
        if spec.key in row
    }


def validation_table(cards: Sequence[Card]) -> None:
    """What the cards say of the pairs: one picture proves little."""
    from core.metrics import METRICS

    measured = [card for card in cards if card.validation.keys() >= VALIDATED]
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
