"""Score-CAM: a forward pass for every channel of a layer, each of which masks the picture.

Wang et al., "Score-CAM" (2020).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...imaging.images import Region
from .layers import NETWORKS, OUTPUT, layer_of, pad
from .look import batch, goal_of, gradients, look, region_in
from .targets import TargetSpec, totals
from .twin import twin

BATCH = 16  # the library's
BATCH_PIXELS = BATCH * 224 * 224
"""Pixels in one forward pass at most, so that memory does not grow with the picture."""
EPS = 1e-8  # the library's

SENTENCE = (
    "Each channel masks the picture, and the network runs once behind each mask; the channels are "
    "added up, those with a high target counting most. It needs no gradient, but many passes."
)

Progress = Callable[[float], None]


class Stopped(RuntimeError):
    """Someone asked to stop before the map was ready."""


def score_cam(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str,
    region: Region | None = None,
    *,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Tensor:
    """The raw map `(h, w)`: the channels, each with a weight from a forward pass of its own.

    A channel, scaled to [0, 1] and to the image's size, masks the image; its weight is the
    softmax of the target's standard score. The library takes the softmax of the target itself:
    of a sum that keeps one channel, of a mean it leaves nearly their plain average. `progress` is
    told the share that is done. Raises `Stopped` once `cancel` is set, otherwise as `look`.
    """
    place = layer_of(model, layer)
    goal = goal_of(target, place)
    activation = look(model, image, layer).activation
    found = []
    with gradients(False):
        images = batch(image)
        padded, inside = pad(model, images), region_in(region, images)
        run = partial(NETWORKS[place.network].run, twin(model), end=goal.at)
        for masks in _masks(activation, padded):
            if cancel and cancel.is_set():
                raise Stopped("Score-CAM was cancelled.")
            found.append(_totals(run, goal, masks * padded, images, inside))
            if progress:
                progress(sum(map(len, found)) / len(activation))
    weights = torch.softmax(standard(torch.cat(found)), dim=0)
    return torch.tensordot(weights, activation, dims=1)


def standard(values: Tensor) -> Tensor:
    """Values `(C,)` less their mean, over their standard deviation."""
    return (values - values.mean()) / (values.std(correction=0) + EPS)


def _masks(activation: Tensor, padded: Tensor) -> Iterator[Tensor]:
    """The channels as masks in [0, 1] of the padded image's size, some at a time."""
    size = padded.shape[-2:]
    for channels in activation.split(max(1, min(BATCH, BATCH_PIXELS // size.numel()))):
        grown = F.interpolate(channels[:, None], size=size, mode="bilinear", align_corners=True)
        low, high = grown.amin((2, 3), keepdim=True), grown.amax((2, 3), keepdim=True)
        yield (grown - low) / (high - low + EPS)


def _totals(
    run: Callable[[Tensor], Tensor],
    goal: TargetSpec,
    masked: Tensor,
    images: Tensor,
    region: Region | None,
) -> Tensor:
    """The target for each masked image, `(N,)`, compared with the masked image itself."""
    height, width = images.shape[-2:]
    made = run(masked)
    if goal.at == OUTPUT:
        made, masked = made[..., :height, :width], masked[..., :height, :width]
    return totals(goal, made, masked, region)


def score_cam_seconds(
    model: nn.Module, image: Tensor, layer: str, target: str = "output_region"
) -> float:
    """About how many seconds `score_cam` would take, from one forward pass."""
    place = layer_of(model, layer)
    goal = goal_of(target, place)
    channels = len(look(model, image, layer).activation)
    with gradients(False):
        images, network = pad(model, batch(image)), twin(model)
        start = time.perf_counter()
        NETWORKS[place.network].run(network, images, goal.at)
        return channels * (time.perf_counter() - start)
