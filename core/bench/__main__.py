"""Speed, memory and load: `python -m core.bench [ROW…] [--json FILE] [--list] [--docs]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from ..base.cli import add_json, check_json, exit_code, write_json
from ..base.text_table import text_table
from . import BENCHMARKS, BenchSpec, Differs, NotMeasured, load
from .measured import machine_words, write_measured
from .spec import VERDICTS


@dataclass(frozen=True)
class Result:
    """What came of a row: a value, or a sentence that says why there is none.

    `reached` is None where nothing could be measured, and False where results differ.
    """

    spec: BenchSpec
    value: float | None
    reached: bool | None
    why: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """The result as `--json` writes it."""
        return {
            "name": self.spec.key,
            "value": self.value,
            "unit": self.spec.unit,
            "sense": self.spec.sense,
            "must": self.spec.must,
            "reached": self.reached,
        }

    @property
    def cells(self) -> list[str]:
        """The result as a line of the printed table."""
        value = "-" if self.value is None else f"{self.value:.2f} {self.spec.unit}"
        must = f"{self.spec.sense} {self.spec.must:g} {self.spec.unit}"
        return [self.spec.key, value, must, VERDICTS[self.reached], self.why or self.spec.name]


def measure(spec: BenchSpec) -> Result:
    """Run one row."""
    try:
        value = spec()
    except NotMeasured as error:
        return Result(spec, None, None, str(error))
    except Differs as error:
        return Result(spec, None, False, str(error))
    return Result(spec, value, spec.is_reached(value))


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="what to measure; default: all")
    add_json(parser, "the table")
    parser.add_argument("--list", action="store_true", help="say which rows there are")
    parser.add_argument(
        "--seconds", type=float, default=load.SECONDS, metavar="N",
        help=f"how long the load lasts (default: {load.SECONDS:.0f})",
    )  # fmt: skip
    parser.add_argument(
        "--docs", action="store_true", help="keep the figures as those that docs/load.md shows"
    )
    return parser.parse_args(argv)


def list_rows(specs: Sequence[BenchSpec]) -> None:
    print(text_table([[s.key, f"{s.sense} {s.must:g} {s.unit}", s.name] for s in specs]))


def measure_rows(specs: Sequence[BenchSpec], options: argparse.Namespace) -> None:
    machine = machine_words()
    progress = tqdm(specs, unit="row", disable=None)
    results = []
    for spec in progress:
        progress.set_description(spec.key)
        results.append(measure(spec))
    rows = [result.row for result in results]
    write_json(options.json, rows)
    if options.docs:
        told = [{**row, "about": spec.name} for row, spec in zip(rows, specs, strict=True)]
        write_measured(told, machine, options.seconds)
    header = ["row", "value", "must", "", "what"]
    print(text_table([header, *(result.cells for result in results)]))


def chosen(names: Sequence[str], seconds: float) -> list[BenchSpec]:
    """The rows of these names or groups, all without any, with a load of so many seconds.

    Raises `ValueError`.
    """
    asked = {spec.key: spec for spec in load.rows(load.Load(seconds))}
    every = [asked.get(spec.key, spec) for spec in BENCHMARKS.values()]
    if not names:
        return every
    groups = ([spec for spec in every if spec.group == name] for name in names)
    found = (
        some or [asked.get(name, BENCHMARKS[name])]
        for name, some in zip(names, groups, strict=True)
    )
    return [spec for some in found for spec in some]


def check_docs(specs: Sequence[BenchSpec]) -> None:
    """Raise `ValueError` for other rows than those that the docs show."""
    if [spec.key for spec in specs] != [spec.key for spec in load.LOAD]:
        raise ValueError(
            f"--docs keeps the {len(load.LOAD)} rows of the load: ask for the rows "
            f"'{load.GROUP}' and no others."
        )


def work(options: argparse.Namespace) -> None:
    check_json(options.json)
    specs = chosen(options.rows, options.seconds)
    if options.docs:
        check_docs(specs)
    if options.list:
        list_rows(specs)
    else:
        measure_rows(specs, options)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.bench", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
