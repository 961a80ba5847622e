"""The leaderboard's pictures, file and numbers: right by hand, measured no more than needed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from threading import Event

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from core.base.cli import Interrupted
from core.base.locks import alone
from core.base.quantity import Quantity
from core.degradations import DEGRADATIONS, parse_degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import digest, to_tensor
from core.leaderboard import __main__ as command
from core.leaderboard import pictures, run
from core.leaderboard.conditions import (
    ANGLES,
    BLOCKS,
    CLEAN,
    CONDITIONS,
    COURSE,
    LENGTHS,
    NOISE,
    SIGMAS,
    blurred,
    noise,
)
from core.leaderboard.measure import Group, missing
from core.leaderboard.results import (
    FORMAT,
    KEYS,
    MEASUREMENT,
    RESULTS,
    read_results,
    read_rows,
    write_rows,
)
from core.leaderboard.variant_record import retold, story_of
from core.metrics import METRICS
from core.models import build_model
from core.train.data import TEXTURE_SEEDS, TEXTURE_SIZE
from core.variants.store import load_variant, save_variant, update_card
from tests.core.apart import imported_by
from tests.core.evaluate.pictures import picture
from tests.core.leaderboard.shipped import leaderboard_pictures

NAN = math.nan


# The test pictures ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    return leaderboard_pictures()


def test_the_pictures_are_44_of_the_sources_size_and_all_different(shipped):
    assert len(shipped) == 44
    assert all(image.shape == (224, 224, 3) for image in shipped.values())
    assert all(image.dtype == np.uint8 for image in shipped.values())
    assert len({digest(image) for image in shipped.values()}) == len(shipped)


def test_names_tell_the_kind(shipped):
    kinds = [name.split("-")[0] for name in shipped]
    assert {kind: kinds.count(kind) for kind in kinds} == {"plain": 9, "cracked": 9, "photo": 26}
    assert set(kinds) == set(pictures.KINDS)
    materials = {name.split("-")[1] for name in shipped if not name.startswith("photo")}
    assert materials == {"asphalt", "concrete", "sand"}


def test_cracked_pictures_are_cracked_and_plain_ones_are_not():
    for kind, counts in pictures.MAIN_CRACKS.items():
        for seed, count in zip(pictures.SEEDS[kind], counts, strict=True):
            mask = pictures.make_texture("sand", size=(224, 224), seed=seed, cracks=count).mask
            assert mask.any() == (kind == "cracked")


def test_nothing_was_trained_on_them():
    from core.attention.crack_study.pictures import SEEDS

    mine = {seed for seeds in pictures.SEEDS.values() for seed in seeds}
    gallery = {
        spec.load.keywords["seed"] for spec in GALLERY.values() if spec.kind == "procedural"
    }
    assert not mine & {*TEXTURE_SEEDS, *SEEDS, *gallery}
    assert TEXTURE_SIZE != (pictures.SIDE, pictures.SIDE)


def test_the_pictures_are_those_that_the_published_numbers_were_measured_on(shipped):
    """Names and pixels: a new photo in the gallery is not a new test picture."""
    content = "".join(f"{name}{digest(image)}" for name, image in shipped.items())
    found = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
    assert found == "ad61c2a8d6c6ea672cd54d49ac347e65"


def test_photos_are_the_gallerys_pixels(shipped):
    for key in ("coffee", "astronaut"):
        pieces = [image for name, image in shipped.items() if name.startswith(f"photo-{key}-")]
        whole = GALLERY[key]()
        top, left = (whole.shape[0] - 224 * (whole.shape[0] // 224)) // 2, 0
        left = (whole.shape[1] - 224 * (whole.shape[1] // 224)) // 2
        assert np.array_equal(pieces[0], whole[top : top + 224, left : left + 224])
        assert len(pieces) == (whole.shape[0] // 224) * (whole.shape[1] // 224)


def test_crops_do_not_overlap_and_leave_equal_margins():
    numbered = np.arange(7 * 11).reshape(7, 11, 1)
    pieces = pictures.crops(numbered, 3)
    assert [piece[0, 0, 0] for piece in pieces] == [1, 4, 7, 34, 37, 40]
    assert all(piece.shape == (3, 3, 1) for piece in pieces)
    assert len({pixel for piece in pieces for pixel in piece.ravel()}) == 6 * 9


# The plan -------------------------------------------------------------------------------------


def test_conditions_are_degradations_in_their_normal_form_each_once():
    assert [str(parse_degradation(text)) for text in CONDITIONS] == list(CONDITIONS)
    assert len(set(CONDITIONS)) == len(CONDITIONS)
    assert noise(0.15) == NOISE and blurred(9, 20) == COURSE
    assert {*map(noise, SIGMAS), CLEAN} <= set(CONDITIONS)
    assert {blurred(angle=a) for a in ANGLES} | {blurred(n) for n in LENGTHS} <= set(CONDITIONS)
    assert all(metric in METRICS for block in BLOCKS for metric in block.metrics)


def test_the_courses_parameters_are_the_training_tasks():
    assert parse_degradation(COURSE).written == {
        "length": 9, "angle": 20, "level": 0.01, "seed": 0
    }  # fmt: skip


def columns(block, make_card):
    """Which of a plain and a deblurring variant a block wants."""
    cards = [make_card("plain"), make_card("deblurs", degradation={"key": "motion_blur_noise"})]
    return [card.name for card in cards if block.wants(card)]


def test_everyone_meets_noise_and_only_deblurring_variants_the_mismatch(make_card):
    for block in BLOCKS:
        if NOISE in block.conditions or COURSE in block.conditions:
            assert block.metrics == () and len(columns(block, make_card)) == 2
        if noise(0.3) in block.conditions:
            assert len(columns(block, make_card)) == 2
        if blurred(angle=90) in block.conditions:
            assert columns(block, make_card) == ["deblurs"] and blurred(5) in block.conditions
        if CLEAN in block.conditions:
            assert columns(block, make_card) == []


# What is missing ------------------------------------------------------------------------------


def test_missing_groups_what_is_missing_in_the_same_way(make_card):
    block = next(block for block in BLOCKS if CLEAN not in block.conditions and block.metrics)
    first, *others = block.conditions
    cards, every = [make_card("one"), make_card("two")], dict.fromkeys(block.metrics, 1.0)
    held = {
        (condition, variant, image): every
        for condition in block.conditions
        for variant in (MEASUREMENT, "one", "two")
        for image in "abc"
    }
    assert missing(block, cards, "abc", held) == []
    fresh = missing(block, cards, "abc", {})
    assert fresh == [Group(block.conditions, ("one", "two"), block.metrics, ("a", "b", "c"))]
    assert fresh[0].rows == len(block.conditions) * 3 * 3

    held[first, "two", "a"] = {k: v for k, v in every.items() if k != "ssim"}
    held[first, "two", "b"] = held[first, "two", "a"]
    held.pop((others[0], MEASUREMENT, "c"))
    assert missing(block, cards, "abc", held) == [
        Group((first,), ("two",), ("ssim",), ("a", "b")),
        Group((others[0],), (), block.metrics, ("c",)),
    ]


# The file -------------------------------------------------------------------------------------


def document(**changes):
    return {
        "format": FORMAT,
        "images": {name: {"digest": name, "chroma": ord(name) / 10} for name in "abc"},
        "variants": {
            MEASUREMENT: {"label": "Measurement"},
            "one": {},
            "two": {},
            "unmeasured": {},
        },
        "conditions": {NOISE: {"sigma": 0.15, "seed": 0}, noise(0.3): {"sigma": 0.3, "seed": 0}},
        "metrics": {
            key: asdict(Quantity(key, key.upper(), unit, "none", 2, ""))
            for key, unit in {"psnr": "dB", "blur": ""}.items()
        },
        **changes,
    }


def row(condition, variant, image, **values):
    return {**dict(zip(KEYS, (condition, variant, image), strict=True)), **values}


def by_key(*rows):
    return {tuple(one[key] for key in KEYS): one for one in rows}


@pytest.fixture
def small(tmp_path):
    """Two variants on three pictures; not in order, and not all measured."""
    path = tmp_path / "small.parquet"
    rows = by_key(
        row(noise(0.3), "two", "c", psnr=20.0),
        row(NOISE, "two", "c", psnr=23.0, blur=0.3),
        row(NOISE, "one", "a", psnr=21.0, blur=NAN),
        row(NOISE, "one", "b", psnr=22.0),
        row(NOISE, "two", "a", psnr=24.5),
    )
    write_rows(rows, document(), path)
    return path


def test_values_are_aligned_over_variants_and_nan_where_missing(small):
    results = read_results(small)
    assert results.images == ("a", "b", "c") and results.variants == ("one", "two")
    assert results.conditions == (NOISE, noise(0.3)) and results.metrics == ("psnr", "blur")
    np.testing.assert_array_equal(results.values("one", "psnr", NOISE), [21, 22, NAN])
    np.testing.assert_array_equal(results.values("two", "psnr", NOISE), [24.5, NAN, 23])
    np.testing.assert_array_equal(results.values("two", "psnr", noise(0.3)), [NAN, NAN, 20])
    np.testing.assert_array_equal(results.values("one", "blur", NOISE), [NAN] * 3)
    for variant, condition in [("unmeasured", NOISE), ("unknown", NOISE), ("one", COURSE)]:
        assert np.isnan(results.values(variant, "psnr", condition)).all()
    with pytest.raises(ValueError, match="'pnsr'.*psnr, blur"):
        results.values("one", "pnsr", NOISE)
    assert results.parameters(noise(0.3)) == {"sigma": 0.3, "seed": 0}
    assert results.measured("one") and not results.measured("unmeasured")
    np.testing.assert_array_equal(results.chroma(), [9.7, 9.8, 9.9])


def test_values_find_their_place_whatever_the_file_names_first(tmp_path):
    path = tmp_path / "late.parquet"
    rows = [row(NOISE, "one", "c", psnr=1.0), row(NOISE, "one", "b", psnr=2.0)]
    write_rows(by_key(*rows, row(NOISE, "two", "a", psnr=3.0)), document(), path)
    results = read_results(path)
    np.testing.assert_array_equal(results.values("one", "psnr", NOISE), [NAN, 2, 1])
    np.testing.assert_array_equal(results.values("two", "psnr", NOISE), [3, NAN, NAN])


def test_what_is_read_may_not_be_changed(small):
    with pytest.raises(ValueError, match="read-only"):
        read_results(small).values("one", "psnr", NOISE)[0] = 0


def test_the_file_keeps_apart_what_has_no_value_and_what_was_not_measured(small):
    rows, found = read_rows(small)
    assert found == document()
    assert math.isnan(rows[NOISE, "one", "a"]["blur"])
    assert "blur" not in rows[NOISE, "one", "b"]
    write_rows(rows, found, small)
    assert str(read_rows(small)) == str((rows, found))


def test_the_table_has_the_columns_of_core_evaluate(small):
    table = pq.read_table(small, partitioning=None)
    assert table.column_names == [
        "image", "degradation", "sigma", "seed", "variant", "width", "height", "psnr", "blur"
    ]  # fmt: skip
    assert table["sigma"].to_pylist() == [None] * 5  # what a row says, and nothing made up
    assert table["variant"].to_pylist() == ["one", "one", "two", "two", "two"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-50]),
        lambda path: path.write_bytes(b"nothing"),
        lambda path: pq.write_table(pa.table({"a": [1]}), path),
        lambda path: write_rows({}, document(format=99), path),
        lambda path: write_rows({}, {"format": FORMAT, "metrics": {}, "conditions": {},
                                     "images": [], "variants": {}}, path),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(small, spoil):
    spoil(small)
    said = r"^The results 'small.parquet' cannot be read \(.+\): python -m core.leaderboard makes"
    for read in (read_results, read_rows):
        with pytest.raises(ValueError, match=said):
            read(small)


def test_an_empty_file_has_no_results(tmp_path):
    write_rows({}, document(), tmp_path / "empty.parquet")
    results = read_results(tmp_path / "empty.parquet")
    assert results.variants == () and len(results.values("one", "psnr", NOISE)) == 0


def test_reading_and_judging_need_no_torch():
    code = (
        "from core.leaderboard import claims, read_results, blur_table; "
        "claims(read_results()); blur_table(read_results())"
    )
    found = imported_by(code, "numpy", "scipy")
    assert "core" in found and "torch" not in found


# The command ----------------------------------------------------------------------------------


@pytest.fixture
def scenes(monkeypatch):
    """Three small pictures instead of the leaderboard's; changing them changes the command's."""
    found = {f"photo-{name}": np.array(picture(seed)) for seed, name in enumerate("abc")}
    monkeypatch.setattr(pictures, "test_pictures", lambda: dict(found))
    return found


@pytest.fixture
def variants(tmp_path, make_card):
    folder = tmp_path / "checkpoints"
    for seed, name in enumerate(["one", "two"]):
        torch.manual_seed(seed)
        save_variant(build_model("unet", width=4), make_card(name), folder)
    return folder


@pytest.fixture
def asked(monkeypatch):
    """What the engine was asked for, group by group."""
    groups, real = [], run.measure

    def spy(group, *rest):
        groups.append(group)
        return real(group, *rest)

    monkeypatch.setattr(run, "measure", spy)
    return groups


@pytest.fixture
def measure(scenes, variants, tmp_path, asked):
    """A function that runs the command quickly; gives its results and what it measured."""

    def call(*options, code=0, names=("one", "two"), conditions=("gaussian_noise(sigma=0.05)",)):
        asked.clear()
        given = ["--out", str(tmp_path / "out"), "--checkpoints", str(variants), "--threads", "1"]
        chosen = ["--variants", *names, "--conditions", *conditions]
        assert command.main([*given, *chosen, *map(str, options)]) == code
        path = tmp_path / "out" / RESULTS.name
        return (read_results(path), list(asked)) if path.exists() else None

    return call


def test_values_are_the_metrics_of_the_restored_pictures(measure, scenes, variants):
    results, _ = measure(conditions=("gaussian_noise(sigma=0.15)", "none"), names=("one",))
    assert results.variants == (MEASUREMENT, "one") and results.images == tuple(scenes)
    for place, array in enumerate(scenes.values()):
        clean = to_tensor(array)[None]
        noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=0.15, seed=0)
        with torch.no_grad():
            output = load_variant("one", variants)(noisy).clamp(0, 1)
        for key in ("psnr", "ssim", "colour_shift", "saturation", "detail_gain", "flip"):
            for variant, image in [(MEASUREMENT, noisy), ("one", output)]:
                found = results.values(variant, key, NOISE)[place]
                assert found == pytest.approx(METRICS[key](image, clean).item(), rel=1e-5)
        own = results.values(MEASUREMENT, "blur", CLEAN)[place]
        assert own == pytest.approx(METRICS["blur"](clean).item(), rel=1e-6)
    assert np.isnan(results.values("one", "blur", CLEAN)).all()
    assert results.parameters(NOISE) == {"sigma": 0.15, "seed": 0}


def test_two_commands_do_not_write_the_results_at_once(measure, tmp_path, capsys):
    with alone(tmp_path / "out" / RESULTS.name):
        measure(code=2)
    assert "Another command is working on" in capsys.readouterr().err


def test_what_is_finished_is_not_measured_again(measure, variants, tmp_path):
    results, groups = measure()
    assert [group.variants for group in groups] == [("one", "two")]
    before = (tmp_path / "out" / RESULTS.name).read_bytes()
    update_card("one", variants, validation={"metrics": {}})  # another card, the same weights
    again, groups = measure()
    assert groups == [] and (tmp_path / "out" / RESULTS.name).read_bytes() == before
    assert np.array_equal(again.table["psnr"], results.table["psnr"])


def test_other_weights_are_measured_again_and_nothing_else(measure, variants, make_card):
    before, _ = measure()
    torch.manual_seed(7)
    save_variant(build_model("unet", width=4), make_card("two"), variants)
    after, groups = measure()
    assert [(group.variants, len(group.images)) for group in groups] == [(("two",), 3)]
    psnr = ("psnr", noise(0.05))
    assert np.array_equal(after.values("one", *psnr), before.values("one", *psnr))
    assert not np.isclose(after.values("two", *psnr), before.values("two", *psnr)).any()


def test_a_new_variant_joins_and_one_that_is_gone_stays(measure, variants, make_card):
    before, _ = measure(names=("one",))
    (variants / "one.safetensors").unlink()
    after, groups = measure(names=("two",))
    assert [group.variants for group in groups] == [("two",)]
    assert after.variants == (MEASUREMENT, "one", "two"), "in the pickers' order"
    stories = after.stories["variants"]
    assert [stories[n]["label"] for n in ("one", "two")] == ["MSE · U-Net"] * 2
    assert stories["one"]["wording"]["unsaid"]["steps"] == "1 steps"
    psnr = ("psnr", noise(0.05))
    assert np.array_equal(after.values("one", *psnr), before.values("one", *psnr))


def test_what_is_held_of_a_variant_without_a_card_is_told_in_todays_words(make_card):
    told = story_of(make_card("a", loss="0.8*mse + 0.2*regional_sharpness", steps=1200))
    held = {**told, "arguments": {"width": 4}, "label": "as before", "order": [99]}
    del held["wording"], held["parent"]
    again = retold("a", held)
    assert {key: again[key] for key in told if key != "parent"} == {
        key: value for key, value in told.items() if key != "parent"
    }
    gone = {**held, "model": "a network of another version"}
    assert retold("a", gone) == gone


def test_another_picture_is_measured_again_alone(measure, scenes):
    measure()
    scenes["photo-b"] = np.array(picture(9))
    results, groups = measure()
    assert [(group.variants, group.images) for group in groups] == [(("one", "two"), ("photo-b",))]
    scenes.pop("photo-a")
    assert measure()[0].images == ("photo-b", "photo-c") != results.images


def test_a_new_metric_is_measured_alone(measure, tmp_path):
    before, _ = measure()
    path = tmp_path / "out" / RESULTS.name
    rows, story = read_rows(path)
    write_rows({k: {n: v for n, v in r.items() if n != "ssim"} for k, r in rows.items()},
               story, path)  # fmt: skip
    after, groups = measure()
    assert [(g.metrics, g.variants) for g in groups] == [(("ssim",), ("one", "two"))]
    for metric in ("ssim", "psnr"):
        np.testing.assert_array_equal(after.table[metric], before.table[metric])


def test_a_metric_without_a_value_is_not_measured_again(measure, scenes):
    scenes["photo-a"] = np.full((32, 32, 3), 128, np.uint8)
    results, _ = measure()
    gain = results.values("one", "detail_gain", noise(0.05))
    assert np.isnan(gain).tolist() == [True, False, False]
    assert measure()[1] == []


def test_a_stopped_run_keeps_what_it_has_and_goes_on(
    measure, monkeypatch, tmp_path, capsys, variants
):
    real = run.measure

    def stopped(*rest):
        yield next(real(*rest))
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(run, "measure", stopped)
        results, _ = measure(code=2)
    assert "Stopped: 6 rows are missing; the same command goes on" in capsys.readouterr().err
    assert len(results.images) == 1
    after, groups = measure()
    assert [len(group.images) for group in groups] == [2] and len(after.images) == 3
    assert not np.isnan(after.values("two", "psnr", noise(0.05))).any()


def test_results_are_written_while_it_runs(measure, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "SAVE_EVERY", 0.0)
    sizes, real = [], run.Job.write

    def spy(job):
        real(job)
        sizes.append(len(job.rows))

    monkeypatch.setattr(run.Job, "write", spy)
    measure()
    assert sizes == [3, 6, 9, 9]


def test_variants_stand_in_the_pickers_order_from_the_first_run_on(measure, variants):
    (variants / "broken.safetensors").write_bytes(b"no such thing")
    results, _ = measure(names=("two", "one"))
    assert results.variants == (MEASUREMENT, "one", "two")


def test_nothing_stops_at_a_variant_that_fails(measure, monkeypatch, capsys):
    import core.evaluate.measure as engine

    class Broken(torch.nn.Module):
        def forward(self, images):
            raise RuntimeError("this network is moody")

    real = engine.loader

    def loader(folder):
        load = real(folder)
        return lambda name: Broken() if name == "two" else load(name)

    monkeypatch.setattr(engine, "loader", loader)
    results, _ = measure()
    assert results.variants == (MEASUREMENT, "one")
    assert "photo-a: 'two' failed: this network is moody" in capsys.readouterr().out


def test_the_printed_table_is_the_json(measure, tmp_path, capsys):
    file = tmp_path / "means.json"
    results, _ = measure("--json", file, conditions=("gaussian_noise(sigma=0.15)",))
    printed = capsys.readouterr().out
    rows = json.loads(file.read_text())
    assert [row["variant"] for row in rows] == [MEASUREMENT, "one", "two"]
    for row in rows:
        assert row["count"] == 3 and row["degradation"] == NOISE
        expected = results.values(row["variant"], "psnr", NOISE).mean()
        assert row["psnr"] == pytest.approx(expected)
        assert METRICS["psnr"].format(expected) in printed
    assert rows[0]["lpips"] is None or METRICS["lpips"].absent() is None
    assert "cannot be told: Lookahead helps." in printed
    assert printed.splitlines()[-1].startswith("2 variants on 3 pictures. Wrote ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--variants", "nobody"], "There is no variant 'nobody'"),
        (
            ["--conditions", "gaussian_noise(sigma=0.07)"],
            "no condition 'gaussian_noise(sigma=0.07",
        ),
        (["--conditions", "fog"], "There is no degradation 'fog'"),
        (["--threads", "0"], "--threads is 0; it must be at least 1."),
        (["--checkpoints", "nowhere"], "There is no folder 'nowhere' of variants."),
        (["--out", __file__], "is a file; it must be a folder."),
        (["--json", "nowhere/means.json"], "The folder of 'nowhere/means.json' does not exist."),
    ],
)
def test_bad_arguments_are_one_line_and_code_2(measure, capsys, options, message):
    measure(*options, code=2)
    said = capsys.readouterr().err
    assert message in said and said.startswith("core.leaderboard: ") and said.count("\n") == 1


def test_a_broken_results_file_is_not_overwritten(scenes, variants, tmp_path, capsys):
    path = tmp_path / "out" / RESULTS.name
    path.parent.mkdir()
    path.write_bytes(b"something dear")
    options = ["--out", str(path.parent), "--checkpoints", str(variants)]
    assert command.main(options) == 2
    assert "move it away, or give another folder with --out" in capsys.readouterr().err
    assert path.read_bytes() == b"something dear"


def test_a_set_event_stops_the_engine(scenes, variants, make_card, tmp_path):
    options = command.arguments(
        ["--out", str(tmp_path), "--checkpoints", str(variants), "--variants", "one"]
    )
    stop = Event()
    stop.set()
    with pytest.raises(Interrupted, match="rows are missing"):
        run.complete(command.prepare(options), stop, threads=1)


# What is shipped ------------------------------------------------------------------------------


def test_the_shipped_file_is_small_and_on_these_pictures(shipped):
    assert RESULTS.stat().st_size < 1.5 * 2**20
    results = read_results()
    digests = {name: results.stories["images"][name]["digest"] for name in results.images}
    assert digests == {name: digest(shipped[name]) for name in results.images}
    assert "hybrid-mse" in results.variants and set(results.conditions) <= set(CONDITIONS)
