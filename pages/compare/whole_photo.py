"""A large photo restored whole: a job with progress, an estimate and a way out, then a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from core.variants.labels import distinct_labels
from pages.shared import cached
from pages.shared.computing import in_line, in_turn
from pages.shared.downloads import download
from pages.shared.jobs import Job, Unwanted
from pages.shared.plain import plain
from pages.shared.visits import look, visit
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.variants.store import Card

PHOTO = "whole_photo"
POLL_SECONDS = 0.5
WHEN_KNOWN = "how long it takes is known after the first tile"


@dataclass(eq=False)
class WholePhoto:
    """A photo to be degraded and restored in tiles; `job` makes the PNG's bytes.

    `begun` is when its turn had come, by the clock of `monotonic`.
    """

    bench: Workbench
    card: Card
    job: Job[bytes] = field(default_factory=Job)
    begun: float = 0.0

    @property
    def label(self) -> str:
        return f"{self.bench.source.label}, {self.card.label}"

    @property
    def text(self) -> str:
        """How far it is, and how long the rest takes at the speed so far."""
        share = self.job.progress
        if not share:
            starting = in_line(cached.work.long_line()) or f"starting; {WHEN_KNOWN}."
            return f"{self.label}: {starting}"
        rest = (monotonic() - self.begun) * (1 - share) / share
        return f"{self.label}: {share:.0%}, about {rest:.0f} s left"

    @property
    def file_name(self) -> str:
        return self.bench.file_name("whole photo", variant=self.card.name, extension="png")

    @property
    def waits(self) -> bool:
        """Whether it is to come; a full line may have had no room for it yet."""
        return not self.job.ready and not self.job.cancelled

    def is_of(self, bench: Workbench) -> bool:
        """Whether it works on the same photo with the same degradation."""
        mine, other = (
            (b.source.digest, b.degradation, dict(b.parameters)) for b in (self.bench, bench)
        )
        return mine == other

    def restored(self) -> bytes:
        from core.degradations import DEGRADATIONS
        from core.imaging.images import encode_png, to_tensor, to_uint8
        from core.variants.restore import restore_iter

        bench, self.begun = self.bench, monotonic()
        clean = to_tensor(bench.source.read())[None]
        noisy = DEGRADATIONS[bench.degradation](clean, **bench.parameters)
        outputs = restore_iter(
            noisy,
            [self.card.name],
            load=cached.variants.running_model,
            cancel=Unwanted(self.job),
            progress=self._told,
        )
        return encode_png(to_uint8(next(outputs)[1][0]))

    def _told(self, _name: str, share: float) -> None:
        self.job.progress = share


def how_tiled(bench: Workbench, card: Card) -> str:
    """In which tiles a variant restores the photo; nothing where it cannot be loaded."""
    from core.variants.restore import how_tiled

    width, height = bench.source.size
    try:
        return how_tiled(cached.variants.model(card.name), height, width)
    except ValueError:
        return ""  # the panels say why


def whole_photo(bench: Workbench) -> None:
    """The controls, for photos of which only a part is shown."""
    photo = _current(bench)
    if bench.part is None or not bench.networks or bench.source.given:
        return
    bench = replace(bench, cards=bench.networks)
    width, height = bench.source.size
    with st.expander(f"Restore the whole photo of {width:,} × {height:,} pixels", key="whole"):
        cards, labels = {card.name: card for card in bench.cards}, distinct_labels(bench.cards)
        name = st.selectbox(
            "Variant", list(cards), format_func=labels.__getitem__, key="whole_variant"
        )
        st.caption(f"{how_tiled(bench, cards[name])} {WHEN_KNOWN.capitalize()}.".lstrip())
        waits = photo is not None and photo.waits
        st.button(
            "Restore the whole photo",
            key="whole_start",
            disabled=waits,
            on_click=_start,
            args=(bench, cards[name]),
        )
        if photo:
            st.fragment(_watch, run_every=POLL_SECONDS if waits else None)(photo, waits)


def _start(bench: Workbench, card: Card) -> None:
    photo = st.session_state[PHOTO] = WholePhoto(bench, card)
    photo.job.keep_for(visit().presence)  # the page may be left meanwhile
    in_turn(photo.job, photo.restored, cached.work.long_line())


def _current(bench: Workbench) -> WholePhoto | None:
    """What this visit restores; another photo or degradation stops it, and it is forgotten."""
    photo: WholePhoto | None = st.session_state.get(PHOTO)
    if photo and not photo.is_of(bench):
        photo.job.cancel()
        del st.session_state[PHOTO]
        return None
    return photo


def _watch(photo: WholePhoto, watched: bool) -> None:
    job = photo.job
    if job.cancelled:
        st.caption(plain(f"{photo.label}: cancelled."))
    elif photo.waits:
        job.ask(look())
        st.progress(job.progress, plain(photo.text))
        if st.button("Cancel", key="whole_cancel"):
            job.cancel()
    elif job.error:
        st.error(plain(f"{photo.label}: {job.error}"))
    else:
        download(
            f"Download {photo.label}",
            partial(getattr, job, "value"),
            photo.file_name,
            "image/png",
            key="whole_download",
        )
    if watched != photo.waits:
        st.rerun()
