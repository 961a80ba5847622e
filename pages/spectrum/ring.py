"""The source's two examples: a ring against its blur, and the peaks of two sinusoids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.images import to_uint8
from core.viewer import Layer, Panel, encode_image, encode_layer
from pages.shared.charts import chart
from pages.shared.choose import choose
from pages.shared.linked_viewer import linked_viewer
from pages.shared.workbench import Workbench
from pages.spectrum.common import Setting

if TYPE_CHECKING:
    from torch import Tensor

ABOUT = (
    "A sharp ring and its blur, 256 × 256 pixels. Blur takes the **fine** frequencies away, at "
    "the edge of the spectrum; one number sums up how far apart the two spectra are. This is what "
    "the frequency losses measure."
)
THICKNESS = Setting("thickness", "Thickness (pixels)", 1.0, 40.0, 8.0, 1.0)
RADIUS = Setting("ring_radius", "Radius (pixels)", 10.0, 110.0, 60.0, 1.0)
FIRST = Setting("f1", "First frequency", 0.0, 32.0, 2.0, 0.5)
FIRST_AMPLITUDE = Setting("a1", "First amplitude", 0.0, 2.0, 1.0, 0.1)
SECOND = Setting("f2", "Second frequency", 0.0, 32.0, 4.0, 0.5)
SECOND_AMPLITUDE = Setting("a2", "Second amplitude", 0.0, 2.0, 1.0, 0.1)
SETTINGS = (THICKNESS, RADIUS, FIRST, FIRST_AMPLITUDE, SECOND, SECOND_AMPLITUDE)
BLUR_LABELS = {"less": "Less: kernel 5, sigma 1", "more": "More: kernel 15, sigma 3"}
RANGE_DB = (-80.0, 20.0)
DIFFERENCE_DB = 60.0
MOST_SHOWN = 40


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    the_ring()
    st.divider()
    two_sinusoids()


# The ring ----------------------------------------------------------------------------------------


def the_ring() -> None:
    from core.lessons.ring import blurred, magnitude_distance, ring

    with st.container(horizontal=True, vertical_alignment="bottom"):
        thickness, radius = THICKNESS.slider(), RADIUS.slider()
        blur = choose("blur", "Blur", BLUR_LABELS, default="more", label_visibility="visible")
    sharp = ring(thickness, radius)
    soft = blurred(sharp, blur)
    number = magnitude_distance(sharp, soft)
    st.markdown(
        f"**Mean absolute difference of the FFT magnitudes: {number:.4f}** "
        "(unnormalised, no window, as in the source)"
    )
    pictures, spectra = st.columns(2)
    with pictures:
        linked_viewer(ring_panels(sharp, soft), key="ring", height=300)
    with spectra:
        linked_viewer(
            spectrum_panels(sharp, soft), key="ring_spectra", axes="frequency", height=300
        )


def ring_panels(sharp: Tensor, soft: Tensor) -> list[Panel]:
    images = [encode_image(to_uint8(one.expand(3, -1, -1))) for one in (sharp, soft)]
    return [
        Panel("sharp", "Sharp ring", images[0], "clean"),
        Panel("soft", "Its blur", images[1]),
    ]


def spectrum_panels(sharp: Tensor, soft: Tensor) -> list[Panel]:
    from core.imaging.spectrum import log_spectrum

    levels = [log_spectrum(one[None], window=False)[0].numpy() for one in (sharp, soft)]
    size = sharp.shape[1], sharp.shape[0]
    shown = [
        Layer("levels", "Log magnitude", encode_layer(one), *RANGE_DB, opacity=1.0, unit="dB")
        for one in levels
    ]
    lost = Layer(
        "difference", "Difference to the sharp ring", encode_layer(levels[1] - levels[0]),
        -DIFFERENCE_DB, DIFFERENCE_DB, "diverging", opacity=1.0, unit="dB",
    )  # fmt: skip
    return [
        Panel("sharp", "Its spectrum", None, "clean", layers=(shown[0],), blank=size),
        Panel("soft", "The blur's", None, layers=(shown[1], lost), blank=size),
    ]


# The sinusoids -----------------------------------------------------------------------------------


def two_sinusoids() -> None:
    from core.figures import line_chart, peak_chart
    from core.lessons.ring import SAMPLES, amplitude_spectrum, sinusoids

    st.markdown(
        "**Two sinusoids and their peaks.** A sum of sines is a handful of peaks in the spectrum, "
        "each as high as its sine: sin 2x + sin 4x peaks at 2 and 4. A frequency that does not "
        "fit a whole number of times leaks into its neighbours."
    )
    with st.container(horizontal=True):
        first = FIRST.slider(), FIRST_AMPLITUDE.slider()
        second = SECOND.slider(), SECOND_AMPLITUDE.slider()
    frequencies, amplitudes = zip(first, second, strict=True)
    x, signal = sinusoids(frequencies, amplitudes)
    peaks = amplitude_spectrum(signal)[: MOST_SHOWN + 1].numpy()
    left, right = st.columns(2)
    names = [f"{'' if a == 1 else f'{a:g} '}sin {f:g}x" for f, a in (first, second)]
    with left:
        figure = line_chart(
            x.numpy(), {"sum": signal.numpy()}, f"x, {SAMPLES} samples", " + ".join(names)
        )
        chart(figure, "signal", f"The sum of {' and '.join(names)}.")
    with right:
        figure = peak_chart(np.arange(len(peaks)), peaks, "Frequency, cycles in 2π", "Amplitude")
        chart(figure, "peaks", f"Its spectrum: {highest(peaks)}.")
    st.caption(f"Highest: {highest(peaks)}.")


def highest(peaks: np.ndarray) -> str:
    """The two highest peaks in words, by frequency."""
    places = sorted(np.argsort(peaks)[-2:])
    return " and ".join(f"{peaks[place]:.3f} at {place}" for place in places)
