"""Every file of the corpus: shown as it was written, noted, asked about or refused."""

import numpy as np
import pytest

from core.imaging.decoding import RangeError, read_picture
from core.imaging.images import ImageError
from tests.corpus.case import Outcome
from tests.corpus.files import CASES


def test_the_corpus_is_large_and_its_names_differ():
    assert len(CASES) >= 150 and len({case.name for case in CASES}) == len(CASES)


SHOWN = [case for case in CASES if case.outcome in (Outcome.SHOWN, Outcome.NOTED)]
NOT_SHOWN = {Outcome.ASKED: RangeError, Outcome.REFUSED: ImageError}


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.name)
def test_what_is_shown_is_what_was_written(case):
    found = read_picture(case.make())
    wanted = np.asarray(case.expected.pixels)
    assert found.pixels.dtype == np.uint8 and found.pixels.flags.writeable
    assert found.pixels.flags.c_contiguous and found.pixels.shape[2] == 3
    if wanted.ndim == 3:
        assert found.pixels.shape == wanted.shape
    assert np.abs(found.pixels.astype(int) - wanted).max() <= case.expected.within
    told = " ".join(note.text for note in found.notes).casefold()
    assert bool(told) == (case.outcome is Outcome.NOTED), told
    assert all(words.casefold() in told for words in case.expected.told), told


@pytest.mark.parametrize(
    "case", [case for case in CASES if case not in SHOWN], ids=lambda case: case.name
)
def test_what_is_not_shown_is_told_in_one_sentence(case):
    with pytest.raises(ImageError) as caught:
        read_picture(case.make())
    message = str(caught.value)
    assert type(caught.value) is NOT_SHOWN[case.outcome]
    assert all(words in message for words in case.expected.told), message
    assert message.endswith(".") and "\n" not in message
