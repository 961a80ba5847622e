"""Arrays -> plotly figures: bars and curves. Nothing here knows the dashboard.

Every label that a figure shows may come from a file, and plotly reads a few HTML tags in labels:
they are escaped here. Greys and translucent lines fit a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = (
    "#2f7fc1", "#d9701e", "#3a9b57", "#b05fc4", "#cf4b5d", "#8f8420", "#2f9c9c", "#96705a",
)  # fmt: skip
"""One colour a series, in its order; each stands out by 3 : 1 on white and on #1a1a1a."""
GREY = "#808080"
FAINT = "rgba(128, 128, 128, 0.25)"
BAR_PIXELS, GAP_PIXELS = 16, 14
ROW_PIXELS, ROW_GAP = 210, 0.03
PERIODS = (32, 16, 8, 6, 5, 4, 3, 2)
MARGIN = {"l": 8, "r": 24, "t": 28, "b": 8}


def colours_of(labels: Sequence[str]) -> dict[str, str]:
    """A colour for each label, by order; they repeat after the last."""
    return {label: COLOURS[i % len(COLOURS)] for i, label in enumerate(labels)}


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
    lines = _lines(labels, references)
    for number, curves in enumerate(rows.values(), start=1):
        axis = f"y{number}"
        _add_periods(figure, x, next(iter(curves.values())), axis)
        for label, values in curves.items():
            named = number == 1 or label not in list(rows.values())[0]
            figure.add_scatter(
                x=x, y=np.float32(values), yaxis=axis, mode="lines", line=lines[label],
                name=escape(label), legendgroup=label, showlegend=named, hovertemplate="%{y:.2f}",
            )  # fmt: skip
    _stack(figure, list(rows))
    _frequency_axis(figure, f"y{len(rows)}")
    return _finish(figure, ROW_PIXELS * len(rows) + 90)


def _lines(labels: Sequence[str], references: Sequence[str]) -> dict[str, dict[str, object]]:
    """How each curve is drawn: colours by order, references in grey."""
    colours = colours_of([label for label in labels if label not in references])
    dashes = dict(zip(references, ("solid", "dot"), strict=False))
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
    colours = colours_of(list(curves))
    for label, values in curves.items():
        figure.add_scatter(
            x=np.float32(x), y=np.float32(values), mode="lines", name=escape(label),
            line={"color": colours[label], "width": 1.8},
        )  # fmt: skip
    if vertical is not None:
        figure.add_vline(x=vertical, line={"color": GREY, "dash": "dash", "width": 1})
    figure.update_xaxes(title=x_title, gridcolor=FAINT)
    figure.update_yaxes(title=y_title)
    figure.update_layout(hovermode="x", showlegend=len(curves) > 1)
    return _finish(figure, height)


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
    """What all figures share: height, small margins, the legend above.

    Without plotly's template, which is most of a small figure's weight and says nothing here.
    """
    figure.layout.template = {"layout": {}}  # assigned: an update would be added to it
    return figure.update_layout(
        height=height,
        margin=MARGIN,
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "traceorder": "normal"},
    )
