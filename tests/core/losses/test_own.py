"""Losses of a person's own: what is taken, what is refused in a sentence, what a recipe needs."""

from __future__ import annotations

import hashlib
import importlib.util
import keyword
import re

import pytest
import torch

from core.base.own_losses import OWN_LOSSES, own_folder
from core.base.paths import DATA
from core.losses import LOSSES, known_losses, named_terms, new, parse_loss
from core.losses.own import check_own, own_in
from core.train.recipes import Recipe, load_recipes
from core.train.tasks import check_recipe
from core.variants.card import Card, untrained
from tests.corpus.case import Outcome
from tests.corpus.own_losses import CASES

GOOD = """def {name}(output, target, weight=2.0):
    return weight * (output - target).abs().mean((1, 2, 3))
"""
CUT = """def {name}(output, target):
    return (output - target)[..., :32, :40].reshape(-1, 3840).abs().mean(1)
"""


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """The folder of own losses, which may be run."""
    monkeypatch.setenv(DATA, str(tmp_path))
    monkeypatch.setenv(OWN_LOSSES, "1")
    own_folder().mkdir()
    return own_folder()


def written(folder, name, text=GOOD):
    path = folder / f"{name}.py"
    path.write_text(text.replace("{name}", name), "utf8")
    return path


def pair():
    return torch.rand(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_a_file_is_a_loss_like_those_of_the_table(folder):
    path = written(folder, "mine")
    loss = parse_loss("0.5*mse + 0.25*mine(weight=4)")
    output, target = pair()
    expected = 0.5 * LOSSES["mse"](output, target) + LOSSES["l1"](output, target)
    torch.testing.assert_close(loss(output, target), expected.mean())
    spec = known_losses()["mine"]
    assert spec.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert spec.defaults == {"weight": 2.0} and "mine.py" in spec.reference
    assert list(known_losses()) == [*LOSSES, "mine"] and "mine" not in LOSSES
    with pytest.raises(ValueError, match="no parameter 'speed'.*weight"):
        parse_loss("mine(speed=1)")


def test_nothing_is_run_unless_the_command_says_so(folder, monkeypatch):
    mark = folder / "mark"
    written(folder, "mine", f"open({str(mark)!r}, 'w')\n{GOOD}")
    monkeypatch.delenv(OWN_LOSSES)
    with pytest.raises(ValueError, match="--own-losses"):
        parse_loss("mine")
    assert list(known_losses()) == list(LOSSES) and not mark.exists()
    monkeypatch.setenv(OWN_LOSSES, "1")
    assert parse_loss("mine").expression == "mine" and mark.exists()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_of_the_corpus_is_told_in_one_sentence_and_hides_no_other(case, folder):
    name, text = case.make()
    (folder / name).write_text(text, "utf8")
    written(folder, "mine")
    known = known_losses()
    assert "mine" in known and parse_loss("mine")(*pair()) > 0
    if case.outcome is Outcome.IGNORED:
        assert not known.refused and list(known) == [*LOSSES, "mine"]
        return
    (said,) = known.refused.values()
    assert re.search(case.expected, said) and "\n" not in said and said.endswith(".")
    assert list(known.refused) == [name] and f"'{name}'" in said
    key = name.removesuffix(".py")
    if key not in LOSSES and re.fullmatch(r"[a-z]+", key) and not keyword.iskeyword(key):
        with pytest.raises(ValueError, match=re.escape(said)):
            parse_loss(f"mse + {key}")


def test_what_fails_on_other_pictures_only_is_a_sentence_too(folder):
    written(folder, "mine", CUT)
    with pytest.raises(ValueError, match=r"'mine.py' fails on images \(2, 3, 8, 8\)"):
        parse_loss("mine")(*pair()[..., :8, :8])


def test_a_file_is_run_once_and_again_when_it_changes(folder):
    runs = folder / "runs"
    path = written(folder, "mine", f"open({str(runs)!r}, 'a').write('.')\n{GOOD}")
    first = [parse_loss("mine") for _ in range(3)][0]
    assert runs.read_text() == "."
    path.write_text(GOOD.format(name="mine").replace("2.0", "3.0"), "utf8")
    second = parse_loss("mine")
    torch.testing.assert_close(second(*pair()), 1.5 * first(*pair()))
    with pytest.raises(ValueError, match="another one now"):
        check_own(second, own_in(first))
    check_own(second, own_in(second))


def test_a_recipe_says_which_file_it_needs(folder, tmp_path):
    written(folder, "mine")
    needed = own_in(parse_loss("mine"))
    recipe = Recipe("r", model="cnn", loss="0.5*mine + mse", own_losses=needed)
    check_recipe(recipe)
    file = tmp_path / "recipes.toml"
    file.write_text(
        f'[r]\nmodel = "cnn"\nloss = "mine"\nown_losses = {{mine = "{needed["mine"]}"}}\n'
    )
    assert load_recipes(file).table["r"].own_losses == needed
    written(folder, "mine", GOOD.replace("2.0", "9.0"))
    with pytest.raises(ValueError, match=f"'r'.*mine.py is another.*{needed['mine'][:12]}"):
        check_recipe(recipe)


def test_a_card_has_its_label_though_the_file_is_gone(folder):
    facts = untrained() | {"loss": "mse + mine", "own_losses": {"mine": "0" * 64}}
    card = Card("v", "unet", {}, parameters=1, **facts)
    assert card.label.startswith("MSE + mine · U-Net")
    assert card.order[1] == [0, len(LOSSES)]
    with pytest.raises(ValueError, match="no loss 'mine'"):
        named_terms("mse + mine")
    with pytest.raises(ValueError, match="mine.py of the loss 'mine' is not here"):
        named_terms("mine", ["mine"])[0].loss(*pair())


# The template ------------------------------------------------------------------------------------


def test_the_template_is_a_loss_and_keeps_its_own_test(folder, capsys):
    assert new.main(["my_loss"]) == 0
    said = capsys.readouterr().out
    loss, test = folder / "my_loss.py", folder / "test_my_loss.py"
    assert str(loss) in said and str(test) in said and "--own-losses" in said
    spec = known_losses()["my_loss"]
    assert spec.label == "my loss" and r"\hat x" in spec.tex and not known_losses().refused
    torch.testing.assert_close(spec(*pair()), LOSSES["l1"](*pair()))
    made = importlib.util.spec_from_file_location("template_test", test)
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    laws = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert len(laws) == 4
    for law in laws:
        law()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mse", "has the name of one that exists"),
        ("My-Loss", "small letters"),
        ("test_it", "so tests begin"),
        ("twice", "already; nothing was written"),
    ],
)
def test_a_bad_name_for_the_template_ends_with_code_2_and_one_sentence(folder, capsys, name, said):
    written(folder, "twice")
    assert new.main([name]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["twice.py"]


def test_a_card_may_give_an_own_loss_parameters_that_only_its_file_knows(make_card):
    """Where the file is not here, or may not be run, the card is still read and labelled."""
    loss = "mse + 0.1*somebodys_loss(weight=2, window=8)"
    card = make_card("mine", loss=loss, own_losses={"somebodys_loss": "0" * 64})
    assert card.terms and "somebodys_loss" in card.label
