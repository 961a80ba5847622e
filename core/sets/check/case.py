"""What is looked at: an output beside its clean or noisy picture, as comparable values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ...imaging.decoding import Note
from .storage import UNIT, Storage, storage_of

CENTRE = 512
"""Pixels. What is estimated from many pixels is estimated from a square of this side at most."""
BLOCKS = 8
"""The picture is judged in 8 x 8 parts: enough to see whether they agree."""
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Case:
    """An output, (H, W) or (H, W, 1 or 3) of any numeric type, with what it is held against.

    `notes` are what was found in the files of all three, by what these are called. Raises
    `ValueError` for another shape or type.
    """

    output: np.ndarray
    clean: np.ndarray | None = None
    noisy: np.ndarray | None = None
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("output", "clean", "noisy"):
            if (array := getattr(self, name)) is not None:
                object.__setattr__(self, name, with_channels(array, name))

    @cached_property
    def against(self) -> str | None:
        """`clean` where there is one, else `noisy` or None."""
        return next((name for name in ("clean", "noisy") if getattr(self, name) is not None), None)

    @cached_property
    def fits(self) -> bool:
        """Whether the output can be read, and held against something of the same size."""
        if self.against is None or self.storage is None:
            return False
        return self.size == self.reference_size

    @property
    def size(self) -> tuple[int, int]:
        return self.output.shape[:2]

    @property
    def reference_size(self) -> tuple[int, int]:
        return getattr(self, self.against).shape[:2]

    @cached_property
    def finite(self) -> np.ndarray:
        """(H, W, C), True where the output is a number."""
        return np.isfinite(self.output)

    @cached_property
    def storage(self) -> Storage | None:
        """How the output is stored, as far as its values and the reference tell."""
        return storage_of(self.output, None if self.against is None else self.read_reference)

    @cached_property
    def read_reference(self) -> np.ndarray:
        """The clean picture (else the noisy one) as `values`, of whatever size it has."""
        return as_unit(getattr(self, self.against))

    @cached_property
    def values(self) -> np.ndarray:
        """The output as float32 (H, W, C) with black at 0 and white at 1, read as it is stored.

        What is not a number is taken from the reference, or black.
        """
        values = (self.storage or UNIT).read(self.output)
        if self.finite.all():
            return values
        instead = self.reference[..., : values.shape[2]] if self.fits else np.float32(0)
        return np.where(self.finite, values, instead)

    @cached_property
    def reference(self) -> np.ndarray | None:
        """The clean picture (else the noisy one) as `values`; None where sizes differ."""
        return self.read_reference if self.fits else None

    @cached_property
    def centre(self) -> tuple[np.ndarray, np.ndarray]:
        """The middle of `values` and `reference`, 512 x 512 at most, with equal channels."""
        return middle(self.values, self.reference)


def as_unit(array: np.ndarray, *, whole: bool = True) -> np.ndarray:
    """(H, W, C) as float32 with black at 0 and white at 1; what is no number is one of the two.

    Without `whole` its middle only, read as the whole is stored.
    """
    storage = storage_of(array) or UNIT
    values = storage.read(array if whole else middle(array)[0])
    return (
        values
        if array.dtype.kind != "f"
        else np.nan_to_num(values, copy=False, posinf=1, neginf=0)
    )


def with_channels(array: np.ndarray, name: str) -> np.ndarray:
    """(H, W) as (H, W, 1). Raises `ValueError` for what is not a picture of 1 or 3 channels."""
    array = np.asarray(array)
    full = array[..., None] if array.ndim == 2 else array
    if (
        full.ndim != 3
        or full.shape[2] not in (1, 3)
        or not full.size
        or full.dtype.kind not in "buif"
    ):
        raise ValueError(
            f"A picture is numbers of the shape (H, W) or (H, W, 3); "
            f"the {name} one is {array.dtype} of the shape {array.shape}."
        )
    return full


def middle(*pictures: np.ndarray, side: int = CENTRE) -> tuple[np.ndarray, ...]:
    """The middle square of pictures of one size, grey ones repeated where another has colour."""
    height, width = pictures[0].shape[:2]
    rows, columns = (
        slice((s - min(s, side)) // 2, (s + min(s, side)) // 2) for s in (height, width)
    )
    cut = [picture[rows, columns] for picture in pictures]
    return tuple(np.broadcast_arrays(*cut))


def luma(values: np.ndarray) -> np.ndarray:
    """(H, W, 1 or 3) -> (H, W), BT.601."""
    return values[..., 0] if values.shape[2] == 1 else values @ LUMA


def psnr(these: np.ndarray, those: np.ndarray) -> float:
    """In dB, for values in [0, 1], which the first are clipped to; infinite for equal arrays.

    Without torch, which a page that only lists files must not wait for.
    """
    error = float(np.mean((np.clip(these, 0, 1) - those) ** 2, dtype=np.float64))
    return -10 * math.log10(error) if error else math.inf


def in_blocks(errors: np.ndarray) -> np.ndarray:
    """The means of (H, W) in 8 x 8 parts, fewer for small pictures, as one row."""
    rows = np.array_split(errors, min(BLOCKS, errors.shape[0]), axis=0)
    return np.array(
        [
            part.mean()
            for row in rows
            for part in np.array_split(row, min(BLOCKS, row.shape[1]), axis=1)
        ]
    )
