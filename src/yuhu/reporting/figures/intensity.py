"""Messages over media time, one band per video."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import HATCH, MACHINE, WIDTH, inline
from yuhu.reporting.words import word

BAND_HEIGHT = 84
MOST_VIDEOS = 12


def intensity(steps: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """A band per video: all messages in grey, coded ones hatched.

    Parameters
    ----------
    steps : pl.DataFrame
        ``video`` (str, in order), ``minutes`` (float, start of the step), ``messages`` (int), ``coded`` (int or null).
    lang : str
        ``zh`` or ``en``.
    """
    rows = steps.select("video", "minutes", "messages", "coded").to_dicts()
    order = list(dict.fromkeys(row["video"] for row in rows))
    x = alt.X("minutes:Q", title=word("media_time", lang), axis=alt.Axis(grid=False))
    base = alt.Chart()
    every = base.mark_area(interpolate="step-after", color="#cfd6d1").encode(
        x=x, y=alt.Y("messages:Q", title=None, axis=alt.Axis(tickCount=3))
    )
    coded = (
        base.transform_filter("isValid(datum.coded)")
        .mark_area(interpolate="step-after", fill=HATCH, stroke=MACHINE, strokeWidth=1)
        .encode(x=x, y=alt.Y("coded:Q", title=None))
    )
    chart: alt.TopLevelMixin = (
        alt.layer(every, coded, data=inline(rows))
        .properties(width=WIDTH - 60, height=BAND_HEIGHT)
        .facet(
            row=alt.Row(
                "video:N",
                sort=order,
                title=None,
                header=alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelOrient="top"),
            )
        )
        .resolve_scale(y="independent")
    )
    return chart
