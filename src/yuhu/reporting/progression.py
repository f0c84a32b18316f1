"""Section on progression: within authors, change in who comments, empathic groups, and action with and without empathy."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.cells import cell, leaves_out
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.turns import objects_by_day, side_by_side
from yuhu.reporting.numbers import points
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_progression import PROGRESSION
from yuhu.texts.hostile import visible

MEASURE, GROUPS, ACTION = "progression.v1", "empathic_groups.v1", "feedback_action.v1"
OBJECT = "object_of_feeling"
CHANGES = ("wider", "narrower", "same", "wider less narrower")
MIXES = ("mix_of_authors", "mix_of_platforms", "mix_of_languages")
WITHIN, STAGES = "within channel and length", "calls_or_reports"
_SIDES = {"in groups": "in_groups", "others": "others", "in groups − others": "grouped_gap"}
MOST_GROUPS = 12
_PEOPLE = ("corrected", "gold")
_PARTS = ("difference", "mix", "rate")

Row = dict[str, Any]


def _say(key: str, lang: str, **parts: object) -> str:
    return phrase(PROGRESSION, key, lang, **parts)


class _Held:
    """Rows of one measure by what they are."""

    def __init__(self, facts: Facts, measure: str) -> None:
        self.frame = facts.estimates.filter(pl.col("measure") == measure)
        self._rows: dict[tuple[Any, ...], Row] = {}
        for row in self.frame.iter_rows(named=True):
            source = "people" if row["source"] in _PEOPLE else row["source"]
            key = (row["by"], row["subject"], row["code"], row["value_id"], source)
            self._rows[(*key, row["unit"] == "p")] = row

    def get(self, by: str, subject: str, code: str | None, value: str | None, source: str, *, is_p: bool = False) -> Row | None:
        """One row; ``people`` is gold or corrected."""
        return self._rows.get((by, subject, code, value, source, is_p))


def progression(facts: Facts, lang: str) -> View | None:
    """Progression, groups and action; None where none of them was estimated."""
    held, groups, action = (_Held(facts, name) for name in (MEASURE, GROUPS, ACTION))
    if not held.frame.height and not groups.frame.height and not action.frame.height:
        return None
    said = [*_turns_said(facts, held, lang), *_groups_said(facts, groups, lang), *_action_said(action, lang)]
    figures = [*_turns_drawn(facts, held, lang), *_days_drawn(facts, held, lang)]
    tables = [
        *_within(held, lang),
        *_turns(facts, held, lang),
        *_mixes(facts, held, lang),
        *_groups(facts, groups, lang),
        *_actions(action, lang),
    ]
    return View("progression", _say("title", lang), [_say("lead", lang)], said, figures, tables)


def _wider(held: _Held, by: str) -> list[str]:
    return list(dict.fromkeys(held.frame.filter((pl.col("by") == by) & pl.col("value_id").is_not_null())["value_id"]))


def _object(facts: Facts, value: str, lang: str) -> str:
    return visible(value_label(facts, OBJECT, value, lang), 60)


def _turns_said(facts: Facts, held: _Held, lang: str) -> list[str]:
    found = [(value, held.get("first_and_later", "later − first", OBJECT, value, "people")) for value in _wider(held, "first_and_later")]
    known = [(value, row) for value, row in found if row is not None and row["low"] is not None]
    apart = [(value, row) for value, row in known if leaves_out(row)]
    if known and not apart:
        return [_say("turns_open", lang)]
    return [
        Said(
            _say(
                "turns_found", lang, object=_object(facts, value, lang), points=points(row["value"]), low=points(row["low"]), high=points(row["high"]),
                n_gold=f"{row['n_gold']:,}",
            ),
            row,
        )
        for value, row in apart
    ]  # fmt: skip


def _within(held: _Held, lang: str) -> list[Table]:
    rows = [(name, held.get("author_change", name, OBJECT, None, "machine")) for name in CHANGES]
    lines = [(_say(name, lang), cell(row, lang)) for name, row in rows if row is not None]
    if not lines:
        return []
    return [
        Table(
            "progression-within", _say("within", lang), [_say("change", lang), _say("machine", lang)], lines, note=_say("within_note", lang)
        )
    ]


def _turns(facts: Facts, held: _Held, lang: str) -> list[Table]:
    lines = []
    for value in _wider(held, "first_and_later"):
        rows = [held.get("first_and_later", turn, OBJECT, value, source) for source in ("machine", "people") for turn in ("first", "later")]
        gap = held.get("first_and_later", "later − first", OBJECT, value, "people")
        lines.append((_object(facts, value, lang), *(cell(row, lang) for row in rows), cell(gap, lang)))
    if not lines:
        return []
    heads = [_say(key, lang) for key in ("object", "first_machine", "later_machine", "first_people", "later_people", "difference")]
    return [Table("progression-turns", _say("turns", lang), heads, lines, note=_say("turns_note", lang))]


def _turns_drawn(facts: Facts, held: _Held, lang: str) -> list[Figure]:
    lines = []
    for value in _wider(held, "first_and_later"):
        for turn in ("first", "later"):
            row = held.get("first_and_later", turn, OBJECT, value, "people")
            if row is None or row["low"] is None:
                row = held.get("first_and_later", turn, OBJECT, value, "machine")
            if row is not None and row["value"] is not None:
                lines.append((_object(facts, value, lang), _say(turn, lang), row["source"], row["value"], row["low"], row["high"]))
    if not lines:
        return []
    schema = {"label": pl.String, "side": pl.String, "source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    chart = side_by_side(pl.DataFrame(lines, schema=schema, orient="row"), _say("share_wide", lang))
    return [Figure("figure-turns", _say("turns", lang), draw(chart, "turns"), _say("turns_note", lang))]


def _days_drawn(facts: Facts, held: _Held, lang: str) -> list[Figure]:
    rows = held.frame.filter((pl.col("by") == "day") & pl.col("value").is_not_null())
    if rows["subject"].n_unique() < 2:
        return []
    drawn = pl.DataFrame(
        [(int(row["subject"]), _object(facts, row["value_id"], lang), row["value"]) for row in rows.iter_rows(named=True)],
        schema={"day": pl.Int64, "object": pl.String, "share": pl.Float64},
        orient="row",
    )
    chart = objects_by_day(drawn, _say("day", lang), lang)
    return [Figure("figure-objects-by-day", _say("days", lang), draw(chart, "objects-by-day"), _say("days_note", lang))]


def _mixes(facts: Facts, held: _Held, lang: str) -> list[Table]:
    lines: list[tuple[str, ...]] = []
    for by in MIXES:
        for source in ("machine", "people"):
            who = word("hatched" if source == "machine" else "corrected", lang)
            found = {value: [held.get(by, part, OBJECT, value, source) for part in _PARTS] for value in _wider(held, by)}
            found = {value: parts for value, parts in found.items() if parts[0] is not None}
            why = {parts[0]["reason"] if parts[0] is not None and parts[0]["value"] is None else "" for parts in found.values()}
            if len(found) > 1 and len(why) == 1 and "" not in why:  # one line says it of all objects
                lines.append((_say(by, lang), _say("any_object", lang), who, REASONS[why.pop()][lang], "–", "–"))
                continue
            for value, parts in found.items():
                lines.append((_say(by, lang), _object(facts, value, lang), who, *(cell(row, lang) for row in parts)))
    if not lines:
        return []
    period = held.frame.filter(pl.col("by") == "periods")["value"]
    note = _say("mix_note", lang, day="?" if not period.len() or period[0] is None else f"{period[0]:.0f}")
    heads = [
        _say("kinds", lang),
        _say("object", lang),
        word("remarks", lang),
        *(_say(f"part_{part}", lang) for part in _PARTS),
    ]
    return [Table("progression-mix", _say("mix", lang), heads, lines, note=note, folded=len(lines) > 8)]


def _groups_said(facts: Facts, held: _Held, lang: str) -> list[str]:
    found = held.frame.filter(pl.col("by") == "groups").to_dicts()
    stable = held.frame.filter(pl.col("by") == "stability").to_dicts()
    if not stable:
        return []
    if stable[0]["value"] is None or not found:
        return [_say("groups_why", lang, why=REASONS[stable[0]["reason"]][lang])]
    rand, k = f"{stable[0]['value']:.2f}", facts.settings.k_anonymity
    if found[0]["value"] is None:
        return [_say("groups_unstable", lang, rand=rand)]
    if not found[0]["value"]:
        return [_say("groups_none", lang, k=k)]
    above = held.frame.filter(pl.col("by") == "groups_above").to_dicts()
    counted = "–" if not above or above[0]["value"] is None else f"{above[0]['value']:.0f}"
    return [_say("groups_stable", lang, n=f"{found[0]['value']:.0f}", k=k, rand=rand, above=counted)]


def _groups(facts: Facts, held: _Held, lang: str) -> list[Table]:
    sizes = held.frame.filter(pl.col("by") == "group_size").to_dicts()[:MOST_GROUPS]
    codes = list(dict.fromkeys(held.frame.filter(pl.col("by") == "group").select("code", "value_id").iter_rows()))
    lines = []
    for size in sizes:
        number = size["subject"].removeprefix("group ")
        for code, value in codes or [(None, None)]:
            shown = [held.get(by, size["subject"], code, value, "machine") for by in ("group", "platform_baseline")]
            p = held.get("group", size["subject"], code, value, "machine", is_p=True)
            named = "–" if code is None else f"{visible(label(facts, code, lang), 60)} ({value_label(facts, code, value, lang)})"
            lines.append((number, f"{size['value']:.0f}", named, *(cell(row, lang) for row in shown), cell(p, lang)))
    tables = []
    if lines:
        heads = [_say(key, lang) for key in ("group", "authors")] + [word("code", lang)]
        heads += [_say(key, lang) for key in ("shrunk", "baseline", "adjusted")]
        tables.append(Table("empathic-groups", _say("groups", lang), heads, lines, note=_say("groups_note", lang), folded=len(lines) > 9))
    gold = held.frame.filter(pl.col("by") == "grouped").to_dicts()
    rows = [
        (visible(label(facts, row["code"], lang), 60), _say(_SIDES[row["subject"]], lang), cell(row, lang)) for row in gold if row["subject"] in _SIDES
    ]  # fmt: skip
    if rows:
        heads = [word("code", lang), _say("what", lang), _say("people", lang)]
        tables.append(Table("empathic-groups-gold", _say("grouped", lang), heads, rows, folded=True))
    return tables


def action_said(facts: Facts, lang: str) -> list[str]:
    """The sentence on action with and without empathy, where gold shows a difference."""
    return _action_said(_Held(facts, ACTION), lang)


def _action_said(held: _Held, lang: str) -> list[str]:
    row = held.get("difference", "all", "action", STAGES, "people")
    if row is None or not leaves_out(row):
        return []
    within = held.get("difference", WITHIN, "action", STAGES, "people")
    size = points(abs(row["value"])).removeprefix("+")
    said = {"points": size, "low": points(row["low"]), "high": points(row["high"]), "n_gold": f"{row['n_gold']:,}"}
    said["more"] = _say("more" if row["value"] > 0 else "less", lang)
    stands = within is not None and within["low"] is not None
    sentence = _say("action_found" if stands else "action_plain", lang, within=cell(within, lang), **said)
    return [Said(sentence, row, *([within] if stands and within is not None else []))]


def _actions(held: _Held, lang: str) -> list[Table]:
    """Acts and harms with and without empathy, and what differs."""
    asked: Sequence[tuple[str, str, str]] = (
        ("empathy", "with", "with"), ("empathy", "without", "without"), ("difference", "all", "difference_all"), ("ratio", "all", "ratio_all"),
        ("difference", WITHIN, "difference_within"), ("ratio", WITHIN, "ratio_within"),
    )  # fmt: skip
    tables = []
    for code, name in (("action", "acts"), ("action.boycott", "boycott"), ("action.raid", "raid")):
        lines = []
        for by, subject, said in asked:
            machine, people = (held.get(by, subject, code, STAGES, source) for source in ("machine", "people"))
            if machine is not None or people is not None:
                lines.append((_say(said, lang), cell(machine, lang), cell(people, lang)))
        if lines:
            heads = [_say(key, lang) for key in ("what", "machine", "people")]
            title = f"{_say('action', lang)}: {_say(name, lang)}"
            tables.append(Table(f"feedback-{name}", title, heads, lines, note=_say("action_note", lang), folded=code != "action"))
    return tables
