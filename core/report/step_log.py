"""Outputs of one's own training, into a folder that the dashboard shows as the run goes.

The pictures are taken as they are when `log` is called; they are encoded and written by a thread,
so that the training waits for no disk.
"""

from __future__ import annotations

import os
import secrets
import weakref
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from operator import index
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np

from ..base.file_names import harmless_name
from ..base.files import shown, write_whole
from ..base.json_numbers import dumps
from ..base.words import brief, few, name_of
from ..imaging.images import decode, digest, encode_webp
from .arrays import batch_of
from .logged import (
    ENDING,
    FORMAT,
    GIVEN,
    RUN,
    STEP,
    LoggedRun,
    pictures,
    superfluous,
)

MOST_STEPS = 48
"""Of each method, as many as the Lab keeps."""
MOST_WAITING = 2
"""Calls whose pictures are not written yet: the next one waits, so that memory is bounded."""
MOST_NUMBERS = 32

Batch = list[np.ndarray]
"""Pictures, uint8 (H, W, 3) each."""


def log(
    step: int,
    *,
    folder: str | Path,
    outputs: Mapping[str, Any],
    clean: Any = None,
    noisy: Any = None,
    numbers: Mapping[str, float] | None = None,
    most: int = MOST_STEPS,
) -> Future[None]:
    """Keep what a training makes of some pictures after a step; the dashboard shows it as it goes.

    `outputs` are the pictures of each method by its name, `clean` and `noisy` what belongs to
    them, the same in every call, or in the first alone. Each is a tensor or an array, floats in
    [0, 1] (beyond it clipped) or uint8: one picture `(3, H, W)`, `(H, W, 3)` or `(H, W)`, or up to
    64 as `(N, 3, H, W)`, `(N, 1, H, W)` or `(N, H, W, 3)`, or in a list. `numbers` stand above
    each output. Of each method `most` steps are kept, close together at first and then evenly.

    `python -m core.open FOLDER` shows it. Several processes may log into one folder, each under
    names of its own. What is returned can be waited for (`.result()`); a program that ends waits
    by itself. Raises `ValueError` for what is no picture, pictures that do not belong together or
    are not those of this run, and a folder with something else in it; and, as `.result()` does,
    `FileError` where the last call's pictures could not be written.
    """
    step, numbers = _step(step), _numbers(numbers or {})
    superfluous((), most)
    made = {_method(name): batch_of(value, str(name)) for name, value in outputs.items()}
    if not made:
        raise ValueError("There is nothing to log: outputs has no method.")
    run = _run(Path(folder).absolute())
    came = {role: v for role, v in zip(GIVEN, (clean, noisy), strict=True) if v is not None}
    given = {role: batch_of(v, role) for role, v in came.items() if not run.knows(role, v)}
    run.check({**given, **made})
    run.remember(came)
    return _writer(os.getpid()).write(partial(run.keep, step, given, made, numbers, most))


def _step(step: object) -> int:
    try:
        found = index(step)
    except TypeError:
        raise ValueError(f"A step is a whole number from 0, but got {brief(step)}.") from None
    if found < 0 or isinstance(step, bool):
        raise ValueError(f"A step is a whole number from 0, but got {step}.")
    return found


def _numbers(numbers: Mapping[str, Any]) -> dict[str, float]:
    if len(numbers) > MOST_NUMBERS:
        raise ValueError(f"{len(numbers):,} numbers at once; at most {MOST_NUMBERS} are shown.")
    plain = {n: v.detach() if hasattr(v, "detach") else v for n, v in numbers.items()}
    try:
        return {name_of("A number", str(name)): float(value) for name, value in plain.items()}
    except (TypeError, RuntimeError) as error:
        raise ValueError("numbers are single numbers by their names.") from error


def _method(name: object) -> str:
    """A method's name, which is its folder's as well."""
    text = str(name)
    if text.casefold() in GIVEN:
        raise ValueError(f"'{text}' is no name for a method: it says a role.")
    if not text or harmless_name(text) != text:
        raise ValueError(
            f"{brief(text)} cannot be a method's name, which is a folder's as well; "
            f"'{harmless_name(text)}' could."
        )
    return text


# A run, as one process writes it -----------------------------------------------------------------


@cache
def _run(folder: Path) -> _Run:
    return _Run(folder)


@dataclass
class _Run:
    """A folder that is logged into; what is known of it is known of the folder that `id` names."""

    folder: Path
    id: str = ""
    sizes: list[list[int]] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)
    seen: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def knows(self, role: str, value: Any) -> bool:
        """Whether this very tensor was checked before and nobody changed it since."""
        tensor, version = self.seen.get(role, (lambda: None, -1))
        return tensor() is value and version == _version(value) and (self.folder / RUN).is_file()

    def remember(self, given: Mapping[str, Any]) -> None:
        """Know these, which were checked, the next time: most trainings give the same again."""
        for role, value in given.items():
            if (version := _version(value)) >= 0:
                self.seen[role] = weakref.ref(value), version

    def check(self, batches: Mapping[str, Batch]) -> None:
        """Raise `ValueError` unless these are the run's pictures; the first ones make the run."""
        sizes = _sizes_together(batches)
        if not (self.folder / RUN).is_file():
            self._begin(sizes)
        elif not self.id:
            self._take()
        if sizes != self.sizes:
            raise ValueError(
                f"The run '{shown(self.folder)}' has {_told(self.sizes)}, and these are "
                f"{_told(sizes)}: log them into another folder."
            )
        for role in GIVEN:
            if role in batches:
                self._check_given(role, batches[role])

    def _begin(self, sizes: list[list[int]]) -> None:
        found = _others(self.folder)
        if found:
            raise ValueError(
                f"'{shown(self.folder)}' holds {few(found)} and is no run: name another folder."
            )
        self.id, self.sizes, self.given = secrets.token_hex(8), sizes, {}
        about = {"format": FORMAT, "id": self.id, "sizes": sizes}
        write_whole(self.folder / RUN, dumps(about))

    def _take(self) -> None:
        """Go on with a run that another process began."""
        about = LoggedRun(self.folder).about
        if about is None:
            raise ValueError(f"'{shown(self.folder)}' holds a '{RUN}' that is none of ours.")
        self.id, self.sizes = about.id, about.sizes

    def _check_given(self, role: str, batch: Batch) -> None:
        """The pictures that are there already must be the same ones."""
        digests = " ".join(map(digest, batch))
        if role not in self.given and (files := pictures(self.folder / role)):
            self.given[role] = " ".join(digest(decode(file.read_bytes())) for file in files)
        if self.given.setdefault(role, digests) != digests:
            known = self.given[role].split()
            which = next(n for n, d in enumerate(digests.split(), 1) if d not in known[n - 1 : n])
            raise ValueError(
                f"Picture {which} of {len(batch)} is another {role} one than the run "
                f"'{shown(self.folder)}' began with: log it into another folder."
            )

    def keep(
        self,
        step: int,
        given: Mapping[str, Batch],
        made: Mapping[str, Batch],
        numbers: Mapping[str, float],
        most: int,
    ) -> None:
        """Write what is not there yet; each step's own file last. Then drop what is too much."""
        for role, batch in given.items():
            if len(pictures(self.folder / role)) < len(batch):
                _write(self.folder / role, batch)
        for method, batch in made.items():
            folder = self.folder / method / str(step)
            _write(folder, batch)
            write_whole(folder / STEP, dumps({"numbers": numbers}))
            self._thin(method, most)

    def _thin(self, method: str, most: int) -> None:
        moments = LoggedRun(self.folder).moments().get(method, ())
        for step in superfluous([moment.step for moment in moments], most):
            _remove(self.folder / method / str(step))


def _version(value: Any) -> int:
    """How often a tensor was changed; -1 for what does not count that."""
    try:
        return getattr(value, "_version", -1)
    except RuntimeError:  # made in inference mode
        return -1


def _others(folder: Path) -> list[str]:
    """What stands in a folder beside a run's own; nothing where there is no folder."""
    try:
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []


def _sizes_together(batches: Mapping[str, Batch]) -> list[list[int]]:
    """Width and height of each picture. Raises `ValueError` where a name's are others."""
    sizes = {name: [[p.shape[1], p.shape[0]] for p in batch] for name, batch in batches.items()}
    (first, known), *others = sizes.items()
    for name, found in others:
        if found != known:
            raise ValueError(
                f"{brief(first)} has {_told(known)} and {brief(name)} {_told(found)}: "
                "they do not show the same."
            )
    return known


def _told(sizes: list[list[int]]) -> str:
    each = list(dict.fromkeys(f"{width} x {height}" for width, height in sizes))
    return f"{len(sizes)} picture{'' if len(sizes) == 1 else 's'} of {few(each)}"


def _write(folder: Path, batch: Batch) -> None:
    for number, picture in enumerate(batch, 1):
        write_whole(folder / f"{number}{ENDING}", encode_webp(picture))


def _remove(folder: Path) -> None:
    """Drop a step, its own file first; another process may be at it as well."""
    (folder / STEP).unlink(missing_ok=True)
    with suppress(OSError):
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()


# Writing aside -----------------------------------------------------------------------------------


@cache
def _writer(process: int) -> _Writer:
    """Of a process of its own: a child does not have its parent's threads."""
    return _Writer()


class _Writer:
    """One thread, which writes in the order of the calls."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, "losslens-log")
        self.room = BoundedSemaphore(MOST_WAITING)
        self.failed: list[BaseException] = []

    def write(self, act: Any) -> Future[None]:
        """Have it done; waits where much is to be done already.

        Raises what went wrong since the last call.
        """
        if self.failed:
            raise self.failed.pop()
        self.room.acquire()
        future = self.thread.submit(act)
        future.add_done_callback(self._done)
        return future

    def _done(self, future: Future[None]) -> None:
        self.room.release()
        error = future.exception()
        if error:
            self.failed = [error]
