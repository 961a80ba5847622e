"""Regional sharpness: how much neighbouring pixels differ, window by window, wherever that is.

RegionalSharpnessLoss of "Denoising autoencoders, Part 3", restated without loops.
"""

from __future__ import annotations

from torch import Tensor

from .spec import LossSpec, whole_number

# The source divides the sum over a window by 1000; a window of 16 holds 930 differences, so this
# factor on their mean is the source's number at 16 and the same weight at every other window.
SCALE = 0.93


def differences_in_window(window: int) -> int:
    """Number of neighbour differences inside a square window of side `window` pixels."""
    return 2 * window * (window - 1) + 2 * (window - 1) ** 2


def window_scores(images: Tensor, window: int = 16, stride: int = 8) -> Tensor:
    """Sum of absolute neighbour differences inside each window, averaged over the channels.

    `images` `(N, C, H, W)` -> `(N, rows, columns)`, with the window's corner at multiples of
    `stride`. Neighbours are right, lower and both lower diagonals; a difference counts only if
    both of its pixels lie in the window, hence the sums one pixel short. Raises
    `ValueError` if the window is below 2 pixels or does not fit, or the stride is below 1.
    """
    height, width = images.shape[-2:]
    if not 2 <= window <= min(height, width):
        raise ValueError(
            f"A sharpness window of {window} pixels does not fit an image of {width} x {height}; "
            f"it must be 2 to {min(height, width)}."
        )
    if stride < 1:
        raise ValueError(f"The window's stride is {stride} pixels; it must be at least 1.")

    def differences(left: Tensor, right: Tensor) -> Tensor:
        return (left - right).abs_().sum(dim=1)

    def pooled(difference: Tensor, rows: int, columns: int) -> Tensor:
        # Down first, where neighbouring sums lie side by side in memory, and then across.
        down = difference.unfold(1, rows, stride).sum(dim=-1)
        return down.unfold(2, columns, stride).sum(dim=-1)

    across = differences(images[..., :, :-1], images[..., :, 1:])
    down = differences(images[..., :-1, :], images[..., 1:, :])
    diagonal = differences(images[..., :-1, :-1], images[..., 1:, 1:])
    diagonal = diagonal + differences(images[..., :-1, 1:], images[..., 1:, :-1])
    total = (
        pooled(across, window, window - 1)
        + pooled(down, window - 1, window)
        + pooled(diagonal, window - 1, window - 1)
    )
    return total / images.shape[1]


def regional_sharpness(output: Tensor, target: Tensor, window: float, stride: float) -> Tensor:
    """Mean absolute difference of the two images' sorted window scores.

    `(N, 3, H, W)` twice -> `(N,)`, >= 0. Sorting forgets where a score was, the absolute value
    forgets its sign and the channel mean its colour: that is what this loss cannot see.
    """
    window = whole_number("The window in pixels", window)
    stride = whole_number("The stride in pixels", stride)
    ours, theirs = (
        window_scores(images, window, stride).flatten(1).sort(dim=1, descending=True).values
        for images in (output, target)
    )
    return (ours - theirs).abs().mean(dim=1) * (SCALE / differences_in_window(window))


REGIONAL_SHARPNESS = LossSpec(
    key="regional_sharpness",
    label="regional sharpness",
    short="sharpness",
    formula="mean |sort S(output) - sort S(target)|, S = neighbour differences per window",
    tex=r"\frac{0.93}{d\,m}\sum_{k=1}^{m}\bigl|S_{(k)}(\hat x)-S_{(k)}(x)\bigr|",
    rewards="as much contrast between neighbouring pixels as the clean image has, anywhere",
    look_for="crisper grain, and a faint grid of period 2; “Denoising autoencoders, Part 3”, "
    "which proposes it, also saw shifted colours",
    reference="Denoising autoencoders, Part 3: RegionalSharpnessLoss",
    function=regional_sharpness,
    defaults={"window": 16, "stride": 8},
)
