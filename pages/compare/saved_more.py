"""What can stand below the pictures of a saved comparison: spectra, radial curves, maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import Region, crop
from pages.shared import maps_shown
from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.resume import saved_maps
from pages.shared.values import Picture
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.document import Chart, Sight
    from core.report.frequencies import Pictured

    More = Sight | Chart

LABEL = "Below the pictures"


@dataclass(frozen=True)
class MoreSpec:
    """One such thing: its label, whether there is one of what is saved, and the job that makes it.

    Both are asked with the region that is saved alone, None for the whole picture; `job` also
    with the keys of the panels.
    """

    key: str
    label: str
    there_is: Callable[[Workbench, Region | None], bool]
    job: Callable[[Comparison, Sequence[str], Region | None], Job[More]]


def more_choices(bench: Workbench, region: Region | None) -> list[str]:
    """The widget; the keys of what was chosen."""
    labels = {key: spec.label for key, spec in MORE.items() if spec.there_is(bench, region)}
    if not labels:
        return []
    chosen = st.pills(
        LABEL,
        list(labels),
        selection_mode="multi",
        format_func=labels.__getitem__,
        key=f"saved_more {' '.join(labels)}",
    )
    return [key for key in labels if key in chosen]


def more_of(jobs: Iterable[Job[More]]) -> tuple[list[Sight], list[Chart]]:
    """The viewers and the charts among what is there."""
    from core.report.document import Chart, Sight

    made = [job.value for job in jobs if job.value]
    return (
        [one for one in made if isinstance(one, Sight)],
        [one for one in made if isinstance(one, Chart)],
    )


def _has_frequencies(bench: Workbench, region: Region | None) -> bool:
    from core.report.frequencies import SMALLEST_SIDE

    size = (region.width, region.height) if region else bench.measurement.size
    return min(size) >= SMALLEST_SIDE


def _frequencies(
    kind: str, found: Comparison, keys: Sequence[str], region: Region | None
) -> Job[More]:
    pictures = _chosen(found, keys)
    labels = [f"{key} {label}" for key, label, _, _ in pictures]
    digests = [picture.digest for *_, picture in pictures]
    text = region.text if region else None
    return computed(
        f"saved_{kind}", text, *labels, *digests,
        compute=partial(_made_frequencies, kind, pictures, region),
    )  # fmt: skip


Chosen = tuple[str, str, str, Picture]
"""Key, label, role and picture of a panel."""


def _chosen(found: Comparison, keys: Sequence[str]) -> list[Chosen]:
    bench = found.bench
    every: list[Chosen] = [("clean", "Clean", "clean", bench.clean)] if bench.clean else []
    every.append(("measurement", bench.input_label, "measurement", bench.measurement))
    every += [(n, found.labels[n], "output", one) for n, one in found.outputs.items()]
    return [one for one in every if one[0] in keys]


def _made_frequencies(kind: str, pictures: Sequence[Chosen], region: Region | None) -> More:
    from core.report.frequencies import radial_chart, spectra_sight

    make = {"spectra": spectra_sight, "curves": radial_chart}[kind]
    return make([_pictured(one, region) for one in pictures])


def _pictured(chosen: Chosen, region: Region | None) -> Pictured:
    from core.report.frequencies import Pictured

    *names, picture = chosen
    return Pictured(*names, crop(picture.image, region) if region else picture.image)


def _has_maps(bench: Workbench, region: Region | None) -> bool:
    return region is None and bool(maps_shown.of(bench) or saved_maps(bench.source))


def _maps(found: Comparison, keys: Sequence[str], region: Region | None) -> Job[More]:
    """Those that were looked at, or those that the comparison was saved with before."""
    shown, saved = maps_shown.of(found.bench), saved_maps(found.bench.source)
    if shown is None:
        return computed("saved_maps", saved.digest, compute=lambda: _packed(saved.sight()))
    panels = [
        f"{one.key} {one.label} {one.image and one.image.digest}"
        f" {[(layer.note, layer.values.digest) for layer in one.layers]}"
        for one in shown.panels
    ]
    return computed(
        "saved_maps", shown.about, str(shown.told), *panels, compute=partial(_packed, shown)
    )


def _packed(shown: Sight) -> More:
    from dataclasses import replace

    from core.report.packing import packed

    return replace(shown, panels=packed(shown.panels))


MORE = {
    spec.key: spec
    for spec in (
        MoreSpec("spectra", "Spectra", _has_frequencies, partial(_frequencies, "spectra")),
        MoreSpec("curves", "Radial curves", _has_frequencies, partial(_frequencies, "curves")),
        MoreSpec("maps", "Attention maps last looked at", _has_maps, _maps),
    )
}
