"""Training: data by index alone, and a run that was stopped ends as one that was not."""

import itertools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core import train as command
from core.checkpoints import load_variant, read_card
from core.degradations import DEGRADATIONS
from core.photos import centre_crop, read_photos
from core.training import data as data_module
from core.training.data import Crops, Group, load_groups, random_crop
from core.training.denoise import VALIDATION_SIGMA, Denoising, validation_pairs
from core.training.loop import learning_rate_factor, moving_average
from core.training.optimisers import OPTIMISERS
from core.training.random_degradation import RandomDegradation
from core.training.recipes import Recipe


@pytest.fixture(autouse=True)
def few_textures(monkeypatch):
    monkeypatch.setattr(data_module, "TEXTURE_SEEDS", range(2))
    monkeypatch.setattr(data_module, "TEXTURE_SIZE", (64, 64))
    uncached = data_module.procedural_pictures.__wrapped__
    monkeypatch.setattr(data_module, "procedural_pictures", uncached)


@pytest.fixture
def photos(tmp_path):
    """Two groups of photos, one of which holds a picture too small and a file that is none."""
    rng = np.random.default_rng(0)
    for group, name, size in [
        ("roads", "a.png", (240, 250)),
        ("roads", "b.png", (230, 224)),
        ("small", "c.png", (8, 300)),
        ("walls", "d.png", (300, 224)),
    ]:
        (tmp_path / group).mkdir(exist_ok=True)
        pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / group / name)
    (tmp_path / "roads" / "broken.jpg").write_bytes(b"no picture")
    return tmp_path


def noise(low, high):
    return RandomDegradation.of({"key": "gaussian_noise", "sigma": [low, high]})


def crops(**changes):
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    groups = [Group("rare", 1.0, [picture]), Group("frequent", 3.0, [picture // 2])]
    settings = {"crop": 24, "degradation": noise(0.1, 0.1), "seed": 0, "length": 400}
    return Crops(groups, **{**settings, **changes})


# Data ---------------------------------------------------------------------------------------


def test_an_item_depends_on_seed_and_index_only():
    assert torch.equal(crops()[7]["measurement"], crops()[7]["measurement"])
    assert not torch.equal(crops()[7]["measurement"], crops()[8]["measurement"])
    assert not torch.equal(crops()[7]["measurement"], crops(seed=1)[7]["measurement"])


def test_a_pair_is_a_crop_in_range_with_noise_of_the_sigma_asked_for():
    pairs = [crops()[index] for index in range(30)]
    inside = [p["measurement"][(p["clean"] > 0.4) & (p["clean"] < 0.6)] for p in pairs]
    truth = [p["clean"][(p["clean"] > 0.4) & (p["clean"] < 0.6)] for p in pairs]
    assert (torch.cat(inside) - torch.cat(truth)).std() == pytest.approx(0.1, rel=0.05)
    assert all(p["clean"].shape == (3, 24, 24) for p in pairs)
    assert all(0 <= p["measurement"].min() and p["measurement"].max() <= 1 for p in pairs)


def test_noise_is_drawn_first_and_then_its_strength():
    clean = torch.rand(3, 24, 24)
    measured = noise(0.03, 0.25)(clean, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    unit = torch.from_numpy(rng.standard_normal(clean.shape, np.float32))
    expected = (clean + float(rng.uniform(0.03, 0.25)) * unit).clamp(0, 1)
    assert torch.equal(measured, expected)


def test_parameters_are_drawn_in_the_order_of_the_table_whatever_the_recipes():
    settings = {"key": "motion_blur_noise", "level": [0.0, 0.02], "length": [5, 15]}
    drawn = RandomDegradation.of(settings)
    clean = torch.rand(3, 24, 24)
    measured = drawn(clean, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    unit = torch.from_numpy(rng.standard_normal(clean.shape, np.float32))
    values = {"length": rng.uniform(5, 15), "level": rng.uniform(0, 0.02)}
    expected = drawn.spec.degrade(clean[None], unit[None], **values, angle=20)
    assert torch.equal(measured, expected[0])
    assert drawn.card == {
        "key": "motion_blur_noise", "range": {"length": [5, 15], "level": [0.0, 0.02]}
    }  # fmt: skip


@pytest.mark.parametrize("switches", [{"clip": False}, {"grey": True, "clip": True}])
def test_a_switch_of_a_recipe_is_fixed_and_stands_in_the_card(switches):
    drawn = RandomDegradation.of({"key": "gaussian_noise", "sigma": [0.2, 0.3], **switches})
    clean = torch.rand(3, 24, 24)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        unit = torch.from_numpy(rng.standard_normal(clean.shape, np.float32))
        values = {"sigma": rng.uniform(0.2, 0.3), **switches}
        expected = drawn.spec.degrade(clean[None], unit[None], **values)[0]
        assert torch.equal(drawn(clean, np.random.default_rng(seed)), expected)
    assert drawn.card == {
        "key": "gaussian_noise", "range": {"sigma": [0.2, 0.3]}, "switches": switches
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"key": "fog"}, "no degradation 'fog'. There are: gaussian_noise"),
        ({"sigma": [0, 1]}, "no degradation ''. There are: gaussian_noise"),
        ({"key": "none"}, "'none' keeps no clean image to train on"),
        ({"key": "gaussian_noise", "length": [1, 2]}, "no parameter 'length' to draw; it has: si"),
        ({"key": "gaussian_noise", "seed": [1, 2]}, "no parameter 'seed' to draw; it has: sigma,"),
        ({"key": "gaussian_noise", "sigma": [0.1, 0.9]}, "sigma is 0.9; allowed: 0 to 0.3"),
        ({"key": "gaussian_noise", "sigma": [0.2, 0.1]}, "a range is written [low, high]"),
        ({"key": "gaussian_noise", "sigma": 0.1}, "'sigma' is 0.1; a range is written"),
        ({"key": "gaussian_noise", "sigma": ["a", "b"]}, "a range is written"),
        ({"key": "gaussian_noise", "sigma": False}, "'sigma' is False; a range is written"),
        ({"key": "gaussian_noise", "clip": [0, 1]}, "'clip' is [0, 1]; a switch is written true"),
        ({"key": "gaussian_noise", "clip": 0}, "'clip' is 0; a switch is written true or false."),
        ({"key": "relative_noise", "clip": False}, "no parameter 'clip' to draw; it has: level, "),
    ],
)
def test_a_degradation_that_cannot_be_drawn_is_refused(settings, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        RandomDegradation.of(settings)


def test_groups_are_drawn_by_weight_not_by_their_number_of_files():
    bright = [crops()[index]["clean"].max() > 0.5 for index in range(400)]
    assert np.mean(bright) == pytest.approx(0.25, abs=0.06)


def test_all_eight_symmetries_occur():
    picture = np.arange(3 * 16).reshape(4, 4, 3).astype(np.uint8)
    turned = Crops(
        [Group("one", 1, [picture])], crop=4, degradation=noise(0, 0), seed=0, length=100
    )
    assert len({tuple(turned[i]["clean"].flatten().tolist()) for i in range(100)}) == 8


def test_a_small_picture_is_reflected_to_the_crop():
    picture = np.arange(5 * 6 * 3, dtype=np.uint8).reshape(5, 6, 3)
    padded = random_crop(picture, 8, np.random.default_rng(0))
    assert padded.shape == (8, 8, 3)
    assert (padded[0] == padded[1]).all() and (padded[1:6, 1:7] == picture).all()


def test_groups_are_folders_with_weights_and_small_photos_left_out(photos):
    groups = {group.name: group for group in load_groups([photos], {"walls": 0.5}, crop=112)}
    assert set(groups) == {"roads", "walls", "procedural"}
    assert groups["walls"].weight == 0.5 and groups["roads"].weight == 1.0
    assert len(groups["roads"].pictures) == 2 and len(groups["procedural"].pictures) == 6


def test_a_group_of_weight_0_is_left_out(photos, monkeypatch):
    monkeypatch.setattr(data_module, "procedural_pictures", None)  # not even made
    groups = load_groups([photos], {"walls": 0, "procedural": 0}, crop=112)
    assert [group.name for group in groups] == ["roads"]
    with pytest.raises(ValueError, match="every group of pictures weighs 0"):
        load_groups([], {"procedural": 0}, crop=112)


def test_validation_pairs_are_centre_crops_with_their_own_noise(photos):
    names, clean, noisy = validation_pairs(photos)
    assert names == ["roads/a.png", "roads/b.png", "walls/d.png"]
    assert clean.shape == noisy.shape == (3, 3, 224, 224)
    first = next(read_photos(photos, min_side=224)).image
    expected = torch.from_numpy(first[8:232, 13:237].copy()).permute(2, 0, 1) / 255
    torch.testing.assert_close(clean[0], expected)
    assert centre_crop(first, 3).shape == (3, 3, 3)
    degraded = DEGRADATIONS["gaussian_noise"](clean, sigma=VALIDATION_SIGMA, seed=0)
    assert torch.equal(noisy, degraded)


def test_validation_pairs_of_another_degradation_are_at_its_defaults(photos):
    _, clean, measured = validation_pairs(photos, "motion_blur_noise")
    course = DEGRADATIONS["motion_blur_noise"](clean, length=9, angle=20, level=0.01, seed=0)
    assert torch.equal(measured, course)


def test_validation_pairs_have_the_switches_that_were_trained(photos):
    _, clean, measured = validation_pairs(photos, clip=False)
    unclipped = DEGRADATIONS["gaussian_noise"](clean, sigma=VALIDATION_SIGMA, seed=0, clip=False)
    assert torch.equal(measured, unclipped) and measured.max() > 1.1
    recipe = Recipe("toy", degradation={"key": "gaussian_noise", "clip": False})
    task = Denoising(recipe, torch.nn.Identity(), [Group("a", 1.0, [])], photos)
    assert torch.equal(task.pairs[1], unclipped)


def test_a_missing_or_empty_photo_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        list(read_photos(tmp_path / "none"))
    with pytest.raises(ValueError, match="sides of 9 or more"):
        list(read_photos(tmp_path, min_side=9))


# The loop -----------------------------------------------------------------------------------


def test_learning_rate_warms_up_and_falls_to_zero():
    factors = [learning_rate_factor(step, 100, 10) for step in range(101)]
    assert factors[0] == 0.1 and max(factors) == 1.0 == factors[10]
    assert all(later <= earlier for earlier, later in itertools.pairwise(factors[10:]))
    assert factors[55] == pytest.approx(0.5) and factors[100] == pytest.approx(0)


def test_moving_average_forgets_the_start_and_then_remembers():
    average = [torch.zeros(1)]
    update = moving_average(0.9)
    for count in range(1, 200):
        update(average, [torch.ones(1)], torch.tensor(count))
    assert average[0].item() > 0.999
    update(average, [torch.zeros(1)], torch.tensor(200))
    assert average[0].item() == pytest.approx(0.9, abs=1e-3)


RECIPES = """
[groups]
{groups}

[defaults]
batch = 2
crop = 32
warmup = 2
optimiser = "{optimiser}"

[toy-base]
model = "unet"
arguments = {{ width = 4 }}
steps = 6
shipped = false

[toy-sharp]
like = "toy-base"
parent = "toy-base"
loss = "0.8*mse + 0.2*regional_sharpness"
shipped = true
"""


@pytest.fixture
def run(tmp_path, photos):
    """Run the command on a toy recipe file; returns its exit code."""
    recipes = tmp_path / "recipes.toml"

    def options(where):
        folder = tmp_path / where
        return ["--recipes", str(recipes), "--photos", str(photos), "--precision", "no",
                "--out", str(folder / "out"), "--runs", str(folder / "runs")]  # fmt: skip

    def write(groups="", optimiser="adamw"):
        recipes.write_text(RECIPES.format(groups=groups, optimiser=optimiser))

    def call(*arguments, where="one"):
        return command.main([*arguments, *options(where)])

    write()
    call.folder, call.options, call.write, call.recipes = tmp_path, options, write, recipes
    return call


@pytest.fixture
def stopped_at_three(monkeypatch):
    """While open, runs are asked to stop after three steps; `undo` ends it."""
    from core.training import loop

    advance = loop._Run.advance

    def stop_at_three(self, batch):
        terms = advance(self, batch)
        if self.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return terms

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop._Run, "advance", stop_at_three)
        yield patch


def test_all_trains_parents_first_and_writes_complete_cards(run):
    assert run("--all", "--validate", str(run.folder)) == 0
    out = run.folder / "one" / "out"
    assert [path.name for path in out.iterdir()] == ["toy-sharp.safetensors"]
    card = read_card("toy-sharp", out)
    assert card.parent == "toy-base" and card.steps == 6 and card.crop == 32
    assert card.loss == "0.8*mse + 0.2*regional_sharpness"
    assert card.data == {"roads": 2, "walls": 1, "procedural": 6}
    assert set(card.history[-1]) == {"step", "mse", "regional_sharpness", "PSNR"}
    assert card.history[-1]["step"] == 6 and card.history[-1]["PSNR"] > 5
    assert str(run.folder) not in (out / "toy-sharp.safetensors").read_bytes().decode("latin1")
    assert card.parameters == sum(p.numel() for p in load_variant("toy-sharp", out).parameters())


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_run_that_was_stopped_ends_as_one_that_was_not(run, stopped_at_three, optimiser):
    run.write(optimiser=optimiser)
    assert run("toy-base", where="stopped") == 2
    assert not (run.folder / "stopped" / "runs" / "toy-base.safetensors").exists()
    stopped_at_three.undo()
    assert run("toy-base", where="stopped") == 0
    assert run("toy-base", where="whole") == 0
    whole, stopped = (
        load_variant("toy-base", run.folder / where / "runs").state_dict()
        for where in ("whole", "stopped")
    )
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)
    assert read_card("toy-base", run.folder / "whole" / "runs").optimiser.startswith(
        OPTIMISERS[optimiser].label.rstrip(")")
    )


def test_a_run_does_not_go_on_with_another_recipe_or_parent(run, capsys):
    assert run("toy-base") == 0
    assert run("toy-base", "--steps", "8") == 2
    assert "'toy-base' was begun with another recipe" in capsys.readouterr().err


def test_a_parent_is_taken_from_where_variants_are_written(run, capsys):
    run.recipes.write_text(run.recipes.read_text().replace("shipped = false", "hidden = true"))
    assert run("--all") == 0
    assert run("toy-sharp", where="alone") == 2  # there, no parent has been made
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert "'toy-sharp' starts from 'toy-base', which is in none of" in message
    assert "alone" in message and message.endswith("train 'toy-base' first.")


def test_a_parent_of_another_model_is_refused(run, capsys):
    run.recipes.write_text(
        run.recipes.read_text().replace(
            'parent = "toy-base"', 'parent = "toy-base"\nmodel = "cnn"'
        )
    )
    assert run("--all") == 2
    assert "'toy-sharp' is a cnn, but its parent 'toy-base' a unet." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name what to train"),
        (["toy"], "no recipe 'toy'. There are: toy-base, toy-sharp"),
        (["toy-base", "--steps", "0"], "'toy-base' has steps of 0; at least 1 is needed."),
        (["toy-base", "--threads", "0"], "--threads is 0"),
        (["toy-base", "--photos", "nowhere"], "'nowhere' does not exist"),
    ],
)
def test_bad_arguments_end_with_code_2_and_one_sentence(run, capsys, arguments, message):
    assert run(*arguments) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert message in errors[-1] and errors[-1].startswith("core.train:")


# Several processes --------------------------------------------------------------------------


def launched(run, *arguments, where):
    """The command as people type it: two processes, which `accelerate` starts or leaves to us."""
    launch = [str(Path(sys.executable).with_name("accelerate")), "launch", "--num_processes", "2"]
    return subprocess.run(
        [*launch, "-m", "core.train", *arguments, *run.options(where)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def test_two_processes_go_on_from_one_and_end_as_one(run, stopped_at_three):
    # Textures are left out: a process that is really started makes all 240 of them.
    run.write(groups="procedural = 0", optimiser="lookahead_adamw")
    assert run("toy-base", where="two") == 2
    stopped_at_three.undo()
    assert run("toy-base", where="one") == 0
    ended = launched(run, "toy-base", where="two")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("Wrote") == 1
    one, two = (
        torch.load(run.folder / where / "runs" / "toy-base" / "state.pt", weights_only=True)
        for where in ("one", "two")
    )
    # Half-batches are summed in another order, which moves a weight by about 1e-7. The rate is
    # 1e-3 a step: a batch that was split wrongly would move weights a hundred times the tolerance.
    for part in ("model", "average"):
        for name, value in one[part].items():
            torch.testing.assert_close(two[part][name], value, rtol=0, atol=1e-5)
    assert [row["step"] for row in two["history"]] == [row["step"] for row in one["history"]]
    assert two["history"][-1]["mse"] == pytest.approx(one["history"][-1]["mse"], rel=1e-4)


def test_a_batch_that_two_processes_cannot_share_is_refused_by_the_first_alone(run):
    run.write(groups="procedural = 0")
    ended = launched(run, "toy-base", "--batch", "3", where="odd")
    assert ended.returncode != 0
    said = [line for line in ended.stderr.splitlines() if line.startswith("core.train:")]
    assert said == [
        "core.train: 'toy-base' has batches of 3, which 2 processes cannot share equally; "
        "try --batch 4, or another number of processes."
    ]
    assert not (run.folder / "odd").exists()
