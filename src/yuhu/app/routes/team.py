"""The team: accounts, roles, progress, and the log of what was done. For leads."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from yuhu.app.access import Role
from yuhu.app.routes.session import accounts_of
from yuhu.app.workbench import Bench, Lead
from yuhu.study.team_log import read_log
from yuhu.verbs import team as verbs

router = APIRouter(prefix="/api/team", tags=["team"])


class Member(BaseModel):
    """An account; ``seen`` of one that is signed in, ``assigned`` and ``done`` (units) of one that codes."""

    name: str
    role: Role
    at: str
    seen: str | None
    assigned: int | None
    done: int | None


class Team(BaseModel):
    """The accounts of the workbench."""

    members: list[Member]


class Event(BaseModel):
    """A row of the log: ``what`` is one of `yuhu.study.team_log.EVENTS`."""

    id: int
    at: str
    who: str
    what: str
    facts: dict[str, str]


class Log(BaseModel):
    """Rows of the log, newest first."""

    events: list[Event]


class NewMember(BaseModel):
    """An account to make."""

    name: str = Field(max_length=100)
    role: Role
    password: str = Field(max_length=1000)


class Change(BaseModel):
    """What of an account is to change."""

    role: Role | None = None
    password: str | None = Field(default=None, max_length=1000)


@router.get("")
def team(bench: Bench, _: Lead) -> Team:
    """The accounts, with their progress.

    Raises
    ------
    YuhuError
        YH704 there are no accounts.
    """
    accounts_of(bench)
    return Team(members=[Member(**one) for one in verbs.team(bench.study())])


@router.get("/log")
def log(
    bench: Bench,
    _: Lead,
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Log:
    """What was done, newest first; with ``before``, what is older than this row."""
    accounts_of(bench)
    return Log(events=[Event(**one) for one in read_log(bench.path, before=before, most=most)])


@router.post("/accounts")
def add(bench: Bench, visitor: Lead, given: NewMember) -> Team:
    """Make an account.

    Raises
    ------
    YuhuError
        YH704 there are no accounts; YH505, YH708 it cannot be made.
    """
    accounts_of(bench)
    verbs.add_account(bench.study(), given.name, role=given.role, password=given.password, by=visitor.name)
    return team(bench, visitor)


@router.patch("/accounts/{name}")
def change(bench: Bench, visitor: Lead, name: str, given: Change) -> Team:
    """Give an account another role or password; with a new password its sessions end.

    Raises
    ------
    YuhuError
        YH704 there are no accounts; YH505, YH708 it cannot be changed.
    """
    accounts_of(bench)
    if given.role is not None:
        verbs.change_role(bench.study(), name, given.role, by=visitor.name)
    if given.password is not None:
        verbs.change_password(bench.study(), name, given.password, by=visitor.name)
    return team(bench, visitor)


@router.delete("/accounts/{name}")
def remove(bench: Bench, visitor: Lead, name: str) -> Team:
    """Take an account away; what it coded stays.

    Raises
    ------
    YuhuError
        YH704 there are no accounts; YH708 it cannot be taken away.
    """
    accounts_of(bench)
    verbs.remove_account(bench.study(), name, by=visitor.name)
    return team(bench, visitor)
