"""Power, gain and correlation over the radius: detail that is true or invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.imaging.images import Region
from pages.shared.charts import chart
from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Picture
from pages.shared.views import polled
from pages.shared.workbench import Workbench
from pages.spectrum.common import (
    EntriesView,
    Entry,
    choose_region,
    entries,
    key_of,
    no_clean,
    part,
    size_of,
    usable,
)

ABOUT = (
    "All directions of a frequency taken together. **Gain** says how much detail of a size there "
    "is against the clean image, **correlation** how much of it is the clean image's: gain "
    "without correlation is invented detail."
)
ABOUT_RINGS = (
    "Rings one bin of the smaller side wide (1/{side} cycles per pixel), Hann window, luma, up to "
    "0.5 cycles per pixel: the corners of the spectrum beyond are left out. Power is the mean of "
    "a ring: white noise of RMS s in the luma (two thirds of its sigma on the channels) is a "
    "level line at 20 log10 s. A click on a name hides its curves in all rows; a double click "
    "leaves it alone."
)
ROWS = {
    "power": "Power, dB",
    "gain": "Gain, dB",
    "correlation": "Correlation",
}


@dataclass(frozen=True)
class Curves:
    """Per ring the level in dB, the gain over clean in dB and the correlation; `(R,)` each.

    Gain and correlation are None for the clean picture and where there is none.
    """

    power: np.ndarray
    gain: np.ndarray | None = None
    correlation: np.ndarray | None = None


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = choose_region(bench)
    region = usable(region)
    polled(RadialCurves(bench, region))


@dataclass(frozen=True)
class RadialCurves(EntriesView):
    """Power, gain and correlation of every picture over the frequency."""

    region: Region | None

    def made(self, found: Comparison) -> dict[str, Job[Curves]]:
        clean, region = self.bench.clean, self.region
        return {
            entry.label: computed(
                "radial_curves",
                entry.picture.digest,
                clean.digest if clean else None,
                key_of(region),
                compute=partial(curves_of, entry.picture, clean, region),
            )
            for entry in entries(found)
            if entry.picture
        }

    def show(self, found: Comparison, ready: Mapping[str, Curves]) -> None:
        from core.figures import radial_curves
        from core.imaging.spectrum import radial_edges

        if not self.bench.clean:
            no_clean("gain and correlation need one, and only the power is shown")
        width, height = size_of(self.bench, self.region)
        middles = np.arange(1, len(radial_edges(height, width))) / min(width, height)
        figure = radial_curves(middles, rows_of(ready), references(entries(found)))
        chart(figure, "curves", "Power, gain and correlation of every picture over the frequency.")
        st.caption(ABOUT_RINGS.format(side=min(width, height)))


def rows_of(ready: Mapping[str, Curves]) -> dict[str, dict[str, np.ndarray]]:
    """Title -> label -> values, without the rows in which nothing stands."""
    rows = {
        title: {
            label: values
            for label, one in ready.items()
            if (values := getattr(one, name)) is not None
        }
        for name, title in ROWS.items()
    }
    return {title: row for title, row in rows.items() if row}


def curves_of(picture: Picture, clean: Picture | None, region: Region | None) -> Curves:
    from core.imaging.spectrum import luma, radial_edges, ring_correlation, ring_gain, ring_levels

    ours = luma(part(picture, region)[None])
    edges = radial_edges(*ours.shape[-2:])
    power = ring_levels(ours, edges)[0].numpy()
    if clean is None or clean is picture:
        return Curves(power)
    theirs = luma(part(clean, region)[None])
    gain, correlation = (f(ours, theirs, edges)[0].numpy() for f in (ring_gain, ring_correlation))
    return Curves(power, gain, correlation)


def references(shown: list[Entry]) -> list[str]:
    """The labels that are drawn in grey: what is given, not made."""
    return [entry.label for entry in shown if entry.role != "output"]
