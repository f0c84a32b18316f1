"""How a coder's workbook is laid out: names of its sheets, what the hidden one keeps, and the words that coders read."""

import hashlib
import json
from collections.abc import Sequence

UNITS, CODEBOOK, HIDDEN, LISTS = "units", "codebook", "yuhu", "lists"
VERSION = "1"

ABSTAINS = "?"
"""What a coder enters who cannot decide."""

KEPT = ("unit_kind", "chance", "stratum", "role", "sample", "purpose", "occasion", "wave")
"""Columns of the units that the hidden sheet keeps; a design without its chances is no design."""

ID_ROW = 1
FIRST_ROW = 2
LONGEST_CELL = 32_000
"""Excel holds 32,767 UTF-16 units in a cell."""

WORDS = {
    "en": {
        "unit_id": "unit",
        "text": "text",
        "note": "note",
        "abstains": "? = cannot decide",
        "wrong": "Choose a value from the list, or leave the cell empty.",
        "code": "code",
        "label": "label",
        "values": "values",
        "definition": "definition",
        "include": "counts",
        "exclude": "does not count",
        "examples": "examples",
        "near_misses": "near misses",
        "empty": "An empty cell is not coded.",
    },
    "zh": {
        "unit_id": "单元",
        "text": "文本",
        "note": "备注",
        "abstains": "? = 无法判断",
        "wrong": "请从列表中选一个值，或留空。",
        "code": "编码",
        "label": "名称",
        "values": "取值",
        "definition": "定义",
        "include": "算",
        "exclude": "不算",
        "examples": "例子",
        "near_misses": "近失例",
        "empty": "留空即未编码。",
    },
}


def words(lang: str) -> dict[str, str]:
    """What coders read, in their language or in English."""
    return WORDS.get(lang, WORDS["en"])


def text_hash(text: str) -> str:
    """A hash of a text that spaces and line ends do not change: spreadsheets do."""
    return hashlib.sha256("".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]


def checksum(rows: Sequence[Sequence[str]]) -> str:
    """A hash of all that the hidden sheet holds."""
    return hashlib.sha256(json.dumps([list(row) for row in rows], ensure_ascii=True).encode()).hexdigest()
