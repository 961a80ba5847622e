"""The generated parts of `docs/`: what each says, and in which page it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..base.table import Table
from .claims import borders, claims_table, cracks, loss_study, story
from .commands import commands_table
from .load import load_table
from .markdown import sources_table
from .tables import (
    checks_table,
    costs_table,
    degradations_table,
    losses_table,
    metrics_table,
    models_table,
    protocols_table,
)
from .variants import protocol, variants_table


@dataclass(frozen=True)
class Block:
    """A generated part of a page of `docs/`, between `<!-- key -->` and `<!-- /key -->`."""

    key: str
    page: str
    write: Callable[[], str]


BLOCKS = Table(
    "block",
    Block("variants", "variants.md", variants_table),
    Block("protocol", "variants.md", protocol),
    Block("losses", "losses.md", losses_table),
    Block("metrics", "metrics.md", metrics_table),
    Block("protocols", "metrics.md", protocols_table),
    Block("models", "models.md", models_table),
    Block("costs", "models.md", costs_table),
    Block("degradations", "models.md", degradations_table),
    Block("checks", "bring.md", checks_table),
    Block("sources", "claims.md", sources_table),
    Block("story", "claims.md", story),
    Block("claims", "claims.md", claims_table),
    Block("loss-study", "claims.md", loss_study),
    Block("cracks", "claims.md", cracks),
    Block("borders", "claims.md", borders),
    Block("commands", "commands.md", commands_table),
    Block("load", "load.md", load_table),
)
PAGES = tuple(dict.fromkeys(block.page for block in BLOCKS.values()))


def rewritten(text: str, page: str) -> str:
    """A page's text, each of its blocks written anew. Raises `ValueError` if one is missing."""
    for block in BLOCKS.values():
        if block.page != page:
            continue
        marks = re.compile(rf"(<!-- {block.key} -->\n).*?(<!-- /{block.key} -->)", re.DOTALL)
        if not marks.search(text):
            raise ValueError(f"'{page}' has no block '{block.key}'.")
        content = block.write()
        text = marks.sub(lambda found, said=content: f"{found[1]}\n{said}\n\n{found[2]}", text)
    return text
