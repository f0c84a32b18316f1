"""Rows of a mapped table as drafts: one function per kind of table, whole columns at a time.

Each takes a frame with one String column per field and the column ``place``, and gives the drafts with the columns ``why`` (null where the row is kept)
and ``place``; what is rejected is told apart afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from yuhu.core.contracts import DRAFTS, Facts, Origin, Reject
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.map_fields import COUNTS, DURATION, END, MEDIA, START, Mapped
from yuhu.sources.map_values import counts, ids, media, numbers, precision, texts, walls
from yuhu.sources.reading import reject

PLATFORM = "table"

_KINDS = {"弹幕": "danmaku", "评论": "comment", "一级评论": "comment", "回复": "reply", "二级评论": "reply", "帖子": "post", "微博": "post", "转发": "repost"}
_NO_ID = ("0", "-1", "0.0")
_PERCENT_ABOVE = 3
_HIGHEST_SHARE = 10


@dataclass(frozen=True)
class Made:
    """What some rows of a table gave."""

    tables: Mapping[str, pl.DataFrame]
    kept: int
    rejects: Sequence[Reject]
    timeless: int = 0


def made_of(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> Made:
    """The drafts of some rows.

    Raises
    ------
    YuhuError
        YH107 a wall time has no zone and none was given.
    """
    drafts = _MAKERS[mapped.shape.table](frame, mapped, origin, facts)
    timeless = sum(
        max(int((drafts[time].is_null() & frame[name].is_not_null()).sum()), 0)
        for name, time in (("sent_at", "sent_at"), ("published_at", "published_at"))
        if name in frame.columns and time in drafts.columns
    )
    bad = drafts["why"].is_not_null()
    shown = drafts["text"] if mapped.shape.table == "responses" else frame[mapped.given(mapped.shape.needed[0]) or "place"]
    rejects = [
        reject(place, why, content)
        for place, why, content in zip(drafts["place"].filter(bad), drafts["why"].filter(bad), shown.filter(bad), strict=True)
    ]
    good = drafts.filter(~bad) if rejects else drafts
    tables = _split(good, mapped, facts) if mapped.values or mapped.shape.table == "videos" else {mapped.shape.table: good}
    return Made({name: _drafted(name, rows) for name, rows in tables.items()}, good.height, rejects, timeless)


def _drafted(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in DRAFTS[table] if name in rows.columns)


def default_kind(mapped: Mapped, origin: Origin) -> str:
    """The kind of messages of a table that does not say it: danmaku where they have media time."""
    return origin.kind or ("danmaku" if mapped.given(MEDIA) else "comment")


def _responses(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    kind = default_kind(mapped, origin)
    columns: dict[str, pl.Series | pl.Expr] = {"text": texts(frame["text"]), "media": _times(frame, MEDIA)}
    if "sent_at" in mapped:
        columns |= {"sent": walls(frame, "sent_at", origin), "sent_at_precision_s": precision(pl.col("sent_at"))}
    if "likes" in mapped:
        columns["likes"] = counts(frame["likes"])
    if "kind" in mapped:
        columns["kind"] = pl.col("kind").str.strip_chars().str.to_lowercase().replace(_KINDS).fill_null(kind)
    out = frame.with_columns(**columns)
    if "kind" not in mapped:
        out = out.with_columns(kind=pl.lit(kind))
    given = mapped.given(("at_ms", "at_s", "at_clock"))
    why = pl.coalesce(
        pl.when(pl.col("text") == "").then(pl.lit("no text")),
        pl.when(~pl.col("kind").is_in(RESPONSE_KINDS)).then(pl.lit(f"kind is none of {', '.join(RESPONSE_KINDS)}")),
        _not_understood("media", given),
    )
    fork = pl.when(pl.col("kind") == "reply").then(pl.lit("comment")).otherwise(pl.col("kind"))
    above = pl.when(pl.col("kind").is_in(["post", "repost"])).then(pl.lit("post")).otherwise(fork)
    kept = [name for name in ("text", "kind", "author", "actor", "likes", "lang", "region") if name in out.columns]
    return out.select(
        "place",
        *kept,
        *_where(mapped, origin),
        why=why,
        fork=fork,
        native=ids("id") if "id" in mapped else pl.lit(None, dtype=pl.String),
        at_ms="media",
        parent=_answered(above, "parent", mapped),
        root=_answered(above, "root", mapped),
        **_sent(out),
    )


def _sent(out: pl.DataFrame) -> dict[str, pl.Expr]:
    if "sent" not in out.columns:
        return {}
    known = pl.col("sent").is_not_null()
    return {"sent_at": pl.col("sent"), "sent_at_precision_s": pl.when(known).then("sent_at_precision_s")}


def _answered(above: pl.Expr, name: str, mapped: Mapped) -> pl.Expr:
    """``fork:native`` of the message above; collectors write 0 where there is none."""
    if name not in mapped:
        return pl.lit(None, dtype=pl.String)
    native = ids(name)
    return pl.when(~native.str.strip_chars().is_in(_NO_ID)).then(pl.concat_str(above, pl.lit(":"), native))


def _metrics(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    whose = [name for name in ("subject", "account", "video") if name in mapped]
    out = frame.with_columns(at=walls(frame, "at", origin), **_values(frame))
    why = (
        pl.when(pl.all_horizontal(pl.col(name).is_null() for name in whose))
        .then(pl.lit(f"no {whose[0]}"))
        .when(pl.col("at").is_null())
        .then(pl.lit("the time is not understood"))
        .when(pl.all_horizontal(pl.col(name).is_null() for name in _values(frame)))
        .then(pl.lit("the value is no number"))
    )
    columns = [name for name in ("at", "subject", "account", "name", *_values(frame)) if name in out.columns]
    return out.select("place", *columns, *_where(mapped, origin), why=why)


def _signals(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    out = frame.with_columns(media=_times(frame, MEDIA), **_values(frame))
    why = (
        pl.when(pl.col("media").is_null())
        .then(pl.lit("media time is not understood"))
        .when(pl.all_horizontal(pl.col(name).is_null() for name in _values(frame)))
        .then(pl.lit("the value is no number"))
    )
    columns = [name for name in ("name", *_values(frame)) if name in out.columns]
    return _of_video(out.select("place", *columns, *_where(mapped, origin), at_ms="media", why=why))


def _exposure(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    unit = facts.context.setdefault("retention unit", _unit(frame["retention"]))
    share = numbers("retention") / (100 if unit == "percent" else 1)
    out = frame.with_columns(media=_times(frame, MEDIA), retention=share)
    why = (
        pl.when(pl.col("media").is_null())
        .then(pl.lit("media time is not understood"))
        .when(pl.col("retention").is_null())
        .then(pl.lit("the retention is no number"))
        .when(~pl.col("retention").is_between(0, _HIGHEST_SHARE))
        .then(pl.lit("the retention is out of range"))
    )
    return _of_video(out.select("place", "retention", *_where(mapped, origin), at_ms="media", why=why))


def _unit(column: pl.Series) -> str:
    """Whether retention is a share or a percentage: decided once for a file, from its first rows."""
    values = column.to_frame("value").select(numbers("value")).to_series()
    signed = column.str.contains("%", literal=True).any()
    return "percent" if signed or (values.max() or 0) > _PERCENT_ABOVE else "share"  # type: ignore[operator]


def _segments(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    columns: dict[str, pl.Series] = {"start": _times(frame, START), "end": _times(frame, END)}
    columns |= {name: texts(frame[name]) for name in ("text", "name", "kind") if name in mapped}
    end, start = pl.col("end"), pl.col("start")
    given = mapped.given(END)
    why = pl.coalesce(
        pl.when(start.is_null()).then(pl.lit("the start is not understood")),
        pl.when(end.is_null() & pl.col(given).is_not_null()).then(pl.lit("the end is not understood")) if given else pl.lit(None),
        pl.when(end < start).then(pl.lit("it ends before it starts")),
    )
    out = frame.with_columns(**columns)
    optional = {name: pl.when(pl.col(name) != "").then(name) for name in ("text", "name") if name in mapped}
    kind = pl.when(pl.col("kind") != "").then(pl.col("kind").str.to_lowercase()) if "kind" in mapped else pl.lit(None, dtype=pl.String)
    return _of_video(
        out.select(
            "place",
            *(["lang"] if "lang" in mapped else []),
            *_where(mapped, origin),
            why=why,
            kind=kind.fill_null("segment"),
            start_ms="start",
            end_ms="end",
            **optional,
        )
    )


def _links(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    given = {name: walls(frame, "sent_at", origin) for name in ("sent_at",) if name in mapped}
    out = frame.with_columns(**given)
    node, parent = _end_of_link("node"), _end_of_link("parent")
    why = (
        pl.when(node.is_null())
        .then(pl.lit("no node"))
        .when(parent.is_null())
        .then(pl.lit("no parent"))
        .when(node == parent)
        .then(pl.lit("it links to itself"))
    )
    kind = texts(frame["link_kind"]).str.to_lowercase() if "link_kind" in mapped else pl.Series([], dtype=pl.String).extend_constant("", frame.height)
    columns = [name for name in ("sent_at", "actor") if name in out.columns]
    return out.with_columns(link_kind=kind).select(
        "place",
        *columns,
        *_where(mapped, origin, video="video" in mapped or bool(origin.video)),
        why=why,
        node=node,
        parent=parent,
        kind=pl.when(pl.col("link_kind") != "").then("link_kind").otherwise(pl.lit("repost")),
    )


def _end_of_link(name: str) -> pl.Expr:
    """``fork:native`` as it stands; an id alone is one of a post."""
    native = ids(name).str.strip_chars()
    named = pl.when(native.str.contains(":", literal=True)).then(native).otherwise(pl.concat_str(pl.lit("post:"), native))
    return pl.when((native != "") & ~native.is_in(_NO_ID)).then(named)


def _videos(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> pl.DataFrame:
    del facts
    columns: dict[str, pl.Series] = {"duration": _times(frame, DURATION)}
    columns |= {name: texts(frame[name]) for name in ("title", "description") if name in mapped}
    columns |= {name: walls(frame, name, origin) for name in ("published_at", "counted_at") if name in mapped}
    columns |= {name: counts(frame[name]) for name in COUNTS if name in mapped}
    out = frame.with_columns(**columns)
    kept = [name for name in ("published_at", "counted_at", "author", *COUNTS) if name in out.columns]
    optional = {name: pl.when(pl.col(name) != "").then(name) for name in ("title", "description") if name in mapped}
    drafts = out.select("place", *kept, *_where(mapped, origin), duration_ms="duration", **optional)
    return drafts.with_columns(why=pl.when(pl.col("video").is_null()).then(pl.lit("no video")))


def _where(mapped: Mapped, origin: Origin, *, video: bool = True) -> list[pl.Expr]:
    """Platform and video of each row."""
    platform = origin.platform or PLATFORM
    found = [(ids("video") if "video" in mapped else pl.lit(origin.video or origin.stem)).alias("video")] if video else []
    named = pl.col("platform").fill_null(platform) if "platform" in mapped else pl.lit(platform)
    return [*found, named.alias("platform")]


def _of_video(drafts: pl.DataFrame) -> pl.DataFrame:
    return drafts.with_columns(why=pl.coalesce(pl.when(pl.col("video").is_null()).then(pl.lit("no video")), "why"))


def _times(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    found = media(frame, names)
    return pl.Series([], dtype=pl.Int64).extend_constant(None, frame.height) if found is None else found


def _not_understood(media_time: str, given: str | None) -> pl.Expr:
    if given is None:
        return pl.lit(None, dtype=pl.String)
    return pl.when(pl.col(media_time).is_null() & pl.col(given).is_not_null()).then(pl.lit("media time is not understood"))


def _values(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {name: numbers(frame[name]) for name in frame.columns if name.startswith("value")}


def _no_value(values: Collection[str]) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_null() for name in values)


def _split(good: pl.DataFrame, mapped: Mapped, facts: Facts) -> dict[str, pl.DataFrame]:
    """Rows of several tables: each column of values is a metric or signal of its own, and a video's counts are metrics."""
    table = mapped.shape.table
    if table == "videos":
        counted = [name for name in COUNTS if name in mapped]
        return {table: good, **({"metrics": _long(good, counted, "at", counted)} if counted and "at" in good.columns else {})}
    if "name" in mapped:
        return {table: good}
    del facts
    columns = [name for name in good.columns if name.startswith("value")]
    return {table: _long(good, columns, "", mapped.values)}


_Maker = Callable[[pl.DataFrame, Mapped, Origin, Facts], pl.DataFrame]
_MAKERS: dict[str, _Maker] = {
    "responses": _responses,
    "metrics": _metrics,
    "signals": _signals,
    "exposure": _exposure,
    "segments": _segments,
    "links": _links,
    "videos": _videos,
}
