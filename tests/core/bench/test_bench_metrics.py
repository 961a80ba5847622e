"""The row of all quick numbers: what is timed is what the metrics give one by one."""

from __future__ import annotations

import pytest

from core.bench import BENCHMARKS, Differs, metrics
from core.metrics import METRICS, measure


def test_every_metric_is_timed_but_the_slow_ones():
    keys = {metric.key for metric in metrics.quick_metrics()}
    assert set(METRICS) - keys == {"flip", "lpips"}
    assert (
        BENCHMARKS["numbers"].sense == "<=" and "8 pictures of 384²" in BENCHMARKS["numbers"].name
    )


def test_the_row_measures_what_metrics_give_one_by_one():
    assert metrics.numbers_seconds(pictures=2, side=48) > 0


def test_another_value_is_noticed():
    def wrong(*arguments):
        return {key: value + (key == "ssim") for key, value in measure(*arguments).items()}

    with pytest.raises(Differs, match="^SSIM is "):
        metrics.check_measured(wrong, side=48)
