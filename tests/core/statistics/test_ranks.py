"""Ranks: shared where the pictures cannot tell, and never against a paired interval."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.leaderboard.conditions import NOISE
from core.leaderboard.ranks import ranks_in
from core.leaderboard.results import MEASUREMENT, read_results
from core.statistics import paired_together, ranks

PICTURES = np.array([10.0, 20.0, 30.0, 40.0])
NOISY = np.array([-3.0, 3.0, -3.0, 3.0])


def test_rows_that_chance_may_have_ordered_share_a_rank():
    clear, near, worst = PICTURES + 2, PICTURES + 2.01 + NOISY, PICTURES - 50
    assert ranks(np.stack([clear, near, worst])) == [1, 1, 3]
    # A row that varies may be as good as the best where a steadier one of a higher mean is not.
    steady, varying = PICTURES + 1.9, PICTURES + 1.8 + NOISY
    assert ranks(np.stack([clear, steady, varying])) == [1, 2, 1]
    assert ranks(np.stack([clear, clear])) == [1, 1]


def test_a_merit_says_which_end_is_good():
    rows = np.stack([PICTURES, PICTURES + 1, PICTURES - 100])
    assert ranks(rows) == [2, 1, 3]
    assert ranks(rows, lambda means: -means) == [2, 3, 1]
    assert ranks(rows, lambda means: -abs(means)) == [1, 2, 3]


def test_what_was_not_measured_has_no_rank():
    missing = np.full(4, math.nan)
    some = np.array([math.nan, 21.0, 31.0, 41.0])
    assert ranks(np.stack([PICTURES, missing, some])) == [2, None, 1]
    assert ranks(np.stack([PICTURES, missing])[:, :1]) == [None, None]
    assert ranks(np.stack([missing, missing])) == [None, None]


@pytest.mark.parametrize("metric", ["psnr", "blur"])
def test_on_the_shipped_results_a_rank_counts_the_intervals_that_lie_above(metric):
    results = read_results()
    names = [name for name in results.variants if name.startswith(("conv-", "blur-k5", "cnn-"))]
    found = ranks_in(results, metric, NOISE, [MEASUREMENT, *names])
    assert found[MEASUREMENT] is None and len({found[name] for name in names}) > 3
    values = np.stack([results.values(name, metric, NOISE) for name in names])
    for name, mine in zip(names, values, strict=True):
        intervals = paired_together(values, mine)
        better = sum(i.low > 0 if metric == "psnr" else i.high < 0 for i in intervals)
        assert found[name] == 1 + better, name


def test_a_metric_without_a_good_end_ranks_nobody():
    results = read_results()
    names = results.variants
    (metric,) = [key for key, one in results.quantities.items() if one.direction == "none"][:1]
    assert set(ranks_in(results, metric, NOISE, names).values()) == {None}
