"""Pixels of a figure: magnified, resized, framed, put on a white canvas. Arrays are uint8."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ...imaging.images import Region

Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = ((230, 60, 30), (0, 150, 230), (250, 200, 0))
"""Of the first, second and third region: told apart by colour-blind people too."""
WHITE = 255


def magnified(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Every pixel as `factor` x `factor` equal ones."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Each new pixel is the mean of what it covers, rounded half to even.

    By a whole factor that is the same as `magnified`, or the means of blocks.
    """
    rows = _means(pixels.astype(np.float64), height)
    both = _means(rows.swapaxes(0, 1), width).swapaxes(0, 1)
    return np.rint(both).astype(np.uint8)


def _means(values: np.ndarray, count: int) -> np.ndarray:
    """The means of `count` equal stretches of the first axis, whose pixels are parts of them."""
    size = len(values)
    edges = np.arange(count + 1) * size / count
    whole = edges.astype(int)
    part = (edges - whole).reshape(-1, *[1] * (values.ndim - 1))
    nothing = np.zeros_like(values[:1])
    sums = np.concatenate([nothing, values.cumsum(axis=0)])[whole]
    return np.diff(sums + part * np.concatenate([values, nothing])[whole], axis=0) * count / size


def framed(pixels: np.ndarray, line: int, colour: Colour) -> np.ndarray:
    """With a frame around it, `line` pixels thick."""
    height, width = pixels.shape[:2]
    found = np.empty((height + 2 * line, width + 2 * line, 3), np.uint8)
    found[:] = colour
    found[line:-line, line:-line] = pixels
    return found


def boxed(
    pixels: np.ndarray, regions: Sequence[Region], size: tuple[int, int], line: int
) -> np.ndarray:
    """The picture with a box around each region, as far as it stays inside the picture.

    `size` is the width and height that the regions' pixels count in.
    """
    found, (height, width) = pixels.copy(), pixels.shape[:2]
    across, down = width / size[0], height / size[1]
    for region, colour in zip(regions, COLOURS, strict=False):
        left = max(0, round(region.x * across) - line)
        top = max(0, round(region.y * down) - line)
        right = min(width, round((region.x + region.width) * across) + line)
        bottom = min(height, round((region.y + region.height) * down) + line)
        for part in (
            np.s_[top : top + line, left:right],
            np.s_[bottom - line : bottom, left:right],
            np.s_[top:bottom, left : left + line],
            np.s_[top:bottom, right - line : right],
        ):
            found[part] = colour
    return found


def pasted(canvas: np.ndarray, pictures: Iterable[tuple[int, int, np.ndarray]]) -> np.ndarray:
    """The canvas with pictures at (x, y, pixels), nothing of them resampled."""
    found = canvas.copy()
    for x, y, pixels in pictures:
        height, width = pixels.shape[:2]
        found[y : y + height, x : x + width] = pixels
    return found
