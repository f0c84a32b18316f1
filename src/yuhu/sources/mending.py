"""Texts that are not clean UTF-8: lines in an older encoding, lines in two encodings, and UTF-8 with broken bytes, made UTF-8 line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import IO

import numpy as np

from yuhu.sources.encodings import UTF8, legacy_of, shown, weight_of
from yuhu.sources.unpacking import pieces_of
from yuhu.sources.utf8 import STRONG, as_utf8, is_mendable, is_utf8

_SAFE = re.compile(rb"[\x00-\x2f]")
"""Bytes that are themselves in UTF-8 and in every encoding of `encodings` (second bytes begin at 0x30): a text may be cut after them."""

_CELL = re.compile(rb"[^\x00-\x2f]+[\x00-\x2f]*|[\x00-\x2f]+")
_UNSAFE = bytes(range(0x30, 0x100))
_NEWLINE = 0x0A
_ASCII, _OLDER, _UTF8, _EITHER = range(4)
_LONGEST = 1 << 26
_LONG_LINE, _PART = 4096, 512
"""One-line documents are judged in parts of about a record: one broken byte says nothing about the rest of the file."""

_SAMPLE = 1 << 16
_BY_CHANCE, _RARELY = 6, 8
"""Bytes of a line in an older encoding that look like UTF-8 by chance: two characters, or less than an eighth."""

_LEAST_EVIDENCE = 4
"""Bytes that are no UTF-8 in a file that is: fewer are a broken character."""

_BIAS = 1.0
"""What most lines of a file are in counts for a line that could be either: two letters of UTF-8 may be one Chinese character of GB18030."""


@dataclass(frozen=True)
class Survey:
    """What a text is made of: lines that are surely UTF-8 (perhaps with broken bytes), lines that are not UTF-8, and the older encoding these are in."""

    utf8: int
    other: int
    legacy: str | None

    @property
    def is_text(self) -> bool:
        """Whether it can be read: by an older encoding, or as UTF-8 with a few broken bytes."""
        return self.legacy is not None or self.utf8 > self.other


def blocks(file: IO[bytes], name: str) -> Iterator[bytes]:
    """A text in blocks of about 1 MiB that end with a line, or, in very long lines, at least not within a character."""
    rest = b""
    for piece in pieces_of(file, name):
        block = rest + piece
        cut = block.rfind(b"\n") + 1 or len(block.rstrip(_UNSAFE))
        if not cut and len(block) > _LONGEST:
            cut = len(block)
        if cut:
            yield block[:cut]
        rest = block[cut:]
    if rest:
        yield rest


def _lines(block: bytes) -> Iterator[bytes]:
    """Lines with their ends; of very long ones, parts."""
    at = 0
    while at < len(block):
        end = block.find(b"\n", at) + 1 or len(block)
        while end - at > _LONG_LINE and (found := _SAFE.search(block, at + _PART, end)):
            yield block[at : found.end()]
            at = found.end()
        yield block[at:end]
        at = end


@dataclass(frozen=True)
class _Run:
    """Lines next to each other that are all older, all UTF-8 if they can be decoded so, or of which each must be looked at."""

    content: bytes
    kind: int
    lines: int
    beyond_ascii: int

    @property
    def is_older(self) -> bool:
        """Whether no line of it can be UTF-8."""
        return self.kind <= _OLDER

    @cached_property
    def is_utf8(self) -> bool:
        """Whether all lines of it are UTF-8, surely."""
        return self.kind == _UTF8 and is_utf8(self.content)


def _runs(block: bytes) -> Iterator[_Run]:
    """A block in runs, told by how many of a line's bytes stand in what looks like whole characters of UTF-8."""
    content = np.frombuffer(block, np.uint8)
    starts = np.append(0, np.flatnonzero(content[:-1] == _NEWLINE) + 1)
    if np.diff(starts, append=len(block)).max() > _LONG_LINE:
        starts = np.append(0, np.cumsum([len(line) for line in _lines(block)])[:-1])
    follow = np.append((content & 0xC0) == 0x80, [False] * 3)
    one, two, three = follow[1:-2], follow[2:-1], follow[3:]
    longer = 3 * (((content & 0xF0) == 0xE0) & one & two).astype(np.uint8) + 4 * (((content & 0xF8) == 0xF0) & one & two & three)
    every = longer + 2 * (((content & 0xE0) == 0xC0) & one).astype(np.uint8)
    in_longer, in_any, beyond = (np.add.reduceat(n, starts, dtype=np.int64) for n in (longer, every, content >= 0x80))
    by_chance = (in_longer <= _BY_CHANCE) | (_RARELY * in_longer < beyond)
    older = by_chance & (2 * in_longer < beyond) & (in_any < beyond)
    kinds = np.where(older, _OLDER, np.where((in_longer > 0) & (in_any == beyond), _UTF8, _EITHER))
    told = np.where(beyond > 0, np.arange(len(kinds)), 0)
    kinds = np.where(beyond[0] + np.cumsum(beyond) > 0, kinds[np.maximum.accumulate(told)], _ASCII)
    edges = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    places = np.append(starts, len(block))
    for first, last in pairwise(edges):
        inside = block[places[first] : places[last]]
        yield _Run(inside, int(kinds[first]), last - first, int(np.count_nonzero(beyond[first:last])))


def survey(file: IO[bytes], name: str, declared: str | None) -> Survey:
    """Read a text until enough is known of the lines that are not UTF-8.

    Raises
    ------
    YuhuError
        YH110 unreadable.
    """
    utf8 = other = 0
    sample = bytearray()
    for block in blocks(file, name):
        if is_utf8(block):
            utf8 += block.count(b"\n") + 1 if STRONG.search(block) else 0
            continue
        for run in _runs(block):
            if run.is_utf8:
                utf8 += run.beyond_ascii
                continue
            if run.is_older:
                other += run.beyond_ascii
                sample += run.content
                continue
            for line in _lines(run.content):
                foreign = b"".join(_not_utf8(line))
                other += bool(foreign)
                utf8 += not foreign and bool(STRONG.search(line))
                sample += foreign
        if len(sample) > _SAMPLE:
            break
    is_enough = len(sample.translate(None, bytes(range(0x80)))) >= (_LEAST_EVIDENCE if utf8 else 1)
    return Survey(utf8, other, legacy_of(bytes(sample[: 2 * _SAMPLE]), declared) if is_enough else None)


def _not_utf8(line: bytes) -> Iterator[bytes]:
    """The cells of a line that are no UTF-8, not even with broken bytes."""
    if not is_utf8(line):
        yield from (cell for cell in _CELL.findall(line) if not is_utf8(cell) and not is_mendable(cell))


class Mender:
    """Makes a text UTF-8, and counts what it did.

    Parameters
    ----------
    found : Survey
        What the text is made of. Where it has no older encoding, what is broken is only replaced.
    """

    def __init__(self, found: Survey) -> None:
        self._legacy = found.legacy
        self._bias = _BIAS if found.other > found.utf8 else -_BIAS
        self.lines = self.utf8 = self.older = self.broken = self.pairs = 0
        self._in_parts = self._is_utf8 = self._is_older = False

    def mended(self, file: IO[bytes], name: str) -> Iterator[bytes]:
        """The text as UTF-8, in blocks."""
        for block in blocks(file, name):
            yield block if self._legacy is None and is_utf8(block) else self._block(block, self._legacy)

    def _block(self, block: bytes, legacy: str | None) -> bytes:
        if legacy is None:
            return self._repaired(as_utf8(block)).encode()
        if is_utf8(block) and (block.isascii() or STRONG.search(block)):
            self.lines += block.count(b"\n") + (not block.endswith(b"\n"))
            self.utf8 += sum(not line.isascii() for line in block.split(b"\n"))
            return block
        texts: list[str] = []
        before = self.lines
        for run in _runs(block):
            self._run(run, legacy, texts)
        self._in_parts |= self.lines - before > block.count(b"\n") + 1
        return "".join(texts).encode()

    def _run(self, run: _Run, legacy: str, texts: list[str]) -> None:
        self.lines += run.lines
        if run.is_utf8:
            self.utf8 += run.beyond_ascii
            texts.append(run.content.decode())
            return
        if run.is_older:
            try:
                texts.append(run.content.decode(legacy))
            except UnicodeDecodeError:
                pass
            else:
                self.older += run.beyond_ascii
                return
        for line in _lines(run.content):
            self._is_utf8 = self._is_older = False
            texts.append(self._line(line, legacy))
            self.older += self._is_older
            self.utf8 += self._is_utf8 and not self._is_older

    def _repaired(self, reading: tuple[str, int, int]) -> str:
        text, broken, pairs = reading
        self._is_utf8 = True
        self.broken += broken
        self.pairs += pairs
        return text

    def _line(self, line: bytes, legacy: str) -> str:
        if line.isascii():
            return line.decode()
        strong = len(STRONG.findall(line))
        reading = as_utf8(line) if strong or is_utf8(line) else ("", len(line), 0)
        if strong and not reading[1]:
            return self._repaired(reading)
        older = line.decode(legacy, "replace")
        lost = older.count("\ufffd")
        if lost or (strong and reading[1]):
            cells = _CELL.findall(line)
            if len(cells) > 1:
                return "".join(self._line(cell, legacy) for cell in cells)
            reading = as_utf8(line)
        likely_older = not lost and reading[1] > strong
        if likely_older or weight_of(line, legacy) + self._bias > weight_of(reading[0].encode(), UTF8):
            self._is_older = True
            self.broken += lost
            return older
        return self._repaired(reading)

    def notes(self) -> list[str]:
        """What was done, for people."""
        found = []
        if self._legacy is not None:
            older = shown(self._legacy)
            unit = "parts" if self._in_parts else "lines"
            if not self.utf8:
                found.append(f"read as {older}")
            elif self.older <= self.utf8:
                found.append(f"{self.older:,} of {self.lines:,} {unit} were {older} in a UTF-8 file")
            else:
                found.append(f"read as {older}; {self.utf8:,} of {self.lines:,} {unit} were UTF-8")
        if self.pairs:
            found.append(f"{self.pairs:,} characters written as two surrogates (CESU-8) were put together")
        if self.broken:
            found.append(f"{self.broken:,} {'place' if self.broken == 1 else 'places'} could not be read and became U+FFFD")
        return found
