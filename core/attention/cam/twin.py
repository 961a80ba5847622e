"""A copy of a network that shares its weights, for hooks."""

from __future__ import annotations

import copy
from itertools import chain
from typing import Any

from torch import nn

from ...models.hybrid_vit_unet import HybridViTUNet
from .padding import AS_TRAINED, PADDINGS


def twin(model: nn.Module, padding: str = AS_TRAINED) -> nn.Module:
    """Return a frozen copy that shares every weight with `model`, which is not changed.

    `padding` is a key of `PADDINGS`, what the copy's convolutions see beyond the border. Raises
    `ValueError` for an unknown one.

    Hooks on a twin are seen by nobody else, although variants share one ViT and other threads
    restore with the same network: CAM methods need neither a lock nor a clean-up. A twin takes
    milliseconds and hardly any memory.
    """
    parts = [model, model.encoder] if isinstance(model, HybridViTUNet) else [model]
    modules = {id(one): one for part in parts for one in part.modules()}.values()
    parameters = chain.from_iterable(part.parameters() for part in parts)
    memo = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in parameters}
    memo |= {id(b): b for part in parts for b in part.buffers()}
    memo |= {id(one): type(one).__new__(type(one)) for one in modules}
    for one in modules:
        vars(memo[id(one)]).update({key: _copied(v, memo) for key, v in vars(one).items()})
    copied = memo[id(model)].eval()
    PADDINGS[padding].apply(copied)
    return copied


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    """As `copy.deepcopy`. A module is mostly empty tables of hooks, which would take most time."""
    if isinstance(value, dict | set) and not value:
        return type(value)()
    return copy.deepcopy(value, memo)
