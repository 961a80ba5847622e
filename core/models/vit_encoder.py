"""The shared, frozen ViT: loaded by name or folder, its patch tokens at any image size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MethodType
from typing import Any, TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..base.files import read_plain
from ..base.json_numbers import loads
from ..base.paths import CHECKPOINTS
from ..base.shapes import misfit
from ..base.words import first_line
from .unet import check_whole

DEFAULT_ENCODER = "vit-texture-tiny"
WEIGHTS, POSITIONS = "model.safetensors", "embeddings.position_embeddings"
MOST_BYTES, MOST_JSON = 2 * 10**9, 10**6
"""Bytes of a ViT's weights, and of each document beside them."""


class Encoder(nn.Module):
    """A frozen `transformers.ViTModel` without pooler, with its own preprocessing.

    Calling it takes images `(N, 3, H, W)` in [0, 1], sides multiples of `patch`, and gives the
    patch tokens `(N, channels, H / patch, W / patch)` of the last layer, CLS dropped. Learned
    positions are interpolated from the grid that they were stored on, square or not. Raises
    `ValueError` for other sides, and for patches that are not square.
    """

    def __init__(self, vit: nn.Module, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.vit = _on_its_own_grid(vit.requires_grad_(False))
        self.patch: int = _patch_of(vit)
        self.channels: int = vit.config.hidden_size
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))
        self.eval()

    def train(self, mode: bool = True) -> Encoder:
        """Stay in evaluation mode: the encoder is frozen whatever the network around it does."""
        return super().train(False)

    def preprocess(self, images: Tensor) -> Tensor:
        """Shift and scale [0, 1] to what the ViT was trained on."""
        return (images - self.mean) / self.std

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        if height % self.patch or width % self.patch:
            raise ValueError(
                f"The ViT needs sides that are multiples of {self.patch}; got {width} x {height}."
            )
        hidden = self.vit(
            pixel_values=self.preprocess(images), interpolate_pos_encoding=True
        ).last_hidden_state
        # Register tokens, where a ViT has them, stand between CLS and the patches.
        rows, columns = height // self.patch, width // self.patch
        patches = hidden[:, -rows * columns :]
        return patches.transpose(1, 2).unflatten(2, (rows, columns)).contiguous()


def _patch_of(vit: nn.Module) -> int:
    """A patch's side in pixels. Raises `ValueError` for patches that are not square."""
    height, width = vit.embeddings.patch_embeddings.patch_size
    if height != width:
        raise ValueError(
            f"The ViT has patches of {width} x {height} pixels; they must be as wide as high."
        )
    return height


def _on_its_own_grid(vit: nn.Module) -> nn.Module:
    """Have a ViT interpolate its positions from their own grid where transformers does not.

    It takes the root of their number for both sides: 6 x 9 fail, and 4 x 16 become 8 x 8 without
    a word. It also fails where settings have a patch as a pair.
    """
    parts = vit.embeddings.patch_embeddings
    rows, columns = (s // p for s, p in zip(parts.image_size, parts.patch_size, strict=True))
    if rows != columns or not isinstance(vit.config.patch_size, int):
        vit.embeddings.grid = (rows, columns)
        # A bound method, so that a copy of the ViT interpolates the copy's positions.
        vit.embeddings.interpolate_pos_encoding = MethodType(_interpolated, vit.embeddings)
    return vit


def _interpolated(self: nn.Module, tokens: Tensor, height: int, width: int) -> Tensor:
    """CLS's position and one for each patch of H x W pixels, `(1, 1 + patches, channels)`."""
    cls, patches = self.position_embeddings[:, :1], self.position_embeddings[:, 1:]
    grid = patches.transpose(1, 2).unflatten(2, self.grid)
    size = tuple(
        side // patch
        for side, patch in zip((height, width), self.patch_embeddings.patch_size, strict=True)
    )
    grown = F.interpolate(grid, size=size, mode="bicubic", align_corners=False)
    return torch.cat([cls, grown.flatten(2).transpose(1, 2)], dim=1)


def encoder_folder(name: str) -> Path | None:
    """The folder of a ViT in Hugging Face format: a shipped name or a path, else None."""
    for folder in (CHECKPOINTS / name, Path(name)):
        if (folder / "config.json").is_file():
            return folder
    return None


def encoder_sha256(name: str) -> str | None:
    """SHA-256 of the ViT's weights file, or None where the name is not a local folder.

    Raises `ValueError` in one sentence where the folder has no such file.
    """
    folder = encoder_folder(name)
    if folder is None:
        return None
    try:
        return hashlib.sha256(read_plain(folder / WEIGHTS, MOST_BYTES)).hexdigest()
    except ValueError as error:
        raise ValueError(f"The ViT '{name}' cannot be loaded: {error}") from error


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Load a ViT by shipped name, folder or model name, float32 and frozen.

    A name that is no folder here goes to `from_pretrained`, which looks in the local cache and
    then online. Raises `ValueError` in one sentence if it cannot be had, or not all of it.
    """
    # Imported here: transformers costs half a second, and variants without a ViT never need it.
    from transformers import AutoImageProcessor, ViTModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # 7 MB load in an instant; a bar in every command says nothing
    folder = encoder_folder(name)
    if folder is None and Path(name).is_dir():
        raise ValueError(f"The ViT '{name}' cannot be loaded: its folder has no file config.json")
    source = str(folder) if folder else name
    try:
        settings = settings_of(folder) if folder else None
        vit, found = ViTModel.from_pretrained(
            source,
            add_pooling_layer=False,
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # a sentence of ours follows
        )
        _check_found(vit, found)
        settings = settings or AutoImageProcessor.from_pretrained(source).to_dict()
        return Encoder(vit, settings["image_mean"], settings["image_std"])
    except Exception as error:  # what stands in a folder can fail anywhere in the library
        what = "cannot be loaded" if folder else "is neither a folder here nor can it be fetched"
        raise ValueError(f"The ViT '{name}' {what}: {first_line(error)}") from error


def _check_found(vit: nn.Module, found: Mapping[str, Any]) -> None:
    """Raise `ValueError` for weights that are not all there, or not of the shapes asked for."""
    if absent := sorted(found["missing_keys"]):
        raise ValueError(f"its weights lack {len(absent)} tensors, such as '{absent[0]}'")
    for name, stored, asked in sorted(found["mismatched_keys"]):
        if name == POSITIONS and stored[2] == asked[2]:
            parts = vit.embeddings.patch_embeddings
            (height, width), (down, across) = parts.image_size, parts.patch_size
            raise ValueError(
                f"it stores positions of {stored[1] - 1} patches, but pictures of {width} x "
                f"{height} pixels in patches of {across} x {down}, as its config.json has them, "
                f"make {asked[1] - 1}"
            )
        raise ValueError(
            f"its '{name}' is {tuple(stored)}, but its config.json asks for {tuple(asked)}"
        )


class _Settings(TypedDict):
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]


class _Config(TypedDict):
    hidden_size: int
    num_hidden_layers: int
    intermediate_size: int
    image_size: int | tuple[int, int]
    patch_size: int | tuple[int, int]
    num_attention_heads: int


SIZES = {
    "hidden_size": (1, 4096),
    "num_hidden_layers": (1, 64),
    "intermediate_size": (1, 16384),
    "image_size": (1, 2048),
    "patch_size": (1, 64),
    "num_attention_heads": (1, 64),
}
"""What a ViT in a folder may ask for; the largest published ones have half of it."""


def settings_of(folder: Path) -> dict[str, Any]:
    """A folder's preprocessing. Raises `ValueError` for documents of another shape or size."""
    config = _document(folder / "config.json", _Config)
    for key, (low, high) in SIZES.items():
        for value in config[key] if isinstance(config[key], list) else [config[key]]:
            check_whole(f"The {key} in config.json", value, low, high)
    return _document(folder / "preprocessor_config.json", _Settings)


def _document(path: Path, kind: type) -> dict[str, Any]:
    document = loads(read_plain(path, MOST_JSON))
    if (bad := misfit(document, kind)) is not None:
        raise ValueError(f"'{path.name}' has no sound value for '{bad}'")
    return document
