"""Variant files: a round trip, and every kind of bad file refused in one sentence."""

import errno
import json
import pickle
import re
import stat
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from core.models import CLASSICAL, MODELS, build_model
from core.variants.store import (
    list_variants,
    load_variant,
    read_card,
    refused_variants,
    save_variant,
    update_card,
)
from tests.core.models.test_models import TRAINED


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


def test_a_number_that_half_precision_has_not_stays_as_it_is(tmp_path, make_card):
    """Half precision ends at 65,504; beyond, rounding makes infinity of a number."""
    model = build_model("unet", width=4)
    with torch.no_grad():
        model.head.bias[1] = 7e4
        model.head.weight[0, 0, 0, 0] = 65_504.0
    path = save_variant(model, make_card("unet-test"), tmp_path)
    assert load_variant("unet-test", tmp_path).head.bias[1].item() == 7e4
    update_card("unet-test", tmp_path, seed=1)
    kept = {name for name, tensor in load_file(path).items() if tensor.dtype == torch.float32}
    assert kept == {"head.bias"}


def test_dropping_a_file_in_registers_it_and_tables_order_the_list(folder, make_card):
    for name, loss in [
        ("a-radial", "0.8*mse + 0.2*frequency_radial(weight=2)"),
        ("b-frequency", "0.8*mse + 0.2*frequency"),
        ("c-mse", "mse"),
    ]:
        save_variant(build_model("unet", width=4), make_card(name, loss=loss), folder)
    save_variant(build_model("unet", width=4), make_card("d", hidden=True), folder)
    assert [c.name for c in list_variants(folder, classical=False)] == [
        "c-mse", "unet-test", "b-frequency", "a-radial",
    ]  # fmt: skip
    assert "d" in [c.name for c in list_variants(folder, hidden=True)]


def test_a_card_can_be_changed_without_touching_the_weights(folder):
    before = load_file(folder / "unet-test.safetensors")
    update_card("unet-test", folder, validation={"metrics": {"psnr": 27.0}})
    assert read_card("unet-test", folder).validation["metrics"]["psnr"] == 27.0
    after = load_file(folder / "unet-test.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_history_without_photos_is_json_and_comes_back(folder, make_card):
    """Without validation photos the PSNR is NaN, which JSON does not know."""
    history = [{"step": 1, "mse": float("inf"), "PSNR": float("nan")}]
    save_variant(build_model("unet", width=4), make_card("blind", history=history), folder)
    with safe_open(folder / "blind.safetensors", framework="pt") as file:
        written = json.loads(file.metadata()["card"], parse_constant=pytest.fail)
    assert written["history"] == [{"step": 1, "mse": "Infinity", "PSNR": None}]
    (entry,) = read_card("blind", folder).history
    assert entry["step"] == 1 and entry["mse"] == float("inf") and entry["PSNR"] != entry["PSNR"]


def test_a_failed_write_leaves_the_old_file(folder, make_card, monkeypatch):
    good = (folder / "unet-test.safetensors").read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ValueError, match="was not written: the disk is full"):
        save_variant(build_model("unet", width=8), make_card("unet-test"), folder)
    assert (folder / "unet-test.safetensors").read_bytes() == good
    assert [path.name for path in folder.iterdir()] == ["unet-test.safetensors"]


def test_a_new_file_can_be_read_by_whom_new_files_can(folder):
    (folder / "other").touch()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert len(modes) == 1


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
    with pytest.raises(ValueError, match="'bad.safetensors' is (no safetensors file|damaged)"):
        load_variant("bad", folder)
    assert list(refused_variants(folder)) == ["bad.safetensors"]
    assert [card.name for card in list_variants(folder, classical=False)] == ["unet-test"]
    assert "payload" not in capsys.readouterr().out


def test_a_truncated_file_is_refused(folder):
    path = folder / "unet-test.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="unet-test.safetensors"):
        load_variant("unet-test", folder)


BAD_CARDS = {
    "no card": ({}, "there is no card in it"),
    "no JSON": ({"card": "{"}, "cannot be read. It is no JSON"),
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
        ("degradation", []), ("degradation", {"key": "none", "range": {"sigma": 3}}),
        ("hidden", 1),
        ("degradation", {"range": {}}), ("degradation", {"key": 3}),
        ("degradation", {"key": "none", "range": {"sigma": ["a", "b"]}}),
        ("degradation", {"key": "gaussian_noise", "switches": {"clip": 0}}),
        ("degradation", {"key": "gaussian_noise", "switches": ["clip"]}),
        ("arguments", {"encoder": 3}), ("encoder", "abc"), ("encoder", {}),
        ("history", {}), ("history", [3]), ("history", [{"mse": "much"}]), ("validation", []),
    ],
)  # fmt: skip
def test_fields_of_another_type_are_refused_by_name(folder, field, value):
    rewrite(folder, lambda tensors: None, {"card": card_json(folder, **{field: value})})
    with pytest.raises(ValueError, match=f"no sound value for .*{field}"):
        read_card("unet-test", folder)
    assert list_variants(folder, classical=False) == [] and len(refused_variants(folder)) == 1


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
        ({"loss": ""}, "Cannot read the loss ''"),
        ({"degradation": {"key": "rain"}}, "no degradation 'rain'"),
        (
            {"degradation": {"key": "gaussian_noise", "switches": {"wet": True}}},
            "no parameter 'wet'",
        ),
        ({"model": "wavelet_shrinkage"}, "holds weights for wavelet_shrinkage, which has none"),
        ({"arguments": {"depth": 3}}, "no argument 'depth'"),
        ({"arguments": {"width": 0}}, "width is 0"),
    ],
)
def test_names_that_stand_for_nothing_are_refused(folder, change, message):
    rewrite(folder, lambda tensors: None, {"card": card_json(folder, **change)})
    with pytest.raises(ValueError, match=message):
        load_variant("unet-test", folder)


@pytest.mark.parametrize("key", TRAINED)
def test_what_is_loaded_computes_what_was_saved(tmp_path, make_card, key):
    arguments = {"width": 32} if "width" in MODELS[key].defaults else {"tile": 10}
    torch.manual_seed(0)
    original = build_model(key, **arguments).eval()
    original.load_state_dict({k: v.half() for k, v in original.state_dict().items()})
    save_variant(original, make_card("a", model=key, arguments=arguments), tmp_path)
    loaded, x = load_variant("a", tmp_path), torch.rand(1, 3, 33, 40)
    assert all(p.requires_grad for p in loaded.parameters())
    with torch.no_grad():
        torch.testing.assert_close(loaded(x), original(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("model", "arguments", "message"),
    [
        ("dense_skip_dae", {"tile": 64}, "it would have more than"),  # 1.5 GB, if it were built
        ("unet", {"width": 512}, "it would have more than"),  # 2 GB
        ("unet", {"width": 20}, "but the network needs ("),
        ("unet", {"width": 10**9}, "width is 1000000000"),
        ("dense_dae", {"tile": 10**9}, "side in pixels is 1000000000"),
        ("dense_dae", {"hidden": [1] * 10**5}, "no sound value for arguments"),
        ("transformer_denoiser", {"depth": 10**9}, "depth is 1000000000"),
        ("vit_reconstructor", {"patch": 0}, "patch is 0"),
        ("vit_reconstructor", {"size": 10**9}, "size is 1000000000"),
        ("vit_reconstructor", {"width": -1}, "width is -1"),
        ("unet", {"upsampling": []}, "unhashable"),
        ("unet", {"encoder": "nobody/nothing"}, "no argument 'encoder'"),
    ],
)
def test_a_card_cannot_make_the_machine_build_what_the_file_does_not_hold(
    folder, monkeypatch, model, arguments, message
):
    def outline(*args, **kwargs):
        network = build_model(*args, **kwargs)
        assert {parameter.device.type for parameter in network.parameters()} == {"meta"}
        return network

    monkeypatch.setattr("core.variants.store.build_model", outline)
    card = card_json(folder, model=model, arguments=arguments)
    rewrite(folder, lambda tensors: None, {"card": card})
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        load_variant("unet-test", folder)
    assert "\n" not in str(caught.value)


def test_another_vit_than_the_cards_is_an_error(tmp_path, make_card):
    card = make_card(
        "hybrid", model="hybrid_vit_unet", encoder={"name": "vit-texture-tiny", "sha256": "0" * 64}
    )
    save_variant(build_model("unet", width=4), card, tmp_path)
    with pytest.raises(ValueError, match="SHA-256 000000000000…, but the one here has"):
        load_variant("hybrid", tmp_path)


# Classical variants ------------------------------------------------------------------------------


def test_classical_variants_come_last_in_any_folder_and_are_never_refused(folder):
    names = [card.name for card in list_variants(folder)]
    assert names == ["unet-test", *CLASSICAL] and len(CLASSICAL) == 19
    assert [card.trained for card in list_variants(folder)] == [True] + 19 * [False]
    assert refused_variants(folder) == {}


@pytest.mark.parametrize("name", ["blur-k3-s0", "wavelet"])
def test_a_classical_variant_loads_without_a_file(tmp_path, name):
    model = load_variant(name, tmp_path)
    assert not model.training and not list(model.parameters())
    assert list(tmp_path.iterdir()) == []
    card = read_card(name, tmp_path)
    assert card in list_variants(tmp_path)
    assert (card.loss, card.steps, card.parameters, card.validation) == ("", 0, 0, {})


def test_a_file_with_a_classical_name_is_refused_and_never_read(folder):
    path = folder / "unet-test.safetensors"
    path.rename(folder / "wavelet.safetensors")
    assert "'wavelet' is a classical variant" in refused_variants(folder)["wavelet.safetensors"]
    assert [card.name for card in list_variants(folder)] == list(CLASSICAL)
    assert not list(load_variant("wavelet", folder).parameters())


def test_a_classical_variant_is_never_written(tmp_path, make_card):
    with pytest.raises(ValueError, match="so it has no file"):
        save_variant(build_model("unet", width=4), make_card("wavelet"), tmp_path)
    with pytest.raises(ValueError, match="so it has no file"):
        update_card("wavelet", tmp_path, validation={})
    assert list(tmp_path.iterdir()) == []


# Labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "label"),
    [
        ("mse", "MSE"),
        ("0.8*mse + 0.2*regional_sharpness", "MSE + sharpness"),
        ("0.5*mse + 0.5*regional_sharpness", "MSE + sharpness"),
        ("0.8*mse + 0.2*frequency_radial(weight=2)", "MSE + radial"),
        ("0.8*mse + 0.2*frequency_radial(weight=8)", "MSE + radial (weight 8)"),
        ("mse + 0.2*ssim + 0.1*fourier", "MSE + SSIM + Fourier"),
    ],
)
def test_a_label_names_the_terms_and_their_parameters_and_no_weights(make_card, loss, label):
    assert make_card("a", loss=loss).label == f"{label} · U-Net"


@pytest.mark.parametrize(
    ("loss", "label"),
    [
        ("mse", "MSE"),
        ("0.5*mse", "0.5 MSE"),
        ("0.8*mse + 0.2*regional_sharpness", "0.8 MSE + 0.2 sharpness"),
        ("0.8*mse + 0.2*frequency_radial(weight=8)", "0.8 MSE + 0.2 radial (weight 8)"),
        ("mse + 0.1*fourier", "MSE + 0.1 Fourier"),
        ("mse + frequency", "MSE + 1 frequency"),
        ("mse + 0.2*ssim + 0.1*fourier", "MSE + 0.2 SSIM + 0.1 Fourier"),
    ],
)
def test_a_label_with_weights_says_all_but_a_one_in_front(make_card, loss, label):
    assert make_card("a", loss=loss).wording.weighted == f"{label} · U-Net"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arguments": {"width": 9, "upsampling": "resize"}}, "U-Net, resize"),
        ({"model": "vit_reconstructor", "arguments": {"patch": 32}}, "patch 32"),
        ({"degradation": {"key": "motion_blur", "range": {}}}, "U-Net, motion blur"),
        ({"degradation": {"key": "gaussian_noise", "range": {"sigma": [0.1, 0.2]}}}, "· U-Net"),
        ({"degradation": {"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]},
                          "switches": {"clip": False, "grey": False}}}, "U-Net, unclipped noise"),
        ({"degradation": {"key": "motion_blur_noise", "switches": {"grey": True}}},
         "U-Net, motion blur, grey noise"),
        ({"optimiser": "Lookahead(AdamW(lr=0.001), k=5)"}, "U-Net, Lookahead"),
        ({"model": "dense_dae", "arguments": {"tile": 14, "hidden": [384, 192]}}, "· dense"),
        ({"optimiser": "Adam(lr=0.001)", "seed": 3, "hidden": True}, "U-Net, Adam, base"),
    ],
)  # fmt: skip
def test_a_label_says_how_a_variant_is_not_usual(make_card, changes, words):
    assert make_card("a", **changes).label.endswith(words)


def test_labels_of_classical_variants_say_method_and_settings():
    labels = {card.name: card.label for card in list_variants() if not card.trained}
    assert labels["blur-k7-s0"] == "Gaussian blur 7 × 7, σ auto"
    assert labels["blur-k9-s3"] == "Gaussian blur 9 × 9, σ 3"
    assert len(set(labels.values())) == len(labels)
