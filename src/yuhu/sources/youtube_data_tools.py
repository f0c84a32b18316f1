"""YouTube Data Tools: comments of a video, and lists of videos, as CSV with commas or tabs."""

import csv
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import iso_utc, media_from, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import Broken
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.threads import Threads
from yuhu.sources.youtube_api import PLATFORM, STORAGE, TIMELESS, duration_ms, video_counts

_COMMENTS = frozenset({"id", "isReplyTo", "authorName", "text", "publishedAt"})
_VIDEOS = frozenset({"videoId", "channelId", "channelTitle", "videoDescription", "publishedAt"})
_COUNTS = {"viewCount": "views", "likeCount": "likes", "dislikeCount": "dislikes", "favoriteCount": "favorites", "commentCount": "comments"}
_NAMED = re.compile(r"videoinfo_([A-Za-z0-9_-]{11})(?=[_.])")
_TAKEN = re.compile(r"(\d{4})_(\d{2})_(\d{2})-(\d{2})_(\d{2})_(\d{2})")
_END = r"(?:[,\t\r\n]|$)"
_LITERAL = re.compile(rf'\\(?!")|\\(?="{_END})|\\(?=""(?!{_END}))')
"""A backslash that stands for itself: before anything but a quote, before the quote that ends a cell, before a doubled quote."""

_MARKS = frozenset({"1", "true", "yes"})


class _Table(RecordImporter):
    """Rows of a CSV whose header has the columns that `needed` names; a backslash before a quote means the quote itself."""

    platform = PLATFORM
    needed: frozenset[str] = frozenset()

    def sniff(self, head: Head) -> float:
        """A header, of commas or tabs, with all needed columns."""
        if head.mapped or head.text[:1] in {"<", "{", "["}:
            return 0.0
        return 0.95 if self.needed <= set(_header(head.text.partition("\n")[0])) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Rows by the names of their columns."""
        if (taken := _taken(origin)) is not None:
            facts.context["taken"] = facts.exported_at = taken
            facts.notes.append(f"made at {taken}, by the name of the file, which names no zone: {origin.tz or 'UTC'} is assumed")
        with origin.path.open("r", encoding="utf-8-sig", errors="replace", newline="") as file:
            first = file.readline()
            separator = _separator(first)
            header = _header(first)
            place = self._place(origin, facts, header)
            facts.video_from = "--video" if origin.video else place
            reader = csv.reader((_LITERAL.sub(r"\\\\", text) for text in file), delimiter=separator, escapechar="\\")
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error:
                    yield f"line {reader.line_num + 1}", Broken("the row cannot be read", b"")
                    continue
                if cells is None:
                    return
                line = f"line {reader.line_num + 1}"
                if len(cells) == len(header):
                    yield line, dict(zip(header, cells, strict=True))
                elif cells:
                    found = separator.join(cells).encode("utf-8", "surrogatepass")
                    yield line, Broken(f"{len(cells)} cells, the header has {len(header)}", found)

    @abstractmethod
    def _place(self, origin: Origin, facts: Facts, header: list[str]) -> str:
        """Where the id of the video comes from; keeps it where it is the file's."""


class YouTubeDataToolsComments(_Table):
    """Comments and replies of a video, by the Video Comments (or Video Info) module."""

    name = "youtube_data_tools_comments.v1"
    label: Mapping[str, str] = {"en": "YouTube Data Tools, comments", "zh": "YouTube Data Tools 评论表"}
    what = "comments"
    needed = _COMMENTS
    personal = Personal(author=("authorChannelId", "authorName"))

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A comment or reply."""
        native, text = as_text(record.get("id")), record.get("text")
        text = clean(text) if isinstance(text, str) else ""
        if native is None:
            return "no id"
        if not text:
            return "no text"
        parent = as_text(record.get("isReplyTo"))
        if parent in {"0", native}:
            parent = None
        if parent is None and (as_text(record.get("isReply")) or "").lower() in _MARKS and "." in native:
            parent = native.partition(".")[0] or None
        video = as_text(record.get("videoId")) or reading.facts.context.get("video")
        threads: Threads = reading.state.setdefault("threads", Threads())
        if parent is None:
            threads.first(native, whole(record.get("replyCount")), reading.origin.video or video)
        else:
            threads.reply(parent, native)
        sent = wall_ms(record.get("publishedAt"), reading.origin.tz or "UTC")
        reading.rows.response(
            platform=PLATFORM,
            video=video,
            fork="comment",
            native=native,
            kind="reply" if parent else "comment",
            text=text,
            sent_at=sent,
            sent_at_precision_s=None if sent is None else 1,
            author=as_text(record.get("authorChannelId")) or as_text(record.get("authorName")),
            parent=f"comment:{parent}" if parent else None,
            root=f"comment:{parent or native}",
            likes=whole(record.get("likeCount")),
        )
        return None

    def finish(self, reading: Reading) -> None:
        """What is missing of threads, and the terms under which the data may be kept."""
        if "threads" in reading.state:
            reading.state["threads"].tell(reading.facts, "the tool was stopped, or the platform hides them")
        reading.facts.notes.append(STORAGE)

    def _place(self, origin: Origin, facts: Facts, header: list[str]) -> str:
        named = _NAMED.search(origin.name)
        facts.context["video"] = named.group(1) if named else origin.stem
        return "a column" if "videoId" in header else "file name"


class YouTubeDataToolsVideos(_Table):
    """A list of videos with their counts, by the Video List module."""

    name = "youtube_data_tools_videos.v1"
    label: Mapping[str, str] = {"en": "YouTube Data Tools, videos", "zh": "YouTube Data Tools 视频表"}
    what = "videos"
    needed = _VIDEOS
    personal = Personal(author=("channelId",))

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A video with its counts."""
        native = as_text(record.get("videoId"))
        if native is None:
            return "no id"
        origin = reading.origin
        published = wall_ms(record.get("publishedAt"), origin.tz or "UTC")
        seconds = whole(record.get("durationSec"))
        reading.rows.video(
            platform=PLATFORM,
            video=native,
            title=as_text(record.get("videoTitle")),
            description=as_text(record.get("videoDescription")),
            author=as_text(record.get("channelId")),
            duration_ms=(media_from(seconds, per_second=1) or None) if seconds is not None else duration_ms(record.get("duration")),
            published_at=published if published is not None else wall_ms(record.get("publishedAtSQL"), origin.tz or "UTC"),
        )
        at = wall_ms(origin.exported_at, "UTC")
        at = at if at is not None else wall_ms(reading.facts.context.get("taken"), "UTC")
        video_counts({name: whole(record.get(key)) for key, name in _COUNTS.items()}, native, at, reading)
        return None

    def finish(self, reading: Reading) -> None:
        """Whether the counts have a time, and the terms under which the data may be kept."""
        if reading.state.get("timeless"):
            reading.facts.notes.append(TIMELESS.format(reading.state["timeless"]))
        reading.facts.notes.append(STORAGE)

    def _place(self, origin: Origin, facts: Facts, header: list[str]) -> str:  # noqa: ARG002 - the table names its videos itself
        return "a column"


def _separator(line: str) -> str:
    return "\t" if line.count("\t") > line.count(",") else ","


def _header(line: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line.rstrip("\r\n")], delimiter=_separator(line)), [])]
    except csv.Error:
        return []


def _taken(origin: Origin) -> str | None:
    """When the file was made, by the name that the tool gave it."""
    found = _TAKEN.search(origin.name)
    return iso_utc(wall_ms("{}-{}-{} {}:{}:{}".format(*found.groups()), origin.tz or "UTC")) or None if found else None
