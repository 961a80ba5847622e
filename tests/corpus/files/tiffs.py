"""TIFFs of every type, packing and kind."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image

from tests.core.imaging.writers import saved, tiff

from ..case import Case
from .expected import (
    COLOUR,
    DEEP,
    EXACT,
    GREY,
    HEIGHT,
    LOSSY,
    WIDTH,
    as_levels,
    levels,
    over_white,
    shown,
    smooth,
    stored,
)

INTEGERS = ("u1", "u2", "u4", "u8", "i1", "i2", "i4")
FLOATS = ("f2", "f4", "f8")
SHALLOW = ("u1", "i1")
NAMES = {"u": "uint", "i": "int", "f": "float"}


def called(kind: str) -> str:
    return f"{NAMES[kind[0]]}{8 * int(kind[1])}"


def _typed_tiffs() -> list[Case]:
    """Every type as grey, with 0 as white, as colours, and as colours in planes."""
    cases = []
    for kind in (*INTEGERS, *FLOATS):
        told = () if kind in SHALLOW else (DEEP,)
        # Halves and bytes round coarsely before they are read.
        grey, colour = stored(GREY, kind), stored(COLOUR, kind)
        top = 1 if kind[0] == "f" else np.iinfo(kind).max
        pixels = {"grey": as_levels(grey, top), "colour": as_levels(colour, top)}
        planes = np.moveaxis(colour, -1, 0)
        written = {
            "grey": partial(tiff, grey, photometric="minisblack"),
            "grey with 0 as white": partial(tiff, grey, photometric="miniswhite"),
            "colours": partial(tiff, colour, photometric="rgb"),
            "colours in planes": partial(tiff, planes, photometric="rgb", planarconfig="separate"),
        }
        for what, make in written.items():
            wanted = pixels["grey" if what.startswith("grey") else "colour"]
            wanted = 255 - wanted if "white" in what else wanted
            cases.append(shown(f"TIFF, {called(kind)}, {what}", make, wanted, EXACT, *told))
    return cases


def _packed_tiffs() -> list[Case]:
    """Ways of packing, in strips and tiles, with and without differences."""
    cases = []
    for packing in ("zlib", "lzw", "packbits", "zstd", "lzma"):
        for predictor in (False, True):
            for tile in (None, (16, 16)):
                deep = stored(COLOUR, "u2")
                make = partial(
                    tiff,
                    deep,
                    photometric="rgb",
                    compression=packing,
                    predictor=predictor,
                    tile=tile,
                    rowsperstrip=None if tile else 7,
                )
                place = "tiles" if tile else "strips"
                kind = f"TIFF, uint16, {packing}{', differences' * predictor}, {place}"
                cases.append(shown(kind, make, as_levels(deep, 65535), EXACT, DEEP))
    return cases


def _rare_tiffs() -> list[Case]:
    deep = stored(COLOUR, "u2")
    pixels = as_levels(deep, 65535)
    floats = COLOUR.astype("f4")
    bits = {
        count: shown(
            f"TIFF, {count} bits, packed",
            partial(tiff, stored(GREY, "u2", count), bitspersample=count),
            as_levels(stored(GREY, "u2", count), 2**count - 1),
            EXACT,
            f"{count} bits",
        )
        for count in (10, 12, 14)
    }
    rainbow = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)]).astype("u2")
    numbers = stored(GREY, "u1")
    looked_up = rainbow.T[numbers].astype(np.uint8)
    palette = partial(tiff, numbers, photometric="palette")
    ink = np.concatenate([COLOUR, 0.2 + 0 * GREY[..., None]], axis=-1)
    light = levels((1 - COLOUR) * (1 - 0.2))
    plain = "CMYK by the plain formula"
    return [
        *bits.values(),
        shown(
            "TIFF, black and white",
            partial(tiff, GREY > 0.5, photometric="minisblack"),
            levels(GREY > 0.5),
        ),
        shown(
            "TIFF, big-endian",
            partial(tiff, deep, photometric="rgb", byteorder=">"),
            pixels,
            EXACT,
            DEEP,
        ),
        shown(
            "TIFF, float32 big-endian",
            partial(tiff, floats, photometric="rgb", byteorder=">"),
            levels(floats),
            EXACT,
            DEEP,
        ),
        shown(
            "BigTIFF", partial(tiff, deep, photometric="rgb", bigtiff=True), pixels, EXACT, DEEP
        ),
        shown(
            "TIFF, float32, differences of floats",
            partial(tiff, floats, photometric="rgb", compression="zlib", predictor=3),
            levels(floats),
            EXACT,
            DEEP,
        ),
        shown(
            "TIFF, int8, below 0",
            partial(tiff, (stored(GREY, "u1") - 128.0).astype("i1"), photometric="minisblack"),
            as_levels(np.maximum(stored(GREY, "u1") - 128.0, 0), 127),
            EXACT,
            "outside 0 to 127 are clipped",
        ),
        shown("TIFF, palette", partial(palette, colormap=rainbow * 257), looked_up),
        shown("TIFF, palette of 8 bits", partial(palette, colormap=rainbow), looked_up),
        shown(
            "TIFF, CMYK, 8 bits",
            partial(tiff, stored(ink, "u1"), photometric="separated"),
            light,
            1,
            plain,
        ),
        shown(
            "TIFF, CMYK, 16 bits",
            partial(tiff, stored(ink, "u2"), photometric="separated"),
            light,
            1,
            plain,
            DEEP,
        ),
        shown(
            "TIFF, JPEG inside",
            partial(tiff, smooth(), photometric="rgb", compression="jpeg"),
            smooth(),
            LOSSY,
        ),
        shown(
            "TIFF, JPEG of packed chroma inside",
            partial(saved, smooth(), "TIFF", compression="jpeg", quality=95),
            smooth(),
            LOSSY,
        ),
        shown(
            "TIFF, packed chroma",
            partial(saved, Image.fromarray(smooth()).convert("YCbCr"), "TIFF"),
            smooth(),
            4,
        ),
        shown(
            "TIFF, several pages",
            partial(tiff, np.stack([deep, 0 * deep]), photometric="rgb"),
            pixels,
            EXACT,
            "first of several pages",
        ),
        shown(
            "TIFF, a preview",
            partial(tiff, deep, photometric="rgb", subfiletype=1),
            pixels,
            EXACT,
            "reduced copy",
        ),
        shown(
            "TIFF, fax, group 4",
            partial(saved, Image.fromarray(GREY > 0.5), "TIFF", compression="group4"),
            levels(GREY > 0.5),
        ),
    ]


def _lab_tiffs() -> list[Case]:
    """L*a*b* of greys and of a red: levels worked out by hand under D50 and Bradford."""
    grey8 = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    grey8[..., 0] = 128  # L* 50.196 is Y 0.18586, sRGB 119.1
    icc8 = grey8.copy()
    icc8[..., 1:] = 128
    grey16 = np.zeros((HEIGHT, WIDTH, 3), np.uint16)
    grey16[..., 0] = 32896
    icc16 = np.full((HEIGHT, WIDTH, 3), 32768, np.uint16)
    icc16[..., 0] = 32768  # 65280 is L* 100
    # sRGB's red is L* 54.29, a* 80.81, b* 69.89 under D50.
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint16)
    red[...] = round(54.29 * 655.35), round(80.81 * 256), round(69.89 * 256)
    told = "L*a*b*"
    grey = (119, 119, 119)
    return [
        shown(
            "TIFF, CIE L*a*b*, 8 bits", partial(tiff, grey8, photometric="cielab"), grey, 0, told
        ),
        shown(
            "TIFF, ICC L*a*b*, 8 bits", partial(tiff, icc8, photometric="icclab"), grey, 0, told
        ),
        shown(
            "TIFF, CIE L*a*b*, 16 bits",
            partial(tiff, grey16, photometric="cielab"),
            grey,
            0,
            told,
            DEEP,
        ),
        shown(
            "TIFF, ICC L*a*b*, 16 bits",
            partial(tiff, icc16, photometric="icclab"),
            grey,
            0,
            told,
            DEEP,
        ),
        shown(
            "TIFF, CIE L*a*b*, red", partial(tiff, red, photometric="cielab"), (255, 0, 0), 2, told
        ),
    ]


def _transparent_tiffs() -> list[Case]:
    cases = []
    for kind, top in (("u1", 255), ("u2", 65535), ("f4", 1)):
        half = stored(0 * GREY + 0.5, kind)
        opacity = float(half[0, 0]) / top
        straight = np.dstack([stored(COLOUR, kind), half])
        multiplied = np.dstack([stored(COLOUR * opacity, kind), half])
        told = "laid over white"
        for extra, samples, pixels, words in (
            ("unassalpha", straight, over_white(COLOUR, opacity), told),
            ("assocalpha", multiplied, over_white(COLOUR, opacity), told),
            ("unspecified", straight, levels(COLOUR), "1 more channel left out"),
        ):
            make = partial(tiff, samples, photometric="rgb", extrasamples=[extra])
            within = 1 if extra != "unspecified" else 0
            cases.append(shown(f"TIFF, {called(kind)}, {extra}", make, pixels, within, words))
    return cases


CASES = [*_typed_tiffs(), *_packed_tiffs(), *_rare_tiffs(), *_lab_tiffs(), *_transparent_tiffs()]
