"""One pass for all CAM methods: the activation of a layer, and how a target depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ...imaging.images import Region
from .layers import NETWORKS, OUTPUT, LayerSpec, layer_of, layers_of, module_of, pad
from .targets import TARGETS, TargetSpec, totals
from .twin import twin


@dataclass(frozen=True)
class Look:
    """What a layer did with an image: `activation` and `gradient` `(C, h, w)` float32.

    `gradient` is of the target by the activation, None without a target. `output` is the
    restoration `(3, H, W)`, not clipped, None where the pass ended at tokens. `covers` is (H, W)
    in pixels that the h x w cells cover: more than the image where the network pads it.
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
    """Hooks at layers of a twin: what each gave, cut off from what came before it."""

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
    """Gradients or none, whatever mode the caller is in."""
    with torch.inference_mode(False), torch.set_grad_enabled(wanted):
        yield


def batch(image: Tensor) -> Tensor:
    """An image `(3, H, W)` as `(1, 3, H, W)`. Raises `ValueError` for other shapes."""
    if image.ndim != 3 or len(image) != 3 or not image.numel():
        raise ValueError(f"CAM methods need one image (3, H, W), but got {tuple(image.shape)}.")
    return image.detach().float().clone()[None]


def region_in(region: Region | None, images: Tensor) -> Region | None:
    """The part of a region inside the image. Raises `ValueError` where there is none."""
    height, width = images.shape[-2:]
    return region.clipped(width, height) if region else None


def goal_of(target: str, layer: LayerSpec) -> TargetSpec:
    """A target by its key. Raises `ValueError` if it does not depend on the layer."""
    goal = TARGETS[target]
    if reason := goal.refusal(layer):
        raise ValueError(reason)
    return goal


def look(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str | None = None,
    region: Region | None = None,
) -> Look:
    """One forward pass, and a backward pass from the target as far as the layer.

    `model` has layers (`layers_of`) and stays as it is, also where this fails; any number of
    threads can look through it at once. `image` is `(3, H, W)` in [0, 1], any sides. Without a
    target nothing runs backwards, which is enough for methods that need no gradient. `region` is
    for targets at the output; without one they see the whole picture. Raises `ValueError` for an
    unknown layer or target, a target that does not depend on the layer, another shape, and a
    region outside the image.
    """
    place = layer_of(model, layer)
    goal = goal_of(target, place) if target else None
    network = NETWORKS[place.network]
    with gradients(goal is not None):
        images = batch(image)
        taps = Taps([place], goal is not None)
        end = goal.at if goal else network.end
        made = network.run(taps.on(twin(model)), images, end)
        slope = None
        if goal:
            value = totals(goal, made, images, region_in(region, images))
            (slope,) = torch.autograd.grad(value.sum(), taps.made[layer])
    padded = pad(model, images)
    return Look(
        network.grid(model, taps.made[layer].detach(), padded)[0],
        None if slope is None else network.grid(model, slope, padded)[0],
        made.detach()[0] if end == OUTPUT else None,
        tuple(padded.shape[-2:]),
    )


def vit_looks(model: nn.Module, image: Tensor) -> dict[str, Tensor]:
    """The activations `(C, h, w)` of all layers of the ViT, from one forward pass.

    By key, first to last; otherwise as `look` without a target. Empty for a network without ViT.
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
    return {place.key: vit.grid(model, taps.made[place.key], padded)[0] for place in places}
