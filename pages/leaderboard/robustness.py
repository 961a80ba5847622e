"""Robustness: metrics over noise levels and over blurs that nobody was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.base.quantity import Quantity
from core.base.table import Table
from core.base.words import few, in_a_sentence
from core.leaderboard.conditions import ANGLES, DEBLURRING, LENGTHS, SIGMAS, blurred, noise
from core.leaderboard.sweeps import Sweep, sweeps
from core.variants.featured import told_of
from pages.leaderboard.common import PSNR, Board, Variant, choose_variants
from pages.shared.charts import chart
from pages.shared.choose import choose
from pages.shared.kinds import INPUT, USUAL
from pages.shared.plain import plain

ROWS = (PSNR, "ssim", "blur", "checkerboard_added", "detail_gain")


@dataclass(frozen=True)
class SweepSpec:
    """A parameter of a degradation that was varied, and what to learn from it."""

    key: str
    label: str
    degradation: str
    parameter: str
    axis: str
    about: str
    conditions: Mapping[float, str]
    """Value -> condition."""


MISMATCH = (
    "The networks below saw one blur only: 9 pixels at 20°. A network for a known operator learns "
    "to undo exactly that operator. Where the real one differs, even a little, what it adds back "
    "no longer fits, and its performance falls; the line of the input itself shows from where "
    "on doing nothing is better. Outside the laboratory the operator is an estimate."
)
OWN = (
    "The {count} conditions of “{file}” that differ in nothing else. Where a line falls below "
    "that of the input itself, doing nothing is better; a shaded part is what the networks shown "
    "were trained on."
)
SWEEPS = Table(
    "sweep",
    SweepSpec(
        "sigma",
        "Noise level",
        USUAL,
        "sigma",
        "Sigma of the noise",
        "From noise that is hardly seen to noise that hides the picture. Inside the shaded part "
        "the variants were trained; beyond it they extrapolate.",
        {sigma: noise(sigma) for sigma in SIGMAS},
    ),
    SweepSpec(
        "angle",
        "Wrong angle",
        DEBLURRING,
        "angle",
        "Angle of the blur, degrees",
        MISMATCH,
        {angle: blurred(angle=angle) for angle in ANGLES},
    ),
    SweepSpec(
        "length",
        "Wrong length",
        DEBLURRING,
        "length",
        "Length of the blur, pixels",
        MISMATCH,
        {length: blurred(length) for length in LENGTHS},
    ),
)


def draw(board: Board) -> None:
    """One chart: what was measured of the chosen variants over the parameter that was varied."""
    from core.figures import stacked_curves

    specs = own_sweeps(board) if board.file else SWEEPS
    spec = specs[choose("vary", "Sweep", {s.key: s.label for s in specs.values()})]
    st.markdown(spec.about)
    sweep = spec.conditions
    labels = swept(board, sweep)
    if not labels:
        first = TRAINED_FIRST.get(spec.degradation, "")
        st.info(f"No variant was measured on this sweep yet: {first}")
        return
    first = shown_first(board, labels, spec.degradation)
    names = choose_variants(f"lines_{spec.key}", labels, first)
    if not names:
        st.info("Choose a variant to see its curve.")
        return
    curves = {labels[name]: name for name in names}
    rows = {
        title_of(board.quantities[key]): {
            label: curve(board, sweep, name, key) for label, name in curves.items()
        }
        for key in measured_on(board, sweep, names)
    }
    figure = stacked_curves(
        np.array(list(sweep)),
        rows,
        spec.axis,
        references=[board.labels[INPUT]] if INPUT in names else [],
        **trained_part(board, names, spec),
    )
    chart(figure, f"sweep_{spec.key}", told(spec, rows))
    counts = {board.results.pictures(condition) for condition in sweep.values()}
    st.caption(f"Means over {few([f'{count:,}' for count in sorted(counts)])} pictures.")


def own_sweeps(board: Board) -> Table[SweepSpec]:
    """What was varied in somebody's own results; empty where nothing was."""
    found = sweeps(board.results)
    return Table("sweep", *(own_sweep(board, sweep, found) for sweep in found))


def own_sweep(board: Board, sweep: Sweep, among: Sequence[Sweep]) -> SweepSpec:
    """A sweep in the words of its degradation; what is fixed is told where it varies as well."""
    from core.degradations import DEGRADATIONS

    spec = DEGRADATIONS[sweep.degradation]
    labels = {one.name: one for one in (*spec.parameters, *spec.switches)}
    varied = labels[sweep.parameter]
    same = [one for one in among if one.parameter == sweep.parameter]
    fixed = ", ".join(f"{name} {value:g}" for name, value in sweep.fixed.items())
    alone = sum(one.degradation == sweep.degradation for one in same) == 1
    label = f"{spec.label}: {in_a_sentence(varied.label)}"
    unit = getattr(varied, "unit", "")
    return SweepSpec(
        "-".join(["own", sweep.degradation, sweep.parameter, *map(str, sweep.fixed.values())]),
        label if alone else f"{label} ({fixed})",
        sweep.degradation,
        sweep.parameter,
        f"{varied.label} ({unit})" if unit else varied.label,
        OWN.format(count=len(sweep.conditions), file=plain(board.file)),
        sweep.conditions,
    )


def title_of(spec: Quantity) -> str:
    return f"{spec.label} ({spec.unit})" if spec.unit else spec.label


def told(spec: SweepSpec, rows: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """The first metric's curves at their ends, in words."""
    title, curves = next(iter(rows.items()))
    ends = "; ".join(f"{label} {v[0]:.4g} to {v[-1]:.4g}" for label, v in curves.items())
    return f"{', '.join(rows)} over: {spec.axis}. {title}: {ends}"


TRAINED_FIRST = {
    USUAL: "the command below makes it.",
    DEBLURRING: "it takes a network that was trained on motion blur, and none is trained yet.",
}


def swept(board: Board, sweep: Mapping[float, str]) -> dict[str, str]:
    """Name -> label of the variants that have a value at more than one point of a sweep.

    What was measured is one of them, if there is another.
    """
    count = {n: points_of(board, sweep, n, board.main) for n in board.variants}
    found = [name for name, points in count.items() if points > 1]
    return {name: board.labels[name] for name in found} if found != [INPUT] else {}


def shown_first(board: Board, labels: Mapping[str, str], degradation: str) -> list[str]:
    """The story's variants where they were swept, else those trained for it; and the input.

    Of somebody's own results all: who measured them chose what is in them.
    """
    if board.file:
        return list(labels)
    trained = [name for name in labels if board.variants[name].task == degradation]
    return [*(told_of(trained) or trained or labels), INPUT]


def points_of(board: Board, sweep: Mapping[float, str], name: str, metric: str) -> int:
    """At how many points of a sweep a variant has a value of a metric."""
    return sum(board.known(name, metric, condition) for condition in sweep.values())


def measured_on(board: Board, sweep: Mapping[float, str], names: Sequence[str]) -> list[str]:
    """The metrics of `ROWS` of which one of the variants has a curve."""
    measured = [metric for metric in ROWS if metric in board.quantities] or [board.main]
    return [m for m in measured if any(points_of(board, sweep, n, m) > 1 for n in names)]


def curve(board: Board, sweep: Mapping[float, str], name: str, metric: str) -> np.ndarray:
    """A variant's means along a sweep, NaN where it was not measured."""
    return np.array([board.mean(name, metric, condition) for condition in sweep.values()])


def trained_part(board: Board, names: Sequence[str], spec: SweepSpec) -> dict[str, object]:
    """The range that the shown variants were trained on, or the one value, as a chart has it."""
    ranges = {own for name in names if (own := trained_range(board.variants[name], spec))}
    if len(ranges) != 1:
        return {}
    low, high = ranges.pop()
    return {"vertical": low} if low == high else {"shaded": (low, high)}


def trained_range(variant: Variant, spec: SweepSpec) -> tuple[float, float] | None:
    """What a variant was trained on, of the parameter that is varied."""
    found = variant.degradation.get("range", {}).get(spec.parameter)
    return tuple(found) if found and variant.task == spec.degradation else None
