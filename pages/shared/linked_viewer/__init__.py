"""The linked viewer: panels on one view, drawn pixel for pixel in the browser.

Zoom, flip, wipe, differences, gain, layers and grids never call Python. Only a region that the
person drew and the step to another picture come back. Pictures travel losslessly, as media
addresses; the message itself holds names and numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from json import dumps, loads
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime import get_instance

from core.images import Region, encode_webp

FOLDER = Path(__file__).parent
# One module in the browser, so the order is free but for constants: each file after its own.
SCRIPTS = (
    "colours", "pictures", "sources", "view", "dom", "draw", "actions", "input", "link", "main",
)  # fmt: skip
ROLES = ("clean", "measurement", "output")
MODES = ("image", "signed", "absolute", "removed")
MAX_ZOOM = 64
MAX_GAIN = 32


@dataclass(frozen=True)
class EncodedImage:
    """A picture ready to be sent: lossless WebP of `width` x `height` pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class EncodedLayer:
    """A scalar map ready to be sent: float32, little-endian, row by row."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Layer:
    """A scalar map over a panel's image, coloured in the browser.

    `values` covers the whole image; with fewer cells than pixels it is drawn as hard cells.
    `low` and `high` are the locked colour range, the same in every panel; a value outside
    [`lower`, `upper`] is not drawn (None: no bound). `colours` is a key of `colours.json`.
    """

    key: str
    label: str
    values: EncodedLayer
    low: float
    high: float
    colours: str = "magma"
    opacity: float = 0.6
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"Layer '{self.key}': low {self.low} is not below high {self.high}.")
        if self.colours not in colour_maps():
            known = ", ".join(colour_maps())
            raise ValueError(f"There is no colour map '{self.colours}'. There are: {known}.")


@dataclass(frozen=True)
class Panel:
    """One picture of the comparison; `image` None means that it is still being computed.

    `role` is "clean", "measurement" or "output": differences are taken to the first panel that
    is clean, or the measurement. `caption` holds short numbers, `note` one sentence.
    """

    key: str
    label: str
    image: EncodedImage | None
    role: str = "output"
    caption: tuple[str, ...] = ()
    note: str = ""
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"There is no role '{self.role}'. There are: {', '.join(ROLES)}.")


@dataclass(frozen=True)
class Grid:
    """Lines every `period` image pixels, the first at `phase` (x, y); period 0 draws none."""

    period: int
    phase: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Goto:
    """Go to a place, once per new `serial`.

    `cx`, `cy` in image pixels, `zoom` in screen pixels per image pixel, `mode` one of `MODES`,
    `gain` 1 to 32: of a difference, or the contrast of the image. None leaves both as they are.
    """

    cx: float
    cy: float
    zoom: float
    serial: int
    mode: str | None = None
    gain: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.zoom <= MAX_ZOOM:
            raise ValueError(f"The zoom is {self.zoom}; it must lie in (0, {MAX_ZOOM}].")
        if self.mode is not None and self.mode not in MODES:
            raise ValueError(f"There is no view '{self.mode}'. There are: {', '.join(MODES)}.")
        if self.gain is not None and not 1 <= self.gain <= MAX_GAIN:
            raise ValueError(f"The gain is {self.gain}; it must lie in [1, {MAX_GAIN}].")


@dataclass(frozen=True)
class ViewerState:
    """What the person told Python: the drawn region, and -1 or +1 for another picture."""

    region: Region | None = None
    step: int | None = None


def encode_image(image: np.ndarray) -> EncodedImage:
    """A uint8 (H, W, 3) picture, ready to be sent. Raises `ValueError` for anything else."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"A panel needs uint8 (H, W, 3), got {image.dtype} {image.shape}.")
    height, width = image.shape[:2]
    return EncodedImage(encode_webp(image), width, height)


def encode_layer(values: np.ndarray) -> EncodedLayer:
    """A scalar map (h, w), ready to be sent; NaN is drawn nowhere."""
    if values.ndim != 2:
        raise ValueError(f"A layer needs an array (h, w), got {values.shape}.")
    height, width = values.shape
    return EncodedLayer(np.ascontiguousarray(values, dtype="<f4").tobytes(), width, height)


def linked_viewer(
    panels: Sequence[Panel],
    *,
    key: str,
    region: Region | None = None,
    grid: Grid | None = None,
    goto: Goto | None = None,
    height: int = 640,
    on_region_change: Callable[[Region | None], None] | None = None,
    on_step: Callable[[int], None] | None = None,
) -> ViewerState:
    """Show `panels` on one view and return what the person committed.

    The view belongs to the browser and outlives reruns: `region` and `grid` are taken over at
    first and when they change, `goto` when its serial does. `height` is the largest height of
    one panel in CSS pixels. `on_region_change` is called with the new region, or None when it was
    cleared; `on_step` with -1 or +1. Raises `ValueError` for two panels of one key.
    """
    keys = [panel.key for panel in panels]
    if len(set(keys)) < len(keys):
        raise ValueError(f"Two panels share a key: {', '.join(keys)}.")
    result = _component()(
        key=key,
        data={
            "script": _address(_script().encode(), "text/javascript", f"{key}:script"),
            "key": key,
            "panels": [_panel_data(panel, key) for panel in panels],
            "region": asdict(region) if region else None,
            "grid": asdict(grid) if grid else None,
            "goto": asdict(goto) if goto else None,
            "height": height,
        },
        on_region_change=lambda: on_region_change and on_region_change(_state(key).region),
        on_step_change=lambda: on_step and on_step(_state(key).step),
    )
    return ViewerState(_region(result.get("region")), result.get("step"))


def _state(key: str) -> ViewerState:
    state = st.session_state[key]
    return ViewerState(_region(state.get("region")), state.get("step"))


def _region(commit: dict[str, Any] | None) -> Region | None:
    return Region(**commit["box"]) if commit and commit["box"] else None


def _panel_data(panel: Panel, key: str) -> dict[str, Any]:
    place = f"{key}:{panel.key}"
    return {
        "key": panel.key,
        "label": panel.label,
        "role": panel.role,
        "caption": list(panel.caption),
        "note": panel.note,
        "image": _blob(panel.image, "image/webp", place) if panel.image else None,
        "layers": [_layer_data(layer, f"{place}:{layer.key}") for layer in panel.layers],
    }


def _layer_data(layer: Layer, place: str) -> dict[str, Any]:
    numbers = ("key", "label", "low", "high", "colours", "opacity", "lower", "upper")
    blob = _blob(layer.values, "application/octet-stream", place)
    return {name: getattr(layer, name) for name in numbers} | blob


def _blob(encoded: EncodedImage | EncodedLayer, kind: str, place: str) -> dict[str, Any]:
    url = _address(encoded.data, kind, place)
    return {"url": url, "width": encoded.width, "height": encoded.height}


def _address(data: bytes, kind: str, place: str) -> str:
    """Where the browser finds `data`: to be called in every run, or the platform drops it."""
    base = st.get_option("server.baseUrlPath").strip("/")
    url = get_instance().media_file_mgr.add(data, kind, place)
    return f"/{base}{url}" if base else url


@cache
def colour_maps() -> dict[str, list[str]]:
    """Colour maps by name: hexadecimal anchors, linear between them."""
    return loads((FOLDER / "colours.json").read_text("utf8"))


@cache
def _script() -> str:
    style = (FOLDER / "viewer.css").read_text("utf8")
    constants = f"const COLOUR_MAPS = {dumps(colour_maps())};\nconst STYLE = {dumps(style)};\n"
    parts = [(FOLDER / "viewer" / f"{name}.js").read_text("utf8") for name in SCRIPTS]
    return "\n".join([constants, *parts])


@cache
def _component() -> Any:
    """The component, registered with the runtime that is serving."""
    loader = (FOLDER / "viewer" / "loader.js").read_text("utf8")
    return st.components.v2.component("linked_viewer", js=loader)
