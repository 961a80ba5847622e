"""What a set remembers that was opened from a saved comparison: how it was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..report.document import Resumed
from ..report.saved_maps import SavedMaps
from ..viewer import Pin
from .names import SOURCES


@dataclass(frozen=True)
class Reopened:
    """What was chosen when it was saved, the role of each panel by its key, and what was shown.

    `first` is the name of the picture that was looked at, `pins` are the notes on each by name,
    `maps` the attention maps of those that have some.
    """

    resumed: Resumed
    roles: Mapping[str, str]
    first: str
    pins: Mapping[str, Sequence[Pin]]
    maps: Mapping[str, SavedMaps]

    def in_order(self, roles: Iterable[str]) -> tuple[str, ...]:
        """Clean, noisy, then the methods in the order of the panels."""
        found = list(roles)
        order = dict.fromkeys([*SOURCES, *self.roles.values(), *found])
        return tuple(role for role in order if role in found)
