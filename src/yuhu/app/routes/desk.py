"""Coding responses: the desk of each coder, as on the command line."""

from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from yuhu.app.replies import error_reply
from yuhu.app.workbench import Bench, Coder, Lang, Own
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import read_people

router = APIRouter(prefix="/api", tags=["coding"])


@router.get("/coders")
def coders(bench: Bench, visitor: Coder) -> dict[str, Any]:
    """Coders under whose names this visitor may code."""
    people = read_people(bench.path)
    return {"coders": [{"name": one.coder, "languages": list(one.languages)} for one in people.values() if visitor.may_code_as(one.coder)]}


@router.post("/desks/{coder}")
def desk(coder: Own, bench: Bench, lang: Lang, request: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """One request to a coder's desk: ``do`` is next, sheet, save, abstain, skip, undo, progress or questions; see docs/coding.md."""
    reply = bench.desk(lang).handle({**request, "coder": coder})
    if reply.pop("ok"):
        return JSONResponse(reply)
    error = reply["error"]
    return error_reply(YuhuError(error["code"], error["problem"], facts=error["facts"], fix=error["fix"]))
