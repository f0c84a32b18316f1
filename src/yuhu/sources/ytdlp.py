"""yt-dlp: the ``.info.json`` of a video or a playlist, with its comments where ``--write-comments`` was given."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from yuhu.core.clock import iso_utc, media_from, wall_ms
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal
from yuhu.sources.ago import UNKNOWN_S, seconds_ago, unit_of
from yuhu.sources.hypertext import plain
from yuhu.sources.json_records import json_records
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.ytdlp_documents import is_playlist, parent_of, platform_of, unfolded

_PEOPLE = ("uploader_id", "channel_id", "uploader", "channel")
_CHANNEL_FIRST = ("channel_id", "uploader_id", "channel", "uploader")
_BY_CHANNEL = frozenset({"youtube", "x"})
"""Where `channel_id` is the id that stays, and `uploader_id` a name that its owner may change."""

_COUNTS = {
    "view_count": "views",
    "like_count": "likes",
    "dislike_count": "dislikes",
    "comment_count": "comments",
    "repost_count": "shares",
    "save_count": "favorites",
}
_REPOSTING = frozenset({"x", "weibo", "reddit"})
_PART = re.compile(r"^(BV[0-9A-Za-z]{10})_p\d{1,5}$")
_OLD_PART = re.compile(r"^(\d{1,20})_part\d{1,5}$")
_ITS_OWN = ("_old_archive_ids", "http_headers", "uploader_id", "upload_date", "automatic_captions", "webpage_url", "channel_follower_count")
_UNTITLED = re.compile(r"^<Untitled Chapter \d+>$")
_BULK = (
    "formats requested_formats requested_downloads requested_subtitles requested_entries url urls manifest_url fragments fragment_base_url "
    "http_headers cookies downloader_options thumbnail thumbnails subtitles automatic_captions _filename filename filepath infojson_filename "
    "webpage_url original_url webpage_url_basename webpage_url_domain _files_to_move __files_to_move display_id"
)
"""Not what a video is, but how it is downloaded: signed addresses that name the machine of the person who ran yt-dlp, paths on its disk."""

_MORE_PEOPLE = (
    "artist artists album_artist album_artists composer composers cast creators playlist_uploader playlist_uploader_id playlist_channel "
    "playlist_channel_id playlist_webpage_url comment.author_url comment.author_thumbnail comment.author_member_badge"
)
_NOTES = {
    "estimated": "{} times are estimated from texts such as “3 months ago”: sent_at_precision_s says how coarse; the true time lies up to that earlier",
    "pinned": "{} comments are pinned",
    "favorited": "{} comments are marked with a heart by the creator",
    "own count": "{} videos: the number of comments is yt-dlp's own count, and does not tell whether a limit (max_comments) cut them",
    "parts": "{} videos are parts of one work: its counts and comments are given to the whole (the id without _pN)",
    "timeless": "{} videos do not say when they were read, so their counts are left out; --exported-at gives them a time",
}


class YtDlpInfoJson(RecordImporter):
    """What yt-dlp says of a video: its description, counts, chapters, the curve of most replayed moments, and comments.

    A record is a video without its comments, a playlist without its entries, or a comment with what it belongs to:
    ``{"of": {extractor_key, id, epoch, thread}, "comment": {…}}``.
    """

    name = "ytdlp_info_json.v1"
    label: Mapping[str, str] = {"en": "yt-dlp info JSON", "zh": "yt-dlp 视频信息 JSON"}
    what = "videos"
    personal = Personal(
        author=(*_PEOPLE, "comment.author_id", "comment.author"),
        drop=(*_BULK.split(), *_MORE_PEOPLE.split()),
    )

    def sniff(self, head: Head) -> float:
        """``extractor_key``; or, where it comes after the head, ``format_id`` or three other fields that yt-dlp alone writes."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start):
            return 0.0
        if re.search(r'"(?:extractor_key|ie_key)"\s*:\s*"', start) and re.search(r'"(?:id|_type)"\s*:', start):
            return 0.95
        begins = re.match(r'\s*\[?\s*\{\s*"id"\s*:', start)
        if begins and re.search(r'"formats"\s*:\s*\[\s*\{', start) and '"format_id"' in start:
            return 0.9
        told = sum(f'"{name}":' in start for name in _ITS_OWN)
        return 0.85 if told >= 3 else (0.6 if told and head.name.lower().endswith(".info.json") else 0.0)

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Videos, playlists and comments of one document, of JSON lines or of a list.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        facts.video_from = "--video" if origin.video else "a field"
        for place, document in json_records(origin):
            yield from unfolded(place, document)

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A video with its counts and curves, the followers of a playlist's channel, or a comment."""
        of, comment = record.get("of"), record.get("comment")
        if isinstance(of, dict) and isinstance(comment, dict):
            return _comment(comment, of, reading)
        platform, native = platform_of(record), as_text(record.get("id"))
        if platform is None:
            return "no extractor: the platform is not told"
        if native is None and not is_playlist(record):
            return "no id"
        at = _epoch(record, reading)
        person = _person(record, platform)
        if person is not None:
            reading.rows.metrics(at, {"followers": whole(record.get("channel_follower_count"))}, platform=platform, account=person)
        if native is not None and not is_playlist(record):
            _video(record, platform, native, reading)
            _counts(record, platform, _whole_of(native), at, reading)
        return None

    def finish(self, reading: Reading) -> None:
        """How exact times are, what is known of the comments as a sample, when the file was made."""
        facts, state = reading.facts, reading.state
        facts.exported_at = facts.exported_at or iso_utc(state.get("latest"))
        if state.get("comments"):
            facts.what = "videos and comments"
        facts.notes += [message.format(f"{state[key]:,}") for key, message in _NOTES.items() if state.get(key)]
        if state.get("bilibili"):
            facts.truncated(
                "comments of Bilibili: yt-dlp reads the pages that are given out (few without login), and of each comment's replies those shown with it"
            )
        if state.get("broken off"):
            facts.truncated(f"the reading of comments broke off for {state['broken off']:,} videos: yt-dlp gives no count of them")
        if state.get("missing"):
            here = state.get("here", 0)
            facts.truncated(f"{here:,} of {here + state['missing']:,} comments are here, by the platform's own count")

    def _batches(self, records: Iterator[tuple[str, Any]], reading: Reading) -> Iterator[Batch]:
        """A batch holds one platform: authors get their keys under it."""
        met: dict[str, None] = {}
        current = ["yt-dlp"]

        def platform(one: tuple[str, Any]) -> str:
            of = one[1].get("of") if isinstance(one[1], dict) else None
            told = platform_of(of if isinstance(of, dict) else one[1]) if isinstance(one[1], dict) else None
            if told is not None:
                met[told] = None
                current[0] = told
            return current[0]

        for named, part in groupby(records, key=platform):
            reading.facts.platform = reading.origin.platform or named
            yield from super()._batches(part, reading)
        reading.facts.platform = reading.origin.platform or next(iter(met), "yt-dlp")
        if len(met) > 1:
            reading.facts.notes.append(f"platforms: {', '.join(met)}")


def _tally(reading: Reading, key: str, number: int = 1) -> None:
    reading.state[key] = reading.state.get(key, 0) + number


def _whole_of(native: str) -> str:
    """The work that counts and comments belong to: on Bilibili a part (``BV…_p2``) has none of its own."""
    part = _PART.match(native)
    return part.group(1) if part else native


def _epoch(info: Mapping[str, Any], reading: Reading) -> int | None:
    """When the video was read: the file's own time, else what the person said."""
    at = wall_ms(info.get("epoch"), "UTC")
    if at is None:
        return wall_ms(reading.origin.exported_at, "UTC")
    reading.state["latest"] = max(at, reading.state.get("latest", at))
    return at


def _person(info: Mapping[str, Any], platform: str) -> str | None:
    order = _CHANNEL_FIRST if platform in _BY_CHANNEL else _PEOPLE
    return next((who for key in order if (who := as_text(info.get(key)))), None)


def _aliases(info: Mapping[str, Any], native: str) -> list[str] | None:
    """Ids that yt-dlp gave the video before: ``youtube ID``, ``bilibili AID_partN``."""
    old = info.get("_old_archive_ids")
    found: dict[str, None] = {}
    for one in old if isinstance(old, list) else ():
        name = (as_text(one) or "").partition(" ")[2]
        part = _OLD_PART.match(name)
        if part and not _PART.match(native):
            found |= {part.group(1): None, f"av{part.group(1)}": None}
        elif name and name != native:
            found[name] = None
    return list(found) or None


def _video(info: dict[str, Any], platform: str, native: str, reading: Reading) -> None:
    published = next((at for key in ("timestamp", "release_timestamp", "upload_date") if (at := wall_ms(info.get(key), "UTC"))), None)
    description = info.get("description")
    about: dict[str, Any] = {"platform": platform, "author": _person(info, platform), "published_at": published}
    reading.rows.video(
        **about,
        video=native,
        title=as_text(info.get("title")),
        description=(clean(description) or None) if isinstance(description, str) else None,
        aliases=_aliases(info, native),
        duration_ms=media_from(info.get("duration"), per_second=1) or None,
    )
    if (work := _whole_of(native)) != native:
        _tally(reading, "parts")
        if work not in reading.state.setdefault("wholes", set()):
            reading.state["wholes"].add(work)
            reading.rows.video(**about, video=work, aliases=_aliases(info, work))
    _curves(info, platform, native, reading)


def _curves(info: dict[str, Any], platform: str, native: str, reading: Reading) -> None:
    """Chapters, and the curve of most replayed moments: one point in the middle of each span."""
    for chapter, start, end in _spans(info.get("chapters")):
        name = as_text(chapter.get("title"))
        name = None if name is None or _UNTITLED.match(name) else name
        reading.rows.add("segments", platform=platform, video=native, kind="chapter", name=name, start_ms=start, end_ms=end)
    for piece, start, end in _spans(info.get("heatmap")):
        value = piece.get("value")
        if end is not None and isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            middle = (start + end) // 2
            reading.rows.add("signals", platform=platform, video=native, at_ms=middle, name="most_replayed", value=float(value))


def _spans(listed: object) -> Iterator[tuple[dict[str, Any], int, int | None]]:
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            start, end = (media_from(one.get(key), per_second=1) for key in ("start_time", "end_time"))
            if start is not None:
                yield one, start, end if end is not None and end >= start else None


def _counts(info: dict[str, Any], platform: str, video: str, at: int | None, reading: Reading) -> None:
    """The platform's counts; a count of comments that equals the comments in the file is yt-dlp's own."""
    said = {name: whole(info.get(key)) for key, name in _COUNTS.items()}
    if platform in _REPOSTING:
        said["reposts"] = said.pop("shares")
    total, here = said["comments"], info.get("comments")
    read = isinstance(here, int) and not isinstance(here, bool)
    if read and total is None:
        _tally(reading, "broken off")
    elif read and total == here:
        said["comments"] = None
        _tally(reading, "own count")
    elif total is not None:
        kind = "danmaku" if platform == "niconico" else "comment"
        reading.facts.expect(kind, total, video=reading.origin.video or video)
        if isinstance(here, int) and 0 <= here < total:
            _tally(reading, "missing", total - here)
            _tally(reading, "here", here)
    if platform == "niconico":
        said["danmaku"] = said.pop("comments")
    if at is None and any(value is not None for value in said.values()):
        _tally(reading, "timeless")
    reading.rows.metrics(at, said, platform=platform, video=video)


def _comment(comment: dict[str, Any], of: dict[str, Any], reading: Reading) -> str | None:
    platform, video, text = platform_of(of), as_text(of.get("id")), _text(comment)
    if platform is None or video is None:
        return "no video: no extractor or no id"
    if not text:
        return "no text"
    native = as_text(comment.get("id"))
    parent = parent_of(comment, is_dotted=platform == "youtube")
    root = as_text(of.get("thread")) or parent or native
    sent, precision = _sent(comment, of, platform, reading)
    marked = [key for key in ("pinned", "favorited") if comment.get(f"is_{key}") is True]
    for key in ("comments", *marked, *(["bilibili"] if platform == "bilibili" else [])):
        _tally(reading, key)
    reading.rows.response(
        platform=platform,
        video=_whole_of(video),
        fork="comment",
        native=native,
        kind="reply" if parent else "comment",
        text=text,
        at_ms=media_from(comment.get("start_time"), per_second=1),
        sent_at=sent,
        sent_at_precision_s=precision,
        author=as_text(comment.get("author_id")) or as_text(comment.get("author")),
        actor="creator" if comment.get("author_is_uploader") is True else None,
        parent=f"comment:{parent}" if parent else None,
        root=f"comment:{root}" if root else None,
        likes=whole(comment.get("like_count")),
    )
    return None


def _text(comment: dict[str, Any]) -> str:
    text, html = comment.get("text"), comment.get("html")
    if isinstance(text, str) and clean(text):
        return clean(text)
    return clean(plain(html)) if isinstance(html, str) else ""


def _sent(comment: dict[str, Any], of: dict[str, Any], platform: str, reading: Reading) -> tuple[int | None, int | None]:
    """When a comment was sent, and how coarse that is: YouTube tells only "3 months ago", from which yt-dlp made a timestamp."""
    sent = wall_ms(comment.get("timestamp"), "UTC")
    if platform != "youtube":
        return sent, None if sent is None else 1
    told = comment.get("_time_text") or comment.get("time_text")
    words = told if isinstance(told, str) else ""
    read = wall_ms(of.get("epoch"), "UTC")
    if sent is None and read is not None and (ago := seconds_ago(words)) is not None:
        sent = wall_ms(read / 1000 - ago, "UTC")
    if sent is None:
        return None, None
    _tally(reading, "estimated")
    return sent, unit_of(words) or UNKNOWN_S
