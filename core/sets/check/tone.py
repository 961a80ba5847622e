"""Tone curve: the output is the clean picture through a curve that somebody forgot to undo.

Gamma or sRGB's own curve, the limited range 16 to 235 of video, and a picture in [0, 1] treated as
if it were in [-1, 1], or the reverse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...imaging.srgb import from_linear, to_linear
from ...statistics import paired, sign
from ...statistics.clipped_normal import mean_of_clipped
from .case import Case, as_unit, in_blocks, psnr
from .spec import CheckSpec, Correction, Finding
from .storage import on_unit

CELL = 8
"""Pixels. Curves are compared on means of 8 x 8 pixels: noise and blur hardly change those."""
LEAST_SIDE = 4 * CELL
"""Pixels. Fewer than 4 x 4 cells do not tell a curve."""
LEAST = 3 / 255
"""Root mean square change of these means, of a curve worth telling: a gamma of 1.04 on mid grey.
A smaller one is as well a method that is a little too dark."""
LEFT = 0.25
"""The mean squared error that a curve may leave, as a part of the error without it: half of the
root mean square. What is left is the method's own."""
GAMMAS = np.exp(np.linspace(-np.log(4), np.log(4), 57))
"""Exponents that are tried first, 5 % apart: linear light is 2.2, its square 4.8 is black."""
MORE = 1.3
"""How much more than what is left of it the sigma of noise was before it was clipped, at most.
Clipped noise squeezes a picture towards grey without anybody's fault."""
ROUNDING = 1 / 255
BLACK, WHITE = 16 / 255, 235 / 255

Change = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Curve:
    """What became of clean values in [0, 1], and what brings them back; both give [0, 1].

    `undo` is None where too much is lost to bring anything back.
    """

    told: str
    label: str
    change: Change
    undo: Change | None


def _scaled(factor: float, offset: float, values: np.ndarray) -> np.ndarray:
    return np.clip(factor * values + offset, 0, 1)


def _line(told: str, label: str, factor: float, offset: float) -> Curve:
    change, undo = partial(_scaled, factor, offset), partial(_scaled, 1 / factor, -offset / factor)
    return Curve(told, label, change, undo)


def _power(exponent: float, values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 1) ** exponent


def _gamma(exponent: float) -> Curve:
    told = f"The output is about the {{against}} picture to the power of {exponent:.2f}"
    label = f"Undo the gamma of {exponent:.2f}"
    return Curve(told, label, partial(_power, exponent), partial(_power, 1 / exponent))


NAMED = (
    Curve(
        "The output is in linear light (a power of about 2.2), the {against} picture in sRGB",
        "Convert linear light to sRGB",
        to_linear,
        from_linear,
    ),
    Curve(
        "The output was converted to sRGB twice (a power of about 1 / 2.2)",
        "Convert sRGB to linear light",
        from_linear,
        to_linear,
    ),
    _line(
        "The output has the limited range 16 to 235 of video",
        "Stretch 16 to 235 to the full range",
        WHITE - BLACK,
        BLACK,
    ),
    _line(
        "The output was stretched from 16 to 235 although it had the full range",
        "Squeeze the full range to 16 to 235",
        1 / (WHITE - BLACK),
        -BLACK / (WHITE - BLACK),
    ),
    _line(
        "The output is (x + 1) / 2 of the {against} picture x: moved from [-1, 1] once too often",
        "Undo (x + 1) / 2",
        0.5,
        0.5,
    ),
    Curve(
        "The output is 2 x - 1 of the {against} picture x, its darker half lost: [-1, 1] stored "
        "as if it were [0, 1]",
        "",
        partial(_scaled, 2.0, -1.0),
        None,
    ),
)


def find(case: Case) -> Finding | None:
    if not case.fits or min(case.size) < LEAST_SIDE:
        return None
    curve = _explaining(*case.centre, max(MORE * _noise(case), ROUNDING))
    if curve is None:
        return None
    output, reference = case.centre
    told = f"{curve.told.format(against=case.against)}: {psnr(output, reference):.2f} dB as it is"
    if curve.undo is None:
        return Finding(TONE_CURVE.key, f"{told}.")
    undone = psnr(curve.undo(output), reference)
    undo = Correction(TONE_CURVE.key, curve.label, on_unit(curve.undo))
    return Finding(
        TONE_CURVE.key, f"{told}, {undone:.2f} dB with that undone.", corrections=(undo,)
    )


def _noise(case: Case) -> float:
    """The root mean square of noisy - clean, else of output - reference."""
    if case.against == "clean" and case.noisy is not None and case.noisy.shape == case.clean.shape:
        noisy, clean = (as_unit(array, whole=False) for array in (case.noisy, case.clean))
        return float(np.std(noisy - clean))
    return float(np.std(np.subtract(*case.centre)))


def _explaining(output: np.ndarray, reference: np.ndarray, most: float) -> Curve | None:
    """The curve that leaves the least error, if that is clearly less than without any.

    None as well where noise of a sigma up to `most`, clipped, explains the output best.
    """
    aim = _cells(output)
    none = (_cells(reference) - aim) ** 2
    if none.mean() < (LEAST / 1.5) ** 2:
        return None  # a curve as LEFT asks for would have changed less than LEAST
    cells = np.clip(_cells(reference), 0, 1)
    innocent = _noise_curve(cells, aim, most)
    curves = [*NAMED, _gamma(_exponent(cells, aim)), innocent]
    errors = [(_cells(curve.change(reference)) - aim) ** 2 for curve in curves]
    best = int(np.argmin([error.mean() for error in errors]))
    curve, left = curves[best], errors[best]
    change = (_cells(curve.change(reference)) - _cells(reference)) ** 2
    if curve is innocent or change.mean() < LEAST**2 or left.mean() > LEFT * none.mean():
        return None
    certain = sign(paired(in_blocks(none.mean(axis=2)), in_blocks(left.mean(axis=2)))) > 0
    return curve if certain else None


def _noise_curve(cells: np.ndarray, aim: np.ndarray, most: float) -> Curve:
    """What clipped noise makes of the reference's cells, of the sigma up to `most` that fits."""
    sigmas = most * np.linspace(0.1, 1, 10)
    best = min(sigmas, key=lambda sigma: np.mean((mean_of_clipped(cells, sigma) - aim) ** 2))
    return Curve("", "", partial(mean_of_clipped, sigma=best), None)


def _exponent(reference: np.ndarray, aim: np.ndarray) -> float:
    """The exponent in [1/4, 4] that brings the reference nearest to the output."""
    from scipy.optimize import minimize_scalar

    def error(logarithm: float) -> float:
        return float(np.mean((reference ** np.exp(logarithm) - aim) ** 2))

    start = min(np.log(GAMMAS), key=error)
    step = np.log(GAMMAS[1] / GAMMAS[0])
    found = minimize_scalar(error, bounds=(start - step, start + step), method="bounded")
    return float(np.exp(found.x))


def _cells(values: np.ndarray) -> np.ndarray:
    """Means of 8 x 8 pixels of (H, W, C); incomplete cells are left out."""
    height, width = (side // CELL * CELL for side in values.shape[:2])
    parts = values[:height, :width].reshape(height // CELL, CELL, width // CELL, CELL, -1)
    return parts.mean(axis=(1, 3), dtype=np.float64)


TONE_CURVE = CheckSpec(
    key="tone_curve",
    label="Tone curve",
    sentence="Brightness is that of the clean picture: no gamma, no range of 16 to 235 between.",
    find=find,
    silences=("clipped",),
)
