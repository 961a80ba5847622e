"""Train a notebook's pure and mixed losses again: `python -m core.leaderboard.loss_study`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...base.cli import exit_code
from ...base.files import check_writable
from ...base.text_table import text_table
from .results import write
from .study import SEEDS, STEPS, measure
from .words import loss_study_table


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.leaderboard.loss_study",
        description=(
            f"Train a small CNN with six pure and mixed losses, {STEPS} steps each against motion "
            f"blur, with {SEEDS} seeds, and judge them against MSE."
        ),
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results as JSON")
    return parser.parse_args(argv)


def work(out: Path | None) -> None:
    if out:
        check_writable(out)
    results = measure()
    if out:
        write(results, out)
    header, rows = loss_study_table(results)
    print(text_table([header, *rows]))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.leaderboard.loss_study", lambda: work(options.out))


if __name__ == "__main__":
    sys.exit(main())
