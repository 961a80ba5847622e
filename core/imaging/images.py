"""Pictures in and out: read, check, turn, crop, and convert between uint8 and float.

The only place where pixels are scaled or clipped. An array is uint8 (H, W, 3) RGB; an image is a
float32 tensor (3, H, W) in [0, 1].
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageCms

if TYPE_CHECKING:
    from torch import Tensor

MAX_PIXELS = 50_000_000
"""Pictures with more pixels are refused."""
WHOLE_PIXELS = 1024 * 1024
"""Pictures with more pixels are shown by a region that the person picks."""
SMALLEST_SIDE = 16
"""Pictures with a shorter side, in pixels, are refused."""
FORMATS = ("PNG", "JPEG", "WebP", "TIFF", "BMP")
WEBP_SIDE = 16_383
"""The longest side that the WebP format can hold."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation."""

AnyImage = TypeVar("AnyImage", np.ndarray, "Tensor")


class ImageError(ValueError):
    """A picture that cannot be used; its message is one sentence for the person who chose it."""


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
    """Read a PNG, JPEG, WebP, TIFF or BMP file into uint8 (H, W, 3), sRGB, upright.

    Turned as its EXIF says; the first frame of several; transparency over white; grey repeated;
    an embedded colour profile converted to sRGB, or ignored if it is broken. 16-bit grey values
    are divided by 257; 32-bit and float values by the smallest of 1, 255, 65535 and 2^31 - 1
    that none exceeds, negative ones are black. Raises `ImageError` for everything else: no such
    file, damaged, a side under 16 pixels, more than 50 million pixels.
    """
    if not data:
        raise ImageError("The file is empty: it has 0 bytes.")
    image = _opened(data)
    _check_size(*image.size)
    try:
        image.load()
        flat = _flattened(_eight_bit(_turned(image)))
        return np.array(_srgb(flat, image.info.get("icc_profile")))
    except Exception as error:  # Pillow raises a dozen types for damaged files
        raise ImageError(
            f"The {image.format} file of {len(data):,} bytes is damaged, cut off "
            "or of a kind that cannot be shown."
        ) from error


def _opened(data: bytes) -> Image.Image:
    """The file's header as an image whose pixels are not read yet."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        pixels = int(re.findall(r"\d+", str(error))[0])
        raise ImageError(_too_large(f"has {pixels:,}")) from error
    except Exception as error:  # as above
        raise ImageError(
            f"The file of {len(data):,} bytes is not a readable "
            f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]} picture."
        ) from error


def _check_size(width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(
            f"The picture is {width:,} x {height:,} pixels; "
            f"the smallest side allowed is {SMALLEST_SIDE}."
        )
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(f"is {width:,} x {height:,} = {width * height:,}"))


def _too_large(what: str) -> str:
    return f"The picture {what} pixels; the most allowed is {MAX_PIXELS:,}."


def _turned(image: Image.Image) -> Image.Image:
    """Upright by its EXIF. Not `ImageOps.exif_transpose`: broken EXIF makes that raise."""
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # the pixels are good, only the notes beside them are not
        turn = None
    return image if turn is None else image.transpose(turn)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Images of deeper modes (I;16, I, F) as 8-bit grey; all others as they are."""
    if image.mode[0] not in "IF":
        return image
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0)
    is_16_bit = image.mode.startswith("I;16")
    ceilings = np.array([65535] if is_16_bit else [1, 255, 65535, 2**31 - 1], dtype=np.float64)
    largest = values.max()
    ceiling = ceilings[ceilings >= largest].min(initial=max(largest, ceilings[-1]))
    return Image.fromarray(np.rint(np.clip(values / ceiling, 0, 1) * 255).astype(np.uint8))


def _flattened(image: Image.Image) -> Image.Image:
    """Transparency laid over white, palettes and 1-bit looked up; other modes as they are."""
    if image.has_transparency_data:
        top = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", top.size, "white"), top).convert("RGB")
    return image.convert("RGB") if image.mode in ("P", "1") else image


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """As RGB in sRGB; the profile counts if it is valid and not sRGB already."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else None
        if source and "sRGB" not in ImageCms.getProfileDescription(source):
            target = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        pass  # a broken profile says nothing; the pixels are still good
    return image.convert("RGB")
