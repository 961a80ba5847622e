"""The threshold band of the Attention page: as text in the address, and what it keeps of a map."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import streamlit as st

from core.attention.threshold import BY, Banded
from core.attention.threshold import band as filtered
from core.base.words import short
from core.viewer import Band
from pages.shared.choose import Field

BAND = "threshold"  # not "band", which is the Spectrum page's
BAND_HELP = "lower, upper, value or area; drag it in the viewer, or type it"


def _switch(text: str) -> bool:
    return bool(int(text))


READERS = {
    "filtering": _switch, "rescale": _switch, "contour": _switch, "colours": str, "opacity": float,
}  # fmt: skip
"""What a band's text may name beside its bounds, and how it is read."""


def kept_by(values: np.ndarray, band: Band) -> Banded:
    """Return what the band on screen keeps of a map (h, w) in [0, 1] or [-1, 1].

    Everything but zeros while it does not filter. A band by area keeps equal areas of two maps.
    """
    return filtered(values, *bounds_of(band), by=band.by, rescale=band.rescale)


def bounds_of(band: Band) -> tuple[float, float]:
    """Return the bounds that are in effect: all of [0, 1] where the band does not filter."""
    return (band.lower, band.upper) if band.filtering else (0.0, 1.0)


def band_text(band: Band) -> str:
    """Write a band as `0.4,0.9,value`; what differs from the default follows as `name=value`."""
    default = Band()
    rest = [
        f"{field.name}={_word(getattr(band, field.name))}"
        for field in fields(Band)
        if field.name not in ("lower", "upper", "by")
        and getattr(band, field.name) != getattr(default, field.name)
    ]
    return ",".join([f"{band.lower:g}", f"{band.upper:g}", band.by, *rest])


def _word(value: bool | float | str) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def parse_band(text: str) -> Band:
    """Read a band from its text. Raises `ValueError` in one sentence."""
    wrong = ValueError(f"“{short(text)}” is no band; write it as 0.4,0.9,value or 0.8,1,area.")
    try:
        lower, upper, by, *rest = [part.strip() for part in text.split(",") if part.strip()]
        changes = dict(part.split("=", 1) for part in rest)
        read = {name: READERS[name](value) for name, value in changes.items()}
        numbers = float(lower), float(upper)
    except (KeyError, ValueError):
        raise wrong from None
    if by not in BY:
        raise wrong
    return Band(*numbers, by, **read)


FIELD = Field(BAND, "Band", "a band that goes up, as 0.4,0.9,value", parse_band)


def current_band() -> Band:
    """Return the band in the address or dragged, 0.4 to 0.9 by value where there is none."""
    try:
        return parse_band(FIELD.text)
    except ValueError:
        return Band()


def take_band(band: Band) -> None:
    """Keep the band that was let go in a viewer."""
    st.session_state[BAND] = band_text(band)


def band_field() -> None:
    """Draw the band as text: typed or dragged, it stands in the address."""
    FIELD.draw(BAND_HELP)
