"""What there is of each kind, from its table: losses, metrics, models, degradations."""

from __future__ import annotations

from ..cost.counting import millions, rows
from ..degradations import DEGRADATIONS
from ..losses import LOSSES
from ..metrics import METRICS, PROTOCOLS, MetricSpec
from ..models import MODELS
from ..sets.check import CHECKS
from .markdown import linked, markdown_table

DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "zero": "0 is best",
    "none": "no end is best",
}


def losses_table() -> str:
    """Every loss: its definition, what it rewards, what to look for, and its source."""
    lines = (
        [
            f"`{spec.key}`",
            spec.formula,
            spec.rewards,
            linked(spec.look_for),
            linked(spec.reference),
        ]
        for spec in LOSSES.values()
    )
    return markdown_table(["loss", "definition", "rewards", "look for", "source"], lines)


def metrics_table() -> str:
    """Every metric: its direction, what it needs beside the output, and why this one."""
    lines = (
        [
            f"`{spec.key}`",
            spec.label + (f" ({spec.unit})" if spec.unit else ""),
            DIRECTIONS[spec.direction],
            _compared_with(spec),
            linked(spec.why),
        ]
        for spec in METRICS.values()
    )
    return markdown_table(["metric", "", "direction", "compares with", "why this one"], lines)


def protocols_table() -> str:
    """Every protocol: how it prepares images, and the metrics that are then other numbers."""
    lines = (
        [
            f"`{spec.key}`",
            spec.label,
            spec.sentence,
            ", ".join(f"`{key}`" for key in spec.metrics) or "none",
        ]
        for spec in PROTOCOLS.values()
    )
    return markdown_table(["protocol", "", "how images are measured", "changes"], lines)


def checks_table() -> str:
    """What is looked for in every picture that is brought."""
    lines = ([spec.label, spec.sentence] for spec in CHECKS.values())
    return markdown_table(["check", "what is looked for"], lines)


def _compared_with(spec: MetricSpec) -> str:
    beside = {"clean image": spec.needs_reference, "noisy image": spec.needs_measurement}
    return ", ".join(name for name, needed in beside.items() if needed) or "nothing"


def models_table() -> str:
    """Every network and classical method, what it is and its source."""
    lines = ([f"`{s.key}`", s.label, s.sentence, linked(s.reference)] for s in MODELS.values())
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
    """Every degradation, what it does and the ranges of its parameters."""
    lines = (
        [
            f"`{spec.key}`",
            linked(spec.sentence),
            ", ".join(f"{one.name} {one.allowed}" for one in (*spec.parameters, *spec.switches))
            or "none",
        ]
        for spec in DEGRADATIONS.values()
    )
    return markdown_table(["degradation", "what it does", "parameters"], lines)
