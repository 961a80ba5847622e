"""The one process that trains for everybody: it takes the queue in order, and yields to pages.

It is no part of the server: a hidden or closed tab, another page or a server that was killed stop
nothing. Whoever looks at an experiment calls `ensure_worker`.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from ..base.locks import held
from ..base.own_losses import allowed
from ..base.paths import ROOT
from ..base.words import first_line
from .experiments import RUN, Experiment, Experiments
from .owners import forget_the_dead
from .progress import FAILED

LOCK, LOG = "worker.lock", "worker.log"
OWN, RETIRE = "worker.own-losses", "worker.retire"
"""There where the worker may run own losses, and where another worker is wanted."""
NICENESS = 10
THREADS = 1
TURN_SECONDS = 20.0
"""How long an experiment trains while others wait."""
LOOK_SECONDS = 0.1
REST_SECONDS = 5.0
"""How long it rests where the disk takes nothing."""
IDLE_SECONDS = 600.0
"""How long the worker waits for more: its libraries take seconds to load."""
FAILURE = "{label} cannot be trained: {error}"


def ensure_worker(folder: Path) -> None:
    """Have a worker for the experiments in a folder, unless there is one.

    One that may not run own losses, where this process may, is asked to make room for another.
    """
    with held(folder / LOCK) as there_is_none:
        if not there_is_none:
            if allowed() and not (folder / OWN).exists():
                (folder / RETIRE).touch()
            return
    with (folder / LOG).open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", __package__, "--folder", str(folder.resolve())],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def say_what_it_may(folder: Path) -> None:
    """Tell who looks whether own losses may be run; the worker that was to make room has."""
    if allowed():
        (folder / OWN).touch()
    else:
        (folder / OWN).unlink(missing_ok=True)
    (folder / RETIRE).unlink(missing_ok=True)


def may_be_taken(experiment: Experiment) -> bool:
    """Whether this worker may run what an experiment needs; what it may not waits for another."""
    return allowed() or not experiment.needs_own


def work(folder: Path, idle: float = IDLE_SECONDS) -> None:
    """Train what waits in a folder until nothing has for `idle` seconds, or it is removed.

    Returns at once where another process does.
    """
    with held(folder / LOCK) as mine:
        if not mine:
            return
        say_what_it_may(folder)
        os.nice(NICENESS)
        experiments, ends = Experiments(folder), time.monotonic() + idle
        experiments.tidy()
        forget_the_dead(experiments)
        _load(rehearsed=not experiments.waiting())
        turns = Turns(experiments)
        while time.monotonic() < ends and folder.is_dir() and not turns.retired:
            first = next(filter(may_be_taken, experiments.waiting()), None)
            if first:
                turns.take(first)
                ends = time.monotonic() + idle
            else:
                time.sleep(LOOK_SECONDS)


def _load(*, rehearsed: bool) -> None:
    """Load what training needs before anybody waits for it."""
    import torch

    training = import_module(".training", __package__)
    torch.set_num_threads(THREADS)
    if rehearsed:
        try:
            training.rehearse()
        except Exception as error:  # whoever trains is told
            logging.getLogger(__name__).warning("The rehearsal failed", exc_info=error)


class Turns:
    """Turns of experiments; the last one's runs stay open."""

    def __init__(self, experiments: Experiments) -> None:
        self.experiments = experiments
        self.runs = None

    @property
    def retired(self) -> bool:
        """Whether another worker is wanted."""
        return (self.experiments.folder / RETIRE).exists()

    def take(self, experiment: Experiment) -> None:
        """Train an experiment until it is done, is to stop, or others have waited long enough."""
        try:
            self._take(experiment)
        except Exception as error:
            self.runs = None
            if experiment.is_there:  # it may have been deleted under way
                _failed(experiment, error)
        with suppress(OSError):
            self._leave(experiment)

    def _leave(self, experiment: Experiment) -> None:
        if not experiment.is_there:
            self.runs = None
            self.experiments.delete(experiment)  # what was written since
        elif not experiment.waits:
            experiment.leave_the_queue()

    def _take(self, experiment: Experiment) -> None:
        forget_the_dead(self.experiments)
        runs, ends = self.opened(experiment), time.monotonic() + TURN_SECONDS
        runs.reach(experiment.steps)
        while experiment.is_there and experiment.wanted == (RUN, runs.steps) and runs.advance():
            if self.retired:
                break
            if time.monotonic() > ends and len(self.experiments.waiting()) > 1:
                experiment.to_the_end_of_the_queue()
                break
        if experiment.is_there:
            runs.save()

    def opened(self, experiment: Experiment):  # noqa: ANN201 (its module needs PyTorch)
        from .training import Runs

        if self.runs is None or self.runs.experiment.id != experiment.id:
            self.runs = Runs(experiment)
        return self.runs


def _failed(experiment: Experiment, error: Exception) -> None:
    """Give an experiment up; where not even that can be written, let the others go first."""
    try:
        give_up(experiment, error)
    except OSError:
        with suppress(OSError):
            experiment.to_the_end_of_the_queue()
        time.sleep(REST_SECONDS)


def give_up(experiment: Experiment, error: Exception) -> None:
    """End every run that goes on, with a sentence; the log says more.

    Raises `FileError` where that cannot be written.
    """
    logging.getLogger(__name__).error("An experiment failed", exc_info=error)
    for plan, run in zip(experiment.plans, experiment.runs, strict=True):
        progress = run.progress()
        if progress.state != FAILED:
            progress.state = FAILED
            progress.sentence = FAILURE.format(label=plan.label, error=first_line(error))
            run.keep(progress, run.curves())
