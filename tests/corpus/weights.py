"""Files of weights.

What a case makes is put into a folder: `put(folder)` gives the path.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from core.models import build_model
from core.variants.card import FORMAT, Card

from .case import Case, Outcome


@dataclass(frozen=True)
class File:
    """A name, and what puts a file there."""

    name: str
    write: Callable[[Path], object]

    def put(self, folder: Path) -> Path:
        path = folder / self.name
        self.write(path)
        return path


@cache
def _network() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return build_model("unet", width=2).state_dict()


def weights(**changes: Tensor | None) -> dict[str, Tensor]:
    """A small U-Net's, with changes by name; None leaves a tensor out."""
    changed = {name.replace("__", "."): value for name, value in changes.items()}
    return {n: value for n, value in {**_network(), **changed}.items() if value is not None}


# Pickles -----------------------------------------------------------------------------------------


class Call:
    """A pickle of it calls a function when it is opened without care."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def _saved(document: Callable[[], Any], name: str = "weights.pth", **options: Any) -> File:
    return File(name, lambda path: torch.save(document(), path, **options))


def _bytes(data: Callable[[], bytes], name: str = "weights.pth") -> File:
    return File(name, lambda path: path.write_bytes(data()))


def _whole() -> bytes:
    file = io.BytesIO()
    torch.save(weights(), file)
    return file.getvalue()


def _zip(members: Mapping[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in ("pickle", "sys_info", "storages", "tensors"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return file.getvalue()


def _laughs() -> Any:
    """One list in two places of another, forty times: a million million places."""
    value: Any = {"weight": torch.zeros(2)}
    for _ in range(40):
        value = [value, value]
    return {"all": value}


def _rings() -> Any:
    """A mapping that holds itself."""
    value: dict[str, Any] = {"weight": torch.zeros(2)}
    value["again"] = value
    return value


def _lying_storage() -> bytes:
    """A storage of 10^15 numbers, by its length in the pickle."""
    with zipfile.ZipFile(io.BytesIO(_whole())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name in members if name.endswith("data.pkl"))
    length = b"\x8a\x07" + (10**15).to_bytes(7, "little")
    assert b"K\x03tq" in members[name]  # where the length of the bias stands
    return _zip({**members, name: members[name].replace(b"K\x03tq", length + b"tq")})


def _refused(name: str, file: Callable[[], File], said: str = "") -> Case:
    return Case(name, Outcome.REFUSED, file, said)


def _shown(name: str, file: Callable[[], File], said: str = "U-Net") -> Case:
    return Case(name, Outcome.SHOWN, file, said)


def _pickles() -> Iterator[Case]:
    runs = {
        "os.system": Call(os.system, "true"),
        "eval": Call(eval, "1"),
        "exec": Call(exec, "1"),
        "getattr": Call(getattr, "", "join"),
        "open": Call(open, os.devnull),
        "torch.load itself": Call(torch.load, os.devnull),
        "numpy.load": Call(np.load, os.devnull),
    }
    for what, call in runs.items():
        yield _refused(
            f"a pickle beside weights that calls {what}",
            lambda call=call: _saved(lambda: {"params": weights(), "callback": call}),
            "more than weights",
        )
    yield _refused(
        "the same in PyTorch's older format, which is a bare pickle",
        lambda: _saved(
            lambda: {"params": weights(), "callback": runs["os.system"]},
            _use_new_zipfile_serialization=False,
        ),
        "more than weights",
    )
    yield _refused(
        "a pickle that PyTorch did not write, which runs a command",
        lambda: _bytes(lambda: pickle.dumps(runs["os.system"], protocol=2), "weights.ckpt"),
        "weights",
    )
    yield _refused(
        "a whole network, pickled with its class",
        lambda: _saved(lambda: build_model("unet", width=2)),
        "core.models.unet.UNet",
    )
    yield _refused(
        "an array of Python objects",
        lambda: _saved(lambda: {"weight": np.array([{}], dtype=object)}),
    )
    yield _refused(
        "a TorchScript program",
        lambda: _bytes(lambda: _zip({"m/code/__torch__.py": b"", "m/constants.pkl": b""})),
        "TorchScript",
    )
    yield _refused(
        "a program of torch.export under another name",
        lambda: _bytes(lambda: _zip({"m/archive_format": b"pt2", "m/models/model.json": b"{}"})),
        "torch.export",
    )
    yield _refused("a program of torch.export", lambda: _bytes(_whole, "weights.pt2"), "export")
    yield _refused("PyTorch's oldest format, a tar", lambda: _bytes(_tar, "old.pth"), "tar")
    yield _refused(
        "lists within lists, 100,000 deep",
        lambda: _bytes(lambda: b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."),
    )
    yield _refused(
        "lists that hold one list twice, forty times over", lambda: _saved(_laughs), "no weights"
    )
    yield _refused("a mapping that holds itself", lambda: _saved(_rings), "none of")
    yield _refused("a storage longer than any disk", lambda: _bytes(_lying_storage))
    yield _refused(
        "a name of 100,000 characters",
        lambda: _saved(lambda: {"w" * 100_000: torch.zeros(3, 3)}),
        "no weights",
    )
    yield _refused(
        "a name with half a character",
        lambda: _saved(lambda: {"weight\ud800": torch.zeros(3, 3)}),
        "no weights",
    )


# Archives and other bytes ------------------------------------------------------------------------


def _lying_sizes() -> bytes:
    """Every member's unpacked size stands as 5 in the list at the end."""
    data, start = bytearray(_whole()), 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        data[start + 24 : start + 28] = struct.pack("<I", 5)
        start += 4
    return bytes(data)


def _archives() -> Iterator[Case]:
    bomb = {"m/data.pkl": bytes(32 * 2**20), "m/version": b"3"}
    yield _refused(
        "a zip bomb: 32 MB of zeros in 32 kB",
        lambda: _bytes(lambda: _zip(bomb, zipfile.ZIP_DEFLATED)),
        "packs 33,554,433 bytes into",
    )
    yield _refused("an archive whose sizes lie", lambda: _bytes(_lying_sizes))
    yield _refused("an archive without a pickle", lambda: _bytes(lambda: _zip({"m/a": b"x"})))
    yield _refused(
        "an archive with a name that leads out",
        lambda: _bytes(lambda: _zip({"../../data.pkl": b"\x80\x02}."})),
    )
    yield _refused("an archive of nothing", lambda: _bytes(lambda: _zip({})))
    yield _refused("half of an archive", lambda: _bytes(lambda: _whole()[: len(_whole()) // 2]))
    yield _refused("an archive but for its last byte", lambda: _bytes(lambda: _whole()[:-1]))
    yield _refused("an empty file", lambda: _bytes(bytes), "empty")
    yield _refused("one byte", lambda: _bytes(lambda: b"\x80"))
    yield _refused("a text", lambda: _bytes(lambda: b"no weights at all"))
    yield _refused("a picture", lambda: _bytes(lambda: b"\x89PNG\r\n\x1a\n" + bytes(99)))
    yield _refused("a file whose name ends otherwise", lambda: _bytes(_whole, "a.h5"), ".pth")
    yield _refused("a file whose name has no end", lambda: _bytes(_whole, "weights"), ".pth")


# Tensors -----------------------------------------------------------------------------------------


def _tensors() -> Iterator[Case]:
    for name, value in (("NaN", torch.nan), ("infinity", torch.inf), ("-infinity", -torch.inf)):
        yield _refused(
            f"a weight that is {name}",
            lambda value=value: _saved(lambda: weights(head__bias=torch.full((3,), value))),
            "not finite",
        )
    strange = {
        "whole numbers": torch.zeros(3, dtype=torch.int64),
        "complex numbers": torch.zeros(3, dtype=torch.complex64),
        "truth values": torch.zeros(3, dtype=torch.bool),
        "numbers without a value, on no device": torch.zeros(3, device="meta"),
        "quantized numbers": torch.quantize_per_tensor(torch.zeros(3), 0.1, 0, torch.qint8),
        "sparse numbers": torch.zeros(3).to_sparse(),
        "no numbers": torch.zeros(0),
        "a number too few": torch.zeros(2),
        "an axis too many": torch.zeros(3, 1),
    }
    for what, value in strange.items():
        yield _refused(
            f"a network with {what} in one tensor",
            lambda value=value: _saved(lambda: weights(head__bias=value)),
            "head.bias",
        )
    yield _refused(
        "a network without one tensor", lambda: _saved(lambda: weights(head__bias=None)), "missing"
    )
    yield _refused(
        "a network with a tensor too many",
        lambda: _saved(lambda: weights(tail__bias=torch.zeros(3))),
        "extra",
    )
    yield _refused("a tensor alone", lambda: _saved(lambda: torch.zeros(3)), "no weights")
    yield _refused("nothing", lambda: _saved(dict), "no weights")
    yield _refused("only a counter", lambda: _saved(lambda: {"step": torch.tensor(3)}))
    yield _refused(
        "no architecture that is known", lambda: _saved(lambda: {"a.weight": torch.zeros(3, 3)})
    )
    yield _refused(
        "one number that stands for ten thousand million",
        lambda: _saved(lambda: {"head.weight": torch.zeros(1).expand(100_000, 100_000)}),
        "40.0 GB",
    )
    yield _refused(
        "a published architecture with layer 1,000,000,000",
        lambda: _saved(
            lambda: {
                "conv_first.weight": torch.zeros(8, 3, 3, 3),
                "body.1000000000.rdb1.conv1.weight": torch.zeros(4, 8, 3, 3),
                "RRDB_trunk.1000000000.RDB1.conv1.weight": torch.zeros(4, 8, 3, 3),
                "layers.1000000000.residual_group.blocks.0.norm1.weight": torch.zeros(8),
            }
        ),
    )
    wrapped = {
        "a plain state dict": lambda: weights(),
        "a state dict in a container": lambda: {"state_dict": weights(), "epoch": 3},
        "names behind a prefix": lambda: {f"module.{n}": v for n, v in weights().items()},
        "an average beside it": lambda: {"params_ema": weights(), "params": weights()},
        "NumPy's numbers beside it": lambda: {"params": weights(), "best": np.float64(26.5)},
        "half precision": lambda: {n: v.half() for n, v in weights().items()},
        "bfloat16": lambda: {n: v.bfloat16() for n, v in weights().items()},
        "double precision": lambda: {n: v.double() for n, v in weights().items()},
        "tensors that are views": lambda: {n: v.clone().T.T for n, v in weights().items()},
        "text that is no ASCII beside it": lambda: {"params": weights(), "naïve": "é😀"},
    }  # fmt: skip
    for what, document in wrapped.items():
        yield _shown(f"a network: {what}", lambda document=document: _saved(document))
    yield _shown(
        "a network in PyTorch's older format",
        lambda: _saved(weights, _use_new_zipfile_serialization=False),
    )


# Safetensors -------------------------------------------------------------------------------------


def packed(header: Any, data: bytes = b"") -> bytes:
    """A safetensors file with this header: text as it is, else as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _sparse(size: int, length: int) -> Callable[[Path], None]:
    """A file of so many bytes that takes no room, its header said to be of `length`."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(struct.pack("<Q", length) + b"{")
            file.truncate(size)

    return write


def _headers() -> Iterator[Case]:
    one = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    files: dict[str, Callable[[], bytes]] = {
        "a header of no bytes": lambda: packed(b""),
        "a header of 2^62 bytes": lambda: struct.pack("<Q", 2**62) + b"{}",
        "a header beyond its file": lambda: packed({"a": one}, bytes(4))[:20],
        "a length cut off": lambda: b"\x01\x00",
        "a header that is no JSON": lambda: packed(b"{nothing", bytes(8)),
        "a header that is no text": lambda: packed(b"\xff\xfe\xfd" * 5),
        "a header that is a list": lambda: packed([one]),
        "a header nested 50,000 deep": lambda: packed(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        "a name with half a character": lambda: packed(b'{"\\ud800": {}}'),
        "a tensor without a shape": lambda: packed({"a": {"dtype": "F32"}}),
        "a shape of a million million": lambda: packed(
            {"a": {**one, "shape": [10**6, 10**6]}}, bytes(4)
        ),
        "a side of -1": lambda: packed({"a": {**one, "shape": [-1]}}, bytes(4)),
        "a side that is no number": lambda: packed({"a": {**one, "shape": ["x"]}}, bytes(4)),
        "a side of 80 bits": lambda: packed({"a": {**one, "shape": [2**80]}}, bytes(4)),
        "a type that does not exist": lambda: packed({"a": {**one, "dtype": "F99"}}, bytes(4)),
        "places outside the file": lambda: packed({"a": {**one, "data_offsets": [0, 400]}}),
        "places that overlap": lambda: packed(
            {"a": one, "b": {**one, "data_offsets": [2, 6]}}, bytes(6)
        ),
        "places that run backwards": lambda: packed({"a": {**one, "data_offsets": [4, 0]}}),
        "more data than the header says": lambda: packed({"a": one}, bytes(400)),
        "less data than the header says": lambda: packed({"a": one}, bytes(2)),
        "metadata that is no text": lambda: packed({"__metadata__": {"card": 3}}),
        "no tensor at all": lambda: packed({}),
        "a pickle in its place": lambda: pickle.dumps(Call(os.system, "true")),
    }  # fmt: skip
    for what, data in files.items():
        yield _refused(
            f"safetensors: {what}", lambda data=data: _bytes(data, "weights.safetensors")
        )
    yield _refused(
        "safetensors: a header of 60 MB",
        lambda: File("weights.safetensors", _sparse(70 * 10**6, 60 * 10**6)),
        "60,000,000",
    )
    yield _refused(
        "safetensors: a file of 1 TB",
        lambda: File("weights.safetensors", _sparse(10**12, 2)),
    )
    yield _shown(
        "safetensors: a plain state dict",
        lambda: _bytes(lambda: save(weights()), "weights.safetensors"),
    )


# Cards -------------------------------------------------------------------------------------------

CARD = Card(
    name="weights",
    model="unet",
    arguments={"width": 2},
    loss="mse",
    parent=None,
    encoder=None,
    degradation={"key": "gaussian_noise", "range": {"sigma": [0.03, 0.25]}},
    data={},
    steps=1,
    batch=1,
    crop=32,
    seed=0,
    optimiser="AdamW",
    history=[],
    parameters=1,
    torch="2",
    made_by="a test",
)


def carded(card: str) -> File:
    """A variant's file with this card."""
    return _bytes(lambda: save(weights(), metadata={"card": card}), "weights.safetensors")


def _with(**changes: Any) -> Callable[[], File]:
    return lambda: carded(json.dumps({**asdict(CARD), **changes}))


def _cards() -> Iterator[Case]:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    changes: dict[str, tuple[dict[str, Any], str]] = {
        "a width of a million": ({"arguments": {"width": 10**6}}, "width is 1000000"),
        "a width of -1": ({"arguments": {"width": -1}}, "width is -1"),
        "a width of 2.5": ({"arguments": {"width": 2.5}}, "width is 2.5"),
        "a width that is NaN": (
            {"arguments": {"width": float("nan")}},
            "NaN or an infinite number",
        ),
        "a width of 512, with weights for 2": ({"arguments": {"width": 512}}, "more than"),
        "a depth of 10^9": (
            {"model": "transformer_denoiser", "arguments": {"depth": 10**9}},
            "depth is 1000000000",
        ),
        "100,000 layers": (
            {"model": "dense_dae", "arguments": {"hidden": [1] * 10**5}},
            "arguments",
        ),
        "an argument nested 300 deep": ({"arguments": {"width": deep}}, "nested"),
        "an argument with a text of a megabyte": (
            {"arguments": {"upsampling": "x" * 900_000}},
            "arguments",
        ),
        "-5 steps": ({"steps": -5}, "steps"),
        "10^18 parameters": ({"parameters": 10**18}, "parameters"),
        "a range of noise that is infinite": (
            {"degradation": {"key": "gaussian_noise", "range": {"sigma": [0, float("inf")]}}},
            "NaN or an infinite number",
        ),
        "a history of words": ({"history": [{"step": 1, "mse": "much"}]}, "history"),
        "a history without steps": ({"history": [{"mse": 1.0}]}, "history"),
        "means that are texts": ({"validation": {"metrics": {"psnr": "high"}}}, "validation"),
        "a model that does not exist": ({"model": "gan"}, "no model 'gan'"),
        "a loss that does not exist": ({"loss": "beauty"}, "no loss 'beauty'"),
        "a loss that is code": ({"loss": "__import__('os').system('true')"}, "Cannot read"),
        "a degradation that does not exist": ({"degradation": {"key": "rain"}}, "'rain'"),
        "a model without weights": ({"model": "wavelet_shrinkage"}, "which has none"),
        "a ViT for a model that has none": (
            {"encoder": {"name": "nobody/nothing", "sha256": ""}},
            "encoder",
        ),
        "a ViT of another digest": (
            {
                "model": "hybrid_vit_unet",
                "encoder": {"name": "vit-texture-tiny", "sha256": "0" * 64},
            },
            "000000000000",
        ),
        "format 7": ({"format": 7}, "format 1"),
    }
    for what, (change, said) in changes.items():
        yield _refused(f"a card with {what}", _with(**change), said)
    sound = json.dumps(asdict(CARD))
    texts = {
        "half a character in its text": sound.replace("a test", "\\ud800"),
        "a number of 5,000 digits": sound.replace('"seed": 0', f'"seed": {"9" * 5000}'),
        "a number of 100 bits": sound.replace('"seed": 0', f'"seed": {2**99}'),
        "lists 50,000 deep": "[" * 50_000,
        "nothing in it": "",
        "a list in its place": "[]",
        "no field but its format": json.dumps({"format": FORMAT}),
        "two megabytes of spaces": " " * 2 * 10**6 + sound,
    }  # fmt: skip
    for what, card in texts.items():
        yield _refused(f"a card with {what}", lambda card=card: carded(card))
    yield _shown("a variant with its card", _with())
    yield _shown(
        "a card whose command is a script in HTML",
        _with(made_by="<script>alert(1)</script><img src=x onerror=alert(1)>"),
    )
    yield _shown(
        "a card with what its validation never had",
        _with(validation={"metrics": {"psnr": None}, "extra": {"a": "x"}}),
    )
    yield _shown(
        "a card with infinite and missing numbers in its history",
        _with(history=[{"step": 1, "mse": "Infinity", "PSNR": None}]),
    )


# No files ----------------------------------------------------------------------------------------


def _unusual() -> Iterator[Case]:
    kinds: dict[str, tuple[Callable[[Path], object], str]] = {
        "a folder": (lambda path: path.mkdir(), "a folder"),
        "a pipe": (os.mkfifo, "a pipe"),
        "a device": (lambda path: path.symlink_to("/dev/zero"), "a device"),
        "a socket": (_bind, "cannot be read"),
        "a link to nothing": (lambda path: path.symlink_to("nowhere"), "a link to nothing"),
        "a link to itself": (lambda path: path.symlink_to(path.name), "back to itself"),
    }
    for suffix in (".safetensors", ".pth"):
        for what, (write, said) in kinds.items():
            yield _refused(
                f"{what} called weights{suffix}",
                lambda write=write, suffix=suffix: File(f"weights{suffix}", write),
                said,
            )
    for what, name in {
        "that is no text": "w\udcff.safetensors",
        "with a new line": "w\nw.safetensors",
    }.items():
        yield _refused(
            f"a variant with a name {what}",
            lambda name=name: File(name, _with()().write),
            "cannot be shown",
        )
    yield _shown("a link to a good file", lambda: File("weights.pth", _linked))


def _bind(path: Path) -> None:
    with socket(AF_UNIX) as one:
        one.bind(os.path.relpath(path))  # the system takes no long names


def _linked(path: Path) -> None:
    target = path.with_name("target.bin")
    torch.save(weights(), target)
    path.symlink_to(target.name)


CASES = [*_pickles(), *_archives(), *_tensors(), *_headers(), *_cards(), *_unusual()]
