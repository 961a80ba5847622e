"""Score-CAM: the channels of a layer mask the image, one forward pass for each.

Source: Wang et al., "Score-CAM" (2020).
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
from .look import batch, gradients, look, region_in, target_at
from .padding import AS_TRAINED
from .targets import TargetSpec, totals
from .twin import twin

BATCH = 16  # the package's
BATCH_PIXELS = BATCH * 224 * 224
"""Pixels in one forward pass at most, so that memory does not grow with the image."""
EPS = 1e-8  # the package's

SENTENCE = (
    "Each channel masks the image, and the network runs once on each masked image; the channels "
    "are summed, weighted by the softmax of the target. No gradient, but one pass per channel."
)

Progress = Callable[[float], None]


class Stopped(RuntimeError):
    """Score-CAM was cancelled before the map was ready."""


def score_cam(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str,
    region: Region | None = None,
    *,
    padding: str = AS_TRAINED,
    progress: Progress | None = None,
    cancel: Event | None = None,
) -> Tensor:
    """Return the raw map `(h, w)`: the channels, each weighted by a forward pass of its own.

    A channel, scaled to [0, 1] and to the image's size, masks the image; its weight is the
    softmax of the target's standard score. The package grad-cam takes the softmax of the target
    itself, which keeps a single channel for a sum and nearly the plain average for a mean.
    `progress` is called with the share in [0, 1] that is done. Raises `Stopped` once `cancel` is
    set, otherwise as `look`.
    """
    place = layer_of(model, layer)
    spec = target_at(target, place)
    activation = look(model, image, layer, padding=padding).activation
    found = []
    with gradients(False):
        images = batch(image)
        padded, inside = pad(model, images), region_in(region, images)
        run = partial(NETWORKS[place.network].run, twin(model, padding), end=spec.at)
        for masks in _masks(activation, padded):
            if cancel and cancel.is_set():
                raise Stopped("Score-CAM was cancelled.")
            found.append(_totals(run, spec, masks * padded, images, inside))
            if progress:
                progress(sum(map(len, found)) / len(activation))
    weights = torch.softmax(standard(torch.cat(found)), dim=0)
    return torch.tensordot(weights, activation, dims=1)


def standard(values: Tensor) -> Tensor:
    """Return values `(C,)` less their mean, over their standard deviation."""
    return (values - values.mean()) / (values.std(correction=0) + EPS)


def _masks(activation: Tensor, padded: Tensor) -> Iterator[Tensor]:
    """Yield the channels as masks in [0, 1] of the padded image's size, in batches."""
    size = padded.shape[-2:]
    for channels in activation.split(max(1, min(BATCH, BATCH_PIXELS // size.numel()))):
        grown = F.interpolate(channels[:, None], size=size, mode="bilinear", align_corners=True)
        low, high = grown.amin((2, 3), keepdim=True), grown.amax((2, 3), keepdim=True)
        yield (grown - low) / (high - low + EPS)


def _totals(
    run: Callable[[Tensor], Tensor],
    target: TargetSpec,
    masked: Tensor,
    images: Tensor,
    region: Region | None,
) -> Tensor:
    """Return the target of each masked image, `(N,)`, which is also the input it compares with."""
    height, width = images.shape[-2:]
    made = run(masked)
    if target.at == OUTPUT:
        made, masked = made[..., :height, :width], masked[..., :height, :width]
    return totals(target, made, masked, region)


def score_cam_seconds(
    model: nn.Module, image: Tensor, layer: str, target: str = "output_region"
) -> float:
    """Estimate the seconds that `score_cam` takes, from one forward pass."""
    place = layer_of(model, layer)
    end = target_at(target, place).at
    channels = len(look(model, image, layer).activation)
    with gradients(False):
        images, network = pad(model, batch(image)), twin(model)
        start = time.perf_counter()
        NETWORKS[place.network].run(network, images, end)
        return channels * (time.perf_counter() - start)
