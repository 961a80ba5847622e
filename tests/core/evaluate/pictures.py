"""Small pictures that an evaluation measures."""

import numpy as np
from PIL import Image

from core.imaging.images import to_tensor

QUICK = ["--variants", "unet-test", "--metrics", "psnr", "detail_gain"]
TOLERANCE = 1e-5  # relative: what a batch may change on the CPU, where sums come in another order


def picture(seed, width=32, height=32):
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def save(path, seed, width=32, height=32):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(seed, width, height).save(path)
    return path


def image_of(path):
    return to_tensor(np.array(Image.open(path)))
