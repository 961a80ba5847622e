"""Blur: steps between neighbours that the output lost, and a measure without a clean image."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..imaging.spectrum import luma
from ..metrics.blur import H_SIZE
from .spec import LEVELS, ArtifactSpec, tiled


def gradient(image: Tensor) -> Tensor:
    """Root mean square of the luma's steps to the right and down in each tile, 8-bit levels.

    `(3, H, W)` in [0, 1] -> `(rows, columns)`; a step counts where both its pixels are inside.
    """
    tiles = tiled(luma(image[None])[0])
    across = tiles.diff(dim=3).square().mean(dim=(2, 3))
    down = tiles.diff(dim=2).square().mean(dim=(2, 3))
    return LEVELS * (across + down).sqrt()


def lost_gradient(output: Tensor, clean: Tensor) -> Tensor:
    """The clean image's `gradient` minus the output's; negative where the output is rougher."""
    return gradient(clean) - gradient(output)


def blur_effect(output: Tensor, clean: Tensor | None = None) -> Tensor:
    """Crete's blur effect of each tile, `(3, H, W)` -> `(rows, columns)` in [0, 1]; no reference.

    As scikit-image's `blur_effect` gives it for the luma, with two differences: the filters run
    over the whole picture, so that a tile has no border of its own, and every pixel of the tile
    counts, where scikit-image leaves out the outermost ones.
    """
    plane = luma(output[None])[0].cpu().numpy()
    shares = [_kept_share(plane, axis) for axis in range(2)]
    return torch.stack(shares).amax(dim=0).to(output.device)


def _kept_share(plane: np.ndarray, axis: int) -> Tensor:
    """Share of each tile's edges across an axis that a further blur leaves: `(rows, columns)`."""
    from scipy.ndimage import uniform_filter1d
    from skimage.filters import sobel

    pair = (plane, uniform_filter1d(plane, H_SIZE, axis=axis))
    # Flat parts keep a trace of both, or they would be 0 / 0 instead of wholly blurred.
    sharp, again = (np.maximum(np.abs(sobel(p, axis=axis)), np.spacing(1.0)) for p in pair)
    total, kept = (
        tiled(torch.from_numpy(p)).sum(dim=(2, 3)) for p in (sharp, np.minimum(sharp, again))
    )
    return kept / total


BLUR = ArtifactSpec(
    key="blur",
    label="Blur against clean",
    group="blur",
    unit="levels",
    sentence=(
        "How much smaller the steps between neighbouring pixels are than in the clean image, "
        "root mean square over 32-pixel tiles, in 8-bit levels. Positive: detail was smoothed "
        "away. Negative: rougher than clean, by noise, a grid or sharpening."
    ),
    needs_reference=True,
    signed=True,
    function=lost_gradient,
)

BLUR_EFFECT = ArtifactSpec(
    key="blur_effect",
    label="Blur effect",
    group="blur",
    unit="",
    sentence=(
        "How much of each tile's edges a further blur would leave: 0 is sharp, 1 flat. Needs no "
        "clean image, so a smooth surface reads high even where nothing was lost: compare the "
        "variants at one place."
    ),
    needs_reference=False,
    signed=False,
    function=blur_effect,
    floor=0.01,
)
