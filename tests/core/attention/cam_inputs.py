"""What the tests of the CAM methods share: small networks, pictures and tables."""

from functools import cache

import torch

from core.attention.cam import CAM_METHODS, TARGETS, layers_of
from core.imaging.images import Region
from core.models import MODELS, build_model

SMALL = {"transformer_denoiser": 32, "vit_reconstructor": 32}  # shared by 16 and 4 heads
SEEN = [
    "hybrid_vit_unet", "unet", "conv_dae", "cnn", "residual_cnn", "residual_unet",
    "attention_unet", "unet_plus_plus", "transformer_denoiser", "vit_reconstructor",
]  # fmt: skip
"""The models that have layers for a CAM method."""
WITH_GRADIENT = [spec.key for spec in CAM_METHODS.values() if spec.needs_gradient]
REGION = Region(8, 4, 24, 16)


@cache
def hybrid():
    torch.manual_seed(0)
    return build_model("hybrid_vit_unet", width=4).eval()


@cache
def unet():
    torch.manual_seed(0)
    return build_model("unet", width=4).eval()


@cache
def small(key):
    """A small untrained network of the table `MODELS`; a hybrid has the shipped ViT."""
    torch.manual_seed(0)
    if key == "hybrid_vit_unet":
        return hybrid()
    width = {"width": SMALL.get(key, 4)} if "width" in MODELS[key].defaults else {}
    return build_model(key, **width).eval()


def picture(height=48, width=64, seed=0):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


def random_pair(channels=6, height=5, width=7):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, channels, height, width, generator=generator)


def relative(ours, theirs):
    """The largest difference over the largest value, either sign."""
    ours, theirs = torch.as_tensor(ours), torch.as_tensor(theirs)
    apart = min((ours - theirs).abs().max(), (ours + theirs).abs().max())
    return (apart / theirs.abs().max()).item()


def combinations(model):
    return [(layer, target) for layer in layers_of(model) for target in TARGETS]
