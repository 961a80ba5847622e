"""Variants by metrics: mean and spread, and below them the difference to a baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from core.base import asked
from core.base.quantity import ARROWS, MERIT, UNKNOWN, Quantity
from core.imaging.export import file_name
from core.statistics import LEVEL, Interval, sign
from pages.leaderboard.as_files import FILES
from pages.leaderboard.common import (
    PSNR,
    Board,
    TaskSpec,
    Variant,
    choose_baseline,
    choose_kind,
    choose_task,
)
from pages.leaderboard.ranking import RankCell, RankRow, Sort, SortColumn, ranking, sorted_rows
from pages.leaderboard.shown import Shown, shown_of
from pages.shared import address, cached
from pages.shared.choose import choose_some
from pages.shared.downloads import download
from pages.shared.kinds import INPUT, KindSpec
from pages.shared.metric_table import ABOUT, explanations
from pages.shared.navigation import DEFAULT
from pages.shared.own import own_cards
from pages.shared.workbench import take_degradation

SHOWN = (PSNR, "ssim", "blur", "checkerboard_added", "colour_shift", "detail_gain")
SORTED, KEPT_SORT, OPENED = "sort", "kept_sort", "opened_variants"
AWAY = "Its weights are not here: python -m core.train --photos DIR {name} makes them."
OTHER_AWAY = (
    "The weights that were measured are not here: no file of this name is, or it holds other ones."
)
ONLY_FILES = (
    "Its outputs came as files and only their numbers are here: python -m core.open shows them."
)
NOT_YOURS = "It was brought as {label}; bring its file on the Variants page, and it opens here."
NO_VARIANT = "It is what every variant was given, so there is nothing to open."
PARAMETERS = SortColumn(
    "Parameters", "parameters", "", "Trained ones; those of the frozen ViT below."
)
MILLISECONDS = SortColumn(
    "Time",
    "milliseconds",
    "ms",
    "For one picture of 224 × 224 on one thread of the machine that measured, ViT included.",
    high_first=False,
)
READ = (
    "Mean ± standard deviation over the pictures. Below: the mean difference to the baseline, "
    f"with its {LEVEL} % interval; ▲ better and ▼ worse where the interval leaves out zero. The "
    "number before a variant is its rank in the sorted column: 1 + how many are clearly better, "
    f"by the {LEVEL} % interval of their paired difference. Those that the pictures cannot tell "
    "apart share a rank, whichever stands first. A click on a row opens it in Compare beside the "
    "baseline, or says why it cannot."
)


def draw(board: Board) -> None:
    """The controls, the table, and what the metrics mean."""
    if st.session_state.pop(OPENED, False):
        st.switch_page(str(DEFAULT.path), query_params={})
    task, kind = choose_task(board), choose_kind(board)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        baseline = choose_baseline(board)
        with st.popover("Columns"):
            specs = choose_columns(board)
        below = st.container(width="content")
        beside = st.container(width="content")
    if not board.of_kind(kind.key, task.condition):
        st.info(f"{kind.sentence} None of them was measured on this task yet.")
        return
    shown = shown_of(board, task, kind, baseline, specs)
    columns, rows = columns_of(specs), [row(shown, n) for n in shown.names]
    sort = kept_sort(board.main, columns)
    ranking(
        columns,
        rows,
        key="ranking",
        caption=f"{task.label} · {subject(board, task, kind)}",
        sort=sort,
        on_open=lambda name: open_beside(board, name, baseline, task),
        on_sort=keep_sort,
    )
    in_order = sorted_rows(columns, rows, sort)
    for place, (extension, file) in zip((below, beside), FILES.items(), strict=True):
        with place:
            download(
                f"Table (.{extension})",
                partial(file.write, shown, in_order),
                file_of(board, task, kind, extension),
                file.kind,
                key=f"table_download_{extension}",
            )
    st.caption(READ)
    about_metrics(specs)


def file_of(board: Board, task: TaskSpec, kind: KindSpec, extension: str) -> str:
    """What a download is called."""
    picture, variant = PurePath(board.file).stem, "" if board.file else kind.label
    return file_name(
        "leaderboard", picture=picture, noise=task.label, variant=variant, extension=extension
    )


def subject(board: Board, task: TaskSpec, kind: KindSpec) -> str:
    """What the rows are of: a kind of variant, or everything in somebody's own file."""
    if not board.file:
        return kind.sentence
    return f"{board.file}, {board.results.pictures(task.condition):,} pictures"


def choose_columns(board: Board) -> tuple[Quantity, ...]:
    """The metrics that are columns; those that nobody could measure are not offered."""
    quantities = board.quantities
    labels = {key: quantity.label for key, quantity in quantities.items()}
    chosen = choose_some("columns", "Metric", labels, SHOWN, widget=st.pills)
    return tuple(quantities[key] for key in chosen or [board.main])


def columns_of(specs: Sequence[Quantity]) -> list[SortColumn]:
    return [*map(column, specs), PARAMETERS, MILLISECONDS]


def column(spec: Quantity) -> SortColumn:
    """A metric's column; the best values come first, those near to 0 where that is the aim."""
    head = f"{spec.label} {ARROWS[spec.direction]}".strip()
    about = f"{ABOUT[spec.direction]} {spec.why}"
    return SortColumn(head, spec.key, spec.unit, about, spec.direction in ("higher", "none"))


def row(shown: Shown, name: str) -> RankRow:
    """A variant's line."""
    variant = shown.board.variants[name]
    away = variant.trained and not variant.here
    notes = {
        "⚠ trained on another degradation": not shown.task.suits(variant),
        "weights not here": away,
    }
    return RankRow(
        shown.board.labels[name],
        [*(cell(shown, name, spec) for spec in shown.specs), *costs(variant)],
        name,
        " · ".join(note for note, holds in notes.items() if holds),
        name == shown.baseline,
        closed(variant),
    )


def closed(variant: Variant) -> str:
    """Why a variant cannot be opened, nothing where it can."""
    if variant.here:
        return ""
    if variant.is_outputs:
        return ONLY_FILES
    if variant.name == INPUT:
        return NO_VARIANT
    if variant.is_own:
        return NOT_YOURS.format(label=variant.story["architecture"])
    return OTHER_AWAY if "here" in variant.story else AWAY.format(name=variant.name)


def cell(shown: Shown, name: str, spec: Quantity) -> RankCell:
    """Mean, spread and the paired difference to the baseline in one metric."""
    found = shown.found(name, spec)
    if math.isnan(found.mean):
        return RankCell(spec.number(found.mean))
    alone = RankCell(
        spec.number(found.mean),
        sort=abs(found.mean) if spec.direction == "zero" else found.mean,
        rank=shown.ranks[spec.key, name],
        spread="" if math.isnan(found.spread) else f"±{found.spread:.{spec.decimals}f}",
    )
    interval = shown.differences.get((spec.key, name))  # none to itself
    if interval is None or math.isnan(interval.mean):
        return alone
    ends = [bound(spec, end) for end in interval[1:] if not math.isnan(end)]
    return replace(
        alone,
        difference=spec.number(interval.mean, signed=True),
        interval=f"[{', '.join(ends)}]" if ends else "no interval",
        mark=mark(spec, interval, found.mean, shown.found(shown.baseline, spec).mean),
    )


def bound(spec: Quantity, value: float) -> str:
    """An end of an interval: as many decimals as the mean, a sign where it is negative."""
    return spec.number(value, signed=True).removeprefix("+")


def mark(spec: Quantity, interval: Interval, mean: float, base: float) -> str:
    """How a difference is judged; nothing where its interval holds zero."""
    if not sign(interval):
        return ""
    if spec.direction not in MERIT:
        return "other"
    merit = MERIT[spec.direction]
    return "better" if merit(mean) > merit(base) else "worse"


def costs(variant: Variant) -> list[RankCell]:
    """Parameters, those of a frozen ViT below, and milliseconds where they were measured."""
    built = variant.model and variant.story.keys() >= {"built", "frozen"}
    if not (built or variant.is_own):
        return [RankCell("—"), RankCell("—")]
    measured = cached.measured.cost_of(variant.model, variant.story["built"]) if built else None
    below = frozen_part(measured) if variant.story.get("frozen") else ""
    parameters = RankCell(UNKNOWN)
    if variant.parameters is not None:
        count = variant.parameters
        parameters = RankCell(millions(count), sort=count, difference=below)
    if measured is None:
        return [parameters, RankCell("—")]
    taken = measured["milliseconds"]
    return [parameters, RankCell(f"{taken:.1f}", sort=taken)]


def frozen_part(measured: Mapping[str, Any] | None) -> str:
    """The ViT beside the trained parameters; without a number where none is known."""
    return f"+ {millions(measured['frozen'])} frozen" if measured else "+ the frozen ViT"


def millions(count: int) -> str:
    """A number of parameters for people: `1.04 M`, `11.0 k`, `0`."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return str(count)


# What a click does -------------------------------------------------------------------------------


def kept_sort(main: str, columns: Sequence[SortColumn]) -> Sort:
    """The order of the rows: the address's, or what it was before the page was left."""
    heads = {column.key: column.label for column in columns}
    keys = [Sort(key, turned).text for key in heads for turned in (False, True)]
    reader = asked.one_of({key: key for key in keys}, heads.get(main, next(iter(heads.values()))))
    wanted = address.settle(SORTED, "sorted column", reader)
    sort = Sort.parse("".join(wanted) or st.session_state.get(KEPT_SORT, main))
    keep_sort(sort)
    return sort


def keep_sort(sort: Sort) -> None:
    """Keep the order of the rows, here and in the address."""
    st.session_state[KEPT_SORT] = sort.text
    if address.texts(SORTED) or sort.text != PSNR:
        address.put(SORTED, [sort.text])


def open_beside(board: Board, name: str, baseline: str, task: TaskSpec) -> None:
    """Choose a variant and the baseline, and the task's degradation; the page then goes there."""
    offered = cached.variants.cards() | own_cards()
    both = [board.variants[one].offered_as for one in dict.fromkeys((baseline, name))]
    if both[-1] not in offered:
        label = board.labels[name]
        address.notes().append(f"“{label}” cannot be opened: its file is refused or hidden here.")
        return
    st.session_state["variants"] = [one for one in both if one in offered]
    if task.degradation:
        take_degradation(task.degradation, board.results.parameters(task.condition))
    st.session_state[OPENED] = True


@st.fragment
def about_metrics(specs: Sequence[Quantity]) -> None:
    """What the columns mean, for those who ask: alone, so that nothing else is sent again."""
    expander = st.expander("What each number sees", key="about_columns", on_change="rerun")
    if expander.open:
        with expander:
            explanations(specs)
