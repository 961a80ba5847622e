"""Measurements through variants: one shared look of the ViT, a pool, tiles, bounded memory.

A network runs where its weights are, and nothing here moves a network that somebody else holds.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock

import torch
from torch import Tensor, nn

from ..base.paths import CHECKPOINTS
from ..imaging.images import crop
from ..models import lattice_of, spec_of
from ..models.vit_encoder import Encoder, load_encoder
from .device import (
    CPU,
    LABELS,
    copy_on,
    device,
    device_of,
    free_memory,
    keep_float32_exact,
    ran_out_of_memory,
)
from .store import load_variant, read_card
from .tiling import ALIGNMENT, HALO, SMALL_TILE, Window, in_words, whole, windows

Load = Callable[[str], nn.Module]
Progress = Callable[[str, float], None]
OnError = Callable[[str, Exception], None]
OnNote = Callable[[str, str], None]

ONE_PIECE = "In one piece: tiles would change what it makes of the picture."
EXACT = "In {cut}, each with what it sees around it: equal to untiled."
LOOKS_AT_ALL = (
    "It looks at the whole picture, and is shown {cut} that overlap and fade over into each "
    "other: the result differs slightly from one made whole."
)
NOT_KNOWN = (
    "It is not known how far it sees; it is shown {cut} that overlap and fade over into each "
    "other: equal to untiled if it sees at most {halo} pixels far, else slightly different."
)


class Cancelled(RuntimeError):
    """Someone asked to stop before everything was restored."""


@cache
def _slots(kind: str) -> BoundedSemaphore:
    """One slot for each core: no more forward passes at once, whoever asks for them.

    An accelerator has one: two passes at once take twice the memory and are no faster.
    """
    return BoundedSemaphore((os.cpu_count() or 1) if kind == "cpu" else 1)


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


class _SharedTokens:
    """Each ViT looks at each window once, whichever variant asks first."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, Window], Future[Tensor]] = {}
        self._lock = Lock()

    def get(self, encoder: Encoder, number: int, window: Window, padded: Tensor) -> Tensor:
        key = (id(encoder), number, window)
        with self._lock:
            mine = key not in self._found
            future = self._found.setdefault(key, Future())
        if mine:
            try:
                future.set_result(encoder(padded))
            except BaseException as error:
                with self._lock:  # kept, it would keep the memory of every frame that it passed
                    del self._found[key]
                future.set_exception(error)
        return future.result()


@dataclass(frozen=True)
class _Attempt:
    """A way to restore: where, in tiles of which side (None: as always), and what is told."""

    place: torch.device
    side: int | None = None
    note: str = ""


def _attempts(model: nn.Module, height: int, width: int) -> list[_Attempt]:
    """What is tried one after the other while memory runs out; on the CPU there is one way."""
    place = device_of(model)
    if place.type == "cpu":
        return [_Attempt(place)]
    ran_out = f"The {LABELS.get(place.type, place.type)} ran out of memory: restored"
    cut = in_words(windows_of(model, height, width, SMALL_TILE))
    tiled = _Attempt(place, SMALL_TILE, f"{ran_out} in {cut}.")
    on_the_cpu = _Attempt(CPU, None, f"{ran_out} on the CPU.")
    return [_Attempt(place), *([tiled] if can_be_tiled(model) else []), on_the_cpu]


def _restore_one(
    model: nn.Module,
    measurements: Tensor,
    tokens: _SharedTokens,
    cancel: Event,
    progress: Callable[[float], None],
    note: Callable[[str], None],
) -> Tensor:
    """All images of a batch through one network, in the first way that memory allows."""
    for attempt in _attempts(model, *measurements.shape[-2:]):
        network = model if attempt.place == device_of(model) else copy_on(model, CPU)
        output = _within_memory(network, measurements, tokens, cancel, progress, attempt.side)
        if output is not None:
            if attempt.note:
                note(attempt.note)
            return output
        # Here, and not where the error was caught: it held the memory of every frame.
        free_memory(attempt.place)
    raise AssertionError("The CPU raises its own errors.")


def _within_memory(
    model: nn.Module,
    measurements: Tensor,
    tokens: _SharedTokens,
    cancel: Event,
    progress: Callable[[float], None],
    side: int | None,
) -> Tensor | None:
    """The same in tiles of one side; None where an accelerator has too little memory for it."""
    try:
        return _in_tiles(model, measurements, tokens, cancel, progress, side)
    except RuntimeError as error:
        if device_of(model).type == "cpu" or not ran_out_of_memory(error):
            raise
        return None


def _in_tiles(
    model: nn.Module,
    measurements: Tensor,
    tokens: _SharedTokens,
    cancel: Event,
    progress: Callable[[float], None],
    side: int | None,
) -> Tensor:
    """All images of a batch through one network, tile by tile, clipped to [0, 1].

    The output is where the measurements are.
    """
    place, encoder = device_of(model), getattr(model, "encoder", None)
    places = windows_of(model, *measurements.shape[-2:], side)
    output = torch.zeros_like(measurements)
    for number, image in enumerate(measurements):
        for done, window in enumerate(places, start=1):
            if cancel.is_set():
                raise Cancelled("The restoration was cancelled.")
            with _slots(place.type), torch.inference_mode():
                piece = crop(image, window.seen)[None].to(place)
                if isinstance(encoder, Encoder):
                    result = model(piece, tokens.get(encoder, number, window, model.pad(piece)))
                else:
                    result = model(piece)
                window.add(output[number], result[0])
            progress((number + done / len(places)) / len(measurements))
    return output.clamp_(0, 1)  # as `clipped` has it, in place: a photo may be large


def windows_of(model: nn.Module, height: int, width: int, side: int | None = None) -> list[Window]:
    """The windows in which a network restores an image; `side` is as `windows` has it."""
    if not can_be_tiled(model):
        return whole(height, width)
    return windows(height, width, halo=halo_of(model), step=step_of(model), side=side)


def how_tiled(model: nn.Module, height: int, width: int) -> str:
    """How an image of this size is restored, and whether that changes the result: a sentence."""
    places = windows_of(model, height, width)
    if len(places) == 1:
        return ONE_PIECE
    spec = spec_of(model)
    if spec is None:
        return NOT_KNOWN.format(cut=in_words(places), halo=HALO)
    return (LOOKS_AT_ALL if spec.halo is None else EXACT).format(cut=in_words(places))


def halo_of(model: nn.Module) -> int | None:
    """How far a network sees in pixels; None where it looks at the whole image, or may do so."""
    spec = spec_of(model)
    return None if spec is None else spec.halo


def can_be_tiled(model: nn.Module) -> bool:
    """Whether a large image may be cut into tiles; a network that may not has `tiled` False."""
    return getattr(model, "tiled", True)


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
    on_note: OnNote | None = None,
) -> Iterator[tuple[str, Tensor]]:
    """Restore `(N, 3, H, W)` in [0, 1] with each named variant; yields as each is ready.

    Yields `(name, (N, 3, H, W))`, clipped to [0, 1], in the order of completion. `load` gives the
    network of a name, on the device where it is to run (default: from `checkpoints/`, the ViT
    shared, on `core.variants.device.device()`). Where that has too little memory, the image is cut
    into tiles, and then restored on the CPU; `on_note(name, sentence)` says so. It and
    `progress(name, share)` are called from worker threads. Setting `cancel` raises `Cancelled` at
    the next tile. A network that fails does not stop the others: its error goes to
    `on_error(name, error)`, or without one is raised after the last result. Raises `ValueError`
    for other shapes, for values that are not finite and for unknown names, before anything is
    computed.
    """
    if measurements.ndim != 4 or measurements.shape[1] != 3 or not measurements.numel():
        raise ValueError(
            f"Measurements are a batch (N, 3, H, W), but got {tuple(measurements.shape)}."
        )
    if broken := measurements.numel() - int(measurements.isfinite().sum()):
        raise ValueError(
            f"{broken:,} of the measurements' {measurements.numel():,} values are not finite."
        )
    load = load or _on_device(loader())
    models = {name: load(name) for name in names}
    keep_float32_exact()
    return _completed(measurements, models, cancel or Event(), progress, on_error, on_note)


def _on_device(load: Load) -> Load:
    """The same, each network moved to where networks run: nobody else holds them."""
    place = device()
    return lambda name: load(name).to(place)


def _completed(
    measurements: Tensor,
    models: dict[str, nn.Module],
    cancel: Event,
    progress: Progress | None,
    on_error: OnError | None,
    on_note: OnNote | None,
) -> Iterator[tuple[str, Tensor]]:
    tokens = _SharedTokens()
    pool = ThreadPoolExecutor(max_workers=_workers(), thread_name_prefix="restore")
    failures: list[Exception] = []
    report_error = on_error or (lambda _, error: failures.append(error))

    def report(name: str) -> Callable[[float], None]:
        return lambda share: progress(name, share) if progress else None

    def report_note(name: str) -> Callable[[str], None]:
        return lambda sentence: on_note(name, sentence) if on_note else None

    try:
        pending = {
            pool.submit(
                _restore_one, model, measurements, tokens, cancel, report(name), report_note(name)
            ): name
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
