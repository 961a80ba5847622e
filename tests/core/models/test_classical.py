"""Classical denoisers: laws over their table, then OpenCV's and scikit-image's numbers."""

import cv2  # grad-cam brings it
import numpy as np
import pytest
import torch
from skimage.restoration import (
    denoise_nl_means,
    denoise_tv_chambolle,
    denoise_wavelet,
    estimate_sigma,
)

from core.models import CLASSICAL, MODELS, build_model
from core.models.classical.gaussian_blur import gaussian_kernel
from core.models.classical.noise_level import LEAST, noise_level

BLURS = [key for key in CLASSICAL if CLASSICAL[key].model == "gaussian_blur"]
OTHERS = [key for key in CLASSICAL if key not in BLURS]


def built(name):
    return build_model(CLASSICAL[name].model, **CLASSICAL[name].arguments).eval()


def images(n, height, width, seed=0):
    return torch.rand(n, 3, height, width, generator=torch.Generator().manual_seed(seed))


def ramp(sigma, side=64):
    """A smooth picture and the same with noise, `(1, 3, side, side)` each."""
    clean = torch.linspace(0.3, 0.7, side).expand(1, 3, side, side).contiguous()
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(1))
    return clean, clean + sigma * noise


def as_array(image):
    return image.movedim(0, -1).contiguous().numpy()


# Laws --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSICAL)
@pytest.mark.parametrize("size", [(16, 16), (33, 17)])
def test_shape_kind_and_input_are_kept_at_any_size(name, size):
    x = images(2, *size)
    before = x.clone()
    output = built(name)(x)
    assert output.shape == x.shape and output.dtype == x.dtype and torch.isfinite(output).all()
    assert torch.equal(x, before) and not torch.equal(output, x)


@pytest.mark.parametrize("name", CLASSICAL)
def test_alone_as_in_a_batch(name):
    batch = torch.cat([ramp(0.05, 32)[1], images(1, 32, 32)])
    together = built(name)(batch)
    torch.testing.assert_close(together, torch.cat([built(name)(x[None]) for x in batch]))


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_flat_picture_stays_as_it_is(name):
    flat = torch.tensor([0.2, 0.5, 1.0]).view(1, 3, 1, 1).expand(1, 3, 24, 24).contiguous()
    torch.testing.assert_close(built(name)(flat), flat, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CLASSICAL)
def test_noise_on_a_smooth_picture_shrinks(name):
    clean, noisy = ramp(0.1)
    left = (built(name)(noisy) - clean)[..., 8:-8, 8:-8].std()
    assert left < 0.045  # the 3 × 3 blur leaves 3 / 8 of it, the square of (1, 2, 1) / 4


@pytest.mark.parametrize("name", CLASSICAL)
def test_every_variant_has_a_model_and_sentences(name):
    variant = CLASSICAL[name]
    assert variant.model in MODELS and not list(built(name).parameters())
    assert "without training" in variant.sentence and "Look for" in variant.sentence
    assert ("estimated from the image" in variant.sentence) == (name in OTHERS)


def test_there_are_the_sixteen_blurs_of_part_1_and_three_more():
    settings = {tuple(CLASSICAL[name].arguments.values()) for name in BLURS}
    assert settings == {(k, s) for k in (3, 5, 7, 9) for s in (0, 1, 2, 3)} and len(BLURS) == 16
    assert OTHERS == ["non-local-means", "total-variation", "wavelet"]


# Gaussian blur -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kernel", "sigma", "half"),
    [
        (3, 0, [0.25, 0.5]),
        (5, 0, [0.0625, 0.25, 0.375]),
        (7, 0, [0.03125, 0.109375, 0.21875, 0.28125]),
        (9, 0, [0.015625, 0.05078125, 0.1171875, 0.19921875, 0.234375]),
        (3, 1, [0.2740686, 0.4518628]),  # 1 / (1 + 2 exp(-1/2)) in the middle
        (5, 2, [0.1524691, 0.2218413, 0.2513791]),
        (9, 3, [0.0629702, 0.0929025, 0.1226492, 0.1448929, 0.1531703]),
    ],
)
def test_kernels_are_opencvs(kernel, sigma, half):
    expected = torch.tensor([*half, *half[-2::-1]], dtype=torch.float64)
    torch.testing.assert_close(gaussian_kernel(kernel, sigma), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", BLURS)
def test_a_blur_is_opencvs_borders_included(name):
    (image,) = images(1, 21, 34)
    kernel, sigma = CLASSICAL[name].arguments.values()
    expected = cv2.GaussianBlur(as_array(image), (kernel, kernel), sigma)
    np.testing.assert_allclose(as_array(built(name)(image[None])[0]), expected, atol=1e-6)


@pytest.mark.parametrize("kernel", [0, 4, 11, "x"])
def test_other_kernels_are_refused(kernel):
    with pytest.raises(ValueError, match=f"kernel is {kernel};.*3, 5, 7, 9"):
        build_model("gaussian_blur", kernel=kernel)


@pytest.mark.parametrize("sigma", [-1.0, float("nan"), float("inf")])
def test_other_sigmas_are_refused(sigma):
    with pytest.raises(ValueError, match="must be 0 .automatic. or more"):
        build_model("gaussian_blur", sigma=sigma)


@pytest.mark.parametrize("kernel", [3, 5, 7, 9])
def test_a_blur_reaches_half_its_kernel(kernel):
    point = torch.zeros(1, 3, 25, 25)
    point[..., 12, 12] = 1
    touched = build_model("gaussian_blur", kernel=kernel, sigma=3)(point)[0, 0].nonzero()
    assert int(touched.max()) - 12 == kernel // 2 <= MODELS["gaussian_blur"].halo


# The noise level, and what is done with it -------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.02, 0.1])
def test_the_noise_level_is_found(sigma):
    (noisy,) = ramp(sigma, 128)[1]
    assert noise_level(as_array(noisy)) == pytest.approx(sigma, rel=0.05)


def test_channels_without_noise_do_not_count():
    (noisy,) = ramp(0.1, 128)[1]
    noisy[1:] = 0.5
    assert noise_level(as_array(noisy)) == pytest.approx(0.1, rel=0.05)
    assert noise_level(np.full((16, 16, 3), 0.5, np.float32)) == 0.0


@pytest.mark.parametrize("name", OTHERS)
def test_a_picture_without_noise_is_left_alone(name):
    clean, _ = ramp(0)
    assert noise_level(as_array(clean[0])) < LEAST
    assert torch.equal(built(name)(clean), clean)


@pytest.mark.parametrize(
    ("name", "denoise"),
    [
        (
            "non-local-means",
            lambda x, s: denoise_nl_means(x, 5, 6, 0.8 * s, sigma=s, channel_axis=-1),
        ),
        ("total-variation", lambda x, s: denoise_tv_chambolle(x, 0.8 * s, channel_axis=-1)),
        (
            "wavelet",
            lambda x, s: denoise_wavelet(x, s, convert2ycbcr=True, channel_axis=-1),
        ),
    ],
)
def test_the_others_are_scikit_images_with_the_estimated_noise(name, denoise):
    (noisy,) = ramp(0.1)[1]
    sigma = estimate_sigma(as_array(noisy), average_sigmas=True, channel_axis=-1)
    expected = denoise(as_array(noisy), sigma)
    np.testing.assert_allclose(as_array(built(name)(noisy[None])[0]), expected, atol=1e-6)
    assert not np.allclose(expected, denoise(as_array(noisy), 1.1 * sigma), atol=1e-3)
