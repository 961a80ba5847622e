r"""Tables for papers: text as LaTeX prints it, and one table with booktabs, for `\input`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .quantity import Quantity

SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "`": r"\textasciigrave{}",
    '"': "''", "“": "``", "”": "''", "’": "'", "‘": "`",
    "[": "{[}", "*": "{*}",  # after a line's end these are its options
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "±": r"$\pm$", "°": r"$^\circ$",
    "²": "$^2$", "σ": r"$\sigma$", "Δ": r"$\Delta$", "∞": r"$\infty$", "…": r"\dots{}",
    "\N{NON-BREAKING HYPHEN}": "-",
    "→": r"$\to$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "≥": r"$\geq$", "≤": r"$\leq$",
}  # fmt: skip
"""What LaTeX reads otherwise, or has no letter for, as it is written there."""
BEST, SECOND = r"\textbf{%s}", r"\underline{%s}"
EMPTY = "--"


def escaped(text: str) -> str:
    """The text as LaTeX prints it as it is, on one line; letters of other scripts are left."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return "".join(SPECIAL.get(sign, sign) for sign in line).replace("--", "-{}-")


def booktabs(caption: str, specs: Sequence[Quantity], lines: Iterable[Sequence[str]]) -> str:
    """A table of a column of methods and one for each of `specs`; all cells are LaTeX already.

    So is `caption`.
    """
    return "\n".join(
        [
            r"% \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\begin{{tabular}}{{l{'r' * len(specs)}}}",
            r"\toprule",
            _line(["Method", *(escaped(spec.heading) for spec in specs)]),
            r"\midrule",
            *map(_line, lines),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def number(spec: Quantity, value: float, *, signed: bool = False) -> str:
    """A value as its quantity writes it, without the unit."""
    return escaped(spec.number(value, signed=signed).replace("-", "−"))


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
