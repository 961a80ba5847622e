"""Experiments on disk: what was asked, how far each run is, and whose turn it is.

A page asks and looks, the worker trains; all they share is these files, so neither needs the other
to be alive.
"""

from __future__ import annotations

import math
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np

from ..base.files import read_plain, shown, signature, write_whole, written_whole
from ..base.json_numbers import dumps, loads
from ..base.paths import data_folder
from ..base.shapes import misfit
from ..base.words import name_of
from .photos import PhotoPool, Photos
from .plan import BOUNDS, Plan, check_plans
from .progress import DONE, FAILED, RunFolder

LAB = "lab"
ASKED, WANTED, QUEUE, PICTURE, PHOTOS = (
    "asked.json",
    "wanted.json",
    "queue",
    "picture.npz",
    "photos",
)
RUN, PAUSE, STOP = "run", "pause", "stop"
QUEUED, RUNNING, PAUSED, STOPPED = "queued", "running", "paused", "stopped"
DIGITS = 12
NAMES = DIGITS * "[0-9a-f]"
"""Of experiments' folders; those that are being written have a dot before them."""
LEFT_SECONDS = 3600.0
"""Nobody writes an experiment down for so long."""
MOST_WAITING = 20
"""Experiments that may wait at once."""
MOST_BYTES = 10**6
"""Of what was asked."""


@dataclass(frozen=True)
class LabPicture:
    """What every run restores as it goes: uint8 `(H, W, 3)` clean, float32 `(3, H, W)` noisy."""

    name: str
    clean: np.ndarray
    noisy: np.ndarray


class Asked(TypedDict):
    """What a person asked for, and who."""

    label: str
    owner: str
    begun: str
    plans: list[Plan]
    picture: str


class Wanted(TypedDict):
    """What is to become of it."""

    wanted: Literal["run", "pause", "stop"]
    steps: int


class Experiment:
    """A few runs side by side, in a folder. Raises `ValueError` where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        document = _document(folder / ASKED, Asked)
        self.label: str = document["label"]
        self.owner: str = document["owner"]
        self.begun: str = document["begun"]
        self.plans = [Plan(**plan) for plan in document["plans"]]
        self.picture_name: str = document["picture"]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def is_there(self) -> bool:
        """Whether it was not deleted."""
        return (self.folder / ASKED).is_file()

    @property
    def needs_own(self) -> bool:
        """Whether a run has a loss of a person's own."""
        return any(plan.own_losses for plan in self.plans)

    @property
    def photos(self) -> Path:
        """The folder of training pictures, a folder in it for each group."""
        return self.folder / PHOTOS

    def picture(self) -> LabPicture:
        """The test picture."""
        with np.load(self.folder / PICTURE, allow_pickle=False) as arrays:
            return LabPicture(self.picture_name, arrays["clean"], arrays["noisy"])

    def run(self, place: int) -> RunFolder:
        """The folder of a run."""
        return RunFolder(self.folder / "runs" / str(place))

    @property
    def runs(self) -> list[RunFolder]:
        return [self.run(place) for place in range(len(self.plans))]

    # What is wanted

    @property
    def wanted(self) -> tuple[str, int]:
        """What was asked last, "run", "pause" or "stop", and the number of steps."""
        document = _document(self.folder / WANTED, Wanted)
        return document["wanted"], document["steps"]

    @property
    def steps(self) -> int:
        return self.wanted[1]

    def want(self, wanted: str, steps: int) -> None:
        """Ask for something else."""
        write_whole(self.folder / WANTED, dumps({"wanted": wanted, "steps": steps}))

    def pause(self) -> None:
        """Stop after the step that is being taken, until it is to go on."""
        self.want(PAUSE, self.steps)
        self.leave_the_queue()

    def stop(self) -> None:
        """End it with the steps that it has."""
        self.want(STOP, self.steps)
        self.leave_the_queue()

    def more(self, steps: int = 0) -> None:
        """Go on, with so many steps more than were asked for. Raises `ValueError` for too many."""
        low, high = BOUNDS["steps"]
        total = self.steps + steps
        if not low <= total <= high:
            raise ValueError(f"These are {total:,} steps in all; allowed are {low:,} to {high:,}.")
        self.want(RUN, total)
        self.to_the_end_of_the_queue()

    # How it is

    @property
    def finished(self) -> bool:
        """Whether each run has taken its steps or failed."""
        steps = self.steps
        return all(
            run.state == FAILED or run.step >= steps for run in (r.progress() for r in self.runs)
        )

    @property
    def moved(self) -> bool:
        """Whether every run has taken a step or failed."""
        return all(run.step or run.state == FAILED for run in (r.progress() for r in self.runs))

    @property
    def waits(self) -> bool:
        """Whether there is anything to be trained, and it is to be trained."""
        try:
            return self.is_there and self.wanted[0] == RUN and not self.finished
        except ValueError:  # it was deleted meanwhile
            return False

    @property
    def state(self) -> str:
        """ "queued" until its first step, "running", "paused", "stopped", "failed" or "done"."""
        if self.finished:
            return FAILED if all(run.progress().state == FAILED for run in self.runs) else DONE
        asked = {PAUSE: PAUSED, STOP: STOPPED}.get(self.wanted[0])
        begun = any(run.progress().terms for run in self.runs)
        return asked or (RUNNING if begun else QUEUED)

    @property
    def since(self) -> float:
        """When it joined the queue; infinite where it left it."""
        joined = signature(self.folder / QUEUE)
        return joined[0] if joined else math.inf

    def to_the_end_of_the_queue(self) -> None:
        """Let the others take their turn first."""
        (self.folder / QUEUE).touch()
        os.utime(self.folder / QUEUE, (time.time(), time.time()))

    def leave_the_queue(self) -> None:
        """Nobody has to look at it from now on; unless it is to go on after all."""
        (self.folder / QUEUE).unlink(missing_ok=True)
        if self.waits:
            self.to_the_end_of_the_queue()


class Experiments:
    """All experiments in a folder, by default the lab's in the data folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / LAB
        self.pool = PhotoPool(self.folder)

    def begin(
        self,
        label: str,
        plans: Sequence[Plan],
        picture: LabPicture,
        photos: Photos,
        owner: str = "",
    ) -> Experiment:
        """Write an experiment down and queue it.

        `photos` are what is trained on. All runs take as many steps as the first. Raises
        `ValueError` in one sentence for plans that cannot be trained, for nothing to train on,
        and for a full queue.
        """
        check_plans(list(plans))
        plans = [plan.pinned for plan in plans]
        if len(self.waiting()) >= MOST_WAITING:
            raise ValueError(
                f"{MOST_WAITING} experiments wait already, which is the most; come back later."
            )
        folder = self.folder / f".{secrets.token_hex(DIGITS // 2)}"
        try:
            self._write(folder, label, plans, picture, photos, owner)
            made = folder.with_name(folder.name[1:])
            folder.rename(made)  # from here on the worker sees it, whole
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Experiment(made)

    def _write(
        self,
        folder: Path,
        label: str,
        plans: Sequence[Plan],
        picture: LabPicture,
        photos: Photos,
        owner: str,
    ) -> None:
        count = 0
        for group, name, array in photos:
            self.pool.put(array, folder / PHOTOS / group / f"{name}.png")
            count += 1
        if not count:
            raise ValueError("There is nothing to train on: no training picture was chosen.")
        with written_whole(folder / PICTURE) as file, file.open("wb") as stream:
            np.savez(stream, clean=picture.clean, noisy=picture.noisy)
        document = {
            "label": name_of("An experiment", label),
            "owner": owner,
            "begun": datetime.now().astimezone().isoformat(timespec="seconds"),
            "plans": [asdict(plan) for plan in plans],
            "picture": picture.name,
        }
        write_whole(folder / WANTED, dumps({"wanted": RUN, "steps": plans[0].steps}))
        (folder / QUEUE).touch()
        write_whole(folder / ASKED, dumps(document, indent=1))

    def all(self, owner: str = "") -> list[Experiment]:
        """Those of an owner, the newest first; a folder that cannot be read hides no other."""
        found = filter(None, map(_opened, self.folder.glob(NAMES)))
        mine = (one for one in found if one.owner == owner)
        return sorted(mine, key=lambda one: one.begun, reverse=True)

    def waiting(self) -> list[Experiment]:
        """Everybody's that are to be trained, in the order of their turns."""
        queued = (path.parent for path in self.folder.glob(f"{NAMES}/{QUEUE}"))
        found = filter(None, map(_opened, queued))
        return sorted((one for one in found if one.waits), key=lambda one: one.since)

    def place(self, experiment: Experiment) -> int | None:
        """How many are before it in the queue; None where it does not wait."""
        ids = [one.id for one in self.waiting()]
        return ids.index(experiment.id) if experiment.id in ids else None

    def delete(self, experiment: Experiment) -> None:
        """Remove an experiment and all that it made; what was kept of it stays where it is."""
        (experiment.folder / ASKED).unlink(missing_ok=True)  # the worker looks for this
        shutil.rmtree(experiment.folder, ignore_errors=True)

    def delete_all(self, owner: str) -> None:
        """Remove those of an owner, or of all whose names begin so, who are gone for good."""
        for experiment in filter(None, map(_opened, self.folder.glob(NAMES))):
            if experiment.owner.startswith(owner):
                self.delete(experiment)

    def tidy(self) -> None:
        """Remove what was half begun or half deleted, and have only those queue that wait."""
        begun = (path for path in self.folder.glob(f".{NAMES}") if _is_left(path))
        deleted = (path for path in self.folder.glob(NAMES) if not (path / ASKED).exists())
        for folder in (*begun, *deleted):
            shutil.rmtree(folder, ignore_errors=True)
        for experiment in filter(None, map(_opened, self.folder.glob(NAMES))):
            if not experiment.waits:
                experiment.leave_the_queue()


def _is_left(folder: Path) -> bool:
    """Whether nobody has written to it for long."""
    written = signature(folder)
    return written is not None and time.time() - written[0] / 1e9 > LEFT_SECONDS


def _opened(folder: Path) -> Experiment | None:
    try:
        experiment = Experiment(folder)
        _ = experiment.wanted
    except ValueError:
        return None
    return experiment


def _document(path: Path, kind: Any) -> Any:
    """A document of a kind. Raises `ValueError` in one sentence where there is none."""
    document = loads(read_plain(path, MOST_BYTES))
    if (bad := misfit(document, kind)) is not None:
        raise ValueError(f"'{shown(path)}' has no sound value for '{bad}'.")
    return document
