"""Perceptual loss: how far apart two images are for a frozen network that looks at them.

Johnson, Alahi and Fei-Fei 2016, "Perceptual Losses for Real-Time Style Transfer and
Super-Resolution", ECCV; here with the shipped ViT, or with VGG16 where its weights are.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..models.vit_encoder import Encoder, load_encoder
from .spec import LossSpec

BLOCKS = (4, 8)
"""The ViT's blocks, counted from 1, whose patch tokens are compared."""

VGG_LAYERS = (8, 15)  # relu2_2 and relu3_3, as torchvision counts
VGG_FILE = "vgg16-397923af.pth"
VGG_MEAN, VGG_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
VGG_SMALLEST = 4  # two poolings come before relu3_3

# Several pictures are judged at once, and loading a network is no work for two threads.
_LOADING = Lock()


@lru_cache(maxsize=4)
def _vit(dtype: torch.dtype, device: torch.device) -> Encoder:
    # What is kept must also serve a later call that needs gradients.
    with torch.inference_mode(False):
        return load_encoder().to(device, dtype)


def vit_features(images: Tensor) -> list[Tensor]:
    """Patch tokens after `BLOCKS`, layer-normalised: `(N, 3, H, W)` -> each `(N, tokens, C)`.

    The network is frozen, but gradients pass to `images`. Sides that are no multiple of the patch
    are padded by reflection. Raises `ValueError` where a side is too short for that.
    """
    with _LOADING:
        encoder = _vit(images.dtype, images.device)
    height, width = images.shape[-2:]
    down, right = -height % encoder.patch, -width % encoder.patch
    if down >= height or right >= width:
        raise ValueError(
            f"The perceptual loss needs sides of more than {encoder.patch // 2} pixels; "
            f"got {width} x {height}."
        )
    padded = F.pad(images, (0, right, 0, down), mode="reflect")
    patches = padded.shape[-2] * padded.shape[-1] // encoder.patch**2
    hidden = encoder.vit.embeddings(encoder.preprocess(padded), interpolate_pos_encoding=True)
    features = []
    for number, layer in enumerate(encoder.vit.layers[: max(BLOCKS)], start=1):
        hidden = layer(hidden)
        if number in BLOCKS:
            features.append(F.layer_norm(hidden[:, -patches:], (encoder.channels,)))
    return features


def vgg_file() -> Path:
    """Where torchvision keeps VGG16's weights on this machine, there or not."""
    return Path(torch.hub.get_dir()) / "checkpoints" / VGG_FILE


@lru_cache(maxsize=4)
def _vgg(file: Path, dtype: torch.dtype, device: torch.device) -> nn.Sequential:
    """VGG16 up to relu3_3, frozen. Raises `ValueError` where its weights are not on the disk."""
    from torchvision.models.vgg import cfgs, make_layers

    if not file.is_file():
        raise ValueError(
            f"perceptual(vgg=1) needs VGG16's weights, and there is no {file}; nothing is fetched."
        )
    with torch.inference_mode(False):
        state = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
        network = make_layers(cfgs["D"])[: VGG_LAYERS[-1] + 1]
        network.load_state_dict({key: state[f"features.{key}"] for key in network.state_dict()})
        return network.requires_grad_(False).to(device, dtype).eval()


def vgg_features(images: Tensor) -> list[Tensor]:
    """VGG16's relu2_2 and relu3_3 of `(N, 3, H, W)`: `(N, 128, H/2, W/2)`, `(N, 256, H/4, W/4)`.

    Raises `ValueError` where the weights are not on this machine, or a side is below 4 pixels.
    """
    if min(images.shape[-2:]) < VGG_SMALLEST:
        raise ValueError(
            f"VGG16 needs sides of at least {VGG_SMALLEST} pixels; "
            f"got {images.shape[-1]} x {images.shape[-2]}."
        )
    with _LOADING:
        network = _vgg(vgg_file(), images.dtype, images.device)
    mean, std = (images.new_tensor(values).view(3, 1, 1) for values in (VGG_MEAN, VGG_STD))
    hidden, features = (images - mean) / std, []
    for number, layer in enumerate(network):
        hidden = layer(hidden)
        if number in VGG_LAYERS:
            features.append(hidden)
    return features


def perceptual(output: Tensor, target: Tensor, vgg: float) -> Tensor:
    """Mean squared difference of frozen features, the mean over two layers of a network.

    `(N, 3, H, W)` twice -> `(N,)`, >= 0; no gradient for `target`. `vgg` 1 takes VGG16 instead
    of the shipped ViT; raises `ValueError` where its weights are not on this machine.
    """
    if vgg not in (0, 1):
        raise ValueError(f"The choice vgg is {vgg:g}; it must be 0 (the shipped ViT) or 1.")
    features = vgg_features if vgg else vit_features
    with torch.no_grad():
        theirs = features(target)
    layers = [
        (ours - its).square().flatten(1).mean(dim=1)
        for ours, its in zip(features(output), theirs, strict=True)
    ]
    return torch.stack(layers).mean(dim=0)


PERCEPTUAL = LossSpec(
    key="perceptual",
    label="perceptual",
    short="perceptual",
    formula="mean of |phi(output) - phi(target)|², phi = tokens of a frozen ViT after blocks 4, 8",
    tex=r"\frac{1}{2}\sum_{b\in\{4,8\}}\frac{1}{m_b}\lVert\phi_b(\hat x)-\phi_b(x)\rVert_2^2",
    rewards="what a frozen network that was trained on textures recognises in the clean image",
    look_for="tones held more firmly than grain: an offset costs it several times what a blur of "
    "the same MSE does; perhaps a pattern of period 16, the ViT's patch",
    reference="Vision Transformers and Loss Design; Johnson et al. 2016",
    function=perceptual,
    defaults={"vgg": 0},
)
