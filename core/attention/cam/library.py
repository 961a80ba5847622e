"""CAM methods by the code of the package grad-cam, without its hooks.

Gildenblat and contributors, "PyTorch library for CAM methods" (2021).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .spec import Function


def _nothing(self: object) -> None:
    """Replace the package's `__init__` and `__del__`, which add and remove hooks."""


@cache
def without_network(name: str, **settings: Any) -> Any:
    """Return an instance of the package's class `name` that belongs to no network.

    `settings` are the attributes that its constructor would have set.
    """
    # Imported here: the package brings OpenCV, matplotlib and scikit-learn, which takes seconds.
    import pytorch_grad_cam

    bare = {"__init__": _nothing, "__del__": _nothing, **settings}
    return type(name, (getattr(pytorch_grad_cam, name),), bare)()


def import_library() -> None:
    """Import the packages that CAM methods need, which takes seconds."""
    import pytorch_grad_cam  # noqa: F401 (so that the first map need not wait for it)
    import sklearn.decomposition  # noqa: F401


def by_library(name: str, **settings: Any) -> Function:
    """Return the function of a CAM method that runs the package's class `name`."""

    def function(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
        cam = without_network(name, **settings)
        return cam.get_cam_image(None, None, None, activation, gradient, False)[0]

    return function
