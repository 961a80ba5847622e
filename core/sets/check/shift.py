"""Shift: the output lies some pixels, or tenths of one, beside the clean picture.

Where it may lie is estimated by phase correlation (Guizar-Sicairos, Thurman and Fienup 2008, as
scikit-image has it). Whether it does is judged by errors: noise, a grid
and blur move the peak too.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...statistics import paired, sign
from .case import Case, in_blocks, luma, psnr
from .spec import CheckSpec, Correction, Finding
from .storage import on_unit

PER_PIXEL = 10
"""Steps of the estimate in a pixel."""
LEAST = 0.15
"""Pixels. Less is the estimate's own spread on noisy pictures."""
FARTHEST = 32
"""Pixels, and at most a quarter of the shorter side: a larger shift is another crop."""
LEAST_SIDE = 32
"""Pixels. Smaller pictures do not tell a shift from chance."""
GAIN = 0.95
"""The aligned mean squared error is at most this much of the raw one. Noise is in both: at sigma
0.1 a shift by one pixel of a soft photo changes no more than some per cent."""
WRONG_GAIN = 0.8
"""So much of the error, or less, is left where a shift by less than a pixel is called wrong.
Methods move details by fractions themselves: non-local means of scikit-image by (-0.2, -0.3), a
dense autoencoder by (0.4, 0.2), which left 0.87."""
HALF = 0.45
"""Pixels. From here on it is at least the half pixel of a resize that counts from corners, however
little of the error it explains."""
COARSE = 1.5
"""Pixels, sigma: a grid of period 2 and fine noise are gone, and edges are still there."""
SPLINE = 3
SPARE = 2
"""Pixels beside the shift that are left out: there the spline knows one side only."""

Vector = tuple[float, float]


def find(case: Case) -> Finding | None:
    if not case.fits or min(case.size) < LEAST_SIDE:
        return None
    output, reference = case.centre
    shift = _best(luma(output), luma(reference))
    if shift is None:
        return None
    raw, aligned = (
        psnr(*_overlaid(output, reference, by, margin_of(shift))) for by in ((0, 0), shift)
    )
    part = 10 ** ((raw - aligned) / 10)
    severity = "wrong" if max(map(abs, shift)) >= HALF or part <= WRONG_GAIN else "note"
    back = text((-shift[0], -shift[1]))
    sentence = (
        f"The output is shifted by {text(shift)} pixels (right, down) against the {case.against} "
        f"picture: {raw:.2f} dB as it is, {aligned:.2f} dB aligned."
    )
    move = Correction(SHIFT.key, f"Shift by {back}", partial(moved, (-shift[0], -shift[1])))
    return Finding(SHIFT.key, sentence, severity, (move,))


def _best(output: np.ndarray, reference: np.ndarray) -> Vector | None:
    """(right, down) of the shift that clearly lowers the error most; None where none does."""
    limit = min(FARTHEST, min(output.shape) // 4)
    candidates = {
        by
        for by in _candidates(output, reference)
        if max(map(abs, by)) <= limit and max(map(abs, by)) >= LEAST
    }
    errors = {by: _errors(output, reference, by, margin_of(by)) for by in candidates}
    if not errors:
        return None
    best = min(errors, key=lambda by: float(errors[by].mean()))
    opposite, none = (
        _errors(output, reference, by, margin_of(best)) for by in ((-best[0], -best[1]), (0, 0))
    )
    # Interpolation smooths, and that alone lowers the error of a smooth output; the same distance
    # in the opposite direction smooths as much.
    clearly = all(
        errors[best].mean() <= GAIN * other.mean() and sign(paired(other, errors[best])) > 0
        for other in (opposite, none)
    )
    return best if clearly else None


def _candidates(output: np.ndarray, reference: np.ndarray) -> set[Vector]:
    """Estimates by phase and by plain correlation, of all details and of coarse ones."""
    from scipy.ndimage import gaussian_filter
    from skimage.registration import phase_cross_correlation

    window = np.outer(*(np.hanning(side) for side in output.shape))
    found = set()
    for sigma in (0, COARSE):
        planes = [
            gaussian_filter(plane.astype(np.float64), sigma) for plane in (output, reference)
        ]
        if min(np.ptp(plane) for plane in planes) == 0:
            continue
        these, those = ((plane - plane.mean()) * window for plane in planes)
        for way in ("phase", None):
            down, right = phase_cross_correlation(
                these, those, upsample_factor=PER_PIXEL, normalization=way
            )[0]
            found.add((round(float(right), 1), round(float(down), 1)))
    return found


def _errors(output: np.ndarray, reference: np.ndarray, by: Vector, margin: int) -> np.ndarray:
    """Squared errors in 8 x 8 parts against the reference shifted by `by`."""
    these, those = _overlaid(output, reference, by, margin)
    return in_blocks((these - those) ** 2)


def _overlaid(
    output: np.ndarray, reference: np.ndarray, by: Vector, margin: int
) -> tuple[np.ndarray, np.ndarray]:
    """The output and the shifted reference without a margin.

    The reference is moved and not the output, whose noise interpolation would smooth.
    """
    inside = (slice(margin, -margin), slice(margin, -margin))
    return output[inside], shifted(reference, by)[inside]


def margin_of(shift: Vector) -> int:
    return int(np.ceil(max(map(abs, shift)))) + SPARE


def shifted(values: np.ndarray, by: Vector) -> np.ndarray:
    """(H, W, …) moved `by` (right, down) pixels; cubic splines, the border's values repeated.

    Whole pixels are copied exactly.
    """
    from scipy.ndimage import shift

    right, down = by
    if right == round(right) and down == round(down):
        rows, columns = (
            np.clip(np.arange(side) - int(round(step)), 0, side - 1)
            for side, step in zip(values.shape, (down, right), strict=False)
        )
        return values[rows][:, columns]
    steps = (down, right, *(0,) * (values.ndim - 2))
    return shift(values, steps, order=SPLINE, mode="nearest")


def moved(by: Vector, array: np.ndarray) -> np.ndarray:
    """An array of any type, shifted as `shifted` does."""
    if array.dtype.kind == "f":
        return shifted(array, by).astype(array.dtype)
    return on_unit(partial(shifted, by=by))(array)


def text(shift: Vector) -> str:
    """`(1, -0.5)`."""
    return f"({shift[0] + 0.0:g}, {shift[1] + 0.0:g})"


SHIFT = CheckSpec(
    key="shift",
    label="Shift",
    sentence="The output lies on the clean picture, to a tenth of a pixel.",
    find=find,
    silences=("wrapped", "border"),
)
