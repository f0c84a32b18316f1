"""Bilibili: comments as a column-oriented JSON."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.json_records import json_document
from yuhu.sources.reading import whole
from yuhu.sources.records import Reading, RecordImporter
from yuhu.texts.hostile import as_text, clean

PLATFORM = "bilibili"
ZONE = "Asia/Shanghai"

_DAY_S = 86_400
_DATE_LENGTH = 10


class BilibiliCommentColumns(RecordImporter):
    """Comments as one JSON object of columns: ``date``, ``level``, ``text``, ``like`` (naive times in Asia/Shanghai; no ids, no names)."""

    name = "bilibili_comment_columns.v1"
    label: Mapping[str, str] = {"en": "Bilibili comments, column-oriented JSON", "zh": "B站评论（按列 JSON）"}
    what = "comments"
    platform = PLATFORM

    def sniff(self, head: Head) -> float:
        """An object that starts with a list under one of the four columns."""
        return 0.9 if re.match(r'\s*\{\s*"(date|level|text|like)"\s*:\s*\[', head.text) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """One object a row.

        Raises
        ------
        YuhuError
            YH102 no column of texts; YH106 columns of different lengths, or no JSON.
        """
        facts.video_from = "--video" if origin.video else "file name"
        columns = json_document(origin)
        if not isinstance(columns, dict) or not isinstance(columns.get("text"), list):
            found = ", ".join(columns) if isinstance(columns, dict) else type(columns).__name__
            raise YuhuError("YH102", f"`{origin.name}` has no column `text`", facts={"found": found}, fix="export it again, or use --map")
        odd = [name for name in ("date", "like") if not isinstance(columns.get(name, []), list)]
        if odd:
            raise YuhuError(
                "YH106",
                f"column `{odd[0]}` of `{origin.name}` is no list",
                facts={"found": type(columns[odd[0]]).__name__},
                fix="export it again",
            )
        lengths = {name: len(column) for name, column in columns.items() if isinstance(column, list)}
        if len(set(lengths.values())) > 1:
            raise YuhuError(
                "YH106",
                f"`{origin.name}` has columns of different lengths",
                facts=lengths,
                fix="export it again: rows cannot be told apart",
            )
        for at, cells in enumerate(zip(*(columns[name] for name in lengths), strict=True), start=1):
            yield f"record {at}", dict(zip(lengths, cells, strict=True))

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A comment."""
        text, date = record.get("text"), as_text(record.get("date"))
        cleaned = clean(text) if isinstance(text, str) else ""
        if not cleaned:
            return "no text"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or reading.origin.stem,
            fork="comment",
            kind="comment",
            text=cleaned,
            sent_at=wall_ms(date, reading.origin.tz or ZONE),
            sent_at_precision_s=_DAY_S if date is not None and len(date) <= _DATE_LENGTH else 1,
            likes=whole(record.get("like")),
        )
        return None
