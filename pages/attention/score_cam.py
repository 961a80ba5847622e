"""Score-CAM: one forward pass for each channel, so behind a button, with a way out."""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic

import streamlit as st
from pages.shared.slots import Slot

from pages.attention.choice import Choice, current_band, take_band
from pages.attention.maps import RawMap, banded, finished
from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.comparison import shown
from pages.shared.linked_viewer import Panel, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

JOB = "score_cam_job"
LABEL = "Score-CAM, one forward pass for each channel"
POLL_SECONDS = 0.5
FORGOTTEN_SECONDS = 10
KEY = "eigen_cam"  # a CAM method without gradient: its map is only scaled here


class ScoreJob:
    """Makes one map in a thread; `slot` receives it, `share` says how far it is."""

    def __init__(self, picture: Picture, choice: Choice) -> None:
        self.picture, self.choice = picture, choice
        self.slot: Slot[RawMap] = Slot()
        self.cancel = Event()
        self.share = 0.0
        self.asked = monotonic()
        Thread(target=self.slot.fill, args=(self._made,), daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self.slot.ready and not self.cancel.is_set()

    def is_of(self, picture: Picture, choice: Choice) -> bool:
        """Whether this is the map of what is chosen now."""
        fields = ("variant", "layer", "target", "region")
        same = all(getattr(self.choice, f) == getattr(choice, f) for f in fields)
        return same and self.picture.digest == picture.digest

    def _made(self) -> RawMap:
        from core.attention.cam import Stopped, look, score_cam

        choice, picture = self.choice, self.picture
        model = cached.model(choice.variant)
        where = (choice.layer, choice.target, choice.region)
        try:
            raw = score_cam(model, picture.image, *where, progress=self._told, cancel=self.cancel)
        except Stopped as error:
            raise ValueError(str(error)) from error
        return RawMap(raw, look(model, picture.image, choice.layer).covers)

    def _told(self, share: float) -> None:
        self.share = share
        if monotonic() - self.asked > FORGOTTEN_SECONDS:  # the page was left
            self.cancel.set()


def score_cam_part(bench: Workbench, choice: Choice) -> None:
    """The button, and the job that it started."""
    job: ScoreJob | None = st.session_state.get(JOB)
    alive = bool(job and job.alive)
    st.fragment(_drawn, run_every=POLL_SECONDS if alive else None)(bench, choice, alive)


def _drawn(bench: Workbench, choice: Choice, polling: bool) -> None:
    picture = bench.measurement
    job: ScoreJob | None = st.session_state.get(JOB)
    mine = job if job and job.is_of(picture, choice) else None
    if mine:
        mine.asked = monotonic()
    elif job:
        job.cancel.set()  # something else is looked at now
    part = st.expander(LABEL, key="score_cam", on_change="rerun")
    if part.open:
        with part:
            inside(picture, choice, mine)
    if bool(job and job.alive) != polling:
        st.rerun()


def inside(picture: Picture, choice: Choice, job: ScoreJob | None) -> None:
    """The offer, the progress with a way out, or the map."""
    from core.attention.cam import SCORE_CAM_SENTENCE

    st.caption(SCORE_CAM_SENTENCE)
    if job is None:
        offer(picture, choice)
    elif job.alive:
        st.progress(job.share, f"Score-CAM: {job.share:.0%}")
        st.button("Cancel", on_click=job.cancel.set)
    else:
        result(job)


def offer(picture: Picture, choice: Choice) -> None:
    """How long it would take, and the button."""
    slot = cached.computed(
        "score_cam_seconds",
        str(picture.size),
        choice.variant,
        choice.layer,
        choice.target,
        compute=lambda: seconds(picture, choice),
    )
    slot.wait(1.0)
    about = f" (about {slot.value:.0f} s)" if slot.value else ""
    st.button(f"Compute Score-CAM{about}", on_click=start, args=(picture, choice))


def seconds(picture: Picture, choice: Choice) -> float:
    from core.attention.cam import score_cam_seconds

    model = cached.model(choice.variant)
    return score_cam_seconds(model, picture.image, choice.layer, choice.target)


def start(picture: Picture, choice: Choice) -> None:
    former: ScoreJob | None = st.session_state.get(JOB)
    if former:
        former.cancel.set()
    st.session_state[JOB] = ScoreJob(picture, choice)


def result(job: ScoreJob) -> None:
    if job.slot.value is None:
        st.caption(plain(job.slot.error or "Score-CAM was cancelled."))
        st.button("Again", on_click=start, args=(job.picture, job.choice))
        return
    done = finished(job.slot.value, KEY, job.picture, rule=False)
    panel = Panel("score", "Score-CAM", shown(job.picture), layers=(banded(done),))
    linked_viewer(
        [panel], key="score_map", band=current_band(), on_band_change=take_band, height=420
    )
