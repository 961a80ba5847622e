"""What is good to know of a picture without being wrong: clipped values, depth, noise level."""

from __future__ import annotations

import numpy as np

from .case import Case, as_unit
from .spec import CheckSpec, Finding
from .storage import storage_of, written

CLIPPED = 0.01
"""The least share of values at black or white, beyond the clean picture's own, that is told."""
LEVEL = 0.01
"""Of an 8-bit level. What differs less from one comes from the conversion to floats."""
NOISE = 0.5 / 255
"""Less than half an 8-bit level is rounding."""


def find_clipped(case: Case) -> Finding | None:
    black, white = _at_the_ends(case.values)
    share, own, beside = black + white, 0.0, ""
    if case.against is not None:
        own = sum(_at_the_ends(case.read_reference))
        beside = f"; of the {case.against} picture {100 * own:.1f} %"
    if share - own < CLIPPED:
        return None
    sentence = (
        f"{100 * share:.1f} % of the values are clipped ({100 * black:.1f} % black, "
        f"{100 * white:.1f} % white){beside}."
    )
    return Finding(CLIPPED_SHARE.key, sentence, "note")


def _at_the_ends(values: np.ndarray) -> tuple[float, float]:
    return float(np.mean(values <= 0)), float(np.mean(values >= 1))


def find_depth(case: Case) -> Finding | None:
    if case.output.dtype == np.uint8:
        return None
    levels = case.values * 255
    share = float(np.mean(np.abs(levels - np.rint(levels)) > LEVEL))
    if not share:
        return None
    off = case.values - written(case.values, np.dtype(np.uint8)).astype(np.float32) / 255
    sentence = (
        f"The values are {case.output.dtype}, not 8-bit: {100 * share:.0f} % lie between two "
        f"8-bit levels, and rounding adds an error of {255 * np.sqrt(np.mean(off**2)):.2f} levels."
    )
    return Finding(DEPTH.key, sentence, "note")


def find_noise(case: Case) -> Finding | None:
    from ...models.classical.noise_level import noise_level

    name, noisy = ("noisy picture", case.noisy)
    if noisy is None and case.clean is None:
        name, noisy = ("picture", case.output)
    if noisy is None:
        return None
    if storage_of(noisy) is None:
        return None
    values = as_unit(noisy, whole=False)
    sigma = noise_level(values)
    if sigma < NOISE:
        return None
    sentence = f"The {name}'s noise is estimated as sigma {sigma:.3f}, {255 * sigma:.1f} / 255"
    if case.clean is not None and noisy.shape == case.clean.shape:
        error = np.std(values - as_unit(case.clean, whole=False))
        sentence += f"; against the clean picture it is {255 * error:.1f} / 255"
    return Finding(NOISE_LEVEL.key, f"{sentence}.", "note")


CLIPPED_SHARE = CheckSpec(
    key="clipped",
    label="Clipped",
    sentence="How many values are black or white to the end, beyond the clean picture's own.",
    find=find_clipped,
)
DEPTH = CheckSpec(
    key="depth",
    label="Depth",
    sentence="Whether values are 8-bit levels; papers measure after rounding to them.",
    find=find_depth,
)
NOISE_LEVEL = CheckSpec(
    key="noise_level",
    label="Noise",
    sentence="How strong the noise of the noisy picture is, by wavelets (Donoho and Johnstone).",
    find=find_noise,
)
