"""Experiments that are ready to be run, each about a minute on two cores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..base.table import Table
from .plan import Plan

DAE = {"model": "conv_dae", "steps": 400, "crop": 64}
SHARP = "0.8*mse + 0.2*regional_sharpness"


@dataclass(frozen=True)
class PresetSpec:
    """An experiment by name: what it shows, and its runs."""

    key: str
    label: str
    sentence: str
    plans: tuple[Plan, ...]


def _losses(*losses: tuple[str, str], **others: Any) -> tuple[Plan, ...]:
    """A plan for each label and loss, all else equal."""
    return tuple(Plan(label, loss, **others) for label, loss in losses)


def _decoder(upsampling: str) -> Mapping[str, Any]:
    return {"width": 24, "upsampling": upsampling}


PRESETS = Table(
    "preset",
    PresetSpec(
        "pure",
        "Pure losses",
        "MSE, L1 and SSIM alone, as a course notebook sets them side by side: "
        "Vision Transformers and Loss Design.",
        _losses(("MSE", "mse"), ("L1", "l1"), ("SSIM", "ssim")),
    ),
    PresetSpec(
        "mixed",
        "Mixed losses",
        "A pixel loss with a structural or Fourier term: the three mixtures of a course notebook, "
        "Vision Transformers and Loss Design.",
        _losses(
            ("MSE + Fourier", "mse + 0.1*fourier"),
            ("MSE + L1", "0.5*mse + 0.5*l1"),
            ("MSE + SSIM + Fourier", "mse + 0.2*ssim + 0.1*fourier"),
        ),
    ),
    PresetSpec(
        "series",
        "Sharpness or Fourier",
        "MSE alone, and with regional sharpness, Fourier magnitudes, and their radial weighting: "
        "the losses of a blog article, Denoising autoencoders, Part 3.",
        _losses(
            ("MSE", "mse"),
            ("+ regional sharpness", SHARP),
            ("+ Fourier magnitude", "0.8*mse + 0.2*frequency"),
            ("+ radial Fourier", "0.8*mse + 0.2*frequency_radial(weight=2)"),
        ),
    ),
    PresetSpec(
        "checkerboard",
        "Grow a checkerboard",
        "One loss, two decoders: transposed convolutions can draw a grid of 2 pixels, "
        "resizing cannot.",
        (
            Plan("transposed", SHARP, arguments=_decoder("transpose"), **DAE),
            Plan("resize", SHARP, arguments=_decoder("resize"), **DAE),
        ),
    ),
    PresetSpec(
        "magnitude",
        "Magnitude only",
        "What a loss of Fourier magnitudes alone forgets: where things are.",
        _losses(
            ("MSE", "mse"), ("magnitude only", "frequency"), ("both", "0.8*mse + 0.2*frequency")
        ),
    ),
    PresetSpec(
        "knob",
        "The knob",
        "Regional sharpness with a weight of 0, 0.1, 0.2 and 0.5.",
        _losses(
            ("0", "mse"),
            ("0.1", "0.9*mse + 0.1*regional_sharpness"),
            ("0.2", SHARP),
            ("0.5", "0.5*mse + 0.5*regional_sharpness"),
        ),
    ),
)
