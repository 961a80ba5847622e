"""Pictures, what a denoiser makes of them, and faults to plant into that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np

from core.imaging.gallery import GALLERY

SIDE = 144
PICTURES = ("astronaut", "chelsea")
"""In colour: an exchange of red and blue must show."""
SIGMA = 0.1


@cache
def clean(name: str) -> np.ndarray:
    picture = GALLERY[name]()
    top, left = ((side - SIDE) // 2 for side in picture.shape[:2])
    return picture[top : top + SIDE, left : left + SIDE]


@cache
def noisy(name: str, sigma: float = SIGMA) -> np.ndarray:
    noise = sigma * np.random.default_rng(0).standard_normal((SIDE, SIDE, 3))
    return bytes_of(clean(name) / 255 + noise)


@cache
def denoised(name: str) -> np.ndarray:
    """A plain output: nothing is wrong with it, and it is not perfect."""
    return cv2.bilateralFilter(noisy(name), 7, 60, 60)


def bytes_of(values: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def psnr(output: np.ndarray, reference: np.ndarray) -> float:
    """Of 8-bit arrays, or of floats in [0, 1]."""
    these, those = (a / 255 if a.dtype == np.uint8 else a for a in (output, reference))
    return float(-10 * np.log10(np.mean((np.clip(these, 0, 1) - those) ** 2)))


@dataclass(frozen=True)
class Fault:
    """What it does to an output, and the key and the numbers that the card must give."""

    plant: Callable[[np.ndarray], np.ndarray]
    key: str
    numbers: tuple[str, ...] = ()
    severity: str = "wrong"
    grey: bool = False
    choice: int = 0
    lost: float = field(default=0.1)
    """How much of the output's PSNR, in dB, the correction may leave away."""


def _rolled(right: int, down: int, output: np.ndarray) -> np.ndarray:
    """What a crop that starts elsewhere gives, up to the border."""
    height, width = output.shape[:2]
    padded = np.pad(output, ((8, 8), (8, 8), (0, 0)), mode="reflect")
    return padded[8 - down : 8 - down + height, 8 - right : 8 - right + width]


def _half_a_pixel(output: np.ndarray) -> np.ndarray:
    """As a bilinear resize that counts from corners gives: the mean of two neighbours."""
    return bytes_of((output / 255 + _rolled(1, 0, output) / 255) / 2)


def _wrapped(output: np.ndarray) -> np.ndarray:
    """Noise of 12 levels, kept only where it runs over an end and goes on at the other."""
    noise = 12 * np.random.default_rng(1).standard_normal(output.shape)
    moved = np.rint(output + noise).astype(int)
    return np.where((moved < 0) | (moved > 255), moved % 256, output).astype(np.uint8)


def _not_numbers(output: np.ndarray) -> np.ndarray:
    values = (output / 255).astype(np.float32)
    values[10:15, 20:24, 1] = np.nan
    values[100, 100:103] = np.inf
    return values


def _overshooting(output: np.ndarray) -> np.ndarray:
    values = (output / 255).astype(np.float32)
    values[values <= np.quantile(values, 0.01)] = -0.04
    return values


def _bordered(output: np.ndarray) -> np.ndarray:
    output = output.copy()
    output[:2], output[:, -1:] = 0, 90
    return output


def _to_linear(output: np.ndarray) -> np.ndarray:
    values = output / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _power(exponent: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda output: bytes_of((output / 255) ** exponent)


def _line(factor: float, offset: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda output: bytes_of(factor * output / 255 + offset)


def _shift(right: int, down: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda output: _rolled(right, down, output)


MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])

FAULTS = {
    "two rows and a column too few": Fault(
        lambda output: output[:-2, :-1], "size", ("143 x 142", "144 x 144")
    ),
    "four pixels too many around": Fault(
        lambda output: np.pad(output, ((4, 4), (4, 4), (0, 0))), "size", ("152 x 152",), choice=2
    ),
    "not numbers": Fault(
        _not_numbers, "not_finite", ("20 values are NaN", "9 infinite"), lost=0.2
    ),
    "stored as [-1, 1]": Fault(
        lambda output: (output / 127.5 - 1).astype(np.float32), "range", (r"\[-1, 1\]",)
    ),
    "floats to 255": Fault(
        lambda output: output.astype(np.float32), "range", (r"\[0, 255\]", r"\[0, 1\]")
    ),
    "ImageNet's normalisation": Fault(
        lambda output: ((output / 255 - MEAN) / DEVIATION).astype(np.float32),
        "range",
        ("ImageNet",),
    ),
    "8 bits in a 16-bit file": Fault(
        lambda output: output.astype(np.uint16), "range", (r"\[0, 255\]", r"\[0, 65535\]")
    ),
    "slightly outside": Fault(_overshooting, "range", ("[12][.0-9]* %", "-0.04"), "note"),
    "stored without times 255": Fault(
        lambda output: (output / 255 >= 0.9).astype(np.uint8), "empty", ("0 and 1",)
    ),
    "shifted by 1 to the right": Fault(_shift(1, 0), "shift", (r"\(1, 0\)",)),
    "shifted by 3 to the left and 2 down": Fault(
        _shift(-3, 2), "shift", (r"\(-3, 2\)",), lost=0.8
    ),
    "shifted by half a pixel": Fault(_half_a_pixel, "shift", (r"\(0\.[456], 0\)",), lost=0.7),
    "blue, green, red": Fault(
        lambda output: output[..., ::-1], "swapped_channels", (r"-[01]\.\d\d",)
    ),
    "gamma 2.2": Fault(_power(2.2), "tone_curve", (r"power of (about )?2\.[12]",), lost=0.4),
    "gamma 1 / 1.8": Fault(_power(1 / 1.8), "tone_curve", ("power of 0.5[4-7]",)),
    "linear light": Fault(
        lambda output: bytes_of(_to_linear(output)),
        "tone_curve",
        (r"power of (about )?2\.[12]",),
        lost=0.4,
    ),
    "squeezed into 16 to 235": Fault(_line(219 / 255, 16 / 255), "tone_curve", ("16 to 235",)),
    "stretched from 16 to 235": Fault(
        _line(255 / 219, -16 / 219), "tone_curve", ("stretched from 16 to 235",), lost=0.8
    ),
    "(x + 1) / 2": Fault(_line(0.5, 0.5), "tone_curve", (r"\(x \+ 1\) / 2",)),
    "2 x - 1": Fault(_line(2.0, -1.0), "tone_curve", ("2 x - 1",), lost=20),
    "wrapped": Fault(_wrapped, "wrapped", ("from 255 on to 0", "from 0 on to 255"), lost=0.4),
    "tinted": Fault(
        lambda output: bytes_of(output / 255 + np.array([6, 0, -6]) / 255),
        "tint",
        (r"\+[56]\.\d", r"-[56]\.\d"),
        grey=True,
    ),
    "black rows and a constant column": Fault(
        _bordered, "border", ("2 black rows at the top", "1 constant column at the right")
    ),
    "one value": Fault(lambda output: np.full_like(output, 128), "empty", ("128",)),
    "one channel": Fault(
        lambda output: cv2.cvtColor(output, cv2.COLOR_RGB2GRAY), "grey_output", (), "note"
    ),
    "between the levels": Fault(
        lambda output: (output / 255 * 0.999).astype(np.float32), "depth", ("float32",), "note"
    ),
}
