"""Responses as paragraphs of a text that can be told apart again, whatever the responses say.

Each paragraph has a head line with its number, its unit, context for the coder, and the number of characters that follow; a reader counts these and
never looks for a separator, so that no response can pass for the next one. The text is all that programs keep: identifiers may change on the way.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HEAD = re.compile(r"\u25b8 (\d{1,9})/(\d{1,9}) \| ([a-z]+):((?:[^|\n\r%]|%[0-9a-f]{2,6};)*) \| ([^|\n\r]*) \| (\d{1,9})\n")
_UNSAFE = re.compile("[|%\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ESCAPED = re.compile(r"%([0-9a-f]{2,6});")
_END = "\n\n"


@dataclass(frozen=True)
class Paragraph:
    """A unit in a text.

    Parameters
    ----------
    kind : str
        ``response`` or ``text``.
    unit : str
        Its id.
    context : str
        One line for the coder.
    text : str
        What is coded.
    start, end : int
        Where the text stands, in code points; 0 before it is laid out.
    """

    kind: str
    unit: str
    context: str
    text: str
    start: int = 0
    end: int = 0


def laid_out(paragraphs: Sequence[Paragraph]) -> tuple[str, list[Paragraph]]:
    """One text of all paragraphs, and the paragraphs with their places in it. O(characters)."""
    parts: list[str] = []
    placed: list[Paragraph] = []
    at = 0
    for number, one in enumerate(paragraphs, start=1):
        head = f"\u25b8 {number}/{len(paragraphs)} | {one.kind}:{_safe(one.unit)} | {_safe(one.context)} | {len(one.text)}\n"
        start = at + len(head)
        placed.append(Paragraph(one.kind, one.unit, one.context, one.text, start, start + len(one.text)))
        parts += [head, one.text, _END]
        at = start + len(one.text) + len(_END)
    return "".join(parts), placed


def paragraphs_of(text: str) -> list[Paragraph] | None:
    """The paragraphs of a text that `laid_out` made; None for any other text, and for one that was changed."""
    found: list[Paragraph] = []
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None or int(head.group(1)) != len(found) + 1:
            return None
        start, end = head.end(), head.end() + int(head.group(6))
        if end > len(text) or (text[end : end + 2] != _END and text[end:].strip()):
            return None
        found.append(Paragraph(head.group(3), _plain(head.group(4)), _plain(head.group(5)), text[start:end], start, end))
        at = end + len(_END)
    return found or None


def context_line(values: Iterable[object]) -> str:
    """Context of a unit in one line."""
    return " \u00b7 ".join(str(value) for value in values if value is not None and str(value))


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"%{ord(found.group()):02x};", text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(min(int(found.group(1), 16), 0x10FFFF)), text)
