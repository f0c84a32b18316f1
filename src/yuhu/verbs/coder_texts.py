"""The texts that a machine coder gets: each distinct one once, with its context where the coder reads it."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from yuhu.coding.contexts import AROUND_MS, LINES
from yuhu.core.ids import text_keys
from yuhu.core.schema import KEYS
from yuhu.study.store import Study

TEXTS = pa.schema([("text_key", pa.int64()), ("lang", pa.string()), ("text", pa.string())])
WITH_CONTEXT = pa.schema([*TEXTS, ("parent", pa.string()), ("transcript", pa.string())])
_SEPARATOR = "\x1f"
_COLUMNS = ("response_id", "text_key", "lang", "text", "parent_id", "video_id", "at_ms")


def texts_of(study: Study, paths: Sequence[Path], *, with_context: bool) -> tuple[pa.Table, pa.Table | None]:
    """The distinct texts of some partitions of responses, special danmaku apart, in the order of their keys.

    Parameters
    ----------
    study : Study
        The study, for parents in other partitions and for spoken lines.
    paths : sequence of Path
        Files of the partitions.
    with_context : bool
        Whether each text comes with what was answered to, and what was spoken around it.

    Returns
    -------
    texts : pa.Table
        ``text_key, lang, text``, and with contexts ``parent, transcript``.
    keys : pa.Table or None
        With contexts: the keys of responses whose context changed their key.
    """
    rows = pl.scan_parquet(list(paths)).filter(~pl.col("is_special").fill_null(value=False))
    if not with_context:
        return _arrow(rows.select("text_key", "lang", "text").unique(["text_key", "lang"]).sort("text_key", "lang").collect(), TEXTS), None
    units = in_context(study, rows.select(_COLUMNS).collect())
    keys = units.filter(pl.col("key") != pl.col("text_key")).select("response_id", text_key="key").sort("response_id")
    texts = (
        units.select("lang", "text", "parent", "transcript", text_key="key")
        .unique(["text_key", "lang"], keep="first")
        .sort("text_key", "lang")
    )
    return _arrow(texts, WITH_CONTEXT), _arrow(keys, KEYS)


def in_context(study: Study, responses: pl.DataFrame) -> pl.DataFrame:
    """Responses with ``parent``, ``transcript`` and the ``key`` of text and context together.

    Parameters
    ----------
    study : Study
        The study.
    responses : pl.DataFrame
        ``response_id, text_key, lang, text, parent_id, video_id, at_ms``.
    """
    above = responses["parent_id"].drop_nulls().unique()
    parents = (
        study.scan("responses")
        .filter(pl.col("response_id").is_in(above.implode()))
        .select(parent_id="response_id", parent="text")
        .collect()
    )
    spoken = _spoken(study, responses)
    units = (
        responses.join(parents.unique("parent_id", keep="first"), on="parent_id", how="left", maintain_order="left")
        .with_columns(second=pl.col("at_ms") // 1000)
        .join(spoken, on=["video_id", "second"], how="left", maintain_order="left")
    )
    has_context = pl.any_horizontal(pl.col("parent", "transcript").is_not_null())
    joined = pl.concat_str(pl.col("text"), pl.col("parent").fill_null(""), pl.col("transcript").fill_null(""), separator=_SEPARATOR)
    held = units.filter(has_context).select(joined=joined).to_series().unique(maintain_order=True)
    keys = pl.DataFrame({"joined": held, "fresh": pl.Series(text_keys(held.to_list()), dtype=pl.Int64)})
    return (
        units.with_columns(joined=pl.when(has_context).then(joined))
        .join(keys, on="joined", how="left", maintain_order="left")
        .with_columns(key=pl.coalesce("fresh", "text_key"))
        .drop("joined", "fresh", "second")
    )


def _spoken(study: Study, responses: pl.DataFrame) -> pl.DataFrame:
    """The lines within `AROUND_MS` of each second of media time at which something was sent: ``video_id, second, transcript``."""
    seconds = responses.filter(pl.col("at_ms").is_not_null() & pl.col("video_id").is_not_null()).select(
        "video_id", second=pl.col("at_ms") // 1000
    )
    lines = (
        study.scan("segments")
        .filter((pl.col("kind") == LINES) & pl.col("text").is_not_null() & pl.col("video_id").is_in(seconds["video_id"].unique().implode()))
        .select("video_id", "start_ms", "text", end_ms=pl.coalesce("end_ms", "start_ms"))
        .sort("video_id", "start_ms", "end_ms", "text")
        .collect()
    )
    at = pl.col("second") * 1000
    found = [
        part.unique()
        .join(lines.filter(pl.col("video_id") == video).drop("video_id"), how="cross")
        .filter((pl.col("end_ms") >= at - AROUND_MS) & (pl.col("start_ms") <= at + AROUND_MS))
        .sort("second", "start_ms", "end_ms", "text")
        .group_by("video_id", "second", maintain_order=True)
        .agg(transcript=pl.col("text").str.join("\n"))
        for (video,), part in seconds.join(lines, on="video_id", how="semi").group_by("video_id", maintain_order=True)
    ]
    empty = pl.DataFrame(schema={"video_id": pl.String, "second": pl.Int64, "transcript": pl.String})
    return pl.concat([empty, *found])


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema).combine_chunks()
