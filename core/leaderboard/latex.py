r"""A table of results for a paper: LaTeX with booktabs, to be put in by `\input`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..base.latex import BEST, EMPTY, SECOND, booktabs, escaped, number
from ..base.quantity import Quantity
from ..metrics import parse_protocol
from ..statistics import LEVEL, Interval, summary
from .ranks import differences_in, ranks_in
from .results import Results


def latex_table(
    results: Results,
    condition: str,
    metrics: Sequence[str],
    labels: Mapping[str, str],
    baseline: str,
) -> str:
    """The variants of `labels` (name -> label, in this order) under a condition, with booktabs.

    Of each, mean ± standard deviation over the pictures, and in a second line the difference to
    the baseline, picture by picture, with its interval. Bold are those of rank 1 among these
    variants, underlined those of the next rank that there is; nothing is where all share one.
    Raises `ValueError` for a metric that the results lack.
    """
    specs = [results.quantities[metric] for metric in metrics]
    marks = {spec.key: _marks(results, spec.key, condition, list(labels)) for spec in specs}
    changes = differences_in(results, condition, metrics, baseline)
    lines = []
    for name, label in labels.items():
        cells = [_cell(results, name, spec, condition, marks[spec.key]) for spec in specs]
        lines.append([escaped(label), *cells])
        below = [_change(spec, changes.get((spec.key, name))) for spec in specs]
        if any(below):
            lines.append(["", *below])
    return booktabs(_caption(results, condition, metrics, labels, baseline), specs, lines)


def _marks(results: Results, metric: str, condition: str, names: Sequence[str]) -> dict[str, str]:
    """Name -> how its number is set: a best is named only where another is clearly worse."""
    ranks = {n: r for n, r in ranks_in(results, metric, condition, names).items() if r}
    order = sorted(set(ranks.values()))
    if len(order) < 2:
        return {}
    marked = dict(zip(order, (BEST, SECOND), strict=False))
    return {name: marked[rank] for name, rank in ranks.items() if rank in marked}


def _cell(
    results: Results, name: str, spec: Quantity, condition: str, marks: Mapping[str, str]
) -> str:
    """Mean and spread as the page shows them."""
    mean, spread, _ = summary(results.values(name, spec.key, condition))
    if math.isnan(mean):
        return EMPTY
    marked = marks.get(name, "%s") % number(spec, mean)
    return marked if math.isnan(spread) else rf"{marked} $\pm$ {spread:.{spec.decimals}f}"


def _change(spec: Quantity, change: Interval | None) -> str:
    """The difference to the baseline with its interval; nothing where there is none."""
    if change is None or math.isnan(change.mean):
        return ""
    known = (end for end in change[1:] if not math.isnan(end))
    ends = [number(spec, end, signed=True).removeprefix("+") for end in known]
    told = f" {{[}}{', '.join(ends)}{{]}}" if ends else ""
    return rf"\footnotesize {number(spec, change.mean, signed=True)}{told}"


def _caption(
    results: Results,
    condition: str,
    metrics: Sequence[str],
    labels: Mapping[str, str],
    baseline: str,
) -> str:
    count = results.pictures(condition)
    protocol = parse_protocol(results.protocol)
    measured = ", ".join(results.quantities[metric].label for metric in metrics)
    told = (
        f"{measured}: mean ± standard deviation over {count:,} pictures ({condition}), protocol "
        f"“{protocol.label}”. Below: the difference to "
        f"{labels.get(baseline, baseline)}, picture by picture, with its {LEVEL} % interval. "
        "Bold: rank 1; underlined: the next rank; methods that the pictures cannot tell apart "
        "share a rank."
    )
    return escaped(told)
