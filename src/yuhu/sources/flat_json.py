"""JSON of flat records as frames of texts: lines and lists, a piece of the file at a time."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from yuhu.core.contracts import Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_pieces import PIECE_BYTES, PIECE_ROWS, Piece, frame_of, numbered
from yuhu.sources.json_records import LONGEST_LINE, json_document, parsed
from yuhu.sources.reading import reject

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n\x00"
_LOOKED_AT = 16
_START_BYTES = 65_536
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[([ \t\r]*\n\s*)\{")
_CLOSING = re.compile(rb"\}\s*\]\s*\Z")
_BLOCK, _QUOTE, _COLON, _LINE_END = 1 << 18, ord('"'), ord(":"), ord("\n")
_NO_OBJECT = "the record is no object"


class Fields:
    """The fields of a file's records, as far as they were met: polars must be told what to read.

    Parameters
    ----------
    need : collection of str
        Fields that are read in any case.
    only : bool
        No others are read.
    """

    def __init__(self, need: Collection[str], *, only: bool) -> None:
        self.need = need
        self._met: dict[str, type[pl.String]] = {}
        self._is_fixed = only

    @property
    def _schema(self) -> dict[str, type[pl.String]]:
        return {**self._met, **dict.fromkeys(self.need, pl.String)}

    def frame(self, lines: bytes) -> pl.DataFrame | None:
        """The objects of some lines with all their fields; None where a line is no object, or one that polars does not read."""
        if not self._is_fixed:
            self._meet(_some(lines))
        if not self._schema:
            return None
        try:
            frame = pl.read_ndjson(lines, schema=self._schema)
            if not self._is_fixed and not _is_whole(lines, frame) and self._meet(lines.split(b"\n")):
                frame = pl.read_ndjson(lines, schema=self._schema)
        except pl.exceptions.PolarsError:
            return None
        return frame

    def _meet(self, lines: Sequence[bytes]) -> bool:
        """Take note of the fields of lines; whether there are new ones."""
        known = len(self._met)
        for line in lines:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:  # a blank line; others are told by polars
                continue
            if isinstance(record, dict):
                self._met.update(dict.fromkeys(record, pl.String))
        return len(self._met) > known


def _some(lines: bytes) -> list[bytes]:
    """A few lines, evenly spaced."""
    starts = {0, *(lines.find(b"\n", at) + 1 for at in range(0, len(lines), len(lines) // _LOOKED_AT + 1))}
    return [lines[start : end if (end := lines.find(b"\n", start)) >= 0 else len(lines)] for start in starts]


def _is_whole(lines: bytes, frame: pl.DataFrame) -> bool:
    """Whether a frame has every field of every record, told by counting.

    There are as many colons behind a quote as there are fields: within a text the quote before one is escaped. A null of the frame is a field
    that a record has not, or one that it says is null.
    """
    said = _colons(lines) - (lines.count(b'\\":') if b"\\" in lines else 0)
    nulls = frame.null_count().row(0)
    held = [number for number in nulls if number < frame.height]
    if not any(held) and said == len(held) * frame.height:
        return True
    explicit = lines.count(b": null") + lines.count(b":null")
    return bool(said == frame.width * frame.height - sum(nulls) + explicit)


def _colons(lines: bytes) -> int:
    """How many colons stand behind a quote; three times as fast as `bytes.count`."""
    codes = np.frombuffer(lines, np.uint8)
    blocks = (codes[at : at + _BLOCK + 1] for at in range(0, len(codes) - 1, _BLOCK))
    return sum(int(np.count_nonzero((block[:-1] == _QUOTE) & (block[1:] == _COLON))) for block in blocks)


def _line_ends(lines: bytes) -> int:
    """How many lines end; several times as fast as `bytes.count`."""
    codes = np.frombuffer(lines, np.uint8)
    return sum(int(np.count_nonzero(codes[at : at + _BLOCK] == _LINE_END)) for at in range(0, len(codes), _BLOCK))


def line_pieces(origin: Origin, fields: Fields) -> Iterator[Piece]:
    """Pieces of a file of JSON lines; a line that is no JSON object is a reject."""
    first = 1
    for lines in whole_lines(origin.path):
        n = _line_ends(lines) + (not lines.endswith(b"\n"))
        yield _piece(lines.removeprefix(_BOM) if first == 1 else lines, n, first, "line", fields)
        first += n


def whole_lines(path: Path) -> Iterator[bytes]:
    """A file in pieces that end where a line ends; of a line longer than 64 MiB only the start."""
    at = 0
    with path.open("rb") as file:
        while True:
            file.seek(at + PIECE_BYTES - 1)
            more = file.readline(LONGEST_LINE)  # found first, since what is read in two goes must be copied to be one
            file.seek(at)
            lines = file.read(PIECE_BYTES - 1 + len(more))
            if not lines:
                return
            if len(lines) > LONGEST_LINE and not lines.endswith(b"\n"):
                cut = lines.rfind(b"\n") + 1
                if cut:
                    yield lines[:cut]
                    lines = lines[cut:]
                while (more := file.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                    pass
            at = file.tell()
            yield lines


def _piece(lines: bytes, n: int, first: int, word: str, fields: Fields) -> Piece:
    """The records of `n` lines."""
    frame = fields.frame(lines)
    if frame is not None:
        if frame.height == n:
            return Piece(frame, numbered(frame, first), word=word)
        filled = [number for number, line in enumerate(lines.split(b"\n"), start=first) if line.strip(_BLANK)]
        if frame.height == len(filled):
            return Piece(frame, pl.Series(filled, dtype=pl.UInt64), word=word)
    return _one_by_one(lines, first, word, fields.need)


def _one_by_one(lines: bytes, first: int, word: str, need: Collection[str]) -> Piece:
    """The objects of lines of which some cannot be read by polars."""
    found: list[tuple[int, Any]] = []
    rejects: list[Reject] = []
    number = first - 1
    for line in lines.split(b"\n"):
        number += 1
        if not line.strip(_BLANK):
            continue
        try:
            values = _values(line, word)
        except ValueError:
            rejects.append(reject(f"{word} {number}", f"the {word} is no JSON", line))
            continue
        found += enumerate(values, start=number)
        number += len(values) - 1
    return _objects(found, rejects, word, need)


def _values(line: bytes, word: str) -> list[Any]:
    """The value of a line; of a list, all that stand between two objects that begin a line."""
    try:
        return [parsed(line)]
    except ValueError:
        values = parsed(b"[" + line + b"]") if word == "record" else []
        if not values:
            raise
        return list(values)


def _objects(found: Sequence[tuple[int, Any]], rejects: list[Reject], word: str, need: Collection[str]) -> Piece:
    rejects += [reject(f"{word} {number}", _NO_OBJECT, value) for number, value in found if not isinstance(value, dict)]
    rows = [(number, value) for number, value in found if isinstance(value, dict)]
    return Piece(frame_of([value for _, value in rows], need), pl.Series([number for number, _ in rows], dtype=pl.UInt64), rejects, word)


def list_pieces(origin: Origin, fields: Fields) -> Iterator[Piece]:
    """Pieces of a file that is one JSON list of objects, or one object.

    Lists whose records begin on lines of their own, as programs write them, are read in pieces; others are held in memory whole.

    Raises
    ------
    YuhuError
        YH106 no JSON, or neither a list nor an object; YH110 larger than memory allows.
    """
    opening = opening_of(origin)
    if opening is not None:
        yield from _spread_pieces(origin, opening, fields)
        return
    document = json_document(origin)
    records = [document] if isinstance(document, dict) else document
    if not isinstance(records, list):
        raise YuhuError(
            "YH106", f"`{origin.name}` is not a list of records", facts={"found": type(document).__name__}, fix="export it again"
        )
    for start in range(0, len(records), PIECE_ROWS):
        yield _objects(list(enumerate(records[start : start + PIECE_ROWS], start=start + 1)), [], "record", fields.need)


def opening_of(origin: Origin) -> re.Match[bytes] | None:
    """How a list begins whose records stand on lines of their own; None for other files, and for one that does not end as it begins."""
    with origin.path.open("rb") as file:
        opening = _OPENING.match(file.read(_START_BYTES))
        file.seek(max(file.seek(0, 2) - _START_BYTES, 0))
        return opening if opening is not None and _CLOSING.search(file.read()) else None


def _spread_pieces(origin: Origin, opening: re.Match[bytes], fields: Fields) -> Iterator[Piece]:
    first = 1
    for lines in listed_lines(origin, opening):
        piece = _piece(lines, _line_ends(lines) + 1, first, "record", fields)
        yield piece
        first += piece.seen


def listed_lines(origin: Origin, opening: re.Match[bytes]) -> Iterator[bytes]:
    """The records of a list, one a line: a text cannot hold the line end and the indent that part them, and what lies deeper is indented further.

    Raises
    ------
    YuhuError
        YH110 a record is longer than 64 MiB.
    """
    between = b"}," + opening.group(1) + b"{"
    with origin.path.open("rb") as file:
        file.seek(opening.end() - 1)
        rest = b""
        while block := file.read(PIECE_BYTES):
            rest += block
            cut = rest.rfind(between) + 1
            if cut:
                yield _as_lines(rest[:cut], between)
                rest = rest[cut + len(between) - 2 :]
            elif len(rest) > LONGEST_LINE:
                raise YuhuError("YH110", f"`{origin.name}` holds a record of more than 64 MiB", fix="export it again")
        yield _as_lines(_CLOSING.sub(b"}", rest), between)


def _as_lines(records: bytes, between: bytes) -> bytes:
    """Records of a list, one a line."""
    parted = records.replace(b"\x00", b" ").replace(between, b"}\x00{")
    return parted.replace(b"\n", b" ").replace(b"\x00", b"\n")
