"""What the variants made of a workbench's picture, so far: every page that compares asks here."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.imaging.images import Region
from core.viewer import EncodedImage, Panel
from pages.shared import cached
from pages.shared.jobs import Job, known
from pages.shared.numbers import numbers
from pages.shared.picture import step_picture
from pages.shared.plain import plain
from pages.shared.restoring import readings, restorations
from pages.shared.values import Picture, Row
from pages.shared.workbench import Workbench, distinct_labels

WHOLE = {True: "Whole image", False: "Whole part"}


class Comparison:
    """The pictures of a workbench as they are now: clean if there is one, noisy, outputs.

    `labels` are the variants' by name, `jobs` make their outputs, `outputs` are the pictures that
    are ready; `complete` says whether none of them is to come. Asking has them begun. One that is
    made `beside` another is no picture that the visit looks at: what it looks at is made as well.
    """

    def __init__(self, bench: Workbench, *, beside: bool = False) -> None:
        self.bench = bench
        self.labels = distinct_labels(bench.cards)
        networks = [card.name for card in bench.networks]
        made = restorations(bench.measurement, networks, beside=beside)
        made |= readings(bench.brought, bench.part)
        self.jobs = {name: made[name] for name in self.labels}
        # Asked before the values are taken: what comes in between is drawn the next time.
        self.complete = all(job.ready for job in self.jobs.values())
        self.outputs = known(self.jobs)
        self.region = bench.region

    @property
    def pictures(self) -> dict[str, Picture]:
        """Label -> picture of the input and of every variant that is ready."""
        outputs = {self.labels[name]: picture for name, picture in self.outputs.items()}
        return {self.bench.input_label: self.bench.measurement} | outputs

    @property
    def everything(self) -> dict[str, Picture]:
        """The same with the clean picture before them, where there is one."""
        clean = {"Clean": self.bench.clean} if self.bench.clean else {}
        return clean | self.pictures

    def numbers(self, region: Region | None, protocol: str = "ours") -> dict[str, list[Job[Row]]]:
        """Label -> the jobs of its metrics by a protocol, what comes soon first; input first."""
        bench = self.bench
        return numbers(self.pictures, bench.clean, region, bench.taken, protocol=protocol)

    def progress(self, pending: bool) -> str:
        """How far it is, for a caption; empty when all is there."""
        done = sum(job.ready for job in self.jobs.values())
        if done < len(self.jobs):
            return f"computing: {done} of {len(self.jobs)} variants"
        return "computing" if pending else ""

    def draw_errors(self) -> None:
        """One sentence for each variant that failed, or was made in another way."""
        for name, job in self.jobs.items():
            if job.error:
                st.error(plain(f"{self.labels[name]}: {job.error}"))
            elif job.note:
                st.caption(plain(f"{self.labels[name]}: {job.note}"))


def place_name(found: Comparison, region: Region | None) -> str:
    """What a table or a chart is of."""
    return f"Region {region.text}" if region else WHOLE[found.bench.part is None]


def step_and_rerun(step: int) -> None:
    """What a viewer calls for another picture."""
    step_picture(step)
    st.rerun()


def shown(picture: Picture) -> EncodedImage:
    """A picture as the viewer sends it."""
    return cached.pictures.encoded(picture.digest, picture.array)


def base_panels(
    found: Comparison, captions: Mapping[str, tuple[str, ...]] | None = None
) -> list[Panel]:
    """A panel each for clean, measurement and variants; captions by label.

    A variant that is not ready has none of its pixels yet.
    """
    bench, captions = found.bench, captions or {}
    panels = []
    if bench.clean:
        panels.append(Panel("clean", "Clean", shown(bench.clean), "clean", ("the reference",)))
    label = bench.input_label
    told = (*filter(None, [bench.noise]), *captions.get(label, ()))
    panels.append(Panel("measurement", label, shown(bench.measurement), "measurement", told))
    for name, label in found.labels.items():
        picture = found.outputs.get(name)
        image = shown(picture) if picture else None
        error = found.jobs[name].error or ""
        told = bench.brought[name].told if name in bench.brought else ()
        told = (*told, *captions.get(label, ()))
        panels.append(Panel(name, label, image, "output", told, error=error))
    return panels
