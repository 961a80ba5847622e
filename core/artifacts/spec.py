"""What an artifact map is: one value for each tile of an image, and the spec that makes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..imaging.batches import check_shapes, check_values
from ..imaging.images import Region, at_least_float32
from ..metrics.checkerboard import LEVELS

TILE = 32
HOP = 16
CLIPPED_SHARE = 0.001
"""Share of a map's values that may lie beyond its colour scale, so that one speck does not
take all the contrast away."""

__all__ = ["HOP", "LEVELS", "TILE", "ArtifactMap", "ArtifactSpec", "GroupSpec", "locked_range"]


def tiled(plane: Tensor, tile: int = TILE, hop: int = HOP) -> Tensor:
    """The whole tiles of `(H, W)`: `(rows, columns, tile, tile)`, as a view."""
    return plane.unfold(0, tile, hop).unfold(1, tile, hop)


@dataclass(frozen=True)
class ArtifactMap:
    """One value per tile: `values` `(rows, columns)` float32, NaN where undefined.

    Tile (i, j) is the square of side `tile` with its corner at x = j `hop`, y = i `hop`, in
    pixels; a map of single pixels has both at 1.
    """

    values: Tensor
    tile: int
    hop: int

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """x, y, width and height of what the cells cover, each `hop` square around its tile."""
        rows, columns = self.values.shape
        margin = (self.tile - self.hop) / 2
        return margin, margin, float(columns * self.hop), float(rows * self.hop)

    def region(self, row: int, column: int) -> Region:
        """The tile's square of pixels."""
        return Region(column * self.hop, row * self.hop, self.tile, self.tile)

    def pooled(self, tile: int = TILE) -> ArtifactMap:
        """Mean of |values| over tiles of `tile` pixels, hop `tile` / 2: for places in fine maps.

        NaN cells are left out of the mean. `tile` is a multiple of twice the map's hop. Raises
        `ValueError` where the map covers less than one tile.
        """
        cells = (tile - self.tile) // self.hop + 1
        rows, columns = self.values.shape
        if min(rows, columns) < cells:
            raise ValueError(
                f"A place needs {tile} x {tile} pixels; this map covers only "
                f"{self._pixels(columns)} x {self._pixels(rows)}."
            )
        groups = tiled(self.values.abs(), cells, tile // 2 // self.hop)
        return ArtifactMap(groups.flatten(2).nanmean(dim=2), tile, tile // 2)

    def _pixels(self, cells: int) -> int:
        return (cells - 1) * self.hop + self.tile


@dataclass(frozen=True)
class ArtifactSpec:
    """An artifact map as it stands in the table `ARTIFACTS`.

    `sentence` says what it measures and how to read it. A higher value is more of what the label
    says; a `signed` map also has negative values that mean the opposite, the others start at 0.
    `floor`, in `unit`, is the least upper end of its colour scale: less is not worth a colour.
    `judged` maps have worst places; in the others no value is wrong by itself. Nothing waits for
    `slow` maps. `function` takes the output and, where there is one, the clean image, `(3, H, W)`
    each. The function of a `tested` map also takes the number of pictures that are looked at
    together, and gives 0 where chance explains what it sees.
    """

    key: str
    label: str
    group: str
    unit: str
    sentence: str
    needs_reference: bool
    signed: bool
    function: Callable[..., Tensor]
    tile: int = TILE
    hop: int = HOP
    floor: float = 0.1
    judged: bool = True
    tested: bool = False
    slow: bool = False

    def __call__(
        self, output: Tensor, clean: Tensor | None = None, *, looks: int = 1
    ) -> ArtifactMap:
        """The map of an output, `(3, H, W)` in [0, 1], with or without its clean image.

        `looks` is how many outputs are looked at side by side. Half precision is computed in
        float32; there is no gradient. Raises `ValueError` for sides below the tile, for a missing
        clean image where the map needs one, and for what `core.imaging.batches` calls nonsense.
        """
        self._check(output, clean)
        with torch.no_grad():
            looked = (looks,) if self.tested else ()
            reference = clean if clean is None else at_least_float32(clean)
            values = self.function(at_least_float32(output), reference, *looked)
            return ArtifactMap(values.float(), self.tile, self.hop)

    def _check(self, output: Tensor, clean: Tensor | None) -> None:
        if self.needs_reference and clean is None:
            raise ValueError(f"{self.label} needs a clean image.")
        images = [output] if clean is None else [output, clean]
        check_shapes(f"A map of {self.label}", *images, dimensions=3, least=self.tile)
        check_values(f"A map of {self.label}", *images)


@dataclass(frozen=True)
class GroupSpec:
    """Artifact maps that belong together, as a page offers them.

    `scores` are the keys of `SCORES` that put them in numbers, `scores_alone` those that do so
    without a clean image. Of a `tested` group a panel's caption only says what `observe` claims.
    """

    key: str
    label: str
    sentence: str
    scores: tuple[str, ...] = ()
    scores_alone: tuple[str, ...] = ()
    tested: bool = False


def reach(found: ArtifactMap) -> float:
    """The size that all but 0.1 % of a map's finite |values| stay within; 0 where none is."""
    sizes = found.values[found.values.isfinite()].abs()
    rank = math.ceil((1 - CLIPPED_SHARE) * len(sizes))
    return sizes.kthvalue(rank).values.item() if rank else 0.0


def locked_range(floor: float, reaches: Sequence[float], *, signed: bool) -> tuple[float, float]:
    """One colour scale for all panels: (low, high), low < high.

    From 0, or symmetric about it, to the farthest `reach` of the maps, at least `floor`.
    """
    high = max([floor, *reaches])
    return (-high if signed else 0.0), high
