"""TikTok Research API v2: responses of video/query and video/comment/list as they were saved."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import media_from, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import Broken, dig, json_records
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.threads import Threads

PLATFORM = "tiktok"
MOST_COMMENTS = 1000
"""The API gives the top comments of a video, and no more than these."""

_COUNTS = {
    "view_count": "views",
    "like_count": "likes",
    "comment_count": "comments",
    "share_count": "shares",
    "favorites_count": "favorites",
    "favourites_count": "favorites",
}


class TikTokResearchJson(RecordImporter):
    """Pages of the API (one, a list, or JSON lines), or their videos and comments alone."""

    name = "tiktok_research_json.v1"
    label: Mapping[str, str] = {"en": "TikTok Research API, JSON", "zh": "TikTok Research API JSON"}
    what = "videos"
    platform = PLATFORM
    personal = Personal(author=("username",), drop=("video_mention_list", "search_id"))

    def sniff(self, head: Head) -> float:
        """``video_description`` with ``create_time``; or ``parent_comment_id`` with ``video_id`` and ``text``."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start):
            return 0.0
        has = {name: f'"{name}"' in start for name in ("create_time", "video_description", "video_id", "parent_comment_id", "text")}
        if not has["create_time"]:
            return 0.0
        if has["video_description"]:
            return 0.95
        others = any(f'"{name}"' in start for name in ("comment_id", "content", "nickname", "creator_hash"))
        return 0.9 if has["video_id"] and has["parent_comment_id"] and has["text"] and not others else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Videos and comments of all pages.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        facts.video_from = "--video" if origin.video else "a field"
        goes_on = False
        for place, page in json_records(origin):
            held = page.get("data", page) if isinstance(page, dict) else None
            lists = [held[name] for name in ("videos", "comments") if isinstance(held.get(name), list)] if isinstance(held, dict) else []
            if isinstance(page, dict) and not lists and (code := as_text(dig(page, "error.code"))) not in {None, "ok"}:
                yield place, Broken("an error in place of a page", code.encode("utf-8", "replace") if code else b"")
            elif not lists:
                yield place, page
            else:
                goes_on = isinstance(held, dict) and held.get("has_more") is True
                for at, item in enumerate((one for listed in lists for one in listed), start=1):
                    yield f"{place}, item {at}", item
        if goes_on:
            facts.truncated("the last page says that there are more, which are not in this file")

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A video with its counts, or a comment."""
        native = as_text(record.get("id"))
        if native is None:
            return "no id"
        if "parent_comment_id" in record or "video_id" in record:
            return _comment(record, native, reading)
        if any(name in record for name in ("video_description", "region_code", "username", "view_count")):
            _video(record, native, reading)
            return None
        return "neither a comment nor a video"

    def finish(self, reading: Reading) -> None:
        """What the comments are as a sample, and the terms under which the data may be kept."""
        facts, state = reading.facts, reading.state
        comments: Counter[str | None] = state.get("comments", Counter())
        if comments:
            facts.what = "videos and comments" if "videos" in state else "comments"
            facts.caps["comment"] = MOST_COMMENTS
            full = sum(number >= MOST_COMMENTS for number in comments.values())
            if full:
                facts.truncated(
                    f"{full:,} videos have {MOST_COMMENTS:,} comments or more, and the API gives only the top {MOST_COMMENTS:,}"
                )
        if "threads" in state:
            state["threads"].tell(facts, "the API gives only the top comments")
        if state.get("timeless"):
            facts.notes.append(
                f"{state['timeless']:,} videos: the file does not say when its counts were read, so they are left out; --exported-at gives them a time"
            )
        facts.notes.append("TikTok's terms: the data is refreshed, and what the platform no longer shows is removed from it")


def _comment(record: dict[str, Any], native: str, reading: Reading) -> str | None:
    text = record.get("text")
    text = clean(text) if isinstance(text, str) else ""
    video, parent = as_text(record.get("video_id")), as_text(record.get("parent_comment_id"))
    if not text:
        return "no text"
    if parent in {video, native, "0"}:
        parent = None
    roots: dict[str, str] = reading.state.setdefault("roots", {})
    root = roots[native] = roots.get(parent, parent) if parent else native
    threads: Threads = reading.state.setdefault("threads", Threads())
    if parent is None:
        threads.first(native, whole(record.get("reply_count")), reading.origin.video or video)
    else:
        threads.reply(root, native)
    reading.state.setdefault("comments", Counter())[video] += 1
    sent = wall_ms(record.get("create_time"), "UTC")
    reading.rows.response(
        platform=PLATFORM,
        video=video,
        fork="comment",
        native=native,
        kind="reply" if parent else "comment",
        text=text,
        sent_at=sent,
        sent_at_precision_s=None if sent is None else 1,
        parent=f"comment:{parent}" if parent else None,
        root=f"comment:{root}",
        likes=whole(record.get("like_count")),
    )
    return None


def _video(record: dict[str, Any], native: str, reading: Reading) -> None:
    description, spoken = record.get("video_description"), record.get("voice_to_text")
    duration = media_from(record.get("video_duration"), per_second=1) or None
    reading.state["videos"] = True
    reading.rows.video(
        platform=PLATFORM,
        video=native,
        description=(clean(description) or None) if isinstance(description, str) else None,
        author=as_text(record.get("username")),
        duration_ms=duration,
        published_at=wall_ms(record.get("create_time"), "UTC"),
    )
    if isinstance(spoken, str) and clean(spoken):
        reading.rows.add("segments", platform=PLATFORM, video=native, kind="transcript", start_ms=0, end_ms=duration, text=clean(spoken))
    counts = {name: found for key, name in _COUNTS.items() if (found := whole(record.get(key))) is not None}
    if "comments" in counts:
        reading.facts.expect("comment", counts["comments"], video=reading.origin.video or native)
    at = wall_ms(reading.origin.exported_at, "UTC")
    if at is None and counts:
        reading.state["timeless"] = reading.state.get("timeless", 0) + 1
    reading.rows.metrics(at, counts, platform=PLATFORM, video=native)
