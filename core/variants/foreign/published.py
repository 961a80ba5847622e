"""Published restoration networks, recognised by the package `spandrel` from their weights.

The package is given weights that were read safely; it never opens a file here. Its call of a
network runs without gradients, takes one picture at a time, clips, and sends noise of 15 / 255
to networks that ask for a noise level: `Published` does without those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import lcm
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...imaging.spectrum import luma
from ...models.within import built_within
from ..tensors import room_for

if TYPE_CHECKING:
    from spandrel import ImageModelDescriptor

USUAL_NOISE = 15 / 255
"""The package's, after the authors' repository; a standard deviation on [0, 1]."""
PLAIN = bool | int | float | str


class Published(nn.Module):
    """A published network that takes pictures as ours do, `(N, 3, H, W)` -> `(N, 3, H, W)`.

    Any sides: the right and lower border are reflected to what the network needs. A network for
    one channel restores the luma, and the colour differences stay. `noise` is the level that the
    network is told, a standard deviation on [0, 1], or None if it takes none. `lattice` is what
    its sides are multiples of, in pixels. The output is not clipped.
    """

    def __init__(self, descriptor: ImageModelDescriptor[nn.Module]) -> None:
        super().__init__()
        self.network = descriptor.model
        self.channels = descriptor.input_channels
        self.noise = USUAL_NOISE if _takes_noise(descriptor) else None
        self._sizes = descriptor.size_requirements
        # NAFNet, for one, pads by itself, with black, which it would then restore a border of.
        self.lattice = lcm(self._sizes.multiple_of, getattr(self.network, "padder_size", 1))
        self._call = descriptor._call_fn  # what differs between networks, e.g. several outputs

    def forward(self, images: Tensor) -> Tensor:
        if self.channels == 1:
            plane = luma(images)[:, None]
            # Red, green and blue all move by what the luma moves when colour differences stay.
            return images + (self._restored(plane) - plane)
        return self._restored(images)

    def _restored(self, planes: Tensor) -> Tensor:
        height, width = planes.shape[-2:]
        padded = self._padded(planes)
        outputs = [self._one(plane[None]) for plane in padded]  # some take one at a time only
        return torch.cat(outputs)[..., :height, :width]

    def _one(self, plane: Tensor) -> Tensor:
        if self.noise is None:
            return self._call(self.network, plane)
        level = plane.new_full((1, 1, *plane.shape[-2:]), self.noise)
        return self.network(torch.cat([plane, level], dim=1))

    def _padded(self, planes: Tensor) -> Tensor:
        """Planes with sides that the network takes."""
        height, width = planes.shape[-2:]
        right, down = self._sizes.get_padding(width, height)
        high, wide = (side + -side % self.lattice for side in (height + down, width + right))
        return _extended(_extended(planes, wide).mT, high).mT


def _extended(planes: Tensor, length: int) -> Tensor:
    """`(N, C, H, W)` reflected at the right until it is `length` wide; one column is repeated."""
    while (width := planes.shape[-1]) < length:
        # A reflection is at most as long as what it reflects.
        more, mode = (
            min(length - width, max(1, width - 1)),
            "reflect" if width > 1 else "replicate",
        )
        planes = F.pad(planes, (0, more, 0, 0), mode=mode)
    return planes


def _takes_noise(descriptor: ImageModelDescriptor[nn.Module]) -> bool:
    """Whether the network takes one channel more than a picture has: the level of the noise."""
    first = next((m for m in descriptor.model.modules() if isinstance(m, nn.Conv2d)), None)
    return first is not None and first.in_channels == descriptor.input_channels + 1


@dataclass(frozen=True)
class Recognised:
    """A published network with its weights, and what people should know of it."""

    architecture: str
    module: Published
    arguments: dict[str, Any]
    tiled: bool
    notes: tuple[str, ...]


class Refused(ValueError):
    """Weights of a published network that does something else than restore a picture."""


def published_architectures() -> tuple[str, ...]:
    """The names of the architectures that the installed `spandrel` knows."""
    from spandrel import MAIN_REGISTRY

    return tuple(entry.architecture.name for entry in MAIN_REGISTRY)


def recognised(tensors: Mapping[str, Tensor]) -> Iterator[Recognised]:
    """The published network that has these weights, if there is one.

    Raises `Refused` in one sentence for one that enlarges, fills in, or takes other than one or
    three channels.
    """
    from spandrel import MAIN_REGISTRY

    for entry in MAIN_REGISTRY.architectures("detection"):
        if entry.detect(dict(tensors)):
            descriptor = _loaded(entry.architecture, tensors)
            if descriptor is not None:
                yield _described(descriptor)
                return


def _loaded(architecture: Any, tensors: Mapping[str, Tensor]) -> Any | None:
    """The package's descriptor, or None where the weights only look like this architecture's."""
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    try:
        # The package counts layers by the numbers in names, which can be of any size.
        with built_within(*room_for(shapes)):
            # A copy: loading renames tensors in what it is given.
            return architecture.load({name: tensor.float() for name, tensor in tensors.items()})
    except Exception:  # guesses from names and shapes, which fail as they happen to
        return None


def _described(descriptor: Any) -> Recognised:
    _check(descriptor)
    from spandrel import ModelTiling

    module, name = Published(descriptor), descriptor.architecture.name
    tiled = descriptor.tiling is ModelTiling.SUPPORTED
    notes = {
        "It takes one channel: it works on the luma, and the colour differences stay.": (
            module.channels == 1
        ),
        "It takes the noise level in its own unit, a standard deviation on [0, 1]; "
        f"{USUAL_NOISE:.3f} (15 / 255) unless set.": module.noise is not None,
        f"{name} is run on whole pictures: tiles change what it makes of them.": not tiled,
    }
    arguments = getattr(descriptor.model, "hyperparameters", {})
    return Recognised(
        architecture=name,
        module=module,
        arguments={key: value for key, value in arguments.items() if _is_plain(value)},
        tiled=tiled,
        notes=tuple(note for note, holds in notes.items() if holds),
    )


def _check(descriptor: Any) -> None:
    """Raise `Refused` for what gives no restored picture of the same size and channels."""
    from spandrel import ImageModelDescriptor

    name, purpose = descriptor.architecture.name, descriptor.purpose
    if not isinstance(descriptor, ImageModelDescriptor):
        raise Refused(f"This is {name}, made for {purpose}: it needs a mask beside the picture.")
    if descriptor.scale != 1:
        raise Refused(
            f"This is {name}, made for {purpose}: it enlarges pictures {descriptor.scale} times, "
            "and only networks that keep the size (scale 1) can stand beside the others."
        )
    channels = descriptor.input_channels, descriptor.output_channels
    if channels not in ((1, 1), (3, 3)):
        raise Refused(
            f"This is {name} from {channels[0]} to {channels[1]} channels; it must be from 3 to 3 "
            "or from 1 to 1."
        )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, PLAIN) or value is None
