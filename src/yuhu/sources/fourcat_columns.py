"""Columns of 4CAT's tables, and of Zeeschuimer's own: what a row of each module is."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yuhu.core.clock import media_from, wall_ms
from yuhu.sources.captured import LIVE, NO_ID, NO_TEXT, Item, Message, Video, count, named, words
from yuhu.sources.file_names import language
from yuhu.sources.weibo import region
from yuhu.sources.zeeschuimer_posts import INSTAGRAM, THREADS, X, code_of
from yuhu.sources.zeeschuimer_videos import DOUYIN, TIKTOK
from yuhu.sources.zeeschuimer_xiaohongshu import XIAOHONGSHU, titled

_VIDEO_IN_URL = re.compile(r"/video/(\d{5,25})")


@dataclass(frozen=True)
class Row:
    """A row of a table: cells by column, and the zone of its ``timestamp`` if somebody named it."""

    cells: Mapping[str, Any]
    tz: str | None = None

    def __getitem__(self, column: str) -> Any:
        """A cell; None where there is none, and where 4CAT says that the value is missing, whatever stands in its place."""
        value = self.cells.get(column)
        return None if isinstance(value, dict) and value.get("__missing") else value

    def holds(self, column: str) -> bool:
        """Whether a cell says yes."""
        return (named(self[column]) or "").lower() in {"yes", "true", "1"} or self[column] is True

    def sent(self) -> int | None:
        """When the item was published: by ``unix_timestamp``; ``timestamp`` is in the zone of the server that made the table."""
        at = wall_ms(self[EPOCH], "UTC")
        return wall_ms(self["timestamp"], self.tz) if at is None and self.tz else at

    def flags(self) -> list[str]:
        """Whether the time stands there and cannot be understood, since nobody said in which zone."""
        return ["undated"] if self.sent() is None and named(self["timestamp"]) and wall_ms(self["timestamp"], "UTC") else []


EPOCH = "unix_timestamp"


@dataclass(frozen=True)
class Table:
    """A module's table: the columns that no other has, and what a row is."""

    platform: str
    needed: frozenset[str]
    read: Callable[[Row], Item | str]


def _tiktok(row: Row) -> Item | str:
    native = named(row["id"])
    if native is None:
        return NO_ID
    return Video(
        platform=TIKTOK,
        native=native,
        text=words(row["body"]),
        author=named(row["author"]),
        sent=row.sent(),
        counts={name: count(row[column]) for name, column in _SAME_PLAYED.items()},
        followers=count(row["author_followers"]),
        flags=[*row.flags(), *(["duet"] if row.holds("is_duet") else []), *(["ad"] if row.holds("is_ad") else [])],
    )


_SAME_PLAYED = {"views": "plays", "likes": "likes", "comments": "comments", "shares": "shares"}


def _tiktok_comment(row: Row) -> Item | str:
    native, text, url = named(row["id"]), words(row["body"]), _VIDEO_IN_URL.search(words(row["post_url"]))
    thread = named(row["thread_id"])
    is_reply = row.holds("is_comment_on_comment") and thread not in {None, native}
    video = named(row["post_id"]) or (url.group(1) if url else None) or (None if is_reply else thread)
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    if video is None:
        return "no video"
    lang = row["language_guess"]
    return Message(
        platform=TIKTOK,
        native=native,
        text=text,
        author=named(row["author"]),
        sent=row.sent(),
        counts={"likes": count(row["likes"]), "replies": count(row["replies"])},
        flags=[
            *row.flags(),
            *(["liked"] if row.holds("is_liked_by_post_author") else []),
            *(["pinned"] if row.holds("is_sticky") else []),
        ],
        fork="comment",
        kind="reply" if is_reply else "comment",
        video=video,
        answers=thread if is_reply else None,
        thread=thread if is_reply else None,
        lang=language(lang) if isinstance(lang, str) else None,
        caption=words(row["post_body"]),
    )


def _douyin(row: Row) -> Item | str:
    if named(row["subject"]) == "Stream":
        return LIVE
    native = named(row["id"])
    if native is None:
        return NO_ID
    return Video(
        platform=DOUYIN,
        native=native,
        text=words(row["body"]),
        author=named(row["author_user_id"], row["author_nickname"]),
        sent=row.sent(),
        counts={name: count(row[f"{column}_count"]) for name, column in _DOUYIN_COUNTS.items()}
        | {"views": count(row["play_count"]) or None},
        flags=[*row.flags(), *(["mix"] if named(row["4CAT_first_video_displayed"]) == "no" else [])],
        duration_ms=media_from(row["video_duration"], per_second=1000) or None,
    )


_DOUYIN_COUNTS = {
    "likes": "digg",
    "comments": "comment",
    "shares": "share",
    "favorites": "collect",
    "reposts": "forward",
    "downloads": "download",
}


def _xiaohongshu(row: Row) -> Item | str:
    native, text = named(row["id"]), titled(words(row["title"]), row["body"])
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    return Message(
        platform=XIAOHONGSHU,
        native=native,
        text=text,
        author=named(row["author"]),
        sent=row.sent(),
        counts={"likes": count(row["likes"])},
        flags=[*row.flags(), *(["film"] if words(row["video_url"]) else []), *([] if words(row["body"]) else ["partial"])],
    )


def _xiaohongshu_comment(row: Row) -> Item | str:
    native, text = named(row["id"]), words(row["body"])
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    return Message(
        platform=XIAOHONGSHU,
        native=native,
        text=text,
        author=named(row["author"]),
        sent=row.sent(),
        counts={"likes": count(row["likes"]), "replies": count(row["replies"])},
        flags=[*row.flags(), "flat"],
        fork="comment",
        kind="comment",
        post=named(row["thread_id"]),
        region=region(named(row["ip_location"])),
    )


def _x(row: Row) -> Item | str:
    native, thread, text = named(row["id"]), named(row["thread_id"]), words(html.unescape(words(row["body"])))
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    is_repost, quoted = row.holds("is_retweet"), named(row["quote_tweet_id"])
    is_reply = not is_repost and thread not in {None, native}
    counts = {name: count(row[column]) for name, column in _X_COUNTS.items()}
    return Message(
        platform=X,
        native=native,
        text=text,
        author=named(row["author_id"], row["author"]),
        sent=row.sent(),
        counts={} if is_repost else counts,  # they belong to the post that is repeated, which the table does not name
        followers=count(row["author_followers"]),
        links=(("quote", f"post:{quoted}"),) if quoted and not is_repost else (),
        flags=[*row.flags(), *(["repost"] if is_repost else [])],
        kind="repost" if is_repost else "reply" if is_reply else "post",
        thread=thread if is_reply else None,
        lang=code_of(row["language_guess"]),
    )


_X_COUNTS = {
    "views": "impression_count",
    "likes": "like_count",
    "reposts": "retweet_count",
    "quotes": "quote_count",
    "replies": "reply_count",
}


def _instagram(row: Row) -> Item | str:
    native, text = named(row["id"]), words(row["body"])
    if native is None:
        return NO_ID
    hidden = row.holds("likes_hidden")
    about: dict[str, Any] = {
        "platform": INSTAGRAM,
        "native": native,
        "text": text,
        "author": named(row["author_id"], row["author"]),
        "sent": row.sent(),
        "counts": {
            "views": count(row["play_count"]),
            "likes": None if hidden else count(row["num_likes"]),
            "comments": count(row["num_comments"]),
        },
        "flags": [*row.flags(), *(["partial"] if row.holds("partial_item") else [])],
    }
    if named(row["media_type"], row["type"]) == "video" and (count(row["num_media"]) or 1) == 1:
        return Video(**about)
    return Message(**about) if text else NO_TEXT


def _threads(row: Row) -> Item | str:
    native, text = named(row["id"]), words(row["body"])
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    return Message(
        platform=THREADS,
        native=native,
        text=text,
        author=named(row["author"]),
        sent=row.sent(),
        counts={name: count(row[name]) for name in ("likes", "reposts", "replies", "quotes")},
        flags=row.flags(),
    )


TABLES = {
    "tiktok": Table(TIKTOK, frozenset({"id", "body", "tiktok_url"}), _tiktok),
    "tiktok-comments": Table(TIKTOK, frozenset({"id", "body", "is_comment_on_comment"}), _tiktok_comment),
    "douyin": Table(DOUYIN, frozenset({"id", "body", "author_nickname", "digg_count"}), _douyin),
    "xiaohongshu-comments": Table(
        XIAOHONGSHU, frozenset({"id", "body", "author_avatar_url", "ip_location", "replies"}), _xiaohongshu_comment
    ),
    "xiaohongshu": Table(XIAOHONGSHU, frozenset({"id", "title", "body", "author_avatar_url", "likes", "video_url"}), _xiaohongshu),
    "twitter": Table(X, frozenset({"id", "body", "is_retweet", "retweet_count", "like_count"}), _x),
    "instagram": Table(INSTAGRAM, frozenset({"id", "body", "num_likes", "num_comments"}), _instagram),
    "threads": Table(THREADS, frozenset({"id", "body", "reposts", "quotes", "replies", "link_url"}), _threads),
}
