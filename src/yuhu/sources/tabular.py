"""Any table with a mapping from its columns to fields: CSV, TSV, JSON lines, JSON lists, Parquet."""

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yuhu.core.clock import media_ms, wall_from_epoch, wall_from_text, zone
from yuhu.core.contracts import Batch, Facts, Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.reading import BATCH, clean, load_json, no_constant, opened, reject, whole

RESPONSE_FIELDS = (
    "text",
    "id",
    "kind",
    "at_ms",
    "at_s",
    "at_clock",
    "sent_at",
    "author",
    "parent",
    "root",
    "likes",
    "lang",
    "region",
    "video",
    "platform",
    "actor",
)
METRIC_FIELDS = ("subject", "at", "name", "value")
FIELDS = (*RESPONSE_FIELDS, *METRIC_FIELDS)

_SNIFFED = 16_384
_LONGEST_MS = 48 * 3600 * 1000
_NAIVE = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
_DAY = r"^\s*\d{4}[-/]\d{1,2}[-/]\d{1,2}\s*$"
_NUMBER = r"^\d{9,14}(?:\.\d+)?$"


class MappedTable:
    """A table whose columns the person names: ``--map column=field``.

    Fields of a response: text, id, kind, at_ms, at_s, at_clock (media time), sent_at (wall time), author, parent, root, likes, lang, region,
    video, platform, actor. Fields of a metric: subject, at, name, value.
    """

    name = "mapped_table.v1"
    label: Mapping[str, str] = {"en": "table with --map", "zh": "用 --map 指定列的表"}

    def sniff(self, head: Head) -> float:
        """Only with a mapping."""
        return 1.0 if head.mapped and not head.text.lstrip().startswith("<") else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Rows as responses or metrics.

        Raises
        ------
        YuhuError
            YH102 a mapped column is missing; YH107 naive times without --tz; YH108 a field is unknown or a needed one not mapped.
        """
        fields = _by_field(origin)
        is_metric = "subject" in fields
        facts.what = "metrics" if is_metric else _plural(origin.kind or _kind(fields))
        facts.platform = origin.platform or "table"
        facts.video_from = "--video" if origin.video else ("a column" if "video" in fields else "file name")
        if origin.tz:
            zone(origin.tz)
        timeless = 0
        for rows, broken, size in _chunks(origin, fields):
            frame = pl.DataFrame(rows, schema=dict.fromkeys((*fields, "place"), pl.String), orient="row")
            batch = _metrics(frame, origin) if is_metric else _responses(frame, origin, fields)
            timeless += _timeless(frame, batch)
            yield Batch(size, batch.kept, [*broken, *batch.rejects], responses=batch.responses, metrics=batch.metrics)
        if timeless:
            facts.notes.append(f"{timeless:,} times were not understood and are unknown")


def _kind(fields: Collection[str]) -> str:
    """The kind of responses that have, or have no, media time."""
    return "danmaku" if set(fields) & {"at_ms", "at_s", "at_clock"} else "comment"


def _plural(kind: str) -> str:
    return {"danmaku": "danmaku", "reply": "replies"}.get(kind, f"{kind}s")


def _timeless(frame: pl.DataFrame, batch: Batch) -> int:
    """Responses that have a wall time in the file and none in the draft."""
    if batch.responses is None or "sent_at" not in frame.columns:
        return 0
    return max(batch.responses["sent_at"].null_count() - frame["sent_at"].null_count(), 0)


def _by_field(origin: Origin) -> dict[str, str]:
    """Column by field."""
    fields: dict[str, str] = {}
    for column, name in origin.mapping.items():
        if name not in FIELDS:
            raise YuhuError(
                "YH108",
                f"`{name}` is not a field",
                facts={"known": ", ".join(FIELDS)},
                fix="--map column=field, for example --map content=text",
            )
        if name in fields:
            raise YuhuError(
                "YH108", f"field `{name}` is mapped twice", facts={"columns": f"{fields[name]}, {column}"}, fix="map each field once"
            )
        fields[name] = column
    needed = ("subject", "at", "value") if "subject" in fields else ("text",)
    for name in needed:
        if name not in fields and not (name == "value" and "name" in fields):
            raise YuhuError(
                "YH108", f"field `{name}` is not mapped", facts={"mapped": ", ".join(fields) or "nothing"}, fix=f"--map COLUMN={name}"
            )
    return fields


def _chunks(origin: Origin, fields: Mapping[str, str]) -> Iterator[tuple[list[list[str | None]], list[Reject], int]]:
    """Mapped cells with their place, broken records, and records read, in pieces."""
    rows: list[list[str | None]] = []
    broken: list[Reject] = []
    for place, record in _records(origin, list(fields.values())):
        if isinstance(record, Reject):
            broken.append(record)
        else:
            rows.append([*record, place])
        if len(rows) + len(broken) >= BATCH:
            yield rows, broken, len(rows) + len(broken)
            rows, broken = [], []
    yield rows, broken, len(rows) + len(broken)


def _records(origin: Origin, columns: list[str]) -> Iterator[tuple[str, list[str | None] | Reject]]:
    with origin.path.open("rb") as raw:
        magic = raw.read(4)
    if magic == b"PAR1":
        yield from _parquet(origin, columns)
        return
    with opened(origin) as file:
        start = file.read(_SNIFFED)
        file.seek(0)
        first = start.lstrip("\ufeff \t\r\n")[:1]
        if first == "[":
            yield from _objects(((f"record {at}", item) for at, item in enumerate(_listed(origin), start=1)), origin, columns)
        elif first == "{":
            yield from _objects(_lines(file), origin, columns)
        else:
            yield from _cells(file, start, origin, columns)


def _listed(origin: Origin) -> list[Any]:
    records = load_json(origin)
    return records if isinstance(records, list) else [records]


def _lines(file: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line, parse_constant=no_constant)
        except (ValueError, RecursionError):
            yield f"line {number}", None


def _objects(records: Iterable[tuple[str, Any]], origin: Origin, columns: list[str]) -> Iterator[tuple[str, list[str | None] | Reject]]:
    checked = False
    for place, record in records:
        if not isinstance(record, dict):
            yield place, reject(place, "the record is no JSON object", record)
            continue
        if not checked:
            _need(columns, [c for c in columns if _dig(record, c) is not None] + list(record), origin)
            checked = True
        yield place, [_cell(_dig(record, column)) for column in columns]


def _dig(record: Any, column: str) -> Any:
    """A value by its key, or by keys joined with dots."""
    if column in record:
        return record[column]
    for key in column.split("."):
        if not isinstance(record, dict) or key not in record:
            return None
        record = record[key]
    return record


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, dict | list)
        else str(value)
    )
    return text.encode("utf-8", "replace").decode()


def _cells(file: io.TextIOBase | Any, start: str, origin: Origin, columns: list[str]) -> Iterator[tuple[str, list[str | None] | Reject]]:
    delimiter = "\t" if origin.name.lower().endswith((".tsv", ".tab")) else _delimiter(start)
    reader = csv.reader(file, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
        _need(columns, header, origin)
        places = [header.index(column) for column in columns]
        for cells in reader:
            if not cells:
                continue
            place = f"line {reader.line_num}"
            if len(cells) != len(header):
                yield place, reject(place, f"{len(cells)} cells, the header has {len(header)}", delimiter.join(cells))
            else:
                yield place, [cells[at] or None for at in places]
    except csv.Error as error:
        raise YuhuError(
            "YH106",
            f"`{origin.name}` is not readable as CSV",
            facts={"line": reader.line_num, "found": error},
            fix="export it again with quoted fields",
        ) from error


def _delimiter(start: str) -> str:
    header = start.splitlines()[0] if start else ""
    return max(",\t;|", key=header.count)


def _parquet(origin: Origin, columns: list[str]) -> Iterator[tuple[str, list[str | None] | Reject]]:
    try:
        file = pq.ParquetFile(origin.path)
    except (pa.ArrowException, OSError) as error:
        raise YuhuError(
            "YH106", f"`{origin.name}` is not readable as Parquet", facts={"found": str(error).splitlines()[0]}, fix="write it again"
        ) from error
    _need(columns, file.schema_arrow.names, origin)
    at = 0
    for batch in file.iter_batches(batch_size=BATCH, columns=list(dict.fromkeys(columns))):
        for row in _plain(batch).to_pylist():
            at += 1
            yield f"row {at}", [_cell(row[column]) for column in columns]


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with timestamps as texts: Python's own hold neither nanoseconds nor every year."""
    columns = []
    for column in batch.columns:
        if pa.types.is_timestamp(column.type):
            zoned = column.type.tz is not None
            text = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False).cast(pa.string())
            column = pc.replace_substring(text, " ", "T") if zoned else text  # noqa: PLW2901
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _need(columns: list[str], found: list[str], origin: Origin) -> None:
    missing = [column for column in columns if column not in found]
    if missing:
        raise YuhuError(
            "YH102",
            f"column `{missing[0]}` is missing",
            facts={"file": origin.name, "found": ", ".join(name[:40] for name in dict.fromkeys(found[:12]))},
            fix=f"name the column that holds it: --map COLUMN={origin.mapping.get(missing[0], 'text')}",
        )


def _wall(frame: pl.DataFrame, column: str, origin: Origin) -> pl.Series:
    """Wall times of a column of epochs or texts.

    Raises
    ------
    YuhuError
        YH107 a time has no zone and none was given.
    """
    text = pl.col(column).str.strip_chars()
    naive = frame.filter(text.str.contains(_NAIVE))
    if naive.height and not origin.tz:
        raise YuhuError(
            "YH107",
            "times without a zone need --tz",
            facts={"file": origin.name, "found": naive[column][0]},
            fix="--tz Asia/Shanghai (or the zone of the collector)",
        )
    epoch = pl.when(text.str.contains(_NUMBER)).then(text)
    return frame.select(pl.coalesce(wall_from_epoch(epoch), wall_from_text(text, origin.tz or "UTC")))[column]


def _responses(frame: pl.DataFrame, origin: Origin, fields: Mapping[str, str]) -> Batch:
    has = set(fields)
    texts = [clean(text) if text else "" for text in frame["text"]]
    frame = frame.with_columns(text=pl.Series(texts, dtype=pl.String))
    columns: dict[str, pl.Series | pl.Expr] = {"why": pl.when(pl.col("text") == "").then(pl.lit("no text"))}
    if "sent_at" in has:
        columns["sent_at"] = _wall(frame, "sent_at", origin)
    out = frame.with_columns(
        **columns,
        media=_media(frame, has),
        kind=pl.col("kind").str.to_lowercase() if "kind" in has else pl.lit(origin.kind or _kind(fields)),
        likes=pl.Series([whole(value) for value in frame["likes"]], dtype=pl.Int64) if "likes" in has else pl.lit(None, dtype=pl.Int64),
    )
    given = next((name for name in ("at_ms", "at_s", "at_clock") if name in has), None)
    out = out.with_columns(
        why=pl.coalesce(
            "why",
            pl.when(~pl.col("kind").is_in(RESPONSE_KINDS)).then(pl.format("kind is none of {}", pl.lit(", ".join(RESPONSE_KINDS)))),
            pl.when(pl.col("media").is_null() & pl.col(given).is_not_null()).then(pl.lit("media time is not understood"))
            if given
            else pl.lit(None),
        )
    )
    bad, good = out.filter(pl.col("why").is_not_null()), out.filter(pl.col("why").is_null())
    optional = {
        name: pl.col(name) if name in has else pl.lit(None, dtype=pl.String)
        for name in ("author", "lang", "region", "actor", "parent", "root", "id")
    }
    fork = pl.when(pl.col("kind") == "reply").then(pl.lit("comment")).otherwise(pl.col("kind"))
    above = pl.when(pl.col("kind").is_in(["post", "repost"])).then(pl.lit("post")).otherwise(fork)
    rows = good.select(
        platform=pl.col("platform").fill_null(origin.platform or "table") if "platform" in has else pl.lit(origin.platform or "table"),
        video=pl.col("video") if "video" in has else pl.lit(origin.video or origin.stem),
        fork=fork,
        native=optional["id"],
        kind="kind",
        text="text",
        at_ms="media",
        sent_at=pl.col("sent_at") if "sent_at" in has else pl.lit(None),
        sent_at_precision_s=_precision(frame, has),
        author=optional["author"],
        actor=optional["actor"],
        parent=pl.concat_str(above, pl.lit(":"), optional["parent"]),
        root=pl.concat_str(above, pl.lit(":"), optional["root"]),
        likes="likes",
        lang=optional["lang"],
        region=optional["region"],
    )
    rejects = [reject(place, why, text) for place, why, text in bad.select("place", "why", "text").iter_rows()]
    return Batch(frame.height, rows.height, rejects, responses=rows)


def _precision(frame: pl.DataFrame, has: set[str]) -> pl.Expr:
    """A day where only days are given, else a second; unknown without times."""
    if "sent_at" not in has:
        return pl.lit(None, dtype=pl.Int32)
    days = frame["sent_at"].drop_nulls().str.contains(_DAY)
    return pl.lit(86_400 if len(days) and days.all() else 1, dtype=pl.Int32)


def _media(frame: pl.DataFrame, has: set[str]) -> pl.Series:
    if "at_clock" in has:
        found = pl.Series([media_ms(text) if text else None for text in frame["at_clock"]], dtype=pl.Int64)
    elif "at_s" in has or "at_ms" in has:
        name, factor = ("at_ms", 1) if "at_ms" in has else ("at_s", 1000)
        number = (pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) * factor).round()
        found = frame.select(pl.when(number.is_finite()).then(number).cast(pl.Int64, strict=False))[name]
    else:
        return pl.Series("media", [None] * frame.height, dtype=pl.Int64)
    in_range = found.is_between(0, _LONGEST_MS)
    return pl.select(pl.when(in_range).then(found).alias("media"))["media"]


def _metrics(frame: pl.DataFrame, origin: Origin) -> Batch:
    out = frame.with_columns(at=_wall(frame, "at", origin), value=pl.col("value").str.replace_all(",", "").cast(pl.Float64, strict=False))
    if "name" not in frame.columns:
        out = out.with_columns(name=pl.lit(origin.mapping and next(column for column, name in origin.mapping.items() if name == "value")))
    out = out.with_columns(
        why=pl.when(pl.col("subject").is_null())
        .then(pl.lit("no subject"))
        .when(pl.col("at").is_null())
        .then(pl.lit("the time is not understood"))
        .when(pl.col("value").is_null() | ~pl.col("value").is_finite())
        .then(pl.lit("the value is no number"))
    )
    bad, good = out.filter(pl.col("why").is_not_null()), out.filter(pl.col("why").is_null())
    rejects = [reject(place, why, subject) for place, why, subject in bad.select("place", "why", "subject").iter_rows()]
    return Batch(frame.height, good.height, rejects, metrics=good.select("subject", "at", "name", "value"))


def looks_like(head: Head) -> str:
    """What a table that nobody mapped looks like, in words: for the message that asks for a mapping."""
    start = head.text.lstrip()
    if start.startswith(("{", "[")):
        try:
            record = json.loads(start.splitlines()[0])
        except ValueError:
            return "JSON"
        record = record[0] if isinstance(record, list) and record else record
        return f"JSON with the keys {', '.join(list(record)[:12])}" if isinstance(record, dict) else "JSON"
    lines = start.splitlines()
    if lines and any(mark in lines[0] for mark in ",\t;|"):
        header = next(csv.reader([lines[0]], delimiter=_delimiter(start)), [])
        return f"a table with the columns {', '.join(header[:12])}"
    return "plain text"
