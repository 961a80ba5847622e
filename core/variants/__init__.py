"""Variants: a model, a loss and weights; or a classical method, which has no weights.

`list_variants()` gives the cards (`card.name`), `load_variant(name)` the network in eval mode;
`restore(noisy, names)` gives `{name: output}`, `restore_iter` each output as it is ready.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base.lazy import lazily

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

__getattr__ = lazily(__name__, HOMES)
