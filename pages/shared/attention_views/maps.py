"""Attention maps in the background: all cheap cameras of one look at a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.images import Region
from pages.shared import cached
from pages.shared.attention_views.choice import Choice
from pages.shared.cached import Picture
from pages.shared.linked_viewer import Layer, encode_layer
from pages.shared.slots import Slot

if TYPE_CHECKING:
    from torch import Tensor

    from core.cameras import Finished

BANDED = "attention"
SEED = 0


def raw_maps(
    picture: Picture, variant: str, layer: str, target: str, region: Region | None
) -> Slot[dict[str, Tensor]]:
    """The place for the raw maps of every camera that works there, by the camera's key.

    One forward pass, and one backward pass from the layer on, serve all of them.
    """
    text = region.text if region else None
    key = (picture.digest, variant, cached.variant_stamp(variant), layer, target, text)

    def compute() -> dict[str, Tensor]:
        from core.cameras import CAMERAS, attention_maps, layer_of, look, why_not

        model = cached.model(variant)
        place = layer_of(model, layer)
        usable = [key for key in CAMERAS if not why_not(key, place, target)]
        seen = look(model, picture.image, layer, target, region)
        width, height = picture.size
        return {
            key: cut(raw, seen.covers, (height, width))
            for key, raw in attention_maps(seen, usable, SEED).items()
        }

    return cached.computed_map("attention", *key, compute=compute)


def cut(raw: Tensor, covers: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """A raw map of a padded picture without its padding; any other as it is."""
    from torch.nn.functional import interpolate

    if covers == size:
        return raw
    grown = interpolate(raw.float()[None, None], covers, mode="bilinear", align_corners=False)
    return grown[0, 0, : size[0], : size[1]]


def chosen_maps(picture: Picture, choice: Choice) -> Slot[dict[str, Tensor]]:
    """The same for what is chosen."""
    return raw_maps(picture, choice.variant, choice.layer, choice.target, choice.region)


def finished(
    raw: Tensor, camera: str, picture: Picture, *, signed: bool = False, rule: bool = True
) -> Finished:
    """A raw map as it is shown: of the picture's size, in [0, 1], or [-1, 1] if signed.

    Without `rule` it stays the way up that it came.
    """
    from core.cameras import CAMERAS, finish, sign_rule

    turned = sign_rule(raw) if rule and CAMERAS[camera].signed else raw
    width, height = picture.size
    return finish(turned, (height, width), signed=signed)


def grown(raw: Tensor, picture: Picture) -> np.ndarray:
    """A raw map at the picture's size, neither turned nor scaled: `(H, W)`."""
    from torch.nn.functional import interpolate

    width, height = picture.size
    values = raw.float()[None, None]
    return interpolate(values, (height, width), mode="bilinear", align_corners=False)[0, 0].numpy()


def banded(done: Finished, *, label: str = "Attention") -> Layer:
    """A finished map as the layer that the band acts on."""
    encoded = encode_layer(as_array(done))
    return Layer(BANDED, label, encoded, 0.0, 1.0, "jet", banded=True, note=done.note)


def signed_layer(done: Finished) -> Layer:
    """Both halves of a signed map: the same layer, so that it is shown with the other."""
    encoded = encode_layer(as_array(done))
    return Layer(BANDED, "Attention", encoded, -1.0, 1.0, "diverging", 1.0)


def as_array(done: Finished) -> np.ndarray:
    """The values of a finished map, `(H, W)` float32."""
    return np.asarray(done.values, dtype=np.float32)
