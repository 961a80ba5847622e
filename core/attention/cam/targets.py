"""Targets: the scalar whose gradient a CAM method uses. Denoising has no class score.

Every target is a sum. A mean would give the same maps for all CAM methods but GradCAM++, whose
map is nearly 0 where gradients are small.
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
    """An entry of the table `TARGETS`.

    `at` is the end of the pass that it is computed from: `TOKENS`, a network's patch tokens
    `(N, C, h, w)`, or `OUTPUT` `(N, 3, H, W)`. `values` takes that, the images and a region, and
    returns the values `(N, …)` whose sum is the target. `flat`, for a target that is a plain sum,
    says why its gradient is constant at the layer that makes this end.
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
        """The networks on whose layers it depends: all, or those that have patch tokens."""
        specs = NETWORKS.values()
        return tuple(spec.key for spec in specs if self.at == OUTPUT or spec.tokens)

    def refusal(self, layer: LayerSpec) -> str | None:
        """Say why this target does not depend on a layer, or return None if it does."""
        if layer.network in self.networks:
            return None
        return NO_TOKENS.format(network=NETWORKS[layer.network].label)

    def why_not(self, layer: LayerSpec) -> str | None:
        """Say why the gradient of this target at a layer is useless, or return None."""
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
    sentence="The mean over all patch tokens, as in the article “Denoising autoencoders, Part 3”. "
    "A ViT’s last layer norm nearly fixes it (shipped ViT: within 0.001 of 0 in every patch), so "
    "that the maps explain a very small change.",
    at=TOKENS,
    takes_region=False,
    values=_tokens,
    flat="At the tokens themselves the gradient of their mean is constant: all CAM methods that "
    "use a gradient show the same map. Choose a block, or another target.",
)
NORM_TOKENS = TargetSpec(
    key="norm_tokens",
    label="Norm of patch tokens",
    sentence="The sum of the patch tokens’ L2 norms, also from “Denoising autoencoders, Part 3”. "
    "A ViT’s last layer norm nearly fixes it too (shipped ViT: 13.46, within 0.01 in every "
    "patch): strong features cannot show in the norm.",
    at=TOKENS,
    takes_region=False,
    values=_norms,
)
OUTPUT_REGION = TargetSpec(
    key="output_region",
    label="Output in the region",
    sentence="The sum of the output in the region, or in the whole image without one: what makes "
    "it lighter.",
    at=OUTPUT,
    takes_region=True,
    values=_output,
    flat="The last convolution makes the output itself, or what is added to the input: the "
    "gradient is 1 all over the region. Choose an earlier layer.",
)
RESIDUAL_REGION = TargetSpec(
    key="residual_region",
    label="Change in the region",
    sentence="The sum of |output − input| in the region, or in the whole image without one: what "
    "makes the network change it more.",
    at=OUTPUT,
    takes_region=True,
    values=_residual,
)

TARGETS = Table("target", MEAN_TOKENS, NORM_TOKENS, OUTPUT_REGION, RESIDUAL_REGION)


def totals(spec: TargetSpec, made: Tensor, images: Tensor, region: Region | None) -> Tensor:
    """Return the target of each image, `(N,)`."""
    return spec.values(made, images, region).flatten(1).sum(dim=1)
