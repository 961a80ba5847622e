"""What a gradient is taken of: denoising has no class, so that one number has to be chosen.

Every target is a sum. A mean gives the same maps by all cameras but GradCAM++, which comes out
dark where gradients are small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..images import Region, crop
from ..table import Table
from .layers import LayerSpec


@dataclass(frozen=True)
class TargetSpec:
    """A target as it stands in the table `TARGETS`.

    It looks at what the network `at` makes: the ViT's patch tokens `(N, C, h, w)` or the U-Net's
    output `(N, 3, H, W)`. `values` takes that, the images and a region, and gives the values
    `(N, …)` whose sum it is. It depends on layers of `networks`; `refusal` says why on no other,
    and `flat` at which layers its gradient is the same everywhere, and so says nothing.
    """

    key: str
    label: str
    sentence: str
    at: str
    networks: tuple[str, ...]
    takes_region: bool
    values: Callable[[Tensor, Tensor, Region | None], Tensor]
    refusal: str = ""
    flat: Mapping[str, str] = field(default_factory=dict)

    def why_not(self, layer: LayerSpec) -> str | None:
        """Why a gradient of this target at a layer says nothing, or None if it does."""
        if layer.network not in self.networks:
            return self.refusal
        return self.flat.get(layer.key)


def _tokens(tokens: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return tokens


def _norms(tokens: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return tokens.norm(dim=1)


def _output(output: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return crop(output, region) if region else output


def _residual(output: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return _output((output - images).abs(), images, region)


BEFORE_THE_UNET = (
    "The patch tokens are made before the U-Net: no layer of the U-Net changes them. "
    "Choose a target at the output."
)

MEAN_TOKENS = TargetSpec(
    key="mean_tokens",
    label="Mean over patch tokens",
    sentence="Part 3's choice: what adds to the mean of all numbers that the ViT hands over. The "
    "last layer norm all but fixes it (shipped ViT: within 0.001 of 0 in every patch): the maps "
    "explain a very small change.",
    at="vit",
    networks=("vit",),
    takes_region=False,
    values=_tokens,
    refusal=BEFORE_THE_UNET,
    flat={
        "vit.norm": "The mean's gradient is the same number everywhere at the last layer norm: "
        "cameras that use it all show the same map. Choose a block, or another target."
    },
)
NORM_TOKENS = TargetSpec(
    key="norm_tokens",
    label="Length of patch tokens",
    sentence="Part 3's other choice: what makes the patch tokens long (L2 norm). The last layer "
    "norm all but fixes that too (shipped ViT: 13.46, within 0.01 in every patch): strong "
    "features cannot stand out by length.",
    at="vit",
    networks=("vit",),
    takes_region=False,
    values=_norms,
    refusal=BEFORE_THE_UNET,
)
OUTPUT_REGION = TargetSpec(
    key="output_region",
    label="Output in the region",
    sentence="What makes the restored region lighter. Without a region: the whole picture.",
    at="unet",
    networks=("vit", "unet"),
    takes_region=True,
    values=_output,
    flat={
        "head": "The last convolution makes the output itself, so that the gradient is 1 all over "
        "the region: every camera shows the output. Choose an earlier layer."
    },
)
RESIDUAL_REGION = TargetSpec(
    key="residual_region",
    label="Change in the region",
    sentence="What makes the network change more of the region: the sum of |output - input|. "
    "Without a region: the whole picture.",
    at="unet",
    networks=("vit", "unet"),
    takes_region=True,
    values=_residual,
)

TARGETS = Table("target", MEAN_TOKENS, NORM_TOKENS, OUTPUT_REGION, RESIDUAL_REGION)


def totals(spec: TargetSpec, made: Tensor, images: Tensor, region: Region | None) -> Tensor:
    """The target of each image, `(N,)`."""
    return spec.values(made, images, region).flatten(1).sum(dim=1)
