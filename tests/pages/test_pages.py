from __future__ import annotations

from pages.shared.navigation import DEFAULT
from tests.pages.conftest import fresh_app, run_until_ready


def test_every_page_runs(page, variants):
    app = fresh_app()
    app.run()
    if page is not DEFAULT:
        app.switch_page(str(page.path))
    run_until_ready(app)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == page.title
