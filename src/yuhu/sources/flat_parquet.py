"""Parquet and Arrow files as frames of texts, some rows at a time."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_pieces import PIECE_ROWS, Piece, cell, numbered

PARQUET = b"PAR1"
MAGIC = (PARQUET, b"ARROW1\x00\x00")

_EXACT = 2**53


def column_pieces(origin: Origin) -> Iterator[Piece]:
    """Pieces of a Parquet or Arrow file, with all its columns.

    Raises
    ------
    YuhuError
        YH106 it is not readable.
    """
    at = 1
    try:
        names, batches = _batches(origin.path)
        for batch in batches:
            rows = pl.DataFrame([_texts(name, column) for name, column in zip(names, batch.columns, strict=True)])
            yield Piece(rows, numbered(rows, at), word="row")
            at += rows.height
        if at == 1:
            yield Piece(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), pl.Series([], dtype=pl.UInt64), word="row")
    except (pa.ArrowException, OSError, pl.exceptions.PolarsError) as error:
        raise YuhuError(
            "YH106",
            f"`{origin.name}` is not readable as Parquet or Arrow",
            facts={"found": str(error).partition("\n")[0][:200]},
            fix="write it again, with different names for its columns",
        ) from error


def _batches(path: Path) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """Names of the columns, and the rows in batches."""
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET)) == PARQUET
    if is_parquet:
        parquet = pq.ParquetFile(path)
        return list(parquet.schema_arrow.names), parquet.iter_batches(batch_size=PIECE_ROWS)
    arrow = pa.ipc.open_file(pa.memory_map(str(path)))
    return list(arrow.schema.names), (arrow.get_batch(at) for at in range(arrow.num_record_batches))


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
