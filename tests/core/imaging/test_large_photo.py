"""Parts of large photos: on the lattice, inside, and small enough, whatever is asked for."""

from __future__ import annotations

import pytest

from core.imaging.images import WEBP_SIDE, WHOLE_PIXELS, Region
from core.imaging.large_photo import default_part, lattice_part, needs_part, scaled

SIZES = [(1200, 1040), (4000, 3000), (1025, 1024), (70_000, 16), (1031, 5000)]


def on_lattice(part: Region, width: int, height: int) -> bool:
    multiples = all(n % 16 == 0 for n in (part.x, part.y, part.width, part.height))
    return multiples and part.clipped(width, height) == part and part.width * part.height > 0


@pytest.mark.parametrize("size", SIZES)
def test_the_default_part_is_on_the_lattice_and_small_enough(size):
    assert needs_part(*size)
    part = default_part(*size)
    assert on_lattice(part, *size)
    assert part.width * part.height <= WHOLE_PIXELS


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "wanted",
    [
        Region(0, 0, 1, 1),
        Region(3, 5, 100, 9),
        Region(900, 10, 90_000, 9000),
        Region(0, 0, 99_999, 16),
    ],
)
def test_whatever_is_wanted_the_part_is_possible(size, wanted):
    part = lattice_part(wanted, *size)
    assert on_lattice(part, *size)
    assert part.width * part.height <= WHOLE_PIXELS
    assert max(part.width, part.height) <= WEBP_SIDE


def test_by_hand():
    assert default_part(4000, 3000) == Region(1488, 992, 1024, 1024)
    assert lattice_part(Region(100, 50, 64, 33), 1200, 1040) == Region(96, 48, 64, 32)
    assert lattice_part(Region(0, 0, 2048, 2048), 4096, 4096) == Region(512, 512, 1024, 1024)
    assert scaled(Region(10, 20, 30, 40), 0.5) == Region(5, 10, 15, 20)
    assert not needs_part(1024, 1024)
    assert needs_part(16_384, 16)  # few pixels, but longer than WebP can hold


def test_a_part_outside_is_refused():
    with pytest.raises(ValueError, match="outside the picture of 1200 x 1040"):
        lattice_part(Region(1200, 0, 5, 5), 1200, 1040)
