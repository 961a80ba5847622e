"""PNGs of every kind and depth that the standard has."""

from __future__ import annotations

import struct
from functools import partial

import numpy as np

from tests.core.imaging.writers import chunk, png

from ..case import Case
from .expected import (
    COLOUR,
    DEEP,
    EXACT,
    GREY,
    HEIGHT,
    WIDTH,
    as_levels,
    over_white,
    shown,
    stored,
)


def _pngs() -> list[Case]:
    """Every kind and depth that the standard has, in rows and interlaced."""
    cases = []
    for colour, count, depths in (
        (0, 1, (1, 2, 4, 8, 16)),
        (2, 3, (8, 16)),
        (4, 2, (8, 16)),
        (6, 4, (8, 16)),
    ):
        for depth in depths:
            top = 2**depth - 1
            shares = GREY if count < 3 else COLOUR
            samples = stored(shares, "u2", depth)
            pixels = as_levels(samples, top)
            told = (DEEP,) if depth == 16 else ()
            if count % 2 == 0:
                half = np.full((HEIGHT, WIDTH), top // 2)
                samples = np.dstack([samples, half])
                pixels = over_white(pixels / 255, top // 2 / top)
                told += ("laid over white",)
            kind = {0: "grey", 2: "colours", 4: "grey and opacity", 6: "colours and opacity"}
            for interlaced in (False, True):
                name = f"PNG, {kind[colour]}, {depth} bits{', interlaced' * interlaced}"
                make = partial(png, samples, colour, depth, interlaced=interlaced)
                cases.append(shown(name, make, pixels, 1 if count % 2 == 0 else 0, *told))
    numbers = stored(GREY, "u1", 4)
    rainbow = np.stack([16 * np.arange(16), 255 - 16 * np.arange(16), np.full(16, 7)], axis=1)
    colours = chunk(b"PLTE", rainbow.astype(np.uint8).tobytes())
    looked_up = rainbow.astype(np.uint8)[numbers]
    see_through = looked_up.copy()
    see_through[numbers == 0] = 255
    for interlaced in (False, True):
        name = f"PNG, palette{', interlaced' * interlaced}"
        make = partial(png, numbers, 3, 4, interlaced=interlaced)
        cases.append(shown(name, partial(make, extra=colours), looked_up))
        extra = colours + chunk(b"tRNS", b"\0")
        cases.append(
            shown(
                f"{name}, a transparent entry",
                partial(make, extra=extra),
                see_through,
                0,
                "laid over white",
            )
        )
    return cases


def _transparent_values() -> list[Case]:
    """One value that stands for transparency: only the very same is."""
    cases = []
    for depth in (8, 16):
        grey, colour = stored(GREY, "u2", depth), stored(COLOUR, "u2", depth)
        one, many = grey[5, 7], colour[5, 7]
        pixels = as_levels(grey, 2**depth - 1)
        pixels[grey == one] = 255
        pixels_of_many = as_levels(colour, 2**depth - 1)
        pixels_of_many[(colour == many).all(axis=-1)] = 255
        told = "laid over white"
        cases += [
            shown(
                f"PNG, grey, {depth} bits, a transparent value",
                partial(png, grey, 0, depth, extra=chunk(b"tRNS", struct.pack(">H", one))),
                pixels,
                EXACT,
                told,
            ),
            shown(
                f"PNG, colours, {depth} bits, a transparent value",
                partial(png, colour, 2, depth, extra=chunk(b"tRNS", struct.pack(">3H", *many))),
                pixels_of_many,
                EXACT,
                told,
            ),
        ]
    return cases


CASES = [*_pngs(), *_transparent_values()]
