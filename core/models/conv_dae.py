"""The convolutional autoencoder of the series: everything passes a grid of an eighth, no skips.

The articles before part 3 ("Denoising autoencoders, Part 3"): 3-64-128-256 with stride-2 3x3
convolutions, mirrored transposed ones and a sigmoid.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import check_width, in_full_precision, pad_to_multiple

MULTIPLE = 8  # three strides of 2
SMALLER = {"kernel_size": 3, "stride": 2, "padding": 1}
LARGER = {**SMALLER, "output_padding": 1}


# With its ReLU each stage is one module, and cameras can stand behind both.
class _Smaller(nn.Conv2d):
    def forward(self, features: Tensor) -> Tensor:
        return F.relu(super().forward(features), inplace=True)


class _Larger(nn.ConvTranspose2d):
    def forward(self, features: Tensor) -> Tensor:
        return F.relu(super().forward(features), inplace=True)


class ConvDAE(nn.Module):
    """Down by strides and up again; `(N, 3, H, W)` -> `(N, 3, H, W)` in (0, 1), any sides.

    Levels have `width`, 2 and 4 `width` channels. Raises `ValueError` for a width outside 1 to
    512.
    """

    def __init__(self, *, width: int = 64) -> None:
        super().__init__()
        check_width(width)
        one, two, four = width, 2 * width, 4 * width
        sizes = ((3, one), (one, two), (two, four))
        self.down = nn.ModuleList(_Smaller(*pair, **SMALLER) for pair in sizes)
        self.up = nn.ModuleList(_Larger(*pair, **LARGER) for pair in ((four, two), (two, one)))
        self.head = nn.ConvTranspose2d(one, 3, **LARGER)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        features = pad_to_multiple(images, MULTIPLE)
        for layer in (*self.down, *self.up):
            features = layer(features)
        return torch.sigmoid(in_full_precision(self.head, features))[..., :height, :width]


CONV_DAE = ModelSpec(
    key="conv_dae",
    label="Convolutional autoencoder",
    short="conv DAE",
    sentence="Strided convolutions down to an eighth and transposed ones back, without skips.",
    reference="the articles before part 3",
    build=ConvDAE,
    defaults={"width": 64},
    halo=8,
    lattice=MULTIPLE,
)
