"""Power, gain and correlation over the radius: detail that is true or invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from core.imaging.radial import RadialCurves

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


def draw(bench: Workbench) -> None:
    st.markdown(ABOUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = choose_region(bench)
    region = usable(region)
    polled(CurvesView(bench, region))


@dataclass(frozen=True)
class CurvesView(EntriesView):
    """Power, gain and correlation of every picture over the frequency."""

    region: Region | None

    def made(self, found: Comparison) -> dict[str, Job[RadialCurves]]:
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

    def show(self, found: Comparison, ready: Mapping[str, RadialCurves]) -> None:
        from core.figures import radial_curves
        from core.imaging.radial import curve_rows, ring_middles

        if not self.bench.clean:
            no_clean("gain and correlation need one, and only the power is shown")
        width, height = size_of(self.bench, self.region)
        rows = curve_rows(ready)
        if not rows:
            return
        figure = radial_curves(ring_middles(height, width), rows, references(entries(found)))
        chart(figure, "curves", "Power, gain and correlation of every picture over the frequency.")
        st.caption(ABOUT_RINGS.format(side=min(width, height)))


def curves_of(picture: Picture, clean: Picture | None, region: Region | None) -> RadialCurves:
    from core.imaging.radial import radial_curves

    reference = None if clean is None or picture is clean else part(clean, region)
    return radial_curves(part(picture, region), reference)


def references(shown: list[Entry]) -> list[str]:
    """The labels that are drawn in grey: what is given, not made."""
    return [entry.label for entry in shown if entry.role != "output"]
