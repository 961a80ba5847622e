"""Every variant's output in the linked viewer, and the numbers below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import streamlit as st

from core.imaging.images import Region
from core.viewer import Pin
from pages.compare.archive import offer_archive
from pages.compare.pins import take_notes
from pages.compare.places import VIEWER, begin, first_place, last_place, presets, wanted
from pages.compare.protocol import chosen_protocol, measured_metrics
from pages.compare.saved import offer_comparison
from pages.shared.comparison import Comparison, base_panels, place_name, step_and_rerun
from pages.shared.jobs import Job, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.metric_table import differences, metric_table
from pages.shared.numbers import so_far
from pages.shared.observed import observations, seen
from pages.shared.plain import plain
from pages.shared.resume import saved_pins, saved_view
from pages.shared.views import View, polled, run_alone
from pages.shared.workbench import Workbench, region_field, take_region

PICTURES, NUMBERS = "pictures", "numbers_below"
QUICK_AREA = 224 * 224
"""Pixels of a region of which every number is there in a moment."""
COMPUTING = "computing the numbers that take longer"
CAPTIONS = {True: "psnr", False: "blur"}
"""The number above every picture, with or without a clean one; what to see stands before it."""


@dataclass(frozen=True)
class Pictures(View):
    """The pictures side by side, the presets above them, the numbers below."""

    bench: Workbench
    patience = 1.5
    alone = True

    def jobs(self) -> Iterator[Job]:
        found = Comparison(self.bench)
        yield from found.jobs.values()
        yield from observations(found).values()
        yield from first_place(found)
        yield from first_numbers(found, None)

    def quick(self) -> list[Job]:
        """The numbers that stand above the pictures: most are small."""
        return first_numbers(Comparison(self.bench), None)

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        left, right = st.columns([6, 4], vertical_alignment="center")
        left.caption(plain(situation(found, pending)))
        with right.container(horizontal=True, horizontal_alignment="right"):
            presets(found)
        begin(found)
        linked_viewer(
            base_panels(found, captions(found)),
            key=VIEWER,
            region=found.region,
            goto=wanted(),
            saved=saved_view(found.bench.source),
            pins=saved_pins(found.bench.source),
            name=self.bench.file_name("comparison"),
            on_region_change=take_region_alone,
            on_step=step_and_rerun,
            on_notes_change=take_notes_alone,
        )
        polled(Numbers(self.bench), key=NUMBERS)
        found.draw_errors()


@dataclass(frozen=True)
class Numbers(View):
    """The numbers of the pictures that are there and of their region, below them.

    They come after the pictures, and are drawn again without them.
    """

    bench: Workbench
    together = 2.0
    alone = True

    def jobs(self) -> Iterator[Job]:
        found, protocol = Comparison(self.bench), chosen_protocol().key
        for region in dict.fromkeys((None, found.region)):
            yield from chain.from_iterable(found.numbers(region, protocol).values())

    def news(self) -> list[Job]:
        """All but what the pictures are drawn again for."""
        above = first_numbers(Comparison(self.bench), None)
        return [job for job in self.jobs() if job not in above]

    def quick(self) -> list[Job]:
        """The first numbers of a region, and all of a small one."""
        found = Comparison(self.bench)
        region = found.region
        if region and region.width * region.height <= QUICK_AREA:
            return list(chain.from_iterable(found.numbers(region, chosen_protocol().key).values()))
        return first_numbers(found, region)

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        numbers_below(found, pending=pending or not found.complete)
        if pending and found.complete:
            st.caption(COMPUTING)


def first_numbers(found: Comparison, region: Region | None) -> list[Job]:
    """The jobs of the numbers that come soon."""
    jobs = found.numbers(region, chosen_protocol().key)
    return [soon for soon, *_ in jobs.values()]


def take_region_alone(region: Region | None) -> None:
    """What the viewer, which shows it already, calls for a region: its numbers are drawn alone."""
    take_region(region)
    run_alone(NUMBERS)


def take_notes_alone(picture: str, pins: Sequence[Pin]) -> None:
    """What the viewer, which shows them already, calls for notes: they go into what is saved."""
    take_notes(picture, pins)
    run_alone(NUMBERS)


def situation(found: Comparison, pending: bool) -> str:
    """What is shown, and how far it is or where the last preset went."""
    facts = (found.bench.sentence, found.progress(pending) or last_place(found))
    return " · ".join(fact for fact in facts if fact)


def captions(found: Comparison) -> dict[str, tuple[str, ...]]:
    """What to see in each picture and its first number, by label."""
    from core.artifacts import observed_captions
    from core.metrics import METRICS

    protocol = chosen_protocol()
    spec = protocol.apply(METRICS[CAPTIONS[found.bench.clean is not None]])
    words = observed_captions(seen(found))
    numbers = {
        label: f"{spec.label} {spec.format(row[spec.key].value)}"
        for label, row in so_far(found.numbers(None, protocol.key)).items()
        if spec.key in row
    }
    return {
        label: (*words.get(label, ()), *filter(None, [numbers.get(label)]))
        for label in {**words, **numbers}
    }


def numbers_below(found: Comparison, *, pending: bool) -> None:
    """Under the pictures: the region, the zip, and the tables."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "Numbers",
            ["Values", "Change from the input"],
            default="Values",
            required=True,
            key="numbers",
        )
        region_field(*found.bench.measurement.size, then=draw_all)
        offer_archive(found, chosen_protocol(), pending=pending)
        offer_comparison(found, chosen_protocol(), captions, pending=pending)
    tables(found, changed=choice != "Values")


def draw_all() -> None:
    """What is called for a region that was typed: the viewer is to show it as well."""
    run_alone(PICTURES)


def tables(found: Comparison, *, changed: bool) -> None:
    protocol = chosen_protocol()
    for region in dict.fromkeys((None, found.region)):
        jobs = found.numbers(region, protocol.key)
        for label, parts in jobs.items():
            for sentence in sentences(parts):
                st.error(plain(f"The numbers of {label}: {sentence}"))
        rows = so_far(jobs)
        if not rows or (changed and found.bench.input_label not in rows):
            continue
        metric_table(
            differences(rows, to=found.bench.input_label) if changed else rows,
            place_name(found, region),
            judged={label: row for label, row in rows.items() if label != found.bench.input_label},
            signed=changed,
            specs=measured_metrics(protocol),
        )
