"""The raw copy of sources: reading it back, and mapping it again."""

from collections.abc import Iterator
from typing import Any

import orjson
import polars as pl

from yuhu.core.contracts import Raw
from yuhu.core.errors import YuhuError
from yuhu.study.store import Study

PIECE = 50_000


def raw_frame(study: Study, source: str) -> pl.LazyFrame:
    """Rows of the raw copy of a source, in the order of its file."""
    parts = [part for part in study.manifest.of("raw") if source in part.sources]
    return study.scan("raw", parts).filter(pl.col("source") == source)


def raw_records(study: Study, source: str) -> Iterator[Raw]:
    """The raw copy of a source in pieces.

    Raises
    ------
    YuhuError
        YH205 a record cannot be read.
    """
    frame = raw_frame(study, source).collect()
    for piece in frame.iter_slices(PIECE):
        yield raw_of(piece)


def raw_of(piece: pl.DataFrame) -> Raw:
    """Rows of the raw copy as the records that an importer reads."""
    try:
        records: list[dict[str, Any]] = [orjson.loads(record) for record in piece["record"]]
    except orjson.JSONDecodeError as error:
        raise YuhuError(
            "YH205", "the raw copy cannot be read", facts={"source": piece["source"][0]}, fix="restore the study from a backup"
        ) from error
    return Raw(piece["place"].to_list(), records, piece["platform"][0])
