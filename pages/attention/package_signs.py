"""EigenCAM and KPCA-CAM: whether they differ by more than their sign."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

import streamlit as st

from core.viewer import Panel
from pages.attention.band import current_band, take_band
from pages.attention.choice import Choice
from pages.attention.maps import finished, map_layer
from pages.shared import cached
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.titles import linked
from pages.shared.values import Picture

if TYPE_CHECKING:
    from core.attention.cam import Finished
    from core.attention.maps import RawMap

FAMILY = ("eigen_cam", "kpca_cam")
"""The two methods that “Denoising autoencoders, Part 3” found to be complementary."""
CLOSE = 0.8
HEIGHT = 260
SHORT = ("package’s sign", "sign rule")
CONSTANT = "EigenCAM and KPCA-CAM: one of the maps is constant, and there is nothing to compare."
FLIPPED = "They are one map, and the package shows one of the two sign-flipped."
SAME = "They are one map with the same sign."
DIFFERENT = "Here they differ by more than their sign."


def packaged_job(picture: Picture, choice: Choice) -> Job[dict[str, RawMap]]:
    """Return the job of both maps with the signs that the package grad-cam gives them."""
    stamp = cached.variants.variant_stamp(choice.variant)
    key = (picture.digest, choice.variant, stamp, choice.layer, choice.padding)

    def compute() -> dict[str, RawMap]:
        from core.attention.maps import packaged_maps

        model = cached.variants.model(choice.variant)
        return packaged_maps(model, picture.image, choice.layer, padding=choice.padding)

    return computed("package_signs", *key, compute=compute)


def draw_signs(packaged: dict[str, RawMap], picture: Picture) -> None:
    """Say how far the two agree with the package's signs and by one sign rule, and show all four.

    `packaged` holds both maps by key, as the package turns them.
    """
    from core.attention.agreement import iou, rank_correlation

    rank = rank_correlation(*(packaged[key].counted.numpy() for key in FAMILY))
    if not isfinite(rank):
        st.markdown(CONSTANT)
        return
    pairs = {
        "with the package’s signs": [finished(packaged[key], picture) for key in FAMILY],
        "by one sign rule": [finished(by_rule(packaged[key]), picture) for key in FAMILY],
    }
    overlaps = [
        f"**{iou(*(one.within(one.counted) for one in pair)):.2f}** {name}"
        for name, pair in pairs.items()
    ]
    text = (
        "**EigenCAM and KPCA-CAM: two methods, or one sign-flipped?** The article “Denoising "
        "autoencoders, Part 3” found them complementary. On this picture their raw maps have a "
        f"rank correlation of **{rank:+.3f}**; the IoU of their top 20 % is "
        f"{' and '.join(overlaps)}. {verdict(rank)}"
    )
    st.markdown(linked(text))
    panels = [
        sign_panel(f"{key}{place}", f"{label_of(key)}, {SHORT[place]}", done, picture)
        for place, pair in enumerate(pairs.values())
        for key, done in zip(FAMILY, pair, strict=True)
    ]
    linked_viewer(
        panels, key="signs", band=current_band(), height=HEIGHT, on_band_change=take_band
    )


def by_rule(raw: RawMap) -> RawMap:
    """Return the same map with the sign of the sign rule."""
    return replace(raw, signed=True)


def verdict(rank: float) -> str:
    """Say what a rank correlation of the two raw maps means."""
    if rank < -CLOSE:
        return FLIPPED
    return SAME if rank > CLOSE else DIFFERENT


def label_of(method: str) -> str:
    from core.attention.cam import CAM_METHODS

    return CAM_METHODS[method].label


def sign_panel(key: str, label: str, done: Finished, picture: Picture) -> Panel:
    return Panel(key, label, None, layers=(map_layer(done),), blank=picture.size)
