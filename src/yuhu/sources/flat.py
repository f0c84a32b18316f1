"""Flat tables of strangers: separated text, JSON objects, or the answer of an analytics service; columns are found by names made alike."""

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, TextIO

from yuhu.core.contracts import Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.json_records import Broken, is_lines, json_document, json_lines
from yuhu.sources.reading import opened

_PEEKED = 50
_LARGEST = 1e18
_SEPARATORS = ",\t;|"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KEY = re.compile(r'"([^"\\]{1,80})"\s*:')
_NAMED = re.compile(r'"name"\s*:\s*"([^"\\]{1,80})"')
_REMARK = re.compile(r"#\s*([^:\uff1a]{1,40})[:\uff1a]\s*(.{1,200})")
_TEXT_CELL = re.compile(r'"([^"\\]{1,80})"\s*:\s*"([^"\\]{0,200})')
_NUMBER = re.compile(r"([-+]?)(\d[\d,.\s]*)\s*(万|亿|w|k|m|b)?\s*%?", re.IGNORECASE)
_TIMES = {"万": 1e4, "亿": 1e8, "w": 1e4, "k": 1e3, "m": 1e6, "b": 1e9}


@dataclass
class Flat:
    """A table while it is read.

    Parameters
    ----------
    columns : list of str
        Names as written.
    records : iterator of (place, object)
        Rows as objects by column; `Broken` where a line does not fit the header.
    remarks : mapping of str to str
        ``# name: value`` lines above the header, by name made alike.
    """

    columns: list[str]
    records: Iterator[tuple[str, Any]]
    remarks: dict[str, str] = field(default_factory=dict)


def alike(name: str) -> str:
    """A column's name for comparison: ``watch_time_hours``, ``watchTimeHours`` and ``Watch Time Hours`` are the same."""
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name[:200]))
    text = " ".join(text.replace("_", " ").split()).lower().strip("\"' ")
    return re.sub(r" ?([()]) ?", r"\1", text)


def column(columns: Iterable[str], *names: str) -> str | None:
    """The column that has one of some names (made alike); the name that stands first wins."""
    found = {alike(one): one for one in reversed(list(columns))}
    return next((found[name] for name in names if name in found), None)


def columns_of(head: Head, *keys: str) -> list[str]:
    """Names of the columns (made alike) that the start of a file shows; empty if it looks like no table.

    In an object that holds its records in a list under one of `keys`, those of the first record there.
    """
    text = head.text.lstrip()
    if text.startswith("<") or head.mapped:
        return []
    if text.startswith(("{", "[")):
        if '"columnHeaders"' in text:
            return [alike(name) for name in _NAMED.findall(text[:8192])]
        listed = [found.end() for key in keys if (found := re.search(rf'"{key}"\s*:\s*\[', text))]
        text = text[min(listed, default=0) :]
        first = text[: text.find("}") + 1 or 8192][:8192]
        return [alike(name) for name in _KEY.findall(first)]
    line = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    try:
        cells = next(csv.reader([line[:8192]], delimiter=_separator(line)), [])
    except csv.Error:
        return []
    return [alike(cell) for cell in cells] if len(cells) > 1 else []


def cells_of(head: Head) -> list[tuple[str, str]]:
    """Some cells that the start of a file shows, each with the name of its column (made alike)."""
    text = head.text.lstrip()
    if text.startswith(("{", "[")):
        return [(alike(name), value) for name, value in _TEXT_CELL.findall(text[:8192])]
    lines = [line[:8192] for line in text.splitlines()[: _PEEKED + 1] if line.strip() and not line.startswith("#")]
    try:
        rows = list(csv.reader(lines[:-1] if head.size > len(head.start) else lines, delimiter=_separator(lines[0]) if lines else ","))
    except csv.Error:
        return []
    return [(alike(name), value) for row in rows[1:] for name, value in zip(rows[0], row, strict=False)]


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def flat(origin: Origin, *keys: str) -> Flat:
    """The file as a table.

    Parameters
    ----------
    origin : Origin
        The file.
    keys : str
        Keys under which a JSON document may hold its list of records.

    Raises
    ------
    YuhuError
        YH105 encoding; YH106 neither JSON nor separated text.
    """
    with opened(origin) as file:
        first = file.read(4096).lstrip()[:1]
    if first in {"{", "["}:
        pairs = json_lines(origin) if is_lines(origin) else iter(())
        peeked = list(islice(pairs, _PEEKED))
        if len(peeked) < 2:  # a document on one line looks like one line of JSON lines
            pairs = _document(origin, keys)
            peeked = list(islice(pairs, _PEEKED))
        names = dict.fromkeys(name for _, record in peeked if isinstance(record, dict) for name in record)
        return Flat(list(names), chain(peeked, pairs))
    return _separated(origin)


def _document(origin: Origin, keys: Collection[str]) -> Iterator[tuple[str, Any]]:
    document = json_document(origin)
    if isinstance(document, dict) and isinstance(document.get("columnHeaders"), list) and isinstance(document.get("rows"), list):
        names = [str(one.get("name", "")) if isinstance(one, dict) else str(one) for one in document["columnHeaders"]]
        document = [dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in document["rows"]]
    elif isinstance(document, dict):
        document = next((document[key] for key in keys if isinstance(document.get(key), list)), [document])
    if not isinstance(document, list):
        raise YuhuError(
            "YH106", f"`{origin.name}` is not a list of records", facts={"found": type(document).__name__}, fix="export it again"
        )
    for at, record in enumerate(document, start=1):
        yield f"record {at}", record


def _separated(origin: Origin) -> Flat:
    with opened(origin) as file:
        header, remarks, above = _header(file)
    names = [name.strip() for name in header]
    return Flat(list(dict.fromkeys(name for name in names if name)), _lines(origin, names, above), remarks)


def _header(file: TextIO) -> tuple[list[str], dict[str, str], int]:
    """Cells of the header, remarks above it, and the number of lines up to it."""
    remarks: dict[str, str] = {}
    for number, line in enumerate(file, start=1):
        found = _REMARK.match(line)
        if found:
            remarks[alike(found.group(1))] = found.group(2).strip()
        elif line.strip() and not line.startswith("#"):
            return next(csv.reader([line], delimiter=_separator(line)), []), remarks, number
    return [], remarks, 0


def _lines(origin: Origin, names: list[str], above: int) -> Iterator[tuple[str, Any]]:
    places = {name: names.index(name) for name in dict.fromkeys(names) if name}
    with opened(origin) as file:
        lines = list(islice(file, above))
        reader = csv.reader(file, delimiter=_separator(lines[-1]) if lines else ",")
        try:
            for cells in reader:
                if not any(cell.strip() for cell in cells):
                    continue
                place = f"line {above + reader.line_num}"
                if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
                    yield (
                        place,
                        Broken(f"{len(cells)} cells, the header has {len(names)}", ",".join(cells).encode("utf-8", "surrogatepass")),
                    )
                else:
                    yield place, {name: cells[at] for name, at in places.items()}
        except csv.Error as error:
            facts = {"line": above + reader.line_num, "found": error}
            raise YuhuError(
                "YH106", f"`{origin.name}` is not readable as CSV", facts=facts, fix="export it again with quoted fields"
            ) from error


def number(value: object) -> float | None:
    """A number of a cell: 12, "1,234", "1.2万", "3.4k", "95,3%" (the sign of percent is left out), "-5"; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < _LARGEST else None
    found = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 60 else None
    if not found:
        return None
    sign, digits, unit = found.groups()
    digits = "".join(digits.split())
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    try:
        parsed = float(digits.replace(",", "")) * _TIMES.get((unit or "").lower(), 1)
    except ValueError:
        return None
    return -parsed if sign == "-" and parsed < _LARGEST else parsed if parsed < _LARGEST else None


def cell(record: Mapping[str, Any], name: str | None) -> Any:
    """A value by the name of its column; None where there is no such column."""
    return record.get(name) if name is not None else None
