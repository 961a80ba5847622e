"""Recipes: how each shipped variant is made, read from `checkpoints/recipes.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..table import Table
from ..vit import CHECKPOINTS

RECIPES_FILE = CHECKPOINTS / "recipes.toml"


@dataclass(frozen=True)
class Recipe:
    """One training run: what is trained, on what loss, from which parent, for how long.

    `task` is a key of `core.training.tasks.TASKS`. `sigma` is the range of the noise in [0, 1]
    units. A `hidden` variant is shipped but not offered in pickers; one that is not `shipped`
    stays among the runs and only serves as a parent.
    """

    key: str
    task: str = "denoise"
    model: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    loss: str = "mse"
    parent: str | None = None
    steps: int = 1000
    batch: int = 8
    crop: int = 224
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    ema: float = 0.999
    seed: int = 0
    sigma: tuple[float, float] = (0.03, 0.25)
    hidden: bool = False
    shipped: bool = True


@dataclass(frozen=True)
class Recipes:
    """The recipes in the file's order (parents first), and how often each group is drawn."""

    table: Table[Recipe]
    weights: dict[str, float]


def load_recipes(path: Path = RECIPES_FILE) -> Recipes:
    """Read the recipes. Raises `ValueError` for a setting that no recipe has."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    weights = document.pop("groups", {})
    defaults = document.pop("defaults", {})
    recipes = [_recipe(key, {**defaults, **settings}) for key, settings in document.items()]
    return Recipes(Table("recipe", *recipes), weights)


def _recipe(key: str, settings: dict[str, Any]) -> Recipe:
    known = {f.name for f in fields(Recipe)}
    for name in settings:
        if name not in known:
            raise ValueError(f"The recipe '{key}' has an unknown setting '{name}'.")
    pairs = {name: tuple(settings[name]) for name in ("sigma", "betas") if name in settings}
    return Recipe(key=key, **{**settings, **pairs})
