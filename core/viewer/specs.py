"""What a page gives the linked viewer: panels, layers, places, marks, grid and destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import blake2b
from json import loads
from math import isfinite
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..attention.threshold import BY
from ..imaging.images import Region, encode_webp
from .pins import Pin

MODULES = Path(__file__).with_name("modules")
"""The scripts, the style and the colour maps, as browsers get them."""
COLOURS = MODULES / "colours.json"
ROLES = ("clean", "measurement", "output")
MODES = ("image", "signed", "absolute", "removed")
AXES = ("pixels", "frequency")
DRAGS = ("pan", "region")
BAND_COLOURS = ("jet", "magma", "viridis", "grey")
CATEGORICAL = "categorical"
DIVERGING = "diverging"
MAX_ZOOM = 64
MAX_GAIN = 32


@cache
def colour_maps() -> dict[str, list[str]]:
    """Colour maps by name: hexadecimal anchors, linear between them.

    "categorical" is a list of colours instead, one per category, told apart by colour-blind
    people too (Petroff 2021, arXiv:2107.02270, ten colours, and two greys).
    """
    return loads(COLOURS.read_text("utf8"))


@dataclass(frozen=True)
class Encoded:
    """What is ready to be sent: its bytes, of `width` x `height` pixels.

    `kind` is its MIME type, `ending` that of its address.
    """

    kind: ClassVar[str]
    ending: ClassVar[str]

    data: bytes
    width: int
    height: int

    @cached_property
    def digest(self) -> str:
        """Of all its bytes, for its address."""
        return digest_of(self.data)


@dataclass(frozen=True)
class EncodedImage(Encoded):
    """A picture ready to be sent: lossless WebP.

    `sum` is `pixel_sum` of it, by which the browser judges what it read.
    """

    kind, ending = "image/webp", ".webp"

    sum: int


@dataclass(frozen=True)
class EncodedLayer(Encoded):
    """A scalar map ready to be sent: float32, little-endian, row by row."""

    kind, ending = "application/octet-stream", ".bin"


@dataclass(frozen=True)
class Layer:
    """A scalar map over a panel's image, coloured in the browser.

    `values` covers the whole image, or the part `extent` (x, y, width, height; image pixels, may
    be fractional and reach outside the image, where nothing is drawn); with fewer cells than
    pixels it is drawn as hard cells. `low` and `high` are the locked colour range, the same in
    every panel, in `unit`; a value outside [`lower`, `upper`] is not drawn (None: no bound).
    `colours` is a key of `colours.json`. With `categories` the values are indices into these
    names, each drawn in its own colour; `colours` and the range then say nothing.

    A `banded` layer is an attention map, in [0, 1], or in [-1, 1] with diverging colours: the
    threshold band acts on its magnitude and says its colours, opacity and bounds. A `smooth` one
    is brought to the image's size bilinearly, by pixel centres (torch's `align_corners=False`),
    before anything else: a grid of tokens needs to be sent as it is only. `note` is one sentence
    on this map, shown under the panel's caption while the layer is chosen.
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
    extent: tuple[float, float, float, float] | None = None
    unit: str = ""
    categories: tuple[str, ...] = ()
    banded: bool = False
    smooth: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"Layer '{self.key}': low {self.low} is not below high {self.high}.")
        if self.colours not in colour_maps():
            known = ", ".join(colour_maps())
            raise ValueError(f"There is no colour map '{self.colours}'. There are: {known}.")
        if self.extent is not None and not _is_extent(self.extent):
            raise ValueError(
                f"Layer '{self.key}': the extent {self.extent} is not x, y and a width and a "
                "height above 0."
            )
        most = len(colour_maps()[CATEGORICAL])
        if len(self.categories) > most:
            raise ValueError(
                f"Layer '{self.key}' has {len(self.categories)} categories; there are {most} "
                "colours."
            )
        self._check_band()

    def _check_band(self) -> None:
        ranges = ((-1.0, 1.0),) if self.colours == DIVERGING else ((0.0, 1.0),)
        if self.banded and ((self.low, self.high) not in ranges or self.categories):
            low, high = ranges[0]
            raise ValueError(
                f"Layer '{self.key}': the band acts on values from {low:g} to {high:g} in "
                f"{self.colours}, not from {self.low:g} to {self.high:g} or on categories."
            )
        if self.smooth and (self.extent or self.categories):
            raise ValueError(
                f"Layer '{self.key}': only values that cover the whole image can be smooth."
            )


def _is_extent(extent: tuple[float, ...]) -> bool:
    return len(extent) == 4 and all(map(isfinite, extent)) and min(extent[2:]) > 0


@dataclass(frozen=True)
class Band:
    """What of the banded layers is kept, and how it is drawn.

    Kept are magnitudes from `lower` to `upper`, in [0, 1]: values, or with `by` "area" ranks
    among the panel's own pixels, so that 0.8 to 1 are its top 20 %; zeros never. Without
    `filtering` everything is drawn. With `rescale` what is kept is stretched over all colours;
    `contour` draws its outline. `colours` is a key of `colours.json`, for maps without a sign.
    What is not kept shows the plain picture.
    """

    lower: float = 0.4
    upper: float = 0.9
    by: str = "value"
    filtering: bool = True
    rescale: bool = False
    contour: bool = False
    colours: str = "jet"
    opacity: float = 0.6

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper <= 1:
            raise ValueError(
                f"The band goes from {self.lower} to {self.upper}; it must go up, within [0, 1]."
            )
        if self.by not in BY:
            raise ValueError(f"There is no band by '{self.by}'. There are: {', '.join(BY)}.")
        if self.colours not in BAND_COLOURS:
            known = ", ".join(BAND_COLOURS)
            raise ValueError(f"A band has no colours '{self.colours}'. There are: {known}.")
        if not 0 <= self.opacity <= 1:
            raise ValueError(f"The opacity is {self.opacity}; it must lie in [0, 1].")


@dataclass(frozen=True)
class Panel:
    """One picture of the comparison; `image` None means that it is still being computed.

    `role` is "clean", "measurement" or "output": differences are taken to the first panel that
    is clean, or the noisy one ("measurement"). `caption` holds short numbers, `note` one
    sentence. `blank` (width, height) makes a panel without an image one that only has layers,
    over black; `error` says why there will be none. One that is `apart` shows another scene than
    the rest: its contrast is stretched around its own local mean, not around that of all.
    """

    key: str
    label: str
    image: EncodedImage | None
    role: str = "output"
    caption: tuple[str, ...] = ()
    note: str = ""
    layers: tuple[Layer, ...] = ()
    blank: tuple[int, int] | None = None
    error: str = ""
    apart: bool = False

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"There is no role '{self.role}'. There are: {', '.join(ROLES)}.")
        if self.blank is not None and min(self.blank) < 1:
            width, height = self.blank
            raise ValueError(f"A blank panel of {width} x {height} pixels has nothing to show.")


@dataclass(frozen=True)
class Place:
    """A part of the picture of the panel with the key `panel`, to be shown as a thumbnail.

    A click zooms all panels to `region` (image pixels) and shows the layer with the key `layer`,
    if one is named. Places stand in one row per `group`; `note` is a short value.
    """

    region: Region
    panel: str
    label: str
    group: str = ""
    note: str = ""
    layer: str | None = None


@dataclass(frozen=True)
class Mark:
    """A small ring with a label in every panel, at the centre of the image pixel (x, y)."""

    x: float
    y: float
    label: str = ""


@dataclass(frozen=True)
class Grid:
    """Lines every `period` image pixels, the first at `phase` (x, y); period 0 draws none."""

    period: int
    phase: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Goto:
    """Go to a place, or show the whole picture, once per new `serial`.

    `cx`, `cy` in image pixels, `zoom` in CSS pixels per image pixel, None to fit the whole
    picture; `mode` one of `MODES`, `gain` 1 to 32: of a difference, or the contrast of the image.
    None leaves both as they are.
    """

    serial: int
    cx: float = 0.0
    cy: float = 0.0
    zoom: float | None = None
    mode: str | None = None
    gain: float | None = None

    def __post_init__(self) -> None:
        if self.zoom is not None and not 0 < self.zoom <= MAX_ZOOM:
            raise ValueError(f"The zoom is {self.zoom}; it must lie in (0, {MAX_ZOOM}].")
        if self.mode is not None and self.mode not in MODES:
            raise ValueError(f"There is no view '{self.mode}'. There are: {', '.join(MODES)}.")
        if self.gain is not None and not 1 <= self.gain <= MAX_GAIN:
            raise ValueError(f"The gain is {self.gain}; it must lie in [1, {MAX_GAIN}].")


@dataclass(frozen=True)
class SavedView:
    """A view as it was saved with its pictures, to be taken over once per new `serial`.

    `text` is that of a link to it, and says of which viewer. `keys` leads from the keys that
    panels had then to those that they have now; `origin` is where these pictures' upper left
    pixel (x, y) lay in the pictures that the view was of.
    """

    serial: str
    text: str
    keys: Mapping[str, str] = field(default_factory=dict)
    origin: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Question:
    """A question about the panels, asked on the stage; a new `serial` is a new question.

    The number keys 1 to `answers` answer it; with 0 it only says something, and Enter goes on.
    """

    serial: int
    text: str
    answers: int = 0


@dataclass(frozen=True)
class ViewerState:
    """What the person told Python.

    The drawn region, -1 or +1 for another picture, the picked pixel (x, y, panel key), the band,
    notes with the digest of the picture that they are on, and the answer to a question: its
    serial, the number of a panel from 1 on or 0, and seconds; None where the person has not
    touched it yet.
    """

    region: Region | None = None
    step: int | None = None
    pick: tuple[int, int, str] | None = None
    band: Band | None = None
    notes: tuple[str, tuple[Pin, ...]] | None = None
    answer: tuple[int, int, float] | None = None


def encode_image(image: np.ndarray) -> EncodedImage:
    """A uint8 (H, W, 3) picture, ready to be sent. Raises `ValueError` for anything else."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"A panel needs uint8 (H, W, 3), got {image.dtype} {image.shape}.")
    height, width = image.shape[:2]
    return EncodedImage(encode_webp(image), width, height, pixel_sum(image))


def pixel_sum(image: np.ndarray) -> int:
    """A number that is another one for any picture in which a single pixel differs.

    Of uint8 (H, W, 3): each opaque pixel as one word (its red lowest, 255 on top) times an odd
    number of its place, 1, 3, 5, …, summed modulo 2^32.
    """
    opaque = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    words = opaque.view("<u4").ravel()
    odd = np.arange(1, 2 * words.size, 2, dtype=np.uint32)
    return int(np.dot(words, odd))


def digest_of(data: bytes) -> str:
    """The digest that tells two files to be sent apart."""
    return blake2b(data, digest_size=16).hexdigest()


def encode_layer(values: np.ndarray) -> EncodedLayer:
    """A scalar map (h, w), ready to be sent; NaN is drawn nowhere."""
    if values.ndim != 2:
        raise ValueError(f"A layer needs an array (h, w), got {values.shape}.")
    height, width = values.shape
    return EncodedLayer(np.ascontiguousarray(values, dtype="<f4").tobytes(), width, height)
