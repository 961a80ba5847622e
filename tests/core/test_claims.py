"""Claims: the rule of the verdicts, and each claim true, false, unclear and without numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.leaderboard import CLAIMS, PUBLISHED, blur_table, claims, read_results
from core.leaderboard.claims import BASE, FREQUENCY, LITTLE, RADIAL, SEEDS, SHARP, Number
from core.leaderboard.conditions import CLEAN, COURSE, NOISE
from core.leaderboard.published import (
    LOSS_STUDY,
    MAYO,
    TILES_56,
    blur_name,
    published,
)
from core.leaderboard.results import MEASUREMENT, Results
from core.leaderboard.statistics import Interval, paired, paired_runs
from core.leaderboard.verdicts import ABOVE, AT_MOST, BELOW, judge, together, within
from core.metrics import METRICS
from core.training.recipes import load_recipes

NAN = math.nan
IMAGES = 30


# The rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "interval", "expected"),
    [
        (ABOVE, (0.1, 0.3), "holds"),
        (ABOVE, (-0.1, 0.3), "cannot be told"),
        (ABOVE, (-0.3, -0.1), "does not hold"),
        (ABOVE, (0.0, 0.3), "cannot be told"),
        (ABOVE, (0.0, 0.0), "does not hold"),
        (BELOW, (-0.3, -0.1), "holds"),
        (BELOW, (-0.3, 0.0), "cannot be told"),
        (BELOW, (0.1, 0.3), "does not hold"),
        (AT_MOST, (-0.3, 0.0), "holds"),
        (AT_MOST, (0.0, 0.0), "holds"),
        (AT_MOST, (-0.3, 0.1), "cannot be told"),
        (AT_MOST, (0.1, 0.3), "does not hold"),
        (within(0.2), (-0.2, 0.1), "holds"),
        (within(0.2), (-0.1, 0.3), "cannot be told"),
        (within(0.2), (-0.3, 0.3), "cannot be told"),
        (within(0.2), (0.3, 0.4), "does not hold"),
        (within(0.2), (-0.4, -0.3), "does not hold"),
        (ABOVE, (NAN, NAN), "cannot be told"),
        (within(0.2), (NAN, NAN), "cannot be told"),
    ],
)
def test_a_verdict_is_where_the_interval_lies(claimed, interval, expected):
    assert judge(Interval(sum(interval) / 2, *interval), claimed) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["holds", "holds"], "holds"),
        (["holds", "cannot be told"], "cannot be told"),
        (["holds", "does not hold"], "does not hold"),
        (["cannot be told", "does not hold"], "does not hold"),
        ([], "cannot be told"),
    ],
)
def test_of_several_parts_all_must_hold(parts, expected):
    assert together(parts) == expected


def test_a_number_as_text():
    assert Number("x", 1.26, -0.04, 2.0, "dB", 1).text() == "+1.3 dB [+0.0, +2.0]"
    assert Number("x", -0.0311, -0.04, -0.02, "", 3).text() == "-0.031 [-0.040, -0.020]"
    assert Number("x", NAN, NAN, NAN, "dB").text() == "—"
    assert Number("x", 1, 0.5, 2, "").verdict is None
    assert Number("x", 1, 0.5, 2, "", claimed=ABOVE).verdict == "holds"


# Worlds in which the claims are true and false -----------------------------------------------


def dense_pairs(lookahead, adamw):
    """MSE in thousandths."""
    levels = {"lookahead": lookahead, "adamw": adamw}
    return {
        (f"dense-skip-dae-{name}-s{seed}", "mse"): level / 1000 + 1e-5 * seed
        for name, level in levels.items()
        for seed in SEEDS
    }


TRUE = {
    (BASE, "detail_gain"): -3.0, (BASE, "blur"): 0.35, (BASE, "saturation"): -0.5,
    (BASE, "checkerboard_added"): 0.1, (BASE, "colour_shift"): 1.0, (BASE, "flip"): 0.15,
    (BASE, "mse"): 0.003, (BASE, "psnr"): 27.0, (BASE, "ssim"): 0.75,
    (SHARP, "detail_gain"): 1.0, (SHARP, "checkerboard_added"): 0.6, (SHARP, "colour_shift"): 2.0,
    (SHARP, "flip"): 0.14, (SHARP, "mse"): 0.002,
    (FREQUENCY, "detail_gain"): -1.5, (FREQUENCY, "checkerboard_added"): 0.2,
    (FREQUENCY, "psnr"): 26.8, (FREQUENCY, "ssim"): 0.76, (FREQUENCY, "flip"): 0.14,
    (FREQUENCY, "mse"): 0.002,
    (RADIAL, "detail_gain"): -1.2, (RADIAL, "psnr"): 26.8, (RADIAL, "ssim"): 0.76,
    (RADIAL, "flip"): 0.14, (RADIAL, "mse"): 0.002,
    ("hybrid-l1", "ssim"): 0.77, ("hybrid-ssim", "ssim"): 0.8, ("unet-mse", "mse"): 0.0035,
    ("unet-ladder", "mse"): 0.002, ("conv-dae-ladder", "mse"): 0.004,
    ("dense-skip-dae-ladder", "mse"): 0.006, ("dense-dae-ladder", "mse"): 0.008,
    ("unet-motion", "psnr"): 31.0, ("vit-reconstructor-motion", "psnr"): 30.0,
    ("residual-cnn-motion", "psnr"): 29.0, ("cnn-motion", "psnr"): 28.0,
    (MEASUREMENT, "blur"): 0.25, **dense_pairs(5.5, 6.0),
}  # fmt: skip
TRUE = {
    **{(name, "psnr"): -10 * math.log10(v) for (name, key), v in TRUE.items() if key == "mse"},
    **TRUE,
}
# For each claim, what makes it false, one part at a time.
FALSE = {
    "mse_blurs": [{(BASE, "detail_gain"): 1.0}, {(BASE, "blur"): 0.2}, {(BASE, "saturation"): 1}],
    "sharpness": [
        {(SHARP, "detail_gain"): -5.0},
        {(SHARP, "checkerboard_added"): 0.0},
        {(SHARP, "colour_shift"): 0.5},
    ],
    "frequency": [{(FREQUENCY, "checkerboard_added"): 0.9}, {(FREQUENCY, "detail_gain"): 2.0}],
    "radial": [{(RADIAL, key): TRUE[FREQUENCY, key] + 2 * most} for key, most in LITTLE.items()],
    "better_looking": [{(SHARP, "mse"): 0.004}, {(RADIAL, "mse"): 0.004}],
    "deblurring": [
        {("unet-motion", "psnr"): 29.5},
        {("residual-cnn-motion", "psnr"): 30.5},
        {("cnn-motion", "psnr"): 29.5},
    ],
    "l1_and_ssim": [{("hybrid-l1", "ssim"): 0.7}, {("hybrid-ssim", "ssim"): 0.7}],
    "lookahead": [dense_pairs(6.5, 6.0)],
    "three_branches": [{("dense-skip-dae-ladder", "mse"): 0.009}],
    "vit_adds": [{("unet-mse", "mse"): 0.0025}],
    "ladder": [
        {("unet-ladder", "mse"): 0.005},
        {("conv-dae-ladder", "mse"): 0.007},
        {("dense-dae-ladder", "mse"): 0.005},
    ],
}
SPREADS = {"psnr": 0.02, "ssim": 0.002, "mse": 1e-5, "flip": 1e-3, "blur": 0.005}


def conditions_of(variant, metric):
    return (CLEAN,) if variant == MEASUREMENT else (COURSE,) if "motion" in variant else (NOISE,)


def world(levels, noise=1.0, without=(), grey=()):
    """Results with these means; pictures differ a lot, variants on one picture a little."""
    rng = np.random.default_rng(0)
    variants = tuple(dict.fromkeys(name for name, _ in levels if name not in without))
    conditions, images = (NOISE, COURSE, CLEAN), tuple(f"photo-{i}" for i in range(IMAGES))
    shape = len(conditions), len(variants), IMAGES
    table = {metric: np.full(shape, NAN) for metric in METRICS}
    for (variant, metric), level in levels.items():
        if variant in variants:
            own = rng.normal(0, noise * SPREADS.get(metric, 0.1), IMAGES)
            for condition in conditions_of(variant, metric):
                place = conditions.index(condition), variants.index(variant)
                table[metric][place] = level + own - own.mean()
    stories = {
        "metrics": {
            key: {"label": spec.label, "unit": spec.unit, "decimals": spec.decimals}
            for key, spec in zip(METRICS, METRICS.values(), strict=True)
        },
        "images": {name: {"chroma": 0.0 if name in grey else 20.0} for name in images},
    }
    return Results(images, variants, conditions, tuple(METRICS), stories, table)


def found(key, results):
    return CLAIMS[key].measure(results)


@pytest.mark.parametrize("key", CLAIMS)
def test_a_true_claim_holds_with_a_number_and_an_interval(key):
    finding = found(key, world(TRUE))
    assert finding.verdict == "holds", finding
    assert all(n.low <= n.mean <= n.high for n in finding.numbers)
    assert any(n.claimed for n in finding.numbers)
    assert all(n.label in finding.sentence and n.text() in finding.sentence
               for n in finding.numbers)  # fmt: skip
    assert "Not trained" not in finding.why


@pytest.mark.parametrize(
    ("key", "change"), [(key, change) for key, changes in FALSE.items() for change in changes]
)
def test_one_part_that_is_false_is_enough_against_it(key, change):
    finding = found(key, world({**TRUE, **change}))
    assert finding.verdict == "does not hold"
    assert [n.verdict for n in finding.numbers].count("does not hold") >= 1


@pytest.mark.parametrize("key", CLAIMS)
def test_what_drowns_in_spread_cannot_be_told(key):
    finding = found(key, world(TRUE, noise=3000.0))
    assert finding.verdict == "cannot be told"


def needed(key):
    """The variants that a claim looks at, by their places in its labels."""
    told = found(key, world({(MEASUREMENT, "blur"): 0.2})).why
    return told.split(": ")[1].split(". ")[0].split(", ")


NEEDED = [(key, name) for key in CLAIMS for name in needed(key)]


@pytest.mark.parametrize(("key", "missing"), NEEDED)
def test_a_missing_variant_is_named_and_nothing_is_told(key, missing):
    finding = found(key, world(TRUE, without=(missing,)))
    if key != "better_looking" or missing == BASE:
        assert finding.verdict == "cannot be told"
    assert finding.why.startswith(f"Not trained or not measured yet: {missing}. ")
    assert any("—" in part for part in finding.sentence.split("; "))


def test_the_claims_look_at_variants_that_have_recipes():
    recipes = load_recipes().table
    assert {name for _, name in NEEDED} <= set(recipes)
    assert {key for key, _ in NEEDED} == set(CLAIMS) and len(CLAIMS) == 11


# What single claims say ------------------------------------------------------------------------


def test_numbers_are_the_paired_differences():
    results = world(TRUE)
    for key, place, names, metric in [
        ("sharpness", 0, (SHARP, BASE), "detail_gain"),
        ("l1_and_ssim", 1, ("hybrid-ssim", BASE), "ssim"),
        ("vit_adds", 0, (BASE, "unet-mse"), "mse"),
    ]:
        number = found(key, results).numbers[place]
        expected = paired(*(results.values(name, metric, NOISE) for name in names))
        assert number.interval == expected and number.unit == METRICS[metric].unit
        assert all(name in number.label for name in names)


def test_the_courses_task_is_the_courses():
    results = world(TRUE)
    mine, next_ = (results.values(f"{n}-motion", "psnr", COURSE) for n in ("residual-cnn", "cnn"))
    assert found("deblurring", results).numbers[2].interval == paired(mine, next_)


def test_blur_is_compared_with_the_clean_pictures_own():
    results = world(TRUE)
    clean = results.values(MEASUREMENT, "blur", CLEAN)
    number = found("mse_blurs", results).numbers[1]
    assert number.interval == paired(results.values(BASE, "blur", NOISE), clean)
    assert "the clean pictures" in number.label


def test_a_grey_picture_has_no_colour_to_lose():
    grey = tuple(f"photo-{i}" for i in range(10))
    number = found("mse_blurs", results := world(TRUE, grey=grey)).numbers[2]
    assert number.interval == paired(results.values(BASE, "saturation", NOISE)[10:])


def test_only_what_looks_better_is_judged_by_its_mse():
    worse = {(SHARP, "mse"): 0.009}
    for change in ({(SHARP, "detail_gain"): 9.0}, {(SHARP, "flip"): 0.3}):
        finding = found("better_looking", world({**TRUE, **worse, **change}))
        assert finding.verdict == "holds"
        assert finding.why.endswith(f"Looks better: {FREQUENCY}, {RADIAL}.")
        assert [n.claimed for n in finding.numbers if n.label.startswith("MSE")][0] is None
    blind = {(name, "detail_gain"): -9.0 for name in (SHARP, FREQUENCY, RADIAL)}
    finding = found("better_looking", world({**TRUE, **blind}))
    assert finding.verdict == "cannot be told"
    assert finding.why.endswith("none of them, so there is nothing to judge.")


def test_lookahead_is_paired_by_seed_and_its_seeds_stand_beside_it():
    results = world(TRUE)
    finding = found("lookahead", results)
    a, b = (
        np.stack([results.values(f"dense-skip-dae-{n}-s{s}", "mse", NOISE) for s in SEEDS])
        for n in ("lookahead", "adamw")
    )
    assert finding.numbers[0].interval == paired_runs(a, b)
    assert [n.interval for n in finding.numbers[2:]] == [
        paired(*p) for p in zip(a, b, strict=True)
    ]


def test_one_seed_against_two_cannot_be_told_whatever_the_pictures_say():
    """Each seed's own interval is narrow; between the seeds there is no telling."""
    change = {("dense-skip-dae-lookahead-s1", "mse"): 0.0065}
    finding = found("lookahead", world({**TRUE, **change}))
    assert [judge(n.interval, BELOW) for n in finding.numbers if "MSE" in n.label] == [
        "cannot be told", "holds", "does not hold", "holds"
    ]  # fmt: skip
    assert finding.verdict == "cannot be told"


# What is published -----------------------------------------------------------------------------


def test_published_numbers_in_their_sources_counts():
    by_data = [sum(row.data == data for row in PUBLISHED) for data in (TILES_56, MAYO, LOSS_STUDY)]
    assert by_data == [16 + 6 + 1, 7 * 4, 6 * 3]


def test_the_courses_psnr_and_mse_agree():
    """Of one picture exactly; of the mean over pictures PSNR is at least the mean MSE's."""
    for data, most in [(LOSS_STUDY, 0.002), (MAYO, 0.5)]:
        for row in PUBLISHED:
            if row.data == data and row.metric == "psnr":
                (mse,) = published(data, "mse", row.what)
                above = row.value + 10 * math.log10(mse.value)
                assert -0.002 <= above <= most, row.what


def test_part_1s_best_blur_is_the_one_it_names():
    blurs = {row.what: row.value for row in PUBLISHED if row.what.startswith("blur-")}
    assert min(blurs, key=blurs.get) == blur_name(7, 0)
    assert blurs["blur-k7-s0"] == 0.0040468499064445496
    assert blurs["blur-k9-s3"] == 0.005127414129674435


def test_published_numbers_stand_beside_the_claims():
    beside = {spec.key: [row.value for row in spec.published] for spec in CLAIMS.values()}
    assert {key: values for key, values in beside.items() if values} == {
        "deblurring": [41.014, 37.643, 35.002, 34.696],
        "l1_and_ssim": [0.7348, 0.7773, 0.8161],
        "three_branches": [0.0088, 0.0070],
        "vit_adds": [0.0017, 0.0015],
        "ladder": [0.0015, 0.0017, 0.0070, 0.0088],
    }
    with pytest.raises(KeyError):
        published(MAYO, "psnr", "nothing")


def test_the_blur_table_is_ours_beside_part_1s():
    levels = {(blur_name(7, 2), "mse"): 0.004, (blur_name(3, 0), "mse"): 0.006}
    table = blur_table(world(levels))
    assert table.ours.shape == table.published.shape == (4, 4)
    assert table.ours[2, 2] == pytest.approx(0.004) and table.ours[0, 0] == pytest.approx(0.006)
    assert np.isnan(table.ours).sum() == 14
    assert table.published[2, 0] == 0.0040468499064445496
    assert (table.kernels[2], table.sigmas[0]) == (7, 0)


# What is shipped ------------------------------------------------------------------------------


def test_every_claim_has_a_verdict_on_the_shipped_results():
    judged = claims(read_results())
    assert [spec.key for spec, _ in judged] == list(CLAIMS)
    for spec, finding in judged:
        assert spec.claim and spec.source and finding.sentence and finding.why
        assert finding.verdict in ("holds", "does not hold", "cannot be told")
        known = [number for number in finding.numbers if not math.isnan(number.low)]
        assert known or finding.why.startswith("Not trained or not measured yet: ")
