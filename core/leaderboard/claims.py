"""What the sources claim, judged by our measurements.

Every number is worked out from the results file; `core.statistics` judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from ..base.table import Table
from ..base.words import in_a_sentence
from ..statistics import ABOVE, BELOW, Side, paired_runs
from .conditions import COURSE, NOISE
from .families import FAMILIES, family_claims
from .findings import Comparison, Finding, Number, compared, finding, measured, number_of
from .published import (
    BETWEEN,
    COURSE_NOTES,
    LOSS_STUDY,
    MAYO,
    PART_1,
    TILES_56,
    TILES_224,
    Published,
    published,
)
from .results import Results
from .spec import ClaimSpec

CONTROL = "hybrid-mse"
"""MSE for as many steps as the other losses and as `unet-mse`."""
LADDER = {
    "U-Net": "unet-ladder",
    "convolutional": "conv-dae-ladder",
    "branches and skip": "dense-skip-dae-ladder",
    "dense": "dense-dae-ladder",
}
DEBLURRING = {
    "U-Net": "unet-motion",
    "ViT": "vit-reconstructor-motion",
    "residual CNN": "residual-cnn-motion",
    "CNN": "cnn-motion",
}
"""What a source calls a network -> the variant that stands for it, best first."""
SEEDS = (0, 1, 2)
OURS = "Ours, not the sources'"


def claims(results: Results) -> list[tuple[ClaimSpec, Finding]]:
    """Every claim with what our measurements say of it."""
    return [(spec, spec.measure(results)) for spec in CLAIMS.values()]


def by_psnr(networks: dict[str, str], condition: str) -> list[Comparison]:
    """Each above the next."""
    return [
        Comparison("psnr", a, b, ABOVE, f"{one} > {other}", condition)
        for (one, a), (other, b) in pairwise(networks.items())
    ]


def by_mse(networks: dict[str, str]) -> list[Comparison]:
    """Each with less error than the next, as the series measures; the PSNR stands beside it."""
    return [
        Comparison(metric, a, b, claimed, f"{one} > {other}")
        for (one, a), (other, b) in pairwise(networks.items())
        for metric, claimed in (("mse", BELOW), ("psnr", None))
    ]


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
    pairs = zip(with_it, without, strict=True)
    each = measured(results, [Comparison("mse", name, base, None) for name, base in pairs])
    return finding(results, [*overall, *each], (*with_it, *without), LOOKAHEAD)


def _over_seeds(
    results: Results, metric: str, a: Sequence[str], b: Sequence[str], claimed: Side | None
) -> Number:
    """A metric of the runs `a` minus that of the runs `b`, which they are paired with."""
    first, second = (
        np.stack([results.values(name, metric, NOISE) for name in names]) for names in (a, b)
    )
    label = results.stories["metrics"][metric]["label"]
    label = f"{label}, Lookahead(AdamW) against AdamW, {len(a)} seeds"
    return number_of(results, metric, label, paired_runs(first, second), claimed)


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
    *family_claims(),
    _claim(
        "upsampling",
        "The upsampling draws the grid.",
        OURS,
        *(
            Comparison(
                "checkerboard_added",
                family.sharpness,
                f"{family.sharpness}-resize",
                ABOVE,
                family.label,
            )
            for family in FAMILIES.values()
        ),
        why=(
            "Each time one network and one loss, regional sharpness, with equal data, order and "
            "steps: the first decoder has transposed convolutions, the second resizes before it "
            "convolves."
        ),
    ),
    _claim(
        "deblurring",
        "Against motion blur and noise, U-Net > ViT > residual CNN > CNN.",
        COURSE_NOTES,
        *by_psnr(DEBLURRING, COURSE),
        why="By PSNR, motion blur of length 9 and angle 20° with 0.01 relative noise.",
        beside=published(MAYO, "psnr", "UNet", "ViT", "ResCNN", "CNN"),
    ),
    _claim(
        "l1_and_ssim",
        "Trained with L1 or SSIM, a network is above MSE in SSIM.",
        COURSE_NOTES,
        Comparison("ssim", "hybrid-l1", CONTROL, ABOVE, "L1"),
        Comparison("ssim", "hybrid-ssim", CONTROL, ABOVE, "SSIM"),
        why=(
            "With equal data, order and steps. Our SSIM has a Gaussian window, the source's "
            "numbers scikit-image's default one."
        ),
        beside=published(LOSS_STUDY, "ssim", "MSE", "L1", "SSIM"),
    ),
    ClaimSpec("lookahead", "Lookahead helps.", PART_1, lookahead_helps),
    _claim(
        "three_branches",
        "The three-branch skip helps the dense autoencoder.",
        PART_1,
        *by_mse({"three branches": "dense-skip-dae-ladder", "plain": "dense-dae-ladder"}),
        why=BY_MSE,
        beside=published(
            TILES_56, "mse", "dense autoencoder", "dense autoencoder, three branches and skip"
        ),
    ),
    _claim(
        "vit_adds",
        "The ViT adds to the U-Net.",
        BETWEEN,
        *by_mse({"ViT + U-Net": CONTROL, "U-Net": "unet-mse"}),
        why=BY_MSE,
        beside=published(TILES_224, "mse", "U-Net", "ViT + U-Net"),
    ),
    _claim(
        "ladder",
        "U-Net > convolutional > dense with branches and skip > dense, at sigma 0.15.",
        f"{PART_1}, and {in_a_sentence(BETWEEN)}",
        *by_mse(LADDER),
        why=BY_MSE,
        beside=published(
            TILES_56, "mse", "U-Net", "convolutional autoencoder",
            "dense autoencoder, three branches and skip", "dense autoencoder",
        ),
    ),
)  # fmt: skip
