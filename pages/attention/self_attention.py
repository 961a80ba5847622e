"""Self-attention of a transformer by head, for a clicked query token, and its rollout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.viewer import EncodedLayer, Layer, Panel, encode_layer
from pages.attention.choice import Choice
from pages.attention.downloads import saved_name
from pages.attention.layout import about, below_on_a_phone
from pages.shared import cached
from pages.shared.choose import choose
from pages.shared.comparison import shown, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from torch import Tensor

LAYER = "self_attention"
PICKED = "attention_patch"
ABOUT = (
    "Not a CAM method: the attention weights of the network itself. **Click a patch** to make it "
    "the query token. A rollout ([Abnar and Zuidema, 2020](https://arxiv.org/abs/2005.00928)) "
    "multiplies the weights of all blocks, with the residual connections. High weights say where "
    "information may come from, not that it mattered."
)
NO_TOKENS = (
    "Self-attention needs tokens: choose the network “ViT” of a hybrid variant, or “Transformer” "
    "of a variant that is one."
)
MOST_PATCHES = 4096
TOO_MANY = (
    "This picture has {count:,} patches of {side} × {side} pixels, and self-attention compares "
    "every pair: for more than {most:,} it takes minutes. Choose a smaller picture or part."
)
QUERIES = {"patch": "Of a query patch", "cls": "Of CLS", "received": "Received by each patch"}
SENTENCES = {
    "patch": "Attention of the query token at x {x}, y {y}, in block {block}.",
    "cls": "Attention of CLS, in block {block}; the networks here do not use CLS itself.",
    "received": "Mean attention that each patch receives, in block {block}: uniform is 1 / N.",
}
COMPUTING = "computing the attention"
ROLLOUT = "Rollout of all blocks"


@dataclass(frozen=True)
class Drawn:
    """A head's map, ready to be sent, its largest value, and the part of the image it covers."""

    encoded: EncodedLayer
    high: float
    extent: tuple[float, float, float, float]


def self_attention_view(bench: Workbench, choice: Choice) -> None:
    """The heads of the chosen block, their mean, and the rollout of all blocks."""
    about(ABOUT)
    if not has_tokens(choice):
        st.info(NO_TOKENS)
        return
    if reason := too_many(bench, choice):
        st.info(reason)
        return
    with below_on_a_phone("query"):
        query = choose("looks", "Query token", queries_of(choice))
    polled(Heads(bench, choice, query))


def has_tokens(choice: Choice) -> bool:
    """Return whether the chosen network has tokens."""
    from core.attention.cam import NETWORKS

    return NETWORKS[choice.network].tokens is not None


def too_many(bench: Workbench, choice: Choice) -> str:
    """Say why it would take too long, or return ""."""
    from core.attention.self_attention import patch_grid

    grid = patch_grid(cached.variants.model(choice.variant), bench.measurement.image)
    count = grid.rows * grid.columns
    words = TOO_MANY.format(count=count, side=grid.side, most=MOST_PATCHES)
    return words if count > MOST_PATCHES else ""


def queries_of(choice: Choice) -> dict[str, str]:
    """Return what can be the query token: CLS only where there is one."""
    from core.attention.self_attention import has_cls

    missing = set() if has_cls(cached.variants.model(choice.variant)) else {"cls"}
    return {key: label for key, label in QUERIES.items() if key not in missing}


class Heads(View):
    """Waits for the maps of one block; draws every head, their mean and the rollout.

    `query` is a key of `QUERIES`; a click on a patch makes it the query token.
    """

    def __init__(self, bench: Workbench, choice: Choice, query: str) -> None:
        self.bench, self.choice, self.query = bench, choice, query
        self.block, self.stamp = block_of(choice), cached.variants.variant_stamp(choice.variant)

    def maps(self) -> Job[dict[str, Drawn]]:
        """Return the job of the maps, by label; of the patch that is picked by now."""
        picture, variant, pixel = self.bench.measurement, self.choice.variant, self.pixel()
        asked = str(pixel) if self.query == "patch" else self.query
        key = picture.digest, variant, self.stamp, str(self.block), asked
        compute = partial(heads, variant, picture, self.block, self.query, pixel)
        return computed("self_attention", *key, compute=compute)

    def pixel(self) -> tuple[int, int]:
        """Return the pixel that was clicked; the middle at first, or in another size."""
        width, height = self.bench.measurement.size
        size, pixel = st.session_state.get(PICKED, (None, None))
        return pixel if size == (width, height) else (width // 2, height // 2)

    def jobs(self) -> list[Job]:
        return [self.maps()]

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        maps, (x, y), picture = self.maps(), self.pixel(), self.bench.measurement
        waiting = [COMPUTING] if pending else []
        sentence = SENTENCES[self.query].format(x=x, y=y, block=self.block + 1)
        st.caption(plain(" · ".join([self.bench.sentence, sentence, *waiting])))
        if maps.error:
            st.error(plain(maps.error))
        linked_viewer(
            self.panels(maps.value or {}),
            key="self_attention",
            name=saved_name(self.bench, self.choice, f"self attention block {self.block + 1}"),
            on_step=step_and_rerun,
            on_pick=partial(pick, picture.size) if self.query == "patch" else None,
        )
        st.caption("Heads and their mean share one scale; the rollout has its own.")

    def panels(self, maps: dict[str, Drawn]) -> list[Panel]:
        """Return the input and a panel for each map, heads on one scale."""
        image = shown(self.bench.measurement)
        panels = [Panel("input", self.bench.input_label, image)]
        highest = max([one.high for label, one in maps.items() if label != ROLLOUT], default=1)
        for label, one in maps.items():
            high = one.high if label == ROLLOUT else highest
            layer = Layer(LAYER, "Attention", one.encoded, 0.0, high or 1.0, extent=one.extent)
            caption = (f"at most {one.high:.3g}",)
            panels.append(Panel(label, label, image, caption=caption, layers=(layer,)))
        return panels


def block_of(choice: Choice) -> int:
    """Return the block of the chosen layer, from 0; the last one for what comes after it."""
    from core.attention.self_attention import block_count

    name = choice.layer.rpartition(".")[2]
    return int(name) if name.isdigit() else block_count(cached.variants.model(choice.variant)) - 1


def pick(size: tuple[int, int], x: int, y: int, panel: str) -> None:
    """Keep the pixel that was clicked in a picture of this size."""
    st.session_state[PICKED] = size, (x, y)


def heads(
    variant: str, picture: Picture, block: int, query: str, pixel: tuple[int, int]
) -> dict[str, Drawn]:
    """Make the maps by label; received attention has no rollout.

    Raises `ValueError` for a network without attention blocks.
    """
    from core.attention.self_attention import (
        CLS,
        attention_from,
        attention_received,
        patch_grid,
        rollout_from,
    )

    model, image = cached.variants.model(variant), picture.image
    grid = patch_grid(model, image)
    token = grid.token(*pixel) if query == "patch" else CLS
    if query == "received":
        maps = attention_received(model, image, block)
    else:
        maps = attention_from(model, image, block, token)
    found = {f"Head {number}": one for number, one in enumerate(maps, start=1)}
    found["Mean of the heads"] = maps.mean(dim=0)
    if query != "received":
        found[ROLLOUT] = rollout_from(model, image, token)
    return {label: drawn(one, grid.extent) for label, one in found.items()}


def drawn(values: Tensor, extent: tuple[float, float, float, float]) -> Drawn:
    """Encode a map (rows, columns)."""
    return Drawn(encode_layer(values.numpy()), values.max().item(), extent)
