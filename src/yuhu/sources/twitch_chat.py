"""Twitch chat of a past broadcast (rechat), as yt-dlp and downloaders of videos write it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import dig, json_records
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video

PLATFORM = "twitch"
_PEOPLE = ("_id", "id", "name", "login", "display_name", "displayName")


class TwitchChat(RecordImporter):
    """A list of messages with ``content_offset_seconds`` (or ``contentOffsetSeconds``), alone or under ``comments``.

    A record is what counts of a message: ``{id, offset, created_at, author, badges, text, video}``.
    """

    name = "twitch_chat.v1"
    label: Mapping[str, str] = {"en": "Twitch chat", "zh": "Twitch 聊天回放"}
    what = "live chat messages"
    platform = PLATFORM
    personal = Personal(author=("author",))

    def sniff(self, head: Head) -> float:
        """A message with an offset, and whoever wrote it."""
        start = head.text
        fits = not head.mapped and re.match(r"\s*[\[{]", start) and re.search(r'"content_?[oO]ffset_?[sS]econds"\s*:', start)
        return 0.95 if fits and re.search(r'"commenter"\s*:', start) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each message.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        name_video(origin, facts)
        for place, record in json_records(origin, "comments"):
            inner = record.get("comments") if isinstance(record, dict) else None
            for at, one in enumerate(inner if isinstance(inner, list) else [record], start=1):
                where = place if inner is None else f"{place}, comment {at}"
                yield where, _told(one) if isinstance(one, dict) else one

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A message."""
        at_ms = media_time(record.get("offset"), per_second=1)
        if isinstance(at_ms, str):
            return at_ms
        text = clean(held) if isinstance(held := record.get("text"), str) else ""
        if not text:
            return "no text"
        own, badges = as_text(record.get("video")), record.get("badges")
        if own and not reading.origin.video:
            reading.facts.video_from = "a field"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or own or reading.facts.context.get("video") or reading.origin.stem,
            fork="danmaku",
            native=as_text(record.get("id")),
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=wall_ms(record.get("created_at"), reading.origin.tz or "UTC"),
            sent_at_precision_s=1,
            author=as_text(record.get("author")),
            actor="creator" if isinstance(badges, list) and "broadcaster" in badges else None,
            is_special=False,
        )
        return None


def _told(message: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of a message, whichever of the two generations of names it has."""
    inner = message.get("message")
    said: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
    badges = said.get("user_badges", said.get("userBadges"))
    kinds = (
        [as_text(one.get("_id")) or as_text(one.get("setID")) for one in badges if isinstance(one, dict)]
        if isinstance(badges, list)
        else []
    )
    return {
        "id": message.get("_id") or message.get("id"),
        "offset": message.get("content_offset_seconds", message.get("contentOffsetSeconds")),
        "created_at": message.get("created_at") or message.get("createdAt"),
        "author": next((who for name in _PEOPLE if (who := as_text(dig(message, f"commenter.{name}")))), None),
        "badges": [kind for kind in kinds if kind],
        "text": _text(said),
        "video": message.get("content_id"),
    }


def _text(said: Mapping[str, Any]) -> str:
    """The body of a message, else its fragments in one piece."""
    body, fragments = said.get("body"), said.get("fragments")
    if isinstance(body, str):
        return body
    parts = fragments if isinstance(fragments, list) else []
    return "".join(text for part in parts if isinstance(part, dict) and isinstance(text := part.get("text"), str))
