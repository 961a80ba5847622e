"""Recipes: how each variant is made, read from `checkpoints/recipes.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from ..base.paths import CHECKPOINTS
from ..base.table import Table

RECIPES_FILE = CHECKPOINTS / "recipes.toml"


@dataclass(frozen=True)
class Recipe:
    """One training run: what is trained, on what loss, from which parent, for how long.

    `task`, `model` and `optimiser` are keys of their tables, `loss` is an expression.
    `degradation` is `{"key": …, parameter: [low, high], switch: true or false, …}`; what is not
    named keeps its default. A `hidden` variant is shipped but not offered in pickers; one that
    is not `shipped` stays among the runs.
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
    optimiser: str = "adamw"
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    ema: float = 0.999
    seed: int = 0
    degradation: dict[str, Any] = field(
        default_factory=lambda: {"key": "gaussian_noise", "sigma": [0.03, 0.25]}
    )
    hidden: bool = False
    shipped: bool = True


@dataclass(frozen=True)
class Recipes:
    """The recipes in the file's order (parents first), and how often each group is drawn."""

    table: Table[Recipe]
    weights: dict[str, float]


def load_recipes(path: Path = RECIPES_FILE) -> Recipes:
    """Read the recipes; one that is `like` an earlier one has its settings, its own aside.

    Raises `ValueError` for a setting that no recipe has, that is of another type or that stands
    outside them, and for a recipe like one that is not before it.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    for key, written in document.items():
        if not isinstance(written, dict):
            raise ValueError(f"The setting '{key}' stands outside every recipe.")
    weights = document.pop("groups", {})
    for name, weight in weights.items():
        if not _fits(weight, float):
            raise ValueError(
                f"The weight of the group '{name}' is '{weight}', which is no number."
            )
    defaults = document.pop("defaults", {})
    settled: dict[str, dict[str, Any]] = {}
    for key, written in document.items():
        settled[key] = {**_begun(key, written, settled, defaults), **written}
    recipes = [_recipe(key, settings) for key, settings in settled.items()]
    return Recipes(Table("recipe", *recipes), weights)


def _begun(
    key: str,
    written: dict[str, Any],
    earlier: dict[str, dict[str, Any]],
    defaults: dict[str, Any],
) -> dict[str, Any]:
    """What a recipe's own settings change: those of the one that it is like, or the defaults."""
    like = written.pop("like", None)
    if like is None:
        return defaults
    if not isinstance(like, str) or like not in earlier:
        known = ", ".join(earlier) or "none"
        raise ValueError(
            f"The recipe '{key}' is like '{like}', which is none before it. Those are: {known}."
        )
    return earlier[like]


def _recipe(key: str, settings: dict[str, Any]) -> Recipe:
    hints = get_type_hints(Recipe)
    hints.pop("key")  # the name of its table
    for name, value in settings.items():
        if name not in hints:
            raise ValueError(f"The recipe '{key}' has an unknown setting '{name}'.")
        if not _fits(value, hints[name]):
            raise ValueError(f"The recipe '{key}' has no sound value for '{name}': {value!r}.")
    if "betas" in settings:
        settings = {**settings, "betas": tuple(settings["betas"])}
    return Recipe(key=key, **settings)


def _fits(value: object, hint: Any) -> bool:
    """Whether a value from TOML is of a setting's type; a whole number is a number too."""
    if isinstance(hint, UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    kind = get_origin(hint) or hint
    if kind is tuple:
        kinds = get_args(hint)
        listed = isinstance(value, list) and len(value) == len(kinds)
        return listed and all(map(_fits, value, kinds))
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)
