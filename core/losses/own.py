"""Losses of a person's own: a Python file each in the data folder, with one function in it.

Such a file is run, so whoever starts a command or the dashboard has to say that it may be:
`--own-losses`, or 1 in the environment. A broken file is told in one sentence and hides no other.
"""

from __future__ import annotations

import hashlib
import inspect
import keyword
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from ..base.files import read_plain, shown, signature
from ..base.own_losses import FLAG, OWN_LOSSES, allowed, own_folder
from ..base.table import Table
from ..base.words import brief, first_line
from .expression import Loss
from .spec import LossSpec

TEST = "test_"
"""How the names of files begin that are no losses but their tests."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
MOST_BYTES = 10**6
PROBED = (2, 3, 32, 40)
SHORT = 14
WORDS = {"LABEL": "", "FORMULA": "", "TEX": "", "REWARDS": "", "LOOK_FOR": "", "REFERENCE": ""}
"""What a file may say beside its function, and what stands there otherwise."""
UNSAID = "what its file does not say"

_READING = RLock()


class KnownLosses(Table[LossSpec]):
    """The table's losses and a person's own; asked for one that was refused, it says why.

    `refused` is file name -> the sentence.
    """

    def __init__(self, ours: Table[LossSpec]) -> None:
        found, self.refused = _own(ours) if allowed() else ([], {})
        super().__init__(ours.kind, *ours.values(), *found)

    def __getitem__(self, key: str) -> LossSpec:
        if key not in self and (sentence := self.refused.get(f"{key}.py")):
            raise ValueError(sentence)
        if key not in self and not allowed() and _is_there(key):
            raise ValueError(
                f"'{key}' is a loss of your own, and files are run only where the command says "
                f"{FLAG}, or {OWN_LOSSES}=1 stands before it."
            )
        return super().__getitem__(key)


def _is_there(key: str) -> bool:
    return bool(NAME.fullmatch(key)) and (own_folder() / f"{key}.py").is_file()


def _own(ours: Table[LossSpec]) -> tuple[list[LossSpec], dict[str, str]]:
    """The losses in the folder by name, and why files were refused."""
    found, refused = [], {}
    for path in sorted(own_folder().glob("*.py")):
        if path.name.startswith(TEST):
            continue
        outcome = _outcome(path, signature(path)) if path.stem not in ours else taken(path)
        if isinstance(outcome, str):
            refused[shown(path)] = outcome
        else:
            found.append(outcome)
    return found, refused


def taken(path: Path) -> str:
    """Why a file with the name of a loss of the table is none."""
    return f"The loss in '{shown(path)}' has the name of one that exists: give it another."


def _outcome(path: Path, stamp: tuple[int, int, int] | None) -> LossSpec | str:
    with _READING:  # a file is run once, however many ask
        return _kept_outcome(path, stamp)


@lru_cache(maxsize=128)
def _kept_outcome(path: Path, stamp: tuple[int, int, int] | None) -> LossSpec | str:
    try:
        return read_loss(path)
    except ValueError as error:
        return str(error)


def read_loss(path: Path) -> LossSpec:
    """The loss in a file, which is run for that.

    It has the file's name, and is a function of `output` and `target` and of numbers by name.
    Raises `ValueError` in one sentence for a name that no expression can hold, a file that cannot
    be read or run, a function that takes something else, and for one that gives on a random pair
    of batches anything but one finite value per image with a finite gradient.
    """
    file, key = shown(path), path.stem
    check_name(path)
    data = read_plain(path, MOST_BYTES)
    module = _run(file, key, path, data)
    function = getattr(module, key, None)
    if not inspect.isfunction(function):
        raise ValueError(f"'{file}' has no function '{key}': the loss must have the file's name.")
    defaults = _defaults(file, function)
    words = {name: _word(module, name) for name in WORDS}
    label = words["LABEL"] or key.replace("_", " ")
    spec = LossSpec(
        key=key,
        label=label,
        short=label[:SHORT],
        formula=words["FORMULA"],
        tex=words["TEX"],
        rewards=words["REWARDS"] or UNSAID,
        look_for=words["LOOK_FOR"] or UNSAID,
        reference=words["REFERENCE"] or f"your file {file}",
        function=_guarded(file, function),
        defaults=defaults,
        digest=hashlib.sha256(data).hexdigest(),
    )
    _probe(file, spec)
    return spec


def check_name(path: Path) -> None:
    """Raise `ValueError` for a file whose name no expression can hold."""
    if not NAME.fullmatch(path.stem) or keyword.iskeyword(path.stem):
        raise ValueError(
            f"'{shown(path)}' cannot be a loss: its name must be small letters, digits and _, "
            "such as my_loss.py."
        )
    if path.name.startswith(TEST):
        raise ValueError(f"'{shown(path)}' cannot be a loss: so tests begin.")


def _run(file: str, key: str, path: Path, data: bytes) -> ModuleType:
    module = ModuleType(f"losslens_own_{key}")
    module.__file__ = str(path)
    try:
        exec(compile(data, str(path), "exec"), module.__dict__)  # noqa: S102 (asked for)
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        raise ValueError(f"'{file}' is no Python{where}: {error.msg}.") from None
    except (Exception, SystemExit) as error:
        raise ValueError(f"'{file}' cannot be run: {_said(error)}") from None
    return module


def _said(error: BaseException) -> str:
    """The kind of an error and its first line, as the end of a sentence."""
    return f"{type(error).__name__}, {first_line(error).rstrip('.')}."


def _word(module: ModuleType, name: str) -> str:
    value = getattr(module, name, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def _defaults(file: str, function: Callable[..., Any]) -> dict[str, float]:
    """The numbers that it takes by name. Raises `ValueError` for anything else."""
    parameters = list(inspect.signature(function).parameters.values())
    places = [p for p in parameters[:2] if p.kind is p.POSITIONAL_OR_KEYWORD]
    numbers = parameters[2:]
    for one in numbers:
        is_number = isinstance(one.default, int | float) and not isinstance(one.default, bool)
        if one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY) or not is_number:
            raise ValueError(
                f"'{file}': after output and target a loss takes numbers with a default, such as "
                f"weight=1.0, but '{one.name}' is none."
            )
    if len(places) < 2 or any(one.default is not one.empty for one in places):
        raise ValueError(
            f"'{file}': the function '{function.__name__}' must begin with (output, target), but "
            f"takes {inspect.signature(function)}."
        )
    return {one.name: one.default for one in numbers}


def _guarded(file: str, function: Callable[..., Any]) -> Callable[..., Tensor]:
    """The function, whose errors and odd answers are a sentence each."""

    def guarded(output: Tensor, target: Tensor, **parameters: float) -> Tensor:
        try:
            values = function(output, target, **parameters)
        except ValueError:
            raise
        except Exception as error:
            shape = tuple(output.shape)
            raise ValueError(f"'{file}' fails on images {shape}: {_said(error)}") from error
        if not isinstance(values, Tensor) or values.shape != (len(output),):
            got = tuple(values.shape) if isinstance(values, Tensor) else brief(values)
            raise ValueError(
                f"'{file}' must give one value per image, ({len(output)},), but gives {got}: "
                "take the mean over the dimensions 1, 2 and 3."
            )
        return values

    return guarded


def _probe(file: str, spec: LossSpec) -> None:
    """Raise `ValueError` unless it gives finite values and a finite gradient on random images."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode(False), torch.enable_grad():
        output, target = torch.rand(2, *PROBED, generator=generator)
        output.requires_grad_()
        try:
            values = spec(output, target)
            if not values.is_floating_point() or not values.isfinite().all():
                raise ValueError(f"'{file}' gives {brief(values.tolist())} on random images.")
            if not values.requires_grad:
                raise ValueError(f"'{file}' has no gradient: nothing in it hangs on the output.")
            (gradient,) = torch.autograd.grad(values.sum(), output, allow_unused=True)
        except (RuntimeError, TypeError) as error:
            raise ValueError(f"'{file}' cannot be trained with: {_said(error)}") from error
    if gradient is None or not gradient.isfinite().all():
        raise ValueError(f"'{file}' has a gradient that is no finite number on random images.")


# What a recipe or a card needs -------------------------------------------------------------------


def own_in(loss: Loss) -> dict[str, str]:
    """The own losses in an expression: name -> the SHA-256 of its file."""
    return {term.loss.key: term.loss.digest for term in loss.terms if term.loss.digest}


def check_own(loss: Loss, needed: Mapping[str, str]) -> None:
    """Raise `ValueError` where an own loss is of another file than the one that is needed."""
    here = own_in(loss)
    for name, digest in needed.items():
        if here.get(name, digest) != digest:
            raise ValueError(
                f"The loss '{name}' of {name}.py is another one now: its SHA-256 begins with "
                f"{here[name][:12]}, but {digest[:12]} is needed."
            )


class StandIn(LossSpec):
    """A loss that is not here: which parameters it has, nobody can say."""

    def check(self, parameters: Mapping[str, float]) -> None:
        """Refuse nothing."""


def stand_in(key: str) -> LossSpec:
    """An own loss that need not be here: its name for labels, and nothing to compute with."""

    def absent(*_: object, **__: object) -> Tensor:
        raise ValueError(f"The file {key}.py of the loss '{key}' is not here.")

    return StandIn(
        key=key,
        label=key,
        short=key[:SHORT],
        formula="",
        tex="",
        rewards=UNSAID,
        look_for=UNSAID,
        reference=f"the file {key}.py",
        function=absent,
    )
