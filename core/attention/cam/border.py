"""The border of a map: how many of its hottest cells lie there, and how wide it is left out.

Convolutions that pad with zeros see an edge at the picture's border that is not in the picture. In
the U-Nets here most of its trace is three cells deep (`docs/claims.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

WIDEST = 3
"""Cells from the border: most of what zero padding does there (`core.attention.border_study`)."""
LEAST_SIDES = 8
"""A border is at most one part in so many of the shorter side: of 14 cells it is one."""
TOP = 0.05
"""The share of a map's cells that are called its hottest."""


def border_width(height: int, width: int) -> int:
    """How many cells of an h x w map are its border, from each side; 0 in a map under 8 cells."""
    return min(WIDEST, min(height, width) // LEAST_SIDES)


@dataclass(frozen=True)
class BorderShare:
    """The share of a map's hottest cells that lie at its border, and what chance would give.

    `hottest` is the number of these cells, `cells` how wide the border is; shares in [0, 1].
    """

    share: float
    chance: float
    hottest: int
    cells: int

    @property
    def sentence(self) -> str:
        """Both shares, in a sentence."""
        deep = "in the outermost cell" if self.cells == 1 else f"within {self.cells} cells"
        return (
            f"Of the map’s hottest {TOP:.0%} of cells ({self.hottest:,}), {self.share:.0%} lie "
            f"{deep} of its border; by chance it would be {self.chance:.0%}."
        )


def border_share(cells: Tensor) -> BorderShare | None:
    """Where the hottest 5 % of a map `(h, w)` lie, as it is shown: with its sign.

    Only cells above 0 are hot. None for a map too small to have a border, or that has no cell
    above 0 or one value.
    """
    width = border_width(*cells.shape)
    values = torch.where(cells.isfinite(), cells, -torch.inf)
    known = cells[cells.isfinite()]
    if not width or not known.numel() or known.max() <= 0 or known.max() == known.min():
        return None
    count = min(max(1, round(TOP * cells.numel())), int((values > 0).sum()))
    at_border = torch.ones(cells.shape, dtype=torch.bool)
    at_border[width:-width, width:-width] = False
    hottest = values.flatten().topk(count).indices
    share = at_border.flatten()[hottest].float().mean().item()
    return BorderShare(share, at_border.float().mean().item(), count, width)
