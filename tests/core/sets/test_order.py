"""Pictures of a set in the order of how much two entries differ."""

from threading import Event

import numpy as np
import pytest
from PIL import Image

from core.sets import open_set
from core.sets.order import differences, most_first


@pytest.fixture
def found(tmp_path):
    """Output `A` lies 1, 9, 4 levels above clean; the fourth is smaller, the fifth is missing."""
    for number, above in enumerate((1, 9, 4, 2, 7)):
        for role, level in {"clean": 100, "A": 100 + above}.items():
            if (number, role) == (4, "A"):
                continue
            side = 12 if (number, role) == (3, "A") else 16
            (tmp_path / role).mkdir(exist_ok=True)
            pixels = np.full((side, 16, 3), level, np.uint8)
            Image.fromarray(pixels).save(tmp_path / role / f"{number}.png")
    return open_set([tmp_path])


def test_differences_are_root_mean_squares_in_levels(found):
    told = []
    levels = differences(found, "clean", "A", progress=told.append)
    np.testing.assert_allclose(levels, [1, 9, 4, np.nan, np.nan])
    np.testing.assert_allclose(differences(found, "A", "clean"), levels)
    assert told == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert most_first(levels) == [1, 2, 0, 3, 4]


def test_it_can_be_given_up(found):
    stop = Event()
    stop.set()
    with pytest.raises(ValueError, match="given up"):
        differences(found, "clean", "A", stop=stop)
