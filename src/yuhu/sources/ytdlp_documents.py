"""Documents of yt-dlp taken apart: a video without its comments, a playlist without its entries, each comment with what it belongs to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.sources.json_records import Broken
from yuhu.sources.reading import as_text

ORIGIN = ("extractor_key", "ie_key", "extractor")

_PREFIXES = (
    ("youtube", "youtube"),
    ("biliintl", "bilibilitv"),
    ("bilibili", "bilibili"),
    ("niconico", "niconico"),
    ("vmtiktok", "tiktok"),
    ("tiktok", "tiktok"),
    ("douyin", "douyin"),
    ("instagram", "instagram"),
    ("twitter", "x"),
    ("facebook", "facebook"),
    ("xiaohongshu", "xiaohongshu"),
    ("weibo", "weibo"),
    ("kuaishou", "kuaishou"),
    ("acfun", "acfun"),
    ("ixigua", "xigua"),
    ("twitch", "twitch"),
    ("vimeo", "vimeo"),
    ("dailymotion", "dailymotion"),
    ("reddit", "reddit"),
)
_PLAYLISTS = ("playlist", "multi_video")
_OF_PLAYLISTS = (*ORIGIN, "id", "epoch", "channel_id", "channel", "uploader_id", "uploader", "channel_follower_count")
"""Title and description of a playlist are often the name and the profile text of a person."""


def platform_of(info: Mapping[str, Any]) -> str | None:
    """The platform of a video: from the name of yt-dlp's extractor, ``YoutubeTab`` or ``BiliBiliBangumi``."""
    for key in ORIGIN:
        value = info.get(key)
        named = re.sub(r"[^a-z0-9]", "", value.lower()) if isinstance(value, str) else ""
        if named:
            return next((platform for prefix, platform in _PREFIXES if named.startswith(prefix)), named)
    return None


def is_playlist(info: Mapping[str, Any]) -> bool:
    """Whether an object stands for several videos."""
    return info.get("_type") in _PLAYLISTS


def unfolded(place: str, document: Any) -> Iterator[tuple[str, Any]]:
    """A document as records; entries of playlists inherit what they do not say themselves.

    In a video's record the number of its comments stands in their place. Of a playlist only whose it is, and how many follow, is kept.
    """
    waiting = [(place, document, False)]
    while waiting:
        place, info, is_entry = waiting.pop()
        if not isinstance(info, dict):
            yield place, Broken("the entry is empty: the video could not be read", b"null") if info is None and is_entry else info
            continue
        comments, entries = info.get("comments"), info.get("entries")
        told = {key: value for key, value in info.items() if key not in {"comments", "entries"}}
        if "comments" in info:
            told["comments"] = len(comments) if isinstance(comments, list) else None
        if isinstance(entries, list) or is_playlist(info):
            told = {key: told[key] for key in _OF_PLAYLISTS if key in told} | {"_type": "playlist"}
        yield place, told
        if isinstance(comments, list):
            yield from _comments(place, info, comments)
        inherited = {key: info[key] for key in ("epoch", "extractor_key", "extractor") if key in info}
        numbered = list(enumerate(entries, start=1)) if isinstance(entries, list) else []
        waiting += [(f"{place}, entry {at}", _inheriting(entry, inherited), True) for at, entry in reversed(numbered)]


def parent_of(comment: Mapping[str, Any], *, is_dotted: bool) -> str | None:
    """The id of the message answered; on YouTube a reply's own id names it, too (``PARENT.REPLY``)."""
    parent, native = as_text(comment.get("parent")), as_text(comment.get("id"))
    if parent is None and is_dotted and native and "." in native:
        parent = native.partition(".")[0] or None
    return None if parent in {None, "root", native} else parent


def _inheriting(entry: Any, inherited: Mapping[str, Any]) -> Any:
    """An entry of a flat playlist says neither when it was read nor, without ``ie_key``, where."""
    if not isinstance(entry, dict):
        return entry
    told = any(entry.get(key) for key in ORIGIN)
    return {**{key: value for key, value in inherited.items() if key == "epoch" or not told}, **entry}


def _comments(place: str, info: Mapping[str, Any], comments: list[Any]) -> Iterator[tuple[str, Any]]:
    of = {key: info[key] for key in (*ORIGIN, "id", "epoch") if key in info}
    threads = _threads(comments, is_dotted=platform_of(info) == "youtube")
    for at, comment in enumerate(comments, start=1):
        here = f"{place}, comment {at}"
        if isinstance(comment, dict):
            yield here, {"of": {**of, "thread": threads.get(as_text(comment.get("id")) or "")}, "comment": comment}
        else:
            yield here, comment


def _threads(comments: list[Any], *, is_dotted: bool) -> dict[str, str]:
    """The first message of the thread of each comment, as far up as the file goes."""
    above: dict[str, str] = {}
    for comment in comments:
        if isinstance(comment, dict) and (native := as_text(comment.get("id"))):
            above[native] = parent_of(comment, is_dotted=is_dotted) or native
    first: dict[str, str] = {}
    for native in above:
        path: dict[str, None] = {}
        here = native
        while here not in first and here not in path:
            path[here] = None
            here = above.get(here, here)
        first.update(dict.fromkeys(path, first.get(here, here)))
    return first
