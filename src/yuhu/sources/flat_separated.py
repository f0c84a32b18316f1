"""Separated text (CSV, TSV) as frames of texts, a piece of the file at a time; rows that do not fit the header are rejects."""

import csv
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from typing import BinaryIO

import polars as pl

from yuhu.core.contracts import Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.dialects import Dialect, dialect_of, unescaped
from yuhu.sources.flat_pieces import PIECE_BYTES, PIECE_ROWS, Piece, numbered, with_columns
from yuhu.sources.reading import reject

_HEADER_BYTES = 1 << 20
_MOST = 1 << 26
_LONGEST = 10_000
"""Lines that one cell may go on for before its quote is taken for one that never ends."""
_AGAIN = "the header again"
_FEWEST = 2
"""Columns that tell a header from a row: one cell alone may be a text that is called like its column."""


@dataclass(frozen=True)
class _Layout:
    """How the cells of a file are to be read: its columns by their place, and those that are wanted."""

    names: list[str]
    separator: str
    need: Collection[str]
    only: bool

    @property
    def wanted(self) -> list[str]:
        return [name for name in self.names if name in self.need] if self.only else self.names

    def piece(self, rows: pl.DataFrame, numbers: pl.Series, rejects: list[Reject]) -> Piece:
        """Rows as a piece; a header that stands between them is a reject."""
        again = self._is_header(rows)
        if again.any():
            rejects += [reject(f"line {number}", _AGAIN, _AGAIN) for number in numbers.filter(again)]
            rows, numbers = rows.filter(~again), numbers.filter(~again)
        return Piece(with_columns(rows.select(self.wanted), self.need), numbers, rejects)

    def _is_header(self, rows: pl.DataFrame) -> pl.Series:
        first = rows[rows.columns[0]] == rows.columns[0]
        if rows.width < _FEWEST or not first.any():
            return first & (rows.width >= _FEWEST)
        return rows.select(pl.all_horizontal(pl.col(name) == name for name in rows.columns)).to_series()


def separated_pieces(origin: Origin, need: Collection[str], *, only: bool) -> Iterator[Piece]:
    """Pieces of a file of separated text whose first line that is not blank is the header.

    Raises
    ------
    YuhuError
        YH101 there is no header; YH106 a quoted cell never ends.
    """
    dialect = _dialect(origin)
    line, layout = dialect.line, _Layout(distinct(dialect.header), dialect.separator, need, only)
    doubled = unescaped if dialect.escapes else bytes
    with origin.path.open("rb") as file:
        file.seek(dialect.at)
        while True:
            records, is_whole = _records(file, doubled)
            n = records.count(b"\n") + (not records.endswith(b"\n"))
            piece = _regular(records, n, line, layout) or _irregular(records, line, layout) if records and is_whole else None
            if piece is None:
                yield from _to_the_end(chain([records], map(doubled, iter(lambda: file.read(PIECE_BYTES), b""))), line, layout, origin)
                return
            yield piece
            line += n


def _records(file: BinaryIO, doubled: Callable[[bytes], bytes]) -> tuple[bytes, bool]:
    """The next records, and whether they end where a record ends: at a line end with an even number of quotes before it."""
    records = file.read(PIECE_BYTES)
    records = doubled(records if records.endswith(b"\n") else records + file.readline(_MOST))
    quotes = records.count(b'"')
    more: list[bytes] = []
    while quotes % 2 and len(more) < _LONGEST and (found := doubled(file.readline(_MOST))):
        more.append(found)
        quotes += found.count(b'"')
    return b"".join([records, *more]) if more else records, not quotes % 2


def _dialect(origin: Origin) -> Dialect:
    with origin.path.open("rb") as file:
        found = dialect_of(file.read(_HEADER_BYTES), origin.name)
    if found is None:
        raise YuhuError("YH101", f"`{origin.name}` has no header", fix="export it again with names in the first line")
    return found


def distinct(header: Iterable[str]) -> list[str]:
    """Names of columns that differ: a second `a` is ``a (2)``, one without a name ``column 3``."""
    names: list[str] = []
    for at, name in enumerate(header, start=1):
        called, again = name or f"column {at}", 2
        while called in names:
            called, again = f"{name or 'column'} ({again})", again + 1
        names.append(called)
    return names


def _regular(records: bytes, n: int, line: int, layout: _Layout) -> Piece | None:
    """The rows of `n` lines as polars reads them; None where it may read them otherwise than they are meant (a row with too few cells, a blank line, a stray quote).

    Separators within quoted cells may make up for cells that a row lacks; the last cell of such a row is empty.
    """
    try:
        rows = _parsed(records, layout, list(dict.fromkeys([*layout.wanted, layout.names[-1]])))
        separators = records.count(layout.separator.encode()) - rows.height * (len(layout.names) - 1)
        if n == rows.height and not separators and not (b'"' in records and (rows[layout.names[-1]] == "").any()):
            return layout.piece(rows, numbered(rows, line), [])
        every = rows if rows.width == len(layout.names) else _parsed(records, layout, layout.names)
    except pl.exceptions.PolarsError:
        return None
    inside = every.select(pl.sum_horizontal(pl.all().str.count_matches(layout.separator, literal=True).sum())).item()
    lines = every.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))).to_series()
    if separators != inside or n != rows.height + lines.sum():
        return None
    return layout.piece(rows, line + (lines.cum_sum() - lines).cast(pl.UInt64) + numbered(rows, 0), [])


def _parsed(records: bytes, layout: _Layout, columns: list[str]) -> pl.DataFrame:
    width = len(layout.names)
    rows = pl.read_csv(
        records,
        columns=None if len(columns) == width else [layout.names.index(name) for name in columns],
        has_header=False,
        schema={f"column_{at}": pl.String for at in range(1, width + 1)},
        separator=layout.separator,
        empty_string_is_null=False,
    )
    rows.columns = columns
    return rows


def _irregular(records: bytes, line: int, layout: _Layout) -> Piece | None:
    """Rows that the standard library reads; None where they may go on beyond the piece."""
    reader = csv.reader(StringIO(records.decode("utf-8", "replace"), newline=""), delimiter=layout.separator, strict=True)
    try:
        found = list(_numbered(reader, line))
    except csv.Error:
        return None
    return _sorted_out(found, layout)


def _to_the_end(blocks: Iterable[bytes], line: int, layout: _Layout, origin: Origin) -> Iterator[Piece]:
    """All rows that are left, read as tolerantly as the standard library does."""
    reader = csv.reader(_texts(blocks), delimiter=layout.separator)
    found: list[tuple[int, list[str]]] = []
    try:
        for one in _numbered(reader, line):
            found.append(one)
            if len(found) == PIECE_ROWS:
                yield _sorted_out(found, layout)
                found = []
    except csv.Error as error:
        facts = {"line": line + reader.line_num, "found": error}
        raise YuhuError(
            "YH106", f"`{origin.name}` is not readable as CSV", facts=facts, fix="export it again with quoted fields"
        ) from error
    yield _sorted_out(found, layout)


def _texts(blocks: Iterable[bytes]) -> Iterator[str]:
    """Lines as texts."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace") + "\n"
    if rest:
        yield rest.decode("utf-8", "replace")


def _numbered(reader: Iterable[list[str]], line: int) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line on which it begins."""
    at = line
    for cells in reader:
        if cells:
            yield at, cells
        at = line + reader.line_num  # type: ignore[attr-defined]  # the standard library gives its readers no name


def _sorted_out(found: list[tuple[int, list[str]]], layout: _Layout) -> Piece:
    width = len(layout.names)
    rejects: list[Reject] = []
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in found:
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            why = f"{len(cells)} cells, the header has {width}"
            rejects.append(reject(f"line {number}", why, layout.separator.join(cells)))
        else:
            numbers.append(number)
            rows.append(cells[:width])
    frame = pl.DataFrame(rows, schema=dict.fromkeys(layout.names, pl.String), orient="row")
    return layout.piece(frame, pl.Series(numbers, dtype=pl.UInt64), rejects)
