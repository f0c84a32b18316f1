"""The figure of docs/correction.md: bias and coverage of machine codes taken for true, and of corrected estimates.

python bench/correction_figure.py docs/correction_coverage.json docs/correction.svg
"""

import json
import sys
from pathlib import Path

import altair as alt
import polars as pl
import vl_convert

NAMES = {"naive": "machine alone", "tuned": "corrected (tuned)"}
COLOURS = alt.Scale(domain=list(NAMES.values()), range=["#c8553d", "#2f6690"])
SHAPES = alt.Scale(domain=list(NAMES.values()), range=["square", "circle"])


def panel(rows: pl.DataFrame, field: str, title: str, rule: float, *, named: bool) -> alt.LayerChart:
    """One dot for each design, estimand and method; a rule where it should lie."""
    order = rows["row"].unique(maintain_order=True).to_list()
    axis = alt.Axis(title=None, labelLimit=420, ticks=False, grid=True, labels=named)
    method = {"title": None, "sort": list(NAMES.values())}
    dots = (
        alt.Chart(rows)
        .mark_point(filled=True, size=60, opacity=1)
        .encode(
            x=alt.X(f"{field}:Q", title=title),
            y=alt.Y("row:N", sort=order, axis=axis),
            color=alt.Color("method:N", scale=COLOURS, **method),
            shape=alt.Shape("method:N", scale=SHAPES, **method),
        )
    )
    line = alt.Chart(pl.DataFrame({"x": [rule]})).mark_rule(strokeDash=[4, 3], color="#555").encode(x="x:Q")
    return (line + dots).properties(width=230, height={"step": 15})


def main(source: str, target: str) -> None:
    """Read the coverage table, draw, write."""
    rows = (
        pl.DataFrame(json.loads(Path(source).read_text("utf-8")))
        .filter(pl.col("method").is_in(list(NAMES)) & pl.col("estimand").is_in(["share", "difference"]))
        .with_columns(row=pl.col("design") + ": " + pl.col("estimand"), method=pl.col("method").replace(NAMES))
    )
    with_both = rows.filter(pl.col("method") == NAMES["naive"])["row"]
    rows = rows.filter(pl.col("row").is_in(with_both.implode()))
    chart = alt.hconcat(
        panel(rows, "bias", "bias", 0.0, named=True),
        panel(rows, "covered", "share of 95 % intervals that hold the truth", 0.95, named=False),
    )
    Path(target).write_text(vl_convert.vegalite_to_svg(chart.to_json()), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
