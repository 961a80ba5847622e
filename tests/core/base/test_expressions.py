"""Whatever is written as a loss, a degradation or a protocol: read, or refused in a sentence."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.call_syntax import MAX_LENGTH
from core.degradations import DEGRADATIONS, parse_degradation
from core.losses import LOSSES, parse_loss
from core.metrics import PROTOCOLS, parse_protocol
from tests.corpus.case import Outcome
from tests.corpus.expressions import CASES

LONGEST_SENTENCE = 300
NORMAL_FORMS = {
    "loss": lambda text: parse_loss(text).expression,
    "degradation": lambda text: str(parse_degradation(text)),
    "protocol": lambda text: parse_protocol(text).key,
}
WORDS = [
    *LOSSES, *DEGRADATIONS, *PROTOCOLS, "weight", "window", "sigma", "seed", "clip", "length",
    "border", "(", ")", "=", ",", "+", "*", "-", ".", " ", "\n", "0", "1", "0.5", "1e999", "1e-9",
    "9" * 30, "inf", "nan", "True", "lambda", "if", "'", '"', "#", "\\", "\0", "or", "else",
    "٣", "ｍｓｅ",
]  # fmt: skip
NUMBERS = st.floats(0, 1e30).map(repr) | st.integers(0, 10**12).map(str)
SUMS = st.lists(st.tuples(NUMBERS, st.sampled_from(list(LOSSES))), min_size=1, max_size=30).map(
    lambda terms: "+".join(f"{weight}*{key}" for weight, key in terms)
)
CALLS = st.tuples(
    st.sampled_from([*DEGRADATIONS, *PROTOCOLS]),
    st.sampled_from(["sigma", "seed", "length", "angle", "level", "border", "clip"]),
    NUMBERS,
).map(lambda one: "{}({}={})".format(*one))
TEXTS = st.text() | st.lists(st.sampled_from(WORDS)).map("".join) | SUMS | CALLS


def refusal(kind: str, text: str) -> str:
    """Why a text is refused; it is one sentence, or a few short ones, on one line."""
    with pytest.raises(ValueError) as refused:
        NORMAL_FORMS[kind](text)
    told = str(refused.value)
    assert told.endswith(".") and len(told.splitlines()) == 1 and len(told) < LONGEST_SENTENCE
    return told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_expression_of_the_corpus_comes_out_as_it_says(case):
    kind, text = case.make()
    if case.outcome is Outcome.REFUSED:
        assert case.expected in refusal(kind, text)
    else:
        normal = NORMAL_FORMS[kind](text)
        assert normal == case.expected == NORMAL_FORMS[kind](normal)


def test_the_corpus_is_large_enough_and_names_no_case_twice():
    assert len(CASES) >= 50 and len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("kind", NORMAL_FORMS)
@settings(max_examples=150, deadline=None, database=None)
@given(text=TEXTS)
def test_any_text_is_read_again_as_itself_or_refused_in_a_sentence(kind, text):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            normal = NORMAL_FORMS[kind](text)
        except ValueError:
            refusal(kind, text)
        else:
            assert len(normal) <= MAX_LENGTH and NORMAL_FORMS[kind](normal) == normal
    assert not warned
