"""Sharing: once inside, as ever outside, and never for another object or another thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.base.sharing import shared, sharing


@pytest.fixture
def counted():
    calls = []

    @shared
    def total(*things):
        calls.append(things)
        return sum(map(sum, things))

    return total, calls


def test_the_same_objects_are_worked_out_once_and_only_inside(counted):
    total, calls = counted
    one, other = [1, 2], [3]
    with sharing(one, other):
        assert [total(one), total(one), total(one, other), total(one, other)] == [3, 3, 6, 6]
        assert [total(other, one), total(other)] == [6, 3]
    assert calls == [(one,), (one, other), (other, one), (other,)]
    assert total(one) == 3 and len(calls) == 5


def test_equal_is_not_the_same_and_what_is_not_named_is_not_kept(counted):
    total, calls = counted
    one, equal = [1, 2], [1, 2]
    with sharing(one):
        for _ in range(2):
            total(one), total(equal), total(one, equal)
    assert len(calls) == 1 + 2 + 2


def test_what_concerns_an_outer_scope_alone_outlasts_the_inner_ones(counted):
    total, calls = counted
    clean, outputs = [1], [[2], [3]]
    with sharing(clean):
        for output in outputs:
            with sharing(output):
                total(clean), total(output), total(output, clean), total(output, clean)
    assert calls.count((clean,)) == 1 and len(calls) == 1 + 2 + 2


def test_another_thread_shares_nothing_and_an_error_ends_it(counted):
    total, calls = counted
    one = [1, 2]
    with pytest.raises(KeyError), sharing(one):
        total(one)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(total, one).result() == 3
        raise KeyError
    total(one)
    assert len(calls) == 3
