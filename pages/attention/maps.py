"""Attention maps in the background: the jobs that make them, and the layers that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.imaging.images import Region
from core.viewer import Layer, attention, encode_layer
from pages.attention.choice import Choice
from pages.shared import cached
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Picture

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from core.attention.cam import Finished
    from core.attention.maps import RawMap

Maps = Mapping[str, Mapping[str, "RawMap"]]
"""Layer -> CAM method -> map."""


def key_of(choice: Choice) -> tuple[str | None, ...]:
    """Return everything that a raw map depends on, apart from the picture."""
    return *_place_of(choice), choice.method


def shown_key_of(choice: Choice) -> tuple[str | None, ...]:
    """Return everything that a map as it is shown depends on, apart from the picture."""
    return *key_of(choice), "inside" if choice.inside else None


def maps_of(picture: Picture, choice: Choice) -> Job[Maps]:
    """Return the job of the raw maps at what is chosen, by layer and by the CAM method's key.

    One pass serves all methods. Where none of them needs a gradient in a ViT, one pass serves all
    layers of it, and every variant with the same ViT.
    """
    from core.attention.cam import CAM_METHODS

    if choice.network == "vit" and not CAM_METHODS[choice.method].needs_gradient:
        key = (picture.digest, choice.card.encoder["sha256"])
        compute = partial(_vit_maps, picture, choice.variant)
        return computed("vit_attention", *key, compute=compute)
    return computed(
        "attention", picture.digest, *_place_of(choice), compute=partial(_maps, picture, choice)
    )


def chosen_map(job: Job[Maps], choice: Choice) -> RawMap | None:
    """Return the chosen map of such a job; None until it is there."""
    return as_chosen(job.value[choice.layer][choice.method], choice) if job.value else None


def as_chosen(raw: RawMap, choice: Choice) -> RawMap:
    """Return the map without its border where that is to be left out."""
    return raw.without_border() if choice.inside else raw


def map_of(image: Tensor, choice: Choice) -> RawMap:
    """Make the chosen method's raw map of an image (3, H, W), border and all, now; for jobs."""
    from core.attention.maps import raw_maps

    model, methods = cached.variants.model(choice.variant), [choice.method]
    where = choice.layer, choice.target, _region_of(choice)
    return raw_maps(model, image, *where, methods=methods, padding=choice.padding)[choice.method]


def finished(raw: RawMap, picture: Picture) -> Finished:
    """Return a raw map as it is shown: of the picture's size, in [0, 1]."""
    return raw.finished(_rows_and_columns(picture))


def both_signs(raw: RawMap, picture: Picture) -> Finished:
    """Return a raw map with its negative half: of the picture's size, in [-1, 1]."""
    return raw.both_signs(_rows_and_columns(picture))


def compared(maps: Sequence[RawMap], picture: Picture) -> list[np.ndarray]:
    """Return raw maps as they are compared: as shown, where none has its border left out."""
    from core.attention.cam import counted_by_all

    done = [finished(raw, picture) for raw in maps]
    part = counted_by_all(done)
    return [one.within(part) for one in done]


def map_layer(done: Finished) -> Layer:
    """Return a finished map as the layer that the band acts on."""
    return attention.map_layer(encode_layer(done.array), done.note)


def signed_layer(done: Finished) -> Layer:
    """Return a map with both signs as a layer."""
    return attention.signed_layer(encode_layer(done.array))


def _maps(picture: Picture, choice: Choice) -> Maps:
    from core.attention.maps import raw_maps

    where = choice.layer, choice.target, _region_of(choice)
    model = cached.variants.model(choice.variant)
    return {choice.layer: raw_maps(model, picture.image, *where, padding=choice.padding)}


def _vit_maps(picture: Picture, variant: str) -> Maps:
    from core.attention.maps import vit_raw_maps

    return vit_raw_maps(cached.variants.model(variant), picture.image)


def _place_of(choice: Choice) -> tuple[str | None, ...]:
    region = _region_of(choice)
    stamp = cached.variants.variant_stamp(choice.variant)
    where = choice.layer, choice.target, region.text if region else None
    return choice.variant, stamp, *where, choice.padding


def _region_of(choice: Choice) -> Region | None:
    """Return the region that the target sums over, None where it uses none."""
    from core.attention.cam import TARGETS

    return choice.region if TARGETS[choice.target].takes_region else None


def _rows_and_columns(picture: Picture) -> tuple[int, int]:
    width, height = picture.size
    return height, width
