"""What the results say: a table, and sentences made from the numbers."""

from __future__ import annotations

from ...statistics import LEVEL, SIGNS, Interval, Verdict
from ..cam import CAM_METHODS, NETWORKS
from .maps import BASELINE, LAYERS_OF, MAIN, REVERSED, SELF_ATTENTION, SOURCES, method_label
from .results import Claim, Results, Row, read

NOTHING = "—"
MARKS = {1: " ▲", 0: "", -1: " ▼"}
MARKED = "▲ clearly better than RandomCAM on the same layer, ▼ clearly worse"


def crack_table(results: Results, variant: str = MAIN) -> tuple[list[str], list[list[str]]]:
    """Header and rows: average precision of each CAM method on each layer of a variant.

    Marked where its paired difference to RandomCAM is clear; the last row is the crack itself.
    """
    rows = [row for row in results.rows if row.variant == variant]
    layers = [layer for layer in results.layers if layer.key in {row.layer for row in rows}]
    header = ["method", *(f"{NETWORKS[layer.network].label} {layer.label}" for layer in layers)]
    lines = [
        [method_label(method), *(_cell(results.row(x.key, method, variant)) for x in layers)]
        for method in dict.fromkeys(row.method for row in rows)
    ]
    ceiling = ["The crack itself on that grid", *(layer.ceiling.text() for layer in layers)]
    return header, [*lines, ceiling]


def _cell(row: Row | None) -> str:
    return row.average_precision.text() + MARKS[row.side] if row else NOTHING


def crack_verdicts(results: Results | None = None) -> tuple[list[str], list[list[str]]]:
    """Header and rows: what each CAM method says of the cracks, in verdicts with their intervals.

    The CAM methods, then those of the sources upside down. Of `results/cracks.json` by default;
    raises `ValueError` where there is none.
    """
    results = results or read()
    header = [
        "method",
        f"its best layer, and its average precision there (chance {results.crack_share:.3f})",
        "more than RandomCAM there",
        "ViT: inside the cracks over outside more than 1",
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
    """What the results say, a sentence or two each; those of `results/cracks.json` by default.

    Raises `ValueError` where there are none.
    """
    results = results or read()
    return [
        _how_well(results),
        _against_random(results),
        _the_sources_band(results),
        *(_the_claim(results, method) for method in SOURCES),
        _all_claims(results),
        _the_other_half(results),
        _own_attention(results),
    ]


def _main_rows(results: Results, network: str) -> list[Row]:
    """The CAM methods' rows of one network of the main variant, without RandomCAM's."""
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
            f"{random.average_precision.text()}, and the crack itself drawn on its grid of "
            f"{layer.grid[1]} × {layer.grid[0]} {layer.ceiling.mean:.2f}"
        )
    return (
        f"*The best CAM method of each network.* By average precision, at which chance has "
        f"{results.crack_share:.3f}, the cracks' share of the pictures: {'; '.join(told)}. The "
        "best of many is flattered by the choice."
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
        f"*CAM methods on layers against RandomCAM on the same layer.* {'; '.join(told)}. By luck "
        f"alone about {100 - LEVEL} in 100 would differ."
    )


def _the_sources_band(results: Results) -> str:
    told = []
    for network in LAYERS_OF:
        last = results.row(LAYERS_OF[network][-1], SOURCES[0])
        for row in (last, _best_row(results, network)):
            best = row.best["area"]
            told.append(
                f"{_where(results, row)} keeps {row.source.area:.1%} of the picture, of which "
                f"{row.source.precision:.1%} is crack: {row.source.recall:.1%} of all crack, IoU "
                f"{row.source.iou:.3f}; its best band by area, the hottest {1 - best.lower:.0%}, "
                f"has {best.iou:.3f}"
            )
    return (
        f"*The source's band 0.4 to 0.9.* To keep the whole picture has an IoU of "
        f"{results.crack_share:.3f}. {'. '.join(told)}."
    )


def _the_claim(results: Results, method: str) -> str:
    claim, turned = results.claim(method), results.claim(REVERSED[method])
    return (
        f"*“The ViT attends to the cracks, the U-Net tones them down”, by "
        f"{method_label(method)}.* The first half {claim.attends}, the second "
        f"{claim.tones_down}: the map's mean inside the cracks over its mean outside is "
        f"{claim.vit.text('.2f')} in the ViT and {claim.unet.text('.2f')} in the U-Net, whose "
        f"ratio is {claim.quotient.text('.2f')} times the ViT's. Its sign is a convention: upside "
        f"down the same maps have {turned.vit.text('.2f')} and {turned.unet.text('.2f')}: the "
        f"first half {turned.attends}, the second {turned.tones_down}."
    )


def _all_claims(results: Results) -> str:
    counted = [
        claim
        for claim in results.claims
        if claim.method in CAM_METHODS and claim.method != BASELINE
    ]
    halves = {
        "The ViT attends": [claim.attends for claim in counted],
        "the U-Net tones down": [claim.tones_down for claim in counted],
    }
    told = []
    for half, verdicts in halves.items():
        counts = [f"{verdict} {verdicts.count(verdict)}" for verdict in SIGNS]
        told.append(f"{half}: {', '.join(counts)}")
    return (
        f"*The same by each of the {len(counted)} CAM methods but RandomCAM.* {'; '.join(told)}."
    )


def _the_other_half(results: Results) -> str:
    turned = [row for row in results.rows if row.method in REVERSED.values()]
    best = max(turned, key=lambda row: row.average_precision.mean)
    method = next(key for key, name in REVERSED.items() if name == best.method)
    upright = results.row(best.layer, method)
    return (
        f"*The half that the sign rule does not show.* {_where(results, best)} reaches "
        f"{best.average_precision.text()}, the right way up {upright.average_precision.text()}: "
        "look at the signed map before reading either half."
    )


def _own_attention(results: Results) -> str:
    rows = [row for row in results.rows if row.method in SELF_ATTENTION]
    told = [f"{_where(results, row)} {row.ratio.text('.2f')}" for row in rows]
    return (
        "*The ViT's own attention, no CAM method between.* Attention paid to patches inside the "
        f"cracks over that paid outside, stretched as maps are: {'; '.join(told)}."
    )
