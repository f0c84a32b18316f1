"""Messages on both clocks: cohorts of viewers by posting time, steps of media time, and what forbids to tell the two apart before any fit."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.decisions import steps
from yuhu.measures.exposure import MEASURED, exposures
from yuhu.measures.media_time import KEYS, Cell, MediaTime, cells_of, media_times, timed
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.two_clock.fitting import LEAST_COHORTS, LEAST_EVENTS

COARSEST_S = 3600
MOST_COARSE = 0.05
"""Share of messages that may lack a posting time, or have one coarser than an hour; they are left out."""
MOST_EARLY = 0.01
"""Share of messages that may have been sent before views were first observed: later viewers saw them, and nobody knows how many did not."""
ONE_CLOCK = 0.99
"""Correlation of the clocks from which on they are one: a live chat."""
LEAST_SEGMENT = 0.05
_BEGINS = {"video_id": pl.String, "begins": pl.Float64}
OF_SEGMENT = {"language": "lang", "region": "region"}


@dataclass(frozen=True, eq=False)
class BothClocks:
    """What is known of one video before any fit.

    Parameters
    ----------
    video : MediaTime
        On its media clock.
    n : int
        Messages with both clocks, masked steps included.
    reasons : tuple of str
        Why stimulus and audience cannot be told apart, keys of `REASONS`; empty if they may be.
    edges, views : (W + 1,) and (W,) float
        Cohorts in Unix seconds, and their views; empty where there are reasons.
    """

    video: MediaTime
    n: int
    reasons: tuple[str, ...]
    edges: Floats
    views: Floats


@dataclass(frozen=True, eq=False)
class Counts:
    """The messages of one video as a table.

    Parameters
    ----------
    at : (V,) int
        Where in the video each step begins, in ms; steps that no analysis counts are left out.
    exposure : (V,) float
        Share of viewers at each step; the first of the scenarios where nobody knows, since most of it goes into the stimulus.
    is_measured : bool
        Whether it was measured.
    messages : (W, V) float
        All messages.
    by_segment : (G, W, V) float, or None
        The same by segments of people, where there are at least two that are large enough.
    by_code : mapping of Cell to (W, V) float
        Messages with a value, by the machine.
    """

    at: Ints
    exposure: Floats
    is_measured: bool
    messages: Floats
    by_segment: Floats | None
    by_code: Mapping[Cell, Floats]


def both_clocks(evidence: Evidence) -> Sequence[BothClocks]:
    """Every video with messages in media time, in the order of their ids. O(messages), once."""
    return evidence.once("both_clocks", lambda: _both(evidence))


def _both(evidence: Evidence) -> list[BothClocks]:
    watched = views_over_time(evidence)
    sent, rows = pl.col("sent_at").dt.epoch("s"), timed(evidence)
    fine = sent.is_not_null() & (pl.col("sent_at_precision_s").fill_null(1) <= COARSEST_S)
    plain = rows.group_by("video_id").agg(n=pl.len(), dated=fine.sum(), first=sent.filter(fine).min(), last=sent.filter(fine).max())
    begins = pl.DataFrame({"video_id": list(watched), "begins": [float(at[0]) for at, _ in watched.values()]}, schema=_BEGINS)
    known = rows.join(begins.lazy(), on="video_id").filter(fine)
    unit = pl.max_horizontal(pl.col("sent_at_precision_s").fill_null(1), 1)
    closer = known.group_by("video_id").agg(
        precision=unit.quantile(1 - MOST_COARSE, "higher"),
        alike=pl.corr("at_ms", sent.cast(pl.Float64)),
        early=(sent < pl.col("begins").floor()).sum(),
    )
    found = {row["video_id"]: row for row in plain.join(closer, on="video_id", how="left").collect().iter_rows(named=True)}
    return [_one(evidence, video, found[video.video_id], watched.get(video.video_id)) for video in media_times(evidence)]


def views_over_time(evidence: Evidence) -> Mapping[str, tuple[Floats, Floats]]:
    """Total views of each video as they were observed, in Unix seconds: never falling, 0 when it was published. Once for all measures."""
    return evidence.once("views_over_time", lambda: _views(evidence))


def _views(evidence: Evidence) -> dict[str, tuple[Floats, Floats]]:
    wall = pl.Datetime("ms", "UTC")
    schema: dict[str, pl.DataType] = {"subject": pl.String(), "at": wall, "value": pl.Float64()}
    published = pl.DataFrame(schema=schema)
    if evidence.shown is not None:
        held = evidence.shown.videos.filter(pl.col("published_at").is_not_null())
        published = held.select(subject="video_id", at=pl.col("published_at").cast(wall), value=pl.lit(0.0))
    told = evidence.metrics.filter((pl.col("name") == "views") & pl.col("at").is_not_null() & (pl.col("value") >= 0)).select(*schema)
    rows = told.collect()
    both = pl.concat([rows, published.join(rows.select("subject").unique(), on="subject", how="semi")])
    lines = both.group_by("subject", "at").agg(pl.col("value").max()).sort("subject", "at").with_columns(pl.col("at").dt.epoch("ms") / 1000)
    return {
        str(key[0]): (part["at"].to_numpy(), np.maximum.accumulate(part["value"].to_numpy()))
        for key, part in lines.partition_by("subject", as_dict=True, maintain_order=True).items()
    }


def _one(evidence: Evidence, video: MediaTime, facts: Mapping[str, Any], watched: tuple[Floats, Floats] | None) -> BothClocks:
    nothing = np.zeros(0)
    n, dated = int(facts["n"]), int(facts["dated"])
    if n < LEAST_EVENTS:
        return BothClocks(video, n, ("too_few_events",), nothing, nothing)
    reasons = []
    if dated < (1 - MOST_COARSE) * n or facts["last"] - facts["first"] < LEAST_COHORTS * (facts["precision"] or 1):
        reasons.append("posting_time_coarse")
    elif abs(facts["alike"] or 0.0) >= ONE_CLOCK:
        reasons.append("one_clock")
    if video.is_cut:
        reasons.append("export_was_cut")
    edges, views = nothing, nothing
    if watched is None or watched[0].size < 2 or watched[1][-1] <= watched[1][0]:
        reasons.append("views_unknown")
    elif dated:
        if facts["early"] > MOST_EARLY * dated:
            reasons.append("early_viewers_unknown")
        edges, views = _cohorts(*watched, float(facts["last"]), evidence.moments.two_clocks.cohorts, float(facts["precision"]))
        if views.size < LEAST_COHORTS:
            reasons.append("views_too_coarse")
    return BothClocks(video, dated, tuple(reasons), edges, views)


def _cohorts(at: Floats, total: Floats, last: float, most: int, precision: float) -> tuple[Floats, Floats]:
    """Edges of cohorts of equal views, and the views of each; no more cohorts than observations allow, none shorter than the clock tells."""
    end = min(float(at[-1]), last + precision)
    inside = int(np.sum(at < end))
    reached = float(np.interp(end, at, total))
    if inside < 1 or reached <= total[0]:
        return np.zeros(0), np.zeros(0)
    rises = np.append(True, np.diff(total) > 0)
    levels = np.linspace(total[0], reached, min(most, inside) + 1)
    wanted = np.interp(levels, total[rises], at[rises])
    wanted[0], wanted[-1] = at[0], end
    kept = [wanted[0]]
    for edge in wanted[1:].tolist():
        if edge - kept[-1] >= precision:
            kept.append(edge)
    kept[-1] = end if len(kept) > 1 else kept[-1]
    edges = np.asarray(kept)
    return edges, np.diff(np.interp(edges, at, total))


def counts_of(evidence: Evidence, chosen: Sequence[BothClocks]) -> Mapping[str, Counts]:
    """The tables of some videos. O(messages + codings) of those."""
    if not chosen:
        return {}
    spec = evidence.moments.two_clocks
    who = OF_SEGMENT.get(spec.segments, "author_key")
    videos = [one.video.video_id for one in chosen]
    rows = (
        timed(evidence)
        .filter(
            pl.col("video_id").is_in(videos) & pl.col("sent_at").is_not_null() & (pl.col("sent_at_precision_s").fill_null(1) <= COARSEST_S)
        )
        .select(
            "video_id", *KEYS, who=who, step=(pl.col("at_ms") // spec.step_ms).cast(pl.Int64), sent=pl.col("sent_at").dt.epoch("ms") / 1000
        )
        .collect()
    )
    coded = _given(evidence, rows)
    parts = rows.partition_by("video_id", as_dict=True)
    given = coded.partition_by("video_id", as_dict=True)
    return {one.video.video_id: _table(evidence, one, parts[(one.video.video_id,)], given.get((one.video.video_id,))) for one in chosen}


def _given(evidence: Evidence, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that the machine gave a value, once for each value that is looked for."""
    cells = cells_of(evidence)
    if not cells or evidence.codings is None or evidence.abstained is None:
        return rows.clear().with_columns(code=pl.lit(""), value_id=pl.lit(""))
    wanted = pl.DataFrame(cells, schema={"code": pl.String, "value_id": pl.String}, orient="row")
    given = evidence.codings.join(steps(evidence.book, wanted["code"].unique()).lazy(), on=["code", "value"]).join(
        wanted.lazy(), on=["code", "value_id"], how="semi"
    )
    return rows.lazy().join(evidence.abstained, on=KEYS, how="anti").join(given.select(*KEYS, "code", "value_id"), on=KEYS).collect()


def _table(evidence: Evidence, one: BothClocks, rows: pl.DataFrame, coded: pl.DataFrame | None) -> Counts:
    spec, mask, video = evidence.moments.two_clocks, evidence.moments.mask, one.video
    size = -(-video.duration_ms // spec.step_ms)
    at = np.arange(size) * spec.step_ms
    curves = exposures(evidence, video)
    curve = next(iter(curves.values()), np.ones(video.steps))
    exposure = np.interp(at + spec.step_ms / 2, (np.arange(video.steps) + 0.5) * video.step_ms, curve)
    kept = (at >= mask.first_ms) & (at < video.duration_ms - mask.last_ms) & (exposure > 0)

    def table(part: pl.DataFrame) -> Floats:
        return _grid(part, one.edges, size)[:, kept]

    messages = table(rows)
    groups = [table(part) for part in _segments(evidence, rows)]
    given = {} if coded is None else coded.partition_by("code", "value_id", as_dict=True)
    by_code = {cell: table(given[cell]) for cell in cells_of(evidence) if cell in given}
    large = [group for group in groups if group.sum() >= max(LEAST_EVENTS, LEAST_SEGMENT * messages.sum())]
    rest = messages - sum(large, np.zeros_like(messages))
    by_segment = np.stack([*large, rest] if rest.any() else large) if len(large) > 1 else None
    return Counts(at[kept], exposure[kept], MEASURED in curves, messages, by_segment, by_code)


def _grid(rows: pl.DataFrame, edges: Floats, size: int) -> Floats:
    """(W, T) messages; those outside the cohorts are left out."""
    sent, step = rows["sent"].to_numpy(), rows["step"].to_numpy()
    cohort = np.searchsorted(edges, sent, side="right") - 1
    inside: npt.NDArray[np.bool_] = (cohort >= 0) & (cohort < edges.size - 1) & (step < size)
    cell = cohort[inside] * size + step[inside]
    return np.bincount(cell, minlength=(edges.size - 1) * size).reshape(edges.size - 1, size).astype(np.float64)


def _segments(evidence: Evidence, rows: pl.DataFrame) -> list[pl.DataFrame]:
    """Messages by segments of people; those of nobody in particular are in none."""
    how, named = evidence.moments.two_clocks.segments, rows.filter(pl.col("who").is_not_null())
    if how == "none":
        return []
    if how != "activity":
        return [part for _, part in sorted(named.partition_by("who", as_dict=True).items(), key=lambda item: str(item[0]))]
    several = named.with_columns(several=pl.len().over("who") > 1)
    return [several.filter(~pl.col("several")), several.filter("several")]


def moment_of(seconds: float) -> dt.datetime:
    """A wall time from Unix seconds, to the millisecond."""
    return dt.datetime.fromtimestamp(round(seconds * 1000) / 1000, dt.UTC)
