"""What a loss cannot see: eight changes of the clean picture, and what each loss makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.export import file_name
from core.viewer import EncodedImage, Panel, encode_image
from pages.shared.cells import LOSS_FACTOR, Row, cell_table, loss_cell
from pages.shared.clean_part import NO_CLEAN, clean_name, clean_part, clean_sentence
from pages.shared.comparison import step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job, known, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, region_field

if TYPE_CHECKING:
    from torch import Tensor

ABOUT = (
    "Every picture here is the clean one with a change that an eye sees at once, unless there is "
    "nothing to see in it; the table says what each loss makes of it. **A zero where the eye sees "
    "a change is the lesson**: a network that is trained with this loss alone pays nothing for "
    "that change."
)
COMPUTING = "computing the losses"
HOW = (
    "The middle {width} × {height} pixels, which the windows of regional sharpness cover evenly. "
    "Losses at their default parameters, of the values as they are, neither clipped nor rounded; "
    "“0 · blind” stands for at most {blind:g}, which is rounding."
)
ONE_FREQUENCY = (
    "Small is not zero: an offset, and of the negative all that magnitudes can tell, is the zero "
    "frequency alone, and a checker of period 2 is the highest one alone. The frequency losses "
    "average over every frequency, so that one weighs next to nothing, however plain it looks. "
    "Only focal frequency, for which the worst counts in full, says of it what MSE says."
)

Losses = Mapping[str, float]


@dataclass(frozen=True)
class Study:
    """The clean crop and its changes, ready to be sent."""

    clean: EncodedImage
    changed: Mapping[str, EncodedImage]


def blind_spots_view(bench: Workbench) -> None:
    """The changes of the clean picture or region side by side, and the losses below them."""
    if bench.clean is None:
        st.info(NO_CLEAN)
        return
    st.markdown(ABOUT)
    region_field(*bench.clean.size)
    polled(BlindSpots(bench))


def study(image: Tensor) -> Study:
    """What is shown of `(3, H, W)`. Raises `ValueError` if it is too small."""
    from core.imaging.images import to_uint8
    from core.lessons.blind_spots import CHANGES, loss_crop

    clean = loss_crop(image)
    changed = {spec.key: to_uint8(spec(clean[None])[0]) for spec in CHANGES.values()}
    return Study(
        encode_image(to_uint8(clean)),
        {key: encode_image(array) for key, array in changed.items()},
    )


def weighed(key: str, image: Tensor) -> Losses:
    """The losses of one change of `(3, H, W)`. Raises as `study`."""
    from core.lessons.blind_spots import loss_crop, losses_of_change

    return losses_of_change(key, loss_crop(image))


@dataclass(frozen=True)
class BlindSpots(View):
    """The changed pictures, the losses of each, and what an eye sees."""

    bench: Workbench

    def jobs(self) -> list[Job]:
        return [self.study, *self.losses.values()]

    quick = jobs  # small pictures take less than a second

    @property
    def study(self) -> Job[Study]:
        compute = partial(study, clean_part(self.bench))
        return computed("blind_spots", clean_name(self.bench), compute=compute)

    @property
    def losses(self) -> dict[str, Job[Losses]]:
        """The losses of each change: a frozen network among them takes its time."""
        from core.lessons.blind_spots import CHANGES

        clean, name = clean_part(self.bench), clean_name(self.bench)
        return {
            key: computed("blind_spots", name, key, compute=partial(weighed, key, clean))
            for key in CHANGES
        }

    def draw(self, *, pending: bool) -> None:
        waiting = [COMPUTING] if pending else []
        st.caption(plain(" · ".join([clean_sentence(self.bench), *waiting])))
        for sentence in sentences(self.jobs()):
            st.warning(plain(sentence))
        shown, losses = self.study.value, known(self.losses)
        if shown:
            linked_viewer(
                panels(shown, losses),
                key="blind_spots",
                name=file_name("blind spots", picture=self.bench.source.label),
                on_step=step_and_rerun,
            )
            table(shown, losses)
            what_an_eye_sees()


def panels(shown: Study, losses: Mapping[str, Losses]) -> list[Panel]:
    from core.lessons.blind_spots import CHANGES

    changed = [
        Panel(
            spec.key,
            spec.label,
            shown.changed[spec.key],
            caption=blind(losses[spec.key]) if spec.key in losses else (),
            note=spec.sentence,
        )
        for spec in CHANGES.values()
    ]
    return [Panel("clean", "Clean", shown.clean, "clean", ("the reference",)), *changed]


def blind(losses: Losses) -> tuple[str, ...]:
    """Which losses see nothing of a change, in words."""
    from core.lessons.blind_spots import BLIND
    from core.losses import LOSSES

    labels = [LOSSES[key].label for key, value in losses.items() if value <= BLIND]
    return tuple(f"{label}: blind" for label in labels) or ("every loss sees it",)


def table(shown: Study, losses: Mapping[str, Losses]) -> None:
    """A row for each loss, a column for each change whose losses are there."""
    from core.lessons.blind_spots import BLIND, CHANGES
    from core.losses import LOSSES

    rows = [
        Row(spec.label, [loss_cell(values[spec.key]) for values in losses.values()])
        for spec in LOSSES.values()
    ]
    if losses:
        cell_table(f"Losses × {LOSS_FACTOR}", [CHANGES[key].label for key in losses], rows)
    size = {"width": shown.clean.width, "height": shown.clean.height}
    st.caption(plain(HOW.format(**size, blind=LOSS_FACTOR * BLIND)))
    st.caption(ONE_FREQUENCY)


def what_an_eye_sees() -> None:
    from core.lessons.blind_spots import CHANGES

    lines = [f"- **{spec.label}**: {spec.sentence}" for spec in CHANGES.values()]
    st.markdown("\n".join(["**What an eye sees**\n", *lines]))
