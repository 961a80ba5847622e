"""From a file to what is in it, tensors above all; nothing in the file is ever run."""

from __future__ import annotations

import pickle
import re
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import torch

from ...base.files import open_plain, shown, size_of
from ..tensors import MOST_BYTES, read_tensors
from . import NETWORK_SUFFIXES
from .numbers import STAND_INS

MOST_RATIO, SMALL = 4, 16 * 10**6
"""How many times its size an archive may unpack to, and what any may: PyTorch packs nothing."""
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
        raise ValueError(f"'{shown(path)}' is no file of weights; those end with {known}.")


def _check_size(path: Path) -> None:
    with open_plain(path) as file:  # what is no plain file is refused, and not waited for
        size = size_of(file)
    if not size:
        raise ValueError(f"'{shown(path)}' is empty.")
    check_bytes(path, size)


def check_bytes(path: Path, size: int) -> None:
    """Raise `ValueError` for more than 2 GB, of a file or of what comes out of it."""
    if size > MOST_BYTES:
        raise ValueError(
            f"'{shown(path)}' holds {size / 1e9:,.1f} GB; networks of up to "
            f"{MOST_BYTES / 1e9:g} GB are opened."
        )


def _read_safetensors(path: Path) -> tuple[dict[str, torch.Tensor], Mapping[str, str]]:
    tensors, header = read_tensors(path)
    return tensors, header.metadata


def _read_pickle(path: Path) -> tuple[Any, Mapping[str, str]]:
    _check_archive(path)
    try:
        with _READING, torch.serialization.safe_globals(STAND_INS):
            return torch.load(path, map_location="cpu", weights_only=True), {}
    except pickle.UnpicklingError as error:
        raise ValueError(_refused(path, str(error))) from error
    except Exception as error:  # a damaged file can fail at any place of the reader
        raise ValueError(
            f"'{shown(path)}' is damaged or no file of PyTorch's ({type(error).__name__})."
        ) from error


READERS: dict[str, Callable[[Path], tuple[Any, Mapping[str, str]]]] = {
    ".safetensors": _read_safetensors
}


def _check_archive(path: Path) -> None:
    """Raise `ValueError` for archives that are programs, too old, or more than they seem."""
    if not zipfile.is_zipfile(path):
        if tarfile.is_tarfile(path):
            raise ValueError(
                f"'{shown(path)}' is in PyTorch's oldest format, a tar, which cannot be read "
                f"without running code from it; open it where it was made and {ANEW}."
            )
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise ValueError(f"'{shown(path)}' is damaged: it is no whole archive.") from error
    names = [member.filename for member in members]
    if any(EXPORTED.search(name) for name in names):
        raise ValueError(_exported(path))
    if any(PROGRAM.search(name) for name in names):
        raise ValueError(
            f"'{shown(path)}' is a TorchScript program, which is not run here; open it where it "
            f"was made and {ANEW}."
        )
    unpacked, size = sum(member.file_size for member in members), path.stat().st_size
    check_bytes(path, unpacked)
    if unpacked > max(SMALL, MOST_RATIO * size):
        raise ValueError(
            f"'{shown(path)}' packs {unpacked:,} bytes into {size:,}, more than {MOST_RATIO} to 1."
        )


def _exported(path: Path) -> str:
    return (
        f"'{shown(path)}' is a program of torch.export, which cannot be opened without running "
        f"code from the file; {ANEW}."
    )


def _refused(path: Path, reason: str) -> str:
    """Why a pickle was not read, without the library's advice to switch safety off."""
    asked = ASKED.search(reason)
    if asked is None:
        return f"'{shown(path)}' is damaged or holds more than weights; {ANEW}."
    return (
        f"'{shown(path)}' holds more than weights: it asks for '{asked[1]}', and nothing in it is "
        f"run here; open it where it was made and {ANEW}."
    )
