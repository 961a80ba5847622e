"""Steps that take more than the outputs: plain greys, spectra, attention maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.lessons.tour.panels import AMPLIFIED, ATTENTION, CLEAN, FLAT, PICTURE, SPECTRUM
from core.viewer import EncodedLayer, Layer, Mark, Panel, encode_layer
from pages.shared import cached
from pages.shared.comparison import Comparison, shown
from pages.shared.computing import computed
from pages.shared.jobs import Job
from pages.shared.values import Picture, picture_of
from pages.tour.walk import PANELS, Step

if TYPE_CHECKING:
    from core.lessons.tour.facts import Facts

SCALE = (1.0, 99.9)
"""Percentiles of the clean picture's spectrum between which all of them are coloured."""
MAPS = "maps"
METHOD = "eigen_cam"
GREY_LABEL = "Plain grey through {number}, ×{factor}"
MARKED = (2, 4, 8)
GREYED = ("mse", "sharp", "resize")
"""Whose grids on plain grey are spoken of: one decoder with two losses, and another decoder."""


@dataclass(frozen=True)
class Grey:
    """What a network makes of plain grey: a picture of it, and its grid in 8-bit levels."""

    picture: Picture
    level: float


class FlatStep(Step):
    """With what each network draws on plain grey."""

    def looks(self, found: Comparison) -> Mapping[str, Job[Grey]]:
        width, height = self.bench.measurement.size
        cards = {role: self.cast[role] for role in GREYED if role in self.cast}
        return {
            role: computed(
                "tour_grey",
                card.name,
                cached.variants.variant_stamp(card.name),
                f"{width} {height}",
                compute=partial(grey_of, card.name, (height, width)),
            )
            for role, card in cards.items()
            if card.has_network
        }

    def told(self, facts: Facts, looks: Mapping[str, Any]) -> Facts:
        return replace(facts, flat={role: grey.level for role, grey in looks.items()})

    def panels(
        self, found: Comparison, facts: Facts | None, looks: Mapping[str, Any]
    ) -> list[Panel]:
        return [
            *super().panels(found, facts, looks),
            *(
                Panel(f"grey-{role}", label(number), shown(looks[role].picture), apart=True)
                for number, role in enumerate(self.spec.needs, 1)
                if role in looks
            ),
        ]


def label(number: int) -> str:
    """What the plain grey is called that went through the network of a panel."""
    return GREY_LABEL.format(number=number, factor=AMPLIFIED)


def grey_of(name: str, size: tuple[int, int]) -> Grey:
    """What a variant's network makes of plain grey of a size (H, W)."""
    from core.lessons.tour.facts import flat_grid, grey_picture

    model = cached.variants.model(name)
    return Grey(picture_of(grey_picture(model, size)), flat_grid(model))


@dataclass(frozen=True)
class Levels:
    """A picture's spectrum in dB, and the range of most of it."""

    layer: EncodedLayer
    low: float
    high: float


class SpectrumStep(Step):
    """With spectra in place of the pictures, on the clean one's scale."""

    def looks(self, found: Comparison) -> Mapping[str, Job[Levels]]:
        pictures = {CLEAN: self.bench.clean, **self.outputs(found)}
        return {
            panel: computed(
                "tour_levels", pictures[panel].digest, compute=partial(levels, pictures[panel])
            )
            for panel in self.spec.panels
            if panel in pictures
        }

    def viewer(self, found: Comparison, facts: Facts | None, looks: Mapping[str, Any]) -> None:
        """The spectra, with the points of grids marked."""
        from core.imaging.spectrum import lattice_points

        size = self.bench.measurement.size
        marks = [
            Mark(x, y, "" if place else f"{period} px")
            for period in MARKED
            for place, (x, y) in enumerate(lattice_points(period, *size))
        ]
        stripes = facts["resize"].stripes if facts else None
        if stripes and stripes.place:
            marks.append(Mark(*stripes.place, f"{stripes.period:.1f} px"))
        shown = marks if looks else ()
        self.show(self.spectra(found, looks), key="spectrum", axes="frequency", marks=shown)

    def spectra(self, found: Comparison, looks: Mapping[str, Levels]) -> list[Panel]:
        """A panel each; all are on the clean picture's scale."""
        keys = PANELS | {role: card.name for role, card in self.cast.items()}
        scale = (looks[CLEAN].low, looks[CLEAN].high) if CLEAN in looks else None
        return [
            self._spectrum(panel, found.labels.get(keys[panel], "Clean"), looks.get(panel), scale)
            for panel in self.spec.panels
            if panel in keys
        ]

    def _spectrum(
        self, key: str, label: str, found: Levels | None, scale: tuple[float, float] | None
    ) -> Panel:
        role = "clean" if key == CLEAN else "output"
        if found is None or scale is None:
            return Panel(key, label, None, role)
        layer = Layer("levels", "Log magnitude", found.layer, *scale, opacity=1.0, unit="dB")
        return Panel(key, label, None, role, layers=(layer,), blank=self.bench.measurement.size)


def levels(picture: Picture) -> Levels:
    """The spectrum of a picture's luma."""
    from core.imaging.spectrum import log_spectrum, luma

    found = log_spectrum(luma(picture.image[None]))[0].numpy()
    low, high = np.percentile(found, SCALE)
    return Levels(encode_layer(found), float(low), max(float(high), float(low) + 1.0))


@dataclass(frozen=True)
class Maps:
    """One attention map with either sign, and the size of the output's error as coarse as it is.

    In [0, 1] each.
    """

    chosen: EncodedLayer
    flipped: EncodedLayer
    error: EncodedLayer
    layer: str
    error_correlation: float
    flipped_correlation: float


class AttentionStep(Step):
    """With an attention map of the first network, and the same with the other sign."""

    def looks(self, found: Comparison) -> Mapping[str, Job[Maps]]:
        outputs = self.outputs(found)
        role = self.spec.needs[0]
        if role not in outputs or not self.cast[role].has_network:
            return {}
        name, output = self.cast[role].name, outputs[role]
        key = (self.bench.measurement.digest, output.digest, self.bench.clean.digest)
        compute = partial(maps_of, name, self.bench.measurement, output, self.bench.clean)
        return {MAPS: computed("tour_maps", name, *key, compute=compute)}

    def told(self, facts: Facts, looks: Mapping[str, Any]) -> Facts:
        found = looks.get(MAPS)
        if not found:
            return facts
        return replace(
            facts,
            error_correlation=found.error_correlation,
            flipped_correlation=found.flipped_correlation,
        )

    def viewer(self, found: Comparison, facts: Facts | None, looks: Mapping[str, Any]) -> None:
        """The output, and the map over it with either sign."""
        panels = [*self.panels(found, facts, looks), *self.maps(found, looks.get(MAPS))]
        self.show(panels, key="attention", goto=self.goto(facts))

    def maps(self, found: Comparison, maps: Maps | None) -> list[Panel]:
        """Both maps, over the output that they are of."""
        output = self.outputs(found).get(self.spec.needs[0])
        if maps is None or output is None:
            return []
        labels = {
            f"EigenCAM, {maps.layer}": maps.chosen,
            "The other sign": maps.flipped,
            "Its error, as coarse as the map": maps.error,
        }
        return [
            Panel(
                f"map-{place}",
                label,
                shown(output),
                layers=(Layer("attention", "Attention", values, 0.0, 1.0, "jet"),),
            )
            for place, (label, values) in enumerate(labels.items())
        ]


def maps_of(name: str, noisy: Picture, output: Picture, clean: Picture) -> Maps:
    """The map at a middle layer of a variant's network. Raises `ValueError` where it has none."""
    from core.attention.cam import finish, layers_of
    from core.attention.maps import raw_maps
    from core.lessons.tour.coarse_error import correlation, error_of_cells

    model = cached.variants.model(name)
    layers = [layer for layer in layers_of(model) if layer.network != "vit"]
    layer = layers[(len(layers) - 1) // 2]
    raw = raw_maps(model, noisy.image, layer.key, methods=[METHOD])[METHOD]
    size = noisy.image.shape[-2:]
    error = error_of_cells(output.image, clean.image, tuple(raw.cells.shape), raw.covers)
    shown = (
        raw.finished(size),
        raw.sign_flipped().finished(size),
        finish(error, size, covers=raw.covers),
    )
    goes_with = (correlation(one.clamp(min=0), error) for one in (raw.counted, -raw.counted))
    return Maps(*(encode_layer(one.array) for one in shown), layer.label, *goes_with)


STEP_VIEWS = {PICTURE: Step, FLAT: FlatStep, SPECTRUM: SpectrumStep, ATTENTION: AttentionStep}
"""Kind of a step -> its view."""
