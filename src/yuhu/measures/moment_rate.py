"""Messages per second of media time: how many would have come in each moment if as many had watched as on average.

Counts over media time mix how many watched with how many answered. Rates take out what is known, or assumed, of watching: each assumption has its own
course. What a code's rate is comes from the machine, step by step; where people coded enough of a stretch, the corrected rate stands beside it.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import CENSUS, FRAME_SCHEMA, MACHINE_ONLY, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.correcting import corrected
from yuhu.measures.exposure import MEASURED, NO_CURVE, viewers
from yuhu.measures.media_time import MediaTime, cells_of, media_times
from yuhu.measures.moment_courses import Course, courses, failed_steps, grid, stacked
from yuhu.measures.moment_stretches import Stretch, labelled, with_gold
from yuhu.measures.prevalence import corrected_share
from yuhu.stats.intensity import METHOD as RATE
from yuhu.stats.intensity import rate_interval
from yuhu.stats.smoothing.local import METHOD as SMOOTH

PER_SECOND = "messages per second"
PER_VIEWER = "messages per 1,000 viewer-seconds"
MOST_WINDOWS = 200
_UNSEEN = pl.when(pl.col("is_masked")).then(pl.lit("masked_stretch")).otherwise(pl.lit("no_exposure"))


class MomentRate:
    """Rates by step of media time and video, normalised for watching; per code the machine's, and corrected ones in longer windows."""

    name = "moment_rate.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang", "video_id", "at_ms", "is_special", "work_id", "root_id", "source"),
        "codings": ("text_key", "lang", "code", "value"),
        "metrics": ("subject", "name", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Rows by video: what is counted and what is not; by ``exposure=…``: the courses; by window: corrected rates."""
        videos = media_times(evidence)
        if not videos:
            return estimates_frame([])
        found = {video.video_id: courses(evidence, video) for video in videos}
        special = _special(evidence)
        rows = [row for video in videos for row in self._counted(evidence, video, found[video.video_id], special.get(video.video_id, 0))]
        frames = [estimates_frame(rows), self._curves(evidence, videos, found)]
        if cells_of(evidence):
            frames += [self._codes(evidence, videos, found), estimates_frame(self._corrected(evidence, videos, found))]
        return checked(pl.concat(frames))

    def _row(self, video: MediaTime, **fields: object) -> Estimate:
        given = {"source": "observed", "rung": "D", "n_videos": 1, "by": "video", "unit": "messages", "reason": CENSUS, **fields}
        return Estimate(measure=self.name, subject=video.video_id, **given)  # type: ignore[arg-type]

    def _counted(self, evidence: Evidence, video: MediaTime, found: Sequence[Course], special: int) -> Iterator[Estimate]:
        """What is counted, what is not, and what the data chose."""
        masked = int(video.messages[video.masked].sum())
        whole = int(video.messages.sum()) + video.left_out + special
        for method, count in (
            ("counted_messages.v1", video.n),
            ("masked_messages.v1", masked),
            ("messages_left_out.v1", video.left_out),
            ("special_danmaku.v1", special),
        ):
            yield self._row(video, value=float(count), count=count, n=whole, method=method)
        if video.is_cut:
            yield self._row(video, value=1.0, n=video.n, unit="exports", method="cut_export.v1", reason="export_was_cut")
        yield self._per_viewer(evidence, video, found)
        if not found:
            yield self._row(video, value=None, n=video.n, unit=PER_SECOND, method=SMOOTH, reason=NO_CURVE)
            return
        smooth = found[0].smooth
        if smooth.reason:
            yield self._row(video, value=None, n=video.n, unit=PER_SECOND, method=SMOOTH, reason=smooth.reason)
            return
        reach = smooth.reach * video.step_ms / 1000
        for value, unit, method in ((reach, "seconds", "kernel_half_width.v1"), (smooth.dispersion, "variance ratio", "dispersion.v1")):
            yield self._row(video, value=value, n=video.n, unit=unit, method=method, reason="setting_chosen")

    def _per_viewer(self, evidence: Evidence, video: MediaTime, found: Sequence[Course]) -> Estimate:
        """The rate of the whole video by what was watched of it, where both views and the retention curve are known and the export is whole."""
        views = viewers(evidence).get(video.video_id)
        known = [course for course in found if course.scenario == MEASURED]
        missing = {"value": None, "n": video.n, "unit": PER_VIEWER, "method": RATE}
        if video.is_cut:
            return self._row(video, **missing, reason="export_was_cut")
        if views is None or not known or not known[0].watched > 0:
            return self._row(video, **missing, reason="watching_unknown")
        due = known[0].watched * views / 1000
        one = rate_interval(video.n, due, confidence=evidence.confidence, dispersion=known[0].smooth.dispersion)
        [estimate] = one.estimates(video.n, unit=PER_VIEWER, confidence=evidence.confidence)
        return self._row(
            video, value=estimate.value, low=estimate.low, high=estimate.high, confidence=estimate.confidence, reason="", count=video.n,
            n=round(views), unit=PER_VIEWER, method=RATE,
        )  # fmt: skip

    def _curves(self, evidence: Evidence, videos: Sequence[MediaTime], found: Mapping[str, Sequence[Course]]) -> pl.DataFrame:
        """Rates of each bin under the first assumption, and the smooth course under each."""
        parts = []
        for video in videos:
            for nth, course in enumerate(found[video.video_id]):
                smooth = course.smooth
                said: dict[str, str | int] = {"subject": video.video_id, "by": f"exposure={course.scenario}", "n": video.n}
                bins = {**grid(video, course), "count": course.binned(video.messages)}
                if nth == 0:
                    raw = rate_interval(
                        np.where(course.due > 0, course.had, 0.0), course.due, confidence=evidence.confidence, dispersion=smooth.dispersion
                    )
                    parts.append(
                        ({**said, "method": RATE}, {**bins, "value": raw.rate, "low": raw.low, "high": raw.high, "known": raw.known})
                    )
                if not smooth.reason:
                    lines = {"value": smooth.rate, "low": smooth.low, "high": smooth.high, "known": smooth.known & (course.due > 0)}
                    parts.append(({**said, "method": SMOOTH}, {**bins, **lines}))
        if not parts:
            return estimates_frame([])
        known = pl.col("known")
        return self._framed(
            stacked(parts).with_columns(
                *(pl.when(known).then(end).alias(end) for end in ("value", "low", "high")),
                reason=pl.when(known).then(pl.lit("")).otherwise(_UNSEEN),
                confidence=pl.when(known).then(pl.lit(evidence.confidence)),
                source=pl.lit("observed"),
            )
        )

    def _codes(self, evidence: Evidence, videos: Sequence[MediaTime], found: Mapping[str, Sequence[Course]]) -> pl.DataFrame:
        """What the machine counted of each code in each bin, by second of average watching; no interval."""
        failed = failed_steps(evidence)
        parts = []
        for video in videos:
            for course in found[video.video_id][:1]:
                bins, codable = grid(video, course), course.binned(video.codable)
                for code, value in cells_of(evidence):
                    lost = failed.get((video.video_id, code))
                    n = codable if lost is None else codable - course.binned(lost)
                    said = {"subject": video.video_id, "by": f"exposure={course.scenario}", "code": code, "value_id": value}
                    parts.append((said, {**bins, "count": course.binned(video.coded[code, value]), "n": n}))
        if not parts:
            return estimates_frame([])
        small, watched = pl.col("n") < evidence.k_anonymity, pl.col("due") > 0
        return self._framed(
            stacked(parts).with_columns(
                value=pl.when(watched & ~small).then(pl.col("count") / pl.col("due")),
                count=pl.when(watched & ~small).then("count"),
                reason=pl.when(~watched).then(_UNSEEN).when(small).then(pl.lit("small_cell")).otherwise(pl.lit(MACHINE_ONLY)),
                method=pl.lit("machine_rate.v1"),
                source=pl.lit("machine"),
                coder=pl.lit(evidence.coder),
                target=pl.lit(evidence.target),
            )
        )

    def _framed(self, rows: pl.DataFrame) -> pl.DataFrame:
        return conform(
            rows.with_columns(measure=pl.lit(self.name), unit=pl.lit(PER_SECOND), rung=pl.lit("D"), n_videos=pl.lit(1)), FRAME_SCHEMA
        )

    def _corrected(self, evidence: Evidence, videos: Sequence[MediaTime], found: Mapping[str, Sequence[Course]]) -> Iterator[Estimate]:
        """Rates of codes in windows with enough gold: the corrected share of its messages, times their rate."""
        windows = {stretch.name: stretch for video in videos if found[video.video_id] for stretch in _windows(evidence, video)}
        windows = with_gold(evidence, windows, MOST_WINDOWS)
        if not windows:
            return
        due, wanted = dict[str, tuple[float, float]](), set(cells_of(evidence))
        for video in videos:
            for stretch in [one for one in windows.values() if one.video_id == video.video_id]:
                course, steps = found[video.video_id][0], slice(stretch.start_ms // video.step_ms, stretch.end_ms // video.step_ms)
                due[stretch.name] = (float(course.counts[steps].sum()), float(course.exposure[steps].sum()))
        for _, one in corrected(labelled(evidence, windows), self.name, {"window": pl.col("stretch")}, MOST_WINDOWS):
            for at, subject in enumerate(one.subjects):
                count, exposure = due[subject]
                if (one.code, one.value_id) in wanted and exposure > 0:
                    share = corrected_share(evidence, self.name, "window", subject, one, at)
                    scenario = found[windows[subject].video_id][0].scenario
                    yield _per_second(share, count / exposure, windows[subject], scenario)


def _per_second(share: Estimate, messages: float, window: Stretch, scenario: str) -> Estimate:
    """A share of messages as messages per second: how many there were is counted, not estimated."""
    ends = {"value": share.value, "low": share.low, "high": share.high}
    scaled = {name: None if number is None else number * messages for name, number in ends.items()}
    return share.with_(
        **scaled,
        by=f"exposure={scenario}",
        subject=window.video_id,
        at_ms=window.start_ms,
        end_ms=window.end_ms,
        unit=PER_SECOND,
        method="corrected_rate.v1",
        n_videos=1,
    )


def _windows(evidence: Evidence, video: MediaTime) -> Iterator[Stretch]:
    """Windows of which no step is masked, on the grid of steps."""
    width = max(1, evidence.moments.intensity.window_ms // video.step_ms)
    for first in range(0, video.steps, width):
        last = min(first + width, video.steps)
        kept = np.flatnonzero(~video.masked[first:last]) + first
        if kept.size:
            start, stop = int(kept[0]), int(kept[-1]) + 1
            yield Stretch(f"{video.video_id} {start}", video.video_id, start * video.step_ms, stop * video.step_ms)


def _special(evidence: Evidence) -> dict[str, int]:
    rows = evidence.responses.filter(
        pl.col("is_special").fill_null(value=False) & pl.col("at_ms").is_not_null() & pl.col("video_id").is_not_null()
    )
    return dict(rows.group_by("video_id").agg(pl.len().cast(pl.Int64)).sort("video_id").collect().iter_rows())
