"""Values that leave the range of their type, or use little of it."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.core.imaging.writers import png, tiff

from ..case import Case
from .expected import (
    COLOUR,
    EXACT,
    GREY,
    HEIGHT,
    WIDTH,
    as_levels,
    asked,
    levels,
    refused,
    shown,
    stored,
)


def _ranges() -> list[Case]:
    """Values that leave the range of their type, or use little of it."""
    rows = GREY.astype("f4")
    rows[3], rows[4, 0], rows[5, 0] = np.inf, np.nan, -np.inf
    wanted = levels(GREY)
    wanted[3], wanted[4, 0], wanted[5, 0] = 255, 0, 0
    twelve = stored(GREY, "u2", 12)
    few = stored(GREY, "u4", 8)
    negative = np.rint(300 * GREY - 100).astype("i2")
    float32 = partial(np.ndarray.astype, dtype="f4")
    return [
        shown(
            "TIFF, float32 from 0 to 1.02",
            partial(tiff, float32(1.02 * GREY)),
            levels(1.02 * GREY),
            EXACT,
            "0 to 1.02",
        ),
        shown(
            "TIFF, float32 from -0.04 to 1",
            partial(tiff, float32(1.04 * GREY - 0.04)),
            levels(1.04 * GREY - 0.04),
            EXACT,
            "-0.04 to 1",
        ),
        shown(
            "TIFF, float32, infinite rows",
            partial(tiff, rows),
            wanted,
            EXACT,
            "infinite (41)",
            "not numbers (1)",
        ),
        shown(
            "TIFF, 12 of 16 bits",
            partial(tiff, twelve),
            as_levels(twelve, 65535),
            EXACT,
            "4,095 of 65,535 (6.2 %)",
        ),
        shown(
            "PNG, 12 of 16 bits",
            partial(png, twelve, 0, 16),
            as_levels(twelve, 65535),
            EXACT,
            "4,095 of 65,535 (6.2 %)",
        ),
        shown("TIFF, 8 of 32 bits", partial(tiff, few), (0, 0, 0), EXACT, "255 of 4,294,967,295"),
        shown(
            "TIFF, float32 up to 0.01",
            partial(tiff, float32(0.01 * GREY)),
            levels(0.01 * GREY),
            EXACT,
            "reach only 0.01 of 1",
        ),
        shown(
            "TIFF, int16 below 0",
            partial(tiff, negative),
            as_levels(negative, 32767),
            EXACT,
            "-100",
        ),
        asked("TIFF, float32 from 0 to 1.2", partial(tiff, float32(1.2 * GREY)), "0 to 1.2"),
        asked("TIFF, float32 from -1 to 1", partial(tiff, float32(2 * GREY - 1)), "-1 to 1"),
        asked("TIFF, float32 from 0 to 255", partial(tiff, float32(255 * GREY)), "0 to 255"),
        asked("TIFF, float64 from 0 to 65535", partial(tiff, 65535 * GREY), "0 to 6.554e+04"),
        asked(
            "TIFF, float16 from 0 to 4000", partial(tiff, (4000 * GREY).astype("f2")), "0 to 4000"
        ),
        asked(
            "TIFF, float32 RGB from 0 to 255",
            partial(tiff, float32(255 * COLOUR), photometric="rgb"),
            "0 to 255",
        ),
        refused(
            "TIFF, float32, no number at all",
            partial(tiff, np.full((HEIGHT, WIDTH), np.nan, "f4")),
            "infinite or no numbers",
        ),
    ]


CASES = [*_ranges()]
