"""No degradation: the picture that came in is already degraded."""

from __future__ import annotations

from .spec import DegradationSpec

NONE = DegradationSpec(
    key="none",
    label="None: already degraded",
    sentence="The picture is taken as it is, so there is no clean image to compare with.",
    operator=None,
    keeps_clean=False,
    result="Input",
)
