"""Rows of flat files as frames of texts: what a piece of a file is, and how any value becomes a cell."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
import polars as pl

from yuhu.core.contracts import Reject

PIECE_BYTES = 16 << 20
"""Bytes of a file that are parsed at a time: smaller pieces cost more calls, larger ones leave the processor's cache."""

PIECE_ROWS = 50_000
"""Rows at a time where a file is no text."""

_EXACT = 2**53
_TEXTS = {str, type(None)}


@dataclass(frozen=True)
class Piece:
    """Some rows of a file, in its order.

    Parameters
    ----------
    rows : pl.DataFrame
        One String column per field; null where a record has no such field or holds null, an empty text where it holds one.
    numbers : pl.Series
        UInt64, where each row stands, counted from 1 as `word` says.
    rejects : sequence of Reject
        Records that could not be parsed.
    word : str
        What `numbers` count: ``line``, ``record``, ``table NAME, row``, ``sheet NAME, row``.
    table : str
        The table or sheet; empty for files that hold one table.
    """

    rows: pl.DataFrame
    numbers: pl.Series
    rejects: Sequence[Reject] = ()
    word: str = "line"
    table: str = ""

    @property
    def seen(self) -> int:
        """Records read: rows and rejects."""
        return self.rows.height + len(self.rejects)

    @property
    def places(self) -> pl.Series:
        """Where each row stands, in words."""
        return f"{self.word} " + self.numbers.cast(pl.String)


def numbered(rows: pl.DataFrame, first: int) -> pl.Series:
    """Numbers of rows that follow one another."""
    return pl.int_range(first, first + rows.height, dtype=pl.UInt64, eager=True)


def cell(value: Any) -> str | None:
    """Any value of a record as text: null stays null, whole numbers have no point, objects and lists are JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, float):
        if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - the one number that is not itself
            return None
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    try:
        return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
    except (TypeError, ValueError, RecursionError):  # an integer beyond 64 bits within a list, one of thousands of digits, a lone surrogate
        return None


def frame_of(records: Sequence[Mapping[str, Any]] | pl.DataFrame, need: Collection[str] = ()) -> pl.DataFrame:
    """Records as a frame with one String column per field, in the order met; `need` are there in any case."""
    if isinstance(records, pl.DataFrame):
        frame = records.with_columns(pl.col(name).cast(pl.String) for name, kind in records.schema.items() if kind != pl.String)
        return with_columns(frame, need)
    names = {cell(name): name for name in dict.fromkeys(chain.from_iterable(records))}
    columns = [_column(called or "", [record.get(name) for record in records]) for called, name in names.items()]
    if not columns:
        return pl.DataFrame({name: [None] * len(records) for name in need or [""]}, schema=dict.fromkeys(need or [""], pl.String))
    return with_columns(pl.DataFrame(columns), need)


def with_columns(frame: pl.DataFrame, need: Collection[str]) -> pl.DataFrame:
    """The frame with some columns, empty where it had none of that name."""
    missing = [name for name in need if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing) if missing else frame


def _column(name: str, values: list[Any]) -> pl.Series:
    if _TEXTS.issuperset(map(type, values)):
        try:
            return pl.Series(name, values, dtype=pl.String)
        except UnicodeError:  # a lone surrogate
            pass
    return pl.Series(name, [cell(value) for value in values], dtype=pl.String)
