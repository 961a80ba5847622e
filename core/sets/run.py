"""A run as a set: what a training script logged, each method's pictures after one of its steps."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from ..base.files import shown
from ..report.logged import LoggedRun, Moment, at_or_before, newest
from .pairing import in_order, pair
from .picture_set import PictureSet, Source

Steps = Mapping[str, int]
"""Method -> the step whose pictures are shown."""


class RunSet(PictureSet):
    """A run at a moment; `at` gives it at another.

    `shown` says of which step each method's pictures are, `steps` which there are of any.
    """

    def __init__(self, run: LoggedRun, moments: Mapping[str, list[Moment]], shown: Steps) -> None:
        given = run.given()
        files = given | {method: run.outputs(method, step) for method, step in shown.items()}
        claims = {
            role: {f"{role}/{path.name}": path.name for path in paths}
            for role, paths in files.items()
        }
        sources = {
            f"{role}/{path.name}": Source(str(path))
            for role, paths in files.items()
            for path in paths
        }
        super().__init__(run.path.name, pair(claims), sources)
        self.methods = tuple(in_order(moments))
        self.run = run
        self.shown = MappingProxyType(dict(shown))
        self.steps = sorted({moment.step for of in moments.values() for moment in of})
        self.last = _last(moments)

    def at(self, step: int | None = None) -> RunSet:
        """The run after a step, None for what was written last; itself where nothing changed.

        Of a method without that step, what stands there is its last one before.
        """
        moments = self.run.moments()
        shown = _newest(moments) if step is None else _until(moments, step)
        same = shown == self.shown and _last(moments) == self.last
        return self if same else RunSet(self.run, moments, shown)

    @property
    def is_behind(self) -> bool:
        """Whether something was logged since it was looked at."""
        return _last(self.run.moments()) != self.last

    @property
    def identity(self) -> str:
        """A name for the run, whatever its step."""
        about = self.run.about
        text = about.id if about else str(self.run.path)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def numbers(self) -> dict[str, dict[str, float]]:
        """Method -> the numbers that were logged with what is shown of it."""
        return {method: self.run.numbers(method, step) for method, step in self.shown.items()}

    def curves(self) -> dict[str, dict[str, dict[int, float]]]:
        """Number -> method -> step -> value, of every step that was kept."""
        found: dict[str, dict[str, dict[int, float]]] = {}
        for method, moments in self.run.moments().items():
            for moment in moments:
                for name, value in self.run.numbers(method, moment.step).items():
                    found.setdefault(name, {}).setdefault(method, {})[moment.step] = value
        return found

    def paired_by_hand(self, choices: object) -> RunSet:
        """Itself: who logs says what belongs together."""
        return self


def open_run(path: Path) -> RunSet:
    """The run in a folder, as it was written last. Raises `ValueError` where there is nothing."""
    run = LoggedRun(path)
    moments = run.moments()
    found = RunSet(run, moments, _newest(moments))
    if not len(found):
        raise ValueError(f"Nothing was logged into '{shown(path)}' yet: there is no picture.")
    return found


def _newest(moments: Mapping[str, list[Moment]]) -> dict[str, int]:
    return {method: newest(of) for method, of in moments.items()}


def _until(moments: Mapping[str, list[Moment]], step: int) -> dict[str, int]:
    found = {method: at_or_before(of, step) for method, of in moments.items()}
    return {method: of for method, of in found.items() if of is not None}


def _last(moments: Mapping[str, list[Moment]]) -> dict[str, Moment]:
    """The last moment of each method: another one once something is logged."""
    return {method: max(of) for method, of in moments.items()}
