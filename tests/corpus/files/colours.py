"""Colours by primaries and curve, whatever a profile is called."""

from __future__ import annotations

import struct
from functools import partial

import numpy as np
from PIL import ImageCms

from tests.core.imaging.writers import (
    chunk,
    codes_chunk,
    gamma_chunk,
    grey_profile,
    png,
    primaries_chunk,
    profile_chunk,
    renamed,
    rgb_profile,
    saved,
)

from ..case import Case
from .expected import (
    ADOBE,
    COLOUR,
    DEEP,
    EXACT,
    HEIGHT,
    P3,
    SRGB_RGB,
    WIDTH,
    by_pillow,
    in_srgb,
    levels,
    over_white,
    shown,
    smooth,
    stored,
)


def _profiled() -> list[Case]:
    """Colours by primaries and curve, whatever a profile is called, at every depth and opacity."""
    spaces = {
        "a linear profile called sRGB": (rgb_profile(1.0, "sRGB IEC61966-2.1"), SRGB_RGB, 1.0),
        "a profile as Adobe RGB": (rgb_profile(2.2, rgb=ADOBE), ADOBE, 2.2),
        "a profile as Adobe RGB called sRGB": (rgb_profile(2.2, "sRGB", rgb=ADOBE), ADOBE, 2.2),
    }
    eight = stored(COLOUR, "u1")
    deep = stored(COLOUR, "u2")
    opaque = np.dstack([eight, np.full((HEIGHT, WIDTH), 255)])
    half = np.dstack([eight, np.full((HEIGHT, WIDTH), 51)])
    cases = []
    for name, (profile, primaries, gamma) in spaces.items():
        share8 = in_srgb(eight / 255, primaries, gamma)
        share16 = in_srgb(deep / 65535, primaries, gamma)
        extra = profile_chunk(profile)
        told = "converted to sRGB"
        for what, samples, colour, depth, pixels in (
            ("8 bits", eight, 2, 8, levels(share8)),
            ("16 bits", deep, 2, 16, levels(share16)),
            ("opacity of 1", opaque, 6, 8, levels(share8)),
            ("opacity of 0.2", half, 6, 8, over_white(share8, 0.2)),
        ):
            make = partial(png, samples, colour, depth, extra=extra)
            cases.append(shown(f"PNG, {name}, {what}", make, pixels, 1, told))
        for kind, options in (("TIFF", {}), ("WebP", {"lossless": True})):
            make = partial(saved, eight, kind, icc_profile=profile, **options)
            cases.append(shown(f"{kind}, {name}", make, levels(share8), 1, told))
        make = partial(saved, smooth(), "JPEG", quality=98, icc_profile=profile)
        wanted = levels(in_srgb(by_pillow(make()) / 255, primaries, gamma))
        cases.append(shown(f"JPEG, {name}", make, wanted, 1, told))
    return cases


def _srgb_profiles() -> list[Case]:
    """sRGB under any name, and as makers round it, moves nothing."""
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profiles = {
        "sRGB's profile": own,
        "sRGB's profile under another name": renamed(own, "Display P3"),
        "sRGB's profile, its curve rounded": own.replace(b"\0\2\x66\x66", b"\0\2\x65\0"),
    }
    eight, deep = stored(COLOUR, "u1"), stored(COLOUR, "u2")
    return [
        case
        for name, profile in profiles.items()
        for case in (
            shown(f"PNG, {name}", partial(png, eight, 2, extra=profile_chunk(profile)), eight),
            shown(
                f"PNG, {name}, 16 bits",
                partial(png, deep, 2, 16, extra=profile_chunk(profile)),
                levels(COLOUR),
                EXACT,
                DEEP,
            ),
        )
    ]


def _grey_profiles() -> list[Case]:
    """A linear grey profile turns 64 into 137, whatever stands beside the grey."""
    grey = np.full((HEIGHT, WIDTH), 64)
    seen = np.dstack([grey, np.full((HEIGHT, WIDTH), 255)])
    through = chunk(b"tRNS", struct.pack(">H", 3))
    wanted, told = (137, 137, 137), "converted to sRGB"
    of_grey, of_colour = profile_chunk(grey_profile(1.0)), profile_chunk(rgb_profile(1.0))
    return [
        shown("PNG, a grey profile", partial(png, grey, 0, extra=of_grey), wanted, 0, told),
        shown(
            "PNG, a grey profile and opacity",
            partial(png, seen, 4, extra=of_grey),
            wanted,
            0,
            told,
        ),
        shown(
            "PNG, a grey profile and a transparent value",
            partial(png, grey, 0, extra=of_grey + through),
            wanted,
            0,
            told,
        ),
        shown(
            "PNG, a grey profile, 16 bits",
            partial(png, 257 * grey, 0, 16, extra=of_grey),
            wanted,
            0,
            told,
        ),
        shown(
            "PNG, grey with a profile of colours",
            partial(png, grey, 0, extra=of_colour),
            wanted,
            0,
            told,
        ),
    ]


def _chunks() -> list[Case]:
    """PNG's own statements on colour, by the standard's order."""
    colour = np.full((HEIGHT, WIDTH, 3), (200, 50, 50))
    grey = np.full((HEIGHT, WIDTH, 3), 128)
    as_it_is = (200, 50, 50)
    of_p3 = tuple(np.rint(255 * in_srgb(np.array(as_it_is) / 255, P3, None)).astype(int))
    adobe = primaries_chunk(0.3127, 0.3290, *ADOBE)
    of_adobe = tuple(np.rint(255 * in_srgb(np.array(as_it_is) / 255, ADOBE, 2.2)).astype(int))
    linear = gamma_chunk(1.0)
    own = primaries_chunk(0.3127, 0.3290, *SRGB_RGB)
    told = "converted to sRGB"
    return [
        shown(
            "PNG, gAMA 1", partial(png, grey, 2, extra=linear), (188, 188, 188), 0, told, "gAMA"
        ),
        shown(
            "PNG, grey, gAMA 1",
            partial(png, grey[..., 0], 0, extra=linear),
            (188, 188, 188),
            0,
            told,
            "gAMA",
        ),
        shown("PNG, gAMA 2.2", partial(png, colour, 2, extra=gamma_chunk(2.2)), as_it_is),
        shown(
            "PNG, gAMA 2.2 and sRGB's cHRM",
            partial(png, colour, 2, extra=gamma_chunk(2.2) + own),
            as_it_is,
        ),
        shown("PNG, gAMA 0", partial(png, colour, 2, extra=chunk(b"gAMA", bytes(4))), as_it_is),
        shown(
            "PNG, sRGB beside gAMA 1",
            partial(png, grey, 2, extra=chunk(b"sRGB", b"\0") + linear),
            (128, 128, 128),
        ),
        shown(
            "PNG, cHRM of Adobe RGB, gAMA 2.2",
            partial(png, colour, 2, extra=adobe + gamma_chunk(2.2)),
            of_adobe,
            1,
            told,
            "cHRM",
        ),
        shown(
            "PNG, cHRM that is impossible",
            partial(png, colour, 2, extra=primaries_chunk(*[0] * 8)),
            as_it_is,
            0,
            "cHRM",
        ),
        shown(
            "PNG, cICP of Display P3",
            partial(png, colour, 2, extra=codes_chunk(12, 13)),
            of_p3,
            1,
            told,
            "Display P3",
        ),
        shown("PNG, cICP of sRGB", partial(png, colour, 2, extra=codes_chunk(1, 13)), as_it_is),
        shown(
            "PNG, cICP of sRGB beside a linear profile",
            partial(png, colour, 2, extra=codes_chunk(1, 13) + profile_chunk(rgb_profile(1.0))),
            as_it_is,
        ),
        shown(
            "PNG, cICP of PQ",
            partial(png, colour, 2, extra=codes_chunk(9, 16)),
            as_it_is,
            0,
            "PQ",
            "not converted",
        ),
        shown(
            "PNG, cICP of HLG",
            partial(png, colour, 2, extra=codes_chunk(9, 18)),
            as_it_is,
            0,
            "HLG",
            "not converted",
        ),
        shown(
            "PNG, cICP of unknown codes",
            partial(png, colour, 2, extra=codes_chunk(77, 13)),
            as_it_is,
            0,
            "not converted",
        ),
        shown(
            "PNG, a profile that is none",
            partial(png, colour, 2, extra=profile_chunk(b"no")),
            as_it_is,
            0,
            "passed over",
        ),
        shown(
            "PNG, colours with a profile of grey",
            partial(png, colour, 2, extra=profile_chunk(grey_profile(1.0))),
            as_it_is,
            0,
            "passed over",
        ),
        shown(
            "PNG, a profile cut in the middle",
            partial(png, colour, 2, extra=profile_chunk(rgb_profile(1.0)[:200])),
            as_it_is,
            0,
            "passed over",
        ),
    ]


CASES = [*_profiled(), *_srgb_profiles(), *_grey_profiles(), *_chunks()]
