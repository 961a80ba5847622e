"""Protocols: what is done to images before PSNR, SSIM and MSE are taken, as papers do it.

To add one: its spec in this table. Between protocols PSNR differs by decibels, so a number of
another protocol than `ours` says so in its label.

Y is BT.601 on 16 to 235: of colours in [0, 1], 16 + 65.481 R + 128.553 G + 24.966 B, not rounded,
as BasicSR's `bgr2ycbcr(y_only=True)` and Matlab's `rgb2ycbcr` of floats give it. (Of uint8 images
Matlab's is rounded as well.) Measured with a peak of 255.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..base.call_syntax import Call, number_text, read_call, reading, syntax
from ..base.table import Table
from ..base.words import short
from .spec import MetricSpec
from .ssim import SSIM_UNIFORM

MEASURED = ("mse", "psnr", "ssim")
"""The metrics whose images a protocol prepares; all others stay as they are."""
PARAMETERS = ("border", "y_channel", "rounded")
"""What an expression may change of a protocol."""
HIGHEST_BORDER = 256
WRITE = "Write one like basicsr_y or basicsr_y(border=2)."
Y_WEIGHTS = (65.481, 128.553, 24.966)
Y_OFFSET = 16.0


@dataclass(frozen=True)
class ProtocolSpec:
    """How images are prepared before they are measured, and with which SSIM.

    `border` pixels are cut from each side; `y_channel`: Y alone is measured instead of the three
    colours; `rounded`: the images are those of an 8-bit file. `instead` are metrics that stand in
    the place of those with their keys.
    """

    key: str
    label: str
    sentence: str
    y_channel: bool = False
    border: int = 0
    rounded: bool = False
    instead: tuple[MetricSpec, ...] = ()

    @property
    def preparation(self) -> str:
        """What is done to the images, for labels: `Y, border 4, 8-bit`; nothing is empty."""
        told = [
            "Y" if self.y_channel else "",
            f"border {self.border}" if self.border else "",
            "8-bit" if self.rounded else "",
        ]
        return ", ".join(filter(None, told))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The keys of the metrics that it measures in another way than `ours`."""
        replaced = {metric.key for metric in self.instead}
        return tuple(key for key in MEASURED if self.preparation or key in replaced)

    def prepare(self, images: Tensor) -> Tensor:
        """Images `(N, 3, H, W)` in [0, 1] -> `(N, 3 or 1, H - 2 border, W - 2 border)`."""
        height, width = images.shape[-2:]
        images = images.narrow(-2, self.border, height - 2 * self.border)
        images = images.narrow(-1, self.border, width - 2 * self.border)
        if self.rounded:
            images = (images.clamp(0, 1) * 255).round() / 255
        return y_channel(images) if self.y_channel else images

    def apply(self, metric: MetricSpec) -> MetricSpec:
        """The metric as this protocol measures it, under the same key; its label says so.

        Where the protocol does not speak of it, the metric itself.
        """
        if metric.key not in self.metrics:
            return metric
        metric = next((other for other in self.instead if other.key == metric.key), metric)
        if not self.preparation:
            return metric

        def measured(output: Tensor, target: Tensor) -> Tensor:
            return metric.function(self.prepare(output), self.prepare(target))

        return replace(
            metric,
            label=_labelled(metric.label, self.preparation),
            why=f"{metric.why} {self.sentence}",
            reference=f"{metric.reference}; images as {self.preparation}",
            function=measured,
            min_side=metric.min_side + 2 * self.border,
        )


def _labelled(label: str, preparation: str) -> str:
    """`PSNR (Y)`; what stands in brackets already comes first."""
    inside = f"{label.removesuffix(')')}, " if label.endswith(")") else f"{label} ("
    return f"{inside}{preparation})"


def y_channel(images: Tensor) -> Tensor:
    """BT.601's Y of `(N, 3, H, W)` in [0, 1], over 255: `(N, 1, H, W)` in 16/255 to 235/255."""
    weights = torch.tensor(Y_WEIGHTS, dtype=images.dtype, device=images.device)
    weighted = (images * weights.view(3, 1, 1)).sum(dim=1, keepdim=True)
    return (weighted + Y_OFFSET) / 255


OURS = ProtocolSpec(
    "ours",
    "Ours: RGB, unrounded",
    "All three colours on [0, 1], not rounded, to the border; SSIM with a Gaussian window.",
)
PROTOCOLS = Table(
    "protocol",
    OURS,
    ProtocolSpec(
        "basicsr_y",
        "BasicSR: Y, border 4, 8-bit",
        "Rounded to 8 bits, 4 pixels cut from each side, Y of BT.601 (16 to 235) alone: "
        "BasicSR's calculate_psnr and calculate_ssim with crop_border 4 and test_y_channel.",
        y_channel=True,
        border=4,
        rounded=True,
    ),
    ProtocolSpec(
        "skimage",
        "scikit-image: SSIM 7 × 7",
        "As ours, but SSIM as scikit-image's default has it: a uniform window of 7 x 7 pixels, "
        "sample covariances.",
        instead=(SSIM_UNIFORM,),
    ),
)


def parse_protocol(expression: str) -> ProtocolSpec:
    """A protocol from its key, or from a changed one: `basicsr_y(border=2)`, `ours(rounded=1)`.

    Its key is the expression in its normal form. Raises `ValueError` for an unknown protocol or
    parameter, for a value that is not allowed, and for unreadable text.
    """
    with reading(expression, "protocol", WRITE):
        call = read_call(syntax(expression, "protocol"))
    spec = PROTOCOLS[call.key]
    for name, value in call.parameters.items():
        _check(name, value)
    changes = {name: type(getattr(spec, name))(value) for name, value in call.parameters.items()}
    changed = replace(spec, **changes)
    if changed == spec:
        return spec
    written = Call(spec.key, {name: float(getattr(changed, name)) for name in PARAMETERS})
    how = changed.preparation or "RGB, unrounded"
    return replace(
        changed,
        key=str(written),
        label=f"Own: {how}",
        sentence=f"{spec.label}, with the images as {how}.",
    )


def _check(name: str, value: float) -> None:
    if name not in PARAMETERS:
        raise ValueError(
            f"A protocol has no parameter '{short(name)}'. There are: {', '.join(PARAMETERS)}."
        )
    high = HIGHEST_BORDER if name == "border" else 1
    if value != int(value) or not 0 <= value <= high:
        raise ValueError(
            f"{name} is {number_text(value)}; it can be a whole number from 0 to {high}."
        )
