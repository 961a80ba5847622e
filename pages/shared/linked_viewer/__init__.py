"""The linked viewer: panels on one view, drawn pixel for pixel in the browser.

Zoom, flip, wipe, differences, gain, layers, grids and places never call Python. Only a region
that the person drew, a band that was let go, a picked pixel and the step to another picture come
back. Pictures travel losslessly, at addresses of their own; the message itself holds names and
numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.attention.threshold import PRESETS
from core.imaging.export import file_name
from core.imaging.images import Region
from pages.shared.handed import address_of
from pages.shared.linked_viewer.served import VIEWER, component
from pages.shared.linked_viewer.specs import (
    AXES,
    DRAGS,
    Band,
    EncodedImage,
    EncodedLayer,
    Goto,
    Grid,
    Layer,
    Mark,
    Panel,
    Place,
    ViewerState,
    colour_maps,
    encode_image,
    encode_layer,
)

__all__ = [
    "Band",
    "EncodedImage",
    "EncodedLayer",
    "Goto",
    "Grid",
    "Layer",
    "Mark",
    "Panel",
    "Place",
    "ViewerState",
    "colour_maps",
    "encode_image",
    "encode_layer",
    "linked_viewer",
]

LAYER_FIELDS = (
    "label", "low", "high", "colours", "opacity", "lower", "upper", "extent", "unit", "categories",
    "banded", "smooth", "note",
)  # fmt: skip

OnPick = Callable[[int, int, str], None]


def linked_viewer(
    panels: Sequence[Panel],
    *,
    key: str,
    region: Region | None = None,
    grid: Grid | None = None,
    goto: Goto | None = None,
    places: Sequence[Place] = (),
    marks: Sequence[Mark] = (),
    axes: str = "pixels",
    band: Band | None = None,
    height: int = 640,
    columns: int | None = None,
    drag: str = "pan",
    region_label: str = "",
    name: str = "",
    on_region_change: Callable[[Region | None], None] | None = None,
    on_step: Callable[[int], None] | None = None,
    on_pick: OnPick | None = None,
    on_band_change: Callable[[Band], None] | None = None,
) -> ViewerState:
    """Show `panels` on one view and return what the person committed.

    The view belongs to the browser and outlives reruns: `region`, `grid` and `band` (None: the
    source's) are taken over at first and when they change, `goto` when its serial does. `places`
    are thumbnails below the panels, `marks` rings over them. With `axes` "frequency" the pixels
    are the frequencies of a spectrum whose zero stands at [H//2, W//2]. `height` is the largest
    height of one panel in CSS pixels, `columns` how many stand in a row where there is room.
    A plain `drag` moves the picture ("pan") or draws the region ("region"; what the page answers
    with then stands in its place). `region_label` is what `region` is called where its own pixels
    mean nothing. `name` is the file name, without its extension, that *Save view* uses.

    `on_region_change` is called with the new region, or None when it was cleared; `on_step` with
    -1 or +1; `on_pick` with x, y and the panel's key when a pixel was clicked; `on_band_change`
    with the band once it was let go (give it back as `band`, so that the next one that differs
    is taken over). Raises `ValueError` for two panels of one key, a place in no panel, unknown
    `axes` and an unknown `drag`.
    """
    _check(panels, places)
    _check_choice("axes", axes, AXES)
    _check_choice("drag", drag, DRAGS)
    result = component()(
        key=key,
        data={
            "key": key,
            "modules": VIEWER.address,
            "presets": [asdict(preset) for preset in PRESETS.values()],
            **_panels_data(panels),
            "region": asdict(region) if region else None,
            "grid": asdict(grid) if grid else None,
            "goto": asdict(goto) if goto else None,
            "places": [asdict(place) for place in places],
            "marks": [asdict(mark) for mark in marks],
            "axes": axes,
            "picks": on_pick is not None,
            "regions": on_region_change is not None,
            "drag": drag,
            "region_label": region_label,
            "told": _told(key) if drag == "region" else None,
            "name": name or file_name(key),
            "columns": columns,
            "band": asdict(band or Band()),
            "height": height,
        },
        on_region_change=lambda: on_region_change and on_region_change(_state(key).region),
        on_step_change=lambda: on_step and on_step(_state(key).step),
        on_pick_change=lambda: on_pick and on_pick(*_state(key).pick),
        on_band_change=lambda: on_band_change and on_band_change(_state(key).band),
        on_again_change=lambda: None,  # a run is all that it asks for: every address is new again
    )
    return _viewer_state(result)


def _check(panels: Sequence[Panel], places: Sequence[Place]) -> None:
    keys = [panel.key for panel in panels]
    if len(set(keys)) < len(keys):
        raise ValueError(f"Two panels share a key: {', '.join(keys)}.")
    for place in places:
        if place.panel not in keys:
            raise ValueError(f"There is no panel '{place.panel}'. There are: {', '.join(keys)}.")


def _check_choice(what: str, choice: str, known: Sequence[str]) -> None:
    if choice not in known:
        raise ValueError(f"There is no {what} '{choice}'. There are: {', '.join(known)}.")


def _told(key: str) -> int | None:
    """The serial of the last region that came, so that an equal answer is an answer too."""
    commit = st.session_state.get(key, {}).get("region")
    return commit["serial"] if commit else None


def _state(key: str) -> ViewerState:
    return _viewer_state(st.session_state[key])


def _viewer_state(state: Any) -> ViewerState:
    commit, pick, kept = state.get("region"), state.get("pick"), state.get("band")
    region = Region(**commit["box"]) if commit and commit["box"] else None
    return ViewerState(
        region,
        state.get("step"),
        (pick["x"], pick["y"], pick["panel"]) if pick else None,
        Band(**kept["band"]) if kept else None,
    )


def _panels_data(panels: Sequence[Panel]) -> dict[str, Any]:
    """Panels and layers; what a layer says in every panel alike stands once, under its key."""
    shared: dict[str, dict[str, Any]] = {}
    for layer in (layer for panel in panels for layer in panel.layers):
        shared.setdefault(layer.key, _layer_fields(layer))
    return {"layers": shared, "panels": [_panel_data(panel, shared) for panel in panels]}


def _panel_data(panel: Panel, shared: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "key": panel.key,
        "label": panel.label,
        "role": panel.role,
        "caption": list(panel.caption),
        "note": panel.note,
        "error": panel.error,
        "image": _image_data(panel),
        "layers": [_layer_data(layer, shared[layer.key]) for layer in panel.layers],
    }


def _image_data(panel: Panel) -> dict[str, Any] | None:
    if panel.image:
        image = panel.image
        size = {"width": image.width, "height": image.height}
        return {"url": address_of(image), **size, "sum": image.sum}
    if panel.blank:
        width, height = panel.blank
        return {"url": None, "width": width, "height": height}
    return None


def _layer_fields(layer: Layer) -> dict[str, Any]:
    size = {"width": layer.values.width, "height": layer.values.height}
    return {name: getattr(layer, name) for name in LAYER_FIELDS} | size


def _layer_data(layer: Layer, shared: dict[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in _layer_fields(layer).items() if value != shared[name]}
    return {"key": layer.key, "url": address_of(layer.values)} | own
