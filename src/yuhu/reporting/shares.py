"""Sections on shares: at a glance, truth beside people and machine, prevalence, and groups."""

from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.prevalence import prevalence
from yuhu.reporting.numbers import gold_share, machine_share, percent, points
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.words import FINDING, TARGET, phrase, word
from yuhu.texts.hostile import visible

MOST_GROUPS = 12
MOST_CODES = 20
MOST_COMPARED = 8
COMPARED = ("zh", "en")
CONTRASTED = ("affective_empathy", "cultural_identity", "stance")
GROUPINGS = ("video", "platform", "language", "region")

Rows = dict[tuple[str, str, str], dict[str, Any]]


def label(facts: Facts, code: str, lang: str) -> str:
    """A decision's label in a language."""
    variable = facts.book.variables.get(code)
    return variable.label[lang] if variable else code


def value_label(facts: Facts, code: str, value_id: str, lang: str) -> str:
    """A value's label; of ordinal codes "at least"."""
    variable = facts.book.variables.get(code)
    if variable is None:
        return value_id
    owner = facts.book.code(variable.code)
    known = {value.id: value.label[lang] for value in owner.values}
    for facet in owner.attributes:
        if code == f"{owner.id}.{facet.id}":
            known = {value.id: value.label[lang] for value in facet.values}
    return f"≥ {value_id}" if variable.level == "ordinal" else known.get(value_id, value_id)


def of_group(facts: Facts, by: str, subject: str) -> tuple[list[tuple[str, str]], Rows]:
    """Pairs of code and value in codebook order, and the rows by source, code and value."""
    frame = facts.estimates.filter((pl.col("measure") == "prevalence.v1") & (pl.col("by") == by) & (pl.col("subject") == subject))
    rows: Rows = {(row["source"], row["code"], row["value_id"]): row for row in frame.iter_rows(named=True)}
    place = {code: at for at, code in enumerate(facts.book.variables)}
    order = {
        value: at
        for at, value in enumerate(dict.fromkeys(value for variable in facts.book.variables.values() for value in variable.values))
    }
    pairs = sorted(
        {(code, value) for _, code, value in rows}, key=lambda pair: (place.get(pair[0], len(place)), order.get(pair[1], 0), pair[1])
    )
    return pairs, rows


def glance(facts: Facts, lang: str) -> View:
    """The most frequent codes as sentences, each with its rung."""
    pairs, rows = of_group(facts, "all", "all")
    said: list[tuple[float, str]] = []
    told: set[str] = set()
    for code, value in pairs:
        found = _best(rows, code, value)
        ordinal = facts.book.variables[code].level == "ordinal"
        owner = facts.book.code(facts.book.variables[code].code)
        aside = code == "kind" or owner.module == "flags" or facts.book.variables[code].is_attribute or (ordinal and code in told)
        if found and found["value"] and not aside:
            told.add(code)
            said.append((found["value"], Said(_sentence(facts, code, value, found, lang), found)))
    best = [sentence for _, sentence in sorted(said, key=lambda pair: -pair[0])[:5]]
    return View("glance", word("findings", lang), () if best else (word("none_yet", lang),), best)


def _best(rows: Rows, code: str, value: str) -> dict[str, Any] | None:
    """The corrected share where it has an interval, else that of people, else the machine's."""
    fixed = rows.get(("corrected", code, value))
    if fixed is not None and fixed["low"] is not None:
        return fixed
    return rows.get(("gold", code, value)) or rows.get(("machine", code, value))


def _sentence(facts: Facts, code: str, value: str, row: dict[str, Any], lang: str) -> str:
    named = f"{label(facts, code, lang)} ({value_label(facts, code, value, lang)})"
    if row["source"] in ("gold", "corrected") and row["low"] is not None:
        alone = row["source"] == "gold" or row["method"].endswith("gold_only.v1")
        return phrase(
            FINDING, "gold" if alone else "corrected", lang, n=f"{row['n']:,}", coder=visible(row["coder"] or "", 40), code=named, share=percent(row["value"]), low=percent(row["low"]), high=percent(row["high"]), n_gold=f"{row['n_gold']:,}",
            confidence=f"{row['confidence'] * 100:.0f} %", target=TARGET[row["target"]][lang], rung=row["rung"],
        )  # fmt: skip
    why = REASONS[row["reason"]][lang] if row["reason"] else ""
    if row["source"] == "gold":
        return phrase(
            FINDING, "gold_only", lang, code=named, share=percent(row["value"]), n_gold=f"{row['n_gold']:,}", why=why, rung=row["rung"]
        )
    return phrase(
        FINDING,
        "machine",
        lang,
        code=named,
        n=f"{row['n']:,}",
        share=percent(row["value"]),
        count=f"{row['count'] or 0:,}",
        why=why,
        rung=row["rung"],
    )


def planted(facts: Facts, lang: str) -> View | None:
    """Planted truth, people and machine side by side; only in constructed studies."""
    pairs, rows = of_group(facts, "all", "all")
    shown = [
        (code, value)
        for code, value in pairs
        if ("truth", code, value) in rows and (("machine", code, value) in rows or ("gold", code, value) in rows)
    ]
    if not shown:
        return None
    heads = [
        word(key, lang)
        for key in (
            "code",
            "value",
            "planted_share",
            "machine_share",
            "machine_error",
            "corrected_share",
            "corrected_covers",
            "gold_share",
            "gold_n",
        )
    ]
    lines = [
        (label(facts, code, lang), value_label(facts, code, value, lang), *_against_truth(rows, code, value, lang)) for code, value in shown
    ]
    note = f"{_note({'machine': 'machine_count.v1', 'gold': 'hajek_mean.v1', 'corrected': 'corrected_share.v1'}, lang)} {word('planted', lang)}: planted.v1. {word('rung', lang)}: D."
    table = Table("truth-table", word("truth", lang), heads, lines, note=note)
    drawn = set(shown)
    figure = _figure(facts, "truth", "all", "all", lang, drawn)
    return View(
        "truth", word("truth", lang), [word("truth_lead", lang)], figures=[figure], tables=[_by_language(facts, drawn, heads, lang), table]
    )


def _by_language(facts: Facts, drawn: set[tuple[str, str]], heads: list[str], lang: str) -> Table:
    lines = []
    for code in CONTRASTED:
        for subject in COMPARED:
            pairs, rows = of_group(facts, "language", subject)
            value = next((value for one, value in pairs if one == code and (code, value) in drawn), None)
            if value is not None and ("truth", code, value) in rows:
                name = f"{label(facts, code, lang)} ({value_label(facts, code, value, lang)})"
                lines.append((name, subject, *_against_truth(rows, code, value, lang)))
    columns = [heads[0], word("language", lang), *heads[2:]]
    return Table("truth-by-language", word("by_language_truth", lang), columns, lines, note=word("by_language_note", lang))


def _against_truth(rows: Rows, code: str, value: str, lang: str) -> tuple[str, ...]:
    machine, gold, fixed, truth = (rows.get((source, code, value)) for source in ("machine", "gold", "corrected", "truth"))
    assert truth is not None
    error = "–" if machine is None or machine["value"] is None else points(machine["value"] - truth["value"])
    n_gold = "–" if gold is None or gold["n_gold"] is None else f"{gold['n_gold']:,}"
    shown = percent(truth["value"]), machine_share(machine, lang), error
    return *shown, gold_share(fixed, lang), _covers(fixed, truth, lang), gold_share(gold, lang), n_gold


def _covers(row: dict[str, Any] | None, truth: dict[str, Any], lang: str) -> str:
    if row is None or row["low"] is None:
        return "–"
    return word("yes" if row["low"] <= truth["value"] <= row["high"] else "no", lang)


def shares(facts: Facts, lang: str) -> View:
    """Every share over all messages."""
    pairs, _ = of_group(facts, "all", "all")
    if not pairs:
        return View("prevalence", word("prevalence", lang), [word("none_yet", lang)])
    has_truth = bool(facts.estimates.filter(pl.col("source") == "truth").height)
    figures = [] if has_truth else [_figure(facts, "prevalence", "all", "all", lang, None)]
    return View(
        "prevalence", word("prevalence", lang), [word("prevalence_lead", lang)], figures=figures, tables=[_table(facts, "all", "all", lang)]
    )


def groups(facts: Facts, lang: str) -> View:
    """Shares by video, platform, language and region: a figure by language, a folded table for each group."""
    tables, figures = [], []
    for by in GROUPINGS:
        frame = facts.estimates.filter((pl.col("measure") == "prevalence.v1") & (pl.col("by") == by) & (pl.col("source") != "truth"))
        subjects = list(dict.fromkeys(frame["subject"]))[:MOST_GROUPS]
        tables += [_table(facts, by, subject, lang, folded=True) for subject in (sorted(subjects) if by == "video" else subjects)]
        if by == "language":
            figures = _languages(facts, [subject for subject in COMPARED if subject in subjects], lang)
    return View("groups", word("by_group", lang), [word("by_group_lead", lang)], figures=figures, tables=tables)


def _languages(facts: Facts, subjects: list[str], lang: str) -> list[Figure]:
    """One figure per language with the same codes on the same scale."""
    _, rows = of_group(facts, "all", "all")
    served = sorted(((row["value"] or 0, code, value) for (source, code, value), row in rows.items() if source == "machine"), reverse=True)
    first: dict[str, str] = {}
    for _, code, value in served:
        first.setdefault(code, value)
    only = set(list(first.items())[:MOST_COMPARED])
    largest = max(
        (
            row["high"] or row["value"] or 0
            for subject in subjects
            for (_, code, value), row in of_group(facts, "language", subject)[1].items()
            if (code, value) in only
        ),
        default=0,
    )
    return [_figure(facts, f"language-{subject}", "language", subject, lang, only, largest) for subject in subjects] if only else []


def _table(facts: Facts, by: str, subject: str, lang: str, *, folded: bool = False) -> Table:
    pairs, rows = of_group(facts, by, subject)
    lines: list[tuple[str, ...]] = []
    methods: dict[str, str] = {}
    for code, value in pairs:
        machine, fixed, gold = (rows.get((source, code, value)) for source in ("machine", "corrected", "gold"))
        shown = machine or gold or fixed
        if shown is None:
            continue
        methods |= {row["source"]: _stem(row["method"]) for row in (machine, fixed, gold) if row}
        n_gold = f"{gold['n_gold']:,}" if gold and gold["n_gold"] is not None else "–"
        named = label(facts, code, lang), value_label(facts, code, value, lang)
        lines.append((*named, machine_share(machine, lang), gold_share(fixed, lang), gold_share(gold, lang), n_gold, shown["rung"]))
    keys = ("code", "value", "machine_share", "corrected_share", "gold_share", "gold_n", "rung")
    kept = [
        at
        for at, key in enumerate(keys)
        if not (key.startswith("gold") and "gold" not in methods) and (key[:9] != "corrected" or key[:9] in methods)
    ]
    columns = [word(keys[at], lang) for at in kept]
    lines = [tuple(line[at] for at in kept) for line in lines]
    name = word("all", lang) if by == "all" else f"{word(by, lang)}: {visible(subject, 80)}"
    return Table(f"shares-{by}-{visible(subject, 40)}", name, columns, lines, note=_note(methods, lang), folded=folded)


def _stem(method: str) -> str:
    """A method's name without what stood in for it where the code was rare."""
    parts = method.split(".")
    return f"{parts[0]}.{parts[-1]}"


def _note(methods: dict[str, str], lang: str) -> str:
    """Method of each column, and why the machine's has no interval."""
    said = []
    if "machine" in methods:
        said.append(
            f"{word('machine', lang)}: {methods['machine']}; {word('no_interval', lang)}: {REASONS['machine_only_not_validated'][lang]}."
        )
    if "corrected" in methods:
        said.append(f"{word('corrected', lang)}: {methods['corrected']}; {word('corrected_note', lang)}")
    if "gold" in methods:
        said.append(f"{word('people', lang)}: {methods['gold']}.")
    return " ".join(said)


def _figure(
    facts: Facts, name: str, by: str, subject: str, lang: str, only: set[tuple[str, str]] | None, largest: float | None = None
) -> Figure:
    pairs, rows = of_group(facts, by, subject)
    first: dict[str, str] = {}
    for code, value in pairs:
        if (
            code != "kind"
            and (only is None or (code, value) in only)
            and any(rows.get((source, code, value)) for source in ("machine", "gold"))
        ):
            first.setdefault(code, value)
    ranked = sorted(
        first,
        key=lambda code: (
            -max(
                (
                    rows[s, code, first[code]]["value"] or 0
                    for s in ("truth", "corrected", "gold", "machine")
                    if (s, code, first[code]) in rows
                ),
                default=0,
            )
        ),
    )[:MOST_CODES]
    order = [code for code in first if code in ranked]
    lines = []
    for code in order:
        for source in ("machine", "corrected", "gold", "truth"):
            row = rows.get((source, code, first[code]))
            if row:
                suffix = (
                    "" if facts.book.variables[code].level in {"binary", "ordinal"} else f" = {value_label(facts, code, first[code], lang)}"
                )
                lines.append((label(facts, code, lang) + suffix, source, row["value"], row["low"], row["high"]))
    frame = pl.DataFrame(
        lines, schema={"label": pl.String, "source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}, orient="row"
    )
    title = word("share", lang) if by == "all" else f"{word(by, lang)}: {visible(subject, 80)}"
    has_truth = "truth" in frame["source"]
    note = " ".join((word("hatched_note", lang), word("diamond_note", lang) if has_truth else "", word("first_values", lang))).replace(
        "  ", " "
    )
    return Figure(f"figure-{name}", title, draw(prevalence(frame, lang, largest), name), note)
