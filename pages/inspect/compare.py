"""Every variant on one picture: the linked viewer, what to look for, and the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.images import Region
from pages.shared import cached
from pages.shared.background import restorations
from pages.shared.cached import Number, Picture
from pages.shared.linked_viewer import Goto, Panel, linked_viewer
from pages.shared.metric_table import differences, explanations, metric_table
from pages.shared.picture import step_picture
from pages.shared.plain import plain
from pages.shared.slots import Slot, wait_for
from pages.shared.whole import whole_photo
from pages.shared.workbench import Workbench, region_field, take_region, workbench

POLL_SECONDS = 0.4
REGION_SECONDS = 1.5
MEASURED = {True: "Noisy input", False: "Input"}
WHOLE = {True: "Whole image", False: "Whole part"}
CAPTIONS = {True: ("psnr", "checkerboard"), False: ("blur", "checkerboard")}
PRESETS = {
    "blur": ("Show me the blur", {"zoom": 8.0, "mode": "image", "gain": 1.0}),
    "checkerboard": ("Show me the grid", {"zoom": 8.0, "mode": "image", "gain": 2.0}),
}
NO_VARIANTS = (
    "There are no variants here yet: the folder `checkpoints/` holds no file that can be shown. "
    "Make them with `python -m core.train --all`."
)


class Comparison:
    """What is known of a workbench so far: pictures and numbers, some of them pending."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.labels = {card.name: card.label for card in bench.cards}
        self.slots = restorations(bench.measurement, list(self.labels))
        self.outputs = {name: slot.value for name, slot in self.slots.items() if slot.value}
        self.region = bench.region

    @property
    def input_label(self) -> str:
        return MEASURED[self.bench.clean is not None]

    def numbers(self, region: Region | None) -> dict[str, Slot[dict[str, Number]]]:
        """Label -> the slot of its numbers, the input first."""
        pictures = {self.input_label: self.bench.measurement} | {
            self.labels[name]: picture for name, picture in self.outputs.items()
        }
        order = [self.input_label, *self.labels.values()]
        return {
            label: cached.numbers(pictures[label], self.bench.clean, region)
            for label in order
            if label in pictures
        }

    @property
    def pending(self) -> bool:
        """Whether anything is still being computed."""
        regions = {None, self.region}
        slots = [slot for region in regions for slot in self.numbers(region).values()]
        return not all(slot.ready for slot in [*self.slots.values(), *slots])


def known(slots: Mapping[str, Slot[dict[str, Number]]]) -> dict[str, dict[str, Number]]:
    return {label: slot.value for label, slot in slots.items() if slot.value}


def results(bench: Workbench, polled: bool) -> None:
    """All that depends on results; drawn again alone while something is pending."""
    found = Comparison(bench)
    if found.region:  # most regions are small: one message with their numbers, and no second
        wait_for(found.numbers(found.region).values(), REGION_SECONDS)
    left, right = st.columns([7, 3], vertical_alignment="center")
    left.caption(plain(situation(found)))
    with right.container(horizontal=True, horizontal_alignment="right"):
        presets(found)
    linked_viewer(
        panels(found),
        key="compare",
        region=found.region,
        goto=st.session_state.get("goto"),
        on_region_change=take_region,
        on_step=step_and_rerun,
    )
    for name, slot in found.slots.items():
        if slot.error:
            st.error(plain(f"{found.labels[name]}: {slot.error}"))
    numbers_below(found)
    if found.pending != polled:
        st.rerun()


def step_and_rerun(step: int) -> None:
    step_picture(step)
    st.rerun()


def situation(found: Comparison) -> str:
    """What is shown, how far it is, and where the last preset went."""
    digest, place = st.session_state.get("worst_place", ("", ""))
    done = sum(slot.ready for slot in found.slots.values())
    facts = [found.bench.sentence]
    if found.pending:
        facts.append(f"computing: {done} of {len(found.slots)} variants")
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


def show_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> None:
    sentence = go_to_worst(found, kind, view)
    st.session_state["worst_place"] = found.bench.measurement.digest, sentence


def go_to_worst(found: Comparison, kind: str, view: Mapping[str, object]) -> str:
    """Tell the viewer to go there; the sentence that says where it is."""
    from core.artifacts import ARTIFACTS, worst_place

    outputs = {name: picture.image for name, picture in found.outputs.items()}
    clean = found.bench.clean
    try:
        place = worst_place(kind, outputs, clean.image if clean else None)
    except ValueError as error:
        return str(error)
    region = place.region
    former = st.session_state.get("goto")
    st.session_state["goto"] = Goto(
        region.x + region.width / 2,
        region.y + region.height / 2,
        serial=former.serial + 1 if former else 1,
        **view,
    )
    name = found.labels[place.variant]
    return f"the strongest {ARTIFACTS[kind].label} is {name}’s, at x {region.x}, y {region.y}"


def panels(found: Comparison) -> list[Panel]:
    bench = found.bench
    numbers = known(found.numbers(None))
    drawn = []
    if bench.clean:
        drawn.append(Panel("clean", "Clean", shown(bench.clean), "clean", ("the reference",)))
    drawn.append(
        Panel(
            "measurement",
            found.input_label,
            shown(bench.measurement),
            "measurement",
            captions(bench, numbers.get(found.input_label)),
        )
    )
    for card in bench.cards:
        picture = found.outputs.get(card.name)
        caption = captions(bench, numbers.get(card.label))
        image = shown(picture) if picture else None
        drawn.append(Panel(card.name, card.label, image, "output", caption))
    return drawn


def shown(picture: Picture) -> object:
    return cached.encoded(picture.digest, picture.array)


def captions(bench: Workbench, numbers: Mapping[str, Number] | None) -> tuple[str, ...]:
    from core.metrics import METRICS

    if not numbers:
        return ()
    keys = CAPTIONS[bench.clean is not None]
    return tuple(f"{METRICS[k].label} {METRICS[k].format(numbers[k].value)}" for k in keys)


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
            f"Region {region.text}" if region else WHOLE[found.bench.part is None],
            judged={label: row for label, row in rows.items() if label != found.input_label},
            signed=changed,
        )


def look_for(bench: Workbench) -> None:
    """One sentence for the variants of each loss."""
    labels: dict[str, list[str]] = {}
    for card in bench.cards:
        labels.setdefault(card.sentence, []).append(plain(card.label))
    lines = [f"- **{', '.join(names)}**: {sentence}" for sentence, names in labels.items()]
    st.markdown("\n".join(["**What each loss rewards, and what to look for**\n", *lines]))


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
    from core.export import export_zip

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
        "variants": {card.name: card.loss for card in bench.cards},
    }
    return export_zip(pictures, rows, settings)


bench = workbench()
if not cached.cards():
    st.info(NO_VARIANTS)
pending = Comparison(bench).pending
st.fragment(results, run_every=POLL_SECONDS if pending else None)(bench, pending)
whole_photo(bench)
if bench.cards:
    look_for(bench)
    about_numbers()
