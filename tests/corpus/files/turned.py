"""Pictures that EXIF turns."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image

from tests.core.imaging.writers import saved

from ..case import Case
from .expected import LOSSY, shown, smooth

TURNED = {
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


def _turned() -> list[Case]:
    cases = []
    for number, turn in TURNED.items():
        exif = Image.Exif()
        exif[0x0112] = number
        for kind, options, within in (
            ("PNG", {}, 0),
            ("WebP", {"lossless": True}, 0),
            ("TIFF", {}, 0),
            ("JPEG", {"quality": 98}, LOSSY),
        ):
            make = partial(saved, smooth(), kind, exif=exif, **options)
            told = "as its EXIF says"
            cases.append(shown(f"{kind}, EXIF {number}", make, turn(smooth()), within, told))
    return cases


CASES = [*_turned()]
