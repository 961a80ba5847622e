"""Look at your own results: `python -m core.open RESULTS…` opens the dashboard on them."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.cli import exit_code
from ..base.own_losses import add_own_losses
from ..base.paths import ROOT

if TYPE_CHECKING:
    from ..sets import PictureSet
    from ..sets.request import Request

MOST_TOLD = 8
LOOPBACK = "127.0.0.1"


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.open",
        description="Open the dashboard on your own pictures: clean, noisy, and outputs of any "
        "methods, side by side with the networks that come with it.",
        epilog="Pictures are paired by their names, never by their places in a list; what was "
        "paired is told here and in the dashboard. Nothing is copied, moved or sent.",
    )
    parser.add_argument(
        "results", nargs="*", type=Path, metavar="RESULTS",
        help="a folder with subfolders such as clean (gt, hq, target), noisy (input, lq) and one "
        "for each method; or pictures, folders, a zip, a .mat file, a saved comparison",
    )  # fmt: skip
    parser.add_argument("--clean", type=Path, metavar="DIR", help="the clean pictures")
    parser.add_argument("--noisy", type=Path, metavar="DIR", help="the noisy pictures")
    parser.add_argument(
        "--output", nargs="+", default=[], metavar="NAME=DIR", help="the outputs of a method"
    )
    parser.add_argument(
        "--results", dest="boards", nargs="+", default=[], type=Path, metavar="FILE",
        help="tables of python -m core.evaluate, for the Leaderboard page; with or without "
        "pictures",
    )  # fmt: skip
    parser.add_argument("--port", type=int, default=8501, help="default: 8501")
    parser.add_argument(
        "--check", action="store_true", help="only tell what was found; start nothing"
    )
    parser.add_argument(
        "--no-paths", action="store_true",
        help="do not let the page open other folders of this machine by their paths",
    )  # fmt: skip
    add_own_losses(parser)
    return parser.parse_args(argv)


def methods(pairs: Sequence[str]) -> dict[str, Path]:
    """Method -> folder of `NAME=DIR`. Raises `ValueError` for another form or a name twice."""
    found: dict[str, Path] = {}
    for pair in pairs:
        name, equals, folder = pair.partition("=")
        if not (name and equals and folder):
            raise ValueError(f"--output is NAME=DIR, but got '{pair}'.")
        if name in found:
            raise ValueError(f"--output names '{name}' twice.")
        found[name] = Path(folder)
    return found


def asked(options: argparse.Namespace) -> Request:
    """What to open. Raises `ValueError` where nothing is named."""
    from ..sets.request import Request

    outputs = methods(options.output)
    request = Request(options.results, options.clean, options.noisy, outputs, options.boards)
    if not (request.has_pictures or request.results):
        raise ValueError("Name a folder, or --clean, --noisy and --output, or --results.")
    return request


def tell_results(path: Path) -> None:
    """What is in a table of `core.evaluate`. Raises `ValueError` where it cannot be opened."""
    from ..leaderboard.evaluation import read_evaluation

    found = read_evaluation(path)
    numbers = {
        "picture": found.images, "variant": found.variants,
        "condition": found.conditions, "metric": found.metrics,
    }  # fmt: skip
    told = ", ".join(
        f"{len(names):,} {what}{'' if len(names) == 1 else 's'}" for what, names in numbers.items()
    )
    print(f"{path.name}: {told}, for the Leaderboard page.")


def tell(found: PictureSet) -> None:
    """What is in the set, and what of it could not be paired."""
    from ..sets.words import pairing_sentences

    roles = {role: 0 for role in ("clean", "noisy", *found.methods)}
    for row in found.pairing.rows:
        for role in row.files:
            roles[role] = roles.get(role, 0) + 1
    parts = [f"{count:,} {role}" for role, count in roles.items() if count]
    print(f"{found.name}: {len(found):,} pictures ({', '.join(parts)}).")
    sentences = pairing_sentences(found.pairing)
    for sentence in sentences[:MOST_TOLD]:
        print(f"  {sentence}")
    if len(sentences) > MOST_TOLD:
        print(f"  … and {len(sentences) - MOST_TOLD:,} more of this kind.")


def serve(request: Request, port: int, *, paths: bool) -> int:
    """Start the dashboard on this machine alone, until it is stopped; its exit status."""
    from ..sets.request import ALLOW_PATHS, OPENED

    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    command += ["--server.address", LOOPBACK, "--server.port", str(port)]
    server = subprocess.Popen(
        command, env={**os.environ, OPENED: request.text, ALLOW_PATHS: str(int(paths))}
    )
    try:
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()


def show(options: argparse.Namespace) -> None:
    request = asked(options)
    for path in request.results:
        tell_results(path)
    if request.has_pictures:
        tell(request.open())
    if not options.check:
        serve(request, options.port, paths=not options.no_paths)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.open", lambda: show(options))


if __name__ == "__main__":
    sys.exit(main())
