"""Files are written whole or not at all, by one helper; and tables of text by another."""

import ast

import pytest

from core.base.files import written_whole
from core.base.paths import ROOT
from core.base.text_table import text_table

CORE = ROOT / "core"


def test_a_file_is_replaced_when_the_block_ends_and_not_before(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with written_whole(path) as file:
        file.write_text("one")
        assert file.parent == path.parent and not path.exists()
    with written_whole(path) as file:
        file.write_text("two")
        assert path.read_text() == "one"
    assert path.read_text() == "two" and [*path.parent.iterdir()] == [path]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError, match="28"), written_whole(path) as file:
        file.write_text("half")
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_nothing_else_in_core_puts_a_file_in_place():
    names = {"os.replace", "os.rename", "shutil.move"}
    found = set()
    for path in CORE.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf8")))
        if names & {ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute)}:
            found.add(path.relative_to(CORE).as_posix())
    assert found == {"base/files.py"}


def test_columns_are_aligned_words_to_the_left_and_numbers_to_the_right():
    lines = [["name", "n", "what"], ["a", "12", "x"]]
    assert text_table(lines) == "name  n   what\na     12  x"
    assert text_table(lines, numbers=True) == "name   n  what\na     12     x"
