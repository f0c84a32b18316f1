"""How separated text is written: where its header stands, what separates its cells, and how quotes within cells are told."""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from itertools import islice

BOM = b"\xef\xbb\xbf"
SEPARATORS = ",\t;|"

_SAMPLE_BYTES = 1 << 18
_SAMPLE_ROWS = 50
_SAID = re.compile(r'"?sep=(\t|[^"\s])"?\s*', re.IGNORECASE)
_BACKSLASHED = re.compile(rb'(?<!\\)((?:\\\\)*)\\"')
_ENDINGS = (".tsv", ".tab")


@dataclass(frozen=True)
class Dialect:
    """How a file of separated text is written.

    Parameters
    ----------
    at : int
        The byte at which its rows begin.
    line : int
        The line, counted from 1.
    header : list of str
        The cells of its header, trimmed.
    separator : str
        What separates cells.
    escapes : bool
        Whether a quote within a cell is written as a backslash and a quote, not as two quotes.
    """

    at: int
    line: int
    header: list[str]
    separator: str
    escapes: bool


def dialect_of(start: bytes, name: str) -> Dialect | None:
    """The dialect of a file, from its first bytes and its name (``.tsv`` and ``.tab`` mean tabs); None where there is no header.

    Blank lines, ``sep=;`` as Excel reads it, and remarks (lines that begin with ``#``, unless what follows has as many cells) may stand above the
    header. The separator is the one that gives the same number of cells in the first rows as in the header, and of several the one that gives most.
    """
    at, line = len(BOM) if start.startswith(BOM) else 0, 1
    said = "\t" if name.lower().endswith(_ENDINGS) else ""
    while at < len(start):
        end = start.find(b"\n", at) + 1 or len(start)
        text = start[at:end].decode("utf-8", "replace")
        if (found := _SAID.fullmatch(text)) is not None:
            said = found.group(1)
        elif text.strip(f"\r\n\x00 \ufeff{SEPARATORS}") and not _is_remark(text, start[end : end + _SAMPLE_BYTES]):
            break
        at, line = end, line + 1
    else:
        return None
    end = _end_of_record(start, at)
    text = start[at:end].decode("utf-8", "replace")
    sample = start[end : end + _SAMPLE_BYTES]
    separator = said or _separator(text, _whole_lines(sample))
    header = [cell.strip().lstrip("\ufeff").strip() for cell in _cells(text, separator)]
    return Dialect(end, line + text.count("\n"), header, separator, _escapes(sample, separator, len(header)))


def unescaped(records: bytes) -> bytes:
    r"""Text in which a quote within a cell is two quotes: ``\"`` becomes ``""``."""
    return _BACKSLASHED.sub(rb'\1""', records) if b'\\"' in records else records


def _end_of_record(start: bytes, at: int) -> int:
    """Where a record ends that begins at a byte: a quoted cell may hold line ends."""
    end = start.find(b"\n", at) + 1 or len(start)
    while start.count(b'"', at, end) % 2 and end < len(start):
        end = start.find(b"\n", end) + 1 or len(start)
    return end


def _is_remark(text: str, below: bytes) -> bool:
    if not text.startswith("#"):
        return False
    for line in below.decode("utf-8", "replace").splitlines():
        if line.strip() and not line.startswith("#"):
            separator = _separator(text, "")
            here = len(_cells(text, separator))
            return here == 1 or here != len(_cells(line, separator))
    return False


def _separator(header: str, sample: str) -> str:
    """The separator that fits best; a comma where none does."""
    scores = {}
    for separator in SEPARATORS:
        width = len(_cells(header, separator))
        if width > 1:
            rows = _rows(sample, separator)
            alike = sum(len(row) == width for row in rows) / len(rows) if rows else 0.0
            scores[separator] = (round(alike, 1), width)
    return max(scores, key=lambda separator: scores[separator]) if scores else ","


def _escapes(sample: bytes, separator: str, width: int) -> bool:
    if b'\\"' not in sample:
        return False
    text, other = _whole_lines(sample), _whole_lines(unescaped(sample))
    whole = max(text.count("\n"), 1)
    doubled, escaped = (sum(len(row) == width for row in _rows(one, separator, whole)) for one in (text, other))
    return escaped > doubled


def _whole_lines(sample: bytes) -> str:
    """The text up to its last line end; all of it where it has none."""
    return sample[: sample.rfind(b"\n") + 1 or len(sample)].decode("utf-8", "replace")


def _rows(text: str, separator: str, most: int = _SAMPLE_ROWS) -> list[list[str]]:
    try:
        return [row for row in islice(csv.reader(StringIO(text, newline=""), delimiter=separator), most) if row]
    except csv.Error:
        return []


def _cells(text: str, separator: str) -> list[str]:
    return next(iter(_rows(text, separator, 1)), [])
