"""The course of a video's messages under each assumption of how many watched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.exposure import exposures, unwatched
from yuhu.measures.media_time import MediaTime, media_times, timed
from yuhu.stats.arrays import Floats
from yuhu.stats.smoothing import LocalRate, local_rate

_KEYS = ["text_key", "lang"]


@dataclass(frozen=True, eq=False)
class Course:
    """Messages by seconds of average watching.

    Parameters
    ----------
    scenario : str
        The assumption.
    counts : (T,) float
        Messages of each step; 0 in steps left out.
    exposure : (T,) float
        Seconds of average watching in each step; 0 in steps left out.
    watched : float
        Seconds watched by those who began, on average, of the steps that count.
    width : int
        Steps of a bin.
    smooth : LocalRate
        The smooth course in the middle of each bin.
    """

    scenario: str
    counts: Floats
    exposure: Floats
    watched: float
    width: int
    smooth: LocalRate

    @cached_property
    def had(self) -> Floats:
        """(M,) messages of each bin that count."""
        return self.binned(self.counts)

    @cached_property
    def due(self) -> Floats:
        """(M,) seconds of average watching in each bin."""
        return self.binned(self.exposure)

    def binned(self, line: Floats) -> Floats:
        """(M,) sums of a line of steps."""
        return np.add.reduceat(line, np.arange(0, line.size, self.width))


def courses(evidence: Evidence, video: MediaTime) -> Sequence[Course]:
    """One for each assumption, the first of them chooses the bandwidth; empty where none can be made.

    Notes
    -----
    Once for all measures; O(steps x assumptions), and the smoothing.
    """
    return evidence.once(("courses", video.video_id), lambda: _made(evidence, video))


def seconds(video: MediaTime) -> Floats:
    """(T,) length of each step; the last may be shorter."""
    at = np.arange(video.steps) * video.step_ms
    return np.asarray(np.minimum(video.step_ms, video.duration_ms - at) / 1000)


def grid(video: MediaTime, course: Course) -> dict[str, np.ndarray]:
    """``at_ms, end_ms, due, is_masked`` of each bin."""
    first = np.arange(0, video.steps, course.width)
    return {
        "at_ms": first * video.step_ms,
        "end_ms": np.minimum((first + course.width) * video.step_ms, video.duration_ms),
        "due": course.due,
        "is_masked": course.binned(video.masked.astype(np.float64)) >= course.binned(np.ones(video.steps)),
    }


def stacked(parts: Sequence[tuple[Mapping[str, str | int], Mapping[str, np.ndarray]]]) -> pl.DataFrame:
    """Rows of many curves in one frame: what is one for a whole curve, and what is one for each bin.

    Notes
    -----
    One frame for each curve would cost a millisecond each.
    """
    sizes = np.array([len(next(iter(lines.values()))) for _, lines in parts])
    place = np.repeat(np.arange(len(parts)), sizes)
    lines = {name: pl.Series(np.concatenate([held[name] for _, held in parts])) for name in parts[0][1]}
    told = {name: pl.Series([held[name] for held, _ in parts]).gather(place) for name in parts[0][0]}
    return pl.DataFrame({**told, **lines})


def _made(evidence: Evidence, video: MediaTime) -> list[Course]:
    width = max(1, evidence.bin_ms // video.step_ms)
    length, found, reach = seconds(video), list[Course](), None
    for scenario, watching in exposures(evidence, video).items():
        kept = ~unwatched(video, watching)
        spent = np.where(kept, watching * length, 0.0)
        mean = float(spent.sum() / length[kept].sum()) if kept.any() else 1.0
        counts = np.where(kept, video.messages, 0.0)
        smooth = local_rate(counts, spent / mean, width=width, reaches=reach, confidence=evidence.confidence)
        reach = reach or ((smooth.reach,) if not smooth.reason else None)
        found.append(Course(scenario, counts, spent / mean, float(spent.sum()), width, smooth))
    return found


def failed_steps(evidence: Evidence) -> dict[tuple[str, str], Floats]:
    """Messages of each step on which a code failed, by video and code; those without any are not in it. Once for all measures."""
    return evidence.once("failed_steps", lambda: _failed(evidence)) if evidence.failed is not None else {}


def _failed(evidence: Evidence) -> dict[tuple[str, str], Floats]:
    assert evidence.failed is not None
    step = evidence.moments.step_ms
    rows = (
        timed(evidence)
        .select("video_id", *_KEYS, step=pl.col("at_ms") // step)
        .join(evidence.failed.select(*_KEYS, "code"), on=_KEYS)
        .group_by("video_id", "code", "step")
        .agg(times=pl.len().cast(pl.Float64))
        .sort("video_id", "code", "step")
        .collect()
    )
    sizes = {video.video_id: video.steps for video in media_times(evidence)}
    found: dict[tuple[str, str], Floats] = {}
    for key, part in rows.partition_by("video_id", "code", as_dict=True, maintain_order=True).items():
        line = np.zeros(sizes[str(key[0])])
        line[part["step"].to_numpy()] = part["times"].to_numpy()
        found[str(key[0]), str(key[1])] = line
    return found
