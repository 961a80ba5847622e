"""A saved comparison: what goes in comes out again, and nothing else does."""

import json
import math
import re
import zlib
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch

from core.imaging.images import to_tensor
from core.imaging.radial import radial_curves
from core.report import example
from core.report.arrays import as_array, report_of, shown_of
from core.report.document import (
    Cell,
    Chart,
    Curve,
    Line,
    Report,
    Resumed,
    Shown,
    Sight,
    Story,
    Table,
)
from core.report.html import html_of, size_of, write_comparison, write_set
from core.report.packing import ABOVE, BELOW, NOTHING, PackedMap, pack
from core.sets import open_set
from core.viewer import MODULES, Layer, Panel, Pin, encode_image, encode_layer
from core.viewer.spectra import spectrum_of
from tests.corpus import comparisons
from tests.corpus.case import Outcome

HOSTILE = "</script><script>alert('http://x')</script><!-- ]]> &amp; \u2028 \\u003c"


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (24, 32, 3), dtype=np.uint8)


def one(panels, **said):
    """A report of one picture."""
    return Report("A", [Shown("A", panels, **said)])


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
    assert found.name == "Brick wall" and found.methods == ("Zeta", "alpha")
    (one,) = found
    assert one.name == "Brick wall"
    np.testing.assert_array_equal(one.clean, pictures["clean"])
    np.testing.assert_array_equal(one.noisy, pictures["noisy"])
    for method in found.methods:
        np.testing.assert_array_equal(one.outputs[method], pictures[method])
    assert open_set(path).digest == found.digest


def test_several_pictures_of_a_set_come_out_as_they_went_in_with_what_was_chosen(tmp_path):
    pictures = {
        name: {"clean": picture(i), "ours": picture(i + 5)} for i, name in enumerate("bac")
    }
    shown = [shown_of(one, title=name, metrics=()) for name, one in pictures.items()]
    shown[2] = replace(shown[2], pins=[Pin(3, 4, "a grid"), Pin(5, 6)])
    resumed = Resumed("compare~1~2~4", "1,2,8,8", (0, 0), "skimage", "gaussian_noise(sigma=0.1)")
    path = tmp_path / "set.losslens.html"
    path.write_text(html_of(Report("Set", shown, resumed=resumed, first=2)), "utf8")
    found = open_set(path)
    assert [one.name for one in found] == ["a", "b", "c"]
    for one in found:
        np.testing.assert_array_equal(one.clean, pictures[one.name]["clean"])
        np.testing.assert_array_equal(one.outputs["ours"], pictures[one.name]["ours"])
    reopened = found.reopened
    assert (reopened.resumed, reopened.first) == (resumed, "c")
    assert reopened.roles == {"clean": "clean", "ours": "ours"}
    assert reopened.pins == {"a": (), "b": (), "c": (Pin(3, 4, "a grid"), Pin(5, 6))}
    assert found.paired_by_hand({}).reopened is reopened
    # Beside other files it is no comparison that was saved any more.
    assert open_set([path], clean=tmp_path / "set.losslens.html").reopened is None


def unpacked(one: PackedMap) -> np.ndarray:
    """A packed map as the page reads it."""
    rows = one.height // 2 + 1 if one.mirrored else one.height
    planes = np.frombuffer(zlib.decompress(one.data), np.uint8).reshape(2, -1)
    words = planes.T.copy().view("<i2").reshape(rows, one.width).astype(int)
    values = np.where(words == NOTHING, np.nan, words * one.step)
    return np.where(words == BELOW, -np.inf, np.where(words == ABOVE, np.inf, values))


def test_a_map_is_held_to_half_a_step_and_says_what_is_no_number():
    values = np.random.default_rng(0).normal(size=(5, 7)) * 30
    values[0, :4] = np.nan, np.inf, -np.inf, 0
    one = pack(encode_layer(values), 0.1)
    found = unpacked(one)
    assert not one.mirrored and found.shape == (5, 7)
    np.testing.assert_array_equal(found[0, :4], values[0, :4])
    np.testing.assert_allclose(found[1:], values[1:], atol=0.0501)


@pytest.mark.parametrize("size", [(24, 32), (17, 21), (16, 21)])
def test_of_a_spectrum_half_is_held(size):
    image = torch.rand(3, *size, generator=torch.Generator().manual_seed(0))
    levels = spectrum_of(image).levels
    one = pack(levels, 0.1)
    assert one.mirrored
    whole = np.frombuffer(levels.data, "<f4").reshape(size)
    rows = size[0] // 2 + 1
    np.testing.assert_allclose(unpacked(one), whole[:rows], atol=0.0501)


def test_spectra_and_curves_are_those_of_core(tmp_path):
    clean, ours = picture(0), picture(1)
    shown = shown_of({"clean": clean, "ours": ours}, metrics=(), spectra=True, curves=True)
    (sight,), (chart,) = shown.sights, shown.charts
    assert [panel.label for panel in sight.panels] == ["clean", "ours"]
    assert [len(panel.layers) for panel in sight.panels] == [1, 2]
    assert sight.told["axes"] == "frequency"
    wanted = radial_curves(to_tensor(ours), to_tensor(clean))
    rows = {title: {curve.label: curve for curve in row} for title, row in chart.rows.items()}
    assert [list(row) for row in rows.values()] == [["clean", "ours"], ["ours"], ["ours"]]
    values_of = wanted.power, wanted.gain, wanted.correlation
    for row, values in zip(rows.values(), values_of, strict=True):
        np.testing.assert_allclose(row["ours"].values, values, rtol=1e-4)
    small = {"clean": clean[:8], "ours": ours[:8]}
    for kind in ("spectra", "curves"):
        with pytest.raises(ValueError, match="32 x 8.*16"):
            shown_of(small, metrics=(), **{kind: True})


def test_a_set_is_written_from_a_script(tmp_path):
    path = tmp_path / "set.losslens.html"
    write_set(path, {"x": {"ours": picture()}, "y": {"ours": picture(1)}}, title="Two")
    document = held(path.read_text("utf8"))
    assert (document["title"], [one["title"] for one in document["pictures"]]) == (
        "Two",
        ["x", "y"],
    )
    with pytest.raises(ValueError, match="no picture"):
        write_set(path, {})


def test_the_example_in_docs_is_small_and_opens():
    assert example.FILE.stat().st_size < 400_000
    (one,) = open_set(example.FILE)
    assert one.clean.shape == one.noisy.shape == (example.SIDE, example.SIDE, 3)
    assert len(one.outputs) == len(example.VARIANTS)


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
    document = held(html_of(Report("Three", [Shown("Three", panels)])))
    assert sorted(one["kind"] for one in document["files"].values()) == [
        "application/octet-stream",
        "image/webp",
    ]
    for panel in document["pictures"][0]["viewer"]["panels"]:
        assert panel["image"]["url"] in document["files"]
        assert panel["layers"][0]["url"] in document["files"]


def hostile_report():
    panel = Panel(HOSTILE, HOSTILE, encode_image(picture()), caption=(HOSTILE,), note=HOSTILE)
    sight = Sight(HOSTILE, HOSTILE, [panel])
    curve = Curve(HOSTILE, [1.0], HOSTILE, HOSTILE)
    chart = Chart(HOSTILE, HOSTILE, HOSTILE, [1.0], {HOSTILE: 1.0}, {HOSTILE: [curve]})
    table = Table(HOSTILE, [HOSTILE], [HOSTILE], [Line(HOSTILE, [Cell(HOSTILE, 1.0)])], [HOSTILE])
    shown = Shown(
        HOSTILE, [panel], HOSTILE, None, [Pin(1, 2, HOSTILE)], [table], [sight], [chart],
        {HOSTILE: HOSTILE},
    )  # fmt: skip
    resumed = Resumed(*[HOSTILE] * 2, (0, 0), *[HOSTILE] * 2)
    card = Story(HOSTILE, HOSTILE, {HOSTILE: HOSTILE})
    return Report(HOSTILE, [shown], [card], resumed, 0, HOSTILE)


def test_names_with_markup_stay_text():
    usual, hostile = html_of(one([Panel("a", "a", None)])), html_of(hostile_report())
    tags = [[tag for tag, _ in Tags(page).tags] for page in (usual, hostile)]
    assert tags[0] == tags[1]
    assert tags[0].count("script") == 3
    assert "".join(text for tag, text in Tags(hostile).texts if tag == "title").strip() == HOSTILE
    blocks = re.findall(r"<script [^>]*json[^>]*>(.*?)</script>", hostile, re.DOTALL)
    assert not set("<>&") & set("".join(blocks))
    document = held(hostile)
    (shown,) = document["pictures"]
    assert shown["viewer"]["panels"][0]["label"] == HOSTILE
    assert shown["settings"] == {HOSTILE: HOSTILE}


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
        run = [
            attrs
            for tag, attrs in tags
            if tag == "script" and attrs.get("type", "")[-4:] != "json"
        ]
        assert [attrs["nonce"] for attrs in run] == [number]
        numbers.append(number)
    assert numbers[0] != numbers[1]


def modules():
    """Name -> the text of each module in the page."""
    texts = re.findall(r'id="losslens-modules">(.*?)</script>', html_of(one([])))
    return json.loads(zlib.decompress(b64decode(json.loads(texts[0]))))


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
    (shown,) = held(html_of(one([], tables=[table], settings=settings)))["pictures"]
    (line,) = shown["tables"][0]["lines"]
    assert [cell["value"] for cell in line["cells"]] == ["Infinity", None, 1.0]
    assert [cell["text"] for cell in line["cells"]] == ["∞", "—", "1.00"]
    assert shown["settings"] == {"gain": "-Infinity", "loss": None, "seed": 3, "folder": "a/b"}


def test_numbers_are_measured_against_clean_and_the_best_output_is_marked():
    clean = np.full((32, 32, 3), 100, np.uint8)
    pictures = {"clean": clean, "noisy": clean, "a": clean + 10, "b": clean + 5}
    (shown,) = report_of(pictures, metrics=("psnr", "mse")).pictures
    (table,) = shown.tables
    rows = {line.label: line.cells for line in table.lines}
    assert list(rows) == ["noisy", "a", "b"]
    assert rows["noisy"][0] == Cell("∞", math.inf)
    assert rows["b"][0].value == pytest.approx(20 * math.log10(255 / 5), abs=1e-4)
    assert [row[0].best for row in rows.values()] == [False, False, True]
    assert [panel.role for panel in shown.panels] == ["clean", "measurement", "output", "output"]
    assert shown.panels[1].caption == ("PSNR ∞ dB",)


def test_without_a_clean_picture_there_are_the_numbers_that_need_none():
    (shown,) = report_of({"a": picture()}, metrics=("psnr", "blur")).pictures
    (table,) = shown.tables
    assert len(table.columns) == len(table.lines[0].cells) == 1
    (note,) = table.notes
    assert "PSNR needs a clean image" in note


def test_the_size_is_told_before_there_is_a_file():
    panels = [Panel("a", "a", encode_image(picture()))]
    report = one(panels, sentence="Two — ä", settings={"x": 1})
    assert size_of(report) == pytest.approx(len(html_of(report).encode()), abs=20)


def test_arrays_and_tensors_of_every_form_are_the_same_picture():
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
            report_of({"ours": value})
    grey = np.zeros((4, 4))
    for said, pictures in {
        "no picture": {},
        "empty label": {" ": grey},
        "Only one.*clean.*clean, Clean": {"clean": grey, "Clean": grey},
    }.items():
        with pytest.raises(ValueError, match=said):
            report_of(pictures)


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
