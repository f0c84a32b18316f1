"""Section on what was followed by more responses: lifts after strategies, their lags and doses."""

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.event_study import forest, lags
from yuhu.reporting.numbers import NO_BREAK, percent
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_event_study import FOLLOWED
from yuhu.texts.hostile import visible

OF_MESSAGES = "ratio of shares"
MEASURE = "event_study.v1"
PLANTED = "planted_answer"
LEVEL = 0.05
MOST_CODES, MOST_CURVES, MOST_FOUND = 6, 6, 8

Row = dict[str, Any]
Cell = tuple[str | None, str | None]
ALL: Cell = (None, None)
JOINED = {"en": ", ", "zh": "、"}


class _Held:
    """The rows of the measure by what they are."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.frame = facts.estimates.filter(pl.col("measure") == MEASURE)
        self._rows = {
            (row["by"], row["source"], row["code"], row["value_id"], row["subject"]): row
            for row in self.frame.filter(pl.col("by") != "lag").iter_rows(named=True)
        }
        lifts = self.frame.filter(pl.col("by").is_in(["strategy", "strategy_without_echo"]) & (pl.col("source") != "corrected"))
        self.strategies = list(dict.fromkeys(lifts["subject"]))
        self.cells: list[Cell] = list(dict.fromkeys(lifts.select("code", "value_id").iter_rows()))

    def get(self, by: str, cell: Cell, strategy: str, source: str = "") -> Row | None:
        """One row; of a code the machine's unless a source is named."""
        return self._rows.get((by, source or ("observed" if cell == ALL else "machine"), *cell, strategy))

    def lift(self, cell: Cell, strategy: str) -> Row | None:
        """The lift: corrected where that has an interval, with echoes where these were asked for."""
        fixed = self.get("strategy", cell, strategy, "corrected") if cell != ALL else None
        if fixed is not None and fixed["low"] is not None:
            return fixed
        return self.get("strategy", cell, strategy) or self.get("strategy_without_echo", cell, strategy)

    def is_share(self, cell: Cell) -> bool:
        """Whether the lifts of a code are of its share among messages."""
        return any((row := self.lift(cell, one)) is not None and row["unit"] == OF_MESSAGES for one in self.strategies)

    def adjusted(self, cell: Cell, strategy: str) -> float | None:
        """The adjusted p."""
        row = self.get("strategy_p_adjusted", cell, strategy) or self.get("strategy_p_adjusted_without_echo", cell, strategy)
        return None if row is None else row["value"]

    def standing(self) -> list[tuple[Cell, str]]:
        """What stands, series by series."""
        return [(cell, strategy) for cell in self.cells for strategy in self.strategies if self.stands(cell, strategy)]

    def stands(self, cell: Cell, strategy: str) -> bool:
        """Whether the lift stands for all tests; of a code that gold corrects also after the correction."""
        p, row = self.adjusted(cell, strategy), self.lift(cell, strategy)
        if p is None or p > LEVEL or row is None or row["value"] is None:
            return False
        return row["low"] is None or not row["low"] <= 1 <= row["high"]


def followed(facts: Facts, lang: str) -> View | None:
    """Lifts after strategies; None where nobody marked any, or nothing was tested."""
    held = _Held(facts)
    if not held.frame.height:
        return None
    tests = sum(held.adjusted(cell, strategy) is not None for cell in held.cells for strategy in held.strategies)
    first = next(
        (row for cell in held.cells for strategy in held.strategies if (row := held.lift(cell, strategy)) and row["at_ms"] is not None),
        None,
    )
    title = phrase(FOLLOWED, "title", lang)
    if first is None:
        why = list(
            dict.fromkeys(
                f"{_named(facts, row['subject'], lang)}: {REASONS[row['reason']][lang]}"
                for row in held.frame.filter(pl.col("by") != PLANTED).iter_rows(named=True)
            )
        )
        return View("followed", title, (), why)
    lead = phrase(FOLLOWED, "lead", lang, from_s=f"{first['at_ms'] / 1000:g}", to_s=f"{first['end_ms'] / 1000:g}", tests=f"{tests:,}")
    paragraphs = [lead, phrase(FOLLOWED, "limits", lang)]
    if len(held.cells) > 1:
        paragraphs.append(phrase(FOLLOWED, "machine_limits", lang))
    shown = _shown_cells(held)
    figures = [*_forest(held, shown, lang), *_lags(held, lang)]
    tables = [_table(held, cell, lang, folded=cell != ALL) for cell in held.cells]
    return View("followed", title, paragraphs, _points(held, tests, lang), figures, [*tables, *_doses(held, lang)])


def lifts_that_stand(facts: Facts) -> list[tuple[Row, float]]:
    """Lifts with an interval that stand for all tests, each with its adjusted p; never the machine's alone."""
    held = _Held(facts)
    lifts = [(held.lift(*one), held.adjusted(*one)) for one in held.standing()]
    return [(row, p) for row, p in lifts if row is not None and p is not None and row["low"] is not None and row["source"] != "machine"]


def lift_said(facts: Facts, row: Row, lang: str) -> str:
    """The sentence of a lift."""
    return _sentence(_Held(facts), (row["code"], row["value_id"]), row["subject"], lang)


def _named(facts: Facts, code: str, lang: str) -> str:
    return visible(label(facts, code, lang), 80)


def _of(held: _Held, cell: Cell, lang: str) -> str:
    """What a series counts."""
    facts = held.facts
    code, value = cell
    if code is None or value is None:
        return phrase(FOLLOWED, "messages", lang)
    level = facts.book.variables[code].level if code in facts.book.variables else ""
    suffix = "" if level == "binary" else f" ({value_label(facts, code, value, lang)})"
    return phrase(
        FOLLOWED, "share_of" if held.is_share(cell) else "messages_with", lang, code=visible(label(facts, code, lang), 60) + suffix
    )


def _points(held: _Held, tests: int, lang: str) -> list[str]:
    """The lifts that stand, the largest first; the share of echoes."""
    found = held.standing()
    ranked = sorted(found, key=lambda one: (one[0] != ALL, -abs(math.log(max((held.lift(*one) or {"value": 1})["value"], 1e-9)))))
    said = [_sentence(held, cell, strategy, lang) for cell, strategy in ranked[:MOST_FOUND]]
    if not found and tests:
        said.append(phrase(FOLLOWED, "nothing", lang, tests=f"{tests:,}"))
    said += _against_truth(held, found, lang)
    echo = held.get("echo", ALL, "all")
    if echo is not None and echo["value"] is not None:
        said.append(Said(phrase(FOLLOWED, "echo_share", lang, share=percent(echo["value"]), videos=f"{echo['n_videos']:,}"), echo))
    elif echo is not None:
        said.append(phrase(FOLLOWED, "echo_none", lang, why=REASONS[echo["reason"]][lang]))
    for strategy in held.strategies:
        mean = held.get("lag_mean", ALL, strategy)
        if mean is not None and mean["value"] is not None:
            named = _named(held.facts, strategy, lang)
            lag = phrase(FOLLOWED, "mean_lag", lang, strategy=named, value=f"{mean['value']:.1f}", interval=_interval(mean, lang, 1))
            said.append(Said(lag, mean))
    return said


def _against_truth(held: _Held, found: Sequence[tuple[Cell, str]], lang: str) -> list[str]:
    """In constructed studies: which strategies that messages answer were found, and which that they do not."""
    planted = {row["subject"]: bool(row["value"]) for row in held.frame.filter(pl.col("by") == PLANTED).iter_rows(named=True)}
    if not planted:
        return []
    stands = {strategy for _, strategy in found}
    tested = [one for one in planted if one in held.strategies]

    def names(kept: Sequence[str]) -> str:
        return phrase(FOLLOWED, "names", lang, names=JOINED[lang].join(_named(held.facts, one, lang) for one in kept)) if kept else ""

    answered, others = [one for one in tested if planted[one]], [one for one in tested if not planted[one]]
    hit, false = [one for one in answered if one in stands], [one for one in others if one in stands]
    return [
        phrase(
            FOLLOWED, "planted", lang, answered=f"{len(answered):,}", hit=f"{len(hit):,}", hits=names(hit),
            missed=names([one for one in answered if one not in stands]), others=f"{len(others):,}", false=f"{len(false):,}", falses=names(false),
        )
    ]  # fmt: skip


def _sentence(held: _Held, cell: Cell, strategy: str, lang: str) -> str:
    row = held.lift(cell, strategy) or {}
    without = held.get("strategy_without_echo", cell, strategy, row["source"])
    has_both = without is not None and without is not row and without["value"] is not None
    echo = phrase(FOLLOWED, "found_echo", lang, lift=_ratio(without["value"])) if has_both and without is not None else ""
    cases = held.get("strategy_cases", ALL, strategy)
    machine = held.get("strategy", cell, strategy) or row
    reason = f" ({REASONS[row['reason']][lang]})" if row["reason"] and row["low"] is None else ""
    said = phrase(
        FOLLOWED,
        "found_share" if held.is_share(cell) else "found",
        lang,
        strategy=_named(held.facts, strategy, lang),
        lift=_ratio(row["value"]),
        what=_of(held, cell, lang),
        interval=_interval(row, lang) + reason,
        p=_p(held.adjusted(cell, strategy)),
        onsets=f"{machine['n']:,}",
        videos=f"{row['n_videos']:,}",
        cases="–" if cases is None else f"{cases['value']:.0f}",
        echo=echo,
    )
    return Said(said, row)


def _interval(row: Row, lang: str, digits: int = 2) -> str:
    if row["low"] is None:
        return ""
    return phrase(FOLLOWED, "interval", lang, low=f"{row['low']:.{digits}f}", high=f"{row['high']:.{digits}f}")


def _ratio(value: float) -> str:
    return f"{value:.2f}"


def _p(p: float | None) -> str:
    if p is None:
        return "–"
    return "<" + NO_BREAK + ".001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def _cell_text(row: Row | None, lang: str) -> str:
    """``1.52 [1.31, 1.80]``, or why there is none; that a machine's has no interval stands in its column."""
    if row is None:
        return "–"
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    return Said(_ratio(row["value"]) + _interval(row, lang), row)


def _shown_cells(held: _Held) -> list[Cell]:
    """All messages, and the codes with most to say."""
    codes = [cell for cell in held.cells if cell != ALL]

    def weight(cell: Cell) -> tuple[bool, float]:
        rows = [held.get("strategy", cell, strategy, "corrected") for strategy in held.strategies]
        ps = [p for strategy in held.strategies if (p := held.adjusted(cell, strategy)) is not None]
        return not any(row is not None and row["low"] is not None for row in rows), min(ps, default=2.0)

    kept = sorted(codes, key=weight)[:MOST_CODES]
    return [cell for cell in held.cells if cell == ALL or cell in kept]


def _forest(held: _Held, cells: Sequence[Cell], lang: str) -> list[Figure]:
    lines = []
    for cell in cells:
        for strategy in held.strategies:
            seen = [held.get("strategy", cell, strategy) or held.get("strategy_without_echo", cell, strategy)]
            seen.append(held.get("strategy", cell, strategy, "corrected") if cell != ALL else None)
            for row in seen:
                if row is not None and row["value"] is not None and (row["source"] != "corrected" or row["low"] is not None):
                    named = _named(held.facts, strategy, lang)
                    lines.append((_of(held, cell, lang), named, row["source"], row["value"], row["low"], row["high"]))
    if not lines:
        return []
    schema = {"series": pl.String, "strategy": pl.String, "source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    chart = draw(forest(pl.DataFrame(lines, schema=schema, orient="row"), lang), "followed")
    return [Figure("figure-followed", phrase(FOLLOWED, "forest", lang), chart, phrase(FOLLOWED, "forest_note", lang))]


def _lags(held: _Held, lang: str) -> list[Figure]:
    """Curves of all messages after the strategies with a lift that stands, or with the smallest p."""
    curves = held.frame.filter((pl.col("by") == "lag") & pl.col("code").is_null() & pl.col("value").is_not_null())
    ranked = sorted(set(curves["subject"]), key=lambda one: (held.adjusted(ALL, one) or 2.0, one))[:MOST_CURVES]
    if not ranked:
        return []
    names = {one: _named(held.facts, one, lang) for one in held.strategies if one in ranked}
    rows = (
        curves.filter(pl.col("subject").is_in(list(names)))
        .with_columns(strategy=pl.col("subject").replace_strict(names), seconds=pl.col("at_ms") / 1000)
        .select("strategy", "seconds", "value", "low", "high")
    )
    chart = draw(lags(rows, list(names.values()), lang), "followed-lags")
    return [Figure("figure-followed-lags", phrase(FOLLOWED, "lags", lang), chart, phrase(FOLLOWED, "lags_note", lang))]


def _table(held: _Held, cell: Cell, lang: str, *, folded: bool) -> Table:
    is_all = cell == ALL
    heads = ["strategy", "lift_interval", "without"] if is_all else ["strategy", "machine_lift", "without_machine", "corrected_lift"]
    heads += ["adjusted", "predictive", "between"] if is_all else ["adjusted"]
    columns = [phrase(FOLLOWED, head, lang) for head in (*heads, "onsets", "videos", "cases")]
    lines = []
    for strategy in held.strategies:
        lift, without = held.get("strategy", cell, strategy), held.get("strategy_without_echo", cell, strategy)
        any_of = lift or without
        cases = held.get("strategy_cases", ALL, strategy)
        line = [_named(held.facts, strategy, lang), _cell_text(lift, lang), _cell_text(without, lang)]
        if not is_all:
            line.append(_cell_text(held.get("strategy", cell, strategy, "corrected"), lang))
        line.append(_p(held.adjusted(cell, strategy)))
        if is_all:
            line += [_predicted(held, strategy, lang), _between(held, strategy)]
        line += [
            f"{any_of['n'] if any_of else 0:,}",
            f"{(any_of['n_videos'] if any_of else 0) or 0:,}",
            "–" if cases is None else f"{cases['value']:.0f}",
        ]
        lines.append(tuple(line))
    name = _of(held, cell, lang)
    number = "all" if is_all else f"{cell[0]}-{cell[1]}"
    return Table(
        f"followed-{number}",
        name[:1].upper() + name[1:],
        columns,
        lines,
        note=phrase(FOLLOWED, "note", lang) if is_all else "",
        folded=folded,
    )


def _predicted(held: _Held, strategy: str, lang: str) -> str:
    row = held.get("strategy_predictive", ALL, strategy) or held.get("strategy_predictive_without_echo", ALL, strategy)
    if row is None:
        return "–"
    return REASONS[row["reason"]][lang] if row["value"] is None else _interval(row, lang).strip()


def _between(held: _Held, strategy: str) -> str:
    tau2, i2 = (
        held.get(f"strategy_{name}", ALL, strategy) or held.get(f"strategy_{name}_without_echo", ALL, strategy) for name in ("tau2", "i2")
    )
    if tau2 is None or i2 is None or tau2["value"] is None or i2["value"] is None:
        return "–"
    return f"{math.sqrt(tau2['value']):.2f}, {percent(i2['value'])}"


def _doses(held: _Held, lang: str) -> list[Table]:
    """Lifts by intensity of all messages, and of codes that were looked at."""
    lines = []
    for cell in held.cells:
        for strategy in held.strategies:
            slope, p = held.get("dose_slope", cell, strategy), held.get("dose_p", cell, strategy)
            if slope is None or p is None:
                continue
            mine = held.frame.filter(
                pl.col("code").is_null() if cell == ALL else (pl.col("code") == cell[0]) & (pl.col("value_id") == cell[1])
            )
            levels = mine.filter((pl.col("by") == "dose") & pl.col("subject").str.starts_with(f"{strategy}="))
            by_level = ", ".join(f"{row['subject'].rpartition('=')[2]}: {_ratio(row['value'])}" for row in levels.iter_rows(named=True))
            shapes = mine.filter((pl.col("by") == "dose_shape") & pl.col("subject").str.starts_with(f"{strategy}: ")).sort("value")
            best = shapes["subject"][0].rpartition(": ")[2] if shapes.height else ""
            lines.append(
                (
                    _named(held.facts, strategy, lang),
                    _of(held, cell, lang),
                    by_level or REASONS[slope["reason"]][lang],
                    "–" if slope["value"] is None else Said(_ratio(slope["value"]), slope),
                    _p(p["value"]),
                    phrase(FOLLOWED, best, lang) if best else "–",
                )
            )
    if not lines:
        return []
    columns = [
        phrase(FOLLOWED, "strategy", lang),
        word("messages", lang),
        *(phrase(FOLLOWED, head, lang) for head in ("dose", "dose_slope", "dose_p", "dose_shape")),
    ]
    return [Table("followed-doses", phrase(FOLLOWED, "doses", lang), columns, lines, note=phrase(FOLLOWED, "dose_note", lang), folded=True)]
