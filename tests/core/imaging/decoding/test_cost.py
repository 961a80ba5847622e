"""What reading costs: memory for large files, and libraries only where they are needed."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core.base.paths import ROOT
from core.imaging.decoding import is_deep
from tests.core.imaging.writers import png, saved, tiff

SIDE = 4000
MOST_MB = 180
"""Without pixels it is 27 MB. What grows with them may be 9.6 bytes for each: 500 MB for 49
megapixels, nearly as many as are taken."""
PEAK = """
import re, sys
from pathlib import Path
from core.imaging.decoding import read_picture
pixels = read_picture(Path(sys.argv[1]).read_bytes()).pixels
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(*pixels.shape, pixels[0, 0, 0], int(peak) // 1024)
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize("kind", ["float32 in one strip", "16 bits"])
def test_a_small_file_of_16_megapixels_takes_little_memory(tmp_path, kind):
    half = np.full((SIDE, SIDE), 0.5, "f4")
    if kind == "16 bits":
        data = png(np.full((SIDE, SIDE), 32768, "u2"), 0, 16)
    else:
        data = tiff(half, compression="zlib", rowsperstrip=SIDE)
    assert len(data) < 300_000
    (tmp_path / "file").write_bytes(data)
    height, width, _, level, peak = map(int, run(PEAK, str(tmp_path / "file")))
    assert (height, width, level) == (SIDE, SIDE, 128) and peak <= MOST_MB


class Counted(io.BytesIO):
    """A file that counts the bytes that are read."""

    count = 0

    def read(self, size=-1):
        found = super().read(size)
        self.count += len(found)
        return found

    def readinto(self, buffer):
        count = super().readinto(buffer)
        self.count += count
        return count


LARGE = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)


@pytest.mark.parametrize(
    ("data", "deep"),
    [
        (png(LARGE, 2, 16), True),
        (tiff(LARGE.astype("f4"), photometric="rgb"), True),
        (tiff(LARGE, photometric="rgb"), False),
        (saved(Image.fromarray(LARGE).convert("YCbCr"), "TIFF"), False),
        (saved(LARGE, "JPEG"), False),
    ],
)
def test_whether_values_are_deep_stands_in_the_header(data, deep):
    file = Counted(data)
    assert is_deep(file) == deep and file.count < 5000 < len(data)


def test_what_reads_rare_files_is_loaded_for_them_only():
    code = """
import sys
from core.imaging.images import decode
heavy = {"tifffile", "imagecodecs", "simplejpeg", "cv2", "torch"}
print(*heavy & set(sys.modules))
"""
    assert run(code) == []
