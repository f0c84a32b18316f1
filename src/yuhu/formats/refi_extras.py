"""What a REFI-QDA coding has no place for, beside it in a note: only the columns whose value does not follow from the place of the coding."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from yuhu.formats.exchange import CODING_DRAFT, fits
from yuhu.formats.xml_trees import writable

Row = Mapping[str, Any]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_PLACE = ("code", "value", "status", "coder", "coder_kind", "at")
KEPT = tuple(name for name in CODING_DRAFT if name not in _IN_PLACE)
"""Columns that a note may hold."""


def common(values: Iterable[str | None]) -> str:
    """The value that most codings have, the first in the alphabet of several; empty if there is none."""
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else ""


def extras(row: Row, implied: Row) -> str:
    """The columns of a coding that do not follow from its place, as JSON that XML can hold; empty if all follow.

    What the coder wrote stands alone as it was written, for people to read.
    """
    differing = {name: row[name] for name in KEPT if row[name] != implied.get(name)}
    if not differing:
        return ""
    note = row["note"]
    if differing.keys() == {"note"} and note and writable(note) == note and read_extras(note) is None:
        return str(note)
    text = json.dumps(differing, ensure_ascii=False, sort_keys=True)
    return _NOT_XML.sub(_escaped, text)


def read_extras(text: str) -> dict[str, str | int | None] | None:
    """The columns that a note of ours holds; None for a note of another program."""
    if not text.startswith("{"):
        return None
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(held, dict) or not held or not held.keys() <= set(KEPT):
        return None
    return held if all(fits(name, value) for name, value in held.items()) else None


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
