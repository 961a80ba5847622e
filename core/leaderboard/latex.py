r"""A table of results for a paper: LaTeX with booktabs, to be put in by `\input`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..base.quantity import Quantity
from ..metrics import parse_protocol
from ..statistics import LEVEL, Interval, summary
from .ranks import differences_in, ranks_in
from .results import Results

SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    '"': "''", "“": "``", "”": "''", "’": "'", "‘": "`",
    "[": "{[}", "*": "{*}",  # after a line's end these are its options
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "±": r"$\pm$", "°": r"$^\circ$",
    "²": "$^2$", "σ": r"$\sigma$", "Δ": r"$\Delta$", "∞": r"$\infty$", "…": r"\dots{}",
    "→": r"$\to$", "≥": r"$\geq$", "≤": r"$\leq$",
}  # fmt: skip
"""What LaTeX reads otherwise, or has no letter for, as it is written there."""
ARROWS = {"higher": r"$\uparrow$", "lower": r"$\downarrow$", "zero": r"$\to 0$", "none": ""}
BEST, SECOND = r"\textbf{%s}", r"\underline{%s}"
EMPTY = "--"


def escaped(text: str) -> str:
    """The text as LaTeX prints it as it is, on one line; letters of other scripts are left."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "".join(SPECIAL.get(sign, sign) for sign in line).replace("--", "-{}-")


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
    heads = [_head(spec) for spec in specs]
    lines = []
    for name, label in labels.items():
        cells = [_cell(results, name, spec, condition, marks[spec.key]) for spec in specs]
        lines.append(_line([escaped(label), *cells]))
        below = [_change(spec, changes.get((spec.key, name))) for spec in specs]
        if any(below):
            lines.append(_line(["", *below]))
    return "\n".join(
        [
            r"% \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_caption(results, condition, metrics, labels, baseline)}}}",
            rf"\begin{{tabular}}{{l{'r' * len(specs)}}}",
            r"\toprule",
            _line(["Method", *heads]),
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _head(spec: Quantity) -> str:
    unit = f" ({escaped(spec.unit)})" if spec.unit else ""
    return f"{escaped(spec.label)}{unit} {ARROWS[spec.direction]}".rstrip()


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
    number = marks.get(name, "%s") % _number(spec, mean)
    return number if math.isnan(spread) else rf"{number} $\pm$ {spread:.{spec.decimals}f}"


def _change(spec: Quantity, change: Interval | None) -> str:
    """The difference to the baseline with its interval; nothing where there is none."""
    if change is None or math.isnan(change.mean):
        return ""
    known = (end for end in change[1:] if not math.isnan(end))
    ends = [_number(spec, end, signed=True).removeprefix("+") for end in known]
    told = f" {{[}}{', '.join(ends)}{{]}}" if ends else ""
    return rf"\footnotesize {_number(spec, change.mean, signed=True)}{told}"


def _number(spec: Quantity, value: float, *, signed: bool = False) -> str:
    return escaped(spec.number(value, signed=signed).replace("-", "−"))


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
