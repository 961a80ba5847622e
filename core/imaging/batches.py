"""The one check of what is measured: images as tensors, floats in [0, 1], all of one shape.

Metrics, losses and artifact maps ask here, and nowhere else. Of values two things are nonsense: an
image whose mean is above `MOST_MEAN`, which is none in [0, 1] but one in 0 to 255 or 0 to 65,535,
and a value that is not finite. A few values far outside [0, 1] are not: noise that is not clipped
has them, and so has a network's output before it is clipped.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..base.sharing import shared

MOST_MEAN = 2.0
"""Images in [0, 1] have a mean of 0 to 1, whatever a network or noise adds; in 0 to 255 it is
below 2 only for a picture that is black."""
EVERY_ROW = 16
"""Of a batch that is only glanced at, the mean is taken over one row of so many."""

FORMS = {3: "images (3, H, W)", 4: "batches (N, 3, H, W)"}
PLACES = {3: "picture", 4: "region"}


def check_shapes(who: str, *images: Tensor, dimensions: int = 4, least: int = 1) -> None:
    """Raise `ValueError` unless all are floats of one shape and on one device.

    `dimensions` is 4 for batches `(N, 3, H, W)` and 3 for images `(3, H, W)`; `least` is the
    shortest side in pixels. `who` begins the sentence, which has the numbers.
    """
    first = images[0]
    for image in images:
        if not isinstance(image, Tensor):
            raise ValueError(f"{who} takes torch tensors, but got {_kind(image)}.")
        if image.shape != first.shape:
            raise ValueError(
                f"{who} compares {FORMS[dimensions]} of one shape, "
                f"but got {tuple(first.shape)} and {tuple(image.shape)}."
            )
        if not (_is_form(image, dimensions) and image.is_floating_point()):
            raise ValueError(
                f"{who} takes {FORMS[dimensions]} of floats in [0, 1], "
                f"but got {tuple(image.shape)} of {image.dtype}."
            )
        if image.device != first.device:
            raise ValueError(
                f"{who} compares images on one device, but got {first.device} and {image.device}."
            )
    height, width = first.shape[-2:]
    if min(height, width) < least:
        raise ValueError(
            f"{who} needs sides of at least {least} pixels; "
            f"this {PLACES[dimensions]} is {width} x {height}."
        )


def check_values(who: str, *images: Tensor) -> None:
    """Raise `ValueError` for a value that is not finite, and for an image that is not in [0, 1].

    `(N, 3, H, W)` or `(3, H, W)` each. Reads every value, and waits for an accelerator.
    """
    for image in images:
        means = _means(image)
        if not means.isfinite().all() and (odd := int((~image.isfinite()).sum())):
            raise ValueError(
                f"{who} takes finite values, but {odd:,} of {image.numel():,} are not."
            )
        _check_means(who, image, means)


def glance_at_values(who: str, *images: Tensor) -> None:
    """Raise `ValueError` for an image that is not in [0, 1], by one row of sixteen.

    What is not finite passes: training has to see it in the loss. Costs next to nothing, but
    waits for an accelerator.
    """
    for image in images:
        _check_means(who, image, _means(image[..., ::EVERY_ROW, :]))


@shared
def _means(images: Tensor) -> Tensor:
    """The mean of each image; at half precision a sum would soon be infinite."""
    kind = torch.promote_types(images.dtype, torch.float32)
    return images.detach().mean(dim=(-3, -2, -1), dtype=kind)


def _check_means(who: str, images: Tensor, means: Tensor) -> None:
    if (means > MOST_MEAN).any():
        low, high = (float(end) for end in images.detach().aminmax())
        raise ValueError(
            f"{who} takes floats in [0, 1], but got values from {low:.3g} to {high:.5g} with a "
            f"mean of {float(means.max()):.4g}: scale them, for example by 1/255."
        )


def _is_form(image: Tensor, dimensions: int) -> bool:
    return image.ndim == dimensions and image.shape[-3] == 3 and image.numel() > 0


def _kind(thing: object) -> str:
    return f"{type(thing).__module__}.{type(thing).__qualname__}".removeprefix("builtins.")
