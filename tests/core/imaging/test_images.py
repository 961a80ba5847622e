"""Pictures in and out; `decoding/` tests what comes of every kind of file."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.imaging import limits
from core.imaging.images import (
    ImageError,
    Region,
    crop,
    decode,
    digest,
    encode_png,
    encode_webp,
    thumbnail,
    to_tensor,
    to_uint8,
)
from tests.core.imaging.writers import png, saved

HEIGHT, WIDTH = 24, 40


def noise(height=HEIGHT, width=WIDTH, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def ramp():
    """Smooth enough for JPEG to keep within a few levels: (24, 40, 3)."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.stack([4 * x + 20, 6 * y + 40, 3 * x + 2 * y + 30], axis=-1).astype(np.uint8)


def flat(value, mode):
    return Image.new(mode, (WIDTH, HEIGHT), value)


# Files that are shown


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_come_back_pixel_for_pixel(kind):
    np.testing.assert_array_equal(decode(saved(noise(), kind)), noise())


def test_lossless_webp_comes_back_pixel_for_pixel():
    np.testing.assert_array_equal(decode(saved(noise(), "WebP", lossless=True)), noise())


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_jpeg_comes_back_within_a_few_levels(options):
    picture = decode(saved(ramp(), "JPEG", quality=98, **options))
    assert np.abs(picture.astype(int) - ramp()).max() <= 6


def test_decoded_picture_is_writable_uint8_rgb():
    picture = decode(saved(noise(), "PNG"))
    assert picture.dtype == np.uint8 and picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.flags.writeable and picture.flags.c_contiguous


def test_grey_is_repeated():
    grey = noise()[..., 0]
    np.testing.assert_array_equal(decode(saved(grey, "PNG")), np.stack([grey] * 3, axis=-1))


def test_one_bit_is_black_and_white():
    bits = noise()[..., 0] > 127
    expected = np.stack([bits * np.uint8(255)] * 3, axis=-1)
    np.testing.assert_array_equal(decode(saved(Image.fromarray(bits), "PNG")), expected)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (flat((200, 100, 0, 255), "RGBA"), (200, 100, 0)),
        (flat((200, 100, 0, 0), "RGBA"), (255, 255, 255)),
        (flat((200, 100, 0, 51), "RGBA"), (244, 224, 204)),  # 255 + (v - 255) / 5
        (flat((100, 51), "LA"), (224, 224, 224)),
    ],
)
def test_alpha_lies_over_white(image, expected):
    assert np.abs(decode(saved(image, "PNG")).astype(int) - expected).max() <= 1


def test_palette_is_looked_up():
    image = flat(1, "P")
    image.putpalette([0, 0, 0, 10, 20, 30])
    assert (decode(saved(image, "PNG")) == (10, 20, 30)).all()


def test_transparent_palette_entry_lies_over_white():
    image = flat(1, "P")
    image.putpalette([9, 9, 9, 10, 20, 30])
    image.paste(0, (0, 0, 10, HEIGHT))
    picture = decode(saved(image, "PNG", transparency=0))
    assert (picture[:, :10] == 255).all() and (picture[:, 10:] == (10, 20, 30)).all()


def test_transparent_colour_of_an_rgb_picture_lies_over_white():
    picture = decode(saved(flat((1, 2, 3), "RGB"), "PNG", transparency=(1, 2, 3)))
    assert (picture == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(kind):
    picture = decode(saved(flat((0, 255, 255, 0), "CMYK"), kind)).astype(int)
    assert np.abs(picture - (255, 0, 0)).max() <= 3


def test_lab_becomes_rgb():
    picture = decode(saved(flat((128, 128, 128), "LAB"), "TIFF")).astype(int)
    assert np.abs(picture - 119).max() <= 2  # L* = 100 * 128 / 255 is sRGB 119


def test_first_page_of_a_tiff_and_first_view_of_a_stereo_jpeg():
    pages = [flat("red", "RGB"), flat("blue", "RGB")]
    for kind in ("TIFF", "MPO"):
        picture = decode(saved(pages[0], kind, save_all=True, append_images=pages[1:]))
        assert np.abs(picture.astype(int) - (255, 0, 0)).max() <= 3


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("exif", [b"garbage", b"II*\0\xff\xff\xff\xff", b"IM\0*\0\0\0\x08"])
def test_broken_exif_does_not_lose_the_picture(exif):
    np.testing.assert_array_equal(decode(saved(noise(), "PNG", exif=exif)), noise())
    picture = decode(saved(ramp(), "JPEG", quality=98, exif=b"Exif\0\0" + exif)).astype(int)
    assert np.abs(picture - ramp()).max() <= 6


def test_exif_that_only_reads_still_turns_the_picture():
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = 6, 72.0
    data = exif.tobytes().replace(b"\x01\x1a\x00\x05", b"\x01\x1a\x00\x02")  # mislabelled
    np.testing.assert_array_equal(decode(saved(noise(), "PNG", exif=data)), np.rot90(noise(), -1))


# Files that are refused


def test_smallest_allowed_side_is_shown():
    assert decode(saved(noise(16, 16), "PNG")).shape == (16, 16, 3)


def test_the_limit_itself_is_allowed(monkeypatch):
    monkeypatch.setattr(limits, "MAX_PIXELS", HEIGHT * WIDTH)
    assert decode(saved(noise(), "PNG")).shape == (HEIGHT, WIDTH, 3)
    monkeypatch.setattr(limits, "MAX_PIXELS", HEIGHT * WIDTH - 1)
    with pytest.raises(ImageError, match="40 x 24 = 960.*959"):
        decode(saved(noise(), "PNG"))


def test_an_oversized_picture_is_refused_before_its_pixels_are_read(monkeypatch):
    monkeypatch.setattr("imagecodecs.png_decode", lambda *_: pytest.fail("pixels were read"))
    with pytest.raises(ImageError, match="most allowed"):
        decode(png(noise(), 2, size=(8_000, 8_000)))


# Scaling


def test_every_value_survives_the_round_trip():
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    np.testing.assert_array_equal(to_uint8(to_tensor(every)), every)


def test_to_tensor_by_hand():
    array = np.zeros((2, 3, 3), dtype=np.uint8)
    array[1, 2] = 255, 51, 0
    tensor = to_tensor(array)
    assert tensor.shape == (3, 2, 3) and tensor.dtype == torch.float32
    assert tensor.is_contiguous()
    torch.testing.assert_close(tensor[:, 1, 2], torch.tensor([1.0, 0.2, 0.0]), rtol=0, atol=1e-7)


def test_to_tensor_shares_nothing_with_a_read_only_array():
    array = noise()
    array.flags.writeable = False
    tensor = to_tensor(array)
    tensor.zero_()
    assert array.any()


def test_to_uint8_clips_and_rounds_half_to_even():
    values = torch.tensor([-1.0, 0.5 / 255, 1.5 / 255, 2.5 / 255, 0.999, 7.0])
    image = values.view(1, 1, 6).expand(3, 1, 6)
    assert to_uint8(image)[0, :, 0].tolist() == [0, 0, 2, 2, 255, 255]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_to_uint8_takes_any_float(dtype):
    picture = to_uint8(torch.full((3, 4, 5), 0.5, dtype=dtype, requires_grad=True))
    assert picture.shape == (4, 5, 3) and (picture == 128).all()


def test_to_uint8_refuses_values_that_are_not_numbers():
    image = torch.zeros(3, 2, 2)
    image[0, 0, 0] = torch.nan
    with pytest.raises(ImageError, match="1.*12"):
        to_uint8(image)


def test_wrong_shapes_are_refused_with_numbers():
    with pytest.raises(ImageError, match=r"float64 of the shape \(4, 4, 3\)"):
        to_tensor(np.zeros((4, 4, 3)))
    with pytest.raises(ImageError, match=r"uint8 of the shape \(4, 4\)"):
        encode_png(np.zeros((4, 4), dtype=np.uint8))
    with pytest.raises(ImageError, match=r"\(1, 4, 4\)"):
        to_uint8(torch.zeros(1, 4, 4))


# Encoding, digest, thumbnail


@pytest.mark.parametrize("encode", [encode_png, encode_webp])
@pytest.mark.parametrize("shape", [(16, 16), (33, 70)])
def test_encoding_is_lossless(encode, shape):
    picture = noise(*shape)
    np.testing.assert_array_equal(decode(encode(picture)), picture)


def test_webp_refuses_sides_that_it_cannot_hold():
    with pytest.raises(ImageError, match="16,383.*16,384 x 1"):
        encode_webp(np.zeros((1, 16_384, 3), dtype=np.uint8))


def test_digest_is_one_name_for_one_content():
    picture = noise()
    assert digest(picture) == digest(picture.copy()) == digest(np.asfortranarray(picture))
    assert digest(to_tensor(picture)) == digest(to_tensor(picture).numpy())
    assert len(digest(picture)) == 32


def test_digest_tells_values_shapes_and_types_apart():
    picture = noise()
    changed = picture.copy()
    changed[-1, -1, -1] ^= 1
    others = [changed, picture.reshape(WIDTH, HEIGHT, 3), picture.view(np.int8)]
    assert len({digest(other) for other in [picture, *others]}) == 4


@pytest.mark.parametrize(
    ("shape", "expected"), [((100, 400), (16, 64)), ((400, 100), (64, 16)), ((20, 30), (20, 30))]
)
def test_thumbnail_fits_and_never_enlarges(shape, expected):
    picture = np.full((*shape, 3), 77, dtype=np.uint8)
    small = thumbnail(picture, 64)
    assert small.shape == (*expected, 3) and (small == 77).all()


# Regions


def regions(count=200):
    rng = np.random.default_rng(2)
    for x, y, width, height in rng.integers(0, 90, (count, 4)):
        yield Region(int(x), int(y), int(width) + 1, int(height) + 1)


def test_region_text_is_read_back():
    assert Region(1, 2, 3, 4).text == "1,2,3,4"
    assert all(Region.parse(region.text) == region for region in regions())
    assert Region.parse(" 1, 2 ,3,4 ") == Region(1, 2, 3, 4)


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1.5,2,3,4", "1,2,0,4", "-1,2,3,4", "1,2,3,-4",
     "9999999999,0,1,1", "1;2;3;4", "\u0661,2,3,4", "nan,1,1,1"],
)  # fmt: skip
def test_bad_region_text_is_refused(text):
    with pytest.raises(ValueError, match="region"):
        Region.parse(text)


def test_region_errors_carry_numbers():
    with pytest.raises(ValueError, match="-1,2,3,4"):
        Region.parse("-1,2,3,4")
    with pytest.raises(ValueError, match="300,0,5,5.*256 x 128"):
        Region(300, 0, 5, 5).clipped(256, 128)
    with pytest.raises(ValueError, match="0,128,5,5.*256 x 128"):
        Region(0, 128, 5, 5).clipped(256, 128)
    with pytest.raises(ValueError, match="256,0,5,5.*256 x 128"):
        Region(256, 0, 5, 5).clipped(256, 128)


def test_clipped_is_the_intersection():
    assert Region(10, 20, 100, 100).clipped(50, 60) == Region(10, 20, 40, 40)
    for region in regions():
        try:
            inside = region.clipped(64, 48)
        except ValueError:
            assert region.x >= 64 or region.y >= 48
            continue
        assert inside.x + inside.width <= 64 and inside.y + inside.height <= 48
        assert inside.clipped(64, 48) == inside


def test_crop_is_the_same_for_arrays_and_tensors():
    picture, region = noise(), Region(3, 5, 20, 10)
    np.testing.assert_array_equal(crop(picture, region), picture[5:15, 3:23])
    np.testing.assert_array_equal(to_uint8(crop(to_tensor(picture), region)), picture[5:15, 3:23])
    assert crop(torch.zeros(2, 3, HEIGHT, WIDTH), region).shape == (2, 3, 10, 20)


def test_crop_outside_is_refused():
    with pytest.raises(ValueError, match="30,0,20,10.*40 x 24"):
        crop(noise(), Region(30, 0, 20, 10))
