"""A few images through every degradation, variant and metric: the rows of the table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..base.cli import Interrupted, sentence
from ..base.sharing import sharing
from ..degradations import Degradation
from ..imaging.decoding import Note, apart, read_picture
from ..imaging.images import clipped, to_tensor
from ..imaging.photos import centre_crop, picture_bytes
from ..metrics import MetricSpec
from ..metrics.spec import Measured
from ..models.vit_encoder import Encoder
from ..variants.restore import Cancelled, loader, restore_iter
from ..variants.tiling import is_tiled
from .settings import AS_GIVEN, MEASUREMENT, Settings
from .work import Bad, Item

Row = dict[str, Any]
Place = tuple[int, int, int]
"""Where a row belongs: the numbers of its image, degradation and variant."""
Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True)
class Scene:
    """A measurement `(3, H, W)`, its clean image if there is one, and how it was made.

    `number` is its image's among those measured together; `degradation` is None as given, where
    the measurement may be lacking beside outputs.
    """

    number: int
    name: str
    measurement: Tensor | None
    clean: Tensor | None
    degradation: Degradation | None

    @cached_property
    def reference(self) -> Tensor | None:
        """The clean image as a batch of one, each time the same."""
        return None if self.clean is None else self.clean[None]


class Measuring:
    """Settings with everything loaded: the networks on their device, each ViT once.

    Raises `ValueError` in one sentence for a variant that cannot be loaded.
    """

    def __init__(self, settings: Settings, device: torch.device, stop: Event) -> None:
        self.settings = settings
        self.device = device
        self.stop = stop
        self.metrics = [m for m in settings.metrics if m.key not in settings.absent()]
        load = loader(settings.folder)
        self.models = {card.name: load(card.name).to(device) for card in settings.cards}
        self.models |= {one.name: one.module.to(device) for one in settings.networks}

    def rows(self, items: Sequence[Item]) -> tuple[list[Row], list[Bad]]:
        """Rows of images measured together, in the table's order, and what went wrong.

        Nothing about one image keeps the others from being measured. Raises `Interrupted`.
        """
        images, bad = [], []
        found: dict[Place, Row] = {}
        for number, item in enumerate(items):
            notes: dict[str, Sequence[Note]] = {}
            try:
                size, clean, measured = self._read(item, notes)
            except Exception as error:
                bad.append(Bad(item.name, sentence(error)))
                continue
            scene = Scene(number, item.name, measured, clean, None)
            for variant, row in self._brought(item, scene, size, bad, notes):
                found[number, 0, variant] = row
            bad += [Bad(item.name, why, measured=True) for why in apart(notes)]
            if measured is not None or not item.outputs:
                images.append((number, item.name, clean, measured))
        for order, degradation in enumerate(self.settings.degradations):
            scenes = [
                scene
                for image in images
                if (scene := self._scene(*image, degradation, first=order == 0, bad=bad))
            ]
            for together in _equal_sizes(scenes):
                for number, variant, row in self._restored(together, bad):
                    found[number, order, variant] = row
        return [found[place] for place in sorted(found)], list(dict.fromkeys(bad))

    def _pixels(self, path: Path, role: str, notes: dict[str, Sequence[Note]]) -> np.ndarray:
        """A file's pixels; what was found in it is written down for its role."""
        found = read_picture(picture_bytes(path), self.settings.values)
        notes[role] = found.notes
        return found.pixels

    def _read(
        self, item: Item, notes: dict[str, Sequence[Note]]
    ) -> tuple[Size, Tensor, Tensor | None]:
        """The clean image's size; it and its measurement, if that came with it, cut as asked.

        Sizes are compared before anything is cut: the middles of two sizes show two places.
        """
        clean = self._pixels(item.clean, "clean", notes)
        size = clean.shape[:2]
        if item.measured is None:
            return size, self._image(clean), None
        measured = self._pixels(item.measured, MEASUREMENT, notes)
        _check_size("measurement", measured, size)
        return size, self._image(clean), self._image(measured)

    def _brought(
        self,
        item: Item,
        scene: Scene,
        size: Size,
        bad: list[Bad],
        notes: dict[str, Sequence[Note]],
    ) -> Iterator[tuple[int, Row]]:
        """(variant, row) for each output that came as a file."""
        first = 1 + len(self.models)
        for order, (method, path) in enumerate(item.outputs, start=first):
            try:
                if path is None:
                    raise ValueError("There is no output for this image.")
                output = self._pixels(path, method, notes)
                _check_size("output", output, size)
            except Exception as error:
                bad.append(Bad(item.name, f"'{method}': {sentence(error)}"))
                continue
            yield order, self._row(scene, method, self._image(output), bad)

    def _image(self, array: np.ndarray) -> Tensor:
        """The picture as a tensor, or the middle of it."""
        side = self.settings.crop
        if side is None:
            return to_tensor(array)
        if min(array.shape[:2]) < side:
            raise ValueError(
                f"The picture is {array.shape[1]} x {array.shape[0]} pixels; "
                f"the crop needs sides of {side}."
            )
        return to_tensor(centre_crop(array, side))

    def _scene(
        self,
        number: int,
        name: str,
        clean: Tensor,
        measured: Tensor | None,
        degradation: Degradation,
        *,
        first: bool,
        bad: list[Bad],
    ) -> Scene | None:
        """A clean image degraded; a pair as it is, once."""
        if measured is not None:
            return Scene(number, name, measured, clean, None) if first else None
        try:
            measurement = degradation(clean[None])[0]
        except Exception as error:
            bad.append(Bad(name, f"'{degradation}' failed: {sentence(error)}"))
            return None
        reference = clean if degradation.spec.keeps_clean else None
        return Scene(number, name, measurement, reference, degradation)

    def _restored(self, scenes: Sequence[Scene], bad: list[Bad]) -> Iterator[tuple[int, int, Row]]:
        """(image, variant, row) for scenes of one size."""
        for scene in scenes:
            yield scene.number, 0, self._row(scene, MEASUREMENT, scene.measurement, bad)
        looks = Looks()
        batch = torch.stack([scene.measurement for scene in scenes]).to(self.device)
        for order, (name, model) in enumerate(self.models.items(), start=1):
            if self.stop.is_set():
                raise Interrupted
            for scene, output in zip(
                scenes, self._outputs(name, model, batch, looks), strict=True
            ):
                if isinstance(output, Exception):
                    bad.append(Bad(scene.name, f"'{name}' failed: {sentence(output)}"))
                else:
                    yield scene.number, order, self._row(scene, name, output, bad)

    def _outputs(
        self, name: str, model: nn.Module, batch: Tensor, looks: Looks
    ) -> list[Tensor | Exception]:
        """What a variant makes of each image of a batch, or why it makes nothing of it."""
        try:
            output = self._output(name, model, batch, looks).cpu()
            if not torch.isfinite(output).all():
                raise ValueError("it gave values that are not finite.")
        except Cancelled:
            raise Interrupted from None
        except Exception as error:
            if len(batch) == 1:
                return [error]
            # Together they failed; one by one, the others need not.
            alone = (self._outputs(name, model, image[None], Looks()) for image in batch)
            return [output for outputs in alone for output in outputs]
        return list(output)

    @torch.inference_mode()
    def _output(self, name: str, model: nn.Module, batch: Tensor, looks: Looks) -> Tensor:
        if is_tiled(*batch.shape[-2:]):
            return dict(restore_iter(batch, [name], load=lambda _: model, cancel=self.stop))[name]
        return clipped(looks.through(model, batch))

    def _row(self, scene: Scene, variant: str, output: Tensor, bad: list[Bad]) -> Row:
        degradation = scene.degradation
        row = {
            "image": scene.name,
            "degradation": str(degradation) if degradation else AS_GIVEN,
            **self._parameters(degradation),
            "variant": variant,
            "width": output.shape[2],
            "height": output.shape[1],
        }
        batch = output[None]
        with sharing(batch, scene.reference):
            for metric in self.metrics:
                try:
                    row[metric.key] = value_of(metric, scene, batch)
                except Exception as error:
                    bad.append(Bad(scene.name, sentence(error)))
        return row

    def _parameters(self, degradation: Degradation | None) -> dict[str, float]:
        """The table's columns of a degradation: numbers, and switches as 0 or 1."""
        known = degradation.parameters if degradation else {}
        return {name: float(known[name]) for name in self.settings.parameters if name in known}


def _check_size(what: str, array: np.ndarray, clean: Size) -> None:
    """Raise `ValueError` for a picture of another size than its clean one's."""
    if array.shape[:2] != clean:
        sizes = [f"{width} x {height}" for height, width in (array.shape[:2], clean)]
        raise ValueError(f"The {what} is {sizes[0]} pixels and the clean one {sizes[1]}.")


class Looks:
    """One batch of measurements: each ViT looks at it once, whichever variant comes first."""

    def __init__(self) -> None:
        self._tokens: dict[Encoder, Tensor] = {}

    def through(self, model: nn.Module, batch: Tensor) -> Tensor:
        """The network's output for the batch, not clipped."""
        encoder = getattr(model, "encoder", None)
        if not isinstance(encoder, Encoder):
            return model(batch)
        if encoder not in self._tokens:
            self._tokens[encoder] = encoder(model.pad(batch))
        return model(batch, self._tokens[encoder])


def value_of(metric: MetricSpec, scene: Scene, output: Tensor) -> float | None:
    """A metric of one output `(1, 3, H, W)`; None where it does not apply or has no value.

    Raises `ValueError` where the metric refuses the image.
    """
    known = scene.degradation is not None and scene.degradation.spec.operator is not None
    if (metric.needs_reference and scene.clean is None) or (
        metric.needs_measurement and not known
    ):
        return None
    target = scene.reference if metric.needs_reference else None
    measured = None
    if metric.needs_measurement:
        again = scene.degradation.operator(output)
        measured = Measured(scene.measurement[None], again)
    value = metric(output, target, measured=measured).item()
    return None if math.isnan(value) else value


def _equal_sizes(scenes: Sequence[Scene]) -> list[list[Scene]]:
    groups: dict[torch.Size, list[Scene]] = {}
    for scene in scenes:
        groups.setdefault(scene.measurement.shape, []).append(scene)
    return list(groups.values())
