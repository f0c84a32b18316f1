"""Errors as replies: the same code, problem, facts and fix as on the command line, with a status."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from yuhu.app.shown import shown_error
from yuhu.core.errors import RetryableError, YuhuError

_LOG = logging.getLogger("yuhu.app")

_STATUS = {
    "YH201": 503,
    "YH203": 503,
    "YH204": 503,
    "YH205": 503,
    "YH209": 507,
    "YH601": 422,
    "YH602": 404,
    "YH701": 422,
    "YH702": 401,
    "YH703": 403,
    "YH704": 404,
    "YH705": 413,
    "YH706": 429,
    "YH709": 503,
    "YH903": 500,
}
_HTTP = {
    404: ("YH704", "there is nothing at this address"),
    405: ("YH701", "this address has no such method"),
    413: ("YH705", "the request is too large"),
}
_SAFE = 200


def add_error_replies(app: FastAPI) -> None:
    """Answer every error in one shape, ``{"error": {code, problem, facts, fix, shown}}``; ``shown`` is what pages say, see `yuhu.app.shown`."""
    app.add_exception_handler(YuhuError, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def error_reply(error: YuhuError) -> JSONResponse:
    """An error as a reply: 409 where a step is not possible now, unless the code says otherwise. When to try again is the fact ``wait_s``, where there is one."""
    status = _STATUS.get(error.code, 409)
    headers = {"Retry-After": error.facts.get("wait_s", "1")} if isinstance(error, RetryableError) or status in {429, 503} else None
    return JSONResponse({"error": shown_error(error.as_dict())}, status_code=status, headers=headers)


def _refused(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, YuhuError):
        raise error
    return error_reply(error)


def _not_understood(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    facts = {"where": where[:_SAFE], "why": str(first["msg"])[:_SAFE]}
    return error_reply(YuhuError("YH701", "the request is not understood", facts=facts, fix="see /api/openapi.json for what it takes"))


def _http(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    code, problem = _HTTP.get(error.status_code, ("YH701", "the request is not understood"))
    reply = YuhuError(code, problem, facts={"why": str(error.detail)[:_SAFE]}, fix="see /api/openapi.json for what there is")
    return JSONResponse({"error": shown_error(reply.as_dict())}, status_code=error.status_code, headers=error.headers)


def _failed(request: Request, error: Exception) -> JSONResponse:
    _LOG.exception("%s %s failed", request.method, request.url.path, exc_info=error)
    facts = {"what": type(error).__name__}
    return error_reply(YuhuError("YH903", "the request failed", facts=facts, fix="look at the log of `yuhu serve`, and report it"))
