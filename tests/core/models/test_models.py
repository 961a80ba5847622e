"""Networks: laws over the table, then what the convolutional ones promise."""

import copy

import pytest
import torch

from core.models import CLASSICAL, MODELS, build_model
from core.models.attention_unet import AttentionGate
from core.models.residual_unet import ResidualBlock
from core.models.unet import LEVELS, UPSAMPLINGS, pad_to_multiple
from core.models.vit_encoder import Encoder

# What makes a network small, where that is not a width of 4: its heads share the width.
SMALL = {"transformer_denoiser": {"width": 32}, "vit_reconstructor": {"width": 32}}
WITHOUT_WEIGHTS = list(dict.fromkeys(variant.model for variant in CLASSICAL.values()))
TRAINED = [key for key in MODELS if key not in WITHOUT_WEIGHTS]
LOCAL = [key for key in MODELS if MODELS[key].halo is not None]
UNETS = ["unet", "residual_unet", "attention_unet"]
# The arguments with which a network reaches farthest, where they are not its usual ones.
FARTHEST = {"gaussian_blur": {"kernel": 9}, **dict.fromkeys(UNETS, {"upsampling": "resize"})}
SIZES = [(32, 48), (33, 47), (16, 16), (112, 64), (17, 30)]
# MiB of a file of the ladder; more where the sources' own numbers (tile, channels) make it so.
LIMITS = {"dense_skip_dae": 1.7, "vit_reconstructor": 2.4, "hybrid_vit_unet": 2.0}
LIMIT = 1.5


def small(key, **arguments):
    """A small network of this key; a hybrid gets a small random ViT."""
    torch.manual_seed(0)
    spec = MODELS[key]
    if "encoder" in spec.defaults:
        arguments = {"encoder": tiny_encoder(), **arguments}
    if "width" in spec.defaults:
        arguments = {**SMALL.get(key, {"width": 4}), **arguments}
    return spec(**arguments).eval()


def tiny_encoder(patch=16):
    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        image_size=14 * patch,
        patch_size=patch,
    )
    return Encoder(ViTModel(config, add_pooling_layer=False), [0.5] * 3, [0.5] * 3)


def images(n, height, width):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


# Laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("size", SIZES)
def test_shape_is_kept_at_any_size(key, size):
    with torch.no_grad():
        output = small(key)(images(1, *size))
    assert output.shape == (1, 3, *size) and torch.isfinite(output).all()


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_flat_pictures_stay_finite(key, grey):
    with torch.no_grad():
        assert torch.isfinite(small(key)(torch.full((1, 3, 40, 56), grey))).all()


@pytest.mark.parametrize("key", TRAINED)
def test_every_weight_gets_a_gradient(key):
    model = small(key).train()
    model(images(2, 48, 48)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("key", WITHOUT_WEIGHTS)
def test_a_classical_method_has_no_weights(key):
    assert not small(key).state_dict()


@pytest.mark.parametrize("key", TRAINED)
def test_saved_and_loaded_it_is_the_same(key):
    model = small(key)
    other = small(key)
    for parameter in other.parameters():
        torch.nn.init.normal_(parameter)
    x = images(1, 32, 32)
    with torch.no_grad():
        assert not torch.allclose(model(x), other(x))
        other.load_state_dict(copy.deepcopy(model.state_dict()))
        torch.testing.assert_close(model(x), other(x), rtol=0, atol=0)


@pytest.mark.parametrize("key", MODELS)
def test_alone_as_in_a_batch(key):
    model, batch = small(key), images(3, 32, 40)
    with torch.no_grad():
        together = model(batch)
        alone = torch.cat([model(image[None]) for image in batch])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("key", TRAINED)
def test_the_output_is_not_rounded_in_mixed_precision(key):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        output = small(key)(images(1, 32, 32))
    assert output.dtype == torch.float32
    assert not torch.equal(output, output.bfloat16().float())


@pytest.mark.parametrize("key", TRAINED)
def test_the_usual_network_fits_the_ladder(key):
    weights = sum(value.numel() for value in build_model(key).state_dict().values())
    assert 2 * weights / 2**20 <= LIMITS.get(key, LIMIT)  # fp16


@pytest.mark.parametrize("key", MODELS)
def test_an_unknown_argument_lists_what_exists(key):
    known = ", ".join(MODELS[key].defaults) or "none"
    with pytest.raises(ValueError, match=f"'colour';.*{known}"):
        build_model(key, colour=3)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("key", [key for key in TRAINED if "width" in MODELS[key].defaults])
def test_a_network_without_channels_is_refused(key):
    with pytest.raises(ValueError, match="0"):
        build_model(key, width=0)


def test_an_unknown_model_lists_what_exists():
    with pytest.raises(ValueError, match="no model 'gan'.*" + ", ".join(MODELS)):
        build_model("gan")


def reach(model, lattice):
    """How far, in pixels, what lies beyond a line of the lattice reaches across it."""
    side = 256 // lattice * lattice
    middle = side // 2 // lattice * lattice
    farthest = 0
    for dimension in (2, 3):
        for beyond in (slice(0, middle), slice(middle, side)):
            x = images(1, side, side).movedim(dimension, 3).contiguous()
            x[..., beyond] = float("nan")  # every operation passes it on, if only times zero
            with torch.no_grad():
                touched = model(x.movedim(3, dimension)).movedim(dimension, 3).isnan()
            touched[..., beyond] = False
            farthest = max(farthest, int(touched.any(1).any(1).sum()))
    return farthest


@pytest.mark.parametrize("key", LOCAL)
def test_the_halo_is_what_reaches_across_the_lattice(key):
    spec = MODELS[key]
    model = small(key, **FARTHEST.get(key, {}))
    assert reach(small(key), spec.lattice) <= spec.halo
    assert reach(model, spec.lattice) == spec.halo


def halves(side, cut, halo):
    """Two tiles of a side and the windows around them: start and end of each."""
    return [
        (slice(0, cut), slice(0, cut + halo)),
        (slice(cut, side), slice(cut - halo, side)),
    ]


@pytest.mark.parametrize("key", LOCAL)
def test_in_tiles_as_whole(key):
    spec = MODELS[key]
    model = small(key, **FARTHEST.get(key, {})).double()
    halo = -(-spec.halo // spec.lattice) * spec.lattice
    cut = halo + spec.lattice
    side = 2 * cut + 3  # no multiple of the lattice, and wider than a window
    x = images(1, side, side).double()
    with torch.no_grad():
        whole = model(x)
        for tile, window in halves(side, cut, halo):
            piece = model(x[:, :, window, window])
            inner = slice(tile.start - window.start, tile.stop - window.start)
            torch.testing.assert_close(piece[:, :, inner, inner], whole[:, :, tile, tile])


# Convolutional networks ----------------------------------------------------------------------


def parameters(key, **arguments):
    return sum(p.numel() for p in build_model(key, **arguments).parameters())


def convolution(channels, out, side=3):
    return channels * out * side**2 + out


def test_weights_are_as_many_as_by_hand():
    cnn = convolution(3, 32) + convolution(32, 32) + convolution(32, 3)
    assert parameters("cnn") == parameters("residual_cnn") == cnn == 11_011
    half = convolution(3, 64) + convolution(64, 128) + convolution(128, 256)
    back = convolution(256, 128) + convolution(128, 64) + convolution(64, 3)
    assert parameters("conv_dae") == half + back == 741_379


def test_unets_have_the_courses_sizes():
    # The course's UNet, ResidualUNet, AttentionUNet and UNetPP, with three channels and width 2.
    down = [(3, 2), (2, 4), (4, 8), (8, 16)]
    merge = [(16, 8), (8, 4), (4, 2)]
    up = sum(convolution(channels, out, 2) for channels, out in [(16, 8), (8, 4), (4, 2)])
    unet = sum(convolution(a, b) + convolution(b, b) for a, b in down + merge) + up + 9
    shortcuts = sum(convolution(a, b, 1) for a, b in down + merge)
    gates = sum(2 * convolution(a, a, 1) + convolution(a, 1, 1) for a in (8, 4, 2))
    nested = [(3, 2), (2, 4), (4, 8), (2 + 4, 2), (4 + 8, 4), (2 + 2 + 4, 2)]
    assert parameters("unet", width=2) == unet
    assert parameters("residual_unet", width=2) == unet + shortcuts
    assert parameters("attention_unet", width=2) == unet + gates
    assert parameters("unet_plus_plus", width=2) == 9 + sum(
        convolution(a, b) + convolution(b, b) for a, b in nested
    )


def flat_cnn(key):
    """A CNN of one channel whose first two layers are means and whose last halves a mean."""
    model = build_model(key, width=1)
    for layer, value in ((model.body[0], 1 / 27), (model.body[2], 1 / 9), (model.head, 1 / 18)):
        torch.nn.init.constant_(layer.weight, value)
        torch.nn.init.zeros_(layer.bias)
    return model


def test_cnn_by_hand():
    with torch.no_grad():
        plain = flat_cnn("cnn")(torch.full((1, 3, 16, 16), 0.8))
        residual = flat_cnn("residual_cnn")(torch.full((1, 3, 16, 16), 0.8))
    assert plain[0, :, 8, 8].tolist() == pytest.approx([0.4] * 3)
    assert residual[0, :, 8, 8].tolist() == pytest.approx([0.8 + 0.379949] * 3)  # tanh(0.4)


def test_a_residual_block_by_hand():
    block = ResidualBlock(1, 1)
    for layer, value in ((block.first, 2.0), (block.second, 0.5)):
        torch.nn.init.constant_(layer.weight, value)
        torch.nn.init.constant_(layer.bias, 1.0)
    with torch.no_grad():  # one pixel, so that only the kernels' middle counts
        found = [block(torch.tensor(x).view(1, 1, 1, 1)).item() for x in (3.0, -0.75, -4.0)]
    assert found == [0.5 * 7 + 1 + 3, 0.25, 0]
    assert ResidualBlock(1, 2)(torch.ones(1, 1, 4, 4)).shape == (1, 2, 4, 4)


def test_an_attention_gate_by_hand():
    gate = AttentionGate(1)
    for layer, value, bias in ((gate.asked, 1, 0), (gate.offered, 1, 0), (gate.weight, 2, -1)):
        torch.nn.init.constant_(layer.weight, value)
        torch.nn.init.constant_(layer.bias, bias)
    pixel = torch.ones(1, 1, 1, 1)
    with torch.no_grad():
        asked, not_asked = gate(pixel, 0.5 * pixel).item(), gate(-pixel, 0.5 * pixel).item()
    assert asked == pytest.approx(0.5 * 0.880797, rel=1e-5)  # sigmoid(2 (1 + 0.5) - 1)
    assert not_asked == pytest.approx(0.5 * 0.268941, rel=1e-5)  # sigmoid(2 * 0 - 1)


def test_with_open_gates_it_is_the_unet_and_with_shut_ones_it_has_no_skips():
    model, unet, x = small("attention_unet"), small("unet"), images(1, 32, 32)
    unet.load_state_dict(model.state_dict(), strict=False)
    outputs = {}
    for bias in (1e3, -1e3):
        for gate in model.gates:
            torch.nn.init.constant_(gate.weight.bias, bias)
        with torch.no_grad():
            outputs[bias] = model(x)
    unet.skip = lambda level, raised, encoded: torch.zeros_like(encoded)
    with torch.no_grad():
        without = unet(x)
        del unet.skip
        torch.testing.assert_close(outputs[1e3], unet(x))
        torch.testing.assert_close(outputs[-1e3], without)
    assert not torch.allclose(outputs[1e3], outputs[-1e3], atol=1e-4)


def test_conv_dae_gives_what_a_picture_holds():
    output = small("conv_dae")(images(1, 32, 32))
    assert 0 < output.min() and output.max() < 1


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


def test_hybrid_takes_its_vit_along_to_another_device():
    encoder = tiny_encoder()
    model = build_model("hybrid_vit_unet", width=4, encoder=encoder).half()
    assert encoder.mean.dtype == torch.float32, "its numbers are its own"
    model.to("meta")  # the device that every machine has
    assert {value.device.type for value in encoder.state_dict().values()} == {"meta"}
    assert not any("vit" in name for name in model.state_dict())


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


@pytest.mark.parametrize(("patch", "lattice"), [(8, 8), (14, 56), (32, 32)])
@pytest.mark.parametrize("size", [(16, 16), (42, 70), (33, 61)])
def test_a_vit_of_any_patch_joins_the_unet(patch, lattice, size):
    model = build_model("hybrid_vit_unet", width=4, encoder=tiny_encoder(patch)).eval()
    with torch.no_grad():
        output = model(images(1, *size))
    assert output.shape == (1, 3, *size) and output.isfinite().all()
    assert model.lattice == lattice
    rows, columns = model.encoder(model.pad(images(1, *size))).shape[-2:]
    assert MODELS["hybrid_vit_unet"].tokens(model, *size) == rows * columns


def test_a_side_that_is_no_multiple_of_the_patch_is_refused():
    with pytest.raises(ValueError, match="multiples of 16; got 50 x 48"):
        tiny_encoder()(images(1, 48, 50))


def grid(model):
    """How uneven the network's output of a flat grey is, out of reach of the borders."""
    flat = torch.full((1, 3, 160, 160), 0.5, dtype=torch.float64)
    with torch.no_grad():
        return model.double()(flat)[..., 72:88, 72:88].std(dim=(2, 3)).max().item()


@pytest.mark.parametrize("key", UNETS)
def test_a_constant_stays_free_of_a_grid_with_resize_but_not_with_transpose(key):
    spread = {name: grid(small(key, upsampling=name)) for name in UPSAMPLINGS}
    assert spread["transpose"] > 1e-4 and spread["resize"] < 1e-12


def test_of_the_others_only_strides_draw_a_grid():
    assert grid(small("conv_dae")) > 1e-4
    assert all(grid(small(key)) < 1e-12 for key in ("cnn", "residual_cnn", "unet_plus_plus"))


@pytest.mark.parametrize("skips", range(LEVELS + 1))
@pytest.mark.parametrize("key", [*UNETS, "hybrid_vit_unet"])
def test_a_skip_that_is_left_out_hands_zeros_and_the_weights_fit(key, skips):
    """As the whole network does whose merging blocks are deaf to that level's encoder."""
    whole, fewer, x = small(key), small(key, skips=skips), images(1, 32, 48)
    with torch.no_grad():
        for level, merge in enumerate(getattr(whole, "unet", whole).merge):
            if level >= skips:
                convolutions = [m for m in merge.modules() if isinstance(m, torch.nn.Conv2d)]
                both = convolutions[0].in_channels  # a residual block's short cut takes them too
                for one in convolutions:
                    one.weight[:, both // 2 if one.in_channels == both else both :] = 0
        fewer.load_state_dict(whole.state_dict())
        torch.testing.assert_close(fewer(x), whole(x))


@pytest.mark.parametrize("skips", [-1, LEVELS + 1])
def test_more_skips_than_levels_are_refused(skips):
    with pytest.raises(ValueError, match=f"skips is {skips}; .* from 0 to {LEVELS}"):
        build_model("unet", skips=skips)


def test_padding_reflects_right_and_below():
    x = torch.arange(5.0).view(1, 1, 1, 5).expand(1, 1, 5, 5)
    assert pad_to_multiple(x, 8)[0, 0, 0].tolist() == [0, 1, 2, 3, 4, 3, 2, 1]
    assert pad_to_multiple(x, 5) is x
