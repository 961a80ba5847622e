"""sRGB's curve both ways (IEC 61966-2-1), of arrays; `colour` has it for tensors."""

from __future__ import annotations

import numpy as np


def to_linear(values: np.ndarray) -> np.ndarray:
    """Light of sRGB values, white at 1; what is outside [0, 1] is clipped."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def from_linear(light: np.ndarray) -> np.ndarray:
    """sRGB values of light, white at 1; what is outside [0, 1] is clipped."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
