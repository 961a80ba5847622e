"""Flat field: uniform greys through a network; any grid in the output is its own drawing.

After Odena, Dumoulin and Olah 2016, "Deconvolution and checkerboard artifacts", Distill, and
Sugawara, Shiota and Kiya 2018, "Super-resolution using convolutional neural networks without any
checkerboard artifacts", ICIP: with a constant input, whatever repeats in the output is made by
the upsampling layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..imaging.spectrum import luma
from ..metrics import grid_level
from ..metrics.checkerboard import LEVELS, high_pass

PERIODS = (2, 4, 8, 16)
GREYS = (0.2, 0.35, 0.5, 0.65, 0.8)
SIDE = 224
MARGIN = 64
"""Pixels, the U-Net's reach: up to there zero padding at the border shows, and alone reads up to
0.04 levels behind a decoder that draws no grid at all."""


@dataclass(frozen=True)
class FlatField:
    """What a network makes of flat greys.

    `greys` `(G,)` in [0, 1]; `inputs` and `outputs` `(G, 3, S, S)`, the outputs not clipped;
    `levels`: period -> grid level of each inner output `(G,)`, in 8-bit levels.
    """

    greys: Tensor
    inputs: Tensor
    outputs: Tensor
    levels: dict[int, Tensor]

    @property
    def pattern(self) -> Tensor:
        """What the network draws: inner luma without shading, `(G, s, s)`, 8-bit levels."""
        return LEVELS * high_pass(luma(inner_part(self.outputs)))


def inner_part(images: Tensor) -> Tensor:
    """What lies 64 pixels and more from the border of `(N, 3, S, S)`."""
    return images[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


def flat_field(model: nn.Module, greys: Sequence[float] = GREYS, side: int = SIDE) -> FlatField:
    """Send flat greys of `side` x `side` pixels through `model` and measure the grids it draws.

    `model` takes `(N, 3, S, S)` and is put in evaluation mode. Grid levels are of the part 64
    pixels and more from the border. Raises `ValueError` for a side that leaves less than two
    periods of 16 of it.
    """
    if side < 2 * MARGIN + 2 * max(PERIODS):
        raise ValueError(
            f"A flat field needs sides of at least {2 * MARGIN + 2 * max(PERIODS)} pixels, "
            f"but got {side}."
        )
    values = torch.tensor(greys, dtype=torch.float32)
    inputs = values.view(-1, 1, 1, 1).expand(-1, 3, side, side).contiguous()
    with torch.inference_mode():
        outputs = model.eval()(inputs)
        levels = {period: grid_level(inner_part(outputs), period) for period in PERIODS}
    return FlatField(values, inputs, outputs, levels)
