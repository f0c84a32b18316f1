"""What was on screen, beside peaks: segments that coders marked and spoken lines."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import CENSUS, Estimate
from yuhu.core.evidence import Evidence
from yuhu.measures.media_time import MediaTime, media_times
from yuhu.measures.moment_scans import Held
from yuhu.measures.strategies import SPOKEN, Marked, timelines
from yuhu.texts.hostile import visible

LONGEST_LINE = 120
MOST_LINES = 5


def on_screen(evidence: Evidence, peaks: Mapping[str, Sequence[Held]]) -> Iterator[Estimate]:
    """By ``segment``: where strategies are shown in every video; by ``on_screen``: how much of a peak each fills, and of the video; by ``line``: what was spoken.

    Notes
    -----
    A peak begins ``peaks.before_ms`` early, since typing takes time. ``value_id`` of a line is its text: it is the video's, not a commenter's.
    """
    lines = _lines(evidence, peaks)
    marks = timelines(evidence)
    for video in media_times(evidence):
        shown = {code: marks.of[video.video_id, code] for code in marks.codes if (video.video_id, code) in marks.of}
        for code, marked in shown.items():
            yield from _segments(video, code, marked)
        for peak in peaks.get(video.video_id, ()):
            for code, marked in shown.items():
                yield from _filled(evidence, video, code, marked, peak)
            yield from _spoken(evidence, video, peak, lines.get(video.video_id, ()))


def _row(video: MediaTime, **fields: object) -> Estimate:
    given = {"source": "observed", "rung": "D", "n_videos": 1, "reason": CENSUS, **fields}
    return Estimate(subject=video.video_id, **given)  # type: ignore[arg-type]


def _segments(video: MediaTime, code: str, marked: Marked) -> Iterator[Estimate]:
    """Each stretch in which most of the coders who watched for it saw it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (marked.levels > 0).astype(np.int8), [0]))))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start, end = first * video.step_ms, min(last * video.step_ms, video.duration_ms)
        yield _row(
            video, value=(end - start) / 1000, code=code, by="segment", at_ms=start, end_ms=end, unit="seconds", method="marked_segment.v1", n=last - first
        )  # fmt: skip


def _filled(evidence: Evidence, video: MediaTime, code: str, marked: Marked, peak: Held) -> Iterator[Estimate]:
    """The share of the steps of a peak in which a strategy is shown, where it is; and that of the whole video beside it."""
    at = np.arange(video.steps) * video.step_ms
    inside = (at >= peak.start_ms - evidence.moments.peaks.before_ms) & (at < peak.end_ms) & marked.watched
    if not (marked.levels[inside] > 0).any():
        return
    place = {"code": code, "at_ms": peak.start_ms, "end_ms": peak.end_ms, "unit": "share of time", "method": "marked_share.v1"}
    for by, steps in (("on_screen", inside), ("on_screen_whole_video", marked.watched)):
        seen = int((marked.levels[steps] > 0).sum())
        yield _row(video, value=seen / int(steps.sum()), by=by, count=seen, n=int(steps.sum()), **place)


def _spoken(evidence: Evidence, video: MediaTime, peak: Held, lines: Sequence[tuple[int, int, str]]) -> Iterator[Estimate]:
    early = peak.start_ms - evidence.moments.peaks.before_ms
    for start, end, text in [one for one in lines if one[0] < peak.end_ms and one[1] > early][:MOST_LINES]:
        yield _row(
            video, value=(end - start) / 1000, by="line", value_id=visible(text, LONGEST_LINE), at_ms=start, end_ms=end, unit="seconds",
            method="spoken_line.v1", n=1,
        )  # fmt: skip


def _lines(evidence: Evidence, peaks: Mapping[str, Sequence[Held]]) -> dict[str, list[tuple[int, int, str]]]:
    """Spoken lines of videos with a peak, in order; one that lasts through half of its video is a transcript without times."""
    wanted = [video for video, held in peaks.items() if held]
    if evidence.shown is None or not wanted:
        return {}
    rows = (
        evidence.shown.segments.filter(
            pl.col("kind").is_in(SPOKEN)
            & pl.col("video_id").is_in(wanted)
            & pl.col("text").is_not_null()
            & (pl.col("end_ms") > pl.col("start_ms"))
        )
        .select("video_id", "start_ms", "end_ms", "text")
        .unique()
        .sort("video_id", "start_ms", "end_ms", "text")
        .collect()
    )
    long = {video.video_id: video.duration_ms for video in media_times(evidence)}
    found: dict[str, list[tuple[int, int, str]]] = {}
    for video, start, end, text in rows.iter_rows():
        if end - start < long[video] / 2:
            found.setdefault(video, []).append((start, end, text))
    return found
