"""Looks: they are what the network does, and leave a shared network as it was."""

import copy
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn

from core.attention.cam import (
    CAM_METHODS,
    TARGETS,
    attention_maps,
    finish,
    layers_of,
    look,
    score_cam,
    vit_looks,
)
from core.attention.cam.twin import twin
from tests.core.attention.cam_inputs import (
    SEEN,
    WITH_GRADIENT,
    combinations,
    hybrid,
    picture,
    small,
    unet,
)

pytestmark = pytest.mark.usefixtures("one_thread")

MULTIPLES = {"hybrid_vit_unet": 16, "cnn": 1, "residual_cnn": 1, "unet_plus_plus": 4}

# Looks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SEEN)
@pytest.mark.parametrize("size", [(48, 64), (33, 50), (7, 90)])
def test_a_look_is_what_the_network_does_at_any_size(key, size):
    image, model = picture(*size), small(key)
    layers = layers_of(model)
    seen = look(model, image, layers[-2].key, "output_region")
    with torch.no_grad():
        torch.testing.assert_close(seen.output, model(image[None])[0])
    multiple = MULTIPLES.get(key, 8)
    assert seen.covers == tuple(-(-side // multiple) * multiple for side in size)
    for layer in layers:  # each cell of each layer covers a whole number of pixels
        rows, columns = look(model, image, layer.key).activation.shape[1:]
        assert seen.covers[0] % rows == 0 and seen.covers[1] % columns == 0
    finished = finish(attention_maps(seen, ["fem"])["fem"], size, covers=seen.covers)
    assert finished.values.shape == size


def test_the_gradient_is_the_targets_derivative():
    image = picture(16, 32)
    gradient = look(hybrid(), image, "vit.5", "norm_tokens").gradient
    step = 1e-4 * (gradient / gradient.norm()).double()
    vit = copy.deepcopy(hybrid().encoder.vit).double()  # a small step is lost in float32
    pixels = hybrid().encoder.preprocess(image[None]).double()

    def total(sign):
        def shift(module, inputs, output):
            output[:, 1:] += sign * step.flatten(1).T

        handle = vit.layers[5].layernorm_before.register_forward_hook(shift)
        with torch.no_grad():
            hidden = vit(pixels, interpolate_pos_encoding=True).last_hidden_state
        handle.remove()
        return hidden[0, 1:].norm(dim=1).sum().item()

    assert (total(1) - total(-1)) / 2e-4 == pytest.approx(gradient.norm().item(), rel=1e-3)


@pytest.mark.parametrize("size", [(48, 64), (33, 50)])
def test_all_layers_of_the_vit_from_one_pass_are_those_of_a_look(size):
    image = picture(*size)
    together = vit_looks(hybrid(), image)
    assert list(together) == [layer.key for layer in layers_of(hybrid()) if layer.network == "vit"]
    for key, seen in together.items():
        alone = look(hybrid(), image, key)
        assert torch.equal(seen.activation, alone.activation), key
        assert seen.covers == alone.covers and not seen.has_gradient
    with torch.no_grad():
        assert torch.equal(
            together["vit.norm"].activation, hybrid().encoder(hybrid().pad(image[None]))[0]
        )
    assert vit_looks(unet(), image) == {}


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_the_callers_mode_does_not_matter(mode):
    expected = look(hybrid(), picture(), "vit.2", "output_region").gradient
    with mode():
        before = torch.is_grad_enabled()
        assert torch.equal(look(hybrid(), picture(), "vit.2", "output_region").gradient, expected)
        assert torch.is_grad_enabled() == before


@pytest.mark.parametrize("shape", [(1, 3, 16, 16), (4, 16, 16), (3, 0, 16)])
def test_other_shapes_are_told(shape):
    with pytest.raises(ValueError, match="need one image"):
        look(unet(), torch.zeros(shape), "bottleneck")


def test_without_a_target_only_some_methods_have_enough():
    seen = look(hybrid(), picture(), "vit.2")
    assert seen.gradient is None and seen.output is None
    assert set(attention_maps(seen)) == set(CAM_METHODS) - set(WITH_GRADIENT)
    with pytest.raises(ValueError, match="GradCAM needs a gradient"):
        attention_maps(seen, ["fem", "grad_cam"])


# A shared network --------------------------------------------------------------------------------


def state(model):
    """Everything that a CAM method could leave behind in a network."""
    modules = [*model.modules(), *(model.encoder.modules() if hasattr(model, "encoder") else ())]
    return [part for module in modules for part in module_state(module)]


def module_state(module):
    inside = vars(module)
    parameters = [p for p in module._parameters.values() if p is not None]
    yield id(module), module.training, sorted(inside)
    yield [len(inside[name]) for name in inside if name.endswith("_hooks")]
    yield [id(child) for child in module._modules.values()]
    yield [(id(p), p.requires_grad, p.grad is None, p._version) for p in parameters]
    yield [p.detach().double().sum().item() for p in parameters]


def use_everything(model):
    image = picture(16, 32)
    for layer, target in combinations(model)[::3]:
        if layer.network in TARGETS[target].networks:
            attention_maps(look(model, image, layer.key, target))
    vit_looks(model, image)
    score_cam(model, image, layers_of(model)[-2].key, "residual_region")


@pytest.mark.parametrize("key", SEEN)
@pytest.mark.parametrize("training", [False, True])
def test_a_network_is_as_it_was(key, training):
    model = copy.deepcopy(small(key)).train(training)
    before = state(model)
    use_everything(model)
    assert state(model) == before


class Broken(nn.Module):
    def forward(self, *inputs, **named):
        raise RuntimeError("a layer that fails")


@pytest.mark.parametrize("part", ["unet.merge.1", "unet.down.2"])
@pytest.mark.parametrize("layer", ["vit.3", "encoder.1"])
def test_a_network_is_as_it_was_after_an_error(part, layer):
    model = copy.deepcopy(hybrid())
    parent, _, name = part.rpartition(".")
    model.get_submodule(parent)[int(name)] = Broken()
    before, grad = state(model), torch.is_grad_enabled()
    for work in (look, score_cam):
        with pytest.raises(RuntimeError, match="a layer that fails"):
            work(model, picture(16, 16), layer, "output_region")
        assert state(model) == before and torch.is_grad_enabled() == grad


def test_a_method_that_raises_changes_nothing(monkeypatch):
    model = copy.deepcopy(hybrid())
    before = state(model)
    seen = look(model, picture(16, 16), "vit.3", "norm_tokens")
    monkeypatch.setattr(np, "tensordot", Broken().forward)
    with pytest.raises(RuntimeError, match="a layer that fails"):
        attention_maps(seen, ["random_cam"])
    assert state(model) == before


def test_weights_are_shared_not_copied_and_may_change():
    model = copy.deepcopy(hybrid())
    for part in (lambda network: network, lambda network: network.encoder):
        pairs = zip(part(model).parameters(), part(twin(model)).parameters(), strict=True)
        assert all(a.data_ptr() == b.data_ptr() and not b.requires_grad for a, b in pairs)
    before = look(model, picture(16, 16), "bottleneck").activation
    with torch.no_grad():
        model.unet.bottleneck[2].bias.add_(1.0)
    assert (look(model, picture(16, 16), "bottleneck").activation - before).min() > 0


def test_fifty_maps_from_two_threads_are_all_right():
    images = [picture(32, 32, seed) for seed in (1, 2)]
    places = [("vit.3", "mean_tokens"), ("bottleneck", "output_region")]

    def maps(image, place):
        return attention_maps(look(hybrid(), image, *place), ["eigen_cam", "grad_cam"])

    def check(number):
        return [
            all(torch.equal(value, expected[number, place][key]) for key, value in made.items())
            for place in places * 13
            for made in [maps(images[number], place)]
        ]

    expected = {(n, place): maps(images[n], place) for n in (0, 1) for place in places}
    assert not torch.equal(
        expected[0, places[0]]["eigen_cam"], expected[1, places[0]]["eigen_cam"]
    )
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as pool:
            right = [*pool.map(check, (0, 1))]
    finally:
        sys.setswitchinterval(switching)
    assert sum(map(len, right)) == 52 and all(map(all, right))
