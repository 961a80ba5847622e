"""What terms weigh: numbers worked out by hand, and weights that give the ratio wanted."""

from __future__ import annotations

import pytest
import torch

from core.lab.balance import balanced, shares
from core.losses import parse_loss

OUTPUT, TARGET = torch.full((1, 3, 8, 8), 0.5), torch.full((1, 3, 8, 8), 0.3)


def test_shares_by_hand():
    """On a difference of 0.2: MSE 0.04, its gradient 2 x 0.2 / n a pixel; L1 0.2 and 1 / n."""
    found = shares(parse_loss("mse + l1"), OUTPUT, TARGET)
    assert found["mse"].value == pytest.approx(0.04 / 0.24)
    assert found["mse"].gradient == pytest.approx(0.4 / 1.4)
    assert sum(share.gradient for share in found.values()) == pytest.approx(1)


def test_a_term_that_stands_twice_is_one():
    found = shares(parse_loss("0.5*mse + l1 + 0.5*mse"), OUTPUT, TARGET)
    once = shares(parse_loss("mse + l1"), OUTPUT, TARGET)
    assert list(found) == ["mse", "l1"]
    for name, share in found.items():
        assert share == pytest.approx(once[name])


def test_a_weight_by_value_is_another_by_gradient():
    torch.manual_seed(0)
    clean = torch.rand(1, 3, 32, 32)
    noisy = (clean + 0.1 * torch.randn(clean.shape)).clamp(0, 1)
    loss = parse_loss("0.8*mse + 0.2*regional_sharpness")
    expression = balanced(loss, noisy, clean, {"mse": 0.8, "regional_sharpness": 0.2})
    after = shares(parse_loss(expression), noisy, clean)
    assert after["mse"].gradient == pytest.approx(0.8, abs=0.002)
    assert expression.startswith("0.8*mse + ")


def test_what_no_weight_helps_is_refused():
    loss = parse_loss("mse + l1")
    with pytest.raises(ValueError, match="mse"):
        balanced(loss, TARGET, TARGET, {"mse": 1, "l1": 1})
    with pytest.raises(ValueError, match="l1"):
        balanced(loss, OUTPUT, TARGET, {"mse": 1})
