"""Arrays -> plotly figures: bars, curves and points. Nothing here knows the dashboard.

Every label that a figure shows may come from a file, and plotly reads a few HTML tags in labels:
they are escaped here. Greys and translucent lines fit a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = (
    "#2f7fc1", "#d9701e", "#3a9b57", "#b05fc4", "#cf4b5d", "#8f8420", "#2f9c9c", "#96705a",
)  # fmt: skip
"""One colour a series, in its order; each stands out by 3 : 1 on white and on #1a1a1a."""
DASHES = ("solid", "dash", "dot")
GREY = "#808080"
FAINT = "rgba(128, 128, 128, 0.25)"
BAR_PIXELS, GAP_PIXELS = 16, 14
SMALL_PIXELS = 160
ROW_PIXELS, TALL_ROW_PIXELS, ROW_GAP = 210, 300, 0.03
TITLE_PIXELS = 34
"""Above an axis whose title stands there, its distance to the axis before included."""
LEGEND_PIXELS, LEGEND_ENTRIES = 20, 4
"""A line of the legend, and how many entries stand in it on a common screen."""
LEGEND_MOST = 110
"""Pixels of the highest legend: a longer one scrolls, and the plot keeps its height."""
PERIODS = (32, 16, 8, 6, 5, 4, 3, 2)
MARGIN = {"l": 8, "r": 24, "t": 28, "b": 8}


def colours_of(labels: Sequence[str]) -> dict[str, str]:
    """A colour for each label, by order; they repeat after the last."""
    return {label: COLOURS[i % len(COLOURS)] for i, label in enumerate(labels)}


def dashes_of(labels: Sequence[str]) -> dict[str, str]:
    """A dash for each line, by order: another one for each turn of the colours."""
    turns = ((label, i // len(COLOURS)) for i, label in enumerate(labels))
    return {label: DASHES[turn % len(DASHES)] for label, turn in turns}


def score_bars(
    scores: Mapping[str, Mapping[str, float]], unit: str, *, stacked: bool = False
) -> Figure:
    """Horizontal bars: a group for each row label, a bar for each column label.

    `stacked` puts the bars of a group end to end: parts of a sum. NaN leaves a gap. `unit`
    stands at the axis.
    """
    rows = list(scores)
    columns = list(dict.fromkeys(name for row in scores.values() for name in row))
    colours = colours_of(columns)
    mode, bars = ("stack", 1) if stacked else ("group", len(columns))
    figure = _bars(mode, len(rows) * (bars * BAR_PIXELS + GAP_PIXELS), unit)
    for name in columns:
        values = [scores[row].get(name, float("nan")) for row in rows]
        _add_bar(figure, rows, values, name, colours[name], unit)
    return figure


def share_bars(shares: Mapping[str, Mapping[str, float]]) -> Figure:
    """One bar of 100 % for each row label, made of the shares (0 to 1) of its parts."""
    rows = list(shares)
    parts = list(dict.fromkeys(name for row in shares.values() for name in row))
    colours = colours_of(parts)
    figure = _bars("stack", len(rows) * (BAR_PIXELS + GAP_PIXELS), "% of the total")
    for name in parts:
        values = [100 * shares[row].get(name, float("nan")) for row in rows]
        _add_bar(figure, rows, values, name, colours[name], "%")
    figure.update_xaxes(range=[0, 100])
    return figure


def radial_curves(
    frequencies: np.ndarray,
    rows: Mapping[str, Mapping[str, np.ndarray]],
    references: Sequence[str] = (),
) -> Figure:
    """Curves over one frequency axis (cycles per pixel, above 0), a row of them per axis title.

    `rows` is axis title -> curve label -> values (R,). The curves named in `references` are
    grey, the first solid, the next dotted. A label has one colour and one legend entry in all
    rows, and a click on it hides it in all.
    """
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    x = np.float32(frequencies)
    labels = list(dict.fromkeys(label for row in rows.values() for label in row))
    lines = line_styles(labels, references)
    for number, curves in enumerate(rows.values(), start=1):
        axis = f"y{number}"
        _add_periods(figure, x, next(iter(curves.values())), axis)
        named = [one for one in curves if number == 1 or one not in list(rows.values())[0]]
        _add_row(figure, x, curves, axis, lines, named, mode="lines", hovertemplate="%{y:.2f}")
    _stack(figure, list(rows))
    _frequency_axis(figure, f"y{len(rows)}")
    return _finish(figure, ROW_PIXELS * len(rows) + 90)


def _add_row(
    figure: Figure,
    x: np.ndarray,
    curves: Mapping[str, np.ndarray],
    axis: str,
    lines: Mapping[str, Mapping[str, object]],
    named: Sequence[str],
    **look: str,
) -> None:
    """The curves of one axis; those in `named` get the legend's entry for their label."""
    for label, values in curves.items():
        figure.add_scatter(
            x=x, y=np.float32(values), yaxis=axis, line=lines[label], name=escape(label),
            legendgroup=label, showlegend=label in named, **look,
        )  # fmt: skip


def line_styles(labels: Sequence[str], references: Sequence[str]) -> dict[str, dict[str, object]]:
    """How each curve is drawn: colours by order, references in grey."""
    others = [label for label in labels if label not in references]
    colours = colours_of(others)
    dashes = dict(zip(references, ("solid", "dot"), strict=False)) | dashes_of(others)
    return {
        label: {
            "color": colours.get(label, GREY),
            "width": 1.8,
            "dash": dashes.get(label, "solid"),
        }
        for label in labels
    }


def _add_periods(figure: Figure, x: np.ndarray, values: np.ndarray, axis: str) -> None:
    """An unseen curve that puts the period into the row's hover box."""
    figure.add_scatter(
        x=x, y=np.float32(values), yaxis=axis, mode="lines", opacity=0, showlegend=False,
        name="period", customdata=1 / x, hovertemplate="%{customdata:.2f} px",
    )  # fmt: skip


def _stack(figure: Figure, titles: Sequence[str]) -> None:
    """One vertical axis for each title, the first on top."""
    height = 1 / len(titles)
    for number, title in enumerate(titles, start=1):
        top = 1 - (number - 1) * height
        name = "yaxis" if number == 1 else f"yaxis{number}"
        domain = [max(0.0, top - height + ROW_GAP), top]
        figure.update_layout({name: {"title": title, "domain": domain, "zerolinecolor": GREY}})


def _stack_titled(figure: Figure, titles: Sequence[str], row_pixels: int) -> None:
    """The same with the titles above the axes, where they are read upright."""
    height = 1 / len(titles)
    above = height * TITLE_PIXELS / row_pixels
    for number, title in enumerate(titles, start=1):
        bottom, top = 1 - number * height, 1 - (number - 1) * height - above
        name = "yaxis" if number == 1 else f"yaxis{number}"
        domain = [max(0.0, bottom), top]
        figure.update_layout({name: {"domain": domain, "zerolinecolor": GREY}})
        figure.add_annotation(
            text=escape(title), showarrow=False, font={"size": 13},
            xref="paper", x=0, xanchor="left", yref="paper", y=top, yanchor="bottom",
        )  # fmt: skip


def _frequency_axis(figure: Figure, anchor: str) -> None:
    """Periods as ticks, so that a grid's place on the axis is read off."""
    figure.update_xaxes(
        title="Frequency, cycles per pixel (1/period)",
        anchor=anchor,
        range=[0, 0.505],
        tickvals=[1 / period for period in PERIODS],
        ticktext=[f"1/{period}" for period in PERIODS],
        showgrid=True,
        gridcolor=FAINT,
        zeroline=False,
        hoverformat=".4f",
        unifiedhovertitle_text="%{x:.4f} cycles/px",
        spikecolor=GREY,
        spikedash="dot",
        spikethickness=1,
        spikemode="across",
    )
    figure.update_layout(hovermode="x unified")


def stacked_curves(
    x: np.ndarray,
    rows: Mapping[str, Mapping[str, np.ndarray]],
    x_title: str,
    *,
    references: Sequence[str] = (),
    vertical: float | None = None,
    shaded: tuple[float, float] | None = None,
) -> Figure:
    """Curves with their points over one axis, a row of them per axis title.

    As `radial_curves`, all rows with the same labels. `vertical` draws a dashed line at that x
    through all rows, and `shaded` tints the part of the axis between two values. NaN leaves a gap.
    """
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    labels = list(next(iter(rows.values())))
    lines, look = (
        line_styles(labels, references),
        {"mode": "lines+markers", "hovertemplate": "%{y:.4g}"},
    )
    for number, curves in enumerate(rows.values(), start=1):
        named = labels if number == 1 else []
        _add_row(figure, np.float32(x), curves, f"y{number}", lines, named, **look)
    _stack(figure, list(rows))
    through = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    if shaded is not None:
        low, high = shaded
        figure.add_shape(
            type="rect", x0=low, x1=high, fillcolor=FAINT, opacity=0.5, line_width=0, **through
        )
    if vertical is not None:
        dashed = {"color": GREY, "dash": "dash", "width": 1}
        figure.add_shape(type="line", x0=vertical, x1=vertical, line=dashed, **through)
    figure.update_xaxes(title=x_title, anchor=f"y{len(rows)}", gridcolor=FAINT, zeroline=False)
    figure.update_layout(hovermode="x unified")
    return _finish(figure, ROW_PIXELS * len(rows) + 90)


def line_chart(
    x: np.ndarray,
    curves: Mapping[str, np.ndarray],
    x_title: str,
    y_title: str,
    *,
    height: int = 260,
    vertical: float | None = None,
) -> Figure:
    """Curves over one axis; `vertical` draws a dashed line at that x."""
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    _add_lines(figure, {label: (x, values) for label, values in curves.items()})
    if vertical is not None:
        figure.add_vline(x=vertical, line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(title=x_title, gridcolor=FAINT)
    figure.update_yaxes(title=y_title)
    figure.update_layout(hovermode="x", showlegend=len(curves) > 1)
    return _finish(figure, height)


def small_curve(
    x: Sequence[float],
    values: Sequence[float],
    reference: Sequence[float],
    x_title: str,
    top: float,
) -> Figure:
    """One of several small charts on one scale, 0 to `top`: a curve over a dotted grey one."""
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    dotted = {"color": GREY, "width": 1.4, "dash": "dot"}
    for curve, line in ((reference, dotted), (values, {"color": COLOURS[0], "width": 2})):
        figure.add_scatter(
            x=np.float32(x), y=np.float32(curve), mode="lines", line=line,
            hovertemplate="%{y:.3g} at %{x:.3g}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=x_title, gridcolor=FAINT, nticks=4)
    figure.update_yaxes(range=[0, 1.05 * (top or 1.0)], gridcolor=FAINT, nticks=5)
    figure.update_layout(showlegend=False)
    return _finish(figure, SMALL_PIXELS).update_layout(margin={**MARGIN, "t": 4, "r": 8})


def _add_lines(
    figure: Figure,
    curves: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    axis: str = "y",
    named: bool = True,
) -> None:
    """Label -> (x, y), a colour and dash each; the legend has them if they are `named`."""
    lines = line_styles(list(curves), ())
    for label, (x, y) in curves.items():
        figure.add_scatter(
            x=np.float32(x), y=np.float32(y), yaxis=axis, mode="lines", name=escape(label),
            line=lines[label], legendgroup=label, showlegend=named,
        )  # fmt: skip


def step_curves(
    rows: Mapping[str, Mapping[str, tuple[np.ndarray, np.ndarray]]],
    x_title: str,
    *,
    logarithmic: Collection[str] = (),
    legend: bool = True,
    row_pixels: int = TALL_ROW_PIXELS,
) -> Figure:
    """Curves of label -> (x, y), each over steps of its own, a row of them under each title.

    All rows have the same labels and one legend, which a page can draw itself. The axes named in
    `logarithmic` are.
    """
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    for number, curves in enumerate(rows.values(), start=1):
        _add_lines(figure, curves, axis=f"y{number}", named=legend and number == 1)
    _stack_titled(figure, list(rows), row_pixels)
    figure.update_xaxes(
        title=x_title,
        anchor=f"y{len(rows)}",
        gridcolor=FAINT,
        zeroline=False,
        rangemode="tozero",  # side by side, charts that begin at step 0 and at 1 have one axis
    )
    # A tick at the top of an axis moves none of those beside it.
    figure.update_yaxes(gridcolor=FAINT, automargin="left")
    for number, title in enumerate(rows, start=1):
        if title in logarithmic:
            figure.update_yaxes(type="log", tickformat="~g", dtick="D2", selector=number - 1)
    figure.update_layout(hovermode="x")
    figure = _finish(figure, row_pixels * len(rows) + 90)
    return figure if legend else figure.update_layout(margin={**MARGIN, "t": 0})


class Point(NamedTuple):
    """A point of a scatter: its place, its label, what the hover box says below the label.

    `short` is what stands beside the point, by default the label.
    """

    x: float
    y: float
    label: str
    about: str = ""
    short: str = ""

    @property
    def name(self) -> str:
        return self.short or self.label


def scatter_chart(
    groups: Mapping[str, Sequence[Point]],
    x_title: str,
    y_title: str,
    *,
    marked: Mapping[str, float] | None = None,
    quiet: Sequence[str] = (),
    height: int = 520,
) -> Figure:
    """Points in groups, one colour each, labelled where there is room; the box says the rest.

    `marked` draws a named dashed line at an x. The groups named in `quiet` are grey, and labelled
    last.
    """
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    lines = marked or {}
    loud = [name for name in groups if name not in quiet]
    colours = {**dict.fromkeys(quiet, GREY), **colours_of(loud)}
    names = [*loud, *(name for name in quiet if name in groups)]
    points = [point for name in names for point in groups[name]]
    across = _range([*(point.x for point in points), *lines.values()])
    up = _range([point.y for point in points])
    sides = iter(label_sides(points, across, up, height))
    for name in names:
        size = QUIET_PIXELS if name in quiet else LOUD_PIXELS
        placed = [(point, next(sides)) for point in groups[name]]
        _add_points(figure, name, placed, {"color": colours[name], "size": size})
    for label, x in lines.items():
        figure.add_vline(
            x=x, line={"color": GREY, "dash": "dash", "width": 1},
            annotation={"text": escape(label), "textangle": 0, "font": {"size": 11}},
            annotation_position="bottom right",
        )  # fmt: skip
    figure.update_xaxes(title=x_title, range=across, gridcolor=FAINT, zeroline=False)
    figure.update_yaxes(title=y_title, range=up, gridcolor=FAINT, zeroline=False)
    return _finish(figure, height)


def _add_points(
    figure: Figure, name: str, placed: Sequence[tuple[Point, str]], marker: dict[str, Any]
) -> None:
    """A group's points, each with the side of its label, "" for none."""
    figure.add_scatter(
        x=[point.x for point, _ in placed],
        y=[point.y for point, _ in placed],
        name=escape(name),
        mode="markers+text",
        marker=marker,
        text=[escape(point.name) if side else "" for point, side in placed],
        textposition=[side or "middle right" for _, side in placed],
        textfont={"size": 11},
        customdata=[[escape(point.label), point.about] for point, _ in placed],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The values' range with some room on both sides."""
    low, high = min(values), max(values)
    room = 0.05 * (high - low) or 1.0
    return low - room, high + room


PLOT_PIXELS, LETTER_PIXELS, LINE_PIXELS, DOT_PIXELS = 960, 6.2, 14, 12
LOUD_PIXELS, QUIET_PIXELS = 10, 7
AROUND_PIXELS = 110  # the legend above, the axis and its title below
SIDES = {
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top center": (0, 1),
    "bottom center": (0, -1),
    "top right": (1, 1),
    "top left": (-1, 1),
    "bottom right": (1, -1),
    "bottom left": (-1, -1),
}


def label_sides(
    points: Sequence[Point], across: tuple[float, float], up: tuple[float, float], height: int
) -> list[str]:
    """On which side of its point each label stands, inside and over no other; "" for none.

    The first ones choose first. The axes reach from and to `across` and `up`; the chart is taken
    to be as wide as on a common screen and `height` pixels high.
    """
    size = PLOT_PIXELS, height - AROUND_PIXELS
    places = [(_pixel(point.x, across, size[0]), _pixel(point.y, up, size[1])) for point in points]
    dots = [_box(x, y, DOT_PIXELS, DOT_PIXELS) for x, y in places]
    labels: list[Box] = []
    sides = []
    for number, (point, (x, y)) in enumerate(zip(points, places, strict=True)):
        others = [*dots[:number], *dots[number + 1 :], *labels]
        wide = LETTER_PIXELS * len(point.name)
        boxes = {name: _beside(x, y, wide, *signs) for name, signs in SIDES.items()}
        free = (n for n, b in boxes.items() if _inside(b, *size) and not _meets(b, others))
        sides.append(next(free, ""))
        labels += [boxes[sides[-1]]] if sides[-1] else []
    return sides


def _pixel(value: float, ends: tuple[float, float], pixels: int) -> float:
    low, high = ends
    return pixels * (value - low) / (high - low)


Box = tuple[float, float, float, float]


def _box(x: float, y: float, width: float, height: float) -> Box:
    """Left, bottom, right and top of a box around a point."""
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _beside(x: float, y: float, width: float, right: int, up: int) -> Box:
    """The box of a label beside, above or below a dot."""
    dx, dy = right * (width + DOT_PIXELS) / 2, up * (LINE_PIXELS + DOT_PIXELS) / 2
    return _box(x + dx, y + dy, width, LINE_PIXELS)


def _inside(box: Box, width: float, height: float) -> bool:
    left, bottom, right, top = box
    return left >= 0 and bottom >= 0 and right <= width and top <= height


def _meets(box: Box, others: Sequence[Box]) -> bool:
    """Whether a box overlaps one of the others."""
    left, bottom, right, top = box
    return any(
        left < other[2] and other[0] < right and bottom < other[3] and other[1] < top
        for other in others
    )


def peak_chart(
    x: np.ndarray, values: np.ndarray, x_title: str, y_title: str, *, height: int = 260
) -> Figure:
    """One thin bar for each value: a spectrum of few lines."""
    from plotly.graph_objects import Bar
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure(Bar(x=np.float32(x), y=np.float32(values), marker_color=COLOURS[0]))
    figure.update_xaxes(title=x_title)
    figure.update_yaxes(title=y_title)
    figure.update_layout(bargap=0.4)
    return _finish(figure, height)


def _bars(mode: str, height: int, unit: str) -> Figure:
    from plotly.graph_objects import Figure as PlotlyFigure

    figure = PlotlyFigure()
    figure.update_layout(barmode=mode, bargap=0.25)
    figure.update_xaxes(title=unit, gridcolor=FAINT, zerolinecolor=GREY)
    figure.update_yaxes(autorange="reversed")
    return _finish(figure, 110 + height)


def _add_bar(
    figure: Figure, rows: Sequence[str], values: Sequence[float], name: str, colour: str, unit: str
) -> None:
    figure.add_bar(
        y=[escape(row).replace(" · ", "<br>") for row in rows],  # two lines leave room for bars
        x=values,
        name=escape(name),
        orientation="h",
        marker_color=colour,
        hovertemplate=f"%{{x:.4g}} {escape(unit)}<extra>%{{fullData.name}}</extra>",
    )


def _finish(figure: Figure, height: int) -> Figure:
    """What all figures share: the plot's height, small margins, the legend above it.

    The legend comes on top of the height, so that it takes nothing from the plot. Without
    plotly's template, which is most of a small figure's weight and says nothing here.
    """
    figure.layout.template = {"layout": {}}  # assigned: an update would be added to it
    entries = sum(trace.showlegend is not False for trace in figure.data)
    alone = figure.layout.showlegend is False or (figure.layout.showlegend is None and entries < 2)
    lines = 0 if alone else -(-entries // LEGEND_ENTRIES)
    legend = min(LEGEND_PIXELS * lines, LEGEND_MOST)
    return figure.update_layout(
        height=height + legend,
        margin=MARGIN,
        legend={
            "orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal",
            "maxheight": LEGEND_MOST,
        },
    )  # fmt: skip
