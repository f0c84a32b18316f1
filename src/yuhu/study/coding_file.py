"""``codings.sqlite``: what people did. One SQLite file in WAL mode; rows are added and never changed, but for forgetting on request.

Drafts, the answers on units that are not finished, are written over: nothing counts them.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yuhu.study.sqlite_file import connection_for, is_version, transaction

FILE = "codings.sqlite"
VERSION = 4

_TABLES = """
create table if not exists codings (
    id integer primary key,
    unit_kind text not null, unit_id text, video_id text, start_ms integer, end_ms integer,
    code text not null, value text, status text not null,
    coder text not null, coder_kind text not null,
    code_hash text not null, codebook_hash text not null, evidence text, at text not null,
    purpose text not null default 'main', occasion integer not null default 0, note text, sample text
);
create index if not exists codings_by_unit on codings (code, unit_id, coder);
create index if not exists codings_by_coder on codings (coder, unit_id);
create table if not exists samples (
    name text primary key, design text not null, seed integer not null, population integer not null, at text not null,
    purpose text not null default 'main', series text not null default '', wave integer not null default 1,
    codes text not null default '[]', plan text not null default '{}'
);
create table if not exists sample_units (
    sample text not null references samples (name), unit_id text not null, chance real not null check (chance >= 0 and chance <= 1), stratum text not null,
    role text not null default 'single', is_drawn integer not null default 1,
    primary key (sample, unit_id)
);
create index if not exists sample_units_by_unit on sample_units (unit_id);
create table if not exists strata (
    sample text not null references samples (name), stratum text not null, population integer not null, drawn integer not null,
    primary key (sample, stratum)
);
create table if not exists people (
    coder text primary key, kind text not null, languages text not null,
    training text not null default '', stance text not null default '', at text not null default ''
);
create table if not exists assignments (
    id integer primary key, sample text not null references samples (name), unit_id text not null, coder text not null,
    purpose text not null, occasion integer not null default 0, position integer not null, not_before text not null default '', at text not null,
    unique (sample, unit_id, coder, purpose, occasion)
);
create index if not exists assignments_by_coder on assignments (coder, position);
create table if not exists drafts (
    coder text not null, sample text not null, unit_id text not null, purpose text not null, occasion integer not null,
    answers text not null, note text not null default '', at text not null, evidence text not null default '{}',
    primary key (coder, sample, unit_id, purpose, occasion)
);
create table if not exists requests (
    coder text not null, id text not null, at text not null,
    primary key (coder, id)
) without rowid;
create table if not exists coverage (
    id integer primary key, coder text not null, video_id text not null, code text not null, start_ms integer not null, end_ms integer not null, at text not null,
    coder_kind text not null default 'human', status text not null default 'watched'
);
create table if not exists decisions (
    id integer primary key, at text not null, who text not null, kind text not null, code text not null, stage text not null default '',
    text text not null default '', unit_id text, codebook_hash text not null
);
"""

_GROWN = {
    "codings": (
        ("purpose", "text not null default 'main'"),
        ("occasion", "integer not null default 0"),
        ("note", "text"),
        ("sample", "text"),
    ),
    "samples": (
        ("purpose", "text not null default 'main'"),
        ("series", "text not null default ''"),
        ("wave", "integer not null default 1"),
        ("codes", "text not null default '[]'"),
        ("plan", "text not null default '{}'"),
    ),
    "sample_units": (("role", "text not null default 'single'"), ("is_drawn", "integer not null default 1")),
    "people": (
        ("training", "text not null default ''"),
        ("stance", "text not null default ''"),
        ("at", "text not null default ''"),
    ),
    "coverage": (
        ("coder_kind", "text not null default 'human'"),
        ("status", "text not null default 'watched'"),
    ),
    "drafts": (("evidence", "text not null default '{}'"),),
}
"""Columns that versions 2, 3 (``coverage``) and 4 (``drafts``) added to tables of earlier versions."""

_KINDS_OF_COVERAGE = """
update coverage set coder_kind = (select min(coder_kind) from codings where codings.coder = coverage.coder and unit_kind = 'span')
where coder in (select coder from codings where unit_kind = 'span' group by coder having min(coder_kind) = 'llm' and max(coder_kind) = 'llm')
"""
"""Until version 2 a model's watched stretches could not be told from a person's but by its codings."""


@contextmanager
def connected(folder: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to a study's codings; what was written counts once the block ends without an error.

    Parameters
    ----------
    folder : Path
        The study's folder.
    write : bool
        Take the writer's turn at once: what is read in the block cannot change before it is written.

    Raises
    ------
    YuhuError
        YH203 another process kept the file for half a minute; YH204 a newer version wrote it; YH205 it is no such file; YH209 the disk refused.
    """
    with transaction(folder / FILE, _prepare, write=write) as connection:
        yield connection


def keep_open(folder: Path, owner: object) -> None:
    """Hold a study's codings open while an object lives, so that not every save waits for the disk."""
    connection_for(folder / FILE, owner)


class CodingsClock:
    """Tells whether anything was written to a study's codings since it was last asked; threads may share one.

    Parameters
    ----------
    folder : Path
        The study's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file = 0

    def now(self) -> tuple[int, int]:
        """Another value after each write of anyone, and after another file has come in its place. Times of the file will not do: SQLite also writes to tidy up."""
        with self._lock:
            file = self._path.stat().st_ino if self._path.exists() else 0
            if file != self._file or (file and self._connection is None):
                self._open(file)
            if self._connection is None:
                return (0, 0)
            try:
                return (file, int(self._connection.execute("pragma data_version").fetchone()[0]))
            except sqlite3.Error:
                return (file, self._path.stat().st_mtime_ns)

    def _open(self, file: int) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._file = None, file
        if file:
            self._connection = connection_for(self._path, self)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = normal")
    if is_version(connection, FILE, VERSION):
        return
    connection.execute("pragma journal_mode = wal")
    connection.execute("begin immediate")
    try:
        _grow(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _grow(connection: sqlite3.Connection) -> None:
    """Bring a file of an earlier version, or a new one, up to this version."""
    if int(connection.execute("pragma user_version").fetchone()[0]) == VERSION:  # another process was faster
        return
    for table, columns in _GROWN.items():
        have = {row[1] for row in connection.execute(f"pragma table_info({table})")}
        for name, kind in columns:
            if have and name not in have:
                connection.execute(f"alter table {table} add column {name} {kind}")
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(_KINDS_OF_COVERAGE)
    connection.execute(f"pragma user_version = {VERSION}")
