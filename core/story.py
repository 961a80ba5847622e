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
CLEAR_LEVELS = 0.02
CLEAR_COLOUR = 0.02

Cards = dict[str, Card]
Finding = Callable[[Cards], str]


def mean(cards: Cards, name: str, metric: str) -> float:
    """A variant's validation mean. Raises `KeyError` where it was not measured."""
    return cards[name].validation["metrics"][metric]


def shown(cards: Cards, name: str, metric: str) -> str:
    return METRICS[metric].format(mean(cards, name, metric))


def verdict(holds: bool) -> str:
    return "Holds" if holds else "Does not hold"


def mse_blurs(cards: Cards) -> str:
    gain, truth = (
        mean(cards, "hybrid-mse", "detail_gain"),
        mean(cards, "hybrid-mse", "detail_truth"),
    )
    return (
        f"*MSE blurs.* {verdict(gain < -CLEAR_DB)}: between 0.25 and 0.5 cycles per pixel "
        f"`hybrid-mse` has {gain:+.1f} dB of the clean power, and what it has correlates with "
        f"the clean image at {truth:.2f}."
    )


def sharpness_is_crisper(cards: Cards) -> str:
    ours, base = (
        mean(cards, name, "detail_gain") for name in ("hybrid-regional-sharpness", "hybrid-mse")
    )
    truth, before = (
        mean(cards, name, "detail_truth") for name in ("hybrid-regional-sharpness", "hybrid-mse")
    )
    cost = mean(cards, "hybrid-regional-sharpness", "psnr") - mean(cards, "hybrid-mse", "psnr")
    return (
        f"*Regional sharpness is crisper.* {verdict(ours - base > CLEAR_DB)}: detail gain "
        f"{base:+.1f} dB becomes {ours:+.1f} dB, at {cost:+.2f} dB PSNR; the detail's truth goes "
        f"from {before:.2f} to {truth:.2f}, so what is added is "
        f"{'true detail' if truth - before > 0.02 else 'not more true, only stronger'}."
    )


def sharpness_draws_a_grid(cards: Cards) -> str:
    ours, base = (
        mean(cards, name, "checkerboard_added")
        for name in ("hybrid-regional-sharpness", "hybrid-mse")
    )
    return (
        f"*It grows a checkerboard.* {verdict(ours - base > CLEAR_LEVELS)}: grid added "
        f"{base:.2f} levels with MSE, {ours:.2f} with regional sharpness."
    )


def sharpness_discolours(cards: Cards) -> str:
    ours, base = (
        mean(cards, name, "colour_shift") for name in ("hybrid-regional-sharpness", "hybrid-mse")
    )
    return (
        f"*It discolours.* {verdict(ours - base > CLEAR_COLOUR)}: colour shift "
        f"{base:.2f} with MSE, {ours:.2f} with regional sharpness."
    )


def frequency_lies_between(cards: Cards) -> str:
    names = ("hybrid-mse", "hybrid-frequency", "hybrid-regional-sharpness")
    gains = [mean(cards, name, "detail_gain") for name in names]
    grids = [mean(cards, name, "checkerboard_added") for name in names]
    between = gains[0] < gains[1] < gains[2]
    less_grid = grids[2] - grids[1] > CLEAR_LEVELS
    cost = mean(cards, "hybrid-frequency", "psnr") - mean(cards, "hybrid-mse", "psnr")
    return (
        f"*Frequency removes the grid and some of the sharpness.* "
        f"{verdict(between and less_grid)}: grid added {grids[1]:.2f} levels against "
        f"{grids[2]:.2f}, detail gain {gains[1]:+.1f} dB against {gains[2]:+.1f} dB, "
        f"{cost:+.2f} dB PSNR against MSE."
    )


def radial_differs_little(cards: Cards) -> str:
    gain, plain = (
        mean(cards, name, "detail_gain")
        for name in ("hybrid-frequency-radial", "hybrid-frequency")
    )
    psnr, before = (
        mean(cards, name, "psnr") for name in ("hybrid-frequency-radial", "hybrid-frequency")
    )
    cost = psnr - mean(cards, "hybrid-mse", "psnr")
    return (
        f"*The radial mask differs little.* {verdict(abs(psnr - before) < CLEAR_DB)} in PSNR "
        f"({psnr - before:+.2f} dB; {cost:+.2f} dB against MSE); the detail gain moves from "
        f"{plain:+.1f} to {gain:+.1f} dB."
    )


def vit_helps(cards: Cards) -> str:
    difference = mean(cards, "hybrid-mse", "psnr") - mean(cards, "unet-mse", "psnr")
    return (
        f"*The ViT adds to the U-Net.* {verdict(difference > CLEAR_DB)}: `hybrid-mse` is "
        f"{difference:+.2f} dB against `unet-mse`, the same U-Net with equal steps and no ViT."
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
