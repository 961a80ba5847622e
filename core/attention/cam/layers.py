"""The layers of a network at which CAM methods work, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from ...base.table import Table
from ...models import lattice_of
from ...models.attention_block import attend
from ...models.cnn import ResidualCNN, SimpleCNN
from ...models.conv_dae import ConvDAE
from ...models.dense import TileWise
from ...models.hybrid_vit_unet import HybridViTUNet
from ...models.transformer_denoiser import TransformerDenoiser
from ...models.unet import UNet, pad_to_multiple
from ...models.unet_plus_plus import UNetPlusPlus
from ...models.vit_reconstructor import ViTReconstructor

TOKENS, OUTPUT = "tokens", "output"
"""The two ends of a pass: a network's patch tokens, and the model's output."""

AFTER_RELU = "These activations come out of a ReLU: none is below 0."
NO_RELU = "These activations pass no ReLU: they have both signs."


class NoLayers(ValueError):
    """A model without layers at which a CAM method works."""


@dataclass(frozen=True)
class LayerSpec:
    """A layer of one network.

    `module` is the path from the network's root to the module whose output is the activation.
    `rectified`: the activation comes out of a ReLU. `note` says how not to misread maps made
    there, or "". `makes` names the end, `TOKENS` or `OUTPUT`, that is this layer's activation
    itself, or to which it is only added.
    """

    key: str
    network: str
    label: str
    module: str
    note: str = ""
    makes: str = ""
    rectified: bool = True

    @property
    def sentence(self) -> str:
        """What is to be known of the activation: its signs, and how not to misread its maps."""
        return f"{AFTER_RELU if self.rectified else NO_RELU} {self.note}".rstrip()


@dataclass(frozen=True)
class NetworkSpec:
    """An entry of the table `NETWORKS`: a kind of network that a model can contain.

    `root` returns it from a model, or None; `layers` lists its layers, first to last. `grid`
    turns the output of a layer's module for the padded images into an activation `(N, C, h, w)`.
    `tokens` runs images `(N, 3, H, W)` up to the network's patch tokens `(N, C, h, w)`; None for
    a network without patch tokens.
    """

    key: str
    label: str
    sentence: str
    root: Callable[[nn.Module], nn.Module | None]
    layers: Callable[[nn.Module], list[LayerSpec]]
    grid: Callable[[nn.Module, Tensor, Tensor], Tensor]
    tokens: Callable[[nn.Module, Tensor], Tensor] | None = None

    @property
    def end(self) -> str:
        """The end of a pass without a target."""
        return TOKENS if self.tokens else OUTPUT

    def run(self, model: nn.Module, images: Tensor, end: str) -> Tensor:
        """Run images `(N, 3, H, W)` through a model to an end: tokens or outputs."""
        return self.tokens(model, images) if end == TOKENS else model(images)


def _as_it_is(model: nn.Module, activation: Tensor, padded: Tensor) -> Tensor:
    return activation


# ViT ---------------------------------------------------------------------------------------------

LAST_NORM = (
    "What the U-Net receives. With the mean over patch tokens as target nothing but a sum comes "
    "after it, so that all CAM methods with a gradient would show the same map."
)


def _vit(model: nn.Module) -> nn.Module | None:
    return model.encoder.vit if isinstance(model, HybridViTUNet) else None


def _vit_layers(vit: nn.Module) -> list[LayerSpec]:
    count, at = len(vit.layers), partial(LayerSpec, network="vit", rectified=False)
    blocks = [
        at(f"vit.{i}", label=f"Block {i + 1} of {count}", module=f"layers.{i}.layernorm_before")
        for i in range(count)
    ]
    last = at(
        "vit.norm", label="Last layer norm", module="layernorm", note=LAST_NORM, makes=TOKENS
    )
    return [*blocks, last]


def _vit_tokens(model: nn.Module, images: Tensor) -> Tensor:
    return model.encoder(model.pad(images))


def _vit_grid(model: nn.Module, tokens: Tensor, padded: Tensor) -> Tensor:
    return _patch_grid(tokens, padded, model.encoder.patch)


def _patch_grid(tokens: Tensor, padded: Tensor, patch: int) -> Tensor:
    """Return patch tokens `(N, T, C)` as a grid, without CLS and registers, which come first."""
    rows, columns = (side // patch for side in padded.shape[-2:])
    return tokens[:, -rows * columns :].transpose(1, 2).unflatten(2, (rows, columns))


# Transformer -------------------------------------------------------------------------------------

LAST_TOKENS = (
    "What the decoder receives. With the mean over patch tokens as target nothing but a sum comes "
    "after it, so that all CAM methods with a gradient would show the same map."
)


def _transformer(model: nn.Module) -> nn.Module | None:
    return model if isinstance(model, TransformerDenoiser | ViTReconstructor) else None


def _transformer_layers(model: nn.Module) -> list[LayerSpec]:
    count = len(model.blocks)
    at = partial(LayerSpec, network="transformer", rectified=False)
    blocks = [
        at(f"block.{i}", label=f"Block {i + 1} of {count}", module=f"blocks.{i}.norm_attention")
        for i in range(count)
    ]
    last = at("block.last", label="Last tokens", module="blocks", note=LAST_TOKENS, makes=TOKENS)
    return [*blocks, last]


def _transformer_tokens(model: nn.Module, images: Tensor) -> Tensor:
    return attend(model.blocks, model.embedded(images))


def _transformer_grid(model: nn.Module, tokens: Tensor, padded: Tensor) -> Tensor:
    return _patch_grid(tokens, padded, model.patch)


# U-Net -------------------------------------------------------------------------------------------

LAST_BLOCK = (
    "Only a 1x1 convolution comes after it: with the output as target, GradCAM and HiResCAM are "
    "the output picture itself, less a constant."
)
HEAD = "This is the output picture itself: three channels, and nothing comes after it."


_head = partial(
    LayerSpec, "head", network="cnn", label="Last convolution", module="head", rectified=False
)


def _unet(model: nn.Module) -> nn.Module | None:
    inner = model.unet if isinstance(model, HybridViTUNet) else model
    return inner if isinstance(inner, UNet) else None


def _unet_layers(unet: nn.Module) -> list[LayerSpec]:
    levels = len(unet.down)
    down = [
        LayerSpec(f"encoder.{i}", "unet", f"Encoder {i + 1} of {levels}", f"down.{i}")
        for i in range(levels)
    ]
    up = [
        LayerSpec(
            f"decoder.{i}", "unet", f"Decoder {i + 1} of {levels}", f"merge.{i}",
            LAST_BLOCK if i == levels - 1 else "",
        )
        for i in range(levels)
    ]  # fmt: skip
    middle = LayerSpec("bottleneck", "unet", "Bottleneck", "bottleneck")
    return [*down, middle, *up, _head(network="unet", note=HEAD, makes=OUTPUT)]


# Convolutions ------------------------------------------------------------------------------------

BEFORE_THE_CORRECTION = (
    "Only a 1x1 convolution comes after it: with the output as target, GradCAM and HiResCAM are "
    "the correction itself, less a constant."
)
CORRECTION = "This is the correction itself: three channels, which are added to the input."
BEFORE_TANH = "Three channels; their tanh is the correction that is added to the input."
BEFORE_SIGMOID = "Three channels; their sigmoid is the output picture."


_stage = partial(LayerSpec, network="cnn")


def _numbered(key: str, label: str, modules: list[str], last: str = "") -> list[LayerSpec]:
    """Return consecutive layers; `last` is the note on the last of them."""
    count = len(modules)
    return [
        _stage(
            f"{key}.{i}", label=f"{label} {i + 1} of {count}", module=module,
            note=last if i == count - 1 else "",
        )
        for i, module in enumerate(modules)
    ]  # fmt: skip


_PLAIN = _numbered("body", "Convolution", ["body.1", "body.3"])
_DOWN = _numbered("encoder", "Encoder", ["down.0", "down.1", "down.2"])

STAGES: Mapping[type[nn.Module], list[LayerSpec]] = {
    ConvDAE: [
        *_DOWN,
        *_numbered("decoder", "Decoder", ["up.0", "up.1"]),
        _head(note=BEFORE_SIGMOID),
    ],
    SimpleCNN: [*_PLAIN, _head(note=HEAD, makes=OUTPUT)],
    ResidualCNN: [*_PLAIN, _head(note=BEFORE_TANH)],
    UNetPlusPlus: [
        *_DOWN,
        _stage("nested.01", label="Nested 0, 1", module="nested_01"),
        _stage("nested.11", label="Nested 1, 1", module="nested_11"),
        _stage("nested.02", label="Nested 0, 2", module="nested_02", note=LAST_BLOCK),
        _head(note=HEAD, makes=OUTPUT),
    ],
    TransformerDenoiser: [
        _stage("mlp", label="MLP: pixels of a patch", module="mlp", rectified=False),
        _stage("smooth", label="First convolution", module="smooth"),
        _head(note=HEAD, makes=OUTPUT),
    ],
    ViTReconstructor: [
        *_numbered(
            "decoder", "Decoder", ["decoder.1", "decoder.3", "decoder.5"], BEFORE_THE_CORRECTION
        ),
        _head(note=CORRECTION, makes=OUTPUT),
    ],
}
"""The stages of networks other than a U-Net, each after its activation function, by type."""


def _cnn(model: nn.Module) -> nn.Module | None:
    return model if type(model) in STAGES else None


def _cnn_layers(model: nn.Module) -> list[LayerSpec]:
    return STAGES[type(model)]


NETWORKS = Table(
    "network",
    NetworkSpec(
        "vit",
        "ViT",
        "The frozen ViT of the hybrids. It is the same in every variant, and so is every map that "
        "does not depend on the output.",
        _vit,
        _vit_layers,
        _vit_grid,
        _vit_tokens,
    ),
    NetworkSpec(
        "transformer",
        "Transformer",
        "The attention blocks of a transformer, on the grid of its patches.",
        _transformer,
        _transformer_layers,
        _transformer_grid,
        _transformer_tokens,
    ),
    NetworkSpec("unet", "U-Net", "Each variant's own U-Net.", _unet, _unet_layers, _as_it_is),
    NetworkSpec(
        "cnn",
        "CNN",
        "The convolutions of a network other than a U-Net, or of a transformer’s decoder.",
        _cnn,
        _cnn_layers,
        _as_it_is,
    ),
)

WITHOUT_WEIGHTS = "A classical method has no weights, and so no layers to look at."
TILE_BY_TILE = (
    "It flattens each small tile and restores it alone, so that the units of its layers have no "
    "position in the picture."
)


def layers_of(model: nn.Module) -> list[LayerSpec]:
    """Return the layers at which CAM methods work, first to last, in the order of `NETWORKS`.

    An attention block is represented by its first layer norm, as the package grad-cam recommends;
    convolutions are taken after their ReLU. Raises `NoLayers` for other models.
    """
    roots = {network: network.root(model) for network in NETWORKS.values()}
    found = [spec for net, root in roots.items() if root is not None for spec in net.layers(root)]
    if not found:
        raise NoLayers(_why_none(model))
    return found


def _why_none(model: nn.Module) -> str:
    if not list(model.parameters()):
        return WITHOUT_WEIGHTS
    if isinstance(model, TileWise):
        return TILE_BY_TILE
    return f"CAM methods know no layers of {type(model).__name__}."


def layer_of(model: nn.Module, key: str) -> LayerSpec:
    """Return a layer by its key. Raises `ValueError`, listing what exists, for an unknown one."""
    return Table("layer", *layers_of(model))[key]


def module_of(model: nn.Module, layer: LayerSpec) -> nn.Module:
    """Return the module whose output is the layer's activation."""
    return NETWORKS[layer.network].root(model).get_submodule(layer.module)


def pad(model: nn.Module, images: Tensor) -> Tensor:
    """Return images `(N, 3, H, W)` padded as the network pads them."""
    if isinstance(model, HybridViTUNet):
        return model.pad(images)
    return pad_to_multiple(images, lattice_of(model))


def covered(model: nn.Module, image: Tensor) -> tuple[int, int]:
    """Return the size (H, W) that a layer's cells cover: of the image `(3, H, W)`, padded."""
    height, width = pad(model, image[None]).shape[-2:]
    return height, width
