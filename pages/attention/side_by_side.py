"""CAM methods side by side: methods as columns; layers, targets or variants as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.viewer import Band, Layer, Panel, encode_layer
from pages.attention.band import band_field, current_band, kept_by, take_band
from pages.attention.choice import Choice, layers_by_network, words_of
from pages.attention.layout import about, below_on_a_phone, waiting_for
from pages.attention.maps import chosen_map, compared, finished, map_layer, maps_of, shown_key_of
from pages.shared import cached, maps_shown
from pages.shared.cells import text_table
from pages.shared.choose import choose, choose_some
from pages.shared.comparison import shown, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, distinct_labels

if TYPE_CHECKING:
    from core.attention.agreement import Agreement
    from core.attention.cam import Finished
    from core.attention.maps import RawMap
    from core.variants.store import Card

ABOUT = (
    "CAM methods side by side, with one view and one band. Compare them **by area**: the same "
    "band of values keeps under 1 % of one method’s map and half of another’s."
)
FROZEN = (
    "One row for all hybrids: they share one frozen ViT, and these maps do not depend on what "
    "comes after it."
)
DOWN = {"layers": "Layers", "targets": "Targets", "variants": "Variants"}
MOST_METHODS, MOST_ROWS = 4, 3  # twelve panels
FIRST_METHODS = ("eigen_cam", "kpca_cam", "layer_cam")
DEFAULT_SHARE = "20"
SHARES = {key: f"Top {key} %" for key in ("10", DEFAULT_SHARE, "50")}
OVERLAP = ("A and B", "A only", "B only")
ALL_HYBRIDS, EVERY_TARGET = "every hybrid", "every target"
ONE_FOR_TARGETS = "CAM methods without a gradient use no target: one map for all targets."


@dataclass(frozen=True)
class Cell:
    """One panel: its key, its method and row in words, and the map that it shows."""

    key: str
    label: str
    choice: Choice


def side_by_side_view(bench: Workbench, choice: Choice) -> None:
    """The CAM methods' maps, their agreement, and the overlay of two of them."""
    about(ABOUT)
    with below_on_a_phone("rows"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            down = choose("down", "Rows", DOWN, label_visibility="visible")
            methods = choose_methods()
            rows = ROWS[down](bench, choice)
        cells, notes = cells_of(rows, methods)
        for note in notes:
            st.caption(plain(note))
    if not cells:
        st.info("Choose at least one CAM method and one row that work together.")
        return
    polled(SideBySide(bench, cells))


# What is compared --------------------------------------------------------------------------------


def choose_methods() -> list[str]:
    """Draw the choice of CAM methods and return their keys."""
    from core.attention.cam import CAM_METHODS

    labels = {spec.key: spec.label for spec in CAM_METHODS.values()}
    return at_most("methods", "CAM methods", labels, FIRST_METHODS, MOST_METHODS)


def at_most(
    key: str, label: str, labels: Mapping[str, str], first: Iterable[str], most: int
) -> list[str]:
    """Draw a choice of at most `most` and return their keys, in the order of `labels`."""
    limit = {"max_selections": most, "help": f"At most {most}."}
    return choose_some(key, label, labels, first, **limit)


def layer_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Return row label -> the choice at each wanted layer of the chosen network."""
    layers = layers_by_network(choice.card)[choice.network]
    labels = {layer.key: layer.label for layer in layers}
    first = [layers[place].key for place in spread(len(layers), MOST_ROWS)]
    name = f"rows_{choice.network}"
    wanted = at_most(name, "Layers", labels, first, MOST_ROWS)
    return {labels[key]: replace(choice, layer=key) for key in wanted}


def spread(count: int, most: int) -> list[int]:
    """Return at most `most` places of a list, from its first to the one before its last."""
    return sorted({round(place) for place in np.linspace(0, max(count - 2, 0), most)})


def target_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Return row label -> the choice with each wanted target of the chosen network."""
    from core.attention.cam import TARGETS

    targets = {t.key: t.label for t in TARGETS.values() if choice.network in t.networks}
    name = f"targets_{choice.network}"
    wanted = at_most(name, "Targets", targets, list(targets)[:MOST_ROWS], MOST_ROWS)
    return {targets[key]: replace(choice, target=key) for key in wanted}


def variant_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Return row label -> the choice in each wanted variant that has the chosen network."""
    cards = {card.name: card for card in bench.cards if has_network(card, choice)}
    labels = {n: label for n, label in distinct_labels(bench.cards).items() if n in cards}
    wanted = at_most("rows_variants", "Variants shown", labels, list(labels)[:3], MOST_ROWS)
    return {labels[name]: replace(choice, card=cards[name]) for name in wanted}


def has_network(card: Card, choice: Choice) -> bool:
    """Return whether a variant has the chosen layer of the chosen network."""
    try:
        found = layers_by_network(card).get(choice.network, [])
    except ValueError:
        return False
    return choice.layer in {layer.key for layer in found}


ROWS = {"layers": layer_rows, "targets": target_rows, "variants": variant_rows}


def cells_of(rows: Mapping[str, Choice], methods: Sequence[str]) -> tuple[list[Cell], list[str]]:
    """Return a cell for each CAM method in each row, and sentences on what was left out.

    Maps that are the same by construction share one cell.
    """
    from core.attention.cam import CAM_METHODS

    cells: dict[tuple[str | None, ...], Cell] = {}
    notes: dict[str, None] = {}
    for row, choice in rows.items():
        for method in methods:
            reason = refused(choice, method)
            if reason:
                notes[f"{CAM_METHODS[method].label}, {row}: {reason}"] = None
                continue
            one = replace(choice, method=method)
            same = identity(one)
            if same in cells:
                word, note = taken_together(one, cells[same].choice)
                label = f"{CAM_METHODS[method].label} · {word}"
                cells[same] = replace(cells[same], label=label)
                notes[note] = None
            else:
                key = "-".join(filter(None, same)).replace(" ", "")
                cells[same] = Cell(key, f"{CAM_METHODS[method].label} · {row}", one)
    return list(cells.values()), list(notes)


def refused(choice: Choice, method: str) -> str | None:
    """Say why a CAM method is useless at the chosen layer with the chosen target, or None."""
    from core.attention.cam import layer_of, why_not

    layer = layer_of(cached.variants.model(choice.variant), choice.layer)
    return why_not(method, layer, choice.target)


def identity(choice: Choice) -> tuple[str | None, ...]:
    """Return what a map depends on, None for what it does not: equal ones are one map."""
    from core.attention.cam import CAM_METHODS, TARGETS, TOKENS

    target = TARGETS[choice.target]
    sees_target = CAM_METHODS[choice.method].needs_gradient
    sees_region = sees_target and target.takes_region and choice.region is not None
    before_the_unet = choice.network == "vit" and (not sees_target or target.at == TOKENS)
    return (
        choice.network,
        choice.layer,
        choice.method,
        choice.target if sees_target else None,
        choice.region.text if sees_region else None,
        choice.card.encoder["sha256"] if before_the_unet else choice.variant,
    )


def taken_together(one: Choice, other: Choice) -> tuple[str, str]:
    """Return what the common row of two equal maps is called, and why they are equal."""
    if one.variant != other.variant:
        return ALL_HYBRIDS, FROZEN
    return EVERY_TARGET, ONE_FOR_TARGETS


# What is computed and drawn ----------------------------------------------------------------------


class SideBySide(View):
    """Waits for the map of every cell, then for their agreement; draws maps and matrices."""

    patience = 1.5

    def __init__(self, bench: Workbench, cells: Sequence[Cell]) -> None:
        self.bench, self.cells = bench, cells
        self.maps = [maps_of(bench.measurement, cell.choice) for cell in cells]
        self.key = [part for cell in cells for part in shown_key_of(cell.choice)]

    def raw(self) -> list[RawMap | None]:
        """Return the raw map of every cell, None where it is still to come."""
        return [
            chosen_map(job, cell.choice) for cell, job in zip(self.cells, self.maps, strict=True)
        ]

    def agreement(self) -> Job[Agreement] | None:
        """Return the job of the matrices; None until every map is there."""
        raw, share, picture = self.raw(), current_share(), self.bench.measurement
        if not all(raw):
            return None
        labels = [cell.key for cell in self.cells]
        compute = partial(agreement_of, labels, raw, picture, share)
        return computed("agreement", picture.digest, str(share), *self.key, compute=compute)

    def jobs(self) -> list[Job]:
        matrices = self.agreement()
        return [*self.maps, *([matrices] if matrices else [])]

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        band, picture = current_band(), self.bench.measurement
        waiting = waiting_for(self.maps, "maps")
        st.caption(plain(" · ".join([self.bench.sentence, *waiting])))
        done = [raw and finished(raw, picture) for raw in self.raw()]
        panels = [panel(picture, *one) for one in zip(self.cells, done, strict=True)]
        columns = len({cell.choice.method for cell in self.cells})
        about = words_of([cell.choice for cell in self.cells])
        maps_shown.keep(self.bench, about, panels, band=band, columns=columns)
        linked_viewer(
            panels,
            key="side_by_side",
            name=self.bench.file_name("attention side by side"),
            columns=columns,
            band=band,
            on_band_change=take_band,
            on_step=step_and_rerun,
        )
        band_field()
        for sentence in dict.fromkeys(job.error for job in self.maps if job.error):
            st.warning(plain(sentence))
        if all(done) and len(done) > 1:
            self.draw_matrices()
            draw_overlap(picture, self.cells, done, band)

    def draw_matrices(self) -> None:
        """Draw IoU at equal area and rank correlation of every pair, duplicates marked."""
        from core.attention.agreement import DUPLICATE

        st.subheader("Agreement")
        choose("share", "Area", SHARES, default=DEFAULT_SHARE)
        found = self.agreement()
        if found is None or found.value is None:
            st.caption("computing the agreement")
            return
        share = current_share()
        by_chance = share / (2 - share)
        titles = {
            f"IoU of the top {share:.0%} (by chance {by_chance:.2f})": found.value.iou,
            "Rank correlation": found.value.rank,
        }
        labels = [cell.label for cell in self.cells]
        for title, values in titles.items():
            draw_matrix(title, labels, values, duplicates(found.value))
        st.caption(
            plain(
                f"= marks duplicates, with a rank correlation above {DUPLICATE}: two names of one "
                "map. — where a map is empty or constant."
            )
        )


def current_share() -> float:
    """Return the area at which maps are compared, as chosen or by default."""
    return int(st.session_state.get("share") or DEFAULT_SHARE) / 100


def agreement_of(
    labels: Sequence[str], raw: Sequence[RawMap], picture: Picture, share: float
) -> Agreement:
    """Compare the finished maps at equal area."""
    from core.attention.agreement import agreement

    return agreement(dict(zip(labels, compared(raw, picture), strict=True)), share)


def panel(picture: Picture, cell: Cell, done: Finished | None) -> Panel:
    """Return the panel of a cell, without pixels while its map is being made."""
    if done is None:
        return Panel(cell.key, cell.label, None)
    return Panel(cell.key, cell.label, shown(picture), layers=(map_layer(done),))


def duplicates(found: Agreement) -> set[tuple[int, int]]:
    """Return the places of all pairs that are one map, in both orders."""
    places = {label: place for place, label in enumerate(found.labels)}
    pairs = [(places[first], places[second]) for first, second in found.duplicates]
    return {pair for one in pairs for pair in (one, one[::-1])}


def draw_matrix(
    title: str, labels: Sequence[str], values: np.ndarray, same: set[tuple[int, int]]
) -> None:
    """Draw a matrix `(n, n)` with numbered columns; the pairs in `same` are marked."""
    heads = [str(number) for number in range(1, len(labels) + 1)]
    rows = [
        [f"{heads[i]} {labels[i]}", *(entry(x, (i, j) in same) for j, x in enumerate(row))]
        for i, row in enumerate(values)
    ]
    text_table(title, heads, rows, same)


def entry(value: float, duplicate: bool) -> str:
    """Write an entry of a matrix; a dash where it is not defined."""
    return "—" if np.isnan(value) else f"{value:.2f}{' =' if duplicate else ''}"


def draw_overlap(
    picture: Picture, cells: Sequence[Cell], done: Sequence[Finished], band: Band
) -> None:
    """Draw where the band keeps two maps: both, only the one, only the other."""
    from core.attention.agreement import overlay

    st.subheader("Overlap of two maps")
    maps = {cell.label: one for cell, one in zip(cells, done, strict=True)}
    with st.container(horizontal=True):
        pair = [  # by labels: a pair is still chosen where other cells have the same ones
            st.selectbox(name, list(maps), place, key=f"overlap_{name}")
            for place, name in enumerate(("A", "B"))
        ]
    first, second = (kept_by(maps[label].array, band).kept for label in pair)
    layer = Layer(
        "overlap", "Overlap", encode_layer(overlay(first, second)), 0.0, 3.0,
        categories=OVERLAP, opacity=0.7,
    )  # fmt: skip
    parts = ((first & second), (first & ~second), (~first & second))
    caption = tuple(f"{name} {part.mean():.1%}" for name, part in zip(OVERLAP, parts, strict=True))
    label = f"A {pair[0]}, B {pair[1]}"
    drawn = Panel("overlap", label, shown(picture), caption=caption, layers=(layer,))
    linked_viewer([drawn], key="overlap")
