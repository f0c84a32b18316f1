"""The tables of a study, in one place: Arrow schemas by name.

Units stand last in a column's name: ``at_ms`` is media time in integer milliseconds, ``sent_at`` wall time in UTC; the two never mix.
"""

from functools import cache

import polars as pl
import pyarrow as pa

SCHEMA_VERSION = 2

UTC = pa.timestamp("ms", tz="UTC")

TABLES: dict[str, pa.Schema] = {
    "works": pa.schema([("work_id", pa.string()), ("series", pa.string()), ("number", pa.int32()), ("title", pa.string())]),
    "videos": pa.schema(
        [
            ("video_id", pa.string()),
            ("work_id", pa.string()),
            ("platform", pa.string()),
            ("native_id", pa.string()),
            ("aliases", pa.list_(pa.string())),
            ("title", pa.string()),
            ("description", pa.string()),
            ("author_key", pa.string()),
            ("offset_ms", pa.int64()),
            ("duration_ms", pa.int64()),
            ("published_at", UTC),
            ("source", pa.string()),
        ]
    ),
    "segments": pa.schema(
        [
            ("video_id", pa.string()),
            ("kind", pa.string()),
            ("name", pa.string()),
            ("start_ms", pa.int64()),
            ("end_ms", pa.int64()),
            ("text", pa.string()),
            ("lang", pa.string()),
            ("source", pa.string()),
        ]
    ),
    "signals": pa.schema(
        [("video_id", pa.string()), ("at_ms", pa.int64()), ("name", pa.string()), ("value", pa.float64()), ("source", pa.string())]
    ),
    "responses": pa.schema(
        [
            ("response_id", pa.string()),
            ("video_id", pa.string()),
            ("platform", pa.string()),
            ("kind", pa.string()),
            ("text", pa.string()),
            ("text_key", pa.int64()),
            ("at_ms", pa.int64()),
            ("sent_at", UTC),
            ("sent_at_precision_s", pa.int32()),
            ("author_key", pa.string()),
            ("actor", pa.string()),
            ("parent_id", pa.string()),
            ("root_id", pa.string()),
            ("likes", pa.int64()),
            ("lang", pa.string()),
            ("region", pa.string()),
            ("is_special", pa.bool_()),
            ("source", pa.string()),
        ]
    ),
    "metrics": pa.schema([("subject", pa.string()), ("at", UTC), ("name", pa.string()), ("value", pa.float64()), ("source", pa.string())]),
    "links": pa.schema(
        [
            ("node", pa.string()),
            ("parent", pa.string()),
            ("kind", pa.string()),
            ("actor", pa.string()),
            ("sent_at", UTC),
            ("source", pa.string()),
        ]
    ),
    "exposure": pa.schema([("video_id", pa.string()), ("at_ms", pa.int64()), ("retention", pa.float64()), ("source", pa.string())]),
    "mentions": pa.schema(
        [("response_id", pa.string()), ("video_id", pa.string()), ("at_ms", pa.int64()), ("nth", pa.int32()), ("source", pa.string())]
    ),
    "deletions": pa.schema([("response_id", pa.string()), ("deleted_seen_at", UTC), ("source", pa.string())]),
    "rejects": pa.schema([("source", pa.string()), ("place", pa.string()), ("why", pa.string()), ("hash", pa.string())]),
}
"""Tables that importers fill. Columns: see each schema. ``sources`` is a view of the manifest. ``mentions`` are media times named inside texts ("1:23"), ``deletions``
responses that a later, whole export of the same video no longer holds."""

RAW = pa.schema([("source", pa.string()), ("place", pa.string()), ("platform", pa.string()), ("record", pa.string())])
"""The raw copy: each record as one line of JSON, without people. It is kept beside the tables and is none of them."""

RESPONSE_KINDS = ("danmaku", "comment", "reply", "post", "repost")
UNIT_KINDS = ("response", "span", "text")
STATUSES = ("coded", "abstained", "failed", "not_shown")
WITHDRAWN = "withdrawn"
"""The status of a row that takes an earlier one back; it is never handed out."""

PEOPLE = ("human", "simulated")
"""Kinds of coders that are people, or stand for them in a constructed study."""

CODER_KINDS = ("human", "lexicon", "classifier", "transformer", "llm", "simulated")

CODING = pa.schema(
    [
        ("unit_kind", pa.string()),
        ("unit_id", pa.string()),
        ("video_id", pa.string()),
        ("start_ms", pa.int64()),
        ("end_ms", pa.int64()),
        ("code", pa.string()),
        ("value", pa.string()),
        ("status", pa.string()),
        ("coder", pa.string()),
        ("coder_kind", pa.string()),
        ("code_hash", pa.string()),
        ("codebook_hash", pa.string()),
        ("evidence", pa.string()),
        ("at", UTC),
        ("purpose", pa.string()),
        ("occasion", pa.int32()),
        ("note", pa.string()),
        ("sample", pa.string()),
    ]
)
"""The `Coding` noun: one decision of one coder on one unit and code; append-only. ``purpose``: see `core.sample.PURPOSES`; ``occasion``: 0, and 1 where the same
coder codes the same unit again, without knowing it (as an anchor: 1 the first time, 2 the second ...); ``note``: what the coder wrote beside it."""

MACHINE_CODING = pa.schema(
    [
        ("text_key", pa.int64()),
        ("lang", pa.string()),
        ("code", pa.string()),
        ("value", pa.string()),
        ("evidence_start", pa.list_(pa.int32())),
        ("evidence_end", pa.list_(pa.int32())),
    ]
)
"""Machine codings as stored: sparse per distinct text and language. A finished partition means that the rest is coded 0 (or none).
Evidence spans are character offsets into the text as stored, end exclusive."""

ABSTAINED = pa.schema([("text_key", pa.int64()), ("lang", pa.string())])
"""Texts that a machine coder abstained from altogether."""

FAILED = pa.schema([("text_key", pa.int64()), ("lang", pa.string()), ("code", pa.string()), ("why", pa.string())])
"""Decisions on a text that a machine coder was asked for and did not give (a server that refused, an answer that is no answer): no zero, no abstention."""

SCORES = pa.schema(
    [("text_key", pa.int64()), ("lang", pa.string()), ("code", pa.string()), ("value_id", pa.string()), ("probability", pa.float32())]
)
"""How sure a coder is that a text counts for a value (of ordinal codes: for at least that step). Sparse: what is not there is below `LEAST_SCORE`."""

LEAST_SCORE = 0.01

KEYS = pa.schema([("response_id", pa.string()), ("text_key", pa.int64())])
"""Keys of texts with their context, from a coder that reads both; responses that are not there keep the key of their text."""

ESTIMATES = pa.schema(
    [
        ("measure", pa.string()),
        ("code", pa.string()),
        ("value_id", pa.string()),
        ("by", pa.string()),
        ("subject", pa.string()),
        ("at_ms", pa.int64()),
        ("end_ms", pa.int64()),
        ("at", UTC),
        ("value", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("confidence", pa.float64()),
        ("count", pa.int64()),
        ("n", pa.int64()),
        ("n_videos", pa.int64()),
        ("n_gold", pa.int64()),
        ("unit", pa.string()),
        ("method", pa.string()),
        ("source", pa.string()),
        ("coder", pa.string()),
        ("target", pa.string()),
        ("rung", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Many `Estimate`s as one frame. ``at_ms`` is where a stretch of media time begins, ``end_ms`` where it ends, where the estimate is of a stretch; of a lag both are relative."""


def names(table: str) -> list[str]:
    """Column names of a table in order."""
    return list(TABLES[table].names)


@cache
def frame_schema(table: str) -> pl.Schema:
    """The Polars schema of a table of `TABLES`, or of the raw copy."""
    return polars_schema(arrow_schema(table))


def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a table of `TABLES`, or of the raw copy."""
    return RAW if table == "raw" else TABLES[table]


def polars_schema(schema: pa.Schema) -> pl.Schema:
    """The Polars schema that holds what an Arrow schema holds."""
    frame = pl.from_arrow(schema.empty_table())
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a table always becomes a frame
        raise TypeError(type(frame))
    return frame.schema


def conform(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The frame with exactly the schema's columns: missing ones null, others dropped, types cast strictly."""
    have = set(frame.columns)
    return frame.select((pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name) for name, kind in schema.items())
