"""Every variant on one picture: the linked viewer, what to look for, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

import numpy as np
import streamlit as st

from core.imaging.images import Region
from pages.compare.sweep import sweep_part
from pages.compare.whole_photo import whole_photo
from pages.shared import cached
from pages.shared.comparison import Comparison, base_panels, place_name, polled, step_and_rerun
from pages.shared.linked_viewer import Goto, linked_viewer
from pages.shared.metric_table import differences, explanations, metric_table
from pages.shared.observed import observations, seen
from pages.shared.plain import plain
from pages.shared.slots import Slot, wait_for
from pages.shared.workbench import Workbench, distinct_labels, region_field, take_region, workbench

T = TypeVar("T")
REGION_SECONDS = 1.5
CAPTIONS = {True: "psnr", False: "blur"}
"""The number above every picture, with or without a clean one; what to see stands before it."""
PRESETS = {
    "blur": ("Show blur", {"zoom": 4.0, "mode": "image", "gain": 1.0}),
    "checkerboard": ("Show grid", {"zoom": 4.0, "mode": "image", "gain": 2.0}),
}
GRIDS = ("grid_2", "grid_4", "grid_8")
MAPS = {
    True: {"blur": ("blur",), "checkerboard": GRIDS},
    False: {"blur": ("blur_effect",), "checkerboard": GRIDS},
}
"""With or without a clean picture, the artifact maps to whose worst place a preset goes: of the
first that has one."""
FIRST_ZOOM, FIRST_CONTRAST = 2.0, 1.5
GOTO, VIEWED = "goto", "first_view"
LOOK_FOR = "**What each loss rewards or method does, and what to look for**\n"
NO_VARIANTS = (
    "There are no trained variants here yet: the folder `checkpoints/` holds no file that can be "
    "shown. Make them with `python -m core.train --all`."
)


def known(slots: Mapping[str, Slot[T]]) -> dict[str, T]:
    """The values that are there."""
    return {label: slot.value for label, slot in slots.items() if slot.value}


def needs(found: Comparison) -> list[Slot]:
    """The numbers of the whole picture and of the region, and what to see."""
    regions = {None, found.region}
    numbers = [slot for region in regions for slot in found.numbers(region).values()]
    return [*numbers, *observations(found).values(), *first_place(found)]


def settle(found: Comparison) -> None:
    """Most regions are small: one message with their numbers, and no second."""
    if found.region:
        wait_for(found.numbers(found.region).values(), REGION_SECONDS)


def results(found: Comparison) -> None:
    """All that depends on results."""
    left, right = st.columns([6, 4], vertical_alignment="center")
    left.caption(plain(situation(found)))
    with right.container(horizontal=True, horizontal_alignment="right"):
        presets(found)
    begin(found)
    linked_viewer(
        base_panels(found, captions(found)),
        key="compare",
        region=found.region,
        goto=st.session_state.get(GOTO),
        on_region_change=take_region,
        on_step=step_and_rerun,
    )
    numbers_below(found)


def situation(found: Comparison) -> str:
    """What is shown, how far it is, and where the last preset went."""
    digest, place = st.session_state.get("worst_place", ("", ""))
    facts = [found.bench.sentence]
    if found.pending:
        facts.append(found.progress)
    elif digest == found.bench.measurement.digest:
        facts.append(place)
    return " · ".join(facts)


def presets(found: Comparison) -> None:
    """Buttons that go to the worst place of an artifact."""
    for kind, (label, view) in PRESETS.items():
        st.button(
            label,
            key=f"show_{kind}",
            disabled=not found.outputs,
            on_click=show_worst,
            args=(found, kind, view),
        )
    st.button("Show all", key="show_all", on_click=go, help="The whole picture.")


def go(**view: object) -> None:
    """Send the viewer somewhere, or to the whole picture: each command has the next serial."""
    former = st.session_state.get(GOTO)
    st.session_state[GOTO] = Goto(serial=former.serial + 1 if former else 1, **view)


def begin(found: Comparison) -> None:
    """The first view of a visit: twice the size, then where the variants tell most."""
    if GOTO not in st.session_state:
        width, height = found.bench.measurement.size
        go(cx=width / 2, cy=height / 2, zoom=FIRST_ZOOM, gain=FIRST_CONTRAST)
    for slot in first_place(found):
        if slot.ready:
            st.session_state[VIEWED] = True
            if slot.value:
                go_to(slot.value, zoom=FIRST_ZOOM, gain=FIRST_CONTRAST)


def first_place(found: Comparison) -> list[Slot[Region | None]]:
    """The place for the most telling part; none once it was shown, or before all is there."""
    if VIEWED in st.session_state or not found.complete or not found.outputs:
        return []
    clean = found.bench.clean
    outputs = {name: picture.image for name, picture in found.outputs.items()}

    def compute() -> Region | None:
        from core.artifacts import telling_view

        return telling_view(outputs, clean.image if clean else None)

    digests = (picture.digest for picture in found.outputs.values())
    return [cached.computed("telling", clean.digest if clean else None, *digests, compute=compute)]


def go_to(region: Region, **view: object) -> None:
    """Send the viewer to the middle of a part."""
    go(cx=region.x + region.width / 2, cy=region.y + region.height / 2, **view)


def show_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> None:
    sentence = go_to_worst(found, kind, view)
    st.session_state["worst_place"] = found.bench.measurement.digest, sentence


def go_to_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> str:
    """Tell the viewer to go there; the sentence that says where it is, or that it is nowhere."""
    from core.artifacts import ARTIFACTS, worst_place

    outputs = {name: picture.image for name, picture in found.outputs.items()}
    clean = found.bench.clean
    reasons = []
    for key in MAPS[clean is not None][kind]:
        try:
            place = worst_place(key, outputs, clean.image if clean else None)
        except ValueError as error:
            reasons.append(str(error))
            continue
        go_to(place.region, **view)
        label, unit = ARTIFACTS[key].label.lower(), ARTIFACTS[key].unit
        return (
            f"the strongest {label} is {found.labels[place.variant]}’s, {place.value:.1f} {unit}, "
            f"at x {place.region.x}, y {place.region.y}"
        )
    return " ".join(dict.fromkeys(reasons))


def captions(found: Comparison) -> dict[str, tuple[str, ...]]:
    """What to see in each picture and its first number, by label."""
    from core.artifacts import observed_captions
    from core.metrics import METRICS

    spec = METRICS[CAPTIONS[found.bench.clean is not None]]
    words = observed_captions(seen(found))
    numbers = {
        label: f"{spec.label} {spec.format(row[spec.key].value)}"
        for label, row in known(found.numbers(None)).items()
    }
    return {
        label: (*words.get(label, ()), *filter(None, [numbers.get(label)]))
        for label in {**words, **numbers}
    }


def numbers_below(found: Comparison) -> None:
    """Under the pictures: the region, the zip, and the tables."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Numbers",
            ["Values", "Change from the input"],
            default="Values",
            required=True,
            key="numbers",
        )
        region_field(*found.bench.measurement.size)
        download(found)
    tables(found, changed=choice != "Values")


def tables(found: Comparison, *, changed: bool) -> None:
    for region in dict.fromkeys((None, found.region)):
        slots = found.numbers(region)
        for label, slot in slots.items():
            if slot.error:
                st.error(plain(f"The numbers of {label}: {slot.error}"))
        rows = known(slots)
        if not rows or (changed and found.input_label not in rows):
            continue
        metric_table(
            differences(rows, to=found.input_label) if changed else rows,
            place_name(found, region),
            judged={label: row for label, row in rows.items() if label != found.input_label},
            signed=changed,
        )


def look_for(bench: Workbench) -> None:
    """One sentence for the variants of each loss and for each classical method."""
    labels, named = distinct_labels(bench.cards), {}
    for card in bench.cards:
        named.setdefault(card.sentence, []).append(plain(labels[card.name]))
    lines = [f"- **{', '.join(names)}**: {sentence}" for sentence, names in named.items()]
    st.markdown("\n".join([LOOK_FOR, *lines]))


@st.fragment
def about_numbers() -> None:
    """What the numbers mean, for those who ask: alone, so that nothing else is sent again."""
    numbers = st.expander("What each number sees", key="about_numbers", on_change="rerun")
    if numbers.open:
        with numbers:
            explanations()


def download(found: Comparison) -> None:
    st.download_button(
        "Download pictures and numbers",
        data=partial(archive, found),
        file_name="losslens.zip",
        mime="application/zip",
        on_click="ignore",
        disabled=found.pending,
    )


def archive(found: Comparison) -> bytes:
    from core.imaging.export import export_zip

    bench = found.bench
    pictures = {"clean": bench.clean.array} if bench.clean else {}
    pictures["measurement"] = bench.measurement.array
    pictures |= {name: picture.array for name, picture in found.outputs.items()}
    rows = [
        {"image": label, "place": region.text if region else "whole"}
        | {key: number.value for key, number in row.items()}
        for region in dict.fromkeys((None, found.region))
        for label, row in known(found.numbers(region)).items()
    ]
    settings = {
        "picture": bench.source.label,
        "digest": bench.source.digest,
        "part": bench.part.text if bench.part else None,
        "region": found.region.text if found.region else None,
        "degradation": bench.degradation,
        "parameters": dict(bench.parameters),
        "variants": {card.name: card.loss or None for card in bench.cards},
    }
    return export_zip(pictures, rows, settings, beyond_range(bench.measurement))


def beyond_range(measurement: cached.Picture) -> dict[str, np.ndarray]:
    """The measurement's own values, float32 (H, W, 3), where a PNG of it had to be clipped."""
    low, high = (float(value) for value in measurement.image.aminmax())
    within = low >= 0 and high <= 1
    return {} if within else {"measurement": measurement.image.permute(1, 2, 0).numpy()}


bench = workbench()
if not any(card.trained for card in cached.cards().values()):
    st.info(NO_VARIANTS)
polled(bench, results, needs, settle)
sweep_part(bench)
whole_photo(bench)
if bench.cards:
    look_for(bench)
    about_numbers()
