"""MediaCrawler: works, comments and accounts of seven Chinese platforms, in any of the files that it writes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw
from yuhu.core.errors import YuhuError
from yuhu.sources import flat_databases, flat_workbooks
from yuhu.sources.flat_frames import Piece, columns_at, frame_of, frames, is_unfinished, start_of, tables_of
from yuhu.sources.flat_pieces import with_columns
from yuhu.sources.flat_repeats import captures_of, marks, may_repeat
from yuhu.sources.mediacrawler_layouts import ACCOUNTS, AUTHORS, BY_NAME, CAPTURED, CONTACTS, LAYOUTS, Layout, layout_of
from yuhu.sources.mediacrawler_rows import CAPTURE, Threads, read_rows
from yuhu.sources.mediacrawler_sample import Sample
from yuhu.sources.reading import read_head, reject

_SURE = 0.97
_TABLE = re.compile(r"(?:table|sheet) (.*), row \d+")
_WORD = re.compile(r">\s*([a-z_]{2,40})\s*<")


class MediaCrawler:
    """CSV, JSON, JSON lines, an SQLite database or an Excel workbook of MediaCrawler; which table it is, its columns tell."""

    name = "mediacrawler.v1"
    label: Mapping[str, str] = {"en": "MediaCrawler", "zh": "MediaCrawler 采集结果"}
    personal = Personal(
        author=AUTHORS, drop=("user_link", "user_avatar", "user_url_token", "user_name", "short_user_id", "user_unique_id", "xsec_token")
    )

    def sniff(self, head: Head) -> float:
        """The columns of one of its tables."""
        if head.mapped:
            return 0.0
        if head.path is not None and head.start.startswith(flat_databases.MAGIC):
            found = any(map(layout_of, tables_of(head.path).values()))
        elif head.path is not None and head.start.startswith(flat_workbooks.MAGIC):
            words = set(_WORD.findall(start_of(head.path)))
            found = any(words.issuperset({layout.native, *layout.marks}) for layout in LAYOUTS)
        else:
            found = layout_of(columns_at(head)) is not None
        return _SURE if found else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The file's records in batches.

        Raises
        ------
        YuhuError
            YH102 no table of MediaCrawler; YH106 it cannot be parsed; YH109, YH110 it would take too much memory.

        Notes
        -----
        60 to 120 MB/s a core for JSON lines and CSV, slower where records are short; memory of a few hundred MiB and 24 bytes for each record, and of a workbook whole.
        """
        file = _File(origin)
        captures = file.captures()
        reading = _Reading(origin, facts)
        for piece in file.pieces():
            layout = file.layouts[piece.table]
            reading.begin(layout, piece.table)
            if not piece.seen:
                continue
            rows = piece.rows
            repeated = captures.get(piece.table)
            if repeated is not None and repeated.height and rows.height:
                rows = rows.with_columns(marks(repeated, piece.numbers).alias(CAPTURE))
            batch = reading.batch(rows, piece.places, layout, piece.table)
            yield replace(batch, seen=piece.seen, rejects=[*piece.rejects, *batch.rejects])
        if not file.layouts:
            raise _foreign(origin)
        if is_unfinished(origin.path):
            facts.truncated(
                "changes that stand in the -wal file beside the database are not read: end the crawler, then add the file again"
            )
        reading.sample.tell()

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records of the raw copy."""
        reading = _Reading(origin, facts)
        for part in raw:
            rows = frame_of(part.records)
            tables = [found.group(1) if (found := _TABLE.fullmatch(place)) else "" for place in part.places]
            for table in dict.fromkeys(tables):
                layout = BY_NAME.get(facts.context.get(_named(table), "")) or layout_of(_filled(rows))
                if layout is None:
                    raise _foreign(origin)
                places = [place for place, one in zip(part.places, tables, strict=True) if one == table]
                reading.begin(layout, table)
                yield reading.batch(rows.filter(pl.Series(tables) == table), places, layout, table)
        reading.sample.tell()


class _File:
    """A file of MediaCrawler, which may be read twice."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self.layouts: dict[str, Layout] = {}
        head = read_head(origin.path)
        self._has_tables = head.start.startswith((flat_databases.MAGIC, flat_workbooks.MAGIC))
        self._held = list(frames(origin, wanted=self._wanted)) if head.start.startswith(flat_workbooks.MAGIC) else None
        if not self._has_tables and not self._wanted("", list(columns_at(head))):
            raise _foreign(origin)

    def _wanted(self, table: str, columns: list[str]) -> bool:
        layout = layout_of(columns)
        if layout is not None:
            self.layouts[table] = layout
        return layout is not None

    def pieces(self) -> Iterable[Piece]:
        """All of it."""
        need = () if self._has_tables else self.layouts[""].columns
        return self._held if self._held is not None else frames(self._origin, need=need, wanted=self._wanted)

    def captures(self) -> dict[str, pl.DataFrame]:
        """Items that were captured more than once, by table."""
        if not self._has_tables and not may_repeat(self._origin, self.layouts[""].native):
            return {}
        need = {CAPTURED, *(layout.native for layout in LAYOUTS)} if self._has_tables else {CAPTURED, self.layouts[""].native}
        pieces = self._held if self._held is not None else frames(self._origin, need=need, only=True, wanted=self._wanted)
        return captures_of(pieces, CAPTURED, lambda table: self.layouts[table].native)


class _Reading:
    """Turns rows into batches, and remembers what later ones depend on."""

    def __init__(self, origin: Origin, facts: Facts) -> None:
        self._origin = origin
        self._facts = facts
        self._threads: dict[str, Threads] = {}
        self.sample = Sample(origin, facts)

    def begin(self, layout: Layout, table: str) -> None:
        """Take note of a table, which may hold no rows."""
        facts = self._facts
        facts.platform = facts.platform or self._origin.platform or layout.platform
        facts.what = facts.what or layout.what
        facts.video_from = "--video" if self._origin.video else "a field"
        facts.context[_named(table)] = layout.name

    def batch(self, rows: pl.DataFrame, places: Sequence[str] | pl.Series, layout: Layout, table: str) -> Batch:
        """The drafts of rows of one table, and the rows themselves."""
        read = read_rows(with_columns(rows, layout.columns), layout, self._origin, self._threads.setdefault(table, Threads()))
        self.sample.met(read.values, layout)
        why = read.values["why"]
        rejects = [reject(places[at], why[at], rows.row(at)) for at in why.is_not_null().arg_true()]
        return Batch(
            rows.height,
            rows.height - len(rejects),
            rejects,
            responses=read.tables.get("responses"),
            videos=read.tables.get("videos"),
            metrics=read.tables.get("metrics"),
            raw=_raw(rows, places, layout),
        )


def _raw(rows: pl.DataFrame, places: Sequence[str] | pl.Series, layout: Layout) -> Raw | None:
    """The rows for the raw copy: of accounts no more than is read (the rest describes a person), nothing of who follows whom."""
    if layout.what == CONTACTS:
        return None
    kept = [name for name in _filled(rows) if layout.what != ACCOUNTS or name in layout.columns]
    others = [name for name in kept if name not in layout.columns]
    is_nested = rows.select((pl.col(name).str.starts_with("{") | pl.col(name).str.starts_with("[{")).any() for name in others)
    nested = {name for name, found in zip(others, is_nested.row(0) if others else (), strict=True) if found}
    records = rows.select(name for name in kept if name not in nested)
    return Raw(places, records, layout.platform) if records.width else None


def _filled(rows: pl.DataFrame) -> list[str]:
    """Columns that hold anything."""
    return [name for name, nulls in zip(rows.columns, rows.null_count().row(0), strict=True) if nulls < rows.height]


def _named(table: str) -> str:
    return f"table {table}" if table else "table"


def _foreign(origin: Origin) -> YuhuError:
    return YuhuError("YH102", f"`{origin.name}` holds no table of MediaCrawler", fix="docs/sources.md lists what can be imported")
