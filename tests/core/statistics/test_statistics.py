"""The one place that judges: intervals against scipy and by hand, and the rule of the verdicts."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from scipy import stats

from core.base.paths import ROOT
from core.statistics import (
    ABOVE,
    AT_MOST,
    BELOW,
    FEWEST,
    RESAMPLES,
    SIGNS,
    UNKNOWN,
    Interval,
    above,
    below,
    interval_of,
    judge,
    paired,
    paired_runs,
    paired_together,
    parts_told,
    resampling,
    sign,
    summary,
    together,
    within,
)

NAN, INF = math.nan, math.inf


def same(found, expected):
    """Equal, NaN to NaN."""
    np.testing.assert_array_equal(found, expected)


# The one place ------------------------------------------------------------------------------


def test_nobody_else_resamples_or_judges():
    """No other file asks for a bootstrap, for Student's t, or writes a verdict."""
    banned = {"bootstrap", "t", "does not hold"}
    styled = {"pages/leaderboard/claims.py"}  # a verdict's class in the style sheet
    for path in [*(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("core/statistics/") or name in styled:
            continue
        found = set()
        for node in ast.walk(ast.parse(path.read_text("utf8"))):
            if isinstance(node, ast.ImportFrom):
                found |= {alias.name for alias in node.names}
            if isinstance(node, ast.Attribute):
                found |= {node.attr} & {"bootstrap"}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} & {"does not hold"}
        assert not banned & found, name


# Means --------------------------------------------------------------------------------------


def test_a_summary_by_hand():
    assert summary(np.array([1.0, NAN, 3.0, 8.0])) == pytest.approx((4.0, math.sqrt(13), 3))
    same(summary(np.array([NAN, 2.0])), (2.0, NAN, 1))
    same(summary(np.array([NAN])), (NAN, NAN, 0))
    same(summary(np.array([INF, 2.0])), (INF, NAN, 2))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((1.26, -0.04, 2.0), "+1.3 dB [+0.0, +2.0]"),
        ((INF, NAN, NAN), "+∞ dB, no interval"),
        ((2.0, 1.0, INF), "+2.0 dB [+1.0, +∞]"),
        ((2.0, NAN, NAN), "+2.0 dB, no interval"),
        (UNKNOWN, "—"),
    ],
)
def test_an_interval_as_text(interval, text):
    assert Interval(*interval).text("+z.1f", "dB") == text


# Paired differences -------------------------------------------------------------------------


def test_a_difference_that_is_the_same_everywhere_has_no_width():
    found = paired(np.array([1.0, 5.0, 9.0, NAN]), np.array([0.5, 4.5, 8.5, 3.0]))
    assert found == (0.5, 0.5, 0.5)
    assert paired(np.full(44, 0.1)) == (0.1, 0.1, 0.1)


def test_two_pictures_by_hand():
    """Of four equally likely resamples two have the mean, one each 0 and 4."""
    assert paired(np.array([0.0, 4.0])) == (2.0, 0.0, 4.0)
    assert paired(np.array([3.0, 4.0]), np.array([3.0, 0.0])) == (2.0, 0.0, 4.0)


def test_a_single_picture_has_a_mean_and_no_interval_and_none_has_neither():
    same(paired(np.array([3.0, NAN]), 1.0), (2.0, NAN, NAN))
    for nothing in (np.array([NAN, NAN]), np.array([])):
        same(paired(nothing), UNKNOWN)
    assert FEWEST == 2


def test_an_infinite_value_is_a_value():
    """The PSNR of equal pictures: more than any other, and no different from itself."""
    same(paired(np.array([INF, 1.0, 2.0]), 1.0), (INF, NAN, NAN))
    same(paired(np.array([1.0, 1.0]), np.array([INF, 1.0])), (-INF, NAN, NAN))
    assert paired(np.array([INF, 2.0, 2.0]), np.array([INF, 1.0, 1.0])) == (1, 1, 1)
    rows = paired_together(np.array([[INF, 1.0, 3.0], [5.0, 5.0, 5.0]]))
    same(rows[0], (INF, NAN, NAN))
    assert rows[1] == (5, 5, 5)


def test_intervals_are_the_same_every_time_whatever_was_drawn_elsewhere():
    values = np.random.default_rng(0).normal(size=30)
    np.random.seed(1)  # noqa: NPY002 (the state that must not matter)
    found = paired(values)
    np.random.seed(2)  # noqa: NPY002
    assert paired(values) == found


def test_together_is_one_by_one():
    """Whatever is missing in one row does not move the others."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(1, 1, (6, 25)), rng.normal(0, 1, 25)
    a[1, :4], a[2, 7], a[3] = NAN, NAN, NAN
    a[4, 1:] = NAN
    for row, found in zip(a, paired_together(a, b), strict=True):
        same(found, paired(row, b))
        known = ~np.isnan(row)
        same(found, paired(row[known], b[known]))


@pytest.mark.parametrize("skewed", [False, True])
def test_the_interval_is_scipys_percentile_bootstrap(skewed):
    """The very resamples: scipy draws the same pictures from the same seed."""
    rng = np.random.default_rng(5)
    a = rng.exponential(size=40) if skewed else rng.normal(0.3, 1, 40)
    b = rng.normal(0, 0.5, 40)
    theirs = stats.bootstrap(
        (a - b,), np.mean, method="percentile", n_resamples=RESAMPLES, vectorized=True,
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    assert paired(a, b) == pytest.approx((np.mean(a - b), theirs.low, theirs.high), abs=1e-12)


def test_pictures_are_drawn_jointly():
    """A difference to a shifted copy has no width, though both spread widely."""
    values = np.random.default_rng(6).normal(20, 5, 30)
    found = paired(values + 0.5, values)
    assert found == pytest.approx((0.5, 0.5, 0.5), abs=1e-12)
    alone = paired(values)
    assert alone.high - alone.low > 2


def experiments():
    """A random stream for each of 120 experiments."""
    return map(np.random.default_rng, range(120))


def covered(intervals):
    """The share of experiments whose interval holds the true mean, 1."""
    return np.mean([low <= 1 <= high for _, low, high in intervals])


def test_95_of_100_intervals_hold_the_truth():
    samples = np.stack([rng.normal(1, 2, 40) for rng in experiments()])
    assert 0.89 <= covered(paired_together(samples)) <= 0.98


# Of means -----------------------------------------------------------------------------------


def test_a_ratio_is_of_means_and_its_resamples_are_paired():
    pairs = np.random.default_rng(2).random((2, 12)) + 0.1

    def ratio(means):
        return means[:1] / means[1:]

    (found,) = interval_of(pairs, ratio)
    assert found.mean == pytest.approx(pairs[0].mean() / pairs[1].mean())
    (twice,) = interval_of(np.stack([2 * pairs[1], pairs[1]]), ratio)
    assert twice == pytest.approx((2, 2, 2))
    (one,) = interval_of(pairs[:, :1], ratio)
    same(one, (pairs[0, 0] / pairs[1, 0], NAN, NAN))


# Runs ---------------------------------------------------------------------------------------


def test_runs_without_spread_between_pictures_have_students_interval():
    runs = np.array([0.1, 0.4, 0.25])
    values = np.repeat(runs[:, None], 20, axis=1)
    found = paired_runs(values, np.zeros_like(values))
    expected = stats.ttest_1samp(runs, 0).confidence_interval(0.95)
    assert found.mean == pytest.approx(0.25)
    assert found[1:] == pytest.approx(tuple(expected), abs=2e-3)


def test_runs_that_agree_leave_the_pictures_interval():
    pictures = np.random.default_rng(2).normal(1, 1, 40)
    found = paired_runs(np.tile(pictures, (3, 1)), np.zeros((3, 40)))
    assert found == pytest.approx(paired(pictures), abs=1e-12)


def test_runs_are_paired_by_place_and_pictures_that_one_lacks_are_left_out():
    values = np.array([[1.0, 2.0, 5.0], [2.0, 3.0, NAN], [3.0, 4.0, 9.0]])
    base = np.array([[0.0, 1.0, 0.0], [1.0, 2.0, 0.0], [2.0, 3.0, 0.0]])
    assert paired_runs(values, base) == pytest.approx((1, 1, 1))
    same(paired_runs(values[:1], base[:1]), UNKNOWN)


def test_intervals_of_three_runs_hold_the_truth():
    """Resampling the three runs as well would hold it in fewer than 85 of 100."""

    def experiment(rng):
        return rng.normal(1, 1, (3, 1)) + rng.normal(0, 1, (1, 40)) + rng.normal(0, 1, (3, 40))

    intervals = [paired_runs(experiment(rng), np.zeros((3, 40))) for rng in experiments()]
    assert 0.89 <= covered(intervals) <= 0.99


# Verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "interval", "expected"),
    [
        (ABOVE, (0.1, 0.3), "holds"),
        (ABOVE, (-0.1, 0.3), "cannot be told"),
        (ABOVE, (-0.3, -0.1), "does not hold"),
        (ABOVE, (0.0, 0.3), "cannot be told"),
        (ABOVE, (0.0, 0.0), "does not hold"),
        (BELOW, (-0.3, -0.1), "holds"),
        (BELOW, (-0.3, 0.0), "cannot be told"),
        (BELOW, (0.1, 0.3), "does not hold"),
        (AT_MOST, (-0.3, 0.0), "holds"),
        (AT_MOST, (0.0, 0.0), "holds"),
        (AT_MOST, (-0.3, 0.1), "cannot be told"),
        (AT_MOST, (0.1, 0.3), "does not hold"),
        (above(1), (1.0, 1.2), "cannot be told"),
        (above(1), (1.1, 1.2), "holds"),
        (above(1), (0.9, 1.0), "does not hold"),
        (below(1), (0.8, 0.9), "holds"),
        (below(1), (0.8, 1.1), "cannot be told"),
        (within(0.2), (-0.2, 0.1), "holds"),
        (within(0.2), (-0.1, 0.3), "cannot be told"),
        (within(0.2), (-0.3, 0.3), "cannot be told"),
        (within(0.2), (0.3, 0.4), "does not hold"),
        (within(0.2), (-0.4, -0.3), "does not hold"),
        (ABOVE, (NAN, NAN), "cannot be told"),
        (within(0.2), (NAN, NAN), "cannot be told"),
    ],
)
def test_a_verdict_is_where_the_interval_lies(claimed, interval, expected):
    assert judge(Interval(sum(interval) / 2, *interval), claimed) == expected


@pytest.mark.parametrize(
    ("interval", "expected"),
    [((0.1, 0.2), 1), ((-0.2, -0.1), -1), ((-0.1, 0.1), 0), ((0.0, 0.2), 0), ((0.0, 0.0), 0),
     ((NAN, NAN), 0)],
)  # fmt: skip
def test_a_sign_stands_where_the_interval_leaves_out_zero(interval, expected):
    assert sign(Interval(sum(interval) / 2, *interval)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "cannot be told"], "cannot be told"),
        (["holds", "does not hold"], "does not hold"),
        (["cannot be told", "does not hold"], "does not hold"),
        ([], "cannot be told"),
    ],
)
def test_of_several_parts_all_must_hold(parts, expected):
    assert together(parts) == expected


def test_parts_are_told_by_their_verdicts():
    holds, fails, open_ = SIGNS
    assert parts_told([("a", holds), ("b", open_), ("c", holds)]) == (
        "Holds: a, c. Cannot be told: b."
    )
    assert parts_told([("a", open_), ("b", fails), ("c", holds)]) == (
        "Holds: c. Does not hold: b. Cannot be told: a."
    )
    assert parts_told([("a", holds), ("a", open_), ("b", holds)]) == (
        "Holds: b. Cannot be told: a."
    )
    assert parts_told([("a", open_), ("a", holds), ("b", open_), ("b", fails)]) == (
        "Does not hold: b. Cannot be told: a."
    )
    for clear in ([("a", holds), ("b", holds)], [("a", open_)], [("a", fails), ("a", holds)], []):
        assert parts_told(clear) == ""


def test_pictures_are_drawn_in_parts_where_they_are_many(monkeypatch):
    """The same ones, so that memory says nothing of the numbers."""
    values = np.random.default_rng(0).normal(size=(2, 40))
    whole = resampling.resample(values)
    monkeypatch.setattr(resampling, "MOST_DRAWN", 40 * 999)
    parts = resampling.resample(values)
    for found, expected in zip(parts, whole, strict=True):
        assert found == pytest.approx(expected, abs=1e-12)
