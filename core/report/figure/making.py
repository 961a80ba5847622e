"""A recipe's figure, made from nothing but the recipe and the files that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor, nn

from ...base.words import brief
from ...degradations import Degradation, parse_degradation
from ...imaging.decoding import RANGES, read_picture
from ...imaging.gallery import GALLERY
from ...imaging.images import Region, crop, digest, to_tensor, to_uint8
from ...imaging.photos import picture_bytes
from ...metrics import METRICS, Measured, MetricSpec, measure, parse_protocol
from ...variants.foreign import open_network
from ...variants.labels import distinct_labels
from ...variants.restore import restore
from ...variants.store import list_variants
from .content import FigureContent, FigurePanel
from .presets import PRESETS
from .recipe import CLEAN, MEASUREMENT, PanelRecipe, Recipe

SAME = 12
"""Hexadecimal digits of a digest that a sentence shows."""


@dataclass(frozen=True)
class Taken:
    """The picture of a recipe: clean where that is known, measured, and how; `(1, 3, H, W)`."""

    clean: Tensor | None
    measurement: Tensor
    degradation: Degradation

    @property
    def known(self) -> bool:
        """Whether an output can be measured again."""
        return self.degradation.spec.operator is not None

    def measured(self, output: Tensor) -> Measured:
        return Measured(self.measurement, self.degradation.operator(output))


def content_of(recipe: Recipe, folder: Path) -> FigureContent:
    """Read, degrade, restore and measure what a recipe says; its files are below `folder`.

    Raises `ValueError` in one sentence for whatever there is not, or is otherwise than it says.
    """
    preset = PRESETS[recipe.preset]
    protocol = parse_protocol(recipe.protocol)
    metrics = [protocol.apply(METRICS[key]) for key in recipe.metrics]
    regions = [Region.parse(text) for text in recipe.regions]
    taken = taken_of(recipe, folder)
    images = images_of(recipe, taken, folder)
    labels = labels_of(recipe, taken)
    panels = [
        FigurePanel(
            label,
            to_uint8(images[panel][0]),
            numbers(images[panel], taken, metrics) if panel.show != CLEAN else {},
            competes=panel.show not in (CLEAN, MEASUREMENT),
        )
        for panel, label in zip(recipe.panels, labels, strict=True)
    ]
    return FigureContent(panels, regions, metrics, preset)


def taken_of(recipe: Recipe, folder: Path) -> Taken:
    """The picture, and what is measured of it."""
    picture, degradation = recipe.picture, parse_degradation(recipe.degradation)
    if bool(picture.gallery) == bool(picture.file):
        raise ValueError("The picture must have one of gallery and file.")
    if picture.gallery:
        pixels = cut(GALLERY[picture.gallery](), picture.part)
    else:
        pixels = read(folder / picture.file, recipe)
    check(picture.gallery or picture.file, pixels, picture.digest)
    image = to_tensor(pixels)[None]
    if picture.noisy:
        if degradation.spec.key != "none":
            raise ValueError("A picture with a file of its noisy one takes no degradation.")
        return Taken(image, to_tensor(read(folder / picture.noisy, recipe))[None], degradation)
    clean = image if degradation.spec.keeps_clean else None
    return Taken(clean, degradation(image), degradation)


def read(path: Path, recipe: Recipe) -> np.ndarray:
    """A file's pixels, of the part that is shown. Raises `ValueError` that names the file."""
    _ = RANGES[recipe.picture.values]
    data = picture_bytes(path)
    try:
        return cut(read_picture(data, recipe.picture.values).pixels, recipe.picture.part)
    except ValueError as error:
        raise ValueError(f"'{path.name}': {error}") from error


def cut(pixels: np.ndarray, part: str) -> np.ndarray:
    return np.ascontiguousarray(crop(pixels, Region.parse(part)) if part else pixels)


def check(name: str, pixels: np.ndarray, expected: str) -> None:
    """Raise `ValueError` where a recipe says that a picture has other pixels."""
    found = digest(pixels)
    if expected and found != expected:
        raise ValueError(
            f"{brief(name)} is another picture than the recipe’s: its digest is {found[:SAME]}…, "
            f"not {expected[:SAME]}…."
        )


def images_of(recipe: Recipe, taken: Taken, folder: Path) -> dict[PanelRecipe, Tensor]:
    """The image of each panel, `(1, 3, H, W)`."""
    given = {MEASUREMENT: taken.measurement}
    if taken.clean is not None:
        given[CLEAN] = taken.clean
    found: dict[PanelRecipe, Tensor] = {}
    names: dict[PanelRecipe, str] = {}
    networks: dict[str, nn.Module] = {}
    for panel in recipe.panels:
        source = panel.source
        if panel.file:
            pixels = read(folder / source, recipe)
            check(source, pixels, panel.digest)
            found[panel] = to_tensor(pixels)[None]
        elif source in given and panel.show:
            found[panel] = given[source]
        elif panel.show == CLEAN:
            raise ValueError("There is no clean picture to show: it came degraded.")
        else:
            names[panel] = source if panel.show else f"{source} {panel.choice} {panel.noise}"
            if panel.network:
                networks[names[panel]] = opened(folder / source, panel)
    shipped = [name for name in dict.fromkeys(names.values()) if name not in networks]
    outputs = restore(taken.measurement, shipped)
    outputs |= restore(taken.measurement, list(networks), load=networks.__getitem__)
    return found | {panel: outputs[name] for panel, name in names.items()}


def opened(path: Path, panel: PanelRecipe) -> nn.Module:
    network = open_network(path, panel.choice or None)
    if panel.noise is not None:
        network.noise = panel.noise
    network.module.tiled = network.description.tiled
    return network.module


def labels_of(recipe: Recipe, taken: Taken) -> list[str]:
    """What stands below the panels: their labels, else the names that the pages show."""
    shown = {panel.show for panel in recipe.panels}
    usual = distinct_labels(card for card in list_variants(hidden=True) if card.name in shown)
    usual |= {CLEAN: "Clean", MEASUREMENT: taken.degradation.spec.result}
    return [panel.label or usual.get(panel.source, panel.source) for panel in recipe.panels]


def numbers(output: Tensor, taken: Taken, metrics: list[MetricSpec]) -> dict[str, float]:
    """A picture's metrics, as far as it has them."""
    again = taken.known and any(metric.needs_measurement for metric in metrics)
    found = measure(metrics, output, taken.clean, taken.measured(output) if again else None)
    return {key: float(v[0]) for key, v in found.items() if not isinstance(v, ValueError)}
