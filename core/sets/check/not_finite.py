"""Values that are not numbers: NaN and infinity."""

from __future__ import annotations

import numpy as np

from .case import Case
from .spec import CheckSpec, Correction, Finding


def find(case: Case) -> Finding | None:
    if case.finite.all():
        return None
    bad = ~case.finite
    nan = int(np.isnan(case.output).sum())
    infinite = int(bad.sum()) - nan
    sentence = (
        f"{nan:,} values are NaN and {infinite:,} infinite, "
        f"{100 * bad.mean():.2g} % of {bad.size:,}: every mean over them is NaN or infinite."
    )
    fill = Correction(NOT_FINITE.key, "Fill from the nearest pixels", filled)
    return Finding(NOT_FINITE.key, sentence, corrections=() if bad.all() else (fill,))


def filled(array: np.ndarray) -> np.ndarray:
    """(H, W, …), each value that is no number replaced by the nearest one in its channel.

    A channel without any number gets what the nearest pixels have in the others.
    """
    from scipy.ndimage import distance_transform_edt

    planes = np.atleast_3d(array).copy()
    missing = ~np.isfinite(planes)
    lost = missing.all(axis=(0, 1))
    for channel in np.flatnonzero(missing.any(axis=(0, 1)) & ~lost):
        nearest = distance_transform_edt(
            missing[..., channel], return_distances=False, return_indices=True
        )
        planes[..., channel] = planes[..., channel][tuple(nearest)]
    if lost.any() and not lost.all():
        planes[..., lost] = planes[..., ~lost].mean(axis=2, keepdims=True)
    return planes.reshape(array.shape)


NOT_FINITE = CheckSpec(
    key="not_finite",
    label="Not numbers",
    sentence="Every value is a finite number.",
    find=find,
)
