"""Variants: a model, a loss and weights; or a classical method, which has no weights.

`list_variants()` gives the cards (`card.name`), `load_variant(name)` the network in eval mode;
`restore(noisy, names)` gives `{name: output}`, `restore_iter` each output as it is ready.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .restore import restore, restore_iter
    from .store import list_variants, load_variant

__all__ = ["list_variants", "load_variant", "restore", "restore_iter"]

# Imported when asked for: pages are painted before PyTorch is there, and labels need none.
HOMES = {
    "list_variants": "store",
    "load_variant": "store",
    "restore": "restore",
    "restore_iter": "restore",
}


def __getattr__(name: str) -> Any:
    """Give what a script imports from here. Raises `AttributeError` for anything else."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{HOMES[name]}", __name__), name)
