"""Recipes: what their file says, and that every one of them runs to a file that loads."""

import json
import math
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.paths import CHECKPOINTS
from core.models import MODELS, build_model, hybrid_vit_unet
from core.models.vit_encoder import encoder_sha256, load_encoder
from core.train import __main__ as command
from core.train import data as data_module
from core.train import tasks
from core.train.optimisers import OPTIMISERS
from core.train.recipes import RECIPES_FILE, load_recipes
from core.train.tasks import TASKS, check_recipe
from core.variants import store
from core.variants.store import load_variant, read_card, save_variant
from tests.core.models.test_models import tiny_encoder

RECIPES = load_recipes().table
STEPS, FEW = 6, 2  # one more than Lookahead's inner steps; enough for an optimiser without such


# The file -----------------------------------------------------------------------------------


def settings(name, *but):
    """A recipe as a dictionary, its key and some settings left out."""
    return {k: v for k, v in vars(RECIPES[name]).items() if k not in ("key", "shipped", *but)}


def written(tmp_path, text):
    path = tmp_path / "recipes.toml"
    path.write_text(text)
    return load_recipes(path).table


def test_a_recipe_like_another_has_its_settings_and_its_own(tmp_path):
    recipes = written(
        tmp_path,
        '[defaults]\nseed = 3\n[a]\nsteps = 5\nhidden = true\n[b]\nlike = "a"\nsteps = 7\n'
        '[c]\nlike = "b"\nbatch = 2\n',
    )
    ours = [(r.seed, r.steps, r.hidden, r.batch) for r in recipes.values()]
    assert ours == [(3, 5, True, 8), (3, 7, True, 8), (3, 7, True, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[toy]\nspeed = 3", "The recipe 'toy' has an unknown setting 'speed'."),
        ('[toy]\nlike = "b"', "'toy' is like 'b', which is none before it. Those are: none."),
        ('[a]\n[toy]\nlike = "c"\n[c]\n', "like 'c', which is none before it. Those are: a."),
        ('[toy]\noptimiser = "sgd"', "The recipe 'toy': There is no optimiser 'sgd'. There are: "),
        ('[toy]\nmodel = "vgg"', "The recipe 'toy': There is no model 'vgg'. There are: "),
        ('[toy]\nmodel = "unet"\nloss = "mae"', "There is no loss 'mae'. There are: mse"),
        ('[toy]\nmodel = "unet"\nloss = "mse(w=1)"', "The loss 'mse' has no parameter 'w'"),
        (
            '[toy]\nmodel = "unet"\narguments = {depth = 3}',
            "The recipe 'toy': The model 'unet' has no argument 'depth'; it has: width, upsam",
        ),
        ('[toy]\ntask = "sleep"', "There is no task 'sleep'. There are: denoise"),
        ('[toy]\ndegradation = {key = "fog"}', "The recipe 'toy': There is no degradation 'fog'"),
        ("toy = 3", "The setting 'toy' stands outside every recipe."),
        ("defaults = 3\n[toy]", "The setting 'defaults' stands outside every recipe."),
        ("[groups]\na = 'x'\n[toy]", "The weight of the group 'a' is 'x', which is no number."),
        ('[toy]\nlike = ["a"]', "is like '['a']', which is none before it."),
        ('[toy]\nkey = "a"', "The recipe 'toy' has an unknown setting 'key'."),
        ('[toy]\nbatch = "many"', "The recipe 'toy' has no sound value for 'batch': 'many'."),
        ("[toy]\nseed = true", "has no sound value for 'seed': True."),
        ("[toy]\nbetas = [0.9]", "has no sound value for 'betas': [0.9]."),
        ('[toy]\ndegradation = "none"', "has no sound value for 'degradation': 'none'."),
        ("[toy]\ncrop = 0", "'toy' has crop of 0; at least 1 is needed."),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(tmp_path, capsys, text, message):
    path = tmp_path / "recipes.toml"
    path.write_text(text)
    assert command.main(["toy", "--recipes", str(path), "--runs", str(tmp_path / "runs")]) == 2
    said = capsys.readouterr().err
    assert message in said and len(said.strip().splitlines()) == 1


def test_a_model_without_weights_is_refused(tmp_path, capsys, tiny):
    path = tmp_path / "recipes.toml"
    path.write_text('[toy]\nmodel = "total_variation"')
    assert command.main(["toy", "--recipes", str(path), *tiny.options]) == 2
    assert "'toy' is a total_variation, which has nothing to train." in capsys.readouterr().err


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_names_what_exists_and_parents_come_first(name):
    check_recipe(RECIPES[name])
    names = RECIPES.keys()
    parent = RECIPES[name].parent
    assert parent is None or names.index(parent) < names.index(name)


TWINS = (
    "hybrid-base", "hybrid-regional-sharpness", "conv-dae-ladder", "conv-dae-regional-sharpness",
)  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_twins_differ_in_nothing_but_their_upsampling(name):
    parent = f"{RECIPES[name].parent}-resize" if RECIPES[name].parent else None
    expected = {"arguments": {"upsampling": "resize"}, "parent": parent}
    assert settings(f"{name}-resize") == {**settings(name), **expected}


# A family's first member -> how many it has: one start, one training, a loss each.
FAMILIES = {"hybrid-mse": 17, "conv-dae-mse": 4, "hybrid-no-skip-mse": 3}


@pytest.mark.parametrize("first", FAMILIES)
def test_a_family_differs_in_nothing_but_its_loss(first):
    wanted = settings(first, "loss")
    family = [name for name in RECIPES if settings(name, "loss") == wanted]
    assert len(family) == FAMILIES[first]
    losses = [RECIPES[name].loss for name in family]
    assert len(set(losses)) == len(losses)


def test_controls_have_equal_steps():
    assert RECIPES["unet-base"].steps == RECIPES["hybrid-base"].steps
    assert RECIPES["unet-mse"].steps == RECIPES["hybrid-mse"].steps


def test_the_ladder_has_every_network_that_learns_and_differs_in_nothing_else():
    ladder = [name for name in RECIPES if name.endswith("-ladder")]
    first = settings(ladder[0], "model", "arguments")
    assert all(settings(name, "model", "arguments") == first for name in ladder)
    plain = [RECIPES[name].model for name in ladder if not RECIPES[name].arguments]
    known = [key for key in MODELS if key != "hybrid_vit_unet"]
    assert sorted(plain) == sorted(k for k in known if any(True for _ in MODELS[k]().parameters()))
    patches = [RECIPES[n].arguments["patch"] for n in ladder if RECIPES[n].arguments]
    assert patches == [16, 32]


@pytest.mark.parametrize("name", [name for name in RECIPES if name.endswith("-motion")])
def test_the_courses_task_differs_from_the_ladder_in_its_degradation_alone(name):
    ladder = name.replace("-motion", "-ladder")
    assert settings(name, "degradation") == settings(ladder, "degradation")
    assert RECIPES[name].degradation == {
        "key": "motion_blur_noise", "length": [9, 9], "angle": [20, 20], "level": [0.01, 0.01]
    }  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_lookahead_pair_differs_in_its_optimiser_alone(seed):
    plain, ahead = (f"dense-skip-dae-{kind}-s{seed}" for kind in ("adamw", "lookahead"))
    assert settings(plain) == {
        **settings("dense-skip-dae-ladder"),
        "learning_rate": 1e-3, "weight_decay": 0.01, "seed": seed,
    }  # fmt: skip
    assert settings(ahead) == {**settings(plain), "optimiser": "lookahead_adamw"}


# Every recipe runs ---------------------------------------------------------------------------


CROP = 64
"""Pixels: several windows, patches and tiles each way, as in a larger crop."""
SMALL = {"width": 4, "tile": 6}
SMALL_OF = {
    "transformer_denoiser": {"width": 16},
    "vit_reconstructor": {"width": 32},
    "dense_dae": {"tile": 6, "hidden": [24, 12]},
}
"""What networks have where a recipe says nothing: every layer is there, with fewer channels.

A recipe's own arguments are kept. Nothing that a run does asks for a layer's size but the shapes
of its weights, whose own size `test_a_recipe_fits_its_shipped_parent` looks at.
"""


def small(key):
    """A network's smaller defaults, of those that it has."""
    return {name: value for name, value in {**SMALL, **SMALL_OF.get(key, {})}.items()
            if name in MODELS[key].defaults}  # fmt: skip


class Tiny:
    """A folder with one photo, every recipe with a small crop, and the options of a run."""

    def __init__(self, folder):
        self.out, self.runs, photos = folder / "out", folder / "runs", folder / "photos"
        photos.mkdir()
        self.small_crops = folder / "recipes.toml"
        text = RECIPES_FILE.read_text(encoding="utf-8")
        self.small_crops.write_text(re.sub(r"(?m)^crop = \d+", f"crop = {CROP}", text))
        pixels = np.random.default_rng(0).integers(0, 256, (232, 240, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / "photo.png")
        self.options = ["--batch", "1", "--precision", "no", "--photos", str(photos),
                        "--out", str(self.out), "--runs", str(self.runs)]  # fmt: skip

    def train(self, name, steps):
        chosen = [name, "--recipes", str(self.small_crops), "--steps", str(steps)]
        return command.main([*chosen, *self.options])

    def folder_of(self, recipe):
        return self.out if recipe.shipped else self.runs


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """What all runs share: a photo, small textures, and one ViT that is loaded once."""
    once, digest = cache(load_encoder), cache(encoder_sha256)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_module, "TEXTURE_SEEDS", range(1))
        patch.setattr(data_module, "TEXTURE_SIZE", (64, 64))
        patch.setattr(store, "load_encoder", once)
        patch.setattr(hybrid_vit_unet, "load_encoder", once)
        patch.setattr(store, "encoder_sha256", digest)
        patch.setattr(tasks, "encoder_sha256", digest)
        uncached = data_module.procedural_pictures.__wrapped__
        patch.setattr(data_module, "procedural_pictures", cache(uncached))
        yield Tiny(tmp_path_factory.mktemp("recipes"))


@cache
def small_vit(name):
    return tiny_encoder()


@pytest.fixture
def small_networks(monkeypatch):
    for key in {recipe.model for recipe in RECIPES.values() if recipe.model}:
        for name, value in small(key).items():
            monkeypatch.setitem(MODELS[key].defaults, name, value)
    for module in (store, hybrid_vit_unet):
        monkeypatch.setattr(module, "load_encoder", small_vit)


@pytest.fixture
def parent(tiny, small_networks, make_card):
    """A function that sees to a recipe's parent: trained before, or random weights."""

    def ready(recipe):
        name = recipe.parent
        if name and not any((f / f"{name}.safetensors").exists() for f in (tiny.out, tiny.runs)):
            arguments = dict(RECIPES[name].arguments)
            card = make_card(name, model=recipe.model, arguments=arguments)
            save_variant(build_model(recipe.model, **arguments), card, tiny.runs)

    return ready


NETWORKS = {(str(r.arguments), r.parent): r.key for r in RECIPES.values()}
"""A recipe for each network and parent: its key is the last that has them."""


@pytest.mark.parametrize(
    "name", [n for (_, p), n in NETWORKS.items() if (CHECKPOINTS / f"{p}.safetensors").exists()]
)
def test_a_recipe_fits_its_shipped_parent(name, tiny):
    """At full size, as it is trained; small networks below have parents as small."""
    network = TASKS["denoise"].network(RECIPES[name], (CHECKPOINTS,))
    given = load_variant(RECIPES[name].parent).state_dict()
    kept = [key for key, value in network.state_dict().items() if torch.equal(value, given[key])]
    assert kept == list(given)


@pytest.mark.parametrize("name", [n for n in RECIPES if RECIPES[n].task == "denoise"])
def test_every_recipe_trains_and_leaves_a_variant_that_loads(name, tiny, parent):
    recipe = load_recipes(tiny.small_crops).table[name]
    assert recipe == replace(RECIPES[name], crop=CROP)
    parent(recipe)
    folders = (tiny.out, tiny.runs, CHECKPOINTS)
    before = {
        k: v.clone() for k, v in TASKS["denoise"].network(recipe, folders).state_dict().items()
    }
    steps = STEPS if recipe.optimiser.startswith("lookahead") else FEW
    assert tiny.train(name, steps) == 0

    state = torch.load(tiny.runs / name / "state.pt", weights_only=True)
    assert all(not torch.equal(value, before[key]) for key, value in state["model"].items())
    card = read_card(name, tiny.folder_of(recipe))
    for key in ("model", "loss", "parent", "crop", "seed", "hidden"):
        assert getattr(card, key) == getattr(recipe, key), key
    assert (card.steps, card.batch) == (steps, 1)
    assert card.arguments.items() >= recipe.arguments.items()
    ranges = {k: v for k, v in recipe.degradation.items() if k != "key"}
    assert card.degradation == {"key": recipe.degradation["key"], "range": ranges}
    assert card.optimiser == OPTIMISERS[recipe.optimiser].describe(recipe)
    terms = [value for row in card.history for key, value in row.items() if key != "PSNR"]
    assert card.history[-1]["step"] == steps and all(map(math.isfinite, terms))
    model = load_variant(name, tiny.folder_of(recipe))
    with torch.inference_mode():
        assert torch.isfinite(model(torch.rand(1, 3, 32, 48))).all()


@pytest.mark.parametrize("name", [n for n in RECIPES if RECIPES[n].task != "denoise"])
def test_the_vits_recipe_trains_and_leaves_an_encoder_that_loads(name, tiny):
    recipe = RECIPES[name]
    assert command.main([name, "--steps", str(FEW), *tiny.options]) == 0
    encoder = load_encoder(str(tiny.out / name))
    assert encoder(torch.rand(1, 3, 32, 48)).shape == (1, 192, 2, 3)
    story = json.loads((tiny.out / name / "training.json").read_text())
    assert len(story["history"]) == FEW
    assert all(math.isfinite(row["hidden patches"]) for row in story["history"])
    torch.manual_seed(recipe.seed)
    before = TASKS[recipe.task].network(recipe, ()).state_dict()
    state = torch.load(tiny.runs / name / "state.pt", weights_only=True)
    learned = [k for k in before if not re.search("position_embeddings|decoder_pos_embed", k)]
    assert all(not torch.equal(state["model"][key], before[key]) for key in learned)
