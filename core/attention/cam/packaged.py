"""EigenCAM with the sign that the package grad-cam gives it: the decomposition leaves it open."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .eigen import as_map, is_flat, places
from .look import Look


def packaged_eigen_cam(look: Look) -> Tensor:
    """Return the raw map `(h, w)` with the sign of the package's singular value decomposition.

    The package computes the full decomposition; the thin one has the same first component with
    the same sign, and fits into memory at any size. KPCA-CAM needs no such function: scikit-learn
    makes its largest value positive.
    """
    activation = look.activation[None].numpy()
    rows, finite = places(activation)
    if is_flat(activation, rows):
        return torch.zeros(activation.shape[-2:])
    _, _, axes = np.linalg.svd(rows.astype(np.float32), full_matrices=False)
    return torch.from_numpy(as_map(rows @ axes[0], finite, activation.shape)).float()
