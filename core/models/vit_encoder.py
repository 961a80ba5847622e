"""The shared, frozen ViT: loaded by name or folder, its patch tokens at any image size."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from ..base.files import read_plain
from ..base.json_numbers import loads
from ..base.paths import CHECKPOINTS
from ..base.shapes import misfit
from ..base.words import first_line
from .unet import check_whole

DEFAULT_ENCODER = "vit-texture-tiny"
WEIGHTS = "model.safetensors"
MOST_BYTES, MOST_JSON = 2 * 10**9, 10**6
"""Bytes of a ViT's weights, and of each document beside them."""


class Encoder(nn.Module):
    """A frozen `transformers.ViTModel` without pooler, with its own preprocessing.

    Calling it takes images `(N, 3, H, W)` in [0, 1], sides multiples of `patch`, and gives the
    patch tokens `(N, channels, H / patch, W / patch)` of the last layer, CLS dropped. Raises
    `ValueError` for other sides.
    """

    def __init__(self, vit: nn.Module, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.vit = vit.requires_grad_(False)
        self.patch: int = vit.config.patch_size
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

    A name that is no local folder goes to `from_pretrained`, which looks in the local cache and
    then online. Raises `ValueError` in one sentence if it cannot be had, or not all of it.
    """
    # Imported here: transformers costs half a second, and variants without a ViT never need it.
    from transformers import AutoImageProcessor, ViTModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # 7 MB load in an instant; a bar in every command says nothing
    folder = encoder_folder(name)
    source = str(folder) if folder else name
    try:
        settings = _settings(folder) if folder else None
        vit, found = ViTModel.from_pretrained(
            source, add_pooling_layer=False, dtype=torch.float32, output_loading_info=True
        )
        if absent := sorted(found["missing_keys"]):
            raise ValueError(f"its weights lack {len(absent)} tensors, such as '{absent[0]}'")
        settings = settings or AutoImageProcessor.from_pretrained(source).to_dict()
        return Encoder(vit, settings["image_mean"], settings["image_std"])
    except Exception as error:  # what stands in a folder can fail anywhere in the library
        what = "cannot be loaded" if folder else "is neither a folder here nor can it be fetched"
        raise ValueError(f"The ViT '{name}' {what}: {first_line(error)}") from error


class _Settings(TypedDict):
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]


class _Config(TypedDict):
    hidden_size: int
    num_hidden_layers: int
    intermediate_size: int
    image_size: int
    patch_size: int
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


def _settings(folder: Path) -> dict[str, Any]:
    """A folder's preprocessing. Raises `ValueError` for documents of another shape or size."""
    config = _document(folder / "config.json", _Config)
    for key, (low, high) in SIZES.items():
        check_whole(f"The {key} in config.json", config[key], low, high)
    return _document(folder / "preprocessor_config.json", _Settings)


def _document(path: Path, kind: type) -> dict[str, Any]:
    document = loads(read_plain(path, MOST_JSON))
    if (bad := misfit(document, kind)) is not None:
        raise ValueError(f"'{path.name}' has no sound value for '{bad}'")
    return document
