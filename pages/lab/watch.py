"""An experiment as it goes: the picture that every run restores, the curves, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.base.own_losses import FLAG, OWN_LOSSES, allowed
from core.imaging.export import file_name
from core.lab.experiments import PAUSED, QUEUED, RUNNING, STOPPED, Experiment
from core.lab.progress import DONE, FAILED, Progress, Score
from core.viewer import Panel
from pages.lab.asked import experiments
from pages.lab.curves import curves
from pages.lab.kept import keeping
from pages.lab.tried import tell_refused, tried, tried_at
from pages.lab.weights import weights
from pages.shared import cached
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain

LOOK_SECONDS = 1.0
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

Act = Callable[[], None]


def watch(experiment: Experiment) -> None:
    """Draw an experiment, and again about every second while it waits or trains."""
    waits = experiment.waits
    st.subheader(plain(experiment.label))
    if waits and experiment.needs_own and not allowed():
        st.info(WAITS_FOR_OWN)
    st.fragment(_drawn, run_every=LOOK_SECONDS if waits else None)(experiment, waits)
    keeping(experiment)
    weights(experiment)


def _drawn(experiment: Experiment, waited: bool) -> None:
    if not experiment.is_there:
        st.rerun()
    if waited:
        have_a_worker()
    found = [run.progress() for run in experiment.runs]
    st.caption(plain(status(experiment, found)))
    controls(experiment)
    for progress in found:
        if progress.sentence:
            st.warning(plain(progress.sentence))
    pictures(experiment, found)
    memory = st.select_slider(
        "Smoothing of the curves (off shows them as they are)",
        [0.0, 0.5, 0.9, 0.97],
        0.0,
        key="lab_smoothing",
        format_func=lambda value: f"{value:g}" if value else "off",
    )
    curves(experiment, memory)
    if waited != experiment.waits:
        st.rerun()


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
    step = choose_step(kept)
    picture = experiment.picture()
    given = {"clean": picture.clean, "measurement": noisy_array(picture.noisy)}
    panels = [
        Panel(role, label, cached.pictures.encoded(f"{experiment.id} {role}", given[role]), role)
        for role, label in (("clean", "Clean"), ("measurement", "Noisy"))
    ]
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


def noisy_array(noisy: object) -> object:
    """The noisy picture as it is drawn, uint8."""
    import torch

    from core.imaging.images import to_uint8

    return to_uint8(torch.from_numpy(noisy))


def choose_step(kept: list[list[int]]) -> int | None:
    """A step whose pictures every run has kept, None for the latest of each."""
    common = sorted(set.intersection(*map(set, kept))) if kept else []
    if len(common) < 2:
        return None
    if st.toggle("Follow the latest picture", True, key="lab_follow"):
        return None
    return st.select_slider(
        "Pictures after step", common, common[-1], key="lab_step", format_func="{:,}".format
    )


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
