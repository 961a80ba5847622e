"""Weights as people save them: in containers, behind prefixes, an averaged copy beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

DEEPEST = 4
"""Containers within containers, and prefixes behind prefixes."""
LONGEST_NAME = 300
"""Characters of a tensor's name."""
WRAPPINGS = (
    "module", "_orig_mod", "model", "net", "network", "generator", "net_g", "netG", "G", "params",
    "ema", "model_ema", "ema_model", "net_g_ema", "online_model", "shadow",
)  # fmt: skip
"""Prefixes that are taken off where not all names share them, as beside a discriminator."""
AVERAGED = re.compile(r"(^|[^a-z])(ema|shadow|averaged?)([^a-z]|$)")
PER_LAYER = "num_batches_tracked"
"""The one counter that belongs to a layer."""


@dataclass(frozen=True)
class Weights:
    """Tensors by name, and what was taken off to come to them.

    `wrappings` are the containers and prefixes in the order in which they were taken off, `beside`
    the first parts of the names of what was left out.
    """

    tensors: dict[str, Tensor]
    wrappings: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def averaged(self) -> bool:
        """Whether a wrapping says that these are an exponential moving average (EMA)."""
        return any(AVERAGED.search(name.lower()) for name in self.wrappings)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each weight by name, counters left out."""
        return {name: tuple(tensor.shape) for name, tensor in self.weights.items()}

    @property
    def weights(self) -> dict[str, Tensor]:
        """The tensors that are no counters."""
        return {name: tensor for name, tensor in self.tensors.items() if not _counts(tensor)}

    @property
    def without_counters(self) -> dict[str, Tensor]:
        """All tensors but counters of training steps, which belong to no layer."""
        return {
            name: tensor
            for name, tensor in self.tensors.items()
            if tensor.ndim or name.endswith(PER_LAYER)
        }


def _counts(tensor: Tensor) -> bool:
    """Whether this is a counter or index rather than a weight."""
    return tensor.ndim == 0 or not tensor.is_floating_point()


def containers(document: Any) -> Iterator[Weights]:
    """Every dict of tensors in a document; states of optimisers, kept by number, are none."""
    # A pickle can hold one dict in a thousand places, and in itself: each is looked at once.
    seen: set[int] = set()

    def within(value: Any, wrappings: tuple[str, ...]) -> Iterator[Weights]:
        if not isinstance(value, Mapping) or id(value) in seen or len(wrappings) > DEEPEST:
            return
        seen.add(id(value))
        named = {name: part for name, part in value.items() if _names(name)}
        found = Weights({n: part for n, part in named.items() if _numbers(part)}, wrappings)
        if found.weights:
            yield found
        for name, part in named.items():
            yield from within(part, (*wrappings, f'{{"{name}"}}'))

    return within(document, ())


def _names(value: Any) -> bool:
    """Whether this can be what somebody called a tensor: pickles hold names of any length."""
    return isinstance(value, str) and len(value) <= LONGEST_NAME and value.isprintable()


def _numbers(value: Any) -> bool:
    """Whether this is a plain tensor with numbers in it."""
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and value.device.type != "meta"
        and not (value.is_quantized or value.is_complex())
    )


def unwrapped(found: Weights) -> Iterator[Weights]:
    """The same weights with one prefix less: the one that all share, or each known wrapping."""
    firsts = list(dict.fromkeys(name.partition(".")[0] for name in found.weights))
    shared = len(firsts) == 1
    for first in firsts:
        if shared or first in WRAPPINGS:
            prefix = f"{first}."
            inner = {
                name.removeprefix(prefix): tensor
                for name, tensor in found.tensors.items()
                if name.startswith(prefix)
            }
            beside = tuple(name for name in firsts if name != first and name not in WRAPPINGS)
            if inner:
                yield Weights(inner, (*found.wrappings, prefix), (*found.beside, *beside))
