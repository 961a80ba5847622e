"""Two-dimensional spectra of every picture on one scale, and the pattern behind one frequency."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.images import Region
from core.viewer import Panel, encode_image
from pages.shared.choose import switch
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
    Setting,
    choose_region,
    entries,
    key_of,
    no_clean,
    part,
    size_of,
    usable,
)

if TYPE_CHECKING:
    from core.imaging.spectrum import Pattern
    from core.viewer.spectra import Spectrum

ABOUT = (
    "How much of every frequency each picture holds: **coarse in the middle, fine at the edge**, "
    "a period of 2 pixels at the very end. A pattern of stripes or a grid is a bright dot; the "
    "rings mark where patterns of 2, 4, 8 and 16 pixels begin. **Click a frequency** to see the "
    "pattern that it stands for, below."
)
ABOUT_LEVELS = (
    "Levels of the luma in dB, one scale for all: white noise of RMS s has a mean power of "
    "20 log10 s. Colour noise of sigma 0.15 has 0.10 in the luma, −20 dB; grey noise has all of "
    "it there, −16 dB. A difference is to the clean picture's level at the same frequency, "
    "wherever the pattern lies."
)
PICKED = (
    Setting("fx", "fx (cycles per pixel)", -0.5, 0.5, None, 0.0001),
    Setting("fy", "fy (cycles per pixel)", -0.5, 0.5, None, 0.0001),
)
MOST_LEVELS = 120
MOST_GAIN = 4096
PATTERN_SIDE = (32, 256)
LEVELS = 255


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = choose_region(bench)
        window = switch(
            "window",
            "Hann window",
            on=True,
            help="Fades the picture out towards its border. Without it the jump between opposite "
            "borders draws a cross that is not in the picture.",
        )
    region = usable(region)
    polled(Spectra(bench, region, window))


@dataclass(frozen=True)
class Spectra(EntriesView):
    """The spectrum of every picture on one scale, and the pattern behind one frequency."""

    region: Region | None
    window: bool

    def made(self, found: Comparison) -> dict[str, Job[Spectrum]]:
        clean, region, window = self.bench.clean, self.region, self.window
        return {
            entry.key: computed(
                "spectrum",
                entry.picture.digest,
                clean.digest if clean else None,
                key_of(region),
                str(window),
                compute=partial(spectrum, entry.picture, clean, region, window),
            )
            for entry in entries(found)
            if entry.picture
        }

    def show(self, found: Comparison, ready: Mapping[str, Spectrum]) -> None:
        if not self.bench.clean:
            no_clean("the difference to it is left out")
        from core.viewer.spectra import period_marks

        size = size_of(self.bench, self.region)
        linked_viewer(
            panels(entries(found), ready, size),
            key="spectra",
            name=self.bench.file_name("spectra"),
            axes="frequency",
            marks=period_marks(*size),
            on_step=step_and_rerun,
            on_pick=partial(pick, *size),
        )
        st.caption(ABOUT_LEVELS)
        one_frequency(found, self.region)


def spectrum(
    picture: Picture, clean: Picture | None, region: Region | None, window: bool
) -> Spectrum:
    """The spectrum of a picture or its region, and its difference to the clean one's."""
    from core.viewer.spectra import spectrum_of

    reference = None if clean is None or picture is clean else part(clean, region)
    return spectrum_of(part(picture, region), reference, window=window)


def panels(
    shown: list[Entry], known: Mapping[str, Spectrum], size: tuple[int, int]
) -> list[Panel]:
    """A panel each, its layers on one scale for all."""
    from core.viewer.spectra import spectral_layers

    layers = spectral_layers(known)
    return [
        Panel(
            entry.key,
            entry.label,
            None,
            entry.role,
            ("the reference",) if entry.role == "clean" else (),
            layers=layers[entry.key],
            blank=size,
        )
        if entry.key in known
        else Panel(entry.key, entry.label, None, entry.role)
        for entry in shown
    ]


# The pattern behind one frequency ----------------------------------------------------------------


def pick(width: int, height: int, x: int, y: int, panel: str) -> None:
    """What the viewer calls when a pixel of a spectrum of this size was clicked."""
    from core.imaging.spectrum import frequency_at

    for setting, frequency in zip(PICKED, frequency_at(x, y, width, height), strict=True):
        st.session_state[setting.key] = round(frequency, 4)


def one_frequency(found: Comparison, region: Region | None) -> None:
    from core.imaging.spectrum import frequency_at, pixel_of

    st.subheader("The pattern behind one frequency")
    with st.container(horizontal=True):
        wanted = [setting.field() for setting in PICKED]
    if None in wanted:
        return
    size = size_of(found.bench, region)
    fx, fy = frequency_at(*pixel_of(*wanted, *size), *size)
    st.markdown(in_words(fx, fy))
    if fx or fy:
        show_pattern(found, region, fx, fy)


def in_words(fx: float, fy: float) -> str:
    """A frequency, its period and its direction in a sentence."""
    radius = math.hypot(fx, fy)
    if not radius:
        return "The zero frequency is the mean brightness and no pattern."
    return (
        f"fx {fx:+.4f}, fy {fy:+.4f}: {radius:.4f} cycles per pixel, a period of "
        f"{1 / radius:.2f} pixels, {direction(fx, fy)}."
    )


def direction(fx: float, fy: float) -> str:
    """How the stripes of a frequency lie; y runs down."""
    if abs(fx) == abs(fy) == 0.5:
        return "a checker of single pixels"
    if not fx or not fy:
        return "level stripes" if fy else "upright stripes"
    way = "rise" if fx * fy > 0 else "fall"
    return f"stripes that {way} to the right at {math.degrees(math.atan2(abs(fx), abs(fy))):.0f}°"


def show_pattern(found: Comparison, region: Region | None, fx: float, fy: float) -> None:
    """The sinusoid of that frequency in every picture, magnified by one gain."""
    import torch

    from core.imaging.spectrum import luma, pattern

    shown = [entry for entry in entries(found) if entry.picture]
    channels = luma(torch.stack([part(entry.picture, region) for entry in shown]))
    one = pattern(channels, fx, fy)
    gain = gain_for(LEVELS * float(one.amplitude.max()))
    width, height = (pattern_side(fx, fy, side) for side in size_of(found.bench, region))
    drawn = 0.5 + gain * one.drawn(height, width)
    linked_viewer(
        [
            Panel(entry.key, entry.label, encode_image(grey(values.numpy())), entry.role, caption)
            for entry, values, caption in zip(shown, drawn, captions(one), strict=True)
        ],
        key="pattern",
        height=260,
    )
    st.caption(
        f"The upper left {width} × {height} pixels of each picture's own sinusoid, all magnified "
        f"{gain:g} times around mid-grey. No window here: the amplitude is the pattern's own. "
        "Phase is where the stripes lie: with the right amplitude and a wrong phase, the detail "
        "is in the wrong place."
    )


def gain_for(levels: float) -> float:
    """The largest power of two that keeps an amplitude in 8-bit levels inside the range."""
    return 2.0 ** math.floor(math.log2(min(MOST_GAIN, MOST_LEVELS / max(levels, 1e-6))))


def pattern_side(fx: float, fy: float, side: int) -> int:
    """Enough pixels for four periods, within bounds."""
    least, most = PATTERN_SIDE
    return min(side, max(least, min(most, math.ceil(4 / math.hypot(fx, fy)))))


def grey(values: np.ndarray) -> np.ndarray:
    """Values in [0, 1], (H, W), as a grey picture."""
    levels = np.rint(LEVELS * values.clip(0, 1)).astype(np.uint8)
    return np.repeat(levels[..., None], 3, axis=2)


def captions(one: Pattern) -> list[tuple[str, ...]]:
    """Amplitude, and phase against the first picture's, for each picture."""
    turns = np.degrees((one.phase - one.phase[0]).numpy())
    turns = 180 - np.rint(180 - turns) % 360
    amplitudes = [f"amplitude {LEVELS * float(a):.3f} levels" for a in one.amplitude]
    phases = ["phase 0°, the reference", *(f"phase {turn:+.0f}°" for turn in turns[1:] + 0.0)]
    return list(zip(amplitudes, phases, strict=True))
