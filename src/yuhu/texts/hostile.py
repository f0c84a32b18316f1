"""Text from strangers, made safe for a medium: one function per medium. HTML is escaped by the templates themselves."""

import re
import unicodedata

from rich.markup import escape

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane + last) for plane in range(0x10000, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_UNREAD = dict.fromkeys(
    (
        *range(9),
        11,
        12,
        *range(14, 32),
        127,
        *range(0xFDD0, 0xFDF0),
        *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
    )
)
_LARGEST = 10**30
_MOST_MARKS = 4
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Text without control characters and lone surrogates, ends trimmed."""
    text = text.translate(_UNREAD)
    return text.encode("utf-8", "replace").decode().strip() if _has_surrogate(text) else text.strip()


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def as_text(value: object) -> str | None:
    """A scalar of a foreign record as clean text: strings and whole numbers; None for anything else and for nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int) and abs(value) >= _LARGEST:
        return None
    return clean(str(value)) or None


def csv_safe(text: str) -> str:
    """The text so that no spreadsheet runs it as a formula: a leading ``= + - @``, tab or return gets an apostrophe before it."""
    return f"'{text}" if _FORMULA.match(text) else text


def visible(text: str, longest: int = 200) -> str:
    """One line without control characters and direction overrides, cut at `longest` characters."""
    text = _NONCHARACTERS.sub("", text)
    kept = "".join(
        " " if char in "\n\r\t" else char
        for char in text
        if char in "\n\r\t" or (unicodedata.category(char) not in {"Cc", "Cs"} and char not in _BIDI)
    )
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def terminal_safe(text: str, longest: int = 200) -> str:
    """The text for a terminal: `visible`, with Rich's markup made inert."""
    return escape(visible(text, longest))


def revealed(text: str) -> str:
    """The text for a terminal that shows all of it: lines are kept, direction overrides and control characters stand there as ``<U+202E>``.

    Of marks piled on one letter four are kept: more would cover the lines around. Give it to Rich as a `Text`, never as markup.
    """
    out: list[str] = []
    marks = 0
    for char in text.replace("\r\n", "\n"):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if char in "\n\r\x85\u2028\u2029":
            out.append("\n")
        elif char == "\t":
            out.append(" ")
        elif category in {"Cc", "Cs"} or char in _BIDI or _NONCHARACTERS.match(char):
            out.append(f"<U+{ord(char):04X}>")
        elif marks <= _MOST_MARKS:
            out.append(char)
    return "".join(out)
