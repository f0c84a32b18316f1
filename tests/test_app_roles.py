"""Every route, walked by everyone: a stranger, the lead, two coders at each desk, a viewer. A route without a place in the table fails."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from app_teams import MEMBERS, Team
from yuhu.app.application import api_routes
from yuhu.app.routes import ROUTERS
from yuhu.study.codings import read_codings

ALL = {"lead", "coder", "viewer", ""}
"""The empty role is a stranger's."""
SIGNED_IN = {"lead", "coder", "viewer"}
READERS = {"lead", "viewer"}
CODERS = {"lead", "coder"}
LEAD = {"lead"}

ROUTES = {
    # getting in
    ("GET", "/api/session"): ALL,
    ("POST", "/api/sign-in"): ALL,
    ("POST", "/api/sign-out"): SIGNED_IN,
    ("POST", "/api/password"): SIGNED_IN,
    ("GET", "/enter"): ALL,
    # coding
    ("GET", "/api/coders"): CODERS,
    ("POST", "/api/desks/{coder}"): CODERS,
    ("GET", "/api/training/{coder}"): CODERS,
    ("POST", "/api/training/{coder}"): CODERS,
    ("GET", "/api/timelines/{coder}"): CODERS,
    ("GET", "/api/timelines/{coder}/video"): CODERS,
    ("POST", "/api/timelines/{coder}/video"): CODERS,
    ("PUT", "/api/timelines/{coder}/video/finished"): CODERS,
    # results
    ("GET", "/api/overview"): READERS,
    ("GET", "/api/overview/missing"): READERS,
    ("GET", "/api/overview/results"): READERS,
    ("GET", "/api/overview/findings"): READERS,
    ("GET", "/api/gallery/{page}"): READERS,
    ("GET", "/api/gallery/{page}/{section}"): READERS,
    ("GET", "/api/gallery/{page}/{section}/figures/{figure}"): READERS,
    ("GET", "/api/gallery/{page}/{section}/tables/{table}"): READERS,
    # the report
    ("GET", "/api/report"): READERS,
    ("GET", "/api/report/preview"): READERS,
    ("GET", "/api/report/file"): READERS,
    ("GET", "/api/report/museum"): READERS,
    ("GET", "/api/report/trace/{estimate}"): READERS,
    # watching
    ("GET", "/api/media"): SIGNED_IN,
    ("GET", "/api/watch"): READERS,
    ("GET", "/api/watch/videos"): READERS,
    ("GET", "/api/watch/layers"): READERS,
    ("GET", "/api/watch/danmaku"): LEAD,
    ("GET", "/api/watch/stretch"): READERS,
    # agreement and the meeting
    ("GET", "/api/agree"): READERS,
    ("GET", "/api/agree/conflicts"): LEAD,
    ("GET", "/api/agree/conflicts/list"): LEAD,
    ("GET", "/api/agree/conflict"): LEAD,
    ("POST", "/api/agree/adjudications"): LEAD,
    ("POST", "/api/agree/decisions"): LEAD,
    ("GET", "/api/agree/rule"): LEAD,
    ("POST", "/api/agree/rule/check"): LEAD,
    ("PUT", "/api/agree/rule"): LEAD,
    ("POST", "/api/agree/requeue"): LEAD,
    # the team
    ("GET", "/api/team"): LEAD,
    ("GET", "/api/team/log"): LEAD,
    ("POST", "/api/team/accounts"): LEAD,
    ("PATCH", "/api/team/accounts/{name}"): LEAD,
    ("DELETE", "/api/team/accounts/{name}"): LEAD,
    # setting the study up
    ("GET", "/api/setup/choices"): LEAD,
    ("GET", "/api/setup/files"): LEAD,
    ("POST", "/api/setup/files"): LEAD,
    ("DELETE", "/api/setup/files/{name}"): LEAD,
    ("GET", "/api/setup/jobs"): LEAD,
    ("POST", "/api/setup/jobs"): LEAD,
    ("GET", "/api/setup/jobs/{name}"): LEAD,
    ("POST", "/api/setup/jobs/{name}/stop"): LEAD,
    ("POST", "/api/setup/jobs/{name}/again"): LEAD,
    ("GET", "/api/setup/codebook"): LEAD,
    ("PUT", "/api/setup/codebook"): LEAD,
    ("POST", "/api/setup/codebook/check"): LEAD,
    ("POST", "/api/setup/people"): LEAD,
}
"""Whom each route is for. Where the path has a ``coder``, it must be the visitor's own name besides."""

BODIES = {
    "/api/desks/{coder}": {"do": "progress"},
    "/api/training/{coder}": {"key": "none", "answers": {}},
    "/api/sign-in": {"name": "nobody", "password": "x"},
    "/api/password": {"old": "x", "new": "y"},
}

ANSWERS_401 = {"/api/sign-in", "/enter"}
"""Routes that refuse a wrong secret, whoever asks."""

SECRET = "what-bo-wrote-down"
READS = [{"do": what} for what in ("next", "progress", "questions", "undo")]
"""What anna asks of her desk, besides her sheets one by one."""


@pytest.fixture(scope="module")
def crew(tmp_path_factory):
    return Team(tmp_path_factory.mktemp("roles"))


@pytest.fixture(scope="module")
def clients(crew):
    return {name: crew.client(name, raises=False) for name in ("", *MEMBERS)}


def sent(client, method, path, coder="anna", body=None):
    address = re.sub(r"\{[^}]+\}", "0", path.replace("{coder}", coder))
    content = None if method == "GET" else BODIES.get(path, {}) if body is None else body
    return client.request(method, address, params={"lang": "en"}, json=content)


def test_the_table_names_every_route_that_the_application_has(crew):
    assert all(isinstance(one, APIRoute) for router in ROUTERS for one in router.routes)
    assert [one.path for one in crew.app.routes if isinstance(one, Route)] == ["/api/openapi.json"]
    assert {(method, route.path) for route in api_routes() for method in route.methods} == set(ROUTES)


@pytest.mark.parametrize("name", ["", *MEMBERS])
@pytest.mark.parametrize("method_path", ROUTES, ids=" ".join)
def test_who_may_do_what(crew, clients, method_path, name):
    method, path = method_path
    role = MEMBERS.get(name, "")
    client = crew.client(name, raises=False) if path in {"/api/sign-out", "/api/sign-in"} else clients[name]
    for coder in ("anna", "bo", "li", "vera", "") if "{coder}" in path else ("anna",):
        reply = sent(client, method, path, coder)
        if "{coder}" in path and not coder:
            assert reply.status_code in {404, 405, 422}
        elif role in ROUTES[method_path] and ("{coder}" not in path or coder == name):
            assert reply.status_code != 403
            assert reply.status_code != 401 or path in ANSWERS_401
            assert reply.status_code < 500
        else:
            assert reply.status_code == (403 if role else 401)
            assert reply.json()["error"]["code"] == ("YH703" if role else "YH702")


@pytest.mark.parametrize("body", [{}, {"name": "x"}, [], "x", {"role": "king", "do": 1}], ids=str)
@pytest.mark.parametrize("method_path", [one for one in ROUTES if one[0] != "GET"], ids=" ".join)
def test_what_is_sent_opens_no_door(clients, method_path, body):
    method, path = method_path
    for name, client in clients.items():
        if MEMBERS.get(name, "") not in ROUTES[method_path]:
            assert sent(client, method, path, body=body).status_code in {401, 403}


def test_a_request_cannot_name_another_coder(crew, clients):
    key = sent(clients["anna"], "POST", "/api/desks/{coder}", body={"do": "next"}).json()["sheet"]["key"]
    body = {"do": "save", "coder": "bo", "key": key, "answers": {"kind": "joke", "action": "none"}}
    assert sent(clients["anna"], "POST", "/api/desks/{coder}", body=body).status_code == 200
    assert set(read_codings(crew.path)["coder"]) == {"anna"}


def seen_by(client, name):
    """All that a coder can be told, without writing anything."""
    ask = lambda body: sent(client, "POST", "/api/desks/{coder}", name, body)  # noqa: E731
    replies = [ask(body) for body in READS]
    keys = [one["key"] for one in ask({"do": "next", "ahead": 20}).json()["ahead"]]
    assert keys
    replies += [ask({"do": what, "key": key}) for key in keys for what in ("sheet", "same")]
    replies += [sent(client, method, path, name) for (method, path), roles in ROUTES.items() if "coder" in roles and method == "GET"]
    return [reply.text for reply in replies]


def test_coders_see_nothing_of_what_others_do(tmp_path):
    crew = Team(tmp_path)
    anna, bo = crew.client("anna"), crew.client("bo")
    before = seen_by(anna, "anna")
    while (sheet := sent(bo, "POST", "/api/desks/{coder}", "bo", {"do": "next"}).json()["sheet"]) is not None:
        answers = {"kind": "joke", "action": "none"}
        body = {"do": "save", "key": sheet["key"], "answers": answers, "note": SECRET, "evidence": {"kind": [0, 1]}}
        assert sent(bo, "POST", "/api/desks/{coder}", "bo", body).status_code == 200
    drill = sent(bo, "GET", "/api/training/{coder}", "bo").json()["drill"]
    sent(bo, "POST", "/api/training/{coder}", "bo", {"key": drill["key"], "answers": {drill["question"]["code"]: "?"}, "note": SECRET})
    assert set(read_codings(crew.path)["coder"]) == {"bo"}
    assert read_codings(crew.path)["note"].str.contains(SECRET).all()
    after = seen_by(anna, "anna")
    assert after == before
    assert not any(SECRET in text or '"bo"' in text for text in after)
