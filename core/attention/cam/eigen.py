"""CAM methods that show the strongest pattern of a layer: the first axis of a linear PCA.

The library takes a full singular value decomposition, which makes a matrix of places x places
that it throws away: 19 GB for a layer of 224 x 224. The same axis is the last eigenvector of the
channels' covariance, which is small at any size.
"""

from __future__ import annotations

import numpy as np

from .spec import CamMethodSpec

DENSE = 32  # channels below which all eigenvectors are as quick as one
TRIES = 300
FLAT = 1e-6
"""Spread over size, below which the places of a layer differ by float32's rounding only."""


def places(activation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`(1, C, h, w)` as centred rows `(h w, C)` in float64, and which are finite.

    A place with a value that is not finite takes no part, as in the library; its row is 0.
    """
    rows = activation[0].reshape(activation.shape[1], -1).T.astype(np.float64)
    finite = np.isfinite(rows).all(axis=1)
    rows -= rows[finite].mean(axis=0) if finite.any() else 0
    rows[~finite] = 0
    return rows, finite


def is_flat(activation: np.ndarray, rows: np.ndarray) -> bool:
    """Whether all places are the same, so that there is no axis to find."""
    size = np.abs(activation[np.isfinite(activation)]).max(initial=0)
    return np.abs(rows).max() <= FLAT * size


def as_map(values: np.ndarray, finite: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """One value per place as `(h, w)`; NaN where a place was not finite."""
    return np.where(finite, values, np.nan).reshape(shape[-2:])


def first_component(activation: np.ndarray) -> np.ndarray:
    """`(1, C, h, w)` projected on the axis on which its places differ most: `(h, w)`.

    Either sign. All 0 where the places are the same.
    """
    rows, finite = places(activation)
    if is_flat(activation, rows):
        return as_map(np.zeros(len(rows)), finite, activation.shape)
    return as_map(rows @ first_axis(rows.T @ rows), finite, activation.shape)


def first_axis(covariance: np.ndarray) -> np.ndarray:
    """The eigenvector `(C,)` of the greatest eigenvalue of a symmetric `(C, C)`, either sign.

    By Lanczos' method, which looks for no other, with a fixed start; where it finds none in time,
    and for the smallest, from all of them.
    """
    # Imported here: SciPy takes half a second, and pages only need the tables.
    from scipy.linalg import eigh
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    last = len(covariance) - 1
    if last >= DENSE:
        start = np.ones(len(covariance))
        try:
            return eigsh(covariance, k=1, which="LA", v0=start, maxiter=TRIES)[1][:, 0]
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
    sentence="The activation along the axis on which its places differ most (linear PCA). It "
    "sees no target; which end is positive means nothing by itself.",
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
    sentence="EigenCAM of activation times the gradient's size, whatever its sign.",
    reference='Chung and Ying, "Seg-Eigen-CAM" (2025)',
    needs_gradient=True,
    signed=True,
    function=seg_eigen_cam,
)
