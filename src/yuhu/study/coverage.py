"""What is missing from the sample, as far as the files tell: platforms' own totals, caps, order, time covered, gaps, repeated pages, deletions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.study.intake import KNOWN
from yuhu.study.manifest import SourceEntry
from yuhu.study.store import Study

GAP_DAYS = 3
BUSY_DAY = 3
BUSY_DAYS = 7
DAY_S = 86_400


@dataclass(frozen=True)
class Finding:
    """One thing that is missing or not known, with what it rests on; the words are the report's."""

    kind: str
    subject: str
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"kind": self.kind, "subject": self.subject, **self.facts}


def findings(study: Study) -> list[Finding]:
    """All that the files say, or fail to say, of the sample they are.

    Notes
    -----
    O(responses), without their texts.
    """
    entries = study.manifest.sources
    return [
        *_orders(entries),
        *_caps(entries),
        *_totals(study),
        *_days(study),
        *_repeats(study, entries),
        *_deleted(study),
        *_absent(study),
    ]


def totals(study: Study) -> pl.DataFrame:
    """The platforms' own totals: ``video_id, group`` (comment, danmaku), ``total``; the largest that any file or metric tells."""
    told = [
        (f"{_platform(entry)}:{entry.said.get('video') or one['video']}", _group(one["kind"]), int(one["total"]))
        for entry in study.manifest.sources
        for one in entry.expected
        if one.get("video") and _group(one["kind"])
    ]
    schema = {"video_id": pl.String, "group": pl.String, "total": pl.Int64}
    metrics = (
        study.scan("metrics")
        .filter(pl.col("name").is_in(["comments", "danmaku"]) & pl.col("value").is_between(0, 2**53))
        .select(
            video_id="subject",
            group=pl.when(pl.col("name") == "danmaku").then(pl.lit("danmaku")).otherwise(pl.lit("comment")),
            total=pl.col("value").cast(pl.Int64),
        )
        .collect()
    )
    both = pl.concat([pl.DataFrame(told, schema=schema, orient="row"), metrics])
    return both.group_by("video_id", "group").agg(pl.col("total").max()).sort("video_id", "group")


def _platform(entry: SourceEntry) -> str:
    return str(entry.said.get("platform") or entry.platform).replace(":", "-")


def _group(kind: str) -> str:
    return {"danmaku": "danmaku", "comment": "comment"}.get(kind, "")


def _orders(entries: list[SourceEntry]) -> Iterator[Finding]:
    answers = [entry for entry in entries if "responses" in entry.rows]
    for entry in answers:
        if entry.sort_order in {"hot", "relevance"}:
            yield Finding("order_hot", entry.file, {"order": entry.sort_order})
    spoken = [entry for entry in answers if entry.what != "danmaku"]
    unknown = [entry.file for entry in spoken if entry.sort_order == "unknown"]
    if unknown:
        yield Finding("order_unknown", "", {"files": len(unknown), "first": unknown[0]})
    undated = [entry.file for entry in answers if not entry.exported_at]
    if undated:
        yield Finding("export_time_unknown", "", {"files": len(undated), "first": undated[0]})


def _caps(entries: list[SourceEntry]) -> Iterator[Finding]:
    for entry in entries:
        for why in entry.truncation:
            yield Finding("cut", entry.file, {"why": why})
        if entry.first_level_only:
            yield Finding("first_level_only", entry.file)


def _totals(study: Study) -> Iterator[Finding]:
    found = (
        study.scan("responses")
        .filter(pl.col("video_id").is_not_null())
        .group_by("video_id", group=pl.when(pl.col("kind") == "danmaku").then(pl.lit("danmaku")).otherwise(pl.lit("comment")))
        .agg(found=pl.len().cast(pl.Int64))
        .collect()
    )
    both = totals(study).join(found, on=["video_id", "group"], how="left").with_columns(pl.col("found").fill_null(0))
    for video, group, total, n in both.filter(pl.col("total") != pl.col("found")).iter_rows():
        kind = "fewer_than_total" if n < total else "more_than_total"
        yield Finding(kind, video, {"group": group, "found": n, "total": total})
    replies = [(entry.file, sum(int(one["total"]) for one in entry.expected if one["kind"] == "reply")) for entry in study.manifest.sources]
    for file, total in replies:
        if total:
            [entry] = [one for one in study.manifest.sources if one.file == file][:1]
            n = _count(study, entry.source, "reply")
            if n < total:
                yield Finding("fewer_replies", file, {"found": n, "total": total})


def _count(study: Study, source: str, kind: str) -> int:
    parts = [part for part in study.manifest.of("responses") if source in part.sources]
    rows = study.scan("responses", parts).filter((pl.col("source") == source) & (pl.col("kind") == kind))
    return int(rows.select(pl.len()).collect().item())


def _days(study: Study) -> Iterator[Finding]:
    """Time covered by each video's messages, and gaps in it: three days or more without any, between weeks of at least three a day."""
    day = pl.col("sent_at").dt.convert_time_zone(study.settings.time_zone).dt.date()
    group = (
        pl.when(pl.col("kind") == "danmaku")
        .then(pl.lit("danmaku"))
        .when(pl.col("kind").is_in(["post", "repost"]))
        .then(pl.lit("post"))
        .otherwise(pl.lit("comment"))
    )
    rows = study.scan("responses").with_columns(subject=pl.coalesce("video_id", "platform"), group=group, day=day)
    timeless = rows.filter(pl.col("sent_at").is_null()).group_by("subject", "group").agg(n=pl.len()).sort("subject", "group").collect()
    for subject, kind, n in timeless.iter_rows():
        yield Finding("no_time", subject, {"group": kind, "n": n})
    coarse = (
        rows.filter(pl.col("sent_at_precision_s") > DAY_S).group_by("subject", "group").agg(n=pl.len()).sort("subject", "group").collect()
    )
    for subject, kind, n in coarse.iter_rows():
        yield Finding("estimated_time", subject, {"group": kind, "n": n})
    dated = rows.filter(pl.col("sent_at").is_not_null() & (pl.col("sent_at_precision_s").fill_null(1) <= DAY_S))
    counts = dated.group_by("subject", "group", "day").agg(n=pl.len()).sort("subject", "group", "day").collect()
    for (subject, kind), days in counts.group_by("subject", "group", maintain_order=True):
        first, last = days["day"].min(), days["day"].max()
        yield Finding("covered", str(subject), {"group": kind, "first": str(first), "last": str(last), "n": int(days["n"].sum())})
        for start, end in _gaps(days):
            yield Finding("gap", str(subject), {"group": kind, "first": start, "last": end})


def _gaps(days: pl.DataFrame) -> Iterator[tuple[str, str]]:
    steps = days.with_columns(before=pl.col("day").shift(1))
    for row in steps.filter((pl.col("day") - pl.col("before")).dt.total_days() > GAP_DAYS).iter_rows(named=True):
        week = pl.duration(days=BUSY_DAYS)
        near = days.select(
            before=pl.col("n").filter(pl.col("day").is_between(pl.lit(row["before"]) - week, pl.lit(row["before"]))).sum(),
            after=pl.col("n").filter(pl.col("day").is_between(pl.lit(row["day"]), pl.lit(row["day"]) + week)).sum(),
        ).row(0)
        if min(near) >= BUSY_DAY * BUSY_DAYS:
            yield str(row["before"]), str(row["day"])


def _repeats(study: Study, entries: list[SourceEntry]) -> Iterator[Finding]:
    known = study.scan("rejects").filter(pl.col("why") == KNOWN).group_by("source").agg(n=pl.len()).sort("source").collect()
    files = {entry.source: entry for entry in entries}
    for source, n in known.iter_rows():
        if source in files:
            yield Finding("repeated", files[source].file, {"n": n, "seen": files[source].seen})


def _deleted(study: Study) -> Iterator[Finding]:
    gone = study.scan("deletions").select(pl.col("response_id").n_unique()).collect().item()
    if gone:
        yield Finding("deleted", "", {"n": gone})


def _absent(study: Study) -> Iterator[Finding]:
    rows = study.scan("responses")
    n, regions, authors = rows.select(pl.len(), pl.col("region").count(), pl.col("author_key").count()).collect().row(0)
    if not n:
        return
    if regions < n:
        yield Finding("no_region", "", {"n": n - regions, "of": n})
    if authors < n:
        yield Finding("no_author", "", {"n": n - authors, "of": n})
    timed = rows.filter(pl.col("at_ms").is_not_null()).select("video_id").unique().collect()["video_id"].drop_nulls()
    curves = study.scan("exposure").select("video_id").unique().collect()["video_id"]
    without = [video for video in timed.sort() if video not in set(curves)]
    if without:
        yield Finding("no_retention", "", {"videos": len(without)})
