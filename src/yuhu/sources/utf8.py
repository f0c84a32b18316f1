"""UTF-8: whether bytes are it, where they stop being it, and what is left of it where a few are broken."""

import re
from pathlib import Path

import polars as pl

from yuhu.sources.unpacking import pieces_of

_MANY = 4096
STRONG = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""Whole characters of three or four bytes: in other encodings they come about by chance, but seldom."""

_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
_LONE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_REPLACED = "\ufffd".encode()


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8; of many bytes, at several GB/s."""
    try:
        if len(content) > _MANY:
            pl.Series([content], dtype=pl.Binary).cast(pl.String)
        else:
            content.decode()
    except (UnicodeDecodeError, pl.exceptions.PolarsError):
        return False
    return True


def is_mendable(line: bytes) -> bool:
    """Whether a line is UTF-8 but for some broken bytes: as many whole characters of three or four bytes as broken places, or more.

    Surrogates count as whole: nothing but a program that takes UTF-16 for Unicode writes them so.
    """
    if not STRONG.search(line):
        return False
    text, broken, _ = as_utf8(line)
    whole = sum(char >= "\u0800" for char in text) - text.count("\ufffd")
    return whole + len(_LONE.findall(_PAIR.sub(b"", line))) >= broken


def as_utf8(line: bytes) -> tuple[str, int, int]:
    """A line as UTF-8, places that could not be read, and surrogate pairs that were put together."""
    pairs = 0
    if b"\xed" in line:
        line, pairs = _PAIR.subn(_joined, line)
        line = _LONE.sub(b"\xff", line)
    text = line.decode("utf-8", "replace")
    return text, text.count("\ufffd") - line.count(_REPLACED), pairs


def _joined(pair: re.Match[bytes]) -> bytes:
    return pair[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()


def first_bad(path: Path, name: str) -> int | None:
    """Where a file stops being UTF-8, in bytes; None if it never does."""
    at, rest = 0, b""
    with path.open("rb") as file:
        for piece in pieces_of(file, name):
            content = rest + piece
            whole = _whole(content)
            if not is_utf8(content[:whole]):
                try:
                    content.decode()
                except UnicodeDecodeError as error:
                    return at + error.start
            rest = content[whole:]
            at += whole
    return at if rest else None


def _whole(content: bytes) -> int:
    """Bytes up to a character that may go on in the next piece."""
    for back in range(1, min(4, len(content) + 1)):
        byte = content[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(content) - back if back < needed else len(content)
        if byte < 0x80:
            break
    return len(content)
