"""Tables as aligned text, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence


def text_table(lines: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """Lines of cells, all equally many, with aligned columns two spaces apart.

    Every column is aligned to the left; with `numbers`, all but the first to the right.
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rest = str.rjust if numbers else str.ljust
    aligned = (
        [line[0].ljust(widths[0]), *map(rest, line[1:], widths[1:])] for line in lines if line
    )
    return "\n".join("  ".join(cells).rstrip() for cells in aligned)
