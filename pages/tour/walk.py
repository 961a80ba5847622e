"""A step of the tour: its sentence, and the viewer at the place that shows it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.lessons.tour.panels import CLEAN, NOISY, SCATTERED
from core.viewer import Goto, Panel
from pages.shared import cached
from pages.shared.comparison import Comparison, base_panels
from pages.shared.computing import computed
from pages.shared.jobs import Job, known
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture, picture_of
from pages.shared.views import View
from pages.shared.workbench import Workbench
from pages.tour.cast import Chosen

if TYPE_CHECKING:
    from core.lessons.tour.facts import Facts
    from core.lessons.tour.steps import StepSpec

COMPUTING = "computing"
NUMBERS = "numbers"
FLIP = "Keys 1 to 9 show one panel large, at the same place: press two in turn to compare them."
CONTRAST = "Contrast is turned up to ×{gain:g}, around each place’s mean."
SCATTERED_LABEL = "Clean magnitudes, random phases"
PANELS = {CLEAN: "clean", NOISY: "measurement"}
"""What the panels of the workbench's own pictures are called."""


@dataclass(frozen=True)
class Step(View):
    """A step on the workbench's picture, with the networks that were chosen for the tour."""

    bench: Workbench
    spec: StepSpec
    cast: Chosen

    @property
    def found(self) -> Comparison:
        """The outputs of the cast; the sidebar's own choice stays as it is."""
        cards = {card.name: card for card in self.cast.values()}
        return Comparison(replace(self.bench, cards=tuple(cards.values())))

    def outputs(self, found: Comparison) -> dict[str, Picture]:
        """Role -> output, of those that are there."""
        made = found.outputs
        return {role: made[card.name] for role, card in self.cast.items() if card.name in made}

    def jobs(self) -> Iterator[Job]:
        found = self.found
        yield from found.jobs.values()
        if found.complete:
            yield self.measured(found)
            yield from self.looks(found).values()

    def measured(self, found: Comparison) -> Job[Facts]:
        """The job of all numbers of the outputs."""
        clean, noisy, outputs = self.bench.clean, self.bench.measurement, self.outputs(found)

        def compute() -> Facts:
            from core.lessons.tour.facts import measure

            images = {role: picture.image for role, picture in outputs.items()}
            return measure(clean.image, noisy.image, images)

        key = [f"{role} {picture.digest}" for role, picture in outputs.items()]
        return computed("tour", clean.digest, noisy.digest, *key, compute=compute)

    def looks(self, found: Comparison) -> Mapping[str, Job]:
        """The jobs of what this step takes beside the outputs."""
        return {}

    def told(self, facts: Facts, looks: Mapping[str, Any]) -> Facts:
        """The numbers, with those of the looks that are there."""
        return facts

    def draw(self, *, pending: bool) -> None:
        found = self.found
        jobs = {NUMBERS: self.measured(found), **self.looks(found)} if found.complete else {}
        ready = known(jobs)
        facts = ready.pop(NUMBERS, None)
        if pending:
            st.markdown(COMPUTING)
        elif facts:
            st.markdown(self.spec.sentence(self.told(facts, ready)))
        self.viewer(found, facts, ready)
        for error in filter(None, (job.error for job in jobs.values())):
            st.error(plain(error))
        found.draw_errors()

    def viewer(self, found: Comparison, facts: Facts | None, looks: Mapping[str, Any]) -> None:
        """The panels of this step, at its place."""
        self.show(self.panels(found, facts, looks), key=self.spec.kind, goto=self.goto(facts))

    def show(self, panels: Sequence[Panel], *, key: str, **told: Any) -> None:
        """Panels in one row, so that all that is spoken of is in sight."""
        linked_viewer(
            panels,
            key=f"tour_{key}",
            name=self.bench.file_name(f"tour {self.spec.key}"),
            columns=len(panels),
            **told,
        )
        gain = self.spec.gain
        st.caption(FLIP if gain == 1 else f"{FLIP} {CONTRAST.format(gain=gain)}")

    def panels(
        self, found: Comparison, facts: Facts | None, looks: Mapping[str, Any]
    ) -> list[Panel]:
        """The step's panels; one that is still to come is empty."""
        made = {panel.key: panel for panel in base_panels(found, self.captions(found, facts))}
        keys = PANELS | {role: card.name for role, card in self.cast.items()}
        shown = [
            replace(made[keys[one]], key=one)  # one network may play two roles
            for one in self.spec.panels
            if keys.get(one) in made
        ]
        return [*shown, *(scattered(facts) if SCATTERED in self.spec.panels else ())]

    def captions(self, found: Comparison, facts: Facts | None) -> dict[str, tuple[str, ...]]:
        """What is seen in each output, by label."""
        from core.artifacts import observed_captions

        seen = {
            found.labels[self.cast[role].name]: facts.told[role].observed
            for role in self.spec.needs
            if facts and role in facts.told
        }
        return observed_captions(seen)

    def goto(self, facts: Facts | None) -> Goto | None:
        """The place where the outputs differ most, once for each step, picture and cast."""
        if facts is None:
            return None
        width, height = self.bench.measurement.size
        x, y = width / 2, height / 2
        if facts.place:
            x, y = (facts.place.x + facts.place.width / 2, facts.place.y + facts.place.height / 2)
        names = " ".join(card.name for card in self.cast.values())
        text = f"{self.spec.key} {self.bench.measurement.digest} {names}"
        return Goto(zlib.crc32(text.encode()), x, y, self.spec.zoom, "image", self.spec.gain)


def scattered(facts: Facts | None) -> list[Panel]:
    """The clean picture's magnitudes with the phases of white noise."""
    if facts is None:
        return [Panel(SCATTERED, SCATTERED_LABEL, None)]
    picture = picture_of(facts.scattered)
    image = cached.pictures.encoded(picture.digest, picture.array)
    return [
        Panel(SCATTERED, SCATTERED_LABEL, image, caption=("nothing is where it was",), apart=True)
    ]
