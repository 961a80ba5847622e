"""The part of a large photo that is looked at: on the lattice of 16 and at most 1024 x 1024."""

from __future__ import annotations

from .images import WEBP_SIDE, WHOLE_PIXELS, Region

LATTICE = 16
SIDE = 1024


def needs_part(width: int, height: int) -> bool:
    """Whether a picture of this size is too large, or too long, to be looked at whole."""
    return width * height > WHOLE_PIXELS or max(width, height) > WEBP_SIDE


def default_part(width: int, height: int) -> Region:
    """The middle of a large picture."""
    across, down = min(width, SIDE), min(height, SIDE)
    return lattice_part(
        Region((width - across) // 2, (height - down) // 2, across, down), width, height
    )


def lattice_part(wanted: Region, width: int, height: int) -> Region:
    """The nearest part that can be restored, inside a picture of width x height pixels.

    The corner moves to a multiple of 16, the sides to multiples of 16 (at least 16); a part of
    more than 1024² pixels or a side over 16,368 shrinks around its middle. Raises `ValueError`
    if the wanted part lies outside the picture, and for pictures with a side under 16 pixels.
    """
    if min(width, height) < LATTICE:
        raise ValueError(
            f"A part needs sides of at least {LATTICE} pixels; the picture is {width} x {height}."
        )
    inside = wanted.clipped(width, height)
    shrink = min(1.0, (WHOLE_PIXELS / (inside.width * inside.height)) ** 0.5)
    across, down = _side(inside.width * shrink, width), _side(inside.height * shrink, height)
    across, down = _side(across, WHOLE_PIXELS // down), _side(down, WHOLE_PIXELS // across)
    return Region(
        _corner(inside.x + (inside.width - across) / 2, across, width),
        _corner(inside.y + (inside.height - down) / 2, down, height),
        across,
        down,
    )


def _side(length: float, limit: int) -> int:
    highest = min(limit, WEBP_SIDE) // LATTICE * LATTICE
    return min(max(LATTICE, round(length) // LATTICE * LATTICE), highest)


def _corner(position: float, side: int, limit: int) -> int:
    highest = (limit - side) // LATTICE * LATTICE
    return min(max(0, round(position / LATTICE) * LATTICE), highest)


def scaled(region: Region, factor: float) -> Region:
    """The region in a picture `factor` times as large."""
    return Region(
        round(region.x * factor),
        round(region.y * factor),
        max(1, round(region.width * factor)),
        max(1, round(region.height * factor)),
    )
