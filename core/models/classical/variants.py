"""The variants that need no weights: methods with their settings, as the pickers offer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product

from ...base.table import Table
from .gaussian_blur import GAUSSIAN_BLUR, KERNELS, SIGMAS
from .non_local_means import NON_LOCAL_MEANS
from .total_variation import TOTAL_VARIATION
from .wavelet_shrinkage import WAVELET_SHRINKAGE

ESTIMATED = "the noise level is estimated from the image"


@dataclass(frozen=True)
class ClassicalVariant:
    """A method as it stands in the table `CLASSICAL`: `key` is the variant's name.

    `model` is a key of `MODELS`, `arguments` are its own; `sentence` says what it does and what
    to look for.
    """

    key: str
    label: str
    sentence: str
    model: str
    arguments: Mapping[str, float] = field(default_factory=dict)


def _blur(kernel: int, sigma: int) -> ClassicalVariant:
    return ClassicalVariant(
        key=f"blur-k{kernel}-s{sigma}",
        label=f"{GAUSSIAN_BLUR.label} {kernel} × {kernel}, σ {sigma or 'auto'}",
        sentence="Averages neighbours, the nearer the more, without training. Look for edges "
        "that soften as fast as the noise.",
        model=GAUSSIAN_BLUR.key,
        arguments={"kernel": kernel, "sigma": sigma},
    )


CLASSICAL = Table(
    "classical variant",
    *(_blur(kernel, sigma) for kernel, sigma in product(KERNELS, SIGMAS)),
    ClassicalVariant(
        "non-local-means",
        NON_LOCAL_MEANS.label,
        f"Averages pixels whose surroundings look alike, without training; {ESTIMATED}. Look for "
        "texture that went with the noise, and noise that stays where nothing looks alike.",
        NON_LOCAL_MEANS.key,
    ),
    ClassicalVariant(
        "total-variation",
        TOTAL_VARIATION.label,
        f"Finds the nearest picture with few changes, without training; {ESTIMATED}. Look for "
        "flat patches with staircases between them, and for texture that is gone.",
        TOTAL_VARIATION.key,
    ),
    ClassicalVariant(
        "wavelet",
        WAVELET_SHRINKAGE.label,
        f"Shrinks wavelet coefficients and drops small ones, without training; {ESTIMATED}. Look "
        "for squares and stripes, the shapes of the wavelets that are left.",
        WAVELET_SHRINKAGE.key,
    ),
)
