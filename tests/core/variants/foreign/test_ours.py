"""State dicts of our architectures: which one and with which arguments, from shapes alone."""

import pytest
import torch
from safetensors.torch import load_file

from core.base.paths import CHECKPOINTS
from core.models import MODELS
from core.variants.foreign import open_network
from core.variants.foreign.ours import GUESSES
from tests.core.models.test_models import SMALL, TRAINED

UPSAMPLING = [{"width": 3, "upsampling": kind} for kind in ("transpose", "resize")]
OTHER = {
    "hybrid_vit_unet": [{"width": 2, "upsampling": "resize"}],
    "unet": UPSAMPLING,
    "dense_dae": [{"tile": 4, "hidden": [12]}, {"tile": 5, "hidden": [30, 20, 10]}],
    "dense_skip_dae": [{"tile": 4}, {"tile": 7}],
    "conv_dae": UPSAMPLING,
    "cnn": [{"width": 5}],
    "residual_cnn": [{"width": 5}],
    "residual_unet": UPSAMPLING,
    "attention_unet": UPSAMPLING,
    "unet_plus_plus": [{"width": 3}],
    "transformer_denoiser": [{"width": 32, "depth": 1}, {"width": 24, "depth": 3, "heads": 8}],
    "vit_reconstructor": [{"width": 8, "patch": 4, "size": 32}, {"width": 8, "patch": 16}],
}


def test_every_model_with_weights_is_recognised():
    assert set(GUESSES) == set(TRAINED) == set(OTHER)


@pytest.mark.parametrize("key", TRAINED)
def test_arguments_are_read_off_the_shapes(opened, key):
    for arguments in OTHER[key]:
        torch.manual_seed(0)
        model = MODELS[key](**arguments).eval()
        plain = opened(model.state_dict())
        names = plain.description.choices
        network = opened(model.state_dict(), choice=key) if names else plain
        found = network.description
        assert found.architecture == MODELS[key].label and found.kind == "state dict of ours"
        assert found.arguments == {**MODELS[key].defaults, **arguments}
        assert found.parameters == sum(p.numel() for p in model.parameters())
        assert not any(p.requires_grad for p in network.module.parameters())
        assert not network.module.training
        picture = torch.rand(2, 3, 21, 34)
        with torch.no_grad():
            torch.testing.assert_close(network.module(picture), model(picture))


def test_arguments_that_shapes_hide_are_said(opened, unet):
    assert any("skips = 3" in note for note in opened(unet.state_dict()).description.notes)
    heads = MODELS["transformer_denoiser"](**SMALL["transformer_denoiser"]).state_dict()
    assert any("heads = 16" in note for note in opened(heads).description.notes)
    hybrid = opened(MODELS["hybrid_vit_unet"](width=2).state_dict()).description
    assert any("vit-texture-tiny" in note for note in hybrid.notes) and hybrid.multiple == 16


@pytest.mark.parametrize("name", ["cnn-ladder", "residual-cnn-ladder"])
def test_of_two_networks_with_the_same_shapes_the_one_that_restores_comes_first(opened, name):
    shipped = CHECKPOINTS / f"{name}.safetensors"
    network, own = opened(load_file(shipped)), open_network(shipped)
    assert set(network.description.choices) == {"cnn", "residual_cnn"}
    assert network.description.architecture == own.description.architecture
    assert network.digest == own.digest
    other = opened(load_file(shipped), choice=network.description.choices[1])
    assert other.digest != own.digest, "the weights are the same, what is done with them is not"


def test_an_own_file_is_opened_by_its_card():
    found = open_network(CHECKPOINTS / "unet-mse.safetensors").description
    assert found.kind == "own file" and found.architecture == "U-Net"
    assert found.multiple == 8 and found.channels == 3 and found.tiled and not found.choices


def test_unknown_weights_name_the_nearest_of_ours_and_what_differs(refused, unet):
    tensors = unet.state_dict()
    removed = ["down.0.0.weight", "down.0.0.bias", "down.0.2.weight", "down.0.2.bias"]
    changed = {name: tensor for name, tensor in tensors.items() if name not in removed}
    changed |= {f"attention.{n}.weight": torch.rand(3) for n in range(4)}
    said = refused(changed)
    assert "nearest is U-Net," in said and f"shares {len(tensors) - 4} " in said
    assert ", ".join(removed[:3]) in said and removed[3] not in said and "and 1 more" in said
    assert "attention.0.weight, attention.1.weight, attention.2.weight and 1 more" in said


def test_a_shape_that_does_not_fit_is_named(refused, unet):
    said = refused({**unet.state_dict(), "up.1.bias": torch.rand(7)})
    assert "nearest is U-Net" in said and "up.1.bias is (7,) instead of (4,)" in said
    assert "missing" not in said and "extra" not in said


def test_weights_that_share_no_name_are_said_to_be_strange(refused):
    said = refused({"alpha.weight": torch.rand(3), "beta.weight": torch.rand(3)})
    assert "nearest" not in said and "alpha.weight, beta.weight" in said
