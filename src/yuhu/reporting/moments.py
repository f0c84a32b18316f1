"""Section on moments: per video the rate over media time, its peaks, what was on screen and what was expressed there."""

from collections.abc import Iterator

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.moments import moments as chart
from yuhu.reporting.moments_rows import MS_PER_MINUTE, Held, Row, scenario_of, span
from yuhu.reporting.numbers import NO_BREAK, percent, points
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import phrase
from yuhu.reporting.words_moments import MOMENTS
from yuhu.texts.hostile import visible

MOST_VIDEOS, MOST_NAMED, MOST_CODES, MOST_CODE_PEAKS = 6, 3, 3, 40
MOST_STRIPS = 12
LEVEL = 0.05
_AND = {"en": "; ", "zh": "；"}


def moments(facts: Facts, lang: str) -> View | None:
    """Peaks of every video; None where no message has a media time, or peaks were not looked for."""
    held = Held(facts)
    if not held.videos:
        return None
    shown = held.videos[:MOST_VIDEOS]
    found = [video for video in held.videos if held.peaks(video)]
    windows, before = held.one("windows"), held.one("before")
    lead = phrase(
        MOMENTS, "lead", lang, shortest=_seconds(windows["at_ms"]), longest=_seconds(windows["end_ms"]), alpha=f"{windows['value'] * 100:g}{NO_BREAK}%",
        videos=f"{len(held.videos):,}", found=f"{len(found):,}",
    )  # fmt: skip
    limits = phrase(MOMENTS, "limits", lang, before=_seconds(-before["at_ms"]))
    said = [line for video in shown for line in _lines(held, video, lang)]
    if len(held.videos) > len(shown):
        said.append(phrase(MOMENTS, "more", lang, n=f"{len(held.videos) - len(shown):,}"))
    figures = [figure for at, video in enumerate(shown) if (figure := _figure(held, video, at, lang)) is not None]
    tables = [_table(held, video, lang) for video in shown if held.peaks(video)]
    paragraphs = [lead, *_watching(held, lang), limits, *_against_truth(held, lang)]
    return View("moments", phrase(MOMENTS, "title", lang), paragraphs, said, figures, [*tables, *_codes(held, lang)])


def _watching(held: Held, lang: str) -> Iterator[str]:
    """What was known or assumed of how many watched."""
    assumed: dict[tuple[str, ...], int] = {}
    for video in held.videos:
        names = tuple(held.scenarios(video))
        assumed[names] = assumed.get(names, 0) + 1
    for names, many in assumed.items():
        if names == ("measured",):
            yield phrase(MOMENTS, "known", lang, n=f"{many:,}")
        elif names:
            yield phrase(MOMENTS, "assumed", lang, n=f"{many:,}", names=_AND[lang].join(_scenario(name, lang) for name in names))


def _scenario(name: str, lang: str) -> str:
    kind, _, share = name.rpartition("_")
    return (
        phrase(MOMENTS, "half_life", lang, share=f"{float(share) * 100:g}{NO_BREAK}%")
        if kind == "half_life"
        else phrase(MOMENTS, name, lang)
    )


def _against_truth(held: Held, lang: str) -> Iterator[str]:
    """In constructed studies: which planted moments were found, and which found ones were not planted."""
    planted = held.rows("planted_moment")
    if not planted:
        return
    peaks = [(video, peak) for video in held.videos for peak in held.peaks(video)]
    missed = [one for one in planted if not any(video == one["subject"] and _meet(peak, one) for video, peak in peaks)]
    extra = [peak for video, peak in peaks if not any(video == one["subject"] and _meet(peak, one) for one in planted)]
    names = _AND[lang].join(
        phrase(MOMENTS, "missed_one", lang, video=visible(one["subject"], 60), at=span(one), share=percent(one["value"])) for one in missed
    )
    yield phrase(
        MOMENTS, "planted", lang, n=f"{len(planted):,}", hit=f"{len(planted) - len(missed):,}", extra=f"{len(extra):,}",
        missed=phrase(MOMENTS, "missed", lang, which=names) if missed else "",
    )  # fmt: skip


def _meet(one: Row, other: Row) -> bool:
    return bool(one["at_ms"] < other["end_ms"] and other["at_ms"] < one["end_ms"])


def _lines(held: Held, video: str, lang: str) -> Iterator[str]:
    """A sentence for each peak, for what depends on the assumptions, and where there is nothing."""
    name, test = visible(video, 60), held.test(video)
    if test["value"] is None:
        yield phrase(MOMENTS, "untested", lang, video=name, why=REASONS[test["reason"]][lang])
        return
    for peak in held.peaks(video):
        yield peak_said(held, peak, lang)
    for peak in held.open_peaks(video):
        yield phrase(MOMENTS, "depends", lang, video=name, at=span(peak), why=REASONS[peak["reason"]][lang])
    if not held.peaks(video) and not held.open_peaks(video):
        yield phrase(MOMENTS, "nothing", lang, video=name, p=_p(test["value"]), at=span(test))


def peak_said(held: Held, peak: Row, lang: str) -> str:
    """The sentence of a peak."""
    seen = on_screen_more(held, peak, lang)
    said = phrase(
        MOMENTS, "peak", lang, video=visible(peak["subject"], 60), at=span(peak), ratio=f"{peak['value']:.1f}", interval=_interval(peak, lang),
        p=_p(peak["p"]), screen=phrase(MOMENTS, "screen", lang, what=", ".join(seen)) if seen else "",
    )  # fmt: skip
    return Said(said, peak)


def inside_said(facts: Facts, row: Row, lang: str) -> str:
    """The sentence of a corrected difference between a peak and the rest."""
    said = phrase(
        MOMENTS, "inside", lang, video=visible(row["subject"], 60), at=span(row), code=visible(label(facts, row["code"], lang), 60),
        value=value_label(facts, row["code"], row["value_id"], lang), points=points(row["value"]), low=points(row["low"]), high=points(row["high"]),
        n_gold=f"{row['n_gold'] or 0:,}",
    )  # fmt: skip
    return Said(said, row)


def on_screen_more(held: Held, peak: Row, lang: str) -> list[str]:
    """What filled more of a peak than of the video, the most first."""
    return [what for what, inside, whole in _screen(held, peak, lang) if inside > whole][:MOST_NAMED]


def _screen(held: Held, peak: Row, lang: str) -> list[tuple[str, float, float]]:
    """Strategies on screen in a peak: name, share of its time and of the video's; those that fill it more than the video first."""
    found = [
        (visible(label(held.facts, row["code"], lang), 60), row["value"], whole["value"])
        for row, whole in zip(held.at("on_screen", peak), held.at("on_screen_whole_video", peak), strict=True)
    ]
    return sorted(found, key=lambda one: (one[2] - one[1], one[0]))


def _figure(held: Held, video: str, at: int, lang: str) -> Figure | None:
    courses = held.courses(video)
    if courses is None:
        return None
    course, others = courses
    segments = held.segments(video)
    frequent = segments.group_by("code").agg(first=pl.col("minutes").min()).sort("first", "code").head(MOST_STRIPS)
    names = {code: visible(label(held.facts, code, lang), 60) for code in frequent["code"]}
    strips = (
        segments.filter(pl.col("code").is_in(list(names)))
        .with_columns(strategy=pl.col("code").replace_strict(names, default=None))
        .sort(pl.col("code").replace_strict(list(names), list(range(len(names))), default=None), "minutes")
        .select("strategy", "minutes", "until")
    )
    peaks = pl.DataFrame(
        [(peak["at_ms"] / MS_PER_MINUTE, peak["end_ms"] / MS_PER_MINUTE) for peak in held.peaks(video)],
        schema={"minutes": pl.Float64, "until": pl.Float64}, orient="row",
    )  # fmt: skip
    scenario = _scenario(scenario_of(course["by"][0]), lang)
    width = (course["until"][0] - course["minutes"][0]) * 60
    note = phrase(MOMENTS, "figure_note", lang, scenario=scenario, width=f"{width:g}{NO_BREAK}s")
    return Figure(
        f"figure-moments-{at}", visible(video, 80), draw(chart(course.drop("by"), others, peaks, strips, lang), f"moments-{at}"), note
    )


def _table(held: Held, video: str, lang: str) -> Table:
    columns = [phrase(MOMENTS, key, lang) for key in ("when", "size", "p", "n", "on_screen", "said", "expressed")]
    lines = []
    for peak in sorted(held.peaks(video), key=lambda row: row["at_ms"]):
        seen = [f"{what} ({percent(inside)}; {percent(whole)})" for what, inside, whole in _screen(held, peak, lang)]
        spoken = [visible(row["value_id"], 120) for row in held.spoken(peak)]
        lines.append(
            (
                span(peak),
                Said(f"{peak['value']:.1f}{_interval(peak, lang)}", peak),
                _p(peak["p"]),
                f"{peak['count']:,}",
                ", ".join(seen) or phrase(MOMENTS, "none_marked", lang),
                " / ".join(spoken) or "–",
                _expressed(held, peak, lang),
            )
        )
    q, codes = held.q(video), len({row["code"] for row in held.rows("peak_difference")})
    return Table(
        f"peaks-{visible(video, 60)}",
        phrase(MOMENTS, "table", lang, video=visible(video, 80)),
        columns,
        lines,
        note=phrase(MOMENTS, "table_note", lang, q="–" if q is None else _p(q), codes=f"{codes:,}"),
    )


def _expressed(held: Held, peak: Row, lang: str) -> str:
    """Codes whose corrected share differs; else the machine's largest differences, named as such."""
    rows = held.at("peak_difference", peak)
    sure = [row for row in rows if row["source"] == "corrected" and row["low"] is not None and row["low"] * row["high"] > 0]
    if sure:
        best = sorted(sure, key=lambda row: -abs(row["value"]))[:MOST_CODES]
        said = (f"{_code(held, row, lang)} {points(row['value'])} [{points(row['low'])},{NO_BREAK}{points(row['high'])}]" for row in best)
        return Said("; ".join(said), *best)
    machine = sorted([row for row in rows if row["source"] == "machine" and row["value"]], key=lambda row: -abs(row["value"]))[:2]
    if not machine:
        return phrase(MOMENTS, "none_differs", lang)
    what = "; ".join(f"{_code(held, row, lang)} {points(row['value'])}" for row in machine)
    return Said(phrase(MOMENTS, "machine_only", lang, what=what), *machine)


def _code(held: Held, row: Row, lang: str) -> str:
    return visible(label(held.facts, row["code"], lang), 60)


def _codes(held: Held, lang: str) -> list[Table]:
    """Peaks of single codes that stand for the false discovery rate."""
    found = [row for row in held.code_peaks() if row["q"] is not None and row["q"] <= LEVEL and row["value"] is not None]
    if not found:
        return []
    columns = [phrase(MOMENTS, "code", lang), *(phrase(MOMENTS, key, lang) for key in ("video", "when", "code_ratio", "n", "p", "q"))]
    lines = [
        (
            _code(held, row, lang),
            visible(row["subject"], 60),
            span(row),
            Said(f"{row['value']:.1f}", row),
            f"{row['count']:,}",
            _p(row["p"]),
            _p(row["q"]),
        )
        for row in found[:MOST_CODE_PEAKS]
    ]
    left = sum(row["n"] for row in held.rows("not_scanned"))
    note = phrase(
        MOMENTS, "code_note", lang, series=f"{held.code_series:,}", left=phrase(MOMENTS, "left", lang, n=f"{left:,}") if left else ""
    )
    return [Table("peaks-codes", phrase(MOMENTS, "code_table", lang), columns, lines, note=note, folded=True)]


def _interval(row: Row, lang: str) -> str:
    return "" if row["low"] is None else phrase(MOMENTS, "interval", lang, low=f"{row['low']:.1f}", high=f"{row['high']:.1f}")


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g}{NO_BREAK}s"


def _p(p: float) -> str:
    return f"<{NO_BREAK}.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")
