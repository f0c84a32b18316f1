"""Subtitles as JSON: Bilibili's own, YouTube's json3, and transcripts of Whisper."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import media_from
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.file_names import language
from yuhu.sources.json_records import json_document
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.subtitles import add_segment, name_video


class _JsonLines(RecordImporter):
    """Base: a document with a list of lines under one key, and perhaps its language under another."""

    what = "transcript lines"
    key = ""
    languages: tuple[str, ...] = ()

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each line of the list.

        Raises
        ------
        YuhuError
            YH102 the list is missing; YH106 not JSON.
        """
        document = json_document(origin)
        lines = document.get(self.key) if isinstance(document, dict) else None
        if not isinstance(lines, list):
            raise YuhuError("YH102", f"`{origin.name}` has no list `{self.key}`", fix="export or download it again")
        stated = next((tag for name in self.languages if (tag := as_text(document.get(name)))), None)
        name_video(origin, facts, language(stated) if stated else None, self.platform)
        for at, line in enumerate(lines, start=1):
            yield f"line {at}", line

    def line(self, start: int | None, end: int | None, text: str, reading: Reading) -> str | None:
        """A line of the transcript, or why it is none."""
        if start is None or end is None:
            return "the times are not understood"
        if end < start:
            return "the end lies before the start"
        if not text:
            return "no text"
        add_segment(reading, "line", start, end, text)
        return None


class BilibiliSubtitles(_JsonLines):
    """Subtitles as Bilibili serves them: ``{"body": [{"from": 1.2, "to": 3.4, "content": …}]}``, times in seconds."""

    name = "bilibili_subtitles_json.v1"
    label: Mapping[str, str] = {"en": "Bilibili subtitles, JSON", "zh": "哔哩哔哩字幕 JSON"}
    platform = "bilibili"
    key = "body"
    languages = ("lan", "lang")

    def sniff(self, head: Head) -> float:
        """An object with ``body``, whose items have ``from``, ``to`` and ``content``."""
        start = head.text
        if head.mapped or not re.match(r"\s*\{", start) or not re.search(r'"body"\s*:\s*\[', start):
            return 0.0
        return 0.95 if all(f'"{name}"' in start for name in ("from", "to", "content")) else 0.0

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A line of the transcript."""
        text = record.get("content")
        start, end = media_from(record.get("from"), per_second=1), media_from(record.get("to"), per_second=1)
        return self.line(start, end, clean(text) if isinstance(text, str) else "", reading)


class WhisperTranscript(_JsonLines):
    """A transcript by Whisper or one of its kin: ``{"text", "language", "segments": [{"start", "end", "text", …}]}``, times in seconds."""

    name = "whisper_json.v1"
    label: Mapping[str, str] = {"en": "Whisper transcript, JSON", "zh": "Whisper 转写 JSON"}
    key = "segments"
    languages = ("language",)
    personal = Personal(drop=("speaker", "words"))

    def sniff(self, head: Head) -> float:
        """An object with ``segments``, whose items have ``start``, ``end`` and ``text``."""
        start = head.text
        if head.mapped or not re.match(r"\s*\{", start) or not re.search(r'"segments"\s*:\s*\[\s*\{', start):
            return 0.0
        return 0.8 if all(re.search(rf'"{name}"\s*:', start) for name in ("start", "end", "text")) else 0.0

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A line of the transcript; speakers and words are not read."""
        text = record.get("text")
        start, end = media_from(record.get("start"), per_second=1), media_from(record.get("end"), per_second=1)
        return self.line(start, end, clean(text) if isinstance(text, str) else "", reading)


class YoutubeTimedText(_JsonLines):
    """Captions as YouTube serves them (json3): ``{"events": [{"tStartMs", "dDurationMs", "segs": [{"utf8"}]}]}``, times in milliseconds."""

    name = "youtube_captions_json3.v1"
    label: Mapping[str, str] = {"en": "YouTube captions, json3", "zh": "YouTube 字幕 json3"}
    platform = "youtube"
    key = "events"

    def sniff(self, head: Head) -> float:
        """An object with ``events`` and ``tStartMs``."""
        start = head.text
        return 0.95 if not head.mapped and re.match(r"\s*\{", start) and '"events"' in start and '"tStartMs"' in start else 0.0

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A line of the transcript; events that open a window or break a line show nothing and give none."""
        parts = record.get("segs")
        if not isinstance(parts, list):
            return None
        text = clean("".join(one["utf8"] for one in parts if isinstance(one, dict) and isinstance(one.get("utf8"), str)))
        if not text and record.get("aAppend"):
            return None
        start, length = media_from(record.get("tStartMs"), per_second=1000), media_from(record.get("dDurationMs", 0), per_second=1000)
        return self.line(start, start + length if start is not None and length is not None else None, text, reading)
