"""No degradation: the picture that came in is already degraded."""

from __future__ import annotations

from torch import Tensor

from .spec import DegradationSpec


def unchanged(images: Tensor) -> Tensor:
    """A copy of the images, `(N, 3, H, W)`."""
    return images.clone()


NONE = DegradationSpec(
    key="none",
    label="None: already degraded",
    sentence="The picture is taken as it is, so there is no clean image to compare with.",
    function=unchanged,
    keeps_clean=False,
)
