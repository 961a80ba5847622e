"""Data consistency: would the output, degraded again, give what was measured?"""

from __future__ import annotations

from torch import Tensor

from .spec import MetricSpec


def data_consistency(output: Tensor, measurement: Tensor, again: Tensor) -> Tensor:
    """|again - measurement| / |measurement|, `(N, 3, H, W)` -> `(N,)`, 0 or more.

    `again` is the degradation of `output` without its noise. Infinite where a black measurement
    is missed, NaN where it is met.
    """
    residual, norm = ((x.flatten(1).norm(dim=1)) for x in (again - measurement, measurement))
    return residual / norm


DATA_CONSISTENCY = MetricSpec(
    key="data_consistency",
    label="Data consistency",
    unit="",
    low=0.0,
    high=float("inf"),
    direction="none",
    needs_reference=False,
    decimals=4,
    why=(
        "How far the output, degraded again without noise, is from what was measured. The clean "
        "image scores the noise's share of the measurement: an output far above that contradicts "
        "the measurement, one far below has kept the noise; where noise is all there is, the "
        "noisy input itself scores 0. So no value is marked as the best."
    ),
    reference="|A(output) - measurement| / |measurement|, A the degradation without its noise",
    function=data_consistency,
    needs_measurement=True,
    undefined="the measurement is black.",
)
