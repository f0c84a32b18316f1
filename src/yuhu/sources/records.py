"""Importers that work record by record: a file gives records, a record gives rows, and the raw copy gives the same rows again."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from yuhu.core.contracts import DRAFTS, Batch, Facts, Head, Origin, Personal, Raw, Reject
from yuhu.sources.json_records import Broken
from yuhu.sources.reading import reject

CHUNK = 50_000


@dataclass
class Rows:
    """Collects the drafts of a batch, table by table; what is not named is null."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **row: Any) -> None:
        """One row of a table of `DRAFTS`. Wall times are epoch milliseconds."""
        self.tables.setdefault(table, []).append(row)

    def response(self, **row: Any) -> None:
        """A message: ``platform, video, fork, native, kind, text`` and what else is known of it."""
        self.tables.setdefault("responses", []).append(row)

    def video(self, **row: Any) -> None:
        """A video: ``platform, video`` and what else is known of it."""
        self.add("videos", **row)

    def metrics(self, at: int | None, values: Mapping[str, int | float | None], **subject: Any) -> None:
        """Several counts of one subject at one time; a count that is None, and all where the time is unknown, are left out."""
        if at is not None:
            for name, value in values.items():
                if value is not None:
                    self.add("metrics", at=at, name=name, value=float(value), **subject)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The drafts as frames with the columns of `DRAFTS`."""
        frames = {}
        for table, rows in self.tables.items():
            schema = DRAFTS[table]
            columns = {
                name: pl.Series(name, [row.get(name) for row in rows], dtype=pl.Int64 if isinstance(kind, pl.Datetime) else kind).cast(kind)
                for name, kind in schema.items()
            }
            frames[table] = pl.DataFrame(columns)
        return frames


@dataclass
class Reading:
    """What the rows of a record may depend on: the origin, the facts (with their context), the place of the record; and where rows go."""

    origin: Origin
    facts: Facts
    rows: Rows = field(default_factory=Rows)
    place: str = ""
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The platform that holds: the one that the person named, else the file's."""
        return self.origin.platform or self.facts.platform


class RecordImporter(ABC):
    """Base of importers of nested or small formats: say what a record is, and what rows it gives.

    A subclass sets ``name``, ``label``, ``what``, ``platform`` and ``personal``, and gives `sniff`, `records` and `rows`.
    """

    name: str
    label: Mapping[str, str]
    what: str = "records"
    platform: str = ""
    personal: Personal = Personal()

    @abstractmethod
    def sniff(self, head: Head) -> float:
        """Confidence in [0, 1] that `read` can read the file."""

    @abstractmethod
    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Place and object of each record, `Broken` for one that cannot be parsed; fills the facts that stand in the file and not in a record."""

    @abstractmethod
    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """Add the record's rows to ``reading.rows``; or say why it is rejected. Never raises, whatever the record holds; works on raw records too.

        A record counts as kept if it gives any row, or none by right. Ids of people are given as they stand (``author``), never hashed here.
        """

    def finish(self, reading: Reading) -> None:  # noqa: B027 - most have nothing to add
        """Say of the file what is known only once all records were seen (truncation, notes, expected totals)."""

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The file's records in batches.

        Raises
        ------
        YuhuError
            YH101 to YH110 the file cannot be read.
        """
        facts.what, facts.platform = facts.what or self.what, facts.platform or origin.platform or self.platform
        reading = Reading(origin, facts)
        yield from self._batches(self.records(origin, facts), reading)
        self.finish(reading)

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records of the raw copy."""
        facts.what, facts.platform = facts.what or self.what, facts.platform or origin.platform or self.platform
        reading = Reading(origin, facts)

        def kept() -> Iterator[tuple[str, Any]]:
            for part in raw:
                records = part.records.iter_rows(named=True) if isinstance(part.records, pl.DataFrame) else part.records
                yield from zip(part.places, records, strict=True)

        yield from self._batches(kept(), reading)
        self.finish(reading)

    def _batches(self, records: Iterator[tuple[str, Any]], reading: Reading) -> Iterator[Batch]:
        places: list[str] = []
        parsed: list[Mapping[str, Any]] = []
        rejects: list[Reject] = []
        seen = 0
        for place, record in records:
            seen += 1
            reading.place = place
            if isinstance(record, Broken):
                rejects.append(reject(place, record.why, record.content))
            elif not isinstance(record, dict):
                rejects.append(reject(place, "the record is no object", record))
            else:
                why = self.rows(record, reading)
                if why is not None:
                    rejects.append(reject(place, why, record))
                places.append(place)
                parsed.append(record)
            if seen == CHUNK:
                yield self._batch(seen, places, parsed, rejects, reading)
                seen, places, parsed, rejects = 0, [], [], []
                reading.rows = Rows()
        yield self._batch(seen, places, parsed, rejects, reading)
        reading.rows = Rows()

    def _batch(self, seen: int, places: list[str], parsed: list[Mapping[str, Any]], rejects: list[Reject], reading: Reading) -> Batch:
        batch = Batch(seen, seen - len(rejects), rejects, raw=Raw(places, parsed, reading.platform))
        return with_drafts(batch, reading.rows.frames())


def with_drafts(batch: Batch, frames: Mapping[str, pl.DataFrame]) -> Batch:
    """The batch with drafts by table."""
    return replace(batch, **frames)  # type: ignore[arg-type]
