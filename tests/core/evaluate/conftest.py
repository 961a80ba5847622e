"""Pictures, variants and the command of an evaluation."""

import pyarrow.parquet as pq
import pytest
import torch

from core.evaluate import __main__ as command
from core.evaluate import chunks, run
from core.models import build_model
from core.variants.store import save_variant
from tests.core.evaluate.pictures import QUICK, save


@pytest.fixture
def photos(tmp_path):
    """Seven small pictures of three sizes, two of them in a folder of their own."""
    folder = tmp_path / "photos"
    for number, name in enumerate(["c.png", "a.png", "b.png", "x/e.png", "x/d.png", "f.png"]):
        save(folder / name, number, width=32 + 8 * (number == 2))
    save(folder / "g.png", 9, 40, 48)
    return folder


@pytest.fixture
def variants(tmp_path, make_card):
    folder = tmp_path / "checkpoints"
    for number, name in enumerate(["unet-test", "unet-two"]):
        torch.manual_seed(number)
        save_variant(build_model("unet", width=4), make_card(name), folder)
    return folder


@pytest.fixture
def evaluate(variants, tmp_path):
    """A function that runs the command and gives its table; options may repeat."""

    def call(*options, out="table.parquet", code=0):
        given = [*map(str, options), "--checkpoints", str(variants), "--out", str(tmp_path / out)]
        assert command.main(given) == code
        return pq.read_table(tmp_path / out, partitioning=None) if code == 0 else None

    return call


@pytest.fixture
def chunks_of_two(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 2)


@pytest.fixture
def half_done(evaluate, photos, chunks_of_two, monkeypatch):
    """The parts of a run that ended in its second chunk."""
    write = chunks.Parts.write

    def once(self, chunk, *found):
        if chunk == 1:
            raise OSError("The disk is full.")
        write(self, chunk, *found)

    monkeypatch.setattr(chunks.Parts, "write", once)
    evaluate(photos, *QUICK, "--threads", 1, code=2)
    monkeypatch.setattr(chunks.Parts, "write", write)
