"""What a loss is: a function of two batches, one value per image, with its story beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..base.words import short
from ..imaging.batches import check_shapes, glance_at_values
from ..imaging.images import at_least_float32

SIGNS = {
    r"\hat x": r"$\hat x$ is the output, $x$ the clean picture",
    "n}": "$n$ the number of their values",
    "F": "$F$ the orthonormal Fourier transform",
    r"\omega": r"$\omega$ one of its frequencies",
    r"r_\omega": r"$r_\omega$ how far that is from 0, in cycles per pixel",
}
"""What stands in a `tex` -> what that is, in Markdown."""


@dataclass(frozen=True)
class LossSpec:
    """A training objective as it stands in the table `LOSSES`.

    `short` is its name in the labels of variants, at most 14 characters; sentences have `label`.
    `formula` is its definition as text, `tex` the same for KaTeX, in the signs of `SIGNS`.
    `digest` is the SHA-256 of the file of a person's own loss, empty for those of the table.
    Calling it takes `output` and `target`, both `(N, 3, H, W)`, and the loss's own parameters by
    name, and gives `(N,)`; half precision is computed in float32. Raises `ValueError` for an
    unknown parameter and for what `core.imaging.batches` calls nonsense: shapes that differ or are
    wrong, nothing to compare, integers, values plainly not in [0, 1]. Values are looked at on the
    CPU alone, since elsewhere that is to wait for the device; see `Loss` for the first batch. What
    is not finite gives a loss that is not, of that image alone.
    """

    key: str
    label: str
    short: str
    formula: str
    tex: str
    rewards: str
    look_for: str
    reference: str
    function: Callable[..., Tensor]
    defaults: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""

    def __call__(self, output: Tensor, target: Tensor, **parameters: float) -> Tensor:
        check_shapes(self.label, output, target)
        if target.device.type == "cpu":
            self.glance(output, target)
        self.check(parameters)
        images = (at_least_float32(output), at_least_float32(target))
        return self.function(*images, **{**self.defaults, **parameters})

    def glance(self, output: Tensor, target: Tensor) -> None:
        """Raise `ValueError` for images that are plainly not in [0, 1].

        An output that training takes a gradient of may be anything: no step is lost to that.
        """
        glance_at_values(self.label, target, *([] if output.requires_grad else [output]))

    @property
    def signs(self) -> str:
        """What stands in its formula, in a sentence of Markdown."""
        said = ", ".join(said for sign, said in SIGNS.items() if sign in self.tex)
        return f"{said}." if said else ""

    def check(self, parameters: Mapping[str, float]) -> None:
        """Raise `ValueError`, listing what exists, if a parameter is not this loss's."""
        for name in parameters:
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ValueError(
                    f"The loss '{self.key}' has no parameter '{short(name)}'; it has: {known}."
                )


def whole_number(what: str, value: float) -> int:
    """A parameter that counts. Raises `ValueError` for one between two whole numbers."""
    if value != int(value):
        raise ValueError(f"{what} is {value:g}; it must be a whole number.")
    return int(value)
