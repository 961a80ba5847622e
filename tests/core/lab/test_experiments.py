"""Experiments on disk: the queue, what is refused, and what a bad folder cannot hide."""

from __future__ import annotations

import pytest

from core.lab import experiments as module
from core.lab.plan import MOST_RUNS, Plan, check_plans
from core.lab.presets import PRESETS


def test_it_is_read_as_it_was_asked(begin, experiments):
    asked = begin("mse", "0.8*mse + 0.2*ssim", label=" two \n losses ")
    (found,) = experiments.all()
    assert found.id == asked.id and found.label == "two losses" and found.state == "queued"
    assert [plan.loss for plan in found.plans] == ["mse", "0.8*mse + 0.2*ssim"]
    assert found.steps == found.plans[0].steps == 12
    picture = found.picture()
    assert picture.clean.shape == (48, 48, 3) and picture.noisy.shape == (3, 48, 48)


def test_turns_are_taken_in_order_and_one_may_be_put_behind(begin, experiments):
    first, second, third = (begin(label=str(number)) for number in range(3))
    assert [one.id for one in experiments.waiting()] == [first.id, second.id, third.id]
    first.to_the_end_of_the_queue()
    second.pause()
    assert [one.id for one in experiments.waiting()] == [third.id, first.id]
    assert [experiments.place(one) for one in (first, second, third)] == [1, None, 0]
    second.more()
    assert experiments.place(second) == 2
    third.stop()
    assert (second.state, third.state) == ("queued", "stopped")


def test_a_full_queue_and_nothing_to_train_on_are_refused(begin, experiments, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    one = begin()
    with pytest.raises(ValueError, match="1 experiments"):
        begin()
    with pytest.raises(ValueError, match="200,012"):
        one.more(200_000)
    one.stop()
    with pytest.raises(ValueError, match="nothing"):
        experiments.begin("none", one.plans, one.picture(), [])
    assert [path for path in experiments.folder.iterdir() if path.name != one.id] == []


def test_owners_see_their_own(begin, experiments):
    mine, shared = begin(owner="me"), begin()
    assert [one.id for one in experiments.all("me")] == [mine.id]
    assert experiments.find(mine.id) is None and experiments.find(mine.id, "me") is not None
    assert {one.id for one in experiments.waiting()} == {mine.id, shared.id}


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 20_000, '{"plans": [{"loss": 1}]}'])
def test_a_bad_folder_hides_no_other(begin, experiments, text):
    good, bad = begin(), begin()
    (bad.folder / module.ASKED).write_text(text)
    assert [one.id for one in experiments.all()] == [good.id]
    assert [one.id for one in experiments.waiting()] == [good.id]


def test_a_deleted_one_is_gone(begin, experiments):
    one = begin()
    experiments.delete(one)
    assert not one.is_there and not one.waits and experiments.all() == []


@pytest.mark.parametrize("key", PRESETS)
def test_every_preset_can_be_trained(key):
    preset = PRESETS[key]
    check_plans(list(preset.plans))
    assert len({plan.steps for plan in preset.plans}) == 1


@pytest.mark.parametrize(
    "changes",
    [{"steps": 0}, {"batch": 64}, {"crop": 16}, {"loss": "mes"}, {"model": "none"},
     {"optimiser": "none"}, {"arguments": {"depth": 2}}, {"degradation": {"key": "none"}}],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_what_cannot_be_trained_is_refused(changes):
    with pytest.raises(ValueError):
        check_plans([Plan("bad", **changes)])


def test_runs_are_few_and_have_names_of_their_own():
    with pytest.raises(ValueError, match=str(MOST_RUNS)):
        check_plans([Plan(str(number)) for number in range(MOST_RUNS + 1)])
    with pytest.raises(ValueError, match="a, a"):
        check_plans([Plan("a"), Plan("a")])
