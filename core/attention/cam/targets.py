"""What a gradient is taken of: denoising has no class, so that one number has to be chosen.

Every target is a sum. A mean gives the same maps by all CAM methods but GradCAM++, which comes out
dark where gradients are small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from ...base.table import Table
from ...imaging.images import Region, crop
from .layers import NETWORKS, OUTPUT, TOKENS, LayerSpec


@dataclass(frozen=True)
class TargetSpec:
    """A target as it stands in the table `TARGETS`.

    It looks at what a pass gives `at` its end: a network's patch tokens `(N, C, h, w)` or the
    output `(N, 3, H, W)`. `values` takes that, the images and a region, and gives the values
    `(N, …)` whose sum it is. `flat` says, for a target that is a sum of all that stands there,
    that at a layer which makes just this its gradient is the same everywhere and says nothing.
    """

    key: str
    label: str
    sentence: str
    at: str
    takes_region: bool
    values: Callable[[Tensor, Tensor, Region | None], Tensor]
    flat: str = ""

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks of whose layers it depends: all, or those that have patch tokens."""
        specs = NETWORKS.values()
        return tuple(spec.key for spec in specs if self.at == OUTPUT or spec.tokens)

    def refusal(self, layer: LayerSpec) -> str | None:
        """Why this target does not depend on a layer, or None if it does."""
        if layer.network in self.networks:
            return None
        return NO_TOKENS.format(network=NETWORKS[layer.network].label)

    def why_not(self, layer: LayerSpec) -> str | None:
        """Why a gradient of this target at a layer says nothing, or None if it does."""
        flat = self.flat if layer.makes == self.at else None
        return self.refusal(layer) or flat or None


def _tokens(tokens: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return tokens


def _norms(tokens: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return tokens.norm(dim=1)


def _output(output: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return crop(output, region) if region else output


def _residual(output: Tensor, images: Tensor, region: Region | None) -> Tensor:
    return _output((output - images).abs(), images, region)


NO_TOKENS = (
    "Patch tokens, where a variant has them, are made before the {network}: no layer of the "
    "{network} changes them. Choose a target at the output."
)

MEAN_TOKENS = TargetSpec(
    key="mean_tokens",
    label="Mean over patch tokens",
    sentence="Part 3's choice: what adds to the mean of all numbers that the patch tokens hold. "
    "A ViT's last layer norm all but fixes it (shipped ViT: within 0.001 of 0 in every patch): "
    "the maps explain a very small change there.",
    at=TOKENS,
    takes_region=False,
    values=_tokens,
    flat="The mean's gradient is the same number everywhere at the tokens themselves: CAM methods "
    "that use it all show the same map. Choose a block, or another target.",
)
NORM_TOKENS = TargetSpec(
    key="norm_tokens",
    label="Length of patch tokens",
    sentence="Part 3's other choice: what makes the patch tokens long (L2 norm). A ViT's last "
    "layer norm all but fixes that too (shipped ViT: 13.46, within 0.01 in every patch): strong "
    "features cannot stand out by length there.",
    at=TOKENS,
    takes_region=False,
    values=_norms,
)
OUTPUT_REGION = TargetSpec(
    key="output_region",
    label="Output in the region",
    sentence="What makes the restored region lighter. Without a region: the whole picture.",
    at=OUTPUT,
    takes_region=True,
    values=_output,
    flat="The last convolution makes the output itself, or what is added to the input, so that "
    "the gradient is 1 all over the region: every CAM method shows that. Choose an earlier layer.",
)
RESIDUAL_REGION = TargetSpec(
    key="residual_region",
    label="Change in the region",
    sentence="What makes the network change more of the region: the sum of |output - input|. "
    "Without a region: the whole picture.",
    at=OUTPUT,
    takes_region=True,
    values=_residual,
)

TARGETS = Table("target", MEAN_TOKENS, NORM_TOKENS, OUTPUT_REGION, RESIDUAL_REGION)


def totals(spec: TargetSpec, made: Tensor, images: Tensor, region: Region | None) -> Tensor:
    """The target of each image, `(N,)`."""
    return spec.values(made, images, region).flatten(1).sum(dim=1)
