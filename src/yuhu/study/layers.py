"""Finished layers of timelines: what a coder has watched for a code, so that a gap is a decision and an unseen stretch is none."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODER_KINDS, WITHDRAWN
from yuhu.study.coding_file import FILE, connected

WATCHED = "watched"
SCHEMA = {"coder": pl.String, "coder_kind": pl.String, "video_id": pl.String, "code": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64}
_STANDING = """
select coder, coder_kind, video_id, code, start_ms, end_ms from coverage
where id in (select max(id) from coverage group by coder, coder_kind, video_id, code, start_ms, end_ms) and status <> ? order by id
"""

Stretch = tuple[str, str, str, int, int]


def add_coverage(folder: Path, rows: Sequence[Stretch], at: str, *, kind: str = "human", status: str = WATCHED) -> None:
    """Mark stretches of videos as watched for a code, by coder: ``coder, video_id, code, start_ms, end_ms``.

    Parameters
    ----------
    folder : Path
        The study.
    rows : sequence of tuple
        The stretches.
    at : str
        When, in UTC.
    kind : str
        The coders' kind, one of `core.schema.CODER_KINDS`: a machine that watched everything is no person who did.
    status : str
        ``watched``, or ``withdrawn``, which takes back what was said of exactly these stretches.

    Raises
    ------
    YuhuError
        YH305 a stretch is empty or begins before the video; YH503 a kind or status is not known.
    """
    if kind not in CODER_KINDS or status not in (WATCHED, WITHDRAWN):
        facts = {"kind": kind, "status": status, "statuses": f"{WATCHED}, {WITHDRAWN}"}
        raise YuhuError("YH503", "a watched stretch is not understood", facts=facts, fix=f"kind is one of {', '.join(CODER_KINDS)}")
    for coder, video, code, start, end in rows:
        if not 0 <= start < end:
            facts = {"coder": coder, "video": video, "code": code, "found": f"{start} to {end} ms"}
            raise YuhuError(
                "YH305", "a watched stretch is empty or begins before the video", facts=facts, fix="give start < end, in milliseconds"
            )
    with connected(folder, write=True) as connection:
        insert_coverage(connection, rows, at, kind=kind, status=status)


def insert_coverage(connection: sqlite3.Connection, rows: Sequence[Stretch], at: str, *, kind: str, status: str) -> None:
    """As `add_coverage`, within a transaction; what is given is not checked."""
    connection.executemany(
        "insert into coverage (coder, video_id, code, start_ms, end_ms, at, coder_kind, status) values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row, at, kind, status) for row in rows],
    )


def read_coverage(folder: Path) -> pl.DataFrame:
    """All watched stretches, each once: what was withdrawn later is none."""
    if not (folder / FILE).exists():
        return pl.DataFrame(schema=SCHEMA)
    with connected(folder) as connection:
        return coverage_of(connection)


def coverage_of(connection: sqlite3.Connection) -> pl.DataFrame:
    """As `read_coverage`, within a transaction."""
    return pl.DataFrame(connection.execute(_STANDING, (WITHDRAWN,)).fetchall(), schema=SCHEMA, orient="row")
