"""Niconico: threads of comments as the site serves them now, and the comments alone as yt-dlp writes them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import Broken, dig, is_lines, json_document, json_lines
from yuhu.sources.niconico import PLATFORM, is_command, prepared
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video

ZONE = "Asia/Tokyo"
_FORK = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_FLATTENED = "the threads are not told apart, so messages of the video's owner cannot be: all stand in the fork `main`"


class NiconicoThreadsJson(RecordImporter):
    """``[{id, fork, commentCount, comments: [{id, no, vposMs, body, …}]}]``, also under ``data.threads``; or a list of such comments.

    A record is ``{thread, fork, comment}``.
    """

    name = "niconico_threads_json.v1"
    label: Mapping[str, str] = {"en": "Niconico danmaku, JSON", "zh": "Niconico 弹幕 JSON"}
    what = "danmaku"
    platform = PLATFORM
    personal = Personal(author=("comment.userId",), drop=("comment.nicoruId", "comment.isMyPost"))

    def sniff(self, head: Head) -> float:
        """``vposMs`` and ``body``."""
        start = head.text
        fits = not head.mapped and re.match(r"\s*[\[{]", start) and re.search(r'"vposMs"\s*:', start)
        return 0.95 if fits and re.search(r'"body"\s*:', start) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each comment with the thread it stands in.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        name_video(origin, facts)
        totals: dict[tuple[str, str], int] = {}
        is_flat = False
        documents = json_lines(origin) if is_lines(origin) else iter([("", json_document(origin))])
        for place, document in documents:
            if isinstance(document, Broken):
                yield place, document
                continue
            for where, thread, comment in _comments(place, document):
                is_flat = is_flat or thread is None
                yield where, {**(thread or {}), "comment": prepared(comment)} if isinstance(comment, dict) else comment
            _add_totals(document, totals)
        if totals:
            facts.expect("danmaku", sum(totals.values()), video=facts.context["video"])
        if is_flat:
            facts.notes.append(_FLATTENED)

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku."""
        comment = record.get("comment")
        if not isinstance(comment, dict):
            return "the record is no comment"
        at_ms = media_time(comment.get("vposMs"), per_second=1000)
        if isinstance(at_ms, str):
            return at_ms
        body = comment.get("body")
        text = clean(body) if isinstance(body, str) else ""
        if not text:
            return "no text"
        told = as_text(record.get("fork")) or ""
        fork = told if _FORK.fullmatch(told) else "main"
        is_owner = fork == "owner"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or reading.facts.context.get("video") or reading.origin.stem,
            fork=fork,
            native=as_text(comment.get("id")) or as_text(comment.get("no")),
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=wall_ms(comment.get("postedAt"), reading.origin.tz or ZONE),
            sent_at_precision_s=1,
            author=as_text(comment.get("userId")),
            actor="creator" if is_owner else None,
            likes=whole(comment.get("nicoruCount")),
            is_special=is_command(text, is_owner=is_owner),
        )
        return None


def _threads(document: Any) -> list[Any]:
    """The threads of a reply, or what a list holds."""
    if isinstance(document, dict):
        found = next((held for path in ("data.threads", "threads", "data") if isinstance(held := dig(document, path), list)), None)
        return found if found is not None else [document]
    return document if isinstance(document, list) else [document]


def _comments(place: str, document: Any) -> Iterator[tuple[str, dict[str, Any] | None, Any]]:
    """Place, thread and comment; the thread is None where comments stand alone."""
    before = f"{place}, " if place else ""
    for at, one in enumerate(_threads(document), start=1):
        inner = one.get("comments") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(inner, list):
            thread = {"thread": one.get("id"), "fork": one.get("fork")}
            for number, comment in enumerate(inner, start=1):
                yield f"{before}thread {at}, comment {number}", thread, comment
        else:
            yield f"{before}comment {at}", None, one


def _add_totals(document: Any, totals: dict[tuple[str, str], int]) -> None:
    """The site's own number of comments of each thread."""
    for one in _threads(document):
        if isinstance(one, dict) and isinstance(one.get("comments"), list) and (total := whole(one.get("commentCount"))) is not None:
            key = (as_text(one.get("id")) or "", as_text(one.get("fork")) or "")
            totals[key] = max(total, totals.get(key, 0))
