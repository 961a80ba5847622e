"""Save comparison: the panels, numbers, cards and settings as one file that opens by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.imaging.images import Region, crop
from core.viewer import EncodedImage, Panel
from pages.compare.protocol import measured_metrics
from pages.shared import cached
from pages.shared.comparison import Comparison, base_panels, place_name
from pages.shared.downloads import download
from pages.shared.metric_table import reasons
from pages.shared.numbers import so_far
from pages.shared.values import Picture, Row

if TYPE_CHECKING:
    from core.metrics import MetricSpec, ProtocolSpec
    from core.report.document import Report, Story, Table

MIME = "text/html"
ABOUT = (
    "One file that opens in any browser, from the disk and without a network: this viewer with "
    "the pictures without loss, their numbers, the cards and the settings. Uploaded here, it "
    "opens the same pictures again."
)
NOTHING = "Choose at least one picture."

Captions = Mapping[str, tuple[str, ...]]


def offer_comparison(
    found: Comparison, protocol: ProtocolSpec, captions: Captions, *, pending: bool
) -> None:
    """The button, and what opens below it: which panels, how much of them, and how large it is."""
    place = st.popover(
        "Save comparison", key="save_comparison", disabled=pending, on_change="rerun"
    )
    if place.open and not pending:
        with place:
            _choose(found, protocol, captions)


def _choose(found: Comparison, protocol: ProtocolSpec, captions: Captions) -> None:
    from core.report.html import html_of, size_of

    st.caption(ABOUT)
    panels = {panel.key: panel for panel in base_panels(found, captions) if panel.image}
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
    if not keys:
        st.caption(NOTHING)
        return
    chosen = [panel for key, panel in panels.items() if key in keys]
    report = report_of(found, protocol, chosen, region if cut else None)
    download(
        f"Save .losslens.html ({_size(size_of(report))})",
        partial(html_of, report),
        report.name + ".losslens.html",
        MIME,
        key="saved_download",
    )


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def report_of(
    found: Comparison, protocol: ProtocolSpec, panels: Sequence[Panel], cut: Region | None
) -> Report:
    """What is saved of these panels, or of a region of them."""
    from core.report.document import Report

    bench, label = found.bench, found.bench.source.label
    places = [cut] if cut else dict.fromkeys((None, found.region))
    labels = {panel.label for panel in panels}
    return Report(
        title=label,
        sentence=bench.sentence.removeprefix(label).removeprefix(" · "),
        panels=[_part(found, panel, cut) for panel in panels] if cut else panels,
        tables=[_table(found, protocol, place, labels) for place in places],
        cards=_cards(found, labels),
        settings=_settings(found, protocol, cut),
        name=bench.file_name("comparison"),
    )


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


def _cards(found: Comparison, labels: Collection[str]) -> list[Story]:
    from core.report.document import Story
    from core.variants.facts import card_facts

    return [
        Story(found.labels[card.name], card.sentence, card_facts(card))
        for card in found.bench.cards
        if found.labels[card.name] in labels
    ]


def _settings(found: Comparison, protocol: ProtocolSpec, cut: Region | None) -> dict[str, object]:
    from core.degradations import DEGRADATIONS

    bench = found.bench
    given = bench.source.given
    as_given = bool(given and given.input_label)
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
