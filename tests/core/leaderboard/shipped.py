"""The leaderboard's pictures, made once: a second's work."""

from functools import cache

import numpy as np

from core.leaderboard.pictures import test_pictures


@cache
def leaderboard_pictures() -> dict[str, np.ndarray]:
    found = test_pictures()
    for array in found.values():
        array.setflags(write=False)
    return found
