"""The magnitudes of one picture with the phases of another: what each of the two knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop
from core.viewer import EncodedImage, Panel, encode_image
from pages.shared import cached
from pages.shared.cells import LOSS_FACTOR, scaled, text_table
from pages.shared.choose import choose_listed
from pages.shared.comparison import Comparison, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.values import Picture
from pages.shared.views import polled
from pages.shared.workbench import Workbench
from pages.spectrum.common import (
    EntriesView,
    Entry,
    choose_region,
    entries,
    key_of,
    part,
    size_of,
    usable,
)

if TYPE_CHECKING:
    from torch import Tensor

    from core.lessons.phase import Likeness

ABOUT = (
    "A picture's Fourier transform has **magnitudes**, how much of each frequency there is, and "
    "**phases**, where it stands. Exchanged between two pictures, the eye follows the phases "
    "(Oppenheim and Lim 1981)."
)
LESSON = (
    "The loss `frequency` compares magnitudes alone. For it an exchange hardly differs from the "
    "picture that gave the magnitudes, though none of its edges are there: such a loss can ask "
    "for as much fine detail as the clean picture has, but cannot know where it belongs. Beside a "
    "pixel loss, the pixels say where."
)
MIDDLE = "Of both, the middle {width} × {height} pixels."
CLIPPED = "An exchange is clipped to [0, 1], as it is drawn: that is all that the loss sees of it."
GALLERY_ENDING = " (gallery)"
OTHER = "brick"
TITLE = "How like A and B each exchange is; the loss is that of Fourier magnitudes, frequency"
COLUMNS = [
    "PSNR to A",
    "PSNR to B",
    "Correlation with A",
    "Correlation with B",
    f"Loss against A × {LOSS_FACTOR}",
    f"Loss against B × {LOSS_FACTOR}",
]


@dataclass(frozen=True)
class Given:
    """A picture that takes part, None until it is there; `digest` names its pixels."""

    label: str
    role: str
    digest: str
    image: Tensor | None


@dataclass(frozen=True)
class Exchanged:
    """Both pictures as they were cut, both exchanges, and how like each parent these are.

    `pictures` are A, B, A's magnitudes with B's phases, and the other way round; `likenesses` of
    the two exchanges, to A and to B.
    """

    pictures: tuple[EncodedImage, ...]
    likenesses: tuple[tuple[Likeness, Likeness], ...]


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    found = Comparison(bench)
    labels = {entry.key: entry.label for entry in entries(found)}
    others = [spec for spec in GALLERY.values() if is_other(spec.key, bench)]
    labels |= {spec.key: f"{spec.label}{GALLERY_ENDING}" for spec in others}
    first, second = first_choice(bench)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        a = choose_listed("exchange_a", "Picture A", labels, default=first)
        b = choose_listed("exchange_b", "Picture B", labels, default=second)
        region = choose_region(bench)
    polled(Exchange(bench, usable(region), a, b))


def is_other(key: str, bench: Workbench) -> bool:
    """Whether a gallery picture is another one than what is looked at."""
    return key != bench.source.key


def first_choice(bench: Workbench) -> tuple[str, str]:
    """The picture that is looked at, and a gallery picture of another kind."""
    others = [OTHER, *GALLERY]
    mine = "clean" if bench.clean else "measurement"
    return mine, next(key for key in others if is_other(key, bench))


@dataclass(frozen=True)
class Exchange(EntriesView):
    """Two pictures, both exchanges, and numbers that say how like each parent they are."""

    region: Region | None
    a: str
    b: str

    def given(self, found: Comparison) -> list[Given]:
        """The two pictures."""
        here = {entry.key: entry for entry in entries(found)}
        return [
            of_entry(here[key], self.region) if key in here else of_gallery(key)
            for key in (self.a, self.b)
        ]

    def made(self, found: Comparison) -> Mapping[str, Job[Exchanged]]:
        given = self.given(found)
        if any(one.image is None for one in given):
            return {}
        digests = (one.digest for one in given)
        compute = partial(exchanged_pair, *(one.image for one in given))
        return {"exchange": computed("exchange", *digests, key_of(self.region), compute=compute)}

    def show(self, found: Comparison, ready: Mapping[str, Exchanged]) -> None:
        given = self.given(found)
        made = ready.get("exchange")
        linked_viewer(
            panels(given, made),
            key="exchange",
            columns=2,
            name=self.bench.file_name("magnitudes and phases"),
            on_step=step_and_rerun,
        )
        if made is None:
            return
        first = made.pictures[0]
        size = first.width, first.height
        cut = size != size_of(self.bench, self.region)
        st.caption(f"{MIDDLE.format(width=size[0], height=size[1])} {CLIPPED}" if cut else CLIPPED)
        numbers(made)
        st.markdown(LESSON)


def of_entry(entry: Entry, region: Region | None) -> Given:
    """One of the pictures that are compared."""
    picture: Picture | None = entry.picture
    image = part(picture, region) if picture else None
    return Given(entry.label, entry.role, picture.digest if picture else "", image)


def of_gallery(key: str) -> Given:
    """A picture of the gallery."""
    from core.imaging.images import to_tensor

    array = cached.pictures.gallery_array(key)
    return Given(GALLERY[key].label, "output", f"gallery {key}", to_tensor(array.copy()))


def exchanged_pair(a: Tensor, b: Tensor) -> Exchanged:
    """Both exchanges of two pictures, of the middle that both have."""
    from core.imaging.images import clipped, to_uint8
    from core.lessons.phase import exchanged, likeness

    a, b = (clipped(one) for one in same_middle(a, b))
    mixed = exchanged(a, b), exchanged(b, a)
    return Exchanged(
        tuple(encode_image(to_uint8(one)) for one in (a, b, *mixed)),
        tuple((likeness(one, a), likeness(one, b)) for one in mixed),
    )


def same_middle(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """The middle of each, as large as both are."""
    height, width = (min(a.shape[axis], b.shape[axis]) for axis in (-2, -1))
    return tuple(
        crop(
            one,
            Region((one.shape[-1] - width) // 2, (one.shape[-2] - height) // 2, width, height),
        )
        for one in (a, b)
    )


def panels(given: list[Given], made: Exchanged | None) -> list[Panel]:
    """A and B above, the two exchanges below."""
    a, b = given
    pictures = made.pictures if made else (None,) * 4
    told = made.likenesses if made else ((), ())
    return [
        Panel("a", f"A: {a.label}", pictures[0], a.role),
        Panel("b", f"B: {b.label}", pictures[1], b.role),
        Panel("ab", "Magnitudes of A, phases of B", pictures[2], caption=caption(told[0])),
        Panel("ba", "Magnitudes of B, phases of A", pictures[3], caption=caption(told[1])),
    ]


def caption(likenesses: tuple[Likeness, ...]) -> tuple[str, ...]:
    """What an exchange shares with each parent, in a few words."""
    return tuple(
        f"correlation with {parent} {correlation(one)}"
        for parent, one in zip("AB", likenesses, strict=False)
    )


def correlation(one: Likeness) -> str:
    """Of a flat picture there is none."""
    return "none" if isnan(one.correlation) else f"{one.correlation:.2f}"


def numbers(made: Exchanged) -> None:
    """How like each parent the exchanges are: to the eye, and to a loss on magnitudes."""
    from core.metrics import METRICS

    rows = [
        [
            label,
            *(METRICS["psnr"].format(one.psnr) for one in likenesses),
            *(correlation(one) for one in likenesses),
            *(scaled(one.magnitudes) for one in likenesses),
        ]
        for label, likenesses in zip(
            ("Magnitudes of A, phases of B", "Magnitudes of B, phases of A"),
            made.likenesses,
            strict=True,
        )
    ]
    text_table(TITLE, COLUMNS, rows)
