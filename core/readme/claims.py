"""What the sources claim, and what the leaderboard and the crack study say of it."""

from __future__ import annotations

from ..attention.border_study import border_table, read_borders
from ..attention.crack_study import crack_verdicts
from ..base.json_numbers import number
from ..leaderboard import FAMILIES, NOT_MEASURED, STATEMENTS, Finding, Number, claims, read_results
from ..leaderboard.loss_study import loss_study_table, read
from ..leaderboard.published import PART_3
from ..metrics import METRICS
from ..statistics import SIGNS
from ..variants.store import list_variants
from .markdown import linked, markdown_table

CBM3D_DB = 26.94
"""The best classical denoiser on the validation photos at sigma 0.15, measured once."""
CLASSICAL_RIVAL = "hybrid-mse"


def story() -> str:
    """What the leaderboard says of the article's findings, a column for each family."""
    found = {(one.statement, one.family): finding for one, finding in claims(read_results())}
    header = [f"{linked(PART_3)} says", *(family.label for family in FAMILIES.values())]
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
            f"{claim.claim} ({linked(claim.source)})",
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


def borders() -> str:
    """How many attention maps are hottest at the picture's border."""
    return markdown_table(*border_table(read_borders()))


def loss_study() -> str:
    """The course's pure and mixed losses, its numbers beside ours, and what is judged."""
    results = read()
    told = (
        f"{results.seeds} seeds of {results.steps} steps for each loss, on {results.pictures} "
        "pictures; a difference is that to MSE, paired by seed and picture."
    )
    return f"{told}\n\n{markdown_table(*loss_study_table(results))}"
