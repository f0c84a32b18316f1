"""4CAT's results on videos: speech turned into text by Whisper, and scenes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import LONGEST_MS, media_from, media_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.sources.captured import NO_TEXT, named, tally, words
from yuhu.sources.file_names import language
from yuhu.sources.flat import flat
from yuhu.sources.fourcat_tables import columns_of
from yuhu.sources.json_records import dig
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.subtitles import UNKNOWN

NOWHERE = "no video: neither a post nor a file is named"

_SPEECH = frozenset({"id", "body", "segments", "original_video_url", "post_ids"})
_SCENES = frozenset({"id", "start_time", "end_time", "scene_num"})
_SEGMENT = re.compile(r"\(start: *([\d.]+); *end: *([\d.]+);? *\)")
_LEAD = re.compile(r"^[\s,]*(?:text: )?")
_SPEAKER = re.compile(r"^\s*\[[^\]\n]*\] ?")
_HOST = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_SCENE_OF = re.compile(r"_scene_\d+$")
_ENDING = re.compile(r"\.[A-Za-z0-9]{2,4}$")
_HOSTS = {
    "tiktok": re.compile(r"tiktok"),
    "douyin": re.compile(r"douyin|(?:^|\.)amemv\.com$|(?:^|\.)zjcdn\.com$"),
    "xiaohongshu": re.compile(r"xhscdn|xiaohongshu"),
    "instagram": re.compile(r"instagram"),
    "x": re.compile(r"twimg|(?:^|\.)(?:twitter|x)\.com$"),
    "bilibili": re.compile(r"bilivideo|bilibili"),
    "youtube": re.compile(r"youtube|youtu\.be$|googlevideo"),
}
_NOTES = {
    "nameless": "{} rows: the file names no platform: give --platform as for the messages of these videos, or they will not meet them",
    "by file": "{} rows name no post: the video is called as the file that 4CAT worked on; --video says which it is",
    "translated": "{} lines are translations into English by the speech recogniser, not what was said",
}


class _OfVideos(RecordImporter):
    """Base: segments of the videos of posts, whose ids 4CAT keeps beside the address of the file."""

    def where(self, of: Mapping[str, Any], reading: Reading) -> list[dict[str, str]]:
        """Platform and id of the videos that a file is of: of the posts that it stood in, else of the file by its name; and notes on that."""
        origin, host = reading.origin, words(of.get("host"))
        platform = origin.platform or next((name for name, hosts in _HOSTS.items() if hosts.search(host)), UNKNOWN)
        listed = of.get("post_ids")
        posts = listed if isinstance(listed, list) else words(listed).split(",")
        videos = list(dict.fromkeys(name for post in posts if (name := named(post))))
        if not videos and (name := named(of.get("file"))):
            videos = [name]
            tally(reading, "by file")
        if platform == UNKNOWN:
            tally(reading, "nameless")
        reading.facts.platform = platform if reading.facts.platform in {"", UNKNOWN} else reading.facts.platform
        return [{"platform": platform, "video": video} for video in ([origin.video] if origin.video else videos)]

    def finish(self, reading: Reading) -> None:
        """What the file does not tell of its videos."""
        reading.facts.platform = reading.facts.platform or UNKNOWN
        noted = reading.state.get("notes", {})
        reading.facts.notes += [message.format(f"{noted[key]:,}") for key, message in _NOTES.items() if noted.get(key)]


class FourcatTranscripts(_OfVideos):
    """Whisper's transcripts: an audio file a line (``segments``, ``4CAT_metadata``), or a row of the table that 4CAT shows.

    A record is a line of speech with the file that it is from: ``{"of": {…}, "line": {start, end, text}}``; or a file without lines.
    """

    name = "fourcat_transcripts.v1"
    label: Mapping[str, str] = {"en": "4CAT transcripts (Whisper)", "zh": "4CAT 语音转写（Whisper）"}
    what = "transcript lines"
    personal = Personal(drop=("line.speaker", "line.words"))

    def sniff(self, head: Head) -> float:
        """``4CAT_metadata`` with ``audio_id``, or the columns; or Whisper's own fields in a file of JSON lines."""
        start = head.text
        if head.mapped or start.lstrip().startswith("<"):
            return 0.0
        if columns_of(head) >= _SPEECH or ('"4CAT_metadata"' in start and '"audio_id"' in start):
            return 0.96
        is_whisper = re.match(r"\s*\{", start) and re.search(r'"segments"\s*:\s*\[\s*\{', start) and re.search(r'"start"\s*:', start)
        return 0.85 if is_whisper and head.name.lower().endswith((".ndjson", ".jsonl")) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Lines of speech, audio file by audio file.

        Raises
        ------
        YuhuError
            YH105 encoding; YH106 neither JSON nor separated text.
        """
        facts.video_from = "--video" if origin.video else "a field, else the name of the audio file"
        for place, result in flat(origin).records:
            if not isinstance(result, dict):
                yield place, result
                continue
            of = _audio(result)
            lines = _lines(result)
            if not lines:
                yield place, {"of": of, "text": result.get("text") or result.get("body")}
            for at, line in enumerate(lines, start=1):
                yield f"{place}, segment {at}", {"of": of, "line": line}

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A line; or, where the recogniser gave no times, the whole speech of a file."""
        of, line = record.get("of"), record.get("line")
        if not isinstance(of, dict):
            return NOWHERE
        is_line = "line" in record
        text = words(dig(line, "text") if is_line else record.get("text"))
        start = _seconds(dig(line, "start")) if is_line else 0
        end = _seconds(dig(line, "end") if is_line else of.get("duration"))
        if is_line and (why := _untimed(start, end)):
            return why
        if not text:
            return NO_TEXT if is_line else "no speech"
        where = self.where(of, reading)
        lang = "en" if of.get("translated") is True else of.get("language")
        if where and of.get("translated") is True:
            tally(reading, "translated")
        for one in where:
            said = {"start_ms": start, "end_ms": end, "text": text, "lang": language(lang) if isinstance(lang, str) else None}
            reading.rows.add("segments", **one, kind="line" if is_line else "transcript", **said)
        return None if where else NOWHERE


class FourcatScenes(_OfVideos):
    """Scenes by the scene detector: a row each, with the clock times of start and end."""

    name = "fourcat_scenes.v1"
    label: Mapping[str, str] = {"en": "4CAT scenes", "zh": "4CAT 镜头分割"}
    what = "scenes"
    personal = Personal(drop=("url",))

    def sniff(self, head: Head) -> float:
        """The columns."""
        columns = columns_of(head)
        return 0.96 if columns >= _SCENES and columns & {"num_scenes_detected", "scene_duration", "start_frame"} else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Rows, with the video that each is of.

        Raises
        ------
        YuhuError
            YH105 encoding; YH106 neither JSON nor separated text.
        """
        facts.video_from = "--video" if origin.video else "a column, else the name of the video file"
        for place, row in flat(origin).records:
            yield place, {**row, "of": _file(row)} if isinstance(row, dict) else row

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A scene; and how long its video is."""
        of = record.get("of")
        start, end = (_clock(record.get(name)) for name in ("start_time", "end_time"))
        if why := _untimed(start, end):
            return why
        where = self.where(of, reading) if isinstance(of, dict) else []
        met: set[str] = reading.state.setdefault("videos", set())
        for one in where:
            reading.rows.add("segments", **one, kind="scene", name=named(record.get("scene_num")), start_ms=start, end_ms=end)
            lasts = _clock(record.get("total_video_duration")) or None
            if lasts is not None and one["video"] not in met:
                met.add(one["video"])
                reading.rows.video(**one, duration_ms=lasts)
        return None if where else NOWHERE


def _audio(result: Mapping[str, Any]) -> dict[str, Any]:
    """What 4CAT says of an audio file."""
    meta = result.get("4CAT_metadata")
    said: Mapping[str, Any] = meta if isinstance(meta, dict) else result
    about = said.get("audio_metadata")
    translated = said.get("auto_translate")
    return {
        "file": _stem(said.get("audio_id") or result.get("id")),
        "host": _host(dig(about, "url") or result.get("original_video_url")),
        "post_ids": dig(about, "post_ids") or result.get("post_ids"),
        "translated": translated is True or words(translated).lower() == "true",
        "language": result.get("language"),
        "duration": result.get("duration"),
    }


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of scenes says of its video."""
    return {"file": _stem(row.get("filename") or row.get("id")), "host": _host(row.get("url")), "post_ids": row.get("post_ids")}


def _stem(name: object) -> str:
    return _ENDING.sub("", _SCENE_OF.sub("", named(name) or ""))


def _host(url: object) -> str:
    """The host of an address: its path and query may name people, and are not read."""
    found = _HOST.match(words(url))
    return found.group(1).lower() if found else ""


def _lines(result: Mapping[str, Any]) -> list[Any]:
    """Lines with their times: a list, or the text in which 4CAT's table shows it; there the name of a speaker stands in brackets."""
    segments = result.get("segments")
    if not isinstance(segments, str):
        return segments if isinstance(segments, list) else []
    lead = _SPEAKER if result.get("openai_action") == "diarize" else _LEAD
    lines, at = [], 0
    for found in _SEGMENT.finditer(segments):
        lines.append({"start": found.group(1), "end": found.group(2), "text": lead.sub("", segments[at : found.start()]).strip()})
        at = found.end()
    return lines


def _untimed(start: int | None, end: int | None) -> str | None:
    """Why two times make no stretch of a video."""
    if start is None or end is None:
        return "the times are not understood"
    return "the end lies before the start" if end < start else None


def _seconds(value: object) -> int | None:
    return media_from(value, per_second=1)


def _clock(value: object) -> int | None:
    """Milliseconds of a clock time within 48 hours."""
    ms = media_ms(value) if isinstance(value, str) else None
    return ms if ms is not None and ms <= LONGEST_MS else None
