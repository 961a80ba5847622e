"""The kinds of training run. To add one: a task class, and its spec in this table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..checkpoints import SUFFIX, Card, load_variant, save_variant
from ..models import MODELS, build_model
from ..table import Table
from ..vit import encoder_sha256
from .denoise import Denoising
from .loop import Result, Task
from .masked_autoencoding import MaskedAutoencoding, build_autoencoder, save_encoder
from .recipes import Recipe


@dataclass(frozen=True)
class TaskSpec:
    """How a kind of run makes its network, its task, and the file that it leaves.

    `network(recipe, folders)` looks for a parent's weights in the folders, in that order;
    `export(recipe, result, data, folder)` writes into `folder` and gives the path.
    """

    key: str
    network: Callable[[Recipe, Sequence[Path]], nn.Module]
    task: Callable[..., Task]
    export: Callable[[Recipe, Result, dict[str, Any], Path], Path]


def _denoiser(recipe: Recipe, folders: Sequence[Path]) -> nn.Module:
    """A new network, or the parent's weights from the first folder that has them."""
    torch.manual_seed(recipe.seed)
    if recipe.parent is None:
        return build_model(recipe.model, **recipe.arguments)
    found = [f for f in folders if (f / f"{recipe.parent}{SUFFIX}").is_file()]
    return load_variant(recipe.parent, found[0] if found else folders[0])


def _export_denoiser(recipe: Recipe, result: Result, data: dict[str, Any], folder: Path) -> Path:
    arguments = {**MODELS[recipe.model].defaults, **recipe.arguments}
    name = arguments.pop("encoder", None)
    encoder = {"name": name, "sha256": encoder_sha256(name) or ""} if name else None
    card = Card(
        name=recipe.key,
        model=recipe.model,
        arguments=arguments,
        loss=recipe.loss,
        parent=recipe.parent,
        encoder=encoder,
        degradation={"key": "gaussian_noise", "range": {"sigma": list(recipe.sigma)}},
        data=data,
        steps=recipe.steps,
        batch=recipe.batch,
        crop=recipe.crop,
        seed=recipe.seed,
        optimiser=f"AdamW(lr={recipe.learning_rate:g}, weight_decay={recipe.weight_decay:g})",
        history=result.history,
        parameters=sum(p.numel() for p in result.model.parameters()),
        torch=torch.__version__,
        made_by=f"python -m core.train {recipe.key} --photos PHOTOS",
        hidden=recipe.hidden,
    )
    return save_variant(result.model, card, folder)


def _autoencoder(recipe: Recipe, folders: Sequence[Path]) -> nn.Module:
    torch.manual_seed(recipe.seed)
    return build_autoencoder()


def _export_encoder(recipe: Recipe, result: Result, data: dict[str, Any], folder: Path) -> Path:
    target = folder / recipe.key
    target.mkdir(parents=True, exist_ok=True)
    save_encoder(result.model, {"data": data, "history": result.history}, target)
    return target


TASKS = Table(
    "task",
    TaskSpec("denoise", _denoiser, Denoising, _export_denoiser),
    TaskSpec("masked_autoencoding", _autoencoder, MaskedAutoencoding, _export_encoder),
)
