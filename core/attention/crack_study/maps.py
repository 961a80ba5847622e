"""The maps of the study: CAM methods by layer, and what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..cam import CAM_METHODS, finish
from ..maps import raw_maps
from ..self_attention import attention_received, block_count, patch_grid, rollout
from .pictures import Sample

BASELINE = "random_cam"
SOURCES = ("eigen_cam", "kpca_cam")
"""The two methods that the article “Denoising autoencoders, Part 3” uses."""
SIGN_FLIPPED = {key: f"{key}_sign_flipped" for key in SOURCES}
TARGET_OF = {"vit": "mean_tokens", "unet": "output_region"}
LAYERS_OF = {"vit": ("vit.1", "vit.4", "vit.7"), "unet": ("encoder.2", "bottleneck", "decoder.1")}
MAIN = "hybrid-mse"
OTHERS = ("hybrid-regional-sharpness", "hybrid-frequency", "hybrid-frequency-radial", "unet-mse")
FEW = (*SOURCES, "grad_cam", "layer_cam", BASELINE)

SELF_ATTENTION = {"self_attention": "Self-attention received", "rollout": "Attention rollout"}
"""Maps of the ViT's own attention, by key."""

BESIDE = SELF_ATTENTION | {
    flipped: f"{CAM_METHODS[key].label}, sign-flipped" for key, flipped in SIGN_FLIPPED.items()
}


def method_label(key: str) -> str:
    """Return the label of a CAM method, a sign-flipped one, or a map of self-attention."""
    return BESIDE.get(key) or CAM_METHODS[key].label


@dataclass(frozen=True)
class Place:
    """A layer of a network of a variant, and the CAM methods that are scored there."""

    variant: str
    network: str
    layer: str
    methods: tuple[str, ...]


def places() -> list[Place]:
    """List every CAM method on three layers of each network of one hybrid, a few on other U-Nets.

    The frozen ViT is the same in all hybrids.
    """
    every = tuple(CAM_METHODS)
    main = [Place(MAIN, network, x, every) for network in LAYERS_OF for x in LAYERS_OF[network]]
    return main + [Place(name, "unet", x, FEW) for name in OTHERS for x in LAYERS_OF["unet"]]


Maps = dict[str, np.ndarray]


def cam_maps(model: nn.Module, sample: Sample, place: Place) -> Maps:
    """Return the finished map of each CAM method of a place, (H, W) in [0, 1], from one pass."""
    raw = raw_maps(
        model, sample.image, place.layer, TARGET_OF[place.network],
        methods=place.methods, seed=sample.seed,
    )  # fmt: skip
    return {key: one.finished(sample.mask.shape).array for key, one in raw.items()}


def sign_flipped_maps(model: nn.Module, sample: Sample, place: Place) -> Maps:
    """Return the article's two CAM methods with the other sign, which is as valid."""
    raw = raw_maps(model, sample.image, place.layer, methods=SOURCES)
    size = sample.mask.shape
    return {SIGN_FLIPPED[key]: one.sign_flipped().finished(size).array for key, one in raw.items()}


def received_map(model: nn.Module, sample: Sample, layer: str) -> np.ndarray:
    """Return the attention that each patch receives, mean over the heads, as a finished map."""
    block = int(layer.split(".")[1])
    received = attention_received(model, sample.image, block).mean(dim=0)
    return _finished(received, sample.mask.shape)


def rollout_map(model: nn.Module, sample: Sample) -> np.ndarray:
    """Return the rollout, mean over the patches as query tokens, as a finished map."""
    grid = patch_grid(model, sample.image)
    received = rollout(model, sample.image)[grid.first :].mean(dim=0)
    return _finished(grid.of(received), sample.mask.shape)


def crack_on_grid(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Return the mask averaged to a layer's grid and resized: about the best possible map."""
    plane = torch.from_numpy(mask)[None, None].float()
    return _finished(F.adaptive_avg_pool2d(plane, grid)[0, 0], mask.shape)


def all_maps(model: nn.Module, sample: Sample, place: Place) -> Maps:
    """Return the maps of a place: its CAM methods, in the main variant sign-flipped ones as well.

    In the ViT also those of its self-attention.
    """
    maps = cam_maps(model, sample, place)
    if place.variant == MAIN:
        maps |= sign_flipped_maps(model, sample, place)
    if place.network == "vit":
        maps["self_attention"] = received_map(model, sample, place.layer)
        if place.layer == f"vit.{block_count(model) - 1}":
            maps["rollout"] = rollout_map(model, sample)
    return maps


def _finished(values: Tensor, size: tuple[int, int]) -> np.ndarray:
    return finish(values, size).array
