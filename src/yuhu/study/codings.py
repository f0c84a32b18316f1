"""Codings by people: rows are added and never changed; the newest row of a coder on a unit, code, purpose and occasion counts."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.sample import NOT_COUNTED, PURPOSES
from yuhu.core.schema import CODER_KINDS, CODING, STATUSES, UNIT_KINDS, WITHDRAWN, polars_schema
from yuhu.study.coding_file import FILE, connected
from yuhu.study.samples import add_sample, read_samples, units_spent

_COLUMNS = tuple(CODING.names)
_SAME = "unit_kind, unit_id, iif(unit_kind = 'span', video_id, null), start_ms, end_ms, code, coder, purpose, occasion"
_NO_TIME = "1970-01-01T00:00:00Z"


def append_codings(folder: Path, codings: pl.DataFrame) -> int:
    """Append codings (columns of `core.schema.CODING`; `at` as UTC).

    Without ``purpose`` a coding is ``main``, without ``occasion`` the first. Status ``withdrawn`` takes back what the same coder said before of the
    unit and code: undo is a row, too.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    YuhuError
        YH503 a status, coder kind, unit kind or purpose is not known, or a coded row has no value; YH203, YH209 the file cannot be written.
    """
    frame = with_defaults(codings)
    bad = frame.filter(
        ~pl.col("status").is_in([*STATUSES, WITHDRAWN])
        | ~pl.col("coder_kind").is_in(CODER_KINDS)
        | ~pl.col("unit_kind").is_in(UNIT_KINDS)
        | ~pl.col("purpose").is_in(PURPOSES)
        | ((pl.col("status") == "coded") != pl.col("value").is_not_null())
    )
    if bad.height:
        raise YuhuError(
            "YH503",
            "a coding is not understood",
            facts={"rows": bad.height, "first": bad.row(0)},
            fix=f"status is one of {', '.join(STATUSES)}; only `coded` has a value",
        )
    rows = frame.with_columns(pl.col("at").dt.to_string("iso:strict")).rows()
    with connected(folder, write=True) as connection:
        insert(connection, rows)
    return len(rows)


def insert(connection: sqlite3.Connection, rows: list[tuple[object, ...]]) -> None:
    """Write rows of `core.schema.CODING` with ``at`` as text."""
    connection.executemany(f"insert into codings ({', '.join(_COLUMNS)}) values ({', '.join('?' * len(_COLUMNS))})", rows)  # noqa: S608


def with_defaults(codings: pl.DataFrame) -> pl.DataFrame:
    """Codings with all columns of `core.schema.CODING`."""
    schema = polars_schema(CODING)
    have = set(codings.columns)
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in have]
    return (
        codings.with_columns(missing).select(*_COLUMNS).with_columns(pl.col("purpose").fill_null("main"), pl.col("occasion").fill_null(0))
    )


def read_codings(
    folder: Path,
    *,
    counted: bool = False,
    unit_kind: str | None = None,
    unit_id: str | None = None,
    code: str | None = None,
    coder: str | None = None,
    purpose: str | None = None,
) -> pl.DataFrame:
    """The codings that count: the newest of each coder on each unit, code, purpose and occasion, in the order of their units.

    Parameters
    ----------
    folder : Path
        The study.
    counted : bool
        Only those that may enter agreement and gold: none made in training or in a pilot, and none of a unit that was drawn for these.
    unit_kind, unit_id, code, coder, purpose : str, optional
        Only those that are of this; the others are not read.

    Returns
    -------
    pl.DataFrame
        Columns of `core.schema.CODING`.
    """
    if not (folder / FILE).exists():
        return pl.DataFrame(schema=polars_schema(CODING))
    asked = {"unit_kind": unit_kind, "unit_id": unit_id, "code": code, "coder": coder, "purpose": purpose}
    given = {name: value for name, value in asked.items() if value is not None}
    only = f"where {' and '.join(f'{name} = ?' for name in given)}" if given else ""
    query = f"""
        select {", ".join(_COLUMNS)} from codings where id in (select max(id) from codings {only} group by {_SAME}) and status <> '{WITHDRAWN}'
        order by code, unit_id, video_id, start_ms, end_ms, coder, purpose, occasion
    """  # noqa: S608
    with connected(folder) as connection:
        rows = connection.execute(query, tuple(given.values())).fetchall()
    frame = codings_of(rows)
    if not counted:
        return frame
    spent = pl.Series("unit_id", sorted(units_spent(folder)), dtype=pl.String)
    return frame.filter(~pl.col("purpose").is_in(NOT_COUNTED) & ~pl.col("unit_id").is_in(spent.implode()).fill_null(value=False))


@dataclass(frozen=True)
class Tally:
    """How many codings of a coder count, on how many messages, and on how many segments of videos."""

    codings: int = 0
    responses: int = 0
    spans: int = 0


def tallies(folder: Path) -> dict[str, Tally]:
    """What each coder gave that counts (as `read_codings`), by name."""
    if not (folder / FILE).exists():
        return {}
    query = f"""
        select coder, count(*), count(distinct iif(unit_kind = 'response', unit_id, null)), sum(unit_kind = 'span')
        from codings where id in (select max(id) from codings group by {_SAME}) and status <> '{WITHDRAWN}' group by coder order by coder
    """  # noqa: S608
    with connected(folder) as connection:
        return {coder: Tally(*counts) for coder, *counts in connection.execute(query)}


def codings_of(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Rows of the file as codings."""
    schema = polars_schema(CODING)
    frame = pl.DataFrame(rows, schema={**schema, "at": pl.String}, orient="row")
    return frame.with_columns(pl.col("at").str.to_datetime("%+", time_unit="ms", time_zone="UTC"))


def add_people(folder: Path, people: list[tuple[str, str, str]]) -> None:
    """Record coders: name, kind, languages. Those that are known stay as they are."""
    with connected(folder, write=True) as connection:
        connection.executemany("insert or ignore into people (coder, kind, languages) values (?, ?, ?)", people)


def forget_units(folder: Path, stones: Mapping[str, str]) -> int:
    """Take units out of human codings for good: their evidence and notes go, their id becomes one that says nothing.

    Rows stay, so that the number of units drawn and coded remains true; the file is rewritten, so that nothing lies in its free pages.

    Returns
    -------
    int
        Codings that now stand under these ids, those that an earlier call which did not end had changed among them.
    """
    if not stones or not (folder / FILE).exists():
        return 0
    changed = 0
    with connected(folder, write=True) as connection:
        connection.execute("pragma secure_delete = on")
        for unit, stone in stones.items():
            connection.execute("update codings set unit_id = ?, evidence = null, note = null where unit_id = ?", (stone, unit))
            changed += connection.execute("select count(*) from codings where unit_id = ?", (stone,)).fetchone()[0]
            for table in ("sample_units", "assignments"):
                connection.execute(f"update {table} set unit_id = ? where unit_id = ?", (stone, unit))  # noqa: S608
            connection.execute("delete from drafts where unit_id = ?", (unit,))
            connection.execute("update decisions set unit_id = ?, text = '' where unit_id = ?", (stone, unit))
    vacuum = sqlite3.connect(folder / FILE, timeout=30, isolation_level=None)
    try:
        vacuum.execute("pragma wal_checkpoint(truncate)")
        vacuum.execute("vacuum")
        vacuum.execute("pragma wal_checkpoint(truncate)")
    finally:
        vacuum.close()
    return changed


__all__ = ["FILE", "add_people", "add_sample", "append_codings", "forget_units", "read_codings", "read_samples", "tallies"]
