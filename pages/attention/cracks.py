"""The chosen map against the picture's own ground-truth crack mask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.images import crop
from core.viewer import Band, Layer, Panel, encode_layer
from pages.attention.band import band_field, current_band, kept_by, take_band
from pages.attention.choice import Choice
from pages.attention.crack_study import LOWER_BOUND, draw_study
from pages.attention.downloads import saved_name
from pages.attention.layout import about, last
from pages.attention.maps import chosen_map, finished, map_layer, maps_of, shown_key_of
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.comparison import shown, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.cam import Finished
    from core.attention.crack_study import Hit, Score
    from core.attention.maps import RawMap

ABOUT = (
    "Procedural pictures come with a ground-truth mask of their cracks. **Precision** is the "
    "share of the kept area that is crack, **recall** the share of the crack that is kept, "
    "**IoU** the intersection over union. Average precision is over all thresholds."
)
NO_MASK = (
    "This picture has no ground-truth crack mask. Choose a procedural one in the sidebar: "
    "asphalt, concrete or sand. Below are the results of many such pictures."
)
STUDY = "Over many pictures"
HITS = ("Crack, kept", "Kept, no crack", "Crack, not kept")
COLUMNS = ("Precision", "Recall", "IoU", "Kept area")
BEST = {"value": "Best band by value", "area": "Best band by area"}
IN_SAMPLE = "The best band is chosen on the very picture that it is scored on."


@dataclass(frozen=True)
class Found:
    """A map of the current picture, the picture's crack mask, and the map's scores.

    What is scored is the part without a left-out border.
    """

    done: Finished
    mask: np.ndarray
    score: Score

    @property
    def scored_mask(self) -> np.ndarray:
        """The mask where the map is scored."""
        return part_of(self.mask, self.done)

    def hit(self, kept: np.ndarray) -> Hit:
        """Score a kept area of the picture."""
        from core.attention.crack_study import hit

        return hit(part_of(kept, self.done), self.scored_mask)


def cracks_view(bench: Workbench, choice: Choice) -> None:
    """The chosen map against the picture's own mask, and the results of the study below."""
    about(ABOUT)
    if is_procedural(bench):
        polled(OneCrack(bench, choice))
    else:
        st.info(NO_MASK)
    with last():
        st.subheader(STUDY)
        draw_study(choice, current_band().by)


def is_procedural(bench: Workbench) -> bool:
    """Return whether the picture of the workbench has a ground-truth mask."""
    from core.imaging.gallery import GALLERY

    key = bench.source.key
    return key in GALLERY and GALLERY[key].kind == "procedural"


class OneCrack(View):
    """Waits for the chosen map, then for its scores; draws map, hits, numbers and sweeps."""

    def __init__(self, bench: Workbench, choice: Choice) -> None:
        self.bench, self.choice = bench, choice
        self.maps = maps_of(bench.measurement, choice)
        self.key, self.by = shown_key_of(choice), current_band().by

    def found(self) -> Job[Found] | None:
        """Return the job of the scores; None until the map is there."""
        bench, raw = self.bench, chosen_map(self.maps, self.choice)
        if raw is None:
            return None
        return computed(
            "crack_score",
            bench.measurement.digest,
            bench.source.key,
            bench.part.text if bench.part else None,
            *self.key,
            compute=partial(found_of, raw, bench),
        )

    def jobs(self) -> list[Job]:
        return [job for job in (self.maps, self.found()) if job]

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        band, jobs = current_band(), self.jobs()
        if band.by != self.by:
            st.rerun()  # chosen in this fragment; the study stands outside
        waiting = ["computing"] if pending else []
        st.caption(plain(" · ".join([self.bench.sentence, *waiting])))
        failed = [job.error for job in jobs if job.error]
        if failed:
            st.info(plain(failed[0]))
            return
        found = jobs[1].value if len(jobs) > 1 else None
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            self.draw_map(found, band)
        with right:
            self.draw_hits(found, band)
        band_field()
        if found:
            numbers(found, band)
            sweeps(found, band)

    def draw_map(self, found: Found | None, band: Band) -> None:
        """Draw the input with the chosen map and the band."""
        panel = Panel("map", "Map and band", None)
        if found:
            image = shown(self.bench.measurement)
            panel = replace(panel, image=image, layers=(map_layer(found.done),))
        linked_viewer(
            [panel],
            key="crack_map",
            name=saved_name(self.bench, self.choice, "attention over crack"),
            band=band,
            on_band_change=take_band,
            on_step=step_and_rerun,
        )

    def draw_hits(self, found: Found | None, band: Band) -> None:
        """Draw the kept area against the mask in three colours."""
        from core.attention.agreement import overlay

        panel = Panel("hits", "The band against the mask", None)
        if found:
            # The categories of an overlay: both, kept only, crack only.
            places = overlay(kept_by(found.done.array, band).kept, found.mask)
            layer = Layer(
                "hits", "Hits", encode_layer(places), 0.0, 3.0, categories=HITS, opacity=0.8
            )
            picture = self.bench.clean or self.bench.measurement
            panel = replace(panel, image=shown(picture), layers=(layer,))
        name = saved_name(self.bench, self.choice, "crack hits")
        linked_viewer([panel], key="crack_hits", name=name)


def found_of(raw: RawMap, bench: Workbench) -> Found:
    """Score the chosen map. Raises `ValueError` for a picture without a crack."""
    from core.attention.crack_study import score
    from core.imaging.gallery import GALLERY

    mask = GALLERY[bench.source.key].mask()
    mask = crop(mask, bench.part) if bench.part else mask
    done = finished(raw, bench.measurement)
    return Found(done, mask, score(done.within(done.counted), part_of(mask, done)))


def part_of(values: np.ndarray, done: Finished) -> np.ndarray:
    """Return the part of an array (H, W) that a map counts."""
    part = done.counted
    return values[part.y : part.y + part.height, part.x : part.x + part.width]


def numbers(found: Found, band: Band) -> None:
    """Draw the scores of the current band, of the best ones, and average precision."""
    hits = {"Current band": found.hit(kept_by(found.done.array, band).kept)}
    for by, label in BEST.items():
        lower, best = found.score.sweeps[by].best
        hits[f"{label}: {lower:g} to 1"] = best
    hits["The whole picture"] = found.hit(np.ones_like(found.mask))
    text_table("This picture", COLUMNS, [[label, *cells(one)] for label, one in hits.items()])
    inside, outside = found.score.inside_outside
    ratio = f"{inside / outside:.2f}" if outside else "not defined"
    st.caption(
        plain(
            f"Average precision {found.score.average_precision:.3f}, by chance "
            f"{found.scored_mask.mean():.3f}. The map’s mean inside the crack over its mean "
            f"outside: {ratio}. {IN_SAMPLE}"
        )
    )


def cells(one: Hit) -> list[str]:
    """Write the scores of a kept area."""
    return [f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.iou:.3f}", f"{one.area:.1%}"]


def sweeps(found: Found, band: Band) -> None:
    """Draw precision, recall and IoU over the lower bound, and a button that sets the best one."""
    from core.figures import line_chart

    for column, by in zip(st.columns(2), LOWER_BOUND, strict=True):
        one = found.score.sweeps[by]
        lower, best = one.best
        curves = dict(zip(COLUMNS[:3], np.array(one.hits).T[:3], strict=True))
        with column:
            figure = line_chart(np.array(one.lowers), curves, LOWER_BOUND[by], "", vertical=lower)
            words = f"{BEST[by]} from {lower:g}: IoU {best.iou:.3f}"
            chart(figure, f"sweep_{by}", words)
            st.button(
                f"Set {words[0].lower()}{words[1:]}",
                key=f"set_{by}",
                on_click=set_band,
                args=(lower, by),
                disabled=(band.lower, band.upper, band.by) == (lower, 1.0, by),
            )


def set_band(lower: float, by: str) -> None:
    """Let the band be from `lower` to 1."""
    take_band(replace(current_band(), lower=lower, upper=1.0, by=by, filtering=True))
