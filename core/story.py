"""What the shipped variants' cards say of the sources' story, in sentences made from numbers.

Part 3 ("Denoising autoencoders, Part 3") tells it: MSE blurs and desaturates; regional sharpness
is crisper, but grows a checkerboard and discolours; Fourier magnitudes remove the checkerboard
and some of the sharpness; the radial mask differs little; the ViT helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .checkpoints import Card
from .metrics import METRICS

CBM3D_DB = 26.94  # the best classical denoiser on the same photos and noise size, measured once
CLEAR_DB = 0.1  # below this, a difference of means over 16 photos is called none
CLEAR_LEVELS = 0.05
CLEAR_TRUTH = 0.02
CLEAR_COLOUR = 0.1  # CIEDE2000; about 1 is just noticeable

# What a person sees first: the variants that the story is about, in its order.
STORY = (
    "hybrid-mse",
    "hybrid-regional-sharpness",
    "hybrid-regional-sharpness-resize",
    "hybrid-frequency",
    "hybrid-frequency-radial",
    "unet-mse",
)

Cards = dict[str, Card]
Finding = Callable[[Cards], str]


def story_first(cards: Sequence[Card]) -> list[Card]:
    """The same cards, but the story's before all others, in its order."""
    told = {name: place for place, name in enumerate(STORY)}
    return sorted(cards, key=lambda card: told.get(card.name, len(STORY)))


def shown_first(cards: Sequence[Card]) -> list[str]:
    """Names of the story's variants among these; where there is none, of all trained ones."""
    trained = [card.name for card in cards if card.trained]
    return [name for name in STORY if name in trained] or trained


def mean(cards: Cards, name: str, metric: str) -> float:
    """A variant's validation mean. Raises `KeyError` where it was not measured."""
    return cards[name].validation["metrics"][metric]


def shown(cards: Cards, name: str, metric: str) -> str:
    return METRICS[metric].format(mean(cards, name, metric))


def verdict(holds: bool) -> str:
    return "Holds" if holds else "Does not hold"


def against(cards: Cards, name: str, base: str, metric: str) -> tuple[float, float]:
    """A metric's means for a variant and for the one that it is compared with."""
    return mean(cards, name, metric), mean(cards, base, metric)


def mse_blurs(cards: Cards) -> str:
    gain, truth = (mean(cards, "hybrid-mse", key) for key in ("detail_gain", "detail_truth"))
    return (
        f"*MSE blurs.* {verdict(gain < -CLEAR_DB)}: between 0.25 and 0.5 cycles per pixel "
        f"`hybrid-mse` has {gain:+.1f} dB of the clean power, and what it has correlates with "
        f"the clean image at {truth:.2f}."
    )


def sharpness_is_crisper(cards: Cards) -> str:
    names = ("hybrid-regional-sharpness", "hybrid-mse")
    gain, base = against(cards, *names, "detail_gain")
    truth, before = against(cards, *names, "detail_truth")
    psnr, baseline = against(cards, *names, "psnr")
    nature = "true detail" if truth - before > CLEAR_TRUTH else "not more true, only stronger"
    return (
        f"*Regional sharpness is crisper.* {verdict(gain - base > CLEAR_DB)}: detail gain "
        f"{base:+.1f} dB becomes {gain:+.1f} dB, at {psnr - baseline:+.2f} dB PSNR; the detail's "
        f"truth goes from {before:.2f} to {truth:.2f}, so what is added is {nature}."
    )


def sharpness_draws_a_grid(cards: Cards) -> str:
    grid, base = against(cards, "hybrid-regional-sharpness", "hybrid-mse", "checkerboard_added")
    return (
        f"*It grows a checkerboard.* {verdict(grid - base > CLEAR_LEVELS)}: grid added "
        f"{base:.2f} levels with MSE, {grid:.2f} with regional sharpness."
    )


def sharpness_discolours(cards: Cards) -> str:
    shift, base = against(cards, "hybrid-regional-sharpness", "hybrid-mse", "colour_shift")
    return (
        f"*It discolours.* {verdict(shift - base > CLEAR_COLOUR)}: colour shift "
        f"{base:.2f} with MSE, {shift:.2f} with regional sharpness."
    )


def frequency_lies_between(cards: Cards) -> str:
    names = ("hybrid-frequency", "hybrid-regional-sharpness")
    grid, sharp_grid = against(cards, *names, "checkerboard_added")
    gain, sharp_gain = against(cards, *names, "detail_gain")
    psnr, baseline = against(cards, "hybrid-frequency", "hybrid-mse", "psnr")
    between = mean(cards, "hybrid-mse", "detail_gain") < gain < sharp_gain
    return (
        f"*Frequency removes the grid and some of the sharpness.* "
        f"{verdict(between and sharp_grid - grid > CLEAR_LEVELS)}: grid added {grid:.2f} levels "
        f"against {sharp_grid:.2f}, detail gain {gain:+.1f} dB against {sharp_gain:+.1f} dB, "
        f"{psnr - baseline:+.2f} dB PSNR against MSE."
    )


def radial_differs_little(cards: Cards) -> str:
    names = ("hybrid-frequency-radial", "hybrid-frequency")
    gain, plain = against(cards, *names, "detail_gain")
    psnr, before = against(cards, *names, "psnr")
    cost = psnr - mean(cards, "hybrid-mse", "psnr")
    return (
        f"*The radial mask differs little.* {verdict(abs(psnr - before) < CLEAR_DB)} in PSNR "
        f"({psnr - before:+.2f} dB; {cost:+.2f} dB against MSE); the detail gain moves from "
        f"{plain:+.1f} to {gain:+.1f} dB."
    )


def vit_helps(cards: Cards) -> str:
    hybrid, control = against(cards, "hybrid-mse", "unet-mse", "psnr")
    difference = hybrid - control
    return (
        f"*The ViT adds to the U-Net.* {verdict(difference > CLEAR_DB)}: `hybrid-mse` is "
        f"{difference:+.2f} dB against `unet-mse`, the same U-Net with equal steps and no ViT."
    )


def upsampling_draws_the_grid(cards: Cards) -> str:
    names = ("hybrid-regional-sharpness-resize", "hybrid-regional-sharpness")
    grid, transposed = against(cards, *names, "checkerboard_added")
    gain, before = against(cards, *names, "detail_gain")
    psnr, baseline = against(cards, *names, "psnr")
    return (
        f"*The upsampling draws the grid.* {verdict(transposed - grid > CLEAR_LEVELS)}: with the "
        f"same loss, data and steps, a decoder that resizes and convolves adds {grid:.2f} levels "
        f"of grid, transposed convolutions add {transposed:.2f}; detail gain {gain:+.1f} dB "
        f"against {before:+.1f} dB, {psnr - baseline:+.2f} dB PSNR."
    )


def beats_cbm3d(cards: Cards) -> str:
    difference = mean(cards, "hybrid-mse", "psnr") - CBM3D_DB
    return (
        f"*Against the best classical denoiser*, CBM3D's {CBM3D_DB} dB on the same photos at "
        f"the same sigma: `hybrid-mse` reaches {shown(cards, 'hybrid-mse', 'psnr')}, "
        f"{difference:+.2f} dB."
    )


FINDINGS: tuple[Finding, ...] = (
    beats_cbm3d,
    mse_blurs,
    sharpness_is_crisper,
    sharpness_draws_a_grid,
    sharpness_discolours,
    frequency_lies_between,
    radial_differs_little,
    vit_helps,
    upsampling_draws_the_grid,
)


def findings(variants: Sequence[Card]) -> list[str]:
    """One sentence or two for each part of the story; those without numbers are left out."""
    cards = {card.name: card for card in variants}
    told = []
    for finding in FINDINGS:
        try:
            told.append(finding(cards))
        except KeyError:
            continue
    return told
