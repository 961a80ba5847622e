"""Colour spaces and the difference that a person sees, of tensors `(N, 3, H, W)`.

As scikit-image has them, which tests compare with; these run where the images are, in all their
precision, and take a third of the time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

Matrix = Sequence[Sequence[float]]

SRGB_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
"""Rec. ITU-R BT.709: linear sRGB to CIE 1931 XYZ."""
D65 = (0.95047, 1.0, 1.08883)

STEP = 6 / 29
"""Below its cube CIELAB's root is a straight line."""
FULL = 2 * math.pi
CHROMA_7 = 25.0**7


def srgb_to_linear(images: Tensor) -> Tensor:
    """Light of sRGB values (IEC 61966-2-1), white at 1."""
    # The floor keeps the power defined where the line is taken.
    curve = ((images.clamp(min=0.0) + 0.055) / 1.055) ** 2.4
    return torch.where(images > 0.04045, curve, images / 12.92)


def mixed(matrix: Matrix, images: Tensor) -> Tensor:
    """A matrix `(3, 3)` times the channels."""
    first, second, third = images.unbind(dim=1)
    return torch.stack([a * first + b * second + c * third for a, b, c in matrix], dim=1)


def linear_to_lab(linear: Tensor) -> Tensor:
    """CIELAB (D65, 2°) of linear sRGB."""
    rows = [[part / white for part in row] for row, white in zip(SRGB_TO_XYZ, D65, strict=True)]
    return lab(mixed(rows, linear))


def lab(relative: Tensor) -> Tensor:
    """CIELAB of XYZ over the white point's: L* in [0, 100], a*, b*."""
    root = relative.clamp(min=STEP**3) ** (1 / 3)
    line = relative / (3 * STEP**2) + 4 / 29
    x, y, z = torch.where(relative > STEP**3, root, line).unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def chroma(colours: Tensor) -> Tensor:
    """Distance from grey in CIELAB, `(N, 3, H, W)` -> `(N, H, W)`."""
    return torch.hypot(colours[:, 1], colours[:, 2])


def ciede2000(colours: Tensor, others: Tensor) -> Tensor:
    """CIEDE2000 of CIELAB colours, `(N, 3, H, W)` twice -> `(N, H, W)`, 0 or more.

    Sharma, Wu and Dalal 2005, "The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations", Color Research & Application 30; all
    parametric factors 1.
    """
    lightness = colours[:, 0], others[:, 0]
    (chroma_1, hue_1), (chroma_2, hue_2) = _stretched(colours, others)
    product = chroma_1 * chroma_2
    turn = hue_2 - hue_1
    turn = torch.where(turn.abs() > math.pi, turn - FULL * turn.sign(), turn)
    # Grey has no hue: then the mean is the other colour's.
    hue = torch.where(product == 0, hue_1 + hue_2, (hue_1 + turn / 2) % FULL)
    mean_chroma = (chroma_1 + chroma_2) / 2
    from_middle = ((lightness[0] + lightness[1]) / 2 - 50).square()
    in_lightness = (lightness[1] - lightness[0]) / (
        1 + 0.015 * from_middle / (20 + from_middle).sqrt()
    )
    in_chroma = (chroma_2 - chroma_1) / (1 + 0.045 * mean_chroma)
    in_hue = 2 * product.sqrt() * (turn / 2).sin() / (1 + 0.015 * mean_chroma * _hue_weight(hue))
    squares = in_lightness.square() + in_chroma.square() + in_hue.square()
    return (squares + _rotation(hue, mean_chroma) * in_chroma * in_hue).clamp(min=0.0).sqrt()


def _stretched(colours: Tensor, others: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Chroma and hue in [0, 2 pi) of both, a* stretched where they are near to grey."""
    stretch = 1.5 - 0.5 * _saturated((chroma(colours) + chroma(others)) / 2)
    found = []
    for one in (colours, others):
        a, b = one[:, 1] * stretch, one[:, 2]
        found.append((torch.hypot(a, b), torch.atan2(b, a) % FULL))
    return found


def _saturated(mean_chroma: Tensor) -> Tensor:
    """From 0 at grey to 1, by the seventh power."""
    power = mean_chroma**7
    return (power / (power + CHROMA_7)).sqrt()


def _hue_weight(hue: Tensor) -> Tensor:
    """T of the formula."""
    return (
        1
        - 0.17 * (hue - math.radians(30)).cos()
        + 0.24 * (2 * hue).cos()
        + 0.32 * (3 * hue + math.radians(6)).cos()
        - 0.20 * (4 * hue - math.radians(63)).cos()
    )


def _rotation(hue: Tensor, mean_chroma: Tensor) -> Tensor:
    """R_T of the formula: blue, where lines of equal hue are not straight."""
    distance = (hue * (180 / math.pi) - 275) / 25
    angle = math.radians(60) * torch.exp(-distance.square())
    return -2 * _saturated(mean_chroma) * angle.sin()
