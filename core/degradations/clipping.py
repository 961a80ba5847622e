"""What clipping noise to [0, 1] does to a picture: dark values become lighter, bright ones darker.

Noise that a file holds is clipped, as the noise of published numbers often is not. Where a picture
is dark, half of the noise is cut off, and what is left has a mean: a bias that no average takes
away, and a smaller error, so that PSNR reads higher. Both are worked out here, not measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..statistics.clipped_normal import mean_of_clipped, squared_error_of_clipped
from .expression import Degradation
from .parameters import CLIP

if TYPE_CHECKING:
    from torch import Tensor

SIGMA = "sigma"
SHARE = 0.1
"""The darkest and the brightest tenth of a picture's values are spoken of."""
LEVELS = 255.0
LEAST = 1.0
"""8-bit levels of bias from which it is spoken of."""
FAINTEST = 1e-3
"""8-bit levels of sigma below which nobody can tell the noise from none."""
STEPS = 1020
"""Values are counted in quarters of an 8-bit level, whole levels exactly."""


@dataclass(frozen=True)
class Clipping:
    """What clipping does to one picture.

    `dark` and `bright` are the mean bias in its darkest and brightest tenth, in 8-bit levels;
    `psnr` is what a noisy picture has on average, and `unclipped` what it would have, in dB.
    """

    dark: float
    bright: float
    psnr: float
    unclipped: float

    @property
    def sentence(self) -> str:
        """What a person should know of it; empty where the bias is below a level."""
        tenths = {"darkest": self.dark, "brightest": self.bright}
        told = [
            f"the {which} tenth of the picture by {bias:+.1f} levels"
            for which, bias in tenths.items()
            if abs(bias) >= LEAST
        ]
        if not told:
            return ""
        return (
            f"Clipping the noise to [0, 1] moves, on average, {' and '.join(told)}, and the noisy "
            f"picture’s PSNR from {self.unclipped:.2f} to {self.psnr:.2f} dB."
        )


def clipping(degradation: Degradation, clean: Tensor) -> Clipping | None:
    """What clipping does to a clean image `(3, H, W)`; None where nothing is clipped."""
    sigma = degradation.parameters.get(SIGMA, 0.0)
    if not degradation.parameters.get(CLIP.name) or LEVELS * sigma < FAINTEST:
        return None
    values, counts = _counted(degradation.operator(clean[None]).cpu().numpy())
    bias = LEVELS * (mean_of_clipped(values, sigma) - values)
    error = np.average(squared_error_of_clipped(values, sigma), weights=counts)
    return Clipping(
        _mean_of_first(bias, counts),
        _mean_of_first(bias[::-1], counts[::-1]),
        -10 * math.log10(error),
        -20 * math.log10(sigma),
    )


def _counted(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values of an image from dark to bright, and how often each comes."""
    steps = np.rint(image.clip(0, 1) * STEPS).astype(np.intp)
    counts = np.bincount(steps.ravel(), minlength=STEPS + 1)
    return np.arange(STEPS + 1) / STEPS, counts


def _mean_of_first(values: np.ndarray, counts: np.ndarray) -> float:
    """The mean over the first tenth."""
    left = SHARE * counts.sum()
    taken = np.diff(np.minimum(np.cumsum(counts), left), prepend=0)
    return float(np.average(values, weights=taken))
