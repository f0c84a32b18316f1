"""What a later export of the same video or thread no longer holds: marked as deleted in between, where the export can show it.

An export can show deletions if it is not known to be cut, holds replies as well, and was not sorted by heat. Only messages sent within the
time that it covers count, and where more than half of them are missing the export is taken for a partial one. Danmaku never count: their pool
rolls, so being gone is no deletion.
"""

from collections.abc import Mapping

import polars as pl

from yuhu.core.clock import WALL
from yuhu.core.schema import conform, frame_schema
from yuhu.study.manifest import SourceEntry
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction

VERSION = "deletions.v1"
MOST_MISSING = 0.5
_NOT_WHOLE = "an earlier export of the same is in the study, but this one cannot show deletions: it is {why}"


class LaterExports:
    """Compares new sources with what stood in the study before.

    Parameters
    ----------
    study : Study
        The study.
    change : Transaction
        The change that adds the sources; deletions are staged in it.
    """

    def __init__(self, study: Study, change: Transaction) -> None:
        self._study = study
        self._change = change
        self._earlier = {entry.source: entry for entry in change.manifest.sources}
        self._parts = change.manifest.of("responses")
        self._met: list[pl.DataFrame] = []

    def met(self, rows: pl.DataFrame | None) -> None:
        """Take note of responses that new sources hold, known ones included."""
        if rows is not None:
            spoken = rows.filter(pl.col("kind").is_in(["comment", "reply"])).with_columns(scope=_scope()).drop_nulls("scope")
            if spoken.height:
                self._met.append(spoken.select("source", "scope", "response_id", "sent_at"))

    def mark(self, entries: Mapping[str, SourceEntry]) -> dict[str, list[str]]:
        """Stage deletions; notes by source on what was found, or why nothing can be said."""
        if not self._met:
            return {}
        met = pl.concat(self._met)
        before = self._before(met["scope"].unique())
        notes: dict[str, list[str]] = {}
        frames: list[pl.DataFrame] = []
        for (source,), rows in met.group_by("source", maintain_order=True):
            entry = entries.get(str(source))
            if entry is not None:
                frame, said = self._of(entry, rows, before)
                frames.append(frame)
                if said:
                    notes[entry.source] = said
        gone = pl.concat(frames).unique("response_id", keep="first", maintain_order=True) if frames else None
        if gone is not None and gone.height:
            self._change.stage("deletions", gone["source"].unique(maintain_order=True).to_list(), gone)
        return notes

    def _before(self, scopes: pl.Series) -> pl.DataFrame:
        """Comments and replies that stood there before, not yet marked."""
        marked = self._study.scan("deletions", self._change.manifest.of("deletions")).select("response_id")
        return (
            self._study.scan("responses", self._parts)
            .filter(pl.col("kind").is_in(["comment", "reply"]))
            .with_columns(scope=_scope())
            .filter(pl.col("scope").is_in(scopes.implode()))
            .join(marked, on="response_id", how="anti")
            .select("source", "scope", "response_id", "sent_at")
            .collect()
        )

    def _of(self, entry: SourceEntry, rows: pl.DataFrame, before: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
        empty = pl.DataFrame(schema=frame_schema("deletions"))
        older = [
            name
            for name, old in self._earlier.items()
            if not (old.exported_at and entry.exported_at and old.exported_at > entry.exported_at)
        ]
        covered = rows.group_by("scope").agg(first=pl.col("sent_at").min(), last=pl.col("sent_at").max())
        earlier = before.filter(pl.col("source").is_in(older)).join(covered, on="scope", how="inner")
        if not earlier.height:
            return empty, []
        why = _why_not(entry)
        if why:
            return empty, [_NOT_WHOLE.format(why=why)]
        in_time = earlier.filter(pl.col("sent_at").is_between("first", "last"))
        missing = in_time.join(rows.select("response_id"), on="response_id", how="anti").unique("response_id", maintain_order=True)
        known = in_time.group_by("scope").agg(known=pl.col("response_id").n_unique())
        judged = missing.join(missing.group_by("scope").agg(n=pl.len()).join(known, on="scope"), on="scope")
        partial = judged.filter(pl.col("n") > MOST_MISSING * pl.col("known"))
        gone = judged.filter(pl.col("n") <= MOST_MISSING * pl.col("known"))
        notes = []
        if gone.height:
            notes.append(f"{gone.height:,} messages of earlier exports are gone: deleted in between (or hidden by the platform)")
        if partial.height:
            notes.append(
                f"{partial.height:,} messages of earlier exports are not in this one: too many to be deletions, so it is taken for a partial export"
            )
        when = pl.lit(entry.exported_at or None, dtype=pl.String).str.to_datetime("%+", time_unit="ms", time_zone="UTC").cast(WALL)
        return conform(gone.with_columns(deleted_seen_at=when, source=pl.lit(entry.source)), frame_schema("deletions")), notes


def _scope() -> pl.Expr:
    """The video, or the thread's root where there is none."""
    return pl.coalesce("video_id", "root_id")


def _why_not(entry: SourceEntry) -> str:
    if entry.is_truncated:
        return "known to be incomplete"
    if entry.first_level_only:
        return "without replies"
    return "sorted by heat or relevance" if entry.sort_order in {"hot", "relevance"} else ""
