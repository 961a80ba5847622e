"""One attention map: the input, the map and the overlay, and the band under the finger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from json import dumps
from math import isfinite

import numpy as np
import streamlit as st
from pages.shared.slots import Slot, wait_for

from core.attention.threshold import band
from pages.attention.choice import Choice, band_field, band_text, current_band, take_band
from pages.attention.maps import RawMap, as_array, banded, chosen_maps, finished, signed_layer
from pages.attention.score_cam import score_cam_part
from pages.shared import cached
from pages.shared.comparison import Comparison, polled, shown, step_and_rerun
from pages.shared.linked_viewer import Panel, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench, region_field, take_region

SECONDS = 1.0
COMPUTING = "computing the maps"
FAMILY = ("eigen_cam", "kpca_cam")
"""The two that the sources found to be complementary."""
CLOSE = 0.8
FLAT = "EigenCAM and KPCA-CAM: one of them is constant here, and there is nothing to compare."
UPSIDE_DOWN = "They are one map, and the package shows one of them upside down."
ONE = "They are one map, the same way up."
TWO = "Here they differ by more than their sign."


def one_map_view(bench: Workbench, choice: Choice) -> None:
    """The source's three pictures, and the signed map where a CAM method has one."""
    alone = replace(bench, cards=())  # no restoration is shown here
    polled(alone, partial(draw, choice), partial(needs, choice), partial(settle, choice))
    score_cam_part(bench, choice)


def needs(choice: Choice, found: Comparison) -> list[Slot]:
    slots = [chosen_maps(found.bench.measurement, choice)]
    return [*slots, package_signs(choice, found)] if choice.method in FAMILY else slots


def settle(choice: Choice, found: Comparison) -> None:
    """A look takes a moment: one message with it, and none that says to wait."""
    wait_for(needs(choice, found), SECONDS)


def draw(choice: Choice, found: Comparison) -> None:
    slot = chosen_maps(found.bench.measurement, choice)
    waiting = [] if slot.ready else [COMPUTING]
    st.caption(plain(" · ".join([found.bench.sentence, *waiting])))
    if slot.error:
        st.error(plain(slot.error))
    maps = slot.value or {}
    linked_viewer(
        panels(choice, found, maps),
        key="attention",
        region=found.region,
        band=current_band(),
        on_region_change=take_region,
        on_band_change=take_band,
        on_step=step_and_rerun,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        band_field()
        region_field(*found.bench.measurement.size)
        if choice.method in maps:
            downloads(choice, found, maps[choice.method])
    explain(choice, maps.get(choice.method))
    if choice.method in FAMILY:
        turned(choice, found)


def panels(choice: Choice, found: Comparison, maps: Mapping[str, RawMap]) -> list[Panel]:
    """Input, map and overlay; and the signed map of a CAM method that has one."""
    from core.attention.cam import CAM_METHODS

    picture, method = found.bench.measurement, CAM_METHODS[choice.method]
    drawn = [Panel("input", found.input_label, shown(picture))]
    if choice.method not in maps:
        return [*drawn, Panel("map", method.label, None), Panel("overlay", "Overlay", None)]
    done = finished(maps[choice.method], choice.method, picture)
    layer = banded(done)
    drawn += [
        Panel("map", method.label, None, layers=(layer,), blank=picture.size),
        Panel("overlay", "Overlay", shown(picture), layers=(layer,)),
    ]
    if method.signed:
        both = finished(maps[choice.method], choice.method, picture, signed=True)
        drawn.append(
            Panel("signed", "Signed map", None, layers=(signed_layer(both),), blank=picture.size)
        )
    return drawn


def explain(choice: Choice, raw: RawMap | None) -> None:
    """What the CAM method multiplies with what, what the target asks, and what was averaged."""
    from core.attention.cam import CAM_METHODS, TARGETS

    method, target = CAM_METHODS[choice.method], TARGETS[choice.target]
    about = [f"**{method.label}**: {method.sentence} ({method.reference})"]
    if method.needs_gradient:
        about.append(f"**{target.label}**: {target.sentence}")
    else:
        about.append("It sees activations only: the target changes nothing.")
    if raw and (note := method.note(*raw.cells.shape)):
        about.append(note)
    st.markdown("\n".join(f"- {line}" for line in about))


# EigenCAM and KPCA-CAM ---------------------------------------------------------------------------


def package_signs(choice: Choice, found: Comparison) -> Slot[dict[str, RawMap]]:
    """The place for the two maps as the package itself turns them."""
    picture = found.bench.measurement
    key = (picture.digest, choice.variant, cached.variant_stamp(choice.variant), choice.layer)

    def compute() -> dict[str, RawMap]:
        from core.attention.cam import attention_maps, look, packaged_eigen_cam

        seen = look(cached.model(choice.variant), picture.image, choice.layer)
        raw = {"eigen_cam": packaged_eigen_cam(seen), **attention_maps(seen, ["kpca_cam"])}
        return {name: RawMap(cells, seen.covers) for name, cells in raw.items()}

    return cached.computed_map("package_signs", *key, compute=compute)


def turned(choice: Choice, found: Comparison) -> None:
    """Whether the two only look complementary because one of them is upside down."""
    from core.attention.agreement import iou, rank_correlation
    from core.attention.cam import CAM_METHODS

    raw = package_signs(choice, found).value
    if not raw:
        return
    picture = found.bench.measurement
    pairs = {
        "as the package turns them": [finished(raw[k], k, picture, rule=False) for k in FAMILY],
        "by one sign rule": [finished(raw[k], k, picture) for k in FAMILY],
    }
    overlaps = {name: iou(*map(as_array, pair)) for name, pair in pairs.items()}
    raw_rank = rank_correlation(*(raw[key].cells.numpy() for key in FAMILY))
    if not isfinite(raw_rank):
        st.markdown(FLAT)
        return
    st.markdown(
        "**EigenCAM and KPCA-CAM: two views, or one upside down?** The source found the two "
        "complementary. On this picture their raw maps have a rank correlation of "
        f"**{raw_rank:+.3f}**; the hottest 20 % overlap by "
        + " and by ".join(f"**{value:.2f}** {name}" for name, value in overlaps.items())
        + ". "
        + (UPSIDE_DOWN if raw_rank < -CLOSE else ONE if raw_rank > CLOSE else TWO)
    )
    linked_viewer(
        [
            Panel(
                f"{key}{index}",
                f"{CAM_METHODS[key].label}, {name}",
                None,
                layers=(banded(done),),
                blank=picture.size,
            )
            for index, (name, pair) in enumerate(pairs.items())
            for key, done in zip(FAMILY, pair, strict=True)
        ],
        key="signs",
        band=current_band(),
        height=260,
        on_band_change=take_band,
    )  # fmt: skip


def downloads(choice: Choice, found: Comparison, raw: RawMap) -> None:
    """The overlay at the picture's own pixels, the raw map, and what makes them again."""

    def overlaid() -> bytes:
        from core.attention.cam import overlay
        from core.imaging.images import encode_png

        picture, chosen = found.bench.measurement, current_band()
        values = as_array(finished(raw, choice.method, picture))
        shown_part = (chosen.lower, chosen.upper) if chosen.filtering else (0.0, 1.0)
        part = band(values, *shown_part, by=chosen.by, rescale=chosen.rescale)
        return encode_png(overlay(picture.array, part.values, part.kept, chosen.opacity))

    st.download_button("Overlay (.png)", overlaid, "attention.png", on_click="ignore")

    def array() -> bytes:
        file = BytesIO()
        np.save(file, raw.cells.numpy())
        return file.getvalue()

    st.download_button("Raw map (.npy)", array, "attention.npy", on_click="ignore")
    settings = {
        "picture": found.bench.source.label,
        "part": found.bench.part.text if found.bench.part else None,
        "digest": found.bench.measurement.digest,
        "degradation": found.bench.degradation,
        "parameters": dict(found.bench.parameters),
        "variant": choice.variant,
        "network": choice.network,
        "layer": choice.layer,
        "method": choice.method,
        "target": choice.target,
        "region": choice.region.text if choice.region else None,
        "band": band_text(current_band()),
    }
    st.download_button(
        "Settings (.json)", dumps(settings, indent=1), "attention.json", on_click="ignore"
    )
