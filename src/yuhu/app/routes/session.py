"""Getting in, and what the front end must know before it shows anything."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from yuhu.app.access import SESSION_S, TeamAccess, TokenAccess
from yuhu.app.workbench import Anyone, Bench
from yuhu.core.errors import YuhuError
from yuhu.core.version import __version__
from yuhu.verbs.team import change_password

router = APIRouter(tags=["session"])


class Session(BaseModel):
    """Who is signed in to what."""

    has_accounts: bool
    is_signed_in: bool
    name: str = ""
    role: str = ""
    title: str = ""
    language: str = "en"
    is_constructed: bool = False
    version: str = __version__


@router.get("/api/session")
def session(request: Request, bench: Bench) -> Session:
    """Who is signed in; the study's title and language only for them."""
    visitor = bench.visitor(request)
    settings = bench.study().settings
    if visitor is None:
        return Session(has_accounts=bench.access.has_accounts, is_signed_in=False, language=settings.language)
    return Session(
        has_accounts=bench.access.has_accounts,
        is_signed_in=True,
        name=visitor.name,
        role=visitor.role,
        title=settings.title,
        language=settings.language,
        is_constructed=settings.constructed,
    )


class SignIn(BaseModel):
    """A name and a password."""

    name: str = Field(max_length=100)
    password: str = Field(max_length=1000)


class NewPassword(BaseModel):
    """One's own password, and the new one."""

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


@router.post("/api/sign-in", status_code=204)
def sign_in(request: Request, bench: Bench, given: SignIn) -> Response:
    """Begin a session: the reply sets a cookie.

    Raises
    ------
    YuhuError
        YH702 no account has this name and password; YH704 there are no accounts; YH706 too many attempts.
    """
    secret = accounts_of(bench).sign_in(given.name, given.password, _address(request))
    reply = Response(status_code=204)
    _set_cookie(reply, request, bench.cookie, secret, SESSION_S)
    return reply


@router.post("/api/sign-out", status_code=204)
def sign_out(request: Request, bench: Bench, visitor: Anyone) -> Response:
    """End the session.

    Raises
    ------
    YuhuError
        YH704 there are no accounts.
    """
    accounts_of(bench).sign_out(request.cookies.get(bench.cookie, ""), visitor.name)
    reply = Response(status_code=204)
    reply.delete_cookie(bench.cookie, path="/", httponly=True, samesite="strict")
    return reply


@router.post("/api/password", status_code=204)
def password(request: Request, bench: Bench, visitor: Anyone, given: NewPassword) -> Response:
    """Set a new password of one's own; all sessions end but a new one that the reply begins.

    Raises
    ------
    YuhuError
        YH704 there are no accounts; YH706 too many attempts; YH708 the old password is wrong, or the new one is not accepted.
    """
    access = accounts_of(bench)
    if not access.is_password(visitor.name, given.old, _address(request)):
        raise YuhuError("YH708", "this is not your present password", fix="try again, or ask a lead for a new one")
    change_password(bench.study(), visitor.name, given.new, by=visitor.name)
    secret = access.sign_in(visitor.name, given.new, _address(request))
    reply = Response(status_code=204)
    _set_cookie(reply, request, bench.cookie, secret, SESSION_S)
    return reply


@router.get("/enter", include_in_schema=False)
def enter(request: Request, bench: Bench, token: Annotated[str, Query(max_length=200)] = "") -> RedirectResponse:
    """Take the token of the printed address into a cookie, and out of the address.

    Raises
    ------
    YuhuError
        YH702 it is not the token of this workbench.
    """
    if not isinstance(bench.access, TokenAccess) or not bench.access.opens(token):
        raise YuhuError("YH702", "this is not the address of this workbench", fix="open the address that `yuhu serve` printed last")
    reply = RedirectResponse("/", status_code=303)
    _set_cookie(reply, request, bench.cookie, token, None)
    return reply


def accounts_of(bench: Bench) -> TeamAccess:
    """The accounts of a workbench.

    Raises
    ------
    YuhuError
        YH704 it has none: it was started for one user.
    """
    if not isinstance(bench.access, TeamAccess):
        raise YuhuError("YH704", "this workbench has no accounts", fix="yuhu serve STUDY --team")
    return bench.access


def _set_cookie(reply: Response, request: Request, name: str, secret: str, max_age: int | None) -> None:
    is_https = request.url.scheme == "https"
    reply.set_cookie(name, secret, max_age=max_age, httponly=True, samesite="strict", secure=is_https, path="/")


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
