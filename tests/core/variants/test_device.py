"""Where networks run: the choice, tiles that go there and back, and too little memory."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.imaging.images import Region
from core.models import build_model
from core.variants import device as module
from core.variants import restore as restoring
from core.variants import tiling
from core.variants.device import CPU, copy_on, device, device_of
from core.variants.restore import restore, restore_iter
from tests.core.models.test_models import tiny_encoder

META = torch.device("meta")
"""It stands for an accelerator: whoever forgets to move something gets an error."""
DOUBLED = 2.0


@pytest.fixture
def here(monkeypatch):
    """A function that says what kinds of devices this machine has, beside the CPU."""

    def have(*kinds: str) -> None:
        for kind in ("cuda", "mps"):
            monkeypatch.setitem(module.DEVICES, kind, lambda kind=kind: kind in kinds)

    monkeypatch.delenv(module.VARIABLE, raising=False)
    have()
    return have


@pytest.mark.parametrize(
    ("kinds", "first"), [((), "cpu"), (("mps",), "mps"), (("cuda", "mps"), "cuda")]
)
def test_the_best_that_is_here_is_taken(here, kinds, first):
    here(*kinds)
    assert device() == torch.device(first)


@pytest.mark.parametrize("asked", ["cpu", "mps", " CUDA "])
def test_the_environment_decides(here, monkeypatch, asked):
    here("cuda", "mps")
    monkeypatch.setenv(module.VARIABLE, asked)
    assert device() == torch.device(asked.strip().lower())


@pytest.mark.parametrize(
    ("asked", "told"), [("gpu", "'gpu'; it can be cpu, cuda, mps"), ("cuda", "no such device")]
)
def test_what_is_unknown_or_not_here_is_refused(here, monkeypatch, asked, told):
    monkeypatch.setenv(module.VARIABLE, asked)
    with pytest.raises(ValueError, match=f"^LOSSLENS_DEVICE is .*{told}"):
        device()


@pytest.fixture
def hybrid() -> nn.Module:
    return build_model("hybrid_vit_unet", width=4, encoder=tiny_encoder()).eval()


def tensors(model: nn.Module) -> list[torch.Tensor]:
    """Of the network and of its ViT, which is none of its modules."""
    return [t for one in (model, model.encoder) for t in one.state_dict().values()]


def test_a_copy_is_equal_and_shares_nothing(hybrid):
    copy, x = copy_on(hybrid, CPU), torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(copy(x), hybrid(x))
    mine, others = ({t.data_ptr() for t in tensors(one)} for one in (hybrid, copy))
    assert mine and not mine & others


def test_a_copy_is_on_its_device_with_its_vit_and_the_network_stays(hybrid):
    copy = copy_on(hybrid, META)
    assert {t.device.type for t in tensors(copy)} == {"meta"}
    assert {t.device.type for t in tensors(hybrid)} == {"cpu"}
    assert copy_on(hybrid, META, copy.encoder).encoder is copy.encoder


def test_a_network_without_weights_runs_on_the_cpu():
    assert device_of(nn.Identity()).type == "cpu"
    assert device_of(nn.Conv2d(3, 3, 1).to(META)) == META


def test_by_default_networks_are_moved_to_the_device(monkeypatch):
    moved = []

    class Movable(nn.Identity):
        def to(self, place):
            moved.append(place)
            return self

    monkeypatch.setattr(restoring, "loader", lambda: lambda name: Movable())
    monkeypatch.setattr(restoring, "device", lambda: META)
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(restore(x, ["a"])["a"], x) and moved == [META]
    restore(x, ["a"], load=lambda name: Movable())
    assert moved == [META]  # what somebody else holds stays where it is


class Doubling(nn.Module):
    """Twice what it is given, from weights on the meta device; it has room for some pixels."""

    def __init__(self, room: int, place: torch.device = META, *, tiled: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((1,), DOUBLED, device=place))
        self.room, self.tiled, self.seen = room, tiled, []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[-2:]
        self.seen.append((x.device.type, height, width))
        if x.device.type == "meta" and height * width > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")
        # The meta device holds no values: the pixels that its results would have are made here.
        return torch.full(x.shape, 0.5) if x.device.type == "meta" else self.weight * x


@pytest.fixture
def restored(monkeypatch):
    """A function that restores an image of a side: the output, the notes, and what ran."""
    copies = []

    def on_cpu(model: Doubling, place: torch.device) -> Doubling:
        assert place == CPU
        copies.append(Doubling(0, torch.device("cpu")))
        return copies[-1]

    monkeypatch.setattr(restoring, "copy_on", on_cpu)
    monkeypatch.setattr(restoring, "free_memory", lambda place: None)

    def run(model: nn.Module, side: int) -> tuple[torch.Tensor, torch.Tensor, list, list]:
        x, notes = torch.full((1, 3, side, side), 0.2), []
        found = restore_iter(
            x, ["it"], load=lambda name: model, on_note=lambda *note: notes.append(note)
        )
        ((_, output),) = found
        return x, output, notes, [one.seen for one in copies]

    return run


def test_tiles_run_where_the_weights_are_and_come_back(restored):
    model = Doubling(room=64 * 64)
    _, output, notes, copies = restored(model, 64)
    assert model.seen == [("meta", 64, 64)] and device_of(model) == META
    assert output.device.type == "cpu" and (output == 0.5).all()
    assert not notes and not copies


def test_without_memory_for_the_whole_it_is_cut_into_tiles(restored):
    model = Doubling(room=400 * 400)
    _, output, notes, copies = restored(model, 600)
    torch.testing.assert_close(output, torch.full_like(output, 0.5))
    assert not copies
    assert model.seen[0] == ("meta", 600, 600) and len(model.seen) > 4
    assert max(height * width for _, height, width in model.seen[1:]) <= 384 * 384
    ((name, sentence),) = notes
    assert name == "it" and "384 × 384 pixels" in sentence and "out of memory" in sentence


@pytest.mark.parametrize("tiled", [True, False])
def test_without_memory_for_tiles_it_is_restored_on_the_cpu(restored, tiled):
    model = Doubling(room=10, tiled=tiled)
    x, output, notes, copies = restored(model, 600)
    assert torch.equal(output, DOUBLED * x)
    assert len(model.seen) == (2 if tiled else 1) and device_of(model) == META
    assert copies == [[("cpu", 600, 600)]]
    ((_, sentence),) = notes
    assert "on the CPU" in sentence


def test_a_network_that_may_not_be_cut_never_is(monkeypatch):
    monkeypatch.setattr(tiling, "WHOLE_PIXELS", 40 * 40)
    monkeypatch.setattr(tiling, "TILE", 16)
    seen = {}
    for tiled in (True, False):
        model = Doubling(0, torch.device("cpu"), tiled=tiled)
        restore(torch.rand(1, 3, 200, 64), ["it"], load=lambda name, model=model: model)
        seen[tiled] = len(model.seen)
    assert seen[True] > 1 and seen[False] == 1


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("cpu", torch.OutOfMemoryError("out of memory")),
        ("meta", RuntimeError("The shapes do not fit.")),
    ],
)
def test_other_errors_are_the_networks_own(restored, place, error):
    class Failing(Doubling):
        def forward(self, x):
            raise error

    with pytest.raises(type(error)):
        restored(Failing(0, torch.device(place)), 32)


def test_mps_says_it_in_a_plain_error(restored):
    class Full(Doubling):
        def forward(self, x):
            raise RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)")

    x, output, _, copies = restored(Full(0), 32)
    assert torch.equal(output, DOUBLED * x) and len(copies) == 1


def test_a_vit_that_had_no_memory_looks_again():
    """Its failure on the whole image is not kept for those who share it."""
    tokens = restoring._SharedTokens()
    answers = iter([torch.OutOfMemoryError("full"), torch.ones(1)])

    def encoder(_):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(torch.OutOfMemoryError):
        tokens.get(encoder, 0, Region(0, 0, 8, 8), torch.ones(1))
    assert tokens.get(encoder, 0, Region(0, 0, 8, 8), torch.ones(1)) == 1


@pytest.mark.parametrize("library", [torch.backends.cudnn, torch.backends.cuda.matmul])
def test_float32_is_never_rounded_to_tf32(library):
    before, library.allow_tf32 = library.allow_tf32, True
    try:
        restore(torch.rand(1, 3, 8, 8), ["it"], load=lambda name: nn.Identity())
        assert not library.allow_tf32
    finally:
        library.allow_tf32 = before
