"""Every zip file of the corpus: unpacked, or refused in one sentence and nothing left behind."""

import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.sets.archive import unpack
from tests.corpus import archives
from tests.corpus.case import Outcome

few_examples = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate name")
        yield


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_there_are_enough_and_each_has_a_name_of_its_own():
    names = [case.name for case in archives.CASES]
    assert len(names) >= 50 and len(set(names)) == len(names)


@pytest.mark.parametrize("case", archives.CASES, ids=lambda case: case.name)
def test_each_has_its_outcome(case, tmp_path):
    folder = tmp_path / "in" / "unpacked"
    folder.mkdir(parents=True)
    path = case.make().put(tmp_path)
    if case.outcome is Outcome.SHOWN:
        unpack(path, folder)
        assert files(folder) == sorted(case.expected)
        return
    with pytest.raises(ValueError) as caught:
        unpack(path, folder)
    said = str(caught.value)
    assert case.expected in said and "set.zip" in said and said.isprintable()
    assert not files(tmp_path / "in")


WHOLE = archives.zipped({f"{number}.png": bytes([number]) * 400 for number in range(4)}, 8)


@few_examples
@given(length=st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_refused_and_leaves_nothing(tmp_path_factory, length):
    folder = tmp_path_factory.mktemp("cut")
    path = folder.with_suffix(".zip")
    path.write_bytes(WHOLE[:length])
    with pytest.raises(ValueError) as caught:
        unpack(path, folder)
    assert str(caught.value).isprintable() and not files(folder)


@few_examples
@given(places=st.lists(st.integers(0, 8 * len(WHOLE) - 1), min_size=1, max_size=4))
def test_bits_that_flipped_give_whole_files_or_one_sentence(tmp_path_factory, places):
    data = bytearray(WHOLE)
    for place in places:
        data[place // 8] ^= 1 << place % 8
    folder = tmp_path_factory.mktemp("flipped")
    path = folder.with_suffix(".zip")
    path.write_bytes(data)
    try:
        found = unpack(path, folder)
    except ValueError as error:
        assert str(error).isprintable() and not files(folder)
    else:
        assert all(one.resolve().is_relative_to(folder) for one in found)
        contents = {bytes([number]) * 400 for number in range(4)}
        assert {one.read_bytes() for one in found} <= contents
