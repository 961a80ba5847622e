"""Laws of the table that every kind is registered in."""

from types import SimpleNamespace

import pytest

from core.base.table import Table

ONE, TWO = SimpleNamespace(key="one"), SimpleNamespace(key="two")


def test_keeps_the_order_in_which_specs_were_listed():
    table = Table("number", TWO, ONE)
    assert list(table) == table.keys() == ["two", "one"]
    assert table.values() == [TWO, ONE]
    assert len(table) == 2 and "one" in table and "three" not in table


def test_a_duplicate_key_raises():
    with pytest.raises(ValueError, match="number 'one' is listed twice"):
        Table("number", ONE, TWO, SimpleNamespace(key="one"))


def test_an_unknown_key_raises_and_lists_what_exists():
    with pytest.raises(ValueError, match="no number 'three'.*one, two"):
        Table("number", ONE, TWO)["three"]
