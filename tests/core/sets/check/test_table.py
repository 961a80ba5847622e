"""The table: causes come before what they silence, and what is found bears its check's key."""

from core.sets.check import CHECKS


def test_a_check_silences_only_later_ones():
    order = CHECKS.keys()
    for spec in CHECKS.values():
        assert all(order.index(key) > order.index(spec.key) for key in spec.silences), spec.key


def test_each_says_in_one_line_what_it_looks_for():
    for spec in CHECKS.values():
        assert spec.label and "\n" not in spec.sentence and spec.sentence.endswith(".")
