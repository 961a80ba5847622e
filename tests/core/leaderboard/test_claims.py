"""Claims: each true, false, unclear and without numbers, for every family of variants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.leaderboard import (
    CLAIMS,
    FAMILIES,
    NOT_MEASURED,
    PUBLISHED,
    STATEMENTS,
    Number,
    blur_table,
    claims,
    read_results,
)
from core.leaderboard.claims import CONTROL, SEEDS
from core.leaderboard.conditions import CLEAN, COURSE, NOISE
from core.leaderboard.families import LITTLE
from core.leaderboard.published import LOSS_STUDY, MAYO, TILES_56, blur_name, published
from core.leaderboard.results import MEASUREMENT, Results
from core.metrics import METRICS
from core.statistics import ABOVE, BELOW, judge, paired, paired_runs, parts_told
from core.train.recipes import load_recipes

NAN = math.nan
IMAGES = 30


def test_a_number_as_text():
    assert Number("x", 1.26, -0.04, 2.0, "dB", 1).text() == "+1.3 dB [+0.0, +2.0]"
    assert Number("x", -0.0311, -0.04, -0.02, "", 3).text() == "-0.031 [-0.040, -0.020]"
    assert Number("x", NAN, NAN, NAN, "dB").text() == NOT_MEASURED
    assert Number("x", 1.26, NAN, NAN, "dB").text() == "+1.26 dB, no interval"
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


def family_levels(family):
    """The story as its source tells it."""
    base, sharp, frequency, radial = (
        family.mse, family.sharpness, family.frequency, family.radial
    )  # fmt: skip
    return {
        (base, "detail_gain"): -3.0, (base, "blur"): 0.35, (base, "saturation"): -0.5,
        (base, "checkerboard_added"): 0.1, (base, "colour_shift"): 1.0, (base, "flip"): 0.15,
        (base, "mse"): 0.003, (base, "psnr"): 27.0, (base, "ssim"): 0.75,
        (sharp, "detail_gain"): 1.0, (sharp, "checkerboard_added"): 0.6,
        (sharp, "colour_shift"): 2.0, (sharp, "flip"): 0.14, (sharp, "mse"): 0.002,
        (frequency, "detail_gain"): -1.5, (frequency, "checkerboard_added"): 0.2,
        (frequency, "psnr"): 26.8, (frequency, "ssim"): 0.76, (frequency, "flip"): 0.14,
        (frequency, "mse"): 0.002,
        (radial, "detail_gain"): -1.2, (radial, "psnr"): 26.8, (radial, "ssim"): 0.76,
        (radial, "flip"): 0.14, (radial, "mse"): 0.002,
    }  # fmt: skip


HYBRID, CONV = FAMILIES["hybrid"], FAMILIES["conv"]
BASE, SHARP, FREQUENCY, RADIAL = HYBRID.mse, HYBRID.sharpness, HYBRID.frequency, HYBRID.radial
RESIZED = {family.sharpness: f"{family.sharpness}-resize" for family in (HYBRID, CONV)}
TRUE = {
    **{key: level for one in FAMILIES.values() for key, level in family_levels(one).items()},
    **{(resized, "checkerboard_added"): 0.1 for resized in RESIZED.values()},
    (CONTROL, "ssim"): 0.75, (CONTROL, "mse"): 0.003,
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


def family_false(family):
    """Of each statement, what makes it false, one part at a time."""
    base, sharp, frequency, radial = (
        family.mse, family.sharpness, family.frequency, family.radial
    )  # fmt: skip
    return {
        "mse_blurs": [
            {(base, "detail_gain"): 1.0}, {(base, "blur"): 0.2}, {(base, "saturation"): 1}
        ],
        "sharpness": [
            {(sharp, "detail_gain"): -5.0},
            {(sharp, "checkerboard_added"): 0.0},
            {(sharp, "colour_shift"): 0.5},
        ],
        "frequency": [
            {(frequency, "checkerboard_added"): 0.9}, {(frequency, "detail_gain"): 2.0}
        ],
        "radial": [
            {(radial, key): TRUE[frequency, key] + 2 * most} for key, most in LITTLE.items()
        ],
        "better_looking": [{(sharp, "mse"): 0.004}, {(radial, "mse"): 0.004}],
    }  # fmt: skip


# For each claim, what makes it false, one part at a time.
FALSE = {
    **{
        f"{statement}_{family.key}": changes
        for family in FAMILIES.values()
        for statement, changes in family_false(family).items()
    },
    "upsampling": [{(resized, "checkerboard_added"): 0.9} for resized in RESIZED.values()],
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
    assert not finding.parts and not finding.waits
    assert "Not trained" not in finding.why


@pytest.mark.parametrize(
    ("key", "change"), [(key, change) for key, changes in FALSE.items() for change in changes]
)
def test_one_part_that_is_false_is_enough_against_it(key, change):
    finding = found(key, world({**TRUE, **change}))
    assert finding.verdict == "does not hold" and not finding.waits
    assert [n.verdict for n in finding.numbers].count("does not hold") >= 1


@pytest.mark.parametrize("key", CLAIMS)
def test_what_drowns_in_spread_cannot_be_told(key):
    finding = found(key, world(TRUE, noise=3000.0))
    assert finding.verdict == "cannot be told" and not finding.waits


def needed(key):
    """The variants that a claim looks at, by their places in its labels."""
    told = found(key, world({(MEASUREMENT, "blur"): 0.2})).why
    return told.split(": ")[1].split(". ")[0].split(", ")


NEEDED = [(key, name) for key in CLAIMS for name in needed(key)]


@pytest.mark.parametrize(("key", "missing"), NEEDED)
def test_a_missing_variant_is_named_and_nothing_is_told(key, missing):
    finding = found(key, world(TRUE, without=(missing,)))
    if CLAIMS[key].statement != "better_looking" or missing == FAMILIES[CLAIMS[key].family].mse:
        assert finding.verdict == "cannot be told" and finding.waits
    assert finding.missing == (missing,)
    assert finding.why.startswith(f"Not trained or not measured yet: {missing}. ")
    assert any(NOT_MEASURED in part for part in finding.sentence.split("; "))


def test_the_claims_look_at_variants_that_have_recipes():
    recipes = load_recipes().table
    assert {name for _, name in NEEDED} <= set(recipes)
    assert {key for key, _ in NEEDED} == set(CLAIMS)


@pytest.mark.parametrize("key", CLAIMS)
def test_what_a_claim_compares_was_trained_for_equally_long(key):
    recipes, names = load_recipes().table, needed(key)
    for number in found(key, world(TRUE)).numbers:
        words = number.label.replace(",", "").split()
        assert len({recipes[name].steps for name in names if name in words}) <= 1, number.label
    wanted = 2 if key == "upsampling" else 1  # a pair of twins of each family
    assert len({recipes[name].steps for name in names}) == wanted


# Families --------------------------------------------------------------------------------------


def test_every_statement_is_a_claim_of_every_family():
    told = [(one.statement, one.family) for one in CLAIMS.values() if one.family]
    assert told == [(statement, family) for statement in STATEMENTS for family in FAMILIES]
    assert len({one.claim for one in CLAIMS.values()}) == len(CLAIMS)
    for one in CLAIMS.values():
        if one.family:
            told = f"{FAMILIES[one.family].label}: {STATEMENTS[one.statement].statement}"
            assert one.claim == told


def test_a_family_is_judged_by_its_own_variants_alone():
    """What makes a claim false of one family says nothing of the other."""
    assert [family.mse for family in FAMILIES.values()] == ["hybrid-mse", "conv-dae-mse"]
    for family, other in [(HYBRID, CONV), (CONV, HYBRID)]:
        for statement in STATEMENTS:
            own = {family.mse, *family.sharpening.values()}
            assert set(needed(f"{statement}_{family.key}")) <= own
        for statement, changes in family_false(family).items():
            for change in changes:
                results = world({**TRUE, **change})
                assert found(f"{statement}_{family.key}", results).verdict == "does not hold"
                assert found(f"{statement}_{other.key}", results).verdict == "holds"


def test_a_family_of_which_nothing_was_measured_waits():
    names = (CONV.mse, *CONV.sharpening.values(), *RESIZED.values())
    for one, finding in claims(world(TRUE, without=names)):
        mine = one.family == CONV.key or one.key == "upsampling"
        assert finding.waits is mine and finding.parts == ""
        assert set(finding.missing) <= set(names) and bool(finding.missing) is mine
        assert finding.verdict == ("cannot be told" if mine else "holds")


# What single claims say ------------------------------------------------------------------------


def test_a_claim_says_which_of_its_parts_holds():
    """Two numbers judge whether it blurs, one whether it desaturates."""
    finding = found("mse_blurs_hybrid", world({**TRUE, (BASE, "saturation"): 0.0}))
    assert finding.verdict == "cannot be told"
    assert finding.parts == parts_told(
        [("blurs", "holds"), ("desaturates", "cannot be told")]
    ) == "Holds: blurs. Cannot be told: desaturates."  # fmt: skip
    finding = found("mse_blurs_conv", world({**TRUE, (CONV.mse, "blur"): 0.25}))
    assert finding.parts == "Holds: desaturates. Cannot be told: blurs."
    assert [n.verdict for n in finding.numbers] == ["holds", "cannot be told", "holds"]
    finding = found("ladder", world({**TRUE, ("conv-dae-ladder", "mse"): 0.006}))
    assert finding.parts == (
        "Holds: U-Net > convolutional, branches and skip > dense. "
        "Cannot be told: convolutional > branches and skip."
    )


@pytest.mark.parametrize("key", CLAIMS)
def test_parts_are_those_of_the_numbers(key):
    """Whatever they come to; a claim of several parts names each of its numbers' parts."""
    for results in (world(TRUE), world(TRUE, noise=3000.0), world(TRUE, noise=30.0)):
        finding = found(key, results)
        judged = [(n.part, n.verdict) for n in finding.numbers if n.verdict]
        assert finding.parts == parts_told(judged)
        if len(judged) > 1:
            assert all(name for name, _ in judged)


def test_numbers_are_the_paired_differences():
    results = world(TRUE)
    for key, place, names, metric in [
        ("sharpness_hybrid", 0, (SHARP, BASE), "detail_gain"),
        ("radial_conv", 1, (CONV.radial, CONV.frequency), "ssim"),
        ("upsampling", 0, (SHARP, RESIZED[SHARP]), "checkerboard_added"),
        ("upsampling", 1, (CONV.sharpness, RESIZED[CONV.sharpness]), "checkerboard_added"),
        ("l1_and_ssim", 1, ("hybrid-ssim", CONTROL), "ssim"),
        ("vit_adds", 0, (CONTROL, "unet-mse"), "mse"),
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
    number = found("mse_blurs_hybrid", results).numbers[1]
    assert number.interval == paired(results.values(BASE, "blur", NOISE), clean)
    assert "the clean pictures" in number.label


def test_a_grey_picture_has_no_colour_to_lose():
    grey = tuple(f"photo-{i}" for i in range(10))
    number = found("mse_blurs_hybrid", results := world(TRUE, grey=grey)).numbers[2]
    assert number.interval == paired(results.values(BASE, "saturation", NOISE)[10:])


def test_only_what_looks_better_is_judged_by_its_mse():
    worse = {(SHARP, "mse"): 0.009}
    for change in ({(SHARP, "detail_gain"): 9.0}, {(SHARP, "flip"): 0.3}):
        finding = found("better_looking_hybrid", world({**TRUE, **worse, **change}))
        assert finding.verdict == "holds"
        assert finding.why.endswith(f"Looks better: {FREQUENCY}, {RADIAL}.")
        assert [n.claimed for n in finding.numbers if n.label.startswith("MSE")][0] is None
    blind = {(name, "detail_gain"): -9.0 for name in (SHARP, FREQUENCY, RADIAL)}
    finding = found("better_looking_hybrid", world({**TRUE, **blind}))
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
