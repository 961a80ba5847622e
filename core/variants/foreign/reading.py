"""From a file to what is in it, tensors above all; nothing in the file is ever run."""

from __future__ import annotations

import pickle
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from . import NETWORK_SUFFIXES
from .numbers import STAND_INS

MOST_BYTES = 2 * 10**9
MOST_HEADER = 10**7
"""Bytes of a safetensors header; a network of ten thousand tensors has one million."""
ANEW = 'save the weights alone anew: torch.save(model.state_dict(), "weights.pt")'
PROGRAM = re.compile(r"(^|/)(constants\.pkl|code/.*)$")
EXPORTED = re.compile(r"(^|/)(archive_format|serialized_exported_program\.json|models/.*\.json)$")
ASKED = re.compile(r"GLOBAL ([\w.]+\w)")
# What may be read as numbers is the same for all threads of the process while a file is read.
_READING = Lock()


def read_document(path: Path) -> tuple[Any, Mapping[str, str]]:
    """What a file holds, on the CPU, and the metadata of a safetensors file, else nothing.

    Raises `ValueError` in one sentence for a file that ends otherwise than `NETWORK_SUFFIXES`, is
    over 2 GB, holds a program or a class, or is damaged.
    """
    _check_suffix(path)
    _check_size(path)
    return READERS.get(path.suffix.lower(), _read_pickle)(path)


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() == ".pt2":
        raise ValueError(_exported(path))
    if path.suffix.lower() not in NETWORK_SUFFIXES:
        known = ", ".join(NETWORK_SUFFIXES)
        raise ValueError(f"'{path.name}' is no file of weights; those end with {known}.")


def _check_size(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ValueError(f"There is no file '{path.name}'.") from error
    if not size:
        raise ValueError(f"'{path.name}' is empty.")
    check_bytes(path, size)


def check_bytes(path: Path, size: int) -> None:
    """Raise `ValueError` for more than 2 GB, of a file or of what comes out of it."""
    if size > MOST_BYTES:
        raise ValueError(
            f"'{path.name}' holds {size / 1e9:,.1f} GB; networks of up to "
            f"{MOST_BYTES / 1e9:g} GB are opened."
        )


def _read_safetensors(path: Path) -> tuple[dict[str, torch.Tensor], Mapping[str, str]]:
    with path.open("rb") as file:
        start = file.read(8)
    header = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
    if not 0 < header <= min(MOST_HEADER, path.stat().st_size - 8):
        raise ValueError(
            f"'{path.name}' is no safetensors file: its header would be of {header:,} bytes, in a "
            f"file of {path.stat().st_size:,} (at most {MOST_HEADER:,} are read)."
        )
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"'{path.name}' is damaged: it is no whole safetensors file.") from error


def _read_pickle(path: Path) -> tuple[Any, Mapping[str, str]]:
    _check_archive(path)
    try:
        with _READING, torch.serialization.safe_globals(STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True), {}
    except pickle.UnpicklingError as error:
        raise ValueError(_refused(path, str(error))) from error
    except Exception as error:  # a damaged file can fail at any place of the reader
        raise ValueError(
            f"'{path.name}' is damaged or no file of PyTorch's ({type(error).__name__})."
        ) from error


READERS: dict[str, Callable[[Path], tuple[Any, Mapping[str, str]]]] = {
    ".safetensors": _read_safetensors
}


def _check_archive(path: Path) -> None:
    """Raise `ValueError` for archives that are programs, too old, or more than they seem."""
    if not zipfile.is_zipfile(path):
        if tarfile.is_tarfile(path):
            raise ValueError(
                f"'{path.name}' is in PyTorch's oldest format, a tar, which cannot be read "
                f"without running code from it; open it where it was made and {ANEW}."
            )
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise ValueError(f"'{path.name}' is damaged: it is no whole archive.") from error
    names = [member.filename for member in members]
    if any(EXPORTED.search(name) for name in names):
        raise ValueError(_exported(path))
    if any(PROGRAM.search(name) for name in names):
        raise ValueError(
            f"'{path.name}' is a TorchScript program, which is not run here; open it where it was "
            f"made and {ANEW}."
        )
    check_bytes(path, sum(member.file_size for member in members))


def _exported(path: Path) -> str:
    return (
        f"'{path.name}' is a program of torch.export, which cannot be opened without running code "
        f"from the file; {ANEW}."
    )


def _refused(path: Path, reason: str) -> str:
    """Why a pickle was not read, without the library's advice to switch safety off."""
    asked = ASKED.search(reason)
    if asked is None:
        return f"'{path.name}' is damaged or holds more than weights; {ANEW}."
    return (
        f"'{path.name}' holds more than weights: it asks for '{asked[1]}', and nothing in it is "
        f"run here; open it where it was made and {ANEW}."
    )
