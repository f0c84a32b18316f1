"""Danmaku that a tool turned into ASS for players: texts and times of appearance are left, senders and times of sending are not."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.formats.cues import ass_cues, clock_ms, plain_ass
from yuhu.sources.reading import clean, opened
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.timed_messages import name_video

PLATFORM = "bilibili"

_SCRIPT = re.compile(r"\s*\[Script Info\]", re.IGNORECASE)
_DIALOGUE = re.compile(r"^Dialogue:", re.MULTILINE)
_PLACED = re.compile(r"^Dialogue:.*?\{[^{}\n]*\\(?:move|pos)\(", re.MULTILINE)
_MOVING = re.compile(r"^Dialogue:.*?\{[^{}\n]*\\move\(", re.MULTILINE)
_TOOL = re.compile(r"^(?:;|Title|Script Updated By|Original Script).*(?:danmaku|biliass|弹幕|彈幕|コメント)", re.IGNORECASE | re.MULTILINE)
_STYLES = re.compile(r"^Style:\s*(?:R2L|L2R|Danmaku|danmaku2ass_\w+|biliass_\w+|弹幕)\s*,", re.IGNORECASE | re.MULTILINE)
_BOXES = frozenset({"message_box", "gift_box", "price"})
_LOSS = (
    "ASS keeps a text and the time at which it appears: no sender, no time of sending, no id; the tool may have left out messages that would "
    "not fit on the screen. Add the danmaku themselves (XML, protobuf, JSON) where there are any"
)
_GUESSED = "the file names no platform: bilibili is taken for granted unless --platform says otherwise"


class DanmakuAss(RecordImporter):
    """ASS whose lines move across the screen or have a place each, as biliass, Danmaku2ASS and DanmakuFactory write it."""

    name = "danmaku_ass.v1"
    label: Mapping[str, str] = {"en": "danmaku turned into ASS", "zh": "弹幕转成的 ASS"}
    what = "danmaku"
    platform = PLATFORM

    def sniff(self, head: Head) -> float:
        """Most lines are moved or placed, and some move or a tool's name stands in the head; subtitles stand still."""
        if head.mapped or not _SCRIPT.match(head.text):
            return 0.0
        text = head.text.replace("\r", "\n")
        lines, placed, moving = (len(pattern.findall(text)) for pattern in (_DIALOGUE, _PLACED, _MOVING))
        is_made = bool(_TOOL.search(text[:4096]) or _STYLES.search(text[:16384]))
        if not lines or placed * 2 <= lines:
            return 0.0
        return 0.95 if is_made or moving * 5 >= lines else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each line of dialogue.

        Raises
        ------
        YuhuError
            YH106 the file holds none.
        """
        name_video(origin, facts)
        facts.notes.append(_LOSS)
        if not origin.platform:
            facts.notes.append(_GUESSED)
        is_empty = True
        with opened(origin) as file:
            styles: dict[str, str] = {}
            for cue in ass_cues(_styled(file, styles)):
                is_empty = False
                style = styles.pop(cue.place, "")
                yield cue.place, {"start": cue.start, "style": style, "text": "" if style in _BOXES else cue.text}
        if is_empty:
            raise YuhuError("YH106", f"`{origin.name}` holds no line of dialogue", fix="make it again from the danmaku")

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A danmaku."""
        start, style, text = (value if isinstance(value := record.get(name), str) else "" for name in ("start", "style", "text"))
        at_ms = clock_ms(start)
        if at_ms is None:
            return "media time is not understood"
        if style in _BOXES:
            return "a box of gifts or paid messages, drawn beside the danmaku"
        shown = clean(plain_ass(text))
        if not shown:
            return "no text"
        reading.rows.response(
            platform=PLATFORM,
            video=reading.origin.video or reading.facts.context.get("video") or reading.origin.stem,
            fork="danmaku",
            kind="danmaku",
            text=shown,
            at_ms=at_ms,
            is_special=False,
        )
        return None


def _styled(lines: Iterable[str], styles: dict[str, str]) -> Iterator[str]:
    """The lines as they are; the style of each line of dialogue is put into `styles` under its place."""
    for at, line in enumerate(lines, start=1):
        if line.startswith("Dialogue:"):
            styles[f"line {at}"] = next(iter(line.split(",", 4)[3:4]), "").strip()
        yield line
