"""Variant files: a round trip, and every kind of bad file refused in one sentence."""

import json
import pickle

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.checkpoints import (
    list_variants,
    load_variant,
    read_card,
    refused_variants,
    save_variant,
    update_card,
)
from core.models import build_model


@pytest.fixture
def folder(tmp_path, make_card):
    torch.manual_seed(0)
    save_variant(build_model("unet", width=4), make_card("unet-test"), tmp_path)
    return tmp_path


def rewrite(folder, change, metadata=None):
    """Change a good file's tensors or metadata in place."""
    path = folder / "unet-test.safetensors"
    tensors = load_file(path)
    card = metadata or {"card": card_json(folder)}
    change(tensors)
    save_file(tensors, path, metadata=card)


def card_json(folder, **changes):
    from dataclasses import asdict

    return json.dumps({**asdict(read_card("unet-test", folder)), **changes})


def test_a_round_trip_keeps_card_and_weights_to_half_precision(folder, make_card):
    torch.manual_seed(0)
    original = build_model("unet", width=4).eval()
    loaded = load_variant("unet-test", folder)
    assert read_card("unet-test", folder) == make_card("unet-test")
    assert not loaded.training and next(loaded.parameters()).dtype == torch.float32
    x = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(loaded(x), original(x), rtol=1e-2, atol=2e-3)


def test_dropping_a_file_in_registers_it_and_tables_order_the_list(folder, make_card):
    for name, loss in [
        ("a-radial", "0.8*mse + 0.2*frequency_radial(weight=2)"),
        ("b-frequency", "0.8*mse + 0.2*frequency"),
        ("c-mse", "mse"),
    ]:
        save_variant(build_model("unet", width=4), make_card(name, loss=loss), folder)
    save_variant(build_model("unet", width=4), make_card("d", hidden=True), folder)
    assert [c.name for c in list_variants(folder)] == [
        "c-mse", "unet-test", "b-frequency", "a-radial",
    ]  # fmt: skip
    assert "d" in [c.name for c in list_variants(folder, hidden=True)]


def test_a_card_can_be_changed_without_touching_the_weights(folder):
    before = load_file(folder / "unet-test.safetensors")
    update_card("unet-test", folder, validation={"metrics": {"psnr": 27.0}})
    assert read_card("unet-test", folder).validation["metrics"]["psnr"] == 27.0
    after = load_file(folder / "unet-test.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_failed_write_leaves_the_old_file(folder, make_card, monkeypatch):
    good = (folder / "unet-test.safetensors").read_bytes()

    def fail(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("core.checkpoints.save_file", fail)
    with pytest.raises(OSError):
        save_variant(build_model("unet", width=8), make_card("unet-test"), folder)
    assert (folder / "unet-test.safetensors").read_bytes() == good


def test_an_unknown_name_lists_what_exists(folder):
    for name in ("nothing", "../unet-test", ""):
        with pytest.raises(ValueError, match="There are: unet-test"):
            load_variant(name, folder)


def bad_weights(folder, change):
    rewrite(folder, change)
    with pytest.raises(ValueError) as caught:
        load_variant("unet-test", folder)
    return str(caught.value)


def test_wrong_shapes_are_refused(folder):
    message = bad_weights(folder, lambda t: t.update({"head.bias": torch.zeros(5)}))
    assert "'head.bias' is (5,), but the network needs (3,)" in message


def test_missing_and_unknown_tensors_are_refused(folder):
    assert "lacks tensor 'head.bias'" in bad_weights(folder, lambda t: t.pop("head.bias"))


def test_an_unknown_tensor_is_refused(folder):
    message = bad_weights(folder, lambda t: t.update({"tail": torch.zeros(1)}))
    assert "unknown tensor 'tail'" in message


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite_are_refused(folder, value):
    message = bad_weights(folder, lambda t: t["head.bias"].fill_(value))
    assert "'head.bias' holds values that are not finite" in message


class Payload:
    def __reduce__(self):
        return print, ("the payload ran",)


BAD_FILES = {
    "empty": b"",
    "pickle": pickle.dumps(Payload()),
    "no header": b"\xff" * 64,
    "huge header": (2**62).to_bytes(8, "little") + b"{}",
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_what_is_no_safetensors_file_is_refused_and_never_run(folder, kind, capsys):
    (folder / "bad.safetensors").write_bytes(BAD_FILES[kind])
    with pytest.raises(ValueError, match="'bad.safetensors' is no variant"):
        load_variant("bad", folder)
    assert list(refused_variants(folder)) == ["bad.safetensors"]
    assert [card.name for card in list_variants(folder)] == ["unet-test"]
    assert "payload" not in capsys.readouterr().out


def test_a_truncated_file_is_refused(folder):
    path = folder / "unet-test.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="unet-test.safetensors"):
        load_variant("unet-test", folder)


BAD_CARDS = {
    "no card": ({}, "no whole safetensors file with a card"),
    "no JSON": ({"card": "{"}, "no whole safetensors file with a card"),
    "a list": ({"card": "[]"}, "not of format 1"),
    "another format": ({"card": '{"format": 7}'}, "not of format 1"),
    "fields missing": ({"card": '{"format": 1, "model": "unet"}'}, "lacks arguments"),
}


@pytest.mark.parametrize("kind", BAD_CARDS)
def test_bad_cards_are_refused(folder, kind):
    metadata, message = BAD_CARDS[kind]
    rewrite(folder, lambda tensors: None, metadata or {"other": "x"})
    with pytest.raises(ValueError, match=message):
        read_card("unet-test", folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("loss", None), ("loss", 3), ("model", ["unet"]), ("arguments", None), ("steps", "many"),
        ("degradation", []), ("degradation", {"range": {"sigma": 3}}), ("hidden", 1),
        ("degradation", {"range": {"sigma": ["a", "b"]}}), ("encoder", "abc"), ("encoder", {}),
        ("history", {}), ("validation", []),
    ],
)  # fmt: skip
def test_fields_of_another_type_are_refused_by_name(folder, field, value):
    rewrite(folder, lambda tensors: None, {"card": card_json(folder, **{field: value})})
    with pytest.raises(ValueError, match=f"no sound value for .*{field}"):
        read_card("unet-test", folder)
    assert list_variants(folder) == [] and len(refused_variants(folder)) == 1


def test_arguments_that_build_nothing_are_refused(folder):
    card = {"card": card_json(folder, arguments={"width": "x"})}
    rewrite(folder, lambda tensors: None, card)
    with pytest.raises(ValueError, match="'unet-test' cannot be built from its card"):
        load_variant("unet-test", folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "gan"}, "no model 'gan'"),
        ({"loss": "beauty"}, "no loss 'beauty'"),
        ({"arguments": {"depth": 3}}, "no argument 'depth'"),
        ({"arguments": {"width": 0}}, "width is 0"),
    ],
)
def test_unknown_models_losses_and_arguments_are_refused(folder, change, message):
    rewrite(folder, lambda tensors: None, {"card": card_json(folder, **change)})
    with pytest.raises(ValueError, match=message):
        load_variant("unet-test", folder)


def test_another_vit_than_the_cards_is_an_error(tmp_path, make_card):
    card = make_card(
        "hybrid", model="hybrid_vit_unet", encoder={"name": "vit-texture-tiny", "sha256": "0" * 64}
    )
    save_variant(build_model("unet", width=4), card, tmp_path)
    with pytest.raises(ValueError, match="SHA-256 000000000000…, but the one here has"):
        load_variant("hybrid", tmp_path)
