"""Lifts after strategies as a forest, and rates over lags."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, INK, MACHINE, MUTED, WIDTH, inline
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_event_study import FOLLOWED

ROW_HEIGHT = 20
LAG_HEIGHT, LAG_COLUMNS = 120, 3
LOWEST, HIGHEST = 0.1, 20.0
"""Ends of the axis: what lies beyond is cut there."""


def forest(frame: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """A panel for each series, a row for each strategy.

    Parameters
    ----------
    frame : pl.DataFrame
        ``series``, ``strategy`` (str, in order), ``source`` (observed, machine or corrected), ``value``, ``low``, ``high`` (ratios; the ends may be null).
    lang : str
        ``zh`` or ``en``.
    """
    cut = [pl.col(name).clip(LOWEST, HIGHEST) for name in ("value", "low", "high")]
    names = {"observed": phrase(FOLLOWED, "messages", lang), "machine": word("hatched", lang), "corrected": word("corrected", lang)}
    rows = [{**row, "who": names[row["source"]]} for row in frame.with_columns(cut).to_dicts()]
    ends = [row[name] for row in rows for name in ("value", "low", "high") if row[name] is not None]
    domain = [min(0.8, *ends) / 1.05, max(1.25, *ends) * 1.05]
    order, panels = (list(dict.fromkeys(row[name] for row in rows)) for name in ("strategy", "series"))
    used = [name for source, name in names.items() if any(row["source"] == source for row in rows)]
    colours = {names["observed"]: INK, names["machine"]: MACHINE, names["corrected"]: CORRECTED}
    colour = alt.Color(
        "who:N",
        scale=alt.Scale(domain=used, range=[colours[one] for one in used]),
        title=None,
        legend=alt.Legend(symbolType="circle", labelLimit=0, columnPadding=24),
    )
    scale = alt.Scale(type="log", domain=domain, nice=False)
    y = alt.Y("strategy:N", sort=order, title=None)
    x = alt.X(
        "value:Q",
        title=phrase(FOLLOWED, "lift", lang),
        scale=scale,
        axis=alt.Axis(format="~g", values=_ticks(*domain)),
    )
    base = alt.Chart()
    one = base.transform_calculate(one="1").mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x=alt.X("one:Q", scale=scale))
    held = base.transform_filter("isValid(datum.low)")
    rule = held.mark_rule(strokeWidth=2).encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q", color=colour)
    dots = base.transform_filter("datum.source != 'machine'").mark_point(filled=True, size=46, opacity=1).encode(y=y, x=x, color=colour)
    rings = base.transform_filter("datum.source == 'machine'").mark_point(size=56, strokeWidth=2).encode(y=y, x=x, color=colour)
    header = alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top")
    chart: alt.TopLevelMixin = (
        alt.layer(one, rule, dots, rings, data=inline(rows))
        .properties(width=WIDTH - 180, height=ROW_HEIGHT * max(len(order), 1))
        .facet(row=alt.Row("series:N", sort=panels, title=None, header=header))
    )
    return chart


def _ticks(low: float, high: float) -> list[float]:
    known = (0.1, 0.2, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20)
    return [tick for tick in known if low <= tick <= high]


def lags(frame: pl.DataFrame, order: Sequence[str], lang: str) -> alt.TopLevelMixin:
    """A small panel for each strategy: rate at each lag by the rate before, with its band where it has one.

    Parameters
    ----------
    frame : pl.DataFrame
        ``strategy`` (str), ``seconds`` (float), ``value``, ``low``, ``high`` (ratios; the ends may be null).
    order : sequence of str
        Strategies.
    lang : str
        ``zh`` or ``en``.
    """
    rows = frame.with_columns(pl.col(name).clip(0.0, HIGHEST) for name in ("value", "low", "high")).to_dicts()
    x = alt.X("seconds:Q", title=phrase(FOLLOWED, "lag_axis", lang), axis=alt.Axis(grid=False, tickCount=7))
    base = alt.Chart()
    band = (
        base.transform_filter("isValid(datum.low)")
        .mark_area(opacity=0.18, color=CORRECTED)
        .encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
    )
    line = base.mark_line(color=CORRECTED, strokeWidth=1.5).encode(x=x, y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4)))
    one = base.transform_calculate(one="1").mark_rule(color=MUTED, strokeDash=[3, 3]).encode(y="one:Q")
    start = base.transform_calculate(start="0").mark_rule(color=MUTED).encode(x="start:Q")
    chart: alt.TopLevelMixin = (
        alt.layer(band, one, start, line, data=inline(rows))
        .properties(width=(WIDTH - 90) // LAG_COLUMNS, height=LAG_HEIGHT)
        .facet(facet=alt.Facet("strategy:N", sort=list(order), title=None), columns=LAG_COLUMNS)
    )
    return chart
