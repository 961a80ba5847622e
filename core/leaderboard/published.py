"""What the sources published, exactly. It was measured on other data: not to be ranked with ours.

`SOURCES` says what each source is. "The course" is the notebook "Vision Transformers and Loss
Design".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..statistics import summary
from .conditions import NOISE
from .results import Results

PART_1 = "Denoising autoencoders, Part 1"
PART_3 = "Denoising autoencoders, Part 3"
BETWEEN = "Articles that Part 3 builds on"
COURSE_NOTES = "Vision Transformers and Loss Design"

BLOG = "https://mmalek06.github.io"
COURSE_PAGE = (
    "https://devangelista2.github.io/computational-imaging/2025-26/end-to-end/"
    "vision-transformers-and-loss-design.html"
)


class Source(NamedTuple):
    """Where numbers and claims come from: its title, half a sentence on it, and a link."""

    title: str
    about: str
    link: str


SOURCES = (
    Source(PART_1, "a blog article on Gaussian blurs and dense autoencoders", BLOG),
    Source(
        PART_3,
        "the blog article that sets regional sharpness and Fourier magnitudes against MSE",
        BLOG,
    ),
    Source(BETWEEN, "the blog’s convolutional, transformer and hybrid autoencoders", BLOG),
    Source(
        COURSE_NOTES,
        "a course notebook that deblurs CT slices with seven networks and six losses",
        COURSE_PAGE,
    ),
)


def linked(text: str) -> str:
    """Markdown in which every source that the text names is a link, in whatever case."""
    for source in SOURCES:
        title = re.compile(re.escape(source.title), re.IGNORECASE)
        text = title.sub(lambda found, link=source.link: f"[{found[0]}]({link})", text)
    return text


TILES_56 = "crack pictures in tiles of 56 px, Gaussian noise of unstated strength"
TILES_224 = "crack pictures in tiles of 224 px, Gaussian noise of unstated strength"
MAYO = "8 grey CT slices of 256 px, motion blur (9, 20°) and 0.01 relative noise"
LOSS_STUDY = "1 grey CT slice of 256 px, motion blur (9, 20°) and 0.01 relative noise, a small CNN"


class Published(NamedTuple):
    """A number as it was published; `high` is the upper end where a range was."""

    source: str
    data: str
    what: str
    metric: str
    value: float
    high: float | None = None


KERNELS, SIGMAS = (3, 5, 7, 9), (0, 1, 2, 3)
BLURS = (
    (0.00562406936660409, 0.005374730098992586, 0.00519159808754921, 0.0051943715661764145),
    (0.004354353528469801, 0.004459990654140711, 0.004235366825014353, 0.004387643188238144),
    (0.0040468499064445496, 0.004397430922836065, 0.0043433653190732, 0.004775661509484053),
    (0.004193980246782303, 0.004395665600895882, 0.004441110882908106, 0.005127414129674435),
)
"""The MSE of Gaussian blurs in Part 1: a row a kernel, a column a sigma; 0 is automatic."""

TILED = (
    (PART_1, TILES_56, "dense autoencoder", 0.0088),
    (PART_1, TILES_56, "dense autoencoder, three branches and skip", 0.0070),
    (BETWEEN, TILES_56, "convolutional autoencoder", 0.0017),
    (BETWEEN, TILES_56, "convolutional autoencoder plus its input", 0.03),
    (BETWEEN, TILES_56, "transformer, linear head", 0.0022),
    (BETWEEN, TILES_56, "transformer, MLP head and two convolutions", 0.0018),
    (BETWEEN, TILES_224, "U-Net", 0.0017),
    (BETWEEN, TILES_224, "ViT + U-Net", 0.0015),
)
NETWORKS = {
    "CNN": (0.000340, 34.696, 0.9277, 0.0598),
    "ResCNN": (0.000317, 35.002, 0.9334, 0.0540),
    "UNet": (0.000080, 41.014, 0.9741, 0.0155),
    "Residual UNet": (0.000090, 40.516, 0.9724, 0.0148),
    "Attention UNet": (0.000098, 40.118, 0.9707, 0.0194),
    "UNet++": (0.000088, 40.594, 0.9708, 0.0169),
    "ViT": (0.000174, 37.643, 0.9541, 0.0285),
}
LOSSES = {
    "MSE": (0.001964, 27.070, 0.7348),
    "L1": (0.001877, 27.265, 0.7773),
    "SSIM": (0.001754, 27.560, 0.8161),
    "MSE + 0.1 Fourier": (0.001898, 27.217, 0.7434),
    "0.5 MSE + 0.5 L1": (0.001882, 27.253, 0.7872),
    "MSE + 0.2 SSIM + 0.1 Fourier": (0.001898, 27.216, 0.8056),
}
METRICS = ("mse", "psnr", "ssim", "lpips")
"""The course's columns. Its SSIM is scikit-image's default, with another window than ours."""


def _course(data: str, table: Mapping[str, tuple[float, ...]]) -> list[Published]:
    return [
        Published(COURSE_NOTES, data, what, metric, value)
        for what, values in table.items()
        for metric, value in zip(METRICS, values, strict=False)
    ]


def blur_name(kernel: int, sigma: int) -> str:
    """The classical variant of a Gaussian blur."""
    return f"blur-k{kernel}-s{sigma}"


PUBLISHED: tuple[Published, ...] = (
    *(
        Published(PART_1, TILES_56, blur_name(kernel, sigma), "mse", value)
        for kernel, row in zip(KERNELS, BLURS, strict=True)
        for sigma, value in zip(SIGMAS, row, strict=True)
    ),
    *(Published(source, data, what, "mse", value) for source, data, what, value in TILED),
    Published(BETWEEN, TILES_56, "U-Net", "mse", 0.0015, 0.0016),
    *_course(MAYO, NETWORKS),
    *_course(LOSS_STUDY, LOSSES),
)


def published(data: str, metric: str, *what: str) -> tuple[Published, ...]:
    """The rows of these things, in this order. Raises `KeyError` for one that is not published."""
    rows = {row.what: row for row in PUBLISHED if (row.data, row.metric) == (data, metric)}
    return tuple(rows[name] for name in what)


class BlurTable(NamedTuple):
    """MSE of Gaussian blurs, `(4, 4)`: kernels 3, 5, 7, 9 down, sigmas 0 to 3 across."""

    kernels: tuple[int, ...]
    sigmas: tuple[int, ...]
    ours: np.ndarray
    published: np.ndarray


def blur_table(results: Results) -> BlurTable:
    """Our means over the test pictures at sigma 0.15 (NaN where missing) beside part 1's."""
    ours = [
        [summary(results.values(blur_name(kernel, sigma), "mse", NOISE)).mean for sigma in SIGMAS]
        for kernel in KERNELS
    ]
    return BlurTable(KERNELS, SIGMAS, np.array(ours), np.array(BLURS))
