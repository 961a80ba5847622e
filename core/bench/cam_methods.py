"""Attention maps: one pass for twelve CAM methods against the library twelve times, and memory."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from ..attention.maps import raw_maps
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
    """A ViT wrapped for the package as in "Denoising autoencoders, Part 3": `(N, T, C)` tokens.

    Its weights require gradients, as those of a ViT loaded by `from_pretrained` do.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder).requires_grad_(True)

    def forward(self, images: Tensor) -> Tensor:
        pixels = self.encoder.preprocess(images)
        hidden = self.encoder.vit(pixel_values=pixels, interpolate_pos_encoding=True)
        return hidden.last_hidden_state[:, 1:]


def as_grid(tokens: Tensor) -> Tensor:
    """Return the article's `vit_reshape_transform`, at any square size."""
    side = round((tokens.shape[1] - 1) ** 0.5)
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (side, side))


def one_by_one(wrapped: PatchTokens, image: Tensor) -> dict[str, Any]:
    """Run every CAM method of the package alone, as its documentation does: key -> (H, W)."""
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
    """Run every CAM method on one pass: key -> (H, W)."""
    size = image.shape[-2], image.shape[-1]
    raw = raw_maps(model, image, LAYER, TARGET)
    return {key: one.finished(size).values for key, one in raw.items()}


def check_maps(model: HybridViTUNet, wrapped: PatchTokens, image: Tensor) -> None:
    """Raise `Differs` where a map differs with either sign; random ones are not compared."""
    size = image.shape[-2], image.shape[-1]
    raw = raw_maps(model, image, LAYER, TARGET)
    for key, values in one_by_one(wrapped, image).items():
        theirs = torch.from_numpy(values)
        signs = (raw[key], raw[key].sign_flipped()) if raw[key].signed else (raw[key],)
        apart = min((sign.finished(size).values - theirs).abs().max().item() for sign in signs)
        if not apart <= TOLERANCE and key != "random_cam":
            raise Differs(f"The maps of {key} differ by {apart:.1e}.")


def cam_speed_up(rounds: int = ROUNDS) -> float:
    """Return the package's time over ours, all methods at one layer of the shipped ViT.

    On one thread.
    """
    model = build_model("hybrid_vit_unet").eval()
    wrapped = PatchTokens(model.encoder)
    image = batch(1, SIDE)[1][0]
    with torch_threads(1):
        check_maps(model, wrapped, image)
        return speed_up(
            lambda: together(model, image), lambda: one_by_one(wrapped, image), rounds=rounds
        )


def eigen_memory(side: int = SIDE) -> float:
    """Return the peak memory over idle, in GB, of EigenCAM at the U-Net's last decoder layer.

    Idle is with the libraries and the network loaded. To be called once in a fresh process.
    """
    model = build_model("unet").eval()
    raw_maps(model, torch.rand(3, 32, 32), DECODER, methods=["eigen_cam"])
    idle = memory("VmRSS")
    raw = raw_maps(model, torch.rand(3, side, side), DECODER, methods=["eigen_cam"])
    cells = raw["eigen_cam"].cells
    if cells.shape != (side, side):
        raise Differs(f"The map has {tuple(cells.shape)} cells, not {side} x {side}.")
    return (memory("VmHWM") - idle) / GIGABYTE


def eigen_memory_alone() -> float:
    """Run `eigen_memory` in a process of its own, threads as in the app."""
    memory("VmHWM")
    code = (
        "import torch; from core.bench import cam_methods as c; torch.set_num_threads(1); "
        "print(c.eigen_memory())"
    )
    return float(run_python(code, PHOTO_SECONDS))


CAM_METHODS_TOGETHER = BenchSpec(
    "cam_methods",
    "the twelve CAM methods on one image of 224², one ViT layer, against grad-cam one by one",
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
