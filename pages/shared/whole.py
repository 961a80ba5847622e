"""A large photo restored whole: a job with progress, an estimate and a way out, then a file."""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic

import streamlit as st

from pages.shared import cached
from pages.shared.slots import Slot
from pages.shared.workbench import Workbench

JOB = "whole_photo"
POLL_SECONDS = 0.5


class WholePhoto:
    """Degrades and restores a photo in tiles in a thread; `slot` receives the PNG's bytes."""

    def __init__(self, bench: Workbench, name: str, label: str) -> None:
        self.bench = bench
        self.name = name
        self.label = label
        self.slot: Slot[bytes] = Slot()
        self.cancel = Event()
        self.share = 0.0
        self.started = monotonic()
        Thread(target=self.slot.fill, args=(self._restored,), daemon=True).start()

    @property
    def alive(self) -> bool:
        return not self.slot.ready and not self.cancel.is_set()

    @property
    def text(self) -> str:
        """How far it is, and how long the rest takes at the speed so far."""
        if not self.share:
            return f"{self.label}: starting"
        rest = (monotonic() - self.started) * (1 - self.share) / self.share
        return f"{self.label}: {self.share:.0%}, about {rest:.0f} s left"

    def _restored(self) -> bytes:
        from core.degradations import DEGRADATIONS
        from core.images import encode_png, to_tensor, to_uint8
        from core.restore import Cancelled, restore_iter

        bench = self.bench
        clean = to_tensor(bench.source.array)[None]
        measured = DEGRADATIONS[bench.degradation](clean, **bench.parameters)
        outputs = restore_iter(
            measured, [self.name], load=cached.model, cancel=self.cancel, progress=self._progress
        )
        try:
            return encode_png(to_uint8(next(outputs)[1][0]))
        except Cancelled as error:
            raise ValueError(str(error)) from error

    def _progress(self, _name: str, share: float) -> None:
        self.share = share


def whole_photo(bench: Workbench) -> None:
    """The controls, for photos of which only a part is shown."""
    width, height = bench.source.size
    with st.expander(f"Restore the whole photo of {width:,} × {height:,} pixels", key="whole"):
        labels = {card.name: card.label for card in bench.cards}
        name = st.selectbox(
            "Variant", list(labels), format_func=labels.__getitem__, key="whole_variant"
        )
        st.caption("In tiles of 512 pixels; how long it takes stands here after the first.")
        job: WholePhoto | None = st.session_state.get(JOB)
        alive = job is not None and job.alive
        if st.button("Restore the whole photo", key="whole_start", disabled=alive):
            st.session_state[JOB] = job = WholePhoto(bench, name, labels[name])
        if job:
            alive = job.alive
            st.fragment(_watch, run_every=POLL_SECONDS if alive else None)(job, alive)


def _watch(job: WholePhoto, watched: bool) -> None:
    if job.alive:
        st.progress(job.share, job.text)
        if st.button("Cancel", key="whole_cancel"):
            job.cancel.set()
    elif job.cancel.is_set():
        st.caption(f"{job.label}: cancelled.")
    elif job.slot.error:
        st.error(job.slot.error)
    else:
        st.download_button(
            f"Download the whole photo, {job.label}",
            job.slot.value,
            file_name=f"{job.name}.png",
            mime="image/png",
            on_click="ignore",
            key="whole_download",
        )
    if watched != job.alive:
        st.rerun()
