"""Maps for a file: whole steps in two bytes, half of what is symmetric, compressed.

A spectrum of 384 x 384 is 590 kB of float32, and nobody sees more than 256 colours of it. A value
is a whole number of steps, so that zero stays zero; what is no number and what is infinite keep
words of their own.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..viewer import Encoded, EncodedLayer, Layer, Panel

STEPS = {False: 1000, True: 10_000}
"""In the range of colours; a map that a threshold band cuts by its values has more."""
NOTHING, BELOW, ABOVE = -(2**15), 1 - 2**15, 2**15 - 1
"""The words of NaN and the infinities; `page/maps.js` knows them too."""


@dataclass(frozen=True)
class PackedMap(Encoded):
    """A scalar map whose values are multiples of `step`.

    `data` is deflated: the lower bytes of all words, then the upper ones, row by row. Of a
    `mirrored` one, a spectrum around [H // 2, W // 2], there are H // 2 + 1 rows.
    """

    kind, ending = "application/x-losslens-map", ".map"
    WRITTEN: ClassVar[tuple[str, ...]] = ("width", "height", "step", "mirrored")

    step: float
    mirrored: bool


def packed(panels: Sequence[Panel]) -> list[Panel]:
    """The panels, their maps packed."""
    return [replace(one, layers=tuple(map(_packed_layer, one.layers))) for one in panels]


def _packed_layer(layer: Layer) -> Layer:
    if not isinstance(layer.values, EncodedLayer):
        return layer
    return replace(layer, values=pack(layer.values, step_of(layer)))


def step_of(layer: Layer) -> float:
    """What the values of a layer are rounded to multiples of."""
    return (layer.high - layer.low) / STEPS[layer.banded]


def pack(values: EncodedLayer, step: float) -> PackedMap:
    """A map rounded to multiples of `step`, at most 32,766 of them above or below zero."""
    shape = values.height, values.width
    words = _words(np.frombuffer(values.data, "<f4").reshape(shape), step)
    mirrored = _is_mirrored(words)
    rows = words[: shape[0] // 2 + 1] if mirrored else words
    planes = rows.astype("<i2").reshape(-1).view(np.uint8).reshape(-1, 2).T
    data = zlib.compress(np.ascontiguousarray(planes).tobytes(), 9)
    return PackedMap(data, values.width, values.height, step, mirrored)


def unpack(packed: PackedMap) -> EncodedLayer:
    """The map as it was rounded; packed again with the same step, it is the same words.

    Raises `ValueError` with the numbers where its bytes are not those of its size.
    """
    width, height = packed.width, packed.height
    rows = height // 2 + 1 if packed.mirrored else height
    planes = np.frombuffer(_inflated(packed, 2 * rows * width), np.uint8).reshape(2, -1)
    words = np.ascontiguousarray(planes.T).view("<i2").reshape(rows, width)
    values = (words * packed.step).astype("<f4")
    for word, value in ((NOTHING, np.nan), (BELOW, -np.inf), (ABOVE, np.inf)):
        values[words == word] = value
    if packed.mirrored:
        from_row, from_column = _opposite(height), _opposite(width)
        values = np.vstack([values, values[from_row[rows:]][:, from_column]])
    return EncodedLayer(values.tobytes(), width, height)


def _inflated(packed: PackedMap, count: int) -> bytes:
    size = f"a map of {packed.width:,} x {packed.height:,} values"
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(packed.data, count + 1)
    except zlib.error as error:
        has = f"{len(packed.data):,} bytes that are not deflated"
        raise ValueError(f"{size} has {has}.") from error
    if len(data) != count:
        has = f"{len(data):,}" if len(data) < count else f"more than {count:,}"
        raise ValueError(f"{size} has {has} bytes; {count:,} are needed.")
    if not reader.eof or reader.unused_data:
        raise ValueError(f"{size} does not end after its {count:,} bytes.")
    return data


def _words(values: np.ndarray, step: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        steps = np.rint(np.nan_to_num(values.astype(np.float64), posinf=0, neginf=0) / step)
    words = steps.clip(BELOW + 1, ABOVE - 1).astype(np.int32)
    words[np.isnan(values)] = NOTHING
    words[np.isneginf(values)] = BELOW
    words[np.isposinf(values)] = ABOVE
    return words


def _is_mirrored(words: np.ndarray) -> bool:
    """Whether every value is, but for a step of rounding, that of the opposite frequency."""
    height, width = words.shape
    opposite = words[np.ix_(_opposite(height), _opposite(width))]
    return min(height, width) > 1 and bool((abs(words - opposite) <= 1).all())


def _opposite(side: int) -> np.ndarray:
    """Where the opposite frequency stands, around side // 2."""
    return (2 * (side // 2) - np.arange(side)) % side
