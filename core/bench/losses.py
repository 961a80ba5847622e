"""The losses of "Denoising autoencoders, Part 3" against the article's own formulations, which
are restated here plainly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from ..losses import LOSSES
from ..losses.window_scores import Scores, image_scores
from .spec import BenchSpec, Differs
from .timing import speed_up, torch_threads

BATCH, SIDE = 16, 224
WINDOW, STRIDE = 16, 8
PICTURES = 20
TOLERANCE = 1e-5
ROUNDS = 7

Loss = Callable[[Tensor], Tensor]


# The article -------------------------------------------------------------------------------------


def source_scores(windows: Tensor) -> Tensor:
    """The article's calculate_sharpness_score_vectorized: `(3, h, w, side, side)` -> `(h, w)`."""
    horizontal = torch.abs(windows[..., :, :-1] - windows[..., :, 1:])
    vertical = torch.abs(windows[..., :-1, :] - windows[..., 1:, :])
    diagonal = torch.abs(windows[..., :-1, :-1] - windows[..., 1:, 1:])
    other_diagonal = torch.abs(windows[..., :-1, 1:] - windows[..., 1:, :-1])
    total = (
        horizontal.sum(dim=(3, 4))
        + vertical.sum(dim=(3, 4))
        + diagonal.sum(dim=(3, 4))
        + other_diagonal.sum(dim=(3, 4))
    )
    return total.mean(dim=0)


def unfolded(image: Tensor) -> Tensor:
    """The windows of `(3, H, W)` as the article cuts them."""
    return image.unfold(1, WINDOW, STRIDE).unfold(2, WINDOW, STRIDE)


def source_cache(image: Tensor) -> Scores:
    """The article's build_offline_cache_optimized, the body of its loop over files."""
    windows = unfolded(image)
    scores = source_scores(windows)
    found = []
    for row in range(windows.shape[1]):
        for column in range(windows.shape[2]):
            found.append((row * STRIDE, column * STRIDE, scores[row, column].item()))
    return found


class SourceRegionalSharpness:
    """The article's RegionalSharpnessLoss: target scores sorted before, outputs in a loop."""

    def __init__(self, targets: Tensor) -> None:
        self.cache = [
            source_scores(unfolded(target)).flatten().sort(descending=True).values
            for target in targets
        ]

    def __call__(self, outputs: Tensor) -> Tensor:
        losses = []
        for output, target_scores in zip(outputs, self.cache, strict=True):
            scores = source_scores(unfolded(output)).flatten().sort(descending=True).values
            losses.append(torch.mean(torch.abs(scores - target_scores)))
        return torch.stack(losses).mean() / 1000.0


class SourceRadialFrequency:
    """The article's FrequencySharpnessLoss, high_freq_weight 2: whole spectra, shifted, masked."""

    def __init__(self, targets: Tensor) -> None:
        self.targets = targets
        height, width = targets.shape[-2:]
        y = torch.arange(height, dtype=targets.dtype) - height // 2
        x = torch.arange(width, dtype=targets.dtype) - width // 2
        distance = torch.hypot(*torch.meshgrid(x, y, indexing="xy"))
        longest = ((height // 2) ** 2 + (width // 2) ** 2) ** 0.5
        self.mask = 1.0 + 2.0 * distance / longest

    def __call__(self, outputs: Tensor) -> Tensor:
        ours = torch.fft.fftshift(torch.fft.fft2(outputs), dim=(-2, -1)).abs()
        theirs = torch.fft.fftshift(torch.fft.fft2(self.targets), dim=(-2, -1)).abs()
        return ((ours - theirs).abs() * self.mask).mean() / 1000.0


# Equality ----------------------------------------------------------------------------------------


def check_same(what: str, ours: Tensor, theirs: Tensor) -> None:
    """Raise `Differs` where two tensors differ by more than 1e-5 of the largest value."""
    if ours.shape != theirs.shape:
        raise Differs(f"The {what} are {tuple(ours.shape)} here and {tuple(theirs.shape)} there.")
    difference = (ours - theirs).abs().max().item() / theirs.abs().max().item()
    if not difference <= TOLERANCE:  # NaN differs too
        raise Differs(f"The {what} differ by {difference:.1e} of the largest, over {TOLERANCE}.")


def value_and_gradient(loss: Loss, outputs: Tensor) -> tuple[Tensor, Tensor]:
    leaf = outputs.clone().requires_grad_()
    value = loss(leaf)
    value.backward()
    return value.detach(), leaf.grad


def check_loss(key: str, source: Callable[[Tensor], Loss], pair: tuple[Tensor, Tensor]) -> None:
    """Raise `Differs` unless a loss and the source's have equal values and gradients.

    In float64: in float32 the order of nearly equal scores, and so the gradient, is chance.
    """
    outputs, targets = (images.double() for images in pair)
    ours = value_and_gradient(partial(mean_loss, key, targets), outputs)
    theirs = value_and_gradient(source(targets), outputs)
    for what, one, other in zip(("values", "gradients"), ours, theirs, strict=True):
        check_same(f"{what} of {key}", one, other)


# Rows --------------------------------------------------------------------------------------------


def mean_loss(key: str, targets: Tensor, outputs: Tensor) -> Tensor:
    return LOSSES[key](outputs, targets).mean()


def batch(count: int = BATCH, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Random outputs and targets, `(count, 3, side, side)` in [0, 1], the same every time."""
    generator = torch.Generator().manual_seed(0)
    targets = torch.rand(count, 3, side, side, generator=generator)
    change = 0.1 * torch.randn(targets.shape, generator=generator)
    return (targets + change).clamp(0, 1), targets


def loss_speed_up(key: str, source: Callable[[Tensor], Loss]) -> float:
    """The source's time over ours, forward and backward, one thread."""
    outputs, targets = batch()
    theirs = source(targets)
    with torch_threads(1):
        check_loss(key, source, (outputs, targets))
        return speed_up(
            lambda: value_and_gradient(partial(mean_loss, key, targets), outputs),
            lambda: value_and_gradient(theirs, outputs),
            rounds=ROUNDS,
        )


def check_scores(ours: Scores, theirs: Scores) -> None:
    """Raise `Differs` unless both have the same windows with the same scores."""
    if [place[:2] for place in ours] != [place[:2] for place in theirs]:
        raise Differs(f"There are {len(ours)} windows here and {len(theirs)} there.")
    check_same("window scores", torch.tensor(ours)[:, 2], torch.tensor(theirs)[:, 2])


def window_scores_speed_up() -> float:
    """The source's time over ours for twenty decoded pictures, one thread."""
    _, pictures = batch(PICTURES)
    with torch_threads(1), torch.inference_mode():
        check_scores(image_scores(pictures[0], WINDOW, STRIDE), source_cache(pictures[0]))
        return speed_up(
            lambda: [image_scores(picture, WINDOW, STRIDE) for picture in pictures],
            lambda: [source_cache(picture) for picture in pictures],
            rounds=ROUNDS,
        )


REGIONAL_SHARPNESS = BenchSpec(
    "regional_sharpness",
    "regional_sharpness forward and backward, 16 of 224², against the article's, targets cached",
    ">=",
    2.5,
    "x",
    partial(loss_speed_up, "regional_sharpness", SourceRegionalSharpness),
)
WINDOW_SCORES = BenchSpec(
    "window_scores",
    "window scores of 20 pictures of 224², against the article's vectorised version",
    ">=",
    5.0,
    "x",
    window_scores_speed_up,
)
FREQUENCY_RADIAL = BenchSpec(
    "frequency_radial",
    "frequency_radial forward and backward, 16 of 224², against the article's whole spectra",
    ">=",
    1.6,
    "x",
    partial(loss_speed_up, "frequency_radial", SourceRadialFrequency),
)
