"""Treatment: the files of one picture are stored in ways that make them be read differently."""

from __future__ import annotations

from ...imaging.decoding import apart
from .case import Case
from .spec import CheckSpec, Finding


def find(case: Case) -> Finding | None:
    sentences = apart(case.notes)
    return Finding(TREATMENT.key, " ".join(sentences)) if sentences else None


TREATMENT = CheckSpec(
    key="treatment",
    label="Treatment",
    sentence="Files are read alike: converted, turned, laid over white, scaled, or none of them.",
    find=find,
)
