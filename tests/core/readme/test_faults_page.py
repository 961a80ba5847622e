"""The page of faults names tests that exist."""

import ast
import re

from core.base.paths import DOCS, ROOT

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_row_of_the_page_names_a_test_that_exists():
    text = (DOCS / "faults.md").read_text("utf8")
    rows = [
        line for line in text.splitlines() if line.startswith("| ") and "| fault |" not in line
    ]
    assert len(rows) > 25
    for row in rows:
        ((file, name),) = NAMED.findall(row)
        tree = ast.parse((ROOT / file).read_text("utf8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, row
