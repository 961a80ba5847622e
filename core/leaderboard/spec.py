"""What a claim is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .findings import Finding
from .published import Published
from .results import Results


@dataclass(frozen=True)
class ClaimSpec:
    """A claim as it stands in the table `CLAIMS`; `published` are its source's own numbers.

    Those were measured on other data. `statement` and `family` are the keys of what the story
    says and of whom, nothing for a claim that is made once.
    """

    key: str
    claim: str
    source: str
    measure: Callable[[Results], Finding]
    published: tuple[Published, ...] = ()
    statement: str = ""
    family: str = ""
