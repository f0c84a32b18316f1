"""What Zeeschuimer captures of Xiaohongshu: notes in three shapes, and comments."""

from collections.abc import Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.sources.captured import NO_ID, NO_TEXT, Message, count, named, words
from yuhu.sources.json_records import dig
from yuhu.sources.weibo import region

XIAOHONGSHU = "xiaohongshu"

_COUNTS = {
    "likes": ("interact_info.liked_count", "interactInfo.likedCount"),
    "favorites": ("interact_info.collected_count", "interactInfo.collectedCount"),
    "comments": ("interact_info.comment_count", "interactInfo.commentCount"),
    "shares": ("interact_info.share_count", "interactInfo.shareCount"),
}
NOTE_PEOPLE = ("user.user_id", "user.userId", "user.nickname", "user.nick_name")
_OF_NOTES = ("interact_info", "display_title", "desc")


def xiaohongshu_note(data: Mapping[str, Any]) -> Message | str:
    """A note: from the feed (``note_card``, or its fields on the object itself), from its own page (``note``), or a stub of the page's HTML."""
    native = named(data.get("id"), data.get("note_id"))
    if native is None:
        return NO_ID
    if data.get("_zs-origin") == "html":
        return _stub(data, native)
    card, page = data.get("note_card"), data.get("note")
    note: Mapping[str, Any] = card if isinstance(card, dict) else page if isinstance(page, dict) else data
    if note is data and not any(key in data for key in _OF_NOTES):
        return "a tile without its note"
    text = titled(
        next((title for key in ("display_title", "displayTitle", "title") if (title := words(note.get(key)))), ""), note.get("desc")
    )
    if not text:
        return NO_TEXT
    return Message(
        platform=XIAOHONGSHU,
        native=native,
        text=text,
        author=named(*(dig(note, path) for path in NOTE_PEOPLE)),
        sent=wall_ms(note.get("time"), "UTC"),
        counts={name: count(*(dig(note, path) for path in paths)) for name, paths in _COUNTS.items()},
        flags=[*(["film"] if note.get("type") == "video" else []), *([] if "desc" in note else ["partial"])],
        region=place(note),
    )


def _stub(data: Mapping[str, Any], native: str) -> Message | str:
    title = words(data.get("title"))
    if not title:
        return NO_TEXT
    return Message(
        platform=XIAOHONGSHU,
        native=native,
        text=title,
        author=named(data.get("author_name")),
        counts={"likes": count(data.get("likes"))},
        flags=("partial",),
    )


def titled(title: str, body: object) -> str:
    """Title and text of a note as one text."""
    text = words(body)
    return text if text.startswith(title) else f"{title}\n{text}".strip()


def xiaohongshu_comment(data: Mapping[str, Any]) -> Message | str:
    """A comment below a note, or a reply to one; ``_thread`` is the comment in which a reply stood."""
    native, note, text = named(data.get("id")), named(data.get("note_id")), words(data.get("content"))
    if native is None:
        return NO_ID
    if not text:
        return f"{NO_TEXT} (a picture)" if data.get("pictures") else NO_TEXT
    thread = named(data.get("_thread"))
    answered = named(dig(data, "target_comment.id"), thread)
    answered = None if answered == native else answered
    tags = data.get("show_tags")
    return Message(
        platform=XIAOHONGSHU,
        native=native,
        text=text,
        author=named(dig(data, "user_info.user_id"), dig(data, "user_info.nickname")),
        sent=wall_ms(data.get("create_time"), "UTC"),
        counts={"likes": count(data.get("like_count")), "replies": count(data.get("sub_comment_count"))},
        fork="comment",
        kind="reply" if answered else "comment",
        post=note,
        answers=answered,
        thread=thread,
        actor="creator" if isinstance(tags, list) and "is_author" in tags else None,
        region=place(data),
    )


def place(record: Mapping[str, Any]) -> str | None:
    """The coarse place that the platform shows beside a message."""
    return region(named(record.get("ip_location"), record.get("ipLocation")))
