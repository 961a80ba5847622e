"""Names of files that strangers send become harmless, and stay what they were where they are."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.file_names import apart_from, harmless_name


@pytest.mark.parametrize(
    "name", ["a.png", "my photo (2).JPEG", "Überblick_№1.tif", "noext", "a.b.c"]
)
def test_an_ordinary_name_stays(name):
    assert harmless_name(name) == name


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("a\0b.png", "a b.png"),
        ("x.png\0.txt", "x.png.txt"),
        ("\ud800half.png", "half.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\pictures\\a.png", "a.png"),
        ("..", "file"),
        ("", "file"),
        ("\n\t", "file"),
        (".png", "png"),
        ("gnp.\u202etxt.png", "gnp. txt.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
    ],
)
def test_a_hostile_name_becomes_harmless(name, harmless):
    assert harmless_name(name) == harmless


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.text(st.characters(), max_size=400))
def test_whatever_comes_can_be_printed_sent_and_written(tmp_path_factory, name):
    found = harmless_name(name)
    assert found.isprintable() and found == harmless_name(found)
    assert 0 < len(found.encode()) <= 255 and found not in (".", "..")
    assert Path(found).name == found
    (tmp_path_factory.getbasetemp() / found).touch()


def test_a_long_name_keeps_its_suffix():
    assert harmless_name("x" * 10_000 + ".png").endswith("x.png")
    assert len(harmless_name("😀" * 10_000 + ".png").encode()) < 200


def test_equal_names_are_numbered():
    assert apart_from("a.png", {"b.png"}) == "a.png"
    assert apart_from("a.png", {"a.png", "a 2.png"}) == "a 3.png"
    assert apart_from("A", {"a"}) == "A 2"
