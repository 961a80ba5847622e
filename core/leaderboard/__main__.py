"""Measure every variant on the test pictures: `python -m core.leaderboard [--out DIR]`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.cli import add_json, check_json, exit_code, write_json
from ..base.files import check_writable
from ..base.launch import stop_on_signal
from ..base.locks import alone
from ..base.paths import CHECKPOINTS
from ..statistics import summary
from .claims import claims
from .conditions import BLOCKS, CONDITIONS, COURSE, NOISE, Block
from .results import MEASUREMENT, RESULTS, Document, Key, Results, Row, read_results, read_rows

if TYPE_CHECKING:
    from ..evaluate.work import Bad
    from .run import Job


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.leaderboard",
        description="Measure every variant on the test pictures, for the leaderboard.",
        epilog="Only what is missing is measured, and what changed: other weights, pictures or "
        "metrics. The results of other variants are kept, and a run that was stopped goes on when "
        "the same command is given again.",
    )
    parser.add_argument(
        "--out", type=Path, default=RESULTS.parent, metavar="DIR",
        help=f"where {RESULTS.name} is; default: {RESULTS.parent.name}/",
    )  # fmt: skip
    parser.add_argument(
        "--variants", nargs="+", default=[], metavar="NAME",
        help="default: every trained and classical one",
    )  # fmt: skip
    parser.add_argument(
        "--conditions", nargs="+", default=[], metavar="EXPR",
        help="some of the leaderboard's, such as 'gaussian_noise(sigma=0.15)'; default: all",
    )  # fmt: skip
    parser.add_argument(
        "--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR", help="the variants' folder"
    )
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count() or 1, metavar="N",
        help="pictures at once; default: cores",
    )  # fmt: skip
    add_json(parser)
    return parser.parse_args(argv)


def check(options: argparse.Namespace) -> None:
    """Raise `ValueError` for options that cannot be, and for what cannot be written."""
    if options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; it must be at least 1.")
    if options.out.exists() and not options.out.is_dir():
        raise ValueError(f"--out '{options.out}' is a file; it must be a folder.")
    check_json(options.json)
    if not options.checkpoints.is_dir():
        raise ValueError(f"There is no folder '{options.checkpoints}' of variants.")
    check_writable(options.out / RESULTS.name)


def prepare(options: argparse.Namespace) -> Job:
    """What is to be measured. Raises `ValueError` for names that do not exist."""
    # Imported here: the command's --help needs none of it.
    from ..variants.store import list_variants, read_card
    from .measure import carry_over, describe
    from .pictures import test_pictures
    from .run import Job

    folder, blocks = options.checkpoints, chosen(options.conditions)
    listed = {card.name: card for card in list_variants(folder)}
    wanted = {name: listed.get(name) or read_card(name, folder) for name in options.variants}
    pictures, path = test_pictures(), options.out / RESULTS.name
    rows, document = {}, describe([*{**listed, **wanted}.values()], pictures, folder)
    if path.exists():
        rows, document = carry_over(*held_rows(path), document)
    cards = [*(wanted or listed).values()]
    return Job(cards, blocks, pictures, folder, path, rows, document)


def held_rows(path: Path) -> tuple[dict[Key, Row], Document]:
    """The rows of an earlier run. Raises `ValueError`, with a way out, where they are not ours."""
    try:
        return read_rows(path)
    except ValueError as error:
        raise ValueError(
            f"'{path}' is no results file of this version, and is not overwritten: move it away, "
            "or give another folder with --out."
        ) from error


def chosen(expressions: Sequence[str]) -> list[Block]:
    """The leaderboard's blocks with these conditions alone; with all if there are none.

    Raises `ValueError` for a condition that is not the leaderboard's, listing those that are.
    """
    from ..degradations import parse_degradation

    wanted = [str(parse_degradation(text)) for text in expressions] or CONDITIONS
    for text in wanted:
        if text not in CONDITIONS:
            known = ", ".join(CONDITIONS)
            raise ValueError(f"The leaderboard has no condition '{text}'. There are: {known}.")
    kept = (replace(b, conditions=tuple(c for c in b.conditions if c in wanted)) for b in BLOCKS)
    return [block for block in kept if block.conditions]


def means(results: Results) -> list[Row]:
    """What is printed: each variant's means under the two conditions of all metrics."""
    rows = []
    for condition in (NOISE, COURSE):
        for variant in results.variants:
            found = {k: summary(results.values(variant, k, condition)) for k in results.metrics}
            count = max(one.count for one in found.values())
            if count:
                row = {"degradation": condition, "variant": variant, "count": count}
                rows.append({**row, **{key: one.mean for key, one in found.items()}})
    return rows


def report(options: argparse.Namespace, path: Path, bad: Sequence[Bad]) -> None:
    """Print the means, the verdicts, and what went wrong."""
    from ..evaluate.summary import left_out, render, render_bad

    results = read_results(path)
    rows = means(results)
    write_json(options.json, rows)
    print(render(rows, [*results.quantities.values()]))
    for claim, finding in claims(results):
        print(f"{finding.verdict}: {claim.claim} {finding.sentence} {finding.why}".rstrip())
    if bad:
        print(render_bad(bad))
    for line in left_out(options.variants, options.checkpoints):
        print(line)
    count = sum(variant != MEASUREMENT for variant in results.variants)
    print(f"{count} variants on {len(results.images)} pictures. Wrote {path}")


def measure(options: argparse.Namespace) -> None:
    check(options)
    with alone(options.out / RESULTS.name):
        job = prepare(options)
        from .run import complete

        with stop_on_signal() as stop:
            bad = complete(job, stop, options.threads)
        report(options, job.path, bad)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.leaderboard", lambda: measure(options))


if __name__ == "__main__":
    sys.exit(main())
