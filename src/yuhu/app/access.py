"""Who asks, and what they may do. Every route says which roles it is for, and the server checks it."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from fastapi import Request

from yuhu.core.clock import iso_utc
from yuhu.core.errors import YuhuError
from yuhu.study.accounts import account_called, known_password
from yuhu.study.sessions import LONGEST_S, count_attempt, end_session, forgive_attempts, session_account, start_session
from yuhu.study.team_file import keep_team_open
from yuhu.study.team_log import add_event

_COOKIE_DIGITS = 12


class Role(StrEnum):
    """What a person is in a study."""

    LEAD = "lead"
    CODER = "coder"
    VIEWER = "viewer"


EVERYONE = frozenset(Role)
READERS = frozenset({Role.LEAD, Role.VIEWER})
"""Those who see results. A coder who saw them would no longer be blind."""
CODERS = frozenset({Role.LEAD, Role.CODER})
LEAD = frozenset({Role.LEAD})


@dataclass(frozen=True)
class Visitor:
    """A person who is signed in.

    Parameters
    ----------
    name : str
        The account; empty for the one user of a workbench without accounts.
    role : Role
        What they are.
    """

    name: str
    role: Role

    def may_code_as(self, coder: str) -> bool:
        """Whether codings under this name are theirs: accounts code under their own name; the one user of a workbench chooses."""
        return not self.name or self.name == coder


def cookie_name(path: Path) -> str:
    """The name of the cookie of a study's workbench.

    A browser sends a host's cookies to all its ports: two workbenches on one machine would put each other's sessions out under one name.
    """
    return f"yuhu_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:_COOKIE_DIGITS]}"


class Access(Protocol):
    """How people get in."""

    has_accounts: bool

    def visitor(self, secret: str) -> Visitor | None:
        """Whose secret it is, or None."""
        ...

    def note(self, who: str, what: str, facts: Mapping[str, object] | None = None) -> None:
        """Write into the log what was done, where there is one."""
        ...


class TokenAccess:
    """One user: whoever has the address that was printed.

    Parameters
    ----------
    token : str, optional
        The secret of the address; a random one of 256 bits if none.
    """

    has_accounts = False

    def __init__(self, token: str = "") -> None:
        self.token = token or secrets.token_urlsafe(32)

    def visitor(self, secret: str) -> Visitor | None:
        """The one user, where the secret is the token."""
        return Visitor("", Role.LEAD) if self.opens(secret) else None

    def opens(self, token: str) -> bool:
        """Whether it is the token; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def note(self, who: str, what: str, facts: Mapping[str, object] | None = None) -> None:
        """Nothing: one user needs no log of who did what."""


class TeamAccess:
    """Accounts with passwords and roles.

    Parameters
    ----------
    folder : Path
        The study.
    clock : callable
        Seconds since 1970.
    """

    has_accounts = True

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        keep_team_open(folder, self)

    def visitor(self, secret: str) -> Visitor | None:
        """Whose session it is; roles are read anew each time, so that a change holds at once."""
        account = session_account(self._folder, secret, self._now_s()) if secret else None
        return None if account is None else Visitor(account.name, Role(account.role))

    def sign_in(self, name: str, password: str, address: str) -> str:
        """The secret of a new session.

        Raises
        ------
        YuhuError
            YH702 no account has this name and password; YH706 too many attempts.
        """
        count_attempt(self._folder, name, address, self._now_s())
        account = known_password(self._folder, name, password)
        if account is None:
            tried = account_called(self._folder, name)  # what nobody is called may be a password in the wrong field
            self.note("", "sign_in_refused", {"address": address, **({"account": tried.name} if tried else {})})
            raise YuhuError("YH702", "no account has this name and password", fix="try again, or ask a lead for a new password")
        forgive_attempts(self._folder, name, address)
        self.note(account.name, "sign_in", {"address": address})
        return start_session(self._folder, account.name, self._now_s())

    def sign_out(self, secret: str, who: str) -> None:
        """End a session."""
        end_session(self._folder, secret)
        self.note(who, "sign_out")

    def is_password(self, name: str, password: str, address: str) -> bool:
        """Whether it is the password of someone who is signed in, before a new one is set; counted like a sign-in.

        Raises
        ------
        YuhuError
            YH706 too many attempts.
        """
        count_attempt(self._folder, name, address, self._now_s())
        is_known = known_password(self._folder, name, password) is not None
        if is_known:
            forgive_attempts(self._folder, name, address)
        else:
            self.note(name, "password_refused", {"address": address})
        return is_known

    def note(self, who: str, what: str, facts: Mapping[str, object] | None = None) -> None:
        """Write a row of the team's log."""
        add_event(self._folder, iso_utc(self._now_s() * 1000), who, what, facts)

    def _now_s(self) -> int:
        return int(self._clock())


SESSION_S = LONGEST_S


class Needs:
    """A dependency of a route: lets visitors of certain roles through.

    Parameters
    ----------
    roles : frozenset of Role
        Whom the route is for.

    Raises
    ------
    YuhuError
        YH702 nobody is signed in; YH703 the role may not do this.
    """

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    def __call__(self, request: Request) -> Visitor:
        """The visitor."""
        bench = request.app.state.workbench
        visitor: Visitor | None = bench.visitor(request)
        if visitor is None:
            fix = "sign in" if bench.access.has_accounts else "open the address that `yuhu serve` printed"
            raise YuhuError("YH702", "nobody is signed in here", fix=fix)
        if visitor.role not in self.roles:
            facts = {"role": visitor.role, "for": ", ".join(sorted(self.roles))}
            raise YuhuError("YH703", "this role may not do this", facts=facts, fix="ask a lead of the study")
        return visitor
