"""Networks: laws over the table, then what only some of them promise."""

import copy

import pytest
import torch

from core.models import MODELS, build_model
from core.models.unet import UPSAMPLINGS, pad_to_multiple
from core.vit import Encoder

SMALL = {"width": 4}


def small(key, **arguments):
    """A small network of this key; a hybrid gets a small random ViT."""
    torch.manual_seed(0)
    if "encoder" in MODELS[key].defaults:
        arguments["encoder"] = tiny_encoder()
    return build_model(key, **SMALL, **arguments).eval()


def tiny_encoder():
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48
    )
    return Encoder(ViTModel(config, add_pooling_layer=False), [0.5] * 3, [0.5] * 3)


def images(n, height, width):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("size", [(32, 48), (33, 47), (16, 16), (17, 5)])
def test_shape_is_kept_at_any_size(key, size):
    with torch.no_grad():
        output = small(key)(images(1, *size))
    assert output.shape == (1, 3, *size) and torch.isfinite(output).all()


@pytest.mark.parametrize("key", MODELS)
def test_every_weight_gets_a_gradient(key):
    model = small(key).train()
    model(images(2, 48, 48)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("key", MODELS)
def test_saved_and_loaded_it_is_the_same(key):
    model = small(key)
    other = small(key)
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter)
    other.load_state_dict(copy.deepcopy(model.state_dict()))
    x = images(1, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(x), other(x))


@pytest.mark.parametrize("key", MODELS)
def test_alone_as_in_a_batch(key):
    model, batch = small(key), images(3, 32, 40)
    with torch.no_grad():
        together = model(batch)
        alone = torch.cat([model(image[None]) for image in batch])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("key", MODELS)
def test_an_unknown_argument_lists_what_exists(key):
    with pytest.raises(ValueError, match="no argument 'depth'; it has: width"):
        build_model(key, depth=3)


def test_an_unknown_model_lists_what_exists():
    with pytest.raises(ValueError, match="no model 'gan'.*hybrid_vit_unet, unet"):
        build_model("gan")


@pytest.mark.parametrize("key", [key for key in MODELS if MODELS[key].halo is not None])
def test_no_pixel_beyond_the_halo_matters(key):
    model = small(key).double()
    x = images(1, 256, 256).double().requires_grad_(True)
    reach = 0
    for place in range(120, 136):
        (gradient,) = torch.autograd.grad(model(x)[0, :, place, place].sum(), x)
        touched = gradient.abs().sum(dim=(0, 1)).nonzero()
        reach = max(reach, place - int(touched.min()), int(touched.max()) - place)
    assert 0 < reach <= MODELS[key].halo


def test_unet_has_the_sources_shape():
    # Part 3: levels of 64, 128, 256 channels, bottleneck 512, transposed 2x2, linear 1x1 output.
    unet = build_model("unet", width=64)
    assert [block[0].out_channels for block in unet.down] == [64, 128, 256]
    assert unet.bottleneck[0].out_channels == 512
    assert unet.up[0].kernel_size == (2, 2) and unet.head.kernel_size == (1, 1)


def test_hybrid_lays_tokens_beside_the_bottleneck_and_shares_its_vit():
    model = small("hybrid_vit_unet")
    assert model.unet.bottleneck[0].in_channels == 16 + 32
    assert model.project[0].in_channels == 24
    assert not any("vit" in name for name in model.state_dict())
    assert not any(p.requires_grad for p in model.encoder.parameters())
    model.train()
    assert not model.encoder.training


def test_hybrid_with_tokens_given_is_the_hybrid_without():
    model, x = small("hybrid_vit_unet"), images(1, 40, 56)
    with torch.no_grad():
        given = model(x, model.encoder(model.pad(x)))
        torch.testing.assert_close(given, model(x))


def test_hybrid_sees_the_whole_picture():
    model, x = small("hybrid_vit_unet"), images(1, 256, 256)
    y = x.clone()
    y[..., -16:, -16:] = 0
    with torch.no_grad():
        assert (model(x) - model(y))[..., :16, :16].abs().max() > 0


def test_tokens_are_the_vits_patch_tokens_without_cls():
    encoder = tiny_encoder()
    x = images(1, 224, 224)
    tokens = encoder(x)
    with torch.no_grad():
        hidden = encoder.vit(pixel_values=(x - 0.5) / 0.5).last_hidden_state
    assert tokens.shape == (1, 24, 14, 14)
    torch.testing.assert_close(tokens[0, :, 3, 5], hidden[0, 1 + 3 * 14 + 5])
    assert encoder(images(1, 48, 80)).shape == (1, 24, 3, 5)


def test_a_side_that_is_no_multiple_of_the_patch_is_refused():
    with pytest.raises(ValueError, match="multiples of 16; got 50 x 48"):
        tiny_encoder()(images(1, 48, 50))


def test_a_constant_stays_free_of_a_grid_with_resize_but_not_with_transpose():
    flat = torch.full((1, 3, 160, 160), 0.5, dtype=torch.float64)
    spread = {}
    for upsampling in UPSAMPLINGS:
        with torch.no_grad():
            output = small("unet", upsampling=upsampling).double()(flat)
        inner = output[..., 72:88, 72:88]  # out of reach of the borders
        spread[upsampling] = inner.std(dim=(2, 3)).max().item()
    assert spread["transpose"] > 1e-4 and spread["resize"] < 1e-12


def test_padding_reflects_right_and_below():
    x = torch.arange(5.0).view(1, 1, 1, 5).expand(1, 1, 5, 5)
    assert pad_to_multiple(x, 8)[0, 0, 0].tolist() == [0, 1, 2, 3, 4, 3, 2, 1]
    assert pad_to_multiple(x, 5) is x
