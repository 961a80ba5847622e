"""Colours as sRGB: a file's space is judged by what it does to colours, never by its name."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..srgb import to_linear
from .notes import About, Note, done
from .raster import Model, Space

SAME = 2
"""Levels of 255. A space that moves no colour further is sRGB: makers round its curve apart."""
GAMMA_TOLERANCE = 0.05
"""A gamma this near to 2.2, by share, stands for sRGB's curve, as in the PNG library."""
NEAR = 0.005
"""Chromaticities this near to sRGB's are sRGB's, written with fewer digits."""
CURVE_POINTS = 4096
WHITE = (0.3127, 0.3290)
LONGEST_NAME = 60

COLOURS_AT = slice(16, 20)
"""Where a profile says which colours it is of."""

EXACT = 0x0100
"""lcms's flag against a coarse table, which is up to 20 levels off between values of 16 bits."""

Convert = Callable[[np.ndarray], np.ndarray]
"""Levels (h, W, C), uint8 or uint16, to levels of sRGB (h, W, 3) of the same type."""


class Primaries(NamedTuple):
    """A space's name and the chromaticities x, y of white, red, green and blue."""

    name: str
    white: tuple[float, float]
    rgb: tuple[float, float, float, float, float, float]


SRGB = Primaries("sRGB", WHITE, (0.640, 0.330, 0.300, 0.600, 0.150, 0.060))
PRIMARIES = {
    1: SRGB,
    2: SRGB,  # unspecified
    5: Primaries("BT.601 of 625 lines", WHITE, (0.640, 0.330, 0.290, 0.600, 0.150, 0.060)),
    6: Primaries("BT.601 of 525 lines", WHITE, (0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    7: Primaries("SMPTE 240M", WHITE, (0.630, 0.340, 0.310, 0.595, 0.155, 0.070)),
    9: Primaries("BT.2020", WHITE, (0.708, 0.292, 0.170, 0.797, 0.131, 0.046)),
    11: Primaries("DCI-P3", (0.314, 0.351), (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
    12: Primaries("Display P3", WHITE, (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)),
}
"""By their codes in ITU-T H.273."""
# Cameras' curves (1, 6, 14, 15) are meant to be shown as sRGB's, and 2 is unspecified.
CURVES = {1: None, 2: None, 6: None, 13: None, 14: None, 15: None, 4: 2.2, 5: 2.8, 8: 1.0}
"""Exponents by the codes of the same standard; None is sRGB's curve."""
HDR = {16: "PQ", 18: "HLG"}


def of_icc(profile: bytes) -> Space:
    """What an embedded ICC profile states, right or damaged."""
    return Space(f"profile “{_name(profile)}”", profile)


def of_codes(source: str, primaries: int, curve: int) -> Space:
    """What two codes of ITU-T H.273 state, as in PNG's cICP and in AVIF."""
    space = PRIMARIES.get(primaries)
    name = space.name if space else f"primaries {primaries}"
    if curve in HDR or space is None or curve not in CURVES:
        return Space(f"{source} ({name}, curve {HDR.get(curve, curve)})", b"")
    return Space(f"{source} ({name})", _profile(space, CURVES[curve]))


def of_chromaticities(gamma: float | None, primaries: Primaries | None) -> Space | None:
    """What PNG's gAMA (the exponent that decodes) and cHRM state; None where it is sRGB."""
    if primaries and not np.allclose(primaries.white + primaries.rgb, WHITE + SRGB.rgb, atol=NEAR):
        told = f"cHRM and gAMA chunks (gamma {gamma:.3g})" if gamma else "cHRM chunk"
        return Space(told, _profile(primaries, gamma))
    if gamma is None or abs(gamma / 2.2 - 1) <= GAMMA_TOLERANCE:
        return None
    return Space(f"gAMA chunk (gamma {gamma:.3g})", _profile(SRGB, gamma))


def conversion(model: Model, space: Space | None) -> tuple[Convert | None, list[Note]]:
    """What makes sRGB of a picture's levels, None where they are sRGB already, and what to tell.

    CMYK is always converted, without a profile by the plain formula; grey is repeated elsewhere.
    """
    note = None
    if space and not space.profile:
        text = f"Its {space.source} is not converted: values are as they stand."
        note = Note(About.COLOUR, text)
    elif space:
        moves = _moves(model, space.profile)
        if moves:
            told = done(About.COLOUR, f"converted to sRGB from its {space.source}")
            return _by_profile(model, space.profile), [told]
        if moves is None:
            note = Note(About.COLOUR, f"Its {space.source} cannot be used: passed over.")
    notes = [note] if note else []
    if model is Model.CMYK:
        return plain_cmyk, [*notes, done(About.COLOUR, "converted from CMYK by the plain formula")]
    return None, notes


@lru_cache(maxsize=8)
def _moves(model: Model, profile: bytes) -> bool | None:
    """Whether a profile moves colours; None where it cannot be used."""
    probe = _probe(model)
    try:
        converted = _by_profile(model, profile)(probe)
    except Exception:  # lcms has one error for all that is wrong with a profile
        return None
    if model is Model.CMYK:
        return True
    return bool(np.abs(converted.astype(int) - probe).max() > SAME)


def plain_cmyk(levels: np.ndarray) -> np.ndarray:
    """Each of cyan, magenta and yellow takes its share of what black leaves."""
    top = np.iinfo(levels.dtype).max
    light = top - levels.astype(np.uint32)
    return ((light[..., :3] * light[..., 3:] + top // 2) // top).astype(levels.dtype)


def _by_profile(model: Model, profile: bytes) -> Convert:
    """Colours of 8 bits by Pillow, as those of the published results were; all others deeper."""
    deeper = _by_deep_profile(model, profile)

    def convert(levels: np.ndarray) -> np.ndarray:
        by_pillow = model is Model.RGB and levels.dtype == np.uint8
        return _by_pillow(levels, profile) if by_pillow else deeper(levels)

    return convert


def _by_pillow(levels: np.ndarray, profile: bytes) -> np.ndarray:
    from PIL import Image, ImageCms

    source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    image = Image.fromarray(np.ascontiguousarray(levels))
    return np.array(ImageCms.profileToProfile(image, source, target, outputMode="RGB"))


def _by_deep_profile(model: Model, profile: bytes) -> Convert:
    from imagecodecs import cms_profile, cms_transform

    names = {Model.GREY: "gray", Model.RGB: "rgb", Model.CMYK: "cmyk"}
    of_grey = model is Model.GREY and profile[COLOURS_AT] != b"RGB "
    name = names[Model.RGB if model is Model.GREY and not of_grey else model]

    def convert(levels: np.ndarray) -> np.ndarray:
        shape = (*levels.shape[:2], 3)
        given = levels if model is not Model.GREY else np.broadcast_to(levels, shape)
        given = levels[..., 0] if of_grey else given
        target = cms_profile("srgb")
        return cms_transform(
            np.ascontiguousarray(given),
            profile,
            target,
            colorspace=name,
            outcolorspace="rgb",
            flags=None if levels.dtype == np.uint8 else EXACT,
        )

    return convert


def _probe(model: Model) -> np.ndarray:
    """Colours all over a model's space, uint8 (1, n, C): a lattice, and every grey."""
    steps = np.linspace(0, 255, 6).astype(np.uint8)
    lattice = np.stack(np.meshgrid(*[steps] * model.value), axis=-1).reshape(-1, model.value)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], model.value, axis=1)
    return np.concatenate([lattice, greys])[None]


def _profile(primaries: Primaries, gamma: float | None) -> bytes:
    """An ICC profile of these, with sRGB's curve for None; b"" where there can be none."""
    from imagecodecs import cms_profile

    corners = primaries.rgb
    xyy = [x for place in (0, 2, 4) for x in (*corners[place : place + 2], 1.0)]
    curve = {"gamma": gamma} if gamma else {"transferfunction": _srgb_curve()}
    try:
        return cms_profile("rgb", whitepoint=[*primaries.white, 1.0], primaries=xyy, **curve)
    except Exception:  # as above
        return b""


def _srgb_curve() -> np.ndarray:
    """sRGB's curve as a profile's table, uint16: from what is stored to light."""
    return np.rint(to_linear(np.linspace(0, 1, CURVE_POINTS)) * 65535).astype(np.uint16)


def _name(profile: bytes) -> str:
    """What a profile calls itself."""
    from PIL import ImageCms

    try:
        found = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except Exception:  # as above
        return "unknown"
    return " ".join("".join(c if c.isprintable() else " " for c in found).split())[:LONGEST_NAME]
