"""``team.sqlite``: accounts of a shared workbench, their sessions, attempts to sign in, and the log of what was done.

A file of its own that only its owner may read, and that no export takes: docs/decisions/0018-accounts-stand-apart.md.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yuhu.core.errors import YuhuError
from yuhu.study.files import disk_errors
from yuhu.study.sqlite_file import connection_for, is_version, transaction

FILE = "team.sqlite"
VERSION = 1
_MODE = 0o600

_TABLES = """
create table if not exists accounts (
    name text primary key, folded text not null unique, role text not null, password text not null, at text not null
);
create table if not exists sessions (
    secret_hash blob primary key, account text not null references accounts (name) on delete cascade, started_s integer not null, seen_s integer not null
);
create index if not exists sessions_by_account on sessions (account);
create table if not exists attempts (id integer primary key, kind text not null, whose blob not null, at_s integer not null);
create index if not exists attempts_by_whose on attempts (kind, whose, at_s);
create table if not exists log (id integer primary key, at text not null, who text not null, what text not null, facts text not null);
"""


@contextmanager
def team_file(folder: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to a study's accounts; what was written counts once the block ends without an error.

    Parameters
    ----------
    folder : Path
        The study's folder.
    write : bool
        Take the writer's turn at once.

    Raises
    ------
    YuhuError
        YH203 another process kept the file; YH204 a newer version wrote it; YH205 it is no such file; YH208 others may read it; YH209 the disk refused.
    """
    path = folder / FILE
    if not path.exists():
        with disk_errors(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, _MODE))  # SQLite gives its log the mode of the file
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise YuhuError("YH208", f"{FILE} can be read by others", facts={"mode": oct(mode)}, fix=f"chmod 600 {path}")
    with transaction(path, _prepare, write=write) as connection:
        yield connection


def keep_team_open(folder: Path, owner: object) -> None:
    """Hold the file open while an object lives, so that not every request waits for the disk."""
    with team_file(folder):
        connection_for(folder / FILE, owner)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma secure_delete = on")  # a password that was replaced does not lie on in a free page
    if is_version(connection, FILE, VERSION):
        return
    connection.execute("pragma journal_mode = wal")
    connection.executescript(f"begin immediate; {_TABLES} pragma user_version = {VERSION}; commit;")
