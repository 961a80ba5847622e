"""The sign rule: which way up a map is shown whose sign is arbitrary.

Chung and Ying, "Seg-Eigen-CAM" (2025), equation 13.
"""

from __future__ import annotations

import torch
from torch import Tensor


def sign_rule(raw: Tensor) -> Tensor:
    """Return `raw` or `-raw`, so that the value farthest from 0 is positive; NaN are ignored."""
    return raw * sign_of(raw)


def sign_of(raw: Tensor) -> int:
    """Return 1, or -1 where the value farthest from 0 is negative; NaN are ignored."""
    low, high = finite_range(raw)
    return -1 if -low > high else 1


def finite_range(values: Tensor) -> tuple[float, float]:
    """Return the smallest and the largest finite value; 0 and 0 where there is none."""
    finite = values.isfinite()
    low = torch.where(finite, values, torch.inf).min().item()
    high = torch.where(finite, values, -torch.inf).max().item()
    return (low, high) if low <= high else (0.0, 0.0)
