"""Does it see the crack? The current picture against its own mask, and what many pictures say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from pages.shared.slots import Slot, wait_for

from core.imaging.images import crop
from pages.attention.choice import Choice, band_field, current_band, network_label, take_band
from pages.attention.maps import RawMap, as_array, banded, chosen_maps, finished
from pages.shared import cached
from pages.shared.cells import text_table
from pages.shared.charts import chart
from pages.shared.choose import choose
from pages.shared.comparison import Comparison, polled, shown, step_and_rerun
from pages.shared.linked_viewer import Band, Layer, Panel, encode_layer, linked_viewer
from pages.shared.plain import plain
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.attention.cam import Finished
    from core.attention.crack_study import Claim, Hit, Results, Score

ABOUT = (
    "On procedural pictures it is known where the cracks are. **Precision** is how much of what "
    "the band keeps is crack, **recall** how much of the crack is kept, **IoU** both in one. "
    "Average precision needs no band: it is the area under precision over recall, all thresholds."
)
NO_MASK = (
    "Nobody drew the cracks of this picture. Choose a procedural one in the sidebar, asphalt, "
    "concrete or sand; below are the results of many such pictures."
)
STUDY = "Over many pictures"
SECONDS = 1.0
HITS = ("Crack, kept", "Kept, no crack", "Crack, not kept")
COLUMNS = ("Precision", "Recall", "IoU", "Kept area")
UNITS = {"value": "Lower end of the band, by value", "area": "Lower end of the band, by area"}
BEST = {"value": "Best band by value", "area": "Best band by area"}
IN_SAMPLE = "The best band is chosen on the very picture that it is judged on."


@dataclass(frozen=True)
class Found:
    """A map of the current picture, the picture's crack mask, and what one says of the other."""

    done: Finished
    mask: np.ndarray
    score: Score


def cracks_view(bench: Workbench, choice: Choice) -> None:
    """The chosen map against the picture's own crack, and the results of the study below."""
    st.markdown(ABOUT)
    if is_procedural(bench):
        polled(
            replace(bench, cards=()),
            partial(current, bench, choice),
            partial(needs, bench, choice),
            partial(settle, bench, choice),
        )
    else:
        st.info(NO_MASK)
    st.subheader(STUDY)
    study(choice)


def is_procedural(bench: Workbench) -> bool:
    from core.imaging.gallery import GALLERY

    key = bench.source.key
    return key in GALLERY and GALLERY[key].kind == "procedural"


# The current picture -----------------------------------------------------------------------------


def found_of(raw: RawMap, bench: Workbench, choice: Choice) -> Found:
    """Score the chosen map. Raises `ValueError` for a picture without a crack."""
    from core.attention.crack_study import score
    from core.imaging.gallery import GALLERY

    mask = GALLERY[bench.source.key].mask()
    mask = crop(mask, bench.part) if bench.part else mask
    done = finished(raw, choice.method, bench.measurement)
    return Found(done, mask, score(as_array(done), mask))


def found_slot(bench: Workbench, choice: Choice) -> Slot[Found] | None:
    """The place of the scores; None until the map is there."""
    raw = chosen_maps(bench.measurement, choice).value
    if raw is None:
        return None
    part = bench.part.text if bench.part else None
    return cached.computed_map(
        "crack_score",
        bench.measurement.digest,
        bench.source.key,
        part,
        *key_of(choice),
        compute=partial(found_of, raw[choice.method], bench, choice),
    )


def key_of(choice: Choice) -> tuple[str | None, ...]:
    """Everything that a map of a picture depends on."""
    region = choice.region.text if choice.region else None
    stamp = cached.variant_stamp(choice.variant)
    return choice.variant, stamp, choice.layer, choice.target, region, choice.method


def needs(bench: Workbench, choice: Choice, found: Comparison) -> list[Slot]:
    slots = [chosen_maps(bench.measurement, choice), found_slot(bench, choice)]
    return [slot for slot in slots if slot]


def settle(bench: Workbench, choice: Choice, found: Comparison) -> None:
    for _ in range(2):  # the scores can be asked for once the map is there
        wait_for(needs(bench, choice, found), SECONDS)


def current(bench: Workbench, choice: Choice, found: Comparison) -> None:
    """The picture with its map and hits, the numbers of bands, and the sweep."""
    band = current_band()
    slots = needs(bench, choice, found)
    waiting = [] if all(slot.ready for slot in slots) else ["computing"]
    st.caption(plain(" · ".join([bench.sentence, *waiting])))
    for slot in slots:
        if slot.error:
            st.info(plain(slot.error))
            return
    slot = found_slot(bench, choice)
    value = slot.value if slot else None
    halves = st.columns(2, vertical_alignment="bottom")
    for column, draw_part in zip(halves, (the_map, the_hits), strict=True):
        with column:
            draw_part(bench, value, band)
    band_field()
    if value:
        numbers(value, band)
        sweeps(value, band)


def the_map(bench: Workbench, value: Found | None, band: Band) -> None:
    """The measurement with the chosen map and the band."""
    panel = Panel("map", "Map and band", None)
    if value:
        panel = replace(
            panel,
            image=shown(bench.measurement),
            layers=(banded(value.done),),
        )
    linked_viewer(
        [panel], key="crack_map", band=band, on_band_change=take_band, on_step=step_and_rerun
    )


def the_hits(bench: Workbench, value: Found | None, band: Band) -> None:
    """The picture with what the band keeps against the crack, in three colours."""
    from core.attention.agreement import overlay

    panel = Panel("hits", "The band against the crack", None)
    if value:
        # As an overlay counts: both, kept only, crack only.
        places = encode_layer(overlay(kept_by(as_array(value.done), band), value.mask))
        layer = Layer("hits", "Hits", places, 0.0, 3.0, categories=HITS, opacity=0.8)
        picture = bench.clean or bench.measurement
        panel = replace(panel, image=shown(picture), layers=(layer,))
    linked_viewer([panel], key="crack_hits")


def kept_by(values: np.ndarray, band: Band) -> np.ndarray:
    """Where a band keeps a map, bool (h, w); without filtering, all that is not zero."""
    from core.attention.threshold import band as banded_part

    if not band.filtering:
        return np.nan_to_num(values) != 0
    return banded_part(values, band.lower, band.upper, by=band.by).kept


def numbers(value: Found, band: Band) -> None:
    """What the current band keeps, what the best ones would, and what no band is needed for."""
    from core.attention.crack_study import hit

    hits = {"Current band": hit(kept_by(as_array(value.done), band), value.mask)}
    for by, label in BEST.items():
        lower, best = value.score.sweeps[by].best
        hits[f"{label}: {lower:g} to 1"] = best
    hits["The whole picture"] = hit(np.ones_like(value.mask), value.mask)
    text_table("This picture", COLUMNS, [[label, *cells(one)] for label, one in hits.items()])
    inside, outside = value.score.inside_outside
    ratio = f"{inside / outside:.2f}" if outside else "not defined"
    st.caption(
        plain(
            f"Average precision {value.score.average_precision:.3f}, by chance "
            f"{value.mask.mean():.3f}. The map's mean inside the crack over that outside: "
            f"{ratio}. {IN_SAMPLE}"
        )
    )


def cells(one: Hit) -> list[str]:
    return [f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.iou:.3f}", f"{one.area:.1%}"]


def sweeps(value: Found, band: Band) -> None:
    """Precision, recall and IoU over the lower end, and a button that sets the best one."""
    from core.figures import line_chart

    for column, by in zip(st.columns(2), UNITS, strict=True):
        one = value.score.sweeps[by]
        lower, best = one.best
        curves = dict(zip(COLUMNS[:3], np.array(one.hits).T[:3], strict=True))
        with column:
            figure = line_chart(np.array(one.lowers), curves, UNITS[by], "", vertical=lower)
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
    """Let the band be the best one."""
    take_band(replace(current_band(), lower=lower, upper=1.0, by=by, filtering=True))


# The study ---------------------------------------------------------------------------------------


def study(choice: Choice) -> None:
    """What the command found over many pictures, as it came out."""
    from core.attention.crack_study import crack_findings, read

    try:
        results = read()
    except ValueError as error:
        st.info(plain(str(error)))
        return
    for finding in crack_findings(results):
        st.markdown(f"- {finding}")
    scores_table(results)
    claims_table(results)
    mean_sweeps(results, choice)
    st.caption(plain(f"{results.protocol}."))


def scores_table(results: Results) -> None:
    """Average precision by CAM method and layer of a variant that was measured."""
    from core.attention.crack_study import MARKED, MARKS, crack_table

    names = list(dict.fromkeys(row.variant for row in results.rows))
    cards = cached.cards(hidden=True)
    labels = {name: cards[name].label if name in cards else name for name in names}
    variant = choose("crack_variant", "Measured variant", labels)
    header, rows = crack_table(results, variant)
    marked = {
        (row, column)
        for row, line in enumerate(rows)
        for column, text in enumerate(line[1:])
        if text.endswith(MARKS[1])
    }
    text_table(f"Average precision. {MARKED}", header[1:], rows, marked)


def claims_table(results: Results) -> None:
    """The sources' sentence by every CAM method."""
    from core.attention.crack_study import method_label

    header = ("ViT", "The ViT attends", "U-Net", "U-Net / ViT", "The U-Net tones down")
    rows = [[method_label(claim.method), *claim_cells(claim)] for claim in results.claims]
    text_table("The map's mean inside the cracks over its mean outside", header, rows)


def claim_cells(claim: Claim) -> list[str]:
    ratios = (one.text(".2f") for one in (claim.vit, claim.unet, claim.quotient))
    vit, unet, quotient = ratios
    return [vit, claim.attends, unet, quotient, claim.tones_down]


def mean_sweeps(results: Results, choice: Choice) -> None:
    """The mean IoU of the chosen CAM method over the lower end, on each measured layer."""
    from core.attention.crack_study import LOWERS, MAIN, method_label
    from core.figures import line_chart

    by = choice.band.by
    curves = sweep_curves(results, choice, by)
    if curves:
        network = network_label(choice.network)
        title = f"Mean IoU of {method_label(choice.method)} in the {network} of {MAIN}"
        st.markdown(plain(title))
        figure = line_chart(np.array(LOWERS[by]), curves, UNITS[by], "IoU")
        chart(figure, "mean_sweep", f"{title}: its curves over the lower end of the band")


def sweep_curves(results: Results, choice: Choice, by: str) -> Mapping[str, np.ndarray]:
    """Layer label -> mean IoU over `LOWERS[by]`, for the chosen CAM method and network."""
    layers = {layer.key: layer.label for layer in results.layers}
    return {
        layers[row.layer]: np.array(row.sweeps[by])
        for row in results.rows
        if (row.network, row.method) == (choice.network, choice.method) and by in row.sweeps
    }
