"""Coders, and what each is to code, on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODER_KINDS
from yuhu.study.coding_file import FILE, connected

ROW = ("sample", "unit_id", "coder", "purpose", "occasion", "position", "not_before", "at")
_SCHEMA = {
    "sample": pl.String,
    "unit_id": pl.String,
    "coder": pl.String,
    "purpose": pl.String,
    "occasion": pl.Int32,
    "position": pl.Int64,
    "not_before": pl.String,
    "at": pl.String,
}


@dataclass(frozen=True)
class Person:
    """Someone who codes: languages they read (empty: all), training, and, if they wish, their own stance."""

    coder: str
    kind: str = "human"
    languages: tuple[str, ...] = ()
    training: str = ""
    stance: str = ""


def put_person(folder: Path, person: Person, at: str) -> None:
    """Record a coder, or what is new about them.

    Raises
    ------
    YuhuError
        YH505 the name is empty, holds a control character or is longer than 60 characters, or the kind is not known.
    """
    name = person.coder
    if not name.strip() or len(name) > 60 or not name.isprintable() or name != name.strip():
        raise YuhuError(
            "YH505", "this is no name for a coder", facts={"found": repr(name)[:80]}, fix="a short name or a pseudonym: anna, C1"
        )
    if person.kind not in CODER_KINDS:
        raise YuhuError("YH505", f"kind `{person.kind}` is not known", facts={"known": ", ".join(CODER_KINDS)}, fix="human")
    with connected(folder, write=True) as connection:
        connection.execute(
            "insert into people (coder, kind, languages, training, stance, at) values (?, ?, ?, ?, ?, ?) on conflict (coder) do update set "
            "kind = excluded.kind, languages = excluded.languages, training = excluded.training, stance = excluded.stance",
            (name, person.kind, ",".join(person.languages), person.training, person.stance, at),
        )


def read_people(folder: Path) -> dict[str, Person]:
    """Coders by name."""
    if not (folder / FILE).exists():
        return {}
    with connected(folder) as connection:
        rows = connection.execute("select coder, kind, languages, training, stance from people order by coder").fetchall()
    return {
        coder: Person(coder, kind, tuple(one for one in languages.replace(" ", ",").split(",") if one), training, stance)
        for coder, kind, languages, training, stance in rows
    }


def add_assignments(folder: Path, rows: Sequence[tuple[object, ...]]) -> int:
    """Store assignments (`ROW`); those that are there already stay as they are. The number of new ones."""
    with connected(folder, write=True) as connection:
        before = connection.total_changes
        connection.executemany(
            f"insert into assignments ({', '.join(ROW)}) values ({', '.join('?' * len(ROW))}) on conflict do nothing",  # noqa: S608
            rows,
        )
        return connection.total_changes - before


def read_assignments(folder: Path, coder: str | None = None) -> pl.DataFrame:
    """Assignments in the order in which each coder meets them: columns `ROW`."""
    if not (folder / FILE).exists():
        return pl.DataFrame(schema=_SCHEMA)
    which, given = ("where coder = ?", (coder,)) if coder is not None else ("", ())
    with connected(folder) as connection:
        query = f"select {', '.join(ROW)} from assignments {which} order by coder, at, sample, position, id"  # noqa: S608
        rows = connection.execute(query, given).fetchall()
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def assignments_mark(folder: Path, coder: str) -> tuple[int, int]:
    """Number and newest of a coder's assignments: another one where there are new ones. Reads an index alone."""
    if not (folder / FILE).exists():
        return 0, 0
    with connected(folder) as connection:
        n, newest = connection.execute("select count(*), coalesce(max(id), 0) from assignments where coder = ?", (coder,)).fetchone()
    return int(n), int(newest)
