"""How results are kept: by what is given, however it is given, and made once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from time import sleep

import pytest

from pages.shared.cached.keeping import Single, forget_everything, kept
from pages.shared.cached.work import job

TOGETHER = 8
MOMENT = 0.02
"""In which others ask as well."""


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    forget_everything()
    yield
    forget_everything()


def test_it_is_kept_by_what_is_given_but_for_what_begins_with_an_underscore():
    made = count()

    @kept
    def number(a: str, _beside: object, b: int = 0) -> int:
        return next(made)

    first = number("x", object(), 1)
    assert number("x", object(), 1) == number("x", _beside=None, b=1) == first
    assert number(b=1, a="x", _beside=0) == first
    others = [number("y", None, 1), number("x", None, 2), number("x", None)]
    assert len({first, *others}) == 4


def test_each_part_of_a_key_of_any_length_counts():
    jobs = [job("kind", "a", "b"), job("kind", "a"), job("kind"), job("other", "a", "b")]
    assert len(set(jobs)) == len(jobs)
    assert job("kind", "a", "b") is jobs[0]


def test_a_single_result_is_made_once_whoever_asks_until_it_is_forgotten():
    made, start = count(), Barrier(TOGETHER)

    @Single
    def number() -> int:
        sleep(MOMENT)
        return next(made)

    def ask(_: int) -> int:
        start.wait()
        return number()

    with ThreadPoolExecutor(TOGETHER) as threads:
        assert set(threads.map(ask, range(TOGETHER))) == {0}
    forget_everything()
    assert number() == 1
