"""Loss expressions: `0.8*mse + 0.2*frequency_radial(weight=2)`, parsed and never evaluated."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from ..table import Table
from .spec import LossSpec

MAX_LENGTH = 500


@dataclass(frozen=True)
class Term:
    """One weighted loss of a sum, with the parameters that were written."""

    weight: float
    loss: LossSpec
    parameters: dict[str, float]

    @property
    def name(self) -> str:
        """The loss as written, without its weight: `frequency_radial(weight=2)`."""
        written = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.loss.key}({written})" if written else self.loss.key

    def __str__(self) -> str:
        return self.name if self.weight == 1 else f"{self.weight:g}*{self.name}"


class Loss(nn.Module):
    """A weighted sum of losses: `(N, 3, H, W)` twice -> a scalar, the mean over the batch."""

    def __init__(self, terms: list[Term]) -> None:
        super().__init__()
        self.terms = terms

    @property
    def expression(self) -> str:
        """The expression in its normal form; parsing it gives the same loss."""
        return " + ".join(str(term) for term in self.terms)

    def parts(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Each term's weighted share of the loss, by its name; their sum is the loss."""
        shares: dict[str, Tensor] = {}
        for term in self.terms:
            share = term.weight * term.loss(output, target, **term.parameters).mean()
            shares[term.name] = shares[term.name] + share if term.name in shares else share
        return shares

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        return sum(self.parts(output, target).values())

    def extra_repr(self) -> str:
        return self.expression


def parse(expression: str, losses: Table[LossSpec]) -> Loss:
    """Read `[number *] key[(name=number, …)]` terms joined by `+`.

    Raises `ValueError` with the reason, and the list of losses where a name is unknown.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError(
            f"The loss expression has {len(expression)} characters; {MAX_LENGTH} are allowed."
        )
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _unreadable(expression) from None
    return Loss([_term(node, expression, losses) for node in _summands(tree)])


def _unreadable(expression: str) -> ValueError:
    return ValueError(
        f"Cannot read the loss '{expression}'. Write terms like 0.8*mse + 0.2*frequency, "
        "each a number, *, and a loss with optional (name=number)."
    )


def _summands(node: ast.expr) -> Iterator[ast.expr]:
    # Down the left side in a loop: a long sum must not meet the recursion limit.
    right_to_left = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        right_to_left.append(node.right)
        node = node.left
    yield node
    yield from reversed(right_to_left)


def _term(node: ast.expr, expression: str, losses: Table[LossSpec]) -> Term:
    weight = 1.0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        weight, node = _number(node.left, expression), node.right
    parameters: dict[str, float] = {}
    if isinstance(node, ast.Call) and not node.args:
        for keyword in node.keywords:
            if keyword.arg is None:
                raise _unreadable(expression)
            parameters[keyword.arg] = _number(keyword.value, expression)
        node = node.func
    if not isinstance(node, ast.Name):
        raise _unreadable(expression)
    loss = losses[node.id]
    loss.check(parameters)
    return Term(weight, loss, parameters)


def _number(node: ast.expr, expression: str) -> float:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable(expression)
    return float(value)
