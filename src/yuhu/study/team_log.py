"""What was done in a shared workbench: rows are added and never changed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yuhu.study.team_file import FILE, team_file

EVENTS = (
    "sign_in",
    "sign_in_refused",
    "sign_out",
    "account_added",
    "account_removed",
    "role_changed",
    "password_changed",
    "password_refused",
)
TERMINAL = "(terminal)"
"""Who did what was done with `yuhu team`."""

_LONGEST = 300


def add_event(folder: Path, at: str, who: str, what: str, facts: Mapping[str, object] | None = None) -> None:
    """Write a row.

    Parameters
    ----------
    folder : Path
        The study.
    at : str
        UTC.
    who : str
        The account; empty where nobody was signed in.
    what : str
        One of `EVENTS`.
    facts : mapping of str to object, optional
        On what; never a password.

    Raises
    ------
    KeyError
        The event is none of `EVENTS`.
    """
    if what not in EVENTS:
        raise KeyError(what)
    kept = {key: str(value)[:_LONGEST] for key, value in (facts or {}).items()}
    with team_file(folder, write=True) as connection:
        connection.execute(
            "insert into log (at, who, what, facts) values (?, ?, ?, ?)", (at, who, what, json.dumps(kept, ensure_ascii=False))
        )


def read_log(folder: Path, *, before: int | None = None, most: int = 100) -> list[dict[str, Any]]:
    """The newest rows, newest first: ``id, at, who, what, facts``; with `before`, those older than the row of this id."""
    if not (folder / FILE).exists():
        return []
    with team_file(folder) as connection:
        which, given = ("where id < ?", (before,)) if before is not None else ("", ())
        query = f"select id, at, who, what, facts from log {which} order by id desc limit ?"  # noqa: S608
        rows = connection.execute(query, (*given, most)).fetchall()
    return [{"id": number, "at": at, "who": who, "what": what, "facts": json.loads(facts)} for number, at, who, what, facts in rows]
