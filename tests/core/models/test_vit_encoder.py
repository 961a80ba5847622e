"""Any ViT: positions on a grid that is not square, and settings that do not fit the weights."""

import copy
import json

import pytest
import torch
import torch.nn.functional as F

from core.models.vit_encoder import Encoder, load_encoder


def vit(image_size, patch=8):
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        image_size=image_size, patch_size=patch,
    )  # fmt: skip
    return ViTModel(config, add_pooling_layer=False).eval()


def encoder(image_size, patch=8):
    return Encoder(vit(image_size, patch), [0.5] * 3, [0.5] * 3)


def pictures(height, width):
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(0))


GRIDS = [((32, 48), (4, 6)), ((32, 128), (4, 16)), ((72, 16), (9, 2))]
"""Pictures that a ViT was trained on and their grids; the number of 4 x 16 is that of 8 x 8."""


@pytest.mark.parametrize(("size", "grid"), GRIDS)
def test_at_its_own_size_a_vit_of_any_grid_is_transformers_own(size, grid):
    ours = encoder(size)
    x = pictures(*size)
    with torch.no_grad():
        hidden = ours.vit(pixel_values=ours.preprocess(x)).last_hidden_state
    expected = hidden[:, 1:].transpose(1, 2).unflatten(2, grid)
    torch.testing.assert_close(ours(x), expected)


@pytest.mark.parametrize(("size", "grid"), GRIDS)
def test_at_other_sizes_positions_are_interpolated_from_their_own_grid(size, grid):
    ours, x = encoder(size), pictures(40, 56)
    stored = ours.vit.embeddings.position_embeddings
    there = F.interpolate(stored[:, 1:].mT.unflatten(2, grid), size=(5, 7), mode="bicubic")
    other = vit((40, 56))  # the same network, whose own grid is the one that is asked for
    weights = {**ours.vit.state_dict()}
    weights["embeddings.position_embeddings"] = torch.cat(
        [stored[:, :1], there.flatten(2).mT], dim=1
    )
    other.load_state_dict(weights)
    with torch.no_grad():
        hidden = other(pixel_values=ours.preprocess(x)).last_hidden_state
    torch.testing.assert_close(ours(x), hidden[:, 1:].transpose(1, 2).unflatten(2, (5, 7)))


def test_a_copy_interpolates_its_own_positions():
    ours, x = encoder((32, 48)), pictures(40, 56)
    before, twin = ours(x), copy.deepcopy(ours)
    with torch.no_grad():
        twin.vit.embeddings.position_embeddings.add_(torch.randn(1, 25, 12))
    assert torch.equal(ours(x), before) and not torch.allclose(twin(x), before)


def test_a_patch_may_be_written_as_a_pair_but_must_be_square():
    assert torch.equal(encoder(64, (8, 8))(pictures(48, 64)), encoder(64, 8)(pictures(48, 64)))
    with pytest.raises(ValueError, match="patches of 16 x 8 pixels"):
        encoder(64, (8, 16))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image_size": 64}, "24 patches, but pictures of 64 x 64 pixels in patches of 8 x 8"),
        ({"image_size": [32, 64]}, "pictures of 64 x 32 pixels .* make 32"),
        ({"intermediate_size": 30}, r"is \(24,\), but its config.json asks for \(30,\)"),
        ({"image_size": [32, 48, 3]}, "no sound value for 'image_size'"),
        ({"image_size": [32, 4096]}, "is 4096; it must be"),
    ],
)
def test_weights_that_do_not_fit_their_settings_are_refused_with_the_numbers(
    tmp_path, changes, said
):
    vit((32, 48)).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(
        '{"image_mean": [0.5, 0.5, 0.5], "image_std": [1, 1, 1]}'
    )
    file = tmp_path / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
    with pytest.raises(ValueError, match=said) as told:
        load_encoder(str(tmp_path))
    assert "\n" not in str(told.value) and "ignore_mismatched" not in str(told.value)
