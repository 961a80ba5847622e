"""Keep what a run learned: as a network of the person's own, or as a recipe to train it again."""

from __future__ import annotations

import math
import re
import shutil
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..base.own_losses import FLAG, FOLDER
from ..base.toml import toml
from ..base.words import name_of
from ..train.recipes import Recipe
from ..variants.library import WHAT, Kept, Library
from .experiments import Experiment
from .plan import Plan

if TYPE_CHECKING:
    from torch import nn

COMMAND = (
    "ACCELERATE_USE_CPU=1 python -m core.train {key} --recipes {key}.toml --photos photos "
    "--precision no --threads 1 --out {key} --runs {key}"
)
NEEDS = "# Needs {folder}/{name}.py in the data folder, with the SHA-256 {digest}.\n"
PROTOCOL = "{name}, the middle {width} x {height}, with the noise of the Lab's test picture"
UNNAMED = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Export:
    """What trains a run's weights outside the lab, bit for bit on the same machine.

    `recipe` is the text of a recipes file called `name`, `command` the command line, to be given
    beside that file and the folder `photos`. Without `ACCELERATE_USE_CPU` the same command trains
    on a GPU, where other random numbers are drawn.
    """

    name: str
    recipe: str
    command: str


def export(experiment: Experiment, place: int) -> Export:
    """The recipe of a run with the steps that it has taken, and its command."""
    recipe = _recipe(experiment, place)
    needs = "".join(
        NEEDS.format(folder=FOLDER, name=name, digest=digest)
        for name, digest in recipe.own_losses.items()
    )
    head = f"# {experiment.label}: {experiment.plans[place].label}\n{needs}"
    command = COMMAND.format(key=recipe.key) + (f" {FLAG}" if needs else "")
    return Export(f"{recipe.key}.toml", f"{head}\n{recipe_text(recipe)}", command)


def keep(experiment: Experiment, place: int, label: str, library: Library) -> Kept:
    """Put a run's averaged weights, with a full card, among the person's networks.

    Raises `ValueError` for a run that has taken no step, and for an empty label.
    """
    from ..train.loop import Result
    from ..train.tasks import TASKS
    from ..variants.store import update_card
    from .training import run_of

    label, recipe = name_of(WHAT, label), _recipe(experiment, place)
    run = run_of(experiment, place)
    if not run.step:
        raise ValueError(f"'{experiment.plans[place].label}' has taken no step that is kept yet.")
    recipe = replace(recipe, steps=run.step)
    data = {group.name: len(group.pictures) for group in run.task.data.groups}
    result = Result(run.average.module, _history(experiment, place, run.step))
    with TemporaryDirectory(prefix="losslens-lab-") as folder:
        written = TASKS[recipe.task].export(recipe, result, data, Path(folder))
        validation = _validation(experiment, run.average.module)
        update_card(written.stem, written.parent, validation=validation)
        kept = library.add(lambda path: shutil.copyfile(written, path), written.name)
    library.rename(kept, label)
    return replace(kept, label=label)


def _validation(experiment: Experiment, network: nn.Module) -> dict[str, Any]:
    """What a network makes of the test picture, which no run was trained on, in numbers."""
    import torch

    from ..imaging.images import clipped, to_tensor
    from ..metrics import METRICS

    picture = experiment.picture()
    clean, noisy = to_tensor(picture.clean)[None], torch.from_numpy(picture.noisy)[None]
    with torch.inference_mode():
        output = clipped(network.eval()(noisy).float())
    found = {
        spec.key: spec(output, clean).item()
        for spec in METRICS.values()
        if not (spec.needs_measurement or spec.absent())
    }
    height, width = picture.clean.shape[:2]
    return {
        "metrics": {key: value for key, value in found.items() if math.isfinite(value)},
        "photos": experiment.picture_name,
        "count": 1,
        "protocol": PROTOCOL.format(name=experiment.picture_name, width=width, height=height),
    }


def _history(experiment: Experiment, place: int, last: int) -> list[dict[str, float]]:
    """The loss terms and the PSNR at the steps where the test picture was looked at."""
    run = experiment.run(place)
    progress, curves = run.progress(), run.curves()
    return [
        {
            "step": score.step,
            **dict(zip(progress.terms, map(float, curves[score.step - 1]), strict=True)),
            "PSNR": score.psnr,
        }
        for score in progress.scores
        if 0 < score.step <= min(last, len(curves))
    ]


def _recipe(experiment: Experiment, place: int) -> Recipe:
    plan = experiment.plans[place]
    steps = experiment.run(place).progress().step or plan.steps
    return replace(plan.recipe(_key(experiment, plan)), steps=steps)


def _key(experiment: Experiment, plan: Plan) -> str:
    """A name for files: the labels' letters and digits, and the experiment's id."""
    words = UNNAMED.sub("-", f"{experiment.label} {plan.label}".lower()).strip("-")
    return f"lab-{words[:40].strip('-')}-{experiment.id[:6]}"


def recipe_text(recipe: Recipe) -> str:
    """A recipe as `core.train.recipes.load_recipes` reads it: what differs from its defaults.

    Procedural textures are left out of what is trained on.
    """
    lines = [f"[{recipe.key}]"]
    for field in fields(Recipe):
        default = (
            field.default_factory()
            if field.default is MISSING and (field.default_factory is not MISSING)
            else field.default
        )
        value = getattr(recipe, field.name)
        if field.name != "key" and value != default:
            lines.append(f"{field.name} = {toml(value)}")
    return "\n".join([*lines, "", "[groups]", "procedural = 0.0", ""])
