"""Power, gain and correlation over the radius: detail that is true or invented."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from core.imaging.images import Region
from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.charts import chart
from pages.shared.comparison import Comparison, polled
from pages.shared.slots import Slot, wait_for
from pages.shared.workbench import Workbench
from pages.spectrum.common import (
    SETTLE_SECONDS,
    Entry,
    choose_region,
    complain,
    entries,
    key_of,
    no_clean,
    part,
    size_of,
    status,
    usable,
)

ABOUT = (
    "All directions of a frequency taken together. **Gain** says how much detail of a size there "
    "is against the clean image, **correlation** how much of it is the clean image's: gain "
    "without correlation is invented detail."
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
    polled(
        bench,
        partial(curves, region=region),
        partial(needs, region=region),
        partial(settle, region=region),
    )


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


def slots(found: Comparison, region: Region | None) -> dict[str, Slot[Curves]]:
    """Label -> the slot of its curves, for all pictures that are there."""
    clean = found.bench.clean
    return {
        entry.label: cached.computed(
            "radial_curves",
            entry.picture.digest,
            clean.digest if clean else None,
            key_of(region),
            compute=partial(curves_of, entry.picture, clean, region),
        )
        for entry in entries(found)
        if entry.picture
    }


def needs(found: Comparison, region: Region | None) -> list[Slot]:
    return list(slots(found, region).values())


def settle(found: Comparison, region: Region | None) -> None:
    wait_for(needs(found, region), SETTLE_SECONDS)


def curves(found: Comparison, region: Region | None) -> None:
    from core.figures import radial_curves
    from core.imaging.spectrum import radial_edges

    status(found, region)
    if not found.bench.clean:
        no_clean("gain and correlation need one, and only the power is shown")
    width, height = size_of(found.bench, region)
    places = slots(found, region)
    complain(places.values())
    known = {label: slot.value for label, slot in places.items() if slot.value}
    rows = {
        title: {
            label: values
            for label, one in known.items()
            if (values := getattr(one, name)) is not None
        }
        for name, title in ROWS.items()
    }
    middles = np.arange(1, len(radial_edges(height, width))) / min(width, height)
    figure = radial_curves(
        middles, {title: row for title, row in rows.items() if row}, references(entries(found))
    )
    chart(figure, "curves", "Power, gain and correlation of every picture over the frequency.")
    st.caption(
        f"Rings one bin of the smaller side wide (1/{min(width, height)} cycles per pixel), Hann "
        "window, luma, up to 0.5 cycles per pixel: the corners of the spectrum beyond are left "
        "out. Power is the mean of a ring: white noise of RMS s in the luma (two thirds of its "
        "sigma on the channels) is a level line at 20 log10 s. "
        "A click on a name hides its curves in all rows; a double click leaves it alone."
    )


def references(shown: list[Entry]) -> list[str]:
    """The labels that are drawn in grey: what is given, not made."""
    return [entry.label for entry in shown if entry.role != "output"]
