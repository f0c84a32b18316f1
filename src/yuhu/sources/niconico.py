"""Niconico: the flat list of danmaku with ``vpos`` in hundredths of a second."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.json_records import json_document
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter

PLATFORM = "niconico"

_LONGEST_VPOS = 48 * 3600 * 100
_NOBODY = frozenset({None, "-1", "0"})
_SENDERS = frozenset({"user_id", "userId"})


class NiconicoFlatJson(RecordImporter):
    """A JSON list of ``{id, vpos, content, date, owner, …}``; an owner's danmaku are a fork of their own."""

    name = "niconico_flat_json.v1"
    label: Mapping[str, str] = {"en": "Niconico danmaku, flat JSON", "zh": "Niconico 弹幕（平铺 JSON）"}
    what = "danmaku"
    platform = PLATFORM
    personal = Personal(author=("user_id",))

    def sniff(self, head: Head) -> float:
        """A list of objects with ``vpos`` and ``content``."""
        start = head.text
        fits = not head.mapped and re.match(r"\s*\[\s*\{", start)
        return 0.9 if fits and '"vpos"' in start and '"content"' in start else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Danmaku of one video.

        Raises
        ------
        YuhuError
            YH106 not a JSON list.
        """
        facts.video_from = "--video" if origin.video else "file name"
        facts.context["video"] = origin.video or origin.stem
        found = json_document(origin)
        if not isinstance(found, list):
            raise YuhuError(
                "YH106", f"`{origin.name}` is not a list of danmaku", facts={"found": type(found).__name__}, fix="export it again"
            )
        for at, record in enumerate(found, start=1):
            yield f"record {at}", prepared(record) if isinstance(record, dict) else record

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku."""
        vpos, content, date = record.get("vpos"), record.get("content"), record.get("date")
        if isinstance(vpos, bool) or not isinstance(vpos, int | float):
            return "vpos is no number"
        if not 0 <= vpos <= _LONGEST_VPOS:
            return "media time lies outside 0 to 48 hours"
        text = clean(content) if isinstance(content, str) else ""
        if not text:
            return "no text"
        is_owner = bool(record.get("is_owner"))
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or reading.facts.context.get("video") or reading.origin.stem,
            fork="owner" if is_owner else "main",
            native=as_text(record.get("id")),
            kind="danmaku",
            text=text,
            at_ms=round(vpos * 10),
            sent_at=wall_ms(date, "UTC") if isinstance(date, int | float) else None,
            sent_at_precision_s=1,
            author=as_text(record.get("user_id")),
            actor="creator" if is_owner else None,
            is_special=is_command(text, is_owner=is_owner),
        )
        return None


def prepared(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with ``is_owner`` in place of ``owner``, and without ids that stand for nobody: in the raw copy they would look like persons."""
    kept = {name: value for name, value in record.items() if name != "owner" and not (name in _SENDERS and as_text(value) in _NOBODY)}
    return {**kept, "is_owner": bool(record["owner"])} if "owner" in record else kept


def is_command(text: str, *, is_owner: bool) -> bool:
    """Whether a message tells the player what to do: an owner's that begins with ``@`` or ``/``."""
    return is_owner and text.startswith(("@", "＠", "/"))
