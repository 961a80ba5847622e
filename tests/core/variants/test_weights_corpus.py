"""Every file of the corpus of weights: opened, or refused in one sentence that says why."""

import os
import tracemalloc
import warnings
from contextlib import suppress

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from core.models import MODELS, build_model
from core.models.within import TooLarge, built_within
from core.variants.foreign import open_network
from core.variants.store import list_variants, load_variant, refused_variants, save_variant
from core.variants.tensors import read_tensors
from tests.core.models.test_models import TRAINED
from tests.corpus import weights
from tests.corpus.case import Outcome

PAGES_CAN_SHOW = "a sentence has one line, and no half characters"
MOST_SAID = 1_000  # characters
VARIANTS = [case for case in weights.CASES if case.make().name.endswith(".safetensors")]
few_examples = settings(
    max_examples=30,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


def test_there_are_enough_and_each_has_a_name_of_its_own():
    names = [case.name for case in weights.CASES]
    assert len(names) >= 140 and len(set(names)) == len(names)


@named(weights.CASES)
def test_each_has_its_outcome(case, tmp_path):
    path = case.make().put(tmp_path)
    if case.outcome is Outcome.SHOWN:
        network = open_network(path)
        assert case.expected in network.description.architecture
        assert network.module(torch.rand(1, 3, 16, 16)).shape == (1, 3, 16, 16)
        return
    with pytest.raises(ValueError) as caught:
        open_network(path)
    said = str(caught.value)
    assert case.expected in said
    assert said.isprintable() and said.encode() and len(said) < MOST_SAID, PAGES_CAN_SHOW


def test_no_bad_file_hides_a_good_one(tmp_path, make_card):
    save_variant(build_model("unet", width=4), make_card("good"), tmp_path)
    for number, case in enumerate(VARIANTS):
        case.make().write(tmp_path / f"{number}.safetensors")
    names = {card.name for card in list_variants(tmp_path, classical=False)}
    refused = refused_variants(tmp_path)
    assert "good" in names and len(names) + len(refused) == len(VARIANTS) + 1
    assert len(refused) > 40 and all(said.isprintable() for said in refused.values())
    for name in sorted(name for name in names if name != "good"):
        with suppress(ValueError):  # what only the weights tell is told when they are asked for
            load_variant(name, tmp_path)


@named([case for case in VARIANTS if "60 MB" in case.name or "1 TB" in case.name])
def test_what_is_too_large_is_refused_before_it_is_read(case, tmp_path):
    path = case.make().put(tmp_path)
    tracemalloc.start()
    with pytest.raises(ValueError):
        open_network(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_weights_that_were_read_do_not_hang_on_their_file(tmp_path, make_card):
    """Of a file that is mapped into memory, and cut short, the next look ends the process."""
    with torch.no_grad():
        model = build_model("unet", width=4)
        model.head.bias[0] = 1e6  # kept in single precision, and so not copied in reading
    path = save_variant(model, make_card("large"), tmp_path)
    loaded = load_variant("large", tmp_path)
    assert str(path) not in open("/proc/self/maps").read()
    os.truncate(path, 10)
    assert loaded.head.bias[0] == 1e6
    with pytest.raises(ValueError, match="large.safetensors"):
        load_variant("large", tmp_path)


def test_a_file_that_is_replaced_while_it_is_read_is_not_taken_for_the_former(
    tmp_path, make_card, monkeypatch
):
    save_variant(build_model("unet", width=4), make_card("one"), tmp_path)

    def replaced(path):
        save_variant(build_model("unet", width=3), make_card("one", loss="l1"), tmp_path)
        return read_tensors(path)

    monkeypatch.setattr("core.variants.store.read_tensors", replaced)
    with pytest.raises(ValueError, match="'one.safetensors' was replaced while it was read"):
        load_variant("one", tmp_path)


def test_a_file_that_is_gone_since_it_was_listed_is_no_bad_file(tmp_path, make_card, monkeypatch):
    save_variant(build_model("unet", width=4), make_card("good"), tmp_path)
    listed = [tmp_path / "good.safetensors", tmp_path / "gone.safetensors"]
    monkeypatch.setattr("core.variants.store.variant_files", lambda folder: listed)
    assert [card.name for card in list_variants(tmp_path, classical=False)] == ["good"]
    assert refused_variants(tmp_path) == {}


# Numbers that nobody means -----------------------------------------------------------------------

HOSTILE = [10**6, 10**9, -1, 0.5, float("nan"), float("inf"), "wide", "x" * 10**5, None, {}, [[]]]


@pytest.mark.parametrize("key", TRAINED)
def test_no_model_builds_what_nobody_means(key):
    for name in MODELS[key].defaults:
        for value in HOSTILE:
            if name == "encoder" and isinstance(value, str):
                continue  # a name that is looked up
            with pytest.raises(ValueError) as caught, torch.device("meta"):
                build_model(key, **{name: value})
            assert str(caught.value).isprintable() and len(str(caught.value)) < MOST_SAID


def test_a_network_is_stopped_where_it_has_more_than_is_allowed():
    width = {"width": 8}
    with torch.device("meta"):
        whole = build_model("unet", **width)
        numbers = sum(value.numel() for value in whole.parameters())
        count = len(list(whole.parameters()))
        with built_within(count, numbers):
            build_model("unet", **width)
        build_model("unet", **width)  # outside, there are no bounds
        for bounds in ((count - 1, numbers), (count, numbers - 1)):
            with pytest.raises(TooLarge, match="more than"), built_within(*bounds):
                build_model("unet", **width)
        with pytest.raises(TooLarge), built_within(2, 10**9):
            torch.nn.ModuleList(torch.nn.ReLU() for _ in range(10**9))


# Any damage --------------------------------------------------------------------------------------

WHOLE = save(weights.weights(), metadata={"card": "{}"})


@few_examples
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_refused_in_one_sentence(tmp_path, length):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(WHOLE[:length])
    with pytest.raises(ValueError) as caught:
        read_tensors(path)
    assert str(caught.value).isprintable() and "cut.safetensors" in str(caught.value)


@few_examples
@given(place=st.integers(0, 4000), bit=st.integers(0, 7))
def test_a_bit_that_flipped_gives_the_same_tensors_or_one_sentence(tmp_path, place, bit):
    """In the header; of a bit in the numbers nobody can know."""
    data = bytearray(WHOLE)
    data[place % (8 + int.from_bytes(WHOLE[:8], "little"))] ^= 1 << bit
    path = tmp_path / "flipped.safetensors"
    path.write_bytes(data)
    try:
        tensors, _ = read_tensors(path)
    except ValueError as error:
        assert str(error).isprintable() and "flipped.safetensors" in str(error)
    else:
        assert sum(value.numel() for value in tensors.values()) == NUMBERS


NUMBERS = sum(value.numel() for value in weights.weights().values())
