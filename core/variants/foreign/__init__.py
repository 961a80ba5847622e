"""Networks that somebody brings: opened from their weights, never by running what is in a file.

`open_network(path)` knows our own variant files, plain state dicts of our architectures, and
every published restoration network that the package `spandrel` knows; `check_run(network)` tries
one out.

Programs of `torch.export` (`.pt2`) are not offered. What was found in PyTorch 2.12: its loader
reads weights and constants that are marked as pickled with `torch.load(weights_only=False)`
(`torch.export.pt2_archive._package`), falls back to the same for example inputs that the safe
reader refuses (`torch._export.serde.serialize.deserialize_torch_artifact`), hands the text of
symbolic sizes to `sympy.sympify`, which evaluates it as Python, and looks operators up by
attribute from names in the file. So opening such a file can run code from it, and PyTorch's own
documentation says not to with files of others. TorchScript files are programs too, and refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...base.lazy import lazily

if TYPE_CHECKING:
    from .check import Findings, check_run
    from .network import Description, Network, open_network

__all__ = [
    "NETWORK_SUFFIXES", "Description", "Findings", "Network", "check_run", "open_network",
]  # fmt: skip

NETWORK_SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt")
"""How files that can be opened end."""

# Imported when asked for: a page lists the suffixes before PyTorch is there.
HOMES = {
    "Description": "network",
    "Findings": "check",
    "Network": "network",
    "check_run": "check",
    "open_network": "network",
}

__getattr__ = lazily(__name__, HOMES)
