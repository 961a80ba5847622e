"""The sources' claims: our numbers with their intervals, and what they say of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.base.quantity import Quantity
from core.leaderboard.findings import NOT_MEASURED
from core.statistics import SIGNS
from pages.leaderboard.common import Board
from pages.leaderboard.sources import number_of
from pages.shared import cached

if TYPE_CHECKING:
    from core.leaderboard import ClaimSpec, Finding, Number, Published
    from core.statistics import Side, Verdict

Metrics = Mapping[str, Quantity]

ROOM = 1.05
SHEET = Path(__file__).with_name("claims.css")
ABOUT = (
    "Each claim is put as differences between variants that differ in one thing, picture by "
    "picture. It **holds** if every interval lies on the claimed side (tinted), does **not hold** "
    "if one lies off it; otherwise these pictures **cannot tell**. Of a claim of several parts "
    "the line below it says which parts hold and which are open. What “Denoising autoencoders, "
    "Part 3” says of its losses is judged for two families of variants: its own network, ViT + "
    "U-Net, and a convolutional autoencoder without skips."
)


CLASSES: dict[Verdict, str] = {
    "holds": "holds",
    "does not hold": "fails",
    "cannot be told": "open",
}
"""How a verdict is called in the style sheet."""


def draw(board: Board) -> None:
    """What all claims come to, then one after the other."""
    st.markdown(ABOUT)
    found = cached.measured.claims()
    told = articles(found, board.results.quantities)
    st.html(f"<style>{sheet()}</style>{summary(found)}<div class=claims>{told}</div>")


@cache
def sheet() -> str:
    return SHEET.read_text("utf8")


def summary(found: Sequence[tuple[ClaimSpec, Finding]]) -> str:
    """How many claims have each verdict."""
    counts = Counter(finding.verdict for _, finding in found)
    chips = "".join(f"<span>{chip(verdict)} {counts[verdict]}</span>" for verdict in CLASSES)
    waiting = sum(finding.waits for _, finding in found)
    note = f"<span>{waiting} of these wait for variants that are {NOT_MEASURED}</span>"
    return f"<p class=verdicts>{chips}{note if waiting else ''}</p>"


def articles(found: Sequence[tuple[ClaimSpec, Finding]], metrics: Metrics) -> str:
    return "".join(article(claim, finding, metrics) for claim, finding in found)


def article(claim: ClaimSpec, finding: Finding, metrics: Metrics) -> str:
    """One claim: verdict, claim and source, the numbers, and how the claim was read."""
    lines = "".join(map(numbers, finding.numbers, scales(finding.numbers)))
    beside = ""
    if claim.published:
        beside = f"<p class=why>{escape(printed(claim.published, metrics))}</p>"
    verdict = chip(finding.verdict, NOT_MEASURED if finding.waits else "")
    parts = f"<p class=parts>{escape(finding.parts)}</p>" if finding.parts else ""
    return (
        f"<section class={CLASSES[finding.verdict]}>"
        f"<header>{verdict}<h4>{escape(claim.claim)}</h4>"
        f"<small>{linked(claim.source)}</small>{parts}</header>"
        f"<div class=found><table>{lines}</table>"
        f"<p class=why>{escape(finding.why)}</p>{beside}</div></section>"
    )


def linked(text: str) -> str:
    """The sources that a text names, as links that say what they are."""
    from core.leaderboard.published import SOURCES

    told = escape(text)
    for title, about, link in SOURCES:
        there = f"<a href='{link}' title='{escape(about)}'>{escape(title)}</a>"
        told = told.replace(escape(title), there)
    return told


def chip(verdict: Verdict, note: str = "") -> str:
    """A verdict's sign and words, and what stands behind it."""
    words = " · ".join(filter(None, [verdict.capitalize(), note]))
    return f"<span class='verdict {CLASSES[verdict]}'><b>{SIGNS[verdict]}</b> {words}</span>"


def printed(rows: Sequence[Published], metrics: Metrics) -> str:
    """The source's own numbers and the data that they are of."""
    told = "; ".join(f"{r.what} {number_of(r)} {metrics[r.metric].unit}".rstrip() for r in rows)
    label = metrics[rows[0].metric].label
    data = "; ".join(dict.fromkeys(row.data for row in rows))
    return f"The source measured other data ({data}): {label} of {told}."


def scales(found: Sequence[Number]) -> list[float]:
    """For each number what the half of its bar's axis stands for: one for each label's metric."""
    largest: dict[str, float] = {}
    for number in found:
        ends = [number.low, number.high, *(number.claimed or ())]
        ends = [abs(value) for value in ends if math.isfinite(value)]
        largest[metric_of(number)] = max([largest.get(metric_of(number), 0.0), *ends])
    return [ROOM * largest[metric_of(number)] or 1.0 for number in found]


def metric_of(number: Number) -> str:
    """What a number is of: its label up to the variants."""
    return number.label.partition(",")[0]


def numbers(number: Number, scale: float) -> str:
    """A line: how it stands to the claim, label, mean and interval, the interval as a bar."""
    sign = SIGNS[number.verdict] if number.verdict else ""
    known = math.isfinite(number.low) and math.isfinite(number.high)
    return (
        f"<tr><td class=sign>{sign}</td><th scope=row>{escape(number.label)}</th>"
        f"<td>{escape(number.text())}</td>"
        f"<td class=bar aria-hidden=true>{bar(number, scale) if known else ''}</td></tr>"
    )


def bar(number: Number, scale: float) -> str:
    """The interval on an axis from -scale to scale; the side that is claimed is tinted."""
    low, mean, high = (50 + 50 * x / scale for x in (number.low, number.mean, number.high))
    claimed = span("claimed", *sides(number.claimed, scale)) if number.claimed else ""
    return (
        f"{claimed}<i class=zero></i>{span('range', low, high)}"
        f"<i class=mean style='left:{mean:.1f}%'></i>"
    )


def sides(claimed: Side, scale: float) -> tuple[float, float]:
    """Where the claimed side begins and ends on the axis, in per cent."""
    ends = (min(max(end, -scale), scale) for end in claimed)
    low, high = (50 + 50 * end / scale for end in ends)
    return low, high


def span(name: str, low: float, high: float) -> str:
    return f"<i class={name} style='left:{low:.1f}%;width:{high - low:.1f}%'></i>"
