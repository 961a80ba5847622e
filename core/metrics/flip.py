"""FLIP: the difference that a person sees when two images alternate on a screen.

Reference: Andersson, Nilsson, Akenine-Möller, Oskarsson, Åström and Fairchild 2020, "FLIP: a
difference evaluator for alternating images", Proc. ACM Computer Graphics and Interactive
Techniques 3(2), with the filters, constants and colour space of NVIDIA's package flip-evaluator,
which tests compare with. Not the package itself: it holds Python's lock while it works, and in
that time every other metric, network and page stood still. This is three times as quick.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..base.sharing import shared
from ..imaging.colour import Matrix, lab, mixed, srgb_to_linear
from .gaussian import filter_valid
from .spec import MetricSpec

PIXELS_PER_DEGREE = 0.7 * 3840 / 0.7 * math.pi / 180
"""NVIDIA's default: a 0.7 m wide 4K screen seen from 0.7 m; 67."""

TO_XYZ = (
    (10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794),
    (2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897),
    (1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382),
)
"""Linear sRGB to XYZ; the white point is its rows' sums."""

# Contrast sensitivity (section 4.1.1): sums of Gaussians a sqrt(pi / b) exp(-pi² x² / b), x in
# degrees, as (a, b), for the achromatic, the red-green and the blue-yellow channel.
SENSITIVITY = (((1.0, 0.0047),), ((1.0, 0.0053),), ((34.1, 0.04), (13.5, 0.025)))
SENSITIVITY_RADIUS = math.ceil(3 * math.sqrt(0.04 / (2 * math.pi**2)) * PIXELS_PER_DEGREE)

COLOUR_EXPONENT = 0.7  # q_c: large colour differences count less than their distance
KNEE, AT_KNEE = 0.4, 0.95  # p_c and p_t: up to so much of the most the error is 0 to 0.95

EDGE_WIDTH = 0.082  # w, degrees: the width of the finest edge that people detect
FEATURE_SIGMA = 0.5 * EDGE_WIDTH * PIXELS_PER_DEGREE
FEATURE_EXPONENT = 0.5  # q_f


def flip_map(output: Tensor, target: Tensor) -> Tensor:
    """FLIP error of each pixel, `(N, 3, H, W)` sRGB twice -> `(N, H, W)` in [0, 1].

    Values outside [0, 1] are clipped, as a screen does. At NVIDIA's default distance: 67 pixels
    per degree.
    """
    (colour, features), (other_colour, other_features) = _seen(output), _seen(target)
    more_or_less = (features - other_features).abs().amax(dim=1)
    feature_error = (more_or_less / math.sqrt(2)) ** FEATURE_EXPONENT
    return _colour_error(colour, other_colour) ** (1 - feature_error)


@shared
def _seen(images: Tensor) -> tuple[Tensor, Tensor]:
    """What the eye makes of them: `(N, 3, H, W)` colours, and `(N, 2, H, W)` edges and points."""
    opponent = _opponent(srgb_to_linear(images.clamp(0, 1)))
    return _perceptual(_linear_of(_filtered(opponent)).clamp(0, 1)), _features(opponent[:, :1])


# Colour ------------------------------------------------------------------------------------------


def _colour_error(colour: Tensor, other: Tensor) -> Tensor:
    """HyAB distance, compressed and mapped to [0, 1] (section 4.1.3): `(N, H, W)`."""
    most = _greatest_distance()
    distance = _hyab(colour, other) ** COLOUR_EXPONENT
    beyond = AT_KNEE + (distance - KNEE * most) / (most - KNEE * most) * (1 - AT_KNEE)
    return torch.where(distance < KNEE * most, AT_KNEE / (KNEE * most) * distance, beyond)


def _greatest_distance() -> float:
    """Between green and blue, the colours that are furthest apart."""
    corners = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], dtype=torch.float64)
    green, blue = _perceptual(corners[:, :, None, None]).split(1)
    return _hyab(green, blue).item() ** COLOUR_EXPONENT


def _hyab(colour: Tensor, other: Tensor) -> Tensor:
    lightness, a, b = (colour - other).unbind(dim=1)
    return lightness.abs() + torch.hypot(a, b)


def _filtered(opponent: Tensor) -> Tensor:
    """Each channel of YCxCz as the eye resolves it at this distance."""
    padded = F.pad(opponent, [SENSITIVITY_RADIUS] * 4, mode="replicate")
    channels = [
        sum(weight * filter_valid(plane, window) for weight, window in _sensitivity(gaussians))
        for plane, gaussians in zip(padded.unbind(dim=1), SENSITIVITY, strict=True)
    ]
    return torch.stack(channels, dim=1)


def _sensitivity(gaussians: tuple[tuple[float, float], ...]) -> list[tuple[float, Tensor]]:
    """Shares that sum to 1, and windows along one axis that do."""
    degrees = _offsets(SENSITIVITY_RADIUS) / PIXELS_PER_DEGREE
    windows = [torch.exp(-(math.pi**2) * degrees.square() / b) for _, b in gaussians]
    sums = [window.sum().item() for window in windows]
    volumes = [
        a * math.sqrt(math.pi / b) * total**2
        for (a, b), total in zip(gaussians, sums, strict=True)
    ]
    return [
        (volume / sum(volumes), window / total)
        for volume, window, total in zip(volumes, windows, sums, strict=True)
    ]


def _opponent(linear: Tensor) -> Tensor:
    """YCxCz, a linear version of CIELAB, of linear sRGB."""
    x, y, z = mixed(_to_white(), linear).unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def _linear_of(opponent: Tensor) -> Tensor:
    """Linear sRGB of YCxCz."""
    lightness, red_green, blue_yellow = opponent.unbind(dim=1)
    y = (lightness + 16) / 116
    relative = torch.stack([y + red_green / 500, y, y - blue_yellow / 200], dim=1)
    return mixed(_inverse(), relative)


def _perceptual(linear: Tensor) -> Tensor:
    """CIELAB of linear sRGB in [0, 1], its colours weaker where it is dark (Hunt 1952)."""
    lightness, a, b = lab(mixed(_to_white(), linear)).unbind(dim=1)
    return torch.stack([lightness, 0.01 * lightness * a, 0.01 * lightness * b], dim=1)


def _to_white() -> Matrix:
    """Linear sRGB to XYZ over the white point."""
    return [[part / sum(row) for part in row] for row in TO_XYZ]


def _inverse() -> Matrix:
    return torch.linalg.inv(torch.tensor(_to_white(), dtype=torch.float64)).tolist()


# Features ----------------------------------------------------------------------------------------


def _features(achromatic: Tensor) -> Tensor:
    """Strength of edges and of points at each pixel (section 4.2): `(N, 1, H, W)` -> two channels.

    Derivatives of a Gaussian as wide as the finest edge that people detect.
    """
    radius = math.ceil(3 * FEATURE_SIGMA)
    x = _offsets(radius)
    gaussian = torch.exp(-x.square() / (2 * FEATURE_SIGMA**2))
    padded = F.pad((achromatic + 16) / 116, [radius] * 4, mode="replicate")[:, 0]
    found = []
    for derivative in (-x * gaussian, (x.square() / FEATURE_SIGMA**2 - 1) * gaussian):
        window, across = _balanced(derivative), gaussian / gaussian.sum()
        found.append(
            torch.hypot(filter_valid(padded, window, across), filter_valid(padded, across, window))
        )
    return torch.stack(found, dim=1)


def _balanced(window: Tensor) -> Tensor:
    """A window whose positive samples sum to 1 and whose negative ones to -1."""
    positive, negative = window.clamp(min=0), window.clamp(max=0)
    return positive / positive.sum() - negative / negative.sum()


def _offsets(radius: int) -> Tensor:
    return torch.arange(-radius, radius + 1, dtype=torch.float64)


# The metric --------------------------------------------------------------------------------------


def flip(output: Tensor, target: Tensor) -> Tensor:
    """Mean FLIP error, `(N, 3, H, W)` sRGB in [0, 1] twice -> `(N,)` in [0, 1]."""
    return flip_map(output, target).mean(dim=(1, 2))


FLIP = MetricSpec(
    key="flip",
    label="FLIP",
    unit="",
    low=0.0,
    high=1.0,
    direction="lower",
    needs_reference=True,
    decimals=4,
    why=(
        "What a person sees flicker when output and clean image take turns on a screen, at 67 "
        "pixels per degree: colour and edges, filtered by the eye's contrast sensitivity. From "
        "that distance a grid of period 2 is hardly visible, so zoomed in you see more than "
        "this counts."
    ),
    reference="Andersson et al. 2020; as NVIDIA's flip-evaluator 1.7 at its default distance",
    function=flip,
    slow=True,
)
