"""What Bilibili's danmaku fields mean: mode, pool, and the JSON that positioned danmaku carry in place of a text."""

import json

import polars as pl

from yuhu.texts.hostile import clean

ORDINARY_MODES = frozenset({"", "0", "1", "2", "3", "4", "5", "6"})
"""Scrolling (1 to 3), at the bottom (4) or top (5), reverse (6). Beyond: positioned (7), code (8), BAS scripts (9)."""

ORDINARY_POOLS = frozenset({"", "0"})
"""The pool of viewers' danmaku. Beyond: subtitles (1), code and scripts (2), votes (3)."""

POSITIONED = "7"
SEGMENT_MS = 360_000
"""The platform serves danmaku in segments of six minutes."""

_SHOWN_AT = 4


def is_special(mode: str, pool: str) -> bool:
    """Whether a danmaku is no ordinary message: positioned, a script, a subtitle, or a vote."""
    return mode not in ORDINARY_MODES or pool not in ORDINARY_POOLS


def is_special_expr(mode: str, pool: str) -> pl.Expr:
    """`is_special` of two columns of numbers; 0 is an ordinary mode where a field is left out."""
    return ~pl.col(mode).fill_null(0).is_between(0, 6) | (pl.col(pool).fill_null(0) != 0)


def shown(text: str) -> str:
    """The text that a positioned danmaku shows: the fifth element of its JSON array, else the text as it stands."""
    try:
        parts = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return text
    is_array = isinstance(parts, list) and len(parts) > _SHOWN_AT and isinstance(parts[_SHOWN_AT], str | int | float)
    return clean(str(parts[_SHOWN_AT])) if is_array else text
