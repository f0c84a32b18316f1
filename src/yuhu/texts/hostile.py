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
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
