"""What is no image is refused alike by every metric, loss and map: a law over their tables."""

from __future__ import annotations

import pytest
import torch

from core.artifacts import ARTIFACTS, JOINT
from core.losses import LOSSES, parse_loss
from core.metrics import METRICS, PROTOCOLS, Measured, grid_test
from tests.corpus.case import Outcome
from tests.corpus.tensors import BETWEEN, CASES, NOT_FINITE, SANE, levels, pair

PROTOCOL = PROTOCOLS["basicsr_y"]


def metric(spec):
    return lambda output, target: spec(output, target, Measured(target, output))


def artifact(spec):
    return lambda output, target: torch.stack(
        [spec(*images).values for images in zip(output, target, strict=True)]
    )


def joint(spec):
    return lambda output, target: torch.stack(
        [spec({"a": o, "b": t}, t).values for o, t in zip(output, target, strict=True)]
    )


HERE = [spec for spec in METRICS.values() if not spec.absent()]
LOOKING = {
    **{f"metric {spec.key}": metric(spec) for spec in HERE},
    **{f"protocol {key}": metric(PROTOCOL.apply(METRICS[key])) for key in PROTOCOL.metrics},
    **{f"loss {spec.key}": spec for spec in LOSSES.values()},
}
TRAINED = {name for name in LOOKING if name.startswith("loss")}
LOOKING["the grid test"] = lambda output, target: grid_test(output, 2)[1]
COMPARING = {f"metric {s.key}" for s in HERE if s.needs_reference or s.needs_measurement}
ALONE = {name for name in LOOKING if name.startswith(("metric", "the"))} - COMPARING

EVERY = pytest.mark.parametrize("name", LOOKING)


@EVERY
def test_nonsense_is_refused_in_one_sentence_with_the_numbers(name):
    look = LOOKING[name]
    for case in CASES:
        if case.outcome is not Outcome.REFUSED or (case in NOT_FINITE and name in TRAINED):
            continue
        output, target = case.make()
        if case in BETWEEN and name in ALONE:
            assert look(output, target).isfinite().all(), case.name
            continue
        with pytest.raises(ValueError, match=case.expected) as refusal:
            look(output, target)
        said = str(refusal.value)
        assert said.endswith(".") and "\n" not in said and len(said) < 200, case.name


@EVERY
def test_what_is_unusual_is_measured(name):
    torch.manual_seed(0)
    for case in SANE:
        output, target = case.make()
        values = LOOKING[name](output, target)
        flat = case.name in ("black", "white")
        assert values.shape == (2,) and (flat or values.isfinite().all()), case.name


@pytest.mark.parametrize("name", sorted(TRAINED))
def test_a_loss_hides_no_value_that_is_not_finite_and_blames_no_other_image(name):
    _, target = pair()
    for case in NOT_FINITE:
        output, _ = case.make()
        values = LOOKING[name](output, target)
        assert not values[0].isfinite() and values[1].isfinite(), case.name


@pytest.mark.parametrize("name", sorted(TRAINED))
def test_training_may_give_anything_of_which_it_takes_a_gradient(name):
    output, target = pair()
    raw = (3 + 40 * output).requires_grad_()
    LOOKING[name](raw, target).sum().backward()
    assert raw.grad.isfinite().all()


class OnAnAccelerator(torch.Tensor):
    """As if it were on another device, where to look at a value is to wait."""

    device = torch.device("cuda")


def test_elsewhere_only_the_first_batch_of_a_training_loss_is_looked_at():
    output, target = (images.as_subclass(OnAnAccelerator) for images in pair())
    loss, wrong = parse_loss("mse + l1"), levels(target)
    assert LOSSES["mse"](output, wrong).isfinite().all()
    with pytest.raises(ValueError, match="scale them"):
        loss(output, wrong)
    assert loss(output, target).isfinite()
    assert loss(output, wrong).isfinite()


MAPS = {
    **{f"map {spec.key}": artifact(spec) for spec in ARTIFACTS.values()},
    **{f"map {spec.key}": joint(spec) for spec in JOINT.values()},
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_of_images_keep_the_law_of_batches(name):
    look = MAPS[name]
    for case in (c for c in CASES if c.outcome is Outcome.REFUSED):
        batches = case.make()
        if not all(isinstance(b, torch.Tensor) and b.ndim >= 4 and len(b) == 2 for b in batches):
            continue  # as images, these are others' nonsense
        with pytest.raises(ValueError):
            look(*batches)
    for case in SANE:
        assert look(*case.make()).isfinite().all(), case.name


def test_maps_refuse_what_is_no_tensor_and_a_whole_batch():
    output, target = pair()
    for spec in ARTIFACTS.values():
        with pytest.raises(ValueError, match=r"\(2, 3, 64, 64\)"):
            spec(output, target)
        with pytest.raises(ValueError, match="numpy.ndarray"):
            spec(output[0].numpy(), target[0].numpy())


def test_the_sentence_names_who_refuses():
    output, target = pair()
    for table in (METRICS, LOSSES):
        with pytest.raises(ValueError, match=f"^{table['mse'].label} takes floats in "):
            table["mse"](output, levels(target))
