"""The kinds of training run. To add one: a task class, and its spec in this table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..base.table import Table
from ..losses.own import own_in
from ..models import MODELS, build_model
from ..models.vit_encoder import encoder_sha256
from ..variants.store import SUFFIX, Card, load_variant, read_card, save_variant
from .denoise import Denoising, loss_of
from .loop import Result, Task
from .masked_autoencoding import MaskedAutoencoding, build_autoencoder, save_encoder
from .optimisers import OPTIMISERS
from .random_degradation import RandomDegradation
from .recipes import SCHEDULES, Recipe


@dataclass(frozen=True)
class TaskSpec:
    """How a kind of run makes its network, its task, and the file that it leaves.

    `check(recipe)` raises `ValueError` for what its recipe names and there is not.
    `network(recipe, folders)` looks for a parent's weights in the folders, in that order;
    `export(recipe, result, data, folder)` writes into `folder` and gives the path.
    """

    key: str
    network: Callable[[Recipe, Sequence[Path]], nn.Module]
    task: Callable[..., Task]
    export: Callable[[Recipe, Result, dict[str, Any], Path], Path]
    check: Callable[[Recipe], None] = lambda recipe: None


def check_recipe(recipe: Recipe) -> None:
    """Raise `ValueError` for an empty run, and for a name that stands for nothing: what exists."""
    for name in ("steps", "batch", "crop"):
        if (value := getattr(recipe, name)) < 1:
            raise ValueError(f"'{recipe.key}' has {name} of {value}; at least 1 is needed.")
    if recipe.schedule not in SCHEDULES:
        known = ", ".join(SCHEDULES)
        raise ValueError(
            f"'{recipe.key}' has the schedule '{recipe.schedule}'. There are: {known}."
        )
    try:
        _ = OPTIMISERS[recipe.optimiser], RandomDegradation.of(recipe.degradation)
        TASKS[recipe.task].check(recipe)
    except ValueError as error:
        raise ValueError(f"The recipe '{recipe.key}': {error}") from error


def _check_denoiser(recipe: Recipe) -> None:
    loss_of(recipe)
    spec = MODELS[recipe.model]
    for name in recipe.arguments:
        if name not in spec.defaults:
            known = ", ".join(spec.defaults) or "none"
            raise ValueError(f"The model '{spec.key}' has no argument '{name}'; it has: {known}.")


def _denoiser(recipe: Recipe, folders: Sequence[Path]) -> nn.Module:
    """A new network, with the parent's weights from the first folder that has them."""
    torch.manual_seed(recipe.seed)
    model = build_model(recipe.model, **recipe.arguments)
    if not list(model.parameters()):
        raise ValueError(f"'{recipe.key}' is a {recipe.model}, which has nothing to train.")
    if recipe.parent is not None:
        _take_over(model, recipe, folders)
    return model


def _take_over(model: nn.Module, recipe: Recipe, folders: Sequence[Path]) -> None:
    """Give a network its parent's weights. Raises `ValueError` where they do not fit."""
    folder = _folder_of_parent(recipe, folders)
    card = read_card(recipe.parent, folder)
    if card.model != recipe.model:
        raise ValueError(
            f"'{recipe.key}' is a {recipe.model}, but its parent '{recipe.parent}' a {card.model}."
        )
    try:
        model.load_state_dict(load_variant(recipe.parent, folder).state_dict())
    except RuntimeError as error:  # PyTorch's, a line for each weight
        raise ValueError(
            f"'{recipe.key}' cannot start from '{recipe.parent}': its network is built otherwise."
        ) from error


def _folder_of_parent(recipe: Recipe, folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / f"{recipe.parent}{SUFFIX}").is_file():
            return folder
    places = ", ".join(f"'{folder}'" for folder in dict.fromkeys(folders))
    raise ValueError(
        f"'{recipe.key}' starts from '{recipe.parent}', which is in none of {places}: train "
        f"'{recipe.parent}' first."
    )


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
        degradation=RandomDegradation.of(recipe.degradation).card,
        data=data,
        steps=recipe.steps,
        batch=recipe.batch,
        crop=recipe.crop,
        seed=recipe.seed,
        optimiser=OPTIMISERS[recipe.optimiser].describe(recipe),
        history=result.history,
        parameters=sum(p.numel() for p in result.model.parameters()),
        torch=torch.__version__,
        made_by=f"python -m core.train {recipe.key} --photos PHOTOS",
        hidden=recipe.hidden,
        own_losses=own_in(loss_of(recipe)),
    )
    return save_variant(result.model, card, folder)


def _autoencoder(recipe: Recipe, folders: Sequence[Path]) -> nn.Module:
    torch.manual_seed(recipe.seed)
    return build_autoencoder()


def _export_encoder(recipe: Recipe, result: Result, data: dict[str, Any], folder: Path) -> Path:
    target = folder / recipe.key
    save_encoder(result.model, {"data": data, "history": result.history}, target)
    return target


TASKS = Table(
    "task",
    TaskSpec("denoise", _denoiser, Denoising, _export_denoiser, _check_denoiser),
    TaskSpec("masked_autoencoding", _autoencoder, MaskedAutoencoding, _export_encoder),
)
