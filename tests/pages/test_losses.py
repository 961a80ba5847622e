"""The Losses page without a browser: words, gradient pictures, curves, blind spots, mixtures."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.base.own_losses import OWN_LOSSES, own_folder
from core.base.paths import DATA
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.lab.balance import shares
from core.lessons.blind_spots import CHANGES
from core.lessons.equal_mse import DISTORTIONS
from core.losses import LOSSES, known_losses, parse_loss
from core.losses.new import write_new
from core.variants.restore import restore
from pages.losses import wanted, words
from pages.shared import cached
from tests.pages.conftest import components, on_page, read, run_until_ready, text_of

PICTURE = "concrete-pores"
VARIANT = "unet-mse"
MIXTURE = "0.8*mse + 0.2*ssim"


def opened(**address: str) -> AppTest:
    return on_page("losses", {"image": PICTURE, "variants": VARIANT} | address)


def viewer(app: AppTest) -> dict:
    (data,) = [json.loads(one.json) for one in components(app)]
    return data


def pair(region: Region | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """The variant's output and the clean picture, (3, H, W)."""
    from core.degradations import DEGRADATIONS

    clean = to_tensor(GALLERY[PICTURE]())
    noisy = DEGRADATIONS["gaussian_noise"](clean[None], sigma=0.15, seed=0)
    output = restore(noisy, [VARIANT], load=cached.variants.model)[VARIANT][0]
    return tuple(crop(one, region) if region else one for one in (output, clean))


@pytest.fixture
def costs(monkeypatch, tmp_path):
    """No time is taken: every loss costs as much as its expression has letters."""
    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setattr("core.lab.worker.ensure_worker", lambda folder: None)
    monkeypatch.setattr("core.cost.losses.relative_cost", lambda loss: len(loss.expression))


def test_each_loss_of_the_table_is_offered_with_its_words(variants, costs):
    app = opened()
    assert app.selectbox(key="loss").options == [spec.label for spec in LOSSES.values()]
    for key in ("regional_sharpness", "frequency_radial"):
        app.selectbox(key="loss").set_value(key).run()
        spec, told = LOSSES[key], text_of(app)
        assert not app.exception and not app.error
        assert spec.rewards in told and f"Costs {len(key)}" in told.replace("**", "")
        assert any(spec.tex in latex.value for latex in app.latex)


def test_the_cost_of_mse_is_the_unit(variants, costs, monkeypatch):
    monkeypatch.setattr("core.cost.losses.relative_cost", lambda loss: pytest.fail("measured"))
    assert "Costs 1 ×" in text_of(opened(loss="mse")).replace("**", "")


def test_what_a_loss_is_for_equal_pictures_is_said(variants, costs):
    told = text_of(opened(loss="charbonnier"))
    assert "For equal pictures it is 1.00" in told
    assert "For equal pictures" not in text_of(opened(loss="ssim"))


def test_the_gradient_stands_beside_the_output_on_a_symmetric_scale(variants, costs):
    app = opened(loss="frequency")
    assert not app.exception and not app.error and not app.warning
    data = viewer(app)
    keys = [panel["key"] for panel in data["panels"]]
    assert keys == [VARIANT, "wanted", "clean", "measurement"]
    (layer,) = data["layers"].values()
    assert layer["low"] == -layer["high"] < 0 and layer["colours"] == "diverging"
    assert len(app.get("plotly_chart")) == len(DISTORTIONS)
    assert "What this loss cannot see" in text_of(app)


def test_what_is_sent_is_twice_what_is_missing_of_the_mse(variants):
    output, clean = pair()
    chosen = type("Chosen", (), {"loss": parse_loss("mse")})
    found = wanted.asked(chosen, output, clean)
    (layer,) = found.layers.values()
    sent = np.frombuffer(layer.data, "<f4").reshape(clean.shape[1:])
    np.testing.assert_allclose(sent, 2 * (clean - output).mean(0).numpy(), atol=1e-5)
    assert (np.abs(sent) <= found.reach).mean() == pytest.approx(0.995, abs=0.01)
    assert found.value == pytest.approx((output - clean).square().mean().item(), rel=1e-4)


def test_a_mixture_shows_the_whole_and_its_terms_on_one_scale_and_their_shares(variants, costs):
    app = opened(objective="mixture", expression=MIXTURE)
    layers = viewer(app)["layers"]
    assert [layer["label"] for layer in layers.values()] == ["The whole loss", "mse", "ssim"]
    assert len({(layer["low"], layer["high"]) for layer in layers.values()}) == 1
    assert [latex.value for latex in app.latex][0].count("L_") == 2 and len(app.latex) == 3
    drawn = "".join(one.proto.body for one in app.get("html"))
    output, clean = pair()
    for term, share in shares(parse_loss(MIXTURE), output[None], clean[None]).items():
        assert (
            f"{term}</th>" in drawn and f"<td>{share.value:.0%}<td>{share.gradient:.0%}" in drawn
        )
    assert all(change.label in drawn for change in CHANGES.values())


def test_what_cannot_be_read_is_told_and_nothing_is_drawn(variants, costs):
    app = opened(objective="mixture", expression=MIXTURE)
    app.text_input(key="expression").set_value("mse + sharp").run()
    assert not app.exception and "no loss 'sharp'" in text_of(app)
    assert not components(app)
    app.text_input(key="expression").set_value("l1")
    run_until_ready(app)
    assert "Rewards" in text_of(app) and len(viewer(app)["layers"]) == 1


def test_the_region_and_the_output_are_followed(variants, costs):
    app = opened(region="16,16,48,40", output="measurement")
    data = viewer(app)
    assert [panel["key"] for panel in data["panels"]] == ["measurement", "wanted", "clean"]
    (layer,) = data["layers"].values()
    assert (layer["width"], layer["height"]) == (48, 40)


def test_a_part_too_small_is_told_with_the_numbers(variants, costs):
    app = opened(region="0,0,12,12", loss="regional_sharpness")
    assert not app.exception
    assert "window of 16 pixels" in text_of(app) and "32 x 32 pixels or more" in text_of(app)


def test_without_a_clean_picture_the_words_are_there_and_a_sentence(variants, costs):
    app = opened(noise="none")
    assert not app.exception and "changes a clean picture" in text_of(app)
    assert "Rewards" in text_of(app)


def test_who_was_trained_with_it_can_be_chosen(variants, costs):
    app = opened(loss="mse")
    chosen = type("Chosen", (), {"specs": [LOSSES["frequency"]]})
    assert [card.name for card in words.trained_with(chosen)] == ["unet-frequency"]
    app.button(key="losses_choose").click().run()
    assert set(app.multiselect(key="variants").value) == set(variants)
    app.selectbox(key="loss").set_value("wavelet")
    run_until_ready(app)
    assert "No variant here was trained with it" in text_of(app)


# Of one's own ------------------------------------------------------------------------------------


def test_an_own_loss_is_offered_like_ours_and_a_broken_one_told(
    variants, costs, monkeypatch, tmp_path
):
    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setenv(OWN_LOSSES, "1")
    write_new("mine", own_folder())
    (own_folder() / "broken.py").write_text("def broken(")
    app = opened(objective="mixture", expression="mse + mine")
    assert not app.exception
    (told,) = [read(one.value) for one in app.warning]
    assert told.startswith("'broken.py' is no Python")
    assert [layer["label"] for layer in viewer(app)["layers"].values()][1:] == ["mse", "mine"]
    digest = known_losses()["mine"].digest
    assert digest[:12] in text_of(app) and "in half a sentence" in text_of(app)
    app.segmented_control(key="objective").set_value("one").run()
    assert app.selectbox(key="loss").options[-1] == "mine"
    (lab,) = [on_page("lab", {"image": PICTURE, "variants": VARIANT})]
    assert not lab.exception and "mine" in lab.multiselect(key="lab_terms").options
    assert "'broken.py' is no Python" in text_of(lab)
