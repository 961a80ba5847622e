"""Colour shift: where the output took on a tint, apart from its texture.

Reference: Sharma, Wu and Dalal 2005 (CIEDE2000), as in `core.metrics.colour_shift`.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..imaging.colour import ciede2000
from ..metrics.colour_shift import low_passed_lab
from .spec import ArtifactSpec

CELL = 4
"""Pixels. The images are blurred by a sigma of 6 before: nothing finer is left to show."""


def colour_shift(output: Tensor, clean: Tensor) -> Tensor:
    """CIEDE2000 of the low-passed images, `(3, H, W)` sRGB twice -> `(H // 4, W // 4)`.

    The mean of each 4 x 4 cell; incomplete cells at the right and lower border are left out.
    """
    errors = ciede2000(low_passed_lab(output[None]), low_passed_lab(clean[None]))
    return F.avg_pool2d(errors, CELL)[0]


COLOUR_SHIFT = ArtifactSpec(
    key="colour_shift",
    label="Colour shift",
    group="colour_shift",
    unit="ΔE",
    sentence=(
        "CIEDE2000 between output and clean after a blur of sigma 6 in linear light: tint, not "
        "texture. 1 is about the least difference that a person sees side by side."
    ),
    needs_reference=True,
    signed=False,
    function=colour_shift,
    tile=CELL,
    hop=CELL,
)
