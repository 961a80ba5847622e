"""The viewer in a notebook: the page of a saved comparison, shut off from what is around it."""

from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from core.base.paths import ROOT
from core.imaging.images import decode, to_uint8
from core.notebook import compare
from core.report.arrays import report_of
from core.report.html import html_of
from core.report.reading import read_comparison

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


ARRAYS = """
import numpy as np
from core.notebook import compare
arrays = np.random.default_rng(0).integers(0, 256, (2, 24, 32, 3), dtype=np.uint8)
compare({"clean": arrays[0], "ours": arrays[1]}, metrics=())
"""
TENSORS = """
import torch
tensors = torch.rand(2, 3, 24, 32, generator=torch.Generator().manual_seed(0))
compare({"clean": tensors[0], "ours": tensors[1].requires_grad_()}, metrics=())
"""


def test_a_real_kernel_shows_arrays_and_tensors_pixel_for_pixel(tmp_path, monkeypatch):
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    cells = [nbformat.v4.new_code_cell(source) for source in (ARRAYS, TENSORS)]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, kernel_name="python3", timeout=120).execute(cwd=str(ROOT))
    tensors = torch.rand(2, 3, 24, 32, generator=torch.Generator().manual_seed(0))
    wanted = [
        np.random.default_rng(0).integers(0, 256, (2, 24, 32, 3), dtype=np.uint8),
        [to_uint8(one) for one in tensors],
    ]
    for cell, pixels in zip(book.cells, wanted, strict=True):
        (output,) = cell.outputs
        ((tag, given),) = frames(output.data["text/html"])
        assert tag == "iframe"
        page = tmp_path / "shown.html"
        page.write_text(given["srcdoc"], "utf8")
        (picture,) = read_comparison(page).pictures
        shown = picture.panels
        assert [one.label for one in shown] == ["clean", "ours"]
        np.testing.assert_array_equal([decode(one.data) for one in shown], pixels)
