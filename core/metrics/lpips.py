"""LPIPS: the distance of two images in the features of a network that was trained to classify.

Reference: Zhang, Isola, Efros, Shechtman and Wang 2018, "The unreasonable effectiveness of deep
features as a perceptual metric", CVPR.
"""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from .spec import MetricSpec

if TYPE_CHECKING:
    from lpips import LPIPS as Network

TRUNK = "alexnet-owt-7be5be79.pth"
"""torchvision's AlexNet; the package brings the weights of its distances, but not this."""
LOADING = Lock()


def trunk_file() -> Path:
    """Where the trunk's weights must lie: in PyTorch's hub cache, as torchvision leaves them."""
    return Path(torch.hub.get_dir()) / "checkpoints" / TRUNK


def absent() -> str | None:
    """Why LPIPS cannot be measured here, or None; nothing is ever downloaded."""
    if trunk_file().is_file():
        return None
    return f"weights absent: LPIPS needs torchvision's AlexNet ({TRUNK}) in PyTorch's hub cache."


def lpips(output: Tensor, target: Tensor) -> Tensor:
    """LPIPS 0.1 with AlexNet, `(N, 3, H, W)` in [0, 1] twice -> `(N,)`, 0 or more.

    Raises `ValueError` if the trunk's file is not torchvision's AlexNet.
    """
    with LOADING:
        network = _network(trunk_file(), output.device)
    return network(output.float(), target.float(), normalize=True).flatten().to(output)


class _NothingDrawn(TorchFunctionMode):
    """Weights begin as whatever lies in memory: AlexNet has 61 million, which take half a second
    and somebody's random numbers."""

    def __torch_function__(
        self, function: Any, types: Any, given: tuple = (), named: dict | None = None
    ) -> Any:
        named = named or {}
        if getattr(function, "__module__", None) == "torch.nn.init":
            return named["tensor"] if "tensor" in named else given[0]
        return function(*given, **named)


@cache
def _network(trunk: Path, device: torch.device) -> Network:
    from lpips import LPIPS

    # A trunk of its own, because the package downloads any other; no weight is left as it began.
    with _NothingDrawn(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it calls torchvision as older versions wanted
        network = LPIPS(net="alex", version="0.1", pnet_rand=True, verbose=False)
    try:
        weights = torch.load(trunk, map_location="cpu", weights_only=True)
        layers = {name: f"features.{name.split('.', 1)[1]}" for name in network.net.state_dict()}
        network.net.load_state_dict({name: weights[layer] for name, layer in layers.items()})
    except (UnpicklingError, RuntimeError, KeyError, TypeError, EOFError, OSError):
        raise ValueError(f"LPIPS cannot use {TRUNK}: it is not torchvision's AlexNet.") from None
    return network.requires_grad_(False).to(device)


LPIPS = MetricSpec(
    key="lpips",
    label="LPIPS",
    unit="",
    low=0.0,
    high=float("inf"),
    direction="lower",
    needs_reference=True,
    decimals=4,
    why=(
        "Distance in the features of AlexNet, weighted to agree with people's judgements: it "
        "minds lost texture and not its exact place. What the network learnt is natural photos "
        "of ImageNet; elsewhere its judgement is less sure."
    ),
    reference="Zhang, Isola, Efros, Shechtman and Wang 2018; lpips 0.1.4, AlexNet, version 0.1",
    function=lpips,
    min_side=31,
    absent=absent,
    slow=True,
)
