"""Kinds that are known and named, and pictures that are too small or too large."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.core.imaging.writers import png, tiff

from ..case import Case
from .expected import HEIGHT, WIDTH, refused


def _not_read() -> list[Case]:
    """Kinds that are known, and named."""
    grey = np.zeros((HEIGHT, WIDTH), np.uint16)
    beginnings = {
        "HEIC": b"\0\0\0\x18ftypheic",
        "JPEG XL": b"\xff\x0a",
        "JPEG XL, boxed": b"\0\0\0\x0cJXL \r\n",
        "JPEG 2000": b"\0\0\0\x0cjP  \r\n",
        "GIF": b"GIF89a",
        "OpenEXR": b"v/1\x01",
        "Radiance": b"#?RADIANCE\n",
        "Photoshop": b"8BPS",
        "PDF": b"%PDF-1.7",
        "PostScript": b"%!PS-Adobe",
        "XML": b"<svg xmlns=",
        "NumPy": b"\x93NUMPY\x01",
        "zip": b"PK\x03\x04",
        "FITS": b"SIMPLE  =",
        "DICOM": bytes(128) + b"DICM",
        "Netpbm": b"P6\n16 16\n255\n",
    }
    named = [
        refused(
            f"{name}", lambda sign=sign: sign + bytes(900), name.split(",")[0], "not a PNG, JPEG"
        )
        for name, sign in beginnings.items()
    ]
    return [
        *named,
        refused("A text", lambda: b"hello", "5 bytes is not a readable PNG"),
        refused("A pickle", lambda: b"\x80\x04\x95" + bytes(60), "not a readable PNG"),
        refused("TIFF, complex64", partial(tiff, grey.astype("c8")), "64 bits"),
        refused(
            "TIFF, a camera's raw values",
            partial(tiff, grey, photometric="cfa"),
            "a camera's raw values",
        ),
        refused(
            "TIFF, ITU L*a*b*",
            partial(tiff, np.zeros((HEIGHT, WIDTH, 3), np.uint8), photometric="itulab"),
            "ITULAB",
        ),
        refused(
            "TIFF, 20 channels",
            partial(
                tiff,
                np.zeros((HEIGHT, WIDTH, 20), np.uint8),
                photometric="minisblack",
                planarconfig="contig",
            ),
            "20 channels",
        ),
        refused(
            "TIFF, a volume",
            partial(
                tiff,
                np.zeros((16, 32, 32), np.uint8),
                volumetric=True,
                tile=(16, 16, 16),
                photometric="minisblack",
            ),
            "16 layers",
        ),
        refused("PNG, 1 x 1", partial(png, np.zeros((1, 1), int), 0), "1 x 1 pixels"),
        refused("PNG, 900 x 15", partial(png, np.zeros((15, 900), int), 0), "900 x 15 pixels"),
        refused(
            "PNG, 10,000 x 6,000",
            partial(png, np.zeros((16, 16), int), 0, size=(6000, 10_000)),
            "60,000,000",
        ),
        refused(
            "PNG, 30,000 x 20,000",
            partial(png, np.zeros((16, 16), int), 0, size=(20_000, 30_000)),
            "600,000,000",
        ),
        refused("TIFF, 15 high", partial(tiff, np.zeros((15, 64), np.uint8)), "64 x 15 pixels"),
    ]


CASES = [*_not_read()]
