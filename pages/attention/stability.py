"""Is it stable? How often each pixel is kept when nothing but the noise changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from pages.shared.slots import Slot, wait_for

from pages.attention.choice import Choice, band_field, band_text, current_band, take_band
from pages.attention.cracks import key_of
from pages.attention.maps import RawMap, as_array, banded, finished
from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, polled, shown, step_and_rerun
from pages.shared.linked_viewer import Band, Layer, Panel, encode_layer, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

ABOUT = (
    "The same picture, measured again with other noise: **how often each pixel is kept** by the "
    "band. Where it is all or nothing, the map speaks of the picture; in between, of the noise."
)
NO_SEED = (
    "There is no noise here that could be drawn again: choose a degradation with a noise seed in "
    "the sidebar."
)
COUNTS = {"4": "4 seeds", "8": "8 seeds", "16": "16 seeds"}
SECONDS = 1.5
SHARE = 0.2
SELDOM = 1e-6  # what no seed keeps shows the picture


@dataclass(frozen=True)
class Stability:
    """The keep frequency (H, W) in [0, 1], and what the seeds' maps have in common, in words."""

    frequency: np.ndarray
    numbers: Mapping[str, str]


def stability_view(bench: Workbench, choice: Choice) -> None:
    """The keep frequency of the chosen map over noise seeds."""
    st.markdown(ABOUT)
    if bench.clean is None or "seed" not in bench.parameters:
        st.info(NO_SEED)
        return
    count = int(choose("seeds", "Seeds", COUNTS, default="8"))
    polled(
        replace(bench, cards=()),
        partial(frequencies, bench, choice, count),
        partial(needs, bench, choice, count),
        partial(settle, bench, choice, count),
    )


def seeds_of(bench: Workbench, count: int) -> range:
    """The seed of the sidebar and those after it."""
    first = int(bench.parameters["seed"])
    return range(first, first + count)


def raw_map(bench: Workbench, choice: Choice, seed: int) -> RawMap:
    """The chosen CAM method's raw map (h, w) of the picture with another seed's noise."""
    from core.attention.cam import CAM_METHODS, attention_maps, look
    from core.degradations import DEGRADATIONS

    parameters = {**bench.parameters, "seed": seed}
    image = DEGRADATIONS[bench.degradation](bench.clean.image[None], **parameters)[0]
    target = choice.target if CAM_METHODS[choice.method].needs_gradient else None
    seen = look(cached.model(choice.variant), image, choice.layer, target, choice.region)
    return RawMap(attention_maps(seen, [choice.method])[choice.method], seen.covers)


def raw_slots(bench: Workbench, choice: Choice, count: int) -> dict[int, Slot[RawMap]]:
    """Seed -> the place of its raw map."""
    settings = {name: value for name, value in bench.parameters.items() if name != "seed"}
    return {
        seed: cached.computed_map(
            "seed_map",
            bench.clean.digest,
            f"{bench.degradation} {sorted(settings.items())} {seed}",
            *key_of(choice),
            compute=partial(raw_map, bench, choice, seed),
        )
        for seed in seeds_of(bench, count)
    }


def kept_often(maps: Sequence[RawMap], bench: Workbench, choice: Choice, band: Band) -> Stability:
    """Finish the seeds' raw maps (h, w) and see what one band keeps of them."""
    from core.attention.agreement import agreement, keep_frequency, steadiness

    values = {
        str(seed): as_array(finished(raw, choice.method, bench.measurement))
        for seed, raw in enumerate(maps)
    }
    bounds = (band.lower, band.upper) if band.filtering else (0.0, 1.0)
    frequency = keep_frequency(list(values.values()), *bounds, by=band.by)
    found = agreement(values, SHARE)
    pairs = np.triu_indices(len(values), k=1)
    numbers = {
        "Of what is ever kept, always kept": share(steadiness(frequency)),
        f"IoU of two seeds' hottest {SHARE:.0%}, mean over pairs": number(found.iou[pairs]),
        "Rank correlation of two seeds, mean over pairs": number(found.rank[pairs]),
    }
    return Stability(frequency, numbers)


def share(value: float) -> str:
    return "nothing is kept" if np.isnan(value) else f"{value:.1%}"


def number(values: np.ndarray) -> str:
    known = values[~np.isnan(values)]
    return f"{known.mean():.3f}" if known.size else "not defined"


def kept_slot(bench: Workbench, choice: Choice, count: int, band: Band) -> Slot[Stability] | None:
    """The place of the keep frequency; None until every seed's map is there."""
    maps = [slot.value for slot in raw_slots(bench, choice, count).values()]
    if any(raw is None for raw in maps):
        return None
    settings = sorted(bench.parameters.items())
    return cached.computed_map(
        "keep_frequency",
        bench.clean.digest,
        f"{bench.degradation} {settings} {count} {band_text(band)}",
        *key_of(choice),
        compute=partial(kept_often, maps, bench, choice, band),
    )


def needs(bench: Workbench, choice: Choice, count: int, found: Comparison) -> list[Slot]:
    kept = kept_slot(bench, choice, count, current_band())
    return [*raw_slots(bench, choice, count).values(), *([kept] if kept else [])]


def settle(bench: Workbench, choice: Choice, count: int, found: Comparison) -> None:
    for _ in range(2):  # the frequency can be asked for once all maps are there
        wait_for(needs(bench, choice, count, found), SECONDS)


def frequencies(bench: Workbench, choice: Choice, count: int, found: Comparison) -> None:
    """The first seed's map, the frequency beside it, and its numbers."""
    slots = raw_slots(bench, choice, count)
    kept = kept_slot(bench, choice, count, current_band())
    done = sum(slot.ready for slot in slots.values())
    waiting = [] if kept and kept.ready else [f"computing: {done} of {count} seeds"]
    st.caption(plain(" · ".join([bench.sentence, *waiting])))
    for sentence in dict.fromkeys(slot.error for slot in (*slots.values(), kept) if slot):
        if sentence:
            st.warning(plain(sentence))
            return
    halves = st.columns(2, vertical_alignment="bottom")
    for column, draw in zip(halves, (one_map, often), strict=True):
        with column:
            draw(bench, choice, slots, kept)
    band_field()
    if kept and kept.value:
        text_table(
            f"Over {count} noise seeds", (), [list(row) for row in kept.value.numbers.items()]
        )


def one_map(
    bench: Workbench,
    choice: Choice,
    slots: Mapping[int, Slot[RawMap]],
    kept: Slot[Stability] | None,
) -> None:
    """The first seed's map, and the band that all seeds are judged by."""
    seed, slot = next(iter(slots.items()))
    panel = Panel("seed", f"Noise seed {seed}", None)
    if slot.value is not None:
        done = finished(slot.value, choice.method, bench.measurement)
        panel = replace(
            panel,
            image=shown(bench.measurement),
            layers=(banded(done),),
        )
    linked_viewer(
        [panel],
        key="one_seed",
        band=current_band(),
        on_band_change=take_band,
        on_step=step_and_rerun,
    )


def often(
    bench: Workbench,
    choice: Choice,
    slots: Mapping[int, Slot[RawMap]],
    kept: Slot[Stability] | None,
) -> None:
    """How often each pixel is kept, over the clean picture."""
    panel = Panel("often", f"Kept by how many of {len(slots)} seeds", None)
    if kept and kept.value:
        values = encode_layer(kept.value.frequency)
        layer = Layer("frequency", "Keep frequency", values, 0.0, 1.0, lower=SELDOM)
        panel = replace(panel, image=shown(bench.clean), layers=(layer,))
    linked_viewer([panel], key="keep_frequency")
