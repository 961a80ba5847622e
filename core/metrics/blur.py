"""Blur without a reference: how little the image changes when it is blurred again.

Reference: Crete, Dolmiere, Ladret and Nicolas 2007, "The blur effect: perception and estimation
with a new no-reference perceptual blur metric", Proc. SPIE 6492.
"""

from __future__ import annotations

from torch import Tensor

from ..imaging.spectrum import luma
from .spec import MetricSpec

H_SIZE = 11
"""Length of the mean filter that blurs again; values at another length do not compare."""


def blur(images: Tensor) -> Tensor:
    """Blur effect of the luma, `(N, 3, H, W)` in [0, 1] -> `(N,)` in [0, 1]; 1 for a flat image.

    The worse of the two axes, as scikit-image's `blur_effect` gives it.
    """
    from skimage.measure import blur_effect

    planes = luma(images).cpu().numpy()
    return images.new_tensor([float(blur_effect(plane, h_size=H_SIZE)) for plane in planes])


BLUR = MetricSpec(
    key="blur",
    label="Blur",
    unit="",
    low=0.0,
    high=1.0,
    direction="lower",
    needs_reference=False,
    decimals=3,
    why=(
        "Needs no clean image, and its Sobel filter does not see a grid of period 2. "
        "The variance of the Laplacian does, and calls a checkerboard sharp. "
        "Noise lowers it: compare restorations of one picture."
    ),
    reference="Crete, Dolmiere, Ladret and Nicolas 2007; scikit-image's blur_effect, h_size 11",
    function=blur,
    min_side=H_SIZE,
)
