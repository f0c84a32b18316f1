"""What the command line prints about machine coders."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from yuhu.cli.show import print_json, print_table, print_text
from yuhu.texts.hostile import terminal_safe

if TYPE_CHECKING:
    from yuhu.core.contracts import Forecast
    from yuhu.study.manifest import Run
    from yuhu.verbs.check_coder import Checked
    from yuhu.verbs.code_segments import SegmentRun


def coded(run: "Run", counts: Mapping[str, int], *, as_json: bool) -> None:
    """A finished machine coding."""
    if as_json:
        print_json(
            {
                "coder": run.coder,
                "run": run.run,
                "decisions": list(run.served),
                "codings": counts["codings"],
                "texts_abstained": counts["abstained"],
                "decisions_failed": counts["failed"],
                "codebook_hash": run.codebook_hash,
            }
        )
        return
    print_text(
        f"{run.coder}: {len(run.served)} decisions per text, {counts['codings']:,} codings other than 0; "
        f"abstained from {counts['abstained']:,} texts in languages {'without terms' if run.kind == 'lexicon' else 'that it does not code'}"
    )
    if counts["failed"]:
        print_text(f"{counts['failed']:,} decisions failed and are outside of its shares; {_again(run.kind)}")
    print_text("machine only: not validated, until people code a sample")


def _again(kind: str) -> str:
    """How failed decisions are asked for again."""
    if kind != "llm":
        return "--retry-failed asks for them again"
    return (
        "--retry-failed asks for those that the server did not answer; refusals, malformed answers and bad evidence come back from the cache unless "
        "--set ask_again=yes stands beside it"
    )


def segments_coded(found: "SegmentRun", *, as_json: bool) -> None:
    """Segments that a model coded from key frames."""
    if as_json:
        print_json(vars(found))
        return
    print_text(f"{found.coder}: {found.segments:,} segments coded, {found.codings:,} codings stand; {found.written:,} rows written")
    if found.without_frames:
        print_text(f"{found.without_frames:,} segments have no key frame and were not coded")
    if found.failed:
        print_text(
            f"{found.failed:,} decisions failed; run it again to ask for them, with --set ask_again=yes also for refusals and bad evidence"
        )
    print_text(f"they stand on the timeline, apart from those of people: yuhu agree STUDY --with {found.coder} compares them")


def forecast(found: "Forecast") -> None:
    """What a run will ask for."""
    print_text(
        f"{found.texts:,} distinct texts: {found.requests:,} requests, {found.cached:,} more are answered already; "
        f"about {found.tokens_in:,} tokens in and {found.tokens_out:,} out"
    )
    print_text("cost: no prices given" if found.cost is None else f"cost: about {found.cost:,.2f} {found.currency}")


_RATES = ("precision", "recall", "f1", "specificity")
_UNEQUAL = 0.05
_EMPTY = ("never_predicted", "no_gold_positives", "no_gold_negatives")


def checked(found: "Checked", *, to: Path | None, most: int, as_json: bool) -> None:
    """How a machine coder does against people."""
    if as_json:
        print_json(_as_dict(found))
        return
    import polars as pl

    whole = {
        (row["code"], row["value_id"], row["method"].partition(".")[0]): row
        for row in found.rates.filter(pl.col("by") == "all").iter_rows(named=True)
    }
    print_text(f"{terminal_safe(found.coder)} against people, of all messages of the sample's frame")
    table = Table(box=None, pad_edge=False)
    rates = [*_RATES, *(["calibration_error"] if any(name == "calibration_error" for _, _, name in whole) else [])]
    for name in ("code", "value", *(rate.replace("_", " ") for rate in rates), "people / machine", "both"):
        table.add_column(name, justify="left" if name in ("code", "value") else "right", no_wrap=True)
    for (code, value), counts in found.tables.items():
        cells = [_interval(whole.get((code, value, rate))) for rate in rates]
        yes = counts["both"] + counts["missed"], counts["both"] + counts["invented"]
        table.add_row(code, value, *cells, f"{yes[0]} / {yes[1]}", str(counts["both"]))
    print_table(table)
    print_text("without an interval: fewer than 10 units to judge by; none: the machine, or people, never gave the code")
    _unequal(found)
    _agreement(found)
    ties = sum(counts["ties"] for counts in found.tables.values())
    if ties:
        print_text(f"{ties} decisions on which half of the people said yes are left out: yuhu adjudicate settles them")
    print_text(
        f"{found.disagreements.height:,} decisions on which machine and people differ"
        + (f", in {to}" if to else "; --to FILE.csv lists them")
    )
    for row in found.disagreements.head(most).iter_rows(named=True):
        sure = "" if row["probability"] is None else f", p = {row['probability']:.2f}"
        text = terminal_safe(row["text"] or "", 160)
        print_text(f"  {row['code']} {row['value_id']}: people {row['people']:.0f}, machine {row['machine']:.0f}{sure}: {text}")


def _interval(row: Mapping[str, Any] | None) -> str:
    """``.81 [.74, .87]``, or why there is none."""
    from yuhu.core.estimate import REASONS

    if row is None:
        return "-"
    if row["value"] is None:
        return "none" if row["reason"] in _EMPTY else REASONS[row["reason"]]["en"]
    number = f"{row['value']:.2f}"
    return number if row["low"] is None else f"{number} [{row['low']:.2f}, {row['high']:.2f}]"


def _unequal(found: "Checked") -> None:
    """Groups in which the machine errs more than in others."""
    import polars as pl

    tests = found.rates.filter(pl.col("method").str.starts_with("equal_") & (pl.col("value") < _UNEQUAL))
    for test in tests.iter_rows(named=True):
        rate = test["method"].removeprefix("equal_").partition(".")[0]
        groups = found.rates.filter(
            (pl.col("code") == test["code"])
            & (pl.col("value_id") == test["value_id"])
            & (pl.col("by") == test["by"])
            & (pl.col("method") == f"{rate}.v1")
            & pl.col("value").is_not_null()
        )
        shown = ", ".join(f"{terminal_safe(row['subject'], 40)} {_interval(row)}" for row in groups.iter_rows(named=True))
        print_text(f"unequal {rate} of {test['code']} {test['value_id']} by {test['by']} (p = {test['value']:.3f}): {shown}")
    if tests.height:
        print_text("where errors are unequal, only shares that are corrected within each group may be compared")


def _agreement(found: "Checked") -> None:
    if not found.people:
        return
    print_text("")
    print_text("Krippendorff's alpha")
    table = Table(box=None, pad_edge=False)
    for name in ("code", "first", "second", "alpha", "units"):
        table.add_column(name, justify="right" if name in ("alpha", "units") else "left")
    for row in found.people:
        estimate = row["estimate"]
        table.add_row(row["code"], terminal_safe(row["first"]), terminal_safe(row["second"]), _interval(vars(estimate)), str(estimate.n))
    print_table(table)


def _as_dict(found: "Checked") -> dict[str, Any]:
    return {
        "coder": found.coder,
        "rates": found.rates.to_dicts(),
        "tables": [{"code": code, "value_id": value, **counts} for (code, value), counts in found.tables.items()],
        "people": [{**row, "estimate": vars(row["estimate"])} for row in found.people],
        "disagreements": found.disagreements.drop("text").to_dicts(),
    }
