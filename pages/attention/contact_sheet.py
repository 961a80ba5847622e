"""Not one cherry-picked picture: the chosen map over the whole gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from pages.shared.slots import Slot, wait_for

from core.imaging.images import Region, crop
from pages.attention.choice import Choice, band_field, current_band, take_band
from pages.attention.cracks import key_of
from pages.attention.maps import RawMap, banded, finished
from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.comparison import Comparison, polled, shown
from pages.shared.linked_viewer import Panel, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.cam import Finished

ABOUT = (
    "The chosen CAM method, layer and band on **every picture of the gallery**: part 3's author "
    "calls the one example there cherry-picked, and most of the others rather random."
)
HOW = (
    "The middle {side} × {side} pixels of each picture with the degradation of the sidebar, each "
    "map on its own scale from 0 to 1. A target at the output sees all of it, whatever region is "
    "drawn."
)
SIDE = 224
HEIGHT = 260
SECONDS = 1.0


@dataclass(frozen=True)
class Sheet:
    """One picture of the contact sheet: what was measured, and the map of it."""

    picture: Picture
    done: Finished


def contact_sheet_view(bench: Workbench, choice: Choice) -> None:
    """The map of every gallery picture, small."""
    st.markdown(ABOUT)
    whole = replace(choice, region=None)
    polled(
        replace(bench, cards=()),
        partial(sheets, bench, whole),
        partial(needs, bench, whole),
        partial(settle, bench, whole),
    )
    st.caption(HOW.format(side=SIDE))


def middle(array: np.ndarray) -> np.ndarray:
    """The middle of a picture (H, W, 3), at most 224 x 224."""
    height, width = array.shape[:2]
    side = (min(SIDE, width), min(SIDE, height))
    return crop(array, Region((width - side[0]) // 2, (height - side[1]) // 2, *side))


def sheet_of(key: str, bench: Workbench, choice: Choice) -> Sheet:
    """A gallery picture's middle, degraded, with the chosen CAM method's map."""
    from core.attention.cam import CAM_METHODS, attention_maps, look
    from core.degradations import DEGRADATIONS
    from core.imaging.images import to_tensor

    clean = to_tensor(np.ascontiguousarray(middle(cached.gallery_array(key))))
    picture = cached.picture_of(
        DEGRADATIONS[bench.degradation](clean[None], **bench.parameters)[0]
    )
    target = choice.target if CAM_METHODS[choice.method].needs_gradient else None
    seen = look(cached.model(choice.variant), picture.image, choice.layer, target)
    raw = RawMap(attention_maps(seen, [choice.method])[choice.method], seen.covers)
    return Sheet(picture, finished(raw, choice.method, picture))


def slots(bench: Workbench, choice: Choice) -> dict[str, Slot[Sheet]]:
    """Gallery key -> the place of its sheet."""
    from core.imaging.gallery import GALLERY

    settings = f"{bench.degradation} {sorted(bench.parameters.items())}"
    return {
        key: cached.computed_map(
            "contact_sheet",
            key,
            settings,
            *key_of(choice),
            compute=partial(sheet_of, key, bench, choice),
        )
        for key in GALLERY
    }


def needs(bench: Workbench, choice: Choice, found: Comparison) -> list[Slot]:
    return list(slots(bench, choice).values())


def settle(bench: Workbench, choice: Choice, found: Comparison) -> None:
    wait_for(needs(bench, choice, found), SECONDS)


def sheets(bench: Workbench, choice: Choice, found: Comparison) -> None:
    """All panels on one view, with one band."""
    band = current_band()
    places = slots(bench, choice)
    done = sum(slot.ready for slot in places.values())
    if done < len(places):
        st.caption(f"computing: {done} of {len(places)} pictures")
    linked_viewer(
        panels(places),
        key="contact_viewer",
        band=band,
        height=HEIGHT,
        on_band_change=take_band,
    )
    band_field()
    for sentence in dict.fromkeys(slot.error for slot in places.values() if slot.error):
        st.warning(plain(sentence))


def panels(places: Mapping[str, Slot[Sheet]]) -> list[Panel]:
    """A panel for each picture; what failed is left out and said below."""
    from core.imaging.gallery import GALLERY

    shown_ones = {key: slot for key, slot in places.items() if not slot.error}
    return [panel(key, GALLERY[key].label, slot.value) for key, slot in shown_ones.items()]


def panel(key: str, label: str, sheet: Sheet | None) -> Panel:
    if sheet is None:
        return Panel(key, label, None)
    image = shown(sheet.picture)
    return Panel(key, label, image, layers=(banded(sheet.done),))
