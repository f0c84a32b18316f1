"""Section on what drew messages: the video, or those who had written before."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.two_clocks import shared_out
from yuhu.reporting.numbers import NO_BREAK, percent
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import phrase, word
from yuhu.reporting.words_two_clocks import CROWD
from yuhu.texts.hostile import visible

CLOCKS, POSTING = "two_clocks.v1", "posting.v1"
MOST_DRAWN, MOST_NAMED, MOST_LINES = 6, 4, 40
MS_PER_MINUTE = 60_000
PLANTED = "planted_contagion"
SMALL = "too_few_events"
JOINED = {"en": "; ", "zh": "；"}

Row = dict[str, Any]
Rows = dict[tuple[str, ...], Row]


def audience_or_video(facts: Facts, lang: str) -> View | None:
    """Contagion shares and branching ratios; None where no message has both clocks and none a posting time."""
    clocks = facts.estimates.filter(pl.col("measure") == CLOCKS)
    posting = facts.estimates.filter(pl.col("measure") == POSTING)
    if not clocks.height and not posting.height:
        return None
    everything = clocks.filter(pl.col("code").is_null())
    rows: Rows = {(row["by"], row["subject"]): row for row in everything.filter(~pl.col("by").is_in(["doubt"])).iter_rows(named=True)}
    doubts: dict[str, list[str]] = {}
    for video, reason in everything.filter(pl.col("by") == "doubt").select("subject", "reason").iter_rows():
        doubts.setdefault(video, []).append(reason)
    videos = sorted((row for (by, _), row in rows.items() if by == "contagion"), key=lambda row: (-row["n"], row["subject"]))
    points = [*_separated(videos, lang), *_against_truth(videos, rows, lang), *_refused(videos, doubts, lang), *_only_first(posting, lang)]
    tables = [*_shares(videos, rows, doubts, lang), *_codes(facts, clocks, lang), *_posting(posting, lang)]
    lead = [phrase(CROWD, key, lang) for key in ("lead", "limits")] if videos else []
    return View("crowd", phrase(CROWD, "title", lang), lead, points, _courses(everything, videos, lang), tables)


def _separated(videos: Sequence[Row], lang: str) -> list[str]:
    said: list[str] = [
        Said(
            phrase(
                CROWD,
                "separated",
                lang,
                video=visible(row["subject"], 80),
                share=percent(row["value"]),
                n=f"{row['n']:,}",
                interval=_interval(row, lang),
            ),
            row,
        )
        for row in videos
        if row["value"] is not None
    ]
    return said[:MOST_LINES]


def _against_truth(videos: Sequence[Row], rows: Rows, lang: str) -> list[str]:
    """In constructed studies: whether the intervals hold the share that was planted."""
    asked = [(row, truth) for row in videos if row["low"] is not None and (truth := rows.get((PLANTED, row["subject"]))) is not None]
    if not asked:
        return []
    held = sum(row["low"] <= truth["value"] <= row["high"] for row, truth in asked)
    return [phrase(CROWD, "planted", lang, share=percent(asked[0][1]["value"]), held=f"{held:,}", of=f"{len(asked):,}")]


def _refused(videos: Sequence[Row], doubts: dict[str, list[str]], lang: str) -> list[str]:
    """One sentence for each set of reasons, the videos with most messages first."""
    sets: dict[tuple[str, ...], list[str]] = {}
    for row in videos:
        if row["value"] is None and row["reason"] != SMALL:
            sets.setdefault(tuple(doubts.get(row["subject"], [row["reason"]])), []).append(row["subject"])
    said = []
    for reasons, held in sets.items():
        rest = len(held) - MOST_NAMED
        more = phrase(CROWD, "and_more", lang, n=f"{rest:,}") if rest > 0 else ""
        names = ", ".join(visible(one, 60) for one in held[:MOST_NAMED]) + more
        why = JOINED[lang].join(REASONS[reason][lang] for reason in reasons)
        said.append(phrase(CROWD, "refused", lang, names=names, why=why[0].upper() + why[1:]))
    small = sum(row["reason"] == SMALL for row in videos)
    return [*said, phrase(CROWD, "few", lang, videos=f"{small:,}")] if small else said


def _only_first(posting: pl.DataFrame, lang: str) -> list[str]:
    first = posting.filter(pl.col("by") == "branching_of_first")
    n = first.filter(pl.col("reason") == "baseline_suffices").height
    return [phrase(CROWD, "only_first", lang, n=f"{n:,}", of=f"{first.height:,}")] if n else []


def _courses(everything: pl.DataFrame, videos: Sequence[Row], lang: str) -> list[Figure]:
    figures = []
    for at, row in enumerate([one for one in videos if one["value"] is not None][:MOST_DRAWN]):
        mine = everything.filter(pl.col("subject") == row["subject"])
        parts = [
            mine.filter(pl.col("by") == f"drawn_by_{who}").select("at_ms", pl.col("value").alias(who)) for who in ("video", "audience")
        ]
        drawn = parts[0].join(parts[1], on="at_ms").sort("at_ms").with_columns(minutes=pl.col("at_ms") / MS_PER_MINUTE)
        title = phrase(CROWD, "course", lang, video=visible(row["subject"], 80))
        figures.append(
            Figure(f"figure-crowd-{at}", title, draw(shared_out(drawn, lang), f"crowd-{at}"), phrase(CROWD, "course_note", lang))
        )
    return figures


def _shares(videos: Sequence[Row], rows: Rows, doubts: dict[str, list[str]], lang: str) -> list[Table]:
    asked = [row for row in videos if row["reason"] != SMALL]
    lines = []
    for row in asked[:MOST_LINES]:
        video = row["subject"]
        split, cohorts = rows.get(("contagion_by_segment", video)), rows.get(("cohorts", video))
        checks = [_p(rows.get((name, video))) for name in ("placebo", "control", "lead")]
        lines.append(
            (
                visible(video, 60),
                _share(row, lang) if row["value"] is not None else "–",
                _share(split, lang) if split and split["value"] is not None else "–",
                _p(rows.get(("excitation", video))),
                ", ".join(checks) if any(check != "–" for check in checks) else "–",
                f"{cohorts['value']:.0f}" if cohorts else "–",
                f"{row['n']:,}",
                JOINED[lang].join(REASONS[reason][lang] for reason in doubts.get(video, [row["reason"]] if row["reason"] else [])),
                row["rung"],
            )
        )
    columns = [phrase(CROWD, key, lang) for key in ("share", "segments", "excitation", "checks", "cohorts")]
    heads = [word("video", lang), *columns, word("n", lang), phrase(CROWD, "why", lang), word("rung", lang)]
    caption = phrase(CROWD, "shares", lang)
    return [Table("crowd-shares", caption, heads, lines, note=_more(len(asked), lang), folded=len(lines) > 12)] if lines else []


def _codes(facts: Facts, clocks: pl.DataFrame, lang: str) -> list[Table]:
    coded = clocks.filter(pl.col("code").is_not_null() & (pl.col("by") == "contagion") & pl.col("value").is_not_null())
    ranked = coded.sort("n", "subject", "code", "value_id", descending=[True, False, False, False])
    lines = [
        (
            visible(row["subject"], 60),
            visible(label(facts, row["code"], lang), 60),
            value_label(facts, row["code"], row["value_id"], lang),
            Said(percent(row["value"]), row),
            f"{row['n']:,}",
            REASONS[row["reason"]][lang],
            row["rung"],
        )
        for row in ranked.head(MOST_LINES).iter_rows(named=True)
    ]
    if not lines:
        return []
    keys = [word(key, lang) for key in ("video", "code", "value")]
    heads = [*keys, phrase(CROWD, "code_share", lang), word("n", lang), word("remarks", lang), word("rung", lang)]
    note = " ".join(part for part in (phrase(CROWD, "codes_note", lang), _more(coded.height, lang)) if part)
    return [Table("crowd-codes", phrase(CROWD, "codes", lang), heads, lines, note=note, folded=True)]


def _posting(posting: pl.DataFrame, lang: str) -> list[Table]:
    rows: Rows = {(row["by"], row["subject"], row["value_id"]): row for row in posting.iter_rows(named=True)}
    asked = sorted(
        (row for (by, *_), row in rows.items() if by == "branching" and row["reason"] != SMALL),
        key=lambda row: (-row["n"], row["subject"], row["value_id"]),
    )
    lines = []
    for row in asked[:MOST_LINES]:
        key = (row["subject"], row["value_id"])
        first, decay, window, gain = (rows.get((by, *key)) for by in ("branching_of_first", "decay", "window", "aic_gain"))
        doubt = rows.get(("doubt", *key))
        remarks = [REASONS[row["reason"]][lang]] if row["reason"] and row["value"] is not None else []
        remarks += [phrase(CROWD, "plain", lang)] if row["method"] == "hawkes_information.v1" else []
        remarks += [REASONS[doubt["reason"]][lang]] if doubt else []
        lines.append(
            (
                visible(row["subject"], 60),
                visible(row["value_id"], 20),
                _ratio(row, lang),
                _ratio(first, lang) if first else "–",
                f"{decay['value']:,.0f}" if decay and decay["value"] is not None else "–",
                f"{gain['value']:,.0f}" if gain else "–",
                f"{_p(rows.get(('kolmogorov_smirnov', *key)))}, {_p(rows.get(('ljung_box', *key)))}",
                f"{window['count']:,} / {window['n']:,}, {window['value']:,.0f}{NO_BREAK}h" if window else "–",
                JOINED[lang].join(remarks),
                row["rung"],
            )
        )
    columns = [phrase(CROWD, key, lang) for key in ("branching", "first", "decay", "aic", "fit", "window")]
    heads = [word("video", lang), word("kind", lang), *columns, word("remarks", lang), word("rung", lang)]
    note = " ".join(part for part in (phrase(CROWD, "posting_note", lang), _more(len(asked), lang)) if part)
    return [Table("crowd-posting", phrase(CROWD, "posting", lang), heads, lines, note=note, folded=len(lines) > 12)] if lines else []


def _more(of: int, lang: str) -> str:
    return phrase(CROWD, "more", lang, shown=MOST_LINES, of=f"{of:,}") if of > MOST_LINES else ""


def _share(row: Row, lang: str) -> str:
    return Said(percent(row["value"]) + _interval(row, lang), row)


def _interval(row: Row, lang: str) -> str:
    return phrase(CROWD, "interval", lang, low=percent(row["low"]), high=percent(row["high"])) if row["low"] is not None else ""


def _ratio(row: Row, lang: str) -> str:
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    ends = phrase(CROWD, "interval", lang, low=f"{row['low']:.2f}", high=f"{row['high']:.2f}") if row["low"] is not None else ""
    return Said(f"{row['value']:.2f}{ends}", row)


def _p(row: Row | None) -> str:
    if row is None or row["value"] is None:
        return "–"
    return f"<{NO_BREAK}.001" if row["value"] < 0.001 else f"{row['value']:.3f}".removeprefix("0")
