"""The check run: what fails is said, grids on flat grey are found, and work is counted."""

import pytest
import torch
from torch import nn

from core.cost.counting import cost
from core.models import MODELS
from core.variants.foreign import check, check_run
from core.variants.foreign.network import Description, Network


@pytest.fixture(autouse=True)
def one_grey(monkeypatch, one_thread):
    """A flat field of each grey takes a while, and one shows a grid as well."""
    monkeypatch.setattr(check, "GREYS", (0.5,))


def network(module):
    parameters = sum(p.numel() for p in module.parameters())
    return Network(module.eval(), "", Description("published", "Test", {}, parameters))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, images):
        return self.function(images)


def transposed(unequal):
    """A transposed convolution that copies each pixel to four, three of them brighter."""
    layer = nn.ConvTranspose2d(3, 3, 2, stride=2, bias=False)
    nn.init.zeros_(layer.weight)
    for channel in range(3):
        layer.weight.data[channel, channel] = 1.0
        layer.weight.data[channel, channel, 0, 0] -= unequal
    return nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), layer)


class Cropped(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, images):
        return self.inner(images)[..., : images.shape[-2], : images.shape[-1]]


FAULTS = {
    "size": (lambda x: x[..., :-1], "shape"),
    "NaN": (lambda x: x / (x - x), "not finite"),
    "range": (lambda x: 255 * x, "another range"),
    "constant": (lambda x: torch.zeros_like(x), "0.00 everywhere"),
    "error": (lambda x: x @ x, "fails on a picture of 61 x 47"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_in_one_sentence(fault):
    function, words = FAULTS[fault]
    found = check_run(network(Function(function)))
    assert not found.ok and words in found.sentence and "\n" not in found.sentence
    assert not found.flat and found.multiply_adds is None


def test_a_network_that_runs_is_looked_at_and_counted():
    torch.manual_seed(0)
    model = MODELS["cnn"](width=4)
    model.head.bias.data += 0.5
    found = check_run(network(model))
    assert found.ok and not found.sentence and found.seconds > 0
    assert -1 < found.low < found.high < 2
    counted = cost(model)
    assert (found.parameters, found.multiply_adds) == (counted.parameters, counted.multiply_adds)
    assert found.milliseconds > 0 and found.grids == {} and "no grid" in found.flat


def test_a_grid_of_the_upsampling_is_named_with_its_period():
    found = check_run(network(Cropped(transposed(0.02))))
    assert found.ok and list(found.grids) == [2] and found.grids[2] > 1
    assert "period 2" in found.flat and "upsampling's" in found.flat
    level = Cropped(transposed(0.0))
    assert check_run(network(level)).grids == {}


def test_a_grid_without_upsampling_layers_is_not_laid_to_them():
    def woven(images):
        images = images.clone()
        images[..., ::4, ::4] += 0.05
        return images

    found = check_run(network(Function(woven)))
    assert 4 in found.grids and "upsampling" not in found.flat and "period" in found.flat


def test_work_that_cannot_be_counted_is_left_out():
    found = check_run(network(Function(lambda x: x if x.sum().item() > 0 else x + 1)))
    assert found.ok and found.multiply_adds is None and found.milliseconds > 0
