"""Variants: files with weights, and the classical methods, which need none.

A file is one `.safetensors`, fp16 weights (float32 where fp16 would overflow), the card as JSON
in its metadata; dropping it into `checkpoints/` registers the variant. No pickle is read here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from ..base.files import written_whole
from ..base.json_numbers import dumps, number
from ..base.paths import CHECKPOINTS
from ..losses import parse_loss
from ..models import CLASSICAL, MODELS, build_model
from ..models.vit_encoder import Encoder, encoder_sha256, load_encoder
from .card import FORMAT, Card, classical_card

SUFFIX = ".safetensors"


def save_variant(model: nn.Module, card: Card, folder: Path = CHECKPOINTS) -> Path:
    """Write the weights as fp16 with the card; the file on disk is never half-written.

    A tensor with a number beyond fp16's range, 65,504, is written as float32. Raises `ValueError`
    for the name of a classical variant.
    """
    _check_name(card.name)
    tensors = {name: _stored(value) for name, value in model.state_dict().items()}
    return _write(folder / f"{card.name}{SUFFIX}", tensors, card)


def _stored(value: Tensor) -> Tensor:
    """The tensor as fp16; as float32 where fp16 would make infinity of one of its numbers."""
    half = value.half()
    overflows = (half.isinf() & value.isfinite()).any()
    return (value.float() if overflows else half).contiguous()


def update_card(name: str, folder: Path = CHECKPOINTS, **changes: Any) -> Card:
    """Replace fields of a variant's card and leave its weights as they are."""
    path = variant_file(name, folder)
    card = replace(read_card(name, folder), **changes)
    _write(path, _read_tensors(path), card)
    return card


def _write(path: Path, tensors: dict[str, Tensor], card: Card) -> Path:
    with written_whole(path) as file:
        save_file(tensors, file, metadata={"card": dumps(asdict(card))})
    return path


def variant_file(name: str, folder: Path = CHECKPOINTS) -> Path:
    """The file of a trained variant. Raises `ValueError`, listing what exists, if there is none.

    Also for a classical variant, which has no file.
    """
    _check_name(name)
    path = folder / f"{name}{SUFFIX}"
    if Path(name).name != name or not path.is_file():
        known = [*sorted(p.stem for p in folder.glob(f"*{SUFFIX}")), *CLASSICAL]
        raise ValueError(f"There is no variant '{name}'. There are: {', '.join(known)}.")
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
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
        document = json.loads(metadata["card"])
    except (SafetensorError, OSError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(
            f"'{path.name}' is no variant: it is no whole safetensors file with a card in its "
            f"metadata ({type(error).__name__})."
        ) from error
    known = {f.name for f in fields(Card)}
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"The card of '{path.name}' is not of format {FORMAT}.")
    try:
        card = Card(**{name: value for name, value in document.items() if name in known})
    except TypeError as error:
        missing = sorted(known - set(document) - {"hidden", "validation"})
        raise ValueError(f"The card of '{path.name}' lacks {', '.join(missing)}.") from error
    _check_card(card, path.name)
    return replace(card, name=path.stem, history=[*map(_entry, card.history)])


def _entry(written: dict[str, Any]) -> dict[str, float]:
    """An entry of the history; what was no number is NaN again, infinity is infinite."""
    return {
        name: value if _fits(value, int | float) else number(value)
        for name, value in written.items()
    }


def _check_card(card: Card, file: str) -> None:
    """Raise `ValueError` for a field of another type, and for a name that stands for nothing."""
    hints = get_type_hints(Card)
    wrong = [name for name, hint in hints.items() if not _fits(getattr(card, name), hint)]
    if isinstance(card.encoder, dict) and not all(
        isinstance(card.encoder.get(key), str) for key in ("name", "sha256")
    ):
        wrong.append("encoder")
    if isinstance(card.arguments, dict) and not isinstance(card.arguments.get("encoder", ""), str):
        wrong.append("arguments")
    if isinstance(card.degradation, dict) and not _is_degradation(card.degradation):
        wrong.append("degradation")
    if isinstance(card.history, list) and not _is_history(card.history):
        wrong.append("history")
    if wrong:
        raise ValueError(f"The card of '{file}' has no sound value for {', '.join(wrong)}.")
    _ = parse_loss(card.loss)  # what a classical card leaves out, a file must have
    if card.model in {method.model for method in CLASSICAL.values()}:
        raise ValueError(f"'{file}' holds weights for {card.model}, which has none.")
    _ = card.label  # an unknown model, loss or degradation raises here, naming what exists


def _fits(value: object, hint: Any) -> bool:
    """Whether a value from JSON is of a field's type, as far as its outermost layer tells."""
    if isinstance(hint, UnionType):
        return any(_fits(value, option) for option in get_args(hint))
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, get_origin(hint) or hint)


def _is_degradation(value: dict[str, Any]) -> bool:
    """Whether it has a key, a dict of pairs of numbers, and a dict of true and false."""
    ranges, switches = value.get("range", {}), value.get("switches", {})
    return (
        isinstance(value.get("key"), str)
        and isinstance(ranges, dict)
        and all(
            isinstance(pair, list) and len(pair) == 2 and all(_fits(x, int | float) for x in pair)
            for pair in ranges.values()
        )
        and isinstance(switches, dict)
        and all(isinstance(on, bool) for on in switches.values())
    )


def _is_history(value: list[Any]) -> bool:
    """Whether all are dicts of numbers, as `core.base.json_numbers` writes them."""
    try:
        _ = [*map(_entry, value)]
    except (TypeError, AttributeError):
        return False
    return True


def list_variants(
    folder: Path = CHECKPOINTS, *, hidden: bool = False, classical: bool = True
) -> list[Card]:
    """The cards of all readable variants, in the order of the model and loss tables.

    The trained ones, then the classical ones unless `classical` is False; hidden ones (parents of
    others) only if asked for. Files that are no variants are left out; `refused_variants` says
    which and why.
    """
    found = [card for card in _readable(folder).values() if isinstance(card, Card)]
    trained = sorted((c for c in found if hidden or not c.hidden), key=lambda card: card.order)
    return [*trained, *map(classical_card, CLASSICAL)] if classical else trained


def refused_variants(folder: Path = CHECKPOINTS) -> dict[str, str]:
    """File name -> why it was refused, for every file in the folder that is no variant."""
    found = _readable(folder)
    return {name: str(reason) for name, reason in found.items() if isinstance(reason, ValueError)}


def _readable(folder: Path) -> dict[str, Card | ValueError]:
    found: dict[str, Card | ValueError] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            found[path.name] = _card(path)
        except ValueError as error:
            found[path.name] = error
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
    card = _card(path)
    model = _outline(card, encoder)
    tensors = {key: value.float() for key, value in _read_tensors(path).items()}
    _check(tensors, model.state_dict(), path.name)
    model.load_state_dict(tensors, assign=True)
    # Convolutions on the CPU take half the time in this layout, with the same numbers.
    return model.eval().to(memory_format=torch.channels_last)


def _outline(card: Card, encoder: Encoder | None) -> nn.Module:
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
        with torch.device("meta"):
            return build_model(card.model, **arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The network of '{card.name}' cannot be built from its card: {error}"
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


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ValueError(f"'{path.name}' is damaged: its weights cannot be read.") from error


def _check(tensors: dict[str, Tensor], expected: dict[str, Tensor], file: str) -> None:
    for name in expected.keys() ^ tensors.keys():
        where = "lacks" if name in expected else "has an unknown"
        raise ValueError(f"'{file}' {where} tensor '{name}'.")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise ValueError(
                f"'{file}': tensor '{name}' is {tuple(tensor.shape)}, "
                f"but the network needs {tuple(expected[name].shape)}."
            )
        if not torch.isfinite(tensor).all():
            raise ValueError(f"'{file}': tensor '{name}' holds values that are not finite.")
