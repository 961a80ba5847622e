"""The syntax of the project's own files, for tests that look for what nobody else may do."""

import ast
from collections.abc import Collection
from pathlib import Path


def nodes_naming(path: Path, names: Collection[str]) -> list[ast.AST]:
    """All nodes of a file; none where no name stands in it: to parse is what takes time."""
    text = path.read_text("utf8")
    if not any(name in text for name in names):
        return []
    return list(ast.walk(ast.parse(text)))
