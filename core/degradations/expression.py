"""Degradations as text: `motion_blur_noise(length=9, angle=20)`, parsed and never evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..base.call_syntax import Call, check_length, read_call, reading, syntax
from ..base.table import Table
from .spec import DegradationSpec

WRITE = "Write one like gaussian_noise(sigma=0.15, clip=0) or motion_blur(length=9, angle=20)."


@dataclass(frozen=True)
class Degradation:
    """A degradation with a value for each of its parameters and switches.

    Calling it gives the measurements of images `(N, 3, H, W)` in [0, 1]; `str()` is its normal
    form, what is `written` in the order of the table, and parsing that gives the same degradation.
    """

    spec: DegradationSpec
    parameters: dict[str, float]

    def __call__(self, images: Tensor) -> Tensor:
        return self.spec(images, **self.parameters)

    def operator(self, images: Tensor) -> Tensor:
        """The degradation of `(N, 3, H, W)` without its noise. `ValueError` if it is unknown."""
        if self.spec.operator is None:
            raise ValueError(f"'{self.spec.key}' says nothing of how the picture was degraded.")
        return self.spec.operator(images, **self.parameters)

    @property
    def noise_words(self) -> str:
        """What its switches make of its noise: "clipped colour noise"; empty without any."""
        return self.spec.noise_words(self.parameters)

    @property
    def written(self) -> dict[str, float]:
        """What its normal form names: every number, and as 0 or 1 each switch off its default.

        So what was measured before there was a switch keeps its name.
        """
        usual = {switch.name: switch.default for switch in self.spec.switches}
        return {
            name: int(value) if name in usual else value
            for name, value in self.parameters.items()
            if name not in usual or value != usual[name]
        }

    def __str__(self) -> str:
        return str(Call(self.spec.key, self.written))


def parse(expression: str, degradations: Table[DegradationSpec]) -> Degradation:
    """Read `key` or `key(name=number, …)`.

    Raises `ValueError` with the reason, and the list of degradations where the key is unknown.
    """
    with reading(expression, "degradation", WRITE):
        call = read_call(syntax(expression, "degradation"))
    spec = degradations[call.key]
    found = Degradation(spec, spec.values(call.parameters))
    check_length(str(found), "degradation in full")
    return found
