"""The rows of sets: what they open is whole, and what is kept would be seen."""

from mmap import mmap

import numpy as np
import pytest

from core.bench import Differs, sets
from core.imaging.images import encode_png
from core.sets import SetPicture, open_set
from tests.core.apart import run_apart

FEW, SIDE = 12, 512


def test_the_set_is_whole_and_its_names_differ(tmp_path):
    found = open_set([sets.write_set(tmp_path / "set", FEW)])
    sets.check_whole(found, FEW)
    assert found.methods == ("DnCNN", "ours")
    assert len({path.name for path in found[3].files.values()}) == len(sets.FILES)
    assert sets.opening(FEW) > 0


@pytest.mark.parametrize("gone", ["gt/3.png", "ours/3_out.png"])
def test_a_set_that_lacks_a_file_is_not_measured(tmp_path, gone):
    folder = sets.write_set(tmp_path / "set", FEW)
    (folder / gone).unlink()
    with pytest.raises(Differs, match="12"):
        sets.check_whole(open_set([folder]), FEW)


def test_memory_that_is_kept_is_seen(tmp_path, monkeypatch):
    folder = sets.write_set(tmp_path / "set", FEW, encode_png(np.zeros((SIDE, SIDE, 3), np.uint8)))
    kept, read = [], SetPicture.clean.fget

    def keep(picture):
        # Pages of its own: an allocator may have memory left that was counted before.
        kept.append(mmap(-1, read(picture).nbytes))
        kept[-1].write(read(picture).tobytes())

    monkeypatch.setattr(SetPicture, "clean", property(keep))
    assert sets.stepping_growth(folder, FEW, warm_up=2) > 0.5 * (FEW - 3) * SIDE**2 * 3 / 1e3


def test_stepping_runs_in_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr(sets, "run_python", lambda code, _: run_apart(code))
    assert sets.stepping_memory(count=24, side=32) < 16_000
