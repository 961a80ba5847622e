"""What is said of a file that is damaged, or cannot be shown for another reason."""

from __future__ import annotations

from ..limits import ImageError

UNKNOWN = "damaged, cut off or of a kind that cannot be shown"


def damaged(kind: str, data: bytes, why: str = "") -> ImageError:
    """The refusal of a damaged file of a known kind; `why` is a clause, where it is known."""
    what = f"damaged or cut off ({why})" if why else UNKNOWN
    return ImageError(f"The {kind} file of {len(data):,} bytes is {what}.")


def not_read(kind: str, why: str) -> ImageError:
    """The refusal of a file that is whole but of a rare kind; `why` is a clause."""
    return ImageError(f"The {kind} file cannot be shown: {why}.")
