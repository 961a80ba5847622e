"""Where networks run: an accelerator where there is one, otherwise the CPU."""

from __future__ import annotations

import os
from collections.abc import Callable
from copy import deepcopy

import torch
from torch import nn

VARIABLE = "LOSSLENS_DEVICE"
"""The environment variable that decides, if it is set."""
DEVICES: dict[str, Callable[[], bool]] = {
    "cuda": lambda: torch.cuda.is_available(),
    "mps": lambda: torch.backends.mps.is_available(),
    "cpu": lambda: True,
}
"""Kind -> whether this machine has one; the first that is there is taken."""
CPU = torch.device("cpu")
LABELS = {"cuda": "GPU", "mps": "Apple GPU", "cpu": "CPU"}


def device() -> torch.device:
    """What networks run on: what `LOSSLENS_DEVICE` says, else CUDA, else MPS, else the CPU.

    Raises `ValueError` for a value that is no kind of device, and for one that is not here.
    """
    asked = os.environ.get(VARIABLE, "").strip().lower()
    if not asked:
        return torch.device(next(kind for kind, is_here in DEVICES.items() if is_here()))
    if asked not in DEVICES:
        raise ValueError(f"{VARIABLE} is '{asked}'; it can be {', '.join(sorted(DEVICES))}.")
    if not DEVICES[asked]():
        raise ValueError(f"{VARIABLE} is '{asked}', but PyTorch finds no such device here.")
    return torch.device(asked)


def device_label(place: torch.device) -> str:
    """What a device is called: `CPU`, or the GPU's own name."""
    label = LABELS.get(place.type, place.type)
    return f"{label}, {torch.cuda.get_device_name(place)}" if place.type == "cuda" else label


def device_of(model: nn.Module) -> torch.device:
    """Where a network's weights are; one without weights runs on the CPU."""
    tensors = (tensor for found in (model.parameters(), model.buffers()) for tensor in found)
    return next((tensor.device for tensor in tensors), CPU)


def copy_on(model: nn.Module, place: torch.device, encoder: nn.Module | None = None) -> nn.Module:
    """A frozen copy of a network on a device; the network stays where it is, for those who run it.

    `encoder` is the shared ViT there, if the network has one and somebody has it there already;
    otherwise that is copied too.
    """
    # Copied straight to the device: the network's own may have no room for a second one.
    copies = {id(p): nn.Parameter(p.detach().to(place, copy=True)) for p in model.parameters()}
    copies |= {id(b): b.detach().to(place, copy=True) for b in model.buffers()}
    if encoder is not None:
        copies[id(model.encoder)] = encoder
    return deepcopy(model, copies).to(place).requires_grad_(False)


def keep_float32_exact() -> None:
    """Let no device round float32 to TF32: a number must not depend on where it was made."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an accelerator had too little memory; MPS raises a plain `RuntimeError`."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "MPS backend out of memory" in str(error)


def free_memory(place: torch.device) -> None:
    """Give an accelerator's unused memory back."""
    if place.type in {"cuda", "mps"}:
        getattr(torch, place.type).empty_cache()
