"""The commands, from the first lines of their modules: what each does and how it is called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from ..base.paths import ROOT
from .markdown import markdown_table

CALL = re.compile(r"(?P<what>.+): `(?P<call>python -m .+?)`\.?")
"""How a command's module begins: what it does, then how it is called."""


def command_files() -> list[Path]:
    """The modules below core that `python -m` runs: they end by calling `main`."""
    files = sorted((ROOT / "core").rglob("*.py"))
    return [file for file in files if "\nif __name__ ==" in file.read_text(encoding="utf-8")]


def called(file: Path) -> tuple[str, str]:
    """How a command is called, and what it does. Raises `ValueError` where its module says not."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    found = CALL.match(text)
    if found is None:
        name = file.relative_to(ROOT)
        raise ValueError(f"The first line of '{name}' says not 'what it does: `python -m …`'.")
    return found["call"], f"{found['what']}."


def commands_table() -> str:
    """Every command of core, as it is called, and what it does."""
    lines = ([f"`{call}`", what] for call, what in map(called, command_files()))
    return markdown_table(["command", "what it does"], lines)
