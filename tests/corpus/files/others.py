"""WebP, AVIF, BMP and animations."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image

from tests.core.imaging.writers import bmp_v4, saved

from ..case import Case
from .expected import (
    COLOUR,
    GREY,
    HEIGHT,
    LOSSY,
    P3,
    WIDTH,
    by_pillow,
    in_srgb,
    levels,
    over_white,
    shown,
    smooth,
)


def _others() -> list[Case]:
    picture = levels(COLOUR)
    image = Image.fromarray(picture)
    four = np.dstack([picture, np.zeros((HEIGHT, WIDTH), np.uint8)])
    one_seen = four.copy()
    one_seen[0, 0, 3] = 255
    white_but_one = np.full_like(picture, 255)
    white_but_one[0, 0] = picture[0, 0]
    half = np.dstack([picture, np.full((HEIGHT, WIDTH), 51, np.uint8)])
    still = [image, Image.new("RGB", image.size)]
    animated = {"save_all": True, "append_images": still[1:]}
    told = "laid over white"
    return [
        shown("BMP, 24 bits", partial(saved, picture, "BMP"), picture),
        shown(
            "BMP, palette",
            partial(saved, image.quantize(16), "BMP"),
            np.asarray(image.quantize(16).convert("RGB")),
        ),
        shown(
            "BMP, 1 bit", partial(saved, Image.fromarray(GREY > 0.5), "BMP"), levels(GREY > 0.5)
        ),
        shown("BMP, 32 bits, opacity 0 everywhere", partial(bmp_v4, four), picture, 0, "opaque"),
        shown(
            "BMP, 32 bits, opacity 0 but once", partial(bmp_v4, one_seen), white_but_one, 0, told
        ),
        shown("WebP, lossless", partial(saved, picture, "WebP", lossless=True), picture),
        shown("WebP, lossy", partial(saved, smooth(), "WebP", quality=95), smooth(), 12),
        shown(
            "WebP, opacity",
            partial(saved, half, "WebP", lossless=True, exact=True),
            over_white(picture / 255, 0.2),
            1,
            told,
        ),
        shown(
            "WebP, animated",
            partial(saved, image, "WebP", lossless=True, **animated),
            picture,
            0,
            "first picture",
        ),
        shown(
            "PNG, animated", partial(saved, image, "PNG", **animated), picture, 0, "first picture"
        ),
        shown(
            "AVIF",
            partial(saved, smooth(), "AVIF", quality=95, subsampling="4:4:4"),
            smooth(),
            LOSSY,
        ),
        shown(
            "AVIF, opacity",
            partial(saved, half, "AVIF", quality=100, subsampling="4:4:4"),
            over_white(picture / 255, 0.2),
            LOSSY,
            told,
        ),
        shown("AVIF, of a general brand", other_brand, smooth(), 12),
        shown("AVIF, 10 bits", ten_bit_avif, smooth(), LOSSY, "10 bits"),
        shown(
            "AVIF, codes of Display P3",
            p3_avif,
            levels(in_srgb(by_pillow(p3_avif()) / 255, P3, None)),
            1,
            "Display P3",
        ),
    ]


def ten_bit_avif() -> bytes:
    from imagecodecs import avif_encode

    return avif_encode(np.rint(smooth() * (1023 / 255)).astype("u2"), bitspersample=10, level=95)


def other_brand() -> bytes:
    return saved(smooth(), "AVIF", quality=95).replace(b"ftypavif", b"ftypmif1", 1)


def p3_avif() -> bytes:
    plain = saved(smooth(), "AVIF", quality=95, subsampling="4:4:4")
    at = plain.index(b"colrnclx") + 8
    return plain[:at] + bytes([0, 12, 0, 13]) + plain[at + 4 :]


CASES = [*_others()]
