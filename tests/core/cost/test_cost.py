"""What networks cost: counted as by hand, and said in a table. Never a time."""

import json

import pytest
import torch
from torch import nn

from core.cost import __main__ as command
from core.cost import losses, timing
from core.cost.counting import cost, multiply_adds, rows
from core.cost.timing import interleaved, milliseconds
from core.losses import parse_loss
from core.models import MODELS, build_model
from tests.core.models.test_models import SMALL, TRAINED, WITHOUT_WEIGHTS

FEW = ["cnn", "gaussian_blur"]


def seen(monkeypatch):
    """Let the command time nothing: every row takes as many milliseconds as its number."""
    monkeypatch.setattr(
        command, "milliseconds", lambda table, size, show: [float(i) for i in range(len(table))]
    )


# By hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "shape", "count"),
    [
        (nn.Conv2d(3, 8, 3, padding=1), (1, 3, 10, 12), 10 * 12 * 8 * 3 * 9),
        (nn.Conv2d(3, 8, 3, stride=2, padding=1), (1, 3, 10, 12), 5 * 6 * 8 * 3 * 9),
        (nn.Conv2d(4, 6, 3, padding=1, groups=2), (1, 4, 5, 7), 5 * 7 * 6 * 2 * 9),
        # Transposed: each input pixel meets each weight once.
        (nn.ConvTranspose2d(4, 6, 2, stride=2), (1, 4, 5, 7), 5 * 7 * 4 * 6 * 4),
        (nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), (1, 4, 5, 7), 5 * 7 * 4 * 3 * 9),
        (nn.Linear(12, 5), (1, 7, 12), 7 * 12 * 5),
        (nn.Linear(12, 5, bias=False), (1, 3, 7, 12), 3 * 7 * 12 * 5),
        (nn.Sequential(nn.ReLU(), nn.Upsample(scale_factor=2)), (1, 3, 8, 8), 0),
    ],
)
def test_a_layer_is_counted_as_by_hand(layer, shape, count):
    assert multiply_adds(layer, *shape) == (count, 0)


def fused(tokens):
    """Attention over `(1, tokens, 8)` by two heads, without projections."""
    heads = tokens.unflatten(-1, (2, 4)).transpose(1, 2)
    return nn.functional.scaled_dot_product_attention(heads, heads, heads)


class Packaged(nn.Module):
    """The library's own attention, which fuses all of itself in evaluation."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, tokens):
        return self.attention(tokens, tokens, tokens, need_weights=False)[0]


@pytest.mark.parametrize("around", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_attention_is_counted_however_it_is_run(around):
    products = 2 * 10 * 10 * 8  # queries times keys, weights times values
    projections = 4 * 10 * 8 * 8
    with around():
        assert multiply_adds(fused, 1, 10, 8) == (products, products)
        packaged = Packaged().eval()
        assert multiply_adds(packaged, 1, 10, 8) == (products + projections, products)


def test_conv_dae_is_counted_as_by_hand():
    # Down to 112, 56 and 28 pixels a side; the way back costs the same, layer by layer.
    once = 9 * (112**2 * 3 * 64 + 56**2 * 64 * 128 + 28**2 * 128 * 256)
    found = cost(build_model("conv_dae"))
    assert (found.multiply_adds, found.attention, found.tokens) == (2 * once, 0, 0)
    assert (found.parameters, found.frozen) == (741_379, 0)


def test_the_courses_exercise_half_the_patch_is_four_times_the_tokens():
    found = [row.cost for row in rows(["vit_reconstructor"])]
    assert [c.tokens for c in found] == [28**2, 14**2, 7**2]
    assert [c.attention for c in found] == [4 * 2 * c.tokens**2 * 128 for c in found]
    assert found[0].attention == 16 * found[1].attention == 256 * found[2].attention


def test_tokens_of_the_others():
    hybrid = cost(build_model("hybrid_vit_unet"))
    assert hybrid.tokens == 14**2
    assert hybrid.frozen == 3_744_960  # the shipped ViT: 8 blocks of 192 channels
    assert hybrid.attention == 8 * 2 * (hybrid.tokens + 1) ** 2 * 192  # CLS attends too
    assert hybrid.parameters - hybrid.frozen == sum(
        p.numel() for p in build_model("hybrid_vit_unet").parameters()
    )
    assert cost(build_model("transformer_denoiser")).attention == 2 * 2 * 784**2 * 64
    assert cost(build_model("vit_reconstructor"), 100).tokens == 13**2


# Laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", MODELS)
def test_what_attends_has_tokens_and_what_has_weights_multiplies(key):
    found = cost(build_model(key, **SMALL.get(key, {})), 64)
    assert (found.multiply_adds is None) == (found.attention is None) == (key in WITHOUT_WEIGHTS)
    assert (found.parameters == 0) == (key in WITHOUT_WEIGHTS)
    assert bool(found.tokens) == bool(found.attention)
    if key in TRAINED:
        assert 0 <= found.attention < found.multiply_adds


def test_counting_leaves_a_network_as_it_was():
    network, x = build_model("transformer_denoiser"), torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        before = network(x)
        cost(network, 32)
        torch.testing.assert_close(network(x), before, rtol=0, atol=0)
    assert all(p.grad is None for p in network.parameters())


def test_a_network_of_no_table_is_refused():
    with pytest.raises(ValueError, match="Conv2d is no network of the table.*conv_dae"):
        cost(nn.Conv2d(3, 3, 3))


@pytest.mark.parametrize("size", [15, 1025])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(ValueError, match=f"{size}.*16 to 1024"):
        rows(["cnn"], size)


def test_works_take_turns_after_one_round_to_warm_up():
    order = []
    works = [lambda: order.append("a"), lambda: order.append("b")]
    times = list(interleaved(works, rounds=3))
    assert order == list("abababab") and len(times) == 6 and min(times) >= 0


def test_each_row_gets_the_median_of_its_own_times(monkeypatch):
    times = iter([0.001, 0.01, 0.002, 0.03, 0.009, 0.02])
    monkeypatch.setattr(timing, "interleaved", lambda works, rounds: times)
    threads = torch.get_num_threads()
    assert milliseconds(rows(FEW, 16), 16, rounds=3) == [2, 20]
    assert torch.get_num_threads() == threads


# The command ---------------------------------------------------------------------------------


def test_the_command_prints_a_row_each_and_writes_them(monkeypatch, capsys, tmp_path):
    seen(monkeypatch)
    file = tmp_path / "cost.json"
    keys = ["cnn", "vit_reconstructor", "gaussian_blur"]
    assert command.main([*keys, "--size", "32", "--json", str(file)]) == 0
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in printed[1:]] == [
        "cnn",
        *(f"vit_reconstructor(patch={patch})" for patch in (8, 16, 32)),
        "gaussian_blur",
    ]
    cnn = 9 * 32 * 32 * (3 * 32 + 32 * 32 + 32 * 3)
    assert printed[1][1:] == ["11,011", "0", "0", f"{cnn / 1e6:.1f}", "M", "0.0", "M", "0.0"]
    assert printed[5][1:] == ["0", "0", "0", "-", "-", "4.0"]
    written = json.loads(file.read_text())
    assert written[0] == {
        "model": "cnn",
        "arguments": {"width": 32},
        "size": 32,
        "parameters": 11_011,
        "frozen": 0,
        "tokens": 0,
        "multiply_adds": cnn,
        "attention": 0,
        "milliseconds": 0.0,
    }
    assert [row["arguments"]["patch"] for row in written[1:4]] == [8, 16, 32]


def test_it_measures_every_model_by_default(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(command, "rows", lambda models, size: asked.extend([*models, size]) or [])
    monkeypatch.setattr(command, "milliseconds", lambda table, size, show: [])
    assert command.main([]) == 0
    assert asked == [*MODELS, 224]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gan"], "There is no model 'gan'. There are: hybrid_vit_unet"),
        (["cnn", "--size", "8"], "it must be 16 to 1024"),
        (["cnn", "--json", "/nowhere/at/all.json"], "The folder of '/nowhere/at/all.json'"),
    ],
)
def test_bad_arguments_end_with_code_2_and_one_sentence(capsys, arguments, message):
    assert command.main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err and captured.err.count("\n") == 1 and not captured.out


# Of losses -----------------------------------------------------------------------------------


def test_a_losss_cost_is_its_time_over_that_of_mse_in_one_run(monkeypatch):
    """A clock that ticks 3 in each of the loss's calls and 1 in each of mse's."""
    calls = []

    def ticking(works, rounds, clock):
        for _ in range(rounds):
            for work, taken in zip(works, (3.0, 1.0), strict=True):
                work()
                calls.append(taken)
                yield taken

    monkeypatch.setattr(losses, "interleaved", ticking)
    assert losses.relative_cost(parse_loss("l1 + ssim"), rounds=2) == 3
    assert calls == [3, 1, 3, 1]


def test_what_a_loss_cannot_be_measured_on_is_told():
    with pytest.raises(ValueError, match="window of 400 pixels"):
        losses.relative_cost(parse_loss("regional_sharpness(window=400)"), rounds=1)
