"""Workbooks (.xlsx) in memory as cells of text; what it would take to open one is measured first."""

import datetime as dt
import io
import re
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineWorkbook

from yuhu.core.errors import YuhuError
from yuhu.formats.packages import Package
from yuhu.formats.values import plain_number

MOST_PART = 512 << 20
"""Bytes of one part of a workbook."""

MOST_CELLS = 8 << 20
"""Cells between the corners of a sheet: the reader makes room for the empty ones, too."""

_REFERENCE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,3})\s*(\d{0,8})\s*["']""")
_FIX = "save it as .xlsx again, with nothing but the codings"

Rows = list[list[str]]


def sheets_of(content: bytes, name: str) -> dict[str, Rows]:
    """The cells of each sheet, hidden ones too, from the first row and column on.

    Raises
    ------
    YuhuError
        YH106 no workbook, or damaged; YH109 it would take too much memory to open.
    """
    package = Package(content, name)
    for member in package.members:
        if member.startswith("xl/"):
            part = package.read(member, most=MOST_PART)
            if member.startswith("xl/worksheets/"):
                _measure(part, name, member)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {sheet: list(_rows(book, sheet)) for sheet in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(name, str(error)[:200]) from error
    except BaseException as error:  # a panic of the reader is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name, "the reader of workbooks gave up") from error


def address(row: int, column: int) -> str:
    """The name of a cell: ``B7`` for row 6, column 1."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _measure(part: bytes, name: str, member: str) -> None:
    rows, columns = 0, 0
    for found in _REFERENCE.finditer(part):
        column = 0
        for letter in found.group(1).upper():
            column = column * 26 + letter - 64
        rows, columns = max(rows, int(found.group(2) or 0)), max(columns, column)
    if max(rows, 1) * max(columns, 1) > MOST_CELLS:
        facts = {"sheet": member, "rows": rows, "columns": columns}
        raise YuhuError("YH109", f"`{name}` has cells too far apart", facts=facts, fix=_FIX)


def _rows(book: CalamineWorkbook, sheet: str) -> Iterator[list[str]]:
    for row in book.get_sheet_by_name(sheet).to_python(skip_empty_area=False):
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        return plain_number(cell)
    if isinstance(cell, dt.datetime | dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _damaged(name: str, reason: str) -> YuhuError:
    return YuhuError("YH106", f"`{name}` is no workbook, or damaged", facts={"found": reason}, fix=_FIX)
