"""Subtitles: SubRip, WebVTT and SubStation Alpha become the transcript of a video, line by line."""

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.formats.cues import (
    Cue,
    ass_cues,
    clock_ms,
    has_word_times,
    plain_ass,
    plain_srt,
    plain_vtt,
    srt_cues,
    vtt_cues,
    vtt_language,
)
from yuhu.sources.file_names import language, platform_of, video_and_language
from yuhu.sources.reading import clean, opened
from yuhu.sources.records import Reading, RecordImporter

UNKNOWN = "file"
_ROLLED_GAP_MS = 100
_FLASH_MS = 50
_ROLLED_SHARE = 0.2
_LONGEST_TITLE = 40
_ON_SCREEN = re.compile(r"^Dialogue:.*?\{[^{}\n]*\\(?:move|pos)\(", re.MULTILINE)
_DIALOGUE = re.compile(r"^Dialogue:", re.MULTILINE)
_SRT_TIMING = re.compile(
    r"^\s*\d{1,3}[:\uff1a]\d{1,2}[:\uff1a]\d{1,2}\S{0,5}\s*[\u2013\u2014\uff0d-]{1,3}[>\uff1e]\s*\d{1,3}[:\uff1a]\d{1,2}", re.MULTILINE
)


def name_video(origin: Origin, facts: Facts, lang: str | None = None, platform: str = "") -> None:
    """Say which video the lines belong to, in which language: the person's word, then the file's, then the name's."""
    video, named = video_and_language(origin)
    facts.context["video"] = origin.video or video
    facts.context["lang"] = lang or named or ""
    facts.video_from = "--video" if origin.video else "file name"
    facts.platform = origin.platform or platform or platform_of(facts.context["video"]) or UNKNOWN
    facts.context["platform"] = facts.platform
    if facts.platform == UNKNOWN:
        facts.notes.append(
            "the file names no platform: give --platform and --video as for the messages of this video, or its lines will not meet them"
        )


def add_segment(reading: Reading, kind: str, start: int, end: int, text: str | None, **more: str | None) -> None:
    """One stretch of the video that `name_video` named."""
    context = reading.facts.context
    said = {"lang": context.get("lang") or None, **more}
    where = {"platform": reading.origin.platform or context.get("platform") or reading.platform, "video": context.get("video")}
    reading.rows.add("segments", **where, kind=kind, start_ms=start, end_ms=end, text=text, **said)


class _Cues(RecordImporter):
    """Base: cues of a text format, one a record of ``start``, ``end`` and ``text`` as written."""

    what = "transcript lines"

    @abstractmethod
    def cues(self, origin: Origin, facts: Facts) -> list[Cue]:
        """All cues, broken ones too."""

    @abstractmethod
    def plain(self, text: str) -> str:
        """The text of a cue without tags."""

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each cue.

        Raises
        ------
        YuhuError
            YH106 the file holds none.
        """
        cues = self.cues(origin, facts)
        if not cues:
            raise YuhuError("YH106", f"`{origin.name}` holds no subtitle line", fix="export or download it again")
        if rolls_up(cues, self.plain):
            facts.context["rolls_up"] = "yes"
        for cue in cues:
            yield cue.place, {"start": cue.start, "end": cue.end, "text": cue.text}

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A line of the transcript; a cue that only repeats what stood before it is merged into that."""
        start, end = (clock_ms(value) if isinstance(value := record.get(name), str) else None for name in ("start", "end"))
        if start is None or end is None:
            return "no times" if not record.get("start") and not record.get("end") else "the times are not understood"
        if end < start:
            return "the end lies before the start"
        text = record.get("text")
        lines = clean(self.plain(text)).split("\n") if isinstance(text, str) else []
        if not any(lines):
            return "no text"
        if reading.facts.context.get("rolls_up"):
            lines = _unrolled(lines, start, end, reading)
            if not lines:
                return None
        elif (start, end, lines) == reading.state.get("before"):
            return "the line before it, again"
        reading.state["before"] = (start, end, lines)
        add_segment(reading, "line", start, end, "\n".join(lines))
        return None

    def finish(self, reading: Reading) -> None:
        """Say how many cues were merged."""
        if merged := reading.state.get("merged"):
            reading.facts.notes.append(f"{merged:,} cues only repeat the line before them (roll-up captions) and were merged into it")


def rolls_up(cues: Sequence[Cue], plain: Any) -> bool:
    """Whether captions roll up: words carry times, or many cues flash for an instant and repeat the last line of the one before."""
    if any(has_word_times(cue.text) for cue in cues):
        return True
    flashes, last = 0, ""
    for cue in cues:
        lines = plain(cue.text).split("\n")
        start, end = clock_ms(cue.start), clock_ms(cue.end)
        if start is not None and end is not None and 0 <= end - start <= _FLASH_MS and lines[0] and lines[0] == last:
            flashes += 1
        last = lines[-1]
    return flashes >= 2 and flashes >= _ROLLED_SHARE * len(cues)


def _unrolled(lines: list[str], start: int, end: int, reading: Reading) -> list[str]:
    """The lines that were not on the screen a moment before; where there are none, the segment before lasts until this one ends."""
    last_end, last = reading.state.get("screen", (-_ROLLED_GAP_MS - 1, []))
    fresh = lines
    if start - last_end <= _ROLLED_GAP_MS:
        kept = next((n for n in range(min(len(last), len(lines)), 0, -1) if last[-n:] == lines[:n]), 0)
        fresh = lines[kept:]
    reading.state["screen"] = (end, lines)
    if not fresh:
        reading.state["merged"] = reading.state.get("merged", 0) + 1
        segments = reading.rows.tables.get("segments")
        if segments:
            segments[-1]["end_ms"] = max(segments[-1]["end_ms"], end)
    return fresh


class SubRip(_Cues):
    """SubRip: a number, ``00:00:01,000 --> 00:00:02,000``, the text, an empty line."""

    name = "subtitles_srt.v1"
    label: Mapping[str, str] = {"en": "subtitles, SRT", "zh": "字幕 SRT"}

    def sniff(self, head: Head) -> float:
        """A timing line near the start; no header of WebVTT or SubStation Alpha."""
        start = "\n".join(head.text[:4096].split("\r")).lstrip()
        if head.mapped or start.startswith(("WEBVTT", "[", "{", "<")):
            return 0.0
        found = _SRT_TIMING.search(start)
        return 0.9 if found and len(start[: found.start()].split()) <= _LONGEST_TITLE else 0.0

    def cues(self, origin: Origin, facts: Facts) -> list[Cue]:
        """Cues of the file; video and language from its name."""
        name_video(origin, facts)
        with opened(origin) as file:
            return list(srt_cues(file))

    def plain(self, text: str) -> str:
        """Without HTML tags and override codes."""
        return plain_srt(text)


class WebVtt(_Cues):
    """WebVTT: a header ``WEBVTT``, then blocks with a timing line."""

    name = "subtitles_vtt.v1"
    label: Mapping[str, str] = {"en": "subtitles, WebVTT", "zh": "字幕 WebVTT"}

    def sniff(self, head: Head) -> float:
        """The header."""
        return 0.95 if not head.mapped and re.match(r"WEBVTT(?:\s|$)", head.text) else 0.0

    def cues(self, origin: Origin, facts: Facts) -> list[Cue]:
        """Cues of the file; the language from its header, else from its name."""
        with opened(origin) as file:
            lines = list(file)
        stated = vtt_language("".join(lines[:20]).replace("\r\n", "\n").replace("\r", "\n"))
        name_video(origin, facts, language(stated) if stated else None)
        return list(vtt_cues(lines))

    def plain(self, text: str) -> str:
        """Without tags and word times."""
        return plain_vtt(text)


class SubStation(_Cues):
    """SubStation Alpha, ASS and SSA: the Dialogue lines, in the order of fields that the Format line gives."""

    name = "subtitles_ass.v1"
    label: Mapping[str, str] = {"en": "subtitles, ASS or SSA", "zh": "字幕 ASS/SSA"}

    def sniff(self, head: Head) -> float:
        """Dialogue lines, most of which stand still: danmaku turned into ASS move, or have a place each."""
        if head.mapped or not re.match(r"\s*\[Script Info\]", head.text, re.IGNORECASE):
            return 0.0
        text = head.text.replace("\r", "\n")
        lines, placed = len(_DIALOGUE.findall(text)), len(_ON_SCREEN.findall(text))
        if not lines:
            return 0.5 if "[V4" in head.text else 0.0
        return 0.9 if placed * 2 <= lines else 0.3

    def cues(self, origin: Origin, facts: Facts) -> list[Cue]:
        """Dialogue lines of the file; video and language from its name."""
        name_video(origin, facts)
        with opened(origin) as file:
            return list(ass_cues(file))

    def plain(self, text: str) -> str:
        """Without override codes; empty for a drawing."""
        return plain_ass(text)
