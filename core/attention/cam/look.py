"""One forward and backward pass for all CAM methods: a layer's activation and gradient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ...imaging.images import Region
from .layers import NETWORKS, OUTPUT, LayerSpec, covered, layer_of, layers_of, module_of, pad
from .padding import AS_TRAINED
from .targets import TARGETS, TargetSpec, totals
from .twin import twin


@dataclass(frozen=True)
class Look:
    """A layer's activation for one image, and the gradient of a target: `(C, h, w)` float32 each.

    `gradient` is the target's derivative by the activation, None without a target. `output` is
    the restoration `(3, H, W)`, not clipped, None where the pass ended at the tokens. `covers` is
    the size (H, W) in pixels that the h x w cells cover: more than the image where the network
    pads it.
    """

    activation: Tensor
    gradient: Tensor | None
    output: Tensor | None
    covers: tuple[int, int]

    @property
    def has_gradient(self) -> bool:
        return self.gradient is not None


@dataclass
class Taps:
    """Forward hooks at layers of a twin that keep each output, detached from what came before."""

    layers: Sequence[LayerSpec]
    differentiable: bool = False
    made: dict[str, Tensor] = field(default_factory=dict)

    def on(self, network: nn.Module) -> nn.Module:
        for layer in self.layers:
            module_of(network, layer).register_forward_hook(self._keep(layer.key))
        return network

    def _keep(self, key: str) -> Callable[..., Tensor]:
        def hook(module: nn.Module, inputs: object, output: Tensor) -> Tensor:
            # The encoder switches gradients off until it returns; from here on they are wanted.
            torch.set_grad_enabled(self.differentiable)
            self.made[key] = output.detach().requires_grad_(self.differentiable)
            return self.made[key]

        return hook


@contextmanager
def gradients(wanted: bool) -> Iterator[None]:
    """Switch gradients on or off, whatever mode the caller is in."""
    with torch.inference_mode(False), torch.set_grad_enabled(wanted):
        yield


def batch(image: Tensor) -> Tensor:
    """Return an image `(3, H, W)` as `(1, 3, H, W)`. Raises `ValueError` for other shapes."""
    if image.ndim != 3 or len(image) != 3 or not image.numel():
        raise ValueError(f"CAM methods need one image (3, H, W), but got {tuple(image.shape)}.")
    return image.detach().float().clone()[None]


def region_in(region: Region | None, images: Tensor) -> Region | None:
    """Return the part of a region inside the image. Raises `ValueError` where there is none."""
    height, width = images.shape[-2:]
    return region.clipped(width, height) if region else None


def target_at(key: str, layer: LayerSpec) -> TargetSpec:
    """Return a target by its key. Raises `ValueError` if it does not depend on the layer."""
    target = TARGETS[key]
    if reason := target.refusal(layer):
        raise ValueError(reason)
    return target


def look(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str | None = None,
    region: Region | None = None,
    *,
    padding: str = AS_TRAINED,
) -> Look:
    """Run one forward pass, and a backward pass from the target to the layer.

    `model` has layers (`layers_of`); it is not changed, also where this fails, and any number of
    threads can use it at once. `image` is `(3, H, W)` in [0, 1], any sides. Without a target there
    is no backward pass, which is enough for CAM methods that need no gradient. `region` limits
    targets at the output; without one they sum over the whole image. `padding` is a key of
    `PADDINGS`. Raises `ValueError` for an unknown layer, target or padding, a target that does
    not depend on the layer, another shape, and a region outside the image.
    """
    place = layer_of(model, layer)
    spec = target_at(target, place) if target else None
    network = NETWORKS[place.network]
    with gradients(spec is not None):
        images = batch(image)
        taps = Taps([place], spec is not None)
        end = spec.at if spec else network.end
        made = network.run(taps.on(twin(model, padding)), images, end)
        gradient = None
        if spec:
            total = totals(spec, made, images, region_in(region, images))
            (gradient,) = torch.autograd.grad(total.sum(), taps.made[layer])
    padded = pad(model, images)
    return Look(
        network.grid(model, taps.made[layer].detach(), padded)[0],
        None if gradient is None else network.grid(model, gradient, padded)[0],
        made.detach()[0] if end == OUTPUT else None,
        covered(model, image),
    )


def vit_looks(model: nn.Module, image: Tensor) -> dict[str, Look]:
    """Return the looks at all layers of the ViT without a target, from one forward pass.

    By the layer's key, first to last. Empty for a network without a ViT. Raises `ValueError` for
    an image that is not `(3, H, W)`.
    """
    places = [layer for layer in layers_of(model) if layer.network == "vit"]
    if not places:
        return {}
    vit = NETWORKS["vit"]
    with gradients(False):
        images = batch(image)
        taps = Taps(places)
        vit.run(taps.on(twin(model)), images, vit.end)
        padded = pad(model, images)
    covers = covered(model, image)
    return {
        place.key: Look(vit.grid(model, taps.made[place.key], padded)[0], None, None, covers)
        for place in places
    }
