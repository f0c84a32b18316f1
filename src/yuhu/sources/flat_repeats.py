"""Records of a flat file that stand in it more than once: found before it is read, so that the right one can be kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.contracts import Origin
from yuhu.sources.dialects import dialect_of
from yuhu.sources.flat_json import listed_lines, opening_of, whole_lines
from yuhu.sources.flat_pieces import Piece, with_columns
from yuhu.sources.json_records import is_lines

OLDER, LATEST = "older", "latest"
_PEEKED = 1 << 16
_BOM = b"\xef\xbb\xbf"
_NO_SEPARATOR = "\x01"
"""Texts do not hold this character; where one does, nothing can be told."""


def may_repeat(origin: Origin, key: str) -> bool:
    """Whether two records may have the same value of a field: no is certain, and told only of texts whose records all begin with the field.

    Notes
    -----
    Three times as fast as reading the fields. Memory of 8 bytes a record.
    """
    hashes = []
    for values in _values(origin, key):
        if values is None:
            return True
        hashes.append(values.hash().to_numpy())
    return bool(len(_repeated(hashes)))


def _repeated(hashes: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Values that are there more than once; sorted in place, since a table of millions takes several times their memory."""
    every = np.concatenate([np.empty(0, np.uint64), *hashes])
    every.sort()
    repeated: npt.NDArray[np.uint64] = every[1:][every[1:] == every[:-1]]
    return repeated


def _values(origin: Origin, key: str) -> Iterator[pl.Series | None]:
    """The values of a field, in pieces; None where they cannot be told."""
    with origin.path.open("rb") as file:
        start = file.read(_PEEKED)
    first = start.removeprefix(_BOM).lstrip()[:1]
    opening = opening_of(origin) if first == b"[" else None
    if opening is not None:
        yield from (_field_of(lines, key) for lines in listed_lines(origin, opening))
    elif first == b"{" and is_lines(origin):
        yield from (_field_of(lines.removeprefix(_BOM), key) for lines in whole_lines(origin.path))
    elif first not in {b"{", b"["} and (dialect := dialect_of(start, origin.name)) is not None and dialect.header[:1] == [key]:
        yield from (_starts_of(lines, dialect.separator) for lines in whole_lines(origin.path))
    else:
        yield None


def _field_of(lines: bytes, key: str) -> pl.Series | None:
    """The first field of each object where it is the one that is sought; None if it is another one."""
    starts = _starts_of(lines, ",")
    if starts is None:
        return None
    field = starts.str.strip_prefix("{").str.strip_chars_start(" \t")
    called = f'"{key}":'
    return field.str.strip_prefix(called).str.strip_chars(' "}') if field.str.starts_with(called).all() else None


def _starts_of(lines: bytes, separator: str) -> pl.Series | None:
    """What stands on each line before the first separator. A cell that goes on over several lines gives some more, and may hide nothing."""
    try:
        frame = pl.read_csv(lines, has_header=False, separator=_NO_SEPARATOR, quote_char=None, schema={"column_1": pl.String})
    except pl.exceptions.PolarsError:
        return None
    return frame["column_1"].str.splitn(separator, 2).struct.field("field_0").str.strip_chars('"\r')


def captures_of(pieces: Iterable[Piece], at: str, key_of: Callable[[str], str]) -> dict[str, pl.DataFrame]:
    """Records that stand more than once in a table: their numbers, and ``latest`` for the one with the greatest time, ``older`` for the others.

    Parameters
    ----------
    pieces : iterable of Piece
        The file; no other fields than the keys and the time are looked at.
    at : str
        The field with the time of a capture in whole numbers; of equal times the later record counts.
    key_of : callable
        Gives the field that tells the records of a table apart.

    Returns
    -------
    dict of str to pl.DataFrame
        ``number, capture`` by table, sorted by number: for `marks`.

    Notes
    -----
    O(n log n) for records that repeat, O(n) for others; 24 bytes a record.
    """
    met: dict[str, list[pl.DataFrame]] = {}
    for piece in pieces:
        key = pl.col(key_of(piece.table)).str.strip_chars()
        times = pl.col(at).cast(pl.Float64, strict=False).fill_null(0)
        one = with_columns(piece.rows, (at,)).select(key=key.hash(), at=times, is_told=(key != "").fill_null(value=False))
        met.setdefault(piece.table, []).append(one.with_columns(number=piece.numbers).filter("is_told").drop("is_told"))
    return {table: _captures(pl.concat(parts)) for table, parts in met.items()}


def _captures(met: pl.DataFrame) -> pl.DataFrame:
    keys = pl.Series(_repeated([met["key"].to_numpy()])).unique()
    repeated = met.filter(pl.col("key").is_in(keys.implode())).sort("at", "number") if len(keys) else met.clear()
    is_latest = pl.col("number") == pl.col("number").last().over("key")
    capture = pl.when(is_latest).then(pl.lit(LATEST)).otherwise(pl.lit(OLDER)).cast(pl.Enum([LATEST, OLDER]))
    return repeated.select("number", capture=capture).sort("number")


def marks(captures: pl.DataFrame, numbers: pl.Series) -> pl.Series:
    """``latest`` or ``older`` for records with some numbers, in ascending order; null for those that stand once."""
    held = captures["number"]
    start, end = (held.search_sorted(numbers[0], "left"), held.search_sorted(numbers[-1], "right")) if len(numbers) else (0, 0)
    near = captures.slice(start, end - start)
    joined = numbers.alias("number").to_frame().join(near, on="number", how="left", maintain_order="left")
    return joined["capture"].cast(pl.String)
