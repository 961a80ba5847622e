"""The shipped weights: complete, in size, sound, and better than what they were given."""

import tomllib
from dataclasses import asdict
from functools import cache

import pytest
import torch

from core.artifacts import observe
from core.base.paths import CHECKPOINTS
from core.degradations import DEGRADATIONS
from core.imaging.gallery import GALLERY
from core.imaging.images import to_tensor
from core.imaging.photos import centre_crop
from core.metrics import METRICS
from core.models.vit_encoder import DEFAULT_ENCODER, encoder_sha256, load_encoder
from core.readme.claims import CBM3D_DB
from core.train.recipes import RECIPES_FILE, load_recipes
from core.variants.featured import HYBRIDS
from core.variants.restore import restore
from core.variants.store import list_variants, load_variant, refused_variants

CARDS = {card.name: card for card in list_variants(hidden=True, classical=False)}
MIB = 2**20
NOT_IN_CARDS = {"lpips", "data_consistency", "saturation"}
"""What a machine may lack, what asks for more than a clean image, and what is younger."""
LARGE = {"dense_skip_dae": 1.7, "vit_reconstructor": 2.4}
"""MiB of the networks that are larger by their definition than a rung of the ladder."""
PICTURES = ("asphalt-crack", "concrete-pores", "sand-crack", "gravel", "coffee", "china")


@cache
def network(name):
    """As it was shipped; all of them with one ViT."""
    return load_variant(name, encoder=encoder())


encoder = cache(load_encoder)


@pytest.fixture(scope="module")
def restored():
    """Clean crops, and name -> (measurement, output) of each variant on its own task."""
    clean = torch.stack([to_tensor(centre_crop(GALLERY[key](), 96)) for key in PICTURES])
    found = {}
    for key in dict.fromkeys(card.degradation["key"] for card in CARDS.values()):
        names = [name for name, card in CARDS.items() if card.degradation["key"] == key]
        measured = DEGRADATIONS[key](clean)
        found |= {
            name: (measured, out) for name, out in restore(measured, names, load=network).items()
        }
    return clean, found


def test_every_recipe_that_is_shipped_is_here_and_nothing_is_refused():
    recipes = load_recipes().table.values()
    wanted = {r.key for r in recipes if r.shipped and r.task == "denoise"}
    assert wanted == set(CARDS) and len(wanted) >= 6
    assert refused_variants() == {}
    assert not any(card.hidden for card in list_variants())


@pytest.mark.parametrize("name", CARDS)
def test_the_card_is_complete_and_follows_the_recipe(name):
    card, recipe = CARDS[name], load_recipes().table[name]
    for key in ("model", "loss", "parent", "steps", "batch", "crop", "seed", "hidden"):
        assert getattr(card, key) == getattr(recipe, key), key
    assert {"key": card.degradation["key"], **card.degradation["range"]} == recipe.degradation
    younger = set(METRICS) - set(card.validation["metrics"]) - NOT_IN_CARDS
    assert not younger, "measure the cards again, or name the new metric in NOT_IN_CARDS"
    assert card.history[-1]["step"] == card.steps and len(card.history) >= 10
    assert all(value not in (None, "") for key, value in asdict(card).items()
               if key not in ("parent", "encoder"))  # fmt: skip
    credits_page = (CHECKPOINTS / "CREDITS.md").read_text(encoding="utf-8")
    assert all(f"`{group}`" in credits_page for group in card.data)


@pytest.mark.parametrize("name", [name for name, card in CARDS.items() if card.encoder])
def test_hybrids_name_the_shipped_vit(name):
    assert CARDS[name].encoder == {
        "name": DEFAULT_ENCODER, "sha256": encoder_sha256(DEFAULT_ENCODER)
    }  # fmt: skip


def test_sizes_are_kept():
    size = {
        path.name: path.stat().st_size / MIB for path in CHECKPOINTS.rglob("*") if path.is_file()
    }
    assert sum(size.values()) < 48
    assert size["model.safetensors"] < 7.5
    most = {"hybrid_vit_unet": 2.2, **LARGE}
    for name, card in CARDS.items():
        assert size[f"{name}.safetensors"] < most.get(card.model, 1.5), name


def test_the_vit_is_frozen_and_has_about_3_7_million_parameters():
    assert 3.6e6 < sum(p.numel() for p in encoder().vit.parameters()) < 3.8e6
    assert not any(p.requires_grad for p in encoder().parameters()) and not encoder().training


@pytest.mark.parametrize("name", CARDS)
def test_parameters_are_as_the_card_says(name):
    assert sum(p.numel() for p in network(name).parameters()) == CARDS[name].parameters


@pytest.mark.parametrize("name", CARDS)
def test_each_variant_is_better_than_what_it_was_given_and_large_ones_far(name, restored):
    clean, found = restored
    measured, output = found[name]
    gained = METRICS["psnr"](output, clean) - METRICS["psnr"](measured, clean)
    card = CARDS[name]
    whole = card.model in ("hybrid_vit_unet", "unet") and card.arguments.get("skips", 3) == 3
    least = 4 if whole and card.degradation["key"] == "gaussian_noise" else 0
    assert (gained > least).all(), dict(zip(PICTURES, gained.tolist(), strict=True))


def test_losses_pull_the_way_they_are_said_to(restored):
    clean, found = restored
    gain, psnr = (
        {name: METRICS[key](out, clean).mean().item() for name, (_, out) in found.items()}
        for key in ("detail_gain", "psnr")
    )
    assert gain["hybrid-mse"] < gain["hybrid-frequency"]
    assert gain["hybrid-mse"] < gain["hybrid-regional-sharpness"]
    siblings = [name for name in HYBRIDS if CARDS[name].parent == "hybrid-base"]
    assert psnr["hybrid-mse"] == max(psnr[name] for name in siblings)


def psnr(name):
    return CARDS[name].validation["metrics"]["psnr"]


def test_the_validation_photos_put_hybrid_mse_above_the_best_classical_denoiser():
    assert psnr("hybrid-mse") > CBM3D_DB
    assert all(card.validation["count"] == 16 for card in CARDS.values())


def test_the_card_says_what_the_vit_adds():
    lead = CARDS["hybrid-mse"].validation["psnr_against"]["unet-mse"]
    assert lead == pytest.approx(psnr("hybrid-mse") - psnr("unet-mse"), abs=1e-6)


@pytest.mark.parametrize("name", ["hybrid-frequency", "hybrid-frequency-radial"])
def test_frequency_losses_cost_less_than_0_3_db(name):
    assert abs(psnr(name) - psnr("hybrid-mse")) < 0.3


# The story that a fresh start shows --------------------------------------------------------------

CONV = {
    name: f"conv-dae-{name}"
    for name in ("mse", "regional-sharpness", "frequency", "frequency-radial")
}


@pytest.fixture(scope="module")
def told():
    """What stands out in each variant of the conv family on the picture that is shown first."""
    clean = to_tensor(next(iter(GALLERY.values()))())
    noisy = DEGRADATIONS["gaussian_noise"](clean[None])
    outputs = restore(noisy, CONV.values(), load=network)
    return {
        name: observe(outputs[variant][0], clean, looks=len(CONV))
        for name, variant in CONV.items()
    }


def test_the_first_picture_shows_blur_a_grid_and_the_grid_gone(told):
    assert told["mse"].gain < -5 and told["mse"].grids == {}
    assert told["regional-sharpness"].gain > -1
    assert told["regional-sharpness"].grids[2] >= 1.0
    assert told["mse"].gain < told["frequency"].gain < told["regional-sharpness"].gain
    assert told["frequency"].grids == told["frequency-radial"].grids == {}


def test_the_validation_photos_have_the_grid_under_regional_sharpness_alone():
    means = {name: CARDS[variant].validation["metrics"] for name, variant in CONV.items()}
    assert 16 * means["regional-sharpness"]["grid_found_2"] >= 14
    added = {name: one["grid_added_2"] for name, one in means.items()}
    assert all(added[name] <= 0.3 for name in CONV if name != "regional-sharpness")
    assert added["regional-sharpness"] > 5 * max(
        value for name, value in added.items() if name != "regional-sharpness"
    )


NO_SKIP = "hybrid-no-skip-"


def test_without_its_finest_skip_the_hybrid_weaves_under_regional_sharpness_alone():
    woven, between = (
        CARDS[f"{NO_SKIP}{loss}"].validation["metrics"]
        for loss in ("regional-sharpness", "frequency")
    )
    assert woven["grid_added_2"] >= 1.0 and 16 * woven["grid_found_2"] >= 14
    assert between["grid_added_2"] <= 0.3


def test_the_conv_family_differs_in_nothing_but_its_loss():
    cards = [CARDS[variant] for variant in CONV.values()]
    for key in ("model", "arguments", "parent", "steps", "batch", "crop", "seed", "optimiser"):
        assert all(getattr(card, key) == getattr(cards[0], key) for card in cards), key
    assert len({card.loss for card in cards}) == len(cards)


def test_the_recipes_file_is_toml_with_known_groups():
    groups = tomllib.loads(RECIPES_FILE.read_text(encoding="utf-8"))["groups"]
    assert set(groups) == set(next(iter(CARDS.values())).data)
