"""Coding responses: the desk of each coder, as on the command line, and training."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from yuhu.app.replies import error_reply
from yuhu.app.workbench import Bench, Coder, Lang, Own
from yuhu.coding.desk_api import request_schema
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import read_assignments, read_people
from yuhu.study.pseudonyms import read_secret

router = APIRouter(prefix="/api", tags=["coding"])


class CoderName(BaseModel):
    """A coder, the languages they read (none: all), and how many tasks they have."""

    name: str
    languages: list[str]
    tasks: int


class Coders(BaseModel):
    """Coders under whose names a visitor may code. ``study`` is a name for this study: what a browser keeps for one study is not sent to another."""

    study: str
    coders: list[CoderName]


@router.get("/coders")
def coders(bench: Bench, visitor: Coder) -> Coders:
    """Coders under whose names this visitor may code."""
    mine = [one for one in read_people(bench.path).values() if visitor.may_code_as(one.coder)]
    tasks = dict(read_assignments(bench.path)["coder"].value_counts().iter_rows())
    study = hashlib.blake2b(str(bench.path.resolve()).encode(), digest_size=8, key=read_secret(bench.path)[:64]).hexdigest()
    return Coders(
        study=study, coders=[CoderName(name=one.coder, languages=list(one.languages), tasks=tasks.get(one.coder, 0)) for one in mine]
    )


@router.post("/desks/{coder}", openapi_extra={"requestBody": {"content": {"application/json": {"schema": request_schema()}}}})
def desk(coder: Own, bench: Bench, lang: Lang, request: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """One request to a coder's desk: ``do`` is next, sheet, save, abstain, skip, undo, same, progress or questions; see docs/coding.md."""
    reply = bench.desk().handle({**request, "coder": coder}, lang)
    if reply.pop("ok"):
        return JSONResponse(reply)
    error = reply["error"]
    return error_reply(YuhuError(error["code"], error["problem"], facts=error["facts"], fix=error["fix"]))


class TrainingAnswer(BaseModel):
    """Answers on a keyed unit."""

    key: str = Field(max_length=64)
    answers: dict[str, str]
    code: str = Field("", max_length=200)
    note: str = Field("", max_length=8000)


@router.get("/training/{coder}")
def training(coder: Own, bench: Bench, lang: Lang, code: Annotated[str, Query(max_length=200)] = "") -> dict[str, Any]:
    """The next keyed unit of a coder's training: ``drill``, ``progress``, ``results`` and ``codes``; see `yuhu.coding.training_api`."""
    return bench.training().next(coder, lang, code=code)


@router.post("/training/{coder}")
def train(coder: Own, bench: Bench, lang: Lang, given: TrainingAnswer) -> dict[str, Any]:
    """Answer a keyed unit: ``feedback``, and what comes next."""
    return bench.training().answer(coder, lang, given.key, given.answers, code=given.code, note=given.note)
