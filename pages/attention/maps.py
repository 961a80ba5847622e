"""Attention maps in the background: all cheap CAM methods of one look at a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pages.shared.slots import Slot

from core.imaging.images import Region
from pages.attention.choice import Choice
from pages.shared import cached
from pages.shared.cached import Picture
from pages.shared.linked_viewer import Layer, encode_layer

if TYPE_CHECKING:
    from torch import Tensor

    from core.attention.cam import Finished
    from core.variants.store import Card

BANDED = "attention"
SEED = 0


@dataclass(frozen=True)
class RawMap:
    """A CAM method's map as it came: `cells` `(h, w)`, and the (H, W) in pixels that they cover.

    That is more than the picture where the network pads it.
    """

    cells: Tensor
    covers: tuple[int, int]


def raw_maps(
    picture: Picture, variant: str, layer: str, target: str, region: Region | None
) -> Slot[dict[str, RawMap]]:
    """The place for the raw maps of every CAM method that works there, by the CAM method's key.

    One forward pass, and one backward pass from the layer on, serve all of them.
    """
    from core.attention.cam import TARGETS

    seen_region = region if TARGETS[target].takes_region else None
    text = seen_region.text if seen_region else None
    key = (picture.digest, variant, cached.variant_stamp(variant), layer, target, text)

    def compute() -> dict[str, RawMap]:
        from core.attention.cam import CAM_METHODS, attention_maps, layer_of, look, why_not

        model = cached.model(variant)
        place = layer_of(model, layer)
        usable = [key for key in CAM_METHODS if not why_not(key, place, target)]
        seen = look(model, picture.image, layer, target, seen_region)
        maps = attention_maps(seen, usable, SEED)
        return {key: RawMap(cells, seen.covers) for key, cells in maps.items()}

    # Twelve maps of a layer at the picture's size are as large as several pictures.
    return cached.computed_pictures("attention", *key, compute=compute)


@dataclass(frozen=True)
class PartOf:
    """One entry of a slot that holds several, to be waited for as a slot is."""

    whole: Slot[dict[str, Any]]
    key: str

    @property
    def ready(self) -> bool:
        return self.whole.ready

    @property
    def error(self) -> str | None:
        return self.whole.error

    @property
    def value(self) -> Any:
        return self.whole.value[self.key] if self.whole.value else None

    def wait(self, seconds: float) -> bool:
        return self.whole.wait(seconds)


def vit_maps(picture: Picture, card: Card) -> Slot[dict[str, dict[str, RawMap]]]:
    """The place for the maps of every layer of a ViT, by the CAM methods that need no gradient.

    One forward pass serves all layers, and every variant with the same ViT.
    """

    def compute() -> dict[str, dict[str, RawMap]]:
        from core.attention.cam import CAM_METHODS, Look, attention_maps, vit_looks

        model = cached.model(card.name)
        keys = [spec.key for spec in CAM_METHODS.values() if not spec.needs_gradient]
        height, width = model.pad(picture.image[None]).shape[-2:]
        covers = (height, width)
        found = {}
        for layer, activation in vit_looks(model, picture.image).items():
            maps = attention_maps(Look(activation, None, None, covers), keys, SEED)
            found[layer] = {key: RawMap(cells, covers) for key, cells in maps.items()}
        return found

    return cached.computed_pictures(
        "vit_attention", picture.digest, card.encoder["sha256"], compute=compute
    )


def chosen_maps(picture: Picture, choice: Choice) -> Slot[dict[str, RawMap]] | PartOf:
    """The maps at what is chosen, by the CAM method's key."""
    from core.attention.cam import CAM_METHODS

    if choice.network == "vit" and not CAM_METHODS[choice.method].needs_gradient:
        return PartOf(vit_maps(picture, choice.card), choice.layer)
    return raw_maps(picture, choice.variant, choice.layer, choice.target, choice.region)


def finished(
    raw: RawMap, method: str, picture: Picture, *, signed: bool = False, rule: bool = True
) -> Finished:
    """A raw map as it is shown: of the picture's size, in [0, 1], or [-1, 1] if signed.

    Without `rule` it stays the way up that it came.
    """
    from core.attention.cam import CAM_METHODS, finish, sign_rule

    cells = sign_rule(raw.cells) if rule and CAM_METHODS[method].signed else raw.cells
    width, height = picture.size
    return finish(cells, (height, width), signed=signed, covers=raw.covers)


def banded(done: Finished) -> Layer:
    """A finished map as the layer that the band acts on."""
    encoded = encode_layer(as_array(done))
    return Layer(BANDED, "Attention", encoded, 0.0, 1.0, "jet", banded=True, note=done.note)


def signed_layer(done: Finished) -> Layer:
    """Both halves of a signed map: the same layer, so that it is shown with the other."""
    encoded = encode_layer(as_array(done))
    return Layer(BANDED, "Attention", encoded, -1.0, 1.0, "diverging", 1.0)


def as_array(done: Finished) -> np.ndarray:
    """The values of a finished map, `(H, W)` float32."""
    return np.asarray(done.values, dtype=np.float32)
