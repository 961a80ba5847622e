"""Which of our architectures weights belong to, and with which arguments, seen from the shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from ...base.table import Table
from ...models import MODELS
from ...models.vit_encoder import DEFAULT_ENCODER, load_encoder

Shapes = Mapping[str, tuple[int, ...]]
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Guess:
    """How the arguments of a model are seen from the shapes of its weights, by name.

    `arguments` may raise what looking up names and sides raises; then the weights are none of
    this model's. `unseen` are arguments that leave the shapes as they are.
    """

    key: str
    arguments: Callable[[Shapes], Arguments]
    unseen: tuple[str, ...] = ()


def _unet(shapes: Shapes, within: str = "") -> Arguments:
    resized = f"{within}up.0.1.weight" in shapes
    width = shapes[f"{within}head.weight"][1]
    return {"width": width, "upsampling": "resize" if resized else "transpose"}


def _hybrid(shapes: Shapes) -> Arguments:
    return _unet(shapes, "unet.")


def _dense(shapes: Shapes) -> Arguments:
    outs = [shapes[f"layers.{2 * n}.weight"][0] for n in range(_count(shapes, "layers"))]
    tile = math.isqrt(shapes["fc_out.weight"][0] // 3)
    return {"tile": tile, "hidden": outs[: (len(outs) + 1) // 2]}


def _dense_skip(shapes: Shapes) -> Arguments:
    return {"tile": math.isqrt(shapes["fc_in.weight"][1] // 3)}


def _conv_dae(shapes: Shapes) -> Arguments:
    width = shapes["down.0.weight"][0]
    # A transposed convolution's weights have the wider side first.
    wide, narrow = shapes["up.0.weight"][:2]
    return {"width": width, "upsampling": "transpose" if wide > narrow else "resize"}


def _cnn(shapes: Shapes) -> Arguments:
    return {"width": shapes["body.0.weight"][0]}


def _nested(shapes: Shapes) -> Arguments:
    return {"width": shapes["head.weight"][1]}


def _transformer(shapes: Shapes) -> Arguments:
    width = shapes["embed.weight"][0]
    heads = math.gcd(width, MODELS["transformer_denoiser"].defaults["heads"])
    return {"width": width, "depth": _count(shapes, "blocks"), "heads": heads}


def _vit(shapes: Shapes) -> Arguments:
    width, _, patch, _ = shapes["embed.weight"]
    return {"width": width, "patch": patch, "size": patch * shapes["positions"][-1]}


def _count(shapes: Shapes, name: str) -> int:
    """How many numbered parts there are behind a name."""
    return len({key.split(".")[1] for key in shapes if key.startswith(f"{name}.")})


GUESSES = Table(
    "network that is recognised",
    Guess("hybrid_vit_unet", _hybrid, unseen=("skips",)),
    Guess("unet", _unet, unseen=("skips",)),
    Guess("dense_dae", _dense),
    Guess("dense_skip_dae", _dense_skip),
    Guess("conv_dae", _conv_dae),
    Guess("cnn", _cnn),
    Guess("residual_cnn", _cnn),
    Guess("residual_unet", _unet, unseen=("skips",)),
    Guess("attention_unet", _unet, unseen=("skips",)),
    Guess("unet_plus_plus", _nested),
    Guess("transformer_denoiser", _transformer, unseen=("heads",)),
    Guess("vit_reconstructor", _vit),
)


@dataclass(frozen=True)
class Ours:
    """A model and arguments whose weights have just these names and shapes."""

    key: str
    arguments: Arguments
    outline: nn.Module

    @property
    def notes(self) -> tuple[str, ...]:
        """What the weights alone do not tell, in sentences."""
        unseen = [f"{name} = {self.arguments[name]}" for name in GUESSES[self.key].unseen]
        notes = [f"Weights do not show this, so it is taken as usual: {said}." for said in unseen]
        if "encoder" in self.arguments:
            notes.append(
                f"It runs with the shipped ViT, '{self.arguments['encoder']}': these weights do "
                "not say which one they were trained with."
            )
        return tuple(notes)


def recognised(shapes: Shapes) -> Iterator[Ours]:
    """Each of our architectures that has exactly these names and shapes."""
    for guess in GUESSES.values():
        found = _outlined(guess, shapes)
        if found is not None and shapes_of(found.outline) == dict(shapes):
            yield found


def _outlined(guess: Guess, shapes: Shapes) -> Ours | None:
    """The network that a guess leads to, its weights only shapes as yet; None if to none."""
    spec = MODELS[guess.key]
    try:
        arguments = {**spec.defaults, **guess.arguments(shapes)}
        parts = {"encoder": load_encoder(DEFAULT_ENCODER)} if "encoder" in spec.defaults else {}
        with torch.device("meta"):
            return Ours(guess.key, arguments, spec(**{**arguments, **parts}))
    except (KeyError, IndexError, ValueError):
        return None


def shapes_of(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's weights by name."""
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def filled(found: Ours, tensors: Mapping[str, Tensor]) -> nn.Module:
    """The network with these weights, float32."""
    model = found.outline
    model.load_state_dict({name: tensors[name].float() for name in shapes_of(model)}, assign=True)
    # Convolutions on the CPU take half the time in this layout, with the same numbers.
    return model.to(memory_format=torch.channels_last)


@cache
def _usual(key: str) -> dict[str, tuple[int, ...]]:
    """The shapes of a model whose arguments are those that it has where nobody gives any."""
    return shapes_of(_outlined(Guess(key, lambda _: {}), {}).outline)


@dataclass(frozen=True)
class Nearest:
    """The architecture of ours that shares most names with weights that are of none."""

    label: str
    shared: int
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def likeness(self) -> float:
        """From 0, no name shared, to 1, all."""
        return self.shared / (self.shared + len(self.missing) + len(self.extra))


def nearest(shapes: Shapes) -> Nearest:
    """Compare names with those of each of our architectures, as near as its arguments come."""
    compared = [_compared(guess, shapes) for guess in GUESSES.values()]
    return max(compared, key=lambda one: (one.likeness, -len(one.differing)))


def _compared(guess: Guess, shapes: Shapes) -> Nearest:
    spec = MODELS[guess.key]
    found = _outlined(guess, shapes)
    needed = shapes_of(found.outline) if found else _usual(guess.key)
    both = needed.keys() & shapes.keys()
    return Nearest(
        spec.label,
        len(both),
        tuple(name for name in needed if name not in shapes),
        tuple(name for name in shapes if name not in needed),
        tuple(
            f"{name} is {shapes[name]} instead of {needed[name]}"
            for name in needed
            if name in both and shapes[name] != needed[name]
        ),
    )
