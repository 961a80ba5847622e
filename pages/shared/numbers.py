"""Metrics of pictures and of their regions, as jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

from core.imaging.images import Region
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Number, Picture, Row, Taken

if TYPE_CHECKING:
    from torch import Tensor

    from core.metrics import MetricSpec


def metrics() -> Iterable[MetricSpec]:
    """Every metric of `core.metrics`."""
    from core.metrics import METRICS

    return METRICS.values()


def numbers(
    outputs: Mapping[str, Picture],
    clean: Picture | None,
    region: Region | None,
    taken: Taken | None,
    table: Callable[[], Iterable[MetricSpec]] = metrics,
    protocol: str = "ours",
) -> dict[str, list[Job[Row]]]:
    """Label -> the jobs that together make every metric of an image or of its region.

    The first has what comes soon; nothing waits for those that are slow. `taken` is None where
    nobody knows how the picture was degraded. `table` gives the metrics, `protocol` is a key of
    `core.metrics.PROTOCOLS`.
    """
    parts = _soon_and_later(table(), clean).items()
    before = (table.__name__, clean.digest if clean else None)
    after = (region.text if region else None, taken.text if taken else None, protocol)
    return {
        label: [
            computed(
                *(*before, output.digest, *after, str(later)),
                compute=partial(_measure, output, clean, region, taken, specs, protocol),
                later=later,
            )
            for later, specs in parts
        ]
        for label, output in outputs.items()
    }


def _soon_and_later(
    specs: Iterable[MetricSpec], clean: Picture | None
) -> dict[bool, list[MetricSpec]]:
    """Later or not -> metrics; to say that a slow one cannot be measured takes no time."""
    found: dict[bool, list[MetricSpec]] = {False: []}
    for spec in specs:
        possible = not spec.absent() and not (spec.needs_reference and clean is None)
        found.setdefault(spec.slow and possible, []).append(spec)
    return found


def so_far(jobs: Mapping[str, Iterable[Job[Row]]]) -> dict[str, Row]:
    """Label -> the numbers that are there; a label without any is left out."""
    rows = {
        label: {key: number for job in parts for key, number in (job.value or {}).items()}
        for label, parts in jobs.items()
    }
    return {label: row for label, row in rows.items() if row}


def _measure(
    output: Picture,
    clean: Picture | None,
    region: Region | None,
    taken: Taken | None,
    specs: Iterable[MetricSpec],
    protocol: str = "ours",
) -> Row:
    from core.imaging.images import crop
    from core.metrics import PROTOCOLS, measure

    specs = [PROTOCOLS[protocol].apply(spec) for spec in specs]
    images: list[Any] = [picture.image[None] if picture else None for picture in (output, clean)]
    again = any(spec.needs_measurement for spec in specs)
    measured = taken.measured(output) if taken and again else None
    if region:
        images = [crop(image, region) if image is not None else None for image in images]
        measured = measured.crop(region) if measured else None
    found = measure(specs, *images, measured)
    return {spec.key: _number(spec, found[spec.key]) for spec in specs}


def _number(spec: MetricSpec, found: Tensor | ValueError) -> Number:
    if isinstance(found, ValueError):
        return Number(float("nan"), str(found))
    value = float(found[0])
    return Number(value, undefined(spec) if isnan(value) else "")


def undefined(spec: MetricSpec) -> str:
    """Why a metric that could be measured has no value."""
    return f"{spec.label} has no value here: {spec.undefined}"
