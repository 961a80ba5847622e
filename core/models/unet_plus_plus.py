"""The U-Net with nested skips: features go up from every level, not from the deepest alone.

"Vision Transformers and Loss Design" (UNetPP); after Zhou et al., "UNet++: A Nested U-Net
Architecture for Medical Image Segmentation" (2018).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import block, check_width, in_full_precision, pad_to_multiple

MULTIPLE = 4  # two poolings by 2


def _raised(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)


class UNetPlusPlus(nn.Module):
    """Three levels with nested skips; `(N, 3, H, W)` -> `(N, 3, H, W)`, any sides.

    Levels have `width`, 2 and 4 `width` channels. A block named `nested_LJ` is the paper's
    X^{L, J}: on level L, from all J blocks before it there and the last one a level below,
    raised bilinearly. Raises `ValueError` for a width outside 1 to 512.
    """

    def __init__(self, *, width: int = 20) -> None:
        super().__init__()
        check_width(width)
        one, two, four = width, 2 * width, 4 * width
        self.down = nn.ModuleList([block(3, one), block(one, two), block(two, four)])
        self.nested_01 = block(one + two, one)
        self.nested_11 = block(two + four, two)
        self.nested_02 = block(2 * one + two, one)
        self.head = nn.Conv2d(one, 3, kernel_size=1)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        x00 = self.down[0](pad_to_multiple(images, MULTIPLE))
        x10 = self.down[1](F.max_pool2d(x00, 2))
        x20 = self.down[2](F.max_pool2d(x10, 2))
        x01 = self.nested_01(torch.cat([x00, _raised(x10)], dim=1))
        x11 = self.nested_11(torch.cat([x10, _raised(x20)], dim=1))
        x02 = self.nested_02(torch.cat([x00, x01, _raised(x11)], dim=1))
        return in_full_precision(self.head, x02)[..., :height, :width]


UNET_PLUS_PLUS = ModelSpec(
    key="unet_plus_plus",
    label="U-Net++",
    short="U-Net++",
    sentence="A U-Net whose skips are nested; it upsamples bilinearly, which draws no grid.",
    reference="Vision Transformers and Loss Design",
    build=UNetPlusPlus,
    defaults={"width": 20},
    halo=25,
    lattice=MULTIPLE,
)
