"""The convolutional autoencoder of the series: everything passes a grid of an eighth, no skips.

The articles that "Denoising autoencoders, Part 3" builds on: 3-64-128-256 with stride-2 3x3
convolutions, mirrored transposed ones and a sigmoid. With `upsampling="resize"` each transposed
convolution becomes a bilinear resize and a 3x3 convolution, which cannot draw a grid of period 2
by itself (Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.table import Table
from .spec import ModelSpec
from .unet import check_width, in_full_precision, pad_to_multiple

MULTIPLE = 8  # three strides of 2
SMALLER = {"kernel_size": 3, "stride": 2, "padding": 1}


# With its ReLU each stage is one module, and CAM methods can look at both.
class _Rectified:
    def forward(self, features: Tensor) -> Tensor:
        return F.relu(super().forward(features), inplace=True)


class _Smaller(_Rectified, nn.Conv2d):
    """Half the grid."""


class _Transposed(nn.ConvTranspose2d):
    """Twice the grid, each of the four places of a cell with kernel weights of its own."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__(channels, out, **SMALLER, output_padding=1)


class _Resized(nn.Conv2d):
    """Twice the grid by bilinear interpolation, then one kernel for every place."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__(channels, out, kernel_size=3, padding=1)

    def forward(self, features: Tensor) -> Tensor:
        doubled = F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
        return super().forward(doubled)


class _LargerTransposed(_Rectified, _Transposed):
    """Twice the grid, behind its ReLU."""


class _LargerResized(_Rectified, _Resized):
    """Twice the grid, behind its ReLU."""


@dataclass(frozen=True)
class _Decoder:
    """How the decoder doubles its grid: `stage` between two levels, `head` to the picture."""

    key: str
    stage: Callable[[int, int], nn.Module]
    head: Callable[[int, int], nn.Module]


DECODERS = Table(
    "upsampling",
    _Decoder("transpose", _LargerTransposed, _Transposed),
    _Decoder("resize", _LargerResized, _Resized),
)


class ConvDAE(nn.Module):
    """Down by strides and up again; `(N, 3, H, W)` -> `(N, 3, H, W)` in (0, 1), any sides.

    Levels have `width`, 2 and 4 `width` channels. `upsampling` is a key of `DECODERS`. Raises
    `ValueError` for a width outside 1 to 512.
    """

    def __init__(self, *, width: int = 64, upsampling: str = "transpose") -> None:
        super().__init__()
        check_width(width)
        decoder = DECODERS[upsampling]
        one, two, four = width, 2 * width, 4 * width
        sizes = ((3, one), (one, two), (two, four))
        self.down = nn.ModuleList(_Smaller(*pair, **SMALLER) for pair in sizes)
        self.up = nn.ModuleList(decoder.stage(*pair) for pair in ((four, two), (two, one)))
        self.head = decoder.head(one, 3)

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
    sentence="Strided convolutions down to an eighth and back up, without skips: what it draws is "
    "its own, not the input's.",
    reference="Articles that Part 3 builds on",
    build=ConvDAE,
    defaults={"width": 64, "upsampling": "transpose"},
    halo=8,
    lattice=MULTIPLE,
)
