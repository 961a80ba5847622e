"""Save comparison: the panels, numbers, cards and settings as one file that opens by itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.export import file_name
from core.imaging.images import Region, crop
from core.viewer import EncodedImage, Panel, Pin
from pages.compare.pins import notes_on
from pages.compare.places import VIEWER
from pages.compare.protocol import measured_metrics
from pages.compare.saved_more import MORE, more_choices, more_of
from pages.shared import cached, sets
from pages.shared.comparison import Comparison, base_panels, place_name
from pages.shared.downloads import download
from pages.shared.jobs import Job, sentences
from pages.shared.metric_table import reasons
from pages.shared.numbers import so_far
from pages.shared.observed import observations
from pages.shared.plain import plain
from pages.shared.values import Picture, Row
from pages.shared.views import View, polled
from pages.shared.workbench import workbench_of

if TYPE_CHECKING:
    from core.metrics import MetricSpec, ProtocolSpec
    from core.report.document import Report, Resumed, Shown, Story, Table
    from pages.compare.saved_more import More

MIME = "text/html"
ABOUT = (
    "One file that opens in any browser, from the disk and without a network: this viewer as you "
    "see it, with the pictures without loss, their numbers, the cards and the settings. Uploaded "
    "here, it opens the same comparison again."
)
NOTHING = "Choose at least one picture."
MOST_PICTURES = 24
AROUND = 100
"""Pictures of a large set, before and after the one that is shown, that can be chosen from."""

Captions = Mapping[str, tuple[str, ...]]
CaptionsOf = Callable[[Comparison], Captions]


def offer_comparison(
    found: Comparison, protocol: ProtocolSpec, captions_of: CaptionsOf, *, pending: bool
) -> None:
    """The button, and what opens below it: which panels, how much of them, and how large it is."""
    place = st.popover(
        "Save comparison", key="save_comparison", disabled=pending, on_change="rerun"
    )
    if place.open and not pending:
        with place:
            _choose(found, protocol, captions_of)


def _choose(found: Comparison, protocol: ProtocolSpec, captions_of: CaptionsOf) -> None:
    st.caption(ABOUT)
    panels = {panel.key: panel for panel in base_panels(found) if panel.image}
    keys = st.multiselect(
        "Panels",
        list(panels),
        list(panels),
        format_func=lambda key: panels[key].label,
        key=f"saved_panels {' '.join(panels)}",
    )
    region = found.region
    cut = region is not None and st.toggle(
        f"Only the region, {region.width} × {region.height} pixels", key="saved_region"
    )
    places = _choose_pictures(found)
    more = more_choices(found.bench, region if cut else None)
    if not keys:
        st.caption(NOTHING)
        return
    polled(Saving(found, protocol, captions_of, keys, cut, places, more), key="saving")


def _choose_pictures(found: Comparison) -> list[int]:
    """The places in the set of the pictures that go in; none where there is only this one."""
    source = found.bench.source
    opened = sets.sets().get(source.key)
    if opened is None or len(opened) < 2 or found.bench.part:
        return []
    order = sets.order_of(source.key)
    here = order.index(sets.item_of(source.key))
    near = order[max(0, here - AROUND) : here + AROUND + 1]
    chosen = st.multiselect(
        f"Pictures of the set, at most {MOST_PICTURES}",
        near,
        [order[here]],
        format_func=lambda place: opened[place].name,
        max_selections=MOST_PICTURES,
        key=f"saved_pictures {source.key} {here}",
    )
    return [place for place in near if place in chosen]


@dataclass(frozen=True)
class Saving(View):
    """Waits for what goes into the file, tells how large it is, and saves it.

    `places` are the pictures of the set that go in; none means the one that is shown.
    """

    found: Comparison
    protocol: ProtocolSpec
    captions_of: CaptionsOf
    keys: Sequence[str]
    cut: bool
    places: Sequence[int]
    more: Collection[str]
    together = 2.0
    alone = True

    def each(self) -> Iterator[Comparison]:
        """The comparison of every picture that goes in. Raises `ValueError` where one is none."""
        if not self.places:
            yield self.found
        for place in self.places:
            here = place == sets.item_of(self.found.bench.source.key)
            yield (
                self.found
                if here
                else Comparison(workbench_of(self.found.bench, place), beside=True)
            )

    def parts(self) -> list[Part]:
        return [Part(one, self.protocol, self.keys, self.cut, self.more) for one in self.each()]

    def jobs(self) -> Iterator[Job]:
        try:
            parts = self.parts()
        except ValueError:
            return  # told when it is drawn
        for part in parts:
            yield from part.jobs()

    quick = jobs

    def draw(self, *, pending: bool) -> None:
        try:
            parts = self.parts()
        except ValueError as error:
            st.error(plain(str(error)))
            return
        for sentence in sentences(chain.from_iterable(part.jobs() for part in parts)):
            st.caption(plain(sentence))
        if pending:
            done = sum(all(job.ready for job in part.jobs()) for part in parts)
            of = f" {done} of {len(parts)} pictures" if len(parts) > 1 else ""
            st.caption(f"computing what goes into the file{of}")
            return
        self.offer(self.report(parts))

    def offer(self, report: Report) -> None:
        from core.report.html import size_of

        download(
            f"Save .losslens.html ({_size(size_of(report))})",
            partial(_page, report),
            report.name + ".losslens.html",
            MIME,
            key="saved_download",
            viewer=VIEWER,
        )

    @property
    def name(self) -> str:
        """What the file is called: after its picture, or after the set of several."""
        bench = self.found.bench
        if len(self.places) > 1:
            return file_name("comparison", picture=bench.source.given.set_name)
        return bench.file_name("comparison")

    def report(self, parts: Sequence[Part]) -> Report:
        """What is saved of these pictures."""
        from core.report.document import Report

        bench = self.found.bench
        shown = [part.shown(self.captions_of(part.found)) for part in parts]
        here = sets.item_of(bench.source.key) if self.places else 0
        several = len(parts) > 1
        cards = {story.label: story for part in parts for story in part.cards()}
        return Report(
            title=bench.source.given.set_name if several else bench.source.label,
            pictures=shown,
            cards=list(cards.values()),
            resumed=_resumed(self.found, self.protocol, cut=self.cut),
            first=self.places.index(here) if here in self.places else 0,
            name=self.name,
        )


def _page(report: Report, view: str) -> str:
    """The file, with the view that the browser says."""
    from core.report.html import html_of
    from core.report.reading import LONGEST_VIEW

    told = view if len(view) <= LONGEST_VIEW else ""
    return html_of(replace(report, resumed=replace(report.resumed, view=told)))


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def _resumed(found: Comparison, protocol: ProtocolSpec, *, cut: bool) -> Resumed:
    from core.report.document import Resumed

    bench, region = found.bench, found.region
    taken = bench.taken
    return Resumed(
        region="" if cut or region is None else region.text,
        origin=(region.x, region.y) if cut and region else (0, 0),
        protocol=protocol.key,
        degradation=str(taken.degradation) if taken else "",
    )


@dataclass(frozen=True)
class Part:
    """What goes into the file of one picture."""

    found: Comparison
    protocol: ProtocolSpec
    keys: Sequence[str]
    cut: bool
    more: Collection[str]

    @property
    def region(self) -> Region | None:
        """The region that is saved alone."""
        return self.found.region if self.cut else None

    @property
    def places(self) -> list[Region | None]:
        """What there are numbers of."""
        return [self.region] if self.region else list(dict.fromkeys((None, self.found.region)))

    def jobs(self) -> list[Job]:
        """Everything that is waited for, as far as it can be asked for yet."""
        found = self.found
        numbers = [found.numbers(place, self.protocol.key) for place in self.places]
        begun = [
            *found.jobs.values(),
            *observations(found).values(),
            *chain.from_iterable(job for rows in numbers for job in rows.values()),
        ]
        return [*begun, *self.extras().values()]

    def extras(self) -> dict[str, Job[More]]:
        """The job of each thing below the pictures, once they are all there."""
        if not self.found.complete:
            return {}
        there = [k for k in self.more if MORE[k].there_is(self.found.bench, self.region)]
        return {key: MORE[key].job(self.found, self.keys, self.region) for key in there}

    def shown(self, captions: Captions) -> Shown:
        from core.report.document import Shown

        found, bench = self.found, self.found.bench
        label, region = bench.source.label, self.region
        every = base_panels(found, captions)
        panels = [panel for panel in every if panel.key in self.keys and panel.image]
        labels = {panel.label for panel in panels}
        sights, charts = more_of(self.extras().values())
        return Shown(
            title=label,
            panels=[_part(found, panel, region) for panel in panels] if region else panels,
            sentence=bench.sentence.removeprefix(label).removeprefix(" · "),
            region=None if region else found.region,
            pins=_pins(notes_on(every), region),
            tables=[_table(found, self.protocol, place, labels) for place in self.places],
            sights=sights,
            charts=charts,
            settings=_settings(found, self.protocol, region),
        )

    def cards(self) -> list[Story]:
        from core.report.document import Story
        from core.variants.facts import card_facts

        return [
            Story(self.found.labels[card.name], card.sentence, card_facts(card))
            for card in self.found.bench.cards
            if card.name in self.keys
        ]


def _pins(pins: Sequence[Pin], region: Region | None) -> list[Pin]:
    """The notes on what is saved, by its own pixels."""
    if not region:
        return list(pins)
    moved = [(pin.x - region.x, pin.y - region.y, pin.text) for pin in pins]
    return [
        Pin(*one) for one in moved if 0 <= one[0] < region.width and 0 <= one[1] < region.height
    ]


def _part(found: Comparison, panel: Panel, region: Region) -> Panel:
    """A panel of a region; what was said of the whole picture is not said of it."""
    bench = found.bench
    pictures = {"clean": bench.clean, "measurement": bench.measurement, **found.outputs}
    return replace(panel, image=_encoded(pictures[panel.key], region), caption=())


def _encoded(picture: Picture, region: Region) -> EncodedImage:
    part = np.ascontiguousarray(crop(picture.array, region))
    return cached.pictures.encoded(f"{picture.digest}:{region.text}", part)


def _table(
    found: Comparison, protocol: ProtocolSpec, region: Region | None, labels: Collection[str]
) -> Table:
    from core.report.numbers import numbers_table

    specs = measured_metrics(protocol)
    every = so_far(found.numbers(region, protocol.key))
    rows = {label: row for label, row in every.items() if label in labels}
    values = {label: _values(row, specs) for label, row in rows.items()}
    outputs = labels - {found.bench.input_label}
    return numbers_table(place_name(found, region), specs, values, outputs, reasons(specs, rows))


def _values(row: Row, specs: Sequence[MetricSpec]) -> dict[str, float]:
    return {spec.key: row[spec.key].value if spec.key in row else nan for spec in specs}


def _settings(found: Comparison, protocol: ProtocolSpec, cut: Region | None) -> dict[str, object]:
    from core.degradations import DEGRADATIONS

    bench = found.bench
    given = bench.source.given
    as_given = bool(given and given.input_label and not given.degradation)
    spec = DEGRADATIONS[bench.degradation]
    # What its switches do, the noise says in words.
    numbers = {p.name.capitalize(): bench.parameters[p.name] for p in spec.parameters}
    return {
        "Picture": bench.source.label,
        "Set": given.set_name if given else "",
        "Part": bench.part.text if bench.part else "",
        "Region": found.region.text if found.region else "",
        "Saved": "the region only" if cut else "",
        "Degradation": "as the set gives it" if as_given else spec.label,
        **({} if as_given else numbers),
        "Noise": bench.noise,
        "Protocol": f"{protocol.label}: {protocol.sentence}",
        "Picture’s digest": bench.source.digest,
    }
