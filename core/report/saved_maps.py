"""The attention maps in a saved comparison: read, which checks all of them, and shown again.

Anybody may have written the file. Of a layer only its values and its note are taken over, once
its range and its step are those that LossLens writes: how it is drawn is known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..base.words import brief
from ..imaging.images import WHOLE_PIXELS, decode
from ..viewer import Band, EncodedImage, Layer, Panel, encode_image
from ..viewer.attention import map_layer, signed_layer
from ..viewer.specs import digest_of
from .checks import HeldFiles, check_count, check_once, text, whole
from .document import Sight
from .packing import PackedMap, step_of, unpack

TITLE = "Attention maps"
"""What such a viewer is called in the file, and known by."""
MOST_PANELS = 24
"""Of one picture."""
MOST_VALUES = 2**29
"""Of all maps in a file."""
LONGEST_TOLD = 1000
"""Characters of what is said of the maps, or of one."""
SIDES = ("width", "height")


@dataclass(frozen=True)
class SavedMaps:
    """The maps of one picture as they are packed, on panels without the picture.

    `about` says what they are of. `picture` is the bytes of a WebP file, which is not decoded
    yet: it stands behind the panels with a key in `on`.
    """

    about: str
    panels: Sequence[Panel]
    picture: bytes
    on: Collection[str]
    band: Band
    columns: int | None

    @cached_property
    def digest(self) -> str:
        """Of everything that is shown."""
        maps = [
            (panel.key, panel.label, panel.blank, *map(_told_of, panel.layers))
            for panel in self.panels
        ]
        said = self.about, sorted(self.on), self.band, self.columns, digest_of(self.picture), maps
        return digest_of(repr(said).encode())

    def sight(self) -> Sight:
        """The maps as they were shown, to the half step by which they were rounded.

        Raises `ValueError` in one sentence where the picture behind them is none, or of another
        size than they are.
        """
        image = self._image() if self.on else None
        panels = [_unpacked(one, image if one.key in self.on else None) for one in self.panels]
        return Sight(TITLE, self.about, panels, {"band": self.band, "columns": self.columns})

    def _image(self) -> EncodedImage:
        pixels = decode(self.picture)
        found, wanted = pixels.shape[1::-1], self.panels[0].blank
        if found != wanted:
            raise ValueError(
                f"The attention maps are of {_by(wanted)} pixels and the picture behind them of "
                f"{_by(found)}."
            )
        return encode_image(pixels)


def read_maps(sights: Any, files: HeldFiles) -> SavedMaps | None:
    """The attention maps among the further viewers of a picture, None where there are none.

    Their values are still to be checked, by `check_values`. Raises as `checks` does.
    """
    if not isinstance(sights, list):
        raise TypeError
    ours = [one for one in sights if one["title"] == TITLE]
    check_count("viewers of attention maps of one picture", len(ours), 1)
    return _read(ours[0], files) if ours else None


def check_values(every: Iterable[SavedMaps]) -> None:
    """Raise `ValueError` for a map that is not whole, or has values that none has.

    No map is infinite or leaves its range; NaN is what is left out of one.
    """
    found = {
        (layer.values, layer.banded): (panel.label, layer)
        for one in every
        for panel in one.panels
        for layer in panel.layers
    }
    count = sum(values.width * values.height for values, _ in found)
    check_count("values of maps", count, MOST_VALUES)
    for label, layer in found.values():
        values = np.frombuffer(unpack(layer.values).data, "<f4")
        wrong = values[(values < layer.low) | (values > layer.high)]
        if wrong.size:
            raise ValueError(
                f"the map of {brief(label)} has {wrong.size:,} values as {wrong[0]:g}; from "
                f"{layer.low:g} to {layer.high:g} is allowed."
            )


def _unpacked(panel: Panel, image: EncodedImage | None) -> Panel:
    layers = tuple(replace(one, values=unpack(one.values)) for one in panel.layers)
    return replace(panel, layers=layers, image=image, blank=None if image else panel.blank)


def _read(sight: Mapping[str, Any], files: HeldFiles) -> SavedMaps:
    viewer = sight["viewer"]
    said, shared = viewer["panels"], viewer["layers"]
    check_count("panels of attention maps", len(said), MOST_PANELS)
    panels = [_panel(one, shared, files) for one in said]
    check_once("panels of attention maps with the key", [panel.key for panel in panels])
    sizes = {panel.blank for panel in panels}
    if len(sizes) != 1:
        raise ValueError(f"its attention maps are of {len(sizes)} sizes; 1 is allowed.")
    behind = {one["image"]["url"] for one in said} - {None}
    check_count("pictures behind attention maps", len(behind), 1)
    on = (panel.key for one, panel in zip(said, panels, strict=True) if one["image"]["url"])
    columns = viewer["columns"]
    return SavedMaps(
        text(sight["about"], LONGEST_TOLD),
        panels,
        b"".join(_picture(url, files) for url in behind),
        frozenset(on),
        _band(viewer["band"]),
        None if columns is None else whole(columns, "the number of columns", MOST_PANELS),
    )


def _panel(
    panel: Mapping[str, Any], shared: Mapping[str, Mapping[str, Any]], files: HeldFiles
) -> Panel:
    label, (width, height) = text(panel["label"]), _size(panel["image"])
    check_count(f"maps in the panel {brief(label)}", len(panel["layers"]), 1)
    layers = [_layer({**shared[one["key"]], **one}, label, files) for one in panel["layers"]]
    for one in layers:
        size = one.values.width, one.values.height
        if size != (width, height):
            raise ValueError(
                f"the map of {brief(label)} has {_by(size)} values; its picture has "
                f"{_by((width, height))} pixels."
            )
    return Panel(text(panel["key"]), label, None, layers=tuple(layers), blank=(width, height))


def _layer(said: Mapping[str, Any], label: str, files: HeldFiles) -> Layer:
    note = text(said["note"], LONGEST_TOLD) if said["note"] else ""
    values = _packed(said["url"], label, files)
    if not isinstance(said["banded"], bool):
        raise TypeError
    layer = map_layer(values, note) if said["banded"] else signed_layer(values)
    ours = f"of the map of {brief(label)}"
    _check_number(f"the low end {ours}", said["low"], layer.low)
    _check_number(f"the high end {ours}", said["high"], layer.high)
    _check_number(f"the step {ours}", values.step, step_of(layer))
    return layer


def _packed(url: str, label: str, files: HeldFiles) -> PackedMap:
    file = files.of(url, PackedMap.kind)
    width, height = _size(file)
    if not isinstance(file["mirrored"], bool):
        raise TypeError
    data = files.data(url, f"the map of {brief(label)}")
    return PackedMap(data, width, height, file["step"], file["mirrored"])


def _picture(url: str, files: HeldFiles) -> bytes:
    files.of(url, EncodedImage.kind)
    return files.data(url, "the picture behind the attention maps")


def _size(said: Mapping[str, Any]) -> tuple[int, int]:
    width, height = (whole(said[side], f"the {side} of a map", WHOLE_PIXELS) for side in SIDES)
    if width * height > WHOLE_PIXELS:
        raise ValueError(
            f"a map of {_by((width, height))} has {width * height:,} values; {WHOLE_PIXELS:,} are "
            "allowed."
        )
    return width, height


def _band(said: Mapping[str, Any]) -> Band:
    usual = asdict(Band())
    for name, value in usual.items():
        kinds = (float, int) if type(value) is float else (type(value),)
        if type(said[name]) not in kinds:
            raise TypeError
    return Band(**{name: said[name] for name in usual})


def _check_number(what: str, found: object, wanted: float) -> None:
    if type(found) not in (int, float):
        raise TypeError
    if found != wanted:
        raise ValueError(f"{what} is {found:g}; {wanted:g} is allowed.")


def _told_of(layer: Layer) -> tuple[object, ...]:
    values = layer.values
    return layer.banded, layer.note, values.width, values.height, values.mirrored, values.digest


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]:,} x {size[1]:,}"
