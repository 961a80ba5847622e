"""Reading a file: numbers come out, nothing in it is run, and refusals are one sentence."""

import io
import os
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.variants.foreign import NETWORK_SUFFIXES, open_network, reading
from core.variants.foreign.numbers import NumberType, number

ANEW = 'torch.save(model.state_dict(), "weights.pt")'


class Payload:
    """Something that writes a file when a pickle with it is opened."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.write_text, (Path(self.marker), "ran")


class Shell(Payload):
    def __reduce__(self):
        return os.system, (f"touch '{self.marker}'",)


def sentence(path):
    with pytest.raises(ValueError) as caught:
        open_network(path)
    said = str(caught.value)
    assert "\n" not in said and "weights_only" not in said and path.name in said, said
    return said


@pytest.mark.parametrize("new", [True, False], ids=["archive", "bare pickle"])
@pytest.mark.parametrize("payload", [Payload, Shell])
def test_a_payload_does_not_run(tmp_path, unet, payload, new):
    marker, path = tmp_path / "marker", tmp_path / "evil.pth"
    document = {"state_dict": unet.state_dict(), "callback": payload(marker)}
    torch.save(document, path, _use_new_zipfile_serialization=new)
    said = sentence(path)
    assert not marker.exists() and ANEW in said
    torch.load(path, weights_only=False)
    assert marker.exists(), "the payload must be one that would run"


def test_a_pickle_that_is_no_file_of_pytorchs_does_not_run(tmp_path):
    marker, path = tmp_path / "marker", tmp_path / "evil.ckpt"
    path.write_bytes(pickle.dumps(Shell(marker), protocol=2))
    assert ANEW in sentence(path) and not marker.exists()


def test_a_class_is_refused_by_name_with_what_to_do(refused, unet):
    said = refused(unet)
    assert "'core.models.unet.UNet'" in said and ANEW in said


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, np.bool_, np.uint8])
def test_a_numpy_number_beside_the_weights_loads(tmp_path, unet, kind):
    path = tmp_path / "weights.pth"
    torch.save({"params": unet.state_dict(), "best": kind(1)}, path)
    document, _ = reading.read_document(path)
    assert document["best"] == 1 and not isinstance(document["best"], np.generic)
    assert open_network(path).description.parameters


@pytest.mark.parametrize(("order", "value"), [(">", 258), ("<", 513)])
def test_numbers_keep_their_byte_order(order, value):
    kind = NumberType("i2", False, True)
    kind.__setstate__((3, order, None, None, None, -1, -1, 0))
    assert number(kind, b"\1\2") == value


def test_numpy_objects_and_records_are_no_numbers(tmp_path):
    path = tmp_path / "weights.pth"
    record = np.array([(1, 2)], dtype=[("a", "i4"), ("b", "i4")])[0]
    for value in (record, np.array(["text"])[0]):
        torch.save({"best": value}, path)
        sentence(path)


def test_a_torchscript_program_is_refused(tmp_path):
    path = tmp_path / "program.pt"
    with pytest.warns(DeprecationWarning):
        torch.jit.trace(nn.Conv2d(3, 3, 3), torch.rand(1, 3, 8, 8)).save(path)
    assert "TorchScript" in sentence(path) and ANEW in sentence(path)


def test_an_exported_program_is_refused_whatever_its_name(tmp_path):
    program = torch.export.export(nn.Conv2d(3, 3, 3), (torch.rand(1, 3, 8, 8),))
    for name in ("program.pt2", "program.pt", "program.pth"):
        # The library takes no other name than its own.
        torch.export.save(program, tmp_path / "written.pt2")
        os.replace(tmp_path / "written.pt2", tmp_path / name)
        assert "torch.export" in sentence(tmp_path / name)
    assert ".pt2" not in NETWORK_SUFFIXES


def test_the_oldest_format_is_refused(tmp_path):
    path = tmp_path / "old.pth"
    with tarfile.open(path, "w") as archive:
        for name in ("pickle", "sys_info", "storages", "tensors"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    assert "tar" in sentence(path)


def test_files_over_the_bound_are_refused(tmp_path, unet, monkeypatch):
    path = tmp_path / "large.pth"
    with path.open("wb") as file:
        file.truncate(reading.MOST_BYTES + 10**8)  # sparse: takes no room
    assert "2.1 GB" in sentence(path)
    packed = tmp_path / "packed.pth"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights/data.pkl", bytes(10**6))
    monkeypatch.setattr(reading, "MOST_BYTES", 10**5)
    assert packed.stat().st_size < 10**5 and "GB" in sentence(packed)


def test_one_number_that_stands_for_millions_is_refused(tmp_path):
    path = tmp_path / "expanded.pth"
    torch.save({"head.weight": torch.zeros(1).expand(100_000, 100_000)}, path)
    assert path.stat().st_size < 10**4 and "40.0 GB" in sentence(path)


@pytest.mark.parametrize("header", [2**62, 2 * 10**7, 0])
def test_an_absurd_header_is_refused(tmp_path, header):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(struct.pack("<Q", header) + b"{}" * 20)
    assert f"{header:,}" in sentence(path)


def test_damaged_files_are_refused(tmp_path, unet):
    path = tmp_path / "weights.pth"
    torch.save(unet.state_dict(), path)
    whole = path.read_bytes()
    for name, data in {
        "half.pth": whole[: len(whole) // 2],
        "empty.pth": b"",
        "text.pth": b"no weights at all",
        "short.safetensors": b"abc",
        "noise.safetensors": struct.pack("<Q", 10) + bytes(range(60)),
        "picture.png": b"png",
        "no-suffix": whole,
    }.items():
        (tmp_path / name).write_bytes(data)
        sentence(tmp_path / name)
    sentence(tmp_path / "absent.pth")


def test_what_is_no_weights_is_refused(refused, unet):
    sparse = torch.eye(3).to_sparse()
    for document in (torch.rand(3), [1], {}, {"step": torch.tensor(3)}, {"weight": sparse}):
        assert "holds no weights" in refused(document)
    assert "not finite" in refused({**unet.state_dict(), "head.bias": torch.full((3,), torch.nan)})
