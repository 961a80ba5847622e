"""Loss expressions: `0.8*mse + 0.2*frequency_radial(weight=2)`, parsed and never evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from ..base.call_syntax import (
    Call,
    check_length,
    number_text,
    read_call,
    read_number,
    reading,
    syntax,
)
from ..base.table import Table
from .spec import LossSpec

WRITE = (
    "Write terms like 0.8*mse + 0.2*frequency, each a number, *, and a loss with optional "
    "(name=number)."
)


@dataclass(frozen=True)
class Term:
    """One weighted loss of a sum, with the parameters that were written."""

    weight: float
    loss: LossSpec
    parameters: dict[str, float]

    @property
    def name(self) -> str:
        """The loss as written, without its weight: `frequency_radial(weight=2)`."""
        return str(Call(self.loss.key, self.parameters))

    @property
    def tex(self) -> str:
        """The weight and the loss's name, for KaTeX."""
        name = self.name.replace("_", r"\_")
        weight = "" if self.weight == 1 else rf"{number_text(self.weight)}\,"
        return rf"{weight}L_{{\text{{{name}}}}}"

    def __str__(self) -> str:
        return self.name if self.weight == 1 else f"{number_text(self.weight)}*{self.name}"


class Loss(nn.Module):
    """A weighted sum of losses: `(N, 3, H, W)` twice -> a scalar, the mean over the batch.

    The values of the first batch are looked at wherever it is, those of later ones on the CPU.
    """

    def __init__(self, terms: list[Term]) -> None:
        super().__init__()
        self.terms = terms
        self._glanced = False

    @property
    def expression(self) -> str:
        """The expression in its normal form; parsing it gives the same loss."""
        return " + ".join(str(term) for term in self.terms)

    @property
    def tex(self) -> str:
        """The sum for KaTeX, each loss by its name: their own formulas are in their specs."""
        return "+".join(term.tex for term in self.terms)

    def parts(self, output: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Each term's weighted share of the loss, by its name; their sum is the loss."""
        shares: dict[str, Tensor] = {}
        for term in self.terms:
            values = term.loss(output, target, **term.parameters)
            self._glance(term.loss, output, target)
            share = term.weight * values.mean()
            shares[term.name] = shares[term.name] + share if term.name in shares else share
        return shares

    def _glance(self, loss: LossSpec, output: Tensor, target: Tensor) -> None:
        """On the CPU a loss looks at every batch by itself."""
        if not self._glanced and target.device.type != "cpu":
            loss.glance(output, target)
            self._glanced = True

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        return sum(self.parts(output, target).values())

    def extra_repr(self) -> str:
        return self.expression


def parse(expression: str, losses: Table[LossSpec]) -> Loss:
    """Read `[number *] key[(name=number, …)]` terms joined by `+`.

    Raises `ValueError` with the reason, and the list of losses where a name is unknown.
    """
    with reading(expression, "loss", WRITE):
        summands = _summands(syntax(expression, "loss expression"))
        loss = Loss([_term(node, losses) for node in summands])
    check_length(loss.expression, "loss expression in its normal form")
    return loss


def _summands(node: ast.expr) -> Iterator[ast.expr]:
    left = [node]  # in a loop: a long sum must not meet the recursion limit
    while left:
        node = left.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left += [node.right, node.left]
        else:
            yield node


def _term(node: ast.expr, losses: Table[LossSpec]) -> Term:
    weight = 1.0
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        weight, node = read_number(node.left), node.right
    call = read_call(node)
    loss = losses[call.key]
    loss.check(call.parameters)
    return Term(weight, loss, call.parameters)
