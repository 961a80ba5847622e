"""A copy of a network that shares its weights, for hooks."""

from __future__ import annotations

import copy
from itertools import chain

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
    parameters = chain.from_iterable(part.parameters() for part in parts)
    memo = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in parameters}
    memo |= {id(b): b for part in parts for b in part.buffers()}
    # A module has a dozen dictionaries of hooks, nearly all empty; to copy those takes most time.
    tables = (v for part in parts for one in part.modules() for v in vars(one).values())
    memo |= {id(table): type(table)() for table in tables if isinstance(table, dict) and not table}
    copied = copy.deepcopy(model, memo).eval()
    PADDINGS[padding].apply(copied)
    return copied
