"""Danmaku segments as protobuf bytes: fields read for many records at once, and again one by one where a record is odd.

No field is trusted: a length or number that leads past its record makes that record broken, not the file; time is linear in bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

PAD = 16
"""Bytes of zero that must stand behind the last record: numbers are read sixteen bytes at a time."""

RECORDS = 16_384
_MOST_FIELDS = 64
_INLINE, _PREFIX = 12, 4
ELEMS = (0x0A, 0x12)
STATES = (0x10, 0x08)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_STOPS, _SEVENS = np.uint64(0x8080808080808080), np.uint64(0x7F7F7F7F7F7F7F7F)


class MalformedError(ValueError):
    """Bytes that are no protobuf message, or that end too early."""


def varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of 64 bits at most and the place behind it.

    Raises
    ------
    MalformedError
        It does not end within ten bytes, or not before `end`.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise MalformedError


def fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag (number and wire type) of each field with its number; of bytes with their length and where they start.

    Yields ``tag, value, start``; ``start`` counts for bytes only.

    Raises
    ------
    MalformedError
        What follows is no field, or ends too early.
    """
    while at < end:
        tag, at = varint(data, at, end)
        wire = tag & 7
        value, start = 0, at
        if wire == _VARINT:
            value, at = varint(data, at, end)
        elif wire == _BYTES:
            value, start = varint(data, at, end)
            at = start + value
        elif wire in {_FIXED64, _FIXED32}:
            at += 8 if wire == _FIXED64 else 4
        else:
            raise MalformedError
        if at > end or tag < 8:
            raise MalformedError
        yield tag, value, start


@dataclass
class Envelope:
    """The records of a reply as spans of bytes, and what stands beside them."""

    data: bytes
    size: int
    state: int = 0
    broken_at: int | None = None

    def spans(self) -> Iterator[tuple[Ints, Ints]]:
        """Starts and ends of records, `RECORDS` at a time; ``broken_at`` is where a file that is cut off or damaged stops making sense."""
        data, size = self.data, self.size
        at = 0
        while at < size and self.broken_at is None:
            starts: list[int] = []
            ends: list[int] = []
            add_start, add_end = starts.append, ends.append
            while at < size and len(ends) < RECORDS:
                tag, length, start = data[at], data[at + 1], at + 2
                if length > 0x7F:
                    length, start = length & 0x7F | data[at + 2] << 7, at + 3
                if tag not in ELEMS or length > 0x3FFF:
                    found = self._other(at)
                    if found is None:
                        break
                    start, length = found
                end = start + length
                if end > size:
                    self.broken_at = at
                    break
                if tag in ELEMS:
                    add_start(start)
                    add_end(end)
                at = end
            yield np.array(starts, np.int64), np.array(ends, np.int64)

    def _other(self, at: int) -> tuple[int, int] | None:
        """Where any other field starts and how long it is; None where none can be read."""
        try:
            tag, value, start = next(fields(self.data, at, self.size))
        except MalformedError:
            self.broken_at = at
            return None
        if tag & 7 == _BYTES:
            return start, value
        if tag in STATES:
            self.state = value
        width = {_FIXED64: 8, _FIXED32: 4}.get(tag & 7)
        return (start, width) if width else (varint(self.data, start, self.size)[1], 0)


@dataclass
class Columns:
    """Fields of records by tag: numbers, and starts and lengths of bytes; 0 where a record has none. ``broken`` are those that cannot be read."""

    numbers: dict[int, Words]
    places: dict[int, Ints]
    lengths: dict[int, Ints]
    broken: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))


def columns(data: bytes, starts: Ints, ends: Ints, wanted: Sequence[int]) -> Columns:
    """Fields of records; of a field that a record holds twice, the last.

    Parameters
    ----------
    data : bytes
        With `PAD` zeros behind the last record.
    starts, ends : (N,) int64
        Where each record lies.
    wanted : sequence of int
        Tags (number and wire type); a field with another wire type is another field, and what is not named is passed over.

    Notes
    -----
    About 0.5 µs a record. All records move on field by field together; those with more than 64 fields, long tags or anything malformed are read
    again one by one.
    """
    n = len(starts)
    found = Columns(
        {tag: np.zeros(n, np.uint64) for tag in wanted if tag & 7 == _VARINT},
        {tag: np.zeros(n, np.int64) for tag in wanted if tag & 7 == _BYTES},
        {tag: np.zeros(n, np.int64) for tag in wanted if tag & 7 == _BYTES},
        np.zeros(n, np.bool_),
    )
    odd = _together(data, starts, ends, found)
    for row in odd:
        _alone(data, int(starts[row]), int(ends[row]), int(row), found)
    return found


def _together(data: bytes, starts: Ints, ends: Ints, found: Columns) -> Ints:
    """Read the fields of all records in step; the rows that must be read alone."""
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), PAD)
    rows = np.flatnonzero(starts < ends)
    at, end = starts[rows], ends[rows]
    odd: list[Ints] = []
    for _ in range(_MOST_FIELDS):
        if not len(rows):
            break
        words = windows[at].view("<u8")
        first, second = np.ascontiguousarray(words[:, 0]), np.ascontiguousarray(words[:, 1])
        tag, width = _tags(first)
        value, size = _numbers(first, second, width)
        start = at + width + size
        wire = tag & 7
        is_bytes = wire == _BYTES
        after = start + np.minimum(value, np.uint64(1 << 40)).astype(np.int64) * is_bytes if is_bytes.any() else start
        is_plain = (after <= end) & (size > 0) & (tag >= 8) & ((wire == _VARINT) | is_bytes)
        if not is_plain.all():
            odd.append(rows[~is_plain])
            rows, tag, value, start, after, end = (part[is_plain] for part in (rows, tag, value, start, after, end))
        _keep(found, rows, tag, value, start)
        goes_on = after < end
        rows, at, end = (rows, after, end) if goes_on.all() else (rows[goes_on], after[goes_on], end[goes_on])
    return np.concatenate([*odd, rows]) if odd or len(rows) else rows


def _keep(found: Columns, rows: Ints, tag: Ints, value: Words, start: Ints) -> None:
    """Put the fields that are wanted into their columns."""
    if not len(tag):
        return
    is_same = bool((tag == tag[0]).all())
    for one in [int(tag[0])] if is_same else np.flatnonzero(np.bincount(np.minimum(tag, 1 << 8))).tolist():
        of = slice(None) if is_same else tag == one
        if one in found.numbers:
            found.numbers[one][rows[of]] = value[of]
        elif one in found.places:
            found.places[one][rows[of]] = start[of]
            found.lengths[one][rows[of]] = value[of].astype(np.int64)


def _tags(word: Words) -> tuple[Ints, Ints]:
    """Tags of one or two bytes and their width; 0 for longer ones."""
    low, high = word & np.uint64(0x7F), word >> np.uint64(1) & np.uint64(0x3F80)
    is_long = (word & np.uint64(0x80)) != 0
    if not is_long.any():
        return low.astype(np.int64), np.ones(len(word), np.int64)
    tag = np.where(is_long, np.where(word & np.uint64(0x8000), np.uint64(0), low | high), low).astype(np.int64)
    return tag, np.where(is_long, 2, 1)


def _numbers(first: Words, second: Words, skip: Ints) -> tuple[Words, Ints]:
    """Numbers behind `skip` bytes of sixteen, and their width in bytes: 0 where one has no end."""
    shift, rest_of = (8 * skip).astype(np.uint64), (64 - 8 * skip).astype(np.uint64)
    word = (first >> shift) | (second << rest_of)
    stops = ~word & _STOPS
    lowest = np.bitwise_and(stops, np.negative(stops))
    value = _seven_bits(word & (lowest - np.uint64(1)))
    size = (np.bitwise_count(lowest - np.uint64(1)).astype(np.int64) + 1) >> 3
    if not stops.all():
        long = np.flatnonzero(stops == 0)
        rest = second[long] >> shift[long]
        ninth, tenth = rest & np.uint64(0xFF), rest >> np.uint64(8) & np.uint64(0xFF)
        goes_on = (ninth & np.uint64(0x80)) != 0
        value[long] = (
            _seven_bits(word[long])
            | (ninth & np.uint64(0x7F)) << np.uint64(56)
            | np.where(goes_on, tenth & np.uint64(1), np.uint64(0)) << np.uint64(63)
        )
        size[long] = np.where(goes_on, np.where(tenth & np.uint64(0x80), 0, 10), 9)
    return value, size


def _seven_bits(word: Words) -> Words:
    """The lower seven bits of eight bytes, put together."""
    word = word & _SEVENS
    for mask, shift in ((0x007F007F007F007F, 1), (0x00003FFF00003FFF, 2), (0x000000000FFFFFFF, 4)):
        low = np.uint64(mask)
        word = (word & low) | (word & (low << np.uint64(8 * shift))) >> np.uint64(shift)
    return word


def _alone(data: bytes, start: int, end: int, row: int, found: Columns) -> None:
    """Read a record field by field; broken where it cannot be read to its end."""
    for table in (found.numbers, found.places, found.lengths):
        for column in table.values():
            column[row] = 0
    try:
        for tag, value, place in fields(data, start, end):
            if tag in found.numbers:
                found.numbers[tag][row] = value
            elif tag in found.places:
                found.places[tag][row], found.lengths[tag][row] = place, value
    except MalformedError:
        found.broken[row] = True


def spans_as_binary(data: bytes, starts: Ints, lengths: Ints) -> pl.Series:
    """Spans of bytes as a column that points into `data` and copies nothing but the short ones, as Arrow's views of binaries do."""
    short = np.where(lengths <= _INLINE, lengths, _PREFIX)
    inline = np.lib.stride_tricks.sliding_window_view(np.frombuffer(data, np.uint8), _INLINE)[starts]
    views = np.empty((len(starts), 4), np.uint32)
    views[:, 0] = lengths
    views[:, 1:] = np.where(np.arange(_INLINE) < short[:, None], inline, np.uint8(0)).view("<u4")
    views[:, 3] = np.where(lengths <= _INLINE, views[:, 3], starts)
    buffers = [None, pa.py_buffer(views), pa.py_buffer(data)]
    return pl.Series(pa.Array.from_buffers(pa.binary_view(), len(starts), buffers), dtype=pl.Binary)
