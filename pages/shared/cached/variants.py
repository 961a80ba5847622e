"""Variants: what their folder holds, and their networks, shared by all visits."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from pages.shared import garbage
from pages.shared.cached import stamps
from pages.shared.cached.keeping import kept, resource

if TYPE_CHECKING:
    from torch import nn

    from core.models.vit_encoder import Encoder
    from core.variants.library import Kept, Library
    from core.variants.store import Card


GONE = "The network '{name}' is no longer here."
NOTING = Lock()


def variants_folder() -> Path:
    """Where the variant files are."""
    from core.base.paths import CHECKPOINTS

    return CHECKPOINTS


def variant_names() -> set[str]:
    """The names of the files in the variants' folder, whatever they hold."""
    return {path.stem for path in variants_folder().glob("*.safetensors")}


def cards(*, hidden: bool = False) -> dict[str, Card]:
    """The cards of all variants on offer by name; if asked, hidden ones too.

    The story's come first, then the other trained ones, then the classical ones.
    """
    found = _folder_contents(stamps.of_folder(variants_folder()))[0]
    return {card.name: card for card in found if hidden or not card.hidden}


def refused() -> dict[str, str]:
    """File name -> why it was refused."""
    return _folder_contents(stamps.of_folder(variants_folder()))[1]


@resource(max_entries=4)
def _folder_contents(stamp: str) -> tuple[list[Card], dict[str, str]]:
    from core.models import CLASSICAL
    from core.variants.card import classical_card
    from core.variants.featured import story_first
    from core.variants.store import variants_and_refused

    trained, refused = variants_and_refused(variants_folder())
    return story_first([*trained, *map(classical_card, CLASSICAL)]), refused


@resource(max_entries=1)
def _own_networks() -> dict[str, tuple[Library, Kept]]:
    """Name -> where a network is that somebody brought. Threads that restore know no visit."""
    return {}


def note_own(library: Library, kept: Iterable[Kept]) -> None:
    """Write down which networks a library has, and forget those that it has no longer."""
    now = {one.name: (library, one) for one in kept}
    with NOTING:
        known = _own_networks()
        for name, (of, _) in list(known.items()):
            if of.folder == library.folder and name not in now:
                del known[name]
        known.update(now)


def own_network(name: str) -> tuple[Library, Kept] | None:
    """Where a network is that somebody brought, None where it is none, or gone."""
    return _own_networks().get(name)


def variant_stamp(name: str) -> str:
    """Names the very file that holds a variant; a classical one has none."""
    if found := own_network(name):
        library, kept = found
        return library.stamp(kept)
    return stamps.of_file(variants_folder() / f"{name}.safetensors")


def model(name: str) -> nn.Module:
    """A variant's network, shared by all sessions. Raises `ValueError` in one sentence."""
    make = _own_model if own_network(name) else _model
    return make(name, variant_stamp(name))


def found_own(name: str) -> tuple[Library, Kept]:
    """The same where it was there a moment ago. Raises `ValueError` where it is not any more."""
    if found := own_network(name):
        return found
    raise ValueError(GONE.format(name=name))


@kept
def _own_model(name: str, stamp: str) -> nn.Module:
    one_thread_each()
    library, kept = found_own(name)
    network = library.open(kept)
    network.module.tiled = network.description.tiled
    return network.module


# Every variant on offer, and the hidden ones: a network takes 2 MB, a classical method nothing.
@resource(max_entries=128)
def _model(name: str, stamp: str) -> nn.Module:
    from core.variants.store import load_variant, read_card

    one_thread_each()
    folder = variants_folder()
    vit = _vit_here(read_card(name, folder))
    shared = _encoder(vit) if vit else None
    return load_variant(name, folder, encoder=shared)


def running_model(name: str) -> nn.Module:
    """The same to be run where networks run: itself on the CPU, its copy on an accelerator.

    Shared as well. Raises `ValueError` in one sentence.
    """
    from core.variants.device import device

    shared, place = model(name), device()
    on_cpu = place.type == "cpu"
    return shared if on_cpu else _model_on(place.type, name, variant_stamp(name), shared)


@resource(max_entries=128)
def _model_on(kind: str, name: str, stamp: str, _model: nn.Module) -> nn.Module:
    import torch

    from core.models.vit_encoder import Encoder
    from core.variants.device import copy_on

    place, vit = torch.device(kind), getattr(_model, "encoder", None)
    there = _encoder_on(kind, id(vit), vit)[1] if isinstance(vit, Encoder) else None
    return copy_on(_model, place, there)


@resource(max_entries=2)
def _encoder_on(kind: str, identity: int, _encoder: Encoder) -> tuple[Encoder, Encoder]:
    """A ViT and its copy on an accelerator; the first is held so that its identity is its own."""
    import torch

    from core.variants.device import copy_on

    return _encoder, copy_on(_encoder, torch.device(kind))


def _vit_here(card: Card) -> str | None:
    """The name of a variant's ViT. Raises `ValueError` if it would have to be fetched.

    The dashboard goes online for nothing that a file names.
    """
    from core.models import MODELS
    from core.models.vit_encoder import encoder_folder

    arguments = {**MODELS[card.model].defaults, **card.arguments}
    vit = card.encoder["name"] if card.encoder else arguments.get("encoder")
    if vit and encoder_folder(vit) is None:
        raise ValueError(
            f"'{card.name}' needs the ViT '{vit}', which is no folder on this machine, "
            "and the dashboard fetches nothing."
        )
    return vit


@resource(max_entries=2)
def _encoder(name: str) -> Encoder:
    from core.models.vit_encoder import load_encoder

    return load_encoder(name)


@resource(max_entries=1)
def one_thread_each() -> None:
    """Let each forward pass use one core: the pool of core.variants.restore puts one on each."""
    import torch

    torch.set_num_threads(1)


def warm_up() -> None:
    """Import what is slow and load every variant, before the first visitor needs them.

    In the order of the cards: what a visitor sees first is loaded first.
    """
    from core import degradations, metrics  # noqa: F401 (imported to be there)
    from core.attention import cam
    from core.variants import restore  # noqa: F401

    for name in cards():
        try:
            running_model(name)
        except ValueError:
            continue  # a page that asks for it says why
        except Exception:  # one bad file must not keep the others from being warm
            logging.getLogger(__name__).exception("The variant %s cannot be loaded", name)
    cam.import_library()
    garbage.freeze()
