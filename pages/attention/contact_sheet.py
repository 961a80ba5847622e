"""The chosen map of every picture of the gallery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop
from core.viewer import Panel
from pages.attention.band import band_field, current_band, take_band
from pages.attention.choice import Choice
from pages.attention.layout import about, waiting_for
from pages.attention.maps import as_chosen, finished, key_of, map_layer, map_of
from pages.shared import cached
from pages.shared.comparison import shown
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture, picture_of
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.maps import RawMap

ABOUT = (
    "The chosen CAM method, layer and band on **every picture of the gallery**: the author of "
    "the article “Denoising autoencoders, Part 3” calls the one example there cherry-picked."
)
HOW = (
    "The middle {side} × {side} pixels of each picture with the degradation of the sidebar, each "
    "map scaled to [0, 1] by itself. A target at the output sums over all of it."
)
SIDE = 224
HEIGHT = 260


@dataclass(frozen=True)
class Sheet:
    """A degraded picture and its raw map."""

    picture: Picture
    raw: RawMap


def contact_sheet_view(bench: Workbench, choice: Choice) -> None:
    """The map of every gallery picture, small."""
    about(ABOUT)
    polled(ContactSheet(bench, replace(choice, region=None)))
    st.caption(HOW.format(side=SIDE))


class ContactSheet(View):
    """Waits for a map of each gallery picture; draws all of them on one view, with one band."""

    def __init__(self, bench: Workbench, choice: Choice) -> None:
        self.choice = choice
        settings = f"{bench.degradation} {sorted(bench.parameters.items())}"
        self.sheets = {
            key: computed(
                "contact_sheet",
                key,
                settings,
                *key_of(choice),
                compute=partial(sheet_of, key, bench, choice),
            )
            for key in GALLERY
        }

    def jobs(self) -> list[Job[Sheet]]:
        return list(self.sheets.values())

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        waiting = waiting_for(self.jobs(), "pictures")
        if waiting:
            st.caption(waiting[0])
        linked_viewer(
            [
                panel(key, sheet.value, self.choice)
                for key, sheet in self.sheets.items()
                if not sheet.error
            ],
            key="contact_viewer",
            band=current_band(),
            height=HEIGHT,
            on_band_change=take_band,
        )
        band_field()
        for sentence in dict.fromkeys(sheet.error for sheet in self.jobs() if sheet.error):
            st.warning(plain(sentence))


def middle(array: np.ndarray) -> np.ndarray:
    """Return the middle of a picture (H, W, 3), at most 224 x 224."""
    height, width = array.shape[:2]
    side = (min(SIDE, width), min(SIDE, height))
    return crop(array, Region((width - side[0]) // 2, (height - side[1]) // 2, *side))


def sheet_of(key: str, bench: Workbench, choice: Choice) -> Sheet:
    """Degrade the middle of a gallery picture and make the chosen map of it."""
    from core.degradations import DEGRADATIONS
    from core.imaging.images import to_tensor

    clean = to_tensor(np.ascontiguousarray(middle(cached.pictures.gallery_array(key))))
    picture = picture_of(DEGRADATIONS[bench.degradation](clean[None], **bench.parameters)[0])
    return Sheet(picture, map_of(picture.image, choice))


def panel(key: str, sheet: Sheet | None, choice: Choice) -> Panel:
    """Return the panel of a gallery picture, without pixels while it is being computed."""
    label = GALLERY[key].label
    if sheet is None:
        return Panel(key, label, None)
    layers = (map_layer(finished(as_chosen(sheet.raw, choice), sheet.picture)),)
    return Panel(key, label, shown(sheet.picture), layers=layers)
