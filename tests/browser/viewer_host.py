"""A page with synthetic panels and nothing else, to drive the linked viewer in a real browser.

What it shows is in the address: `layers` names one of `LAYERS`; `grid`, `places`, `marks`, `pick`,
`frequency`, `tabs`, `preset`, `part`, `notes` and `two` are there or not.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np  # noqa: E402
import streamlit as st  # noqa: E402

from core.imaging.images import Region
from core.viewer import Goto, Grid, Layer, Mark, Panel, Pin, Place, encode_image, encode_layer
from pages.shared.linked_viewer import linked_viewer
from tests.browser.anew import asked, begin

SIZE = (96, 128)
EXTENT = (-16.0, 8.0, 64.0, 48.0)
NAMES = ("clean", "noisy", "neither")
PLACES = (
    Place(Region(24, 40, 16, 12), "a", "Variant a", "Blur", "3.2"),
    Place(Region(0, 0, 32, 32), "b", "Variant b", "Blur", "2.9"),
    Place(Region(120, 90, 8, 6), "noisy", "A label that is far too long", "Grid", "0.4", "cells"),
)
PART = Region(16, 8, 64, 48)
"""What the page answers to every region with `part`, as a lattice would."""

MARKS = (Mark(16, 12, "1/2"), Mark(96, 72, "1/4"))
SPECTRUM = (48, 64)


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


def named_cells() -> np.ndarray:
    """Categories 0, 1, 2 in turn, one cell undefined and one beyond the names."""
    values = (np.arange(12 * 16, dtype=np.float32) % 3).reshape(12, 16)
    values[3, 4], values[3, 5] = np.nan, 3
    return values


def part_cells() -> np.ndarray:
    """A map of 6 x 8 cells, for a part of the picture."""
    return np.linspace(0, 1, 6 * 8, dtype=np.float32).reshape(6, 8)


def spectrum(seed: int) -> np.ndarray:
    """A map in dB, (48, 64), unlike in every place; its zero stands at [24, 32]."""
    return np.random.default_rng(seed).normal(0, 20, SPECTRUM).astype(np.float32)


def layer(name: str, seed: int, high: float) -> Layer:
    """The layer that the address asks for, in the panel number `seed`; cells reach `high`."""
    if name == "named":
        values = encode_layer(named_cells())
        return Layer("nearest", "Nearest to clean", values, 0, 3, opacity=1.0, categories=NAMES)
    if name == "part":
        values = encode_layer(part_cells())
        return Layer("part", "Part", values, 0, 1, opacity=1.0, extent=EXTENT, unit="levels")
    if name == "fine":
        values = encode_layer(np.tile(np.float32([0, 1]), (96, 2 * 128)))
        return Layer("fine", "Fine", values, 0, 1, opacity=1.0)
    if name == "signed":
        values = encode_layer(8 * cells() - 4)
        return Layer("signed", "Signed", values, -4, 4, "diverging", 1.0, unit="dB")
    if name == "spectrum":
        return Layer("dB", "Spectrum", encode_layer(spectrum(seed)), -60.0, 60.0, unit="dB")
    return Layer("cells", "Cells", encode_layer(high * cells()), 0.0, high, opacity=1.0)


def layers(seed: int, panel: str, high: float) -> tuple[Layer, ...]:
    """One layer in each panel; with `some`, all panels but the clean one."""
    name = asked().get("layers")
    if not name or (name == "some" and panel == "clean"):
        return ()
    return (layer(name, seed, high),)


def panels(seed_of_b: int, size: tuple[int, int], missing: bool, clean: bool) -> list[Panel]:
    images = pictures(size) | {"b": noise(seed_of_b, size)}
    roles = {"noisy": "measurement", "clean": "clean"}
    blank = "frequency" in asked()
    shown = [
        Panel(
            name,
            f"Variant {name}",
            None if blank or (missing and name == "b") else encode_image(image),
            roles.get(name, "output"),
            ("PSNR 27.1 dB", "grid 0.05"),
            f"A note on {name}.",
            layers(i, name, 1.0 if size == SIZE else 2.0),
            blank=SPECTRUM[::-1] if blank and not (missing and name == "b") else None,
            apart=name == "b" and "apart" in asked(),
        )
        for i, (name, image) in enumerate(images.items())
    ]
    return [panel for panel in shown if clean or panel.key != "clean"]


def main() -> None:
    st.set_page_config(layout="wide")
    serial_of_page = begin()
    count = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.markdown(f"runs={count}")
    key = f"{{}}{serial_of_page}".format
    seed = 9 if st.toggle("Other b", key=key("other")) else 3
    st.text_input("Field", key=key("field"))
    missing = st.toggle("b missing", key=key("missing"))
    clean = not st.toggle("No clean", key=key("clean"))
    large = st.toggle("Large", key=key("large"))
    serial = st.number_input("Go", 0, 9, 0, key=key("go"))
    if st.toggle("Away", key=key("away")):
        return
    if "tabs" in asked():
        _, place = st.tabs(["First", "Second"])
        with place:
            viewer(seed, large, missing, clean, serial, key("viewer"))
    else:
        viewer(seed, large, missing, clean, serial, key("viewer"))
    if "two" in asked():
        linked_viewer(panels(seed, SIZE, missing, clean), key=key("second"))


def viewer(seed: int, large: bool, missing: bool, clean: bool, serial: int, key: str) -> None:
    calls = st.session_state.setdefault("calls", [])
    wanted = asked()
    part = {"drag": "region", "region": PART, "region_label": "Part of the photo"}
    view = ("image", 2) if "preset" in wanted else ("signed", 4)
    state = linked_viewer(
        panels(seed, (192, 256) if large else SIZE, missing, clean),
        key=key,
        grid=Grid(8, (1, 2)) if "grid" in wanted else None,
        goto=Goto(serial, 20.5, 30.5, 8, *view) if serial else None,
        places=PLACES if "places" in wanted else (),
        marks=MARKS if "marks" in wanted else (),
        axes="frequency" if "frequency" in wanted else "pixels",
        name="losslens_noise_view",
        **(part if "part" in wanted else {}),
        on_region_change=lambda region: calls.append(region.text if region else "cleared"),
        pins=[Pin(3, 4, "<b>given</b>")] if wanted.get("notes") == "given" else (),
        on_notes_change=(lambda of, pins: None) if "notes" in wanted else None,
        on_step=lambda step: calls.append(f"step {step:+d}"),
        on_pick=(lambda x, y, panel: calls.append(f"{x},{y} in {panel}"))
        if "pick" in wanted
        else None,
    )
    st.markdown(f"region={state.region.text if state.region else 'none'}")
    st.markdown(f"pick={state.pick}")
    if "notes" in wanted:
        told = state.notes[1] if state.notes else ()
        st.text(f"notes={' | '.join(f'{pin.x},{pin.y} {pin.text}' for pin in told)}")
    st.markdown(f"calls={'; '.join(calls)}")


if __name__ == "__main__":
    main()
