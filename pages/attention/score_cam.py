"""Score-CAM: one forward pass for each channel, so that it is a job behind a button."""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from pages.attention.band import current_band, take_band
from pages.attention.choice import Choice
from pages.attention.maps import finished, map_layer
from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.comparison import shown
from pages.shared.linked_viewer import Panel, linked_viewer
from pages.shared.plain import plain
from pages.shared.slots import Slot
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.maps import RawMap

JOB = "score_cam_job"
LABEL = "Score-CAM, one forward pass for each channel"
POLL_SECONDS = 0.5
FORGOTTEN_SECONDS = 10
HEIGHT = 420


class ScoreJob:
    """One map that is made in a thread; `slot` receives it, `share` in [0, 1] is done."""

    def __init__(self, picture: Picture, choice: Choice) -> None:
        self.picture, self.choice = picture, choice
        self.slot: Slot[RawMap] = Slot()
        self.cancel = Event()
        self.share = 0.0
        self.asked = monotonic()
        Thread(target=self.slot.fill, args=(self._made,), daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the map is still being made."""
        return not self.slot.ready and not self.cancel.is_set()

    def is_of(self, picture: Picture, choice: Choice) -> bool:
        """Return whether this is the map of what is chosen now."""
        fields = ("variant", "layer", "target", "region")
        same = all(getattr(self.choice, f) == getattr(choice, f) for f in fields)
        return same and self.picture.digest == picture.digest

    def _made(self) -> RawMap:
        from core.attention.cam import Stopped
        from core.attention.maps import score_cam_map

        choice, model = self.choice, cached.model(self.choice.variant)
        where = self.picture.image, choice.layer, choice.target, choice.region
        try:
            return score_cam_map(model, *where, progress=self._told, cancel=self.cancel)
        except Stopped as error:
            raise ValueError(str(error)) from error

    def _told(self, share: float) -> None:
        self.share = share
        if monotonic() - self.asked > FORGOTTEN_SECONDS:  # the page was left
            self.cancel.set()


def score_cam_part(bench: Workbench, choice: Choice) -> None:
    """Draw the button, and the job that it started."""
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
    """Draw the offer, the progress with a button to cancel, or the map."""
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
    """Draw the button with the time that it takes."""
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
    """Estimate how long it takes."""
    from core.attention.cam import score_cam_seconds

    model = cached.model(choice.variant)
    return score_cam_seconds(model, picture.image, choice.layer, choice.target)


def start(picture: Picture, choice: Choice) -> None:
    """Start the job of a map; the former one is cancelled."""
    former: ScoreJob | None = st.session_state.get(JOB)
    if former:
        former.cancel.set()
    st.session_state[JOB] = ScoreJob(picture, choice)


def result(job: ScoreJob) -> None:
    """Draw the map, or say why there is none."""
    if job.slot.value is None:
        st.caption(plain(job.slot.error or "Score-CAM was cancelled."))
        st.button("Again", on_click=start, args=(job.picture, job.choice))
        return
    layers = (map_layer(finished(job.slot.value, job.picture)),)
    panel = Panel("score", "Score-CAM", shown(job.picture), layers=layers)
    linked_viewer(
        [panel], key="score_map", band=current_band(), on_band_change=take_band, height=HEIGHT
    )
