"""Accounts of a shared workbench: a name, a role, and a password of which only an argon2id hash is kept."""

import threading
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from yuhu.core.errors import YuhuError
from yuhu.study.team_file import FILE, team_file

if TYPE_CHECKING:
    from argon2 import PasswordHasher

ROLES = ("lead", "coder", "viewer")
LEAD = "lead"
SHORTEST, LONGEST = 10, 200
_LONGEST_NAME = 60
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB: many at once would take the memory of the machine."""


@dataclass(frozen=True)
class Account:
    """Someone who may sign in. An account with role ``coder`` codes under its own name."""

    name: str
    role: str
    at: str = ""


def has_accounts(folder: Path) -> bool:
    """Whether anyone can sign in to a study; makes no file."""
    return (folder / FILE).exists() and bool(read_accounts(folder))


def read_accounts(folder: Path) -> dict[str, Account]:
    """Accounts by name."""
    if not (folder / FILE).exists():
        return {}
    with team_file(folder) as connection:
        rows = connection.execute("select name, role, at from accounts order by name").fetchall()
    return {name: Account(name, role, at) for name, role, at in rows}


def account_called(folder: Path, name: str) -> Account | None:
    """The account of a name, which may differ in case and width."""
    with team_file(folder) as connection:
        row = connection.execute("select name, role, at from accounts where folded = ?", (folded(name),)).fetchone()
    return Account(*row) if row else None


def put_account(folder: Path, account: Account, password: str) -> None:
    """Make an account.

    Raises
    ------
    YuhuError
        YH708 the name, the role or the password is not accepted, or the name is taken.
    """
    check_account(account.name, account.role)
    hashed = _hashed(account.name, password)
    with team_file(folder, write=True) as connection:
        taken = connection.execute("select name from accounts where folded = ?", (folded(account.name),)).fetchone()
        if taken is not None:
            raise YuhuError("YH708", "this name is taken", facts={"known": taken[0]}, fix="another name, or yuhu team STUDY role NAME")
        connection.execute(
            "insert into accounts values (?, ?, ?, ?, ?)", (account.name, folded(account.name), account.role, hashed, account.at)
        )


def put_role(folder: Path, name: str, role: str) -> None:
    """Give an account another role; it holds from its next request on.

    Raises
    ------
    YuhuError
        YH708 no such account or role, or no lead would be left.
    """
    _check_role(role)
    with team_file(folder, write=True) as connection:
        connection.execute("update accounts set role = ? where name = ?", (role, name))
        if connection.execute("select changes()").fetchone()[0] == 0:
            raise _unknown(name)
        _check_leads(connection.execute("select count(*) from accounts where role = ?", (LEAD,)).fetchone()[0])


def put_password(folder: Path, name: str, password: str) -> None:
    """Give an account another password, and end its sessions.

    Raises
    ------
    YuhuError
        YH708 no such account, or the password is not accepted.
    """
    hashed = _hashed(name, password)
    with team_file(folder, write=True) as connection:
        connection.execute("update accounts set password = ? where name = ?", (hashed, name))
        if connection.execute("select changes()").fetchone()[0] == 0:
            raise _unknown(name)
        connection.execute("delete from sessions where account = ?", (name,))


def remove_account(folder: Path, name: str) -> None:
    """Take an account away with its sessions. Its codings stay.

    Raises
    ------
    YuhuError
        YH708 no such account, or no lead would be left.
    """
    with team_file(folder, write=True) as connection:
        connection.execute("delete from accounts where name = ?", (name,))
        if connection.execute("select changes()").fetchone()[0] == 0:
            raise _unknown(name)
        _check_leads(connection.execute("select count(*) from accounts where role = ?", (LEAD,)).fetchone()[0])


def known_password(folder: Path, name: str, password: str) -> Account | None:
    """The account of a name, if the password is its own; as much work for a name that nobody has.

    The name may differ in case and width.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with team_file(folder) as connection:
        row = connection.execute("select name, role, at, password from accounts where folded = ?", (folded(name),)).fetchone()
    with _AT_ONCE:
        try:
            _hasher().verify(row[3] if row else _nobody(), _typed(password))
        except (VerificationError, InvalidHashError):
            return None
    return Account(row[0], row[1], row[2]) if row else None


def folded(name: str) -> str:
    """A name without what people cannot tell apart."""
    return unicodedata.normalize("NFKC", name).casefold()


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher, Type

    return PasswordHasher(type=Type.ID)  # argon2-cffi's own costs: those of RFC 9106 for little memory


@cache
def _nobody() -> str:
    return _hasher().hash("nobody has this password")


def check_password(name: str, password: str) -> None:
    """Refuse a password that is too short, too long, or guessed at once.

    Raises
    ------
    YuhuError
        YH708 it is.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        facts = {"characters": len(password), "expected": f"{SHORTEST} to {LONGEST}"}
        raise YuhuError("YH708", "this is no password", facts=facts, fix="several words, for example")
    if folded(password) == folded(name) or len(set(password)) < 4:
        raise YuhuError("YH708", "this password is guessed at once", fix="several words that do not belong together")


def _typed(password: str) -> bytes:
    """A password as bytes: keyboards write the same letters in several ways, and half a surrogate pair is no text."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace")


def _hashed(name: str, password: str) -> str:
    check_password(name, password)
    with _AT_ONCE:
        return _hasher().hash(_typed(password))


def check_account(name: str, role: str) -> None:
    """Refuse a name or a role that an account cannot have.

    Raises
    ------
    YuhuError
        YH708 it cannot.
    """
    _check_role(role)
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable() or name != name.strip() or "/" in name or name[0] == "(":
        raise YuhuError(
            "YH708", "this is no name for an account", facts={"found": repr(name)[:80]}, fix="a short name or a pseudonym: anna, C1"
        )


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise YuhuError("YH708", f"role `{role[:40]}` is not known", facts={"known": ", ".join(ROLES)}, fix="--role coder")


def _check_leads(n: int) -> None:
    if n == 0:
        raise YuhuError("YH708", "the team would have no lead", fix="give the role lead to another account first")


def _unknown(name: str) -> YuhuError:
    return YuhuError("YH708", "no account has this name", facts={"found": name[:_LONGEST_NAME]}, fix="yuhu team STUDY list")
