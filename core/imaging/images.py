"""Pictures in and out: read, crop, and convert between uint8 and float.

The only place where pixels are scaled or clipped; what files hold beyond 8 bits, `decoding`
scales. An array is uint8 (H, W, 3) RGB; an image is a float32 tensor (3, H, W) in [0, 1].
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import Image

from .decoding import read_picture
from .limits import ImageError

if TYPE_CHECKING:
    from torch import Tensor

WHOLE_PIXELS = 1024 * 1024
"""Pictures with more pixels are shown by a region that the person picks."""
WEBP_SIDE = 16_383
"""The longest side that the WebP format can hold."""

AnyImage = TypeVar("AnyImage", np.ndarray, "Tensor")


@dataclass(frozen=True)
class Region:
    """A rectangle of pixels: left edge x, top edge y, width and height.

    Raises `ValueError` for a negative corner or an empty size.
    """

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.x < 0 or self.y < 0 or self.width < 1 or self.height < 1:
            raise ValueError(
                f"The region {self.text} is not possible: x and y start at 0, "
                "width and height at 1."
            )

    @property
    def text(self) -> str:
        """The region as "x,y,w,h"; `parse` reads it back."""
        return f"{self.x},{self.y},{self.width},{self.height}"

    @classmethod
    def parse(cls, text: str) -> Region:
        """The region that "x,y,w,h" means. Raises `ValueError` for anything else."""
        if not re.fullmatch(r"\s*-?\d{1,9}\s*(,\s*-?\d{1,9}\s*){3}", text, re.ASCII):
            raise ValueError(
                f"The region '{text[:60]}' is not four whole numbers x,y,width,height."
            )
        return cls(*map(int, text.split(",")))

    def clipped(self, width: int, height: int) -> Region:
        """The part inside a picture of this size. Raises `ValueError` where there is none."""
        right, bottom = min(self.x + self.width, width), min(self.y + self.height, height)
        if right <= self.x or bottom <= self.y:
            raise ValueError(
                f"The region {self.text} lies outside the picture of {width} x {height} pixels."
            )
        return Region(self.x, self.y, right - self.x, bottom - self.y)


def crop(image: AnyImage, region: Region) -> AnyImage:
    """The region of an array (H, W, 3) or a tensor (..., H, W), as a view.

    Raises `ValueError` if the region is not wholly inside.
    """
    is_array = isinstance(image, np.ndarray)
    height, width = image.shape[:2] if is_array else image.shape[-2:]
    if region.clipped(width, height) != region:
        raise ValueError(
            f"The region {region.text} reaches outside the picture of {width} x {height} pixels."
        )
    rows = slice(region.y, region.y + region.height)
    columns = slice(region.x, region.x + region.width)
    return image[rows, columns] if is_array else image[..., rows, columns]


def to_tensor(array: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) to float32 (3, H, W) in [0, 1]: value / 255. Raises `ImageError`."""
    import torch  # here, because a page that shows no picture must not wait for torch

    _check_array(array)
    scaled = array.transpose(2, 0, 1).astype(np.float32, order="C") / np.float32(255)
    return torch.from_numpy(scaled)


def to_float(pixels: Tensor) -> Tensor:
    """uint8 of any shape to float32 in [0, 1] on its own device: value / 255, as `to_tensor`."""
    return pixels.float() / 255


def to_uint8(image: Tensor) -> np.ndarray:
    """Float (3, H, W) to uint8 (H, W, 3): clipped to [0, 1], times 255, rounded half to even.

    Raises `ImageError` for another shape and for values that are not numbers.
    """
    if image.ndim != 3 or image.shape[0] != 3:
        raise ImageError(f"An image has the shape (3, H, W); this one has {tuple(image.shape)}.")
    values = image.detach().float().cpu().numpy().transpose(1, 2, 0)
    broken = int(np.isnan(values).sum())
    if broken:
        raise ImageError(f"{broken:,} of the image's {values.size:,} values are not numbers.")
    return np.rint(np.clip(values, 0, 1) * np.float32(255)).astype(np.uint8, order="C")


def clipped(images: Tensor) -> Tensor:
    """Floats of any shape with what is below 0 at 0 and above 1 at 1: what a picture can show.

    The one rule of what is measured: what a network gives is clipped first, on every page, in
    every file and command; a measurement is measured as it is.
    """
    return images.clamp(0, 1)


def at_least_float32(images: Tensor) -> Tensor:
    """Half precision as float32, float32 and float64 as they are; any shape."""
    import torch

    return images.to(torch.promote_types(images.dtype, torch.float32))


def digest(image: np.ndarray | Tensor) -> str:
    """A name for exactly this content: BLAKE2b (16 bytes, hex) of shape, type and values."""
    array = image if isinstance(image, np.ndarray) else image.detach().cpu().numpy()
    name = hashlib.blake2b(f"{array.shape}{array.dtype.str}".encode(), digest_size=16)
    name.update(np.ascontiguousarray(array).data)
    return name.hexdigest()


def thumbnail(array: np.ndarray, side: int) -> np.ndarray:
    """The array made smaller, if need be, so that no side exceeds `side` pixels."""
    _check_array(array)
    small = Image.fromarray(array)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.array(small)


def encode_png(array: np.ndarray) -> bytes:
    """uint8 (H, W, 3) as PNG: lossless."""
    return _encoded(array, "PNG", compress_level=4)


def encode_webp(array: np.ndarray) -> bytes:
    """uint8 (H, W, 3) as lossless WebP. Raises `ImageError` for a side over 16,383 pixels."""
    if max(array.shape[:2]) > WEBP_SIDE:
        raise ImageError(
            f"WebP holds sides of at most {WEBP_SIDE:,} pixels; "
            f"this picture is {array.shape[1]:,} x {array.shape[0]:,}."
        )
    return _encoded(array, "WebP", lossless=True, method=0)


def _encoded(array: np.ndarray, kind: str, **options: int) -> bytes:
    _check_array(array)
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def _check_array(array: np.ndarray) -> None:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ImageError(
            f"A picture is uint8 of the shape (H, W, 3); "
            f"this one is {array.dtype} of the shape {array.shape}."
        )


# Reading files that anybody may send


def decode(data: bytes) -> np.ndarray:
    """Read a PNG, JPEG, WebP, AVIF, TIFF or BMP file into uint8 (H, W, 3), sRGB, upright.

    The pixels of `core.imaging.decoding.read_picture`, which also tells what was found: turned
    as EXIF says; the first of several pictures; transparency over white; grey repeated; colours
    converted to sRGB; deep integers by their type, floats as [0, 1]. Raises `ImageError` for
    everything else: no such file, damaged, floats beyond [0, 1], a side under 16 pixels, more
    than 50 million pixels.
    """
    return read_picture(data).pixels
