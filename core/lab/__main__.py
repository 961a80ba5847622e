"""Train what waits in the loss lab: `python -m core.lab [--folder DIR]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..base.cli import exit_code
from ..base.own_losses import add_own_losses
from .experiments import Experiments
from .worker import IDLE_SECONDS, work


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.lab",
        description=__doc__,
        epilog="The dashboard starts this by itself. One process works at a time: a second one "
        "for the same folder ends at once.",
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="the experiments; by default the data folder's"
    )
    parser.add_argument(
        "--idle", type=float, default=IDLE_SECONDS, metavar="SECONDS",
        help="how long to wait for more when nothing waits",
    )  # fmt: skip
    add_own_losses(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    folder = options.folder or Experiments().folder
    return exit_code("core.lab", lambda: work(folder, options.idle))


if __name__ == "__main__":
    sys.exit(main())
