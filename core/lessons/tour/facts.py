"""What the tour says of a picture, measured: every number in its sentences comes from here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ...artifacts import Observed, flat_field, observe, telling_view
from ...imaging.images import Region
from ...imaging.spectrum import lattice_points, log_spectrum, luma
from ...losses import LOSSES
from ...metrics import METRICS
from ...metrics.checkerboard import high_pass
from ..phase import exchanged
from .panels import AMPLIFIED, NOISY
from .stripes import Stripes, stripes_of

PERIOD = 2
"""Pixels: the grid that transposed convolutions of stride 2 draw."""
GREYS = (0.35, 0.5, 0.65)


@dataclass(frozen=True)
class Told:
    """What is said of one picture beside the clean one.

    `psnr` in dB; `observed` its detail and its grids; `peak` by how many dB its spectrum lies
    above the clean one's where a grid of 2 px shows; `magnitudes` its loss on Fourier magnitudes;
    `stripes` what is woven along its rows or columns.
    """

    psnr: float = math.nan
    observed: Observed = field(default_factory=Observed)
    peak: float = math.nan
    magnitudes: float = math.nan
    stripes: Stripes = Stripes()


@dataclass(frozen=True)
class Facts:
    """All that the tour says of a picture, by role, "noisy" among them.

    `place` is where the outputs differ most, None where they hardly do. `scattered` is the
    picture with the clean one's magnitudes and the phases of white noise, `(3, H, W)`. `flat` has
    the grid that a role's network draws on plain grey, in 8-bit levels; `error_correlation` how an
    attention map of the first network goes with its error, `flipped_correlation` how it does with
    the other sign. All may come later.
    """

    told: Mapping[str, Told]
    place: Region | None
    scattered: Tensor
    of_scattered: Told
    flat: Mapping[str, float] = field(default_factory=dict)
    error_correlation: float = math.nan
    flipped_correlation: float = math.nan

    def __getitem__(self, role: str) -> Told:
        return self.told.get(role, Told())


def measure(clean: Tensor, noisy: Tensor, outputs: Mapping[str, Tensor]) -> Facts:
    """Measure the tour's pictures, `(3, H, W)` in [0, 1] each; `outputs` by role.

    What a picture is too small for is NaN, or a grid that is not there.
    """
    looks = len(outputs)
    told = {
        role: told_of(image, clean, looks) for role, image in {NOISY: noisy, **outputs}.items()
    }
    noise = torch.rand(clean.shape[-2:], generator=torch.Generator().manual_seed(0))
    scattered = exchanged(clean, noise.expand(3, -1, -1))  # one noise for all: colours stay
    return Facts(
        told=told,
        place=telling_view(outputs, clean),
        scattered=scattered,
        of_scattered=told_of(scattered, clean, looks),
    )


def told_of(image: Tensor, clean: Tensor, looks: int) -> Told:
    """What is said of one of `looks` pictures."""
    batch, reference = image.clamp(0.0, 1.0)[None], clean[None]
    return Told(
        METRICS["psnr"](batch, reference).item(),
        observe(batch[0], clean, looks=looks),
        lattice_peak(batch[0], clean),
        LOSSES["frequency"](batch, reference).item(),
        stripes_of(batch[0], clean),
    )


def lattice_peak(image: Tensor, clean: Tensor) -> float:
    """By how many dB an image's spectrum lies above the clean one's where a grid of 2 px shows.

    `(3, H, W)` each. The most of the three frequencies at 1/2 cycle per pixel along x, y or both,
    of the luma under a Hann window.
    """
    height, width = image.shape[-2:]
    above, below = (log_spectrum(luma(one[None]))[0] for one in (image, clean))
    points = lattice_points(PERIOD, width, height)
    return max(float(above[y, x] - below[y, x]) for x, y in points)


def flat_grid(model: nn.Module) -> float:
    """Level of the strongest grid that a network draws on three flat greys, in 8-bit levels.

    Of every period that `flat_field` measures.
    """
    return max(float(levels.max()) for levels in flat_field(model, GREYS).levels.values())


@torch.inference_mode()
def grey_picture(model: nn.Module, size: tuple[int, int]) -> Tensor:
    """What a network makes of plain grey, `(3, H, W)` in [0, 1] of `size` (H, W), amplified.

    Its luma without shading, `AMPLIFIED` around a middle grey, and clipped.
    """
    grey = torch.full((1, 3, *size), 0.5)
    drawn = high_pass(luma(model.eval()(grey)))
    return (0.5 + AMPLIFIED * drawn).clamp(0.0, 1.0).expand(3, -1, -1)
