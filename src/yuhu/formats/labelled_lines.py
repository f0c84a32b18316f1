"""Texts of several fields that people can read and a program reads back exactly: ``key · sign: text``, further lines set in by two spaces.

They stand where a format has one description for all that a codebook says.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HEAD = re.compile(r"([a-z][a-z_ ]{0,30})((?: · [^:·\n]*)*):(?: |$)")
_UNSAFE = re.compile(r"[%:·\n\r\t ]")
_ESCAPED = re.compile(r"%([0-9a-f]{2,6});")


@dataclass(frozen=True)
class Line:
    """A field: its key, what it is qualified by (a language, a value), and its text."""

    key: str
    signs: tuple[str, ...] = ()
    text: str = ""


def written_lines(lines: Iterable[Line]) -> str:
    """Fields as one text."""
    out = []
    for line in lines:
        head = "".join((line.key, *(f" · {_sign(sign)}" for sign in line.signs)))
        out.append(f"{head}: " + line.text.replace("\n", "\n  "))
    return "\n".join(out)


def read_lines(text: str) -> list[Line]:
    """The fields of a text; what stands before the first key is no field."""
    found: list[tuple[str, tuple[str, ...], list[str]]] = []
    for row in text.split("\n"):
        head = _HEAD.match(row)
        if head:
            signs = tuple(_unsigned(sign) for sign in head.group(2).split(" · ")[1:])
            found.append((head.group(1), signs, [row[head.end() :]]))
        elif found:
            found[-1][2].append(row.removeprefix("  "))
    return [Line(key, signs, "\n".join(rows)) for key, signs, rows in found]


def _sign(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"%{ord(found.group()):02x};", text)


def _unsigned(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(min(int(found.group(1), 16), 0x10FFFF)), text)
