"""Colours: red and blue exchanged, a tint where the clean picture is grey, or no colour at all."""

from __future__ import annotations

import numpy as np

from ...statistics import paired, sign
from .case import Case, in_blocks, middle, psnr
from .spec import CheckSpec, Correction, Finding
from .storage import on_unit

COLOURED = 3 / 255
"""Root mean square of red - blue, of a picture whose order of channels can be told."""
SWAPPED = -0.5
"""Slope of the output's red - blue over the clean picture's: -1 if swapped, 1 if not. Below this,
more than half of the colour points the wrong way."""
SMOOTH = 2.0
"""Pixels, sigma: noise is in every channel by itself, colours of things are larger."""
GREY = 1.5 / 255
"""Channels that differ less, everywhere, differ by rounding."""
TINT = 2 / 255
"""The least mean difference between channels that is called a tint: two 8-bit levels."""
STRONG = 8 / 255
"""A method may tint a little: non-local means of OpenCV, which work in Lab, by 4 levels at a noise
of sigma 0.15. Twice that is not its own."""


def find_swapped(case: Case) -> Finding | None:
    if not case.fits or case.output.shape[2] == 1 or case.reference.shape[2] == 1:
        return None
    output, reference = case.centre
    ours, theirs = (_red_less_blue(values) for values in (output, reference))
    power = float(np.mean(theirs**2))
    if power < COLOURED**2:
        return None
    slopes = in_blocks(ours * theirs) / power
    if slopes.mean() >= SWAPPED or sign(paired(slopes, SWAPPED)) >= 0:
        return None
    raw, swapped = (psnr(values, reference) for values in (output, output[..., ::-1]))
    sentence = (
        f"Red and blue are swapped (red - blue is {slopes.mean():.2f} times the {case.against} "
        f"picture's): {raw:.2f} dB as it is, {swapped:.2f} dB swapped back."
    )
    swap = Correction(SWAPPED_CHANNELS.key, "Swap red and blue", swap_red_and_blue)
    return Finding(SWAPPED_CHANNELS.key, sentence, corrections=(swap,))


def swap_red_and_blue(array: np.ndarray) -> np.ndarray:
    """(H, W, 3) with the channels in the opposite order."""
    return array[..., ::-1].copy()


def _red_less_blue(values: np.ndarray) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(values[..., 0].astype(np.float64) - values[..., 2], SMOOTH)


def find_tint(case: Case) -> Finding | None:
    if not case.fits or case.output.shape[2] == 1 or case.against != "clean":
        return None
    output, reference = case.centre
    if _colour(reference).max() > GREY:
        return None
    tints = output - output.mean(axis=2, keepdims=True)
    mean = tints.mean(axis=(0, 1))
    if np.ptp(mean) < TINT:
        return None
    strongest = int(np.abs(mean).argmax())
    if not sign(paired(in_blocks(tints[..., strongest]))):
        return None
    red, green, blue = (f"{255 * value:+.1f}" for value in mean)
    sentence = (
        "The clean picture is grey, the output tinted: red, green and blue lie "
        f"{red}, {green} and {blue} 8-bit levels off their mean."
    )
    away = Correction(TINT_ON_GREY.key, "Remove the tint", on_unit(lambda values: values - mean))
    severity = "wrong" if np.ptp(mean) >= STRONG else "note"
    return Finding(TINT_ON_GREY.key, sentence, severity, (away,))


def find_grey(case: Case) -> Finding | None:
    if case.against != "clean":
        return None
    output, reference = (middle(values)[0] for values in (case.values, case.read_reference))
    if _colour(output).max() > GREY:
        return None
    colour = float(np.sqrt(np.mean(_colour(reference) ** 2)))
    if colour < COLOURED:
        return None
    sentence = (
        f"The output is grey, the {case.against} picture in colour (channels differ by "
        f"{255 * colour:.0f} 8-bit levels): a network on luma?"
    )
    return Finding(GREY_OUTPUT.key, sentence, "note")


def _colour(values: np.ndarray) -> np.ndarray:
    """How far the channels of (H, W, C) lie apart, (H, W)."""
    return values.max(axis=2) - values.min(axis=2)


SWAPPED_CHANNELS = CheckSpec(
    key="swapped_channels",
    label="Red and blue",
    sentence="The channels are in the order red, green, blue, not blue, green, red.",
    find=find_swapped,
    silences=("tone_curve", "wrapped", "tint"),
)
TINT_ON_GREY = CheckSpec(
    key="tint",
    label="Tint",
    sentence="Where the clean picture is grey, so is the output.",
    find=find_tint,
)
GREY_OUTPUT = CheckSpec(
    key="grey_output",
    label="Grey",
    sentence="Where the clean picture has colour, so has the output.",
    find=find_grey,
)
