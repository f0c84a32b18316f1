"""Sheets of an Excel workbook (.xlsx) as frames of texts. What it would take to open it is measured first."""

import datetime as dt
import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_databases import Wanted
from yuhu.sources.flat_pieces import PIECE_ROWS, Piece, cell, with_columns
from yuhu.sources.flat_separated import distinct
from yuhu.sources.unpacking import MOST_RATIO, RATIO_FROM, bomb, damaged
from yuhu.sources.zips import directory_of, member_pieces, open_zip

MAGIC = b"PK\x03\x04"

MOST_BYTES = 2 << 30
"""What a workbook may unpack to; the reader holds about twice as much in memory."""

MOST_CELLS = 64 << 20
"""Cells between the corners of a sheet: the reader makes room for the empty ones, too."""

_OVERLAP = 64
_BOOK, _SHEETS, _TEXTS = "xl/workbook.xml", "xl/worksheets/", "xl/sharedStrings.xml"
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
_LONGEST = 3
_FIX = "save its sheets as CSV, and add these"


def start_of(path: Path) -> str:
    """The first bytes of each part of a workbook, where the names of sheets and columns stand; empty for a zip that is none."""
    try:
        with open_zip(path, path.name) as archive:
            members = {member.folder + member.called: member for member in directory_of(archive).members}
            if _BOOK not in members:
                return ""
            parts = [name for name in members if name in {_BOOK, _TEXTS} or name.startswith(_SHEETS)]
            return "".join(next(member_pieces(archive, members[name]), b"").decode("utf-8", "replace") for name in parts)
    except YuhuError:
        return ""


def workbook_pieces(origin: Origin, need: Collection[str], *, wanted: Wanted) -> Iterator[Piece]:
    """Pieces of the sheets that are wanted; the first row that is not blank names the columns.

    Raises
    ------
    YuhuError
        YH106 damaged; YH109 it would take too much memory to open.

    Notes
    -----
    A sheet is held in memory whole, at about twice the size of its XML.
    """
    _measure(origin)
    try:
        with CalamineWorkbook.from_path(origin.path) as book:
            for name in book.sheet_names:
                yield from _pieces(book.get_sheet_by_name(name), name, need, wanted)
    except YuhuError:
        raise
    except (CalamineError, OSError, ValueError) as error:
        raise damaged(origin.name, str(error)[:200]) from error
    except BaseException as error:  # a panic of the reader is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise damaged(origin.name, "the reader of workbooks gave up") from error


def _measure(origin: Origin) -> None:
    """Refuse a workbook that would take too much memory, or that holds more than it says."""
    name = origin.name
    with open_zip(origin.path, name) as archive:
        members = directory_of(archive).members
        total = sum(member.info.file_size for member in members)
        if total > MOST_BYTES:
            raise bomb(name, "unpacks to more than 2 GiB", {"bytes": total}, _FIX)
        for member in members:
            if member.info.file_size > max(RATIO_FROM, MOST_RATIO * member.info.compress_size):
                facts: dict[str, object] = {
                    "part": member.called,
                    "packed bytes": member.info.compress_size,
                    "bytes": member.info.file_size,
                }
                raise bomb(name, f"unpacks to more than {MOST_RATIO} times its size", facts, _FIX)
            rows, columns = _corner(member_pieces(archive, member))
            if rows * columns > MOST_CELLS:
                facts = {"part": member.called, "rows": rows, "columns": columns}
                raise bomb(name, f"has a sheet of more than {MOST_CELLS:,} cells", facts, _FIX)


def _corner(pieces: Iterator[bytes]) -> tuple[int, int]:
    """The last row and column that the references of a part name; the reader makes room for all before them."""
    rows, columns = 1, 1
    rest = b""
    for piece in pieces:
        text = rest + piece
        found = set(_REFERENCE.findall(text))
        rows = max([rows, *(int(digits[:18]) for _, digits in found if digits)])
        columns = max([columns, *(_number(letters) for letters, _ in found)])
        rest = text[-_OVERLAP:]
    return rows, columns


def _number(letters: bytes) -> int:
    """The number of a column: C is 3, AA is 27."""
    number = 0
    for letter in letters[: _LONGEST + 1].upper():
        number = number * 26 + letter - 64
    return number


def _pieces(sheet: CalamineSheet, name: str, need: Collection[str], wanted: Wanted) -> Iterator[Piece]:
    rows = ((number, row) for number, row in enumerate(sheet.iter_rows(), start=1) if any(value != "" for value in row))
    header = next(rows, (0, []))[1]
    names = distinct(_text(value).strip() for value in header)
    if not names or not wanted(name, names):
        return
    schema = dict.fromkeys(names, pl.String)
    while part := list(islice(rows, PIECE_ROWS)):
        frame = pl.DataFrame([[_text(value) for value in row] for _, row in part], schema=schema, orient="row")
        numbers = pl.Series([number for number, _ in part], dtype=pl.UInt64)
        yield Piece(with_columns(frame, need), numbers, word=f"sheet {name}, row", table=name)


def _text(value: Any) -> str:
    """A cell as text: whole numbers have no point, times no T."""
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return str(value) if isinstance(value, dt.date | dt.time | dt.timedelta) else cell(value) or ""
