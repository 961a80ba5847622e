"""Recipes: how each variant is made, read from `checkpoints/recipes.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from ..base.files import FileError, read_plain, shown
from ..base.paths import CHECKPOINTS
from ..base.shapes import fits
from ..base.table import Table
from ..base.words import first_line

RECIPES_FILE = CHECKPOINTS / "recipes.toml"
MOST_BYTES = 10**6
"""Of the file; ours has 10,000."""
COSINE, CONSTANT = SCHEDULES = ("cosine", "constant")
"""What the learning rate does after its warm-up."""


@dataclass(frozen=True)
class Recipe:
    """One training run: what is trained, on what loss, from which parent, for how long.

    `task`, `model` and `optimiser` are keys of their tables, `loss` is an expression.
    `degradation` is `{"key": …, parameter: [low, high], switch: true or false, …}`; what is not
    named keeps its default. `schedule` is one of `SCHEDULES`. A `hidden` variant is shipped but
    not offered in pickers; one that is not `shipped` stays among the runs. `own_losses` has the
    SHA-256 of each file of a person's own loss that it must be trained with.
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
    schedule: str = COSINE
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    ema: float = 0.999
    seed: int = 0
    degradation: dict[str, Any] = field(
        default_factory=lambda: {"key": "gaussian_noise", "sigma": [0.03, 0.25]}
    )
    hidden: bool = False
    shipped: bool = True
    own_losses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipes:
    """The recipes in the file's order (parents first), and how often each group is drawn."""

    table: Table[Recipe]
    weights: dict[str, float]


def load_recipes(path: Path = RECIPES_FILE) -> Recipes:
    """Read the recipes; one that is `like` an earlier one has its settings, its own aside.

    Raises `ValueError` in one sentence for a file that cannot be read, for a setting that no
    recipe has, that is of another type or that stands outside them, and for a recipe like one that
    is not before it.
    """
    document = _document(path)
    for key, written in document.items():
        if not isinstance(written, dict):
            raise ValueError(f"The setting '{key}' stands outside every recipe.")
    weights = document.pop("groups", {})
    for name, weight in weights.items():
        if not fits(weight, float):
            raise ValueError(
                f"The weight of the group '{name}' is '{weight}', which is no number."
            )
    defaults = document.pop("defaults", {})
    settled: dict[str, dict[str, Any]] = {}
    for key, written in document.items():
        settled[key] = {**_begun(key, written, settled, defaults), **written}
    recipes = [_recipe(key, settings) for key, settings in settled.items()]
    return Recipes(Table("recipe", *recipes), weights)


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_plain(path, MOST_BYTES).decode())
    except FileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"The recipes '{shown(path)}' are no TOML: {first_line(error)}"
        ) from error


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


@cache
def _hints() -> dict[str, Any]:
    """What is of which type; a recipe's key is the name of its table."""
    hints = get_type_hints(Recipe)
    hints.pop("key")
    return hints


def _recipe(key: str, settings: dict[str, Any]) -> Recipe:
    hints = _hints()
    for name, value in settings.items():
        if name not in hints:
            raise ValueError(f"The recipe '{key}' has an unknown setting '{name}'.")
        if not fits(value, hints[name]):
            raise ValueError(f"The recipe '{key}' has no sound value for '{name}': {value!r}.")
    if "betas" in settings:
        settings = {**settings, "betas": tuple(settings["betas"])}
    return Recipe(key=key, **settings)
