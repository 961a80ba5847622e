"""Crack scores: by hand, against scikit-learn and the band, and what the shipped file says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.attention.cam import CAM_METHODS
from core.attention.crack_study import __main__ as command
from core.attention.crack_study import crack_findings, crack_table, crack_verdicts, maps, study
from core.attention.crack_study.hits import LOWERS, Hit, Ranked, hit, inside_outside, score, sweep
from core.attention.crack_study.maps import (
    BASELINE,
    LAYERS_OF,
    MAIN,
    SIGN_FLIPPED,
    SOURCES,
    Place,
    cam_maps,
    crack_on_grid,
    method_label,
    sign_flipped_maps,
)
from core.attention.crack_study.pictures import SEEDS, samples
from core.attention.crack_study.ratios import quotient_of, ratio_of
from core.attention.crack_study.results import RESULTS, Claim, read, write
from core.attention.crack_study.study import measure
from core.attention.threshold import band
from core.base.table import Table
from core.statistics import SIGNS, UNKNOWN, Interval, above, judge
from core.train.data import TEXTURE_SEEDS
from core.variants.store import load_variant

MASK = np.array([[True, True, False, False], [False, False, False, False]])
VALUES = np.array([[0.9, 0.3, 0.6, 0.0], [0.3, 0.0, 0.0, 0.0]], dtype=np.float32)


def noisy(seed, levels=None):
    """A map with many exact zeros, as after the ReLU; with `levels`, ties everywhere."""
    rng = np.random.default_rng(seed)
    values = np.maximum(rng.random((30, 40), dtype=np.float32) - 0.4, 0) / 0.6
    return np.round(values * levels) / levels if levels else values


def crack(seed):
    return np.random.default_rng(seed).random((30, 40)) < 0.05


# One map against one mask -------------------------------------------------------------------


def test_a_hit_by_hand():
    """Three are kept, one of them crack, of which there are two."""
    assert hit(VALUES >= 0.35, MASK) == Hit(1 / 2, 1 / 2, 1 / 3, 2 / 8)
    assert hit(VALUES > 0, MASK) == Hit(2 / 4, 1, 2 / 4, 4 / 8)
    assert hit(VALUES > 1, MASK) == Hit(0, 0, 0, 0)


def test_average_precision_by_hand():
    """Recall rises at 0.9 (1 of 1), not at 0.6, and at 0.3 (2 of 4, two pixels at once)."""
    assert Ranked(VALUES, MASK).average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 4)


@pytest.mark.parametrize("levels", [None, 7])
@pytest.mark.parametrize("seed", range(3))
def test_average_precision_is_of_every_pixel(seed, levels):
    """Sorting the pixels first changes nothing, ties included."""
    values, mask = noisy(seed, levels), crack(seed + 10)
    expected = average_precision_score(mask.ravel(), values.ravel())
    assert Ranked(values, mask).average_precision == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("level", [0.0, 0.3])
def test_a_constant_map_gets_the_cracks_share(level):
    found = Ranked(np.full((30, 40), level), crack(0)).average_precision
    assert found == pytest.approx(crack(0).mean())


def test_the_crack_itself_is_found_whole():
    found = score(crack(0).astype(np.float32), crack(0))
    assert found.average_precision == 1
    assert found.inside_outside == (1, 0)
    assert found.sweeps["value"].best[1].iou == 1


@pytest.mark.parametrize("by", LOWERS)
@pytest.mark.parametrize("levels", [None, 7])
def test_a_sweep_is_what_the_bands_keep(by, levels):
    values, mask = noisy(3, levels), crack(4)
    found = sweep(Ranked(values, mask), by)
    for lower, one in zip(found.lowers, found.hits, strict=True):
        assert one == pytest.approx(hit(band(values, lower, 1, by=by).kept, mask))
    assert found.best[1].iou == max(one.iou for one in found.hits)


def test_the_sources_band_is_the_filter():
    values, mask = noisy(5), crack(6)
    assert score(values, mask).source == hit((values >= 0.4) & (values <= 0.9), mask)


def test_means_inside_and_outside():
    assert inside_outside(VALUES, MASK) == pytest.approx((0.6, 0.9 / 6))


def test_what_cannot_be_scored_is_told():
    with pytest.raises(ValueError, match="has no crack"):
        Ranked(VALUES, np.zeros_like(MASK))
    with pytest.raises(ValueError, match="they are 4 x 2 and 2 x 4 pixels"):
        hit(VALUES > 0, MASK.T)
    with pytest.raises(ValueError, match="4 pixels that are not a number"):
        Ranked(np.where(VALUES == 0, np.nan, VALUES), MASK)


# Intervals ----------------------------------------------------------------------------------


def test_a_ratio_is_of_means_and_a_quotient_is_paired():
    pairs = np.random.default_rng(2).random((12, 2))
    assert ratio_of(pairs).mean == pytest.approx(pairs[:, 0].mean() / pairs[:, 1].mean())
    assert ratio_of(np.tile([0.3, 0.1], (5, 1))) == pytest.approx((3, 3, 3))
    doubled = pairs * [2, 1]
    assert quotient_of(pairs, doubled) == pytest.approx((2, 2, 2))


@pytest.mark.filterwarnings("error")
def test_nothing_outside_is_no_ratio_and_no_verdict():
    nothing = ratio_of(np.zeros((4, 2)))
    assert np.isnan(nothing.mean)
    assert judge(nothing, above(1)) == "cannot be told"
    seldom = ratio_of(np.array([[0.2, 0.1], [0, 0], [0, 0]]))
    assert seldom.text(".2f") == "2.00, no interval"


@pytest.mark.parametrize(
    ("vit", "quotient", "attends", "tones_down"),
    [
        ((2, 1.5, 3), (0.5, 0.2, 0.9), "holds", "holds"),
        ((0.5, 0.2, 0.9), (2, 1.5, 3), "does not hold", "does not hold"),
        ((1.2, 0.8, 1.5), (1.2, 0.8, 1.5), "cannot be told", "cannot be told"),
    ],
)
def test_a_verdict_needs_the_whole_interval(vit, quotient, attends, tones_down):
    claim = Claim("fem", Interval(*vit), UNKNOWN, Interval(*quotient))
    assert (claim.attends, claim.tones_down) == (attends, tones_down)


# The study ----------------------------------------------------------------------------------


def test_pictures_are_cracked_and_were_not_trained_on():
    pictures = samples(SEEDS[:2], side=64)
    assert len(SEEDS) * 3 >= 20
    assert not set(SEEDS) & set(TEXTURE_SEEDS)
    assert len(pictures) == 6
    assert all(one.mask.any() and one.image.shape == (3, 64, 64) for one in pictures)


def test_the_crack_on_a_finer_grid_scores_higher():
    mask = samples(SEEDS[:1], side=64)[0].mask
    scores = [Ranked(crack_on_grid(mask, (n, n)), mask).average_precision for n in (4, 16, 64)]
    assert scores == sorted(scores)
    assert scores[-1] == 1


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The study of two small pictures, all CAM methods on one layer of each network."""
    layers = {"vit": "vit.4", "unet": "bottleneck"}
    wanted = [Place(MAIN, network, key, tuple(CAM_METHODS)) for network, key in layers.items()]
    return measure(samples(SEEDS[:1], side=64)[:2], wanted)


def test_the_study_scores_every_method_and_the_own_attention(small):
    keys = {(row.network, row.method) for row in small.rows}
    every = [*CAM_METHODS, *SIGN_FLIPPED.values()]
    assert keys == {(n, c) for n in ("vit", "unet") for c in every} | {("vit", "self_attention")}
    assert small.row("bottleneck", BASELINE).over_random == (0, 0, 0)
    for row in small.rows:
        ahead = row.average_precision.mean - small.row(row.layer, BASELINE).average_precision.mean
        assert row.over_random.mean == pytest.approx(ahead, abs=2e-4)
        assert 0 < row.average_precision.mean <= 1
        assert set(row.best) == set(row.sweeps) == set(LOWERS)
    assert [claim.method for claim in small.claims] == every


def test_a_sign_flipped_map_is_zero_where_the_map_is_high():
    model, picture = load_variant(MAIN), samples(SEEDS[:1], side=64)[0]
    place = Place(MAIN, "vit", "vit.4", SOURCES)
    by_rule = cam_maps(model, picture, place)
    flipped = sign_flipped_maps(model, picture, place)
    for key, cells in by_rule.items():
        assert cells.max() > 0.3
        assert flipped[SIGN_FLIPPED[key]][cells.argmax() // 64, cells.argmax() % 64] < 0.05


def test_the_file_gives_back_what_was_written(small, tmp_path):
    write(small, tmp_path / "new" / "cracks.json")
    assert repr(read(tmp_path / "new" / "cracks.json")) == repr(small)  # NaN is not equal to NaN


@pytest.mark.parametrize("text", ["", "{}", '{"format": 0}', '{"format": 1, "rows": 3}'])
def test_a_broken_file_is_told_with_the_command(tmp_path, text):
    (tmp_path / "cracks.json").write_text(text)
    with pytest.raises(ValueError, match="core.attention.crack_study --out FILE"):
        read(tmp_path / "cracks.json")


def test_the_command_refuses_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "samples", list)
    monkeypatch.setattr(command, "measure", lambda *_: None)
    monkeypatch.setattr(command, "write", lambda *_: (_ for _ in ()).throw(OSError("full")))
    assert command.main(["--out", str(tmp_path / "x.json")]) == 2
    assert capsys.readouterr().err == "core.attention.crack_study: full\n"


# The shipped results ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return read()


def test_the_shipped_file_is_small_whole_and_plain_json(shipped):
    def no_constant(name):
        raise AssertionError(f"{name} is not JSON")

    json.loads(RESULTS.read_text("utf8"), parse_constant=no_constant)
    assert RESULTS.stat().st_size < 100_000
    assert shipped.pictures >= 20
    for layers in LAYERS_OF.values():
        assert all(shipped.row(layer, method) for layer in layers for method in CAM_METHODS)


def test_the_shipped_numbers_are_those_of_the_code(shipped, monkeypatch):
    """One layer of the frozen ViT, all pictures: a change of methods or pictures shows here.

    What nothing is compared with here, ceilings of layers and flipped maps, is left out.
    """
    monkeypatch.setattr(study, "_layers", lambda *_: ())
    monkeypatch.setattr(maps, "sign_flipped_maps", lambda *_: {})
    again = measure(samples(), [Place(MAIN, "vit", "vit.4", (*SOURCES, BASELINE))])
    for method in (*SOURCES, BASELINE, "self_attention"):
        old, new = (one.row("vit.4", method) for one in (shipped, again))
        assert new.average_precision == pytest.approx(old.average_precision, abs=2e-3)
        assert new.ratio == pytest.approx(old.ratio, abs=2e-2)


def test_the_shipped_means_lie_in_their_intervals(shipped):
    for row in shipped.rows:
        for found in (row.average_precision, row.over_random, row.ratio):
            assert found.low <= found.mean <= found.high or np.isnan(found.low)


def test_no_map_beats_the_crack_on_its_own_grid(shipped):
    ceilings = Table("layer", *shipped.layers)
    for row in shipped.rows:
        assert row.average_precision.mean < ceilings[row.layer].ceiling.mean


def test_findings_and_table_have_every_part(shipped):
    findings = crack_findings(shipped)
    assert len(findings) == 6 + len(SOURCES)
    assert all(text.startswith("*") and text.endswith(".") for text in findings)
    header, rows = crack_table(shipped)
    assert len(header) == 7
    assert all(len(row) == 7 for row in rows)
    assert {CAM_METHODS[key].label for key in CAM_METHODS} <= {row[0] for row in rows}
    assert len(crack_table(shipped, "unet-mse")[0]) == 4


def test_the_readmes_table_has_every_method_and_the_claims_own_verdicts(shipped):
    header, rows = crack_verdicts(shipped)
    assert [row[0] for row in rows] == [method_label(claim.method) for claim in shipped.claims]
    assert all(len(row) == len(header) for row in rows)
    for claim, (_, best, more, attends, tones_down) in zip(shipped.claims, rows, strict=True):
        assert attends == f"{claim.attends}: {claim.vit.text('.2f')}"
        assert tones_down == f"{claim.tones_down}: {claim.quotient.text('.2f')}"
        mine = [r for r in shipped.rows if (r.variant, r.method) == (MAIN, claim.method)]
        highest = max(mine, key=lambda row: row.average_precision.mean)
        assert best.endswith(f": {highest.average_precision.text()}")
        if claim.method == BASELINE:
            assert more == "—"
        else:
            assert more == f"{highest.finds_more}: {highest.over_random.text('+z.3f')}"
            assert more.partition(":")[0] in SIGNS
