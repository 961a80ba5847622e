"""Training: data by index alone, and a run that was stopped ends as one that was not."""

import hashlib
import itertools
import os
import re
import signal
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from accelerate import DistributedType
from PIL import Image
from torch.optim.swa_utils import AveragedModel

from core.base.locks import alone
from core.degradations import DEGRADATIONS
from core.imaging.images import to_tensor
from core.imaging.photos import centre_crop, read_photos
from core.train import __main__ as command
from core.train import data as data_module
from core.train import device_crops, loop, masked_autoencoding, pipelines
from core.train.data import Crops, Group, load_groups, random_crop
from core.train.denoise import VALIDATION_SIGMA, Denoising, validation_pairs
from core.train.device_crops import Album, DeviceCrops
from core.train.loop import learning_rate_factor, moving_average
from core.train.masked_autoencoding import MaskedAutoencoding
from core.train.optimisers import OPTIMISERS
from core.train.random_degradation import RandomDegradation
from core.train.recipes import Recipe
from core.variants.store import load_variant, read_card
from tests.core.apart import apart
from tests.core.train.stopping import stopped_at


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


def first_drawn(key):
    """A degradation whose first parameter is drawn, between its lowest value and its default."""
    first = DEGRADATIONS[key].parameters[0]
    return RandomDegradation.of({"key": key, first.name: [first.low, first.default]})


def crops(**changes):
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    groups = [Group("rare", 1.0, [picture]), Group("frequent", 3.0, [picture // 2])]
    settings = {"crop": 24, "degradation": noise(0.1, 0.1), "seed": 0, "length": 400}
    return Crops(groups, **{**settings, **changes})


CPU = torch.device("cpu")
ALL = slice(None)
TRAINED_ON = [key for key in DEGRADATIONS if DEGRADATIONS[key].keeps_clean]


def masked(**changes):
    """The pretraining task on those crops, with patches of 12 pixels."""
    toy = crops(**changes)
    model = SimpleNamespace(config=SimpleNamespace(patch_size=12))
    task = MaskedAutoencoding(Recipe("toy", crop=toy.crop), model, toy.groups, None)
    task.data.crops = toy
    return task


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


# Data ---------------------------------------------------------------------------------------


def test_published_weights_were_trained_on_these_very_crops():
    rng = np.random.default_rng(1)
    sizes = (40, 50, 3), (26, 31, 3), (20, 64, 3)  # the last is reflected
    rare, *frequent = (rng.integers(0, 256, size, dtype=np.uint8) for size in sizes)
    groups = [Group("rare", 1.0, [rare]), Group("frequent", 3.0, frequent)]
    published = Crops(groups, crop=24, degradation=noise(0.03, 0.25), seed=3, length=32)
    for data, digest in [
        (published, "cda2ce4065323b13"),
        (masked_autoencoding._MaskedCrops(published, 4), "1c8a1cebc2388f47"),
    ]:
        pixels = hashlib.blake2b(digest_size=8)
        for index in range(16):
            for _, values in sorted(data[index].items()):
                pixels.update(values.numpy().tobytes())
        assert pixels.hexdigest() == digest


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


# Data drawn on a device ---------------------------------------------------------------------


def test_data_is_drawn_by_torch_on_all_but_the_cpu():
    kinds = {kind: pipelines.drawn_by(torch.device(kind)) for kind in ("cpu", "cuda", "mps")}
    assert kinds == {"cpu": "numpy on cpu", "cuda": "torch on cuda", "mps": "torch on mps"}


def test_crops_of_an_album_are_numpys():
    sizes = [(8, 8), (12, 9), (5, 6), (3, 20), (20, 3), (2, 2)]  # the last reflects twice
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]
    pictures[1] = np.asfortranarray(pictures[1])
    pictures[0].flags.writeable = False
    drawn = torch.from_numpy(rng.integers(0, 2**31, (3, 400)))
    picture, symmetry = drawn[0] % len(sizes), drawn[0] // len(sizes) % 8
    cut = Album(pictures, CPU).crops(picture, drawn[1], drawn[2], symmetry, 8)
    assert len(set(zip(picture.tolist(), symmetry.tolist(), strict=True))) == 8 * len(sizes)
    for row in range(400):
        ours = pictures[picture[row]]
        short = [max(0, 8 - side) for side in ours.shape[:2]]
        borders = [(missing // 2, missing - missing // 2) for missing in short]
        ours = np.pad(ours, [*borders, (0, 0)], mode="symmetric")
        top, left = (int(drawn[1 + k, row]) % (ours.shape[k] - 7) for k in range(2))
        ours = ours[top : top + 8, left : left + 8]
        ours = ours[::-1] if symmetry[row] & 1 else ours
        ours = ours[:, ::-1] if symmetry[row] & 2 else ours
        ours = ours.swapaxes(0, 1) if symmetry[row] & 4 else ours
        assert (cut[row].numpy() == ours.transpose(2, 0, 1)).all()


def test_every_place_and_symmetry_occurs_equally_often():
    picture = np.arange(6 * 7 * 3, dtype=np.uint8).reshape(6, 7, 3)
    toy = crops(crop=4)
    toy.groups, toy.shares = [Group("one", 1.0, [picture])], np.ones(1)
    clean = DeviceCrops(toy, CPU).batch(0, 9600, ALL)["clean"]
    seen = Counter(crop.numpy().tobytes() for crop in clean)
    assert len(seen) == 3 * 4 * 8
    assert 60 < min(seen.values()) and max(seen.values()) < 140  # 100 each, four sigmas


def test_groups_are_drawn_by_weight_on_a_device_too():
    toy = crops()
    plain = [np.full((30, 30, 3), level, np.uint8) for level in range(4)]
    toy.groups = [Group("rare", 1.0, plain[:1]), Group("frequent", 3.0, plain[1:])]
    levels = DeviceCrops(toy, CPU).batch(0, 2000, ALL)["clean"].amax(dim=(1, 2, 3)) * 255
    shares = levels.round().int().bincount(minlength=4) / 2000
    assert shares.tolist() == pytest.approx([0.25] * 4, abs=0.04)  # four sigmas


def test_pixels_on_a_device_are_scaled_as_everywhere():
    toy = crops(crop=16)
    toy.groups = [Group("one", 1.0, [np.arange(256 * 3, dtype=np.uint8).reshape(16, 16, 3)])] * 2
    values = DeviceCrops(toy, CPU).batch(0, 1, ALL)["clean"].unique()
    assert torch.equal(values, to_tensor(toy.groups[0].pictures[0]).unique())


def test_each_crop_has_unit_noise_and_a_strength_of_its_own():
    sigma = {"key": "gaussian_noise", "sigma": [0.1, 0.3], "clip": False}
    batch = DeviceCrops(crops(degradation=RandomDegradation.of(sigma)), CPU).batch(0, 64, ALL)
    added = (batch["measurement"] - batch["clean"]).flatten(1)
    strengths = added.std(dim=1)
    assert 0.09 < strengths.min() < 0.12 and 0.28 < strengths.max() < 0.32
    assert strengths.sort().values.diff().max() < 0.03
    across = (added / strengths[:, None]).corrcoef() - torch.eye(64)
    assert across.abs().max() < 0.15  # of 1728 numbers each: six sigmas


def test_a_batch_depends_on_seed_and_step_only():
    for drawn in (lambda **c: DeviceCrops(crops(**c), CPU), lambda **c: masked(**c).data_on(CPU)):
        data = drawn()
        seventh = data.batch(7, 6, ALL)
        assert same(drawn().batch(7, 6, ALL), seventh)
        for other in (data.batch(8, 6, ALL), drawn(seed=1).batch(7, 6, ALL)):
            assert not any(torch.equal(other[name], seventh[name]) for name in seventh)


def by_numpy(task, step, size):
    """The items that a step has, by index, one behind the other."""
    items = [task.data[index] for index in range(step * size, (step + 1) * size)]
    return {name: torch.stack([item[name] for item in items]) for name in items[0]}


WHOLE = {
    pipelines.NUMPY: by_numpy,
    pipelines.TORCH: lambda task, step, size: task.data_on(CPU).batch(step, size, ALL),
}


@pytest.mark.parametrize("pipeline", WHOLE, ids=lambda pipeline: pipeline.key)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_processes_share_one_batch(count, pipeline, monkeypatch):
    monkeypatch.setattr(pipelines, "pipeline_for", lambda device: pipeline)
    toy = crops(degradation=noise(0.05, 0.3))
    denoising = SimpleNamespace(data=toy, data_on=lambda device: DeviceCrops(toy, device))
    for task in (denoising, masked()):
        places = [SimpleNamespace(device=CPU, num_processes=count, process_index=k)
                  for k in range(count)]  # fmt: skip
        parts = [list(pipelines.batches(task, range(3, 5), 6, place)) for place in places]
        for step, shares in zip((3, 4), zip(*parts, strict=True), strict=True):
            whole = {name: torch.cat([part[name] for part in shares]) for name in shares[0]}
            assert same(whole, WHOLE[pipeline](task, step, 6))


def test_half_of_the_masked_crops_are_noisy():
    data = masked().data_on(CPU)
    batch = data.batch(0, 400, ALL)
    pairs = data.crops.batch(0, 400, ALL)
    assert torch.equal(batch["clean"], pairs["clean"]) and batch["order"].shape == (400, 4)
    noisy = (batch["shown"] != batch["clean"]).flatten(1).any(dim=1)
    assert noisy.float().mean() == pytest.approx(0.5, abs=0.1)
    assert torch.equal(batch["shown"][noisy], pairs["measurement"][noisy])


@pytest.mark.parametrize("key", TRAINED_ON)
def test_a_batch_is_degraded_as_each_of_its_crops_alone(key):
    drawn = first_drawn(key)
    name, (low, high) = next(iter(drawn.ranges.items()))
    clean, unit = torch.rand(4, 3, 24, 24), torch.randn(4, 3, 24, 24)
    values = [{name: value} for value in (high, high, low, high)]
    items = zip(clean[:, None], unit[:, None], values, strict=True)
    alone = [drawn.spec.degrade(one, noise, **value) for one, noise, value in items]
    assert torch.equal(drawn.batch(clean, unit, values), torch.cat(alone))


@pytest.mark.parametrize("key", TRAINED_ON)
def test_nothing_that_is_drawn_on_a_device_is_waited_for(key, monkeypatch):
    # Tensors of the device "meta" have no values: to read one, or to mix in another's, raises.
    generator_of = device_crops.generator_of
    for module in (device_crops, masked_autoencoding):
        monkeypatch.setattr(module, "generator_of", lambda words, _: generator_of(words, CPU))
    data = masked(degradation=first_drawn(key)).data_on(torch.device("meta"))
    batch = data.batch(0, 6, slice(2, 4))
    assert {name: (value.device.type, *value.shape) for name, value in batch.items()} == {
        "shown": ("meta", 2, 3, 24, 24), "clean": ("meta", 2, 3, 24, 24), "order": ("meta", 2, 4)
    }  # fmt: skip


# The loop -----------------------------------------------------------------------------------


def test_learning_rate_warms_up_and_falls_to_zero():
    recipe = Recipe("falling", steps=100, warmup=10)
    factors = [learning_rate_factor(step, recipe) for step in range(101)]
    assert factors[0] == 0.1 and max(factors) == 1.0 == factors[10]
    assert all(later <= earlier for earlier, later in itertools.pairwise(factors[10:]))
    assert factors[55] == pytest.approx(0.5) and factors[100] == pytest.approx(0)
    constant = replace(recipe, schedule="constant")
    assert [learning_rate_factor(step, constant) for step in (0, 9, 10, 99)] == [0.1, 1, 1, 1]


def test_moving_average_forgets_the_start_and_then_remembers():
    average = [torch.zeros(1)]
    update = moving_average(0.9)
    for count in range(1, 200):
        update(average, [torch.ones(1)], count)
    assert average[0].item() > 0.999
    update(average, [torch.zeros(1)], 200)
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
def stopped_at_three():
    """While open, runs are asked to stop after three steps; `undo` ends it."""
    with stopped_at(3) as patch:
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


@pytest.fixture
def drawn_by_torch():
    """While open, data is drawn as for an accelerator; `undo` ends it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines, "pipeline_for", lambda device: pipelines.TORCH)
        yield patch


def state_of(run, where):
    return torch.load(run.folder / where / "runs" / "toy-base" / "state.pt", weights_only=True)


def test_a_run_on_a_device_that_was_stopped_ends_as_one_that_was_not(
    run, drawn_by_torch, stopped_at_three
):
    assert run("toy-base", where="stopped") == 2
    assert state_of(run, "stopped")["step"] == 3
    stopped_at_three.undo()
    assert run("toy-base", where="stopped") == run("toy-base", where="whole") == 0
    drawn_by_torch.undo()
    assert run("toy-base", where="numpy") == 0
    stopped, whole, numpy = (state_of(run, where) for where in ("stopped", "whole", "numpy"))
    for part in ("model", "average"):
        assert same(stopped[part], whole[part]) and not same(whole[part], numpy[part])
    losses = [[row["mse"] for row in state["history"]] for state in (stopped, whole)]
    assert losses[0] == losses[1] and len(losses[0]) == 6
    assert [s["drawn"] for s in (stopped, whole, numpy)] == [
        "torch on cpu", "torch on cpu", "numpy on cpu"
    ]  # fmt: skip


def test_a_run_goes_on_only_with_the_data_that_it_was_begun_with(
    run, drawn_by_torch, stopped_at_three, capsys
):
    assert run("toy-base", where="torch") == 2
    drawn_by_torch.undo()
    assert run("toy-base", where="torch") == 2
    errors = capsys.readouterr().err.strip().splitlines()
    assert "drawn by torch on cpu, which here would be drawn by numpy on cpu" in errors[-1]
    assert str(run.folder / "torch" / "runs" / "toy-base") in errors[-1]
    assert state_of(run, "torch")["step"] == 3


def test_a_run_whose_state_names_no_stream_goes_on_with_numpys(
    run, drawn_by_torch, stopped_at_three, capsys
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines, "pipeline_for", lambda device: pipelines.NUMPY)
        assert run("toy-base") == 2
    state = state_of(run, "one")
    del state["drawn"]
    torch.save(state, run.folder / "one" / "runs" / "toy-base" / "state.pt")
    stopped_at_three.undo()
    assert run("toy-base") == 2
    assert "numpy on cpu, which here would be drawn by torch on cpu" in capsys.readouterr().err
    drawn_by_torch.undo()
    assert run("toy-base") == 0


def test_the_moving_average_counts_steps_across_a_stop(run, stopped_at_three, monkeypatch):
    counts = []
    monkeypatch.setattr(
        loop, "moving_average", lambda decay: lambda averages, values, n: counts.append(n)
    )
    assert run("toy-base") == 2
    stopped_at_three.undo()
    assert run("toy-base") == 0
    assert counts == [1, 2, 3, 4, 5]  # the first step is copied
    assert state_of(run, "one")["average"]["n_averaged"] == 6


class Counting(torch.nn.Module):
    """A layer that also counts its calls, in a buffer."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 3, 3, padding=1)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, images):
        self.calls += 1
        return self.layer(images)


def test_the_average_is_that_of_pytorchs_averaged_model(tmp_path):
    recipe = Recipe("toy", steps=4, batch=2, crop=24, warmup=1, ema=0.3)
    task = Denoising(recipe, Counting(), crops().groups, None)
    run = loop.Run(task, recipe, tmp_path, "no")
    update, counts = moving_average(recipe.ema), itertools.count()
    wanted = AveragedModel(
        run.bare, multi_avg_fn=lambda averages, values, _: update(averages, values, next(counts))
    )
    next(counts)  # the first step is copied
    for step, _ in enumerate(run.advances(), start=1):
        wanted.update_parameters(run.bare)
        assert same(run.average.state_dict(), wanted.state_dict())
        assert run.average.module.calls == step
    assert step == 4 and not same(run.average.module.state_dict(), run.bare.state_dict())


@pytest.mark.parametrize(
    ("scaler", "kind", "wanted"),
    [(None, "NO", False), (None, "MULTI_GPU", False), (object(), "NO", True), (None, "XLA", True)],
)
def test_the_optimiser_is_wrapped_only_where_gradients_are_scaled_or_summed_by_it(
    scaler, kind, wanted
):
    found = SimpleNamespace(scaler=scaler, distributed_type=DistributedType[kind])
    assert loop.needs_wrapping(found) is wanted


def test_a_run_says_first_what_it_runs_on(run, capsys):
    assert run("toy-base", "--steps", "1") == 0
    first, *others = capsys.readouterr().out.splitlines()
    assert all(words in first for words in ("CPU", "float32", "numpy on cpu"))
    assert len(others) == 1


def test_a_gpu_is_called_by_its_name(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {device.index}")
    line = command.setting(torch.device("cuda", 1), 2, "bf16")
    assert all(words in line for words in ("GPU 1", "2 processes", "bf16", "torch on cuda"))
    assert "MPS" in command.setting(torch.device("mps"), 1, "fp16")


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


@pytest.mark.parametrize(("argument", "code"), [("skips = 2", 0), ("width = 5", 2)])
def test_a_child_has_its_own_arguments_where_the_parents_weights_fit(run, capsys, argument, code):
    written = run.recipes.read_text().replace(
        'parent = "toy-base"', f'parent = "toy-base"\narguments = {{width = 4, {argument}}}'
    )
    run.recipes.write_text(written.replace("{width = 4, width = 5}", "{width = 5}"))
    assert run("--all") == code
    if code:
        assert "'toy-sharp' cannot start from 'toy-base'" in capsys.readouterr().err
    else:
        assert read_card("toy-sharp", run.folder / "one" / "out").arguments["skips"] == 2


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


# What the disk does -------------------------------------------------------------------------


def said_once(capsys, command="core.train"):
    """The one line with which a command ended."""
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith(command)]
    assert len(lines) == 1 and "Traceback" not in lines[0]
    return lines[0]


def test_a_disk_that_is_full_ends_a_run_with_one_line_and_loses_nothing(
    run, stopped_at_three, no_room, capsys
):
    assert run("toy-base", where="full") == 2
    stopped_at_three.undo()
    runs = run.folder / "full" / "runs"
    state = (runs / "toy-base" / "state.pt").read_bytes()
    capsys.readouterr()
    with no_room(len(state) // 2):
        assert run("toy-base", where="full") == 2
    assert "state.pt' was not written: it is larger than files may be here." in said_once(capsys)
    assert (runs / "toy-base" / "state.pt").read_bytes() == state
    assert [path.name for path in (runs / "toy-base").iterdir()] == ["state.pt"]
    assert run("toy-base", where="full") == 0 and run("toy-base", where="whole") == 0
    full, whole = (load_variant("toy-base", run.folder / where / "runs").state_dict()
                   for where in ("full", "whole"))  # fmt: skip
    assert all(torch.equal(whole[name], full[name]) for name in whole)


def test_a_folder_that_cannot_be_written_to_is_refused_before_training(run, capsys, monkeypatch):
    monkeypatch.setattr(loop.Run, "advance", lambda *_: pytest.fail("It was trained."))
    assert run("toy-base", where="recipes.toml") == 2
    assert "could not be written: a part of its path is no folder." in said_once(capsys)


def test_two_commands_do_not_train_one_recipe_at_once(run, capsys):
    with alone(run.folder / "one" / "runs" / "toy-base"):
        assert run("toy-base") == 2
        assert "Another command is working on" in said_once(capsys)
        assert run("toy-base", where="two") == 0
    assert run("toy-base") == 0


def killed_at_four(options):
    """Train a toy, its state saved at every step, and be killed at the fourth."""
    loop.SAVE_SECONDS = 0.0
    advance = loop.Run.advance

    def killed(self, batch):
        terms = advance(self, batch)
        if self.step == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return terms

    loop.Run.advance = killed
    data_module.TEXTURE_SEEDS, data_module.TEXTURE_SIZE = range(2), (64, 64)
    command.main(["toy-base", *options])


def test_a_run_that_was_killed_goes_on_and_ends_as_one_that_was_not(run):
    code, said = apart(killed_at_four, [*map(str, run.options("killed"))])
    assert code == -signal.SIGKILL, said
    assert state_of(run, "killed")["step"] == 3
    assert run("toy-base", where="killed") == 0 and run("toy-base", where="whole") == 0
    killed, whole = (load_variant("toy-base", run.folder / where / "runs").state_dict()
                     for where in ("killed", "whole"))  # fmt: skip
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


# Several processes --------------------------------------------------------------------------


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_batch_that_two_processes_cannot_share_is_refused_by_the_first_alone(
    run, monkeypatch, capsys, rank
):
    @contextmanager
    def two():
        yield SimpleNamespace(num_processes=2, is_main_process=rank == "0")

    monkeypatch.setattr(command, "processes", two)
    monkeypatch.setenv("RANK", rank)
    assert run("toy-base", "--batch", "3", where="odd") == 2
    said = [
        "core.train: 'toy-base' has batches of 3, which 2 processes cannot share equally; "
        "try --batch 4, or another number of processes."
    ]
    assert capsys.readouterr().err.splitlines() == (said if rank == "0" else [])
    assert not (run.folder / "odd").exists()
