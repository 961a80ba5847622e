"""Write the tables in `docs/` again, from tables, cards and results: `python -m core.readme`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..base.cli import exit_code
from ..base.files import write_whole
from ..base.paths import DOCS
from .blocks import PAGES, rewritten


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.readme", description=__doc__)
    parser.add_argument(
        "--docs", type=Path, default=DOCS, metavar="DIR", help="the folder of the pages"
    )
    return parser.parse_args(argv)


def work(folder: Path) -> None:
    for page in PAGES:
        text = rewritten((folder / page).read_text(encoding="utf-8"), page)
        write_whole(folder / page, text)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.readme", lambda: work(options.docs))


if __name__ == "__main__":
    sys.exit(main())
