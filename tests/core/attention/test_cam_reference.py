"""Looks, maps and Score-CAM are those of the library grad-cam."""

import copy
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn

from core.attention.cam import (
    CAM_METHODS,
    NETWORKS,
    TARGETS,
    layer_of,
    look,
    packaged_eigen_cam,
    score_cam,
)
from core.attention.cam.layers import TOKENS
from core.bench.cam_methods import LIBRARY
from tests.core.attention.cam_inputs import REGION, hybrid, picture, relative

pytestmark = pytest.mark.usefixtures("one_thread")


SIZE = 32, 48


class Whole(nn.Module):
    """The hybrid with a ViT that can be trained, as the library needs it."""

    def __init__(self, tokens_only):
        super().__init__()
        self.model = copy.deepcopy(hybrid())
        self.encoder = self.model.encoder.requires_grad_(True)
        self.tokens_only = tokens_only

    def forward(self, images):
        hidden = self.encoder.vit(
            pixel_values=self.encoder.preprocess(images), interpolate_pos_encoding=True
        ).last_hidden_state
        grid = images.shape[-2] // 16, images.shape[-1] // 16
        tokens = hidden[:, 1:].transpose(1, 2).unflatten(2, grid)
        return tokens if self.tokens_only else self.model(images, tokens)


def library_target(target, image):
    inside = slice(REGION.y, REGION.y + REGION.height), slice(REGION.x, REGION.x + REGION.width)
    return {
        "mean_tokens": lambda tokens: tokens.sum(),
        "norm_tokens": lambda tokens: tokens.norm(dim=0).sum(),
        "output_region": lambda output: output[:, *inside].sum(),
        "residual_region": lambda output: (output - image).abs()[:, *inside].sum(),
    }[target]


def patches(tokens):
    return tokens[:, 1:].transpose(1, 2).unflatten(2, (2, 3))


def in_double(key, inputs):
    """KPCA-CAM's inputs in float64: in float32 its kernel of small activations is rounding."""
    if key != "kpca_cam":
        return inputs
    return [
        value.astype(np.float64) if isinstance(value, np.ndarray) else value for value in inputs
    ]


def library_maps(keys, image, layer, target):
    """Raw maps of the library, before ReLU and scaling, and what it made them from."""
    import pytorch_grad_cam

    whole = Whole(TARGETS[target].at == TOKENS)
    place = layer_of(whole.model, layer)
    module = NETWORKS[place.network].root(whole.model).get_submodule(place.module)
    maps, seen = {}, []
    for key in keys:
        base = getattr(pytorch_grad_cam, LIBRARY[key])

        class Spy(base):
            def get_cam_image(self, *inputs):
                maps[key] = super().get_cam_image(*in_double(key, inputs))[0]  # noqa: B023
                return maps[key][None]  # noqa: B023

        reshape = patches if place.network == "vit" else None
        with Spy(whole, [module], reshape_transform=reshape) as cam:
            cam(input_tensor=image[None], targets=[library_target(target, image)])
            kept = cam.activations_and_grads
            if kept.gradients:
                seen = kept.activations[0][0].clone(), kept.gradients[0][0].clone()
    return maps, *seen


@contextmanager
def seeded(monkeypatch):
    """The library's random weights from a generator of ours."""
    with monkeypatch.context() as patch:
        uniform = np.random.default_rng(0).uniform
        patch.setattr(np.random, "uniform", uniform)
        yield


PLACES = [
    ("vit.2", "mean_tokens"),
    ("vit.7", "norm_tokens"),
    ("vit.norm", "norm_tokens"),
    ("vit.5", "output_region"),
    ("encoder.1", "residual_region"),
    ("bottleneck", "output_region"),
    ("decoder.1", "residual_region"),
]


@pytest.mark.parametrize(("layer", "target"), PLACES)
def test_each_look_and_map_is_the_librarys_up_to_sign(layer, target, monkeypatch):
    image = picture(*SIZE)
    with seeded(monkeypatch):
        theirs, activation, gradient = library_maps(CAM_METHODS, image, layer, target)
    seen = look(hybrid(), image, layer, target, REGION)
    torch.testing.assert_close(seen.activation, activation, rtol=0, atol=1e-5)
    assert relative(seen.gradient, gradient) < 1e-5
    for key, method in zip(CAM_METHODS, CAM_METHODS.values(), strict=True):
        # Of the library's gradient: rounding in another order grows where a mean is nearly 0.
        assert relative(method(activation, gradient), theirs[key]) < 1e-5, key
        assert relative(method(seen.activation, seen.gradient), theirs[key]) < 1e-4, key


@pytest.mark.parametrize("layer", ["vit.0", "vit.4", "vit.7", "bottleneck", "decoder.1"])
@pytest.mark.parametrize("seed", range(3))
def test_the_packaged_sign_is_the_librarys(layer, seed):
    from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection

    seen = look(hybrid(), picture(seed=seed), layer)
    theirs = torch.from_numpy(get_2d_projection(seen.activation.numpy()[None])[0])
    ours = packaged_eigen_cam(seen)
    assert (ours - theirs).abs().max() < 1e-5 * theirs.abs().max()


def test_score_cam_is_the_librarys_with_standard_scores_as_target():
    import pytorch_grad_cam

    image, whole, found = picture(*SIZE), Whole(tokens_only=True), {}

    class Spy(pytorch_grad_cam.ScoreCAM):
        def get_cam_image(self, *inputs):
            found["raw"] = super().get_cam_image(*inputs)[0]
            return found["raw"][None]

    def library(target):
        module = whole.encoder.vit.layers[3].layernorm_before
        with Spy(whole, [module], reshape_transform=patches) as cam:
            cam(input_tensor=image[None], targets=[target])

    lengths = []

    def length(tokens):
        lengths.append(tokens.norm(dim=0).sum())
        return lengths[-1]

    library(length)
    assert len(lengths) == 192
    mean, deviation = np.mean(lengths), np.std(lengths)
    library(lambda tokens: (length(tokens) - mean) / deviation)
    ours = score_cam(hybrid(), image, "vit.3", "norm_tokens")
    assert relative(ours, found["raw"]) < 1e-3  # sums of 6 lengths in float32
