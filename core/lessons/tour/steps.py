"""The seven steps: what stands side by side in each, and what is said of it.

After "Denoising autoencoders, Part 3". What a picture does not show, its sentence does not claim:
each effect is judged as everywhere in this program, by `core.artifacts.observe`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...artifacts import Observed, grid_captions
from ...artifacts.observed import HALF_TRUE
from ...base.table import Table
from ...metrics import METRICS
from ...metrics.detail import MIN_SIDE
from .cast import ROLES
from .facts import PERIOD, Facts
from .panels import (
    ATTENTION,
    CLEAN,
    FLAT,
    NOISY,
    PICTURE,
    SCATTERED,
    SPECTRUM,
)
from .stripes import Stripes

CHANGE = 1.5
"""dB of detail, or of PSNR, from which on two pictures are said to differ."""
TRUTH = 0.05
"""Correlations that differ by less are called about the same."""


@dataclass(frozen=True)
class StepSpec:
    """One step: its short name and title, the panels in their order, and what is said of them.

    `tell(facts)` gives the sentence in Markdown; ask `sentence`, which knows when there is none.
    `kind` says what it takes beside the outputs, `zoom` and `gain` (contrast) how the viewer
    shows it; `page` is the folder of the page behind it, `query` what that is opened with.
    """

    key: str
    short: str
    title: str
    panels: tuple[str, ...]
    tell: Callable[[Facts], str]
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    kind: str = PICTURE
    zoom: float = 3.0
    gain: float = 1.0

    @property
    def needs(self) -> list[str]:
        """The roles whose outputs it shows."""
        return [panel for panel in self.panels if panel in ROLES]

    def sentence(self, facts: Facts) -> str:
        """What is said of a picture; or why it can say nothing, in one sentence."""
        missing = [ROLES[role].label for role in self.needs if role not in facts.told]
        if missing:
            return f"Without an output of {', '.join(missing)} there is nothing to tell here."
        if any(math.isnan(facts[role].observed.gain) for role in (NOISY, *self.needs)):
            if min(facts.scattered.shape[-2:]) >= MIN_SIDE:
                return "The clean picture has no fine detail, so there is none to measure."
            return f"Detail is measured on sides of at least {MIN_SIDE} pixels; this has fewer."
        return self.tell(facts)


def noise(facts: Facts) -> str:
    noisy = facts[NOISY]
    return (
        f"Noise hides what is fine. Panel 2 has a PSNR of {_psnr(facts, NOISY)} to the clean "
        f"picture; its detail of 2 to 4 pixels correlates with the clean one’s by "
        f"{noisy.observed.truth:.2f}, where 1 is all of it. Every network in this tour is given "
        "panel 2."
    )


def blur(facts: Facts) -> str:
    mse = facts["mse"].observed
    gained = f"The PSNR rises from {_psnr(facts, NOISY)} to {_psnr(facts, 'mse')}"
    if mse.gain <= -CHANGE:
        return (
            f"Panel 3 is clean of noise, but **blurred**. {gained}, and its finest detail lies "
            f"{-mse.gain:.1f} dB below the clean picture’s. Where a network cannot know, the mean "
            "of what is possible has the least squared error, and a mean is smooth."
        )
    return f"{gained}. On this picture MSE keeps the detail: {_gain(mse)} against the clean one."


def sharpness(facts: Facts) -> str:
    mse, sharp = facts["mse"].observed, facts["sharp"].observed
    return f"{_brought_back(mse, sharp)} {_grid(sharp, 'In it')}"


def _brought_back(mse: Observed, sharp: Observed) -> str:
    if not sharp.gain - mse.gain >= CHANGE:
        return (
            "A loss on regional sharpness brings no detail back here: "
            f"{_gain(sharp)} against the clean picture, after {_gain(mse)} with MSE."
        )
    change = sharp.truth - mse.truth
    than = (
        "about as much as" if abs(change) < TRUTH else "more than" if change > 0 else "less than"
    )
    share = (
        "**most of it is hallucinated**"
        if sharp.truth < HALF_TRUE
        else "**half of it or more is true**"
    )
    return (
        f"Panel 3 looks crisp: its finest detail has {_gain(sharp)} against the clean picture’s, "
        f"after {_gain(mse)} with MSE. But it correlates with the clean detail by "
        f"{sharp.truth:.2f}, {than} MSE’s {mse.truth:.2f}: {share}."
    )


def architecture(facts: Facts) -> str:
    sharp, resize = facts["sharp"], facts["resize"]
    other = ""
    if not math.isnan(resize.stripes.period):
        other = f" But {_striped(resize.stripes)}: another decoder, another pattern."
    return (
        f"One loss, two decoders. {_grid(sharp.observed, 'Panel 1 transposes convolutions')} "
        f"{_grid(resize.observed, 'Panel 2 resizes')}{other} {_flat(facts)}"
    )


def _striped(stripes: Stripes) -> str:
    return (
        f"it weaves **stripes of {stripes.period:.1f} px**, {stripes.above:.0f} dB above the "
        "clean picture’s detail"
    )


def _flat(facts: Facts) -> str:
    if not {"sharp", "resize"} <= facts.flat.keys():
        return "What they draw on plain grey is known only where both are networks."
    transposed, resized = facts.flat["sharp"], facts.flat["resize"]
    told = (
        f"Panels 3 and 4 show plain grey sent through them, amplified: grids of {transposed:.2f} "
        f"and {resized:.2f} levels of 255, where there is nothing to restore"
    )
    if transposed > 2 * resized:
        return f"{told}. **The grid is the architecture’s**; the loss only lets it through."
    return f"{told}. Here the architecture does not explain it."


def spectrum(facts: Facts) -> str:
    sharp, resize = facts["sharp"], facts["resize"]
    seen = (
        "The middle of a spectrum is coarse, its edge fine. A grid is a lattice of points: for "
        "2 px they lie on the edge, for 4 and 8 px within (all marked)."
    )
    judged = ": **a grid, and no texture**"
    if PERIOD not in sharp.observed.grids:
        judged = ", which chance explains"
    spots = ""
    if not math.isnan(resize.stripes.period):
        spots = f" Its bright spots to all four sides: {_striped(resize.stripes)}."
    return (
        f"{seen} At those of 2 px, panel 2 lies {_above(sharp.peak)} the clean picture’s "
        f"spectrum{judged}. {_grid(resize.observed, 'Panel 3')}{spots}"
    )


def magnitudes(facts: Facts) -> str:
    sharp, fourier = facts["sharp"].observed, facts["fourier"].observed
    scattered, own = facts.of_scattered, facts["fourier"].magnitudes
    judged = (
        "**prefers it to panel 3**" if scattered.magnitudes < own else "does not prefer it here"
    )
    return (
        f"{_removed(sharp, fourier)} Panel 4 has the clean picture’s magnitudes and random "
        f"phases. A loss on magnitudes {judged}: {scattered.magnitudes:.4f} against {own:.4f}, "
        f"less is better; but nothing in it is where it was, and its PSNR is "
        f"{METRICS['psnr'].format(scattered.psnr)}."
    )


def _removed(sharp: Observed, fourier: Observed) -> str:
    less = set(sharp.grids) - set(fourier.grids) or fourier.strongest < sharp.strongest / 2
    before, after = (grid_captions(one)[0] for one in (sharp, fourier))
    if not sharp.grids:
        return "There is no grid here that a loss on Fourier magnitudes could remove."
    if not less:
        return f"A loss on Fourier magnitudes leaves the grid here: {after} (panel 2: {before})."
    blurs = ", **and blurs**" if sharp.gain - fourier.gain >= CHANGE else ""
    return (
        f"A loss on Fourier magnitudes **takes the grid away**{blurs}. Panel 3: {after}, "
        f"{_gain(fourier)} of detail; panel 2: {before}, {_gain(sharp)}."
    )


def attention(facts: Facts) -> str:
    told = (
        "Panels 2 and 3 are one map with either sign: where one is hot, the other is cold. "
        "EigenCAM asks in which direction a layer’s activations vary most, and a direction has no "
        "sign, so a rule must choose: here the value farthest from zero is hot."
    )
    if math.isnan(facts.error_correlation):
        return f"{told} It needs a network with layers to look into."
    return (
        f"{told} It shows where features vary, **not where the output is wrong** (panel 4): the "
        f"two correlate by {facts.error_correlation:+.2f}."
        if abs(facts.error_correlation) < HALF_TRUE
        else f"{told} Here it goes with the output’s error (panel 4): they correlate by "
        f"{facts.error_correlation:+.2f}."
    )


def _psnr(facts: Facts, role: str) -> str:
    return METRICS["psnr"].format(facts[role].psnr)


def _gain(observed: Observed) -> str:
    return METRICS["detail_gain"].format(observed.gain)


def _grid(observed: Observed, who: str) -> str:
    return f"{who}: **{'; '.join(grid_captions(observed))}**."


def _above(level: float) -> str:
    return f"{abs(level):.0f} dB {'above' if level >= 0 else 'below'}"


STEPS = Table(
    "step",
    StepSpec(
        key="noise",
        short="Noise",
        title="What noise leaves",
        panels=(CLEAN, NOISY),
        tell=noise,
        page="compare",
    ),
    StepSpec(
        key="blur",
        short="MSE",
        title="What MSE loses",
        panels=(CLEAN, NOISY, "mse"),
        tell=blur,
        page="compare",
    ),
    StepSpec(
        key="sharpness",
        short="Sharpness",
        title="What a loss on sharpness brings back",
        panels=(CLEAN, "mse", "sharp"),
        tell=sharpness,
        page="artifacts",
        zoom=4.0,
        gain=2.0,
    ),
    StepSpec(
        key="architecture",
        short="Architecture",
        title="Loss or architecture?",
        panels=("sharp", "resize"),
        tell=architecture,
        page="artifacts",
        query={"study": "upsampling"},
        kind=FLAT,
        zoom=4.0,
    ),
    StepSpec(
        key="spectrum",
        short="Spectrum",
        title="What a grid is in the spectrum",
        panels=(CLEAN, "sharp", "resize"),
        tell=spectrum,
        page="spectrum",
        kind=SPECTRUM,
    ),
    StepSpec(
        key="fourier",
        short="Fourier",
        title="What a loss on magnitudes removes, and cannot know",
        panels=(CLEAN, "sharp", "fourier", SCATTERED),
        tell=magnitudes,
        page="spectrum",
        gain=1.5,
    ),
    StepSpec(
        key="attention",
        short="Attention",
        title="What attention shows",
        panels=("mse",),
        tell=attention,
        page="attention",
        kind=ATTENTION,
        zoom=2.0,
    ),
)
