"""Train variants by their recipes: `python -m core.train NAME… | --all [--photos DIR]…`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.cli import exit_code
from ..base.files import check_writable
from ..base.launch import alone_on, processes
from ..base.own_losses import add_own_losses
from ..base.paths import CHECKPOINTS
from .recipes import RECIPES_FILE, Recipe, Recipes, load_recipes

if TYPE_CHECKING:
    import torch
    from accelerate import PartialState

PRECISIONS = {"no": "float32", "bf16": "mixed bf16", "fp16": "mixed fp16"}


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.train",
        description=__doc__,
        epilog="A run that was stopped goes on when the same command is given again. With "
        "`torchrun --nproc-per-node N -m core.train …` N processes share each batch; the "
        "result is the same. A GPU is used where there is one, and random crops are drawn on it; "
        "with ACCELERATE_USE_CPU=1 it is left alone.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="recipes to train, in this order")
    parser.add_argument("--all", action="store_true", help="every recipe, parents first")
    parser.add_argument(
        "--photos", type=Path, action="append", default=[], metavar="DIR",
        help="photos to train on, one group per folder; procedural textures are always there",
    )  # fmt: skip
    parser.add_argument(
        "--validate", type=Path, metavar="DIR", help="photos to measure PSNR on while training"
    )
    parser.add_argument("--steps", type=int, help="another number of steps than the recipe's")
    parser.add_argument("--batch", type=int, help="another batch size than the recipe's")
    parser.add_argument("--recipes", type=Path, default=RECIPES_FILE, help="the recipes' file")
    parser.add_argument(
        "--out", type=Path, default=CHECKPOINTS, metavar="DIR", help="where variants are written"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path(".runs"), metavar="DIR",
        help="where the state is kept, from which a stopped run goes on",
    )  # fmt: skip
    parser.add_argument(
        "--precision", choices=tuple(PRECISIONS), default="bf16", help="mixed precision"
    )
    parser.add_argument("--threads", type=int, help="CPU threads for each process")
    add_own_losses(parser)
    return parser.parse_args(argv)


def chosen(recipes: Recipes, options: argparse.Namespace) -> list[Recipe]:
    """The recipes to train, with the command line's changes.

    Raises `ValueError` if there are none, and for one that names what does not exist.
    """
    # Imported here and below: the command's --help needs none of this.
    from .tasks import check_recipe

    names = recipes.table.keys() if options.all else options.names
    if not names:
        known = ", ".join(recipes.table)
        raise ValueError(f"Name what to train, or use --all. There are: {known}.")
    changes = {
        name: value for name in ("steps", "batch") if (value := getattr(options, name)) is not None
    }
    if options.threads is not None and options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; it must be at least 1.")
    wanted = [replace(recipes.table[name], **changes) for name in names]
    for recipe in wanted:
        check_recipe(recipe)
    return wanted


def check_batches(wanted: Sequence[Recipe], count: int) -> None:
    """Raise `ValueError` for a batch that is not as many pictures on each of `count` processes."""
    for recipe in wanted:
        if recipe.batch % count:
            near = count * max(1, round(recipe.batch / count))
            raise ValueError(
                f"'{recipe.key}' has batches of {recipe.batch}, which {count} processes cannot "
                f"share equally; try --batch {near}, or another number of processes."
            )


def check_folders(wanted: Sequence[Recipe], options: argparse.Namespace) -> None:
    """Raise `ValueError`, before hours of training, for folders that cannot be written to."""
    for recipe in wanted:
        check_writable(options.runs / recipe.key / "state.pt")
        check_writable((options.out if recipe.shipped else options.runs) / recipe.key)


def setting(device: torch.device, count: int, precision: str) -> str:
    """One line: on what is trained, on how many processes, how precisely, on which data stream."""
    from .pipelines import drawn_by

    shared = f", {count} processes" if count > 1 else ""
    return (
        f"Training on {device_name(device)}{shared}, {PRECISIONS[precision]}; "
        f"data drawn by {drawn_by(device)}."
    )


def device_name(device: torch.device) -> str:
    """The maker's name of a GPU, where its driver tells it; otherwise its kind: "CPU"."""
    import torch

    name = getattr(torch.get_device_module(device), "get_device_name", None)
    return name(device) if name else device.type.upper()


def train(
    recipe: Recipe,
    weights: dict[str, float],
    options: argparse.Namespace,
    state: PartialState,
) -> None:
    """Train one recipe and write its file; goes on from its state if there is one."""
    from .data import load_groups
    from .loop import run
    from .tasks import TASKS

    spec = TASKS[recipe.task]
    network = spec.network(recipe, (options.out, options.runs, CHECKPOINTS))
    groups = load_groups(options.photos, weights, recipe.crop)
    task = spec.task(recipe, network, groups, options.validate)
    result = run(task, recipe, options.runs / recipe.key, options.precision)
    data = {group.name: len(group.pictures) for group in groups}
    folder = options.out if recipe.shipped else options.runs
    if state.is_main_process:
        print(f"Wrote {spec.export(recipe, result, data, folder)}")
    state.wait_for_everyone()


def work(options: argparse.Namespace) -> None:
    recipes = load_recipes(options.recipes)
    wanted = chosen(recipes, options)
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    with processes() as state:
        check_batches(wanted, state.num_processes)
        if state.is_main_process:
            check_folders(wanted, options)
            print(setting(state.device, state.num_processes, options.precision), flush=True)
        for recipe in wanted:
            with alone_on(options.runs / recipe.key, state):
                train(recipe, recipes.weights, options, state)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.train", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
