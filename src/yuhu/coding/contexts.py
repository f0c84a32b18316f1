"""Units with what a coder may see around them: the parent message, and, where the sample says so, the lines of the video around a danmaku."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from yuhu.study.store import Study

AROUND_MS = 10_000
LINES = "line"
"""Kind of the segments that are spoken lines."""


@dataclass(frozen=True)
class Line:
    """A spoken line: where it stands, and its text."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Unit:
    """A message as a coder sees it: never with likes, names or what others coded."""

    unit_id: str
    text: str
    lang: str | None
    kind: str
    at_ms: int | None
    video_id: str | None
    parent: str | None
    lines: Sequence[Line] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "text": self.text,
            "lang": self.lang,
            "kind": self.kind,
            "at_ms": self.at_ms,
            "video": self.video_id,
            "parent": self.parent,
            "lines": [{"start_ms": line.start_ms, "end_ms": line.end_ms, "text": line.text} for line in self.lines],
        }


class Contexts:
    """Texts and contexts of some units, read once.

    Parameters
    ----------
    study : Study
        The study.
    units : iterable of str
        Ids of responses; one that is gone (forgotten on request) is shown as an empty text.
    """

    def __init__(self, study: Study, units: Iterable[str]) -> None:
        ids = pl.Series("response_id", list(units), dtype=pl.String)
        responses = study.scan("responses").select("response_id", "text", "lang", "kind", "at_ms", "video_id", "parent_id")
        mine = responses.filter(pl.col("response_id").is_in(ids.implode())).collect()
        above = mine["parent_id"].drop_nulls().unique()
        parents = responses.filter(pl.col("response_id").is_in(above.implode())).select("response_id", "text").collect()
        self._rows = {row["response_id"]: row for row in mine.iter_rows(named=True)}
        self._parents = dict(parents.iter_rows())
        videos = mine["video_id"].drop_nulls().unique()
        lines = (
            study.scan("segments")
            .filter((pl.col("kind") == LINES) & pl.col("video_id").is_in(videos.implode()) & pl.col("text").is_not_null())
            .select("video_id", "start_ms", "end_ms", "text")
            .sort("video_id", "start_ms")
            .collect()
        )
        self._lines: dict[str, list[Line]] = {}
        for video, start, end, text in lines.iter_rows():
            self._lines.setdefault(video, []).append(Line(start, end if end is not None else start, text))

    def video_of(self, unit_id: str) -> str | None:
        """The video that a unit stands under."""
        row = self._rows.get(unit_id)
        return row["video_id"] if row else None

    def text_of(self, unit_id: str) -> str:
        """Its text; its id where the message is gone: nothing is a copy of it."""
        row = self._rows.get(unit_id)
        return str(row["text"]) if row else unit_id

    def unit(self, unit_id: str, *, with_transcript: bool) -> Unit:
        """A unit with its context."""
        row = self._rows.get(unit_id)
        if row is None:
            return Unit(unit_id, "", None, "", None, None, None)
        at, video = row["at_ms"], row["video_id"]
        lines = self._lines.get(video, []) if with_transcript and at is not None else []
        near = [line for line in lines if line.end_ms >= at - AROUND_MS and line.start_ms <= at + AROUND_MS]
        parent = self._parents.get(row["parent_id"] or "")
        return Unit(unit_id, row["text"], row["lang"], row["kind"], at, video, parent, near)
