"""A network's twin: the same weights in memory, but modules of its own to put hooks on."""

from __future__ import annotations

import copy
from itertools import chain

from torch import nn

from ...models.hybrid_vit_unet import HybridViTUNet


def twin(model: nn.Module) -> nn.Module:
    """A frozen copy that shares every weight with `model`, which stays as it is whatever happens.

    So the CAM methods need neither a lock nor anything to be undone: a hook on a twin is seen by
    nobody else, though variants share one ViT and other threads restore with the same network.
    It takes milliseconds and no memory worth counting.
    """
    parts = [model, model.encoder] if isinstance(model, HybridViTUNet) else [model]
    parameters = chain.from_iterable(part.parameters() for part in parts)
    memo = {id(p): nn.Parameter(p.detach(), requires_grad=False) for p in parameters}
    memo |= {id(b): b for part in parts for b in part.buffers()}
    return copy.deepcopy(model, memo).eval()
