"""Three convolutions at full size, plain and residual: the least that restores anything.

"Vision Transformers and Loss Design" (SimpleCNN, ResCNN).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .spec import ModelSpec
from .unet import check_width, in_full_precision


class SimpleCNN(nn.Module):
    """Three 3x3 convolutions with ReLU between them; `(N, 3, H, W)` -> `(N, 3, H, W)`.

    `width` channels between them. Raises `ValueError` for a width outside 1 to 512.
    """

    def __init__(self, *, width: int = 32) -> None:
        super().__init__()
        check_width(width)
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        return in_full_precision(self.head, self.body(images))


class ResidualCNN(SimpleCNN):
    """The same network, whose tanh is added to its input: it learns the correction."""

    def forward(self, images: Tensor) -> Tensor:
        return images + torch.tanh(super().forward(images))


CNN = ModelSpec(
    key="cnn",
    label="CNN",
    short="CNN",
    sentence="Three convolutions: each pixel sees the 7 x 7 around it.",
    reference="Vision Transformers and Loss Design",
    build=SimpleCNN,
    defaults={"width": 32},
    halo=3,
)

RESIDUAL_CNN = ModelSpec(
    key="residual_cnn",
    label="Residual CNN",
    short="residual CNN",
    sentence="The same three convolutions, which give what to add to the measurement.",
    reference="Vision Transformers and Loss Design",
    build=ResidualCNN,
    defaults={"width": 32},
    halo=3,
)
