"""The normal form in which terms are matched, and the way back to the text as it was written."""

import unicodedata

import polars as pl

VERSION = "normal.v1"

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)
_INVISIBLE_RE = "[" + _INVISIBLE + "]"
_SHRINKING = r"[\p{M}\x{FF9E}\x{FF9F}\x{1100}-\x{11FF}" + _INVISIBLE + "]"
_FOLD = {"’": "'", "‘": "'", "ʼ": "'"}


def normal_form(column: pl.Expr) -> pl.Expr:
    """Texts in normal form: NFKC, lower case, without invisible characters, straight apostrophes.

    Notes
    -----
    O(total bytes). Emoji keep their skin tones; variation selectors and joiners go, so a term does not depend on them.
    """
    return column.str.normalize("NFKC").str.to_lowercase().str.replace_all(_INVISIBLE_RE, "").str.replace_all("[’‘ʼ]", "'")


def is_aligned(text: pl.Expr, normal: pl.Expr) -> pl.Expr:
    """Whether each character of a text stands at the same place in its normal form.

    Only combining marks, jamo and invisible characters can make a text shorter; without any, equal lengths mean that nothing moved.
    """
    return (text.str.len_chars() == normal.str.len_chars()) & ~text.str.contains(_SHRINKING)


def normal_text(text: str) -> str:
    """One text in normal form; the same as `normal_form` (a test holds the two together)."""
    return _fold(unicodedata.normalize("NFKC", text).lower())


def _fold(text: str) -> str:
    return "".join(_FOLD.get(char, char) for char in text if char not in _INVISIBLE)


def _continues(char: str) -> bool:
    """Whether a character may merge with the one before it under NFKC."""
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.combining(first) != 0 or "\u1161" <= first <= "\u11ff"


def back_map(text: str) -> list[int] | None:
    """Position in `text` of each character of its normal form, with ``len(text)`` at the end.

    Returns
    -------
    list of int or None
        None where the pieces do not add up to the whole; then only the whole text can serve as evidence.
    """
    places: list[int] = []
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _continues(text[end]):
            end += 1
        piece = normal_text(text[start:end])
        pieces.append(piece)
        places += [start] * len(piece)
        start = end
    if "".join(pieces) != normal_text(text):
        return None
    return [*places, len(text)]
