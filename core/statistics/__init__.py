"""The one place that judges: means over pictures, their intervals, and verdicts from these.

Every interval of a mean is scipy's bootstrap over pictures, drawn jointly for all numbers, so that
differences are paired; every verdict says on which side of what is claimed an interval lies. One
idea per file: `intervals` is what is said of a number, `resampling` draws the pictures, `paired`
makes differences of it, `verdicts` judges, `ranks` puts in order, `proportions` counts answers.
"""

from .intervals import LEVEL, UNKNOWN, Interval, Summary, summary
from .paired import paired, paired_runs, paired_together
from .proportions import Proportion, proportion
from .ranks import ranks
from .resampling import FEWEST, RESAMPLES, interval_of
from .verdicts import (
    ABOVE,
    AT_MOST,
    BELOW,
    SIGNS,
    Side,
    Verdict,
    above,
    below,
    judge,
    parts_told,
    sign,
    together,
    within,
)

__all__ = [
    "ABOVE",
    "AT_MOST",
    "BELOW",
    "FEWEST",
    "LEVEL",
    "RESAMPLES",
    "SIGNS",
    "UNKNOWN",
    "Interval",
    "Proportion",
    "Side",
    "Summary",
    "Verdict",
    "above",
    "below",
    "interval_of",
    "judge",
    "paired",
    "paired_runs",
    "paired_together",
    "parts_told",
    "proportion",
    "ranks",
    "sign",
    "summary",
    "together",
    "within",
]
