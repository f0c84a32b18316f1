"""One video over media time: counts, rates with their band, peaks, and what was on screen."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, INK, MUTED, PEOPLE, WIDTH, inline
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_moments import MOMENTS

HEIGHT, STRIP = 130, 15


def moments(course: pl.DataFrame, others: pl.DataFrame, peaks: pl.DataFrame, segments: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """The rate over media time, with peaks shaded and segments as strips below.

    Parameters
    ----------
    course : pl.DataFrame
        ``minutes, until`` of each step, ``counted`` (messages per second as counted), ``rate``, ``low``, ``high`` (or null).
    others : pl.DataFrame
        ``scenario``, ``minutes``, ``rate``: the same under other assumptions.
    peaks : pl.DataFrame
        ``minutes``, ``until``.
    segments : pl.DataFrame
        ``strategy`` (str, in order), ``minutes``, ``until``.
    lang : str
        ``zh`` or ``en``.
    """
    end = float(course["until"].to_numpy().max())
    scale = alt.Scale(domain=[0, end], nice=False)
    strips = list(dict.fromkeys(segments["strategy"]))
    axis = alt.X("minutes:Q", title=None if strips else word("media_time", lang), scale=scale, axis=alt.Axis(grid=False))
    seen, ends = (max([1e-3, *(one for name in names for one in course[name].drop_nulls())]) for names in (("counted", "rate"), ("high",)))
    top = 1.1 * max(seen, min(ends, 2 * seen))  # what shoots up must not flatten the rest: it is cut there
    height = alt.Scale(domain=[0, top], nice=False)
    named = phrase(MOMENTS, "rate", lang)
    y = alt.Y("rate:Q", title=named, axis=alt.Axis(tickCount=4), scale=height)
    cut = course.with_columns(pl.col(name).clip(upper_bound=top) for name in ("low", "high"))
    rows = cut.with_columns(middle=(pl.col("minutes") + pl.col("until")) / 2).to_dicts()
    base = alt.Chart(inline(rows))
    bars = base.mark_rect(color="#dfe4e0").encode(x=axis, x2="until:Q", y=alt.Y("counted:Q", title=named, scale=height), y2=alt.datum(0))
    smooth = base.transform_filter("isValid(datum.low)")
    middle = alt.X("middle:Q", scale=scale)
    band = smooth.mark_area(opacity=0.2, color=CORRECTED).encode(x=middle, y=alt.Y("low:Q", title=named, scale=height), y2="high:Q")
    line = smooth.mark_line(color=CORRECTED, strokeWidth=1.6).encode(x=middle, y=y)
    thin = (
        alt.Chart(inline(others.with_columns(pl.col("rate").clip(upper_bound=top)).to_dicts()))
        .mark_line(color=MUTED, strokeWidth=0.7, strokeDash=[2, 2])
        .encode(x=alt.X("minutes:Q", scale=scale), y=alt.Y("rate:Q", title=named, scale=height), detail="scenario:N")
    )
    shade = (
        alt.Chart(inline(peaks.to_dicts())).mark_rect(color=PEOPLE, opacity=0.18).encode(x=alt.X("minutes:Q", scale=scale), x2="until:Q")
    )
    layers = [bars, *([shade] if peaks.height else []), *([thin] if others.height else []), band, line]
    upper = alt.layer(*layers).properties(width=WIDTH - 190, height=HEIGHT)
    if not strips:
        return upper
    lower = (
        alt.Chart(inline(segments.to_dicts()))
        .mark_bar(color=INK, height=STRIP - 6)
        .encode(
            x=alt.X("minutes:Q", title=word("media_time", lang), scale=scale, axis=alt.Axis(grid=False)),
            x2="until:Q",
            y=alt.Y("strategy:N", sort=strips, title=None, axis=alt.Axis(labelLimit=170)),
        )
        .properties(width=WIDTH - 190, height=STRIP * len(strips))
    )
    return alt.vconcat(upper, lower, spacing=6)
