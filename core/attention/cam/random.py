"""RandomCAM: channels with random weights. What any other CAM method has to beat."""

from __future__ import annotations

import numpy as np

from .spec import CamMethodSpec


def random_cam(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
    """The library's formula with its own generator, so that a seed gives the same map always."""
    weights = np.random.default_rng(seed).uniform(-1, 1, size=activation.shape[1])
    return np.tensordot(weights, activation[0], axes=1)


RANDOM_CAM = CamMethodSpec(
    key="random_cam",
    label="RandomCAM",
    sentence="Each channel times a random number between -1 and 1, added up: the baseline.",
    reference='Gildenblat et al., "PyTorch library for CAM methods" (2021)',
    needs_gradient=False,
    signed=False,
    function=random_cam,
)
