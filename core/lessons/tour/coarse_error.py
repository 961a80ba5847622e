"""Where an output is wrong, as coarse as an attention map.

An error has the grain of its noise, a map has cells of several pixels: pixel by pixel the two
could not agree even where they do.
"""

from __future__ import annotations

import torch
from torch import Tensor

Size = tuple[int, int]


def error_of_cells(output: Tensor, clean: Tensor, cells: Size, covers: Size) -> Tensor:
    """The mean absolute error in each of h x w `cells`, `(h, w)`; 0 in cells beside the image.

    Images are `(3, H, W)`; the cells lie on `covers` pixels (H, W), from the image's first on.
    """
    error = (output - clean).abs().mean(dim=0)
    rows, columns = (
        torch.arange(side) * count // whole
        for side, count, whole in zip(error.shape, cells, covers, strict=True)
    )
    places = (rows[:, None] * cells[1] + columns).flatten()
    sums, counts = (
        torch.zeros(cells[0] * cells[1]).index_add_(0, places, values.flatten())
        for values in (error, torch.ones_like(error))
    )
    return (sums / counts.clamp(min=1.0)).view(cells)


def correlation(one: Tensor, other: Tensor) -> float:
    """Pearson's correlation of two maps `(h, w)`, -1 to 1; NaN where one is constant."""
    return float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])
