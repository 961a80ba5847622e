"""The studies of what losses cannot see and of equal errors, without a browser."""

from __future__ import annotations

import json
import re
from math import nan

import pytest
from streamlit.testing.v1 import AppTest

from core.imaging.gallery import GALLERY
from core.imaging.images import Region, crop, to_tensor
from core.lessons.blind_spots import BLIND, CHANGES, blind_spots, loss_crop, losses_of
from core.lessons.equal_mse import DISTORTIONS, equal_mse, metrics_of
from core.losses import LOSSES
from core.metrics import METRICS
from pages.shared.cells import Cell, loss_cell, ranked, scaled
from pages.shared.navigation import PAGES
from tests.pages.conftest import PATIENCE, components, fresh_app, run_until_ready, text_of

PICTURE = "concrete-pores"
PAGE = next(str(spec.path) for spec in PAGES if spec.folder == "artifacts")
REGION = Region(8, 16, 85, 80)


def blind_spots_page() -> None:
    from pages.artifacts.blind_spots import blind_spots_view
    from pages.shared.workbench import draw_workbench, workbench

    draw_workbench()
    blind_spots_view(workbench())


def equal_mse_page() -> None:
    from pages.artifacts.equal_mse import equal_mse_view
    from pages.shared.workbench import draw_notes, draw_workbench, workbench

    draw_workbench()
    equal_mse_view(workbench())
    draw_notes()


def opened(page, **address: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    app.query_params.update({"image": PICTURE, "region": REGION.text} | address)
    return run_until_ready(app)


def panels(app: AppTest) -> list[dict]:
    (component,) = components(app)
    return json.loads(component.json)["panels"]


def tables(app: AppTest) -> list[dict[str, list[str]]]:
    """Label -> texts of the cells, for every table."""
    found = []
    for element in app.get("html"):
        rows = re.findall(r"<tr><th scope=row>(.*?)</tr>", element.proto.body)
        heads = [re.split(r"<td[^>]*>", row) for row in rows]
        found.append({re.split(r"<", head)[0]: cells for head, *cells in heads})
    return [table for table in found if table]


def clean_region():
    return crop(to_tensor(GALLERY[PICTURE]()), REGION)


# Blind spots --------------------------------------------------------------------------------


@pytest.fixture
def blind(variants):
    return opened(blind_spots_page)


def test_the_table_says_which_loss_sees_which_change(blind):
    (table,) = tables(blind)
    values = blind_spots(loss_crop(clean_region()))
    assert list(table) == [spec.label for spec in LOSSES.values()]
    for key, cells in zip(LOSSES, table.values(), strict=True):
        row = [values[change][key] for change in CHANGES]
        assert cells == ["0 · blind" if value <= BLIND else scaled(value) for value in row]
    negative, blurred = (CHANGES.keys().index(key) for key in ("invert", "blur"))
    assert table["regional sharpness"][negative] == "0 · blind"
    assert table["regional sharpness"][blurred] != "0 · blind"


def test_every_change_is_a_picture_with_what_sees_nothing_of_it(blind):
    shown = {panel["key"]: panel for panel in panels(blind)}
    assert list(shown) == ["clean", *CHANGES]
    assert shown["clean"]["role"] == "clean"
    assert {(p["image"]["width"], p["image"]["height"]) for p in shown.values()} == {(80, 80)}
    assert shown["mirror"]["caption"] == ["regional sharpness: blind"]
    assert shown["shift"]["caption"] == [
        "frequency: blind",
        "radial frequency: blind",
    ]
    assert shown["brighter"]["caption"] == [
        "regional sharpness: blind",
        "Fourier high-pass: blind",
        "wavelet: blind",
    ]
    assert shown["blur"]["caption"] == ["every loss sees it"]
    assert "80 × 80 pixels" in text_of(blind)
    assert not blind.exception


def test_a_region_too_small_for_the_windows_is_told(variants):
    app = opened(blind_spots_page, region="0,0,40,15")
    assert "sides of at least 16 pixels; this picture is 40 x 15" in text_of(app)
    assert not app.exception


@pytest.mark.parametrize("page", [blind_spots_page, equal_mse_page])
def test_without_a_clean_picture_there_is_one_sentence(page, variants):
    app = opened(page, noise="none")
    assert not components(app) and not tables(app)
    assert "came degraded" in text_of(app)
    assert not app.exception


# Equal MSE ----------------------------------------------------------------------------------


@pytest.fixture
def equal(variants):
    return opened(equal_mse_page, equal_psnr="28")


def test_every_distortion_shows_its_numbers(equal):
    losses, metrics = tables(equal)
    found = [equal_mse(key, clean_region(), 10**-2.8) for key in DISTORTIONS]
    specs = DISTORTIONS.values()
    strengths = [spec.format(d.strength) for spec, d in zip(specs, found, strict=True)]
    assert losses["Strength"] == strengths
    measured = [metrics_of(distorted.image, clean_region()) for distorted in found]
    here = [spec for spec in METRICS.values() if not spec.absent()]
    comparing = [spec for spec in here if not spec.needs_measurement]
    for spec, cells in zip(comparing, metrics.values(), strict=True):
        numbers = [cell.split(" · ")[0] for cell in cells]
        assert numbers == [spec.number(values[spec.key]) for values in measured]
    valued = [losses_of(distorted.image, clean_region()) for distorted in found]
    for spec, cells in zip(LOSSES.values(), list(losses.values())[2:], strict=True):
        expected = [loss_cell(values[spec.key]).text for values in valued]
        assert [cell.split(" · ")[0] for cell in cells] == expected
    assert losses["regional sharpness"][DISTORTIONS.keys().index("brightness")] == "0 · blind"


def test_what_was_made_equal_is_not_ranked_and_the_rest_is(equal):
    losses, metrics = tables(equal)
    for row in (*list(metrics.values())[:2], *list(losses.values())[:3]):
        assert not any(" · " in cell for cell in row)
    ssim = next(cells for label, cells in metrics.items() if label.startswith("SSIM"))
    values = [float(cell.split(" · ")[0]) for cell in ssim]
    assert ssim[values.index(max(values))].endswith(" · best")
    assert ssim[values.index(min(values))].endswith(" · worst")
    assert sum("highest" in cell for cell in losses["L1"]) >= 1


def test_the_slider_moves_all(equal):
    before = tables(equal)[0]["Strength"]
    equal.slider(key="equal_psnr").set_value(34).run()
    run_until_ready(equal)
    after = tables(equal)[0]["Strength"]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert "MSE 0.00040" in text_of(equal)
    assert [panel["key"] for panel in panels(equal)] == ["clean", *DISTORTIONS]


def test_a_distortion_out_of_reach_says_why_and_leaves_the_others(variants):
    app = opened(equal_mse_page, image="rocket", region="0,0,32,32", equal_psnr="20")
    assert "Blur cannot reach an MSE of 0.01000 on this picture" in text_of(app)
    assert "blur" not in [panel["key"] for panel in panels(app)]
    assert len(tables(app)[0]["Strength"]) == len(panels(app)) - 1 > 0
    assert not app.exception


def test_an_impossible_psnr_in_the_address_is_told(variants):
    app = opened(equal_mse_page, equal_psnr="99")
    assert "must be a whole number from 20 to 40" in text_of(app)
    assert not app.exception


# On the page --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "keys"), [("blind-spots", CHANGES.keys()), ("equal-mse", DISTORTIONS.keys())]
)
def test_the_artifacts_page_has_both_studies(study, keys, variants):
    app = fresh_app()
    app.query_params.update({"image": PICTURE, "region": REGION.text, "study": study})
    app.run()
    app.switch_page(PAGE)
    run_until_ready(app)
    assert [panel["key"] for panel in panels(app)] == ["clean", *keys]
    assert tables(app) and not app.exception


# Cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.7e-5, "0.0170"),
        (0.0512, "51.2"),
        (0.15, "150"),
        (0.9996, "1000"),
        (1.08e-6, "0.00108"),
        (4.7e-5, "0.0470"),
    ],
)
def test_a_loss_reads_as_a_number_without_powers(value, text):
    assert scaled(value) == text


def test_a_loss_is_blind_up_to_the_limit():
    assert loss_cell(BLIND) == Cell("0", "blind", marked=True)
    assert loss_cell(1.01 * BLIND) == Cell("0.00101")


def test_extremes_are_named_and_all_that_read_alike():
    cells = [Cell("2"), Cell("1"), Cell("1"), Cell("—"), Cell("3")]
    named = ranked(cells, [-2, -1.1, -1.0, nan, -3])
    assert [cell.word for cell in named] == ["", "best", "best", "", "worst"]
    assert [cell.marked for cell in named] == [False, True, True, False, False]


def test_nothing_is_named_where_all_read_alike_and_a_word_stays():
    assert ranked([Cell("1"), Cell("1")], [0.1, 0.2]) == [Cell("1"), Cell("1")]
    assert ranked([loss_cell(0), Cell("1")], [0, -1])[0] == loss_cell(0)
