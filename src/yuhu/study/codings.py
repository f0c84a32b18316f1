"""Human codings: one SQLite file in WAL mode, append-only rows.

Rows are never changed or removed; the newest row of a coder on a unit and code counts.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.sample import Sample
from yuhu.core.schema import CODER_KINDS, CODING, STATUSES, UNIT_KINDS, polars_schema

FILE = "codings.sqlite"

_SCHEMA = """
create table if not exists codings (
    id integer primary key,
    unit_kind text not null, unit_id text, video_id text, start_ms integer, end_ms integer,
    code text not null, value text, status text not null,
    coder text not null, coder_kind text not null,
    code_hash text not null, codebook_hash text not null, evidence text, at text not null
);
create index if not exists codings_by_unit on codings (code, unit_id, coder);
create table if not exists samples (
    name text primary key, design text not null, seed integer not null, population integer not null, at text not null
);
create table if not exists sample_units (
    sample text not null references samples (name), unit_id text not null, chance real not null check (chance > 0 and chance <= 1), stratum text not null,
    primary key (sample, unit_id)
);
create table if not exists people (coder text primary key, kind text not null, languages text not null);
"""

_COLUMNS = tuple(CODING.names)


@contextmanager
def _connected(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / FILE, timeout=30)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute("pragma foreign_keys = on")
        connection.executescript(_SCHEMA)
        with connection:
            yield connection
    finally:
        connection.close()


def append_codings(folder: Path, codings: pl.DataFrame) -> int:
    """Append codings (columns of `core.schema.CODING`; `at` as UTC).

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    YuhuError
        YH503 a status, coder kind or unit kind is not known, or a coded row has no value.
    """
    frame = codings.select(*_COLUMNS)
    bad = frame.filter(
        ~pl.col("status").is_in(STATUSES)
        | ~pl.col("coder_kind").is_in(CODER_KINDS)
        | ~pl.col("unit_kind").is_in(UNIT_KINDS)
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
    with _connected(folder) as connection:
        connection.executemany(f"insert into codings ({', '.join(_COLUMNS)}) values ({', '.join('?' * len(_COLUMNS))})", rows)  # noqa: S608
    return len(rows)


def read_codings(folder: Path) -> pl.DataFrame:
    """The codings that count: the newest of each coder on each unit and code, in the order of their units.

    Returns
    -------
    pl.DataFrame
        Columns of `core.schema.CODING`.
    """
    schema = polars_schema(CODING)
    if not (folder / FILE).exists():
        return pl.DataFrame(schema=schema)
    query = f"""
        select {", ".join(_COLUMNS)} from codings where id in
        (select max(id) from codings group by unit_kind, unit_id, video_id, start_ms, end_ms, code, coder)
        order by code, unit_id, coder
    """  # noqa: S608
    with _connected(folder) as connection:
        rows = connection.execute(query).fetchall()
    frame = pl.DataFrame(rows, schema={**schema, "at": pl.String}, orient="row")
    return frame.with_columns(pl.col("at").str.to_datetime("%+", time_unit="ms", time_zone="UTC"))


def add_sample(folder: Path, sample: Sample, at: str) -> None:
    """Store a sample with the chance of each unit.

    Raises
    ------
    YuhuError
        YH503 a sample of this name exists.
    """
    with _connected(folder) as connection:
        if connection.execute("select 1 from samples where name = ?", (sample.name,)).fetchone():
            raise YuhuError("YH503", f"sample `{sample.name}` exists", fix="choose another name: chances once drawn are never changed")
        connection.execute("insert into samples values (?, ?, ?, ?, ?)", (sample.name, sample.design, sample.seed, sample.population, at))
        rows = sample.units.select(pl.lit(sample.name), "unit_id", "chance", "stratum").rows()
        connection.executemany("insert into sample_units values (?, ?, ?, ?)", rows)


def read_samples(folder: Path) -> dict[str, Sample]:
    """All samples by name."""
    if not (folder / FILE).exists():
        return {}
    with _connected(folder) as connection:
        heads = connection.execute("select name, design, seed, population from samples order by name").fetchall()
        units = connection.execute("select sample, unit_id, chance, stratum from sample_units order by sample, unit_id").fetchall()
    frame = pl.DataFrame(
        units, schema={"sample": pl.String, "unit_id": pl.String, "chance": pl.Float64, "stratum": pl.String}, orient="row"
    )
    return {
        name: Sample(name, frame.filter(pl.col("sample") == name).drop("sample"), design, seed, population)
        for name, design, seed, population in heads
    }


def add_people(folder: Path, people: list[tuple[str, str, str]]) -> None:
    """Record coders: name, kind, languages."""
    with _connected(folder) as connection:
        connection.executemany("insert or ignore into people values (?, ?, ?)", people)


def forget_units(folder: Path, stones: Mapping[str, str]) -> int:
    """Take units out of human codings for good: their evidence goes, their id becomes one that says nothing.

    Rows stay, so that the number of units drawn and coded remains true; the file is rewritten, so that nothing lies in its free pages.

    Returns
    -------
    int
        Codings that were changed.
    """
    if not stones or not (folder / FILE).exists():
        return 0
    changed = 0
    with _connected(folder) as connection:
        connection.execute("pragma secure_delete = on")
        for unit, stone in stones.items():
            changed += connection.execute("update codings set unit_id = ?, evidence = null where unit_id = ?", (stone, unit)).rowcount
            connection.execute("update sample_units set unit_id = ? where unit_id = ?", (stone, unit))
    vacuum = sqlite3.connect(folder / FILE, timeout=30, isolation_level=None)
    try:
        vacuum.execute("pragma wal_checkpoint(truncate)")
        vacuum.execute("vacuum")
        vacuum.execute("pragma wal_checkpoint(truncate)")
    finally:
        vacuum.close()
    return changed
