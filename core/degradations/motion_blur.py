"""Motion blur: the mean along a straight line, as a camera that moves while it takes the picture.

The line of `length` pixels lies centred on the pixel, `angle` degrees counter-clockwise from the
horizontal. It is cut into pieces one pixel long, the first centred and the outermost as long as
what is left; each stands for a point, a whole number of pixels along the line, that shares the
piece's weight among the four pixels around it, bilinearly. Hence `length` 9 and `angle` 0 are
nine taps of 1/9, and any real length and angle have a kernel that is symmetric about its centre
and moves nothing.

Source: the operator of "Vision Transformers and Loss Design" (kernel 9, angle 20), which turns
such a row of taps.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from .parameters import ANGLE, GREY, LENGTH, LEVEL, SEED
from .relative_noise import relative_noise
from .spec import DegradationSpec


def motion_kernel(length: float, angle: float) -> Tensor:
    """The weights of the line, `(K, K)` in float64 with K odd; their sum is 1."""
    half = math.ceil((length - 1) / 2)
    steps = torch.arange(-half, half + 1, dtype=torch.float64)
    weights = ((length + 1) / 2 - steps.abs()).clamp(0, 1)
    radians = math.radians(angle)
    # Rounded, for the cosine of 90 degrees is not quite 0 in floating point.
    across, down = round(math.cos(radians), 15) * steps, -round(math.sin(radians), 15) * steps
    rows, columns = (_shares(positions, steps) for positions in (down, across))
    return torch.einsum("p,py,px->yx", weights / weights.sum(), rows, columns)


def _shares(positions: Tensor, pixels: Tensor) -> Tensor:
    """How much of a point at each position falls on each pixel of an axis: `(P, K)`."""
    return (1 - (pixels - positions[:, None]).abs()).clamp(min=0)


def motion_blur(images: Tensor, *, length: float, angle: float, **_: float) -> Tensor:
    """Blur `(N, 3, H, W)` along a line, mirrored at the border pixels' centres.

    Raises `ValueError` for images that the line's half does not fit into.
    """
    kernel = motion_kernel(length, angle)
    half = len(kernel) // 2
    height, width = images.shape[-2:]
    if min(height, width) <= half:
        raise ValueError(
            f"A blur of length {length:g} needs sides of at least {half + 1} pixels; "
            f"this image is {width} x {height}."
        )
    padded = functional.pad(images, (half,) * 4, mode="reflect")
    blurred = torch.zeros_like(images)
    # Shifted sums: quicker on a CPU than a convolution, and the same alone and in a batch.
    for y, x in kernel.nonzero().tolist():
        shifted = padded[..., y : y + height, x : x + width]
        blurred.add_(shifted, alpha=kernel[y, x].item())
    return blurred


MOTION_BLUR = DegradationSpec(
    key="motion_blur",
    label="Motion blur",
    sentence=(
        "The mean along a straight, anti-aliased line, mirrored at the border; the angle is "
        "counted counter-clockwise from the horizontal."
    ),
    parameters=(LENGTH, ANGLE),
    operator=motion_blur,
    result="Blurred",
)

MOTION_BLUR_NOISE = DegradationSpec(
    key="motion_blur_noise",
    label="Motion blur + noise",
    sentence=(
        "Motion blur, then noise whose norm is a fraction of the blurred image's own; not "
        "clipped. “Vision Transformers and Loss Design” has length 9, angle 20, level 0.01."
    ),
    parameters=(LENGTH, ANGLE, LEVEL, SEED),
    switches=(GREY,),
    operator=motion_blur,
    noise=relative_noise,
    result="Blurred, noisy",
)
