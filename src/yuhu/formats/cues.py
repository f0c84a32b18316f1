"""Subtitles as cues: SubRip, WebVTT and SubStation Alpha, every cue with its place, broken ones too.

A cue holds its times and its text as they are written; `clock_ms` and the ``plain_`` functions read them. Names of speakers (``<v Name>``, the
Name field of SubStation Alpha) are left out.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_MS = 48 * 3600 * 1000

_COLON, _POINT = ":\uff1a", ".,:;\uff0c\uff0e\uff1a\uff1b"
_DASH, _GREATER = "\u2013\u2014\uff0d-", ">\uff1e"
_CLOCK = re.compile(rf"(?:(\d{{1,3}})[{_COLON}])?(\d{{1,2}})[{_COLON}](\d{{1,2}})(?:[{_POINT}](\d{{1,6}}))?")
_ARROW = re.compile(rf"\s*[{_DASH}]{{1,3}}[{_GREATER}]\s*")
_TIMING = re.compile(rf"\s*[?xX\d{_POINT}{_DASH}]{{1,20}}\s*[{_DASH}]{{2,3}}[{_GREATER}]")
_INDEX = re.compile(r"\s*(\d{1,7})\s*$")
_LONGEST_TIMING = 200
_VOICE = re.compile(r"<(v(?:\.[^\s<>]*)?)\s[^<>]*>")
_MARKUP = re.compile(r"<\s?/?\s?[a-zA-Z][^<>]*>")
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_BRACES = re.compile(r"\{[^{}]*\}")
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9]")
_BREAKS = {"\\N": "\n", "\\n": "\n", "\\h": " "}
_CUE_TAG = re.compile(r"<[^<>]*>")
_WORD_TIME = re.compile(r"<(?:\d{1,3}:)?\d{1,2}:\d{2}\.\d{1,3}>")
_BLOCKS = ("NOTE", "STYLE", "REGION")


@dataclass(frozen=True)
class Cue:
    """One cue as written.

    Parameters
    ----------
    place : str
        Where it stands, for people.
    start, end : str
        Clock texts; empty where the file has none.
    text : str
        The payload with its tags, lines joined by line feeds.
    """

    place: str
    start: str
    end: str
    text: str


def clock_ms(text: str) -> int | None:
    """Milliseconds of a clock text (``00:01:02,500``, ``1:02.5``, ``0:01:02.50``); None for anything else, and past 48 hours."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds, fraction = found.groups()
    if int(seconds) > 59 or (hours and int(minutes) > 59):
        return None
    ms = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    return ms if ms <= LONGEST_MS else None


def srt_cues(lines: Iterable[str]) -> Iterator[Cue]:
    """Cues of SubRip text: found by their timing lines, so that missing numbers, missing blank lines and odd separators do no harm.

    A numbered block without a timing line is a cue without times.
    """
    index, number, start, end = 0, 0, "", ""
    held: list[str] = []
    for at, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n").lstrip("\ufeff")
        times = _times(text)
        if times is None:
            held.append(text)
            continue
        own = _own_index(held, index)
        yield from _block(number, start, end, held, index)
        index = own if own is not None else index + 1
        number, held = at, []
        start, end = times
    yield from _block(number, start, end, held, index)


def _times(line: str) -> tuple[str, str] | None:
    """Start and end of a timing line; a line that only looks like one has empty times."""
    parts = _ARROW.split(line, maxsplit=1) if len(line) <= _LONGEST_TIMING else [line]
    if len(parts) == 2:
        start, end = parts[0].strip(), parts[1].strip().split(" ")[0].split("\t")[0]
        if clock_ms(start) is not None and clock_ms(end) is not None:
            return start, end
        if _TIMING.match(line):
            return start, end
    return None


def _own_index(held: list[str], before: int) -> int | None:
    """The number that stands right above a timing line; it is taken out of the text of the cue before."""
    found = _INDEX.match(held[-1]) if held else None
    if found and (len(held) == 1 or not held[-2].strip() or int(found.group(1)) == before + 1):
        held.pop()
        return int(found.group(1))
    return None


def _block(number: int, start: str, end: str, held: list[str], index: int) -> Iterator[Cue]:
    """A cue, and what stands below it as numbered blocks without times."""
    lost = []
    for at in range(len(held) - 1, 0, -1):
        found = _INDEX.match(held[at])
        if found and index < int(found.group(1)) <= index + 3 and not held[at - 1].strip() and any(line.strip() for line in held[at + 1 :]):
            lost.append(Cue(f"line {number + at + 1}", "", "", "\n".join(held[at + 1 :]).strip()))
            del held[at:]
    if number or any(line.strip() for line in held):
        yield Cue(f"line {max(number, 1)}", start, end, "\n".join(held).strip())
    yield from reversed(lost)


def vtt_language(start: str) -> str:
    """The language that the header of a WebVTT file names; empty if none."""
    header = start.partition("\n\n")[0]
    found = re.search(r"^Language:\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*$", header, re.MULTILINE)
    return found.group(1) if found else ""


def vtt_cues(lines: Iterable[str]) -> Iterator[Cue]:
    """Cues of WebVTT text; settings, notes, styles and regions are passed over. A block that is none of these has no times."""
    block: list[tuple[int, str]] = []
    is_header = True
    for at, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text:
            block.append((at, text))
            continue
        if block:
            yield from _vtt_block(block, is_header=is_header)
            is_header = False
        block = []
    if block:
        yield from _vtt_block(block, is_header=is_header)


def _vtt_block(block: list[tuple[int, str]], *, is_header: bool) -> Iterator[Cue]:
    timings = [at for at, (_, text) in enumerate(block) if "-->" in text]
    if not timings:
        if not is_header and not block[0][1].startswith(_BLOCKS):
            yield Cue(f"line {block[0][0]}", "", "", _unvoiced("\n".join(text for _, text in block)))
        return
    for at, after in zip(timings, [*timings[1:], len(block)], strict=True):
        number, timing = block[at]
        start, _, rest = timing.partition("-->")
        end = rest.split()[0] if rest.split() else ""
        yield Cue(f"line {number}", start.strip(), end, _unvoiced("\n".join(text for _, text in block[at + 1 : after])))


def _unvoiced(text: str) -> str:
    return _VOICE.sub(r"<\1>", text)


def ass_cues(lines: Iterable[str]) -> Iterator[Cue]:
    """Dialogue lines of SubStation Alpha text, in the order of fields that its Format line gives; comments are no cues."""
    fields = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    inside = False
    for at, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if text.startswith("[") and text.endswith("]"):
            inside = text.lower() == "[events]"
        elif inside and text.lower().startswith("format:"):
            named = [name.strip().lower() for name in text[7:].split(",")]
            fields = named if {"start", "end", "text"} <= set(named) else fields
        elif text.startswith("Dialogue:"):
            cells = text[9:].strip().split(",", len(fields) - 1)
            cue = dict(zip(fields, cells, strict=False))
            yield Cue(f"line {at}", cue.get("start", "").strip(), cue.get("end", "").strip(), cue.get("text", ""))


def plain_srt(text: str) -> str:
    """Text of a SubRip cue without tags."""
    return _shown(_OVERRIDE.sub("", _MARKUP.sub("", text)))


def plain_vtt(text: str) -> str:
    """Text of a WebVTT cue without tags and word times, entities resolved."""
    return _shown(html.unescape(_CUE_TAG.sub("", text)))


def plain_ass(text: str) -> str:
    """Text of a SubStation Alpha line without override codes; empty for a drawing."""
    if _DRAWING.search(text):
        return ""
    text = _BRACES.sub("", text)
    for code, meant in _BREAKS.items():
        text = text.replace(code, meant)
    return _shown(text)


def has_word_times(text: str) -> bool:
    """Whether a WebVTT cue carries the time of each word, as automatic captions do."""
    return bool(_WORD_TIME.search(text))


def _shown(text: str) -> str:
    """The lines that show something, without spaces around them."""
    return "\n".join(stripped for line in text.replace("\xa0", " ").split("\n") if (stripped := line.strip()))
