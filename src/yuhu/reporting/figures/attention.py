"""Rank, heat and other metrics over wall time."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import WIDTH, inline
from yuhu.reporting.words import word

HEIGHT = 200
COLOURS = ["#b4552d", "#4f7f6f", "#7a5c99", "#c09a2e", "#3d6d9e", "#8a8f8c"]
MOST_SUBJECTS = len(COLOURS)


def attention(observed: pl.DataFrame, metric: str, lang: str) -> alt.TopLevelMixin:
    """Lines of one metric, one per subject; rank 1 stands on top.

    Parameters
    ----------
    observed : pl.DataFrame
        ``subject`` (str, in order), ``at`` (ISO text in the study's zone), ``value``, ``stretch`` (int: lines join within one).
    metric : str
        Name of the metric.
    lang : str
        ``zh`` or ``en``.
    """
    rows = observed.select("subject", "at", "value", "stretch").to_dicts()
    order = list(dict.fromkeys(row["subject"] for row in rows))
    is_rank = metric == "rank"
    title = word(metric, lang) if metric in {"rank", "heat"} else metric
    scale = alt.Scale(reverse=True, domainMin=1, nice=False) if is_rank else alt.Scale(zero=False)
    chart: alt.TopLevelMixin = (
        alt.Chart(inline(rows))
        .mark_line(point=alt.OverlayMarkDef(size=14, filled=True), strokeWidth=1.4)
        .encode(
            x=alt.X(
                "at:T",
                title=word("time", lang),
                scale=alt.Scale(type="utc"),
                axis=alt.Axis(format="%m-%d %H:%M", grid=False, labelAngle=0, tickCount=6),
            ),
            y=alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5, format="~s" if not is_rank else "d")),
            detail="stretch:N",
            color=alt.Color(
                "subject:N",
                sort=order,
                title=None,
                scale=alt.Scale(domain=order, range=COLOURS[: len(order)]),
                legend=alt.Legend(columns=1),
            ),
        )
        .properties(width=WIDTH - 60, height=HEIGHT)
    )
    return chart
