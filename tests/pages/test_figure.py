"""The figure for a paper on Compare: its preview, its files, and the recipe that repeats it."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from core.imaging.images import Region
from core.report.figure import content_of, drawing, latex, png, read_recipe
from core.sets.request import OPENED, Request
from tests.pages.conftest import (
    components,
    downloads,
    fetched,
    fresh_app,
    read,
    run_until_ready,
    text_of,
)

PICTURE, METHODS = "concrete-pores", ["blur-k3-s1", "blur-k5-s1"]
DRAWN = Region(40, 8, 24, 16)
FILES = {"PNG": "png", "PDF": "pdf", "SVG": "svg", "Table in LaTeX": "tex", "Recipe": "toml"}


def opened(**address: str | list[str]):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": METHODS, **address})
    app.session_state["figure"] = True
    return run_until_ready(app)


def preview(app) -> np.ndarray | None:
    """The pixels that the browser gets."""
    found = [json.loads(one.json) for one in components(app) if "figure_viewer" in one.id]
    if not found:
        return None
    ((panel,),) = (one["panels"] for one in found)
    return np.array(Image.open(io.BytesIO(fetched(panel["image"]["url"]))))


def files(app) -> dict[str, bytes]:
    every = downloads(app)
    assert all(every[label].name.endswith(f"_figure.{end}") for label, end in FILES.items())
    return {end: every[label].content() for label, end in FILES.items()}


def made_again(app, folder):
    """What the command makes of the page's recipe."""
    path = folder / "figure.toml"
    path.write_bytes(files(app)["toml"])
    recipe = read_recipe(path)
    return recipe, content_of(recipe, folder)


def test_the_preview_is_the_file_and_the_recipe_makes_the_same_again(variants, tmp_path):
    app = opened(figure_box_1="16,32,24,24", figure_size="two_columns")
    made = files(app)
    assert (preview(app) == np.array(Image.open(io.BytesIO(made["png"])))).all()
    assert made["pdf"].startswith(b"%PDF") and b"<text" in made["svg"]
    recipe, content = made_again(app, tmp_path)
    assert [panel.show for panel in recipe.panels] == ["clean", "measurement", *METHODS]
    assert recipe.regions == ("16,32,24,24",) and recipe.metrics == ("psnr", "ssim")
    assert png(drawing(content)) == made["png"]
    assert latex(content, recipe).encode() == made["tex"]
    assert not app.exception


def test_what_is_chosen_is_what_is_drawn(variants, tmp_path):
    app = opened(region=DRAWN.text)
    before = preview(app)
    app.button(key="figure_take").click()
    run_until_ready(app)
    assert app.text_input(key="figure_box_1").value == DRAWN.text
    assert preview(app).shape != before.shape
    # What cannot be read is told, and the others stay.
    app.text_input(key="figure_box_2").set_value("1,2,3").run()
    app.text_input(key="figure_box_3").set_value("100,0,50,50").run()
    run_until_ready(app)
    said = [read(error.value) for error in app.error]
    assert len(said) == 2 and "1,2,3" in said[0] and "outside" in said[1]
    app.multiselect(key="figure_without").set_value(["measurement", METHODS[0]])
    app.multiselect(key="figure_numbers").set_value(["psnr", "flip"])
    run_until_ready(app)
    recipe, content = made_again(app, tmp_path)
    assert [panel.show for panel in recipe.panels] == ["clean", METHODS[1]]
    assert recipe.metrics == ("psnr", "flip") and recipe.regions == (DRAWN.text,)
    assert (preview(app) == np.array(Image.open(io.BytesIO(png(drawing(content)))))).all()
    app.multiselect(key="figure_without").set_value(["clean", "measurement", *METHODS])
    run_until_ready(app)
    assert preview(app) is None and "needs one picture" in text_of(app)
    assert not app.exception


def test_labels_are_short_and_may_be_ones_own_words(variants, tmp_path):
    """Networks of one architecture, which goes without saying."""

    def labels():
        path = tmp_path / "figure.toml"
        path.write_bytes(files(app)["toml"])
        return [panel.label for panel in read_recipe(path).panels]

    app = opened(variants=["unet-mse", "unet-frequency"])
    assert labels() == ["Clean", "Noisy", "MSE", "MSE + frequency"]
    app.text_input(key="figure_label_unet-mse").set_value(" Ours  <b>a</b> ").run()
    app.text_input(key="figure_label_clean").set_value("x" * 81).run()
    run_until_ready(app)
    said = read(app.error[0].value)
    assert len(app.error) == 1 and "80" in said and "81" in said
    assert labels() == ["Clean", "Noisy", "Ours <b>a</b>", "MSE + frequency"]
    svg = files(app)["svg"].decode()
    assert "Ours" in svg and "<b>" not in svg and not app.exception


def test_nothing_is_made_before_it_is_opened(variants):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "variants": METHODS})
    run_until_ready(app)
    assert preview(app) is None and not set(FILES) & set(downloads(app))


@pytest.mark.parametrize("role", ["noisy", "clean"])
def test_pictures_of_a_set_are_named_by_their_files(role, variants, tmp_path, monkeypatch):
    """A pair with a method's output; and outputs beside a clean picture that is degraded here."""
    random = np.random.default_rng(0)
    for folder in ("clean", "First") + ((role,) if role == "noisy" else ()):
        (tmp_path / folder).mkdir()
        pixels = random.integers(0, 256, (32, 48, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / folder / "a.png")
    monkeypatch.setenv(OPENED, Request((tmp_path,), None, None, {}).text)
    app = fresh_app()
    app.session_state["figure"] = True
    run_until_ready(app)
    recipe, content = made_again(app, tmp_path)
    assert recipe.picture.file == "clean/a.png"
    assert recipe.picture.noisy == ("noisy/a.png" if role == "noisy" else "")
    assert recipe.panels[-1].file == "First/a.png"
    assert (preview(app) == np.array(Image.open(io.BytesIO(png(drawing(content)))))).all()
