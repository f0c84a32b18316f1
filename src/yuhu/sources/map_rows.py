"""Rows of a mapped table as drafts, whole columns at a time; what is rejected is told apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from yuhu.core.contracts import DRAFTS, Facts, Origin, Reject
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources import map_tables
from yuhu.sources.column_fits import KINDS_ZH
from yuhu.sources.map_fields import COUNTS, MEDIA, Mapped
from yuhu.sources.map_values import NO_ID, counts, media, precision, texts, walls, where, with_plain_ids
from yuhu.sources.reading import reject

_WALL_TIMES = ("sent_at", "published_at")


@dataclass(frozen=True)
class Made:
    """What some rows of a table gave: drafts by table, and how many wall times and numbers of rows that were kept were not understood."""

    tables: Mapping[str, pl.DataFrame]
    kept: int
    rejects: Sequence[Reject]
    timeless: int = 0
    numberless: int = 0


def made_of(frame: pl.DataFrame, mapped: Mapped, origin: Origin, facts: Facts) -> Made:
    """The drafts of some rows.

    Parameters
    ----------
    frame : pl.DataFrame
        One String column per field, a second and further column of numbers as ``value 1`` …, and the column ``place``.
    mapped : Mapped
        The mapping.
    origin : Origin
        What the person said.
    facts : Facts
        What was decided for the whole file stands in its context.

    Raises
    ------
    YuhuError
        YH107 a wall time has no zone and none was given.
    """
    table = mapped.shape.table
    frame = with_plain_ids(frame)
    drafts = _MAKERS[table](frame, mapped, origin, facts)
    is_bad = drafts["why"].is_not_null()
    rejects = _rejects(drafts.filter(is_bad), frame, mapped) if is_bad.any() else []
    good = drafts.filter(~is_bad) if rejects else drafts
    tables = {table: _drafted(table, good)}
    counted = map_tables.counts_of(good) if table == "videos" else None
    if counted is not None:
        tables["metrics"] = _drafted("metrics", counted)
    kept = frame.join(good.select("place").unique(), on="place", how="semi", maintain_order="left") if rejects else frame
    return Made(tables, kept.height, rejects, _timeless(kept, good), _numberless(kept, good))


def _rejects(bad: pl.DataFrame, frame: pl.DataFrame, mapped: Mapped) -> list[Reject]:
    """A reject keeps the hash of the field that makes the row one of its kind."""
    sign = mapped.given(mapped.shape.needed[0]) or "place"
    content = "text" if "text" in bad.columns and sign == "text" else sign
    shown = bad.select("place", "why").join(frame.select("place", shown=content), on="place", how="left", maintain_order="left")
    if content == "text":
        shown = shown.with_columns(shown=texts(shown["shown"]))
    return [reject(place, why, held) for place, why, held in shown.iter_rows()]


def _drafted(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(name for name in DRAFTS[table] if name in rows.columns)


def _timeless(kept: pl.DataFrame, good: pl.DataFrame) -> int:
    """Rows that have a wall time in the file and none in the draft; 0 means unknown."""
    names = [name for name in _WALL_TIMES if name in kept.columns and name in good.columns and good[name].null_count()]
    said = (pl.col(name).str.strip_chars() for name in names)
    given = [kept.select(one.is_not_null() & ~one.is_in(["", "0", "0.0"])).to_series() for one in said]
    return sum(int((said & good[name].is_null()).sum()) for name, said in zip(names, given, strict=True))


def _numberless(kept: pl.DataFrame, good: pl.DataFrame) -> int:
    """Cells with counts or values that the file has and the drafts have not."""
    counted = [name for name in ("likes", *COUNTS) if name in kept.columns and name in good.columns]
    lost = sum(good[name].null_count() - kept[name].null_count() for name in dict.fromkeys(counted))
    values = [name for name in kept.columns if name.startswith("value")]
    return lost + sum(kept.height - kept[name].null_count() for name in values) - (good.height if values else 0)


def default_kind(mapped: Mapped, origin: Origin) -> str:
    """The kind of messages where no column says it: danmaku where they have media time."""
    return origin.kind or ("danmaku" if mapped.given(MEDIA) else "comment")


def _responses(frame: pl.DataFrame, mapped: Mapped, origin: Origin, _: Facts) -> pl.DataFrame:
    default = default_kind(mapped, origin)
    columns: dict[str, pl.Series] = {"text": texts(frame["text"]), "media": media(frame, MEDIA)}
    if "sent_at" in mapped:
        columns["wall"] = walls(frame, "sent_at", origin)
    if "likes" in mapped:
        columns["likes"] = counts(frame["likes"])
    kind = pl.col("kind").str.strip_chars().str.to_lowercase().replace(KINDS_ZH).fill_null(default) if "kind" in mapped else pl.lit(default)
    out = frame.with_columns(**columns).with_columns(kind=kind)
    given = mapped.given(MEDIA)
    why = pl.coalesce(
        pl.when(pl.col("text") == "").then(pl.lit("no text")),
        pl.when(~pl.col("kind").is_in(RESPONSE_KINDS)).then(pl.lit(f"kind is none of {', '.join(RESPONSE_KINDS)}")),
        pl.when(pl.col("media").is_null() & pl.col(given).is_not_null()).then(pl.lit("media time is not understood"))
        if given
        else pl.lit(None, dtype=pl.String),
    )
    fork = pl.when(pl.col("kind") == "reply").then(pl.lit("comment")).otherwise(pl.col("kind"))
    above = pl.when(pl.col("kind").is_in(["post", "repost"])).then(pl.lit("post")).otherwise(fork)
    sent = {"sent_at": pl.col("wall"), "sent_at_precision_s": pl.when(pl.col("wall").is_not_null()).then(precision(pl.col("sent_at")))}
    return out.select(
        "place",
        "text",
        "kind",
        *(name for name in ("author", "actor", "likes", "lang", "region") if name in mapped),
        *where(mapped, origin),
        why=why,
        fork=fork,
        native=pl.col("id") if "id" in mapped else pl.lit(None, dtype=pl.String),
        at_ms="media",
        parent=_answered(above, "parent", mapped),
        root=_answered(above, "root", mapped),
        **(sent if "sent_at" in mapped else {}),
    )


def _answered(above: pl.Expr, name: str, mapped: Mapped) -> pl.Expr:
    """``fork:native`` of a message above; collectors write 0 where there is none."""
    if name not in mapped:
        return pl.lit(None, dtype=pl.String)
    native = pl.col(name)
    return pl.when(~native.str.strip_chars().is_in(NO_ID)).then(pl.concat_str(above, pl.lit(":"), native))


_Maker = Callable[[pl.DataFrame, Mapped, Origin, Facts], pl.DataFrame]
_MAKERS: dict[str, _Maker] = {
    "responses": _responses,
    "metrics": map_tables.metrics,
    "signals": map_tables.signals,
    "exposure": map_tables.exposure,
    "segments": map_tables.segments,
    "links": map_tables.links,
    "videos": map_tables.videos,
}
