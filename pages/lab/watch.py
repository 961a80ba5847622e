"""An experiment as it goes: the picture that every run restores, the curves, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from core.base.files import signature
from core.base.own_losses import FLAG, OWN_LOSSES, allowed
from core.imaging.export import file_name
from core.lab.experiments import (
    PAUSED,
    QUEUED,
    RUNNING,
    STOPPED,
    WANTED,
    Experiment,
    LabPicture,
)
from core.lab.progress import DONE, FAILED, FIGURES, Progress, Score
from core.viewer import Panel
from pages.lab.asked import experiments
from pages.lab.curves import curves
from pages.lab.kept import keeping
from pages.lab.pictures import LARGEST, test_picture
from pages.lab.tried import tell_refused, tried, tried_at
from pages.lab.weights import weights
from pages.shared import cached
from pages.shared.kept_steps import choose_kept_step
from pages.shared.linked_viewer import linked_viewer
from pages.shared.news import run_when
from pages.shared.plain import plain

if TYPE_CHECKING:
    from pages.shared.workbench import Workbench

LOOK_SECONDS = 1.0
"""How long what was drawn stands at least; the first pictures are drawn at once."""
AGAIN_SECONDS = 5.0
"""How long at most: others before it in the queue move too, and a worker can be killed."""
MORE = 1000
ALPHA = 0.05
WORDS = {
    QUEUED: "waiting to start",
    RUNNING: "training",
    PAUSED: "paused",
    STOPPED: "stopped",
    FAILED: "failed",
    DONE: "done",
}

WAITS_FOR_OWN = (
    f"It needs a loss of your own, and waits until the dashboard is started with `{FLAG}`, or "
    f"with `{OWN_LOSSES}=1`."
)

BEFORE = (
    "What every run will restore: the middle of the sidebar's picture, at most {most} × {most} "
    "pixels."
)

Act = Callable[[], None]


def watch(experiment: Experiment) -> None:
    """Draw an experiment, and again about every second while it waits or trains."""
    st.subheader(plain(experiment.label))
    if experiment.waits and experiment.needs_own and not allowed():
        st.info(WAITS_FOR_OWN)
    st.fragment(_drawn)(experiment, experiment.state)
    keeping(experiment)
    weights(experiment)


class More:
    """Whether there is more to see of an experiment than when this was made."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment, self.since = experiment, monotonic()
        self.moved, self.was = experiment.moved, self.files()

    def files(self) -> list[object]:
        """What changes when a run moves, or something else is asked of all."""
        runs = (run.path / FIGURES for run in self.experiment.runs)
        return [signature(path) for path in (self.experiment.folder / WANTED, *runs)]

    def to_see(self) -> bool:
        """The first pictures at once, later ones together."""
        waited = monotonic() - self.since
        if waited < LOOK_SECONDS and (self.moved or not self.experiment.moved):
            return False
        return waited > AGAIN_SECONDS or self.files() != self.was


def _drawn(experiment: Experiment, state: str) -> None:
    if not experiment.is_there:
        st.rerun()
    waits, more = experiment.waits, More(experiment)
    if waits:
        have_a_worker()
    found = [run.progress() for run in experiment.runs]
    st.caption(plain(status(experiment, found)))
    controls(experiment)
    for progress in found:
        if progress.sentence:
            st.warning(plain(progress.sentence))
    pictures(experiment, found)
    curves(experiment)
    if state != experiment.state:
        st.rerun()
    if waits:
        run_when(f"lab {experiment.id}", more.to_see)


def have_a_worker() -> None:
    """While someone looks on: one that was killed, or made room for another, is followed."""
    from core.lab import worker

    tried(worker.ensure_worker, experiments().folder)


def status(experiment: Experiment, found: list[Progress]) -> str:
    """State, place in the queue, steps and picture, in a line."""
    place = experiments().place(experiment)
    before = f", {place} before it in the queue" if place else ""
    steps = min(progress.step for progress in found)
    return (
        f"{WORDS[experiment.state]}{before} · step {steps:,} of {experiment.steps:,} · "
        f"{experiment.picture_name}"
    )


def controls(experiment: Experiment) -> None:
    """Pause, go on, stop, more: what makes sense now."""
    goes, state = experiment.waits, experiment.state
    more = partial(experiment.more, MORE)
    with st.container(horizontal=True):
        clicked = [
            _button("Pause", "pause", goes, experiment.pause),
            _button("Go on", "resume", state in (PAUSED, STOPPED), experiment.more),
            _button("Stop", "stop", goes or state == PAUSED, experiment.stop),
            _button(f"{MORE:,} steps more", "more", state != FAILED, more),
        ]
    for act in filter(None, clicked):
        if tried_at(experiment.id, act):
            st.rerun()
    tell_refused(experiment.id)


def _button(label: str, key: str, enabled: bool, act: Act) -> Act | None:
    """What a click asks for, None where there was none."""
    return act if st.button(label, key=f"lab_{key}", disabled=not enabled) else None


# Pictures ----------------------------------------------------------------------------------------


def pictures(experiment: Experiment, found: list[Progress]) -> None:
    """Clean, noisy, and what each run makes of it, after the step that was chosen."""
    kept = [run.snapshots() for run in experiment.runs]
    step = choose_kept_step("lab", common(kept))
    panels = given_panels(experiment.id, experiment.picture())
    for place, (plan, progress, steps) in enumerate(
        zip(experiment.plans, found, kept, strict=True)
    ):
        at = steps[-1] if steps and step is None else step
        shown = at if at in steps else None
        image = None
        if shown is not None:
            name = f"{experiment.id} {place} {shown}"
            image = cached.pictures.encoded(name, experiment.run(place).snapshot(shown))
        score = next((one for one in progress.scores if one.step == shown), None)
        panels.append(
            Panel(f"run-{place}", plan.label, image, caption=caption(score), note=plan.loss)
        )
    linked_viewer(
        panels, key="lab", name=file_name(experiment.label, picture=experiment.picture_name)
    )


def before(bench: Workbench) -> None:
    """What runs will restore, where there is no experiment yet: the viewer is there by then."""
    from core.imaging.images import digest

    picture = test_picture(bench)
    st.caption(BEFORE.format(most=LARGEST))
    linked_viewer(
        given_panels(f"{digest(picture.clean)} {digest(picture.noisy)}", picture),
        key="lab_before",
        name=file_name("lab", picture=picture.name),
    )


def given_panels(name: str, picture: LabPicture) -> list[Panel]:
    """The clean and the noisy picture; `name` stands for both."""
    given = {"clean": picture.clean, "measurement": noisy_array(picture.noisy)}
    return [
        Panel(role, label, cached.pictures.encoded(f"{name} {role}", given[role]), role)
        for role, label in (("clean", "Clean"), ("measurement", "Noisy"))
    ]


def noisy_array(noisy: object) -> object:
    """The noisy picture as it is drawn, uint8."""
    import torch

    from core.imaging.images import to_uint8

    return to_uint8(torch.from_numpy(noisy))


def common(kept: list[list[int]]) -> list[int]:
    """The steps whose pictures every run has kept."""
    return sorted(set.intersection(*map(set, kept))) if kept else []


def caption(score: Score | None) -> tuple[str, ...]:
    """What is measured of a run's picture, in a few words."""
    if score is None:
        return ()
    grid = f"grid of 2 px, {score.grid:.1f} levels" if score.grid_p < ALPHA else "no grid found"
    return (
        f"step {score.step:,}",
        f"PSNR {score.psnr:.2f} dB",
        f"detail {score.detail_gain:+.1f} dB",
        grid,
    )
