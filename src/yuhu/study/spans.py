"""One coder's marked stretches of one video, in ``codings.sqlite``: rows are added and never changed; a stretch that moves is taken back and marked anew."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from yuhu.core.schema import CODING, WITHDRAWN
from yuhu.study.codings import insert

MAIN = ("main", 0)
"""Purpose and occasion of what is marked on timelines."""

_NAMES = tuple(CODING.names)
_STANDING = """
select code, start_ms, end_ms, value, note, code_hash from codings where id in (
    select max(id) from codings where unit_kind = 'span' and coder = ? and video_id = ? and purpose = ? and occasion = ? group by start_ms, end_ms, code
) and status = 'coded' order by start_ms, end_ms, code
"""
_COUNTED = """
select video_id, code, code_hash, count(*) from codings where id in (
    select max(id) from codings where unit_kind = 'span' and coder = ? and purpose = ? and occasion = ? group by video_id, start_ms, end_ms, code
) and status = 'coded' group by video_id, code, code_hash
"""


@dataclass(frozen=True)
class Marked:
    """One decision on one stretch."""

    code: str
    start_ms: int
    end_ms: int
    value: str
    note: str = ""


@dataclass(frozen=True)
class Hand:
    """Who marks, in which video, by which codebook."""

    coder: str
    coder_kind: str
    video_id: str
    codebook_hash: str


def marked(connection: sqlite3.Connection, coder: str, video: str, hashes: Mapping[str, str]) -> list[Marked]:
    """What a coder marked in a video under some code hashes and did not take back, in the order of time."""
    rows = connection.execute(_STANDING, (coder, video, *MAIN)).fetchall()
    return [
        Marked(code, start, end, value, note or "") for code, start, end, value, note, code_hash in rows if hashes.get(code) == code_hash
    ]


def count_marked(connection: sqlite3.Connection, coder: str, hashes: Mapping[str, str]) -> dict[str, int]:
    """How many decisions under some code hashes of a coder stand in each video."""
    found: Counter[str] = Counter()
    for video, code, code_hash, n in connection.execute(_COUNTED, (coder, *MAIN)):
        if hashes.get(code) == code_hash:
            found[video] += n
    return dict(found)


def add_marks(connection: sqlite3.Connection, hand: Hand, marks: list[Marked], hashes: Mapping[str, str], at: str) -> None:
    """Mark stretches."""
    insert(connection, [_row(hand, one, "coded", hashes[one.code], at) for one in marks])


def take_back(connection: sqlite3.Connection, hand: Hand, marks: list[Marked], hashes: Mapping[str, str], at: str) -> None:
    """Take stretches back: rows that say so."""
    insert(connection, [_row(hand, one, WITHDRAWN, hashes.get(one.code, ""), at) for one in marks])


def _row(hand: Hand, one: Marked, status: str, code_hash: str, at: str) -> tuple[object, ...]:
    row = {
        "unit_kind": "span",
        "video_id": hand.video_id,
        "start_ms": one.start_ms,
        "end_ms": one.end_ms,
        "code": one.code,
        "value": one.value if status == "coded" else None,
        "status": status,
        "coder": hand.coder,
        "coder_kind": hand.coder_kind,
        "code_hash": code_hash,
        "codebook_hash": hand.codebook_hash,
        "at": at,
        "purpose": MAIN[0],
        "occasion": MAIN[1],
        "note": one.note or None,
    }
    return tuple(row.get(name) for name in _NAMES)
