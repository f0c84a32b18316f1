"""Rows of mapped tables that hold no messages: metrics, signals, retention, segments, links, videos.

Each function takes a frame with one String column per field and the column ``place``. It gives the drafts with the columns ``place`` and ``why``,
which is null where the row is kept.
"""

from collections.abc import Collection, Sequence

import polars as pl

from yuhu.core.clock import WALL
from yuhu.core.contracts import Facts, Origin
from yuhu.sources.map_fields import COUNTS, DURATION, END, MEDIA, START, Mapped
from yuhu.sources.map_values import NO_ID, counts, media, numbers, texts, walls, where

_PERCENT_ABOVE = 3
_HIGHEST_SHARE = 10
_NO_TIME = "media time is not understood"
_NO_NUMBER = "the value is no number"


def metrics(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    """Numbers of a subject, an account or a video at a wall time."""
    whose = [name for name in ("subject", "account", "video") if name in mapped or (name == "video" and origin.video)]
    values = _values(frame)
    out = frame.with_columns(at=walls(frame, "at", origin), **values)
    columns = [name for name in ("at", "subject", "account", "name", *values) if name in out.columns]
    drafts = out.select("place", *columns, *where(mapped, origin, video="video" in whose))
    why = (
        pl.when(pl.all_horizontal(pl.col(name).is_null() for name in whose))
        .then(pl.lit(f"no {whose[0]}"))
        .when(pl.col("at").is_null())
        .then(pl.lit("the time is not understood"))
        .when(_none_of(values))
        .then(pl.lit(_NO_NUMBER))
    )
    return _long(drafts.with_columns(why=why), mapped)


def signals(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    """Numbers of a video at a media time."""
    values = _values(frame)
    out = frame.with_columns(media=media(frame, MEDIA), **values)
    columns = [name for name in ("name", *values) if name in out.columns]
    drafts = out.select("place", *columns, *where(mapped, origin), at_ms="media")
    why = pl.when(pl.col("at_ms").is_null()).then(pl.lit(_NO_TIME)).when(_none_of(values)).then(pl.lit(_NO_NUMBER))
    return _long(_of_video(drafts.with_columns(why=why)), mapped)


def exposure(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    """The share of viewers at a media time. Whether the file holds shares or percentages is decided once, from its first rows."""
    values = numbers(frame["retention"])
    if "retention unit" not in facts.context:
        is_percent = frame["retention"].str.contains("%", literal=True).any() or any(
            value > _PERCENT_ABOVE for value in values.drop_nulls()
        )
        facts.context["retention unit"] = "percent" if is_percent else "share"
    share = values / (100 if facts.context["retention unit"] == "percent" else 1)
    out = frame.with_columns(media=media(frame, MEDIA), retention=share)
    why = (
        pl.when(pl.col("media").is_null())
        .then(pl.lit(_NO_TIME))
        .when(pl.col("retention").is_null())
        .then(pl.lit("the retention is no number"))
        .when(~pl.col("retention").is_between(0, _HIGHEST_SHARE))
        .then(pl.lit("the retention is out of range"))
    )
    return _of_video(out.select("place", "retention", *where(mapped, origin), at_ms="media", why=why))


def segments(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    """Spans of a video, with or without a text."""
    columns = {"start": media(frame, START), "end": media(frame, END)}
    said = {name: texts(frame[name]) for name in ("text", "name", "kind") if name in mapped}
    start, end = pl.col("start"), pl.col("end")
    given = mapped.given(END)
    why = pl.coalesce(
        pl.when(start.is_null()).then(pl.lit("the start is not understood")),
        pl.when(end.is_null() & pl.col(given).is_not_null()).then(pl.lit("the end is not understood")) if given else pl.lit(None),
        pl.when(end < start).then(pl.lit("it ends before it starts")),
    )
    kind = pl.when(pl.col("kind") != "").then(pl.col("kind").str.to_lowercase()) if "kind" in mapped else pl.lit(None, dtype=pl.String)
    return _of_video(
        frame.with_columns(**columns, **said).select(
            "place",
            *(["lang"] if "lang" in mapped else []),
            *where(mapped, origin),
            why=why,
            kind=kind.fill_null("segment"),
            start_ms="start",
            end_ms="end",
            **{name: pl.when(pl.col(name) != "").then(name) for name in ("text", "name") if name in mapped},
        )
    )


def links(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    """Who repeats or answers what: reposts where no kind is given."""
    given = {"sent_at": walls(frame, "sent_at", origin)} if "sent_at" in mapped else {}
    kinds = {"link_kind": texts(frame["link_kind"]).str.to_lowercase()} if "link_kind" in mapped else {"link_kind": pl.lit("")}
    node, parent = _end_of_link("node"), _end_of_link("parent")
    why = (
        pl.when(node.is_null())
        .then(pl.lit("no node"))
        .when(parent.is_null())
        .then(pl.lit("no parent"))
        .when(node == parent)
        .then(pl.lit("it links to itself"))
    )
    return frame.with_columns(**given, **kinds).select(
        "place",
        *(name for name in ("sent_at", "actor") if name in mapped),
        *where(mapped, origin, video="video" in mapped or bool(origin.video)),
        why=why,
        node=node,
        parent=parent,
        kind=pl.when(pl.col("link_kind") != "").then("link_kind").otherwise(pl.lit("repost")),
    )


def _end_of_link(name: str) -> pl.Expr:
    """``fork:native`` as it stands; an id alone is one of a post."""
    native = pl.col(name).str.strip_chars()
    named = pl.when(native.str.contains(":", literal=True)).then(native).otherwise(pl.concat_str(pl.lit("post:"), native))
    return pl.when((native != "") & ~native.is_in(NO_ID)).then(named)


def videos(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    """Videos, with their counts as columns still."""
    columns: dict[str, pl.Series] = {"duration": media(frame, DURATION)}
    columns |= {name: texts(frame[name]) for name in ("title", "description") if name in mapped}
    columns |= {name: walls(frame, name, origin) for name in ("published_at", "counted_at") if name in mapped}
    columns |= {name: counts(frame[name]).cast(pl.Float64) for name in COUNTS if name in mapped}
    out = frame.with_columns(**columns)
    if "counted_at" not in mapped and origin.exported_at:
        exported = pl.lit(origin.exported_at).str.to_datetime("%+", strict=False, time_unit="ms", time_zone="UTC").cast(WALL)
        out = out.with_columns(counted_at=exported)
    kept = [name for name in ("published_at", "counted_at", "author", *COUNTS) if name in out.columns]
    optional = {name: pl.when(pl.col(name) != "").then(name) for name in ("title", "description") if name in mapped}
    drafts = out.select("place", *kept, *where(mapped, origin), duration_ms="duration", **optional)
    return _of_video(drafts.with_columns(why=pl.lit(None, dtype=pl.String)))


def counts_of(drafts: pl.DataFrame) -> pl.DataFrame | None:
    """The counts of videos as metrics; None where there are none, or nobody knows when they were taken."""
    counted = [name for name in COUNTS if name in drafts.columns]
    if not counted or "counted_at" not in drafts.columns:
        return None
    dated = drafts.filter(pl.col("counted_at").is_not_null())
    return _unpivoted(dated.rename({"counted_at": "at"}), counted, counted)


def _values(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {name: numbers(frame[name]) for name in frame.columns if name.startswith("value")}


def _none_of(values: Collection[str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_null() for name in values)


def _long(drafts: pl.DataFrame, mapped: Mapped) -> pl.DataFrame:
    """One row for each number; columns of numbers are called as the file calls them. A row that is rejected stays one."""
    if "name" in mapped:
        return drafts
    if len(mapped.values) == 1:
        return drafts.with_columns(name=pl.lit(mapped.values[0]))
    columns = [name for name in drafts.columns if name.startswith("value")]
    bad = drafts.filter(pl.col("why").is_not_null())
    good = _unpivoted(drafts.filter(pl.col("why").is_null()), columns, mapped.values)
    return pl.concat([good, bad], how="diagonal_relaxed")


def _unpivoted(rows: pl.DataFrame, columns: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    """One row for each number that is there, in the order of the file."""
    rest = [name for name in rows.columns if name not in columns]
    apart = {column: f"number {at}" for at, column in enumerate(columns)}
    called = dict(zip(apart.values(), names, strict=True))
    numbered = rows.rename(apart).with_row_index("of_row")
    long = numbered.unpivot(list(called), index=["of_row", *rest], variable_name="name", value_name="value")
    return long.drop_nulls("value").sort("of_row", maintain_order=True).with_columns(pl.col("name").replace(called)).drop("of_row")


def _of_video(drafts: pl.DataFrame) -> pl.DataFrame:
    return drafts.with_columns(why=pl.coalesce(pl.when(pl.col("video").is_null()).then(pl.lit("no video")), "why"))
