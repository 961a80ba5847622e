"""Optimisers: they learn, go on from a saved state, and Lookahead does what its paper says."""

import copy

import pytest
import torch
from torch import nn

from core.train.optimisers import OPTIMISERS, Lookahead
from core.train.recipes import Recipe

RECIPE = Recipe(key="toy", learning_rate=0.01, weight_decay=0.1)


def a_problem():
    """A small seeded network and its error, as a function without arguments."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
    inputs, wanted = torch.randn(16, 4), torch.randn(16, 2)
    return model, lambda: (model(inputs) - wanted).square().mean()


def take(steps, optimiser, error, schedule=None):
    for _ in range(steps):
        optimiser.zero_grad()
        error().backward()
        optimiser.step()
        if schedule:
            schedule.step()


@pytest.mark.parametrize("key", OPTIMISERS)
def test_every_optimiser_moves_every_weight_downhill(key):
    model, error = a_problem()
    before, start = copy.deepcopy(model.state_dict()), error().item()
    take(100, OPTIMISERS[key].build(model.parameters(), RECIPE), error)
    assert error().item() < 0.7 * start
    assert all((value != before[name]).all() for name, value in model.state_dict().items())


@pytest.mark.parametrize("key", OPTIMISERS)
@pytest.mark.parametrize("pause", [3, 5, 8])
def test_a_run_that_is_saved_and_loaded_goes_on_to_the_bit(key, pause, tmp_path):
    def begun():
        model, error = a_problem()
        optimiser = OPTIMISERS[key].build(model.parameters(), RECIPE)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 / (step + 1))
        return model, error, optimiser, schedule

    whole, error, *rest = begun()
    take(14, rest[0], error, rest[1])

    first, error, optimiser, schedule = begun()
    take(pause, optimiser, error, schedule)
    parts = {"model": first, "optimiser": optimiser, "schedule": schedule}
    torch.save({name: part.state_dict() for name, part in parts.items()}, tmp_path / "state.pt")

    state = torch.load(tmp_path / "state.pt", weights_only=True)
    second, error, optimiser, schedule = begun()
    second.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    take(14 - pause, optimiser, error, schedule)
    assert all(
        torch.equal(value, whole.state_dict()[name]) for name, value in second.state_dict().items()
    )


@pytest.mark.parametrize("key", OPTIMISERS)
def test_a_schedule_reaches_the_steps(key):
    model, error = a_problem()
    optimiser = OPTIMISERS[key].build(model.parameters(), RECIPE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: float(step < 5))
    take(5, optimiser, error, schedule)
    reached = copy.deepcopy(model.state_dict())
    assert optimiser.param_groups[0]["lr"] == 0
    take(4, optimiser, error, schedule)  # no fifth step: Lookahead does not synchronise
    assert all(torch.equal(value, reached[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("adam", "Adam(lr=0.01, weight_decay=0.1)"),
        ("adamw", "AdamW(lr=0.01, weight_decay=0.1)"),
        ("lookahead_adamw", "Lookahead(AdamW(lr=0.01, weight_decay=0.1), k=5, alpha=0.5)"),
    ],
)
def test_a_card_says_what_was_built(key, text):
    assert OPTIMISERS[key].describe(RECIPE) == text
    built = OPTIMISERS[key].build([nn.Parameter(torch.zeros(1))], RECIPE)
    assert type(built).__name__ == text.split("(")[0]
    assert built.param_groups[0]["lr"] == 0.01 and built.param_groups[0]["weight_decay"] == 0.1


def test_weight_decay_is_apart_from_the_gradient_in_adamw_alone():
    # Without a gradient, AdamW shrinks by lr times decay; Adam takes decay for a gradient, whose
    # size it divides out.
    for key, expected in [("adam", 2 - 0.01), ("adamw", 2 * (1 - 0.01 * 0.1))]:
        weight = nn.Parameter(torch.tensor([2.0]))
        optimiser = OPTIMISERS[key].build([weight], RECIPE)
        weight.grad = torch.zeros(1)
        optimiser.step()
        assert weight.item() == pytest.approx(expected, abs=1e-6)


# Lookahead, worked out by hand -----------------------------------------------------------------


def one_weight(k=5, alpha=0.5):
    """A weight of 10 whose inner steps are all -1: SGD of rate 1 on a gradient of 1."""
    weight = nn.Parameter(torch.tensor([10.0]))
    optimiser = Lookahead(torch.optim.SGD([weight], lr=1.0), k, alpha)

    def step():
        weight.grad = torch.ones(1)
        optimiser.step()
        return weight.item()

    return weight, optimiser, step


def test_slow_weights_are_as_worked_out_by_hand():
    # 10 -> 9 8 7 6 5; slow = 10 + 0.5 (5 - 10) = 7.5, and on from there:
    # 7.5 -> 6.5 5.5 4.5 3.5 2.5; slow = 7.5 + 0.5 (2.5 - 7.5) = 5.
    _, optimiser, step = one_weight()
    slow, fast = [], []
    for _ in range(12):
        fast.append(step())
        slow.append(optimiser.slow[0].item())
    assert fast == [9, 8, 7, 6, 7.5, 6.5, 5.5, 4.5, 3.5, 5, 4, 3]
    assert slow == [10] * 4 + [7.5] * 5 + [5] * 3


def test_other_k_and_alpha_are_as_worked_out_by_hand():
    # k 2, alpha 0.25: 10 -> 9 8; slow = 10 - 0.25 * 2 = 9.5 -> 8.5 7.5; slow = 9.5 - 0.5 = 9.
    _, optimiser, step = one_weight(k=2, alpha=0.25)
    assert [step() for _ in range(4)] == [9, 9.5, 8.5, 9]
    assert optimiser.slow[0].item() == 9


def test_with_alpha_one_it_is_its_inner_optimiser():
    results = []
    for wrap in (lambda inner: inner, lambda inner: Lookahead(inner, alpha=1.0)):
        model, error = a_problem()
        take(12, wrap(torch.optim.AdamW(model.parameters(), lr=0.01)), error)
        results.append(model.state_dict())
    plain, wrapped = results
    assert all(torch.equal(plain[name], wrapped[name]) for name in plain)


def test_the_inner_moments_last_over_a_synchronisation():
    # Momentum 0.5 on a gradient of 1 steps 1, 1.5, 1.75: 10 -> 9, 7.5; slow = 8.75, then -1.75.
    weight = nn.Parameter(torch.tensor([10.0]))
    optimiser = Lookahead(torch.optim.SGD([weight], lr=1.0, momentum=0.5), k=2)
    seen = []
    for _ in range(3):
        weight.grad = torch.ones(1)
        optimiser.step()
        seen.append(weight.item())
    assert seen == [9, 8.75, 7]


@pytest.mark.parametrize(("k", "alpha"), [(0, 0.5), (5, 0.0), (5, 1.5)])
def test_lookahead_refuses_what_it_cannot_do(k, alpha):
    with pytest.raises(ValueError, match="k of 1 or more and alpha above 0, up to 1"):
        one_weight(k, alpha)
