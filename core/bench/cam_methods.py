"""Attention maps: one pass for twelve CAM methods against the library twelve times, and memory."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from ..attention.cam import CAM_METHODS, attention_maps, finish, look
from ..models import build_model
from ..models.hybrid_vit_unet import HybridViTUNet
from ..models.vit_encoder import Encoder
from .losses import batch
from .restoration import GIGABYTE, PHOTO_SECONDS, memory, run_python
from .spec import BenchSpec, Differs
from .timing import speed_up, torch_threads

SIDE = 224
LAYER, TARGET = "vit.5", "mean_tokens"
ROUNDS = 5
TOLERANCE = 1e-3  # of maps from 0 to 1: gradients are sums in another order
DECODER = "decoder.2"

LIBRARY = {
    "eigen_cam": "EigenCAM",
    "kpca_cam": "KPCA_CAM",
    "grad_cam": "GradCAM",
    "grad_cam_plus_plus": "GradCAMPlusPlus",
    "x_grad_cam": "XGradCAM",
    "hi_res_cam": "HiResCAM",
    "layer_cam": "LayerCAM",
    "grad_cam_element_wise": "GradCAMElementWise",
    "eigen_grad_cam": "EigenGradCAM",
    "seg_eigen_cam": "SegEigenCAM",
    "fem": "FEM",
    "random_cam": "RandomCAM",
}
"""The package's classes, by the keys of `CAM_METHODS`."""


class PatchTokens(nn.Module):
    """A ViT as part 3 wraps it for the library: its patch tokens, `(N, T, C)`.

    Its weights want gradients, as a ViT's do that was loaded by `from_pretrained`.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder).requires_grad_(True)

    def forward(self, images: Tensor) -> Tensor:
        pixels = self.encoder.preprocess(images)
        hidden = self.encoder.vit(pixel_values=pixels, interpolate_pos_encoding=True)
        return hidden.last_hidden_state[:, 1:]


def as_grid(tokens: Tensor) -> Tensor:
    """Part 3, vit_reshape_transform, at any square size."""
    side = round((tokens.shape[1] - 1) ** 0.5)
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (side, side))


def one_by_one(wrapped: PatchTokens, image: Tensor) -> dict[str, Any]:
    """Every CAM method of the library alone, as its documentation calls it: key -> (H, W)."""
    import pytorch_grad_cam

    number = int(LAYER.removeprefix("vit."))
    layers = [wrapped.encoder.vit.layers[number].layernorm_before]
    maps = {}
    for key, name in LIBRARY.items():
        method = getattr(pytorch_grad_cam, name)
        with method(model=wrapped, target_layers=layers, reshape_transform=as_grid) as cam:
            maps[key] = cam(input_tensor=image[None], targets=[torch.sum])[0]
    return maps


def together(model: HybridViTUNet, image: Tensor) -> dict[str, Tensor]:
    """Every CAM method from one look: key -> (H, W)."""
    size = image.shape[-2], image.shape[-1]
    raw = attention_maps(look(model, image, LAYER, TARGET))
    return {key: finish(values, size).values for key, values in raw.items()}


def check_maps(model: HybridViTUNet, wrapped: PatchTokens, image: Tensor) -> None:
    """Raise `Differs` where a map is another one with either sign; random ones always are."""
    size = image.shape[-2], image.shape[-1]
    raw = attention_maps(look(model, image, LAYER, TARGET))
    for key, values in one_by_one(wrapped, image).items():
        theirs = torch.from_numpy(values)
        signs = (raw[key], -raw[key]) if CAM_METHODS[key].signed else (raw[key],)
        apart = min((finish(sign, size).values - theirs).abs().max().item() for sign in signs)
        if not apart <= TOLERANCE and key != "random_cam":
            raise Differs(f"The maps of {key} differ by {apart:.1e}.")


def cam_speed_up(rounds: int = ROUNDS) -> float:
    """The library's time over ours, all methods at one layer of the shipped ViT, one thread."""
    model = build_model("hybrid_vit_unet").eval()
    wrapped = PatchTokens(model.encoder)
    image = batch(1, SIDE)[1][0]
    with torch_threads(1):
        check_maps(model, wrapped, image)
        return speed_up(
            lambda: together(model, image), lambda: one_by_one(wrapped, image), rounds=rounds
        )


def eigen_memory(side: int = SIDE) -> float:
    """Peak memory over idle, in GB, of EigenCAM at the U-Net's last decoder layer.

    Idle is with the libraries and the network loaded. To be called once in a fresh process.
    """
    model = build_model("unet").eval()
    attention_maps(look(model, torch.rand(3, 32, 32), DECODER), ["eigen_cam"])
    idle = memory("VmRSS")
    raw = attention_maps(look(model, torch.rand(3, side, side), DECODER), ["eigen_cam"])
    if raw["eigen_cam"].shape != (side, side):
        raise Differs(f"The map has {tuple(raw['eigen_cam'].shape)} cells, not {side} x {side}.")
    return (memory("VmHWM") - idle) / GIGABYTE


def eigen_memory_alone() -> float:
    """`eigen_memory` in a process of its own, threads as in the app."""
    memory("VmHWM")
    code = (
        "import torch; from core.bench import cam_methods as c; torch.set_num_threads(1); "
        "print(c.eigen_memory())"
    )
    return float(run_python(code, PHOTO_SECONDS))


CAM_METHODS_TOGETHER = BenchSpec(
    "cam_methods",
    "the twelve CAM methods on one image of 224², one ViT layer, against the library one by one",
    ">=",
    10.0,
    "x",
    cam_speed_up,
)
EIGEN_MEMORY = BenchSpec(
    "eigen_memory",
    "peak memory over idle of EigenCAM on the U-Net's last decoder layer at 224²",
    "<=",
    2.0,
    "GB",
    eigen_memory_alone,
)
