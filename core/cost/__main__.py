"""What each network costs: `python -m core.cost [MODEL…] [--size PIXELS] [--json FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from ..base.cli import add_json, check_json, exit_code, write_json
from ..base.text_table import text_table
from ..models import MODELS
from .counting import LEAST, MOST, SIZE, Row, millions, rows
from .timing import milliseconds

HEADER = (
    "model", "parameters", "frozen", "tokens", "multiply-adds", "of attention", "milliseconds",
)  # fmt: skip


def render(table: Sequence[Row], times: Sequence[float]) -> str:
    """The rows as aligned text, numbers to the right."""
    lines = [HEADER] + [
        (
            row.name,
            f"{row.cost.parameters:,}",
            f"{row.cost.frozen:,}",
            f"{row.cost.tokens:,}",
            millions(row.cost.multiply_adds),
            millions(row.cost.attention),
            f"{taken:,.1f}",
        )
        for row, taken in zip(table, times, strict=True)
    ]
    return text_table(lines, numbers=True)


def as_json(table: Sequence[Row], times: Sequence[float], size: int) -> list[dict[str, Any]]:
    """The rows as `--json` writes them."""
    return [
        {
            "model": row.spec.key,
            "arguments": {**row.spec.defaults, **row.arguments},
            "size": size,
            **vars(row.cost),
            "milliseconds": taken,
        }
        for row, taken in zip(table, times, strict=True)
    ]


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.cost",
        description="Parameters, tokens, multiply-adds and milliseconds of each network for one "
        "image, on one thread; the ViT reconstructor with patches of 8, 16 and 32 pixels.",
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help="which; default: all")
    parser.add_argument(
        "--size", type=int, default=SIZE, metavar="PIXELS",
        help=f"the image's side, {LEAST} to {MOST}; default: {SIZE}",
    )  # fmt: skip
    add_json(parser, "the table")
    return parser.parse_args(argv)


def work(options: argparse.Namespace) -> None:
    check_json(options.json)
    table = rows(options.models or MODELS, options.size)
    times = milliseconds(table, options.size, show=True)
    write_json(options.json, as_json(table, times, options.size))
    print(render(table, times))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.cost", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
