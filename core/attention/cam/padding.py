"""What convolutions see beyond the picture's border while a map is made.

Networks here were trained with zeros there, an edge that no picture has, and maps light up along
it. Mirrored, the border is like the rest, but the network is no longer quite the one that was
trained: a check on a map, not a better one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from ...base.table import Table


@dataclass(frozen=True)
class PaddingSpec:
    """An entry of the table `PADDINGS`; `apply` changes a copy of a network in place."""

    key: str
    label: str
    sentence: str
    apply: Callable[[nn.Module], None]


def _leave(network: nn.Module) -> None:
    """Change nothing."""


def _reflect(network: nn.Module) -> None:
    """Let convolutions that pad with zeros see the picture mirrored instead."""
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and part.padding_mode == "zeros" and any(_sides(part)):
            part.register_forward_pre_hook(_mirror(_sides(part)))
            part.padding = (0, 0)


def _sides(part: nn.Conv2d) -> tuple[int, ...]:
    """What a convolution pads: left, right, top and bottom."""
    return tuple(part._reversed_padding_repeated_twice)  # what it gives `F.pad` in other modes


def _mirror(sides: tuple[int, ...]) -> Callable[[nn.Module, tuple[Tensor, ...]], Tensor]:
    """A hook that reflects what a convolution is given; it repeats what is too short for that."""

    def hook(part: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        height, width = inputs[0].shape[-2:]
        enough = max(sides[:2]) < width and max(sides[2:]) < height
        return F.pad(inputs[0], sides, mode="reflect" if enough else "replicate")

    return hook


AS_TRAINED, REFLECT = "zeros", "reflect"
PADDINGS: Table[PaddingSpec] = Table(
    "padding",
    PaddingSpec(
        AS_TRAINED,
        "As trained",
        "Zeros beyond the border, as the network was trained with: an edge that is not in the "
        "picture, and often the hottest part of a map.",
        _leave,
    ),
    PaddingSpec(
        REFLECT,
        "Reflected",
        "The picture mirrored beyond the border: what lights up there with zeros only is no "
        "content. The network was not trained so; restorations stay as they are. A transformer "
        "pads nothing: there only a target at the output can change a map.",
        _reflect,
    ),
)
