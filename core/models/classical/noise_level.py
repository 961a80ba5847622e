"""What the classical denoisers share: images one by one, each with the noise level it shows.

Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage" (1994), section 4.2, as
scikit-image has it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

LEAST = 1e-4  # a fortieth of an 8-bit level: there is nothing to remove

Denoise = Callable[[np.ndarray, float], np.ndarray]


def noise_level(image: np.ndarray) -> float:
    """The standard deviation of the noise in `(H, W, 3)`, in the image's own units.

    From the median of the finest diagonal wavelet details, the mean over the channels that vary;
    0 where none does. Noise that was clipped reads lower than it was.
    """
    from skimage.restoration import estimate_sigma

    varying = image[..., np.ptp(image, axis=(0, 1)) > 0]
    if not varying.size:
        return 0.0
    sigma = estimate_sigma(varying, average_sigmas=True, channel_axis=-1)
    return float(np.nan_to_num(sigma))  # all details zero: nothing to take a median of


def each_denoised(images: Tensor, denoise: Denoise) -> Tensor:
    """`(N, 3, H, W)` -> the same; `denoise` gets `(H, W, 3)` and its noise level, above 0."""
    outputs = []
    for image in images.detach().cpu():
        array = image.movedim(0, -1).contiguous().numpy()
        sigma = noise_level(array)
        outputs.append(denoise(array, sigma) if sigma > LEAST else array)
    return torch.from_numpy(np.stack(outputs)).movedim(-1, 1).to(images)
