"""The measurement: where maps are hottest, with both paddings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from ...degradations import DEGRADATIONS
from ...imaging.gallery import GALLERY
from ...imaging.images import to_tensor
from ...imaging.photos import centre_crop
from ...statistics import Interval, paired
from ..cam import PADDINGS, BorderShare, layers_of
from ..maps import RawMap, raw_maps
from .results import Row

SIDE = 224
SIGMA = 0.1
SEEDS = range(6)
METHODS = ("eigen_cam", "grad_cam", "layer_cam", "fem")
TARGETS = ("output_region", "residual_region")
LEFT_OUT = range(4)
"""How many cells from each side are left out."""

Maps = list[tuple[RawMap, BorderShare]]


def middle_only(seed: int, side: int = SIDE) -> Tensor:
    """Grey but for uniform noise of ±0.35 in a middle as wide as 3/14 of the side."""
    image, inner = torch.full((3, side, side), 0.5), side * 3 // 14
    inside = slice((side - inner) // 2, (side + inner) // 2)
    noise = torch.rand(1, inner, inner, generator=torch.Generator().manual_seed(seed))
    image[:, inside, inside] += 0.7 * noise - 0.35
    return image


def textures() -> list[Tensor]:
    """Pictures `(3, 224, 224)` that have texture in their middle only."""
    return [middle_only(seed) for seed in SEEDS]


def photos() -> list[Tensor]:
    """The middle `(3, 224, 224)` of the gallery's photos, with Gaussian noise of sigma 0.1."""
    noise = DEGRADATIONS["gaussian_noise"]
    crops = [centre_crop(spec(), SIDE) for spec in GALLERY.values() if spec.kind == "photo"]
    clean = [to_tensor(np.ascontiguousarray(one)) for one in crops]
    return [noise(one[None], sigma=SIGMA, seed=0)[0] for one in clean]


PICTURES: Mapping[str, Callable[[], list[Tensor]]] = {
    "texture in the middle only": textures,
    "photos": photos,
}


def measure(variants: Mapping[str, nn.Module]) -> list[Row]:
    """Measure every kind of pictures, target and padding, with a bar on standard error."""
    pictures = {kind: make() for kind, make in PICTURES.items()}
    cases = list(product(variants, pictures, TARGETS, PADDINGS))
    return [
        row_of(case, [maps_of(variants[case[0]], one, *case[2:]) for one in pictures[case[1]]])
        for case in tqdm(cases, desc="Attention maps", unit="row", disable=None)
    ]


def maps_of(model: nn.Module, image: Tensor, target: str, padding: str) -> Maps:
    """Make a picture's maps at every layer of a U-Net, less those where nothing stands out."""
    found = [
        raw
        for layer in layers_of(model)
        if layer.network == "unet"
        for raw in raw_maps(
            model, image, layer.key, target, methods=METHODS, padding=padding
        ).values()
    ]
    return [(raw, share) for raw in found if (share := raw.border_share)]


def row_of(case: tuple[str, str, str, str], pictures: Sequence[Maps]) -> Row:
    """Sum up the maps of several pictures, at least one map each."""
    maps = [one for of_picture in pictures for one in of_picture]
    outermost = np.array([[outermost_after(raw, left) for left in LEFT_OUT] for raw, _ in maps])
    shares = [float(np.mean([share.share for _, share in one])) for one in pictures]
    variant, kind, target, padding = case
    return Row(
        variant=variant,
        pictures=kind,
        count=len(pictures),
        target=target,
        padding=padding,
        maps=len(maps),
        outermost=[int(one) for one in outermost[..., 0].sum(axis=0)],
        by_chance=[round(float(one), 1) for one in outermost[..., 1].sum(axis=0)],
        share=Interval(*(round(one, 3) for one in paired(np.array(shares)))),
        chance=round(float(np.mean([share.chance for _, share in maps])), 3),
    )


def outermost_after(raw: RawMap, left_out: int) -> tuple[bool, float]:
    """Say whether what is left of a map is hottest in its outermost cell, and the chance of it."""
    cells = replace(raw, border=left_out).counted
    hottest = cells == cells[cells.isfinite()].max()
    inner = hottest[1:-1, 1:-1]
    return not inner.any(), 1 - inner.numel() / hottest.numel()
