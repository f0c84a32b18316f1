"""Weibo: posts and comments as JSON lists (naive times in Asia/Shanghai, coarse IP region)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.json_records import json_document
from yuhu.sources.reading import as_text, clean
from yuhu.sources.reading import whole as count
from yuhu.sources.records import Reading, RecordImporter

PLATFORM = "weibo"
ZONE = "Asia/Shanghai"

_REGION = re.compile(r"^(?:发布于|来自|IP属地[:：]?)\s*")
_PEOPLE = ("_id", "id", "nick_name")


class _List(RecordImporter):
    """A JSON list of records, as the crawlers of Weibo write it."""

    platform = PLATFORM

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """The records of the list.

        Raises
        ------
        YuhuError
            YH106 not a JSON list of objects.
        """
        facts.video_from = "--video" if origin.video else ""
        found = json_document(origin)
        if not isinstance(found, list):
            raise YuhuError(
                "YH106", f"`{origin.name}` is not a list of records", facts={"found": type(found).__name__}, fix="export it again"
            )
        for at, record in enumerate(found, start=1):
            yield f"record {at}", record


class WeiboPosts(_List):
    """Posts and reposts: ``[{mblogid, created_at, content, ip_location, user, …}]``; a repost also gives a link to what it repeats.

    Posts have no video; their thread is themselves.
    """

    name = "weibo_posts_json.v1"
    label: Mapping[str, str] = {"en": "Weibo posts, JSON", "zh": "微博帖子 JSON"}
    what = "posts"
    personal = Personal(author=tuple(f"user.{name}" for name in _PEOPLE))

    def sniff(self, head: Head) -> float:
        """A list of objects with ``mblogid`` and ``content``."""
        start = head.text
        return 0.9 if re.match(r"\s*\[", start) and '"mblogid"' in start and '"content"' in start else 0.0

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A post, or a repost with its link."""
        native, text = as_text(record.get("mblogid")) or as_text(record.get("_id")), _text(record.get("content"))
        if not native:
            return "no id"
        if not text:
            return "no text"
        repeated = as_text(record.get("retweet_id"))
        sent = _sent(record, reading)
        reading.rows.response(
            platform=PLATFORM,
            fork="post",
            native=native,
            kind="repost" if record.get("is_retweet") or repeated else "post",
            text=text,
            sent_at=sent,
            sent_at_precision_s=1,
            author=_person(record.get("user")),
            parent=f"post:{repeated}" if repeated else None,
            root=f"post:{repeated or native}",
            likes=count(record.get("likes_count")),
            region=region(record.get("ip_location")),
        )
        if repeated:
            reading.rows.add("links", platform=PLATFORM, node=f"post:{native}", parent=f"post:{repeated}", kind="repost", sent_at=sent)
        return None


class WeiboComments(_List):
    """Comments and replies under posts: ``[{_id, content, comment_user, root_comment_id, root_post_mblogid, …}]``."""

    name = "weibo_comments_json.v1"
    label: Mapping[str, str] = {"en": "Weibo comments, JSON", "zh": "微博评论 JSON"}
    what = "comments"
    personal = Personal(author=tuple(f"{above}.{name}" for above in ("comment_user", "user") for name in _PEOPLE))

    def sniff(self, head: Head) -> float:
        """A list of objects with ``comment_user`` or ``root_post_mblogid``."""
        start = head.text
        return 0.95 if re.match(r"\s*\[", start) and ('"root_post_mblogid"' in start or '"comment_user"' in start) else 0.0

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A comment, or a reply to one."""
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
        above = f"post:{post}" if post else None
        reading.rows.response(
            platform=PLATFORM,
            fork="comment",
            native=native,
            kind="reply" if is_reply else "comment",
            text=text,
            sent_at=_sent(record, reading),
            sent_at_precision_s=1,
            author=_person(record.get("comment_user")) or _person(record.get("user")),
            parent=f"comment:{to or thread}" if is_reply else above,
            root=above or f"comment:{thread or native}",
            likes=count(record.get("likes_count")),
            region=region(record.get("ip_location")),
        )
        return None


def region(place: object) -> str | None:
    """A coarse place without the words before it: 发布于 河北 is 河北."""
    return _REGION.sub("", clean(place)) or None if isinstance(place, str) else None


def _text(value: object) -> str:
    return clean(value) if isinstance(value, str) else ""


def _sent(record: Mapping[str, Any], reading: Reading) -> int | None:
    return wall_ms(as_text(record.get("created_at")), reading.origin.tz or ZONE)


def _person(user: object) -> str | None:
    return next((who for name in _PEOPLE if (who := as_text(user.get(name)))), None) if isinstance(user, dict) else None
