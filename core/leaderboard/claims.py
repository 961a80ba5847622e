"""What the sources claim, judged by our measurements.

Every number is worked out from the results file; the verdicts follow one rule (`verdicts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..table import Table
from .conditions import CLEAN, COURSE, NOISE
from .published import (
    BETWEEN,
    COURSE_NOTES,
    LOSS_STUDY,
    MAYO,
    PART_1,
    PART_3,
    TILES_56,
    TILES_224,
    Published,
    published,
)
from .results import MEASUREMENT, Results
from .statistics import Interval, paired, paired_runs
from .verdicts import ABOVE, AT_MOST, BELOW, Side, Verdict, judge, together, within

BASE = "hybrid-mse"
SHARP = "hybrid-regional-sharpness"
FREQUENCY = "hybrid-frequency"
RADIAL = "hybrid-frequency-radial"
SHARPENING = (SHARP, FREQUENCY, RADIAL)
LADDER = ("unet-ladder", "conv-dae-ladder", "dense-skip-dae-ladder", "dense-dae-ladder")
DEBLURRING = ("unet-motion", "vit-reconstructor-motion", "residual-cnn-motion", "cnn-motion")
SEEDS = (0, 1, 2)
GREY = 1.0
"""ΔC, about the least that a person sees: a picture with less has no colour to lose."""
LITTLE = {"psnr": 0.1, "ssim": 0.01, "detail_gain": 1.0}
"""The most that "differs little" means; 1 dB of detail is 12 % of its contrast."""


@dataclass(frozen=True)
class Number:
    """A mean over the test pictures with its 95 % interval, NaN where it is missing.

    `claimed` is where the claim says that it lies, None for what stands there to be read alone.
    """

    label: str
    mean: float
    low: float
    high: float
    unit: str
    decimals: int = 2
    claimed: Side | None = None

    @property
    def interval(self) -> Interval:
        return Interval(self.mean, self.low, self.high)

    @property
    def verdict(self) -> Verdict | None:
        """Of this number alone."""
        return None if self.claimed is None else judge(self.interval, self.claimed)

    def text(self) -> str:
        """`+1.2 dB [+0.9, +1.5]`, or a dash."""
        if np.isnan(self.low):
            return "—"
        mean, low, high = (
            f"{round(x, self.decimals) + 0.0:+.{self.decimals}f}"
            for x in (self.mean, self.low, self.high)
        )
        return f"{mean} {self.unit} [{low}, {high}]".replace("  ", " ")


@dataclass(frozen=True)
class Finding:
    """What our measurements say of a claim.

    `sentence` tells the numbers, `why` how the claim was read and what is missing.
    """

    numbers: tuple[Number, ...]
    verdict: Verdict
    sentence: str
    why: str


@dataclass(frozen=True)
class ClaimSpec:
    """A claim as it stands in the table `CLAIMS`; `published` are its source's own numbers.

    Those were measured on other data.
    """

    key: str
    claim: str
    source: str
    measure: Callable[[Results], Finding]
    published: tuple[Published, ...] = ()


def claims(results: Results) -> list[tuple[ClaimSpec, Finding]]:
    """Every claim with what our measurements say of it."""
    return [(spec, spec.measure(results)) for spec in CLAIMS.values()]


# Differences ---------------------------------------------------------------------------------


class Comparison(NamedTuple):
    """A metric of a variant minus that of `base`, picture by picture; and where the claim has it.

    Without `base` the metric is itself a difference to the clean picture. `CLEAN` is the clean
    picture's own value. `coloured` leaves grey pictures out.
    """

    metric: str
    variant: str
    base: str | None
    claimed: Side | None
    condition: str = NOISE
    coloured: bool = False

    @property
    def names(self) -> list[str]:
        """The variants that it needs."""
        return [name for name in (self.variant, self.base) if name not in (None, CLEAN)]

    def number(self, results: Results) -> Number:
        values = results.values(self.variant, self.metric, self.condition)
        if self.coloured:
            values = np.where(results.chroma() < GREY, np.nan, values)
        return self._number(results, paired(values, self._base(results)))

    def _base(self, results: Results) -> np.ndarray | float:
        if self.base is None:
            return 0.0
        if self.base == CLEAN:
            return results.values(MEASUREMENT, self.metric, CLEAN)
        return results.values(self.base, self.metric, self.condition)

    def _number(self, results: Results, interval: Interval) -> Number:
        story = results.stories["metrics"][self.metric]
        against = "the clean pictures" if self.base == CLEAN else self.base
        what = f"{self.variant} against {against}" if against else self.variant
        label = f"{story['label']}, {what}"
        return Number(label, *interval, story["unit"], story["decimals"], self.claimed)


def compared(results: Results, comparisons: Sequence[Comparison], why: str) -> Finding:
    """The finding of a claim that is a number of comparisons."""
    numbers = [comparison.number(results) for comparison in comparisons]
    names = [name for comparison in comparisons for name in comparison.names]
    return finding(results, numbers, names, why)


def finding(
    results: Results, numbers: Sequence[Number], names: Iterable[str], why: str
) -> Finding:
    """The verdict over the numbers that something is claimed of; `names` are what it needs."""
    verdict = together(number.verdict for number in numbers if number.verdict)
    missing = [name for name in dict.fromkeys(names) if not results.measured(name)]
    if missing:
        why = f"Not trained or not measured yet: {', '.join(missing)}. {why}"
    told = "; ".join(f"{number.label}: {number.text()}" for number in numbers)
    return Finding(tuple(numbers), verdict, f"{told}.", why)


def by_psnr(names: Sequence[str], condition: str) -> list[Comparison]:
    """Each above the next."""
    return [Comparison("psnr", a, b, ABOVE, condition) for a, b in pairwise(names)]


def by_mse(names: Sequence[str]) -> list[Comparison]:
    """Each with less error than the next, as the series measures; the PSNR stands beside it."""
    return [
        Comparison(metric, a, b, claimed)
        for a, b in pairwise(names)
        for metric, claimed in (("mse", BELOW), ("psnr", None))
    ]


# Two claims that are more than comparisons ----------------------------------------------------

BETTER_LOOKING = (
    "Part 3 calls a result better if its MSE is no greater and it looks better. Here a variant "
    "looks better if its detail is clearly nearer to the clean picture's (0 dB of detail gain) "
    "and its FLIP is not clearly higher: a stand-in for eyes. The MSE of those alone is judged."
)


def better_looking(results: Results) -> Finding:
    """Whether the sharpening variants that look better have an MSE no greater than MSE's."""
    numbers, better = [], []
    for name in SHARPENING:
        detail = _nearer_detail(results, name)
        flip = Comparison("flip", name, BASE, None).number(results)
        nearer = judge(detail.interval, BELOW) == "holds"
        if nearer and judge(flip.interval, ABOVE) != "holds":
            better.append(name)
        claimed = AT_MOST if name in better else None
        numbers += [detail, flip, Comparison("mse", name, BASE, claimed).number(results)]
    said = f"Looks better: {', '.join(better) or 'none of them, so there is nothing to judge'}."
    return finding(results, numbers, (BASE, *SHARPENING), f"{BETTER_LOOKING} {said}")


def _nearer_detail(results: Results, name: str) -> Number:
    """How much further from the clean picture's detail than MSE's: below 0 is nearer."""
    mine, base = (np.abs(results.values(one, "detail_gain", NOISE)) for one in (name, BASE))
    story = results.stories["metrics"]["detail_gain"]
    label = f"Distance of the {story['label'].lower()} from 0, {name} against {BASE}"
    return Number(label, *paired(mine, base), story["unit"], story["decimals"])


BY_MSE = (
    "By MSE, as the source; with equal data, order and steps. The PSNR beside it weighs each "
    "picture's error by its own size, so easy pictures count as much as hard ones."
)
LOOKAHEAD = (
    "Three pairs that differ in Lookahead alone, by MSE, as the source. Pictures are resampled; "
    "three trainings are too few for that, so their means spread as Student's t with 2 degrees of "
    "freedom says. Each seed's own interval stands beside it: it knows nothing of other seeds."
)


def lookahead_helps(results: Results) -> Finding:
    """Lookahead(AdamW) against AdamW, paired by seed and picture."""
    with_it, without = (
        [f"dense-skip-dae-{optimiser}-s{seed}" for seed in SEEDS]
        for optimiser in ("lookahead", "adamw")
    )
    overall = [
        _over_seeds(results, metric, with_it, without, claimed)
        for metric, claimed in (("mse", BELOW), ("psnr", None))
    ]
    each = [
        Comparison("mse", name, base, None).number(results)
        for name, base in zip(with_it, without, strict=True)
    ]
    return finding(results, [*overall, *each], (*with_it, *without), LOOKAHEAD)


def _over_seeds(
    results: Results, metric: str, a: Sequence[str], b: Sequence[str], claimed: Side | None
) -> Number:
    """A metric of the runs `a` minus that of the runs `b`, which they are paired with."""
    first, second = (
        np.stack([results.values(name, metric, NOISE) for name in names]) for names in (a, b)
    )
    story = results.stories["metrics"][metric]
    label = f"{story['label']}, Lookahead(AdamW) against AdamW, {len(a)} seeds"
    interval = paired_runs(first, second)
    return Number(label, *interval, story["unit"], story["decimals"], claimed)


# The table -----------------------------------------------------------------------------------


def _claim(
    key: str,
    claim: str,
    source: str,
    *comparisons: Comparison,
    why: str = "",
    beside: tuple[Published, ...] = (),
) -> ClaimSpec:
    measure = partial(compared, comparisons=comparisons, why=why)
    return ClaimSpec(key, claim, source, measure, beside)


CLAIMS: Table[ClaimSpec] = Table(
    "claim",
    _claim(
        "mse_blurs",
        "MSE blurs and desaturates.",
        PART_3,
        Comparison("detail_gain", BASE, None, BELOW),
        Comparison("blur", BASE, CLEAN, ABOVE),
        Comparison("saturation", BASE, None, BELOW, coloured=True),
        why=(
            "Less power at high frequencies than the clean picture, a greater blur, and less "
            f"chroma, where the clean picture has at least {GREY:g} ΔC of it."
        ),
    ),
    _claim(
        "sharpness",
        "Regional sharpness is crisper than MSE, grows a checkerboard and discolours.",
        PART_3,
        Comparison("detail_gain", SHARP, BASE, ABOVE),
        Comparison("checkerboard_added", SHARP, BASE, ABOVE),
        Comparison("colour_shift", SHARP, BASE, ABOVE),
        why="Crisp is read as power at high frequencies, which need not be true detail.",
    ),
    _claim(
        "frequency",
        "Frequency removes the checkerboard and is less sharp than regional sharpness.",
        PART_3,
        Comparison("checkerboard_added", FREQUENCY, SHARP, BELOW),
        Comparison("detail_gain", FREQUENCY, SHARP, BELOW),
        why="Removes is read as less of it than regional sharpness adds.",
    ),
    _claim(
        "radial",
        "The radial mask differs little from plain frequency.",
        PART_3,
        *(Comparison(key, RADIAL, FREQUENCY, within(most)) for key, most in LITTLE.items()),
        why=(
            f"Little is at most {LITTLE['psnr']:g} dB of PSNR, {LITTLE['ssim']:g} of SSIM and "
            f"{LITTLE['detail_gain']:g} dB of detail gain."
        ),
    ),
    ClaimSpec(
        "better_looking",
        "A better-looking variant has an MSE no greater than the baseline's.",
        PART_3,
        better_looking,
    ),
    _claim(
        "deblurring",
        "U-Net > ViT > residual CNN > CNN on the course's task.",
        COURSE_NOTES,
        *by_psnr(DEBLURRING, COURSE),
        why="By PSNR, motion blur of length 9 and angle 20° with 0.01 relative noise.",
        beside=published(MAYO, "psnr", "UNet", "ViT", "ResCNN", "CNN"),
    ),
    _claim(
        "l1_and_ssim",
        "Trained with L1 or SSIM, a network is above MSE in SSIM.",
        COURSE_NOTES,
        Comparison("ssim", "hybrid-l1", BASE, ABOVE),
        Comparison("ssim", "hybrid-ssim", BASE, ABOVE),
        why="Our SSIM has a Gaussian window, the course's numbers scikit-image's default one.",
        beside=published(LOSS_STUDY, "ssim", "MSE", "L1", "SSIM"),
    ),
    ClaimSpec("lookahead", "Lookahead helps.", PART_1, lookahead_helps),
    _claim(
        "three_branches",
        "The three-branch skip helps the dense autoencoder.",
        PART_1,
        *by_mse(("dense-skip-dae-ladder", "dense-dae-ladder")),
        why=BY_MSE,
        beside=published(
            TILES_56, "mse", "dense autoencoder", "dense autoencoder, three branches and skip"
        ),
    ),
    _claim(
        "vit_adds",
        "The ViT adds to the U-Net.",
        BETWEEN,
        *by_mse((BASE, "unet-mse")),
        why=BY_MSE,
        beside=published(TILES_224, "mse", "U-Net", "ViT + U-Net"),
    ),
    _claim(
        "ladder",
        "U-Net > convolutional > dense with branches and skip > dense, at sigma 0.15.",
        f"{PART_1} and {BETWEEN[:1].lower()}{BETWEEN[1:]}",
        *by_mse(LADDER),
        why=BY_MSE,
        beside=published(
            TILES_56, "mse", "U-Net", "convolutional autoencoder",
            "dense autoencoder, three branches and skip", "dense autoencoder",
        ),
    ),
)  # fmt: skip
