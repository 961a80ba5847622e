"""Where maps are worst: tiles that do not overlap, over all variants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ..imaging.images import Region
from .spec import TILE, ArtifactMap


@dataclass(frozen=True)
class Place:
    """A square of an image, the variant that is worst there, and its map's value."""

    region: Region
    variant: str
    value: float


def worst_places(
    maps: Mapping[str, ArtifactMap], count: int = 3, *, floor: float = 0.0
) -> list[Place]:
    """Up to `count` places, worst first, whose regions do not overlap.

    `maps` are one kind's maps of one picture, by variant. Maps finer than 32 pixels are pooled
    to such tiles first: mean of |value|. Only values above `floor` count, e.g. the kind's own
    `ArtifactSpec.floor`, so there may be fewer places, or none. Raises `ValueError` without a
    map, for maps of several sizes or tiles, and for pictures under 32 pixels.
    """
    coarse = {name: m if m.tile >= TILE else m.pooled() for name, m in maps.items()}
    if len({(m.values.shape, m.tile, m.hop) for m in coarse.values()}) != 1:
        raise ValueError("The worst places need at least one map, and all maps of one size.")
    names, (first, *_) = list(coarse), coarse.values()
    left = torch.stack([m.values for m in coarse.values()]).nan_to_num(nan=-math.inf)
    reach = -(-first.tile // first.hop) - 1  # tiles this far apart still share pixels
    places = []
    while len(places) < count and (value := left.max().item()) > floor:
        variant, row, column = (int(i) for i in (left == value).nonzero()[0])
        places.append(Place(first.region(row, column), names[variant], value))
        rows, columns = (slice(max(0, i - reach), i + reach + 1) for i in (row, column))
        left[:, rows, columns] = -math.inf
    return places
