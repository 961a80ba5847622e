"""Pictures: decoded, cut to the part that is looked at, degraded, encoded for the viewer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from core.imaging.decoding import BY_TYPE
from core.imaging.images import Region
from pages.shared.cached.keeping import kept, resource
from pages.shared.values import Picture, picture_of

if TYPE_CHECKING:
    from torch import Tensor

    from core.degradations import Degradation, Switch
    from core.imaging.decoding import Decoded
    from core.sets import PictureSet, SetPicture
    from core.viewer import EncodedImage


DECODING = Lock()


PHOTOS = 500_000_000
"""Bytes of decoded files together: of a large one only a part is looked at."""


@kept
def gallery_array(key: str) -> np.ndarray:
    """A gallery picture, uint8 (H, W, 3), read-only."""
    from core.imaging.gallery import GALLERY

    array = GALLERY[key]()
    array.setflags(write=False)
    return array


def uploaded_picture(data: bytes, values: str = BY_TYPE.key) -> Decoded:
    """A file's picture, its pixels read-only. Raises `ImageError` in one sentence.

    One file at a time: decoding takes several times the memory of the picture.
    """
    from core.imaging.decoding import read_picture

    with DECODING:
        found = read_picture(data, values)
    found.pixels.setflags(write=False)
    return found


@partial(kept, within=PHOTOS)
def decoded(digest: str, _read: Callable[[], np.ndarray]) -> np.ndarray:
    """The uploaded picture of this digest; its visit has the file."""
    return _read()


@resource(max_entries=2)
def opened_set(text: str) -> PictureSet | None:
    """The set that the server was started with, None without one; `text` is in JSON."""
    if not text:
        return None
    from core.sets.request import Request

    request = Request.parse(text)
    return request.open() if request.has_pictures else None


@partial(kept, within=PHOTOS)
def set_picture(
    digest: str, index: int, role: str, values: str, _picture: SetPicture
) -> Decoded | None:
    """What a role has at a place of a set, None if there is none; `values` as in `read`."""
    with DECODING:
        return _picture.read(role, values)


@kept
def set_is_deep(digest: str, index: int, _picture: SetPicture) -> bool:
    """Whether a file at a place of a set has values of more than 8 bits."""
    return _picture.is_deep


@kept
def set_thumbnail(
    digest: str, index: int, side: int, values: str, _picture: SetPicture
) -> np.ndarray:
    """A small picture of what stands at a place of a set. Raises `ValueError`."""
    from core.imaging.images import thumbnail as smaller

    with DECODING:
        roles = [*("clean", "noisy"), *_picture.outputs]
        first = next(role for role in roles if role in _picture.files)
        return smaller(_picture.read(first, values).pixels, side)


@kept
def array_digest(name: str, _image: np.ndarray) -> str:
    """The digest of an array that `name` stands for."""
    from core.imaging.images import digest

    return digest(_image)


@kept
def thumbnail(digest: str, side: int, _read: Callable[[], np.ndarray]) -> np.ndarray:
    """The picture with no side over `side` pixels."""
    from core.imaging.images import thumbnail as smaller

    return smaller(_read(), side)


@kept
def clean_picture(digest: str, part: str | None, _read: Callable[[], np.ndarray]) -> Picture:
    """The part of a picture that is looked at, as an image."""
    from core.imaging.images import crop, to_tensor

    image = _read()
    chosen = crop(image, Region.parse(part)) if part else image
    return picture_of(to_tensor(np.ascontiguousarray(chosen)))


@kept
def measurement(
    digest: str, degradation: str, parameters: tuple[tuple[str, float], ...], _image: Tensor
) -> Picture:
    """What a degradation makes of the image of this digest.

    Its image holds the values as they are, beyond [0, 1] where the noise is not clipped: that is
    what is restored, measured and named by the digest. Only the array that is drawn is clipped.
    """
    from core.degradations import DEGRADATIONS

    return picture_of(DEGRADATIONS[degradation](_image[None], **dict(parameters))[0])


def clipping_of(clean: Picture, degradation: Degradation) -> str:
    """What clipping its noise does to a clean picture, in a sentence; empty where it is little."""
    return _clipping_of(clean.digest, str(degradation), clean.image, degradation)


@kept
def _clipping_of(digest: str, text: str, _image: Tensor, _degradation: Degradation) -> str:
    from core.degradations import clipping

    found = clipping(_degradation, _image)
    return found.sentence if found else ""


def suited(switch: Switch, digest: str, read: Callable[[], np.ndarray]) -> bool:
    """Where a switch starts on the picture of this digest."""
    return _suited(switch.name, digest, switch, read)


@kept
def _suited(name: str, digest: str, _switch: Switch, _read: Callable[[], np.ndarray]) -> bool:
    return _switch.suited(_read())


@kept
def encoded(digest: str, _image: np.ndarray) -> EncodedImage:
    """The picture of this digest as the viewer sends it."""
    from core.viewer import encode_image

    return encode_image(_image)
