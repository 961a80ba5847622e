"""What the variants made of a workbench's measurement, so far: every page that compares asks here.

Restorations are computed in the background; a page draws what is there and is drawn again, alone,
until nothing is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import streamlit as st

from core.imaging.images import Region
from pages.shared import cached
from pages.shared.background import restorations
from pages.shared.cached import Number, Picture
from pages.shared.linked_viewer import EncodedImage, Panel
from pages.shared.picture import step_picture
from pages.shared.plain import plain
from pages.shared.slots import Slot
from pages.shared.workbench import Workbench, distinct_labels

POLL_SECONDS = 0.4
WHOLE = {True: "Whole image", False: "Whole part"}

Needs = Callable[["Comparison"], Iterable[Slot]]


def nothing(found: Comparison) -> tuple[()]:
    """What a view needs, or does, that only shows the restorations."""
    return ()


class Comparison:
    """The pictures of a workbench: clean if there is one, the measurement, what is restored.

    `labels` are the variants' by name, `slots` their results, `outputs` the pictures that are
    ready; `complete` says whether none of them is to come, `pending` whether anything is missing.
    `needs` names the slots that a view waits
    for beside these.
    """

    def __init__(self, bench: Workbench, needs: Needs) -> None:
        self.bench = bench
        self.labels = distinct_labels(bench.cards)
        self.slots = restorations(bench.measurement, list(self.labels))
        # Asked before the values are taken: what comes in between is drawn the next time.
        self.pending = not all(slot.ready for slot in self.slots.values())
        self.outputs = {name: slot.value for name, slot in self.slots.items() if slot.value}
        self.region = bench.region
        self.complete = not self.pending
        needed = [slot.ready for slot in needs(self)]
        self.pending = self.pending or not all(needed)

    @property
    def input_label(self) -> str:
        from core.degradations import DEGRADATIONS

        return DEGRADATIONS[self.bench.degradation].result

    @property
    def pictures(self) -> dict[str, Picture]:
        """Label -> picture of the measurement and of every variant that is ready."""
        outputs = {self.labels[name]: picture for name, picture in self.outputs.items()}
        return {self.input_label: self.bench.measurement} | outputs

    @property
    def everything(self) -> dict[str, Picture]:
        """The same with the clean picture before them, where there is one."""
        clean = {"Clean": self.bench.clean} if self.bench.clean else {}
        return clean | self.pictures

    def numbers(self, region: Region | None) -> dict[str, Slot[dict[str, Number]]]:
        """Label -> the slot of its metrics, the input first."""
        return {
            label: cached.numbers(picture, self.bench.clean, region, self.bench.taken)
            for label, picture in self.pictures.items()
        }

    @property
    def progress(self) -> str:
        """How far it is, for a caption; empty when all is there."""
        done = sum(slot.ready for slot in self.slots.values())
        if done < len(self.slots):
            return f"computing: {done} of {len(self.slots)} variants"
        return "computing" if self.pending else ""

    def errors(self) -> None:
        """One sentence for each variant that failed."""
        for name, slot in self.slots.items():
            if slot.error:
                st.error(plain(f"{self.labels[name]}: {slot.error}"))


def polled(
    bench: Workbench,
    draw: Callable[[Comparison], None],
    needs: Needs = nothing,
    settle: Callable[[Comparison], None] = nothing,
) -> None:
    """Draw what is known of a workbench, and again, alone, while something is being computed.

    `needs` names what `draw` shows beside the restorations; asking for it starts it. `settle` may
    wait a moment before anything is drawn, so that what is quick comes in one message.
    """
    pending = Comparison(bench, needs).pending
    st.fragment(_drawn, run_every=POLL_SECONDS if pending else None)(
        bench, draw, needs, settle, pending
    )


def _drawn(
    bench: Workbench,
    draw: Callable[[Comparison], None],
    needs: Needs,
    settle: Callable[[Comparison], None],
    polling: bool,
) -> None:
    settle(Comparison(bench, needs))
    found = Comparison(bench, needs)
    draw(found)
    found.errors()
    if (found.pending or Comparison(bench, needs).pending) != polling:
        st.rerun()


def place_name(found: Comparison, region: Region | None) -> str:
    """What a table or a chart is of."""
    return f"Region {region.text}" if region else WHOLE[found.bench.part is None]


def step_and_rerun(step: int) -> None:
    """What a viewer calls for another picture."""
    step_picture(step)
    st.rerun()


def shown(picture: Picture) -> EncodedImage:
    """A picture as the viewer sends it."""
    return cached.encoded(picture.digest, picture.array)


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
    label = found.input_label
    panels.append(
        Panel(
            "measurement", label, shown(bench.measurement), "measurement", captions.get(label, ())
        )
    )
    for name, label in found.labels.items():
        picture = found.outputs.get(name)
        image = shown(picture) if picture else None
        error = found.slots[name].error or ""
        panels.append(Panel(name, label, image, "output", captions.get(label, ()), error=error))
    return panels
