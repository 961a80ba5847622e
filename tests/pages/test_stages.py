"""Every view at every stage: at first nothing is there, then one thing after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.navigation import PAGES
from pages.shared.news import WATCH
from tests.pages.conftest import at_page, text_of

VIEWS = ("board", "entries", "show", "sight", "step", "study")
"""Keys of the controls that choose a page's view."""
HERE = {
    "image": "plaster-cracks",
    "variants": ["unet", "hybrid_vit_unet"],
    "cast": "own",
    **dict.fromkeys(("tour_mse", "tour_sharp", "tour_resize", "tour_fourier"), "unet"),
}
REGION, GIVEN = {"region": "16,16,48,48"}, {"noise": "none"}
LOOKS = [(spec, REGION) for spec in PAGES] + [(spec, GIVEN) for spec in PAGES if spec.on_picture]


def in_each_view(app: AppTest) -> Iterator[str]:
    """The page as it opens, then with each other view chosen; their names."""
    app.run()
    yield "first"
    for control in [one for one in app.segmented_control if one.key in VIEWS]:
        for option in control.options[1:]:
            app.segmented_control(key=control.key).set_value(option).run()
            yield option


@pytest.mark.parametrize(
    ("spec", "also"), LOOKS, ids=[f"{spec.folder}-{''.join(also)}" for spec, also in LOOKS]
)
def test_a_view_is_drawn_whatever_is_there(every, pieces, spec, also):
    app = at_page(spec.folder, HERE | also)
    for view in in_each_view(app):
        fine(app, view)
        while pieces:
            pieces.popleft()()
            fine(app.run(), view)


def fine(app: AppTest, view: str) -> None:
    """Nothing failed, and who reads that something is being computed will be told of it."""
    assert not app.exception and not app.error, view
    watches = [one.proto.component_name == WATCH.name for one in app.get("bidi_component")]
    assert any(watches) or "computing" not in text_of(app), view
