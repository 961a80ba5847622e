"""Protocols: BasicSR's formulas restated and scikit-image's default, and what labels say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from skimage import data, metrics

from core.imaging.images import to_uint8
from core.metrics import METRICS, OURS, PROTOCOLS, parse_protocol
from core.metrics.protocols import MEASURED, y_channel

CHANGED = [
    pytest.param(spec, key, id=f"{spec.key}-{key}")
    for spec in PROTOCOLS.values()
    for key in spec.metrics
]


@pytest.fixture(scope="module")
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    """Two noisy crops with values beyond [0, 1], and their clean ones: `(2, 3, 61, 72)`."""
    arrays = [data.astronaut()[60:121, 180:252], data.coffee()[100:161, 250:322]]
    clean = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).float() / 255
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    return clean + torch.tensor([0.05, 0.2]).view(2, 1, 1, 1) * noise, clean


def values(protocol, key, output, target) -> list[float]:
    return protocol.apply(METRICS[key])(output, target).tolist()


# BasicSR's calculate_psnr and calculate_ssim (basicsr/metrics/psnr_ssim.py), restated ---------


def to_y(image: np.ndarray) -> np.ndarray:
    """`to_y_channel`: BGR in [0, 255] -> (H, W, 1) in [16, 235]."""
    bgr = image.astype(np.float32) / 255.0
    y = np.dot(bgr, [24.966, 128.553, 65.481]) + 16.0
    return (y / 255.0).astype(np.float32)[..., None] * 255.0


def prepared(image: torch.Tensor, border: int, y: bool) -> np.ndarray:
    image = to_uint8(image)[..., ::-1].astype(np.float64)
    if border:
        image = image[border:-border, border:-border, ...]
    return (to_y(image) if y else image).astype(np.float64)


def basicsr_mse(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.mean((one - other) ** 2)) / 255.0**2


def basicsr_psnr(one: np.ndarray, other: np.ndarray) -> float:
    return 10 * np.log10(255.0 * 255.0 / np.mean((one - other) ** 2))


def ssim_of_a_channel(one: np.ndarray, other: np.ndarray) -> float:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    kernel = cv2.getGaussianKernel(11, 1.5)
    window = np.outer(kernel, kernel.transpose())

    def filtered(image: np.ndarray) -> np.ndarray:
        return cv2.filter2D(image, -1, window)[5:-5, 5:-5]

    mu1, mu2 = filtered(one), filtered(other)
    sigma1 = filtered(one**2) - mu1**2
    sigma2 = filtered(other**2) - mu2**2
    sigma12 = filtered(one * other) - mu1 * mu2
    found = ((2 * mu1 * mu2 + c1) * (2 * sigma12 + c2)) / (
        (mu1**2 + mu2**2 + c1) * (sigma1 + sigma2 + c2)
    )
    return found.mean()


def basicsr_ssim(one: np.ndarray, other: np.ndarray) -> float:
    return np.mean(
        [ssim_of_a_channel(one[..., c], other[..., c]) for c in range(one.shape[2])]
    ).item()


BASICSR = {"mse": basicsr_mse, "psnr": basicsr_psnr, "ssim": basicsr_ssim}


@pytest.mark.parametrize("key", MEASURED)
@pytest.mark.parametrize(
    ("expression", "border", "y"),
    [
        ("basicsr_y", 4, True),
        ("basicsr_y(border=2)", 2, True),
        ("basicsr_y(y_channel=0)", 4, False),
        ("ours(rounded=1)", 0, False),
    ],
)
def test_it_is_what_basicsr_gives(pair, expression, border, y, key):
    found = values(parse_protocol(expression), key, *pair)
    wanted = [
        BASICSR[key](prepared(output, border, y), prepared(clean, border, y))
        for output, clean in zip(*pair, strict=True)
    ]
    assert found == pytest.approx(wanted, abs=1e-4 if key != "mse" else 1e-7)
    assert found != pytest.approx(values(OURS, key, *pair), rel=1e-4)


def test_it_is_what_scikit_image_gives_by_default(pair):
    found = values(PROTOCOLS["skimage"], "ssim", *pair)
    wanted = [
        metrics.structural_similarity(
            output.permute(1, 2, 0).double().numpy(),
            clean.permute(1, 2, 0).double().numpy(),
            data_range=1.0,
            channel_axis=2,
        )
        for output, clean in zip(*pair, strict=True)
    ]
    assert found == pytest.approx(wanted, abs=1e-4)
    assert found != pytest.approx(values(OURS, "ssim", *pair), abs=1e-3)


def test_y_is_matlabs():
    """Of white, black, and pure red, green and blue: rgb2ycbcr's first column, times 255."""
    colours = torch.tensor([[1.0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    found = 255 * y_channel(colours[..., None, None]).flatten()
    assert found.tolist() == pytest.approx([235.0, 16.0, 81.481, 144.553, 40.966], abs=1e-4)


# What it says of itself -----------------------------------------------------------------------


def test_ours_and_other_metrics_stay_as_they_are():
    for protocol in PROTOCOLS.values():
        for metric in METRICS.values():
            same = metric.key not in protocol.metrics
            assert (protocol.apply(metric) is metric) == same
    assert OURS.metrics == () and next(iter(PROTOCOLS)) == "ours"


@pytest.mark.parametrize(("protocol", "key"), CHANGED)
def test_a_number_that_is_not_ours_says_so(protocol, key):
    changed = protocol.apply(METRICS[key])
    assert changed.key == key and changed.label != METRICS[key].label
    assert changed.label.startswith(METRICS[key].label + " (")


def test_labels_name_everything_that_is_done():
    labels = {
        (text, key): parse_protocol(text).apply(METRICS[key]).label
        for text in ("basicsr_y", "skimage", "skimage(border=8)")
        for key in ("psnr", "ssim")
    }
    assert labels == {
        ("basicsr_y", "psnr"): "PSNR (Y, border 4, 8-bit)",
        ("basicsr_y", "ssim"): "SSIM (Y, border 4, 8-bit)",
        ("skimage", "psnr"): "PSNR",
        ("skimage", "ssim"): "SSIM (7 × 7 uniform)",
        ("skimage(border=8)", "psnr"): "PSNR (border 8)",
        ("skimage(border=8)", "ssim"): "SSIM (7 × 7 uniform, border 8)",
    }


@pytest.mark.parametrize(("key", "least"), [("psnr", 9), ("ssim", 19)])
def test_what_is_too_small_after_the_cut_is_refused_with_the_numbers(key, least):
    metric = PROTOCOLS["basicsr_y"].apply(METRICS[key])
    enough = torch.rand(1, 3, least, least)
    assert torch.isfinite(metric(enough, 1 - enough)).all()
    small = torch.rand(1, 3, 30, least - 1)
    with pytest.raises(ValueError, match=rf"border 4.* {least} pixels; .* {least - 1} x 30"):
        metric(small, small)


# Expressions -----------------------------------------------------------------------


def test_its_normal_form_gives_the_same_protocol():
    found = parse_protocol("basicsr_y(border=2)")
    assert found.key == "basicsr_y(border=2, y_channel=1, rounded=1)"
    assert parse_protocol(found.key) == found and found.border == 2
    assert parse_protocol("basicsr_y(border=4)") is PROTOCOLS["basicsr_y"]
    assert [parse_protocol(key) for key in PROTOCOLS] == PROTOCOLS.values()


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("matlab", "basicsr_y"),
        ("ours(cut=4)", "border"),
        ("ours(border=300)", "0 to 256"),
        ("ours(border=1.5)", "1.5"),
        ("ours(y_channel=2)", "0 to 1"),
        ("ours + skimage", "Cannot read"),
        ("ours(border=__import__('os'))", "Cannot read"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(expression, told):
    with pytest.raises(ValueError) as refused:
        parse_protocol(expression)
    assert told in str(refused.value) and str(refused.value).endswith(".")
