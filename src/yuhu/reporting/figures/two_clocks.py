"""What the video drew and what the messages on screen drew, over media time."""

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, WIDTH, inline
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_two_clocks import CROWD

HEIGHT = 150


def shared_out(stretches: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """Two areas, the video's below.

    Parameters
    ----------
    stretches : pl.DataFrame
        ``minutes``, ``video``, ``audience``: messages of each stretch.
    lang : str
        ``zh`` or ``en``.
    """
    names = {"video": phrase(CROWD, "by_video", lang), "audience": phrase(CROWD, "by_audience", lang)}
    rows = [
        {"minutes": row["minutes"], "who": names[who], "messages": row[who], "order": at}
        for row in stretches.iter_rows(named=True)
        for at, who in enumerate(names)
    ]
    chart: alt.TopLevelMixin = (
        alt.Chart(inline(rows))
        .mark_area(interpolate="step-after")
        .encode(
            x=alt.X("minutes:Q", title=word("media_time", lang), axis=alt.Axis(grid=False)),
            y=alt.Y("messages:Q", title=word("messages", lang), stack="zero"),
            color=alt.Color("who:N", title=None, scale=alt.Scale(domain=list(names.values()), range=["#cfd6d1", CORRECTED])),
            order=alt.Order("order:Q"),
        )
        .properties(width=WIDTH - 60, height=HEIGHT)
    )
    return chart
