"""Accounts: signing in and out, sessions that end, limits, roles that hold at once, and what is kept where."""

import re
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

import yuhu
from app_teams import PASSWORD, START_S, Team
from browser import served
from workbench import client_of, small_study
from yuhu.app.access import cookie_name
from yuhu.app.application import create_app
from yuhu.app.serving import host_names
from yuhu.core.errors import YuhuError
from yuhu.study import accounts
from yuhu.study.accounts import put_password, read_accounts
from yuhu.study.sessions import IDLE_S, LONGEST_S, MOST_ATTEMPTS, WINDOW_S
from yuhu.study.team_file import FILE
from yuhu.study.team_log import EVENTS, add_event, read_log
from yuhu.verbs.team import add_account, change_password, change_role, remove_account, team


@pytest.fixture
def crew(tmp_path):
    return Team(tmp_path)


def sign_in(client, name="anna", password=PASSWORD):
    return client.post("/api/sign-in", json={"name": name, "password": password})


def events(crew):
    return [row["what"] for row in read_log(crew.path)]


def test_the_way_in_and_out(crew):
    client = crew.client()
    assert client.get("/api/session").json()["has_accounts"] is True
    assert client.get("/api/session").json()["title"] == ""
    entered = sign_in(client, "ANNA")  # case and width do not matter
    assert entered.status_code == 204
    session = client.get("/api/session").json()
    assert (session["name"], session["role"]) == ("anna", "coder")
    assert client.post("/api/sign-out").status_code == 204
    assert client.get("/api/session").json()["is_signed_in"] is False
    assert events(crew)[:2] == ["sign_out", "sign_in"]


@pytest.mark.parametrize("base", ["http://127.0.0.1", "https://127.0.0.1"])
def test_the_cookie_belongs_to_this_study_and_to_no_script(tmp_path, base):
    crew = Team(tmp_path, base=base)
    cookie = sign_in(crew.client()).headers["set-cookie"]
    assert cookie.startswith(cookie_name(crew.path) + "=")
    assert cookie_name(crew.path) != cookie_name(crew.path.parent)
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) == base.startswith("https")


def test_the_file_holds_neither_password_nor_session_and_is_its_owners_alone(crew):
    client = crew.client()
    sign_in(client)
    secret = client.cookies[crew.bench.cookie]
    assert len(secret) >= 43  # 256 bits
    held = b"".join(path.read_bytes() for path in crew.path.glob(f"{FILE}*"))
    assert secret.encode() not in held
    assert PASSWORD.encode() not in held
    assert b"$argon2id$" in held
    assert {stat.S_IMODE(path.stat().st_mode) for path in crew.path.glob(f"{FILE}*")} == {0o600}


def test_a_file_that_others_may_read_is_refused(crew):
    (crew.path / FILE).chmod(0o644)
    with pytest.raises(YuhuError) as error:
        read_accounts(crew.path)
    assert error.value.code == "YH208"


def test_no_export_takes_the_accounts(crew, tmp_path):
    study = yuhu.open(crew.path)
    written = yuhu.export(study, tmp_path / "out", form="csv")
    assert written
    for path in (tmp_path / "out").rglob("*"):
        assert b"argon2" not in path.read_bytes()
        assert "team" not in path.name


@pytest.mark.parametrize("gone_s", [IDLE_S, LONGEST_S])
def test_sessions_end_after_a_pause_and_after_three_days(crew, gone_s):
    client = crew.client("anna")
    step = IDLE_S // 2 if gone_s == LONGEST_S else gone_s
    while crew.now_s + step < START_S + gone_s:
        crew.now_s += step
        assert client.get("/api/coders").status_code == 200
    crew.now_s = START_S + gone_s
    assert client.get("/api/coders").status_code == 200
    crew.now_s += IDLE_S + 1 if gone_s == IDLE_S else 1
    refused = client.get("/api/coders")
    assert (refused.status_code, refused.json()["error"]["fix"]) == (401, "sign in")


@pytest.mark.parametrize("how", ["password", "remove"])
def test_a_new_password_or_the_removal_of_an_account_ends_its_sessions(crew, how):
    anna, bo = crew.client("anna"), crew.client("bo")
    study = yuhu.open(crew.path)
    if how == "password":
        change_password(study, "anna", "a new one of four words")
    else:
        remove_account(study, "anna")
    assert anna.get("/api/coders").status_code == 401
    assert bo.get("/api/coders").status_code == 200
    assert sign_in(crew.client()).status_code == 401


def test_a_role_that_is_taken_away_is_gone_at_once(crew):
    vera = crew.client("vera")
    assert vera.get("/api/overview").status_code == 200
    change_role(yuhu.open(crew.path), "vera", "coder")
    assert vera.get("/api/overview").status_code == 403
    assert [one["name"] for one in vera.get("/api/coders").json()["coders"]] == ["vera"]


def test_names_that_nobody_has_take_the_same_work_and_say_the_same(crew, monkeypatch):
    made = []
    real = accounts._hasher().verify
    monkeypatch.setattr(type(accounts._hasher()), "verify", lambda _, hashed, password: made.append(hashed[:20]) or real(hashed, password))
    unknown, wrong = sign_in(crew.client(), "nobody"), sign_in(crew.client(), "anna", "not the password")
    assert unknown.json() == wrong.json()
    assert unknown.status_code == wrong.status_code == 401
    assert len(made) == 2
    assert len(set(made)) == 1, "the same kind and the same costs"


@pytest.mark.parametrize("name", ["anna", "nobody"])
def test_passwords_for_one_account_run_out_and_come_back(crew, name, monkeypatch):
    monkeypatch.setattr("yuhu.app.access.known_password", lambda *_: None)
    for _ in range(MOST_ATTEMPTS["account"]):
        assert sign_in(crew.client(), name).status_code == 401
    limited = sign_in(crew.client(), name)
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "YH706")
    assert limited.headers["retry-after"] == str(WINDOW_S)
    monkeypatch.undo()
    assert sign_in(crew.client(), name).status_code == 429, "the right password is not tried either"
    assert sign_in(crew.client(), "bo").status_code == 204
    crew.now_s += WINDOW_S
    assert sign_in(crew.client(), name).status_code == (204 if name == "anna" else 401)


def test_passwords_from_one_address_run_out(crew, monkeypatch):
    monkeypatch.setattr("yuhu.app.access.known_password", lambda *_: None)
    for number in range(MOST_ATTEMPTS["address"]):
        assert sign_in(crew.client(), f"nobody{number}").status_code == 401
    assert sign_in(crew.client(), "anna").status_code == 429


def test_a_lead_lets_someone_in_again(crew, monkeypatch):
    monkeypatch.setattr("yuhu.app.access.known_password", lambda *_: None)
    for _ in range(MOST_ATTEMPTS["account"]):
        sign_in(crew.client())
    monkeypatch.undo()
    change_password(yuhu.open(crew.path), "anna", "a new one of four words")
    assert sign_in(crew.client(), "anna", "a new one of four words").status_code == 204


def test_signing_in_is_not_counted_as_an_attempt_once_it_worked(crew, monkeypatch):
    monkeypatch.setitem(MOST_ATTEMPTS, "account", 2)
    for _ in range(3):
        assert sign_in(crew.client()).status_code == 204


def test_what_people_type_in_place_of_their_name_is_kept_nowhere(crew):
    sign_in(crew.client(), "my secret password", "x")
    held = b"".join(path.read_bytes() for path in crew.path.glob(f"{FILE}*"))
    assert b"my secret password" not in held
    sign_in(crew.client(), "Anna", "x")
    log = read_log(crew.path)
    assert [row["what"] for row in log[:2]] == ["sign_in_refused"] * 2
    assert [row["facts"].get("account") for row in log[:2]] == ["anna", None]


def test_one_changes_ones_own_password(crew):
    here, there = crew.client(), crew.client()
    assert [sign_in(one).status_code for one in (here, there)] == [204, 204]
    new = "another one of words"
    wrong = here.post("/api/password", json={"old": "wrong password", "new": new})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "YH708")
    assert events(crew)[0] == "password_refused"
    assert here.post("/api/password", json={"old": PASSWORD, "new": new}).status_code == 204
    assert here.get("/api/coders").status_code == 200
    assert there.get("/api/coders").status_code == 401
    assert sign_in(crew.client(), "anna", new).status_code == 204


def test_a_lead_makes_changes_and_removes_accounts(crew):
    lead = crew.client("li")
    made = lead.post("/api/team/accounts", json={"name": "chen", "role": "coder", "password": PASSWORD})
    assert [one["name"] for one in made.json()["members"]] == ["anna", "bo", "chen", "li", "vera"]
    member = {one["name"]: one for one in made.json()["members"]}
    assert (member["anna"]["assigned"], member["anna"]["done"], member["chen"]["assigned"]) == (12, 0, 0)
    assert member["vera"]["assigned"] is None
    assert [one["name"] for one in crew.client("chen").get("/api/coders").json()["coders"]] == ["chen"]
    assert lead.patch("/api/team/accounts/chen", json={"role": "viewer"}).status_code == 200
    assert lead.delete("/api/team/accounts/chen").status_code == 200
    assert lead.delete("/api/team/accounts/chen").json()["error"]["code"] == "YH708"
    log = lead.get("/api/team/log", params={"most": 3}).json()["events"]
    assert [(one["who"], one["what"]) for one in log] == [("li", "account_removed"), ("li", "role_changed"), ("li", "account_added")]
    older = lead.get("/api/team/log", params={"before": log[-1]["id"], "most": 500}).json()["events"]
    assert {one["who"] for one in older} == {"(terminal)"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"password": "short"}, "this is no password"),
        ({"password": "x" * 201}, "this is no password"),
        ({"password": "aaaaaaaaaaaa"}, "guessed"),
        ({"name": "chen-who-codes", "password": "CHEN-who-codes"}, "guessed"),
        ({"name": "ＡＮＮＡ"}, "taken"),
        ({"name": ""}, "no name"),
        ({"name": "a/b"}, "no name"),
        ({"name": "a\u202eb"}, "no name"),
        ({"name": "(terminal)"}, "no name"),
        ({"name": "lexicon", "role": "coder"}, "machine"),
    ],
)
def test_accounts_that_are_not_made(crew, given, problem):
    refused = crew.client("li").post("/api/team/accounts", json={"name": "chen", "role": "viewer", "password": PASSWORD, **given})
    assert refused.status_code == 409
    assert problem in refused.json()["error"]["problem"]
    assert set(read_accounts(crew.path)) == {"anna", "bo", "li", "vera"}


def test_a_team_keeps_a_lead(crew):
    study = yuhu.open(crew.path)
    for change in (lambda: remove_account(study, "li"), lambda: change_role(study, "li", "viewer")):
        with pytest.raises(YuhuError, match="no lead"):
            change()
    assert read_accounts(crew.path)["li"].role == "lead"


def test_an_account_that_is_removed_leaves_its_coder_and_codings(crew):
    study = yuhu.open(crew.path)
    remove_account(study, "anna")
    assert "anna" in {one["coder"] for one in yuhu.coders(study)}
    assert [one["name"] for one in team(study)] == ["bo", "li", "vera"]


def test_a_workbench_for_one_has_no_accounts(tmp_path):
    client = client_of(small_study(tmp_path).path)
    for address in ("/api/team", "/api/team/log"):
        assert client.get(address).json()["error"]["code"] == "YH704"
    assert client.post("/api/sign-in", json={"name": "a", "password": "b"}).status_code == 404


def test_an_event_has_a_known_name(crew):
    with pytest.raises(KeyError):
        add_event(crew.path, "2026-01-01T00:00:00Z", "li", "anything")


def test_a_password_that_was_replaced_does_not_lie_on(crew):
    def hash_of():
        with sqlite3.connect(crew.path / FILE) as connection:
            return connection.execute("select password from accounts where name = 'anna'").fetchone()[0]

    old = hash_of()
    put_password(crew.path, "anna", "a new one of four words")
    with sqlite3.connect(crew.path / FILE) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    assert hash_of() != old
    assert old.encode() not in (crew.path / FILE).read_bytes()


@pytest.mark.parametrize(
    ("host", "names", "has_accounts", "answers"),
    [
        ("127.0.0.1", [], False, {"127.0.0.1", "localhost", "::1"}),
        ("::1", ["Case.Example"], True, {"127.0.0.1", "localhost", "::1", "case.example"}),
        ("127.0.0.5", [], False, {"127.0.0.1", "localhost", "::1", "127.0.0.5"}),
        ("192.168.1.5", [], True, {"127.0.0.1", "localhost", "::1", "192.168.1.5"}),
        ("192.168.1.5", [], False, None),
        ("0.0.0.0", ["x"], False, None),
        ("0.0.0.0", [], True, None),
        ("0.0.0.0", ["lab"], True, {"127.0.0.1", "localhost", "::1", "0.0.0.0", "lab"}),
        ("127.0.0.1", ["case.example"], False, None),
        ("lab", [], False, None),
    ],
)
def test_only_loopback_without_accounts(host, names, has_accounts, answers):
    if answers is None:
        with pytest.raises(YuhuError) as error:
            host_names(host, names, has_accounts=has_accounts)
        assert error.value.code == "YH707"
    else:
        assert set(host_names(host, names, has_accounts=has_accounts)) == answers


def test_a_name_of_a_proxy_is_answered(crew):
    app = create_app(crew.bench, hosts=host_names("127.0.0.1", ["case.example"], has_accounts=True))
    named = TestClient(app, base_url="https://case.example")
    assert named.get("/api/session").status_code == 200
    assert TestClient(app, base_url="https://other.example").get("/api/session").status_code == 403


def test_many_accounts_at_once_are_made_once(crew):
    def make(_):
        try:
            add_account(yuhu.open(crew.path), "chen", role="viewer", password=PASSWORD)
        except YuhuError as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make, range(4))) == ["YH708", "YH708", "YH708", "made"]


def test_the_log_has_words_for_each_event():
    words = (Path(__file__).parents[1] / "ui" / "src" / "words" / "team.ts").read_text("utf-8")
    assert set(re.findall(r"^ {2}event_(\w+):", words, re.MULTILINE)) == set(EVENTS)


@pytest.mark.parametrize(("options", "address", "is_secure"), [(("--behind-proxy",), "203.0.113.7", True), ((), "127.0.0.1", False)])
def test_headers_of_a_proxy_are_believed_only_where_one_was_announced(crew, options, address, is_secure):
    with served(crew.path, "--team", "--host-name", "case.example", *options) as server:
        headers = {"host": "case.example", "x-yuhu": "1", "x-forwarded-for": "198.51.100.1, 203.0.113.7", "x-forwarded-proto": "https"}
        given = {"name": "anna", "password": PASSWORD}
        reply = httpx2.post(f"{server.address}api/sign-in", json=given, headers=headers)
    assert reply.status_code == 204
    assert ("Secure" in reply.headers["set-cookie"].split("; ")) == is_secure
    assert read_log(crew.path)[0]["facts"]["address"] == address, "what a visitor wrote into the header themselves is not believed"
