"""A large photo restored whole: a job with progress, an estimate and a way out, then a file."""

from __future__ import annotations

import re
from pathlib import PurePath
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.labels import distinct_labels
from pages.shared import cached
from pages.shared.plain import plain
from pages.shared.slots import Slot
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.variants.store import Card

JOB = "whole_photo"
POLL_SECONDS = 0.5
EXACT = "In tiles of {tile} pixels, each with what the variant sees around it: equal to untiled."
DIFFERENT = (
    "This variant looks at the whole picture; in tiles it sees {seen} × {seen} pixels at a time, "
    "so the result differs slightly from one made whole."
)
WHEN_KNOWN = "how long it takes is known after the first tile"


class WholePhoto:
    """Degrades and restores a photo in tiles in a thread; `slot` receives the PNG's bytes."""

    def __init__(self, bench: Workbench, card: Card) -> None:
        self.bench = bench
        self.name = card.name
        self.label = f"{bench.source.label}, {card.label}"
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
            return f"{self.label}: starting; {WHEN_KNOWN}."
        rest = (monotonic() - self.started) * (1 - self.share) / self.share
        return f"{self.label}: {self.share:.0%}, about {rest:.0f} s left"

    @property
    def file_name(self) -> str:
        """The photo's name without its ending, and the variant's."""
        photo = re.sub(r"[^\w.-]+", "-", PurePath(self.bench.source.label).stem).strip("-.")
        return f"{photo or 'photo'}-{self.name}.png"

    def is_of(self, bench: Workbench) -> bool:
        """Whether it works on the same photo with the same degradation."""
        mine, other = (
            (b.source.digest, b.degradation, dict(b.parameters)) for b in (self.bench, bench)
        )
        return mine == other

    def _restored(self) -> bytes:
        from core.degradations import DEGRADATIONS
        from core.imaging.images import encode_png, to_tensor, to_uint8
        from core.variants.restore import Cancelled, restore_iter

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


def how_tiled(card: Card) -> str:
    """Whether tiles change what this variant's network makes of a photo."""
    from core.models import MODELS
    from core.variants.restore import HALO, TILE

    sentence = EXACT if MODELS[card.model].halo is not None else DIFFERENT
    return sentence.format(tile=TILE, seen=TILE + 2 * HALO)


def whole_photo(bench: Workbench) -> None:
    """The controls, for photos of which only a part is shown."""
    job = _current_job(bench)
    if bench.part is None or not bench.cards:
        return
    width, height = bench.source.size
    with st.expander(f"Restore the whole photo of {width:,} × {height:,} pixels", key="whole"):
        cards, labels = {card.name: card for card in bench.cards}, distinct_labels(bench.cards)
        name = st.selectbox(
            "Variant", list(cards), format_func=labels.__getitem__, key="whole_variant"
        )
        st.caption(f"{how_tiled(cards[name])} {WHEN_KNOWN.capitalize()}.")
        alive = job is not None and job.alive
        st.button(
            "Restore the whole photo",
            key="whole_start",
            disabled=alive,
            on_click=_start,
            args=(bench, cards[name]),
        )
        if job:
            st.fragment(_watch, run_every=POLL_SECONDS if alive else None)(job, alive)


def _start(bench: Workbench, card: Card) -> None:
    st.session_state[JOB] = WholePhoto(bench, card)


def _current_job(bench: Workbench) -> WholePhoto | None:
    """This visit's job; one for another photo or degradation is stopped and forgotten."""
    job: WholePhoto | None = st.session_state.get(JOB)
    if job and not job.is_of(bench):
        job.cancel.set()
        del st.session_state[JOB]
        return None
    return job


def _watch(job: WholePhoto, watched: bool) -> None:
    if job.alive:
        st.progress(job.share, plain(job.text))
        if st.button("Cancel", key="whole_cancel"):
            job.cancel.set()
    elif job.cancel.is_set():
        st.caption(plain(f"{job.label}: cancelled."))
    elif job.slot.error:
        st.error(plain(f"{job.label}: {job.slot.error}"))
    else:
        st.download_button(
            plain(f"Download {job.label}"),
            job.slot.value,
            file_name=job.file_name,
            mime="image/png",
            on_click="ignore",
            key="whole_download",
        )
    if watched != job.alive:
        st.rerun()
