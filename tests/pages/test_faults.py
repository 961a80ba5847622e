"""Files that go, come back or are spoilt while the server runs: said, and nothing else is hurt."""

import os
import shutil
from functools import partial

import pytest
import streamlit as st

from core.attention.crack_study import results as cracks
from core.cost import results as cost
from core.leaderboard import results as leaderboard
from core.models import vit_encoder
from core.train import recipes
from core.variants.store import list_variants
from pages.shared import cached
from pages.shared.workbench import BENCH
from tests.corpus.case import Outcome
from tests.corpus.weights import CASES
from tests.pages.conftest import at_page, on_page, read, run_until_ready, text_of

SPOILT = [case for case in CASES if case.make().name.endswith(".safetensors")]


@pytest.fixture
def own_folder(variants, variants_folder, use_folder, tmp_path):
    """The three variants in a folder of this test."""
    folder = tmp_path / "checkpoints"
    shutil.copytree(variants_folder, folder)
    use_folder(folder)
    return folder


def chosen(app):
    return [card.name for card in app.session_state[BENCH].cards]


def captions(app):
    return [read(caption.value) for caption in app.caption]


def test_a_variant_whose_file_goes_says_so_and_returns_with_it(own_folder, tmp_path):
    app = on_page("compare", {})
    every = chosen(app)
    gone = own_folder / f"{every[1]}.safetensors"
    label = cached.variants.cards()[every[1]].label
    gone.rename(tmp_path / "kept")
    app = run_until_ready(app)
    assert not app.exception and chosen(app) == [every[0], every[2]]
    assert any(text.startswith(f"⚠ {label}") and "is gone" in text for text in captions(app))
    (tmp_path / "kept").rename(gone)
    app = run_until_ready(app)
    assert not app.exception and not app.error and set(chosen(app)) == set(every)
    assert not any("is gone" in text for text in captions(app))


def test_a_variant_that_is_cut_short_says_so_and_a_whole_file_mends_it(own_folder):
    app = on_page("compare", {})
    every = chosen(app)
    path = own_folder / f"{every[0]}.safetensors"
    whole = path.read_bytes()
    os.truncate(path, len(whole) // 2)
    app = run_until_ready(app)
    assert not app.exception and chosen(app) == every[1:]
    assert any(f"{path.name} was refused" in text for text in captions(app))
    path.write_bytes(whole)
    app = run_until_ready(app)
    assert not app.exception and set(chosen(app)) == set(every)


def test_whoever_chooses_otherwise_meanwhile_keeps_what_they_chose(own_folder, tmp_path):
    app = on_page("compare", {})
    every = chosen(app)
    path = own_folder / f"{every[0]}.safetensors"
    path.rename(tmp_path / "kept")
    app = run_until_ready(app)
    app.multiselect(key="variants").set_value([every[2]])
    app = run_until_ready(app)
    (tmp_path / "kept").rename(path)
    assert chosen(run_until_ready(app)) == [every[2]]


def test_bad_files_of_every_kind_leave_the_page_and_the_others_as_they_are(own_folder):
    for number, case in enumerate(SPOILT):
        if case.outcome is Outcome.REFUSED:
            case.make().write(own_folder / f"{number}.safetensors")
    (own_folder / "b\udcffd.safetensors").write_bytes(b"no text in its name")
    names = {card.name for card in list_variants(own_folder, classical=False)}
    app = on_page("compare", {})
    assert not app.exception and not app.error
    assert len(chosen(app)) == 3 and set(chosen(app)) <= names
    assert sum("was refused" in text for text in captions(app)) > 30


# Documents ---------------------------------------------------------------------------------------


@pytest.fixture
def no_documents(monkeypatch, tmp_path):
    """Every document that a page reads is of another shape, or none at all."""
    spoilt = tmp_path / "spoilt"
    spoilt.write_text('{"format": [')
    st.cache_resource.clear()
    monkeypatch.setattr(cracks.read, "__defaults__", (spoilt,))
    monkeypatch.setattr(cost.read_costs, "__defaults__", (spoilt,))
    monkeypatch.setattr(cached.measured, "leaderboard_file", lambda: spoilt)
    monkeypatch.setattr(recipes, "load_recipes", partial(recipes.load_recipes, spoilt))


def test_a_page_says_what_it_cannot_read_and_the_others_work(page, variants, no_documents):
    app = run_until_ready(at_page(page.folder, {}))
    assert not app.exception and app.title[0].value == page.title
    needs = page.folder == "leaderboard"
    assert ("'spoilt' cannot be read" in text_of(app)) == needs


def test_the_crack_scores_and_recipes_are_said_where_they_are_needed(
    variants, no_documents, monkeypatch
):
    app = on_page("attention", {"sight": "cracks"})
    assert not app.exception and "The crack scores 'spoilt' cannot be read" in text_of(app)
    monkeypatch.setattr(cached.measured, "leaderboard_file", lambda: leaderboard.RESULTS)
    app = on_page("leaderboard", {})
    assert not app.exception and "The recipes 'spoilt' are no TOML" in text_of(app)


def test_without_the_vit_the_networks_that_need_it_say_so(every, monkeypatch, tmp_path):
    monkeypatch.setattr(vit_encoder, "CHECKPOINTS", tmp_path)
    st.cache_resource.clear()
    app = on_page("compare", {"variants": ["hybrid_vit_unet", "unet"]})
    assert not app.exception
    assert any("needs the ViT" in read(error.value) for error in app.error)
