"""Stability: how often each pixel is kept when only the noise changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.viewer import Band, Layer, Panel, encode_layer
from pages.attention.band import band_field, band_text, bounds_of, current_band, take_band
from pages.attention.choice import Choice
from pages.attention.downloads import saved_name
from pages.attention.layout import about, below_on_a_phone, waiting_for
from pages.attention.maps import (
    as_chosen,
    compared,
    finished,
    key_of,
    map_layer,
    map_of,
    shown_key_of,
)
from pages.shared.cells import text_table
from pages.shared.choose import choose
from pages.shared.comparison import shown, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.maps import RawMap

ABOUT = (
    "The same picture with other noise: **how often the band keeps each pixel**. Near 0 or 1 the "
    "map depends on the picture, in between on the noise."
)
NO_SEED = (
    "There is no noise here that could be drawn again: choose a degradation with a noise seed in "
    "the sidebar."
)
COUNTS = {"4": "4 seeds", "8": "8 seeds", "16": "16 seeds"}
SHARE = 0.2


@dataclass(frozen=True)
class Stability:
    """The keep frequency (H, W) in [0, 1], and the agreement of the seeds' maps in words."""

    frequency: np.ndarray
    numbers: Mapping[str, str]


def stability_view(bench: Workbench, choice: Choice) -> None:
    """The keep frequency of the chosen map over noise seeds."""
    about(ABOUT)
    if bench.clean is None or "seed" not in bench.parameters:
        st.info(NO_SEED)
        return
    with below_on_a_phone("seeds"):
        count = int(choose("seeds", "Seeds", COUNTS, default="8"))
    polled(OverSeeds(bench, choice, count))


class OverSeeds(View):
    """Waits for a map of each noise seed, then for the keep frequency of the current band.

    Draws the first seed's map, the keep frequency, and the agreement of all seeds.
    """

    patience = 1.5

    def __init__(self, bench: Workbench, choice: Choice, count: int) -> None:
        self.bench, self.choice = bench, choice
        first = int(bench.parameters["seed"])
        self.maps = {seed: self.map_job(seed) for seed in range(first, first + count)}

    def map_job(self, seed: int) -> Job[RawMap]:
        """Return the job of the map with another seed's noise."""
        return computed(
            "seed_map",
            self.bench.clean.digest,
            noise_text(self.bench, seed),
            *key_of(self.choice),
            compute=partial(seed_map, self.bench, self.choice, seed),
        )

    def stability(self, band: Band) -> Job[Stability] | None:
        """Return the job of the keep frequency; None until every seed's map is there."""
        if any(job.value is None for job in self.maps.values()):
            return None
        maps = [as_chosen(job.value, self.choice) for job in self.maps.values()]
        return computed(
            "keep_frequency",
            self.bench.clean.digest,
            f"{noise_text(self.bench, next(iter(self.maps)))} {len(maps)} {band_text(band)}",
            *shown_key_of(self.choice),
            compute=partial(stability_of, maps, self.bench, band),
        )

    def jobs(self) -> list[Job]:
        stability = self.stability(current_band())
        return [*self.maps.values(), *([stability] if stability else [])]

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        band = current_band()
        found = self.stability(band)
        waiting = waiting_for(list(self.maps.values()), "seeds")
        if pending and not waiting:
            waiting = ["computing the keep frequency"]
        st.caption(plain(" · ".join([self.bench.sentence, *waiting])))
        failed = [job.error for job in (*self.maps.values(), found) if job and job.error]
        if failed:
            st.warning(plain(failed[0]))
            return
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            self.draw_first(band)
        with right:
            self.draw_frequency(found)
        band_field()
        if found and found.value:
            rows = [list(row) for row in found.value.numbers.items()]
            text_table(f"Over {len(self.maps)} noise seeds", (), rows)

    def draw_first(self, band: Band) -> None:
        """Draw the first seed's map, and the band that all seeds are judged by."""
        seed, job = next(iter(self.maps.items()))
        panel = Panel("seed", f"Noise seed {seed}", None)
        if job.value is not None:
            picture = self.bench.measurement
            layers = (map_layer(finished(as_chosen(job.value, self.choice), picture)),)
            panel = replace(panel, image=shown(picture), layers=layers)
        linked_viewer(
            [panel],
            key="one_seed",
            name=saved_name(self.bench, self.choice, f"attention seed {seed}"),
            band=band,
            on_band_change=take_band,
            on_step=step_and_rerun,
        )

    def draw_frequency(self, found: Job[Stability] | None) -> None:
        """Draw how often each pixel is kept, over the clean picture."""
        panel = Panel("often", f"Kept by how many of {len(self.maps)} seeds", None)
        if found and found.value:
            frequency = found.value.frequency
            ever = np.where(frequency > 0, frequency, np.nan)  # elsewhere the picture is plain
            layer = Layer("frequency", "Keep frequency", encode_layer(ever), 0.0, 1.0)
            panel = replace(panel, image=shown(self.bench.clean), layers=(layer,))
        name = saved_name(self.bench, self.choice, f"keep frequency {len(self.maps)} seeds")
        linked_viewer([panel], key="keep_frequency", name=name)


def noise_text(bench: Workbench, seed: int) -> str:
    """Name the degradation with another seed."""
    return f"{bench.degradation} {sorted({**bench.parameters, 'seed': seed}.items())}"


def seed_map(bench: Workbench, choice: Choice, seed: int) -> RawMap:
    """Make the chosen map of the picture with another seed's noise."""
    from core.degradations import DEGRADATIONS

    parameters = {**bench.parameters, "seed": seed}
    image = DEGRADATIONS[bench.degradation](bench.clean.image[None], **parameters)[0]
    return map_of(image, choice)


def stability_of(maps: Sequence[RawMap], bench: Workbench, band: Band) -> Stability:
    """Compare the seeds' raw maps (h, w): by one band, by top 20 %, and by rank."""
    from core.attention.agreement import agreement, keep_frequency, steadiness

    values = [finished(raw, bench.measurement).array for raw in maps]
    frequency = keep_frequency(values, *bounds_of(band), by=band.by)
    counted = compared(maps, bench.measurement)
    found = agreement({str(place): one for place, one in enumerate(counted)}, SHARE)
    pairs = np.triu_indices(len(values), k=1)
    numbers = {
        "Always kept, of the pixels that are ever kept": share(steadiness(frequency)),
        f"IoU of two seeds’ top {SHARE:.0%}, mean over pairs": number(found.iou[pairs]),
        "Rank correlation of two seeds, mean over pairs": number(found.rank[pairs]),
    }
    return Stability(frequency, numbers)


def share(value: float) -> str:
    """Write a share; NaN where nothing is kept."""
    return "nothing is kept" if np.isnan(value) else f"{value:.1%}"


def number(values: np.ndarray) -> str:
    """Write the mean of the values that are defined."""
    known = values[~np.isnan(values)]
    return f"{known.mean():.3f}" if known.size else "not defined"
