"""Write the README's generated blocks again, from tables and cards: `python -m core.readme`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..artifacts import VALIDATED
from ..attention.crack_study import crack_verdicts
from ..base.cli import exit_code
from ..base.json_numbers import number
from ..base.paths import ROOT
from ..base.table import Table
from ..cost.__main__ import millions, rows
from ..degradations import DEGRADATIONS
from ..leaderboard import FAMILIES, NOT_MEASURED, STATEMENTS, Finding, Number, claims, read_results
from ..losses import LOSSES
from ..metrics import METRICS, MetricSpec
from ..models import MODELS
from ..statistics import SIGNS
from ..variants.store import Card, list_variants

README = ROOT / "README.md"
SHOWN = (
    *(METRICS[key] for key in ("psnr", "ssim", "blur", "checkerboard_added")),
    *VALIDATED,
    *(METRICS[key] for key in ("detail_gain", "detail_truth", "colour_shift")),
)
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "zero": "0 is best",
    "none": "no end is best",
}
CBM3D_DB = 26.94
"""The best classical denoiser on the validation photos at sigma 0.15, measured once."""
CLASSICAL_RIVAL = "hybrid-mse"


@dataclass(frozen=True)
class Block:
    """A generated part of the README, between `<!-- key -->` and `<!-- /key -->`."""

    key: str
    write: Callable[[], str]


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def variants_table() -> str:
    """Every trained variant that is not hidden, with its validation means."""
    cards = list_variants(classical=False)
    header = ["variant", "loss", "parameters", *(spec.label for spec in SHOWN)]
    return markdown_table(header, ([*_names(card), *_means(card)] for card in cards))


def _names(card: Card) -> list[str]:
    return [f"`{card.name}`", f"`{card.loss}`", f"{card.parameters:,}"]


def _means(card: Card) -> list[str]:
    means = card.validation.get("metrics", {})
    return [spec.format(number(means.get(spec.key))) for spec in SHOWN]


def protocol() -> str:
    """How the numbers of the table were measured, as the cards say; rarer ways with names."""
    found: dict[str, list[str]] = {}
    for card in list_variants(classical=False):
        if card.validation:
            how = f"Means over {card.validation['count']} photos: {card.validation['protocol']}"
            found.setdefault(how, []).append(f"`{card.name}`")
    usual, *others = sorted(found, key=lambda how: -len(found[how])) or ["Not measured yet"]
    named = (f"{', '.join(found[how])}: {how[:1].lower()}{how[1:]}." for how in others)
    return " ".join([f"{usual}.", *named])


def story() -> str:
    """What the leaderboard says of the sources' story, a column for each family of variants."""
    found = {(one.statement, one.family): finding for one, finding in claims(read_results())}
    header = ["part 3 says", *(family.label for family in FAMILIES.values())]
    lines = (
        [one.statement, *(_verdict(found[one.key, family]) for family in FAMILIES)]
        for one in STATEMENTS.values()
    )
    return "\n\n".join([markdown_table(header, lines), *_against_classical()])


def _against_classical() -> list[str]:
    """A variant's PSNR on the validation photos beside CBM3D's; nothing if it was not measured."""
    cards = {card.name: card for card in list_variants(classical=False)}
    if CLASSICAL_RIVAL not in cards or not cards[CLASSICAL_RIVAL].validation:
        return []
    mine = number(cards[CLASSICAL_RIVAL].validation["metrics"]["psnr"])
    return [
        f"The best classical denoiser, CBM3D, has {CBM3D_DB} dB on the validation photos at the "
        f"same sigma; `{CLASSICAL_RIVAL}` has {METRICS['psnr'].format(mine)}, "
        f"{mine - CBM3D_DB:+.2f} dB."
    ]


def claims_table() -> str:
    """The sources' claims, what the leaderboard's results say of each, and its verdict."""
    lines = (
        [
            f"{claim.claim} ({claim.source})",
            _verdict(finding),
            "<br>".join(map(_number, finding.numbers)),
        ]
        for claim, finding in claims(read_results())
    )
    return markdown_table(["claim", "", "measured, with its 95 % interval"], lines)


def _verdict(finding: Finding) -> str:
    """The verdict, what it waits for, and which parts hold and which do not."""
    told = [f"**{finding.verdict}**", NOT_MEASURED if finding.waits else "", finding.parts]
    return "<br>".join(filter(None, told))


def _number(one: Number) -> str:
    """How a number stands to its claim, what it is, mean and interval."""
    sign = SIGNS[one.verdict] if one.verdict else ""
    return f"{sign} {one.label}: {one.text()}".strip()


def cracks() -> str:
    """What attention maps see of known cracks, a CAM method a line."""
    return markdown_table(*crack_verdicts())


def losses_table() -> str:
    lines = (
        [f"`{spec.key}`", spec.formula, spec.rewards, spec.look_for, spec.reference]
        for spec in LOSSES.values()
    )
    return markdown_table(["loss", "definition", "rewards", "look for", "source"], lines)


def metrics_table() -> str:
    lines = (
        [
            f"`{spec.key}`",
            spec.label + (f" ({spec.unit})" if spec.unit else ""),
            DIRECTIONS[spec.direction],
            _compared_with(spec),
            spec.why,
        ]
        for spec in METRICS.values()
    )
    return markdown_table(["metric", "", "direction", "compares with", "why this one"], lines)


def _compared_with(spec: MetricSpec) -> str:
    beside = {"clean image": spec.needs_reference, "measurement": spec.needs_measurement}
    return ", ".join(name for name, needed in beside.items() if needed) or "nothing"


def models_table() -> str:
    lines = ([f"`{s.key}`", s.label, s.sentence, s.reference] for s in MODELS.values())
    return markdown_table(["model", "", "what it is", "source"], lines)


def costs_table() -> str:
    """What each network with weights costs at the sources' 224 x 224 pixels."""
    lines = (
        [
            f"`{row.name}`",
            f"{row.cost.parameters:,}",
            f"{row.cost.tokens:,}",
            millions(row.cost.multiply_adds),
            millions(row.cost.attention),
        ]
        for row in rows()
        if row.cost.parameters
    )
    return markdown_table(
        ["model", "parameters", "tokens", "multiply-adds", "of these attention's"], lines
    )


def degradations_table() -> str:
    lines = (
        [
            f"`{spec.key}`",
            spec.sentence,
            ", ".join(f"{one.name} {one.allowed}" for one in (*spec.parameters, *spec.switches))
            or "none",
        ]
        for spec in DEGRADATIONS.values()
    )
    return markdown_table(["degradation", "what it does", "parameters"], lines)


BLOCKS = Table(
    "block",
    Block("variants", variants_table),
    Block("protocol", protocol),
    Block("story", story),
    Block("claims", claims_table),
    Block("cracks", cracks),
    Block("losses", losses_table),
    Block("metrics", metrics_table),
    Block("models", models_table),
    Block("costs", costs_table),
    Block("degradations", degradations_table),
)


def rewritten(text: str) -> str:
    """The README's text with every block written anew. Raises `ValueError` if one is missing."""
    for block in BLOCKS.values():
        marks = re.compile(rf"(<!-- {block.key} -->\n).*?(<!-- /{block.key} -->)", re.DOTALL)
        if not marks.search(text):
            raise ValueError(f"The README has no block '{block.key}'.")
        content = block.write()
        text = marks.sub(lambda m, c=content: f"{m[1]}\n{c}\n\n{m[2]}", text)
    return text


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.readme", description=__doc__)
    parser.add_argument("--file", type=Path, default=README, help="the README to rewrite")
    file: Path = parser.parse_args(argv).file

    def rewrite() -> None:
        file.write_text(rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")

    return exit_code("core.readme", rewrite)


if __name__ == "__main__":
    sys.exit(main())
