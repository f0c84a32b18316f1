"""Shares of codes: the machine's hatched, corrected and people's with intervals, the planted truth where there is one."""

from typing import Any

import altair as alt
import polars as pl

from yuhu.reporting.figures.drawing import CORRECTED, HATCH, MACHINE, PEOPLE, TRUTH, WIDTH, inline
from yuhu.reporting.words import word

ROW_HEIGHT = 26


def prevalence(shares: pl.DataFrame, lang: str, largest: float | None = None) -> alt.TopLevelMixin:
    """A row per code.

    Parameters
    ----------
    shares : pl.DataFrame
        ``label`` (str, in order), ``source`` (machine, corrected, gold or truth), ``value``, ``low``, ``high`` (shares in [0, 1]).
    lang : str
        ``zh`` or ``en``.
    largest : float, optional
        End of the scale, so that several figures share one.
    """
    names = {
        "machine": word("hatched", lang),
        "corrected": word("corrected", lang),
        "gold": word("people", lang),
        "truth": word("planted", lang),
    }
    rows = [{**row, "who": names[row["source"]]} for row in shares.to_dicts()]
    order = list(dict.fromkeys(row["label"] for row in rows))
    present = [source for source in names if any(row["source"] == source for row in rows)]
    colours = {"machine": MACHINE, "corrected": CORRECTED, "gold": PEOPLE, "truth": TRUTH}
    scale = alt.Scale(domain=[names[s] for s in present], range=[colours[s] for s in present])
    colour = alt.Color("who:N", scale=scale, title=None, legend=alt.Legend(symbolType="square", labelLimit=0, columnPadding=24))
    y = alt.Y("label:N", sort=order, title=None)
    x = alt.X(
        "value:Q",
        title=word("share", lang),
        axis=alt.Axis(format=".1~%", tickCount=7),
        scale=alt.Scale(domain=[0, largest]) if largest else alt.Scale(domainMin=0),
    )
    base = alt.Chart(inline(_plain(rows)))
    bars = base.transform_filter("datum.source == 'machine'").mark_bar(size=14, fill=HATCH, strokeWidth=1).encode(y=y, x=x, stroke=colour)
    both = {"corrected", "gold"} <= set(present)
    ranges = [_with_interval(base, source, shift if both else 0, y, x, colour) for source, shift in (("corrected", -5), ("gold", 5))]
    truth = (
        base.transform_filter("datum.source == 'truth'")
        .mark_point(filled=True, size=70, shape="diamond", opacity=1, stroke="white", strokeWidth=1)
        .encode(y=y, x=x, color=colour)
    )
    return alt.layer(bars, *ranges, truth).properties(width=WIDTH - 180, height=ROW_HEIGHT * max(len(order), 1))


def _with_interval(base: alt.Chart, source: str, shift: int, y: alt.Y, x: alt.X, colour: alt.Color) -> Any:
    """A dot and its interval, a little above or below the middle of the row where two stand in it."""
    mine = base.transform_filter(f"datum.source == '{source}'")
    rule = mine.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=2, yOffset=shift)
    dot = mine.mark_point(filled=True, size=50, opacity=1, yOffset=shift)
    return alt.layer(rule.encode(y=y, x=alt.X("low:Q"), x2="high:Q", color=colour), dot.encode(y=y, x=x, color=colour))


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: row[key] for key in ("label", "source", "who", "value", "low", "high")} for row in rows if row["value"] is not None]
