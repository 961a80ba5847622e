"""Ranks on the same pictures: rows that chance may have put in their order share one."""

from __future__ import annotations

import numpy as np

from .intervals import LEVEL
from .resampling import FEWEST, RESAMPLES, Of, as_they_are, resample

AGAINST = RESAMPLES * (100 - LEVEL) / 200
"""So many resamples may show that a row is not better, and it still is."""


def ranks(values: np.ndarray, merit: Of = as_they_are) -> list[int | None]:
    """The rank of each row of `values`, `(rows, pictures)`: 1 + the number of better rows.

    `merit` turns means into how good they are, the greater the better. A row is better than
    another if the 95 % interval of the difference of their merits, over resamples of the
    pictures, lies above 0. Pictures that a measured row lacks (NaN or infinite) count for nobody.
    A row without any number has no rank, and none has one with fewer than two pictures.
    """
    measured = np.flatnonzero(~np.isnan(values).all(axis=1))
    pictures = np.isfinite(values[measured]).all(axis=0)
    found: list[int | None] = [None] * len(values)
    if not len(measured) or pictures.sum() < FEWEST:
        return found
    drawn = resample(values[measured][:, pictures], merit).drawn
    for row, mine in zip(measured, drawn, strict=True):
        # Counted, as sorting for percentiles would take twenty times as long.
        found[row] = 1 + int(((drawn <= mine).sum(axis=1) < AGAINST).sum())
    return found
