"""Who asks, and what they may do. Every route says which roles it is for, and the server checks it."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fastapi import Request

from yuhu.core.errors import YuhuError

COOKIE = "yuhu_session"


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


class Access(Protocol):
    """How people get in."""

    has_accounts: bool

    def visitor(self, cookies: Mapping[str, str]) -> Visitor | None:
        """Who it is, or None."""
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

    def visitor(self, cookies: Mapping[str, str]) -> Visitor | None:
        """The one user, where the cookie holds the token."""
        return Visitor("", Role.LEAD) if self.opens(cookies.get(COOKIE, "")) else None

    def opens(self, token: str) -> bool:
        """Whether it is the token; takes as long for a wrong one as for the right one."""
        return hmac.compare_digest(token.encode(), self.token.encode())


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
        access: Access = request.app.state.workbench.access
        visitor = access.visitor(request.cookies)
        if visitor is None:
            fix = "sign in" if access.has_accounts else "open the address that `yuhu serve` printed"
            raise YuhuError("YH702", "nobody is signed in here", fix=fix)
        if visitor.role not in self.roles:
            facts = {"role": visitor.role, "for": ", ".join(sorted(self.roles))}
            raise YuhuError("YH703", "this role may not do this", facts=facts, fix="ask a lead of the study")
        return visitor
