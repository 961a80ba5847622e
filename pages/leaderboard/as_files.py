"""The table as files, its rows in the order of the screen: CSV with numbers in full, and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.imaging.export import to_csv
from core.statistics import UNKNOWN
from pages.shared import cached

if TYPE_CHECKING:
    from core.base.quantity import Quantity
    from pages.leaderboard.ranking import RankRow
    from pages.leaderboard.shown import Shown


def csv_of(shown: Shown, rows: Sequence[RankRow]) -> bytes:
    """A line for each row, columns named by the metrics' keys; empty where there is no number."""
    return to_csv([line(shown, row.name) for row in rows]).encode("utf8")


def tex_of(shown: Shown, rows: Sequence[RankRow]) -> bytes:
    """The rows for a paper, numbers as on the screen."""
    from core.leaderboard.latex import latex_table

    labels = {row.name: row.label for row in rows}
    text = latex_table(
        shown.board.results, shown.task.condition, shown.keys, labels, shown.baseline
    )
    return text.encode("utf8")


def line(shown: Shown, name: str) -> dict[str, object]:
    """A variant's numbers."""
    variant = shown.board.variants[name]
    built = variant.story.get("built")
    cost = (
        cached.measured.cost_of(variant.model, built)
        if variant.model and built is not None
        else None
    )
    found: dict[str, object] = {
        "variant": name,
        "label": shown.board.labels[name],
        "condition": shown.task.condition,
        "noise": noise_of(shown.task.condition),
        "baseline": shown.baseline,
    }
    for spec in shown.specs:
        found |= numbers(shown, name, spec)
    return {
        **found,
        "parameters": variant.parameters,
        "milliseconds": cost["milliseconds"] if cost else None,
    }


def noise_of(condition: str) -> str:
    """What kind of noise a condition has: "clipped colour noise"; empty where that is unknown."""
    from core.degradations import parse_degradation

    try:
        return parse_degradation(condition).noise_words
    except ValueError:  # as given, or of a degradation that is not known any more
        return ""


def numbers(shown: Shown, name: str, spec: Quantity) -> dict[str, object]:
    """Mean, spread, rank and the difference to the baseline of one metric."""
    mean, spread, count = shown.found(name, spec)
    change = shown.differences.get((spec.key, name), UNKNOWN)
    return {
        spec.key: mean,
        f"{spec.key}_sd": spread,
        f"{spec.key}_pictures": count,
        f"{spec.key}_rank": shown.ranks[spec.key, name],
        f"{spec.key}_difference": change.mean,
        f"{spec.key}_low": change.low,
        f"{spec.key}_high": change.high,
    }


@dataclass(frozen=True)
class TableFile:
    """A kind of file that a table can be: its MIME type, and what writes the rows."""

    kind: str
    write: Callable[[Shown, Sequence[RankRow]], bytes]


FILES = {"csv": TableFile("text/csv", csv_of), "tex": TableFile("application/x-tex", tex_of)}
"""By the end of the file's name."""
