"""The CAM methods of the package grad-cam, without the hooks that it puts into a network.

Gildenblat and contributors, "PyTorch library for CAM methods" (2021).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .spec import Function


def _nothing(self: object) -> None:
    """Instead of what the library does to a network when a CAM method is made and thrown away."""


@cache
def method(name: str, **settings: Any) -> Any:
    """A CAM method of the library with its own defaults, but tied to no network.

    `settings` are attributes that its constructor would have set.
    """
    # Imported here: the package brings OpenCV, matplotlib and scikit-learn, which takes seconds.
    import pytorch_grad_cam

    bare = {"__init__": _nothing, "__del__": _nothing, **settings}
    return type(name, (getattr(pytorch_grad_cam, name),), bare)()


def import_library() -> None:
    """Import what CAM methods need, which takes seconds, before the first map is asked for."""
    import pytorch_grad_cam  # noqa: F401 (imported to be there)
    import sklearn.decomposition  # noqa: F401


def library(name: str, **settings: Any) -> Function:
    """The function of a CAM method by the library's own code."""

    def function(activation: np.ndarray, gradient: np.ndarray | None, seed: int) -> np.ndarray:
        bare = method(name, **settings)
        return bare.get_cam_image(None, None, None, activation, gradient, False)[0]

    return function
