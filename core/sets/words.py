"""What could not be paired, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..base.words import few

if TYPE_CHECKING:
    from .pairing import Pairing


def pairing_sentences(pairing: Pairing) -> list[str]:
    """One sentence for each role that pictures lack, each place that several claim, and the rest.

    Nothing where every picture has a file in every role.
    """
    return [
        *_missing(pairing),
        *(
            f"{one.role}: {few(one.files)} claim the place of “{one.picture}”; none is taken."
            for one in pairing.doubled
        ),
        *_left_over(pairing),
    ]


def _missing(pairing: Pairing) -> list[str]:
    lacking = {
        role: [m.picture for m in pairing.missing if m.role == role] for role in pairing.roles
    }
    return [
        f"{role}: {len(names):,} of {len(pairing.rows):,} pictures have none ({few(names)})."
        for role, names in lacking.items()
        if names
    ]


def _left_over(pairing: Pairing) -> list[str]:
    files: dict[str, list[str]] = {}
    for one in pairing.left_over:
        files.setdefault(one.role, []).append(one.file)
    return [
        f"{role}: {_count(names, 'file')} of no picture of the set ({few(names)})."
        for role, names in files.items()
    ]


def _count(names: Sequence[str], what: str) -> str:
    return f"{len(names):,} {what}{'' if len(names) == 1 else 's'}"
