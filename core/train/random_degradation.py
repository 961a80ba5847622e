"""The degradation of a recipe: its parameters are drawn anew for every crop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..degradations import DEGRADATIONS, DegradationSpec
from ..degradations.spec import SEED


@dataclass(frozen=True)
class RandomDegradation:
    """A degradation with a range for some of its parameters, and a value for some switches.

    The others keep their defaults.
    """

    spec: DegradationSpec
    ranges: dict[str, tuple[float, float]]
    switches: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> RandomDegradation:
        """From a recipe's `{"key": …, parameter: [low, high], switch: true or false, …}`.

        Raises `ValueError`, listing what exists, for an unknown degradation or parameter, and
        with what is allowed for a value that is not.
        """
        ranges = dict(settings)
        spec = DEGRADATIONS[ranges.pop("key", "")]
        switches = {s.name: ranges.pop(s.name) for s in spec.switches if s.name in ranges}
        for name, on in switches.items():
            if not isinstance(on, bool):
                raise ValueError(f"'{name}' is {on}; a switch is written true or false.")
        if not spec.keeps_clean:
            raise ValueError(f"'{spec.key}' keeps no clean image to train on.")
        # The crop's own random stream stands in for the seed.
        known = [parameter.name for parameter in spec.parameters if parameter.name != SEED]
        for name, pair in ranges.items():
            if name not in known:
                names = ", ".join([*known, *(switch.name for switch in spec.switches)])
                raise ValueError(
                    f"'{spec.key}' has no parameter '{name}' to draw; it has: {names}."
                )
            _check_range(name, pair)
            for value in pair:
                spec.values({name: value})
        drawn = {name: tuple(ranges[name]) for name in known if name in ranges}
        return cls(spec, drawn, switches)

    def __call__(self, clean: Tensor, rng: np.random.Generator) -> Tensor:
        """Measure one crop `(3, H, W)`: unit normal noise is drawn first, then the parameters."""
        unit = torch.from_numpy(rng.standard_normal(clean.shape, np.float32))
        return self.batch(clean[None], unit[None], [self.drawn(rng)])[0]

    def drawn(self, rng: np.random.Generator) -> dict[str, float]:
        """One crop's values of the parameters that have a range."""
        return {name: float(rng.uniform(*pair)) for name, pair in self.ranges.items()}

    def batch(self, clean: Tensor, unit: Tensor, values: Sequence[Mapping[str, float]]) -> Tensor:
        """Measure crops `(N, 3, H, W)` with as much unit normal noise and `values` for each."""
        measured = []
        # Neighbours with the same values go together: a blur is then one for the whole batch.
        for same, places in groupby(range(len(clean)), values.__getitem__):
            first, *rest = places
            here = slice(first, first + 1 + len(rest))
            measured.append(self.spec.degrade(clean[here], unit[here], **same, **self.switches))
        return torch.cat(measured)

    @property
    def card(self) -> dict[str, Any]:
        """For a card: `{"key", "range": {parameter: [low, high]}, "switches": {switch: bool}}`.

        Without the last where the recipe says nothing of switches.
        """
        ranges = {name: list(pair) for name, pair in self.ranges.items()}
        switches = {"switches": dict(self.switches)} if self.switches else {}
        return {"key": self.spec.key, "range": ranges, **switches}


def _check_range(name: str, pair: Any) -> None:
    """Raise `ValueError` for what is no pair of numbers, the lower one first."""
    numbers = isinstance(pair, list | tuple) and len(pair) == 2
    if not numbers or not all(type(x) in (int, float) for x in pair) or pair[0] > pair[1]:
        raise ValueError(f"'{name}' is {pair}; a range is written [low, high].")
