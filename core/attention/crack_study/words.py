"""The results in words: a table, verdicts, and sentences made from the numbers."""

from __future__ import annotations

from ...statistics import LEVEL, SIGNS, Interval, Verdict
from ..cam import CAM_METHODS, NETWORKS
from .maps import (
    BASELINE,
    LAYERS_OF,
    MAIN,
    SELF_ATTENTION,
    SIGN_FLIPPED,
    SOURCES,
    method_label,
)
from .results import Claim, Results, Row, read

NOTHING = "—"
MARKS = {1: " ▲", 0: "", -1: " ▼"}
MARKED = "▲ significantly better than RandomCAM on the same layer, ▼ significantly worse"
ARTICLE = "“Denoising autoencoders, Part 3”"


def crack_table(results: Results, variant: str = MAIN) -> tuple[list[str], list[list[str]]]:
    """Return header and rows: average precision of each CAM method on each layer of a variant.

    Marked where the interval of its paired difference to RandomCAM excludes 0; the last row is the
    ground-truth mask itself on the layer's grid.
    """
    rows = [row for row in results.rows if row.variant == variant]
    layers = [layer for layer in results.layers if layer.key in {row.layer for row in rows}]
    header = ["method", *(f"{NETWORKS[layer.network].label} {layer.label}" for layer in layers)]
    lines = [
        [method_label(method), *(_cell(results.row(x.key, method, variant)) for x in layers)]
        for method in dict.fromkeys(row.method for row in rows)
    ]
    ceiling = ["Ground-truth mask on that grid", *(layer.ceiling.text() for layer in layers)]
    return header, [*lines, ceiling]


def _cell(row: Row | None) -> str:
    return row.average_precision.text() + MARKS[row.side] if row else NOTHING


def crack_verdicts(results: Results | None = None) -> tuple[list[str], list[list[str]]]:
    """Return header and rows: the claims by each CAM method, as verdicts with their intervals.

    All CAM methods, then the article's two sign-flipped. By default from `results/cracks.json`;
    raises `ValueError` where that is missing.
    """
    results = results or read()
    header = [
        "method",
        f"its best layer, and its average precision there (chance {results.crack_share:.3f})",
        "more than RandomCAM there",
        "ViT: mean inside the cracks over mean outside more than 1",
        "U-Net: that ratio less than the ViT's",
    ]
    return header, [_verdicts(results, claim) for claim in results.claims]


def _verdicts(results: Results, claim: Claim) -> list[str]:
    rows = [row for row in results.rows if (row.variant, row.method) == (MAIN, claim.method)]
    best = max(rows, key=lambda row: row.average_precision.mean)
    is_random = claim.method == BASELINE
    return [
        method_label(claim.method),
        f"{_layer(results, best)}: {best.average_precision.text()}",
        NOTHING if is_random else _judged(best.finds_more, best.over_random, "+z.3f"),
        _judged(claim.attends, claim.vit, ".2f"),
        _judged(claim.tones_down, claim.quotient, ".2f"),
    ]


def _judged(verdict: Verdict, interval: Interval, form: str) -> str:
    return f"{verdict}: {interval.text(form)}"


def crack_findings(results: Results | None = None) -> list[str]:
    """Return the findings, a sentence or two each, by default from `results/cracks.json`.

    Raises `ValueError` where that is missing, or lacks what is told.
    """
    results = results or read()
    try:
        return [
            _how_well(results),
            _against_random(results),
            _the_sources_band(results),
            *(_the_claim(results, method) for method in SOURCES),
            _all_claims(results),
            _sign_flipped(results),
            _own_attention(results),
        ]
    except (AttributeError, LookupError, ValueError) as error:
        raise ValueError(
            "The crack scores lack methods or layers that are told of: "
            "python -m core.attention.crack_study --out FILE makes them."
        ) from error


def _main_rows(results: Results, network: str) -> list[Row]:
    """Return the CAM methods' rows of one network of the main variant, without RandomCAM's."""
    judged = [row for row in results.rows if row.method in CAM_METHODS and row.method != BASELINE]
    return [row for row in judged if (row.variant, row.network) == (MAIN, network)]


def _best_row(results: Results, network: str) -> Row:
    return max(_main_rows(results, network), key=lambda row: row.average_precision.mean)


def _where(results: Results, row: Row) -> str:
    return f"{method_label(row.method)} on {_layer(results, row)}"


def _layer(results: Results, row: Row) -> str:
    layer = next(layer for layer in results.layers if layer.key == row.layer)
    return f"{NETWORKS[row.network].label} {layer.label}"


def _how_well(results: Results) -> str:
    told = []
    for network in LAYERS_OF:
        best = _best_row(results, network)
        layer = next(layer for layer in results.layers if layer.key == best.layer)
        random = results.row(best.layer, BASELINE)
        told.append(
            f"{_where(results, best)} reaches {best.average_precision.text()}, RandomCAM there "
            f"{random.average_precision.text()}, and the ground-truth mask on its grid of "
            f"{layer.grid[1]} × {layer.grid[0]} {layer.ceiling.mean:.2f}"
        )
    return (
        f"*The best CAM method of each network,* by average precision (by chance "
        f"{results.crack_share:.3f}, the cracks’ share of the pictures): {'; '.join(told)}. The "
        "maximum over many methods and layers is biased upwards."
    )


def _against_random(results: Results) -> str:
    told = []
    for network in LAYERS_OF:
        sides = [row.side for row in _main_rows(results, network)]
        told.append(
            f"{NETWORKS[network].label}: {sides.count(1)} better, {sides.count(-1)} worse, "
            f"{sides.count(0)} of {len(sides)} cannot be told apart"
        )
    return (
        f"*Pairs of method and layer against RandomCAM on the same layer.* {'; '.join(told)}. By "
        f"chance alone about {100 - LEVEL} in 100 would differ."
    )


def _the_sources_band(results: Results) -> str:
    told = []
    for network in LAYERS_OF:
        last = results.row(LAYERS_OF[network][-1], SOURCES[0])
        for row in (last, _best_row(results, network)):
            best = row.best["area"]
            told.append(
                f"{_where(results, row)} keeps {row.source.area:.1%} of the picture, precision "
                f"{row.source.precision:.1%}, recall {row.source.recall:.1%}, IoU "
                f"{row.source.iou:.3f}; its best band by area, the top {1 - best.lower:.0%}, has "
                f"an IoU of {best.iou:.3f}"
            )
    return (
        f"*The band 0.4 to 0.9 of {ARTICLE}.* The whole picture has an IoU of "
        f"{results.crack_share:.3f}. {'. '.join(told)}."
    )


def _the_claim(results: Results, method: str) -> str:
    claim, flipped = results.claim(method), results.claim(SIGN_FLIPPED[method])
    return (
        f"*The claim of {ARTICLE} by {method_label(method)}.* “The ViT attends to the cracks” "
        f"{claim.attends}, “the U-Net tones them down” {claim.tones_down}: the map’s mean inside "
        f"the cracks over its mean outside is {claim.vit.text('.2f')} in the ViT and "
        f"{claim.unet.text('.2f')} in the U-Net, whose ratio is {claim.quotient.text('.2f')} "
        f"times the ViT’s. The sign is a convention: sign-flipped, the same maps have "
        f"{flipped.vit.text('.2f')} and {flipped.unet.text('.2f')}, and the two parts of the "
        f"claim get “{flipped.attends}” and “{flipped.tones_down}”."
    )


def _all_claims(results: Results) -> str:
    counted = [
        claim
        for claim in results.claims
        if claim.method in CAM_METHODS and claim.method != BASELINE
    ]
    parts = {
        "The ViT attends": [claim.attends for claim in counted],
        "the U-Net tones down": [claim.tones_down for claim in counted],
    }
    told = []
    for part, verdicts in parts.items():
        counts = [f"{verdict} {verdicts.count(verdict)}" for verdict in SIGNS]
        told.append(f"{part}: {', '.join(counts)}")
    return (
        f"*The same claim by all {len(counted)} CAM methods except RandomCAM.* {'; '.join(told)}."
    )


def _sign_flipped(results: Results) -> str:
    flipped = [row for row in results.rows if row.method in SIGN_FLIPPED.values()]
    best = max(flipped, key=lambda row: row.average_precision.mean)
    method = next(key for key, name in SIGN_FLIPPED.items() if name == best.method)
    by_rule = results.row(best.layer, method)
    return (
        f"*The sign that the sign rule does not choose.* {_where(results, best)}, reaches "
        f"{best.average_precision.text()}, by the sign rule {by_rule.average_precision.text()}: "
        "look at the signed map before reading its positive part."
    )


def _own_attention(results: Results) -> str:
    rows = [row for row in results.rows if row.method in SELF_ATTENTION]
    told = [f"{_where(results, row)} {row.ratio.text('.2f')}" for row in rows]
    return (
        "*Self-attention of the ViT, without a CAM method.* Mean inside the cracks over mean "
        f"outside, after scaling to [0, 1] like other maps: {'; '.join(told)}."
    )
