"""Measurements through variants: one shared look of the ViT, a pool, tiles, bounded memory."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock

import torch
from torch import Tensor, nn

from ..base.paths import CHECKPOINTS
from ..imaging.images import WHOLE_PIXELS, Region, crop
from ..models import lattice_of, spec_of
from ..models.vit_encoder import Encoder, load_encoder
from .store import load_variant, read_card

TILE = 512
HALO = 64  # for networks that look at the whole image, where no halo makes tiles exact
ALIGNMENT = 16  # tiles start here: the lattice of the shipped ViT and of every U-Net

Load = Callable[[str], nn.Module]
Progress = Callable[[str, float], None]
OnError = Callable[[str, Exception], None]


class Cancelled(RuntimeError):
    """Someone asked to stop before everything was restored."""


@cache
def _slots() -> BoundedSemaphore:
    """One slot for each core: no more forward passes at once, whoever asks for them."""
    return BoundedSemaphore(os.cpu_count() or 1)


def _workers() -> int:
    """How many forward passes one call may run at once: cores over threads of each."""
    return max(1, (os.cpu_count() or 1) // torch.get_num_threads())


def loader(folder: Path = CHECKPOINTS) -> Load:
    """`load_variant` with every ViT loaded once and shared; for one call's variants."""
    encoders: dict[str, Encoder] = {}

    def load(name: str) -> nn.Module:
        card = read_card(name, folder)
        if card.encoder is None:
            return load_variant(name, folder)
        key = card.encoder["name"]
        if key not in encoders:
            encoders[key] = load_encoder(key)
        return load_variant(name, folder, encoder=encoders[key])

    return load


def is_tiled(height: int, width: int) -> bool:
    """Whether an image of this size is restored in tiles rather than whole."""
    return height * width > WHOLE_PIXELS


def tiles(height: int, width: int, step: int = ALIGNMENT) -> list[Region]:
    """Disjoint regions that cover the image, each starting at multiples of `step`; or all of it.

    Their sides are the largest multiple of `step` up to 512, or one step; the last reach to the
    border.
    """
    if not is_tiled(height, width):
        return [Region(0, 0, width, height)]
    return [
        Region(x, y, right - x, bottom - y)
        for y, bottom in _cuts(height, step)
        for x, right in _cuts(width, step)
    ]


def _cuts(length: int, step: int) -> list[tuple[int, int]]:
    """Start and end of each tile along one side."""
    # Less than a step is left to the tile before it: alone it would be too narrow for a network
    # to reflect as it reflects the whole image.
    starts = list(range(0, max(1, length - step + 1), max(1, TILE // step) * step))
    return list(zip(starts, [*starts[1:], length], strict=True))


def with_halo(tile: Region, halo: int, height: int, width: int, step: int = ALIGNMENT) -> Region:
    """The tile and `halo` pixels around it, as far as the image goes, at multiples of `step`."""
    halo = -(-halo // step) * step
    x, y = max(0, tile.x - halo), max(0, tile.y - halo)
    right = min(width, tile.x + tile.width + halo)
    bottom = min(height, tile.y + tile.height + halo)
    return Region(x, y, right - x, bottom - y)


class _SharedTokens:
    """Each ViT looks at each window once, whichever variant asks first."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, Region], Future[Tensor]] = {}
        self._lock = Lock()

    def get(self, encoder: Encoder, number: int, window: Region, padded: Tensor) -> Tensor:
        key = (id(encoder), number, window)
        with self._lock:
            mine = key not in self._found
            future = self._found.setdefault(key, Future())
        if mine:
            try:
                future.set_result(encoder(padded))
            except BaseException as error:
                future.set_exception(error)
        return future.result()


def _restore_one(
    model: nn.Module,
    measurements: Tensor,
    tokens: _SharedTokens,
    cancel: Event,
    progress: Callable[[float], None],
) -> Tensor:
    """All images of a batch through one network, tile by tile, clipped to [0, 1]."""
    height, width = measurements.shape[-2:]
    halo, step = halo_of(model), step_of(model)
    encoder = getattr(model, "encoder", None)
    places = tiles(height, width, step)
    output = torch.empty_like(measurements)
    for number, image in enumerate(measurements):
        for done, tile in enumerate(places):
            if cancel.is_set():
                raise Cancelled("The restoration was cancelled.")
            window = with_halo(tile, halo, height, width, step)
            piece = crop(image, window)[None]
            with _slots(), torch.inference_mode():
                if isinstance(encoder, Encoder):
                    result = model(piece, tokens.get(encoder, number, window, model.pad(piece)))
                else:
                    result = model(piece)
                inner = Region(tile.x - window.x, tile.y - window.y, tile.width, tile.height)
                crop(output[number], tile).copy_(crop(result[0], inner).clamp(0, 1))
            progress((number + (done + 1) / len(places)) / len(measurements))
    return output


def halo_of(model: nn.Module) -> int:
    """Pixels around a tile that its network is shown: its receptive field, or 64 if global."""
    spec = spec_of(model)
    return HALO if spec is None or spec.halo is None else spec.halo


def step_of(model: nn.Module) -> int:
    """What its tiles start at multiples of: 16, and the network's own lattice."""
    return math.lcm(ALIGNMENT, lattice_of(model))


def restore_iter(
    measurements: Tensor,
    names: Sequence[str],
    *,
    load: Load | None = None,
    cancel: Event | None = None,
    progress: Progress | None = None,
    on_error: OnError | None = None,
) -> Iterator[tuple[str, Tensor]]:
    """Restore `(N, 3, H, W)` in [0, 1] with each named variant; yields as each is ready.

    Yields `(name, (N, 3, H, W))`, clipped to [0, 1], in the order of completion. `load` gives the
    network of a name (default: from `checkpoints/`, the ViT shared). `progress(name, share)` is
    called from worker threads. Setting `cancel` raises `Cancelled` at the next tile. A network
    that fails does not stop the others: its error goes to `on_error(name, error)`, or without
    one is raised after the last result. Raises `ValueError` for other shapes, for values that are
    not finite and for unknown names, before anything is computed.
    """
    if measurements.ndim != 4 or measurements.shape[1] != 3 or not measurements.numel():
        raise ValueError(
            f"Measurements are a batch (N, 3, H, W), but got {tuple(measurements.shape)}."
        )
    if broken := measurements.numel() - int(measurements.isfinite().sum()):
        raise ValueError(
            f"{broken:,} of the measurements' {measurements.numel():,} values are not finite."
        )
    load = load or loader()
    models = {name: load(name) for name in names}
    return _completed(measurements, models, cancel or Event(), progress, on_error)


def _completed(
    measurements: Tensor,
    models: dict[str, nn.Module],
    cancel: Event,
    progress: Progress | None,
    on_error: OnError | None,
) -> Iterator[tuple[str, Tensor]]:
    tokens = _SharedTokens()
    pool = ThreadPoolExecutor(max_workers=_workers(), thread_name_prefix="restore")
    failures: list[Exception] = []
    report_error = on_error or (lambda _, error: failures.append(error))

    def report(name: str) -> Callable[[float], None]:
        return lambda share: progress(name, share) if progress else None

    try:
        pending = {
            pool.submit(_restore_one, model, measurements, tokens, cancel, report(name)): name
            for name, model in models.items()
        }
        for future in as_completed(pending):
            error = future.exception()
            if error is None:
                yield pending[future], future.result()
            elif isinstance(error, Exception) and not isinstance(error, Cancelled):
                report_error(pending[future], error)
            else:
                raise error
        if failures:
            raise failures[0]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def restore(
    measurements: Tensor, names: Sequence[str], *, load: Load | None = None
) -> dict[str, Tensor]:
    """Restore `(N, 3, H, W)` in [0, 1] with each named variant: name -> `(N, 3, H, W)`.

    In the order of `names`; otherwise as `restore_iter`.
    """
    found = dict(restore_iter(measurements, names, load=load))
    return {name: found[name] for name in names}
