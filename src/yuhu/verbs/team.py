"""`yuhu team`: who may sign in to a shared workbench."""

import time
from typing import Any

from yuhu.core.clock import iso_utc
from yuhu.study import accounts as stored
from yuhu.study.accounts import Account, read_accounts
from yuhu.study.assignments import read_people
from yuhu.study.sessions import forgive_attempts, last_seen
from yuhu.study.store import Study
from yuhu.study.team_log import TERMINAL, add_event, read_log
from yuhu.verbs.coders import add_coder, coders
from yuhu.verbs.init import now

CODER = "coder"


def team(study: Study) -> list[dict[str, Any]]:
    """The accounts of a study.

    Returns
    -------
    list of dict
        ``name, role, at`` (when it was made), ``seen`` (of one that is signed in, to the minute; else None), ``assigned`` and ``done`` (units; None of one that does
        not code).
    """
    known = read_accounts(study.path)
    seen = last_seen(study.path, int(time.time())) if known else {}
    standing = {one["coder"]: one for one in coders(study)}
    return [
        {
            "name": one.name,
            "role": one.role,
            "at": one.at,
            "seen": iso_utc(seen[one.name] * 1000) if one.name in seen else None,
            "assigned": standing.get(one.name, {}).get("assigned"),
            "done": standing.get(one.name, {}).get("done"),
        }
        for one in known.values()
    ]


def add_account(study: Study, name: str, *, role: str, password: str, by: str = TERMINAL) -> None:
    """Make an account. One with role ``coder`` becomes a coder of the study if it is none yet.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        A short name or a pseudonym; codings stand under it.
    role : str
        ``lead``, ``coder`` or ``viewer``.
    password : str
        10 to 200 characters; only an argon2id hash of it is kept.
    by : str
        Who makes it, for the log.

    Raises
    ------
    YuhuError
        YH708 name, role or password is not accepted, or the name is taken; YH505 the name is not one for a coder.
    """
    stored.check_account(name, role)
    stored.check_password(name, password)
    if role == CODER:
        _must_code(study, name)
    stored.put_account(study.path, Account(name, role, now()), password)
    add_event(study.path, now(), by, "account_added", {"account": name, "role": role})


def remove_account(study: Study, name: str, *, by: str = TERMINAL) -> None:
    """Take an account away and end its sessions. What it coded stays, and so does the coder.

    Raises
    ------
    YuhuError
        YH708 no such account, or no lead would be left.
    """
    stored.remove_account(study.path, name)
    add_event(study.path, now(), by, "account_removed", {"account": name})


def change_role(study: Study, name: str, role: str, *, by: str = TERMINAL) -> None:
    """Give an account another role.

    Raises
    ------
    YuhuError
        YH708 no such account or role, or no lead would be left; YH505 the name is not one for a coder.
    """
    if role == CODER and name in read_accounts(study.path):
        _must_code(study, name)
    stored.put_role(study.path, name, role)
    add_event(study.path, now(), by, "role_changed", {"account": name, "role": role})


def change_password(study: Study, name: str, password: str, *, by: str = TERMINAL) -> None:
    """Give an account another password: its sessions end, and attempts that failed no longer count.

    Raises
    ------
    YuhuError
        YH708 no such account, or the password is not accepted.
    """
    stored.put_password(study.path, name, password)
    forgive_attempts(study.path, name)
    add_event(study.path, now(), by, "password_changed", {"account": name})


def team_log(study: Study, *, most: int = 100) -> list[dict[str, Any]]:
    """What was done, newest first: ``id, at, who, what, facts``."""
    return read_log(study.path, most=most)


def _must_code(study: Study, name: str) -> None:
    if name not in read_people(study.path):
        add_coder(study, name)
