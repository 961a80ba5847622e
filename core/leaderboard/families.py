"""Part 3's story, told of one family of variants after the other.

A family is one network trained with each of the story's losses, all else equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ..base.table import Table
from ..statistics import ABOVE, AT_MOST, BELOW, judge, within
from .conditions import CLEAN
from .findings import GREY, Comparison, Finding, compared, finding, measured
from .published import PART_3
from .results import Results
from .spec import ClaimSpec

LITTLE = {"psnr": 0.1, "ssim": 0.01, "detail_gain": 1.0}
"""The most that "differs little" means; 1 dB of detail is 12 % of its contrast."""


@dataclass(frozen=True)
class FamilySpec:
    """A network with the story's losses: its variants are called `<prefix>-<loss>`.

    `label` stands before each claim about it, `about` says what it is.
    """

    key: str
    label: str
    about: str
    prefix: str

    @property
    def mse(self) -> str:
        return f"{self.prefix}-mse"

    @property
    def sharpness(self) -> str:
        return f"{self.prefix}-regional-sharpness"

    @property
    def frequency(self) -> str:
        return f"{self.prefix}-frequency"

    @property
    def radial(self) -> str:
        return f"{self.prefix}-frequency-radial"

    @property
    def sharpening(self) -> dict[str, str]:
        """What the story's other losses are called -> the variants that they trained."""
        return {
            "regional sharpness": self.sharpness,
            "frequency": self.frequency,
            "radial mask": self.radial,
        }


FAMILIES = Table(
    "family",
    FamilySpec(
        "hybrid",
        "ViT + U-Net",
        "The source's network, trained at sigma 0.03 to 0.25.",
        "hybrid",
    ),
    FamilySpec(
        "conv",
        "Convolutional autoencoder",
        "A network without skips; its last steps were at sigma 0.15 alone, at which it is judged.",
        "conv-dae",
    ),
)


@dataclass(frozen=True)
class StatementSpec:
    """What the story says of every family, and how a family's variants are compared for it."""

    key: str
    statement: str
    measure: Callable[[Results, FamilySpec, str], Finding]
    why: str

    def of(self, family: FamilySpec) -> ClaimSpec:
        """The claim about one family."""
        measure = partial(self.measure, family=family, why=f"{self.why} {family.about}")
        return ClaimSpec(
            f"{self.key}_{family.key}",
            f"{family.label}: {self.statement}",
            PART_3,
            measure,
            statement=self.key,
            family=family.key,
        )


def mse_blurs(results: Results, family: FamilySpec, why: str) -> Finding:
    comparisons = (
        Comparison("detail_gain", family.mse, None, BELOW, "blurs"),
        Comparison("blur", family.mse, CLEAN, ABOVE, "blurs"),
        Comparison("saturation", family.mse, None, BELOW, "desaturates", coloured=True),
    )
    return compared(results, comparisons, why)


def sharpness(results: Results, family: FamilySpec, why: str) -> Finding:
    parts = {
        "detail_gain": "crisper",
        "checkerboard_added": "grows a checkerboard",
        "colour_shift": "discolours",
    }
    comparisons = [
        Comparison(metric, family.sharpness, family.mse, ABOVE, part)
        for metric, part in parts.items()
    ]
    return compared(results, comparisons, why)


def frequency(results: Results, family: FamilySpec, why: str) -> Finding:
    parts = {"checkerboard_added": "removes the checkerboard", "detail_gain": "less sharp"}
    comparisons = [
        Comparison(metric, family.frequency, family.sharpness, BELOW, part)
        for metric, part in parts.items()
    ]
    return compared(results, comparisons, why)


def radial(results: Results, family: FamilySpec, why: str) -> Finding:
    parts = {"psnr": "PSNR", "ssim": "SSIM", "detail_gain": "detail gain"}
    comparisons = [
        Comparison(metric, family.radial, family.frequency, within(LITTLE[metric]), part)
        for metric, part in parts.items()
    ]
    return compared(results, comparisons, why)


def better_looking(results: Results, family: FamilySpec, why: str) -> Finding:
    """Whether the sharpening variants that look better have an MSE no greater than MSE's."""
    numbers, better = [], []
    for loss, name in family.sharpening.items():
        detail, flip, mse = measured(
            results,
            [
                Comparison("detail_gain", name, family.mse, None, distance=True),
                Comparison("flip", name, family.mse, None),
                Comparison("mse", name, family.mse, None, loss),
            ],
        )
        nearer = judge(detail.interval, BELOW) == "holds"
        if nearer and judge(flip.interval, ABOVE) != "holds":
            better.append(name)
            mse = replace(mse, claimed=AT_MOST)
        numbers += [detail, flip, mse]
    said = f"Looks better: {', '.join(better) or 'none of them, so there is nothing to judge'}."
    names = (family.mse, *family.sharpening.values())
    return finding(results, numbers, names, f"{why} {said}")


STATEMENTS = Table(
    "statement",
    StatementSpec(
        "mse_blurs",
        "MSE blurs and desaturates.",
        mse_blurs,
        "Less power at high frequencies than the clean picture, a greater blur, and less "
        f"chroma, where the clean picture has at least {GREY:g} ΔC of it.",
    ),
    StatementSpec(
        "sharpness",
        "Regional sharpness is crisper than MSE, grows a checkerboard and discolours.",
        sharpness,
        "Crisp is read as power at high frequencies, which need not be true detail.",
    ),
    StatementSpec(
        "frequency",
        "Frequency removes the checkerboard and is less sharp than regional sharpness.",
        frequency,
        "Removes is read as less of it than regional sharpness adds.",
    ),
    StatementSpec(
        "radial",
        "The radial mask differs little from plain frequency.",
        radial,
        f"Little is at most {LITTLE['psnr']:g} dB of PSNR, {LITTLE['ssim']:g} of SSIM and "
        f"{LITTLE['detail_gain']:g} dB of detail gain.",
    ),
    StatementSpec(
        "better_looking",
        "A better-looking variant has an MSE no greater than the baseline's.",
        better_looking,
        "The article calls a result better if its MSE is no greater and it looks better. Here a "
        "variant looks better if its detail is clearly nearer to the clean picture's (0 dB of "
        "detail gain) and its FLIP is not clearly higher: a stand-in for eyes. The MSE of those "
        "alone is judged.",
    ),
)


def family_claims() -> list[ClaimSpec]:
    """Every statement of every family, the families of a statement one after the other."""
    return [
        statement.of(family) for statement in STATEMENTS.values() for family in FAMILIES.values()
    ]
