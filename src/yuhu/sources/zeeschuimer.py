"""Zeeschuimer: what a browser was shown of TikTok, Douyin, Xiaohongshu, Instagram, X and Threads, one capture a line."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Batch, Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.captured import Captures, Item, named, put, tell
from yuhu.sources.json_records import json_lines, json_records
from yuhu.sources.reading import opened
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.zeeschuimer_people import PERSONAL
from yuhu.sources.zeeschuimer_posts import INSTAGRAM, THREADS, X, instagram_post, mend_instagram, mend_x, threads_post, x_post
from yuhu.sources.zeeschuimer_videos import DOUYIN, TIKTOK, douyin_post, mend_tiktok, tiktok_comment, tiktok_post
from yuhu.sources.zeeschuimer_xiaohongshu import XIAOHONGSHU, xiaohongshu_comment, xiaohongshu_note


@dataclass(frozen=True)
class Module:
    """A module of Zeeschuimer: how its objects are read.

    ``mend`` brings an object into the shape that most have; ``replies`` is the field with the replies inside a comment.
    """

    platform: str
    read: Callable[[Mapping[str, Any]], Item | str]
    mend: Callable[[dict[str, Any]], dict[str, Any]] = dict
    replies: str = ""


MODULES = {
    "tiktok.com": Module(TIKTOK, tiktok_post, mend_tiktok),
    "tiktok-comments": Module(TIKTOK, tiktok_comment, replies="reply_comment"),
    "douyin.com": Module(DOUYIN, douyin_post),
    "xiaohongshu.com": Module(XIAOHONGSHU, xiaohongshu_note),
    "xiaohongshu-comments": Module(XIAOHONGSHU, xiaohongshu_comment, replies="sub_comments"),
    "instagram.com": Module(INSTAGRAM, instagram_post, mend_instagram),
    "twitter.com": Module(X, x_post, mend_x),
    "x.com": Module(X, x_post, mend_x),
    "threads.net": Module(THREADS, threads_post, mend_instagram),
    "threads.com": Module(THREADS, threads_post, mend_instagram),
}
UNREAD = (
    "9gag.com",
    "imgur.com",
    "gab.com",
    "truthsocial.com",
    "pinterest.com",
    "linkedin.com",
    "parler.com",
    "facebook.com",
    "facebook-comments",
    "instagram-comments",
    "twitter-comments",
    "bilibili.com",
)
"""Modules that are known and not read."""

_SAID = ("source_platform", "timestamp_collected", "last_updated")
"""What is kept of a capture that is not read: nobody knows where people stand in it."""

_META = "__import_meta"
_OURS = "yuhu"
_MARKS = re.compile(r'"(?:source_platform|nav_index|timestamp_collected|item_id)"\s*:')
_ENVELOPE = re.compile(r'"source_platform"\s*:\s*"')
_OBJECTS = (
    ('"createTime"', '"diggCount"', '"desc"'),
    ('"aweme_id"', '"statistics"', '"desc"'),
    ('"awemeId"', '"authorInfo"', '"desc"'),
    ('"note_card"', '"model_type"'),
    ('"interactInfo"', '"imageList"'),
    ('"media_type"', '"taken_at"', '"code"'),
    ('"rest_id"', '"legacy"', '"full_text"'),
)
"""Fields of the platforms' objects, by which a line that is longer than the head is told where what Zeeschuimer says of it comes last."""


class ZeeschuimerCaptures(RecordImporter):
    """Captures as Zeeschuimer exports them (``{…, "data": {…}}``) or as 4CAT keeps them (``{…, "__import_meta": {…}}``), as JSON lines.

    A record is a capture in the first form; replies that stand inside a comment are records of their own. Of an item that was captured more
    than once, the latest whole capture is kept; what became of each is said under ``yuhu``.
    """

    name = "zeeschuimer_ndjson.v1"
    label: Mapping[str, str] = {"en": "Zeeschuimer captures, NDJSON", "zh": "Zeeschuimer 捕获 NDJSON"}
    what = "captured items"
    personal = PERSONAL

    def sniff(self, head: Head) -> float:
        """What Zeeschuimer says of a capture; or the objects of a platform on one line that is longer than the head."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start):
            return 0.0
        if _ENVELOPE.search(start) and (f'"{_META}"' in start or len(set(_MARKS.findall(start))) > 1):
            return 0.97
        is_long = head.size > len(head.start) and "\n" not in start.strip()
        return 0.4 if is_long and any(all(key in start for key in keys) for keys in _OBJECTS) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Captures, platform by platform, with what becomes of those of an item that was captured more than once.

        Raises
        ------
        YuhuError
            YH103 nothing in it says what Zeeschuimer says of a capture, or all is of modules that are not read; YH106 no JSON.
        """
        facts.video_from = "--video" if origin.video else "a field"
        captures, modules = Captures(), dict[str, None]()
        for place, record in _unfolded(origin):
            name = _module(record)
            if name is not None:
                modules[name] = None
                data = record.get("data")
                item = MODULES[name].read(data) if name in MODULES and isinstance(data, dict) else ""
                if isinstance(item, Item):
                    captures.met(item, _at(record), place)
        platforms = list(dict.fromkeys(MODULES[name].platform for name in modules if name in MODULES))
        if not platforms:
            raise _unread(origin, list(modules))
        marks = captures.marks()
        for platform in platforms:
            for place, record in _unfolded(origin):
                module = MODULES.get(_module(record) or "")
                if (module.platform if module else platforms[0]) == platform:
                    yield place, {**record, _OURS: {"capture": marks[place]}} if place in marks else record

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """The rows of a capture; of one that is not kept, its counts."""
        name, data, said = _module(record), record.get("data"), record.get(_OURS)
        if name is None:
            return "no source_platform: not a capture"
        if name not in MODULES:
            return f"items of {name} are not read" if name in UNREAD else "items of an unknown module"
        if not isinstance(data, dict):
            return "no data"
        item = MODULES[name].read(data)
        if isinstance(item, str):
            return item
        return put(item, _at(record), named(said.get("capture")) if isinstance(said, dict) else None, reading)

    def finish(self, reading: Reading) -> None:
        """What the captures are as a sample, and what is missing."""
        tell(reading)

    def _batches(self, records: Iterator[tuple[str, Any]], reading: Reading) -> Iterator[Batch]:
        """A batch holds one platform: authors get their keys under it."""
        met: dict[str, None] = {}

        def platform(one: tuple[str, Any]) -> str:
            module = MODULES.get(_module(one[1]) or "")
            if module is not None:
                met[module.platform] = None
            return module.platform if module is not None else next(reversed(met), "")

        for name, part in groupby(records, key=platform):
            reading.facts.platform = reading.origin.platform or name or next(iter(met), "")
            yield from super()._batches(part, reading)
        reading.facts.platform = reading.origin.platform or next(iter(met), "")
        if len(met) > 1:
            reading.facts.notes.append(f"platforms: {', '.join(met)}")


def _unfolded(origin: Origin) -> Iterator[tuple[str, Any]]:
    """Captures in one form; after a comment the replies inside it, with its note and its thread."""
    with opened(origin) as file:
        is_list = file.read(4096).lstrip().startswith("[")
    for place, line in json_records(origin) if is_list else json_lines(origin):
        record = _capture(line)
        module, data = MODULES.get(_module(record) or ""), record.get("data") if isinstance(record, dict) else None
        if module is None and isinstance(record, dict):
            yield place, {key: record[key] for key in _SAID if key in record}
            continue
        if module is None or not isinstance(data, dict):
            yield place, record
            continue
        mended = module.mend(data)
        replies = mended.get(module.replies) if module.replies else None
        if not isinstance(replies, list):
            yield place, {**record, "data": mended}
            continue
        yield place, {**record, "data": {key: value for key, value in mended.items() if key != module.replies}}
        for at, reply in enumerate(replies, start=1):
            yield f"{place}, {module.replies} {at}", _reply(reply, record, mended)


def _reply(reply: Any, record: Mapping[str, Any], comment: Mapping[str, Any]) -> Any:
    """A reply that says what its place in a comment says."""
    if not isinstance(reply, dict):
        return reply
    said = {"note_id": comment.get("note_id"), "_thread": comment.get("id")}
    inherited = {key: value for key, value in said.items() if value and not reply.get(key)}
    return {**{key: value for key, value in record.items() if key != "item_id"}, "data": {**reply, **inherited}}


def _capture(line: Any) -> Any:
    """A capture in the form of Zeeschuimer's export; 4CAT puts what is said of it beside the fields of the object."""
    if not isinstance(line, dict):
        return line
    meta = line.get(_META)
    said = {**meta, "data": {key: value for key, value in line.items() if key != _META}} if isinstance(meta, dict) else line
    return {key: value for key, value in said.items() if key != _OURS}


def _module(record: Any) -> str | None:
    name = record.get("source_platform") if isinstance(record, dict) else None
    return name if isinstance(name, str) and name else None


def _at(record: Mapping[str, Any]) -> int | None:
    """When an item was captured, or written over by a later capture."""
    last = wall_ms(record.get("last_updated"), "UTC")
    return last if last is not None else wall_ms(record.get("timestamp_collected"), "UTC")


def _unread(origin: Origin, found: list[str]) -> YuhuError:
    known = [name for name in found if name in UNREAD]
    what = (
        f"holds items of {', '.join(known)}, which are not read"
        if known
        else "is not recognised: no line is a capture of a module that is read"
    )
    return YuhuError(
        "YH103",
        f"`{origin.name}` {what}",
        facts={"read": ", ".join(name for name in MODULES if name not in {"x.com", "threads.com"})},
        fix="export one of these modules from Zeeschuimer, or say what the columns of a table are with --map COLUMN=text",
    )
