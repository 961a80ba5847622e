"""CIE L*a*b* as TIFF stores it, to sRGB."""

from __future__ import annotations

import numpy as np

from ..srgb import from_linear

D50 = np.array([0.9642, 1.0, 0.8249], np.float32)
"""The white that L*a*b* is measured from, where a TIFF names none."""
FROM_D50 = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ],
    np.float32,
)
"""XYZ under D50 to linear sRGB, adapted by Bradford's method (Lindbloom)."""
DELTA = 6 / 29


def unpacked(stored: np.ndarray, *, offset: bool) -> np.ndarray:
    """L*, a*, b* as float32 of stored integers of 8 or 16 bits (h, W, 3).

    With `offset`, a* and b* are stored about the middle as ICC has them (then L* of 16 bits is
    100 at 65280); without, they are signed as CIE has them.
    """
    wide = stored.dtype.itemsize == 2
    signed = stored.view(f"i{stored.dtype.itemsize}").astype(np.float32)
    lightness = stored[..., :1].astype(np.float32)
    middle = 32768 if wide else 128
    chroma = stored[..., 1:3].astype(np.float32) - middle if offset else signed[..., 1:3]
    white = 65280 if wide and offset else 65535 if wide else 255
    return np.concatenate([lightness * (100 / white), chroma / (256 if wide else 1)], axis=-1)


def to_srgb(lab: np.ndarray) -> np.ndarray:
    """L* (0 to 100), a*, b* float32 (h, W, 3) to sRGB uint8; colours outside it are clipped."""
    root = (lab[..., 0] + 16) / 116
    roots = np.stack([root + lab[..., 1] / 500, root, root - lab[..., 2] / 200], axis=-1)
    above = roots > DELTA
    xyz = D50 * np.where(above, roots**3, 3 * DELTA**2 * (roots - 4 / 29))
    return np.rint(from_linear(xyz @ FROM_D50.T) * 255).astype(np.uint8)
