"""Shares with intervals, several a row: of first and later messages, of beginnings and baselines."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, MACHINE, MUTED, PEOPLE, WIDTH, inline
from yuhu.reporting.words import word

ROW_HEIGHT = 34
_COLOURS = (CORRECTED, PEOPLE, MUTED)


def side_by_side(frame: pl.DataFrame, title: str) -> alt.TopLevelMixin:
    """A row per label, a colour per side, filled with an interval where people corrected it, hollow where the machine speaks alone.

    Parameters
    ----------
    frame : pl.DataFrame
        ``label``, ``side`` (str, both in order), ``source`` (machine, or another), ``value``, ``low``, ``high`` (shares).
    title : str
        Of the axis.
    """
    rows = frame.to_dicts()
    sides, order = (list(dict.fromkeys(row[name] for row in rows)) for name in ("side", "label"))
    scale = alt.Scale(domain=sides, range=list(_COLOURS[: len(sides)]))
    colour = alt.Color("side:N", scale=scale, title=None, legend=alt.Legend(symbolType="circle", labelLimit=0, columnPadding=24))
    place = alt.YOffset("side:N", sort=sides)
    y = alt.Y("label:N", sort=order, title=None)
    x = alt.X("value:Q", title=title, axis=alt.Axis(format=".1~%", tickCount=6))
    base = alt.Chart(inline(rows))
    sure = base.transform_filter("datum.source != 'machine'")
    rule = (
        sure.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2)
        .encode(y=y, yOffset=place, x=alt.X("low:Q"), x2="high:Q", color=colour)
    )
    dots = sure.mark_point(filled=True, size=50, opacity=1).encode(y=y, yOffset=place, x=x, color=colour)
    alone = base.transform_filter("datum.source == 'machine'")
    hollow = alone.mark_point(size=60, strokeWidth=2).encode(y=y, yOffset=place, x=x, color=colour)
    return alt.layer(rule, dots, hollow).properties(width=WIDTH - 200, height=ROW_HEIGHT * max(len(order), 1))


def objects_by_day(frame: pl.DataFrame, title: str, lang: str) -> alt.TopLevelMixin:
    """Hatched bars, one a day, made of the objects of feeling.

    Parameters
    ----------
    frame : pl.DataFrame
        ``day`` (int), ``object`` (str, in order), ``share``.
    title : str
        Of the axis of days.
    lang : str
        ``zh`` or ``en``.
    """
    rows = frame.to_dicts()
    order = list(dict.fromkeys(row["object"] for row in rows))
    for row in rows:
        row["place"] = order.index(row["object"])
    shades = ["#d9e4df", "#a9c4b8", "#79a392", MACHINE]
    colour = alt.Color("object:N", sort=order, scale=alt.Scale(domain=order, range=shades[-len(order) :]), title=word("hatched", lang))
    chart = alt.Chart(inline(rows)).mark_bar(stroke="white", strokeWidth=0.5)
    x = alt.X("day:O", title=title, axis=alt.Axis(labelOverlap=True, labelAngle=0))
    y = alt.Y("share:Q", title=None, stack="zero", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1]))
    drawn: alt.TopLevelMixin = chart.encode(x=x, y=y, color=colour, order=alt.Order("place:Q")).properties(width=WIDTH - 60, height=180)
    return drawn
