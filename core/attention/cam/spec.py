"""The type of a CAM method: a function from a layer's activation and gradient to a map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Function = Callable[[np.ndarray, np.ndarray | None, int], np.ndarray]


def no_note(height: int, width: int) -> str:
    """The note of a CAM method that works on layers of any size: none."""
    return ""


@dataclass(frozen=True)
class CamMethodSpec:
    """An entry of the table `CAM_METHODS`.

    `sentence` says how the map is computed, `reference` names the paper. The map of a `signed`
    method is the projection on a principal component, whose sign is arbitrary: the sign rule
    (`sign_rule`) decides it. `note` says, for a layer of h x w cells, what was approximated, or
    "". `function` takes activation and gradient `(1, C, h, w)` float32 and a seed, and returns
    the map `(h, w)`.
    """

    key: str
    label: str
    sentence: str
    reference: str
    needs_gradient: bool
    signed: bool
    function: Function
    note: Callable[[int, int], str] = no_note

    def __call__(
        self, activation: Tensor, gradient: Tensor | None = None, *, seed: int = 0
    ) -> Tensor:
        """Return the raw map `(h, w)` float32 of an activation and its gradient, `(C, h, w)` each.

        Raw means before sign rule, ReLU and scaling; the values have no unit. `seed` matters to
        RandomCAM only. Raises `ValueError` for other shapes, and for a missing gradient where one
        is needed.
        """
        self._check(activation, gradient)
        used = batch_of_one(gradient) if self.needs_gradient else None
        raw = self.function(batch_of_one(activation), used, seed)
        return torch.from_numpy(np.asarray(raw, np.float32))

    def _check(self, activation: Tensor, gradient: Tensor | None) -> None:
        if activation.ndim != 3 or not activation.numel():
            raise ValueError(
                f"{self.label} needs an activation (C, h, w), but got {tuple(activation.shape)}."
            )
        if self.needs_gradient and gradient is None:
            raise ValueError(f"{self.label} needs a gradient, and so a look with a target.")
        if gradient is not None and gradient.shape != activation.shape:
            raise ValueError(
                f"{self.label} needs a gradient of the activation's shape "
                f"{tuple(activation.shape)}, but got {tuple(gradient.shape)}."
            )


def batch_of_one(values: Tensor) -> np.ndarray:
    """Return `(C, h, w)` as the package grad-cam takes it: `(1, C, h, w)` float32."""
    return values.detach().cpu().float().numpy()[None]
