"""Finished layers of timelines: what a coder has watched for a code, so that a gap is a decision and an unseen stretch is none."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.study.coding_file import FILE, connected

SCHEMA = {"coder": pl.String, "video_id": pl.String, "code": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64}


def add_coverage(folder: Path, rows: Sequence[tuple[str, str, str, int, int]], at: str) -> None:
    """Mark stretches of videos as watched for a code, by coder: ``coder, video_id, code, start_ms, end_ms``.

    Raises
    ------
    YuhuError
        YH305 a stretch is empty or begins before the video.
    """
    for coder, video, code, start, end in rows:
        if not 0 <= start < end:
            facts = {"coder": coder, "video": video, "code": code, "found": f"{start} to {end} ms"}
            raise YuhuError(
                "YH305", "a watched stretch is empty or begins before the video", facts=facts, fix="give start < end, in milliseconds"
            )
    with connected(folder, write=True) as connection:
        connection.executemany(
            "insert into coverage (coder, video_id, code, start_ms, end_ms, at) values (?, ?, ?, ?, ?, ?)", [(*row, at) for row in rows]
        )


def read_coverage(folder: Path) -> pl.DataFrame:
    """All watched stretches."""
    if not (folder / FILE).exists():
        return pl.DataFrame(schema=SCHEMA)
    with connected(folder) as connection:
        rows = connection.execute("select coder, video_id, code, start_ms, end_ms from coverage order by id").fetchall()
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
