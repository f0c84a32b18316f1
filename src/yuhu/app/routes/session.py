"""Getting in, and what the front end must know before it shows anything."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from yuhu.app.access import COOKIE, TokenAccess
from yuhu.app.workbench import Bench
from yuhu.core.errors import YuhuError
from yuhu.core.version import __version__

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
    visitor = bench.access.visitor(request.cookies)
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


@router.get("/enter", include_in_schema=False)
def enter(bench: Bench, token: Annotated[str, Query(max_length=200)] = "") -> RedirectResponse:
    """Take the token of the printed address into a cookie, and out of the address.

    Raises
    ------
    YuhuError
        YH702 it is not the token of this workbench.
    """
    if not isinstance(bench.access, TokenAccess) or not bench.access.opens(token):
        raise YuhuError("YH702", "this is not the address of this workbench", fix="open the address that `yuhu serve` printed last")
    reply = RedirectResponse("/", status_code=303)
    reply.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")
    return reply
