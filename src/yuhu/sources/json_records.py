"""JSON of strangers: one document or one object a line, read record by record; what cannot be parsed is said with its place."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.reading import no_constant

LONGEST_LINE = 1 << 26
LARGEST_DOCUMENT = 4 << 30
"""A document is held in memory whole; larger ones are refused with advice."""

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Broken:
    """A record that cannot be parsed: why, and its bytes (or as much of them as was read), for the hash of its reject."""

    why: str
    content: bytes


def parsed(content: bytes) -> Any:
    """A JSON value; ids beyond 64 bits stay exact, lone surrogates and NaN are let in to be dealt with by whoever reads the value.

    Raises
    ------
    ValueError
        Not JSON, or nested too deeply.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            return json.loads(content.decode("utf-8", "replace"), parse_constant=no_constant)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
    return value


def json_lines(origin: Origin) -> Iterator[tuple[str, Any]]:
    """Place and value of each line that is not blank; `Broken` where a line is no JSON.

    Notes
    -----
    Memory of one line; a line over 64 MiB is passed over as broken, whatever its length.
    """
    with origin.path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if number == 1:
                line = line.removeprefix(_BOM)
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield f"line {number}", Broken("the line is longer than 64 MiB", line[:4096])
                continue
            if not line.strip(b" \t\r\n\x00"):
                continue
            try:
                yield f"line {number}", parsed(line)
            except ValueError:
                yield f"line {number}", Broken("the line is no JSON", line)


def json_document(origin: Origin) -> Any:
    """The file as one JSON document.

    Raises
    ------
    YuhuError
        YH106 not JSON, with the place; YH110 larger than memory allows.
    """
    size = origin.path.stat().st_size
    if size > LARGEST_DOCUMENT:
        raise YuhuError(
            "YH110",
            f"`{origin.name}` is one JSON document of {size / 2**30:.1f} GiB",
            facts={"largest": "4 GiB: a document is held in memory whole"},
            fix="export it as JSON lines (.jsonl), which are read piece by piece",
        )
    content = origin.path.read_bytes().removeprefix(_BOM)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip()) - 1
        raise YuhuError(
            "YH106",
            f"`{origin.name}` {'ends in the middle of a record' if ended else 'is not JSON'}",
            facts={"line": error.lineno, "column": error.colno, "found": error.msg},
            fix="export or download it again",
        ) from error
    except (ValueError, RecursionError) as error:
        raise YuhuError(
            "YH106", f"`{origin.name}` holds JSON that cannot be read", facts={"found": type(error).__name__}, fix="export it again"
        ) from error


def is_lines(origin: Origin) -> bool:
    """Whether the file is JSON lines: its first line that is not blank is a whole object, and something follows or the file ends there."""
    with origin.path.open("rb") as file:
        while line := file.readline(LONGEST_LINE):
            line = line.removeprefix(_BOM).strip()
            if line:
                break
        else:
            return False
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(parsed(line), dict)
    except ValueError:
        return False


def json_records(origin: Origin, *keys: str) -> Iterator[tuple[str, Any]]:
    """Place and value of each record of a list, of JSON lines, or of the list under one of `keys` in an object; else the document itself.

    Raises
    ------
    YuhuError
        YH106 neither JSON lines nor one JSON document.
    """
    if is_lines(origin):
        yield from json_lines(origin)
        return
    document = json_document(origin)
    if isinstance(document, dict):
        found = next((document[key] for key in keys if isinstance(document.get(key), list)), None)
        document = found if found is not None else [document]
    if not isinstance(document, list):
        raise YuhuError(
            "YH106", f"`{origin.name}` is not a list of records", facts={"found": type(document).__name__}, fix="export it again"
        )
    for at, record in enumerate(document, start=1):
        yield f"record {at}", record


def dig(record: Any, path: str) -> Any:
    """A value by keys joined with dots; None where one is missing. A number walks into a list."""
    for key in path.split("."):
        if isinstance(record, dict):
            record = record.get(key)
        elif isinstance(record, list) and key.isdigit() and int(key) < len(record):
            record = record[int(key)]
        else:
            return None
    return record
