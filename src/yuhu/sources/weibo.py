"""Weibo: posts and comments as JSON lists (naive times in Asia/Shanghai, coarse IP region)."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from yuhu.core.clock import WALL, wall_from_text
from yuhu.core.contracts import Batch, Facts, Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.reading import as_text, clean, load_json, reject, whole

PLATFORM = "weibo"
ZONE = "Asia/Shanghai"

_REGION = re.compile(r"^(?:发布于|来自|IP属地[:：]?)\s*")
_ROW = {
    "fork": pl.String,
    "native": pl.String,
    "kind": pl.String,
    "text": pl.String,
    "sent": pl.String,
    "author": pl.String,
    "parent": pl.String,
    "root": pl.String,
    "likes": pl.Int64,
    "region": pl.String,
    "link_parent": pl.String,
}


class WeiboPosts:
    """Posts and reposts: ``[{mblogid, created_at, content, ip_location, user, …}]``; a repost also gives a link to what it repeats."""

    name = "weibo_posts_json.v1"
    label: Mapping[str, str] = {"en": "Weibo posts, JSON", "zh": "微博帖子 JSON"}

    def sniff(self, head: Head) -> float:
        """A list of objects with ``mblogid`` and ``content``."""
        start = head.text
        return 0.9 if re.match(r"\s*\[", start) and '"mblogid"' in start and '"content"' in start else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Posts without a video; their thread is themselves.

        Raises
        ------
        YuhuError
            YH106 not a JSON list of objects.
        """
        facts.what, facts.platform = "posts", origin.platform or PLATFORM
        facts.video_from = "--video" if origin.video else ""
        yield _batch(origin, _post)


class WeiboComments:
    """Comments and replies: ``[{_id, content, comment_user, root_comment_id, root_post_mblogid, …}]``."""

    name = "weibo_comments_json.v1"
    label: Mapping[str, str] = {"en": "Weibo comments, JSON", "zh": "微博评论 JSON"}

    def sniff(self, head: Head) -> float:
        """A list of objects with ``comment_user`` or ``root_post_mblogid``."""
        start = head.text
        return 0.95 if re.match(r"\s*\[", start) and ('"root_post_mblogid"' in start or '"comment_user"' in start) else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Comments and replies under posts.

        Raises
        ------
        YuhuError
            YH106 not a JSON list of objects.
        """
        facts.what, facts.platform = "comments", origin.platform or PLATFORM
        facts.video_from = "--video" if origin.video else ""
        yield _batch(origin, _comment)


def _batch(origin: Origin, make: Callable[[dict[str, Any]], tuple[Any, ...] | str]) -> Batch:
    records = load_json(origin)
    if not isinstance(records, list):
        raise YuhuError(
            "YH106", f"`{origin.name}` is not a list of records", facts={"found": type(records).__name__}, fix="export it again"
        )
    rejects: list[Reject] = []
    rows: list[tuple[Any, ...]] = []
    for at, record in enumerate(records, start=1):
        row = make(record) if isinstance(record, dict) else "the record is no object"
        if isinstance(row, str):
            rejects.append(reject(f"record {at}", row, record))
        else:
            rows.append(row)
    frame = pl.DataFrame(rows, schema=_ROW, orient="row").with_columns(
        sent_at=wall_from_text(pl.col("sent"), origin.tz or ZONE),
        sent_at_precision_s=pl.lit(1),
        platform=pl.lit(PLATFORM),
        video=pl.lit(None, dtype=pl.String),
    )
    links = frame.filter(pl.col("link_parent").is_not_null()).select(
        "platform",
        node=pl.concat_str("fork", pl.lit(":"), "native"),
        parent=pl.concat_str(pl.lit("post:"), "link_parent"),
        kind=pl.lit("repost"),
        actor=pl.lit(None, dtype=pl.String),
        sent_at=pl.col("sent_at").cast(WALL),
    )
    return Batch(len(records), frame.height, rejects, responses=frame, links=links)


def _post(record: dict[str, Any]) -> tuple[Any, ...] | str:
    native, text = as_text(record.get("mblogid")) or as_text(record.get("_id")), _text(record.get("content"))
    if not native:
        return "no id"
    if not text:
        return "no text"
    repeated = as_text(record.get("retweet_id"))
    kind = "repost" if record.get("is_retweet") or repeated else "post"
    root = f"post:{repeated or native}"
    parent = f"post:{repeated}" if repeated else None
    return (
        "post",
        native,
        kind,
        text,
        as_text(record.get("created_at")),
        _person(record.get("user")),
        parent,
        root,
        whole(record.get("likes_count")),
        _region(record),
        repeated,
    )


def _comment(record: dict[str, Any]) -> tuple[Any, ...] | str:
    native, text = as_text(record.get("_id")), _text(record.get("content"))
    if not native:
        return "no id"
    if not text:
        return "no text"
    post = as_text(record.get("root_post_mblogid"))
    thread = as_text(record.get("root_comment_id"))
    answered = record.get("reply_comment")
    to = as_text(answered.get("_id")) if isinstance(answered, dict) else None
    is_reply = bool(to) or (thread is not None and thread != native)
    parent = f"comment:{to or thread}" if is_reply else (f"post:{post}" if post else None)
    root = f"post:{post}" if post else f"comment:{thread or native}"
    who = _person(record.get("comment_user") or record.get("user"))
    return (
        "comment",
        native,
        "reply" if is_reply else "comment",
        text,
        as_text(record.get("created_at")),
        who,
        parent,
        root,
        whole(record.get("likes_count")),
        _region(record),
        None,
    )


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _person(user: object) -> str | None:
    return as_text(user.get("_id") or user.get("id") or user.get("nick_name")) if isinstance(user, dict) else None


def _region(record: dict[str, Any]) -> str | None:
    place = record.get("ip_location")
    return _REGION.sub("", clean(place)) or None if isinstance(place, str) else None
