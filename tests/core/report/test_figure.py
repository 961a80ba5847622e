"""The figure of a paper: its pixels, its text in every kind of file, its table, its recipe."""

from __future__ import annotations

import base64
import io
import math
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from core.base.quantity import Quantity
from core.degradations import parse_degradation
from core.imaging.gallery import GALLERY
from core.imaging.images import Region, digest, encode_png, to_tensor, to_uint8
from core.metrics import METRICS, PROTOCOLS
from core.report.figure import (
    FORMATS,
    PRESETS,
    FigureContent,
    FigurePanel,
    PanelRecipe,
    PictureRecipe,
    Recipe,
    content_of,
    drawing,
    latex,
    pdf,
    png,
    read_recipe,
    svg,
)
from core.report.figure.__main__ import main
from core.report.figure.files import raster
from core.report.figure.marks import BEST, SECOND, marks
from core.report.figure.raster import COLOURS, resized
from tests.corpus.figure_recipes import CASES, RECIPE

HOSTILE = "<b>&$x_1$ \\input{a}"
REGIONS = (Region(3, 5, 12, 8), Region(20, 4, 12, 8), Region(30, 20, 9, 9))
SHOWN = {"psnr": (20.0, 30.004, 30.001, 29.0), "ssim": (0.5, 0.7, 0.8, math.nan)}
LABELS = ("Noisy", "MSE", "ours", HOSTILE)


@cache
def picture(place: int) -> np.ndarray:
    return np.random.default_rng(place).integers(0, 256, (40, 56, 3), np.uint8)


def content(
    panels: int = 5, regions: int = 2, preset: str = "one_column", **values: tuple[float, ...]
) -> FigureContent:
    """The clean picture, the noisy one, and outputs."""
    table = values or SHOWN
    rows = [{key: of[place] for key, of in table.items()} for place in range(len(LABELS))]
    made = [
        FigurePanel(label, picture(place), row, competes=place > 1)
        for place, (label, row) in enumerate(zip(LABELS, rows, strict=True), start=1)
    ]
    every = [FigurePanel("Clean", picture(0), competes=False), *made]
    metrics = [METRICS[key] for key in table]
    return FigureContent(every[:panels], REGIONS[:regions], metrics, PRESETS[preset])


def composed(of: FigureContent) -> np.ndarray:
    """The same figure's pictures on white, put together once more."""
    drawn = drawing(of)
    canvas = np.full((drawn.height, drawn.width, 3), 255, np.uint8)
    line, factors = of.preset.line, re.findall(r"(\d+) × \1", drawn.scale.partition(";")[2])
    expected = []
    for panel in of.panels:
        for region, colour, by in zip(of.regions, COLOURS, map(int, factors), strict=False):
            part = panel.pixels[region.y :, region.x :][: region.height, : region.width]
            large = np.kron(part, np.ones((by, by, 1), np.uint8))
            around = ((line, line), (line, line))
            frame = [np.pad(large[..., c], around, constant_values=colour[c]) for c in range(3)]
            expected.append(np.dstack(frame))
    for placed, pixels in zip(drawn.pictures, expected, strict=False):
        assert placed.pixels.shape == pixels.shape
        rows = slice(placed.y, placed.y + pixels.shape[0])
        canvas[rows, placed.x : placed.x + pixels.shape[1]] = pixels
    return canvas


# Pixels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("regions", [1, 3])
def test_the_png_is_its_regions_magnified_by_whole_factors_pixel_for_pixel(regions):
    of = content(regions=regions)
    drawn = drawing(of)
    file = Image.open(io.BytesIO(png(drawn)))
    assert file.size == (PRESETS["one_column"].width, drawn.height)
    assert file.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    pixels, expected = np.array(file), composed(of)
    *crops, whole = drawn.pictures
    assert len(crops) == 5 * regions
    for one in crops:
        place = np.s_[one.y :, one.x :]
        height, width = one.pixels.shape[:2]
        assert (pixels[place][:height, :width] == expected[place][:height, :width]).all()
    inside = pixels[whole.y :, whole.x :][: whole.pixels.shape[0], : whole.pixels.shape[1]]
    assert (inside == whole.pixels).all()


def test_nothing_overlaps_and_all_is_inside():
    wordy = [PROTOCOLS["basicsr_y"].apply(METRICS[key]) for key in SHOWN]
    for panels, regions in ((1, 0), (1, 3), (3, 1), (5, 0), (5, 3)):
        drawn = drawing(replace(content(panels, regions), metrics=wordy))
        taken = np.zeros((drawn.height, drawn.width), int)
        for one in drawn.pictures:
            height, width = one.pixels.shape[:2]
            assert min(one.x, one.y) >= 0
            assert (one.x + width <= drawn.width) and (one.y + height <= drawn.height)
            taken[one.y : one.y + height, one.x : one.x + width] += 1
        assert taken.max() == 1
        # Text stands on white, and none of it leaves the figure.
        ink = (raster(replace(drawn, pictures=())) < 255).any(axis=2)
        assert ink.any() and not (ink & (taken > 0)).any()
        assert not ink[-1].any() and not ink[:, [0, -1]].any()


def test_a_whole_picture_is_resized_to_the_means_of_what_each_pixel_covers():
    grey = np.array([[0, 10, 20, 30, 40, 50]], np.uint8).repeat(2, 0)[..., None].repeat(3, 2)
    assert resized(grey, 3, 1)[0, :, 0].tolist() == [5, 25, 45]
    assert resized(grey, 2, 2)[0, :, 0].tolist() == [10, 40]
    # 4 from 6: each covers one and a half.
    assert resized(grey, 4, 2)[0, :, 0].tolist() == [3, 17, 33, 47]
    assert (resized(grey, 18, 6) == grey.repeat(3, 0).repeat(3, 1)).all()
    assert (resized(grey, 6, 2) == grey).all()


def test_boxes_are_drawn_around_the_regions_of_the_whole_picture():
    flat = replace(content(1, 1), panels=[FigurePanel("a", np.zeros((40, 56, 3), np.uint8))])
    whole = drawing(flat).pictures[-1].pixels
    red = (whole == COLOURS[0]).all(axis=2)
    scale = whole.shape[1] / 56
    rows, columns = np.nonzero(red)
    line, region = flat.preset.line, REGIONS[0]
    assert columns.min() == round(region.x * scale) - line
    assert columns.max() == round((region.x + region.width) * scale) + line - 1
    inner = red[rows.min() + line : rows.max() - line + 1, columns.min() + line :]
    assert not inner[:, : columns.max() - columns.min() - 2 * line].any()


def test_a_region_that_no_factor_fits_is_refused_with_numbers():
    wide = np.zeros((64, 2000, 3), np.uint8)
    of = FigureContent(
        [FigurePanel("a", wide)], [Region(0, 0, 1200, 64)], [], PRESETS["one_column"]
    )
    with pytest.raises(ValueError, match="1200.*975"):
        drawing(of)


def test_what_no_figure_can_show_is_refused():
    with pytest.raises(ValueError, match="1 to 24 panels.*0"):
        replace(content(), panels=[])
    with pytest.raises(ValueError, match="0 to 3 regions.*4"):
        replace(content(), regions=REGIONS[:1] * 4)
    with pytest.raises(ValueError, match="outside"):
        replace(content(), regions=[Region(50, 0, 10, 4)])
    odd = [*content().panels, FigurePanel("odd", picture(0)[:20])]
    with pytest.raises(ValueError, match="“odd” is 56 × 20"):
        replace(content(), panels=odd)


# Marks -------------------------------------------------------------------------------------------


def quantity(direction: str, decimals: int = 1) -> Quantity:
    return Quantity("q", "Q", "", direction, decimals, "")


@pytest.mark.parametrize(
    ("direction", "values", "expected"),
    [
        ("higher", (1.0, 3.0, 2.0), {1: BEST, 2: SECOND}),
        ("lower", (1.0, 3.0, 2.0), {0: BEST, 2: SECOND}),
        ("zero", (-0.5, 0.2, 3.0), {1: BEST, 0: SECOND}),
        ("zero", (-0.21, 0.24, 3.0), {0: BEST, 1: BEST, 2: SECOND}),
        ("none", (1.0, 3.0, 2.0), {}),
        ("higher", (3.04, 2.96, 2.9), {0: BEST, 1: BEST, 2: SECOND}),
        ("higher", (3.0, 2.04, 1.96), {0: BEST, 1: SECOND, 2: SECOND}),
        ("higher", (3.04, 2.96, math.nan), {}),
        ("higher", (math.inf, 2.0, math.nan), {0: BEST, 1: SECOND}),
        ("higher", (math.inf, math.inf, 2.0), {0: BEST, 1: BEST, 2: SECOND}),
    ],
)
def test_best_and_second_are_those_of_the_digits_shown(direction, values, expected):
    assert marks(quantity(direction), dict(enumerate(values))) == expected


def test_only_outputs_compete():
    best = content(psnr=(99.0, 1.0, 2.0, 3.0)).marks(METRICS["psnr"])
    assert best == {4: BEST, 3: SECOND}


# Text --------------------------------------------------------------------------------------------

TEXTS = ["Clean", "Noisy", "30.00", "0.8000", "PSNR (dB)\N{NO-BREAK SPACE}↑"]


def test_the_text_of_an_svg_is_text_and_its_pictures_are_the_pixels():
    drawn = drawing(content())
    root = ElementTree.fromstring(svg(drawn))
    space = {"s": "http://www.w3.org/2000/svg"}
    lines = ["".join(one.itertext()) for one in root.iterfind(".//s:text", space)]
    assert all(any(text in line for line in lines) for text in TEXTS)
    assert any(HOSTILE.split()[0] in line for line in lines)
    assert any("∞" in line for line in svg_lines(content(psnr=(math.inf, 1, math.nan, 2))))
    set_ways = {one.text: one.get("style") for one in root.iterfind(".//s:tspan", space)}
    assert set_ways == {
        "30.00": "font-weight:bold", "29.00": "text-decoration:underline",
        "0.8000": "font-weight:bold", "0.7000": "text-decoration:underline",
    }  # fmt: skip
    for one, image in zip(drawn.pictures, root.iterfind(".//s:image", space), strict=True):
        (address,) = (value for name, value in image.items() if name.endswith("href"))
        data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
        assert (np.array(Image.open(io.BytesIO(data))) == one.pixels).all()
        size = one.pixels.shape[1], one.pixels.shape[0]
        assert tuple(int(image.get(n)) for n in ("x", "y", "width", "height")) == (
            one.x, one.y, *size,
        )  # fmt: skip


def svg_lines(of: FigureContent) -> list[str]:
    root = ElementTree.fromstring(svg(drawing(of)))
    return ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("text")]


def test_infinity_and_no_number_are_told_apart():
    lines = svg_lines(content(psnr=(1.0, math.inf, math.nan, 2.0), ssim=(0.1, 0.2, 0.3, 0.4)))
    assert any(line.startswith("∞ /") for line in lines)
    assert any(line.startswith("— /") for line in lines)


def pdf_texts(data: bytes) -> list[str]:
    """The strings that an uncompressed PDF shows, by the maps of its fonts to Unicode."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", data, re.DOTALL))
    fonts = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", data):
        (to,) = re.findall(rb"/ToUnicode (\d+) 0 R", objects[number])
        fonts[name] = unicode_of(objects[to])
    shown = []
    for block in re.findall(rb"BT\n(.*?)ET", data, re.DOTALL):
        text, font = "", {}
        for name, string in re.findall(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\)", block, re.S):
            if name:
                font = fonts[name]
                continue
            raw = re.sub(rb"\\([0-7]{3}|.)", unescaped, string, flags=re.DOTALL)
            codes = [raw[at : at + 2] for at in range(0, len(raw), 2)]
            text += "".join(font[int.from_bytes(code, "big")] for code in codes)
        shown.append(text)
    return shown


def unescaped(found: re.Match[bytes]) -> bytes:
    named = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    sign = found[1]
    return bytes([int(sign, 8)]) if sign.isdigit() else named.get(sign, sign)


def unicode_of(table: bytes) -> dict[int, str]:
    """What the codes of a font stand for."""
    found = {}
    for first, last, to in re.findall(rb"<(\w+)> <(\w+)> (\[.*?\]|<\w+>)", table):
        start = int(first, 16)
        given = re.findall(rb"<(\w+)>", to)
        for at in range(int(last, 16) - start + 1):
            code = int(given[at], 16) if to[:1] == b"[" else int(given[0], 16) + at
            found[start + at] = chr(code)
    return found


def test_the_text_of_a_pdf_is_text_and_its_pictures_are_the_pixels():
    drawn = drawing(content())
    with matplotlib.rc_context({"pdf.compression": 0}):
        data = pdf(drawn)
    shown = pdf_texts(data)
    assert all(any(text in line for line in shown) for text in TEXTS), shown
    assert any(HOSTILE.split()[0] in line for line in shown)
    for one in drawn.pictures:
        assert one.pixels[::-1].tobytes() in data
    width, height = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", data)[0]
    assert float(width) == pytest.approx(3.25 * 72) and float(height) > 0


def test_the_same_figure_is_the_same_file():
    first, again = drawing(content(2, 1)), drawing(content(2, 1))
    assert all(form.write(first) == form.write(again) for form in FORMATS.values())


def test_signs_without_letters_are_told(recwarn):
    drawn = drawing(replace(content(), panels=[FigurePanel("日本 a", picture(0))], regions=[]))
    assert "“日本”" in drawn.notes[1] and "日本 a" in svg(drawn).decode()
    assert raster(drawn).any() and not [one for one in recwarn if "Glyph" in str(one.message)]
    assert len(drawing(content()).notes) == 1


def test_a_label_says_no_formula_and_stays_on_the_page():
    dollars = FigurePanel("$\\frac{1}$ a\x00b\n" + "word" * 40, picture(0))
    drawn = drawing(replace(content(), panels=[dollars], regions=[]))
    assert raster(drawn).shape == (drawn.height, drawn.width, 3)


# The table ---------------------------------------------------------------------------------------


def test_the_latex_table_has_the_numbers_and_marks_of_the_figure():
    text = latex(content(), RECIPE)
    body = text.split("\\midrule\n")[1].split("\n\\bottomrule")[0]
    assert [line.removesuffix(r" \\").split(" & ") for line in body.splitlines()] == [
        ["Noisy", "20.00", "0.5000"],
        ["MSE", r"\textbf{30.00}", r"\underline{0.7000}"],
        ["ours", r"\textbf{30.00}", r"\textbf{0.8000}"],
        [
            r"\textless{}b\textgreater{}\&\$x\_1\$ \textbackslash{}input\{a\}",
            r"\underline{29.00}",
            "--",
        ],
    ]
    assert r"PSNR (dB) $\uparrow$" in text and "sigma 0.1" in text


def test_latex_takes_the_table(tmp_path):
    """Where there is one; elsewhere groups and mathematics are at least closed."""
    body = latex(content(psnr=(math.inf, -1.0, 2.0, 3.0)), RECIPE)
    plain = re.sub(r"\\.", "", body)
    assert plain.count("{") == plain.count("}") and plain.count("$") % 2 == 0
    assert body.count(r"\begin{") == body.count(r"\end{") == 2
    if program := shutil.which("pdflatex"):
        head = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        (tmp_path / "x.tex").write_text(f"{head}{body}\n\\end{{document}}", encoding="utf8")
        call = [program, "-halt-on-error", "-no-shell-escape", "x.tex"]
        ended = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stdout[-2000:]


# The recipe --------------------------------------------------------------------------------------


def written(recipe: Recipe, folder) -> Recipe:
    path = folder / "recipe.toml"
    path.write_text(recipe.text, encoding="utf8")
    return read_recipe(path)


def test_a_recipe_is_read_as_it_was_written(tmp_path):
    assert written(RECIPE, tmp_path) == RECIPE
    odd = '"\\ [x]\n# 日本 \U0001f600 \x7f\t'
    full = Recipe(
        PictureRecipe(file=odd, noisy="b/c.png", values="own", part="1,2,16,16", digest="ab"),
        (PanelRecipe(network="n.pth", choice="ema", noise=0.1, label=odd), PanelRecipe(file="x")),
    )
    assert written(full, tmp_path) == full


def test_a_recipe_gives_the_pictures_and_numbers_of_the_variants(tmp_path):
    made = content_of(written(RECIPE, tmp_path), tmp_path)
    clean = to_tensor(GALLERY["brick"]()[:80, :96])[None]
    noisy = parse_degradation(RECIPE.degradation)(clean)
    assert (made.panels[0].pixels == to_uint8(clean[0])).all()
    assert (made.panels[1].pixels == to_uint8(noisy[0])).all()
    assert [panel.label for panel in made.panels] == ["Clean", "Noisy", "a_b"]
    assert made.panels[1].numbers["psnr"] == float(METRICS["psnr"](noisy, clean))
    assert not made.panels[0].numbers and made.panels[2].numbers["psnr"] > 20
    assert [panel.competes for panel in made.panels] == [False, False, True]


def test_a_recipe_shows_pictures_of_files(tmp_path):
    """A pair and an output from elsewhere, of which only a part is shown."""
    for name, place in (("gt", 0), ("noisy", 1), ("ours", 2)):
        (tmp_path / f"{name}.png").write_bytes(encode_png(picture(place)))
    recipe = Recipe(
        PictureRecipe(file="gt.png", noisy="noisy.png", part="4,2,40,32"),
        (PanelRecipe("clean"), PanelRecipe("measurement"), PanelRecipe(file="ours.png")),
        metrics=("psnr", "data_consistency"),
    )
    made = content_of(recipe, tmp_path)
    part = np.s_[2:34, 4:44]
    assert (made.panels[2].pixels == picture(2)[part]).all()
    target, output = (to_tensor(picture(place)[part].copy())[None] for place in (0, 2))
    assert made.panels[2].numbers == {"psnr": float(METRICS["psnr"](output, target))}
    same = replace(recipe.picture, digest=digest(np.ascontiguousarray(picture(0)[part])))
    content_of(replace(recipe, picture=same), tmp_path)
    with pytest.raises(ValueError, match=r"'gt\.png' is another picture"):
        content_of(replace(recipe, picture=replace(same, digest="0" * 32)), tmp_path)


def test_a_recipe_runs_a_network_of_a_file(tmp_path):
    from core.models import build_model

    torch.manual_seed(0)
    torch.save(build_model("unet", width=4).state_dict(), tmp_path / "own.pth")
    network = PanelRecipe(network="own.pth", label="own")
    made = content_of(replace(RECIPE, panels=(PanelRecipe("measurement"), network)), tmp_path)
    assert made.panels[1].label == "own" and "psnr" in made.panels[1].numbers


def test_the_command_writes_every_kind_of_file_and_says_where(tmp_path, capsys):
    path = tmp_path / "fig.toml"
    path.write_text(RECIPE.text, encoding="utf8")
    assert main([str(path), "--out", str(tmp_path / "out")]) == 0
    names = {one.name for one in (tmp_path / "out").iterdir()}
    assert names == {"fig.png", "fig.pdf", "fig.svg", "fig.tex"}
    assert "fig.pdf" in capsys.readouterr().out
    drawn = drawing(content_of(RECIPE, tmp_path))
    assert (tmp_path / "out" / "fig.png").read_bytes() == png(drawn)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_recipe_is_one_sentence_and_exit_code_2(case, tmp_path, capsys):
    path = tmp_path / "fig.toml"
    path.write_bytes(case.make())
    assert main([str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("core.report.figure: ") and said.count("\n") == 1
    assert re.search(case.expected, said), said
    assert {one.name for one in tmp_path.iterdir()} == {"fig.toml"}


def test_a_missing_recipe_is_one_sentence(tmp_path, capsys):
    assert main([str(tmp_path / "no.toml")]) == 2
    assert "no.toml" in capsys.readouterr().err
