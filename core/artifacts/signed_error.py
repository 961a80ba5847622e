"""Signed error: lighter or darker than clean, pixel by pixel."""

from __future__ import annotations

from torch import Tensor

from .spec import LEVELS, ArtifactSpec


def signed_error(output: Tensor, clean: Tensor) -> Tensor:
    """Mean over the channels of output minus clean, `(3, H, W)` twice -> `(H, W)`, levels."""
    return LEVELS * (output - clean).mean(dim=0)


SIGNED_ERROR = ArtifactSpec(
    key="signed_error",
    label="Signed error",
    group="signed_error",
    unit="levels",
    sentence=(
        "Output minus clean, mean of the three channels, in 8-bit levels: positive is lighter "
        "than clean, negative darker. Detail that is seen here was lost, or hallucinated."
    ),
    needs_reference=True,
    signed=True,
    function=signed_error,
    tile=1,
    hop=1,
)
