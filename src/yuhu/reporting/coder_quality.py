"""Sections on machine coders: how this one errs against people, and what the shares would be under each of several."""

from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.numbers import NO_BREAK, gold_share, machine_share
from yuhu.reporting.page import Facts, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import QUALITY, phrase, word
from yuhu.texts.hostile import visible

RATES = ("precision", "recall", "f1", "specificity")
UNEQUAL = 0.05
MOST_UNEQUAL = 12


def coder_quality(facts: Facts, lang: str) -> View | None:
    """How the machine errs; None where people coded no probability sample of what it decides."""
    frame = facts.estimates.filter(pl.col("measure") == "coder_quality.v1")
    if not frame.height:
        return None
    coder = visible(frame["coder"][0] or "", 40)
    lead = phrase(QUALITY, "lead", lang, coder=coder)
    tests = frame.filter(pl.col("method").str.starts_with("equal_") & pl.col("value").is_not_null())
    unequal = tests.filter(pl.col("value") < UNEQUAL).sort("value", maintain_order=True).head(MOST_UNEQUAL)
    said = [_sentence(facts, frame, row, lang) for row in unequal.iter_rows(named=True)]
    about = [phrase(QUALITY, "unequal" if said else "equal", lang, n=f"{tests.height:,}")] if tests.height else []
    return View("coder-quality", word("coder_quality", lang), [lead, *about], said, tables=_rates(facts, frame, lang))


def _rates(facts: Facts, frame: pl.DataFrame, lang: str) -> list[Table]:
    """Rates of decisions that can be judged; and, folded, of those that gold holds too little of."""
    rows = {
        (row["code"], row["value_id"], row["method"].partition(".")[0]): row
        for row in frame.filter(pl.col("by") == "all").iter_rows(named=True)
    }
    shown = [*RATES, *(["calibration_error"] if any(name == "calibration_error" for *_, name in rows) else [])]
    judged: list[tuple[str, ...]] = []
    rare: list[tuple[str, ...]] = []
    for code, value in dict.fromkeys((code, value) for code, value, _ in rows):
        recall = rows.get((code, value, "recall")) or {}
        cells = [_number(rows.get((code, value, rate)), lang) for rate in shown]
        line = (label(facts, code, lang), value_label(facts, code, value, lang), *cells, f"{recall.get('n_gold') or 0:,}")
        (rare if recall.get("low") is None else judged).append(line)
    heads = [word("code", lang), word("value", lang), *(f"{word(rate, lang)} #" for rate in shown), word("gold_positives", lang)]
    note = " ".join((word("coder_rates_note", lang), *(f"{rate}.v1." for rate in shown)))
    tables = [Table("coder-rates", word("coder_rates", lang), heads, judged, note=note)] if judged else []
    return [*tables, *([Table("coder-rates-rare", word("coder_rates_rare", lang), heads, rare, note=note, folded=True)] if rare else [])]


def _number(row: dict[str, Any] | None, lang: str) -> str:
    if row is None:
        return "–"
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    if row["low"] is None:
        return Said(f"{row['value']:.2f} (n = {row['n_gold']:,})", row)
    return Said(f"{row['value']:.2f} [{row['low']:.2f},{NO_BREAK}{row['high']:.2f}]", row)


def _sentence(facts: Facts, frame: pl.DataFrame, test: dict[str, Any], lang: str) -> str:
    rate = test["method"].removeprefix("equal_").partition(".")[0]
    groups = frame.filter(
        (pl.col("code") == test["code"])
        & (pl.col("value_id") == test["value_id"])
        & (pl.col("by") == test["by"])
        & (pl.col("method") == f"{rate}.v1")
        & pl.col("value").is_not_null()
    )
    named = f"{label(facts, test['code'], lang)} ({value_label(facts, test['code'], test['value_id'], lang)})"
    shown = "; ".join(f"{visible(row['subject'], 60)} {_number(row, lang)}" for row in groups.iter_rows(named=True))
    p = "< .001" if test["value"] < 0.001 else f"= {test['value']:.3f}".replace("0.", ".", 1)
    return phrase(QUALITY, "groups", lang, rate=word(rate, lang), code=named, by=word(test["by"], lang), groups=shown, p=p)


def multiverse(facts: Facts, lang: str) -> View | None:
    """The same shares under each coder; None where the study has one."""
    frame = facts.estimates.filter(pl.col("measure") == "multiverse.v1")
    if not frame.height:
        return None
    coders = list(dict.fromkeys(frame["subject"]))
    rows = {(row["code"], row["value_id"], row["subject"], row["source"]): row for row in frame.iter_rows(named=True)}
    has_gold = any(source == "corrected" for *_, source in rows)
    lines = []
    for code, value in dict.fromkeys((code, value) for code, value, *_ in rows):
        cells = []
        for coder in coders:
            cells.append(machine_share(rows.get((code, value, coder, "machine")), lang))
            if has_gold:
                cells.append(gold_share(rows.get((code, value, coder, "corrected")), lang))
        lines.append((label(facts, code, lang), value_label(facts, code, value, lang), *cells))
    heads = [word("code", lang), word("value", lang)]
    for coder in coders:
        heads.append(f"{visible(coder, 30)}: {word('machine_share', lang)}")
        heads += [f"{visible(coder, 30)}: {word('corrected_share', lang)}"] if has_gold else []
    table = Table("multiverse-table", word("multiverse", lang), heads, lines, note="machine_count.v1. corrected_share.v1.", folded=True)
    return View(
        "multiverse",
        word("multiverse", lang),
        [phrase(QUALITY, "multiverse" if has_gold else "multiverse_machines", lang, n=f"{len(coders)}")],
        tables=[table],
    )
