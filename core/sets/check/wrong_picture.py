"""Wrong picture: what the output shows has nothing to do with the clean picture."""

from __future__ import annotations

from itertools import product

import numpy as np

from ...statistics import paired, sign
from .case import Case, in_blocks, luma
from .spec import CheckSpec, Finding
from .wrapped import wrapped_values

SCALES = (2.0, 4.0)
"""Pixels, sigma: details of some 10 and 20 pixels. Noise hides finer ones, blur takes them away,
and in coarser ones all photos look a little alike."""
LEAST_SIDE = 48
"""Pixels. Smaller pictures hold too few details of these sizes to compare."""
CORRELATION = 0.3
"""Unrelated pictures of the gallery reach 0.22 at these sizes (crops of 192 pixels)."""
SLOPE = 0.5
"""How much of the clean picture's detail an output must lack for certain. Outputs of blurs,
medians and non-local means of noise up to sigma 0.25 keep 0.77 or more, interval included."""


def find(case: Case) -> Finding | None:
    if not case.fits or min(case.size) < LEAST_SIDE:
        return None
    output, reference = case.centre
    if (wrapped := wrapped_values(output - reference)) is not None:
        output = np.where(wrapped, reference, output)  # many would hide that it is this picture
    output, reference = luma(output), luma(reference)
    directions = [(output, reference)]
    if (
        case.against == "noisy"
    ):  # noise in the divisor lowers a slope; the other direction has none
        directions.append((reference, output))
    found = []
    for scale, pair in product(SCALES, directions):
        value, unlike = _likeness(*pair, scale)
        if not unlike:
            return None
        found.append(value)
    correlation = max(found, key=abs)
    sentence = (
        f"Details of the output correlate with the {case.against} picture's by {correlation:.2f} "
        "(1 for the same picture, 0 for another one): a wrong picture?"
    )
    return Finding(WRONG_PICTURE.key, sentence)


def _likeness(output: np.ndarray, reference: np.ndarray, scale: float) -> tuple[float, bool]:
    """The correlation of details, and whether it is near 0 where it would have been seen.

    Seen: the slope of the output's details over the reference's is below a half for certain. An
    output of noise without contrast correlates little too, but its slope may be anything.
    """
    these, those = (_details(plane, scale) for plane in (output, reference))
    power = float(np.mean(those**2))
    shared = float(np.mean(these * those))
    spread = np.sqrt(power * np.mean(these**2))
    if not spread:
        return 1.0, False  # nothing to compare
    slopes = in_blocks(these * those) / power
    correlation = shared / float(spread)
    return correlation, correlation < CORRELATION and sign(paired(slopes, SLOPE)) < 0


def _details(plane: np.ndarray, sigma: float) -> np.ndarray:
    """A band of frequencies: the difference of two Gaussians."""
    from scipy.ndimage import gaussian_filter

    plane = plane.astype(np.float64)
    return gaussian_filter(plane, sigma) - gaussian_filter(plane, 3 * sigma)


WRONG_PICTURE = CheckSpec(
    key="wrong_picture",
    label="Wrong picture",
    sentence="The output shows what the clean picture shows.",
    find=find,
    silences=(
        "shift", "swapped_channels", "tone_curve", "wrapped", "tint",
        "border", "clipped",
    ),
)  # fmt: skip
