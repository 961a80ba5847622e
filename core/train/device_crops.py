"""Training data drawn on the device itself: a batch at once, a function of seed and step alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..imaging.images import to_float
from .data import Crops

SYMMETRIES = 8
DRAWN_BELOW = 2**31  # so far above any number of choices that the remainder is even


def generator_of(words: Sequence[int], device: torch.device) -> torch.Generator:
    """A random stream on the device that is a function of these numbers, each 0 or more.

    The stream of one kind of device is not another's. On a GPU, what a stream gives depends on
    the tensor's size and on the GPU's model as well.
    """
    seed = np.random.SeedSequence(words).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(seed[0]))


class Album:
    """uint8 pictures `(H, W, 3)` of any sizes, one behind the other on a device.

    Crops are index arithmetic and one look-up for a whole batch: what is drawn stays on the
    device, and nothing waits for it.
    """

    def __init__(self, pictures: Sequence[np.ndarray], device: torch.device) -> None:
        sizes = torch.tensor([picture.shape[:2] for picture in pictures])
        ends = sizes.prod(dim=1).cumsum(0)
        self.pixels = torch.empty((int(ends[-1]), 3), dtype=torch.uint8, device=device)
        for picture, end in zip(pictures, ends.tolist(), strict=True):
            pixels = torch.from_numpy(np.array(picture, order="C")).reshape(-1, 3)
            self.pixels[end - len(pixels) : end].copy_(pixels)
        self.first = (ends - sizes.prod(dim=1)).to(device)
        self.heights, self.widths = sizes.to(device).unbind(dim=1)

    def crops(
        self, picture: Tensor, down: Tensor, across: Tensor, symmetry: Tensor, side: int
    ) -> Tensor:
        """One crop of each picture named, uint8 `(N, 3, side, side)`; short sides are reflected.

        All take integers `(N,)`. `down` and `across`, 0 or more, choose the place: their
        remainder by the number of places is the crop's top and left. `symmetry` is below 8: its
        lowest bit turns the crop upside down, the next left to right, the last transposes it.
        """
        flipped, mirrored, transposed = ((symmetry >> bit) % 2 == 1 for bit in range(3))
        rows = _lines(down, self.heights[picture], flipped, side)
        columns = _lines(across, self.widths[picture], mirrored, side)
        begins = self.first[picture, None] + rows * self.widths[picture, None]
        index = begins[:, :, None] + columns[:, None, :]
        index = torch.where(transposed[:, None, None], index.mT, index)
        return self.pixels[index].movedim(-1, 1).contiguous()


def _lines(draw: Tensor, lengths: Tensor, backwards: Tensor, side: int) -> Tensor:
    """Along one axis, which of `lengths` lines each of a crop's is: `(N, side)`.

    A length below `side` is reflected at both ends, the border itself repeated.
    """
    missing = (side - lengths).clamp(min=0)
    start = draw % (lengths.clamp(min=side) - side + 1) - missing // 2
    steps = torch.arange(side, device=draw.device)
    steps = torch.where(backwards[:, None], side - 1 - steps, steps)
    period = 2 * lengths[:, None]
    around = (start[:, None] + steps) % period
    return torch.minimum(around, period - 1 - around)


class DeviceCrops:
    """What `Crops` draws by numpy item by item, drawn in batches on a device by torch.

    The same pictures, weights and distributions; other random numbers.
    """

    def __init__(self, crops: Crops, device: torch.device) -> None:
        self.seed = crops.seed
        self.crop = crops.crop
        self.degradation = crops.degradation
        self.device = torch.device(device)
        self.album = Album([p for group in crops.groups for p in group.pictures], self.device)
        counts = torch.tensor([len(group.pictures) for group in crops.groups])
        self.counts = counts.to(self.device)
        self.firsts = (counts.cumsum(0) - counts).to(self.device)
        bounds = crops.shares.cumsum()[:-1]
        self.bounds = torch.tensor(bounds, dtype=torch.float32, device=self.device)

    def batch(self, step: int, size: int, share: slice) -> dict[str, Tensor]:
        """The items `share` of the batch that a step has, of `size` items, on the device.

        `clean` and `measurement`, `(n, 3, crop, crop)`. Every process draws the whole batch's
        numbers and keeps its own, so that their number changes nothing.
        """
        generator = generator_of([self.seed, step], self.device)
        drawn = {"generator": generator, "device": self.device}
        group = torch.bucketize(torch.rand(size, **drawn), self.bounds, right=True)
        which, *place = torch.randint(DRAWN_BELOW, (4, size), **drawn)
        unit = torch.randn((size, 3, self.crop, self.crop), **drawn)
        picture = self.firsts[group] + which % self.counts[group]
        down, across, turn = (numbers[share] for numbers in place)
        clean = to_float(
            self.album.crops(picture[share], down, across, turn % SYMMETRIES, self.crop)
        )
        # Drawn on the host, where degradations check them: nothing has to come back for it.
        rng = np.random.default_rng([self.seed, step])
        values = [self.degradation.drawn(rng) for _ in range(size)][share]
        return {"clean": clean, "measurement": self.degradation.batch(clean, unit[share], values)}
