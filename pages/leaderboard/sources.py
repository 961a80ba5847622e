"""Published numbers beside ours: measured on other data, so that they do not compete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.leaderboard.conditions import COURSE, NOISE
from core.leaderboard.findings import NOT_MEASURED
from pages.leaderboard.common import Board
from pages.shared.cells import text_table
from pages.shared.plain import plain

if TYPE_CHECKING:
    from core.leaderboard.published import BlurTable, Published, Source

ABOUT = (
    "They were measured on **other data**: crack pictures with noise of a strength that is not "
    "told, and slices of computed tomography. So none of them ranks with one of ours. What may be "
    "compared is the order inside a table."
)
BLURS = "Sixteen Gaussian blurs"
COUNTERPARTS = {
    "dense autoencoder": "dense-dae-ladder",
    "dense autoencoder, three branches and skip": "dense-skip-dae-ladder",
    "convolutional autoencoder": "conv-dae-ladder",
    "transformer, MLP head and two convolutions": "transformer-denoiser-ladder",
    "U-Net": "unet-mse",
    "ViT + U-Net": "hybrid-mse",
    "CNN": "cnn-motion",
    "ResCNN": "residual-cnn-motion",
    "UNet": "unet-motion",
    "ViT": "vit-reconstructor-motion",
    "MSE": "hybrid-mse",
    "L1": "hybrid-l1",
    "SSIM": "hybrid-ssim",
    "MSE + 0.1 Fourier": "hybrid-mse-fourier",
    "0.5 MSE + 0.5 L1": "hybrid-mse-l1",
    "MSE + 0.2 SSIM + 0.1 Fourier": "hybrid-mse-ssim-fourier",
}
"""What a source's row is called -> the variant of ours that comes nearest; not all have one."""
NO_COUNTERPART = "—"
NOTE = (
    "Ours are means over the test pictures: at sigma 0.15, or on motion blur and noise beside the "
    "notebook’s networks. The notebook’s SSIM has scikit-image’s default window and is not "
    "comparable in itself; its study of losses trained a small CNN, ours trains the hybrid."
)


def draw(board: Board) -> None:
    """The 4 x 4 table of blurs, ours and Part 1's; then every other number, by its source."""
    from core.leaderboard.published import SOURCES, blur_table

    st.markdown("\n".join([ABOUT, "", *map(source_line, SOURCES)]))
    st.subheader(BLURS)
    blurs(blur_table(board.results), len(board.results.images))
    st.subheader("Networks and losses")
    for (source, data), rows in grouped().items():
        published_table(board, f"{source} · {data}", rows)
    st.caption(NOTE)


def source_line(source: Source) -> str:
    """What a source is, as an item of a list."""
    return f"- [{source.title}]({source.link}): {source.about}."


# The blurs ---------------------------------------------------------------------------------------


def blurs(table: BlurTable, pictures: int) -> None:
    """Both tables of MSE, the smallest of each marked."""
    titles = {
        f"Ours: MSE at sigma 0.15, mean over {pictures} pictures": table.ours,
        "“Denoising autoencoders, Part 1”: MSE, measured on other data": table.published,
    }
    for column, (title, values) in zip(st.columns(2), titles.items(), strict=True):
        with column:
            grid(title, table, values)
    if np.isfinite(table.ours).all():
        ours, theirs = (best_of(table, values) for values in (table.ours, table.published))
        st.caption(plain(f"The best blur is {ours} here and {theirs} in the article."))


def grid(title: str, table: BlurTable, values: np.ndarray) -> None:
    """One table of four kernels and four sigmas."""
    rows = [
        [f"{kernel} × {kernel}", *(f"{v:.5f}" if np.isfinite(v) else NO_COUNTERPART for v in line)]
        for kernel, line in zip(table.kernels, values, strict=True)
    ]
    marked = {place_of(values)} if np.isfinite(values).any() else set()
    text_table(title, [f"σ {sigma or 'automatic'}" for sigma in table.sigmas], rows, marked)


def place_of(values: np.ndarray) -> tuple[int, int]:
    """Row and column of the smallest value."""
    row, column = np.unravel_index(np.nanargmin(values), values.shape)
    return int(row), int(column)


def best_of(table: BlurTable, values: np.ndarray) -> str:
    row, column = place_of(values)
    kernel, sigma = table.kernels[row], table.sigmas[column]
    return f"{kernel} × {kernel} with σ {sigma or 'automatic'}"


# The other numbers -------------------------------------------------------------------------------


def grouped() -> dict[tuple[str, str], list[Published]]:
    """Source and data -> what was published of them, the blurs left out."""
    from core.leaderboard.published import PUBLISHED

    found: dict[tuple[str, str], list[Published]] = {}
    for row in PUBLISHED:
        if not row.what.startswith("blur-"):
            found.setdefault((row.source, row.data), []).append(row)
    return found


def published_table(board: Board, title: str, rows: Sequence[Published]) -> None:
    """What a source measured on one kind of data, and ours of the same kind beside it."""
    metrics = list(dict.fromkeys(row.metric for row in rows))
    labels = [board.results.quantities[metric].label for metric in metrics]
    columns = [head for label in labels for head in (label, f"Our {label}")]
    values = {(row.what, row.metric): row for row in rows}
    lines = []
    for what in dict.fromkeys(row.what for row in rows):
        line = [f"{what[:1].upper()}{what[1:]}"]
        for metric in metrics:
            line += [number_of(values.get((what, metric))), our_number(board, what, metric)]
        lines.append([*line, COUNTERPARTS.get(what, NO_COUNTERPART)])
    text_table(title, [*columns, "Our variant"], lines)


def number_of(row: Published | None) -> str:
    """As it was published, a range where it was one."""
    if row is None:
        return NO_COUNTERPART
    ends = [row.value] if row.high is None else [row.value, row.high]
    return " to ".join(np.format_float_positional(end, trim="-") for end in ends)


def our_number(board: Board, what: str, metric: str) -> str:
    """Our mean of what comes nearest, on the task that comes nearest."""
    name = COUNTERPARTS.get(what)
    if name is None or metric not in board.quantities:
        return NO_COUNTERPART
    mean = board.mean(name, metric, COURSE if name.endswith("-motion") else NOISE)
    return board.quantities[metric].number(mean) if np.isfinite(mean) else NOT_MEASURED
