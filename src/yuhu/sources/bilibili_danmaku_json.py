"""Bilibili danmaku as JSON: the fields of the protobuf reply, in snake or camel case, as dumps of many tools hold them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.bilibili_modes import POSITIONED, is_special, shown
from yuhu.sources.json_records import is_lines, json_document, json_lines
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video

PLATFORM = "bilibili"
ZONE = "Asia/Shanghai"

_LISTS = ("elems", "danmaku", "danmakus", "items", "list", "result", "data")
_VIDEOS = ("oid", "cid", "bvid")
_IDS = ("idStr", "id_str", "dmid", "dmidStr", "dmid_str", "id")
_SENDERS = ("midHash", "mid_hash")
_DEEPEST = 4
_DAY_S, _SHANGHAI_S = 86_400, 8 * 3600
_DATE_LENGTH = 10


class BilibiliDanmakuJson(RecordImporter):
    """Danmaku as a list, as JSON lines, or under ``elems`` or ``data`` of one reply or of several.

    A field that is missing has its default (``progress`` 0), as in protobuf.
    """

    name = "bilibili_danmaku_json.v1"
    label: Mapping[str, str] = {"en": "Bilibili danmaku, JSON", "zh": "B站弹幕 JSON"}
    what = "danmaku"
    platform = PLATFORM
    personal = Personal(author=_SENDERS, drop=("mid",))

    def sniff(self, head: Head) -> float:
        """``progress`` and ``content`` with the sender's hash; or with a time of sending and another field of danmaku."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start):
            return 0.0
        names = set(re.findall(r'"(\w+)"\s*:', start))
        if not {"progress", "content"} <= names or "rpid" in names:
            return 0.0
        if names & set(_SENDERS):
            return 0.95
        return 0.85 if "ctime" in names and names & {"idStr", "id_str", "dmid", "fontsize", "pool"} else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each danmaku.

        Raises
        ------
        YuhuError
            YH106 no JSON; YH110 larger than memory allows.
        """
        values = json_lines(origin) if is_lines(origin) else iter([("", json_document(origin))])
        for at, (place, value) in enumerate(values):
            found = list(_danmaku(value, place, 0))
            if not at:
                held = (_video(one) for one in (value, *(record for _, record in found)) if isinstance(one, dict))
                name_video(origin, facts, next(filter(None, held), None), "a field")
            if _is_rounded(found):
                facts.context["days"] = "yes"
            yield from found

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku."""
        at_ms = media_time(record.get("progress", 0), per_second=1000)
        if isinstance(at_ms, str):
            return at_ms
        content = record.get("content")
        text = clean(content) if isinstance(content, str) else ""
        mode, pool = (as_text(record.get(name)) or "" for name in ("mode", "pool"))
        text = shown(text) if mode == POSITIONED else text
        if not text:
            return "no text"
        context, sent = reading.facts.context, record.get("ctime")
        in_days = bool(context.get("days")) or (isinstance(sent, str) and len(sent.strip()) <= _DATE_LENGTH and "-" in sent)
        own = _video(record)
        if own and not reading.origin.video:
            reading.facts.video_from = "a field"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or own or context.get("video") or reading.origin.stem,
            fork="danmaku",
            native=_first(record, _IDS),
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=wall_ms(sent, reading.origin.tz or ZONE),
            sent_at_precision_s=_DAY_S if in_days else 1,
            author=next((who for name in _SENDERS if (who := as_text(record.get(name)))), None),
            likes=whole(record.get("likes")),
            is_special=is_special(mode, pool),
        )
        return None


def _danmaku(value: Any, place: str, depth: int) -> Iterator[tuple[str, Any]]:
    """The danmaku of a list, of a reply that holds one, or of a list of replies."""
    if isinstance(value, dict) and "content" not in value and depth < _DEEPEST:
        inner = next((value[key] for key in _LISTS if isinstance(value.get(key), list | dict)), None)
        if inner is not None:
            yield from _danmaku(inner, place, depth + 1)
            return
    if isinstance(value, list) and depth < _DEEPEST:
        for at, one in enumerate(value, start=1):
            yield from _danmaku(one, f"{place}, record {at}" if place else f"record {at}", depth + 1)
        return
    yield place or "record 1", value


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((found for name in names if (found := as_text(record.get(name))) not in {None, "0"}), None)


def _video(record: Mapping[str, Any]) -> str | None:
    return _first(record, _VIDEOS)


def _is_rounded(found: list[tuple[str, Any]]) -> bool:
    """Whether every time of sending is a midnight in Shanghai: some dumps keep the day only."""
    times = [time for _, one in found if isinstance(one, dict) and (time := whole(one.get("ctime")))]
    return len(times) > 1 and all((time + _SHANGHAI_S) % _DAY_S == 0 for time in times)
