"""The shared, frozen ViT: loaded by name or folder, its patch tokens at any image size."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from torch import Tensor, nn

from ..base.paths import CHECKPOINTS

DEFAULT_ENCODER = "vit-texture-tiny"


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
    """SHA-256 of the ViT's weights file, or None where the name is not a local folder."""
    folder = encoder_folder(name)
    if folder is None:
        return None
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def load_encoder(name: str = DEFAULT_ENCODER) -> Encoder:
    """Load a ViT by shipped name, folder or model name, float32 and frozen.

    A name that is no local folder goes to `from_pretrained`, which looks in the local cache and
    then online. Raises `ValueError` in one sentence if it cannot be had.
    """
    # Imported here: transformers costs half a second, and variants without a ViT never need it.
    from transformers import AutoImageProcessor, ViTModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # 7 MB load in an instant; a bar in every command says nothing
    folder = encoder_folder(name)
    source = str(folder) if folder else name
    try:
        vit = ViTModel.from_pretrained(source, add_pooling_layer=False, dtype=torch.float32)
        if folder:
            settings = json.loads((folder / "preprocessor_config.json").read_text())
        else:
            settings = AutoImageProcessor.from_pretrained(source).to_dict()
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"The ViT '{name}' is neither a folder here nor can it be fetched: "
            f"{str(error).splitlines()[0]}"
        ) from error
    return Encoder(vit, settings["image_mean"], settings["image_std"])
