"""Where a camera can stand: the layers of a network, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from ..models.hybrid_vit_unet import HybridViTUNet
from ..models.unet import MULTIPLE, UNet, pad_to_multiple
from ..table import Table


class NoLayers(ValueError):
    """A model without layers that a camera could stand at."""


@dataclass(frozen=True)
class LayerSpec:
    """A layer of one network: its `module`, by path from the network's root, is what is seen.

    `note` says what not to read into maps made there, or "".
    """

    key: str
    network: str
    label: str
    module: str
    note: str = ""


@dataclass(frozen=True)
class NetworkSpec:
    """A kind of network that a model can hold, as it stands in the table `NETWORKS`.

    `root` finds it in a model, or gives None; `layers` lists its layers, first to last. `run`
    passes images `(N, 3, H, W)` through a model as far as this network's end. `grid` makes an
    activation `(N, C, h, w)` of what a layer's module gave for the padded images.
    """

    key: str
    label: str
    sentence: str
    root: Callable[[nn.Module], nn.Module | None]
    layers: Callable[[nn.Module], list[LayerSpec]]
    run: Callable[[nn.Module, Tensor], Tensor]
    grid: Callable[[nn.Module, Tensor, Tensor], Tensor]


# ViT ---------------------------------------------------------------------------------------------

LAST_NORM = (
    "What the U-Net receives. With the mean over patch tokens as target nothing but a sum comes "
    "after it, so that all cameras with a gradient would show the same map."
)


def _vit(model: nn.Module) -> nn.Module | None:
    return model.encoder.vit if isinstance(model, HybridViTUNet) else None


def _vit_layers(vit: nn.Module) -> list[LayerSpec]:
    count = len(vit.layers)
    blocks = [
        LayerSpec(f"vit.{i}", "vit", f"Block {i + 1} of {count}", f"layers.{i}.layernorm_before")
        for i in range(count)
    ]
    return [*blocks, LayerSpec("vit.norm", "vit", "Last layer norm", "layernorm", LAST_NORM)]


def _tokens(model: nn.Module, images: Tensor) -> Tensor:
    return model.encoder(model.pad(images))


def _patch_grid(model: nn.Module, tokens: Tensor, padded: Tensor) -> Tensor:
    """Patch tokens `(N, T, C)` as a grid; CLS and registers, which stand first, are dropped."""
    rows, columns = (side // model.encoder.patch for side in padded.shape[-2:])
    return tokens[:, -rows * columns :].transpose(1, 2).unflatten(2, (rows, columns))


# U-Net -------------------------------------------------------------------------------------------

LAST_BLOCK = (
    "Only a 1x1 convolution comes after it: with the output as target, GradCAM and HiResCAM are "
    "the output picture itself, less a constant."
)
HEAD = "This is the output picture itself: three channels, and nothing comes after it."


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
    return [*down, middle, *up, LayerSpec("head", "unet", "Last convolution", "head", HEAD)]


def _output(model: nn.Module, images: Tensor) -> Tensor:
    return model(images)


def _as_it_is(model: nn.Module, activation: Tensor, padded: Tensor) -> Tensor:
    return activation


NETWORKS = Table(
    "network",
    NetworkSpec(
        "vit",
        "ViT",
        "The frozen ViT of the hybrids, the same for every variant: so is every map that does not "
        "depend on the output.",
        _vit,
        _vit_layers,
        _tokens,
        _patch_grid,
    ),
    NetworkSpec(
        "unet", "U-Net", "Each variant's own U-Net.", _unet, _unet_layers, _output, _as_it_is
    ),
)


def layers_of(model: nn.Module) -> list[LayerSpec]:
    """The layers that a camera can stand at, first to last: the ViT's, then the U-Net's.

    Each block of the ViT is seen at its first layer norm, as the library recommends; the U-Net's
    blocks after their last ReLU. Raises `NoLayers` for other models.
    """
    roots = {network: network.root(model) for network in NETWORKS.values()}
    found = [spec for net, root in roots.items() if root is not None for spec in net.layers(root)]
    if not found and not list(model.parameters()):
        raise NoLayers("A method without weights has no layers to look at.")
    if not found:
        raise NoLayers(
            f"Cameras know the layers of hybrids and U-Nets, not of {type(model).__name__}."
        )
    return found


def layer_of(model: nn.Module, key: str) -> LayerSpec:
    """A layer by its key. Raises `ValueError`, listing what exists, for an unknown one."""
    return Table("layer", *layers_of(model))[key]


def module_of(model: nn.Module, layer: LayerSpec) -> nn.Module:
    """The module whose output is the layer's activation."""
    return NETWORKS[layer.network].root(model).get_submodule(layer.module)


def pad(model: nn.Module, images: Tensor) -> Tensor:
    """The images as the network pads them."""
    if isinstance(model, HybridViTUNet):
        return model.pad(images)
    return pad_to_multiple(images, MULTIPLE)
