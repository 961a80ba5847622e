"""The command line: `python -m core.attention.crack_study [--out FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...base.cli import exit_code
from .maps import places
from .pictures import samples
from .results import Results, write
from .study import measure
from .words import MARKED, crack_findings, crack_table


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.attention.crack_study",
        description="Score every CAM method on known cracks.",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results as JSON")
    return parser.parse_args(argv)


def render(results: Results) -> str:
    """The table as aligned text, and the findings below it."""
    header, rows = crack_table(results)
    columns = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, columns, strict=True)).rstrip()
        for line in (header, *rows)
    ]
    return "\n".join([f"Average precision. {MARKED}.", *lines, "", *crack_findings(results)])


def work(out: Path | None) -> None:
    results = measure(samples(), places())
    if out:
        write(results, out)
    print(render(results))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.attention.crack_study", lambda: work(options.out))


if __name__ == "__main__":
    sys.exit(main())
