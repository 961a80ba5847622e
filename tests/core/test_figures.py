"""Figures: what is drawn is what was given, in one colour a label, with foreign text as text."""

from __future__ import annotations

from html import escape
from itertools import pairwise

import numpy as np
import pytest

from core import figures

GROUND = {"light": "#ffffff", "dark": "#1a1a1a"}
FREQUENCIES = np.arange(1, 9) / 16
CURVES = {"Clean": FREQUENCIES, "A": 2 * FREQUENCIES, "B": 3 * FREQUENCIES}
SCORES = {"one": {"a": 1.0, "b": 2.0}, "two": {"b": float("nan"), "c": 4.0}}
EVIL = "<a href='http://x.invalid'>x</a>"


def luminance(colour: str) -> float:
    """WCAG's relative luminance."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("colour", (*figures.COLOURS, figures.GREY))
@pytest.mark.parametrize("ground", GROUND)
def test_every_colour_stands_out_from_both_grounds(colour, ground):
    dark, light = sorted([luminance(colour), luminance(GROUND[ground])])
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_colours_go_by_order_and_repeat_after_the_last():
    labels = [str(n) for n in range(len(figures.COLOURS) + 1)]
    colours = figures.colours_of(labels)
    assert colours["0"] == colours[labels[-1]] == figures.COLOURS[0]
    assert len(set(colours.values())) == len(figures.COLOURS)


def bars(figure) -> dict[str, list[float]]:
    return {trace.name: [float(x) for x in trace.x] for trace in figure.data}


def test_bars_have_a_group_for_each_row_and_gaps_where_there_is_no_score():
    figure = figures.score_bars(SCORES, "levels")
    assert [list(trace.y) for trace in figure.data] == [["one", "two"]] * 3
    assert figure.layout.barmode == "group" and figure.layout.xaxis.title.text == "levels"
    np.testing.assert_equal(
        bars(figure), {"a": [1.0, np.nan], "b": [2.0, np.nan], "c": [np.nan, 4.0]}
    )


def test_lines_of_one_colour_have_different_dashes():
    labels = [str(number) for number in range(20)]
    looks = set(
        zip(figures.colours_of(labels).values(), figures.dashes_of(labels).values(), strict=True)
    )
    assert len(looks) == 20
    x = np.arange(3.0)
    drawn = figures.step_curves({"y": {label: (x, x) for label in labels}}, "x")
    assert [line.line.dash for line in drawn.data] == ["solid"] * 8 + ["dash"] * 8 + ["dot"] * 4


def test_a_label_of_two_parts_stands_in_two_lines():
    (bar,) = figures.score_bars({"MSE · U-Net": {"a": 1.0}}, "").data
    assert list(bar.y) == ["MSE<br>U-Net"]


def test_stacked_bars_lie_end_to_end():
    assert figures.score_bars(SCORES, "", stacked=True).layout.barmode == "stack"


def test_shares_are_percent():
    figure = figures.share_bars({"one": {"a": 0.2, "b": 0.8}, "two": {"a": 1.0}})
    np.testing.assert_equal(bars(figure), {"a": [20.0, 100.0], "b": [80.0, np.nan]})
    assert figure.layout.barmode == "stack" and list(figure.layout.xaxis.range) == [0, 100]


def curves(**options):
    rows = {"Power": CURVES, "Gain": {name: CURVES[name] for name in ("A", "B")}}
    return figures.radial_curves(FREQUENCIES, rows, **options)


def test_rows_share_one_frequency_axis_from_top_to_bottom():
    figure = curves()
    assert {trace.xaxis for trace in figure.data} == {None}  # the first and only one
    assert figure.layout.yaxis.title.text == "Power" and figure.layout.yaxis2.title.text == "Gain"
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.xaxis.anchor == "y2"


def test_a_label_has_one_colour_and_one_entry_in_the_legend_that_hides_all_its_curves():
    drawn = [trace for trace in curves(references=["Clean"]).data if trace.legendgroup]
    assert len(drawn) == 5
    for label in CURVES:
        own = [trace for trace in drawn if trace.name == label]
        assert len({trace.line.color for trace in own}) == 1
        assert {trace.legendgroup for trace in own} == {label}
        assert [trace.showlegend for trace in own].count(True) == 1
    (grey,) = {trace.name for trace in drawn if trace.line.color == figures.GREY}
    assert grey == "Clean"


def test_stacked_rows_share_labels_axis_range_and_mark():
    rows = {"PSNR, dB": CURVES, "SSIM": {label: 2 * y for label, y in CURVES.items()}}
    marks = {"vertical": 0.2, "shaded": (0.1, 0.3)}
    figure = figures.stacked_curves(FREQUENCIES, rows, "sigma", references=["Clean"], **marks)
    assert [trace.name for trace in figure.data] == [*CURVES, *CURVES]
    wanted_ones = [y for row in rows.values() for y in row.values()]
    for trace, wanted in zip(figure.data, wanted_ones, strict=True):
        np.testing.assert_allclose(trace.y, wanted)
        assert (trace.line.color == figures.GREY) == (trace.name == "Clean")
    assert [trace.showlegend for trace in figure.data] == [True] * 3 + [False] * 3
    assert figure.layout.yaxis2.title.text == "SSIM" and figure.layout.xaxis.anchor == "y2"
    shaded, dashed = figure.layout.shapes
    assert (shaded.x0, shaded.x1, dashed.x0, dashed.x1) == (0.1, 0.3, 0.2, 0.2)
    assert all((one.yref, one.y0, one.y1) == ("paper", 0, 1) for one in (shaded, dashed))
    assert not figures.stacked_curves(FREQUENCIES, rows, "sigma").layout.shapes


def step_rows(labels: int):
    """Two axes of curves, each over steps of its own."""
    x = np.arange(1.0, 4.0)
    curves = {f"label {number}": ((number + 1) * x, x) for number in range(labels)}
    return figures.step_curves({"PSNR": curves, "Loss": curves}, "Steps", logarithmic=["Loss"])


def test_step_curves_have_axes_of_their_own_and_one_legend():
    figure = step_rows(2)
    assert [list(trace.x) for trace in figure.data] == [[1, 2, 3], [2, 4, 6]] * 2
    assert [trace.yaxis for trace in figure.data] == ["y", "y", "y2", "y2"]
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert (figure.layout.yaxis.type, figure.layout.yaxis2.type) == (None, "log")


def test_step_curves_have_their_titles_above_their_axes_and_may_leave_the_legend_to_the_page():
    x = np.arange(3.0)
    titles = ["PSNR", EVIL, "Loss"]
    rows = {title: {"a": (x, x), "b": (x, x)} for title in titles}
    figure = figures.step_curves(rows, "Steps", legend=False, row_pixels=200)
    assert not any(trace.showlegend for trace in figure.data)
    assert figure.layout.height < figures.step_curves(rows, "Steps").layout.height
    axes = [figure.layout[name].domain for name in ("yaxis", "yaxis2", "yaxis3")]
    above = [(note.text, note.y) for note in figure.layout.annotations]
    assert above == [(escape(title), axis[1]) for title, axis in zip(titles, axes, strict=True)]
    for upper, lower in pairwise(axes):
        assert upper[0] - lower[1] == pytest.approx(figures.TITLE_PIXELS / 200 / 3)


def test_a_legend_takes_nothing_from_the_plot():
    heights = {count: step_rows(count).layout.height for count in (1, 2, 5, 16, 40, 80)}
    plot = heights[1]  # one curve needs no legend
    above = {count: height - plot for count, height in heights.items()}
    lines = {count: figures.LEGEND_PIXELS * -(-count // figures.LEGEND_ENTRIES) for count in above}
    assert (
        {count: above[count] for count in (2, 5, 16)}
        == {2: 20, 5: 40, 16: 80}
        == {count: lines[count] for count in (2, 5, 16)}
    )
    assert above[40] == above[80] == figures.LEGEND_MOST < lines[40]
    assert step_rows(80).layout.legend.maxheight == figures.LEGEND_MOST


def test_every_rows_hover_box_names_the_period():
    periods = [trace for trace in curves().data if trace.name == "period"]
    assert [trace.yaxis for trace in periods] == ["y", "y2"]
    for trace in periods:
        np.testing.assert_allclose(trace.customdata, 1 / FREQUENCIES)


def test_a_label_that_first_comes_in_a_later_row_has_its_entry_there():
    figure = figures.radial_curves(FREQUENCIES, {"a": {"A": FREQUENCIES}, "b": CURVES})
    named = [trace.name for trace in figure.data if trace.showlegend]
    assert sorted(named) == ["A", "B", "Clean"]


@pytest.mark.parametrize(
    "figure",
    [
        figures.score_bars({EVIL: {EVIL: 1.0}}, "dB"),
        figures.share_bars({EVIL: {EVIL: 1.0}}),
        figures.radial_curves(FREQUENCIES, {"row": {EVIL: FREQUENCIES}}),
        figures.line_chart(FREQUENCIES, {EVIL: FREQUENCIES}, "x", "y"),
        figures.stacked_curves(FREQUENCIES, {"row": {EVIL: FREQUENCIES}}, "x"),
        figures.step_curves({"row": {EVIL: (FREQUENCIES, FREQUENCIES)}}, "x"),
    ],
    ids=["scores", "shares", "curves", "line", "stacked", "steps"],
)
def test_foreign_labels_are_text(figure):
    for trace in figure.data:
        assert "<" not in trace.name
        assert all("<" not in str(label) for label in (trace.y if trace.type == "bar" else ()))


def test_lines_and_peaks_are_their_numbers():
    line = figures.line_chart(FREQUENCIES, {"y": 2 * FREQUENCIES}, "x", "y", vertical=0.25)
    np.testing.assert_allclose(line.data[0].y, 2 * FREQUENCIES)
    assert line.layout.shapes[0].x0 == 0.25
    peaks = figures.peak_chart(np.arange(3), np.array([0.0, 1.0, 0.5]), "x", "y")
    np.testing.assert_allclose(peaks.data[0].y, [0, 1, 0.5])
