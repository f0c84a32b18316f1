"""Answers that were paid for once: an SQLite file in the study that holds decisions and places, and no word of any text."""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from yuhu.coding.llm.reading import Outcomes, unpacked
from yuhu.core.errors import YuhuError
from yuhu.study.files import disk_errors

FILE = "answers.sqlite"
VERSION = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
    key BLOB PRIMARY KEY, text_key INTEGER NOT NULL, parent_key INTEGER, outcomes TEXT NOT NULL, finish TEXT NOT NULL, has_failed INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_text ON answers (text_key);
CREATE TABLE IF NOT EXISTS sent (
    server TEXT NOT NULL, model TEXT NOT NULL, text_key INTEGER NOT NULL, parent_key INTEGER, with_context INTEGER NOT NULL, frames INTEGER NOT NULL, at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS sent_once ON sent (server, model, text_key, with_context);
CREATE TABLE IF NOT EXISTS used (
    server TEXT NOT NULL, model TEXT NOT NULL, currency TEXT NOT NULL, requests INTEGER NOT NULL, estimated INTEGER NOT NULL, tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL, cost REAL NOT NULL, PRIMARY KEY (server, model, currency)
);
"""


@dataclass(frozen=True)
class Answer:
    """What became of one request: the decisions, and what it took.

    ``finish`` is ``stop``, ``refused``, ``length`` (cut off: asked again in smaller pieces) or ``malformed``.
    """

    outcomes: Outcomes
    finish: str
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def has_failed(self) -> bool:
        """Whether some decision was not made."""
        return any(one.why for one in self.outcomes.values())


@dataclass(frozen=True)
class Sent:
    """What was sent to a server, in all runs under one name of codings."""

    label: str
    server: str
    model: str
    texts: int
    with_context: int
    frames: int
    first_at: str
    last_at: str
    requests: int
    tokens_in: int
    tokens_out: int


class Answers:
    """The cache of one name of codings; use it as a context manager.

    Parameters
    ----------
    folder : Path or None
        Where the file stands; None keeps answers in memory for one use only.

    Raises
    ------
    YuhuError
        YH205 the file is no cache; YH204 a newer yuhu wrote it; YH209 the disk refused.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / FILE if folder is not None else None

    def __enter__(self) -> Self:
        if self._path is not None:
            with disk_errors(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
        # Opened here, used by the thread that asks: never by both at once.
        self._db = _connect(self._path)
        return self

    def __exit__(self, *unused: object) -> None:
        self._db.close()

    def find(self, key: bytes) -> Answer | None:
        """The answer to a request, if it is there."""
        row = self._db.execute("SELECT outcomes, finish, tokens_in, tokens_out FROM answers WHERE key = ?", (key,)).fetchone()
        return Answer(unpacked(json.loads(row[0])), *row[1:]) if row else None

    def keep(self, key: bytes, answer: Answer, *, text_key: int, parent_key: int | None, at: str) -> None:
        """Keep an answer; it is on disk when this returns."""
        held = json.dumps({name: one.packed() for name, one in answer.outcomes.items()}, separators=(",", ":"), sort_keys=True)
        with _stored(self._path):
            self._db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, text_key, parent_key, held, answer.finish, answer.has_failed, answer.tokens_in, answer.tokens_out, at),
            )

    def note_sent(
        self, server: str, model: str, *, text_key: int, parent_key: int | None, with_context: bool, n_frames: int, at: str
    ) -> None:
        """Note that a text goes to a server, before it goes."""
        with _stored(self._path):
            self._db.execute(
                "INSERT OR IGNORE INTO sent VALUES (?, ?, ?, ?, ?, ?, ?)",
                (server, model, text_key, parent_key, int(with_context), n_frames, at),
            )

    def note_used(
        self, server: str, model: str, currency: str, *, tokens_in: int, tokens_out: int, cost: float, is_estimated: bool
    ) -> None:
        """Add what a request took."""
        with _stored(self._path):
            self._db.execute(
                "INSERT INTO used VALUES (?, ?, ?, 1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + 1, "
                "estimated = estimated + excluded.estimated, tokens_in = tokens_in + excluded.tokens_in, "
                "tokens_out = tokens_out + excluded.tokens_out, cost = cost + excluded.cost",
                (server, model, currency, int(is_estimated), tokens_in, tokens_out, cost),
            )


def is_there(folder: Path | None) -> bool:
    """Whether there is a cache in a folder."""
    return folder is not None and (folder / FILE).is_file()


def forget_texts(caches: Path, text_keys: Iterable[int]) -> int:
    """Take answers on some texts, or with them as context, out of all caches of a study, for good.

    Parameters
    ----------
    caches : Path
        The folder that holds a folder for each name of codings.
    text_keys : iterable of int
        Keys of the texts (`core.ids.text_key`).

    Returns
    -------
    int
        Answers that went. How many texts were sent to whom stays, under numbers that say nothing.
    """
    keys = [(key, key) for key in set(text_keys)]
    gone = 0
    for path in sorted(caches.glob(f"*/{FILE}")):
        db = _connect(path)
        try:
            with _stored(path):
                db.execute("BEGIN")
                gone += sum(db.execute("DELETE FROM answers WHERE text_key = ? OR parent_key = ?", pair).rowcount for pair in keys)
                for key, _ in keys:
                    db.execute("UPDATE sent SET parent_key = NULL WHERE parent_key = ?", (key,))
                    for (row,) in db.execute("SELECT rowid FROM sent WHERE text_key = ?", (key,)).fetchall():
                        db.execute("UPDATE sent SET text_key = ? WHERE rowid = ?", (secrets.randbits(62), row))
                db.execute("COMMIT")
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            db.close()
    return gone


def sent_from(caches: Path) -> list[Sent]:
    """What was sent to which server and model, by name of codings."""
    out = []
    for path in sorted(caches.glob(f"*/{FILE}")):
        db = _connect(path)
        try:
            rows = db.execute(
                "SELECT s.server, s.model, count(DISTINCT text_key), sum(with_context), sum(frames), min(at), max(at), "
                "(SELECT coalesce(sum(requests), 0) FROM used u WHERE u.server = s.server AND u.model = s.model), "
                "(SELECT coalesce(sum(tokens_in), 0) FROM used u WHERE u.server = s.server AND u.model = s.model), "
                "(SELECT coalesce(sum(tokens_out), 0) FROM used u WHERE u.server = s.server AND u.model = s.model) "
                "FROM sent s GROUP BY s.server, s.model ORDER BY s.server, s.model"
            ).fetchall()
        finally:
            db.close()
        out += [Sent(path.parent.name, *row) for row in rows]
    return out


def _connect(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False, timeout=30)
    try:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        (found,) = db.execute("PRAGMA user_version").fetchone()
        if found <= VERSION:
            db.executescript(_TABLES)
            db.execute(f"PRAGMA user_version = {VERSION}")
            return db
    except sqlite3.DatabaseError as error:
        db.close()
        raise YuhuError(
            "YH205",
            "the cache of answers cannot be used",
            facts={"file": path, "reason": error},
            fix="restore it from a backup, or delete it",
        ) from error
    db.close()
    raise YuhuError("YH204", "a newer yuhu wrote the cache of answers", facts={"file": path}, fix="pip install --upgrade yuhu")


@contextmanager
def _stored(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise YuhuError(
            "YH209", "an answer could not be kept", facts={"file": path, "reason": error}, fix="free some space and run the command again"
        ) from error
