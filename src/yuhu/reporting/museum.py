"""One page in plain words: three moments, for whom, how sure, what next; from the estimates of the report, and no stronger than they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from yuhu.core.estimate import RUNGS
from yuhu.reporting.contrasts import MINUS
from yuhu.reporting.event_study import lift_said, lifts_that_stand
from yuhu.reporting.moments import on_screen_more
from yuhu.reporting.moments_rows import Held, span
from yuhu.reporting.numbers import points
from yuhu.reporting.page import Facts
from yuhu.reporting.said import Said, estimates_of
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.strongest import Candidate, contrasts_that_stand, differences_inside, moments_that_stand, units_for_a_share
from yuhu.reporting.words import phrase
from yuhu.reporting.words_museum import MUSEUM
from yuhu.texts.hostile import visible

MOST = 3
_AND = {"en": ", ", "zh": "、"}


@dataclass(frozen=True)
class Line:
    """A sentence; where it is of a moment, the video and the time of it."""

    text: str
    video: str = ""
    at_ms: int = 0


@dataclass(frozen=True)
class Part:
    """One of the four parts of the page."""

    id: str
    title: str
    lines: Sequence[Line]


def museum(facts: Facts, lang: str) -> list[Part]:
    """The page, in its order: ``moments``, ``audiences``, ``sure``, ``next``.

    Parameters
    ----------
    facts : Facts
        As for a report: agreement is among what it says.
    lang : str
        ``zh`` or ``en``.
    """
    found = moments_that_stand(facts, MOST)
    apart, looked, doubted = contrasts_that_stand(facts, MOST)
    inside = [one for one in differences_inside(facts) if any(_is_of(one, moment) for moment in found)]
    shown = [*found, *apart, *inside]
    parts = {
        "moments": [_moment(facts, one, inside, lang) for one in found] or [Line(_say("no_moment", lang))],
        "audiences": [Line(_audience(facts, one, lang)) for one in apart] or [Line(_no_audience(looked, doubted, lang))],
        "sure": [Line(text) for text in _sure(facts, shown, lang)],
        "next": [Line(text) for text in _next(facts, found, apart, lang)],
    }
    return [Part(name, _say(name, lang), lines) for name, lines in parts.items()]


def as_dicts(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The page as plain data: ``id, title, lines`` (``text, estimates, video, at_ms``)."""
    return [
        {
            "id": part.id,
            "title": part.title,
            "lines": [
                {"text": one.text, "estimates": estimates_of(one.text), "video": one.video, "at_ms": one.at_ms} for one in part.lines
            ],
        }
        for part in parts
    ]


def _say(key: str, lang: str, **parts: str) -> str:
    return phrase(MUSEUM, key, lang, **parts)


def _named(facts: Facts, code: str, value: str, lang: str) -> str:
    """A code; with its value where it has more than there or not there."""
    name = visible(label(facts, code, lang), 60)
    variable = facts.book.variables.get(code)
    return name if variable is None or variable.level == "binary" else f"{name} ({value_label(facts, code, value, lang)})"


def _is_of(difference: Candidate, moment: Candidate) -> bool:
    return all(difference.row[name] == moment.row[name] for name in ("subject", "at_ms", "end_ms"))


def _moment(facts: Facts, one: Candidate, inside: Sequence[Candidate], lang: str) -> Line:
    row = dict(one.row)
    seen = on_screen_more(Held(facts), row, lang)
    mine = [each.row for each in inside if _is_of(each, one) and each.row["value"] > 0]
    expressed = [
        _say(
            "expressed_one", lang, code=_named(facts, each["code"], each["value_id"], lang), points=points(each["value"]),
            low=points(each["low"]), high=points(each["high"]),
        )
        for each in mine
    ]  # fmt: skip
    text = _say(
        "moment", lang, video=visible(row["subject"], 60), at=span(row), ratio=f"{row['value']:.1f}", low=f"{row['low']:.1f}", high=f"{row['high']:.1f}",
        screen=_say("screen", lang, what=_AND[lang].join(seen)) if seen else "",
        expressed=_say("expressed", lang, what=_AND[lang].join(expressed)) if expressed else _say("expressed_unknown", lang), rung=row["rung"],
    )  # fmt: skip
    return Line(Said(text, row, *mine), row["subject"], row["at_ms"])


def _audience(facts: Facts, one: Candidate, lang: str) -> str:
    row = one.row
    first, _, second = row["subject"].partition(MINUS)
    low, high = row["low"], row["high"]
    if row["value"] < 0:
        first, second, low, high = second, first, -high, -low
    text = _say(
        "more", lang, first=visible(first, 60), second=visible(second, 60), code=_named(facts, row["code"], row["value_id"], lang),
        points=points(abs(row["value"])).removeprefix("+"), low=points(low).removeprefix("+"), high=points(high).removeprefix("+"),
        n_gold=f"{row['n_gold'] or 0:,}", rung=row["rung"],
    )  # fmt: skip
    return Said(text, row)


def _no_audience(looked: int, doubted: int, lang: str) -> str:
    if not looked + doubted:
        return _say("no_contrast", lang)
    return _say("no_audience", lang, looked=f"{looked:,}", doubted=_say("doubted", lang, n=f"{doubted:,}") if doubted else "")


def _sure(facts: Facts, shown: Sequence[Candidate], lang: str) -> Iterator[str]:
    rungs = {one.row["rung"] for one in shown}
    yield from (_say(rung, lang) for rung in RUNGS if rung in rungs)
    yield _say(facts.target, lang, works=f"{facts.n_works:,}")
    n_gold = int(facts.estimates["n_gold"].fill_null(0).to_numpy().max(initial=0))
    if not n_gold:
        yield _say("no_gold", lang)
        return
    yield _say("gold", lang, n=f"{n_gold:,}")
    yield from _agreement(facts, [one.row["code"] for one in shown if one.row["code"]], lang)


def _agreement(facts: Facts, codes: Sequence[str], lang: str) -> Iterator[str]:
    """Alpha of the codes that the page speaks of."""
    if facts.agreement is None or not facts.agreement_is_current:
        yield _say("no_alpha", lang)
        return
    whole = facts.agreement[1].filter(
        (pl.col("by") == "all") & (pl.col("coefficient") == "krippendorff_alpha") & pl.col("value").is_not_null()
    )
    rows = {row["code"]: row for row in whole.iter_rows(named=True)}
    for code in dict.fromkeys(codes):
        if code in rows:
            row = rows[code]
            interval = "" if row["low"] is None else f" [{row['low']:.2f}, {row['high']:.2f}]"
            yield _say("alpha", lang, code=visible(label(facts, code, lang), 60), value=f"{row['value']:.2f}", interval=interval)


def _next(facts: Facts, found: Sequence[Candidate], apart: Sequence[Candidate], lang: str) -> Iterator[str]:
    lifts = [row for row, _ in lifts_that_stand(facts)][:MOST]
    for row in lifts:
        sentence = lift_said(facts, row, lang)
        text = _say("try_lift", lang, strategy=visible(label(facts, row["subject"], lang), 60), sentence=sentence)
        yield Said(text, row)
    if not lifts:
        held = Held(facts)
        seen = dict.fromkeys(what for one in found for what in on_screen_more(held, dict(one.row), lang)[:1])
        if seen:
            yield _say("try_moment", lang, what=_AND[lang].join(seen))
    if not apart:
        yield _say("code_more", lang, units=f"{units_for_a_share(facts):,}")
    if any(one.kind == "no_retention" for one in facts.missing):
        yield _say("retention", lang)
