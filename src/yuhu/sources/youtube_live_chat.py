"""YouTube live chat as yt-dlp writes it (``.live_chat.json``): one action of the replay a line."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import Broken, dig, json_records
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video

PLATFORM = "youtube"

_MESSAGES = {"liveChatTextMessageRenderer": "danmaku", "liveChatPaidMessageRenderer": "superchat"}
_ITEMS = ("addChatItemAction.item", "replaceChatItemAction.replacementItem")
_NOT_MESSAGES = (
    ("addLiveChatTicker", "a ticker, which repeats a paid message"),
    ("Membership", "a notice of membership, no message"),
    ("Sponsorships", "a gift of memberships, no message"),
    ("PaidSticker", "a paid sticker, no message"),
    ("Ticker", "a ticker, which repeats a paid message"),
    ("ViewerEngagement", "a notice of the platform"),
    ("ModeChange", "a notice of the platform"),
    ("Placeholder", "a placeholder, no message"),
    ("AutoMod", "held back by moderation"),
    ("Banner", "a banner, which repeats a message"),
    ("Poll", "a poll"),
    ("Deleted", "a mark that a message was deleted"),
    ("remove", "a mark that a message was deleted"),
)
_LIVE = "taken while it was live: media times count from the start of the download, not of the stream"
_CUT = "the last line is cut off: the download was broken off"


class YouTubeLiveChat(RecordImporter):
    """``{"replayChatItemAction": {"actions": [{"addChatItemAction": …}], "videoOffsetTimeMsec": "…"}}``: text messages and paid ones.

    A record is what counts of an action: ``{is, id, offset, usec, author, badges, text, amount}``.
    """

    name = "youtube_live_chat.v1"
    label: Mapping[str, str] = {"en": "YouTube live chat (yt-dlp)", "zh": "YouTube 直播聊天（yt-dlp）"}
    what = "live chat messages"
    platform = PLATFORM
    personal = Personal(author=("author",))

    def sniff(self, head: Head) -> float:
        """An action of a replay."""
        start = head.text
        return 0.95 if not head.mapped and re.match(r"\s*[\[{]", start) and '"replayChatItemAction"' in start else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each action.

        Raises
        ------
        YuhuError
            YH106 no JSON.
        """
        name_video(origin, facts)
        is_cut = is_live = False
        for place, line in json_records(origin):
            is_cut = isinstance(line, Broken)
            replay = line.get("replayChatItemAction") if isinstance(line, dict) else None
            if not isinstance(line, dict) or (replay is not None and not isinstance(replay, dict)):
                yield place, line if not isinstance(line, dict) else None
                continue
            if replay is None:
                yield place, _told(line, None)
                continue
            is_live = is_live or line.get("isLive") is True
            offset = replay.get("videoOffsetTimeMsec", line.get("videoOffsetTimeMsec"))
            actions = replay.get("actions")
            found = actions if isinstance(actions, list) else [None]
            for at, action in enumerate(found, start=1):
                yield place if len(found) == 1 else f"{place}, action {at}", _told(action, offset)
        if is_cut:
            facts.truncated(_CUT)
        if is_live:
            facts.notes.append(_LIVE)

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A message."""
        sort = as_text(record.get("is")) or ""
        fork = _MESSAGES.get(sort)
        if fork is None:
            return next((why for mark, why in _NOT_MESSAGES if mark in sort), "no message")
        text = clean(held) if isinstance(held := record.get("text"), str) else ""
        if not text:
            return "a paid message without text" if fork == "superchat" else "no text"
        at_ms = media_time(record.get("offset"), per_second=1000)
        if isinstance(at_ms, str):
            return "sent before the video starts" if (as_text(record.get("offset")) or "").startswith("-") else at_ms
        badges = record.get("badges")
        is_owner = isinstance(badges, list) and "OWNER" in badges
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or reading.facts.context.get("video") or reading.origin.stem,
            fork=fork,
            native=as_text(record.get("id")),
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=_milliseconds(record.get("usec")),
            sent_at_precision_s=1,
            author=as_text(record.get("author")),
            actor="creator" if is_owner else None,
            is_special=False,
        )
        return None


def _told(action: Any, offset: Any) -> Any:
    """What counts of an action: addresses, pictures and names of people are left behind."""
    if not isinstance(action, dict):
        return action
    item = next((held for path in _ITEMS if isinstance(held := dig(action, path), dict)), None)
    sort, renderer = next(((name, held) for name, held in (item or {}).items() if isinstance(held, dict)), (None, {}))
    if sort is None:
        return {"is": next((name for name in action if name != "clickTrackingParams"), ""), "offset": offset}
    return {
        "is": sort,
        "id": renderer.get("id"),
        "offset": offset,
        "usec": renderer.get("timestampUsec"),
        "author": renderer.get("authorExternalChannelId") or dig(renderer, "authorName.simpleText"),
        "badges": _badges(renderer.get("authorBadges")),
        "text": _text(renderer.get("message")),
        "amount": dig(renderer, "purchaseAmountText.simpleText"),
    }


def _badges(badges: Any) -> list[str]:
    """Kinds of badges: OWNER, MODERATOR, VERIFIED; MEMBER for those with a picture of their own."""
    found = [dig(one, "liveChatAuthorBadgeRenderer") for one in badges] if isinstance(badges, list) else []
    return [as_text(dig(one, "icon.iconType")) or "MEMBER" for one in found if isinstance(one, dict)]


def _text(message: Any) -> str:
    """A message in one piece; an emoji is itself, or its shortcut where the channel made it."""
    if not isinstance(message, dict):
        return ""
    runs = message.get("runs")
    if not isinstance(runs, list):
        return simple if isinstance(simple := message.get("simpleText"), str) else ""
    return "".join(_run(run) for run in runs if isinstance(run, dict))


def _run(run: Mapping[str, Any]) -> str:
    text, emoji = run.get("text"), run.get("emoji")
    if isinstance(text, str):
        return text
    if not isinstance(emoji, dict):
        return ""
    shortcut, native = dig(emoji, "shortcuts.0"), emoji.get("emojiId")
    shown = shortcut if emoji.get("isCustomEmoji") is True else native
    return shown if isinstance(shown, str) else shortcut if isinstance(shortcut, str) else ""


def _milliseconds(usec: Any) -> int | None:
    """Epoch milliseconds of microseconds."""
    text = as_text(usec) or ""
    return wall_ms(int(text) // 1000, "UTC") if text.isascii() and text.isdigit() and len(text) < 20 else None
