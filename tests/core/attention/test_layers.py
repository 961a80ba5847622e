"""Layers and targets: each combination works or says why not, and what is said is true."""

import pytest
import torch
from torch import nn

from core.attention.cam import (
    CAM_METHODS,
    NETWORKS,
    TARGETS,
    NoLayers,
    attention_maps,
    finish,
    layers_of,
    look,
    vit_looks,
    why_not,
)
from core.attention.cam.layers import OUTPUT, STAGES, pad
from core.attention.cam.twin import twin
from core.imaging.images import Region, to_tensor
from core.imaging.textures import TEXTURES, make_texture
from core.models import MODELS
from tests.core.attention.cam_inputs import (
    REGION,
    SEEN,
    combinations,
    hybrid,
    picture,
    small,
    unet,
)

pytestmark = pytest.mark.usefixtures("one_thread")

FLAT_BEHIND = {"decoder.2", "nested.02"}
"""Layers with only a 1x1 convolution between them and the output."""


def test_layers_have_names_and_the_last_ones_a_warning():
    layers = {layer.key: layer for layer in layers_of(hybrid())}
    assert list(layers) == [
        *(f"vit.{i}" for i in range(8)), "vit.norm",
        "encoder.0", "encoder.1", "encoder.2", "bottleneck",
        "decoder.0", "decoder.1", "decoder.2", "head",
    ]  # fmt: skip
    assert {key for key, layer in layers.items() if layer.note} == {
        "vit.norm",
        "decoder.2",
        "head",
    }
    assert [layer.key for layer in layers_of(unet())] == [
        k for k in layers if layers[k].network == "unet"
    ]
    assert all(layer.network in NETWORKS for layer in layers.values())


def test_an_unknown_network_or_layer_is_told():
    with pytest.raises(ValueError, match="no layers of Linear"):
        layers_of(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="no layer 'vit.3'. There are: encoder.0"):
        look(unet(), picture(), "vit.3")


@pytest.mark.parametrize("key", MODELS)
def test_every_model_has_layers_or_a_sentence(key):
    if key in SEEN:
        layers = layers_of(small(key))
        assert len({layer.key for layer in layers}) == len(layers) > 2
        assert {layer.network for layer in layers} <= set(NETWORKS)
        assert all(layer.label for layer in layers)
    else:
        with pytest.raises(
            NoLayers, match="no layers to look at|flattens each small tile"
        ) as told:
            layers_of(small(key))
        assert str(told.value).endswith(".")


@pytest.mark.parametrize("key", SEEN)
def test_every_combination_is_offered_and_works_or_has_a_sentence(key):
    model, image = small(key), picture(16, 32)
    for layer, target in combinations(model):
        reason, spec = why_not("grad_cam", layer, target), TARGETS[target]
        assert why_not("fem", layer, target) is None
        if layer.network not in spec.networks:
            label = NETWORKS[layer.network].label
            with pytest.raises(ValueError, match=f"made before the {label}"):
                look(model, image, layer.key, target)
        else:
            seen = look(model, image, layer.key, target)
            assert seen.gradient.isfinite().all() and seen.gradient.shape == seen.activation.shape
            assert seen.covers == tuple(pad(model, image[None]).shape[-2:])
            spread = seen.gradient.amax((1, 2)) - seen.gradient.amin((1, 2))
            flat = spread.max() <= 1e-6 * seen.gradient.abs().max()
            assert flat or not reason, (layer.key, target)
            if spec.flat:  # a sum of all that is there; others may be flat on a picture by chance
                assert reason or "1x1" in layer.note or not flat, (layer.key, target)
        assert reason is None or reason.endswith(".")


@pytest.mark.parametrize("key", SEEN)
def test_every_offered_method_gives_a_map_of_every_layer(key):
    model, image = small(key), picture(24, 33)
    for layer in layers_of(model):
        seen = look(model, image, layer.key, "residual_region")
        maps = attention_maps(seen)
        assert list(maps) == list(CAM_METHODS)
        for method, raw in maps.items():
            finished = finish(raw, (24, 33), covers=seen.covers)
            assert raw.shape == seen.activation.shape[1:], (layer.key, method)
            assert finished.values.shape == (24, 33) and finished.values.isfinite().all()


@pytest.mark.parametrize("key", SEEN)
def test_a_layer_is_seen_behind_its_activation_and_changes_what_follows(key):
    """What a hook gives back is what the network goes on with: its output moves with it."""
    model, image = small(key), picture(16, 24)
    for layer in layers_of(model):
        network = NETWORKS[layer.network]
        activation = look(model, image, layer.key).activation
        assert (activation.min() >= 0) == layer.rectified, layer.key
        changed = twin(model)
        module = network.root(changed).get_submodule(layer.module)
        module.register_forward_hook(lambda module, inputs, output: output + 1)
        with torch.no_grad():
            assert not torch.equal(changed(image[None]), model(image[None])), layer.key


@pytest.mark.parametrize("key", SEEN)
def test_what_makes_an_end_makes_it(key):
    model, image = small(key), picture(16, 24)
    for layer in (layer for layer in layers_of(model) if layer.makes):
        seen = look(model, image, layer.key, "output_region")
        if layer.makes == OUTPUT:
            added = image if key == "vit_reconstructor" else 0
            torch.testing.assert_close(seen.activation[:, :16, :24] + added, seen.output)
        else:
            tokens = NETWORKS[layer.network].tokens(model, pad(model, image[None]))
            torch.testing.assert_close(tokens[0], seen.activation)


@pytest.mark.parametrize("method", ["grad_cam", "hi_res_cam"])
@pytest.mark.parametrize("key", [key for key in SEEN if "cnn" not in key and "dae" not in key])
def test_the_note_on_a_last_block_is_true(key, method):
    model, image = small(key), picture(16, 32)
    noted = [layer for layer in layers_of(model) if "1x1" in layer.note]
    assert {layer.key for layer in noted} <= FLAT_BEHIND
    for layer in noted:
        seen = look(model, image, layer.key, "output_region")
        made = seen.output - image if "correction" in layer.note else seen.output
        bias = getattr(model, "unet", model).head.bias.sum()
        found = attention_maps(seen, [method])[method]
        torch.testing.assert_close(found, made.sum(0) - bias, rtol=1e-4, atol=1e-4)
    assert noted or key == "transformer_denoiser"


def test_every_type_of_stages_is_a_model():
    assert set(STAGES) <= {spec.build for spec in MODELS.values()}


@pytest.mark.parametrize("key", TEXTURES)
def test_what_is_said_of_the_targets_at_the_tokens_is_true(key):
    image = to_tensor(make_texture(key, size=(112, 112), seed=1).image)
    tokens = vit_looks(hybrid(), image)["vit.norm"].activation
    assert (tokens.norm(dim=0) - 13.46).abs().max() < 0.01
    assert tokens.mean(0).abs().max() < 0.001 and tokens.std() > 0.9


def test_a_region_is_what_the_target_sees():
    whole, part = (
        look(unet(), picture(), "decoder.2", "output_region", r) for r in (None, REGION)
    )
    inside = slice(4, 20), slice(8, 32)
    assert torch.equal(part.gradient[:, *inside], whole.gradient[:, *inside])
    part.gradient[:, *inside] = 0
    assert not part.gradient.any()
    over, corner = (
        look(unet(), picture(), "decoder.2", "output_region", Region(56, 40, side, side)).gradient
        for side in (100, 8)
    )
    assert torch.equal(over, corner)
    with pytest.raises(ValueError, match="outside the picture of 64 x 48"):
        look(unet(), picture(), "decoder.2", "output_region", Region(64, 0, 4, 4))
