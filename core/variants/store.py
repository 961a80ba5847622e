"""Variants: files with weights, and the classical methods, which need none.

A file is one `.safetensors`, fp16 weights (float32 where fp16 does not hold them), the card as
JSON in its metadata; dropping it into `checkpoints/` registers the variant. No pickle is read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..base.files import shown
from ..base.json_numbers import dumps
from ..base.paths import CHECKPOINTS
from ..base.words import brief, first_line
from ..models import CLASSICAL, MODELS, build_model
from ..models.vit_encoder import Encoder, encoder_sha256, load_encoder
from ..models.within import built_within
from .card import Card, classical_card
from .card_file import card_of
from .half import in_half
from .tensors import Header, read_header, read_tensors, write_tensors

SUFFIX = ".safetensors"
MOST_HEADER = 10**6
"""Bytes of a variant's header, card and all; ours have 8,000."""


def save_variant(model: nn.Module, card: Card, folder: Path = CHECKPOINTS) -> Path:
    """Write the weights as fp16 with the card; the file on disk is never half-written.

    A tensor that fp16 does not hold is written as float32 (`in_half`). Raises `ValueError` for the
    name of a classical variant.
    """
    _check_name(card.name)
    tensors = {name: in_half(value) for name, value in model.state_dict().items()}
    return _write(folder / f"{card.name}{SUFFIX}", tensors, card)


def update_card(name: str, folder: Path = CHECKPOINTS, **changes: Any) -> Card:
    """Replace fields of a variant's card and leave its weights as they are."""
    path = variant_file(name, folder)
    card = replace(read_card(name, folder), **changes)
    _write(path, read_tensors(path)[0], card)
    return card


def _write(path: Path, tensors: Mapping[str, Tensor], card: Card) -> Path:
    write_tensors(path, tensors, {"card": dumps(asdict(card))})
    return path


def variant_file(name: str, folder: Path = CHECKPOINTS) -> Path:
    """The file of a trained variant. Raises `ValueError`, listing what exists, if there is none.

    Also for a classical variant, which has no file.
    """
    _check_name(name)
    path = folder / f"{name}{SUFFIX}"
    if Path(name).name != name or not os.path.lexists(path):
        known = [*(shown(Path(p.stem)) for p in variant_files(folder)), *CLASSICAL]
        raise ValueError(f"There is no variant {brief(name)}. There are: {', '.join(known)}.")
    return path


def _check_name(name: str) -> None:
    """Raise `ValueError` for a file that would have the name of a classical variant."""
    if name in CLASSICAL:
        raise ValueError(f"'{name}' is a classical variant: it has no weights, so it has no file.")


def read_card(name: str, folder: Path = CHECKPOINTS) -> Card:
    """A variant's card, without its weights. Raises `ValueError` if it cannot be read."""
    return classical_card(name) if name in CLASSICAL else _card(variant_file(name, folder))


def _card(path: Path) -> Card:
    _check_name(path.stem)
    return card_of(path, read_header(path, MOST_HEADER).metadata)


def variant_files(folder: Path = CHECKPOINTS) -> list[Path]:
    """What is called like a file of a variant in a folder, whatever it is."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def list_variants(
    folder: Path = CHECKPOINTS, *, hidden: bool = False, classical: bool = True
) -> list[Card]:
    """The cards of all readable variants, in the order of the model and loss tables.

    The trained ones, then the classical ones unless `classical` is False; hidden ones (parents of
    others) only if asked for. Files that are no variants are left out; `refused_variants` says
    which and why.
    """
    found, _ = variants_and_refused(folder)
    trained = [card for card in found if hidden or not card.hidden]
    return [*trained, *map(classical_card, CLASSICAL)] if classical else trained


def refused_variants(folder: Path = CHECKPOINTS) -> dict[str, str]:
    """File name -> why it was refused, for every file in the folder that is no variant."""
    return variants_and_refused(folder)[1]


def variants_and_refused(folder: Path = CHECKPOINTS) -> tuple[list[Card], dict[str, str]]:
    """The cards of all trained variants, hidden ones too, in order, and what was refused.

    Each file is read once.
    """
    found = _readable(folder).items()
    cards = [one for _, one in found if isinstance(one, Card)]
    refused = {name: str(one) for name, one in found if isinstance(one, ValueError)}
    return sorted(cards, key=lambda card: card.order), refused


def _readable(folder: Path) -> dict[str, Card | ValueError]:
    """Each file's card, or why there is none: whatever is wrong with one, the others are read."""
    found: dict[str, Card | ValueError] = {}
    for path in variant_files(folder):
        try:
            found[shown(path)] = _card(path)
        except ValueError as error:
            if os.path.lexists(path):  # else it was removed since it was listed
                found[shown(path)] = error
    return found


def load_variant(
    name: str, folder: Path = CHECKPOINTS, *, encoder: Encoder | None = None
) -> nn.Module:
    """Build a variant's network and load its weights, float32, in evaluation mode.

    A classical one is only built. `encoder` is the shared ViT if the caller has it already.
    Raises `ValueError` in one sentence for wrong shapes, weights that are not finite, or a ViT
    other than the card's.
    """
    if name in CLASSICAL:
        return build_model(CLASSICAL[name].model, **CLASSICAL[name].arguments).eval()
    path = variant_file(name, folder)
    header = read_header(path, MOST_HEADER)
    model = _outline(card_of(path, header.metadata), header, encoder)
    # Before the weights are read: a file can hold more than the machine does.
    _check_shapes(header.shapes, model.state_dict(), shown(path))
    tensors, read = read_tensors(path)
    if read != header:
        raise ValueError(f"'{shown(path)}' was replaced while it was read.")
    tensors = {key: value.float() for key, value in tensors.items()}
    _check_finite(tensors, shown(path))
    model.load_state_dict(tensors, assign=True)
    # Convolutions on the CPU take half the time in this layout, with the same numbers.
    return model.eval().to(memory_format=torch.channels_last)


def _outline(card: Card, header: Header, encoder: Encoder | None) -> nn.Module:
    """The network that a card describes with the shared ViT, its weights only shapes as yet.

    A card can ask for more than the machine holds; what is in the file is known to fit.
    """
    arguments, usual = dict(card.arguments), MODELS[card.model].defaults
    if card.encoder is not None:
        check_encoder(card)
        arguments["encoder"] = card.encoder["name"]
    try:
        if "encoder" in usual:
            vit = arguments.get("encoder", usual["encoder"])
            arguments["encoder"] = encoder or load_encoder(vit)
        with torch.device("meta"), built_within(*header.room):
            return build_model(card.model, **arguments)
    except Exception as error:  # what stands in a card can fail anywhere in a network
        raise ValueError(
            f"The network of '{card.name}' cannot be built from its card: {first_line(error)}"
        ) from error


def check_encoder(card: Card) -> None:
    """Raise `ValueError` if the ViT on disk is not the one that the variant was trained with."""
    name, expected = card.encoder["name"], card.encoder["sha256"]
    found = encoder_sha256(name)
    if found is not None and found != expected:
        raise ValueError(
            f"'{card.name}' needs the ViT '{name}' with SHA-256 {expected[:12]}…, "
            f"but the one here has {found[:12]}…."
        )


def _check_shapes(
    shapes: Mapping[str, tuple[int, ...]], expected: Mapping[str, Tensor], file: str
) -> None:
    for name in sorted(expected.keys() ^ shapes.keys()):
        where = "lacks" if name in expected else "has an unknown"
        raise ValueError(f"'{file}' {where} tensor {brief(name)}.")
    for name, shape in shapes.items():
        if shape != expected[name].shape:
            raise ValueError(
                f"'{file}': tensor '{name}' is {brief(shape)}, "
                f"but the network needs {tuple(expected[name].shape)}."
            )


def _check_finite(tensors: Mapping[str, Tensor], file: str) -> None:
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"'{file}': tensor '{name}' holds values that are not finite.")
