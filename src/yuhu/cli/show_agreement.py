"""What the command line prints of agreement."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.table import Table

from yuhu.cli.show_people import console, print_json
from yuhu.core.estimate import REASONS
from yuhu.study.agreements import BRIDGE, COMPARABLE, NOT_COMPARABLE, NOT_JUDGED, VERDICT
from yuhu.texts.hostile import terminal_safe

if TYPE_CHECKING:
    from yuhu.verbs.agree import Agreed

_COLOURS = {"firm": "green", "tentative": "yellow", "below": "red"}
_WORDS = {
    "firm": "firm (lower bound >= .80)",
    "tentative": "tentative (lower bound >= .667)",
    "below": "below .667",
    "no_interval": "no interval",
    "undefined": "undefined",
}
_GROUPS = {
    "all": "all coders",
    "asked": "where it was asked",
    "enriched": "as drawn, unweighted",
    "without": "without",
    "pair": "pair",
    "language": "language",
    "sample": "sample",
    "wave": "wave",
    "again": "same coder again",
    "with machine": "people and",
    "timeline with machine": "timeline, people and",
    "anchor": "anchors,",
    "bridge": "bridge set,",
}
_COMPARABLE = {COMPARABLE: "comparable", NOT_COMPARABLE: "not comparable", NOT_JUDGED: "cannot be judged"}


def agreed(found: "Agreed", *, detail: bool, as_json: bool) -> None:
    """How far coders agree."""
    rows = found.rows
    if as_json:
        print_json({"spec": dict(found.spec), "rows": rows.to_dicts()})
        return
    say = console().print
    for warning in found.warnings:
        say(f"[yellow]note:[/yellow] {terminal_safe(warning)}")
    level = round(100 * float(found.spec["confidence"]))
    table = Table(
        "decision", "units", "coders", "alpha", f"{level} % interval", "P(below)", "AC1", "agree", "verdict", box=None, pad_edge=False
    )
    whole = rows.filter((rows["by"] == "all") & (rows["coefficient"] == "krippendorff_alpha"))
    others = _others(rows)
    for row in whole.iter_rows(named=True):
        ac1, percent = (_number(others.get((row["code"], name))) for name in ("gwet_ac1", "percent_agreement"))
        colour = _COLOURS.get(row["verdict"], "default")
        said = _why(row) if row["reason"] else _WORDS[row["verdict"]]
        verdict = f"[{colour}]{said}[/{colour}]"
        below = "" if row["p_below"] is None else f"{row['p_below']:.3f}"
        cells = (f"{row['n_units']:,}", str(row["n_coders"]), _number(row["value"]), _span(row), below, ac1, percent, verdict)
        table.add_row(terminal_safe(row["code"]), *cells)
    if whole.height:
        say(table)
        say(
            f"P(below): chance that alpha lies below {whole['minimum'][0]}, by resampling. AC1 and percent agreement are high for any rare code: they are "
            "no evidence that its positives are reliable."
        )
    for line in (*_anchored(rows), *_bridged(rows)):
        say(line)
    if detail:
        for line in _details(rows):
            say(line)


def _anchored(rows: pl.DataFrame) -> Iterator[str]:
    """Alarms, and how many charts there are."""
    charts = rows.filter(pl.col("coefficient") == "cusum")
    shares = {(code, coder): value for code, coder, value in _of(rows, "anchor_errors").select("code", "subject", "value").iter_rows()}
    for one in charts.filter(pl.col("verdict") == "alarm").iter_rows(named=True):
        share = shares[one["code"], one["subject"]]
        said = f"anchors, {one['subject']}, {one['code']}: alarm on {one['of'][:10]}; {share:.3f} of {one['n_units']} anchors were missed"
        yield terminal_safe(said, 300)
    if charts.height:
        counts = charts["verdict"].value_counts()
        n = dict(counts.iter_rows())
        yield (
            f"anchors: {charts['subject'].n_unique()} coders, {charts['code'].n_unique()} decisions; {n.get('alarm', 0)} alarms, {n.get('quiet', 0)} quiet, "
            f"{n.get('undefined', 0)} not to be told (--detail says why)"
        )


def _bridged(rows: pl.DataFrame) -> Iterator[str | Table]:
    """The verdict of the bridge sets on each decision."""
    whole = rows.filter((pl.col("by") == BRIDGE) & (pl.col("coefficient") == VERDICT) & pl.col("of").is_null())
    if not whole.height:
        return
    table = Table("decision", "units in both versions", "alpha across versions", "ETS delta", "between languages", box=None, pad_edge=False)
    alphas = {one["code"]: one for one in _of(rows, "krippendorff_alpha").filter(pl.col("by") == BRIDGE).iter_rows(named=True)}
    deltas = _of(rows, "ets_delta").filter(pl.col("value").is_not_null()).sort(pl.col("value").abs(), maintain_order=True)
    widest = {one["code"]: one for one in deltas.iter_rows(named=True)}
    for one in whole.iter_rows(named=True):
        alpha, delta = alphas.get(one["code"]), widest.get(one["code"])
        cells = ("-" if each is None else f"{_number(each['value'])} {_span(each)}" for each in (alpha, delta))
        verdict = _COMPARABLE[one["verdict"]] + (f": {REASONS[one['reason']]['en']}" if one["reason"] else "")
        table.add_row(terminal_safe(one["code"]), f"{one['n_units']:,}", *cells, verdict)
    yield table
    yield "bridge sets: ETS delta is the widest of all values, by language and by translation; within 1.5 of 0 is what comparable allows"


def _of(rows: pl.DataFrame, coefficient: str) -> pl.DataFrame:
    return rows.filter(pl.col("coefficient") == coefficient)


def _others(rows: pl.DataFrame) -> dict[tuple[str, str], float | None]:
    whole = rows.filter(rows["by"] == "all")
    return {(code, name): value for code, name, value in whole.select("code", "coefficient", "value").iter_rows()}


def _details(rows: pl.DataFrame) -> Iterator[str]:
    for row in rows.iter_rows(named=True):
        if row["by"] == "all" and row["coefficient"] == "krippendorff_alpha":
            continue
        group = _GROUPS.get(row["by"], row["by"])
        where = group if row["subject"] == "all" else f"{group} {row['subject']}"
        what = "alpha" if row["coefficient"] == "krippendorff_alpha" else row["coefficient"].replace("_", " ")
        of = f" on {row['of']}" if row["of"] is not None else ""
        why = f" ({_why(row)})" if row["reason"] else ""
        p = "" if row["p"] is None else f", p {row['p']:.3f}"
        verdict = f", {row['verdict']}" if row["by"] in ("anchor", BRIDGE) and row["verdict"] else ""
        yield terminal_safe(
            f"{row['code']}, {where}: {what}{of} {_number(row['value'])} {_span(row)}, n {row['n_units']:,}{p}{verdict}{why}", 400
        )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _span(row: dict[str, Any]) -> str:
    return "" if row["low"] is None else f"[{row['low']:.3f}, {row['high']:.3f}]".replace("[", r"\[")


def _why(row: dict[str, Any]) -> str:
    return REASONS[row["reason"]]["en"]
