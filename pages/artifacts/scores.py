"""The scores of every picture: tables, bars, and what stands above a panel."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region
from pages.shared.comparison import Comparison, place_name
from pages.shared.jobs import Job
from pages.shared.metric_table import explanations, metric_table
from pages.shared.numbers import metrics, numbers, so_far
from pages.shared.plain import plain
from pages.shared.values import Row
from pages.shared.workbench import region_field

if TYPE_CHECKING:
    from core.artifacts import GroupSpec
    from core.metrics import MetricSpec


def grids() -> Iterable[MetricSpec]:
    """The scores that no table of metrics has."""
    from core.artifacts import SCORES
    from core.metrics import METRICS

    return [spec for spec in SCORES.values() if spec.key not in METRICS]


def score_jobs(found: Comparison, region: Region | None) -> dict[str, list[Job]]:
    """Label -> the jobs that together make a picture's scores."""
    clean, taken = found.bench.clean, found.bench.taken
    shown = found.everything
    parts = [numbers(shown, clean, region, taken, table) for table in (metrics, grids)]
    return {label: list(chain.from_iterable(one[label] for one in parts)) for label in shown}


def all_score_jobs(found: Comparison) -> list[Job]:
    """Every job of the scores of the whole picture and of the region."""
    return [
        job
        for region in {None, found.region}
        for parts in score_jobs(found, region).values()
        for job in parts
    ]


def rows(found: Comparison, region: Region | None) -> dict[str, Row]:
    """Label -> the scores that are there, of the pictures that have any."""
    from core.artifacts import SCORES

    known = so_far(score_jobs(found, region))
    return {label: {k: row[k] for k in SCORES if k in row} for label, row in known.items()}


def scores_of(group: GroupSpec, found: Comparison) -> tuple[str, ...]:
    """The keys of the scores that put the chosen artifact in numbers here."""
    return group.scores if found.bench.clean else group.scores_alone


def bars(group: GroupSpec, found: Comparison) -> None:
    """The scores of the chosen artifact, a chart for each unit: of the region if one is drawn."""
    from core.artifacts import SCORES
    from core.figures import score_bars

    table = rows(found, found.region)
    units: dict[str, list[MetricSpec]] = {}
    for key in scores_of(group, found):
        if any(key in row and not isnan(row[key].value) for row in table.values()):
            units.setdefault(SCORES[key].unit, []).append(SCORES[key])
    if units:
        st.caption(plain(place_name(found, found.region)))
    for column, (unit, specs) in zip(st.columns(max(2, len(units))), units.items(), strict=False):
        shown = {
            label: {spec.label: row[spec.key].value for spec in specs if spec.key in row}
            for label, row in table.items()
        }
        alone = f"{specs[0].label} ({unit})" if unit else specs[0].label
        title = alone if len(specs) == 1 else unit
        column.plotly_chart(score_bars(shown, title), key=f"bars_{unit}")


def scores(found: Comparison) -> None:
    """Every score, of the whole picture and of the region."""
    region_field(*found.bench.measurement.size)
    score_tables(found)


def score_tables(found: Comparison) -> None:
    from core.artifacts import SCORES

    for region in dict.fromkeys((None, found.region)):
        table = rows(found, region)
        if table:
            metric_table(
                table,
                place_name(found, region),
                judged={label: table[label] for label in found.labels.values() if label in table},
                specs=SCORES.values(),
            )


@st.fragment
def about_scores() -> None:
    """What the scores mean, for those who ask: alone, so that nothing else is sent again."""
    from core.artifacts import SCORES

    expander = st.expander("What each score sees", key="about_scores", on_change="rerun")
    if expander.open:
        with expander:
            explanations(SCORES.values())
