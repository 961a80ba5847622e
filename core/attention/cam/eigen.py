"""CAM methods that project a layer on its first principal component.

The package grad-cam computes a full singular value decomposition, whose matrix of places x places
it does not use: 19 GB for a layer of 224 x 224. The same component is the last eigenvector of the
channels' covariance `(C, C)`, which is small for a layer of any size.
"""

from __future__ import annotations

import numpy as np

from .spec import CamMethodSpec

DENSE = 32  # channels up to which all eigenvectors are as quick as one
ITERATIONS = 300
FLAT = 1e-6
"""Spread over size, below which the places of a layer differ by float32's rounding only."""


def places(activation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `(1, C, h, w)` as centred rows `(h w, C)` float64, and which are finite `(h w,)`.

    A place with a value that is not finite is left out, as in the package; its row is 0.
    """
    rows = activation[0].reshape(activation.shape[1], -1).T.astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    rows -= rows[finite].mean(axis=0) if finite.any() else 0
    rows[~finite] = 0
    return rows, finite


def is_flat(activation: np.ndarray, rows: np.ndarray) -> bool:
    """Return whether all places are equal, so that there is no principal component."""
    size = np.abs(activation[np.isfinite(activation)]).max(initial=0)
    return np.abs(rows).max() <= FLAT * size


def as_map(values: np.ndarray, finite: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return one value per place as a map `(h, w)`, NaN where a place was not finite."""
    return np.where(finite, values, np.nan).reshape(shape[-2:])


def first_component(activation: np.ndarray) -> np.ndarray:
    """Project `(1, C, h, w)` on its first principal component over the places: `(h, w)`.

    The sign is arbitrary. All 0 where all places are equal.
    """
    rows, finite = places(activation)
    if is_flat(activation, rows):
        return as_map(np.zeros(len(rows)), finite, activation.shape)
    return as_map(rows @ first_axis(rows.T @ rows), finite, activation.shape)


def first_axis(covariance: np.ndarray) -> np.ndarray:
    """Return the eigenvector `(C,)` of the largest eigenvalue of a symmetric `(C, C)`.

    The sign is arbitrary. By Lanczos iteration from a fixed start; by a dense solver for few
    channels and where the iteration does not converge.
    """
    # Imported here: SciPy takes half a second, and pages only need the tables.
    from scipy.linalg import eigh
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    last = len(covariance) - 1
    if last >= DENSE:
        start = np.ones(len(covariance))
        try:
            return eigsh(covariance, k=1, which="LA", v0=start, maxiter=ITERATIONS)[1][:, 0]
        except ArpackNoConvergence:
            pass
    return eigh(covariance, subset_by_index=[last, last])[1][:, 0]


def eigen_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    return first_component(activation)


def eigen_grad_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    return first_component(gradient * activation)


def seg_eigen_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    return first_component(np.abs(gradient) * activation)


EIGEN_CAM = CamMethodSpec(
    key="eigen_cam",
    label="EigenCAM",
    sentence="The activation projected on its first principal component (linear PCA over the "
    "places). It uses no target, and the sign of the component is arbitrary.",
    reference='Muhammad and Yeasin, "Eigen-CAM" (2020)',
    needs_gradient=False,
    signed=True,
    function=eigen_cam,
)
EIGEN_GRAD_CAM = CamMethodSpec(
    key="eigen_grad_cam",
    label="EigenGradCAM",
    sentence="EigenCAM of activation times gradient.",
    reference='Gildenblat et al., "PyTorch library for CAM methods" (2021)',
    needs_gradient=True,
    signed=True,
    function=eigen_grad_cam,
)
SEG_EIGEN_CAM = CamMethodSpec(
    key="seg_eigen_cam",
    label="SegEigenCAM",
    sentence="EigenCAM of activation times the magnitude of the gradient.",
    reference='Chung and Ying, "Seg-Eigen-CAM" (2025)',
    needs_gradient=True,
    signed=True,
    function=seg_eigen_cam,
)
