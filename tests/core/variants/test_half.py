"""Half precision where it holds the numbers, float32 where it would lose them."""

import pytest
import torch
from safetensors.torch import load_file

from core.models.vit_encoder import load_encoder
from core.train.masked_autoencoding import save_encoder
from core.variants.half import in_half

HELD = [
    [65_504.0, 1.0],
    [65_519.0, 1.0],  # the last that is rounded down
    [0.0, 0.0],
    [0.1, 1e-7, 1e-30],  # small beside the largest: less than what 0.1 itself loses
    [6.2e-5, 3e-5],
    [2.0**-24, 0.0],  # below the normal range, but exact
]
LOST = [[65_520.0, 1.0], [-7e4], [1e-5 / 3], [1e-9, 3e-9], [3e38, 0.1]]


@pytest.mark.parametrize("values", HELD)
def test_what_half_precision_holds_is_stored_so(values):
    stored = in_half(torch.tensor(values))
    assert stored.dtype == torch.float16
    largest = max(map(abs, values))
    assert (stored.float() - torch.tensor(values)).abs().max() <= largest / 2048


@pytest.mark.parametrize("values", LOST)
def test_what_it_would_lose_stays_in_full(values):
    stored = in_half(torch.tensor(values))
    assert stored.dtype == torch.float32 and stored.tolist() == torch.tensor(values).tolist()


def test_what_is_no_number_hides_nothing_and_is_hidden_by_nothing():
    stored = in_half(torch.tensor([torch.nan, torch.inf, 7e4]))
    assert stored.dtype == torch.float32 and stored[2] == 7e4
    stored = in_half(torch.tensor([torch.nan, torch.inf, 7.0]))
    assert stored.dtype == torch.float16 and stored[0].isnan() and stored[1].isinf()
    assert in_half(torch.empty(0, 3)).shape == (0, 3)


def test_a_vit_is_stored_by_the_same_rule(tmp_path):
    from types import SimpleNamespace

    from transformers import ViTConfig, ViTModel

    config = ViTConfig(
        hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        image_size=32, patch_size=8,
    )  # fmt: skip
    vit = ViTModel(config, add_pooling_layer=False)
    with torch.no_grad():
        vit.layernorm.bias[3] = 7e4
    save_encoder(SimpleNamespace(config=config, vit=vit), {}, tmp_path)
    kinds = {
        name: tensor.dtype for name, tensor in load_file(tmp_path / "model.safetensors").items()
    }
    assert {name for name, kind in kinds.items() if kind == torch.float32} == {"layernorm.bias"}
    assert load_encoder(str(tmp_path)).vit.layernorm.bias[3] == 7e4
