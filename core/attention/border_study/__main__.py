"""Count maps hottest at the border: `python -m core.attention.border_study [--json FILE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ...base.cli import add_json, check_json, exit_code, write_json
from ...base.text_table import text_table
from ...variants.store import load_variant
from .study import measure
from .words import border_table

VARIANTS = ("hybrid-mse", "unet-mse")


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.attention.border_study",
        description="Count the attention maps that are hottest at the picture's border: as the "
        "networks were trained, with zeros beyond it, and with the picture mirrored there.",
    )
    add_json(parser, "the results")
    return parser.parse_args(argv)


def work(out: Path | None) -> None:
    check_json(out)
    rows = measure({name: load_variant(name) for name in VARIANTS})
    write_json(out, rows)
    header, lines = border_table(rows)
    print(text_table([header, *lines]))


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.attention.border_study", lambda: work(options.json))


if __name__ == "__main__":
    sys.exit(main())
