"""Denoisers without weights, and the variants on offer of them. One file each."""

from __future__ import annotations

from .gaussian_blur import GAUSSIAN_BLUR
from .non_local_means import NON_LOCAL_MEANS
from .total_variation import TOTAL_VARIATION
from .variants import CLASSICAL, ClassicalVariant
from .wavelet_shrinkage import WAVELET_SHRINKAGE

__all__ = [
    "CLASSICAL",
    "GAUSSIAN_BLUR",
    "NON_LOCAL_MEANS",
    "TOTAL_VARIATION",
    "WAVELET_SHRINKAGE",
    "ClassicalVariant",
]
