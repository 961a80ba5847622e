"""Visitors without a browser: `python -m pages.shared.visitors crowd ADDRESS --json FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.base.cli import write_json
from pages.shared.visitors.load import Notes, alone, crowd, leavers

KINDS: dict[str, Callable[[argparse.Namespace], Notes]] = {
    "crowd": lambda options: crowd(options.address, options.visitors, options.seconds),
    "alone": lambda options: alone(options.address, options.trips, options.seconds),
    "leavers": lambda options: leavers(options.address, options.times),
}


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pages.shared.visitors", description=__doc__)
    parser.add_argument("kind", choices=KINDS, help="what the visitors do")
    parser.add_argument("address", help="where the dashboard is, as http://127.0.0.1:8501")
    parser.add_argument("--json", type=Path, required=True, metavar="FILE", help="what they saw")
    parser.add_argument("--visitors", type=int, default=20, help="of a crowd, at once")
    parser.add_argument("--seconds", type=float, default=300.0, help="how long they come")
    parser.add_argument("--trips", type=int, nargs="*", default=[], help="of the one alone")
    parser.add_argument("--times", type=int, default=200, help="how often one leaves")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    write_json(options.json, KINDS[options.kind](options).document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
