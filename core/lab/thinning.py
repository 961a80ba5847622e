"""Curves of many points, drawn with few: no spike is lost, and no value is invented."""

from __future__ import annotations

import numpy as np


def thinned(values: np.ndarray, most: int) -> np.ndarray:
    """Which points of `values` `(N,)` to draw, at most about `most`: indices, ascending.

    The values are cut into equal intervals, and the least and the greatest of each stay, with the
    first and the last point, and the first of each interval that is no number: what is drawn was
    measured. All stay where there are at most `most`. Raises `ValueError` for `most` under 4.
    """
    if most < 4:
        raise ValueError(f"A curve of {most} points shows nothing; at least 4 are needed.")
    if len(values) <= most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), (most - 2) // 2 + 1).round().astype(int)
    kept = {0, len(values) - 1}
    for first, last in zip(edges, edges[1:], strict=False):
        kept |= {first + place for place in _extremes(values[first:last])}
    return np.array(sorted(kept))


def _extremes(piece: np.ndarray) -> set[int]:
    missing = np.isnan(piece)
    kept = {int(missing.argmax())} if missing.any() else set()
    return kept if missing.all() else kept | {int(np.nanargmin(piece)), int(np.nanargmax(piece))}


def smoothed(values: np.ndarray, memory: float) -> np.ndarray:
    """The exponential moving average of `values` `(N,)` whose memory grows to `memory`.

    The first value counts as much as it should: an average over what there is (Kingma and Ba's
    bias correction), so the curve starts at the first value. Raises `ValueError` for a memory
    outside 0 to below 1.
    """
    if not 0 <= memory < 1:
        raise ValueError(f"The memory is {memory:g}; allowed are 0 to below 1.")
    averaged, total = np.empty(len(values)), 0.0
    for place, value in enumerate(values):
        total = memory * total + (1 - memory) * value
        averaged[place] = total / (1 - memory ** (place + 1))
    return averaged
