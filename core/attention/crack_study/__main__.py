"""Score CAM methods on known cracks: `python -m core.attention.crack_study [--out FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...base.cli import exit_code
from ...base.files import check_writable
from ...base.text_table import text_table
from .maps import places
from .pictures import samples
from .results import Results, write
from .study import measure
from .words import MARKED, crack_findings, crack_table


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.attention.crack_study",
        description="Score every CAM method against the ground-truth masks of cracks.",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results as JSON")
    return parser.parse_args(argv)


def render(results: Results) -> str:
    """Return the table as aligned text, and the findings below it."""
    header, rows = crack_table(results)
    table = text_table([header, *rows])
    return "\n".join([f"Average precision. {MARKED}.", table, "", *crack_findings(results)])


def work(out: Path | None) -> None:
    if out:
        check_writable(out)
    results = measure(samples(), places())
    if out:
        write(results, out)
    print(render(results))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.attention.crack_study", lambda: work(options.out))


if __name__ == "__main__":
    sys.exit(main())
