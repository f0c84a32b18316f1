"""Differences of shares: corrected ones with intervals around zero, the machine's own as hollow marks."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, MACHINE, MUTED, WIDTH, inline
from yuhu.reporting.words import word

ROW_HEIGHT = 24


def differences(frame: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """A row per code.

    Parameters
    ----------
    frame : pl.DataFrame
        ``label`` (str, in order), ``source`` (corrected or machine), ``value``, ``low``, ``high`` (differences of shares in [-1, 1]).
    lang : str
        ``zh`` or ``en``.
    """
    names = {"machine": word("hatched", lang), "corrected": word("corrected", lang)}
    rows = [{**row, "who": names[row["source"]]} for row in frame.to_dicts()]
    order = list(dict.fromkeys(row["label"] for row in rows))
    scale = alt.Scale(domain=list(names.values()), range=[MACHINE, CORRECTED])
    colour = alt.Color("who:N", scale=scale, title=None, legend=alt.Legend(symbolType="circle", labelLimit=0, columnPadding=24))
    y = alt.Y("label:N", sort=order, title=None)
    x = alt.X("value:Q", title=word("difference_of_shares", lang), axis=alt.Axis(format="+.1~%", tickCount=7))
    base = alt.Chart(inline(rows))
    zero = alt.Chart(inline([{"value": 0.0}])).mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x="value:Q")
    mine = base.transform_filter("datum.source == 'corrected'")
    rule = mine.mark_rule(strokeWidth=2).encode(y=y, x=alt.X("low:Q"), x2="high:Q", color=colour)
    dots = mine.mark_point(filled=True, size=50, opacity=1).encode(y=y, x=x, color=colour)
    hollow = base.transform_filter("datum.source == 'machine'").mark_point(size=60, strokeWidth=2).encode(y=y, x=x, color=colour)
    return alt.layer(zero, rule, dots, hollow).properties(width=WIDTH - 180, height=ROW_HEIGHT * max(len(order), 1))
