"""The U-Net of the series: three levels, two 3x3 convolutions with ReLU per block.

"Denoising autoencoders, Part 3" and the article before it; after Ronneberger, Fischer
and Brox, "U-Net" (2015).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.table import Table
from ..base.words import brief
from .spec import ModelSpec

LEVELS = 3
MULTIPLE = 2**LEVELS  # as many poolings by 2
MOST_WIDTH = 512  # eight times the sources'; a U-Net of it takes 2 GB


class Upsampling:
    """How a decoder doubles its grid. `key` is the argument's value, `build` the layer."""

    def __init__(self, key: str, build: Callable[[int, int], nn.Module]) -> None:
        self.key = key
        self.build = build


def _transpose(channels: int, out: int) -> nn.Module:
    return nn.ConvTranspose2d(channels, out, kernel_size=2, stride=2)


def _resize(channels: int, out: int) -> nn.Module:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
        nn.Conv2d(channels, out, kernel_size=3, padding=1),
    )


# A transposed convolution has four kernels in turn and can draw a grid of period 2 by itself;
# resizing and then convolving treats every pixel alike and cannot.
UPSAMPLINGS = Table(
    "upsampling", Upsampling("transpose", _transpose), Upsampling("resize", _resize)
)


def block(channels: int, out: int) -> nn.Sequential:
    """Two 3x3 convolutions with ReLU, the size kept."""
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(out, out, 3, padding=1),
        nn.ReLU(inplace=True),
    )


def pad_to_multiple(images: Tensor, multiple: int) -> Tensor:
    """Reflect the right and lower border until both sides are multiples of `multiple`.

    `(N, 3, H, W)` -> `(N, 3, H', W')`. Sides too short to be reflected are repeated instead.
    """
    height, width = images.shape[-2:]
    down, right = -height % multiple, -width % multiple
    if not (down or right):
        return images
    mode = "reflect" if down < height and right < width else "replicate"
    return F.pad(images, (0, right, 0, down), mode=mode)


def check_width(width: int) -> None:
    """Raise `ValueError` for a width outside 1 to 512."""
    check_whole("The network's width", width, 1, MOST_WIDTH)


def check_whole(what: str, value: int, low: int, high: int) -> None:
    """Raise `ValueError` for what is no whole number from `low` to `high`."""
    if value not in range(low, high + 1):
        raise ValueError(
            f"{what} is {brief(value)}; it must be a whole number from {low} to {high}."
        )


def in_full_precision(head: nn.Module, features: Tensor) -> Tensor:
    """A network's last layer, in its weights' own precision even in mixed precision.

    Rounding the output to 8 bits of mantissa would add differences between neighbours that the
    losses would train on.
    """
    with torch.autocast(features.device.type, enabled=False):
        return head(features.to(next(head.parameters()).dtype))


class UNet(nn.Module):
    """Encoder, bottleneck and decoder with skips; `(N, 3, H, W)` -> `(N, 3, H, W)`, any sides.

    Levels have `width`, 2 and 4 `width` channels, the bottleneck 8. `extra` channels can be
    laid beside the bottleneck's input on its grid of H / 8 x W / 8. `upsampling` is a key of
    `UPSAMPLINGS`. `skips` says how many levels, the coarsest first, hand their features across;
    the others hand zeros, so that weights fit whatever it is. Raises `ValueError` for a width
    outside 1 to 512 and for skips outside 0 to 3.

    Its relatives change the kind of `block`, or what `skip` lets through.
    """

    block: Callable[[int, int], nn.Module] = staticmethod(block)

    def __init__(
        self,
        *,
        width: int = 20,
        upsampling: str = "transpose",
        extra: int = 0,
        skips: int = LEVELS,
    ) -> None:
        super().__init__()
        check_width(width)
        check_whole("The number of skips", skips, 0, LEVELS)
        self.skips = skips
        up, block = UPSAMPLINGS[upsampling].build, self.block
        one, two, four, eight = width, 2 * width, 4 * width, 8 * width
        self.down = nn.ModuleList([block(3, one), block(one, two), block(two, four)])
        self.bottleneck = block(four + extra, eight)
        self.up = nn.ModuleList([up(eight, four), up(four, two), up(two, one)])
        self.merge = nn.ModuleList([block(eight, four), block(four, two), block(two, one)])
        self.head = nn.Conv2d(one, 3, kernel_size=1)

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        return self.run(pad_to_multiple(images, MULTIPLE))[..., :height, :width]

    def run(self, images: Tensor, beside: Tensor | None = None) -> Tensor:
        """The network on sides that are multiples of 8, with `beside` at the bottleneck.

        `beside` is `(N, extra, H / 8, W / 8)`, or None where `extra` is 0.
        """
        skips = []
        features = images
        for down in self.down:
            skips.append(down(features))
            features = F.max_pool2d(skips[-1], 2)
        if beside is not None:
            features = torch.cat([features, beside.to(features.dtype)], dim=1)
        features = self.bottleneck(features)
        for level, (up, merge) in enumerate(zip(self.up, self.merge, strict=True)):
            raised, encoded = up(features), skips.pop()
            given = level < self.skips
            handed = self.skip(level, raised, encoded) if given else torch.zeros_like(encoded)
            features = merge(torch.cat([raised, handed], dim=1))
        return in_full_precision(self.head, features)

    def skip(self, level: int, raised: Tensor, encoded: Tensor) -> Tensor:
        """What the decoder's `level` gets of the encoder's features beside its own `raised`."""
        return encoded


UNET = ModelSpec(
    key="unet",
    label="U-Net",
    short="U-Net",
    sentence="Convolutions on three scales with skips; each pixel sees its surroundings only.",
    reference="Denoising autoencoders, Part 3; Articles that Part 3 builds on",
    build=UNet,
    defaults={"width": 20, "upsampling": "transpose", "skips": LEVELS},
    halo=60,  # with "resize"; 46 with "transpose"
    lattice=MULTIPLE,
)
