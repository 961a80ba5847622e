"""Score-CAM: one forward pass for each channel, so that it is a job behind a button."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from core.viewer import Panel
from pages.attention.band import current_band, take_band
from pages.attention.choice import Choice
from pages.attention.maps import as_chosen, finished, map_layer
from pages.shared import cached
from pages.shared.comparison import shown
from pages.shared.computing import computed, in_line, in_turn
from pages.shared.jobs import Job, Unwanted, wait_for
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.visits import look
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.maps import RawMap

ASKED = "score_cam_asked"
LABEL = "Score-CAM, one forward pass for each channel"
POLL_SECONDS = 0.5
HEIGHT = 420


@dataclass(frozen=True)
class ScoreMap:
    """What Score-CAM is asked for; `job` makes the map."""

    picture: Picture
    choice: Choice
    job: Job[RawMap] = field(default_factory=Job)

    def is_of(self, picture: Picture, choice: Choice) -> bool:
        """Return whether this is the map of what is chosen now."""
        fields = ("variant", "layer", "target", "region", "padding")
        same = all(getattr(self.choice, f) == getattr(choice, f) for f in fields)
        return same and self.picture.digest == picture.digest

    def made(self) -> RawMap:
        """Make the map; raises what `score_cam` does, also once nobody waits for it any more."""
        from core.attention.maps import score_cam_map

        choice, model = self.choice, cached.variants.model(self.choice.variant)
        where = self.picture.image, choice.layer, choice.target, choice.region
        told = {"progress": self._told, "cancel": Unwanted(self.job)}
        return score_cam_map(model, *where, padding=choice.padding, **told)

    def _told(self, share: float) -> None:
        self.job.progress = share


def score_cam_part(bench: Workbench, choice: Choice) -> None:
    """Draw the button, and the map that it asked for."""
    asked: ScoreMap | None = st.session_state.get(ASKED)
    running = bool(asked and asked.job.running)
    st.fragment(_drawn, run_every=POLL_SECONDS if running else None)(bench, choice, running)


def _drawn(bench: Workbench, choice: Choice, polling: bool) -> None:
    picture = bench.measurement
    asked: ScoreMap | None = st.session_state.get(ASKED)
    mine = asked if asked and asked.is_of(picture, choice) else None
    if mine:
        mine.job.ask(look())
    elif asked:
        asked.job.cancel()  # something else is looked at now
    part = st.expander(LABEL, key="score_cam", on_change="rerun")
    if part.open:
        with part:
            inside(picture, choice, mine)
    if bool(asked and asked.job.running) != polling:
        st.rerun()


def inside(picture: Picture, choice: Choice, asked: ScoreMap | None) -> None:
    """Draw the offer, the progress with a button to cancel, or the map."""
    from core.attention.cam import SCORE_CAM_SENTENCE

    st.caption(SCORE_CAM_SENTENCE)
    if asked is None:
        offer(picture, choice)
    elif asked.job.running:
        how_far = in_line(cached.work.long_line()) or f"{asked.job.progress:.0%}"
        st.progress(asked.job.progress, f"Score-CAM: {how_far}")
        st.button("Cancel", on_click=asked.job.cancel)
    else:
        result(asked, choice)


def offer(picture: Picture, choice: Choice) -> None:
    """Draw the button with the time that it takes."""
    job = computed(
        "score_cam_seconds",
        str(picture.size),
        choice.variant,
        choice.layer,
        choice.target,
        compute=lambda: seconds(picture, choice),
    )
    wait_for([job], 1.0)
    about = f" (about {job.value:.0f} s)" if job.value else ""
    st.button(f"Compute Score-CAM{about}", on_click=start, args=(picture, choice))


def seconds(picture: Picture, choice: Choice) -> float:
    """Estimate how long it takes."""
    from core.attention.cam import score_cam_seconds

    model = cached.variants.model(choice.variant)
    return score_cam_seconds(model, picture.image, choice.layer, choice.target)


def start(picture: Picture, choice: Choice) -> None:
    """Have a map made; the former one is cancelled."""
    former: ScoreMap | None = st.session_state.get(ASKED)
    if former:
        former.job.cancel()
    asked = st.session_state[ASKED] = ScoreMap(picture, choice)
    in_turn(asked.job, asked.made, cached.work.long_line())


def result(asked: ScoreMap, choice: Choice) -> None:
    """Draw the map, or say why there is none."""
    if asked.job.value is None:
        st.caption(plain(asked.job.error or "Score-CAM was cancelled."))
        st.button("Again", on_click=start, args=(asked.picture, asked.choice))
        return
    raw = as_chosen(asked.job.value, choice)
    layers = (map_layer(finished(raw, asked.picture)),)
    panel = Panel("score", "Score-CAM", shown(asked.picture), layers=layers)
    linked_viewer(
        [panel], key="score_map", band=current_band(), on_band_change=take_band, height=HEIGHT
    )
