"""What a figure on the page is made of, as the recipe that the command reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from core.imaging.decoding import BY_TYPE
from core.imaging.gallery import GALLERY
from core.imaging.images import digest
from core.report.figure.recipe import CLEAN, MEASUREMENT
from core.variants.labels import OUTPUTS, OWN
from pages.compare.figure.choice import Choice
from pages.shared import own, value_range
from pages.shared.comparison import Comparison
from pages.shared.source import Source
from pages.shared.values import Picture
from pages.shared.workbench import Workbench

if TYPE_CHECKING:
    from core.report.figure import PanelRecipe, PictureRecipe, Recipe

NOISY = "noisy"


def recipe_of(
    found: Comparison, pictures: Mapping[str, Picture], choice: Choice, protocol: str
) -> Recipe:
    """The recipe of a figure of these pictures, by key."""
    from core.report.figure import Recipe

    bench = found.bench
    return Recipe(
        picture_recipe(bench),
        tuple(
            panel_recipe(found, key, picture, choice.labels_by_key[key])
            for key, picture in pictures.items()
        ),
        choice.preset,
        str(bench.taken.degradation) if bench.taken else bench.degradation,
        protocol,
        choice.metrics,
        tuple(box.text for box in choice.boxes),
    )


def picture_recipe(bench: Workbench) -> PictureRecipe:
    from core.report.figure import PictureRecipe

    source, part = bench.source, bench.part
    files = source.given.files if source.given else {}
    shipped = source.key in GALLERY
    pair = bool(source.given and source.given.has_clean and NOISY in files)
    return PictureRecipe(
        gallery=source.key if shipped else "",
        file="" if shipped else main_file(source, files),
        noisy=files[NOISY] if pair else "",
        values=value_range.chosen() if source.is_deep else BY_TYPE.key,
        part=part.text if part else "",
        digest=digest((bench.clean or bench.measurement).array),
    )


def main_file(source: Source, files: Mapping[str, str]) -> str:
    """The file of the clean picture, else of the noisy one, else of what stands for it."""
    if source.given is None:
        return source.label
    return files[next(role for role in (CLEAN, NOISY, source.given.shown) if role in files)]


def panel_recipe(found: Comparison, key: str, picture: Picture, label: str) -> PanelRecipe:
    from core.report.figure import PanelRecipe

    if key in (CLEAN, MEASUREMENT):
        return PanelRecipe(show=key, label=label)
    if key.startswith(OUTPUTS):
        files = found.bench.source.given.files
        file = files[key.removeprefix(OUTPUTS)]
        return PanelRecipe(file=file, digest=digest(picture.array), label=label)
    kept = next((one for one in own.kept() if one.name == key), None)
    if key.startswith(OWN) and kept:
        return PanelRecipe(
            network=kept.came_as, choice=kept.choice or "", noise=kept.noise, label=label
        )
    return PanelRecipe(show=key, label=label)
