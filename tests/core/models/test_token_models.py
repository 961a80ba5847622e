"""Networks on tiles and on patches: the sources' sizes, who sees what, and that they train."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.imaging.images import to_tensor
from core.imaging.textures import make_texture
from core.models import MODELS, build_model
from core.models.attention_block import AttentionBlock
from core.models.dense import TileWise
from core.models.transformer_denoiser import sinusoidal_positions
from tests.core.models.test_models import images, small

DENSE = ["dense_dae", "dense_skip_dae"]
TOKENS = ["transformer_denoiser", "vit_reconstructor"]


# Tiles ---------------------------------------------------------------------------------------


class Kept(TileWise):
    """Keeps the tiles that it is given, and changes none."""

    def restore_tiles(self, tiles):
        self.tiles = tiles
        return tiles


@pytest.mark.parametrize("size", [(28, 42), (16, 29), (17, 16)])
def test_tiles_put_together_are_the_picture(size):
    x = images(2, *size)
    assert torch.equal(Kept(14)(x), x)


def test_tiles_are_flattened_channel_by_channel_and_the_border_reflected():
    kept, x = Kept(14), images(1, 28, 40)
    kept(x)
    assert kept.tiles.shape == (1, 2, 3, 3 * 14 * 14)
    assert torch.equal(kept.tiles[0, 1, 0], x[0, :, 14:, :14].reshape(-1))
    last = kept.tiles[0, 0, 2].view(3, 14, 14)  # columns 28 to 39, then 38 and 37 again
    assert torch.equal(last[..., 12:], x[0, :, :14, [38, 37]])


@pytest.mark.parametrize("key", DENSE)
def test_a_tile_sees_nothing_but_itself(key):
    model, x = small(key), images(1, 42, 42)
    y = x.clone()
    y[..., 14:28, 14:28] = 0
    with torch.no_grad():
        changed = (model(x) != model(y)).any(dim=1)[0]
    assert changed[14:28, 14:28].all()
    changed[14:28, 14:28] = False
    assert not changed.any()


def layers(module):
    return [(layer.in_features, layer.out_features) for layer in module if hasattr(layer, "bias")]


@pytest.mark.parametrize(
    ("tile", "pixels", "third", "wide", "narrow"),
    [(56, 9408, 2822, 2258, 1694), (14, 588, 176, 141, 106)],  # part 1's code, by hand
)
def test_the_skip_autoencoder_has_the_sources_sizes(tile, pixels, third, wide, narrow):
    with torch.device("meta"):  # 0.9 GB of weights at 56
        model = build_model("dense_skip_dae", tile=tile)
    assert layers([model.fc_in, model.fc_out]) == [(pixels, 3 * third), (3 * third, pixels)]
    assert len(model.branches) == 3
    for branch in model.branches:
        expected = [(third, wide), (wide, narrow), (narrow, wide), (wide, third)]
        assert layers(branch) == expected


def test_the_skip_autoencoder_computes_what_the_source_does():
    model, x = small("dense_skip_dae"), images(2, 14, 14)
    flat = x.reshape(-1, 588)
    parts = torch.split(model.fc_in(flat).relu(), [176, 176, 176], dim=1)
    found = [branch(part) for branch, part in zip(model.branches, parts, strict=True)]
    joined = torch.cat(found, dim=1)
    expected = torch.sigmoid(model.fc_out(joined) + flat).view(-1, 3, 14, 14)
    torch.testing.assert_close(model(x), expected)


def test_the_plain_autoencoder_goes_down_and_back_up():
    model = build_model("dense_dae", tile=10, hidden=[40, 20, 5])
    assert layers([*model.layers, model.fc_out]) == [
        (300, 40),
        (40, 20),
        (20, 5),
        (5, 20),
        (20, 40),
        (40, 300),
    ]
    assert sum(isinstance(layer, nn.ReLU) for layer in model.layers) == 5


@pytest.mark.parametrize(
    ("key", "arguments", "sentence"),
    [
        ("dense_dae", {"tile": 1}, "A tile's side in pixels is 1; .* whole number from 2 to 64"),
        ("dense_dae", {"hidden": []}, "number of hidden sizes is 0; .* from 1 to 16"),
        ("dense_dae", {"hidden": [30, 0]}, "A hidden size is 0; .* from 1 to 4096"),
        ("transformer_denoiser", {"width": 40}, "40 channels cannot be shared by 16 heads"),
        ("transformer_denoiser", {"width": 6, "heads": 1}, "multiple of 4 channels; there are 6"),
        ("vit_reconstructor", {"width": 30}, "30 channels cannot be shared by 4 heads"),
        ("transformer_denoiser", {"depth": -1}, "depth is -1; .* from 0 to 64"),
        ("vit_reconstructor", {"patch": 24}, "size 224 must be a multiple of the patch, 24"),
    ],
)
def test_arguments_that_do_not_fit_are_refused_with_their_numbers(key, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        build_model(key, **arguments)


# Attention -----------------------------------------------------------------------------------


def test_a_block_is_torchs_pre_norm_layer():
    torch.manual_seed(0)
    block = AttentionBlock(24, 3, 40).eval()
    torchs = nn.TransformerEncoderLayer(
        24, 3, 40, dropout=0, activation=F.gelu, batch_first=True, norm_first=True
    ).eval()
    for parameter in (*block.norm_attention.parameters(), *block.norm_mlp.parameters()):
        nn.init.normal_(parameter)
    attention = block.attention
    same = {
        "self_attn.in_proj_weight": attention.project_in.weight,
        "self_attn.in_proj_bias": attention.project_in.bias,
        "self_attn.out_proj.weight": attention.project_out.weight,
        "self_attn.out_proj.bias": attention.project_out.bias,
    }
    names = {"norm1": block.norm_attention, "norm2": block.norm_mlp}
    names |= {"linear1": block.mlp[0], "linear2": block.mlp[2]}
    for name, layer in names.items():
        same |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
    torchs.load_state_dict({name: tensor.detach() for name, tensor in same.items()})
    tokens = torch.randn(2, 11, 24)
    with torch.no_grad():
        torch.testing.assert_close(block(tokens), torchs(tokens), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("key", TOKENS)
def test_every_patch_sees_every_other(key):
    model, x = small(key), images(1, 96, 96)
    y = x.clone()
    y[..., -8:, -8:] = 0
    with torch.no_grad():
        assert (model(x) - model(y))[..., :8, :8].abs().max() > 0


@pytest.mark.parametrize(("patch", "tokens"), [(8, 784), (16, 196), (32, 49)])
def test_half_the_patch_is_four_times_the_tokens(patch, tokens):
    model = build_model("vit_reconstructor", patch=patch, width=16)
    spec = MODELS["vit_reconstructor"]
    assert spec.tokens(model, 224, 224) == tokens == model.positions[0, 0].numel()
    assert spec.tokens(model, 225, 224) == tokens + 224 // patch
    assert model.lattice == patch


def test_the_reconstructor_has_the_courses_shape():
    model = build_model("vit_reconstructor")
    assert model.embed.weight.shape == (128, 3, 8, 8)
    assert [block.attention.heads for block in model.blocks] == [4] * 4
    assert model.blocks[0].mlp[0].out_features == 256
    assert model.decoder[0].weight.shape == (128, 64, 8, 8)
    convolutions = (model.decoder[2], model.decoder[4], model.head)
    assert [layer.weight.shape for layer in convolutions] == [
        (64, 64, 3, 3),
        (32, 64, 3, 3),
        (3, 32, 1, 1),
    ]


def test_the_reconstructor_corrects_its_input():
    model, x = small("vit_reconstructor"), images(1, 40, 51)
    nn.init.zeros_(model.head.weight)
    nn.init.constant_(model.head.bias, 0.25)
    with torch.no_grad():
        torch.testing.assert_close(model(x), x + 0.25)


def test_the_transformer_has_the_articles_shape():
    model = build_model("transformer_denoiser")
    assert model.embed.weight.shape == (64, 3 * 8 * 8, 1, 1)
    assert [block.attention.heads for block in model.blocks] == [16, 16]
    assert MODELS["transformer_denoiser"].tokens(model, 224, 230) == 28 * 29


# Positions -----------------------------------------------------------------------------------


def test_sinusoidal_positions_by_hand():
    found = sinusoidal_positions(8, 28, 28)  # rates 1 and 1/100 for each direction
    row, column = torch.tensor([3.0, 5.0], dtype=torch.float64)
    rates = torch.tensor([1.0, 0.01], dtype=torch.float64)
    expected = torch.cat([f(rates * at) for at in (row, column) for f in (torch.sin, torch.cos)])
    torch.testing.assert_close(found[:, 3, 5], expected)


def test_sinusoidal_positions_are_stretched_over_the_picture():
    # Three patches of 28 lie under one of 28 / 3, whose position is that of the middle one.
    wide, narrow = sinusoidal_positions(16, 84, 28), sinusoidal_positions(16, 28, 28)
    torch.testing.assert_close(wide[:, 1::3], narrow)
    assert len(narrow.flatten(1).T.unique(dim=0)) == 28 * 28


def test_learned_positions_are_interpolated_and_all_of_them_trained_on_crops():
    model = small("vit_reconstructor")
    assert not model.positions.any()
    nn.init.ones_(model.positions)
    grid = torch.empty(1, 32, 5, 40)
    torch.testing.assert_close(model._positions(grid), torch.ones_like(grid))
    model(images(1, 48, 48)).square().sum().backward()
    touched = model.positions.grad.abs().amax(dim=(0, 1))
    assert (touched > 0).all()


# Training ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "steps"), [("dense_dae", 30), ("dense_skip_dae", 20), ("transformer_denoiser", 50)]
)
def test_it_soon_fits_a_texture_better_than_its_noise_or_its_mean_colour_does(key, steps):
    torch.manual_seed(0)
    model = build_model(key)
    clean = to_tensor(make_texture("concrete", size=(56, 56), seed=1001, cracks=3).image)[None]
    noisy = (clean + 0.15 * torch.randn_like(clean)).clamp(0, 1)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        F.mse_loss(model(noisy), clean).backward()
        optimiser.step()
    with torch.no_grad():
        reached = F.mse_loss(model(noisy), clean)
    mean = clean.mean(dim=(2, 3), keepdim=True).expand_as(clean)
    assert reached < 0.8 * min(F.mse_loss(noisy, clean), F.mse_loss(mean, clean))
