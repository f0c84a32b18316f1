"""Tables of an SQLite database as frames of texts. The file is opened read-only, and nothing in it is trusted."""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import polars as pl

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_pieces import PIECE_ROWS, Piece, numbered, with_columns

MAGIC = b"SQLite format 3\x00"

_LONGEST_CELL = 1 << 27

Wanted = Callable[[str, list[str]], bool]
"""Whether a table is to be read, from its name and its columns."""


def tables_of(path: Path) -> dict[str, list[str]]:
    """Names of the tables of a database with their columns; empty if it cannot be read."""
    try:
        with _opened(path) as database:
            return _tables(database)
    except sqlite3.Error:
        return {}


def database_pieces(origin: Origin, need: Collection[str], *, only: bool, wanted: Wanted) -> Iterator[Piece]:
    """Pieces of the tables that are wanted.

    Raises
    ------
    YuhuError
        YH106 the database is damaged.
    """
    try:
        with _opened(origin.path) as database:
            for table, columns in _tables(database).items():
                if wanted(table, columns):
                    names = [name for name in columns if name in need] if only else columns
                    yield from _pieces(database, table, names, need)
    except sqlite3.Error as error:
        raise YuhuError(
            "YH106",
            f"`{origin.name}` is not readable as an SQLite database",
            facts={"found": str(error)},
            fix="close the program that writes it, then add the file again",
        ) from error


def is_unfinished(path: Path) -> bool:
    """Whether changes of the database stand in a file beside it, where they are not read."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database as it stands on disk: no lock, no journal is touched, no code of its schema runs."""
    database = sqlite3.connect(f"file:{quote(os.fsencode(path.absolute()))}?mode=ro&immutable=1", uri=True)
    try:
        database.text_factory = lambda content: content.decode("utf-8", "replace")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
            database.execute(f"PRAGMA {pragma}")
        yield database
    finally:
        database.close()


def _tables(database: sqlite3.Connection) -> dict[str, list[str]]:
    """Ordinary tables: views and virtual tables would run what strangers wrote."""
    named = database.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return {table: _columns(database, table) for (table,) in named.fetchall()}


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    """Stored columns: those that are computed are not read."""
    return [str(name) for (name,) in database.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", (table,))]


def _pieces(database: sqlite3.Connection, table: str, names: list[str], need: Collection[str]) -> Iterator[Piece]:
    schema = dict.fromkeys(names, pl.String)
    cells = ", ".join(f"CAST({_quoted(name)} AS TEXT)" for name in names) or "NULL"
    cursor = database.execute(f"SELECT {cells} FROM {_quoted(table)}")  # noqa: S608 - names are quoted
    first = 1
    while (rows := cursor.fetchmany(PIECE_ROWS)) or first == 1:
        frame = pl.DataFrame(rows, schema=schema, orient="row") if names else pl.DataFrame({"": [None] * len(rows)}, schema={"": pl.String})
        yield Piece(with_columns(frame, need), numbered(frame, first), word=f"table {table}, row", table=table)
        if not rows:
            return
        first += len(rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
