"""Multiply-adds of a network, counted and not computed; no machine changes them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

BATCHED = (torch.ops.aten.bmm, torch.ops.aten.baddbmm)  # nothing but attention uses them


def multiply_adds(model: Callable[[Tensor], Tensor], *shape: int) -> tuple[int, int]:
    """Multiply-adds of a network on an input of this shape, and how many of them attention's are.

    Nothing is computed, only counted: the products of convolutions, linear layers and attention.
    Activations, norms, resizing and the adding of biases are left out, as is usual. Attention's
    are queries times keys and weights times values; its projections are linear layers.
    """
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    # On a CPU the counter passes over attention that is fused into one step, so it is split into
    # its two batched matrix products. With gradients off, `nn.MultiheadAttention` would fuse its
    # projections too.
    with (
        torch.enable_grad(),
        FakeTensorMode(allow_non_fake_inputs=True),
        sdpa_kernel(SDPBackend.MATH),
        counter,
    ):
        model(torch.empty(shape))
    counts = counter.get_flop_counts().get("Global", {})  # nothing counted: no entry
    batched = sum(counts.get(product, 0) for product in BATCHED)
    return counter.get_total_flops() // 2, batched // 2
