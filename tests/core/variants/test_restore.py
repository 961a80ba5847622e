"""Restoration: the pool, the ViT that looks once, and stopping."""

import threading

import pytest
import torch
from torch import nn

from core.models import build_model
from core.variants.restore import Cancelled, restore, restore_iter
from tests.core.models.test_models import tiny_encoder


def images(n=2, height=48, width=64):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def nets():
    """Two hybrids on one ViT that counts its looks, and a U-Net."""
    torch.manual_seed(0)
    encoder = tiny_encoder()
    encoder.looks = []
    encoder.register_forward_hook(lambda _, args, out: encoder.looks.append(args[0].shape))
    models = {
        name: build_model("hybrid_vit_unet", width=4, encoder=encoder).eval()
        for name in ("first", "second")
    }
    return {**models, "plain": build_model("unet", width=4).eval()}


def test_each_variant_gives_what_its_network_gives_clipped_in_the_order_asked(nets):
    x = images()
    found = restore(x, ["second", "plain", "first"], load=nets.get)
    assert list(found) == ["second", "plain", "first"]
    for name, output in found.items():
        with torch.no_grad():
            torch.testing.assert_close(output, nets[name](x).clamp(0, 1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_not_finite_are_refused_before_anything_is_loaded(value):
    x = images(2)
    x[1, 0, 3, 4] = value
    with pytest.raises(ValueError, match="^1.*18,432"):
        restore_iter(x, ["a"], load=lambda name: pytest.fail("loaded"))


def test_the_vit_looks_once_at_each_image_whoever_needs_it(nets):
    restore(images(2), ["first", "second", "plain"], load=nets.get)
    assert len(nets["first"].encoder.looks) == 2


def test_results_come_one_by_one_and_progress_reaches_the_end(nets):
    heard = []
    found = restore_iter(
        images(), list(nets), load=nets.get, progress=lambda *step: heard.append(step)
    )
    assert {name for name, _ in found} == set(nets)
    assert {step for step in heard if step[1] == 1.0} == {(name, 1.0) for name in nets}


class Broken(torch.nn.Module):
    def forward(self, x):
        raise ValueError("this network is broken")


def test_a_failing_network_is_reported_and_the_others_are_not_spoilt(nets):
    nets = {"broken": Broken(), **nets}
    errors = {}
    found = restore_iter(images(), list(nets), load=nets.get, on_error=errors.__setitem__)
    assert {name for name, _ in found} == set(nets) - {"broken"}
    assert list(errors) == ["broken"] and "this network is broken" in str(errors["broken"])


def test_without_anyone_to_tell_a_failure_is_raised_after_the_results(nets):
    nets = {"broken": Broken(), **nets}
    found = restore_iter(images(), list(nets), load=nets.get)
    results = [next(found)[0] for _ in range(len(nets) - 1)]
    assert set(results) == set(nets) - {"broken"}
    with pytest.raises(ValueError, match="this network is broken"):
        next(found)


def test_setting_cancel_stops_before_the_next_tile(nets):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        list(restore_iter(images(), ["plain"], load=nets.get, cancel=cancel))


class Named(nn.Module):
    """A network with an encoder of its own, which is no shared ViT."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.encoder(x)


def test_a_network_with_an_encoder_of_its_own_is_given_no_tokens():
    x, model = images(), Named()
    with torch.no_grad():
        expected = model(x).clamp(0, 1)
    torch.testing.assert_close(restore(x, ["named"], load={"named": model}.get)["named"], expected)


@pytest.mark.parametrize(
    "bad", [torch.rand(3, 8, 8), torch.rand(1, 1, 8, 8), torch.rand(0, 3, 8, 8)]
)
def test_other_shapes_are_refused_with_theirs(nets, bad):
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\), but got"):
        restore(bad, ["plain"], load=nets.get)


def test_an_unknown_variant_raises_before_anything_is_computed():
    with pytest.raises(ValueError, match="no variant 'nothing'"):
        restore_iter(images(), ["nothing"])
