"""Danmaku of Bilibili live rooms, as recorders write them (BililiveRecorder 录播姬, blrec): the XML of videos with names, super chats and gifts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.bilibili_modes import POSITIONED, is_special, shown
from yuhu.sources.json_records import Broken
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video
from yuhu.sources.xml_elements import Element, XmlElements

PLATFORM = "bilibili"
ZONE = "Asia/Shanghai"

_EVENTS = {
    "gift": "a gift, no message",
    "guard": "a membership, no message",
    "toast": "a membership, no message",
    "user_toast": "a membership, no message",
}
_INFO = ("room_id", "room_title", "user_name", "record_start_time", "live_start_time")
_NAMES = frozenset({"d", "sc", *_EVENTS, "BililiveRecorderRecordInfo", *_INFO})
_ROOT = re.compile(r"\s*(?:(?:<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)\s*)*<i[\s>]", re.DOTALL)
_ENDS = np.isin(np.arange(256), [ord(last) for last in "rds"])
"""Last letters of ``user=``, ``uid=`` and ``ts=``."""
_FIELDS = 8
_SENDER = 6
_ESTIMATED_S = 60
_CUT = "the file ends before its closing tag: the recorder was stopped, or still writes"
_CLOCK = "media times count from the start of the recording, not from the start of the stream"


def is_recorder(head: Head) -> bool:
    """Whether the start of an XML file is one of a live recorder."""
    start = head.text
    if not start.lstrip().startswith("<") or not _ROOT.match(start) or not _may_be(head.start):
        return False
    marks = r"<BililiveRecorder|<recorder>|<(?:gift|sc|guard|toast|user_toast)\s[^<>]*\bts=|<d\s[^<>]*\b(?:user|uid)="
    return bool(re.search(marks, start))


def _may_be(start: bytes) -> bool:
    """Whether there is any sign of a recorder, told at once, since most XML of danmaku holds none: an attribute or a tag that ends or begins like one of its own."""
    codes = np.frombuffer(start, np.uint8)
    before, code = codes[:-1], codes[1:]
    if _ENDS[before[code == ord("=")]].any():
        return True
    return bool(((before == ord("<")) & ((code == ord("B")) | (code == ord("r")))).any())


class BilibiliRecorderXml(RecordImporter):
    """``<d p="seconds,mode,size,colour,epoch ms,0,uid,0" user="…">`` and ``<sc ts="…" user="…">`` of one recording; gifts are no messages.

    A record is an element as ``{tag, p or ts, author, text}``; the recording itself is one, too.
    """

    name = "bilibili_recorder_xml.v1"
    label: Mapping[str, str] = {"en": "Bilibili live recorder, XML", "zh": "B站直播录制弹幕 XML"}
    what = "danmaku"
    platform = PLATFORM
    personal = Personal(author=("author",))

    def sniff(self, head: Head) -> float:
        """The recorder's name, gifts, or names of senders beside ``p``."""
        return 0.97 if is_recorder(head) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """The recording, then each element.

        Raises
        ------
        YuhuError
            YH106 not well-formed before the end; YH109 an entity declaration.
        """
        elements = XmlElements(origin, _NAMES)
        info: dict[str, str] = {}
        is_told = False
        people: dict[str, str] = {}
        number = 0
        for element in elements:
            if element.name == "BililiveRecorderRecordInfo":
                info |= {name: element.attributes.get(name, "") for name in ("roomid", "title", "name", "start_time")}
            elif element.name in _INFO:
                info.setdefault(element.name, element.text.strip())
            else:
                if not is_told:
                    is_told = True
                    yield from _recording(info, origin, facts)
                number += 1
                yield f"record {number}", _record(element, people)
        if not is_told:
            yield from _recording(info, origin, facts)
        _tell(elements, facts)
        if elements.cut_inside is not None:
            yield "end of file", Broken("the file ends inside a record", elements.cut_inside.encode("utf-8", "replace"))

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku, a super chat, or the recording."""
        tag = as_text(record.get("tag")) or ""
        if tag in _EVENTS:
            return _EVENTS[tag]
        context = reading.facts.context
        video = reading.origin.video or context.get("video") or reading.origin.stem
        if tag == "recording":
            title, author = (as_text(record.get(name)) for name in ("title", "author"))
            start_ms = wall_ms(record.get("start"), reading.origin.tz or ZONE)
            reading.rows.video(platform=PLATFORM, video=video, title=title, author=author, published_at=start_ms)
            return None
        parts = p.replace(" ", "").split(",") if isinstance(p := record.get("p"), str) else []
        if tag == "d" and len(parts) < _FIELDS:
            return f"p has {len(parts)} fields, expected 8 or more"
        at_ms = media_time(parts[0] if tag == "d" else record.get("ts"), per_second=1)
        if isinstance(at_ms, str):
            return at_ms
        mode, pool = (parts[1], parts[5]) if tag == "d" else ("", "")
        text = clean(held) if isinstance(held := record.get("text"), str) else ""
        text = shown(text) if mode == POSITIONED else text
        if not text:
            return "no text"
        start = int(context["start_ms"]) if context.get("start_ms", "").isdigit() else None
        reading.rows.response(
            platform=PLATFORM,
            video=video,
            fork="danmaku" if tag == "d" else "superchat",
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=wall_ms(parts[4], "UTC") if tag == "d" else None if start is None else start + at_ms,
            sent_at_precision_s=1 if tag == "d" else _ESTIMATED_S,
            author=as_text(record.get("author")),
            is_special=is_special(mode, pool),
        )
        return None


def _recording(info: Mapping[str, str], origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
    """The room and the start of the recording, where the file tells them; together they name the video."""
    room = info.get("roomid") or info.get("room_id") or ""
    start = info.get("start_time") or info.get("record_start_time") or info.get("live_start_time") or ""
    start_ms = wall_ms(start, origin.tz or ZONE)
    room = room if room.isdecimal() and len(room) < 20 else ""
    moment = iso_utc(start_ms).replace("-", "").replace(":", "")
    name_video(origin, facts, f"live-{room}-{moment}" if room and moment else None, "room and start in the file")
    if start_ms is not None:
        facts.context["start_ms"] = str(start_ms)
    facts.notes.append(_CLOCK)
    title = info.get("title") or info.get("room_title") or ""
    if room or title or start:
        told = {"tag": "recording", "room": room, "title": title, "start": start, "author": info.get("name") or info.get("user_name") or ""}
        yield "recording", told


def _record(element: Element, people: dict[str, str]) -> dict[str, Any]:
    """An element without the names in it; `people` knows the number of each name met so far, which super chats leave out."""
    said = element.attributes
    if element.name in _EVENTS:
        return {"tag": element.name, "ts": said.get("ts", "")}
    parts = said.get("p", "").split(",")
    held = parts[_SENDER].strip() if len(parts) > _SENDER else ""
    name = said.get("user", "").strip()
    number = next((one for one in (said.get("uid", "").strip(), held) if one not in {"", "0"}), "")
    if number and name:
        people[name] = number
    author = number or people.get(name, "") or ("" if "***" in name else name)
    if element.name == "sc":
        kept = {"ts": said.get("ts", ""), "price": said.get("price", "")}
    else:
        parts[_SENDER : _SENDER + 1] = [""] if len(parts) > _SENDER else []
        kept = {"p": ",".join(parts)}
    return {"tag": element.name, **kept, "author": author, "text": element.text}


def _tell(elements: XmlElements, facts: Facts) -> None:
    if elements.is_cut:
        facts.truncated(_CUT)
    if elements.illegal:
        facts.notes.append(f"{elements.illegal:,} characters that XML forbids were left out")
