"""The workbench's door: who gets in, what a foreign page cannot do, and errors in one shape."""

import socket

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from workbench import TOKEN, client_of, small_study
from yuhu.app.application import OPEN, api_routes, create_app, roles_of
from yuhu.app.serving import host_names, open_socket
from yuhu.app.workbench import Workbench
from yuhu.core.errors import YuhuError


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return small_study(tmp_path_factory.mktemp("app")).path


@pytest.fixture
def client(path):
    return client_of(path)


def test_nobody_gets_in_without_the_address(path):
    stranger = client_of(path, signed_in=False)
    assert stranger.get("/api/session").json() == {
        "has_accounts": False, "is_signed_in": False, "name": "", "role": "", "title": "", "language": "en", "is_constructed": False,
        "version": stranger.get("/api/session").json()["version"],
    }  # fmt: skip
    refused = stranger.get("/api/coders")
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "YH702"
    assert stranger.get("/enter", params={"token": "wrong"}).status_code == 401


def test_the_address_lets_in_and_keeps_the_token_out_of_the_address(path):
    stranger = client_of(path, signed_in=False)
    entered = stranger.get("/enter", params={"token": TOKEN}, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert stranger.get("/api/session").json()["role"] == "lead"


def test_every_route_of_the_api_says_whom_it_is_for(client):
    named = {one.path for one in api_routes()}
    assert set(client.app.openapi()["paths"]) == {one for one in named if one.startswith("/api")}
    assert all(roles_of(one) for one in api_routes() if one.path not in OPEN)


def test_a_route_that_is_for_nobody_stops_the_start(path, monkeypatch):
    router = APIRouter()

    @router.get("/api/open-to-all")
    def route() -> str:
        return "anything"

    monkeypatch.setattr("yuhu.app.application.ROUTERS", (router,))
    with pytest.raises(RuntimeError, match="does not say whom it is for"):
        create_app(Workbench(path, client_of(path).app.state.workbench.access))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-yuhu": "1", "sec-fetch-site": "cross-site"},
        {"x-yuhu": "1", "sec-fetch-site": "same-site"},
        {"x-yuhu": "1", "origin": "http://evil.example"},
    ],
)
def test_another_site_cannot_write(client, headers):
    client.headers.pop("x-yuhu")
    refused = client.post("/api/desks/anna", params={"lang": "en"}, json={"do": "progress"}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "YH703"


def test_another_host_name_is_refused(client):
    assert client.get("/api/session", headers={"host": "evil.example"}).status_code == 403


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_large_body_is_refused(client, is_chunked):
    body = b'{"do": "' + b"x" * 2_100_000 + b'"}'
    sent = (part for part in (body[:1_000_000], body[1_000_000:])) if is_chunked else body
    refused = client.post("/api/desks/anna", params={"lang": "en"}, content=sent, headers={"content-type": "application/json"})
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "YH705"


def test_headers_keep_a_page_to_itself(client):
    for address in ("/api/session", "/api/nothing", "/"):
        headers = client.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "address", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "YH704"),
        ("GET", "/assets/nothing.js", 404, "YH704"),
        ("GET", "/..%2f..%2fpyproject.toml", 200, None),
        ("PATCH", "/api/session", 405, "YH701"),
        ("POST", "/api/desks/anna?lang=fr", 422, "YH601"),
        ("POST", "/api/desks/nobody?lang=en", 409, "YH505"),
    ],
)
def test_errors_have_one_shape(client, method, address, status, code):
    reply = client.request(method, address, json={"do": "progress"} if method == "POST" else None)
    assert reply.status_code == status
    if code is None:
        assert reply.headers["content-type"].startswith("text/html")
        assert '<div id="app">' in reply.text
    else:
        assert reply.json()["error"]["code"] == code
        assert reply.json()["error"]["fix"]


def test_a_failure_says_nothing_of_the_inside(path, monkeypatch):
    client = TestClient(client_of(path).app, base_url="http://127.0.0.1", raise_server_exceptions=False)
    monkeypatch.setattr(Workbench, "study", lambda _: 1 / 0)
    reply = client.get("/api/session")
    assert reply.status_code == 500
    assert reply.json()["error"]["facts"] == {"what": "ZeroDivisionError"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_it_listens_on_this_machine_alone(host):
    with pytest.raises(YuhuError, match="this machine alone") as refused:
        host_names(host, (), has_accounts=False)
    assert refused.value.code == "YH707"


def test_replies_are_sent_without_delay():
    with open_socket("127.0.0.1", 0, is_fixed=True) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_left_to_its_owner():
    with open_socket("127.0.0.1", 0, is_fixed=True) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(YuhuError, match="cannot listen here"):
            open_socket("127.0.0.1", port, is_fixed=True)
        with open_socket("127.0.0.1", port, is_fixed=False) as other:
            assert other.getsockname()[1] > port


@pytest.mark.parametrize(
    "address", ["/%00", "/assets/%00.js", "/%ff%fe", f"/{'a' * 300}", "/a/" * 3000, "/..%2f..%2fetc%2fpasswd", "/%5c..%5c"]
)
def test_no_address_is_too_strange(client, address):
    assert client.get(address).status_code in {200, 404}


@pytest.mark.parametrize(
    "headers",
    [{"host": "["}, {"host": "[::1"}, {"host": ""}, {"host": "\xff"}, {"origin": "http://["}, {"origin": "null"}, {"origin": "\xff"}],
    ids=str,
)
def test_headers_that_name_no_host_are_refused(client, headers):
    refused = client.post("/api/desks/anna?lang=en", json={"do": "progress"}, headers={k: v.encode("latin-1") for k, v in headers.items()})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "YH703")


def test_a_length_that_cannot_be_is_refused(client):
    assert client.post("/api/desks/anna", headers={"content-length": "9" * 5000}).status_code == 413
