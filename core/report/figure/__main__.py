"""Make the figure of a paper again from its recipe: `python -m core.report.figure RECIPE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...base.cli import exit_code
from ...base.files import check_writable, write_whole

TABLE = "tex"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.report.figure",
        description="Make a figure again: restore, measure, and write it as PNG, PDF and SVG, and "
        "its numbers as a table in LaTeX.",
        epilog="Compare writes recipes, under “Figure for a paper”. Files that a recipe names are "
        "looked for from its own folder.",
    )
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="the recipe, in TOML")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the files go; default: beside the recipe"
    )
    return parser.parse_args(argv)


def work(path: Path, out: Path | None) -> None:
    """Write the figure's files, called as the recipe is."""
    from . import FORMATS, content_of, drawing, latex, read_recipe  # --help needs no torch

    recipe = read_recipe(path)
    files = {end: (out or path.parent) / f"{path.stem}.{end}" for end in (*FORMATS, TABLE)}
    for file in files.values():
        check_writable(file)
    content = content_of(recipe, path.parent)
    drawn = drawing(content)
    for end, form in FORMATS.items():
        write_whole(files[end], form.write(drawn))
    write_whole(files[TABLE], latex(content, recipe))
    for note in drawn.notes:
        print(note)
    print(f"Wrote {', '.join(map(str, files.values()))}")


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.report.figure", lambda: work(options.recipe, options.out))


if __name__ == "__main__":
    sys.exit(main())
