"""Regional sharpness: the window scores that this loss compares, before it sorts them.

RegionalSharpnessLoss of "Denoising autoencoders, Part 3".
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from ..losses.regional_sharpness import differences_in_window, window_scores
from .spec import LEVELS, ArtifactSpec

WINDOW = 16
STRIDE = 8
SORTED = (
    "The loss sorts these scores before it compares them, so it does not even know where they are."
)


def sharpness(image: Tensor) -> Tensor:
    """Mean absolute difference of neighbours in each window of 16 pixels, stride 8, 8-bit levels.

    `(3, H, W)` in [0, 1] -> `(rows, columns)`: the article's score over its number of differences.
    """
    scale = LEVELS / differences_in_window(WINDOW)
    return scale * window_scores(image[None], WINDOW, STRIDE)[0]


def of_output(output: Tensor, clean: Tensor | None = None) -> Tensor:
    """`sharpness` of the output."""
    return sharpness(output)


def of_clean(output: Tensor, clean: Tensor) -> Tensor:
    """`sharpness` of the clean image: the same for every output."""
    return sharpness(clean)


def difference(output: Tensor, clean: Tensor) -> Tensor:
    """`sharpness` of the output minus the clean image's, window by window."""
    return sharpness(output) - sharpness(clean)


def _spec(
    what: str, label: str, sentence: str, function: Callable[..., Tensor], *, signed: bool = False
) -> ArtifactSpec:
    return ArtifactSpec(
        key=f"sharpness_{what}",
        label=label,
        group="sharpness",
        unit="levels",
        sentence=sentence,
        needs_reference=function is not of_output,
        signed=signed,
        function=function,
        tile=WINDOW,
        hop=STRIDE,
        judged=signed,  # how rough a picture is says nothing of where it is wrong
    )


SHARPNESS_OUTPUT = _spec(
    "output",
    "Sharpness of the output",
    "Mean absolute difference between neighbouring pixels in windows of 16, in 8-bit levels: "
    f"what the regional sharpness loss sees of the output. {SORTED}",
    of_output,
)
SHARPNESS_CLEAN = _spec(
    "clean",
    "Sharpness of clean",
    "The same of the clean image, on every panel: the scores that the regional sharpness loss "
    "asks for.",
    of_clean,
)
SHARPNESS_DIFFERENCE = _spec(
    "difference",
    "Sharpness, output − clean",
    "Window score of the output minus that of the clean image: positive is rougher, negative "
    f"smoother. {SORTED} Rough places may pay for smooth ones.",
    difference,
    signed=True,
)
