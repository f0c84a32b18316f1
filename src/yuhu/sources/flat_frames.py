"""Flat files as frames of texts: JSON lines, a JSON list, separated text, the tables of an SQLite database, the sheets of an Excel workbook.

The one function to call::

    frames(origin, *, need=(), only=False, wanted=every) -> Iterator[Piece]

``need`` names columns that every frame has, if only as nulls; with ``only`` no others are read, which is up to three times as fast;
``wanted(table, columns)`` chooses tables of a database and sheets of a workbook. A `Piece` has ``rows`` (one String column per field),
``numbers`` and ``places`` (where each row stood), ``rejects`` (records that could not be parsed), ``seen`` and ``table``. At least one piece
comes of every file that holds one table, so that its columns are known.

What holds: seen = rows + rejects; ids keep every digit; a field that a record has not is null, an empty one is an empty text; values of JSON
that are no texts are written as JSON writes them (``1.50`` as 1.5, lists and objects as JSON). Of two fields of the same name in one object
one is kept.

`frame_of` makes such a frame of records that were parsed already: the raw copy. `columns_at`, `tables_of` and `start_of` tell what a text, a
database and a workbook hold before they are read.
"""

import re
from collections.abc import Collection, Iterator

from yuhu.core.contracts import Head, Origin
from yuhu.sources import flat_databases, flat_workbooks
from yuhu.sources.dialects import dialect_of
from yuhu.sources.flat_databases import Wanted, database_pieces, is_unfinished, tables_of
from yuhu.sources.flat_json import Fields, line_pieces, list_pieces
from yuhu.sources.flat_pieces import Piece, cell, frame_of
from yuhu.sources.flat_separated import separated_pieces
from yuhu.sources.flat_workbooks import start_of, workbook_pieces
from yuhu.sources.json_records import is_lines

__all__ = ["Piece", "cell", "columns_at", "frame_of", "frames", "is_unfinished", "start_of", "tables_of"]

_PEEKED = 4096
_FIELD = re.compile(r'"([^"\\]{1,80})"\s*:')


def every(_table: str, _columns: list[str]) -> bool:
    """All tables are wanted."""
    return True


def columns_at(head: Head) -> set[str]:
    """Names of the columns of a text, as far as its start shows them: the fields of JSON at any depth, or the cells of the header."""
    text = head.text.lstrip()
    if text.startswith(("{", "[")):
        return set(_FIELD.findall(text))
    if text.startswith("<"):
        return set()
    dialect = dialect_of(head.start, head.name)
    return set() if dialect is None else set(dialect.header)


def frames(origin: Origin, *, need: Collection[str] = (), only: bool = False, wanted: Wanted = every) -> Iterator[Piece]:
    """The rows of a flat file, a piece at a time; what kind of file it is, its content tells.

    Parameters
    ----------
    origin : Origin
        The file, in UTF-8 if it is a text.
    need : collection of str
        Columns that every frame has.
    only : bool
        Read no others.
    wanted : callable
        Whether a table or sheet is to be read, from its name and its columns.

    Raises
    ------
    YuhuError
        YH101 no header; YH106 it cannot be parsed; YH109 a workbook that would take too much memory; YH110 a document that would.

    Notes
    -----
    O(bytes) time: 150 to 500 MB/s a core for JSON lines and CSV. Memory of a piece (16 MiB of the file); workbooks, and JSON lists that stand
    on one line, are held whole.
    """
    with origin.path.open("rb") as file:
        start = file.read(_PEEKED)
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start.startswith(flat_databases.MAGIC):
        yield from database_pieces(origin, need, only=only, wanted=wanted)
    elif start.startswith(flat_workbooks.MAGIC):
        yield from workbook_pieces(origin, need, wanted=wanted)
    elif first in {b"{", b"["}:
        fields = Fields(need, only=only)
        yield from line_pieces(origin, fields) if first == b"{" and is_lines(origin) else list_pieces(origin, fields)
    else:
        yield from separated_pieces(origin, need, only=only)
