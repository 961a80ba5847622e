"""The maps of the study: which CAM methods look where, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..cam import CAM_METHODS, attention_maps, finish, look, sign_rule
from ..self_attention import attention_received, block_count, patch_grid, rollout
from .pictures import Sample

BASELINE = "random_cam"
SOURCES = ("eigen_cam", "kpca_cam")
REVERSED = {key: f"{key}_reversed" for key in SOURCES}
TARGET_OF = {"vit": "mean_tokens", "unet": "output_region"}
LAYERS_OF = {"vit": ("vit.1", "vit.4", "vit.7"), "unet": ("encoder.2", "bottleneck", "decoder.1")}
MAIN = "hybrid-mse"
OTHERS = ("hybrid-regional-sharpness", "hybrid-frequency", "hybrid-frequency-radial", "unet-mse")
FEW = (*SOURCES, "grad_cam", "layer_cam", BASELINE)

SELF_ATTENTION = {"self_attention": "Self-attention received", "rollout": "Attention rollout"}
"""The ViT's own attention beside the CAM methods, by key."""

BESIDE = SELF_ATTENTION | {
    turned: f"{CAM_METHODS[key].label} upside down" for key, turned in REVERSED.items()
}


def method_label(key: str) -> str:
    """The label of a CAM method, or of what stands beside the CAM methods."""
    return BESIDE.get(key) or CAM_METHODS[key].label


@dataclass(frozen=True)
class Place:
    """A layer of a network of a variant, and the CAM methods that look there."""

    variant: str
    network: str
    layer: str
    methods: tuple[str, ...]


def places() -> list[Place]:
    """Every CAM method on three layers of each network of one hybrid, a few on the other U-Nets.

    The frozen ViT is one and the same in all hybrids.
    """
    every = tuple(CAM_METHODS)
    main = [Place(MAIN, network, x, every) for network in LAYERS_OF for x in LAYERS_OF[network]]
    return main + [Place(name, "unet", x, FEW) for name in OTHERS for x in LAYERS_OF["unet"]]


Maps = dict[str, np.ndarray]


def cam_maps(model: nn.Module, sample: Sample, place: Place) -> Maps:
    """CAM method -> its map as it is shown, (H, W) in [0, 1], from one pass."""
    seen = look(model, sample.image, place.layer, TARGET_OF[place.network])
    maps = attention_maps(seen, place.methods, sample.seed).items()
    upright = {key: sign_rule(raw) if CAM_METHODS[key].signed else raw for key, raw in maps}
    return {key: shown(raw, sample.mask.shape) for key, raw in upright.items()}


def reversed_maps(model: nn.Module, sample: Sample, place: Place) -> Maps:
    """The maps of part 3's CAM methods upside down: a component's sign means nothing by itself."""
    maps = attention_maps(look(model, sample.image, place.layer), SOURCES)
    turned = {REVERSED[key]: -sign_rule(raw) for key, raw in maps.items()}
    return {key: shown(raw, sample.mask.shape) for key, raw in turned.items()}


def shown(raw: Tensor, size: tuple[int, int]) -> np.ndarray:
    """A raw map as the page shows it."""
    return finish(raw, size).values.numpy()


def received_map(model: nn.Module, sample: Sample, layer: str) -> np.ndarray:
    """How much all patches look at each, over the heads, as a map is shown."""
    block = int(layer.split(".")[1])
    return shown(attention_received(model, sample.image, block).mean(dim=0), sample.mask.shape)


def rollout_map(model: nn.Module, sample: Sample) -> np.ndarray:
    """What reaches all patches together from each, through all blocks, as a map is shown."""
    grid = patch_grid(model, sample.image)
    reached = rollout(model, sample.image)[grid.first :].mean(dim=0)
    return shown(grid.of(reached), sample.mask.shape)


def crack_on_grid(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """The crack itself on a layer's grid and back: about the best that a map there can do."""
    plane = torch.from_numpy(mask)[None, None].float()
    return shown(F.adaptive_avg_pool2d(plane, grid)[0, 0], mask.shape)


def all_maps(model: nn.Module, picture: Sample, place: Place) -> Maps:
    """The CAM methods of a place and, where all are, what stands beside them."""
    maps = cam_maps(model, picture, place)
    if place.variant == MAIN:
        maps |= reversed_maps(model, picture, place)
    if place.network == "vit":
        maps["self_attention"] = received_map(model, picture, place.layer)
        if place.layer == f"vit.{block_count(model) - 1}":
            maps["rollout"] = rollout_map(model, picture)
    return maps
