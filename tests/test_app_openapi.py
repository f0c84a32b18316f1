"""Requests made up from the OpenAPI document, and from nothing at all: none of them may make the server fail."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

import yuhu
from app_teams import Team, give_accounts
from coding_studies import study_of
from workbench import CODES
from yuhu.app.access import TokenAccess
from yuhu.app.application import create_app
from yuhu.app.jobs import Jobs
from yuhu.app.workbench import Workbench
from yuhu.reporting.gallery import PAGES
from yuhu.study.store import open_study

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
KNOWN = {
    "coder": ["anna"],
    "name": ["bo", "vera", "chen"],
    "page": list(PAGES),
    "section": [section for sections in PAGES.values() for section in sections],
    "figure": ["shares", "contrasts"],
    "table": ["0", "1", "-1", "9" * 30],
    "wait_s": ["0", "0.01", "nan", "-1"],
    "lang": ["zh", "en"],
    "form": ["svg", "png", "csv"],
}
"""Values that a request must hit to get anywhere; the rest is made up."""


def operations():
    """The operations of the document, by name; it does not depend on a study."""
    document = create_app(Workbench(Path("none"), TokenAccess())).openapi()
    schema = schemathesis.openapi.from_dict(document)
    return {one.ok().label: one.ok() for one in schema.get_all_operations()}


OPERATIONS = operations()
REFUSABLE = [label for label, one in OPERATIONS.items() if one.query or one.body]
"""Those of which a request can break the rules: any text is a path."""


@pytest.fixture(scope="module")
def crew(tmp_path_factory):
    """A team with a measured study in which a sample waits; jobs end at once."""
    study = study_of(tmp_path_factory.mktemp("openapi"))
    yuhu.run(study)
    yuhu.sample(open_study(study.path), size=12, codes=CODES, coders=("anna", "bo"), overlap=1.0)
    give_accounts(study.path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Jobs, "_do", lambda jobs, run: jobs._ended(run, "done", result={}))
        yield Team(None, path=study.path)


@pytest.fixture(scope="module")
def keys(crew):
    reply = crew.client("anna").post("/api/desks/anna?lang=en", json={"do": "next", "ahead": 20}).json()
    return [one["key"] for one in reply["ahead"]]


def ask(crew, name, method, path, **more):
    """One request under a new session: requests before it may have ended the last one."""
    reply = crew.client(name, raises=False).request(method, path, **more)
    if reply.status_code >= 400:
        error = reply.json()["error"]
        assert reply.status_code < 500, (method, path, more, error)
        assert re.fullmatch(r"YH\d{3}", error["code"])
        assert set(error) == {"code", "problem", "facts", "fix", "shown"}
        assert set(error["shown"]) == {"en", "zh"}
    assert reply.headers["x-content-type-options"] == "nosniff"
    return reply


def known(draw, names, given):
    """What was made up, some of it replaced by what is there."""
    return {name: draw(st.sampled_from(KNOWN[name])) if name in KNOWN and draw(st.booleans()) else given.get(name) for name in names}


def made_up(crew, keys, label, mode, most):
    operation = OPERATIONS[label]
    coders = "{coder}" in operation.path

    @settings(max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def check(case, data):
        sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
        path = known(data.draw, list(case.path_parameters or {}), case.path_parameters or {})
        query = known(data.draw, sorted({*(case.query or {}), "lang"}), case.query or {})
        body = sent.get("json")
        if coders and isinstance(body, dict) and "key" in body and data.draw(st.booleans()):
            body["key"] = data.draw(st.sampled_from(keys))
        name = "anna" if coders and data.draw(st.booleans()) else "li"
        address = operation.path.format(**{one: quoted(value) for one, value in path.items()})
        more = {one: sent[one] for one in ("data", "json") if one in sent}
        if "data" in more:
            more["content"] = more.pop("data")
        ask(crew, name, case.method.upper(), address, params={one: value for one, value in query.items() if value is not None}, **more)

    check()


def quoted(value):
    return quote(str(value), safe="", errors="replace") or "0"


@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_of_the_document_makes_the_server_fail(crew, keys, label):
    made_up(crew, keys, label, GenerationMode.POSITIVE, 12)


@pytest.mark.parametrize("label", REFUSABLE)
def test_no_request_against_the_document_makes_the_server_fail(crew, keys, label):
    made_up(crew, keys, label, GenerationMode.NEGATIVE, 8)


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_nor_do_very_many(crew, keys, label):
    made_up(crew, keys, label, GenerationMode.POSITIVE, 200)
    if label in REFUSABLE:
        made_up(crew, keys, label, GenerationMode.NEGATIVE, 200)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(METHODS),
    path=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    prefix=st.sampled_from(["", "api/", "assets/", "api/desks/", "api/gallery/audience/"]),
    body=st.binary(max_size=60),
    cookie=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40),
)
def test_nothing_that_is_sent_makes_the_server_fail(crew, method, path, prefix, body, cookie):
    headers = {"cookie": cookie.encode("latin-1"), "content-type": b"application/json"}
    ask(crew, "", method, f"/{prefix}{quoted(path)}", content=body, headers=headers)
