"""What the viewer's modules are told: names, numbers and addresses, no pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from ..attention.threshold import PRESETS
from ..imaging.export import file_name
from ..imaging.images import Region
from .pins import Pin, pins_data
from .specs import (
    AXES,
    DRAGS,
    ROLES,
    Band,
    Encoded,
    Goto,
    Grid,
    Layer,
    Mark,
    Panel,
    Place,
    Question,
    SavedView,
)

LAYER_FIELDS = (
    "label", "low", "high", "colours", "opacity", "lower", "upper", "extent", "unit", "categories",
    "banded", "smooth", "note",
)  # fmt: skip

AddressOf = Callable[[Encoded], str]


def message(
    panels: Sequence[Panel],
    address_of: AddressOf,
    *,
    key: str,
    region: Region | None = None,
    grid: Grid | None = None,
    goto: Goto | None = None,
    saved: SavedView | None = None,
    places: Sequence[Place] = (),
    marks: Sequence[Mark] = (),
    pins: Sequence[Pin] = (),
    question: Question | None = None,
    axes: str = "pixels",
    band: Band | None = None,
    height: int = 640,
    columns: int | None = None,
    drag: str = "pan",
    region_label: str = "",
    name: str = "",
) -> dict[str, Any]:
    """The document that `modules/main.js` reads; `address_of` says where a picture or map lies.

    The view belongs to the browser: `region`, `grid` and `band` (None: the source's) are taken
    over at first and when they change, `goto` and `saved` when their serial does. `places` are
    thumbnails below the panels, `marks` rings over them. `pins` are notes on the picture behind
    the panels, taken over when they are others; what the person makes of them stays. A `question`
    is asked on the stage, of panels whose labels tell nothing. With `axes` "frequency" the pixels
    are the frequencies of a spectrum whose zero stands at [H//2, W//2]. `height` is the largest
    height of one panel in CSS pixels, `columns` how many stand in a row where there is room.
    A plain `drag` moves the picture ("pan") or draws the region ("region"; what the page answers
    with then stands in its place). `region_label` is what `region` is called where its own pixels
    mean nothing. `name` is the file name, without its extension, that *Save view* uses.

    Raises `ValueError` for two panels of one key, a place in no panel, unknown `axes` and an
    unknown `drag`.
    """
    _check(panels, places)
    _check_choice("axes", axes, AXES)
    _check_choice("drag", drag, DRAGS)
    banded = band or any(layer.banded for panel in panels for layer in panel.layers)
    return {
        "key": key,
        "presets": [asdict(preset) for preset in PRESETS.values()] if banded else [],
        **_panels_data(panels, address_of),
        "region": asdict(region) if region else None,
        "grid": asdict(grid) if grid else None,
        "goto": asdict(goto) if goto else None,
        "saved": asdict(saved) if saved else None,
        "places": [asdict(place) for place in places],
        "marks": [asdict(mark) for mark in marks],
        "notes": pins_data(pins, picture_behind(panels)),
        "question": asdict(question) if question else None,
        "tells_notes": False,
        "heard_notes": None,
        "axes": axes,
        "picks": False,
        "regions": False,
        "drag": drag,
        "region_label": region_label,
        "told": None,
        "name": name or file_name(key),
        "columns": columns,
        "band": asdict(band or Band()),
        "height": height,
    }


def picture_behind(panels: Sequence[Panel]) -> str:
    """The digest of the picture that the others are made from or compared with.

    Of the clean one, else the noisy one, else the first; empty where no panel has a picture.
    """
    shown = {panel.role: panel.image for panel in reversed(panels) if panel.image}
    images = [shown[role] for role in ROLES if role in shown]
    return images[0].digest if images else ""


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


def _panels_data(panels: Sequence[Panel], address_of: AddressOf) -> dict[str, Any]:
    """Panels and layers; what a layer says in every panel alike stands once, under its key."""
    shared: dict[str, dict[str, Any]] = {}
    for layer in (layer for panel in panels for layer in panel.layers):
        shared.setdefault(layer.key, _layer_fields(layer))
    return {
        "layers": shared,
        "panels": [_panel_data(panel, shared, address_of) for panel in panels],
    }


def _panel_data(
    panel: Panel, shared: dict[str, dict[str, Any]], address_of: AddressOf
) -> dict[str, Any]:
    return {
        "key": panel.key,
        "label": panel.label,
        "role": panel.role,
        "caption": list(panel.caption),
        "note": panel.note,
        "error": panel.error,
        "apart": panel.apart,
        "image": _image_data(panel, address_of),
        "layers": [_layer_data(layer, shared[layer.key], address_of) for layer in panel.layers],
    }


def _image_data(panel: Panel, address_of: AddressOf) -> dict[str, Any] | None:
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


def _layer_data(layer: Layer, shared: dict[str, Any], address_of: AddressOf) -> dict[str, Any]:
    own = {name: value for name, value in _layer_fields(layer).items() if value != shared[name]}
    return {"key": layer.key, "url": address_of(layer.values)} | own
