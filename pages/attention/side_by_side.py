"""Side by side: CAM methods across; layers, targets or variants down; and how far they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from pages.shared.slots import Slot, wait_for

from pages.attention.choice import (
    Choice,
    band_field,
    current_band,
    forget_missing,
    layers_by_network,
    take_band,
)
from pages.attention.cracks import kept_by, key_of
from pages.attention.maps import RawMap, as_array, banded, chosen_maps, finished
from pages.shared import address, cached
from pages.shared.cells import text_table
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, polled, shown, step_and_rerun
from pages.shared.linked_viewer import Band, Layer, Panel, encode_layer, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench, distinct_labels

if TYPE_CHECKING:
    from core.attention.agreement import Agreement
    from core.attention.cam import Finished

ABOUT = (
    "CAM methods side by side, in one view and with one band. Judge them **by area**: one band of "
    "values keeps a sliver of one CAM method's map and half of another's."
)
FROZEN = (
    "One row for all hybrids: they share one frozen ViT, and these maps never see what comes "
    "after it, so they are the same for every variant."
)
DOWN = {"layers": "Layers", "targets": "Targets", "variants": "Variants"}
MOST_METHODS, MOST_ROWS = 4, 3  # twelve panels
FIRST_METHODS = ("eigen_cam", "kpca_cam", "layer_cam")
DEFAULT_SHARE = "20"
SHARES = {"10": "Hottest 10 %", "20": "Hottest 20 %", "50": "Hottest 50 %"}
OVERLAP = ("A and B", "A only", "B only")
SECONDS = 1.5
ALL_HYBRIDS, EVERY_TARGET = "every hybrid", "every target"
ONE_FOR_TARGETS = "CAM methods that need no gradient see no target: one map for all of them."


@dataclass(frozen=True)
class Cell:
    """One panel: its place in rows and columns in words, and the map that it shows."""

    key: str
    label: str
    choice: Choice


def side_by_side_view(bench: Workbench, choice: Choice) -> None:
    """The CAM methods' maps, their agreement, and where two of them meet."""
    st.markdown(ABOUT)
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
    polled(
        replace(bench, cards=()),
        partial(compared, bench, cells),
        partial(needs, bench, cells),
        partial(settle, bench, cells),
    )


# What is compared --------------------------------------------------------------------------------


def choose_methods() -> list[str]:
    from core.attention.cam import CAM_METHODS

    labels = {spec.key: spec.label for spec in CAM_METHODS.values()}
    return choose_some("methods", "CAM methods", labels, FIRST_METHODS, MOST_METHODS)


def choose_some(
    key: str, label: str, labels: Mapping[str, str], first: Iterable[str], most: int
) -> list[str]:
    """Draw a choice of several and return their keys, in the order of `labels`."""
    address.read_choices(key, label.lower(), labels)
    forget_missing(key, labels)
    chosen = st.multiselect(
        label,
        list(labels),
        [one for one in first if one in labels],
        format_func=labels.__getitem__,
        key=key,
        bind="query-params",
        on_change=address.forget_notes,
        max_selections=most,
        help=f"At most {most}.",
    )
    return [one for one in labels if one in chosen]


def layer_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Row label -> the choice on each wanted layer of the chosen network."""
    layers = layers_by_network(choice.card)[choice.network]
    labels = {layer.key: layer.label for layer in layers}
    first = [layers[place].key for place in spread(len(layers), MOST_ROWS)]
    name = f"rows_{choice.network}"
    wanted = choose_some(name, "Layers", labels, first, MOST_ROWS)
    return {labels[key]: replace(choice, layer=key) for key in wanted}


def spread(count: int, most: int) -> list[int]:
    """At most so many places of a list, from its first to the one before its last."""
    return sorted({round(place) for place in np.linspace(0, max(count - 2, 0), most)})


def target_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Row label -> the choice with each wanted target that works on the chosen network."""
    from core.attention.cam import TARGETS

    targets = {t.key: t.label for t in TARGETS.values() if choice.network in t.networks}
    name = f"targets_{choice.network}"
    wanted = choose_some(name, "Targets", targets, list(targets)[:MOST_ROWS], MOST_ROWS)
    return {targets[key]: replace(choice, target=key) for key in wanted}


def variant_rows(bench: Workbench, choice: Choice) -> dict[str, Choice]:
    """Row label -> the choice in each wanted variant that has the chosen network."""
    cards = {card.name: card for card in bench.cards if has_network(card, choice)}
    labels = {n: label for n, label in distinct_labels(bench.cards).items() if n in cards}
    wanted = choose_some("rows_variants", "Variants shown", labels, list(labels)[:3], MOST_ROWS)
    return {labels[name]: replace(choice, card=cards[name]) for name in wanted}


def has_network(card, choice: Choice) -> bool:  # noqa: ANN001
    try:
        found = layers_by_network(card).get(choice.network, [])
    except ValueError:
        return False
    return choice.layer in {layer.key for layer in found}


ROWS = {"layers": layer_rows, "targets": target_rows, "variants": variant_rows}


def cells_of(rows: Mapping[str, Choice], methods: Sequence[str]) -> tuple[list[Cell], list[str]]:
    """A cell for each CAM method in each row, one for those that are the same by construction.

    And sentences on what was left out or taken together.
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
    """Why a CAM method says nothing at a layer with a target."""
    from core.attention.cam import layer_of, why_not

    layer = layer_of(cached.model(choice.variant), choice.layer)
    return why_not(method, layer, choice.target)


def identity(choice: Choice) -> tuple[str | None, ...]:
    """What a map depends on, None where it does not: equal ones are one map."""
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
    """What two rows of one map are called, and why they are one."""
    if one.variant != other.variant:
        return ALL_HYBRIDS, FROZEN
    return EVERY_TARGET, ONE_FOR_TARGETS


# What is computed --------------------------------------------------------------------------------


def raw_slots(bench: Workbench, cells: Sequence[Cell]) -> list[Slot]:
    return [chosen_maps(bench.measurement, cell.choice) for cell in cells]


def known(bench: Workbench, cells: Sequence[Cell]) -> dict[str, Finished]:
    """Cell key -> its finished map, of those that are there."""
    slots = zip(cells, raw_slots(bench, cells), strict=True)
    return {cell.key: done(bench, cell, slot.value) for cell, slot in slots if slot.value}


def done(bench: Workbench, cell: Cell, raw: Mapping[str, RawMap]) -> Finished:
    method = cell.choice.method
    return finished(raw[method], method, bench.measurement)


def agreement_slot(
    bench: Workbench, cells: Sequence[Cell], share: float
) -> Slot[Agreement] | None:
    """The place of the matrices; None until every map is there."""
    raw = [slot.value for slot in raw_slots(bench, cells)]
    if not all(raw):
        return None
    names = (part for cell in cells for part in key_of(cell.choice))
    return cached.computed(
        "agreement",
        bench.measurement.digest,
        str(share),
        *names,
        compute=partial(agreement_of, bench, cells, raw, share),
    )


def agreement_of(
    bench: Workbench, cells: Sequence[Cell], raw: Sequence[Mapping[str, RawMap]], share: float
) -> Agreement:
    from core.attention.agreement import agreement

    pairs = zip(cells, raw, strict=True)
    return agreement({cell.key: as_array(done(bench, cell, one)) for cell, one in pairs}, share)


def needs(bench: Workbench, cells: Sequence[Cell], found: Comparison) -> list[Slot]:
    matrices = agreement_slot(bench, cells, current_share())
    return [*raw_slots(bench, cells), *([matrices] if matrices else [])]


def settle(bench: Workbench, cells: Sequence[Cell], found: Comparison) -> None:
    for _ in range(2):  # the matrices can be asked for once the maps are there
        wait_for(needs(bench, cells, found), SECONDS)


def current_share() -> float:
    """The area at which maps are compared, as chosen or by default."""
    return int(st.session_state.get("share") or DEFAULT_SHARE) / 100


# What is drawn -----------------------------------------------------------------------------------


def compared(bench: Workbench, cells: Sequence[Cell], found: Comparison) -> None:
    """All maps on one view, the matrices, and the overlay of two."""
    band = current_band()
    slots = raw_slots(bench, cells)
    ready = sum(slot.ready for slot in slots)
    waiting = [f"computing: {ready} of {len(slots)} maps"] if ready < len(slots) else []
    st.caption(plain(" · ".join([bench.sentence, *waiting])))
    maps = known(bench, cells)
    linked_viewer(
        panels(bench, cells, maps),
        key="side_by_side",
        columns=len({cell.choice.method for cell in cells}),
        band=band,
        on_band_change=take_band,
        on_step=step_and_rerun,
    )
    band_field()
    for sentence in dict.fromkeys(slot.error for slot in slots if slot.error):
        st.warning(plain(sentence))
    if len(maps) == len(cells) > 1:
        matrices(bench, cells)
        meet(bench, cells, maps, band)


def panels(bench: Workbench, cells: Sequence[Cell], maps: Mapping[str, Finished]) -> list[Panel]:
    """A panel for each cell; one without pixels where the map is still being made."""
    return [panel(bench, cell, maps.get(cell.key)) for cell in cells]


def panel(bench: Workbench, cell: Cell, found: Finished | None) -> Panel:
    if found is None:
        return Panel(cell.key, cell.label, None)
    image = shown(bench.measurement)
    return Panel(cell.key, cell.label, image, layers=(banded(found),))


def matrices(bench: Workbench, cells: Sequence[Cell]) -> None:
    """Overlap at equal area and rank correlation of every pair, duplicates named."""
    from core.attention.agreement import DUPLICATE

    st.subheader("How far they agree")
    choose("share", "Area", SHARES, default=DEFAULT_SHARE)
    share = current_share()
    slot = agreement_slot(bench, cells, share)
    if slot is None or slot.value is None:
        st.caption("computing the agreement")
        return
    found = slot.value
    heads = [f"{number}" for number in range(1, len(cells) + 1)]
    titles = {
        f"Intersection over union of the hottest {share:.0%} (by chance "
        f"{share / (2 - share):.2f})": found.iou,
        "Rank correlation": found.rank,
    }
    twins = {pair for one in duplicates(found) for pair in (one, one[::-1])}
    for title, values in titles.items():
        rows = [
            [
                f"{heads[i]} {cells[i].label}",
                *(entry(x, (i, j) in twins) for j, x in enumerate(row)),
            ]
            for i, row in enumerate(values)
        ]
        text_table(title, heads, rows, twins)
    st.caption(
        plain(
            f"= marks duplicates: rank correlation above {DUPLICATE}. They are one map, however "
            "many names it has. — where a map is empty or constant."
        )
    )


def duplicates(found: Agreement) -> list[tuple[int, int]]:
    places = {label: place for place, label in enumerate(found.labels)}
    return [(places[first], places[second]) for first, second in found.duplicates]


def entry(value: float, twin: bool) -> str:
    return "—" if np.isnan(value) else f"{value:.2f}{' =' if twin else ''}"


def meet(
    bench: Workbench, cells: Sequence[Cell], maps: Mapping[str, Finished], band: Band
) -> None:
    """Where the band keeps two maps: both, only the one, only the other."""
    from core.attention.agreement import overlay

    st.subheader("Where two of them meet")
    labels = {cell.key: cell.label for cell in cells}
    with st.container(horizontal=True):
        pair = [
            st.selectbox(
                name, list(labels), place, format_func=labels.__getitem__, key=f"meet_{name}"
            )
            for place, name in enumerate(("A", "B"))
        ]
    first, second = (kept_by(as_array(maps[key]), band) for key in pair)
    layer = Layer(
        "meet", "Where they meet", encode_layer(overlay(first, second)), 0.0, 3.0,
        categories=OVERLAP, opacity=0.7,
    )  # fmt: skip
    shares = ((first & second), (first & ~second), (~first & second))
    caption = tuple(
        f"{name} {part.mean():.1%}" for name, part in zip(OVERLAP, shares, strict=True)
    )
    label = f"A {labels[pair[0]]}, B {labels[pair[1]]}"
    image = shown(bench.measurement)
    linked_viewer([Panel("meet", label, image, caption=caption, layers=(layer,))], key="meet")
