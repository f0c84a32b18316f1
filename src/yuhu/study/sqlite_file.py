"""SQLite files of a study: one way to open them, and refusals in our own words."""

import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from yuhu.core.errors import RetryableError, YuhuError

PATIENCE_S = 30.0


@contextmanager
def transaction(path: Path, prepare: Callable[[sqlite3.Connection], None], *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to a file; what was written counts once the block ends without an error.

    Parameters
    ----------
    path : Path
        The file; made if it is not there.
    prepare : callable
        Called with the new connection: sets it up and makes tables that are missing.
    write : bool
        Take the writer's turn at once: what is read in the block cannot change before it is written.

    Raises
    ------
    YuhuError
        YH203 another process kept the file for half a minute; YH205 it is no such file; YH209 the disk refused.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
        prepare(connection)
        connection.execute("begin immediate" if write else "begin")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    except sqlite3.OperationalError as error:
        raise _refused(path.name, error) from error
    except sqlite3.DatabaseError as error:
        raise YuhuError("YH205", f"{path.name} cannot be read", facts={"reason": error}, fix="restore it from a backup") from error
    finally:
        if connection is not None:
            connection.close()


def connection_for(path: Path, owner: object) -> sqlite3.Connection:
    """A connection to a file that stays open while an object lives, whatever thread uses it.

    SQLite writes its whole log back and waits for the disk whenever the last connection to a file closes: between two saves of a coder that is each time.
    """
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False)
    weakref.finalize(owner, connection.close)
    connection.execute("select count(*) from sqlite_master").fetchone()  # only now is the file open
    return connection


def is_version(connection: sqlite3.Connection, name: str, version: int) -> bool:
    """Whether a file is of this version; False where it is older, or new.

    Raises
    ------
    YuhuError
        YH204 a newer version wrote it.
    """
    found = int(connection.execute("pragma user_version").fetchone()[0])
    if found > version:
        facts = {"version found": found, "version known": version}
        raise YuhuError("YH204", f"{name} was written by a newer yuhu", facts=facts, fix="upgrade yuhu: pip install --upgrade yuhu")
    return found == version


def _refused(name: str, error: sqlite3.OperationalError) -> YuhuError:
    reason = str(error)
    if "locked" in reason or "busy" in reason:
        return RetryableError("YH203", f"{name} is being written by another process", facts={"waited": "30 s"}, fix="try again")
    if "disk" in reason or "full" in reason or "readonly" in reason or "unable to open" in reason:
        return YuhuError("YH209", f"{name} cannot be written", facts={"reason": reason}, fix="make room on the disk, or check permissions")
    return YuhuError("YH205", f"{name} cannot be read", facts={"reason": reason}, fix="restore it from a backup")
