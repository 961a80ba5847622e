"""What the views of the Spectrum page share: settings, the part looked at, entries, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.base.words import in_a_sentence
from core.imaging.images import Region, crop
from pages.shared.choose import choose_number, read_number, switch
from pages.shared.comparison import Comparison
from pages.shared.jobs import Job, known, sentences
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View
from pages.shared.workbench import Workbench, region_field

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST_SIDE = 16
FIELD_PIXELS = 220
NO_CLEAN = "The picture came degraded, so there is no clean image: {missing}."
TOO_SMALL = (
    "The region is {width} x {height} pixels; a spectrum needs sides of at least {least}. "
    "The whole image is used."
)


@dataclass(frozen=True)
class Setting:
    """A number, or a range of two, that the person sets and the address keeps."""

    key: str
    label: str
    low: float
    high: float
    default: float | tuple[float, float] | None
    step: float
    help: str | None = None

    @property
    def name(self) -> str:
        """What a sentence calls it."""
        return in_a_sentence(self.label).split(" (")[0]

    def read(self) -> None:
        """Before the page is drawn: tell it if the address asks for what cannot be."""
        read_number(self.key, self.name, self.low, self.high, self.default, self.step)

    @property
    def form(self) -> str:
        """As many decimals as a step has."""
        return next(f"%.{n}f" for n in range(9) if round(self.step, n) == self.step)

    def slider(self) -> float | tuple[float, float]:
        """Draw the slider and return its value."""
        return self._drawn(st.slider)

    def field(self) -> float | None:
        """Draw a field for the number and return it, None while it is empty."""
        return self._drawn(st.number_input, placeholder="click, or type", width=FIELD_PIXELS)

    def _drawn(self, widget: Callable[..., Any], **options: Any) -> Any:
        return choose_number(
            self.key,
            self.label,
            self.low,
            self.high,
            self.default,
            self.step,
            name=self.name,
            widget=widget,
            format=self.form,
            help=self.help,
            **options,
        )


@dataclass(frozen=True)
class Entry:
    """One picture that is compared: its panel, and None while it is being computed."""

    key: str
    label: str
    role: str
    picture: Picture | None


def entries(found: Comparison) -> list[Entry]:
    """Clean where there is one, the measurement, and every variant, in their order."""
    bench = found.bench
    clean = [Entry("clean", "Clean", "clean", bench.clean)] if bench.clean else []
    measured = Entry("measurement", bench.input_label, "measurement", bench.measurement)
    variants = [
        Entry(name, label, "output", found.outputs.get(name))
        for name, label in found.labels.items()
    ]
    return [*clean, measured, *variants]


@dataclass(frozen=True)
class EntriesView(View):
    """A view of every picture of a workbench, each with a job of its own.

    A subclass has a `region`, None for the whole image; it names its jobs, by what it draws them
    under, and draws what is known of them.
    """

    bench: Workbench
    alone = True

    def jobs(self) -> list[Job]:
        found = Comparison(self.bench)
        return [*found.jobs.values(), *self.made(found).values()]

    def quick(self) -> Iterable[Job]:
        return self.made(Comparison(self.bench)).values()

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        status(found, self.region, pending)
        made = self.made(found)
        complain(made.values())
        self.show(found, known(made))
        found.draw_errors()

    def made(self, found: Comparison) -> Mapping[Any, Job]:
        """The jobs of the pictures that are there."""
        raise NotImplementedError

    def show(self, found: Comparison, ready: Mapping[Any, Any]) -> None:
        """Draw what is ready."""
        raise NotImplementedError


def compared(found: Comparison) -> list[Entry]:
    """All but the clean picture: what a loss compares with it."""
    return [entry for entry in entries(found) if entry.role != "clean"]


def choose_region(bench: Workbench) -> Region | None:
    """Draw the region's field and switch; the region to look at, None for the whole image."""
    region_field(*bench.measurement.size)
    region = bench.region
    wanted = switch(
        "only_region",
        "Only the region",
        on=True,
        disabled=region is None,
        help="Draw a region on Compare or under One band, or type it here.",
    )
    return region if wanted else None


def usable(region: Region | None) -> Region | None:
    """The region if a spectrum can be made of it; if not, say so and take the whole image."""
    if region and min(region.width, region.height) < SMALLEST_SIDE:
        size = {"width": region.width, "height": region.height}
        st.warning(plain(TOO_SMALL.format(**size, least=SMALLEST_SIDE)))
        return None
    return region


def part(picture: Picture, region: Region | None) -> Tensor:
    """The picture or its region: `(3, H, W)`."""
    return crop(picture.image, region) if region else picture.image


def size_of(bench: Workbench, region: Region | None) -> tuple[int, int]:
    """Width and height of what is looked at."""
    return (region.width, region.height) if region else bench.measurement.size


def key_of(region: Region | None) -> str | None:
    """The region as a part of a key."""
    return region.text if region else None


def status(found: Comparison, region: Region | None, pending: bool) -> None:
    """What is looked at, and how far it is."""
    place = f"region {region.text}" if region else ""
    facts = [found.bench.sentence, place, found.progress(pending)]
    st.caption(plain(" · ".join(fact for fact in facts if fact)))


def complain(jobs: Iterable[Job]) -> None:
    """Why something is missing, once for each reason."""
    for sentence in sentences(jobs):
        st.warning(plain(sentence))


def no_clean(missing: str) -> None:
    """Say what cannot be shown without a clean image."""
    st.info(NO_CLEAN.format(missing=missing))
