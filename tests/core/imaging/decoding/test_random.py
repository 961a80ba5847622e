"""Random damage: it is the picture or one sentence, and never a part as if it were the whole."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.imaging.decoding import read_picture
from core.imaging.images import ImageError
from tests.core.imaging.writers import (
    bmp_v4,
    cut_scan,
    png,
    profile_chunk,
    rgb_profile,
    saved,
    tiff,
)
from tests.corpus.files.expected import COLOUR, GREY, levels, smooth, stored

quick = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
deep = stored(COLOUR, "u2")
picture = levels(COLOUR)
WHOLE = {
    "PNG": saved(picture, "PNG"),
    "PNG of 16 bits": png(deep, 2, 16, interlaced=True),
    "PNG with a profile": png(picture, 2, extra=profile_chunk(rgb_profile(1.0))),
    "JPEG": saved(smooth(), "JPEG"),
    "JPEG, progressive": saved(smooth(), "JPEG", progressive=True),
    "JPEG, CMYK": saved(Image.fromarray(smooth()).convert("CMYK"), "JPEG"),
    "WebP": saved(picture, "WebP", lossless=True),
    "AVIF": saved(smooth(), "AVIF"),
    "BMP": bmp_v4(np.dstack([picture, picture[..., 0]])),
    "TIFF": tiff(deep, photometric="rgb"),
    "TIFF in packed tiles": tiff(
        COLOUR.astype("f4"), photometric="rgb", compression="lzw", tile=(16, 16)
    ),
    "TIFF of L*a*b*": tiff(stored(COLOUR, "u1"), photometric="cielab"),
    "TIFF, fax": saved(Image.fromarray(GREY > 0.5), "TIFF", compression="group4"),
}
kinds = st.sampled_from(sorted(WHOLE))


def read(data: bytes) -> np.ndarray | None:
    """The pixels, or None where the file is refused in one sentence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pixels = read_picture(data).pixels
        except ImageError as error:
            message = str(error)
            assert message.endswith(".") and message.isprintable()
            return None
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
    return pixels


@quick
@given(kind=kinds, share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_is_cut_is_refused_or_shown_whole(kind, share):
    data = WHOLE[kind]
    pixels = read(data[: int(share * len(data))])
    assert pixels is None or np.array_equal(pixels, read(data))


@quick
@given(kind=st.sampled_from(["JPEG", "JPEG, progressive", "JPEG, CMYK"]), share=st.floats(0, 1))
def test_a_jpeg_cut_before_an_end_marker_is_refused_noted_or_shown_whole(kind, share):
    data = cut_scan(WHOLE[kind], share)
    pixels = read(data)
    noted = pixels is not None and read_picture(data).notes != read_picture(WHOLE[kind]).notes
    assert pixels is None or noted or np.array_equal(pixels, read(WHOLE[kind]))


@quick
@given(
    kind=kinds,
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
)
def test_bytes_that_are_wrong_raise_nothing_else(kind, places):
    data = bytearray(WHOLE[kind])
    for share, value in places:
        data[int(share * len(data))] = value
    read(bytes(data))


@quick
@given(
    kind=kinds,
    place=st.integers(0, 300),
    number=st.sampled_from([0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1]),
)
def test_a_header_with_wild_numbers_raises_nothing_else(kind, place, number):
    data = bytearray(WHOLE[kind])
    order = "big" if kind.startswith(("PNG", "AVIF", "JPEG")) else "little"
    data[place : place + 4] = number.to_bytes(4, order)
    read(bytes(data))


@quick
@given(st.binary(max_size=400))
def test_rubbish_is_refused(data):
    assert read(data) is None


@pytest.mark.parametrize("kind", WHOLE)
def test_what_is_damaged_above_is_readable_before(kind):
    assert read(WHOLE[kind]) is not None
