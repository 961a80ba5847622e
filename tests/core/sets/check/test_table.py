"""The table: causes come before what they silence, and what is found bears its check's key."""

import importlib
from pathlib import Path

import core.sets.check as card
from core.sets.check import CHECKS, CheckSpec


def test_a_check_silences_only_later_ones():
    order = CHECKS.keys()
    for spec in CHECKS.values():
        assert all(order.index(key) > order.index(spec.key) for key in spec.silences), spec.key


def test_a_spec_that_is_written_is_listed():
    found = set()
    for path in Path(card.__file__).parent.glob("*.py"):
        module = importlib.import_module(f"{card.__name__}.{path.stem}".removesuffix(".__init__"))
        found |= {value.key for value in vars(module).values() if isinstance(value, CheckSpec)}
    assert found == set(CHECKS)


def test_each_says_in_one_line_what_it_looks_for():
    for spec in CHECKS.values():
        assert spec.label and "\n" not in spec.sentence and spec.sentence.endswith(".")
