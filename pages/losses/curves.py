"""What a loss makes of ever more blur, noise, shift, grid and brightness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core.imaging.images import crop
from pages.losses.choice import Chosen
from pages.shared.cells import LOSS_FACTOR, scaled
from pages.shared.charts import chart
from pages.shared.clean_part import clean_name, clean_part
from pages.shared.computing import computed
from pages.shared.jobs import Job, known, sentences
from pages.shared.plain import plain
from pages.shared.views import View
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from torch import Tensor

    from core.lessons.loss_curves import LossCurve

WIDTH = 168
ABOUT = (
    "**What it makes of ever more of an error**: the clean picture distorted in nine steps; "
    "1000 × the loss, on one scale. Dotted: MSE, scaled to agree at the strongest noise. A curve "
    "above it minds that error more, beside noise, than MSE does; one below it less."
)


ABOVE = "For equal pictures it is {equal}: shown is what it lies above that."


@dataclass(frozen=True)
class Curves(View):
    """A small chart for each distortion, all on one scale."""

    bench: Workbench
    chosen: Chosen

    def jobs(self) -> list[Job]:
        return list(self.made.values())

    quick = jobs

    @property
    def made(self) -> dict[str, Job[LossCurve]]:
        from core.lessons.equal_mse import DISTORTIONS

        clean, name = clean_part(self.bench), clean_name(self.bench)
        return {
            key: computed(
                "loss_curve",
                self.chosen.key,
                name,
                key,
                compute=partial(curve, self.chosen, key, clean),
            )
            for key in DISTORTIONS
        }

    def draw(self, *, pending: bool) -> None:
        made = self.made
        ready = known(made)
        st.markdown(ABOUT)
        if pending:
            st.caption("computing: the curves")
        for sentence in sentences(made.values()):
            st.warning(plain(sentence))
        if len(ready) == len(made):
            _charts(ready)


def curve(chosen: Chosen, key: str, clean: Tensor) -> LossCurve:
    """The loss under one distortion. Raises `ValueError` for a part that is too small for it."""
    from core.lessons.loss_curves import loss_curve

    return loss_curve(chosen.loss, key, swept(clean))


def blind_part(clean: Tensor) -> Tensor:
    """What changes are made of: as even as the windows of regional sharpness need it."""
    from core.lessons.blind_spots import loss_crop

    return loss_crop(swept(clean))


def swept(clean: Tensor) -> Tensor:
    """As much of a picture `(3, H, W)` as a sweep is of. Raises `ValueError` if it is small."""
    from core.lessons.degradation_sweep import swept_part

    return crop(clean, swept_part(clean.shape[-1], clean.shape[-2]))


def _charts(ready: Mapping[str, LossCurve]) -> None:
    from core.figures import small_curve
    from core.lessons.blind_spots import BLIND
    from core.lessons.equal_mse import DISTORTIONS

    noise = ready["noise"]
    if abs(noise.equal) > BLIND:
        st.caption(ABOVE.format(equal=scaled(noise.equal)))
    factor = noise.values[-1] / noise.mse[-1]
    top = LOSS_FACTOR * max(max(one.values) for one in ready.values())
    with st.container(horizontal=True):
        for key, one in ready.items():
            spec = DISTORTIONS[key]
            with st.container(width=WIDTH):
                st.caption(f"**{spec.label}**")
                values = [LOSS_FACTOR * value for value in one.values]
                figure = small_curve(
                    one.strengths,
                    values,
                    [LOSS_FACTOR * factor * value for value in one.mse],
                    spec.axis,
                    top,
                )
                told = (
                    f"{spec.label}: {values[-1]:.3g} at the strongest, {spec.format(spec.sweep)}."
                )
                chart(figure, f"loss_curve_{key}", told)
