"""How a large image is cut into windows: tiles that change nothing, or windows that fade over.

A network that sees only its surroundings is shown disjoint tiles with a halo of that reach, and
makes of them what it makes of the whole. One that looks at the whole image makes something else
of each window, so that windows are equal in size, overlap, and fade over into each other. All
start at multiples of 16 and of the network's own lattice, or fading over would cancel the very
grid that is inspected.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from ..imaging.images import WHOLE_PIXELS, Region, crop

TILE = 512
SMALL_TILE = 256
"""A tile's side where an accelerator has too little memory for more."""
HALO = 64
"""Pixels at a window's border that are not used where no halo makes tiles exact."""
FADE = 32
"""Pixels over which one window fades over into the next; an even number."""
ALIGNMENT = 16
"""Windows start at its multiples: the lattice of the shipped ViT and of every U-Net."""


@dataclass(frozen=True)
class Span:
    """A window along one side, in pixels: start and end of what is seen, and of what is used.

    `fades` says whether another window fades over into this one at its start, and at its end.
    """

    seen: tuple[int, int]
    used: tuple[int, int]
    fades: tuple[bool, bool] = (False, False)

    @property
    def length(self) -> int:
        """How many pixels are seen."""
        return self.seen[1] - self.seen[0]

    @property
    def weights(self) -> Tensor:
        """The share of each used pixel, float64 in (0, 1]; with the windows beside it, 1."""
        weights, rise = torch.ones(self.used[1] - self.used[0], dtype=torch.float64), _rise()
        if self.fades[0]:
            weights[:FADE] *= rise
        if self.fades[1]:
            weights[-FADE:] *= rise.flip(0)
        return weights


def _rise() -> Tensor:
    """From 0 to 1 over `FADE` pixels, half a cosine; with its mirror image, 1."""
    places = (torch.arange(FADE, dtype=torch.float64) + 0.5) / FADE
    return (torch.pi / 2 * places).sin().square()


@dataclass(frozen=True)
class Window:
    """A part of an image that a network is shown: where it lies down and across the image."""

    down: Span
    across: Span

    @property
    def seen(self) -> Region:
        """What the network is shown, in pixels of the image."""
        return _region(self.down.seen, self.across.seen)

    @property
    def fades(self) -> bool:
        """Whether another window shares a part of its pixels."""
        return any((*self.down.fades, *self.across.fades))

    def add(self, output: Tensor, result: Tensor) -> None:
        """Add what was made of the window to the image's output, `(3, H, W)` each."""
        used = _region(self.down.used, self.across.used)
        inner = Region(used.x - self.seen.x, used.y - self.seen.y, used.width, used.height)
        part = crop(result, inner)
        if self.fades:
            part = part * torch.outer(self.down.weights, self.across.weights).to(part)
        crop(output, used).add_(part.to(output.device))


def _region(down: tuple[int, int], across: tuple[int, int]) -> Region:
    return Region(across[0], down[0], across[1] - across[0], down[1] - down[0])


def in_words(places: list[Window]) -> str:
    """What an image is cut into, with the size that it has: "tiles of 512 × 512 pixels"."""
    first = places[0]
    if first.fades:
        return f"windows of {first.across.length} × {first.down.length} pixels"
    (top, bottom), (left, right) = first.down.used, first.across.used
    return f"tiles of {right - left} × {bottom - top} pixels"


def is_tiled(height: int, width: int) -> bool:
    """Whether an image of this size is restored in windows rather than whole."""
    return height * width > WHOLE_PIXELS


def whole(height: int, width: int) -> list[Window]:
    """One window, the image itself."""
    return [Window(_whole(height), _whole(width))]


def windows(
    height: int, width: int, *, halo: int | None, step: int = ALIGNMENT, side: int | None = None
) -> list[Window]:
    """Windows that start at multiples of `step` and together use each pixel of an image once.

    `halo` is how far a network sees, in pixels: tiles of the largest multiple of `step` up to
    `side`, or one step. None is for one that looks at the whole image: windows of one size of at
    most `side` + 128, the last of them up to a step less. Without a `side` it is 512, and an
    image that is not large is one window.
    """
    if side is None and not is_tiled(height, width):
        return whole(height, width)
    cut: Callable[[int], list[Span]] = (
        partial(_overlapping, step=step, side=side or TILE)
        if halo is None
        else partial(_tiles, step=step, side=side or TILE, halo=_multiple(halo, step))
    )
    return [Window(down, across) for down in cut(height) for across in cut(width)]


def _whole(length: int) -> Span:
    return Span((0, length), (0, length))


def _multiple(length: float, step: int) -> int:
    """The smallest multiple of `step` from a length up."""
    return math.ceil(length / step) * step


def _tiles(length: int, step: int, side: int, halo: int) -> list[Span]:
    """Disjoint tiles along one side, each seen with its halo as far as the image goes."""
    # Less than a step is left to the tile before it: alone it would be too narrow for a network
    # to reflect as it reflects the whole image.
    starts = list(range(0, max(1, length - step + 1), max(1, side // step) * step))
    return [
        Span((max(0, start - halo), min(length, end + halo)), (start, end))
        for start, end in pairwise([*starts, length])
    ]


def _overlapping(length: int, step: int, side: int) -> list[Span]:
    """Windows of one size along one side, which share at least two halos and what fades over."""
    overlap, padded = _multiple(2 * HALO + FADE, step), _multiple(length, step)
    most = max((side + 2 * HALO) // step * step, overlap + step)
    if padded <= most:
        return [_whole(length)]
    count = math.ceil((padded - overlap) / (most - overlap))
    size = _multiple((padded + (count - 1) * overlap) / count, step)
    starts = [n * (padded - size) // (count - 1) // step * step for n in range(count)]
    seen = [(start, min(start + size, length)) for start in starts]
    seams = [(left[1] + right[0]) // 2 for left, right in pairwise(seen)]
    used_from = [0, *(seam - FADE // 2 for seam in seams)]
    used_to = [*(seam + FADE // 2 for seam in seams), length]
    return [
        Span(seen[n], (used_from[n], used_to[n]), (n > 0, n < count - 1)) for n in range(count)
    ]
