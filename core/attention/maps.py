"""The one way from a network and an image to attention maps.

`raw_maps` makes what CAM methods give, `RawMap` turns it into what is shown; the pages, the crack
study and the benchmark all come here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from ..imaging.images import Region
from .cam import (
    AS_TRAINED,
    CAM_METHODS,
    BorderShare,
    Finished,
    Look,
    attention_maps,
    border_share,
    border_width,
    covered,
    finish,
    layer_of,
    look,
    packaged_eigen_cam,
    score_cam,
    sign_of,
    vit_looks,
    why_not,
)

Size = tuple[int, int]


@dataclass(frozen=True)
class RawMap:
    """The map of a CAM method before sign rule, ReLU, scaling and resizing.

    `cells` is `(h, w)` float32, without a unit. `covers` is the size (H, W) in pixels that the
    cells cover: more than the image where the network pads it. The sign of a `signed` map is
    arbitrary, so that the sign rule decides it. `border` cells from each side are left out.
    """

    cells: Tensor
    covers: Size
    signed: bool = False
    border: int = 0

    def finished(self, size: Size) -> Finished:
        """Return the map as it is shown, of `size` (H, W), in [0, 1]."""
        return finish(self._ruled(), size, covers=self.covers, border=self.border)

    def both_signs(self, size: Size) -> Finished:
        """Return the map with its negative half, of `size` (H, W), in [-1, 1]."""
        return finish(self._ruled(), size, signed=True, covers=self.covers, border=self.border)

    def sign_flipped(self) -> RawMap:
        """Return the map with the sign that the sign rule does not choose."""
        return replace(self, cells=-self._ruled(), signed=False)

    def without_border(self) -> RawMap:
        """Return the map whose border (`border_width`) is left out of all that is made of it."""
        return replace(self, border=border_width(*self.cells.shape))

    @property
    def border_share(self) -> BorderShare | None:
        """Where its hottest cells lie, those of a border that is left out as well."""
        return border_share(self._ruled())

    @property
    def counted(self) -> Tensor:
        """The cells that are no left-out border, `(h, w)`, with the sign of the sign rule."""
        return self._inner(self._ruled())

    def _ruled(self) -> Tensor:
        """The cells, and the sign that the sign rule gives them: by those that count."""
        return self.cells * sign_of(self._inner(self.cells)) if self.signed else self.cells

    def _inner(self, cells: Tensor) -> Tensor:
        height, width = cells.shape
        rows, columns = (slice(self.border, side - self.border) for side in (height, width))
        return cells[rows, columns]


def raw_maps(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str | None = None,
    region: Region | None = None,
    *,
    methods: Sequence[str] | None = None,
    padding: str = AS_TRAINED,
    seed: int = 0,
) -> dict[str, RawMap]:
    """Return the raw maps of CAM methods at a layer of a network, by the method's key.

    One forward pass serves all methods, with a backward pass only where one of them needs a
    gradient. `image` is `(3, H, W)` in [0, 1], any sides; `region` limits targets at the output.
    `methods` are by default all that are useful at the layer with the target; `padding` is a key
    of `PADDINGS`, `seed` RandomCAM's. Raises `ValueError` for unknown names, for a method that
    needs a gradient where there is no target, and as `look`.
    """
    keys = _useful(model, layer, target) if methods is None else methods
    differentiable = any(CAM_METHODS[key].needs_gradient for key in keys)
    wanted = target if differentiable else None
    seen = look(model, image, layer, wanted, region, padding=padding)
    return _maps_of(seen, keys, seed)


def vit_raw_maps(model: nn.Module, image: Tensor, seed: int = 0) -> dict[str, dict[str, RawMap]]:
    """Return the raw maps of every layer of the ViT, by layer and method, from one forward pass.

    The methods are those that need no gradient. Otherwise as `raw_maps`; empty for a network
    without a ViT.
    """
    keys = _without_gradient()
    looks = vit_looks(model, image)
    return {layer: _maps_of(seen, keys, seed) for layer, seen in looks.items()}


def packaged_maps(
    model: nn.Module, image: Tensor, layer: str, *, padding: str = AS_TRAINED
) -> dict[str, RawMap]:
    """Return EigenCAM's and KPCA-CAM's raw maps with the signs that the package grad-cam gives.

    By the method's key; no sign rule applies to them. Raises `ValueError` as `look`.
    """
    seen = look(model, image, layer, padding=padding)
    cells = {"eigen_cam": packaged_eigen_cam(seen), **attention_maps(seen, ["kpca_cam"])}
    return {key: RawMap(one, seen.covers) for key, one in cells.items()}


def score_cam_map(
    model: nn.Module,
    image: Tensor,
    layer: str,
    target: str,
    region: Region | None = None,
    **options: Any,
) -> RawMap:
    """Return Score-CAM's raw map. `options` are those of `score_cam`.

    Raises `Stopped` once `cancel` is set, otherwise `ValueError` as `look`.
    """
    cells = score_cam(model, image, layer, target, region, **options)
    return RawMap(cells, covered(model, image))


def _useful(model: nn.Module, layer: str, target: str | None) -> list[str]:
    if target is None:
        return _without_gradient()
    place = layer_of(model, layer)
    return [key for key in CAM_METHODS if not why_not(key, place, target)]


def _without_gradient() -> list[str]:
    return [spec.key for spec in CAM_METHODS.values() if not spec.needs_gradient]


def _maps_of(seen: Look, keys: Sequence[str], seed: int) -> dict[str, RawMap]:
    maps = attention_maps(seen, keys, seed)
    return {
        key: RawMap(cells, seen.covers, CAM_METHODS[key].signed) for key, cells in maps.items()
    }
