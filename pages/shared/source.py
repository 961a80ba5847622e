"""The picture that the workbench was given: from the gallery, a file, or a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.imaging.decoding import About, Note
from core.imaging.images import Region
from pages.shared.values import Picture, picture_of

if TYPE_CHECKING:
    from core.degradations import Degradation

WARNED = {About.RANGE, About.DAMAGE, About.TREATMENT}


@dataclass(frozen=True)
class Brought:
    """A method's output of the picture that is looked at, as a set brings it.

    `key` names the file and its corrections, `array` gives it, uint8 (H, W, 3), or raises
    `ValueError` in one sentence, as `notes` does, which gives what was found in the file; `size`
    is the whole picture's, (width, height); `told` is what is said above it.
    """

    key: str
    method: str
    size: tuple[int, int]
    array: Callable[[], np.ndarray]
    notes: Callable[[], Sequence[Note]] = tuple
    told: tuple[str, ...] = ()

    def picture(self, part: Region | None) -> Picture:
        """The output or its part. Raises `ValueError` where it is no picture of this size."""
        from core.imaging.images import crop, to_tensor

        array = self.array()
        size = array.shape[1], array.shape[0]
        if size != self.size:
            found, wanted = (f"{width} × {height}" for width, height in (size, self.size))
            raise ValueError(
                f"This output is {found} pixels and the picture {wanted}; nothing is resampled."
            )
        chosen = crop(array, part) if part else array
        return picture_of(to_tensor(np.ascontiguousarray(chosen)))


@dataclass(frozen=True)
class Given:
    """What a set brings of one picture, beside the array that its source shows.

    `noisy` is None where the set has none; then `has_clean` decides what the array is: clean, or
    only the output of `shown`, the first method. `brought` are the outputs by method, `notes`
    what was found in the files of the clean and the noisy picture, `files` the names of all by
    role, from the folder that they share. `degradation` is what made the noisy picture, where that
    is known.
    """

    set_name: str
    noisy: np.ndarray | None
    noisy_digest: str
    has_clean: bool
    shown: str
    brought: Mapping[str, Brought] = field(default_factory=dict)
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    degradation: Degradation | None = None

    @property
    def input_label(self) -> str | None:
        """What the input is called; None where it is made here from the clean picture."""
        if self.noisy is not None:
            return self.degradation.spec.result if self.degradation else "Noisy"
        return None if self.has_clean else self.shown


@dataclass(frozen=True)
class Source:
    """A picture as it was chosen: its label and its credit, width and height, and its digest.

    `read` gives its pixels, uint8 (H, W, 3): a photo can take more memory than all that is shown
    of it. `given` is what came with it, where it is one of a set. `notes` are what was found in
    its file; `is_deep` says that its values, or those of what came with it, have more
    than 8 bits.
    """

    key: str
    label: str
    credit: str
    read: Callable[[], np.ndarray]
    size: tuple[int, int]
    digest: str
    given: Given | None = None
    notes: tuple[Note, ...] = ()
    is_deep: bool = False

    @property
    def warnings(self) -> list[str]:
        """What was found that changes what is seen, and that nobody chose."""
        return [note.text for note in self.notes if note.about in WARNED and not note.done]
