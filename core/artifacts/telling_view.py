"""The part of a picture that tells most of what its variants differ in, to begin with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ..imaging.images import Region
from .blur import BLUR
from .grid import GRID_2
from .spec import HOP, TILE

VIEW = 192
"""Side in pixels of what a panel shows at twice its size."""


def telling_view(outputs: Mapping[str, Tensor], clean: Tensor | None = None) -> Region | None:
    """Where one output is blurred and another has a grid of 2 px, both as much as possible.

    `(3, H, W)` in [0, 1] each -> a square of 192 pixels, or less where the picture is smaller.
    The greatest product of the two means over the square: the detail lost in the output that
    lost most, and the grid level, where chance does not explain it, in the output that has most.
    What no output has is left out; None where none has either, and for sides under 32 pixels.
    """
    if not outputs or min(*next(iter(outputs.values())).shape[-2:]) < TILE:
        return None
    looks = len(outputs)
    grids = [GRID_2(image, clean, looks=looks).values for image in outputs.values()]
    kinds = [torch.stack(grids).amax(dim=0)]
    if clean is not None:
        blurs = [BLUR(image, clean).values.clamp(min=0.0) for image in outputs.values()]
        kinds.append(torch.stack(blurs).amax(dim=0))
    found = [kind for kind in kinds if kind.max() > 0]
    return _best(torch.stack(found)) if found else None


def _best(maps: Tensor) -> Region:
    """The square whose means over the maps `(K, rows, columns)` have the greatest product."""
    most = (VIEW - TILE) // HOP + 1
    rows, columns = (min(most, cells) for cells in maps.shape[-2:])
    score = F.avg_pool2d(maps, (rows, columns), stride=1).prod(dim=0)
    row, column = divmod(int(score.argmax()), score.shape[-1])
    height, width = ((cells - 1) * HOP + TILE for cells in (rows, columns))
    return Region(column * HOP, row * HOP, width, height)
