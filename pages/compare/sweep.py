"""How the numbers of the current picture change with one parameter of its degradation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.base.words import few
from core.imaging.images import Region, crop
from pages.shared import cached
from pages.shared.charts import chart
from pages.shared.choose import choose, switch
from pages.shared.computing import computed
from pages.shared.jobs import Job, sentences
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, distinct_labels, of_networks, offer_networks

if TYPE_CHECKING:
    from core.degradations import Degradation, Parameter
    from core.variants.store import Card

SWITCH = "Sweep: these numbers at every strength of the degradation"
HELP = (
    "Degrades the picture anew in nine steps from the weakest to the strongest, and restores it "
    "with every chosen variant. It goes on only as long as this page is looked at."
)
NO_NETWORK = "Curves need outputs at other noise: only a network can make them."
AS_GIVEN = (
    "The noisy picture came with the set: there is no degradation whose strength could vary."
)
NO_CLEAN = (
    "A sweep degrades a clean picture in steps: choose a degradation other than “already "
    "degraded” in the sidebar."
)
FIRST, SECOND = "psnr", "ssim"
AT_ONCE = 3 * (os.cpu_count() or 1)
"""Points that are begun at a time: the others wait until someone still looks."""

Point = Mapping[str, float]


@dataclass(frozen=True)
class Sweep:
    """What is swept: a part of the clean picture, and the values of one parameter.

    `runs` are the labels of the curves with the variant of each, None for the measurement.
    """

    part: Region
    clean: Picture
    degradation: Degradation
    parameter: Parameter
    values: tuple[float, ...]
    runs: Mapping[str, str | None]

    @property
    def current(self) -> float:
        return self.degradation.parameters[self.parameter.name]

    @property
    def points(self) -> Iterator[tuple[float, str]]:
        """Every value with every label, the values in order."""
        return ((value, label) for value in self.values for label in self.runs)


def sweep_part(bench: Workbench) -> None:
    """The switch, what is swept and measured, and the curves."""
    if not bench.cards or not switch("sweep", SWITCH, help=HELP):
        return
    bench = of_networks(bench)
    if not bench.cards:
        offer_networks(NO_NETWORK)
        return
    if bench.clean is None:
        st.info(NO_CLEAN)
        return
    if bench.taken is None:
        st.info(AS_GIVEN)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        parameter = choose_parameter(bench)
        metric = choose_metric()
        against = choose_baseline(bench)
    try:
        sweep = sweep_of(bench, parameter)
    except ValueError as error:
        st.info(plain(str(error)))
        return
    polled(Curves(sweep, bench.cards, metric, against))


@dataclass(frozen=True)
class Curves(View):
    """PSNR and another metric over the parameter, and what they are of."""

    sweep: Sweep
    cards: Sequence[Card]
    metric: str
    against: str | None

    def jobs(self) -> Iterable[Job]:
        return begun(self.sweep).values()

    def draw(self, *, pending: bool) -> None:
        sweep, jobs = self.sweep, begun(self.sweep)
        st.caption(plain(" · ".join([place(sweep), *self.baseline(), *progress(sweep, jobs)])))
        ranges = trained_ranges(self.cards, sweep)
        curves(sweep, jobs, (FIRST, self.metric), self.against, list(ranges))
        for sentence in [*trained_sentences(sweep, ranges), marked(sweep)]:
            st.caption(plain(sentence))
        for sentence in sentences(jobs.values()):
            st.warning(plain(sentence))

    def baseline(self) -> list[str]:
        """What every curve is less, in words."""
        parameter = self.sweep.parameter.label.lower()
        return [f"less {self.against} at the same {parameter}"] if self.against else []


def progress(sweep: Sweep, jobs: Mapping[tuple[float, str], Job[Point]]) -> list[str]:
    """How many points are there, as long as some are missing."""
    done, count = sum(job.ready for job in jobs.values()), len(sweep.values) * len(sweep.runs)
    return [f"computing: {done} of {count} points"] if done < count else []


# What is swept -----------------------------------------------------------------------------------


def choose_parameter(bench: Workbench) -> Parameter:
    from core.degradations import DEGRADATIONS
    from core.lessons.degradation_sweep import swept_parameters

    parameters = swept_parameters(DEGRADATIONS[bench.degradation])
    labels = {name: parameter.label for name, parameter in parameters.items()}
    if len(labels) == 1:
        return next(iter(parameters.values()))
    name = f"over_{bench.degradation}"
    return parameters[choose(name, "Over", labels, label_visibility="visible")]


def choose_metric() -> str:
    from core.lessons.degradation_sweep import SWEPT
    from core.metrics import METRICS

    labels = {key: METRICS[key].label for key in SWEPT if key != FIRST}
    return choose(
        "sweep_metric", "Beside PSNR", labels, default=SECOND, label_visibility="visible"
    )


def choose_baseline(bench: Workbench) -> str | None:
    """The label of the variant that all others are compared with, None for plain values."""
    first = next(iter(distinct_labels(bench.cards).values()))
    if len(bench.cards) < 2:
        return None
    ways = {"values": "Values", "difference": "Difference to the first variant"}
    way = choose("sweep_show", "Curves of", ways, label_visibility="visible")
    return first if way == "difference" else None


def sweep_of(bench: Workbench, parameter: Parameter) -> Sweep:
    """Raises `ValueError` in one sentence for a region that is too small."""
    from core.degradations import DEGRADATIONS, Degradation
    from core.lessons.degradation_sweep import sweep_values, swept_part

    spec = DEGRADATIONS[bench.degradation]
    known = Degradation(spec, spec.values(bench.parameters))
    part = swept_part(*bench.clean.size, bench.region)
    labels = {label: name for name, label in distinct_labels(bench.cards).items()}
    return Sweep(
        part,
        bench.clean,
        known,
        parameter,
        sweep_values(parameter, known.parameters[parameter.name]),
        {spec.result: None, **labels},
    )


# What is computed --------------------------------------------------------------------------------


def job_of(sweep: Sweep, value: float, label: str) -> Job[Point]:
    """The job of the metrics of one curve at one value."""
    variant = sweep.runs[label]
    others = {**sweep.degradation.parameters, sweep.parameter.name: value}
    return computed(
        "sweep",
        sweep.clean.digest,
        sweep.part.text,
        f"{sweep.degradation.spec.key} {sorted(others.items())}",
        variant,
        cached.variants.variant_stamp(variant) if variant else None,
        compute=partial(point, sweep, value, variant),
    )


def point(sweep: Sweep, value: float, variant: str | None) -> Point:
    from core.lessons.degradation_sweep import sweep_point

    clean = crop(sweep.clean.image, sweep.part)
    model = cached.variants.running_model(variant) if variant else None
    return sweep_point(clean, sweep.degradation, sweep.parameter.name, value, model)


def begun(sweep: Sweep) -> dict[tuple[float, str], Job[Point]]:
    """The points that are ready, and a few that are being made.

    The rest is begun when these are ready and someone asks again: a page that was left stops.
    """
    found, waiting = {}, 0
    for value, label in sweep.points:
        found[value, label] = job_of(sweep, value, label)
        waiting += not found[value, label].ready
        if waiting == AT_ONCE:
            break
    return found


# What is drawn -----------------------------------------------------------------------------------


def place(sweep: Sweep) -> str:
    """What part the sweep is of, and why not all of it."""
    part = sweep.part
    size = f"{part.width} × {part.height} pixels"
    if (part.width, part.height) == sweep.clean.size:
        return f"The whole picture, {size}"
    return f"Of {size} at x {part.x}, y {part.y}, with noise drawn for this part alone"


def curves(
    sweep: Sweep,
    jobs: Mapping[tuple[float, str], Job[Point]],
    keys: Sequence[str],
    against: str | None,
    ranges: Sequence[tuple[float, float]],
) -> None:
    """Each metric of every run over the values; gaps where it is missing or infinite."""
    from core.figures import stacked_curves
    from core.metrics import METRICS

    rows = {
        titled(METRICS[key].label, METRICS[key].unit): row_of(sweep, jobs, key, against)
        for key in keys
    }
    parameter = sweep.parameter
    figure = stacked_curves(
        np.array(sweep.values),
        rows,
        titled(parameter.label, parameter.unit),
        references=[label for label, variant in sweep.runs.items() if variant is None],
        vertical=sweep.current,
        shaded=next((span for span in ranges if len(ranges) == 1 and span[0] < span[1]), None),
    )
    runs = ", ".join(sweep.runs)
    chart(figure, "sweep_chart", f"{' and '.join(rows)} over {parameter.label.lower()}: {runs}")


def row_of(
    sweep: Sweep, jobs: Mapping[tuple[float, str], Job[Point]], key: str, against: str | None
) -> dict[str, np.ndarray]:
    """Label -> one metric at every value; or the variants' difference to one of them.

    The measurement is then left out: it is so far off that nothing else would be told apart.
    """
    row = {
        label: np.array([number(jobs.get((value, label)), key) for value in sweep.values])
        for label in sweep.runs
    }
    if against is None:
        return row
    return {label: row[label] - row[against] for label, name in sweep.runs.items() if name}


def titled(label: str, unit: str) -> str:
    """An axis's title."""
    return f"{label}, {unit}" if unit else label


def number(job: Job[Point] | None, key: str) -> float:
    value = job.value[key] if job and job.value else nan
    return value if isfinite(value) else nan


def trained_ranges(cards: Sequence[Card], sweep: Sweep) -> dict[tuple[float, float], list[str]]:
    """Range -> the labels of the variants that were trained on it."""
    from core.lessons.degradation_sweep import trained_range

    labels, found = distinct_labels(cards), {}
    for card in cards:
        span = trained_range(card.degradation, sweep.degradation.spec.key, sweep.parameter.name)
        if span:
            found.setdefault(span, []).append(labels[card.name])
    return found


def trained_sentences(
    sweep: Sweep, ranges: Mapping[tuple[float, float], list[str]]
) -> Iterator[str]:
    """Who was trained where."""
    name = sweep.parameter.label.lower()
    for (low, high), labels in ranges.items():
        span = f"{low:g} to {high:g}" if low < high else f"{low:g} alone"
        verb = "was" if len(labels) == 1 else "were"
        shaded = "Shaded" if len(ranges) == 1 and low < high else "Not shaded"
        yield f"{shaded}: {name} {span}, on which {few(labels)} {verb} trained."


def marked(sweep: Sweep) -> str:
    unit = f" {sweep.parameter.unit}" if sweep.parameter.unit else ""
    return (
        f"Dashed: {sweep.parameter.label.lower()} {sweep.current:g}{unit}, as the sidebar has it. "
        "Everything else stays as it is there."
    )
