"""The figure of what is chosen: made in the background, shown pixel by pixel, and its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import nan
from typing import TYPE_CHECKING

import streamlit as st

from core.report.figure import PRESETS
from core.report.figure.recipe import CLEAN, MEASUREMENT
from core.viewer import EncodedImage, Panel, encode_image
from pages.compare.figure.choice import Choice, labels_of
from pages.compare.figure.recipe import recipe_of
from pages.compare.protocol import chosen_protocol
from pages.shared import corrections
from pages.shared.comparison import Comparison
from pages.shared.computing import computed
from pages.shared.downloads import download
from pages.shared.jobs import Job, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.numbers import so_far
from pages.shared.plain import plain
from pages.shared.values import Picture, Row
from pages.shared.views import View
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.figure import Drawing, FigureContent, Recipe

NOTHING = "Everything is left out: a figure needs one picture."
CORRECTED = (
    "The recipe names the files as they lie: where one was corrected on this page, the command "
    "says that it is another picture."
)
PREVIEW_HEIGHT = 420
LABELS = {
    "png": "PNG",
    "pdf": "PDF",
    "svg": "SVG",
    "tex": "Table in LaTeX",
    "toml": "Recipe",
}


@dataclass(frozen=True)
class Drawn:
    """A figure: its content, where everything stands in it, and its pixels as they are sent."""

    content: FigureContent
    drawing: Drawing
    image: EncodedImage


def drawn(content: FigureContent) -> Drawn:
    """Raises `ValueError` in one sentence where there is no room for its regions."""
    from core.report.figure import drawing
    from core.report.figure.files import raster

    placed = drawing(content)
    return Drawn(content, placed, encode_image(raster(placed)))


@dataclass(frozen=True)
class Preview(View):
    """The preview of what is chosen, and its files."""

    bench: Workbench
    choice: Choice
    alone = True

    def jobs(self) -> Iterator[Job]:
        found = Comparison(self.bench)
        yield from (found.jobs[key] for key in self.choice.panels if key in found.jobs)
        yield from chain.from_iterable(self.numbers(found).values())
        if job := self.made(found):
            yield job

    def numbers(self, found: Comparison) -> dict[str, list[Job[Row]]]:
        """Label -> the jobs of the numbers that are wanted; nothing waits for others."""
        from core.metrics import METRICS

        metrics = self.choice.metrics
        slow = any(METRICS[key].slow for key in metrics)
        wanted = {labels_of(found)[key] for key in self.choice.panels} if metrics else set()
        every = found.numbers(None, chosen_protocol().key).items() if wanted else ()
        return {label: jobs if slow else jobs[:1] for label, jobs in every if label in wanted}

    def made(self, found: Comparison) -> Job[Drawn] | None:
        """The job of the figure; None while something that it shows is to come, or missing."""
        pictures, numbers = self.pictures(found), self.numbers(found)
        parts = chain.from_iterable(numbers.values())
        if not self.choice.panels or len(pictures) < len(self.choice.panels):
            return None
        if not all(part.ready for part in parts):
            return None
        rows = so_far(numbers)
        shown = (f"{key} {labels_of(found)[key]} {one.digest}" for key, one in pictures.items())
        return computed(
            "figure",
            *shown,
            str(rows),
            str(self.choice),
            chosen_protocol().key,
            compute=partial(self.make, labels_of(found), pictures, rows, chosen_protocol().key),
        )

    def pictures(self, found: Comparison) -> dict[str, Picture]:
        """Key -> picture of the panels that are there."""
        bench = self.bench
        given = {CLEAN: bench.clean, MEASUREMENT: bench.measurement} | found.outputs
        return {key: given[key] for key in self.choice.panels if key in given}

    def make(
        self,
        labels: Mapping[str, str],
        pictures: Mapping[str, Picture],
        rows: Mapping[str, Row],
        protocol: str,
    ) -> Drawn:
        """The figure. Raises `ValueError` in one sentence."""
        from core.metrics import METRICS, PROTOCOLS
        from core.report.figure import FigureContent, FigurePanel

        specs = [PROTOCOLS[protocol].apply(METRICS[key]) for key in self.choice.metrics]
        panels, above = [], self.choice.labels_by_key
        for key, picture in pictures.items():
            row = rows.get(labels[key], {}) if key != CLEAN else {}
            numbers = {s.key: row[s.key].value if s.key in row else nan for s in specs if row}
            output = key not in (CLEAN, MEASUREMENT)
            panels.append(FigurePanel(above[key], picture.array, numbers, competes=output))
        return drawn(FigureContent(panels, self.choice.boxes, specs, PRESETS[self.choice.preset]))

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        job = self.made(found)
        missing = [found.jobs[key] for key in self.choice.panels if key in found.jobs]
        for sentence in sentences([*missing, *filter(None, [job])]):
            st.error(plain(sentence))
        if not self.choice.panels:
            st.info(NOTHING)
        elif job and job.value:
            self.show(found, job.value)
        elif pending:
            st.caption(found.progress(pending))

    def show(self, found: Comparison, made: Drawn) -> None:
        bench = self.bench
        linked_viewer(
            [Panel("figure", "Figure", made.image)],
            key="figure_viewer",
            height=PREVIEW_HEIGHT,
            name=bench.file_name("figure"),
        )
        corrected = [CORRECTED] if corrections.applied(bench.source.key) else []
        for note in [*made.drawing.notes, *corrected]:
            st.caption(plain(note))
        self.offer(
            made, recipe_of(found, self.pictures(found), self.choice, chosen_protocol().key)
        )

    def offer(self, made: Drawn, recipe: Recipe) -> None:
        """The files."""
        from core.report.figure import FORMATS, latex

        kinds = {
            form.extension: (form.kind, partial(form.write, made.drawing))
            for form in FORMATS.values()
        }
        kinds["tex"] = "application/x-tex", partial(latex, made.content, recipe)
        kinds["toml"] = "application/toml", partial(str, recipe.text)
        with st.container(horizontal=True):
            for extension, (kind, make) in kinds.items():
                name = self.bench.file_name("figure", extension=extension)
                download(LABELS[extension], make, name, kind, key=f"figure_{extension}")
