"""How large and how small a picture may be, and how one that cannot be used is refused."""

from __future__ import annotations

MAX_PIXELS = 50_000_000
"""Pictures with more pixels are refused."""
SMALLEST_SIDE = 16
"""Pictures with a shorter side, in pixels, are refused."""


class ImageError(ValueError):
    """A picture that cannot be used; its message is one sentence for the person who chose it."""


def check_size(width: int, height: int) -> None:
    """Raise `ImageError` for a picture that is too small or too large."""
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(
            f"The picture is {width:,} x {height:,} pixels; "
            f"the smallest side allowed is {SMALLEST_SIDE}."
        )
    if width * height > MAX_PIXELS:
        raise too_large(width * height, f"is {width:,} x {height:,} =")


def too_large(pixels: int, has: str = "has") -> ImageError:
    """The refusal of so many pixels."""
    return ImageError(f"The picture {has} {pixels:,} pixels; the most allowed is {MAX_PIXELS:,}.")
