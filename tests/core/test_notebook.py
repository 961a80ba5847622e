"""The viewer in a notebook: the page of a saved comparison, shut off from what is around it."""

from html.parser import HTMLParser

import numpy as np
import pytest

from core.notebook import compare
from core.report.arrays import report_of
from core.report.html import html_of

PICTURES = {
    "clean": np.zeros((16, 16, 3), np.uint8),
    "\"><script>alert('&amp;')</script>": np.ones((16, 16, 3), np.uint8),
}


def frames(html):
    """The elements of some HTML."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))
    parser.feed(html)
    return found


def test_what_is_shown_is_the_page_of_these_pictures_and_nothing_else():
    shown = compare(PICTURES, title="Two", metrics=("mse",), height=500)
    ((tag, given),) = frames(shown._repr_html_())
    assert tag == "iframe" and "height: 500px" in given["style"]
    assert given["srcdoc"] == html_of(
        report_of(PICTURES, title="Two", settings={}, metrics=["mse"])
    )


def test_the_page_cannot_reach_the_notebook_around_it():
    ((_, given),) = frames(compare(PICTURES, metrics=())._repr_html_())
    assert set(given["sandbox"].split()) == {"allow-scripts", "allow-downloads"}


def test_what_is_no_picture_is_refused_before_anything_is_shown():
    with pytest.raises(ValueError, match="'ours'.*shape"):
        compare({"ours": np.zeros((4, 4, 2))})
