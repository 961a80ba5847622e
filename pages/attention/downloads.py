"""What can be saved of a map: the overlay as it is on screen, the raw map, and the settings."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from json import dumps
from typing import TYPE_CHECKING

import numpy as np

from core.viewer import Band
from pages.attention.band import band_text, kept_by
from pages.attention.choice import Choice
from pages.attention.maps import finished
from pages.shared.downloads import download
from pages.shared.values import Picture
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.maps import RawMap


KINDS = {"png": "image/png", "npy": "application/octet-stream", "json": "application/json"}


def downloads(bench: Workbench, choice: Choice, raw: RawMap, band: Band) -> None:
    """Draw the three buttons.

    What makes a file is called outside of the run, where there is neither address nor session
    state: everything that it needs is given to it here, the band as well.
    """
    files = {
        "Overlay (.png)": ("png", partial(overlay_png, bench.measurement, raw, band)),
        "Raw map (.npy)": ("npy", partial(raw_npy, raw)),
        "Settings (.json)": ("json", partial(settings_json, bench, choice, band)),
    }
    for label, (extension, make) in files.items():
        name = saved_name(bench, choice, f"{choice.method} {choice.layer}", extension)
        download(label, make, name, KINDS[extension], key=f"map_download_{extension}")


def saved_name(bench: Workbench, choice: Choice, what: str, extension: str = "") -> str:
    """Return a file name with the picture, its degradation and the variant in it."""
    return bench.file_name(what, variant=choice.variant, extension=extension)


def overlay_png(picture: Picture, raw: RawMap, band: Band) -> bytes:
    """Return the overlay at the picture's own pixels, filtered by the band."""
    from core.attention.cam import overlay
    from core.imaging.images import encode_png

    part = kept_by(finished(raw, picture).array, band)
    return encode_png(overlay(picture.array, part.values, part.kept, band.opacity))


def raw_npy(raw: RawMap) -> bytes:
    """Return the raw map `(h, w)` as an array file."""
    file = BytesIO()
    np.save(file, raw.cells.numpy())
    return file.getvalue()


def settings_json(bench: Workbench, choice: Choice, band: Band) -> str:
    """Return all settings that make the map again."""
    settings = {
        "picture": bench.source.label,
        "part": bench.part.text if bench.part else None,
        "digest": bench.measurement.digest,
        "degradation": bench.degradation,
        "parameters": dict(bench.parameters),
        "variant": choice.variant,
        "network": choice.network,
        "layer": choice.layer,
        "method": choice.method,
        "target": choice.target,
        "region": choice.region.text if choice.region else None,
        "padding": choice.padding,
        "border_left_out": choice.inside,
        "band": band_text(band),
    }
    return dumps(settings, indent=1)
