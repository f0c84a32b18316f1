"""Niconico before 2022: ``<packet>`` of ``<chat>``, and the same as a JSON list of ``{"chat": {…}}``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.json_records import Broken, json_records
from yuhu.sources.niconico import PLATFORM, is_command, prepared
from yuhu.sources.reading import as_text, clean, whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import media_time, name_video
from yuhu.sources.xml_elements import XmlElements

_FORKS = {"0": "main", "1": "owner", "2": "easy"}
_XML = re.compile(r"<chat\s[^<>]*\bvpos\s*=")
_PROTOCOL = frozenset({"ping", "leaf", "global_num_res", "view_counter", "num_click"})
_JSON = re.compile(r'\{\s*"chat"\s*:\s*\{')


class NiconicoLegacy(RecordImporter):
    """``<chat thread no vpos date user_id mail fork>text</chat>``: ``vpos`` in hundredths of a second.

    A record holds the attributes of a chat and its text as ``content``.
    """

    name = "niconico_legacy.v1"
    label: Mapping[str, str] = {"en": "Niconico danmaku, XML or JSON before 2022", "zh": "Niconico 旧版弹幕（XML、JSON）"}
    what = "danmaku"
    platform = PLATFORM
    personal = Personal(author=("user_id",), drop=("name",))

    def sniff(self, head: Head) -> float:
        """A chat with ``vpos``."""
        start = head.text
        if head.mapped:
            return 0.0
        if start.lstrip().startswith("<"):
            return 0.95 if _XML.search(start) else 0.0
        return 0.95 if re.match(r"\s*[\[{]", start) and _JSON.search(start) and '"vpos"' in start else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each chat.

        Raises
        ------
        YuhuError
            YH106 neither XML nor JSON; YH109 an entity declaration; YH110 larger than memory allows.
        """
        name_video(origin, facts)
        threads: dict[tuple[str, str], int] = {}
        with origin.path.open("rb") as file:
            is_xml = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        number = 0
        for place, record in _xml(origin, facts) if is_xml else _json(origin):
            if isinstance(record, dict) and "chat" not in record:
                _thread(record.get("thread"), threads, facts)
                continue
            number += 1
            chat = record["chat"] if isinstance(record, dict) else record
            if isinstance(chat, dict):
                facts.context.setdefault("thread", as_text(chat.get("thread")) or "")
                chat = prepared(chat)
            yield place or f"chat {number}", chat
        if threads:
            facts.expect("danmaku", sum(threads.values()), video=facts.context["video"])

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku."""
        if (as_text(record.get("deleted")) or "0") != "0":
            return "deleted on the site"
        at_ms = media_time(record.get("vpos"), per_second=100)
        if isinstance(at_ms, str):
            return at_ms
        content = record.get("content")
        text = clean(content) if isinstance(content, str) else ""
        if not text:
            return "no text"
        context = reading.facts.context
        fork = "owner" if record.get("is_owner") is True else _FORKS.get(as_text(record.get("fork")) or "0", "main")
        number, thread = as_text(record.get("no")), as_text(record.get("thread"))
        is_first = thread is None or thread == context.get("thread")
        is_owner = fork == "owner"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or context.get("video") or reading.origin.stem,
            fork=fork,
            native=number if number is None or is_first else f"{thread}.{number}",
            kind="danmaku",
            text=text,
            at_ms=at_ms,
            sent_at=wall_ms(record.get("date"), "Asia/Tokyo"),
            sent_at_precision_s=1,
            author=as_text(record.get("user_id")),
            actor="creator" if is_owner else None,
            likes=whole(record.get("nicoru")),
            is_special=is_command(text, is_owner=is_owner),
        )
        return None


def _xml(origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
    elements = XmlElements(origin, frozenset({"chat", "thread"}))
    for element in elements:
        if element.name == "thread":
            yield "", {"thread": element.attributes}
        else:
            held: dict[str, Any] = {**element.attributes, "content": element.text}
            if "owner" in held:
                held["owner"] = held["owner"] in {"1", "true"}
            yield "", {"chat": held}
    if elements.is_cut:
        facts.truncated("the file ends before its closing tag: download it again")
    if elements.cut_inside is not None:
        yield "end of file", Broken("the file ends inside a record", elements.cut_inside.encode("utf-8", "replace"))
    if elements.illegal:
        facts.notes.append(f"{elements.illegal:,} characters that XML forbids were left out")


def _json(origin: Origin) -> Iterator[tuple[str, Any]]:
    """Chats and threads; what the site sends around them is no record."""
    for place, record in json_records(origin):
        if not isinstance(record, dict) or "chat" in record:
            yield place, record
        elif "thread" in record:
            yield "", {"thread": record["thread"]}
        elif not _PROTOCOL & record.keys():
            yield place, {"chat": record}


def _thread(told: Any, threads: dict[tuple[str, str], int], facts: Facts) -> None:
    """The number of a thread's last message, and when it was read."""
    if not isinstance(told, Mapping):
        return
    key = (as_text(told.get("thread")) or "", as_text(told.get("fork")) or "0")
    last = whole(told.get("last_res"))
    if last is not None:
        threads[key] = max(last, threads.get(key, 0))
    facts.exported_at = iso_utc(wall_ms(told.get("server_time"), "UTC")) or facts.exported_at
