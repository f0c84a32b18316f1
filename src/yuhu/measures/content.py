"""The content side: how soon and how densely strategies are shown, symbols, access for outsiders, novelty against earlier videos, length and completion."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.estimate import CENSUS, MACHINE_ONLY, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence, Shown
from yuhu.core.randomness import generator
from yuhu.core.schema import PEOPLE
from yuhu.measures.exposure import MEASURED, exposures
from yuhu.measures.media_time import MediaTime, media_times
from yuhu.measures.strategies import SPOKEN, Marked, timelines
from yuhu.stats.novelty import percentiles, surprisal, text_novelty

NO_STRATEGIES = ("recap", "cliffhanger", "stereo_width")
"""Timeline codes that are not strategies: where an episode joins its neighbours, and a level that is always there."""
CONTEXT, ENTITIES = "context_for_outsiders", "symbol.entity_id"
MOST_VIDEOS = 500
TIMELINE, COUNT = "timeline.v1", "count.v1"
NO_LANGUAGE = ("und", "mul")


class ContentSide:
    """What each video shows and how it compares with the other videos of the study."""

    name = "content.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("text_key", "lang", "video_id", "at_ms", "is_special"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``by`` names what is measured, ``subject`` the video."""
        if evidence.shown is None:
            return estimates_frame([])
        shown = evidence.shown
        times = sorted(media_times(evidence), key=lambda one: (-one.n, one.video_id))[:MOST_VIDEOS]
        languages, lengths = _languages(shown), _lengths(shown)
        rows: list[Estimate] = []
        for time in sorted(times, key=lambda one: one.video_id):
            rows += _timeline(evidence, shown, time, lengths.get(time.video_id), languages.get(time.video_id, []))
        rows += _novelty(evidence, self.name)
        rows += _format(evidence, shown, times)
        return checked(estimates_frame(one.with_(measure=self.name, rung="D", target=evidence.target, n_videos=1) for one in rows))


def _lengths(shown: Shown) -> dict[str, int]:
    return dict(shown.videos.select("video_id", "duration_ms").drop_nulls().filter(pl.col("duration_ms") > 0).iter_rows())


def _timeline(evidence: Evidence, shown: Shown, time: MediaTime, length_ms: int | None, languages: Sequence[str]) -> Iterator[Estimate]:
    found = timelines(evidence)
    own = {code: found.of[time.video_id, code] for code in found.codes if (time.video_id, code) in found.of}
    machines = _machines(shown)
    if not own:
        yield _one(None, "hook_latency", time, "seconds", reason="nothing_shown")
    elif length_ms is None:
        yield _one(None, "strategy_density", time, "per minute", reason="no_duration")
    else:
        strategies = {code: one for code, one in own.items() if code not in NO_STRATEGIES}
        yield from _strategies(time, strategies, length_ms, is_machine=bool(strategies) and set(strategies) <= machines)
        for code, one in own.items():
            seconds = _seconds(one, time, length_ms)
            said = _said(is_machine=code in machines)
            yield _one(seconds, "seconds_shown", time, "seconds", code=code, **said)
            yield _one(seconds * 1000 / length_ms, "share_shown", time, "share", code=code, **said)
        yield from _symbols(shown, time, length_ms)
    yield from _access(time, own.get(CONTEXT), length_ms, languages, is_machine=CONTEXT in machines)


def _strategies(time: MediaTime, own: Mapping[str, Marked], length_ms: int, *, is_machine: bool) -> Iterator[Estimate]:
    if not own:
        yield _one(None, "hook_latency", time, "seconds", reason="nothing_shown")
        return
    there = np.stack([one.levels > 0 for one in own.values()])
    said = _said(is_machine=is_machine)
    shown = np.flatnonzero(there.any(axis=0))
    latency = float(shown[0] * time.step_ms / 1000) if shown.size else None
    yield _one(latency, "hook_latency", time, "seconds", **(said if shown.size else {**said, "reason": "no_onsets"}))
    begins = there & ~np.pad(there, ((0, 0), (1, 0)))[:, :-1]
    events = int(begins.sum())
    yield _one(events / (length_ms / 60_000), "strategy_density", time, "per minute", count=events, **said)


def _seconds(one: Marked, time: MediaTime, length_ms: int) -> float:
    ends = np.minimum((np.arange(time.steps) + 1) * time.step_ms, length_ms)
    widths = np.maximum(ends - np.arange(time.steps) * time.step_ms, 0)
    return float(widths[one.levels > 0].sum() / 1000)


def _symbols(shown: Shown, time: MediaTime, length_ms: int) -> Iterator[Estimate]:
    """Different symbols a minute, and how evenly they come (bits); of several coders the one in the middle."""
    mine = shown.spans.filter((pl.col("video_id") == time.video_id) & (pl.col("code") == ENTITIES))
    people = mine.filter(pl.col("coder_kind").is_in(PEOPLE))
    counted = people if people.height else mine
    named = counted.with_columns(entity=pl.col("value").str.strip_chars().str.to_lowercase()).filter(pl.col("entity") != "")
    if not named.height:
        return
    each = [Counter(part["entity"].to_list()) for _, part in named.group_by("coder", maintain_order=True)]
    said = _said(is_machine=not people.height)
    unique = sorted(len(one) for one in each)[(len(each) - 1) // 2]
    evenness = sorted(_entropy(one) for one in each)[(len(each) - 1) // 2]
    yield _one(unique / (length_ms / 60_000), "symbols_per_minute", time, "per minute", count=unique, code="symbol", **said)
    yield _one(evenness, "symbol_entropy", time, "bits", code="symbol", **said)


def _entropy(counts: Counter[str]) -> float:
    total = counts.total()
    return abs(-sum(n / total * math.log2(n / total) for n in counts.values()))


def _access(
    time: MediaTime, context: Marked | None, length_ms: int | None, languages: Sequence[str], *, is_machine: bool
) -> Iterator[Estimate]:  # fmt: skip
    """Access for outsiders: the share that explains background, whether lines in another language are there, and the mean of both."""
    share = None if context is None or length_ms is None else _seconds(context, time, length_ms) * 1000 / length_ms
    other = float(len(languages) > 1) if languages else None
    yield _one(other, "other_language", time, "yes or no", **(_said() if languages else {"reason": "no_text_shown"}))
    if share is not None and other is not None:
        yield _one((min(share, 1.0) + other) / 2, "accessibility", time, "index", **_said(is_machine=is_machine))


def _languages(shown: Shown) -> dict[str, list[str]]:
    """Languages of the lines of each video."""
    lines = shown.segments.filter(pl.col("kind").is_in(SPOKEN) & pl.col("lang").is_not_null() & ~pl.col("lang").is_in(NO_LANGUAGE))
    found = lines.group_by("video_id").agg(langs=pl.col("lang").str.split("-").list.first().unique().sort()).collect()
    return dict(found.iter_rows())


def _works(shown: Shown) -> pl.DataFrame:
    """The first upload of each work that is dated, the earliest first."""
    dated = shown.videos.filter(pl.col("published_at").is_not_null())
    works = dated.with_columns(pl.coalesce("work_id", "video_id").alias("work")).sort("published_at", "video_id")
    return works.unique("work", keep="first", maintain_order=True).sort("published_at", "video_id")


def _novelty(evidence: Evidence, measure: str) -> Iterator[Estimate]:
    """Novelty of words against earlier works, its place among the others, and the surprise in a work's codes."""
    assert evidence.shown is not None
    works = _works(evidence.shown)
    videos = works["video_id"].to_list()
    if not videos:
        return
    words = _words(evidence.shown, videos)
    texts = [
        " ".join(part for part in (title, words.get(video)) if part) if words.get(video) else ""
        for video, title in works.select("video_id", "title").iter_rows()
    ]
    novel = text_novelty(texts, confidence=evidence.confidence)
    places = percentiles([one.value for one in novel], confidence=evidence.confidence)
    for video, one, place in zip(videos, novel, places, strict=True):
        yield one.with_(by="novelty", subject=video, source="observed")
        if one.value is not None:
            yield place.with_(by="novelty_percentile", subject=video, source="observed")
    found = timelines(evidence)
    watched = [video for video in videos if any((video, code) in found.of for code in found.codes)]
    if not watched:
        return
    codes = [code for code in found.codes if all((video, code) in found.of for video in watched)]
    if not codes:
        return
    present = np.array([[bool(found.of[video, code].levels.any()) for code in codes] for video in watched])
    source = "machine" if set(codes) <= _machines(evidence.shown) else "observed"
    for video, one in zip(
        watched, surprisal(present, generator(evidence.seed, measure, "surprisal"), confidence=evidence.confidence), strict=True
    ):
        cut = {"low": None, "high": None, "confidence": None, "reason": MACHINE_ONLY} if source == "machine" and one.low is not None else {}
        yield one.with_(by="surprisal", subject=video, source=source, **cut)


def _words(shown: Shown, videos: Sequence[str]) -> dict[str, str]:
    """What is spoken or written in each video, in the language with most of it: translations would make every video alike."""
    lines = shown.segments.filter(pl.col("kind").is_in(SPOKEN) & pl.col("video_id").is_in(list(videos)) & pl.col("text").is_not_null())
    ordered = lines.sort("video_id", "lang", "start_ms", "text", nulls_last=True).group_by("video_id", "lang", maintain_order=True)
    tracks = ordered.agg(pl.col("text").str.join(" ")).with_columns(size=pl.col("text").str.len_chars())
    longest = tracks.sort("video_id", "size", "lang", descending=[False, True, False]).unique("video_id", keep="first", maintain_order=True)
    return dict(longest.select("video_id", "text").collect().iter_rows())


def _format(evidence: Evidence, shown: Shown, times: Sequence[MediaTime]) -> Iterator[Estimate]:
    """Length and completion, and their places among the other works."""
    first = shown.videos.with_columns(pl.coalesce("work_id", "video_id").alias("work")).sort("published_at", "video_id", nulls_last=True)
    videos = first.unique("work", keep="first", maintain_order=True).sort("video_id")["video_id"].to_list()
    lengths = _lengths(shown)
    curves = {time.video_id: exposures(evidence, time).get(MEASURED) for time in times}
    ends = {video: float(curve[-1]) for video, curve in curves.items() if curve is not None and curve.size and video in lengths}
    for by, unit, known, why in (
        ("length", "seconds", {video: length / 1000 for video, length in lengths.items()}, "no_duration"),
        ("completion", "share of viewers", ends, "no_retention"),
    ):
        values = [known.get(video) for video in videos]
        for video, value, place in zip(videos, values, percentiles(values, confidence=evidence.confidence), strict=True):
            where = {"by": by, "subject": video, "source": "observed"}
            yield Estimate(value=value, n=1, unit=unit, method=COUNT, reason=why if value is None else CENSUS, **where)
            if value is not None:
                yield place.with_(by=f"{by}_percentile", subject=video, source="observed")


def _machines(shown: Shown) -> set[str]:
    """Codes that only machines watched for."""
    by_kind = shown.watched.group_by("code").agg(human=pl.col("coder_kind").is_in(PEOPLE).any())
    return set(by_kind.filter(~pl.col("human"))["code"])


def _said(*, is_machine: bool = False) -> dict[str, Any]:
    return {"source": "machine", "reason": MACHINE_ONLY} if is_machine else {"source": "observed", "reason": CENSUS}


def _one(value: float | None, by: str, time: MediaTime, unit: str, **fields: Any) -> Estimate:
    return Estimate(value=value, n=1, by=by, subject=time.video_id, unit=unit, method=TIMELINE, **{"source": "observed", **fields})
