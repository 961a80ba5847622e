"""RandomCAM: channels with random weights, the baseline for all other CAM methods."""

from __future__ import annotations

import numpy as np

from .spec import CamMethodSpec


def random_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    """Compute the package's formula with a generator of its own: one seed, one map."""
    weights = np.random.default_rng(seed).uniform(-1, 1, size=activation.shape[1])
    return np.tensordot(weights, activation[0], axes=1)


RANDOM_CAM = CamMethodSpec(
    key="random_cam",
    label="RandomCAM",
    sentence="Sum over the channels with random weights between -1 and 1: the baseline.",
    reference='Gildenblat et al., "PyTorch library for CAM methods" (2021)',
    needs_gradient=False,
    signed=False,
    function=random_cam,
)
