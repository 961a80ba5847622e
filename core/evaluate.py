"""Measure variants on a folder of photos: `python -m core.evaluate [NAME…] --photos DIR`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from .checkpoints import list_variants, load_variant, read_card, update_card
from .metrics import METRICS
from .training.denoise import VALIDATION_SIDE, VALIDATION_SIGMA, validation_pairs
from .vit import CHECKPOINTS

PROTOCOL = (
    f"centre crops of {VALIDATION_SIDE} x {VALIDATION_SIDE}, Gaussian noise of sigma "
    f"{VALIDATION_SIGMA}, clipped, each image's own noise, seed 0"
)
NOISY = "noisy"
Row = dict[str, Any]


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.evaluate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="variants; default: all")
    parser.add_argument(
        "--photos", type=Path, required=True, metavar="DIR", help="photos to measure on"
    )
    parser.add_argument(
        "--write-cards", action="store_true", help="keep the means in the variants' cards"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON")
    parser.add_argument(
        "--checkpoints", type=Path, default=CHECKPOINTS, metavar="DIR", help="the variants' folder"
    )
    return parser.parse_args(argv)


@torch.inference_mode()
def measure(output: Tensor, clean: Tensor) -> dict[str, float]:
    """Every metric's mean over a batch, `(N, 3, H, W)` twice, output clipped to [0, 1]."""
    return {spec.key: spec(output, clean).mean().item() for spec in METRICS.values()}


@torch.inference_mode()
def restored(name: str, noisy: Tensor, folder: Path) -> Tensor:
    """A variant's outputs for a batch, one image at a time, clipped to [0, 1]."""
    model = load_variant(name, folder)
    images = tqdm(noisy, desc=name, leave=False)
    return torch.cat([model(image[None]).clamp(0, 1) for image in images])


def table(names: Sequence[str], photos: Path, folder: Path = CHECKPOINTS) -> Iterator[Row]:
    """One row of means for the noisy input and for each variant; see `PROTOCOL`."""
    _, clean, noisy = validation_pairs(photos)
    yield {"variant": NOISY, "count": len(clean), **measure(noisy, clean)}
    for name in names:
        output = restored(name, noisy, folder)
        yield {"variant": name, "count": len(clean), **measure(output, clean)}


def controls(row: Row, rows: Sequence[Row], folder: Path) -> dict[str, float]:
    """PSNR of a variant minus that of each with its loss and another network, in dB."""
    mine = read_card(row["variant"], folder)
    cards = {other["variant"]: read_card(other["variant"], folder) for other in rows}
    return {
        other["variant"]: row["psnr"] - other["psnr"]
        for other in rows
        if (card := cards[other["variant"]]).loss == mine.loss and card.model != mine.model
    }


def write_card(row: Row, rows: Sequence[Row], photos: Path, folder: Path) -> None:
    """Keep a row's means, and its lead over its controls, in the card of its variant."""
    update_card(
        row["variant"],
        folder,
        validation={
            "metrics": {key: row[key] for key in METRICS},
            "psnr_against": controls(row, rows, folder),
            "photos": photos.resolve().name,
            "count": row["count"],
            "protocol": PROTOCOL,
        },
    )


def render(rows: Sequence[Row]) -> str:
    """The rows as aligned text, a column for each metric."""
    header = ["variant", *METRICS]
    lines = [header] + [
        [row["variant"], *(METRICS[key].format(row[key]) for key in METRICS)] for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    try:
        known = list_variants(options.checkpoints, hidden=True)
        names = options.names or [card.name for card in known]
        rows = list(table(names, options.photos, options.checkpoints))
        if options.write_cards:
            for row in rows[1:]:
                write_card(row, rows[1:], options.photos, options.checkpoints)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        print(f"core.evaluate: {error}", file=sys.stderr)
        return 2
    print(render(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
