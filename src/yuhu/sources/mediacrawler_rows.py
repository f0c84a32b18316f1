"""Rows of MediaCrawler's tables as drafts, whole columns at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from yuhu.core.clock import WALL
from yuhu.core.contracts import Origin
from yuhu.sources.flat_repeats import OLDER
from yuhu.sources.map_values import NO_ID, texts
from yuhu.sources.mediacrawler_cells import Cells
from yuhu.sources.mediacrawler_layouts import ACCOUNTS, AUTHORS, CAPTURED, COMMENTS, CONTACTS, POSTS, VIDEOS, Layout

ZONE = "Asia/Shanghai"
CAPTURE = "_capture"
"""Column of the raw copy: ``latest`` or ``older`` where an item was captured more than once."""

_WHY_OLDER = "an older capture of the same item"
_LOST = "an id has lost digits in a spreadsheet"
_REGION = r"^(?:发布于|来自|IP属地[:：]?)\s*"
_UNKNOWN = ("未知", "IP未知")
_SECOND = 1000
_DEEPEST = 20
_WINDOW = 50_000
"""Replies that are remembered: an answer to a reply stands near it, in the same thread."""


class Threads:
    """Finds the first comment of a thread where replies name only what they answer.

    A chain of 2 to the power of 20 answers is followed; replies further away than 50,000 others are taken for first comments.
    """

    def __init__(self) -> None:
        self._answers = pl.DataFrame(schema={"native": pl.String, "above": pl.String})

    def roots(self, replies: pl.DataFrame) -> pl.Series:
        """The first comment above each reply (``native, above``)."""
        fresh = replies.unique("native", keep="last", maintain_order=True)
        above = _above_of(fresh["above"], self._answers)
        for _ in range(_DEEPEST):
            further = _above_of(above, fresh.with_columns(above=above))
            if further.equals(above):
                break
            above = further
        fresh = fresh.with_columns(above=above)
        self._answers = pl.concat([self._answers, fresh]).unique("native", keep="last", maintain_order=True).tail(_WINDOW)
        return _above_of(replies["native"], fresh)


def _above_of(natives: pl.Series, answers: pl.DataFrame) -> pl.Series:
    """What stands above each message; itself where that is not known."""
    joined = natives.alias("native").to_frame().join(answers, on="native", how="left", maintain_order="left")
    return joined.select(pl.coalesce("above", "native").alias("above")).to_series()


@dataclass(frozen=True)
class Read:
    """What some rows hold: values by row, drafts by table.

    ``values`` has ``native, why, capture, captured, author``, and of comments ``of, is_reply, replies``.
    """

    values: pl.DataFrame
    tables: dict[str, pl.DataFrame]


def read_rows(rows: pl.DataFrame, layout: Layout, origin: Origin, threads: Threads) -> Read:
    """The drafts of some rows.

    Parameters
    ----------
    rows : pl.DataFrame
        String columns, `Layout.columns` among them; `CAPTURE` where items repeat.
    layout : Layout
        The table that they are of.
    origin : Origin
        What the person said.
    threads : Threads
        What was read of threads so far.
    """
    if layout.what == CONTACTS:
        return Read(rows.select(native=layout.native, why=pl.lit("who follows whom is not imported")), {})
    values = _values(rows, layout, origin)
    kept = values.filter(pl.col("why").is_null())
    tables = {table: made for table, make in _MAKERS[layout.what].items() if (made := make(kept, layout, threads)).height}
    counted = _metrics(values, layout)
    if counted.height:
        tables["metrics"] = counted
    return Read(values, tables)


def _values(rows: pl.DataFrame, layout: Layout, origin: Origin) -> pl.DataFrame:
    """The cells that matter as values, and why a row is rejected."""
    ids = [name for name in (layout.native, layout.of, layout.parent, *AUTHORS) if name]
    numbers = {name: name for name in layout.counts} | {name: column for name in ("likes", "replies") if (column := getattr(layout, name))}
    cells = Cells(rows, [*ids, *numbers.values(), *layout.sent, CAPTURED])
    zoned = replace(origin, tz=origin.tz or ZONE)
    said = pl.lit(origin.exported_at, dtype=pl.String).str.to_datetime("%+", strict=False, time_unit="ms", time_zone="UTC")
    nothing = pl.lit(None, dtype=pl.String)
    times = [cells.time(name, zoned) for name in layout.sent]
    is_post = layout.what in {COMMENTS, POSTS}
    values = cells.frame.select(
        native=cells.id(layout.native),
        of=cells.id(layout.of) if layout.of else nothing,
        above=cells.id(layout.parent) if layout.parent else nothing,
        author=pl.coalesce(cells.id(name) for name in AUTHORS),
        is_hashed=(pl.col(AUTHORS[0]).fill_null("") == "") & (pl.col(AUTHORS[1]) != ""),
        captured=pl.coalesce(cells.time(CAPTURED, zoned), said),
        capture=pl.col(CAPTURE) if CAPTURE in rows.columns else nothing,
        kind=pl.col(layout.kind) if layout.kind else nothing,
        sent=pl.coalesce(times) if times else pl.lit(None, dtype=WALL),
        precision=cells.precision(layout.sent[0]) if times else pl.lit(None, dtype=pl.Int32),
        is_late=((times[0] - times[-1]).dt.total_milliseconds().abs() > _SECOND) if len(times) > 1 else pl.lit(value=False),
        is_lost=cells.has_lost_digits(ids[:-2]),
        has_pictures=pl.col("pictures").fill_null("") != "" if is_post else pl.lit(value=False),
        region=_region(rows) if is_post else nothing,
        **{name: cells.text(name) for name in layout.texts},
        **{name: cells.count(column) for name, column in numbers.items()},
    )
    above, no_answer = pl.col("above"), pl.col("above").is_in(NO_ID) | pl.col("above").eq_missing(pl.col("of"))
    answers = pl.when(~no_answer & (above != pl.col("native"))).then(above)
    return values.with_columns(above=answers, is_reply=answers.is_not_null(), why=_why(layout))


def _region(rows: pl.DataFrame) -> pl.Series:
    """A coarse place without the words before it: IP属地：河北 is 河北. There are few places: each is looked at once."""
    distinct = rows["ip_location"].drop_nulls().unique()
    place = texts(distinct).str.replace(_REGION, "").str.strip_chars()
    known = pl.select(pl.when((place != "") & ~place.is_in(_UNKNOWN)).then(place)).to_series()
    return rows["ip_location"].replace_strict(distinct, known, default=None, return_dtype=pl.String)


def _why(layout: Layout) -> pl.Expr:
    why = pl.when(pl.col("native").is_null()).then(pl.lit("no id")).when("is_lost").then(pl.lit(_LOST))
    why = why.when(pl.col("capture") == OLDER).then(pl.lit(_WHY_OLDER))
    if layout.what in {COMMENTS, POSTS}:
        textless = pl.all_horizontal(pl.col(name).is_null() for name in layout.texts)
        return why.when(textless & pl.col("has_pictures")).then(pl.lit("no text, only pictures")).when(textless).then(pl.lit("no text"))
    return why.when(pl.col("captured").is_null()).then(pl.lit("no time of collection")) if layout.what == ACCOUNTS else why


def _comments(kept: pl.DataFrame, layout: Layout, threads: Threads) -> pl.DataFrame:
    is_reply, of = pl.col("is_reply"), pl.col("of")
    post = pl.concat_str(pl.lit("post:"), of) if not layout.is_below_video else pl.lit(None, dtype=pl.String)
    replies = kept.filter(is_reply).select("native", "above")
    root = pl.col("native")
    if layout.is_below_video and replies.height:
        places = kept.select(is_reply.arg_true()).to_series()
        kept = kept.with_columns(root=kept["native"].scatter(places, threads.roots(replies)))
        root = pl.col("root")
    return kept.select(
        *_where(layout, of if layout.is_below_video else None),
        fork=pl.lit("comment"),
        native="native",
        kind=pl.when(is_reply).then(pl.lit("reply")).otherwise(pl.lit("comment")),
        text=layout.texts[0],
        **_when_and_who(),
        parent=pl.when(is_reply).then(pl.concat_str(pl.lit("comment:"), "above")).otherwise(post),
        root=pl.coalesce(post, pl.concat_str(pl.lit("comment:"), root)),
        likes="likes" if layout.likes else pl.lit(None, dtype=pl.Int64),
        region="region",
    )


def _posts(kept: pl.DataFrame, layout: Layout, _: Threads) -> pl.DataFrame:
    title, body = (pl.col(name) for name in (layout.texts * 2)[:2])
    joined = pl.when(body.str.starts_with(title)).then(body).otherwise(pl.concat_str(title, pl.lit("\n"), body))
    is_repost = pl.col("kind") == "FORWARD"
    likes = next((name for name, metric in layout.counts.items() if metric == "likes"), None)
    return kept.select(
        *_where(layout, None),
        fork=pl.lit("post"),
        native="native",
        kind=pl.when(is_repost.fill_null(value=False)).then(pl.lit("repost")).otherwise(pl.lit("post")),
        text=pl.coalesce(joined, body, title),
        **_when_and_who(),
        root=pl.concat_str(pl.lit("post:"), "native"),
        likes=pl.col(likes).cast(pl.Int64) if likes else pl.lit(None, dtype=pl.Int64),
        region="region",
    )


def _videos(kept: pl.DataFrame, layout: Layout, _: Threads) -> pl.DataFrame:
    title, description = (pl.col(name) for name in layout.texts)
    is_bilibili = layout.platform == "bilibili"
    return kept.select(
        *_where(layout, pl.col("native")),
        title=pl.coalesce(title, description),
        description=pl.when(description != title).then(description),
        author="author",
        aliases=pl.concat_list(pl.concat_str(pl.lit("av"), "native")) if is_bilibili else pl.lit(None, dtype=pl.List(pl.String)),
        published_at="sent",
    )


_Maker = Callable[[pl.DataFrame, Layout, Threads], pl.DataFrame]
_MAKERS: dict[str, dict[str, _Maker]] = {
    VIDEOS: {"videos": _videos},
    POSTS: {"responses": _posts},
    COMMENTS: {"responses": _comments},
    ACCOUNTS: {},
}


def _where(layout: Layout, video: pl.Expr | None) -> list[pl.Expr]:
    return [pl.lit(layout.platform).alias("platform"), (pl.lit(None, dtype=pl.String) if video is None else video).alias("video")]


def _when_and_who() -> dict[str, pl.Expr]:
    sent = pl.col("sent")
    return {"sent_at": sent, "sent_at_precision_s": pl.when(sent.is_not_null()).then("precision"), "author": pl.col("author")}


def _metrics(values: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Counts at the time of their capture; older captures give theirs, too. Of comments only where there are several captures."""
    names = dict(layout.counts) or ({"likes": "likes", "replies": "replies"} if layout.what == COMMENTS else {})
    names = {name: metric for name, metric in names.items() if name in values.columns}
    is_counted = pl.col("captured").is_not_null() & (pl.col("why").is_null() | (pl.col("why") == _WHY_OLDER))
    if layout.what == COMMENTS:
        is_counted &= pl.col("capture").is_not_null()
    counted = values.filter(is_counted)
    native = pl.col("native")
    whose = {
        VIDEOS: {"video": native},
        POSTS: {"response": pl.concat_str(pl.lit("post:"), native)},
        COMMENTS: {"video": pl.col("of") if layout.is_below_video else pl.lit(None), "response": pl.concat_str(pl.lit("comment:"), native)},
        ACCOUNTS: {"account": native},
    }[layout.what]
    rows = counted.select(*(pl.col(name).cast(pl.Float64).alias(metric) for name, metric in names.items()), at="captured", **whose)
    long = rows.with_row_index("row").unpivot(list(names.values()), index=["row", "at", *whose], variable_name="name", value_name="value")
    return long.drop_nulls("value").sort("row", maintain_order=True).drop("row").with_columns(platform=pl.lit(layout.platform))
