"""Training: data by index alone, and a run that was stopped ends as one that was not."""

import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from core import train as command
from core.checkpoints import load_variant, read_card
from core.photos import centre_crop, read_photos
from core.training import data as data_module
from core.training.data import Crops, Group, load_groups, random_crop
from core.training.denoise import validation_pairs
from core.training.loop import learning_rate_factor, moving_average
from core.training.recipes import load_recipes


@pytest.fixture(autouse=True)
def few_textures(monkeypatch):
    monkeypatch.setattr(data_module, "TEXTURE_SEEDS", range(2))
    monkeypatch.setattr(data_module, "TEXTURE_SIZE", (64, 64))


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


def crops(**changes):
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    groups = [Group("rare", 1.0, [picture]), Group("frequent", 3.0, [picture // 2])]
    return Crops(groups, **{"crop": 24, "sigma": (0.1, 0.1), "seed": 0, "length": 400, **changes})


# Data ---------------------------------------------------------------------------------------


def test_an_item_depends_on_seed_and_index_only():
    assert torch.equal(crops()[7]["noisy"], crops()[7]["noisy"])
    assert not torch.equal(crops()[7]["noisy"], crops()[8]["noisy"])
    assert not torch.equal(crops()[7]["noisy"], crops(seed=1)[7]["noisy"])


def test_a_pair_is_a_crop_in_range_with_noise_of_the_sigma_asked_for():
    pairs = [crops()[index] for index in range(30)]
    inside = [p["noisy"][(p["clean"] > 0.4) & (p["clean"] < 0.6)] for p in pairs]
    truth = [p["clean"][(p["clean"] > 0.4) & (p["clean"] < 0.6)] for p in pairs]
    assert (torch.cat(inside) - torch.cat(truth)).std() == pytest.approx(0.1, rel=0.05)
    assert all(p["clean"].shape == (3, 24, 24) for p in pairs)
    assert all(0 <= p["noisy"].min() and p["noisy"].max() <= 1 for p in pairs)


def test_groups_are_drawn_by_weight_not_by_their_number_of_files():
    bright = [crops()[index]["clean"].max() > 0.5 for index in range(400)]
    assert np.mean(bright) == pytest.approx(0.25, abs=0.06)


def test_all_eight_symmetries_occur():
    picture = np.arange(3 * 16).reshape(4, 4, 3).astype(np.uint8)
    turned = Crops([Group("one", 1, [picture])], crop=4, sigma=(0, 0), seed=0, length=100)
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


def test_validation_pairs_are_centre_crops_with_their_own_noise(photos):
    names, clean, noisy = validation_pairs(photos)
    assert names == ["roads/a.png", "roads/b.png", "walls/d.png"]
    assert clean.shape == noisy.shape == (3, 3, 224, 224)
    first = next(read_photos(photos, min_side=224)).image
    expected = torch.from_numpy(first[8:232, 13:237].copy()).permute(2, 0, 1) / 255
    torch.testing.assert_close(clean[0], expected)
    assert centre_crop(first, 3).shape == (3, 3, 3)


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
[defaults]
batch = 2
crop = 32
warmup = 2

[toy-base]
model = "unet"
arguments = { width = 4 }
steps = 6
shipped = false

[toy-sharp]
model = "unet"
arguments = { width = 4 }
parent = "toy-base"
loss = "0.8*mse + 0.2*regional_sharpness"
steps = 6
"""


@pytest.fixture
def run(tmp_path, photos):
    """Run the command on a toy recipe file; returns its exit code."""
    recipes = tmp_path / "recipes.toml"
    recipes.write_text(RECIPES)

    def call(*arguments, where="one"):
        folder = tmp_path / where
        return command.main(
            [*arguments, "--recipes", str(recipes), "--photos", str(photos),
             "--precision", "no", "--out", str(folder / "out"), "--runs", str(folder / "runs")]
        )  # fmt: skip

    call.folder = tmp_path
    return call


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


def test_a_run_that_was_stopped_ends_as_one_that_was_not(run, monkeypatch):
    assert run("toy-base", where="whole") == 0

    from core.training import loop

    advance = loop._Run.advance

    def stop_at_three(self, batch):
        terms = advance(self, batch)
        self.stop = self.step == 3
        return terms

    monkeypatch.setattr(loop._Run, "advance", stop_at_three)
    assert run("toy-base", where="stopped") == 2
    monkeypatch.setattr(loop._Run, "advance", advance)
    assert not (run.folder / "stopped" / "runs" / "toy-base.safetensors").exists()
    assert run("toy-base", where="stopped") == 0
    whole, stopped = (
        load_variant("toy-base", run.folder / where / "runs").state_dict()
        for where in ("whole", "stopped")
    )
    assert all(torch.equal(whole[name], stopped[name]) for name in whole)


def test_a_run_does_not_go_on_with_another_recipe_or_parent(run, capsys):
    assert run("toy-base") == 0
    assert run("toy-base", "--steps", "8") == 2
    assert "'toy-base' was begun with another recipe" in capsys.readouterr().err


def test_a_parent_is_taken_from_where_variants_are_written(run, tmp_path):
    recipes = tmp_path / "recipes.toml"
    recipes.write_text(RECIPES.replace("shipped = false", "hidden = true"))
    assert run("--all") == 0
    assert run("toy-sharp", where="alone") == 2  # there, no parent has been made


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name what to train"),
        (["toy"], "no recipe 'toy'. There are: toy-base, toy-sharp"),
        (["toy-base", "--steps", "0"], "--steps is 0"),
        (["toy-base", "--photos", "nowhere"], "'nowhere' does not exist"),
    ],
)
def test_bad_arguments_end_with_code_2_and_one_sentence(run, capsys, arguments, message):
    assert run(*arguments) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert message in errors[-1] and errors[-1].startswith("core.train:")


def test_a_setting_that_no_recipe_has_is_refused(tmp_path):
    path = tmp_path / "recipes.toml"
    path.write_text("[toy]\nspeed = 3\n")
    with pytest.raises(ValueError, match="'toy' has an unknown setting 'speed'"):
        load_recipes(path)


@pytest.mark.parametrize("name", ["hybrid-base", "hybrid-regional-sharpness"])
def test_twins_differ_in_nothing_but_their_upsampling(name):
    recipes = load_recipes().table
    ours, twin = (vars(recipes[key]) for key in (name, f"{name}-resize"))
    parent = f"{ours['parent']}-resize" if ours["parent"] else None
    expected = {"key": f"{name}-resize", "arguments": {"upsampling": "resize"}, "parent": parent}
    assert twin == {**ours, **expected}


def test_hybrids_differ_in_nothing_but_their_loss():
    recipes = load_recipes().table
    children = [r for r in recipes.values() if r.parent == "hybrid-base"]
    assert len(children) >= 4
    settings = [{**vars(r), "key": None, "loss": None} for r in children]
    assert all(s == settings[0] for s in settings)
    assert recipes["unet-base"].steps == recipes["hybrid-base"].steps
    assert recipes["unet-mse"].steps == recipes["hybrid-mse"].steps
