"""What a CAM method is: it makes a map from a layer's activation and its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Function = Callable[[np.ndarray, np.ndarray | None, int], np.ndarray]


def no_note(height: int, width: int) -> str:
    """Most CAM methods have nothing to say about a layer's size."""
    return ""


@dataclass(frozen=True)
class CamMethodSpec:
    """A CAM method as it stands in the table `CAM_METHODS`.

    `sentence` says what it multiplies with what. The map of a `signed` CAM method is one axis of a
    principal component analysis, whose sign means nothing by itself: the sign rule applies.
    `note` says, for a layer of h x w cells, what was done to make it possible, or "".
    `function` takes activation and gradient `(1, C, h, w)` float32 and a seed, and gives `(h, w)`.
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
        """The raw map `(h, w)` float32 of an activation and its gradient, `(C, h, w)` each.

        Before sign rule, ReLU and scaling. Values have no unit. `seed` matters to RandomCAM only.
        Raises `ValueError` for other shapes, and for a missing gradient where one is needed.
        """
        self._check(activation, gradient)
        slope = batch_of_one(gradient) if self.needs_gradient else None
        raw = self.function(batch_of_one(activation), slope, seed)
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
    """`(C, h, w)` as the library takes it: `(1, C, h, w)` float32."""
    return values.detach().cpu().float().numpy()[None]
