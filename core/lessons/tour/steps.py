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
from .facts import PERIOD, Facts, Told
from .panels import (
    ATTENTION,
    CLEAN,
    FLAT,
    NOISY,
    PICTURE,
    SCATTERED,
    SPECTRUM,
)

CHANGE = 1.5
"""dB of detail, or of PSNR, from which on two pictures are said to differ."""


@dataclass(frozen=True)
class StepSpec:
    """One step: its short name and title, the panels in their order, and what is said of them.

    `tell(facts)` gives the sentence in Markdown; ask `sentence`, which knows when there is none.
    `kind` says what it takes beside the outputs, `zoom` (None: the whole picture) and `gain`
    (contrast) how the viewer shows it; `page` is the folder of the page behind it, `query` what
    that is opened with.
    """

    key: str
    short: str
    title: str
    panels: tuple[str, ...]
    tell: Callable[[Facts], str]
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    kind: str = PICTURE
    zoom: float | None = 3.0
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
    given = (
        f"Every network in this tour is given panel 2, whose PSNR to the clean picture is "
        f"{_psnr(facts, NOISY)}."
    )
    share = (
        f"Of its finest detail (periods of 2 to 4 pixels), {noisy.observed.truth**2:.0%} of the "
        f"power is the clean picture’s (correlation {noisy.observed.truth:.2f})"
    )
    if noisy.observed.truth < HALF_TRUE:
        return f"Noise hides what is fine. {given} {share}; the rest is noise."
    return f"{given} {share}."


def blur(facts: Facts) -> str:
    mse = facts["mse"].observed
    change, yet = ("rises", "yet") if facts["mse"].psnr >= facts[NOISY].psnr else ("falls", "and")
    gained = f"The PSNR {change} from {_psnr(facts, NOISY)} to {_psnr(facts, 'mse')}"
    if mse.gain <= -CHANGE:
        return (
            f"Panel 3 is clean of noise, but **blurred**. {gained}, {yet} its finest detail has "
            f"{_strength(mse)}. A network cannot know what the noise hid; the guess with the "
            "least squared error is the mean of all that is possible, and a mean is smooth."
        )
    return f"{gained}. On this picture MSE keeps the detail: {_gain(mse)} against the clean one."


def sharpness(facts: Facts) -> str:
    mse, sharp, noisy = (facts[role].observed for role in ("mse", "sharp", NOISY))
    return f"{_brought_back(mse, sharp, noisy)} {_grid(sharp, 'In it')}"


def _brought_back(mse: Observed, sharp: Observed, noisy: Observed) -> str:
    if not sharp.gain - mse.gain >= CHANGE:
        return (
            "A loss on regional sharpness brings no detail back here: "
            f"{_gain(sharp)} against the clean picture, after {_gain(mse)} with MSE."
        )
    share = (
        ". **Most of what it shows there is hallucinated**"
        if sharp.truth < HALF_TRUE
        else f": {sharp.truth**2:.0%} of panel 3’s power is the clean picture’s"
    )
    looks = "looks crisp" if sharp.gain > -CHANGE else "is crisper"
    return (
        f"Panel 3 {looks}: its finest detail has {_strength(sharp)}, MSE’s has "
        f"{_times(mse)}. But strong is not true: it correlates with the clean detail by "
        f"{sharp.truth:.2f} (MSE’s by {mse.truth:.2f}, the noisy picture’s by "
        f"{noisy.truth:.2f}){share}."
    )


def architecture(facts: Facts) -> str:
    sharp, resize = facts["sharp"], facts["resize"]
    return (
        f"One loss, two decoders. {_grid(sharp.observed, 'Panel 1, by transposed convolutions')} "
        f"{_resized(resize)} {_flat(facts)}"
    )


def _resized(resize: Told) -> str:
    if math.isnan(resize.stripes.period):
        return _grid(resize.observed, "Panel 2, by resizing")
    return (
        f"Panel 2, by resizing, weaves another pattern: {_woven(resize)} "
        f"({grid_captions(resize.observed)[0]})."
    )


def _woven(told: Told) -> str:
    return f"**stripes of {told.stripes.period:.1f} px**"


def _flat(facts: Facts) -> str:
    if not {"sharp", "resize"} <= facts.flat.keys():
        return "What they draw on plain grey is known only where both are networks."
    transposed, resized = facts.flat["sharp"], facts.flat["resize"]
    told = (
        f"Panels 3 and 4 show plain grey sent through them, amplified: grids of up to "
        f"{transposed:.2f} and {resized:.2f} levels of 255, where there is nothing to restore"
    )
    if transposed <= 2 * resized:
        return f"{told}. Here the architecture does not explain it."
    mse = facts.flat.get("mse", math.nan)
    if mse > 2 * resized:
        hidden = "" if facts["mse"].observed.grids else " (on the picture no grid was found)"
        return (
            f"{told}. With MSE, panel 1’s decoder draws {mse:.2f}{hidden}: **the grid is the "
            "architecture’s**, and the loss lets more or less of it through."
        )
    return f"{told}. **The grid is the architecture’s**, with this loss."


def spectrum(facts: Facts) -> str:
    sharp, resize = facts["sharp"], facts["resize"]
    seen = (
        "The middle of a spectrum stands for coarse shapes, its edge for fine detail. A grid is a "
        "lattice of bright dots; the first of each period are ringed, those of 2 px on the edge."
    )
    judged = ": **a grid**, which chance does not explain"
    if PERIOD not in sharp.observed.grids:
        judged = ", which chance explains"
    spots = ""
    if not math.isnan(resize.stripes.period):
        spots = (
            f" Its bright spots are {_woven(resize)}, {resize.stripes.above:.0f} dB above the "
            "clean picture’s detail (the strongest is ringed)."
        )
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
        f"{_removed(sharp, fourier, facts['mse'].observed)} Magnitudes know no place: panel 4, no "
        "network’s output, has the clean picture’s, so as much of each frequency, with random "
        f"phases, so nothing is where it was. A loss on magnitudes alone {judged}: "
        f"{scattered.magnitudes:.4f} (0 but for clipping) against {own:.4f}, and less is better; "
        f"yet its PSNR is {METRICS['psnr'].format(scattered.psnr)}, panel 3’s "
        f"{_psnr(facts, 'fourier')}."
    )


def _removed(sharp: Observed, fourier: Observed, mse: Observed) -> str:
    less = set(sharp.grids) - set(fourier.grids) or fourier.strongest < sharp.strongest / 2
    before, after = (grid_captions(one)[0] for one in (sharp, fourier))
    if not sharp.grids:
        return "There is no grid here that a loss on Fourier magnitudes could take away."
    if not less:
        return f"A loss on Fourier magnitudes leaves the grid here: {after} (panel 2: {before})."
    blurs = ""
    if sharp.gain - fourier.gain >= CHANGE:
        blurs = f" It **has less detail** than panel 2: {_gain(fourier)}, not {_gain(sharp)}"
        blurs += "." if math.isnan(mse.gain) else f"; MSE alone has {_gain(mse)}."
    return (
        "Panel 3, by MSE and a loss on Fourier magnitudes in place of sharpness: "
        f"**{after}** (panel 2: {before}).{blurs}"
    )


def attention(facts: Facts) -> str:
    told = (
        "EigenCAM shows a layer’s activations along the direction in which they vary most (their "
        "first principal component). A direction has no sign: panels 2 and 3 are one map with "
        "either sign, cut at zero and scaled to its own largest value; where one is hot, the "
        "other is empty. A rule chose panel 2: there the value farthest from zero is hot."
    )
    if math.isnan(facts.error_correlation):
        return f"{told} It needs a network with layers to look into."
    found = {2: facts.error_correlation, 3: facts.flipped_correlation}
    found = {panel: value for panel, value in found.items() if not math.isnan(value)}
    each = ", ".join(f"panel {panel} by {value:+.2f}" for panel, value in found.items())
    alike = f"over the whole picture, the error’s size (panel 4) correlates with {each}."
    panel, most = max(found.items(), key=lambda one: abs(one[1]))
    if abs(most) < HALF_TRUE:
        return f"{told} It shows where features vary, **not where the output is wrong**: {alike}"
    goes = "with" if most > 0 else "against"
    return f"{told} Here panel {panel} goes {goes} the output’s error: {alike}"


def _psnr(facts: Facts, role: str) -> str:
    return METRICS["psnr"].format(facts[role].psnr)


def _gain(observed: Observed) -> str:
    return METRICS["detail_gain"].format(observed.gain)


def _strength(observed: Observed) -> str:
    """How strong detail is: dB say an amplitude of 10^(dB / 20)."""
    return f"{_times(observed)} of the clean picture’s strength ({_gain(observed)})"


def _times(observed: Observed) -> str:
    return f"{10 ** (observed.gain / 20):.0%}"


def _grid(observed: Observed, who: str) -> str:
    """The grid of a picture: its strongest part, and at which periods it has others."""
    strongest, *others = observed.grids or [0]
    parts = ""
    if others:
        parts = f", with parts that repeat every {' and '.join(map(str, sorted(others)))} px"
    return f"{who}: **{grid_captions(observed)[0]}**{' of 255' if strongest else ''}{parts}."


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
        short="Decoder",
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
        title="What a loss on Fourier magnitudes sees, and what it cannot",
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
        zoom=None,
    ),
)
