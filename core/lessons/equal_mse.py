"""Equal mean squared error, different look: distortions made as strong as one MSE allows.

After Wang, Bovik, Sheikh and Simoncelli 2004, "Image quality assessment: from error visibility to
structural similarity", IEEE Transactions on Image Processing 13, figure 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ..base.sharing import sharing
from ..base.table import Table
from ..degradations.noise import unit_noise
from ..imaging.images import clipped
from ..metrics import METRICS
from ..metrics.gaussian import gaussian_blur
from ..metrics.mse import mse as mean_squared_error
from .blind_spots import checker

TOLERANCE = 1e-4
"""Relative error of the MSE that a search for a strength may leave."""

FIRST = 0.05  # pixels: where a search for a strength starts
SEED = 0
LEVELS = 255.0


@dataclass(frozen=True)
class DistortionSpec:
    """A distortion as it stands in the table `DISTORTIONS`.

    Calling it takes images `(N, 3, H, W)` in [0, 1] and a strength above 0, and gives images of
    the same shape, not clipped. `format` writes the strength with its unit; `scale` brings it to
    that of `axis`, and `sweep` is where a sweep of strengths ends. `most` is the greatest strength
    to try; None says that strength multiplies one pattern that is added, so that every MSE can be
    reached and grows with the strength's square.
    """

    key: str
    label: str
    sentence: str
    function: Callable[[Tensor, float], Tensor]
    format: Callable[[float], str]
    axis: str
    sweep: float
    scale: float = 1.0
    most: float | None = None

    def __call__(self, images: Tensor, strength: float) -> Tensor:
        return self.function(images, strength)


def add_noise(images: Tensor, sigma: float) -> Tensor:
    """Add Gaussian noise of standard deviation `sigma`, the same for the same image."""
    return images + sigma * unit_noise(images, SEED)


def shift(images: Tensor, pixels: float) -> Tensor:
    """Move images to the right by a fraction of a pixel, in a circle.

    By the phases of the Fourier transform: every frequency moves as far and keeps its amplitude,
    where linear interpolation would blur as well. (Only period 2 across, of an even width, cannot
    move by a fraction: it fades.)
    """
    width = images.shape[-1]
    turns = pixels * torch.fft.rfftfreq(width, device=images.device, dtype=images.dtype)
    phases = torch.polar(torch.ones_like(turns), -2 * torch.pi * turns)
    return torch.fft.irfft(torch.fft.rfft(images) * phases, n=width)


DISTORTIONS = Table(
    "distortion",
    DistortionSpec(
        "blur",
        "Blur",
        "A Gaussian takes the fine grain away and adds nothing.",
        gaussian_blur,
        lambda sigma: f"sigma {sigma:.2f} px",
        "Sigma, px",
        sweep=3.0,
        most=16.0,
    ),
    DistortionSpec(
        "noise",
        "Noise",
        "Independent Gaussian noise on every pixel and channel.",
        add_noise,
        lambda sigma: f"sigma {LEVELS * sigma:.1f} levels",
        "Sigma, levels",
        sweep=40 / LEVELS,
        scale=LEVELS,
    ),
    DistortionSpec(
        "shift",
        "Shift",
        "All of it lies a little further right; nothing else changed.",
        shift,
        lambda pixels: f"{pixels:.2f} px",
        "Shift, px",
        sweep=4.0,
        most=16.0,
    ),
    DistortionSpec(
        "grid",
        "Grid",
        "A chessboard of period 2, as upsampling by transposed convolutions draws it.",
        lambda images, size: images + size * checker(*images.shape[-2:]).to(images),
        lambda size: f"±{LEVELS * size:.1f} levels",
        "± levels",
        sweep=40 / LEVELS,
        scale=LEVELS,
    ),
    DistortionSpec(
        "brightness",
        "Brightness",
        "Every value is greater by the same amount.",
        lambda images, offset: images + offset,
        lambda offset: f"+{LEVELS * offset:.1f} levels",
        "+ levels",
        sweep=40 / LEVELS,
        scale=LEVELS,
    ),
)


@dataclass(frozen=True)
class Distorted:
    """A clean image `(3, H, W)` distorted to a wanted MSE, not clipped; `mse` is what it has."""

    image: Tensor
    strength: float
    mse: float

    @property
    def clipped(self) -> float:
        """The share of values outside [0, 1], which a screen cannot show."""
        return float(((self.image < 0) | (self.image > 1)).float().mean())


def equal_mse(key: str, clean: Tensor, mse: float) -> Distorted:
    """`clean` `(3, H, W)` under the distortion `key`, as strong as makes the wanted MSE (> 0).

    Raises `ValueError` for an unknown distortion, and with the numbers for an MSE that it cannot
    reach on this image.
    """
    spec, target = DISTORTIONS[key], clean[None]
    strength = strength_for(spec, target, mse)
    output = spec(target, strength)
    return Distorted(output[0], strength, _mse(output, target))


def metrics_of(image: Tensor, clean: Tensor) -> dict[str, float]:
    """Every metric of two images, the first clipped to [0, 1] as on a screen; both `(3, H, W)`.

    NaN where a metric is undefined or absent. Raises `ValueError` for an image that is too small
    for one.
    """
    shown, target = clipped(image)[None], clean[None]
    with sharing(shown, target):
        return {
            metric.key: math.nan if metric.absent() else float(metric(shown, target))
            for metric in METRICS.values()
            if not metric.needs_measurement
        }


def strength_for(spec: DistortionSpec, clean: Tensor, mse: float) -> float:
    """The strength that gives `clean`, `(1, 3, H, W)`, the wanted MSE. Raises as `equal_mse`."""
    if not mse > 0:
        raise ValueError(f"The common MSE is {mse:g}; it must be above 0.")
    if spec.most is None:
        return (mse / _mse(spec(clean, 1.0), clean)) ** 0.5
    from scipy.optimize import brentq  # takes a while, and one page uses it

    def off(strength: float) -> float:
        reached = _mse(spec(clean, strength), clean) if strength else 0.0
        # The root is looked for in strengths; the tolerance is one of the MSE.
        return 0.0 if abs(reached - mse) <= TOLERANCE * mse else reached - mse

    return brentq(off, *_bracket(spec, clean, mse), rtol=TOLERANCE**2)


def _bracket(spec: DistortionSpec, clean: Tensor, mse: float) -> tuple[float, float]:
    """Two strengths between which the MSE passes the wanted one: the smallest such doubling.

    Not the whole range at once: the MSE of a shift falls again where a pattern repeats.
    """
    weak, strong, greatest = 0.0, FIRST, 0.0
    while (reached := _mse(spec(clean, strong), clean)) < mse:
        greatest = max(greatest, reached)
        if strong >= spec.most:
            raise ValueError(
                f"{spec.label} cannot reach an MSE of {mse:.5f} on this picture: of the strengths "
                f"tried, up to {spec.format(spec.most)}, the most it gave is {greatest:.5f}."
            )
        weak, strong = strong, min(2 * strong, spec.most)
    return weak, strong


def _mse(output: Tensor, clean: Tensor) -> float:
    return float(mean_squared_error(output, clean))
