"""Self-attention and rollout: equal to transformers' own, without hooks, from many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.attention.self_attention import (
    CLS,
    _weights,
    attention_from,
    attention_received,
    block_count,
    has_cls,
    patch_grid,
    rollout,
    rollout_from,
    self_attention,
)
from core.base.paths import CHECKPOINTS
from core.models import build_model
from core.models.vit_encoder import DEFAULT_ENCODER
from core.variants.store import load_variant

SIZE = (60, 80)  # padded to 64 x 80: 4 x 5 patches
TOKENS = 1 + 4 * 5


def picture(seed=0, size=SIZE):
    return torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def model():
    return load_variant("hybrid-mse")


@pytest.fixture(scope="module")
def eager(model):
    """What transformers itself says, from a copy: asking for attentions leaves hooks in it."""
    from transformers import ViTModel

    vit = ViTModel.from_pretrained(
        CHECKPOINTS / DEFAULT_ENCODER,
        add_pooling_layer=False,
        dtype=torch.float32,
        attn_implementation="eager",
    ).eval()
    pixels = model.encoder.preprocess(model.pad(picture()[None]))
    with torch.inference_mode():
        asked = vit(pixel_values=pixels, interpolate_pos_encoding=True, output_attentions=True)
    return [attention[0] for attention in asked.attentions]


def test_every_block_equals_transformers_own(model, eager):
    assert len(eager) == block_count(model) == 8
    for block, expected in enumerate(eager):
        found = self_attention(model, picture(), block)
        assert found.shape == (3, TOKENS, TOKENS)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("token", [CLS, 1, TOKENS - 1])
def test_one_row_is_that_row(model, eager, token):
    found = attention_from(model, picture(), 5, token)
    expected = eager[5][:, token, 1:].reshape(3, 4, 5)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_received_is_the_mean_over_the_patches_that_look(model, eager):
    found = attention_received(model, picture(), 3)
    expected = eager[3][:, 1:, 1:].mean(dim=1).reshape(3, 4, 5)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def test_rollout_is_the_papers_product(model, eager):
    """Abnar and Zuidema 2020: from the first block on, 0.5 A + 0.5 I, rows made to sum to 1."""
    expected = torch.eye(TOKENS)
    for attention in eager:
        layer = attention.mean(dim=0) + torch.eye(TOKENS)
        expected = layer / layer.sum(dim=1, keepdim=True) @ expected
    found = rollout(model, picture())
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(TOKENS), atol=1e-5, rtol=0)


@pytest.mark.parametrize("token", [CLS, 7])
def test_one_row_of_the_rollout_is_that_row(model, token):
    expected = rollout(model, picture())[token, 1:].reshape(4, 5)
    found = rollout_from(model, picture(), token)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)


def test_a_pixel_finds_its_patch(model):
    grid = patch_grid(model, picture())
    assert (grid.rows, grid.columns, grid.side) == (4, 5, 16)
    assert grid.extent == (0, 0, 80, 64)
    assert [grid.token(0, 0), grid.token(79, 0), grid.token(16, 59)] == [1, 5, 1 + 3 * 5 + 1]
    assert grid.token(500, -3) == 5
    values = torch.arange(TOKENS)
    assert grid.of(values)[3, 1] == grid.token(16, 59)


@pytest.fixture(scope="module", params=["transformer_denoiser", "vit_reconstructor"])
def transformer(request):
    torch.manual_seed(0)
    return build_model(request.param, width=32).eval()


def test_blocks_of_a_transformer_mix_values_by_these_weights(transformer):
    """softmax(q k^T / sqrt(d)) v through the last projection is what the block itself adds."""
    seen = {}
    for number, block in enumerate(transformer.blocks):
        block.attention.register_forward_hook(
            lambda module, inputs, output, number=number: seen.update({number: (inputs, output)})
        )
    with torch.no_grad():
        transformer(picture()[None])
        for number, block in enumerate(transformer.blocks):
            attention, ((tokens,), mixed) = block.attention, seen[number]
            value = attention.project_in(tokens[0]).chunk(3, dim=-1)[2]
            value = value.unflatten(-1, (attention.heads, -1)).transpose(0, 1)
            weights = self_attention(transformer, picture(), number)
            rows, columns = -(-SIZE[0] // 8), -(-SIZE[1] // 8)
            assert weights.shape == (attention.heads, rows * columns, rows * columns)
            found = attention.project_out((weights @ value).transpose(0, 1).flatten(1))
            torch.testing.assert_close(found, mixed[0], atol=1e-5, rtol=1e-4)


def test_a_transformer_has_patches_and_no_cls(transformer, model):
    grid = patch_grid(transformer, picture())
    assert (grid.rows, grid.columns, grid.side, grid.first) == (8, 10, 8, 0)
    assert has_cls(model) and not has_cls(transformer)
    assert block_count(transformer) == len(transformer.blocks)
    with torch.inference_mode():
        weights = self_attention(transformer, picture(), 1)
    token = grid.token(79, 8)
    assert token == 19
    torch.testing.assert_close(
        attention_from(transformer, picture(), 1, token), grid.of(weights[:, token])
    )
    torch.testing.assert_close(
        attention_received(transformer, picture(), 1), grid.of(weights.mean(dim=1))
    )


def test_attention_in_parts_is_the_whole(transformer, model, monkeypatch):
    """What is large is made some rows at a time."""
    ways = (lambda m: attention_received(m, picture(), 1), lambda m: rollout_from(m, picture(), 3))
    whole = [way(one) for one in (transformer, model) for way in ways]
    monkeypatch.setattr("core.attention.self_attention.AT_ONCE", 1000)
    parts = [way(one) for one in (transformer, model) for way in ways]
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other)
    counts = []
    monkeypatch.setattr(
        "core.attention.self_attention._weights",
        lambda *asked: counts.append(asked[-1]) or _weights(*asked),
    )
    rollout_from(transformer, picture(), 3)
    assert len(counts) > block_count(transformer)


def test_rollout_of_a_transformer_is_the_papers_product(transformer):
    expected = torch.eye(80)
    for block in range(block_count(transformer)):
        with torch.inference_mode():
            mean = self_attention(transformer, picture(), block).mean(dim=0)
        expected = (0.5 * mean + 0.5 * torch.eye(80)) @ expected
    torch.testing.assert_close(rollout(transformer, picture()), expected, atol=1e-5, rtol=0)


def test_no_hooks_and_no_gradients_are_left(model):
    before = {key: value.clone() for key, value in model.encoder.state_dict().items()}
    self_attention(model, picture(), 7)
    rollout_from(model, picture())
    for module in model.encoder.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks
    assert not any(parameter.requires_grad for parameter in model.encoder.parameters())
    assert all(torch.equal(value, before[k]) for k, value in model.encoder.state_dict().items())


def test_threads_on_one_model_get_their_own_maps(model):
    alone = [self_attention(model, picture(seed), 6) for seed in range(2)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: self_attention(model, picture(n % 2), 6), range(20)))
    for number, one in enumerate(found):
        torch.testing.assert_close(one, alone[number % 2], atol=1e-6, rtol=0)


def test_wrong_blocks_tokens_and_networks_are_told(model):
    with pytest.raises(ValueError, match="no block 8; they are 0 to 7"):
        self_attention(model, picture(), 8)
    for look in (attention_from, lambda *a: rollout_from(*a[:2], a[3])):
        with pytest.raises(ValueError, match="no token 21; the last is 20"):
            look(model, picture(), 0, TOKENS)
    with pytest.raises(ValueError, match="UNet has none: choose a hybrid"):
        rollout(load_variant("unet-mse"), picture())
