"""YouTube Data API v3: responses of commentThreads.list, comments.list and videos.list as they were saved."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.hypertext import plain
from yuhu.sources.json_records import Broken, dig, json_records
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.threads import Threads

PLATFORM = "youtube"
MOST_REPLIES = 5
"""As many replies stand in a thread of commentThreads.list at most."""

STORAGE = "YouTube's terms: data from its API is refreshed or deleted within 30 days"
TIMELESS = "{:,} videos: the file does not say when its counts were read, so they are left out; --exported-at gives them a time"

_DURATION = re.compile(r"^P(?:(\d{1,3})D)?(?:T(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?$")
_COUNTS = {"viewCount": "views", "likeCount": "likes", "dislikeCount": "dislikes", "favoriteCount": "favorites", "commentCount": "comments"}
_COMMENT = ("authorChannelId.value", "authorDisplayName", "channelId")


class YouTubeApiJson(RecordImporter):
    """Pages of the API (one, a list, or JSON lines), or their items alone.

    A record is an item; replies inside a thread are records of their own, with the thread's video if they name none.
    """

    name = "youtube_api_json.v1"
    label: Mapping[str, str] = {"en": "YouTube Data API, JSON", "zh": "YouTube Data API JSON"}
    what = "comments"
    platform = PLATFORM
    personal = Personal(
        author=tuple(f"{above}snippet.{path}" for above in ("", "snippet.topLevelComment.") for path in _COMMENT),
        drop=("player", "fileDetails"),
    )

    def sniff(self, head: Head) -> float:
        """``kind`` of a page or an item; or the fields of a comment."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start):
            return 0.0
        if re.search(r'"kind"\s*:\s*"youtube#(?:commentThread|comment|video)(?:ListResponse)?"', start):
            return 0.95
        fields = ('"snippet"', '"publishedAt"')
        is_comment = '"authorDisplayName"' in start and ('"textDisplay"' in start or '"textOriginal"' in start)
        return 0.8 if is_comment and all(name in start for name in fields) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Items of all pages.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        facts.video_from = "--video" if origin.video else "a field"
        goes_on = False
        videos: dict[str, str] = {}
        for place, page in json_records(origin):
            items = page.get("items") if isinstance(page, dict) else None
            if not isinstance(items, list):
                yield from _split(place, page, videos)
                continue
            goes_on = as_text(page.get("nextPageToken")) is not None
            for at, item in enumerate(items, start=1):
                yield from _split(f"{place}, item {at}", item, videos)
        if goes_on:
            facts.truncated("the last page names a next one, which is not in this file")

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A video with its counts, or a comment."""
        snippet = record.get("snippet")
        told = snippet if isinstance(snippet, dict) else {}
        top = told.get("topLevelComment")
        if isinstance(top, dict):
            return _comment({**top, "id": top.get("id") or record.get("id")}, reading, thread=told)
        if "textOriginal" in told or "textDisplay" in told:
            return _comment(record, reading, thread=None)
        kind = record.get("kind")
        if kind == "youtube#video" or (kind is None and "title" in told and "channelId" in told and "resourceId" not in told):
            return _video(record, told, reading)
        return "neither a comment nor a video"

    def finish(self, reading: Reading) -> None:
        """What is missing of threads, and the terms under which the data may be kept."""
        facts, state = reading.facts, reading.state
        if "videos" in state:
            facts.what = "videos and comments" if "comments" in state else "videos"
        if "threads" in state:
            state["threads"].tell(facts, f"commentThreads.list gives {MOST_REPLIES} of a thread at most, comments.list the others")
        if state.get("timeless"):
            facts.notes.append(TIMELESS.format(state["timeless"]))
        if state.get("nowhere"):
            facts.notes.append(f"{state['nowhere']:,} comments name no video: --video gives it")
        taken = iso_utc(wall_ms(reading.origin.exported_at, "UTC"))
        facts.notes.append(f"{STORAGE}; these were taken at {taken}" if taken else STORAGE)


def _split(place: str, item: Any, videos: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """An item without the replies in it, then each of them; `videos` knows the video of each thread met so far."""
    if not isinstance(item, dict) or isinstance(item.get("error"), dict):
        yield place, Broken("an error in place of a page", b"error") if isinstance(item, dict) else item
        return
    snippet, replies = item.get("snippet"), dig(item, "replies.comments")
    native = as_text(item.get("id"))
    if isinstance(snippet, dict):
        parent = as_text(snippet.get("parentId"))
        video = as_text(snippet.get("videoId")) or as_text(dig(snippet, "topLevelComment.snippet.videoId"))
        if native is not None and video is not None and "topLevelComment" in snippet:
            videos[native] = video
        if video is None and parent in videos:
            item = {**item, "snippet": {**snippet, "videoId": videos[parent]}}
    yield place, {key: value for key, value in item.items() if key != "replies"}
    for at, reply in enumerate(replies if isinstance(replies, list) else (), start=1):
        yield f"{place}, reply {at}", _of_thread(reply, native, videos)


def _of_thread(reply: Any, thread: str | None, videos: Mapping[str, str]) -> Any:
    """A reply that says what its place in a thread says."""
    snippet = reply.get("snippet") if isinstance(reply, dict) else None
    if not isinstance(snippet, dict):
        return reply
    place = {"parentId": thread, "videoId": videos.get(thread or "")}
    return {**reply, "snippet": {**snippet, **{key: value for key, value in place.items() if value and not snippet.get(key)}}}


def _comment(comment: dict[str, Any], reading: Reading, *, thread: dict[str, Any] | None) -> str | None:
    snippet = comment.get("snippet")
    if not isinstance(snippet, dict):
        return "no snippet"
    text = _text(snippet)
    if not text:
        return "no text"
    native = as_text(comment.get("id"))
    video = as_text(snippet.get("videoId")) or (as_text(thread.get("videoId")) if thread else None)
    parent = None if thread is not None else as_text(snippet.get("parentId"))
    author = as_text(dig(snippet, "authorChannelId.value"))
    owner = as_text(snippet.get("channelId")) or (as_text(thread.get("channelId")) if thread else None)
    threads: Threads = reading.state.setdefault("threads", Threads())
    if parent is None:
        threads.first(native, whole(thread.get("totalReplyCount")) if thread else None, reading.origin.video or video)
    else:
        threads.reply(parent, native)
    reading.state["comments"] = True
    if video is None and reading.origin.video is None:
        reading.state["nowhere"] = reading.state.get("nowhere", 0) + 1
    sent = wall_ms(snippet.get("publishedAt"), "UTC")
    reading.rows.response(
        platform=PLATFORM,
        video=video,
        fork="comment",
        native=native,
        kind="reply" if parent else "comment",
        text=text,
        sent_at=sent,
        sent_at_precision_s=None if sent is None else 1,
        author=author or as_text(snippet.get("authorDisplayName")),
        actor="creator" if author is not None and author == owner else None,
        parent=f"comment:{parent}" if parent else None,
        root=f"comment:{parent or native}" if parent or native else None,
        likes=whole(snippet.get("likeCount")),
    )
    return None


def _text(snippet: dict[str, Any]) -> str:
    original, display = snippet.get("textOriginal"), snippet.get("textDisplay")
    if isinstance(original, str) and clean(original):
        return clean(original)
    return clean(plain(display)) if isinstance(display, str) else ""


def _video(record: dict[str, Any], snippet: dict[str, Any], reading: Reading) -> str | None:
    native = as_text(record.get("id"))
    if native is None:
        return "no id"
    reading.state["videos"] = True
    reading.rows.video(
        platform=PLATFORM,
        video=native,
        title=as_text(snippet.get("title")),
        description=as_text(snippet.get("description")),
        author=as_text(snippet.get("channelId")),
        duration_ms=duration_ms(dig(record, "contentDetails.duration")),
        published_at=wall_ms(snippet.get("publishedAt"), "UTC"),
    )
    statistics = record.get("statistics")
    counts = {name: whole(statistics.get(key)) for key, name in _COUNTS.items()} if isinstance(statistics, dict) else {}
    video_counts(counts, native, wall_ms(reading.origin.exported_at, "UTC"), reading)
    return None


def video_counts(counts: Mapping[str, int | None], video: str, at: int | None, reading: Reading) -> None:
    """A video's counts as metrics, and the platform's own total of its comments."""
    if (total := counts.get("comments")) is not None:
        reading.facts.expect("comment", total, video=reading.origin.video or video)
    if at is None and any(value is not None for value in counts.values()):
        reading.state["timeless"] = reading.state.get("timeless", 0) + 1
    reading.rows.metrics(at, counts, platform=PLATFORM, video=video)


def duration_ms(value: object) -> int | None:
    """Milliseconds of an ISO 8601 duration, ``PT3M12S`` or ``P1DT2H``; None for anything else, and for nothing."""
    found = _DURATION.match(value) if isinstance(value, str) else None
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 or None
