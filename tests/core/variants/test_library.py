"""Networks that a person keeps: whole or not at all, and each can be told apart and taken away."""

import io
import json
import shutil

import pytest
import torch

from core.base.files import FileError
from core.base.paths import DATA, data_folder
from core.models import build_model
from core.variants.labels import OWN
from core.variants.library import Library
from core.variants.store import save_variant


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "networks")


def weights(seed=0):
    torch.manual_seed(seed)
    return build_model("unet", width=4).state_dict()


def bring(library, seed=0, name="mine.pth", wrap=lambda state: state):
    return library.add(lambda path: torch.save(wrap(weights(seed)), path), name)


def test_a_network_is_kept_under_its_digest_and_opens_as_it_was(library):
    kept = bring(library)
    assert kept.name.startswith(OWN) and kept.label == "mine" and kept.came_as == "mine.pth"
    assert [one.name for one in library.all()] == [kept.name]
    opened = library.open(kept).module.state_dict()
    assert all(torch.equal(opened[key], value) for key, value in weights().items())
    card = kept.card
    assert card.has_network and not card.trained
    assert card.parameters == sum(value.numel() for value in weights().values())


def test_the_same_weights_wrapped_otherwise_are_the_same_network_and_keep_their_label(library):
    kept = bring(library)
    library.rename(kept, "My best")
    again = bring(library, name="other.pth", wrap=lambda state: {"state_dict": state})
    assert (again.name, again.label, again.came_as) == (kept.name, "My best", "other.pth")
    assert len(library.all()) == 1
    bring(library, name="third.ckpt")
    assert {path.suffix for path in library.folder.iterdir()} == {".ckpt", ".json"}
    assert bring(library, seed=1).name != kept.name and len(library.all()) == 2


def test_owners_name_the_same_network_apart(tmp_path):
    libraries = [Library(tmp_path / str(n), owner) for n, owner in enumerate(("", "a", "b"))]
    names = [bring(library).name for library in libraries]
    assert len(set(names)) == 3 and bring(libraries[1]).name == names[1]


def test_both_of_the_weights_in_a_file_can_be_kept(library):
    both = {"params_ema": weights(0), "params": weights(1)}
    averaged = library.add(lambda path: torch.save(both, path), "both.pth")
    plain = library.add_choice(averaged, "plain")
    assert {averaged.label, plain.label} == {"both", "both (plain)"}
    for kept, seed in ((averaged, 0), (plain, 1)):
        opened = library.open(library.find(kept.name)).module.state_dict()
        assert all(torch.equal(opened[key], value) for key, value in weights(seed).items())


def test_what_cannot_be_opened_leaves_nothing_behind(library):
    kept = bring(library)
    before = sorted(path.name for path in library.folder.iterdir())
    with pytest.raises(ValueError, match=r"bad\.pth"):
        library.add(lambda path: path.write_bytes(b"no weights"), "bad.pth")
    assert sorted(path.name for path in library.folder.iterdir()) == before
    assert library.find(kept.name).label == kept.label


def test_it_is_renamed_hidden_and_deleted(library):
    kept = bring(library)
    library.rename(kept, "  New   name ")
    assert library.find(kept.name).label == "New name"
    with pytest.raises(ValueError):
        library.rename(kept, "  ")
    library.hide(library.find(kept.name), True)
    assert library.find(kept.name).hidden and library.find(kept.name).card.hidden
    used, free = library.room()
    assert used == library.path(kept).stat().st_size and free > 0
    library.delete(kept)
    assert library.all() == [] and list(library.folder.iterdir()) == []


def test_another_noise_level_is_another_stamp(library):
    kept = bring(library)
    before = library.stamp(kept)
    library.tell_noise(kept, 0.25)
    told = library.find(kept.name)
    assert told.noise == 0.25 and library.stamp(told) != before


def test_a_loss_is_what_the_file_says_or_the_person_and_survives_bringing_it_again(
    library, make_card, tmp_path
):
    kept = bring(library)
    assert kept.loss == ""
    library.state_loss(kept, " mse+ 0.50*l1 ")
    assert library.find(kept.name).loss == "mse + 0.5*l1" == bring(library).loss
    with pytest.raises(ValueError, match="no loss 'sharp'"):
        library.state_loss(library.find(kept.name), "sharp")
    assert library.find(kept.name).loss == "mse + 0.5*l1"
    library.state_loss(library.find(kept.name), " ")
    assert library.find(kept.name).loss == ""
    own = save_variant(build_model("unet", width=4), make_card("own-file", loss="l1"), tmp_path)
    known = library.add(lambda path: shutil.copyfile(own, path), "own-file.safetensors")
    assert known.loss == library.find(known.name).loss == "l1"


def test_a_note_of_before_losses_were_kept_is_read(library):
    kept = bring(library)
    path = library.folder / f"{kept.name}.json"
    note = json.loads(path.read_text())
    del note["stated"], note["about"]["loss"]
    path.write_text(json.dumps(note))
    assert library.find(kept.name).loss == ""


def test_a_kill_between_file_and_note_leaves_nothing_half_known(library, monkeypatch):
    """What stands for the kill is no error that anything catches."""
    kept = bring(library)

    def killed(*_):
        raise SystemExit

    monkeypatch.setattr(Library, "_note", killed)
    with pytest.raises(SystemExit):
        bring(library, seed=1)
    monkeypatch.undo()
    assert [one.name for one in library.all()] == [kept.name]
    assert bring(library, seed=1).name != kept.name and len(library.all()) == 2


def test_a_disk_that_is_full_leaves_what_was_there(library, no_room, monkeypatch):
    def full(*_):
        raise FileError("'note' was not written", "the disk is full")

    kept, other = bring(library), io.BytesIO()
    torch.save(weights(1), other)
    before = {path.name: path.read_bytes() for path in library.folder.iterdir()}
    monkeypatch.setattr(Library, "_note", full)
    with pytest.raises(ValueError, match="the disk is full"):
        bring(library, seed=1)
    monkeypatch.undo()
    with no_room(100):
        for change in (
            lambda: library.add(lambda path: path.write_bytes(other.getvalue()), "other.pth"),
            lambda: library.rename(kept, "another"),
            lambda: library.tell_noise(kept, 0.5),
        ):
            with pytest.raises(ValueError, match="was not written: it is larger"):
                change()
    assert {path.name: path.read_bytes() for path in library.folder.iterdir()} == before


def test_two_servers_on_one_folder_see_what_the_other_does(library):
    other = Library(library.folder)
    kept = bring(library)
    assert [one.name for one in other.all()] == [kept.name]
    other.delete(kept)
    assert library.all() == [] and library.find(kept.name) is None
    assert library.size(kept) == 0 and library.room()[0] == 0 and library.stamp(kept)
    with pytest.raises(ValueError, match="there is no such file"):
        library.open(kept)
    library.delete(kept)
    library.rename(kept, "too late")  # a note alone is none
    assert library.all() == []


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"name": 3}', "\x00", '{"a": ' * 2000])
def test_a_bad_note_hides_no_other(library, note):
    kept = bring(library)
    (library.folder / f"{OWN}bad.json").write_text(note)
    assert [one.name for one in library.all()] == [kept.name]


def test_a_note_that_lost_its_file_or_names_one_elsewhere_is_left_out(library, tmp_path):
    kept = bring(library)
    path = library.folder / f"{kept.name}.json"
    (tmp_path / "elsewhere.pth").write_bytes(b"secret")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"file": "../elsewhere.pth"}))
    assert library.all() == []


def test_the_data_folder_is_the_environments_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv(DATA, str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.delenv(DATA)
    assert data_folder().name == "losslens"
