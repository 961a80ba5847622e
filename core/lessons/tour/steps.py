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
from .panels import ATTENTION, CLEAN, FLAT, FLIPPED, MAP, NOISY, PICTURE, SCATTERED, SPECTRUM

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
            return f"Detail is measured on sides of at least {MIN_SIDE} pixels; this has fewer."
        return self.tell(facts)


def noise(facts: Facts) -> str:
    noisy = facts[NOISY]
    return (
        f"The noisy picture has a PSNR of {_psnr(facts, NOISY)}. Its finest detail, above a "
        f"quarter of a cycle per pixel, correlates with the clean one’s by "
        f"{noisy.observed.truth:.2f}, where 1 is all of it. Every network in this tour is given "
        "this picture."
    )


def blur(facts: Facts) -> str:
    mse = facts["mse"].observed
    gained = f"The network trained with MSE raises the PSNR to {_psnr(facts, 'mse')}"
    if mse.gain <= -CHANGE:
        return (
            f"{gained}, and is **blurred**: its finest detail lies {-mse.gain:.1f} dB below the "
            "clean picture’s. Where it cannot know, the mean of what is possible has the least "
            "squared error, and a mean is smooth."
        )
    return f"{gained}. On this picture it keeps the detail: {_gain(mse)} against the clean one."


def sharpness(facts: Facts) -> str:
    mse, sharp = facts["mse"].observed, facts["sharp"].observed
    return f"{_brought_back(mse, sharp)} {_grid(sharp, 'Its grid')}"


def _brought_back(mse: Observed, sharp: Observed) -> str:
    if not sharp.gain - mse.gain >= CHANGE:
        return (
            "The loss on regional sharpness brings no detail back here: "
            f"{_gain(sharp)}, after {_gain(mse)} with MSE."
        )
    change = sharp.truth - mse.truth
    than = (
        "about the same as" if abs(change) < TRUTH else "more than" if change > 0 else "less than"
    )
    share = "most of it is hallucinated" if sharp.truth < HALF_TRUE else "half or more is true"
    return (
        f"The loss on regional sharpness brings **detail back**: {_gain(sharp)}, after "
        f"{_gain(mse)} with MSE. It correlates with the clean detail by {sharp.truth:.2f}, "
        f"{than} MSE’s {mse.truth:.2f}: {share}."
    )


def architecture(facts: Facts) -> str:
    sharp, resize = facts["sharp"].observed, facts["resize"].observed
    return (
        f"The same loss twice: a decoder of transposed convolutions, and one that resizes. "
        f"{_grid(sharp, 'The first')} {_grid(resize, 'The second')} Their detail: {_gain(sharp)} "
        f"and {_gain(resize)}. {_flat(facts)}"
    )


def _flat(facts: Facts) -> str:
    if not {"sharp", "resize"} <= facts.flat.keys():
        return "What they draw on plain grey is known only where both are networks."
    transposed, resized = facts.flat["sharp"], facts.flat["resize"]
    told = (
        f"On plain grey, where there is nothing to restore, the first draws a grid of "
        f"{transposed:.2f} levels and the second of {resized:.2f}"
    )
    if transposed > 2 * resized:
        return f"{told}: **the grid is the architecture’s**, the loss only lets it through."
    return f"{told}: here the architecture does not explain it."


def spectrum(facts: Facts) -> str:
    peak, other = facts["sharp"].peak, facts["resize"].peak
    seen = (
        "In a spectrum a grid of 2 px is three points, at half a cycle per pixel along x, along y "
        "and along both (marked)."
    )
    found = f"There, regional sharpness lies {_above(peak)} the clean picture’s spectrum"
    beside = "" if math.isnan(other) else f", its resize twin {_above(other)} it"
    if PERIOD in facts["sharp"].observed.grids:
        return f"{seen} {found}{beside}: **periodic, so no texture**."
    return f"{seen} {found}{beside}. Chance explains what stands out here."


def magnitudes(facts: Facts) -> str:
    sharp, fourier = facts["sharp"].observed, facts["fourier"].observed
    scattered, own = facts.of_scattered, facts["fourier"].magnitudes
    return (
        f"{_removed(sharp, fourier)} The last picture shows what such a loss cannot know: the "
        f"clean picture’s magnitudes with the phases of white noise. The loss calls it "
        f"{_better(scattered.magnitudes, own)} than the output ({scattered.magnitudes:.4f} "
        f"against {own:.4f}), and nothing in it is where it was: its PSNR is "
        f"{METRICS['psnr'].format(scattered.psnr)}."
    )


def _removed(sharp: Observed, fourier: Observed) -> str:
    gone = set(sharp.grids) - set(fourier.grids)
    weaker = fourier.strongest < sharp.strongest / 2
    if not sharp.grids:
        return "A loss on Fourier magnitudes has no grid to remove here: there was none."
    if not (gone or weaker):
        return (
            "A loss on Fourier magnitudes does not remove the grid here: "
            f"{', '.join(grid_captions(fourier))}, after {', '.join(grid_captions(sharp))}."
        )
    return (
        f"A loss on Fourier magnitudes **weakens the grid**: {', '.join(grid_captions(fourier))}, "
        f"after {', '.join(grid_captions(sharp))}; its detail is {_gain(fourier)}, after "
        f"{_gain(sharp)}."
    )


def attention(facts: Facts) -> str:
    told = (
        "EigenCAM is the direction in which a layer’s activations vary most. A direction has no "
        "sign: both maps are this one, and what is hottest in one is coldest in the other. A rule "
        "must choose; here the value farthest from zero is hot."
    )
    if math.isnan(facts.error_correlation):
        return f"{told} It needs a network with layers to look into."
    return (
        f"{told} It shows where the network’s features vary, not where it is right: its "
        f"correlation with the size of the output’s error is {facts.error_correlation:+.2f}."
    )


def _psnr(facts: Facts, role: str) -> str:
    return METRICS["psnr"].format(facts[role].psnr)


def _gain(observed: Observed) -> str:
    return METRICS["detail_gain"].format(observed.gain)


def _grid(observed: Observed, who: str) -> str:
    return f"{who}: **{', '.join(grid_captions(observed))}**."


def _above(level: float) -> str:
    return f"{abs(level):.0f} dB {'above' if level >= 0 else 'below'}"


def _better(one: float, other: float) -> str:
    return "better" if one < other else "no better"


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
        gain=2.0,
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
        panels=("mse", MAP, FLIPPED),
        tell=attention,
        page="attention",
        kind=ATTENTION,
        zoom=2.0,
    ),
)
