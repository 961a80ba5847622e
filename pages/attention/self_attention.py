"""Where a transformer itself looks: its attention by head, from a clicked patch, rolled out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st
from pages.shared.slots import Slot, wait_for

from pages.attention.choice import Choice
from pages.shared import cached
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, polled, shown, step_and_rerun
from pages.shared.linked_viewer import EncodedLayer, Layer, Panel, encode_layer, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from torch import Tensor

SECONDS = 1.0
LAYER = "self_attention"
PICKED = "attention_patch"
ABOUT = (
    "Not a CAM method: the weights with which the network’s own tokens look at each other. "
    "**Click a patch** to see where it looks. A rollout multiplies all blocks, with half of each "
    "token kept: what has flowed into it from where. High weights say where information may come "
    "from, not that it mattered."
)
NO_TOKENS = (
    "Self-attention needs tokens: choose the network “ViT” of a hybrid variant, or “Transformer” "
    "of a variant that is one."
)
MOST_PATCHES = 4096
TOO_MANY = (
    "This picture has {count:,} patches of {side} × {side} pixels, and self-attention relates "
    "each to each: for more than {most:,} it takes minutes. Choose a smaller picture or part."
)
SOURCES = {"patch": "From one patch", "cls": "From CLS", "received": "Received by each patch"}
SENTENCES = {
    "patch": "Where the patch at x {x}, y {y} looks, in block {block}.",
    "cls": "Where CLS looks, in block {block}; the networks here do not use CLS itself.",
    "received": "How much all patches look at each, in block {block}: even attention is 1 / N.",
}
COMPUTING = "computing the attention"


@dataclass(frozen=True)
class Drawn:
    """A head's map, ready to be sent, its greatest value, and what it covers."""

    encoded: EncodedLayer
    high: float
    extent: tuple[float, float, float, float]


def self_attention_view(bench: Workbench, choice: Choice) -> None:
    """The heads of the chosen block, their mean, and the rollout of all blocks."""
    st.markdown(ABOUT)
    if not has_tokens(choice):
        st.info(NO_TOKENS)
        return
    if reason := too_many(bench, choice):
        st.info(reason)
        return
    source = choose("looks", "What looks", sources_of(choice))
    asked = (choice, source)
    alone = replace(bench, cards=())  # no restoration is shown here
    polled(alone, partial(draw, *asked), partial(needs, *asked), partial(settle, *asked))


def has_tokens(choice: Choice) -> bool:
    from core.attention.cam import NETWORKS

    return NETWORKS[choice.network].tokens is not None


def too_many(bench: Workbench, choice: Choice) -> str:
    """Why it would take too long, or ""."""
    from core.attention.self_attention import patch_grid

    grid = patch_grid(cached.model(choice.variant), bench.measurement.image)
    count = grid.rows * grid.columns
    words = TOO_MANY.format(count=count, side=grid.side, most=MOST_PATCHES)
    return words if count > MOST_PATCHES else ""


def sources_of(choice: Choice) -> dict[str, str]:
    """What can look: CLS only where there is one."""
    from core.attention.self_attention import has_cls

    missing = set() if has_cls(cached.model(choice.variant)) else {"cls"}
    return {key: label for key, label in SOURCES.items() if key not in missing}


def settle(choice: Choice, source: str, found: Comparison) -> None:
    """A click is answered in one message."""
    wait_for(needs(choice, source, found), SECONDS)


def block_of(choice: Choice) -> int:
    """The block of the chosen layer, from 0; the last one for what comes after it."""
    from core.attention.self_attention import block_count

    name = choice.layer.rpartition(".")[2]
    return int(name) if name.isdigit() else block_count(cached.model(choice.variant)) - 1


def patch_of(found: Comparison) -> tuple[int, int]:
    """The pixel that was clicked; the middle of the picture at first, or in another size."""
    width, height = found.bench.measurement.size
    size, pixel = st.session_state.get(PICKED, (None, None))
    return pixel if size == (width, height) else (width // 2, height // 2)


def pick(size: tuple[int, int], x: int, y: int, panel: str) -> None:
    st.session_state[PICKED] = size, (x, y)


def needs(choice: Choice, source: str, found: Comparison) -> list[Slot]:
    return [slot_of(choice, source, found)]


def slot_of(choice: Choice, source: str, found: Comparison) -> Slot[dict[str, Drawn]]:
    """The place for the maps by head, their mean and the rollout."""
    picture, place, block = found.bench.measurement, patch_of(found), block_of(choice)
    asked = str(place) if source == "patch" else source
    key = (picture.digest, choice.variant, cached.variant_stamp(choice.variant), str(block), asked)
    compute = partial(heads, choice.variant, picture.image, block, source, place)
    return cached.computed("self_attention", *key, compute=compute)


def heads(
    variant: str, image: Tensor, block: int, source: str, place: tuple[int, int]
) -> dict[str, Drawn]:
    """Label -> map. The rollout is of the same token; received attention has none."""
    from core.attention.self_attention import (
        CLS,
        attention_from,
        attention_received,
        patch_grid,
        rollout_from,
    )

    model = cached.model(variant)
    grid = patch_grid(model, image)
    token = grid.token(*place) if source == "patch" else CLS
    if source == "received":
        maps = attention_received(model, image, block)
    else:
        maps = attention_from(model, image, block, token)
    found = {f"Head {number}": one for number, one in enumerate(maps, start=1)}
    found["Mean of the heads"] = maps.mean(dim=0)
    if source != "received":
        found["Rollout of all blocks"] = rollout_from(model, image, token)
    return {
        label: Drawn(encode_layer(one.numpy()), one.max().item(), grid.extent)
        for label, one in found.items()
    }


def draw(choice: Choice, source: str, found: Comparison) -> None:
    slot, (x, y) = slot_of(choice, source, found), patch_of(found)
    waiting = [] if slot.ready else [COMPUTING]
    sentence = SENTENCES[source].format(x=x, y=y, block=block_of(choice) + 1)
    st.caption(plain(" · ".join([found.bench.sentence, sentence, *waiting])))
    if slot.error:
        st.error(plain(slot.error))
    picture = found.bench.measurement
    panels = [Panel("input", found.input_label, shown(picture))]
    values = slot.value or {}
    own = max([value.high for label, value in values.items() if "Rollout" not in label], default=1)
    for label, value in values.items():
        high = value.high if "Rollout" in label else own
        layer = Layer(LAYER, "Attention", value.encoded, 0.0, high or 1.0, extent=value.extent)
        caption = (f"at most {value.high:.3g}",)
        panels.append(Panel(label, label, shown(picture), "output", caption, "", (layer,)))
    linked_viewer(
        panels,
        key="self_attention",
        on_step=step_and_rerun,
        on_pick=partial(pick, picture.size) if source == "patch" else None,
    )
    st.caption("Heads and their mean stand on one scale, the rollout on its own.")
