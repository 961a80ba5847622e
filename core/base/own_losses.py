"""Whether the Python files of a person's own losses may be run, and where they are."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .paths import data_folder

OWN_LOSSES = "LOSSLENS_OWN_LOSSES"
"""In the environment: 1 lets them be run."""
FLAG = "--own-losses"
FOLDER = "losses"


def allowed() -> bool:
    """Whether whoever started this said that own losses may be run."""
    return os.environ.get(OWN_LOSSES) == "1"


def allow() -> None:
    """Say so, for this process and those that it starts."""
    os.environ[OWN_LOSSES] = "1"


def own_folder() -> Path:
    """Where the files are."""
    return data_folder() / FOLDER


def add_own_losses(parser: argparse.ArgumentParser) -> None:
    """Give a command the option that says so; it takes effect as the command line is read."""
    parser.add_argument(
        FLAG, action=_Allow, nargs=0,
        help=f"run the Python files in {FOLDER}/ of the data folder: losses of your own",
    )  # fmt: skip


class _Allow(argparse.Action):
    def __call__(self, *_: object) -> None:
        allow()
