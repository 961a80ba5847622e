"""Window scores of a folder of pictures: `python -m core.losses.window_scores DIR [--json FILE]`.

build_offline_cache of "Denoising autoencoders, Part 3", without its loops.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from ..base.cli import add_json, check_json, exit_code, write_json
from ..base.text_table import text_table
from ..imaging.images import decode, to_tensor
from ..imaging.photos import SUFFIXES, picture_bytes
from . import LOSSES
from .regional_sharpness import window_scores

Scores = list[tuple[int, int, float]]
"""Each window's x, y and score, row by row. As in the article, x is the offset of its first row
and y of its first column, in pixels: x runs down the picture and y across it."""


@torch.inference_mode()
def image_scores(image: Tensor, window: int = 16, stride: int = 8) -> Scores:
    """The scores of one image `(3, H, W)` in [0, 1]: 27 x 27 of them at 224, 16 and 8.

    A score is the sum of absolute differences of neighbours inside the window, averaged over the
    channels. Only whole windows count. Raises `ValueError` for a window that does not fit.
    """
    scores = window_scores(image[None], window, stride)[0]
    rows, columns = (range(0, count * stride, stride) for count in scores.shape)
    x = [row for row in rows for _ in columns]
    y = list(columns) * len(rows)
    return list(zip(x, y, scores.flatten().tolist(), strict=True))


def picture_files(folder: Path) -> list[Path]:
    """The picture files under `folder`, by path. Raises `ValueError` if there are none."""
    if not folder.is_dir():
        raise ValueError(f"The folder '{folder}' does not exist.")
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise ValueError(f"'{folder}' has no file that ends in {', '.join(sorted(SUFFIXES))}.")
    return files


def scored_files(
    folder: Path, window: int = 16, stride: int = 8
) -> Iterator[tuple[str, Scores | ValueError]]:
    """Each picture file's name, relative to `folder`, with its scores or why it has none.

    Raises `ValueError` for a folder without pictures, a window below 2 or a stride below 1.
    """
    if window < 2 or stride < 1:
        raise ValueError(
            f"The window is {window} and the stride {stride} pixels; "
            "they must be at least 2 and at least 1."
        )
    for path in tqdm(picture_files(folder), desc="Scoring", unit="file", disable=None):
        name = path.relative_to(folder).as_posix()
        try:
            yield name, image_scores(_tensor(path), window, stride)
        except (ValueError, OSError) as error:
            yield name, ValueError(str(error))


def _tensor(path: Path) -> Tensor:
    return to_tensor(decode(picture_bytes(path)))


def folder_scores(folder: Path, window: int = 16, stride: int = 8) -> dict[str, Scores]:
    """File name, relative to `folder`, -> the scores of its windows.

    Files that cannot be read, or are smaller than the window, are left out; `scored_files` says
    why. Raises `ValueError` as that does.
    """
    found = scored_files(folder, window, stride)
    return {name: scores for name, scores in found if not isinstance(scores, ValueError)}


def render(scores: dict[str, Scores]) -> str:
    """A line for each file: its number of windows, lowest, mean and highest score."""
    lines = [["file", "windows", "lowest", "mean", "highest"]]
    for name, windows in scores.items():
        values = [score for _, _, score in windows]
        numbers = (min(values), sum(values) / len(values), max(values))
        lines.append([name, str(len(values)), *(f"{number:.2f}" for number in numbers)])
    return text_table(lines, numbers=True)


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    defaults = LOSSES["regional_sharpness"].defaults
    parser = argparse.ArgumentParser(
        prog="python -m core.losses.window_scores", description=__doc__
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder of pictures")
    for name, meaning in (("window", "a window's side"), ("stride", "from window to window")):
        parser.add_argument(
            f"--{name}", type=int, default=defaults[name], metavar="PIXELS",
            help=f"{meaning}; default: {defaults[name]}",
        )  # fmt: skip
    add_json(parser, "file name -> [[x, y, score], …] (x is the row, as in the article)")
    return parser.parse_args(argv)


def work(options: argparse.Namespace) -> None:
    check_json(options.json)
    scores: dict[str, Scores] = {}
    passed_over: dict[str, ValueError] = {}
    for name, found in scored_files(options.folder, options.window, options.stride):
        (passed_over if isinstance(found, ValueError) else scores)[name] = found
    write_json(options.json, scores, indent=None)
    print(render(scores))
    for name, reason in passed_over.items():
        print(f"Passed over {name}: {reason}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    return exit_code("core.losses.window_scores", lambda: work(options))


if __name__ == "__main__":
    sys.exit(main())
