"""The tour without a browser: each step's panels and sentence, on the person's own networks."""

import json

import pytest

from core.lessons.tour.steps import STEPS
from tests.pages.conftest import components, on_page, run_until_ready, text_of

ROLES = {"mse": "unet-mse", "sharp": "unet-regional-sharpness", "resize": "unet-frequency",
         "fourier": "unet-frequency"}  # fmt: skip
OWN = {"cast": "own", **{f"tour_{role}": name for role, name in ROLES.items()}}
PANELS = {
    "noise": ["clean", "noisy"],
    "blur": ["clean", "noisy", "mse"],
    "sharpness": ["clean", "mse", "sharp"],
    "architecture": ["sharp", "resize", "grey-sharp", "grey-resize"],
    "spectrum": ["clean", "sharp", "resize"],
    "fourier": ["clean", "sharp", "fourier", "scattered"],
    "attention": ["mse", "map-0", "map-1", "map-2"],
}


def viewer(app):
    (data,) = [json.loads(one.json) for one in components(app)]
    return data


def opened(**address):
    return on_page("tour", {"image": "concrete-pores", **OWN, **address})


@pytest.fixture
def app(variants):
    app = opened()
    yield app


def test_each_step_is_drawn_and_next_leads_to_it(app):
    """One visit goes through all: Back and Next by their buttons."""
    for place, step in enumerate(STEPS.values()):
        if place:
            app.button(key="tour_next").click()
            run_until_ready(app)
        assert not app.exception and not app.error
        data = viewer(app)
        assert [panel["key"] for panel in data["panels"]] == PANELS[step.key]
        drawn = [panel["image"] or panel["layers"] for panel in data["panels"]]
        assert all(drawn)
        assert step.title in [one.value for one in app.subheader]
        assert app.button(key="tour_back").disabled == (place == 0)
    assert app.button(key="tour_next").disabled


def test_the_viewer_goes_to_each_place_once(app):
    first = viewer(app)["goto"]
    assert (first["zoom"], first["gain"]) == (STEPS["noise"].zoom, STEPS["noise"].gain)
    app.run()
    assert viewer(app)["goto"]["serial"] == first["serial"]
    app.button(key="tour_next").click()
    run_until_ready(app)
    assert viewer(app)["goto"]["serial"] != first["serial"]


def test_a_step_opens_its_page_with_its_networks(app):
    app.button(key="tour_next").click()
    run_until_ready(app)
    app.button(key="tour_open").click()
    run_until_ready(app)
    assert not app.exception
    assert app.session_state["variants"] == ["unet-mse"]


def test_a_step_without_networks_opens_its_page_with_those_that_are_chosen(app):
    chosen = app.session_state["variants"]
    app.button(key="tour_open").click()
    run_until_ready(app)
    assert not app.exception
    assert app.session_state["variants"] == chosen


def test_networks_that_are_not_here_are_named(variants):
    app = opened(cast="hybrid", step="blur")
    assert "Without an output of MSE" in text_of(app)
    assert not app.exception


def test_without_a_clean_picture_it_says_what_it_needs(variants):
    app = opened(noise="none")
    assert not components(app)
    assert app.info and not app.exception


def test_one_network_may_play_every_role(variants):
    for step in ("sharpness", "architecture", "fourier"):
        app = opened(step=step, **{f"tour_{role}": "unet-mse" for role in ROLES})
        assert not app.exception and len(viewer(app)["panels"]) == len(PANELS[step])
