"""A network that somebody brings, from its file to what restores pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...base.files import shown
from ...base.json_numbers import dumps
from ...models import MODELS, lattice_of
from ..store import load_variant, read_card, variant_file
from . import ours, published
from .reading import MOST_BYTES, check_bytes, read_document
from .wrappings import DEEPEST, Weights, containers, unwrapped

OWN, STATE_DICT, PUBLISHED = "own file", "state dict of ours", "published"
EMA, PLAIN = "ema", "plain"
LONGEST_CARD = 200_000
"""Characters of a card that is kept beside a network; ours have some 8,000."""
SHOWN = 3
"""How many names of tensors a sentence lists."""


@dataclass(frozen=True)
class Description:
    """What was found in a file.

    `kind` is "own file", "state dict of ours" or "published"; `architecture` a name for people;
    `arguments` what it is built with; `parameters` their number, a shared ViT's left out;
    `stripped` the containers and prefixes that were taken off; `choices` what `open_network` can
    be asked for, the default first, empty where there is no choice; `channels` 1 or 3; `tiled`
    whether large pictures may be cut; `multiple` what sides are padded to, in pixels; `notes`
    sentences for people; `loss` the expression that it was trained with where the file says so;
    `card` all that a file of ours says, as JSON.
    """

    kind: str
    architecture: str
    arguments: dict[str, Any]
    parameters: int
    stripped: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    channels: int = 3
    tiled: bool = True
    multiple: int = 1
    notes: tuple[str, ...] = ()
    loss: str = ""
    card: str = ""


@dataclass
class Network:
    """A network that is ready to run.

    `module` takes `(N, 3, H, W)` in [0, 1] of any sides and gives the same shape, not clipped; it
    is float32, on the CPU, in evaluation mode, its parameters without gradients. `digest` (hex,
    BLAKE2b) stands for architecture, arguments and weights, however they were saved.
    """

    module: nn.Module
    digest: str
    description: Description

    @property
    def noise(self) -> float | None:
        """The noise level that the network is told, a standard deviation on [0, 1]; or None.

        Setting it raises `ValueError` for a network that takes none and for a level outside 0
        to 1.
        """
        return getattr(self.module, "noise", None)

    @noise.setter
    def noise(self, level: float) -> None:
        if self.noise is None:
            raise ValueError(f"{self.description.architecture} takes no noise level.")
        if not 0 <= level <= 1:
            raise ValueError(f"The noise level is {level:g}; it must be from 0 to 1.")
        self.module.noise = float(level)


@dataclass(frozen=True)
class _Found:
    """Weights that were recognised; `finish` makes the network of them."""

    architecture: str
    weights: Weights
    finish: Callable[[], Network]


def open_network(path: str | Path, choice: str | None = None) -> Network:
    """Open a network from a file of weights; nothing in the file is run.

    `choice` is one of the description's `choices`, e.g. "ema" or "plain"; None is the first of
    them. Raises `ValueError` in one sentence for everything that cannot be opened.
    """
    path = Path(path)
    document, metadata = read_document(path)
    if "card" in metadata:
        _check_choice(path, choice, [])
        return _own(path)
    _check_total(path, document)
    return _chosen(path, _all_found(path, document), choice)


def _own(path: Path) -> Network:
    """A variant file of ours, with its card."""
    _ = variant_file(path.stem, path.parent)  # refuses the names of classical variants
    card = read_card(path.stem, path.parent)
    model = load_variant(path.stem, path.parent)
    arguments = {**MODELS[card.model].defaults, **card.arguments}
    text = dumps(asdict(card))
    told = text if len(text) <= LONGEST_CARD else ""
    return _of_ours(OWN, card.model, arguments, model, loss=card.loss, card=told)


def _of_ours(
    kind: str, key: str, arguments: dict[str, Any], model: nn.Module, **found: Any
) -> Network:
    model = _ready(model)
    description = Description(
        kind=kind,
        architecture=MODELS[key].label,
        arguments=arguments,
        parameters=_parameters(model),
        multiple=lattice_of(model),
        **found,
    )
    return Network(model, digest_of(key, arguments, model.state_dict()), description)


def _ready(model: nn.Module) -> nn.Module:
    return model.float().eval().requires_grad_(False)


def _parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def digest_of(key: str, arguments: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """Hex digest of a network: architecture, arguments and every weight, counters left out.

    Two networks can share their weights and differ in what they do with them.
    """
    digest = blake2b(digest_size=16)
    digest.update(repr((key, sorted(arguments.items()))).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        if tensor.is_floating_point():
            digest.update(f"{name} {tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().float().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _check_total(path: Path, document: Any) -> None:
    """Raise `ValueError` for tensors of over 2 GB: one number in a file can stand for millions."""
    numbers = sum(
        tensor.numel() for found in containers(document) for tensor in found.tensors.values()
    )
    check_bytes(path, 4 * numbers if 4 * numbers > MOST_BYTES else 0)


def _all_found(path: Path, document: Any) -> list[_Found]:
    """Every network in a document, averaged weights first."""
    found, tried = [], []
    for weights in containers(document):
        found += _first_recognised(weights, tried)
    if not tried:
        raise ValueError(f"'{shown(path)}' holds no weights.")
    if not found:
        raise ValueError(_unknown(path, tried))
    return sorted(found, key=lambda one: not one.weights.averaged)


def _first_recognised(
    weights: Weights, tried: list[Weights], deepest: int = DEEPEST
) -> list[_Found]:
    """What is recognised with as few prefixes taken off as need be; notes down what was tried."""
    tried.append(weights)
    found = _recognised(weights)
    if found or not deepest:
        return found
    inner = unwrapped(weights)
    return [one for each in inner for one in _first_recognised(each, tried, deepest - 1)]


def _recognised(weights: Weights) -> list[_Found]:
    matches = list(ours.recognised(weights.shapes))
    if matches:
        return _nearest_input_first([_found_ours(match, weights) for match in matches])
    return [_found_published(match, weights) for match in _published(weights)]


def _published(weights: Weights) -> Iterator[published.Recognised]:
    """Networks of the package: with all tensors, or else without counters of training steps."""
    for tensors in (weights.tensors, weights.without_counters):
        matches = list(published.recognised(tensors))
        if matches or len(weights.without_counters) == len(weights.tensors):
            return iter(matches)
    return iter(())


def _found_ours(match: ours.Ours, weights: Weights) -> _Found:
    def finish() -> Network:
        _check_finite(weights)
        model = ours.filled(match, weights.tensors)
        notes = (*match.notes, *_beside(weights))
        return _of_ours(
            STATE_DICT, match.key, match.arguments, model, stripped=weights.wrappings, notes=notes
        )

    return _Found(match.key, weights, finish)


def _found_published(match: published.Recognised, weights: Weights) -> _Found:
    def finish() -> Network:
        _check_finite(weights)
        module = _ready(match.module)
        description = Description(
            kind=PUBLISHED,
            architecture=match.architecture,
            arguments=match.arguments,
            parameters=_parameters(module),
            stripped=weights.wrappings,
            channels=module.channels,
            tiled=match.tiled,
            multiple=module.lattice,
            notes=(*match.notes, *_beside(weights)),
        )
        tensors = module.network.state_dict()
        digest = digest_of(match.architecture, match.arguments, tensors)
        return Network(module, digest, description)

    return _Found(match.architecture, weights, finish)


def _check_finite(weights: Weights) -> None:
    for name, tensor in weights.weights.items():
        if not torch.isfinite(tensor.float()).all():
            raise ValueError(f"The tensor '{name}' holds values that are not finite.")


def _beside(weights: Weights) -> tuple[str, ...]:
    if not weights.beside:
        return ()
    names = ", ".join(dict.fromkeys(weights.beside))
    return (f"Tensors that are no part of the network were left out: {names}.",)


def _nearest_input_first(found: list[_Found]) -> list[_Found]:
    """Networks that share their weights' shapes; what restores gives nearly what it is given."""
    if len(found) < 2:
        return found
    ramp = torch.linspace(0.1, 0.9, 32).expand(1, 3, 32, 32)

    def distance(one: _Found) -> float:
        with torch.inference_mode():
            return (one.finish().module(ramp) - ramp).square().mean().item()

    return sorted(found, key=distance)


def _chosen(path: Path, found: Sequence[_Found], choice: str | None) -> Network:
    names = _names(found)
    _check_choice(path, choice, names)
    network = found[names.index(choice) if choice else 0].finish()
    choices = tuple(names) if len(names) > 1 else ()
    return replace(network, description=replace(network.description, choices=choices))


def _check_choice(path: Path, choice: str | None, names: Sequence[str]) -> None:
    if choice is not None and choice not in names:
        there = f"there are: {', '.join(names)}" if len(names) > 1 else "there is only one network"
        raise ValueError(f"'{shown(path)}' holds no '{choice}'; {there}.")


def _names(found: Sequence[_Found]) -> list[str]:
    """A short name for each: what tells its weights from the others', and its architecture."""
    sources = list(dict.fromkeys(one.weights.wrappings for one in found))
    kinds = {one.weights.wrappings: EMA if one.weights.averaged else PLAIN for one in found}
    named = {
        wrappings: kind if [*kinds.values()].count(kind) == 1 else " ".join(wrappings) or PLAIN
        for wrappings, kind in kinds.items()
    }
    several = {w: sum(one.weights.wrappings == w for one in found) > 1 for w in sources}
    return [
        " ".join(
            part
            for part, said in (
                (named[one.weights.wrappings], len(sources) > 1),
                (one.architecture, several[one.weights.wrappings] or len(sources) == 1),
            )
            if said
        )
        for one in found
    ]


def _unknown(path: Path, tried: Sequence[Weights]) -> str:
    """What is nearest to weights of no known network, and how they differ from it."""
    nearest = max((ours.nearest(each.shapes) for each in tried), key=lambda one: one.likeness)
    known = len(published.published_architectures())
    if not nearest.shared:
        first = ", ".join(nearest.extra[:SHOWN])
        return (
            f"'{shown(path)}' is none of the {known} published architectures known here and none "
            f"of ours, with none of which it shares the name of a tensor (its first are {first})."
        )
    differences = {
        "missing": nearest.missing,
        "extra": nearest.extra,
        "of other shapes": nearest.differing,
    }
    said = "; ".join(
        f"{what}: {', '.join(names[:SHOWN])}{_more(names)}"
        for what, names in differences.items()
        if names
    )
    return (
        f"'{shown(path)}' is none of our architectures and none of the {known} published ones "
        f"known here; nearest is {nearest.label}, which shares {nearest.shared} tensors' names "
        f"({said})."
    )


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
