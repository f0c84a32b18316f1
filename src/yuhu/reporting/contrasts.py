"""Section on differences between languages, platforms and videos: corrected on both sides, beside what the machine alone would have said."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.differences import differences
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.numbers import NO_BREAK, points
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import CONTRAST, TARGET, phrase, word
from yuhu.texts.hostile import visible

MOST_PAIRS = 3
MOST_DRAWN = 14
GROUPINGS = ("language", "platform", "kind", "video")
MINUS = " − "


def contrasts(facts: Facts, lang: str) -> View | None:
    """Differences between groups; None where gold corrects none."""
    frame = facts.estimates.filter(pl.col("measure") == "contrast.v1")
    if not frame.height:
        return None
    tables, figures = [], []
    for by in GROUPINGS:
        mine = frame.filter(pl.col("by") == by)
        for subject in list(dict.fromkeys(mine["subject"]))[:MOST_PAIRS]:
            rows = mine.filter(pl.col("subject") == subject).to_dicts()
            naive = _naive(facts, by, subject)
            tables.append(_table(facts, by, subject, rows, naive, lang))
            if by == "language":
                figures += _figure(facts, subject, rows, naive, lang)
    tested = frame.filter(pl.col("low").is_not_null())
    apart = tested.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
    lead = phrase(CONTRAST, "lead", lang, n=f"{tested.height:,}", apart=f"{apart:,}", chance=f"{tested.height * 0.05:.0f}")
    return View("contrasts", word("contrasts", lang), [lead], figures=figures, tables=tables)


def contrast_said(facts: Facts, row: Mapping[str, Any], lang: str) -> str:
    """The sentence of a corrected difference between two groups."""
    first, _, second = row["subject"].partition(MINUS)
    said = phrase(
        CONTRAST, "sentence", lang, code=visible(label(facts, row["code"], lang), 60), value=value_label(facts, row["code"], row["value_id"], lang),
        first=visible(first, 60), second=visible(second, 60), points=points(row["value"]), low=points(row["low"]), high=points(row["high"]),
        n_gold=f"{row['n_gold'] or 0:,}", target=TARGET[row["target"]][lang], rung=row["rung"],
    )  # fmt: skip
    return Said(said, row)


def _naive(facts: Facts, by: str, subject: str) -> dict[tuple[str, str], float]:
    """The machine's own difference, by decision and value."""
    first, _, second = subject.partition(MINUS)
    shares = facts.estimates.filter(
        (pl.col("measure") == "prevalence.v1")
        & (pl.col("source") == "machine")
        & (pl.col("by") == by)
        & pl.col("subject").is_in([first, second])
        & pl.col("value").is_not_null()
    )
    by_group = {(row["subject"], row["code"], row["value_id"]): row["value"] for row in shares.iter_rows(named=True)}
    pairs = {(code, value) for _, code, value in by_group}
    return {
        (code, value): by_group[first, code, value] - by_group[second, code, value]
        for code, value in pairs
        if (first, code, value) in by_group and (second, code, value) in by_group
    }


def _table(facts: Facts, by: str, subject: str, rows: list[dict[str, Any]], naive: dict[tuple[str, str], float], lang: str) -> Table:
    why = {row["reason"] for row in rows if row["low"] is not None}
    shared = REASONS[why.pop()][lang] if len(why) == 1 and "" not in why else ""
    lines = []
    for row in rows:
        machine = naive.get((row["code"], row["value_id"]))
        lines.append(
            (
                label(facts, row["code"], lang),
                value_label(facts, row["code"], row["value_id"], lang),
                "–" if machine is None else points(machine),
                _difference(row, lang),
                f"{row['n_gold'] or 0:,}",
                REASONS[row["reason"]][lang] if row["reason"] and row["low"] is not None and not shared else "",
                row["rung"],
            )
        )
    heads = [word(key, lang) for key in ("code", "value", "machine_difference", "corrected_difference", "gold_n", "remarks", "rung")]
    kept = [at for at in range(len(heads)) if at != heads.index(word("remarks", lang)) or any(line[at] for line in lines)]
    name = f"{word(by, lang)}: {visible(subject, 160)}"
    note = " ".join(
        part for part in (f"{shared}." if shared else "", "corrected_share_difference.v1.", word("contrast_note", lang)) if part
    )
    columns, cells = [heads[at] for at in kept], [tuple(line[at] for at in kept) for line in lines]
    return Table(f"contrast-{by}-{visible(subject, 60)}", name, columns, cells, note=note, folded=True)


def _difference(row: dict[str, Any], lang: str) -> str:
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    if row["low"] is None:
        return Said(f"{points(row['value'])} ({REASONS[row['reason']][lang]})", row)
    return Said(f"{points(row['value'])} [{points(row['low'])},{NO_BREAK}{points(row['high'])}]", row)


def _figure(facts: Facts, subject: str, rows: list[dict[str, Any]], naive: dict[tuple[str, str], float], lang: str) -> list[Figure]:
    """The decisions whose gold is largest in effect: first value of each, widest differences of the machine first."""
    first: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["low"] is not None and row["method"] == "corrected_share_difference.v1":
            first.setdefault(row["code"], row)
    owner = {code: facts.book.code(facts.book.variables[code].code) for code in first if code in facts.book.variables}
    shown = [code for code in first if code in owner and owner[code].module != "flags" and code != "kind"]
    ranked = sorted(shown, key=lambda code: -abs(naive.get((code, first[code]["value_id"]), 0.0)))[:MOST_DRAWN]
    if not ranked:
        return []
    lines = []
    for code in [one for one in shown if one in ranked]:
        row = first[code]
        suffix = (
            "" if facts.book.variables[code].level in {"binary", "ordinal"} else f" = {value_label(facts, code, row['value_id'], lang)}"
        )
        name = label(facts, code, lang) + suffix
        lines.append((name, "corrected", row["value"], row["low"], row["high"]))
        if (code, row["value_id"]) in naive:
            lines.append((name, "machine", naive[code, row["value_id"]], None, None))
    frame = pl.DataFrame(
        lines, schema={"label": pl.String, "source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}, orient="row"
    )
    name = f"contrast-{visible(subject, 40)}"
    return [
        Figure(
            f"figure-{name}",
            f"{word('language', lang)}: {visible(subject, 80)}",
            draw(differences(frame, lang), name),
            word("contrast_drawn", lang),
        )
    ]
