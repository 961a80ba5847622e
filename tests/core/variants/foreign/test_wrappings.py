"""One network, saved in every way people save: one digest, and what was taken off is said."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.models import build_model
from core.variants.foreign import open_network
from core.variants.foreign.wrappings import WRAPPINGS
from core.variants.store import save_variant


def prefixed(tensors, prefix):
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}


def on_cuda(document, path, monkeypatch):
    """Save as on a machine with a GPU: every storage is tagged with it."""
    with monkeypatch.context() as patch:
        patch.setattr(torch.serialization, "location_tag", lambda _: "cuda:0")
        torch.save(document, path)


def test_one_network_saved_twelve_ways_has_one_digest(tmp_path, unet, make_card, monkeypatch):
    half = {name: tensor.half() for name, tensor in unet.state_dict().items()}  # as our files have
    weights = {name: tensor.float() for name, tensor in half.items()}
    network = build_model("unet", width=2)
    network.load_state_dict(weights)
    other = {name: tensor + 1 for name, tensor in weights.items()}
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.rand(1, 3, 16, 16)).mean().backward()
    optimiser.step()
    network.load_state_dict(weights)
    documents = {
        "plain": weights,
        "half": half,
        "parallel": prefixed(weights, "module."),
        "compiled": {"state_dict": prefixed(weights, "_orig_mod.module.")},
        "lightning": {
            "state_dict": {**prefixed(weights, "model."), "loss.vgg.weight": torch.rand(3)},
            "epoch": 3,
            "optimizer_states": [optimiser.state_dict()],
        },
        "gan": {**prefixed(weights, "generator."), "discriminator.weight": torch.rand(3)},
        "basicsr": {"params": other, "params_ema": weights},
        "averaged": {**prefixed(other, "model."), **prefixed(weights, "ema.module.")},
        "counters": {
            "model_state_dict": {**weights, "step": torch.tensor(9), "seen": torch.arange(3)},
            "optimizer": optimiser.state_dict(),
            "best_loss": np.float64(0.25),
        },
        "running": {"module": {"n_averaged": torch.tensor(5), **prefixed(weights, "module.")}},
    }
    digests = {}
    for name, document in documents.items():
        torch.save(document, tmp_path / f"{name}.pth")
        digests[name] = open_network(tmp_path / f"{name}.pth").digest
    on_cuda({"net": weights}, tmp_path / "cuda.pt", monkeypatch)
    torch.save(weights, tmp_path / "old.ckpt", _use_new_zipfile_serialization=False)
    save_file(weights, tmp_path / "bare.safetensors")
    own = save_variant(network, make_card("unet-own", arguments={"width": 2}), tmp_path)
    for path in (tmp_path / "cuda.pt", tmp_path / "old.ckpt", tmp_path / "bare.safetensors", own):
        digests[path.stem] = open_network(path).digest
    assert len(digests) >= 12 and len(set(digests.values())) == 1, digests
    torch.save(other, tmp_path / "other.pth")
    assert open_network(tmp_path / "other.pth").digest not in digests.values()


def test_averaged_weights_come_first_and_the_others_can_be_chosen(opened, unet):
    plain = unet.state_dict()
    document = {"params": plain, "params_ema": {n: t + 1 for n, t in plain.items()}}
    ema, also, other = (opened(document, choice=choice) for choice in (None, "ema", "plain"))
    assert ema.description.choices == ("ema", "plain")
    assert ema.digest == also.digest != other.digest
    assert torch.equal(ema.module.head.bias, plain["head.bias"] + 1)
    assert torch.equal(other.module.head.bias, plain["head.bias"])
    with pytest.raises(ValueError, match="'best'.*ema, plain"):
        opened(document, choice="best")
    with pytest.raises(ValueError, match="'ema'"):
        opened(plain, choice="ema")


def test_what_was_taken_off_and_left_out_is_said(opened, unet):
    weights = {**prefixed(unet.state_dict(), "module.model."), "module.loss.w": torch.rand(2)}
    found = opened({"state_dict": weights}).description
    assert found.stripped == ('{"state_dict"}', "module.", "model.")
    assert any("left out: loss" in note for note in found.notes)
    assert not opened(unet.state_dict()).description.stripped


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_wrapping_comes_off_beside_something_else(opened, unet, wrapping):
    weights = {**prefixed(unet.state_dict(), f"{wrapping}."), "discriminator.w": torch.rand(2)}
    assert opened(weights).description.stripped == (f"{wrapping}.",)


def test_a_document_that_holds_itself_is_looked_at_once(refused):
    document = {}
    document.update({f"again{n}": document for n in range(200)})
    assert "holds no weights" in refused(document)
