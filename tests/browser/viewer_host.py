"""A page with synthetic panels and nothing else, to drive the linked viewer in a real browser."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np  # noqa: E402
import streamlit as st  # noqa: E402

from pages.shared.linked_viewer import (  # noqa: E402
    Goto,
    Grid,
    Layer,
    Panel,
    encode_image,
    encode_layer,
    linked_viewer,
)

SIZE = (96, 128)


def noise(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def pictures(size: tuple[int, int] = SIZE) -> dict[str, np.ndarray]:
    """Clean: every pixel unlike its neighbours; the measurement and outputs are other such."""
    return {name: noise(i, size) for i, name in enumerate(("noisy", "clean", "a", "b"))}


def cells() -> np.ndarray:
    """A map of 12 x 16 cells over 96 x 128 pixels, from 0 to 1, with one NaN."""
    values = np.linspace(0, 1, 12 * 16, dtype=np.float32).reshape(12, 16)
    values[3, 4] = np.nan
    return values


def panels(seed_of_b: int, size: tuple[int, int], missing: bool, clean: bool) -> list[Panel]:
    images = pictures(size) | {"b": noise(seed_of_b, size)}
    layers = (Layer("cells", "Cells", encode_layer(cells()), 0.0, 1.0, opacity=1.0),)
    roles = {"noisy": "measurement", "clean": "clean"}
    shown = [
        Panel(
            name,
            f"Variant {name}",
            None if missing and name == "b" else encode_image(image),
            roles.get(name, "output"),
            ("PSNR 27.1 dB", "grid 0.05"),
            f"A note on {name}.",
            layers if "layers" in st.query_params else (),
        )
        for name, image in images.items()
    ]
    return [panel for panel in shown if clean or panel.key != "clean"]


def main() -> None:
    st.set_page_config(layout="wide")
    count = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.markdown(f"runs={count}")
    seed = 9 if st.toggle("Other b") else 3
    missing = st.toggle("b missing")
    clean = not st.toggle("No clean")
    large = st.toggle("Large")
    serial = st.number_input("Go", 0, 9, 0)
    if st.toggle("Away"):
        return
    if "tabs" in st.query_params:
        _, place = st.tabs(["First", "Second"])
        with place:
            viewer(seed, large, missing, clean, serial)
    else:
        viewer(seed, large, missing, clean, serial)


def viewer(seed: int, large: bool, missing: bool, clean: bool, serial: int) -> None:
    calls = st.session_state.setdefault("calls", [])
    state = linked_viewer(
        panels(seed, (192, 256) if large else SIZE, missing, clean),
        key="viewer",
        grid=Grid(8, (1, 2)) if "grid" in st.query_params else None,
        goto=Goto(20.5, 30.5, 8, serial, "signed", 4) if serial else None,
        on_region_change=lambda region: calls.append(region.text if region else "cleared"),
        on_step=lambda step: calls.append(f"step {step:+d}"),
    )
    st.markdown(f"region={state.region.text if state.region else 'none'}")
    st.markdown(f"calls={'; '.join(calls)}")


if __name__ == "__main__":
    main()
