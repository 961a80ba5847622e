"""The saved comparison in `docs/`: `python -m core.report.example [FILE]` writes it again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..base.cli import exit_code
from ..base.files import check_writable
from ..base.paths import ROOT

FILE = ROOT / "docs" / "example.losslens.html"
PICTURE, SIDE, SIGMA, SEED = "brick_wall_08", 112, 0.15, 0
VARIANTS = ("hybrid-mse", "hybrid-regional-sharpness", "hybrid-frequency")
SENTENCE = (
    "One network trained with three losses, on Gaussian noise of sigma 0.15: mean squared error "
    "is smooth, windowed sharpness brings detail back with a grid, Fourier magnitudes take the "
    "grid away."
)


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m core.report.example",
        description="Write the saved comparison that the documentation shows: a part of a "
        "picture that comes with the program, restored by variants that come with it.",
    )
    parser.add_argument("file", nargs="?", type=Path, default=FILE, help=f"default: {FILE.name}")
    return parser.parse_args(argv)


def write_example(path: Path) -> None:
    """Restore a part of a picture, and save what came out with its spectra and curves."""
    from ..degradations import DEGRADATIONS
    from ..imaging.gallery import GALLERY
    from ..imaging.images import to_tensor
    from ..variants.labels import distinct_labels
    from ..variants.restore import restore
    from ..variants.store import list_variants
    from .html import write_comparison

    check_writable(path)
    spec = GALLERY[PICTURE]
    clean = to_tensor(spec()[:SIDE, :SIDE])[None]
    noisy = DEGRADATIONS["gaussian_noise"](clean, sigma=SIGMA, seed=SEED)
    labels = distinct_labels([card for card in list_variants() if card.name in VARIANTS])
    outputs = restore(noisy, VARIANTS)
    pictures = {"clean": clean, "noisy": noisy}
    write_comparison(
        path,
        pictures | {labels[name]: outputs[name] for name in VARIANTS},
        title=spec.label,
        sentence=SENTENCE,
        settings={"Picture": spec.label, "Credit": spec.credit, "Sigma": SIGMA, "Seed": SEED},
        spectra=True,
        curves=True,
    )


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.report.example", lambda: write_example(options.file))


if __name__ == "__main__":
    sys.exit(main())
