"""Sections on episode transitions, and on what the videos show."""

from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.cells import cell, leaves_out
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.turns import side_by_side
from yuhu.reporting.numbers import percent, points
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_transitions import CONTENT, TRANSITIONS
from yuhu.texts.hostile import visible

MEASURE, SHOWN = "transitions.v1", "content.v1"
ALL, EVERY = "all transitions", "all episodes"
STRETCHES = ("confusion_next", "confusion_first", "confusion_middle")
DEMAND = ("continuation_end", "continuation_middle", "continuation_comments")
GOLD = ("confusion_next", "confusion_baseline", "confusion_difference", *DEMAND)
QUANTITIES = (
    *("hook_latency", "strategy_density", "symbols_per_minute", "symbol_entropy", "other_language", "accessibility"),
    *("novelty", "novelty_percentile", "surprisal", "length", "length_percentile", "completion", "completion_percentile"),
)
MOST_VIDEOS, MOST_DRAWN = 30, 8

Row = dict[str, Any]
Rows = dict[tuple[str, str, str, bool], Row]


def _say(key: str, lang: str, **parts: object) -> str:
    return phrase(TRANSITIONS, key, lang, **parts)


def _named(subject: str, lang: str) -> str:
    return _say(subject, lang) if subject in (ALL, EVERY) else visible(subject, 90)


def transitions(facts: Facts, lang: str) -> View | None:
    """Confusion after transitions and demand before them; None where nothing of it was estimated."""
    frame = facts.estimates.filter(pl.col("measure") == MEASURE)
    if not frame.height:
        return None
    rows: Rows = {(row["by"], row["subject"], row["source"], row["unit"] == "p"): row for row in frame.iter_rows(named=True)}
    alone = frame.filter(pl.col("reason") == "no_series")
    if alone.height == frame.height:
        return View("transitions", _say("title", lang), (), [_say("none", lang, why=REASONS["no_series"][lang])])
    window = frame["end_ms"].drop_nulls()
    seconds = f"{window[0] / 1000:g}" if window.len() else "20"
    paragraphs = [_say("lead", lang, seconds=seconds)]
    subjects = list(dict.fromkeys(frame.filter(pl.col("by") == "confusion_next")["subject"]))
    tables = [*_confusion(rows, subjects, lang), *_gold(rows, lang), *_demand(frame, rows, lang), *_marks(rows, lang)]
    return View(
        "transitions", _say("title", lang), paragraphs, _points(rows, subjects, seconds, lang), _drawn(rows, subjects, lang), tables
    )


def _points(rows: Rows, subjects: list[str], seconds: str, lang: str) -> list[str]:
    said: list[str] = []
    gap = rows.get(("confusion_difference", ALL, "corrected", False))
    if gap is not None and leaves_out(gap):
        size = points(abs(gap["value"])).removeprefix("+")
        more = _say("more" if gap["value"] > 0 else "fewer", lang)
        found = _say("found", lang, points=size, more=more, low=points(gap["low"]), high=points(gap["high"]), n_gold=f"{gap['n_gold']:,}")
        said.append(Said(found, gap))
    elif gap is not None and gap["low"] is not None:
        said.append(Said(_say("open", lang, cell=cell(gap, lang)), gap))
    else:
        ratio = rows.get(("confusion_ratio", subjects[-1], "machine", False)) if subjects else None
        why = REASONS["too_few_gold" if gap is None else gap["reason"]][lang]
        if ratio is not None and ratio["value"] is not None:
            said.append(Said(_say("machine_only", lang, ratio=cell(ratio, lang), why=why), ratio))
    ends, usual = (rows.get((by, EVERY, "corrected", False)) or rows.get((by, EVERY, "machine", False)) for by in DEMAND[:2])
    if (
        ends is not None
        and usual is not None
        and ends["value"] is not None
        and usual["value"] is not None
        and ends["source"] == usual["source"]
    ):
        aside = "" if ends["source"] != "machine" else f" ({word('hatched', lang)})"
        sentence = _say("ends", lang, share=cell(ends, lang), usual=cell(usual, lang) + aside, seconds=seconds)
        said.append(Said(sentence, ends, usual))
    return said


def _confusion(rows: Rows, subjects: list[str], lang: str) -> list[Table]:
    lines = []
    for subject in subjects:
        counted = [rows.get((by, subject, "machine", False)) for by in (*STRETCHES, "confusion_ratio")]
        p = rows.get(("confusion_ratio", subject, "machine", True))
        lines.append((_named(subject, lang), *(cell(row, lang) for row in counted), cell(p, lang)))
    if not lines:
        return []
    heads = [_say(key, lang) for key in ("transition", "next_machine", "first_machine", "middle_machine", "ratio_machine", "p_machine")]
    return [Table("transitions-confusion", _say("confusion", lang), heads, lines, note=_say("confusion_note", lang), folded=len(lines) > 8)]


def _gold(rows: Rows, lang: str) -> list[Table]:
    found = [(by, rows.get((by, subject, "corrected", False))) for by in GOLD for subject in (ALL, EVERY)]
    lines = [(_say(by, lang), cell(row, lang), f"{row['n_gold'] or 0:,}", row["rung"]) for by, row in found if row is not None]
    if not lines:
        return []
    heads = [_say("what", lang), _say("people", lang), word("gold_n", lang), word("rung", lang)]
    return [Table("transitions-gold", _say("gold", lang), heads, lines)]


def _demand(frame: pl.DataFrame, rows: Rows, lang: str) -> list[Table]:
    episodes = list(dict.fromkeys(frame.filter(pl.col("by").is_in(DEMAND) & (pl.col("source") == "machine"))["subject"]))
    lines = [(_named(one, lang), *(cell(rows.get((by, one, "machine", False)), lang) for by in DEMAND)) for one in episodes]
    if not lines:
        return []
    heads = [_say(key, lang) for key in ("episode", "end_machine", "mid_machine", "comments_machine")]
    return [Table("transitions-demand", _say("demand", lang), heads, lines, folded=len(lines) > 8)]


def _marks(rows: Rows, lang: str) -> list[Table]:
    lines = []
    for by in ("recap", "cliffhanger"):
        sides = [rows.get((by, side, "machine", False)) for side in ("with", "without")]
        p = rows.get((by, "with or without", "machine", True))
        if any(side is not None for side in sides):
            counted = [cell(side, lang) + (f" ({side['n']:,})" if side is not None and side["value"] is not None else "") for side in sides]
            lines.append((_say(by, lang), *counted, cell(p, lang)))
    if not lines:
        return []
    heads = [_say("what", lang), _say("with", lang), _say("without", lang), _say("p", lang)]
    return [Table("transitions-marks", _say("marks", lang), heads, lines, note=_say("marks_note", lang))]


def _drawn(rows: Rows, subjects: list[str], lang: str) -> list[Figure]:
    lines = []
    for subject in subjects[-MOST_DRAWN:]:
        for by, said in (("confusion_next", "next"), ("confusion_baseline", "baseline")):
            row = rows.get((by, subject, "corrected", False))
            if row is None or row["low"] is None:
                row = rows.get((by, subject, "machine", False))
            if row is not None and row["value"] is not None:
                lines.append((_named(subject, lang), _say(said, lang), row["source"], row["value"], row["low"], row["high"]))
    if not lines:
        return []
    schema = {"label": pl.String, "side": pl.String, "source": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    chart = side_by_side(pl.DataFrame(lines, schema=schema, orient="row"), _say("share", lang))
    return [Figure("figure-transitions", _say("drawn", lang), draw(chart, "transitions"), _say("drawn_note", lang))]


def shown(facts: Facts, lang: str) -> View | None:
    """What the videos show, and how they compare; None where nothing is known of any."""
    frame = facts.estimates.filter(pl.col("measure") == SHOWN)
    if not frame.filter(pl.col("value").is_not_null()).height:
        return None
    rows = {
        (row["by"], row["subject"]): row
        for row in frame.filter(pl.col("code").is_null() | (pl.col("code") == "symbol")).iter_rows(named=True)
    }
    videos = list(dict.fromkeys(frame["subject"].sort()))
    tables = [*_quantities(rows, videos[:MOST_VIDEOS], lang), *_seconds(facts, frame, videos[:MOST_VIDEOS], lang)]
    return View("shown", phrase(CONTENT, "title", lang), [phrase(CONTENT, "lead", lang)], _unknown(facts, frame, lang), tables=tables)


def _unknown(facts: Facts, frame: pl.DataFrame, lang: str) -> list[str]:
    """Why numbers are missing, once for all videos; and what only machines marked."""
    lines = []
    for by in QUANTITIES:
        missing = frame.filter((pl.col("by") == by) & pl.col("value").is_null())
        for reason in list(dict.fromkeys(missing["reason"])):
            n, what = missing.filter(pl.col("reason") == reason)["subject"].n_unique(), phrase(CONTENT, by, lang).rstrip(" #")
            lines.append(phrase(CONTENT, "missing", lang, n=f"{n:,}", what=what, why=REASONS[reason][lang]))
    machines = list(dict.fromkeys(frame.filter((pl.col("source") == "machine") & pl.col("code").is_not_null())["code"]))
    return lines + [phrase(CONTENT, "machine", lang, code=visible(label(facts, code, lang), 60)) for code in machines]


def _quantities(rows: dict[tuple[str, str], Row], videos: list[str], lang: str) -> list[Table]:
    kept = [by for by in QUANTITIES if any((row := rows.get((by, video))) and row["value"] is not None for video in videos)]
    if not kept:
        return []
    lines = []
    for video in videos:
        cells = []
        for by in kept:
            row = rows.get((by, video))
            if row is None or row["value"] is None:
                cells.append("–")
            elif by == "other_language":
                cells.append(phrase(CONTENT, "yes" if row["value"] else "no", lang))
            else:
                cells.append(cell(row, lang))
        lines.append((visible(video, 60), *cells))
    heads = [phrase(CONTENT, key, lang) for key in ("video", *kept)]
    return [Table("shown-videos", phrase(CONTENT, "videos", lang), heads, lines, note=phrase(CONTENT, "videos_note", lang))]


def _seconds(facts: Facts, frame: pl.DataFrame, videos: list[str], lang: str) -> list[Table]:
    held = {
        (row["by"], row["code"], row["subject"]): row
        for row in frame.filter(pl.col("by").is_in(["seconds_shown", "share_shown"])).iter_rows(named=True)
    }
    codes = list(dict.fromkeys(code for _, code, _ in held))
    seen = [video for video in videos if any(("seconds_shown", code, video) in held for code in codes)]
    if not codes:
        return []
    lines = []
    for code in codes:
        cells = []
        for video in seen:
            one, share = held.get(("seconds_shown", code, video)), held.get(("share_shown", code, video))
            cells.append("–" if one is None or share is None else Said(f"{one['value']:.0f} ({percent(share['value'])})", one, share))
        lines.append((visible(label(facts, code, lang), 60), *cells))
    heads = [word("code", lang), *(f"{visible(video, 40)} #" for video in seen)]
    return [
        Table(
            "shown-seconds",
            phrase(CONTENT, "seconds", lang),
            heads,
            lines,
            note=phrase(CONTENT, "seconds_note", lang),
            folded=len(lines) > 12,
        )
    ]
