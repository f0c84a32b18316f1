"""Who is signed in. A session's secret is known to its browser alone: the file holds its SHA-256."""

import hashlib
import secrets
from pathlib import Path

from yuhu.core.errors import YuhuError
from yuhu.study.accounts import Account, folded
from yuhu.study.team_file import team_file

IDLE_S = 4 * 3600
LONGEST_S = 3 * 24 * 3600
WINDOW_S = 15 * 60
MOST_ATTEMPTS = {"account": 10, "address": 30}
"""Wrong passwords within `WINDOW_S` after which no more are tried."""

_SEEN_EVERY_S = 60
"""How exactly the last request of a session is kept: not every request writes."""


def start_session(folder: Path, account: str, now_s: int) -> str:
    """Begin a session; its secret, 256 random bits."""
    secret = secrets.token_urlsafe(32)
    with team_file(folder, write=True) as connection:
        connection.execute("delete from sessions where seen_s < ? or started_s < ?", (now_s - IDLE_S, now_s - LONGEST_S))
        connection.execute("insert into sessions values (?, ?, ?, ?)", (_hash(secret), account, now_s, now_s))
    return secret


def session_account(folder: Path, secret: str, now_s: int) -> Account | None:
    """Whose session it is; None once it has ended, was idle for `IDLE_S`, or began `LONGEST_S` ago."""
    query = """
        select name, role, at, seen_s from sessions join accounts on name = account where secret_hash = ? and seen_s >= ? and started_s >= ?
    """
    with team_file(folder) as connection:
        row = connection.execute(query, (_hash(secret), now_s - IDLE_S, now_s - LONGEST_S)).fetchone()
    if row is None:
        return None
    if row[3] <= now_s - _SEEN_EVERY_S:
        with team_file(folder, write=True) as connection:
            connection.execute("update sessions set seen_s = ? where secret_hash = ?", (now_s, _hash(secret)))
    return Account(row[0], row[1], row[2])


def end_session(folder: Path, secret: str) -> None:
    """End one session."""
    with team_file(folder, write=True) as connection:
        connection.execute("delete from sessions where secret_hash = ?", (_hash(secret),))


def last_seen(folder: Path, now_s: int) -> dict[str, int]:
    """When each account that is signed in was last seen, in seconds since 1970."""
    with team_file(folder) as connection:
        query = "select account, max(seen_s) from sessions where seen_s >= ? and started_s >= ? group by account"
        return dict(connection.execute(query, (now_s - IDLE_S, now_s - LONGEST_S)).fetchall())


def count_attempt(folder: Path, name: str, address: str, now_s: int) -> None:
    """Count an attempt to sign in before it is made, so that many at once do not slip through.

    Raises
    ------
    YuhuError
        YH706 too many passwords were wrong for this account or from this address.
    """
    keys = _keys(name, address)
    with team_file(folder, write=True) as connection:
        connection.execute("delete from attempts where at_s <= ?", (now_s - WINDOW_S,))
        for kind, whose in keys.items():
            n, oldest = connection.execute(
                "select count(*), min(at_s) from attempts where kind = ? and whose = ?", (kind, whose)
            ).fetchone()
            if n >= MOST_ATTEMPTS[kind]:
                wait = oldest + WINDOW_S - now_s
                raise YuhuError(
                    "YH706", "too many attempts to sign in", facts={"wait_s": wait}, fix=f"wait {-(-wait // 60)} min, then try again"
                )
        connection.executemany("insert into attempts (kind, whose, at_s) values (?, ?, ?)", [(*pair, now_s) for pair in keys.items()])


def forgive_attempts(folder: Path, name: str, address: str | None = None) -> None:
    """Forget the attempts on an account, and the newest one from an address: the password was right, or a lead set a new one."""
    keys = _keys(name, address or "")
    with team_file(folder, write=True) as connection:
        connection.execute("delete from attempts where kind = 'account' and whose = ?", (keys["account"],))
        if address is not None:
            newest = "select max(id) from attempts where kind = 'address' and whose = ?"
            connection.execute(f"delete from attempts where id = ({newest})", (keys["address"],))  # noqa: S608


def _keys(name: str, address: str) -> dict[str, bytes]:
    """What attempts are counted by: hashes, because people type passwords into the field of the name."""
    return {"account": _hash(folded(name)), "address": _hash(address)}


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
