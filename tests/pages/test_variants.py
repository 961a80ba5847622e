"""The Variants page: networks that are brought, and every card."""

import io

import pytest
import torch

from core.base.paths import DATA
from core.models import build_model
from pages.shared import cached, own
from pages.shared.own import PRIVATE
from pages.shared.workbench import BENCH
from tests.pages.conftest import at_page, on_page, read, run_until_ready, text_of


@pytest.fixture
def shared(monkeypatch, tmp_path):
    """A server of one person, whose data folder is the test's."""
    monkeypatch.setenv(PRIVATE, "0")
    monkeypatch.setenv(DATA, str(tmp_path / "data"))
    return tmp_path / "data"


def weights(seed: int = 0) -> bytes:
    torch.manual_seed(seed)
    file = io.BytesIO()
    torch.save({"state_dict": build_model("unet", width=4).state_dict()}, file)
    return file.getvalue()


def bring(app, data: bytes, name: str = "mine.pth"):
    app.file_uploader(key="bring_network").upload(name, data)
    return run_until_ready(app)


def start():
    return run_until_ready(at_page("variants", {}))


def test_a_network_stands_beside_the_others_on_the_next_page(variants, shared):
    app = bring(start(), weights())
    assert not app.exception and not app.error
    [kept] = own.Library(shared / "networks").all()
    assert kept.label in text_of(app) and "61 × 47" in text_of(app)
    compared = on_page("compare", {"variants": ["unet-mse", kept.label]})
    assert [card.name for card in compared.session_state[BENCH].networks] == [
        "unet-mse",
        kept.name,
    ]
    output = cached.variants.model(kept.name)(torch.rand(1, 3, 40, 48))
    assert output.shape == (1, 3, 40, 48)
    assert not compared.exception and not compared.error


@pytest.mark.parametrize("folder", ["compare", "artifacts", "spectrum", "attention"])
def test_every_page_takes_a_network_that_was_brought(variants, shared, folder):
    bring(start(), weights())
    [kept] = own.Library(shared / "networks").all()
    app = on_page(folder, {"variants": kept.name})
    assert not app.exception and not app.error
    assert [card.name for card in app.session_state[BENCH].cards] == [kept.name]


def test_what_is_refused_is_one_sentence_and_keeps_what_was_there(variants, shared):
    app = bring(start(), weights())
    app = bring(app, b"no weights at all", "bad.pth")
    [error] = app.error
    assert "bad.pth" in read(error.value) and not app.exception
    assert len(own.Library(shared / "networks").all()) == 1


def test_it_is_renamed_hidden_and_deleted(variants, shared):
    app = bring(start(), weights())
    library = own.Library(shared / "networks")
    [kept] = library.all()
    app.text_input(key=f"rename_{kept.name}").set_value("My best")
    app = run_until_ready(app)
    assert library.find(kept.name).label == "My best" and "My best" in text_of(app)
    app.button(key=f"hide_{kept.name}").click()
    app = run_until_ready(app)
    assert library.find(kept.name).hidden
    assert kept.name not in own.own_cards() and kept.name in own.own_cards(hidden=True)
    app.button(key=f"delete_{kept.name}").click()
    app = run_until_ready(app)
    assert library.all() == [] and not app.exception


def test_what_its_loss_cannot_see_is_shown_once_the_loss_is_stated(variants, shared):
    app = bring(start(), weights())
    [kept] = own.Library(shared / "networks").all()
    field = f"loss_{kept.name}"
    assert "is not known" in text_of(app) and not tables_of(app)
    app.text_input(key=field).set_value("frequencies")
    app = run_until_ready(app)
    assert "no loss 'frequencies'" in read(app.error[0].value) and not tables_of(app)
    app.text_input(key=field).set_value("0.5*frequency+frequency")
    app = run_until_ready(app)
    assert not app.error and not app.exception and "is not known" not in text_of(app)
    [table] = tables_of(app)
    assert "0.5*frequency + frequency" in table and table.count("0 · blind") >= 2
    assert "turned by 180°" in text_of(app)
    app.text_input(key=field).set_value("mse")
    app = run_until_ready(app)
    assert "0 · blind" not in tables_of(app)[0] and "sees each of these" in text_of(app)
    app.text_input(key=field).set_value("")
    assert "is not known" in text_of(run_until_ready(app))


def test_a_loss_that_the_file_tells_is_not_asked_for(variants, shared, variants_folder):
    file = variants_folder / "unet-frequency.safetensors"
    app = bring(start(), file.read_bytes(), "theirs.safetensors")
    [kept] = own.Library(shared / "networks").all()
    assert kept.loss == "0.8*mse + 0.2*frequency" in tables_of(app)[0]
    assert f"loss_{kept.name}" not in [one.key for one in app.text_input]


def tables_of(app) -> list[str]:
    return [one.proto.body for one in app.get("html") if "<table>" in one.proto.body]


def test_the_plain_weights_of_a_file_are_taken_beside_the_averaged(variants, shared):
    file = io.BytesIO()
    torch.manual_seed(0)
    both = {name: build_model("unet", width=4).state_dict() for name in ("params_ema", "params")}
    torch.save(both, file)
    app = bring(start(), file.getvalue())
    [kept] = own.Library(shared / "networks").all()
    app.button(key=f"take_plain_{kept.name}").click()
    app = run_until_ready(app)
    names = {one.label for one in own.Library(shared / "networks").all()}
    assert names == {"mine", "mine (plain)"} and not app.exception


def test_a_network_of_a_private_visit_is_not_anothers(variants, monkeypatch, tmp_path):
    monkeypatch.setenv(PRIVATE, "1")
    monkeypatch.setenv(DATA, str(tmp_path / "data"))
    app = bring(start(), weights())
    assert "mine" in text_of(app)
    assert "mine" not in text_of(start())
    assert not (tmp_path / "data").exists()


def test_a_network_that_was_deleted_meanwhile_says_so(variants, shared):
    bring(start(), weights())
    [kept] = own.Library(shared / "networks").all()
    own.Library(shared / "networks").path(kept).write_bytes(b"broken")
    app = on_page("compare", {"variants": kept.name})
    assert not app.exception
    assert any(kept.label in read(error.value) for error in app.error)


def test_every_card_is_shown_in_full(variants):
    app = on_page("variants", {"entries": "all", "card": "unet-frequency"})
    assert "0.8*mse + 0.2*frequency" in text_of(app) and "unet-frequency" in text_of(app)
