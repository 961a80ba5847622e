"""A page with attention maps and nothing else, to drive the threshold band in a real browser.

What it shows is in the address: `maps` names one of `SETS`; with `forget` the page does not give
back the band that it was told.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np  # noqa: E402
import streamlit as st  # noqa: E402

from core.viewer import Band, Layer, Panel, encode_image, encode_layer
from pages.shared.linked_viewer import linked_viewer
from tests.browser.anew import asked, begin  # noqa: E402

SIZE = (48, 64)
TOKENS = (3, 4)
TOP = Band(0.75, 1.0, "area")


def photo(seed: int, size: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def relu_map(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A smooth map in [0, 1], a third of it exact zeros, as a CAM method gives one."""
    y, x = np.mgrid[: size[0], : size[1]] / max(size)
    waves = np.sin(7 * x + seed) + np.cos(9 * y - seed) + 0.4 * np.sin(23 * x * y + seed)
    raw = np.maximum(waves, np.quantile(waves, 1 / 3)) - np.quantile(waves, 1 / 3)
    return (raw / raw.max()).astype(np.float32)


def signed_map() -> np.ndarray:
    """Values in [-1, 1], with both ends and a third of zeros."""
    values = 2 * relu_map(5) - 1
    values[:, :20] = 0
    return (values / np.abs(values).max()).astype(np.float32)


def odd_maps() -> dict[str, np.ndarray]:
    """Maps of which there is little to see, and one with few levels and holes."""
    few = np.float32([0, 0.4, 0.7, 1])[np.add.outer(np.arange(SIZE[0]), np.arange(SIZE[1])) % 4]
    few[:5] = np.nan
    return {
        "empty": np.zeros(SIZE, np.float32),
        "constant": np.full(SIZE, 0.5, np.float32),
        "undefined": np.full(SIZE, np.nan, np.float32),
        "few": few,
    }


def tokens() -> np.ndarray:
    return np.random.default_rng(2).random(TOKENS, dtype=np.float32)


def many() -> dict[str, np.ndarray]:
    return {f"CAM method {i + 1}": relu_map(i, (224, 224)) for i in range(12)}


SETS = {
    "relu": lambda: {"first": relu_map(1), "second": relu_map(2)},
    "signed": lambda: {"signed": signed_map()},
    "odd": odd_maps,
    "tokens": lambda: {"tokens": tokens()},
    "many": many,
}


def layer(kind: str, name: str, values: np.ndarray) -> Layer:
    if kind == "signed":
        return Layer("map", "Signed", encode_layer(values), -1.0, 1.0, "diverging", banded=True)
    smooth = kind == "tokens"
    note = f"The map is {name}." if kind == "odd" else ""
    return Layer(
        "map", "Attention", encode_layer(values), 0.0, 1.0, banded=True, smooth=smooth, note=note
    )


def panels(kind: str) -> list[Panel]:
    maps = SETS[kind]()
    size = (224, 224) if kind == "many" else SIZE
    shown = [
        Panel(name, name.capitalize(), encode_image(photo(i, size)), caption=("0.8 s",),
              layers=(layer(kind, name, values),))
        for i, (name, values) in enumerate(maps.items())
    ]  # fmt: skip
    if kind != "relu":
        return shown
    plain = Panel("input", "Input", encode_image(photo(0, size)), "measurement")
    heat = Panel(
        "heat", "Heat map", None, layers=shown[0].layers, blank=SIZE[::-1], caption=("alone",)
    )
    return [plain, *shown, heat]


def main() -> None:
    st.set_page_config(layout="wide")
    serial = begin()
    state = st.session_state
    count = state["runs"] = state.get("runs", 0) + 1
    st.markdown(f"runs={count}")
    told = state.setdefault("told", [])
    if st.button("Top quarter"):
        state["band"] = TOP
    st.button("Again")
    given = st.text_input("Given", key=f"band{serial}")
    if given and given != state.get("given"):
        state["given"], state["band"] = given, Band(**json.loads(given))

    def keep(band: Band) -> None:
        told.append(f"{band.lower:g}-{band.upper:g} {band.by}")
        if "forget" not in asked():
            state["band"] = band

    viewer = linked_viewer(
        panels(asked().get("maps", "relu")),
        key=f"viewer{serial}",
        band=state.get("band"),
        on_band_change=keep,
    )
    st.markdown(f"band={viewer.band}")
    st.markdown(f"told={'; '.join(told)}")


if __name__ == "__main__":
    main()
