"""A script's pictures as a report: arrays and tensors by their labels, measured against clean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.words import brief
from ..imaging.limits import ImageError, check_size
from ..viewer import Panel, encode_image
from .document import Report, Shown, Table
from .frequencies import Pictured, radial_chart, spectra_sight
from .numbers import numbers_table

if TYPE_CHECKING:
    from torch import Tensor

ROLES = {"clean": "clean", "noisy": "measurement", "measurement": "measurement"}
"""Labels that say a role, in small letters; every other one is an output's."""
METRICS_SHOWN = ("psnr", "ssim", "blur", "checkerboard", "colour_shift")
CAPTION = "psnr"
MOST_PICTURES = 64
"""Of a batch."""
NONE: Mapping[str, object] = MappingProxyType({})
FORMS = "uint8 or floats in [0, 1], of the shape (H, W, 3), (3, H, W) or (H, W)"


def report_of(pictures: Mapping[str, Any], *, title: str = "", **said: Any) -> Report:
    """The report of one picture's `pictures` by their labels; arguments as of `shown_of`."""
    title = title or "Comparison"
    return Report(title, [shown_of(pictures, title=title, **said)])


def set_report_of(
    pictures: Mapping[str, Mapping[str, Any]], *, title: str = "", **said: Any
) -> Report:
    """The report of several: name -> that picture's `pictures` by their labels.

    Further arguments are those of `shown_of`. Raises `ValueError` as that, and for none.
    """
    if not pictures:
        raise ValueError("There is no picture to compare.")
    shown = [shown_of(one, title=str(name), **said) for name, one in pictures.items()]
    return Report(title or "Comparison", shown)


def shown_of(
    pictures: Mapping[str, Any],
    *,
    title: str = "",
    sentence: str = "",
    settings: Mapping[str, object] = NONE,
    metrics: Sequence[str] = METRICS_SHOWN,
    spectra: bool = False,
    curves: bool = False,
) -> Shown:
    """What is shown of one picture.

    Each of `pictures` is a NumPy array or a tensor, uint8 or floats in [0, 1], of (H, W, 3),
    (3, H, W) or (H, W), which is grey. Floats are clipped and rounded to 8 bits: what is drawn is
    what is measured. "clean" is the reference, "noisy" or "measurement" the input, every other
    label an output's. Raises `ValueError` for anything else, no picture, an empty label, two
    clean or two noisy pictures, and an unknown metric; with `spectra` or `curves` also for
    pictures of several sizes and for sides below 16 pixels.
    """
    arrays = {str(label): as_array(value, str(label)) for label, value in pictures.items()}
    _check_labels(list(arrays))
    found = _measured(arrays, metrics) if metrics else {}
    rows = {
        label: {key: _number(value) for key, value in row.items()} for label, row in found.items()
    }
    seen = _pictured(arrays) if spectra or curves else []
    return Shown(
        title=title,
        panels=[_panel(label, array, rows.get(label, {})) for label, array in arrays.items()],
        sentence=sentence or _sentence(arrays),
        tables=[_table(found, rows, metrics)] if rows else [],
        sights=[spectra_sight(seen)] if spectra else [],
        charts=[radial_chart(seen)] if curves else [],
        settings=settings,
    )


def _check_labels(labels: Sequence[str]) -> None:
    if not labels:
        raise ValueError("There is no picture to compare.")
    if not all(map(str.strip, labels)):
        raise ValueError("A picture has an empty label; each needs a name.")
    roles = [_role(label) for label in labels]
    for role in set(ROLES.values()):
        if roles.count(role) > 1:
            both = ", ".join(label for label in labels if _role(label) == role)
            raise ValueError(f"Only one picture can be the {role} one, but there are: {both}.")


def as_array(value: Any, label: str) -> np.ndarray:
    """A picture as uint8 (H, W, 3). Raises `ImageError` for what is none, named by its label."""
    array = _array(value)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim == 3 and array.shape[-1] not in (1, 3) and array.shape[0] in (1, 3):
        array = array.transpose(1, 2, 0)
    if array.ndim != 3 or array.shape[-1] not in (1, 3) or not array.size:
        raise ImageError(
            f"{brief(label)} has the shape {tuple(np.shape(value))}; wanted is {FORMS}."
        )
    return np.ascontiguousarray(np.broadcast_to(_bytes(array, label), (*array.shape[:2], 3)))


def batch_of(value: Any, label: str) -> list[np.ndarray]:
    """One picture or several, uint8 (H, W, 3) each, which nobody else holds.

    `value` is a picture as in `as_array`, a batch of them along the first of four dimensions, or a
    list. Raises `ImageError` for what is none, too small or too large, and for another number
    than 1 to 64.
    """
    several = isinstance(value, (list, tuple)) or np.ndim(value) == 4
    found = list(value) if several else [value]
    if not 1 <= len(found) <= MOST_PICTURES:
        raise ImageError(
            f"{brief(label)} has {len(found):,} pictures; it may have 1 to {MOST_PICTURES}."
        )
    made = [np.array(as_array(one, label)) for one in found]
    for picture in made:
        check_size(picture.shape[1], picture.shape[0])
    return made


def _array(value: Any) -> np.ndarray:
    """A tensor or an array as an array; NumPy knows no bfloat16."""
    if not hasattr(value, "detach"):
        return np.asarray(value)
    plain = value.detach()
    return (plain.float() if plain.is_floating_point() else plain).cpu().numpy()


def _bytes(array: np.ndarray, label: str) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"{brief(label)} is of the type {array.dtype}; wanted is {FORMS}.")
    import torch

    from ..imaging.batches import check_values
    from ..imaging.images import to_uint8

    channels = np.broadcast_to(array, (*array.shape[:2], 3)).transpose(2, 0, 1)
    image = torch.from_numpy(channels.astype(np.float32))
    check_values(brief(label), image)
    return to_uint8(image)


def _role(label: str) -> str:
    return ROLES.get(label.strip().lower(), "output")


def _panel(label: str, array: np.ndarray, row: Mapping[str, float]) -> Panel:
    known = not math.isnan(row.get(CAPTION, math.nan))
    caption = (_caption(row[CAPTION]),) if known else ()
    return Panel(label, label, encode_image(array), _role(label), caption)


def _caption(value: float) -> str:
    from ..metrics import METRICS

    return f"{METRICS[CAPTION].label} {METRICS[CAPTION].format(value)}"


def _sentence(arrays: Mapping[str, np.ndarray]) -> str:
    height, width = next(iter(arrays.values())).shape[:2]
    return f"{len(arrays)} pictures · {width} × {height} pixels"


def _pictured(arrays: Mapping[str, np.ndarray]) -> list[Pictured]:
    from ..imaging.images import to_tensor

    return [Pictured(name, name, _role(name), to_tensor(one)) for name, one in arrays.items()]


def _measured(
    arrays: Mapping[str, np.ndarray], metrics: Sequence[str]
) -> dict[str, dict[str, Tensor | ValueError]]:
    """Label -> metric -> number of all that are not clean, or why there is none."""
    from ..imaging.images import to_tensor
    from ..metrics import METRICS, measure

    specs = [METRICS[key] for key in metrics]
    images = {label: to_tensor(array)[None] for label, array in arrays.items()}
    clean = next((images[label] for label in images if _role(label) == "clean"), None)
    return {
        label: measure(specs, image, clean)
        for label, image in images.items()
        if _role(label) != "clean"
    }


def _number(value: Tensor | ValueError) -> float:
    return float(value) if _is_known(value) else math.nan


def _table(
    found: Mapping[str, Mapping[str, Tensor | ValueError]],
    rows: Mapping[str, Mapping[str, float]],
    metrics: Sequence[str],
) -> Table:
    """Below it stands why a number is not there, once."""
    from ..metrics import METRICS

    outputs = [label for label in rows if _role(label) == "output"]
    reasons = [
        str(value) for row in found.values() for value in row.values() if not _is_known(value)
    ]
    specs = [METRICS[key] for key in metrics]
    return numbers_table("Whole image", specs, rows, outputs, list(dict.fromkeys(reasons)))


def _is_known(value: Tensor | ValueError) -> bool:
    return not isinstance(value, ValueError)
