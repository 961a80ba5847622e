"""Metrics of pictures and of their regions, as jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, Any

from core.imaging.images import Region
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Number, Picture, Taken

if TYPE_CHECKING:
    from torch import Tensor

    from core.metrics import Measured, MetricSpec


def metrics() -> Iterable[MetricSpec]:
    """Every metric of `core.metrics`."""
    from core.metrics import METRICS

    return METRICS.values()


def numbers(
    output: Picture,
    clean: Picture | None,
    region: Region | None,
    taken: Taken | None,
    table: Callable[[], Iterable[MetricSpec]] = metrics,
    protocol: str = "ours",
) -> Job[dict[str, Number]]:
    """The job of every metric of an image or of its region.

    `taken` is None where nobody knows how the picture was degraded. `table` gives the metrics: a
    function, for it is called where PyTorch may be imported. `protocol` is a key of
    `core.metrics.PROTOCOLS`.
    """
    key = (
        clean.digest if clean else None,
        output.digest,
        region.text if region else None,
        taken.text if taken else None,
        protocol,
    )
    compute = partial(_measure, output, clean, region, taken, table, protocol)
    return computed(table.__name__, *key, compute=compute)


def _measure(
    output: Picture,
    clean: Picture | None,
    region: Region | None,
    taken: Taken | None,
    table: Callable[[], Iterable[MetricSpec]],
    protocol: str = "ours",
) -> dict[str, Number]:
    from core.imaging.images import crop
    from core.metrics import PROTOCOLS

    specs = [PROTOCOLS[protocol].apply(spec) for spec in table()]
    images: list[Any] = [picture.image[None] if picture else None for picture in (output, clean)]
    again = any(spec.needs_measurement for spec in specs)
    measured = taken.measured(output) if taken and again else None
    if region:
        images = [crop(image, region) if image is not None else None for image in images]
        measured = measured.crop(region) if measured else None
    return {spec.key: _number(spec, *images, measured) for spec in specs}


def _number(
    spec: MetricSpec, output: Tensor, clean: Tensor | None, measured: Measured | None
) -> Number:
    try:
        value = float(spec(output, clean, measured)[0])
    except ValueError as error:
        return Number(float("nan"), str(error))
    return Number(value, undefined(spec) if isnan(value) else "")


def undefined(spec: MetricSpec) -> str:
    """Why a metric that could be measured has no value."""
    return f"{spec.label} has no value here: {spec.undefined}"
