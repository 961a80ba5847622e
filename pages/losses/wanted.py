"""What a loss wants of an output: which pixels brighter, which darker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import crop
from core.viewer import EncodedImage, EncodedLayer, Layer, Panel, encode_layer
from pages.losses.choice import NOISY, Chosen
from pages.shared import cached
from pages.shared.cells import LOSS_FACTOR, scaled, text_table
from pages.shared.clean_part import clean_name, clean_part
from pages.shared.comparison import Comparison, step_and_rerun
from pages.shared.computing import computed
from pages.shared.jobs import Job, sentences
from pages.shared.linked_viewer import linked_viewer
from pages.shared.plain import plain
from pages.shared.values import Picture
from pages.shared.views import View
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from torch import Tensor

REACH = 99.5
"""The percentile of the magnitudes where the colours end."""
ABOUT = "**What it wants of each pixel**: brighter where red, darker where blue."
HOW = (
    "Minus the slope of the loss by each value, times the number of values, the mean of the three "
    "channels: of MSE twice the clean picture minus the output. One scale for the whole and its "
    "terms, symmetric about 0; {part} of the pixels lie beyond its ends."
)
SHARES = ["Value", "Share of the value", "Share of the gradient"]


@dataclass(frozen=True)
class Asked:
    """A loss on one output: its value, its pictures ready to be sent, and shares of its terms.

    `reach` is where the colours of all pictures end.
    """

    value: float
    layers: Mapping[str, EncodedLayer]
    reach: float
    terms: list[list[str]]


@dataclass(frozen=True)
class Wanted(View):
    """What a loss wants, beside the output and the clean picture that it compares with."""

    bench: Workbench
    chosen: Chosen
    output: str

    def jobs(self) -> list[Job]:
        return self.jobs_of(Comparison(self.bench))

    quick = jobs

    def jobs_of(self, found: Comparison) -> list[Job]:
        """The output's, and what the loss makes of it once that is there."""
        made = [found.jobs[self.output]] if self.output in found.jobs else []
        wanted = self.asked(self.picture(found))
        return [*made, *([wanted] if wanted else [])]

    def picture(self, found: Comparison) -> Picture | None:
        """The output, None until it is there."""
        given = {NOISY: self.bench.measurement}
        return {**given, **found.outputs}.get(self.output)

    def asked(self, picture: Picture | None) -> Job[Asked] | None:
        """The job of what the loss makes of an output that is there."""
        if picture is None:
            return None
        compute = partial(asked, self.chosen, _part(picture, self.bench), clean_part(self.bench))
        name = clean_name(self.bench)
        return computed("loss_wants", self.chosen.key, picture.digest, name, compute=compute)

    def draw(self, *, pending: bool) -> None:
        found = Comparison(self.bench)
        picture = self.picture(found)
        job = self.asked(picture)
        value = job.value if job else None
        label = found.labels.get(self.output, self.bench.input_label)
        st.markdown(ABOUT)
        told = f"{LOSS_FACTOR} × the loss is {scaled(value.value)}" if value else ""
        waiting = "computing" if pending else ""
        st.caption(plain(" · ".join(filter(None, [label, told, self.bench.sentence, waiting]))))
        for sentence in sentences(self.jobs_of(found)):
            st.warning(plain(sentence))
        linked_viewer(
            self.panels(label, picture, value),
            key="wanted",
            columns=2,
            name=self.bench.file_name(f"what {self.chosen.expression} wants"),
            on_step=step_and_rerun,
        )
        st.caption(HOW.format(part=f"{100 - REACH:g} %"))
        if value and len(value.terms) > 1:
            text_table(f"The terms here, values × {LOSS_FACTOR}", SHARES, value.terms)

    def panels(self, label: str, picture: Picture | None, value: Asked | None) -> list[Panel]:
        """The output, what the loss wants of it, and the clean picture."""
        role = "measurement" if self.output == NOISY else "output"
        clean = _shown(self.bench.clean, self.bench)
        wants = Panel(
            "wanted",
            f"What {self.chosen.label} wants",
            None,
            caption=("red: brighter", "blue: darker"),
            layers=_layers(value) if value else (),
            blank=(clean.width, clean.height) if value else None,
        )
        return [
            Panel(self.output, label, _shown(picture, self.bench) if picture else None, role),
            wants,
            Panel("clean", "Clean", clean, "clean", ("the reference",)),
            *self.noisy(),
        ]

    def noisy(self) -> list[Panel]:
        """What the output was made of, where it is not that itself."""
        if self.output == NOISY:
            return []
        image = _shown(self.bench.measurement, self.bench)
        return [Panel(NOISY, self.bench.input_label, image, NOISY)]


def _part(picture: Picture, bench: Workbench) -> Tensor:
    return crop(picture.image, bench.region) if bench.region else picture.image


def _shown(picture: Picture, bench: Workbench) -> EncodedImage:
    """What is looked at of a picture, as the viewer sends it."""
    region = bench.region
    if region is None:
        return cached.pictures.encoded(picture.digest, picture.array)
    name = f"{picture.digest}:{region.text}"
    return cached.pictures.encoded(name, crop(picture.array, region))


def _layers(value: Asked) -> tuple[Layer, ...]:
    return tuple(
        Layer(
            f"wanted {name}",
            name or "The whole loss",
            layer,
            -value.reach,
            value.reach,
            "diverging",
            opacity=1.0,
        )
        for name, layer in value.layers.items()
    )


def asked(chosen: Chosen, output: Tensor, clean: Tensor) -> Asked:
    """What a loss makes of an output. Raises `ValueError` for a part that is too small for it."""
    import numpy as np

    from core.lab.balance import shares_of
    from core.lessons.gradient_picture import WHOLE, gradient_pictures
    from core.losses.gradients import pulls

    found = pulls(chosen.loss, output[None], clean[None])
    pictures = {name: one.numpy() for name, one in gradient_pictures(found).items()}
    if not all(np.isfinite(one).all() for one in pictures.values()):
        raise ValueError("This loss has no finite gradient everywhere on this output.")
    reach = float(np.percentile(np.abs(pictures[WHOLE]), REACH))
    rows = [
        [name, scaled(found[name].value), f"{share.value:.0%}", f"{share.gradient:.0%}"]
        for name, share in shares_of(found).items()
    ]
    layers = {name: encode_layer(one) for name, one in pictures.items()}
    return Asked(
        sum(one.value for one in found.values()), layers, float(f"{reach:.2g}") or 1.0, rows
    )
