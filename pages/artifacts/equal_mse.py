"""Equal MSE, different look: five distortions of one strength, and what each number says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from core.imaging.export import file_name
from core.imaging.images import crop
from core.viewer import EncodedImage, Goto, Panel, encode_image
from pages.shared import cached
from pages.shared.cells import LOSS_FACTOR, Cell, Row, cell_table, loss_cell, ranked
from pages.shared.choose import choose_number
from pages.shared.clean_part import NO_CLEAN, clean_name, clean_part, clean_sentence
from pages.shared.comparison import step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job, known, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.numbers import undefined
from pages.shared.plain import plain
from pages.shared.views import View, polled
from pages.shared.workbench import Workbench, region_field

if TYPE_CHECKING:
    from torch import Tensor

    from core.losses import LossSpec
    from core.metrics import MetricSpec

T = TypeVar("T")
FIRST_ZOOM = 2.0
KEY = "equal_psnr"
LABEL = "PSNR of all five, dB"
LOWEST, HIGHEST, DEFAULT = 20, 40, 28
HELD = ("mse", "psnr")
"""What the distortions are made equal in: nothing to win there."""
ABOUT = (
    "Five distortions of the clean picture, each as strong as it takes to reach **the same mean "
    "squared error**. To a network trained on MSE they are equally bad; an eye disagrees, and so "
    "do the other losses and metrics, each in its own way."
)
COMPUTING = "computing"
HOW = (
    "Losses are of the values as distorted, so that their MSE is the same. Metrics are of the "
    "picture clipped to its range, as a screen shows it: where much was clipped, MSE is a little "
    "lower. MSE and PSNR are not ranked; “0 · blind” stands for a loss of at most {blind:g}."
)


@dataclass(frozen=True)
class Shown:
    """A distorted picture, ready to be sent, with its strength and clipped share."""

    image: EncodedImage
    strength: float
    clipped: float


def equal_mse_view(bench: Workbench) -> None:
    """The distortions of the clean picture or region at one MSE, and all numbers below them."""
    if bench.clean is None:
        st.info(NO_CLEAN)
        return
    st.markdown(ABOUT)
    region_field(*bench.clean.size)
    psnr = choose_psnr()
    try:
        check_size(clean_part(bench))
    except ValueError as error:
        st.warning(plain(str(error)))
        return
    polled(Distortions(bench, psnr))


def check_size(clean: Tensor) -> None:
    """Raise `ValueError` for a picture or region that is too small for one of the losses."""
    from core.lessons.blind_spots import loss_crop

    loss_crop(clean)


def choose_psnr() -> int:
    return choose_number(
        KEY,
        LABEL,
        LOWEST,
        HIGHEST,
        DEFAULT,
        name="PSNR of equal errors",
        help="The higher, the weaker the distortions: 6 dB more halve them.",
    )


# What is computed --------------------------------------------------------------------------------


def mse_of(psnr: int) -> float:
    return 10 ** (-psnr / 10)


def distorted(key: str, clean: Tensor, mse: float) -> Shown:
    """One distortion, ready to be shown. Raises `ValueError` where it cannot reach the MSE."""
    from core.imaging.images import to_uint8
    from core.lessons.equal_mse import equal_mse

    made = equal_mse(key, clean, mse)
    return Shown(encode_image(to_uint8(made.image)), made.strength, made.clipped)


def weighed(key: str, clean: Tensor, mse: float) -> dict[str, float]:
    """The losses of the same, made again, for that is quick; a frozen network's is not."""
    from core.lessons.blind_spots import losses_of
    from core.lessons.equal_mse import equal_mse

    return losses_of(equal_mse(key, clean, mse).image, clean)


def measured(key: str, clean: Tensor, mse: float) -> dict[str, float]:
    """The metrics of the same, slower yet."""
    from core.lessons.equal_mse import equal_mse, metrics_of

    return metrics_of(equal_mse(key, clean, mse).image, clean)


@dataclass(frozen=True)
class Distortions(View):
    """The distortions at one PSNR, and what each loss and metric makes of them."""

    bench: Workbench
    psnr: int

    def jobs(self) -> list[Job]:
        every = (self.pictures, self.losses, self.metrics)
        return [job for jobs in every for job in jobs.values()]

    def quick(self) -> list[Job]:
        """A step of the slider takes a moment: one message with all pictures."""
        return list(self.pictures.values())

    @property
    def pictures(self) -> dict[str, Job[Shown]]:
        return self._made(distorted)

    @property
    def losses(self) -> dict[str, Job[dict[str, float]]]:
        return self._made(weighed)

    @property
    def metrics(self) -> dict[str, Job[dict[str, float]]]:
        return self._made(measured)

    def _made(self, of: Callable[[str, Tensor, float], T]) -> dict[str, Job[T]]:
        """The job of each distortion."""
        from core.lessons.equal_mse import DISTORTIONS

        clean, name, mse = clean_part(self.bench), clean_name(self.bench), mse_of(self.psnr)
        kind, psnr = f"equal_mse_{of.__name__}", str(self.psnr)
        return {
            key: computed(kind, name, key, psnr, compute=partial(of, key, clean, mse))
            for key in DISTORTIONS
        }

    def draw(self, *, pending: bool) -> None:
        from core.lessons.blind_spots import BLIND

        pictures = self.pictures
        st.caption(plain(self.situation(pending)))
        linked_viewer(
            panels(self.bench, pictures),
            key="equal_mse",
            goto=first_look(self.bench),
            name=file_name(f"equal mse {self.psnr} db", picture=self.bench.source.label),
            on_step=step_and_rerun,
        )
        for sentence in sentences(self.jobs()):
            st.warning(plain(sentence))
        ready, losses, metrics = map(known, (pictures, self.losses, self.metrics))
        if losses and losses.keys() == ready.keys():
            loss_table(ready, losses)
        if metrics and metrics.keys() == ready.keys():
            metric_table(metrics)
        st.caption(plain(HOW.format(blind=LOSS_FACTOR * BLIND)))

    def situation(self, pending: bool) -> str:
        """What is shown, and whether that is all."""
        waiting = [COMPUTING] if pending else []
        return " · ".join([clean_sentence(self.bench), f"MSE {mse_of(self.psnr):.5f}", *waiting])


# What is drawn -----------------------------------------------------------------------------------


def first_look(bench: Workbench) -> Goto:
    """Twice the size, around the middle: fitted, the distortions would be averaged away."""
    height, width = clean_part(bench).shape[-2:]
    return Goto(serial=1, cx=width / 2, cy=height / 2, zoom=FIRST_ZOOM)


def panels(bench: Workbench, pictures: Mapping[str, Job[Shown]]) -> list[Panel]:
    """The clean picture and every distortion that is there or still being computed."""
    from core.lessons.equal_mse import DISTORTIONS

    drawn = [Panel("clean", "Clean", clean_image(bench), "clean", ("the reference",))]
    for key, job in pictures.items():
        if not job.error:
            spec, value = DISTORTIONS[key], job.value
            image, caption = (value.image, (spec.format(value.strength),)) if value else (None, ())
            drawn.append(Panel(key, spec.label, image, caption=caption, note=spec.sentence))
    return drawn


def clean_image(bench: Workbench) -> EncodedImage:
    """The clean picture, or the region of it, as the viewer sends it."""
    array = crop(bench.clean.array, bench.region) if bench.region else bench.clean.array
    return cached.pictures.encoded(clean_name(bench), array)


def loss_table(ready: Mapping[str, Shown], losses: Mapping[str, Mapping[str, float]]) -> None:
    """How strong each distortion is, and what each loss makes of it."""
    from core.lessons.equal_mse import DISTORTIONS
    from core.losses import LOSSES

    strengths = [DISTORTIONS[key].format(value.strength) for key, value in ready.items()]
    rows = [
        Row("Strength", [Cell(strength) for strength in strengths]),
        Row("Clipped by a screen", [Cell(f"{value.clipped:.1%}") for value in ready.values()]),
    ]
    for spec in LOSSES.values():
        rows.append(loss_row(spec, [losses[key][spec.key] for key in ready]))
    cell_table(f"Losses × {LOSS_FACTOR}", [DISTORTIONS[key].label for key in ready], rows)


def loss_row(spec: LossSpec, values: Sequence[float]) -> Row:
    """One loss of every distortion; what was made equal is not ranked."""
    cells = [loss_cell(value) for value in values]
    merits = [-value for value in values]
    named = cells if spec.key in HELD else ranked(cells, merits, best="lowest", worst="highest")
    return Row(spec.label, named)


def metric_table(measures: Mapping[str, Mapping[str, float]]) -> None:
    """What each metric of this machine makes of the distortions, and why a dash stands there."""
    from core.lessons.equal_mse import DISTORTIONS
    from core.metrics import METRICS

    keys = dict.fromkeys(key for row in measures.values() for key in row)
    here = [key for key in keys if not METRICS[key].absent()]
    values = {key: [row[key] for row in measures.values()] for key in here}
    rows = [metric_row(METRICS[key], row) for key, row in values.items()]
    cell_table("Metrics", [DISTORTIONS[key].label for key in measures], rows)
    for key, row in values.items():
        if any(isnan(value) for value in row):
            st.caption(plain(f"— {undefined(METRICS[key])}"))


def metric_row(spec: MetricSpec, values: Sequence[float]) -> Row:
    """One metric of every distortion, ranked as a loss is."""
    from core.base.quantity import MERIT

    cells = [Cell(spec.number(value)) for value in values]
    merits = [MERIT[spec.direction](value) for value in values]
    return Row(spec.heading, cells if spec.key in HELD else ranked(cells, merits))
