"""One band of frequencies at a time: what each picture is made of between two radii."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region, crop, to_uint8
from core.viewer import EncodedImage, Goto, Panel, encode_image
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.values import Picture
from pages.shared.views import polled
from pages.shared.workbench import Workbench, region_field, take_region
from pages.spectrum.common import EntriesView, Entry, Setting, entries, key_of

if TYPE_CHECKING:
    from torch import Tensor

ABOUT = (
    "Each picture **in one band of frequencies only**: what is coarser and what is finer is taken "
    "away. Structures that the clean image does not have in this band were added; what it has and "
    "a variant has not was lost."
)
BAND = Setting(
    "band", "Band (cycles per pixel)", 0.0, 0.71, (0.25, 0.5), 0.01,
    "0.5 is a period of 2 pixels, 0.25 of 4, 0.125 of 8; the corner of the spectrum is at 0.707.",
)  # fmt: skip
SETTINGS = (BAND,)
AUTO = "Auto"
GAINS = {AUTO: None, "1×": 1.0, "2×": 2.0, "4×": 4.0, "8×": 8.0, "16×": 16.0}
MOST_LEVELS = 120
PEAK = 3  # times the RMS: few pixels lie beyond
FIRST_ZOOM = 2.0  # fine bands vanish where pixels are averaged to fit
LEVELS = 255
EMPTY = (
    "The band is empty: both ends are at {low:g} cycles per pixel. Move one of them away from "
    "the other."
)


@dataclass(frozen=True)
class Band:
    """A picture in a band, magnified by `gain` and ready to be sent; its RMS in 8-bit levels."""

    picture: EncodedImage
    gain: float
    rms: float


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        low, high = BAND.slider()
        gain = choose(
            "band_gain",
            "Gain",
            {label: label for label in GAINS},
            default=AUTO,
            label_visibility="visible",
            help="The same for all pictures. Auto: as much as the clean band bears.",
        )
    if low == high:
        st.info(EMPTY.format(low=low))
        return
    polled(Bands(bench, low, high, GAINS[gain]))


def auto_gain(reference: Tensor, low: float, high: float) -> float:
    """The largest gain on offer at which the band of `(1, 3, H, W)` stays inside the range."""
    levels = PEAK * LEVELS * spread(filtered(reference, low, high)[0])
    offered = [gain for gain in GAINS.values() if gain]
    fitting = [gain for gain in offered if gain * levels <= MOST_LEVELS]
    return max(fitting, default=offered[0]) if low else offered[0]


def filtered(images: Tensor, low: float, high: float) -> Tensor:
    """The band of `(N, 3, H, W)`; the slider's end is the corner."""
    from core.imaging.spectrum import band_pass

    return band_pass(images, low, high)


def spread(image: Tensor) -> float:
    """RMS of (3, H, W) around each colour's mean."""
    return float((image - image.mean(dim=(1, 2), keepdim=True)).square().mean().sqrt())


def band_of(
    picture: Picture,
    reference: Picture,
    region: Region | None,
    low: float,
    high: float,
    gain: float | None,
) -> Band:
    """A picture in a band, around mid-grey; the numbers are the region's, where there is one."""
    band = filtered(picture.image[None], low, high)[0]
    gain = gain or auto_gain(reference.image[None], low, high)
    centre = 0.0 if low else 0.5  # from 0 the band holds the mean, and that stays in its place
    shown = encode_image(to_uint8(0.5 + gain * (band - centre)))
    return Band(shown, gain, LEVELS * spread(crop(band, region) if region else band))


@dataclass(frozen=True)
class Bands(EntriesView):
    """Every picture in the band, and the region's field: it can be drawn here."""

    low: float
    high: float
    gain: float | None

    @property
    def region(self) -> Region | None:
        """The region as it is now: it can be drawn here."""
        return self.bench.region

    def made(self, found: Comparison) -> dict[str, Job[Band]]:
        reference = self.bench.clean or self.bench.measurement
        band = self.low, self.high, self.gain
        return {
            entry.key: computed(
                "band",
                entry.picture.digest,
                reference.digest,
                key_of(self.region),
                "{} {} {}".format(*band),
                compute=partial(band_of, entry.picture, reference, self.region, *band),
            )
            for entry in entries(found)
            if entry.picture
        }

    def show(self, found: Comparison, ready: Mapping[str, Band]) -> None:
        width, height = self.bench.measurement.size
        linked_viewer(
            panels(entries(found), ready),
            key="band_viewer",
            region=self.region,
            goto=Goto(serial=1, cx=width / 2, cy=height / 2, zoom=FIRST_ZOOM),
            name=self.bench.file_name(f"band {self.low:g} to {self.high:g}"),
            on_region_change=take_region,
            on_step=step_and_rerun,
        )
        region_field(width, height)
        for used in {one.gain for one in ready.values()}:  # one, or none yet
            st.caption(in_words(self.low, self.high, used, self.region))


def panels(shown: list[Entry], known: Mapping[str, Band]) -> list[Panel]:
    clean = known.get("clean")
    return [
        Panel(
            entry.key,
            entry.label,
            known[entry.key].picture if entry.key in known else None,
            entry.role,
            numbers(known[entry.key], clean) if entry.key in known else (),
        )
        for entry in shown
    ]


def numbers(one: Band, clean: Band | None) -> tuple[str, ...]:
    """The band's RMS, and how much that is against the clean image's."""
    rms = f"RMS {one.rms:.2f} levels"
    if clean is None or clean is one or not clean.rms or not one.rms:
        return (rms,)
    return rms, f"{20 * math.log10(one.rms / clean.rms):+.1f} dB"


def in_words(low: float, high: float, gain: float, region: Region | None) -> str:
    coarse = f"{1 / low:.1f}" if low else "the whole image"
    around = "around mid-grey" if low else "the mean is in the band; contrast"
    where = f"region {region.text}" if region else "whole image"
    return (
        f"Periods from {coarse} down to {1 / high:.1f} pixels; {around} magnified {gain:g} times, "
        f"and so are the differences. RMS: without the gain and the mean, {where}; dB: against "
        "the clean image in the same band."
    )
