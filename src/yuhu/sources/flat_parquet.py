"""Parquet as frames of texts, some rows at a time."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_pieces import PIECE_ROWS, Piece, cell, numbered

MAGIC = b"PAR1"

_EXACT = 2**53


def parquet_pieces(origin: Origin) -> Iterator[Piece]:
    """Pieces of a Parquet file, with all its columns.

    Raises
    ------
    YuhuError
        YH106 it is not readable.
    """
    at = 1
    try:
        with pq.ParquetFile(origin.path) as file:
            names = file.schema_arrow.names
            for batch in file.iter_batches(batch_size=PIECE_ROWS):
                rows = pl.DataFrame([_texts(name, column) for name, column in zip(names, batch.columns, strict=True)])
                yield Piece(rows, numbered(rows, at), word="row")
                at += rows.height
            if at == 1:
                yield Piece(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), pl.Series([], dtype=pl.UInt64), word="row")
    except (pa.ArrowException, OSError) as error:
        raise YuhuError(
            "YH106", f"`{origin.name}` is not readable as Parquet", facts={"found": str(error).splitlines()[0]}, fix="write it again"
        ) from error


def _texts(name: str, column: pa.Array) -> pl.Series:
    """Any column as texts."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        column = _wall_texts(column)
    elif pa.types.is_floating(kind):
        return _number_texts(name, column)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pl.Series(name, [_decoded(value) for value in column.to_pylist()], dtype=pl.String)
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind)):
        return pl.Series(name, [cell(value) for value in column.to_pylist()], dtype=pl.String)
    return pl.Series(name, column.cast(pa.large_string()), dtype=pl.String)


def _wall_texts(column: pa.Array) -> pa.Array:
    """Times as ISO 8601: Python's own hold neither nanoseconds nor every year."""
    zone = column.type.tz
    text = column.cast(pa.timestamp("us", tz=zone), safe=False).cast(pa.string())
    return pc.replace_substring(text, " ", "T") if zone is not None else text


def _number_texts(name: str, column: pa.Array) -> pl.Series:
    """Floating numbers; whole ones without a point."""
    value = pl.Series(name, column.cast(pa.float64()))
    is_whole = (value == value.round()) & (value.abs() < _EXACT)
    return pl.select(
        pl.when(is_whole)
        .then(value.fill_nan(None).cast(pl.Int64, strict=False).cast(pl.String))
        .when(value.is_finite())
        .then(value.cast(pl.String))
        .alias(name)
    ).to_series()


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None
