"""KPCA-CAM: EigenCAM with kernel PCA, which needs a matrix of places x places."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from .eigen import DENSE, as_map, is_flat, places
from .spec import CamMethodSpec

SIDE = 56
"""Cells along a side at most: the kernel's matrix grows with the fourth power, 79 MB here."""


def pooled(activation: np.ndarray) -> np.ndarray:
    """Return `(1, C, h, w)` averaged to at most 56 x 56 cells."""
    height, width = activation.shape[-2:]
    cells = F.adaptive_avg_pool2d(
        torch.from_numpy(activation), (min(height, SIDE), min(width, SIDE))
    )
    return cells.numpy()


def kpca_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    """Compute the package's `get_2d_projection_kernel` in float64 and with a fixed start.

    In float32 the kernel of small activations is rounding error, and no two calls agree.
    """
    # Imported here: scikit-learn takes a second.
    from sklearn.decomposition import KernelPCA

    cells = pooled(activation)
    rows, finite = places(cells)
    values = np.zeros(len(rows))
    if not is_flat(cells, rows):
        solver = "arpack" if finite.sum() > DENSE else "dense"
        pca = KernelPCA(n_components=1, kernel="sigmoid", random_state=0, eigen_solver=solver)
        values[finite] = pca.fit_transform(rows[finite])[:, 0]
    small = torch.from_numpy(as_map(values, finite, cells.shape))[None, None]
    size = activation.shape[-2:]
    return F.interpolate(small, size=size, mode="bilinear", align_corners=False)[0, 0].numpy()


def note(height: int, width: int) -> str:
    """Say that a layer of h x w cells was averaged, or return "" where it was not."""
    if max(height, width) <= SIDE:
        return ""
    return (
        f"KPCA-CAM compares every place with every other: this layer of {width} x {height} was "
        f"averaged to {min(width, SIDE)} x {min(height, SIDE)} first."
    )


KPCA_CAM = CamMethodSpec(
    key="kpca_cam",
    label="KPCA-CAM",
    sentence="EigenCAM with a sigmoid kernel. With the default kernel width of the package "
    "grad-cam it is nearly EigenCAM, up to the sign, unless activations are large.",
    reference='Karmani et al., "KPCA-CAM" (2024)',
    needs_gradient=False,
    signed=True,
    function=kpca_cam,
    note=note,
)
