"""What each term of a loss weighs: its share of the value, and of the gradient.

A weight says little by itself: terms differ in scale, and what moves a network is the gradient.
0.8 : 0.2 by weight can be 0.3 : 0.7 by gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from ..losses.expression import Loss
from ..losses.gradients import Pull, pulls

DIGITS = 3


@dataclass(frozen=True)
class Share:
    """A term's share of the loss's value, and of the sum of its gradients' lengths; both 0 to 1.

    A gradient's length is its Euclidean norm, with respect to the output's pixels.
    """

    value: float
    gradient: float


def shares(loss: Loss, output: Tensor, target: Tensor) -> dict[str, Share]:
    """The share of each term by name, on `(N, 3, H, W)` twice."""
    return shares_of(pulls(loss, output, target))


def shares_of(found: Mapping[str, Pull]) -> dict[str, Share]:
    """The same from the pulls of a loss.

    A term without a gradient has a share of 0; all have 0 where no term has any.
    """
    lengths = {name: length(pull) for name, pull in found.items()}
    whole, pull = sum(one.value for one in found.values()) or 1.0, sum(lengths.values()) or 1.0
    return {name: Share(one.value / whole, lengths[name] / pull) for name, one in found.items()}


def length(pull: Pull) -> float:
    """The length of a term's gradient."""
    return pull.gradient.norm().item()


def balanced(loss: Loss, output: Tensor, target: Tensor, wanted: Mapping[str, float]) -> str:
    """The loss's expression with weights that give its gradients a wanted ratio here.

    `wanted` has a positive number for each term by name; only their ratios count. The gradients'
    whole length stays the first term's share as it is wanted, so that the learning rate means
    about the same: the first term keeps its weight. Raises `ValueError` for a term without a
    number, or that has no gradient here: no weight helps.
    """
    lengths = {name: length(pull) for name, pull in pulls(loss, output, target).items()}
    for name, long in lengths.items():
        if not wanted.get(name, 0) > 0:
            raise ValueError(f"The term '{name}' needs a share above 0.")
        if not long > 0:
            raise ValueError(f"The term '{name}' has no gradient here, whatever its weight.")
    first = loss.terms[0].name
    unit = lengths[first] / wanted[first]
    terms = [
        replace(term, weight=_rounded(term.weight * wanted[term.name] * unit / lengths[term.name]))
        for term in loss.terms
    ]
    return Loss(terms).expression


def _rounded(weight: float) -> float:
    return float(f"{weight:.{DIGITS}g}")
