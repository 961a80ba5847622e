"""A saved comparison: what goes in comes out again, and nothing else does."""

import json
import math
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from core.report.arrays import as_array, report_of
from core.report.document import Cell, Line, Report, Table
from core.report.html import html_of, size_of, write_comparison
from core.report.inlined import import_map
from core.sets import open_set
from core.viewer import MODULES, Layer, Panel, encode_image, encode_layer
from tests.corpus import comparisons
from tests.corpus.case import Outcome

HOSTILE = "</script><script>alert('http://x')</script><!-- ]]> &amp; \u2028 \\u003c"


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)


class Tags(HTMLParser):
    """Each tag, and the text in each element."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append((self.tags[-1][0] if self.tags else "", data))


def held(page):
    """The document in a page, as any reader takes it."""
    texts = re.findall(r'id="losslens-comparison">(.*?)</script>', page, re.DOTALL)
    return json.loads(texts[0])


def test_pictures_come_out_as_they_went_in(tmp_path):
    pictures = {"clean": picture(0), "noisy": picture(1), "Zeta": picture(2), "alpha": picture(3)}
    path = tmp_path / "Brick wall.losslens.html"
    write_comparison(path, pictures, title="Brick wall", metrics=())
    found = open_set(path)
    assert found.name == "Brick wall" and found.methods == ("alpha", "Zeta")
    (one,) = found
    assert one.name == "Brick wall"
    np.testing.assert_array_equal(one.clean, pictures["clean"])
    np.testing.assert_array_equal(one.noisy, pictures["noisy"])
    for method in found.methods:
        np.testing.assert_array_equal(one.outputs[method], pictures[method])
    assert open_set(path).digest == found.digest


def test_another_comparison_of_the_same_names_is_another_set(tmp_path):
    digests = set()
    for seed in range(2):
        path = tmp_path / str(seed) / "a.losslens.html"
        path.parent.mkdir()
        write_comparison(path, {"ours": picture(seed)}, metrics=())
        digests.add(open_set(path).digest)
    assert len(digests) == 2


def test_equal_pictures_and_maps_are_held_once():
    layer = Layer("error", "Error", encode_layer(np.ones((24, 32))), 0, 2)
    panels = [Panel(key, key, encode_image(picture()), layers=(layer,)) for key in "abc"]
    document = held(html_of(Report("Three", panels)))
    assert sorted(one["kind"] for one in document["files"].values()) == [
        "application/octet-stream",
        "image/webp",
    ]
    for panel in document["viewer"]["panels"]:
        assert panel["image"]["url"] in document["files"]
        assert panel["layers"][0]["url"] in document["files"]


def hostile_report():
    panel = Panel(HOSTILE, HOSTILE, encode_image(picture()), caption=(HOSTILE,), note=HOSTILE)
    table = Table(HOSTILE, [HOSTILE], [HOSTILE], [Line(HOSTILE, [Cell(HOSTILE, 1.0)])], [HOSTILE])
    return Report(HOSTILE, [panel], HOSTILE, [table], (), {HOSTILE: HOSTILE}, HOSTILE)


def test_names_with_markup_stay_text():
    usual, hostile = html_of(Report("A", [Panel("a", "a", None)])), html_of(hostile_report())
    tags = [[tag for tag, _ in Tags(page).tags] for page in (usual, hostile)]
    assert tags[0] == tags[1]
    assert tags[0].count("script") == 3
    assert "".join(text for tag, text in Tags(hostile).texts if tag == "title").strip() == HOSTILE
    blocks = re.findall(r"<script [^>]*json[^>]*>(.*?)</script>", hostile, re.DOTALL)
    assert not set("<>&") & set("".join(blocks))
    document = held(hostile)
    assert document["viewer"]["panels"][0]["label"] == HOSTILE
    assert document["settings"] == {HOSTILE: HOSTILE}


def test_nothing_in_the_file_names_another_place():
    page = html_of(hostile_report())
    assert re.findall("http.{6}", page, re.IGNORECASE) == ["http-equiv"]
    spaces = {"http://www.w3.org/2000/svg"}  # the name of a language, which nobody asks for
    for text in modules().values():
        assert set(re.findall(r"""\w+://[^"'`\s$]+""", text)) <= spaces


def test_only_what_carries_the_number_of_the_content_may_run():
    pages = [html_of(Report(title, [])) for title in "ab"]
    numbers = []
    for page in pages:
        tags = Tags(page).tags
        (policy,) = (attrs["content"] for tag, attrs in tags if "http-equiv" in attrs)
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'" and "unsafe" not in policy
        (number,) = re.fullmatch(r"'nonce-([0-9a-f]{32})'", rules["script-src"]).groups()
        run = [attrs for tag, attrs in tags if tag == "script" and attrs["type"][-4:] != "json"]
        assert [attrs["nonce"] for attrs in run] == [number, number]
        numbers.append(number)
    assert numbers[0] != numbers[1]


def modules():
    """Name -> the text of each module in the page."""
    addresses = import_map()["imports"].items()
    return {name: b64decode(url.partition(",")[2]).decode() for name, url in addresses}


def test_every_module_and_all_that_it_imports_is_in_the_page():
    found = modules()
    assert {path.name for path in MODULES.glob("*.js")} < set(found)
    imported = [name for text in found.values() for name in re.findall(r'\bfrom "([^"]+)"', text)]
    assert len(imported) > 50 and set(imported) <= set(found)
    assert not [name for name, text in found.items() if "import.meta" in text]


def test_infinity_and_no_number_are_told_apart():
    cells = [Cell("∞", math.inf), Cell("—", math.nan), Cell("1.00", 1.0, best=True)]
    table = Table("Whole image", list("abc"), list("abc"), [Line("ours", cells)])
    settings = {"gain": -math.inf, "loss": math.nan, "seed": np.int64(3), "folder": Path("a/b")}
    document = held(html_of(Report("A", [], tables=[table], settings=settings)))
    (line,) = document["tables"][0]["lines"]
    assert [cell["value"] for cell in line["cells"]] == ["Infinity", None, 1.0]
    assert [cell["text"] for cell in line["cells"]] == ["∞", "—", "1.00"]
    assert document["settings"] == {"gain": "-Infinity", "loss": None, "seed": 3, "folder": "a/b"}


def test_numbers_are_measured_against_clean_and_the_best_output_is_marked():
    clean = np.full((32, 32, 3), 100, np.uint8)
    pictures = {"clean": clean, "noisy": clean, "a": clean + 10, "b": clean + 5}
    report = report_of(pictures, settings={}, metrics=("psnr", "mse"))
    (table,) = report.tables
    rows = {line.label: line.cells for line in table.lines}
    assert list(rows) == ["noisy", "a", "b"]
    assert rows["noisy"][0] == Cell("∞", math.inf)
    assert rows["b"][0].value == pytest.approx(20 * math.log10(255 / 5), abs=1e-4)
    assert [row[0].best for row in rows.values()] == [False, False, True]
    assert [panel.role for panel in report.panels] == ["clean", "measurement", "output", "output"]
    assert report.panels[1].caption == ("PSNR ∞ dB",)


def test_without_a_clean_picture_there_are_the_numbers_that_need_none():
    report = report_of({"a": picture()}, settings={}, metrics=("psnr", "blur"))
    (table,) = report.tables
    assert len(table.columns) == len(table.lines[0].cells) == 1
    (note,) = table.notes
    assert "PSNR needs a clean image" in note


def test_the_size_is_told_before_there_is_a_file():
    report = Report("A", [Panel("a", "a", encode_image(picture()))], "Two — ä", settings={"x": 1})
    assert size_of(report) == pytest.approx(len(html_of(report).encode()), abs=20)


def test_arrays_and_tensors_of_every_form_are_the_same_picture():
    import torch

    array = picture()
    tensor = torch.from_numpy(array.transpose(2, 0, 1).copy()).float() / 255
    forms = [array, array / 255.0, tensor, tensor[None], tensor.numpy(), tensor.double()]
    for form in forms:
        np.testing.assert_array_equal(as_array(form, "a"), array)
    grey = array[..., :1]
    for form in (grey, grey[..., 0], grey[..., 0] / 255.0, tensor[:1]):
        np.testing.assert_array_equal(as_array(form, "a"), np.repeat(grey, 3, axis=2))


def test_what_is_no_picture_is_refused_with_its_label():
    refused = {
        "shape": np.zeros((4, 4, 2)),
        "int64": np.zeros((4, 4, 3), int),
        "finite": np.full((4, 4, 3), np.nan),
        "255": np.full((4, 4, 3), 200.0),
        "0,": np.zeros((0, 4, 3)),
    }
    for said, value in refused.items():
        with pytest.raises(ValueError, match=f"'ours'.*{said}"):
            report_of({"ours": value}, settings={})
    grey = np.zeros((4, 4))
    for said, pictures in {
        "no picture": {},
        "empty label": {" ": grey},
        "Only one.*clean.*clean, Clean": {"clean": grey, "Clean": grey},
    }.items():
        with pytest.raises(ValueError, match=said):
            report_of(pictures, settings={})


@pytest.mark.parametrize("case", comparisons.CASES, ids=lambda case: case.name)
def test_files_by_strangers_have_their_outcomes(case, tmp_path):
    path = tmp_path / "page.losslens.html"
    path.write_bytes(case.make())
    if case.outcome is Outcome.SHOWN:
        assert list(open_set(path).methods) == case.expected
        return
    with pytest.raises(ValueError) as caught:
        open_set(path)
    said = str(caught.value)
    assert case.expected in said and "page.losslens.html" in said and said.isprintable()
