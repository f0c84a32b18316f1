"""Routes for coding: desks, training, and that nobody codes under another name."""

import pytest

from workbench import client_of, small_study
from yuhu.study.codings import read_codings
from yuhu.study.store import open_study


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


@pytest.fixture
def client(study):
    return client_of(study.path)


def ask(client, do, coder="anna", lang="en", **more):
    return client.post(f"/api/desks/{coder}", params={"lang": lang}, json={"do": do, **more})


def test_coders_and_a_name_for_the_study(client, study, tmp_path):
    reply = client.get("/api/coders").json()
    assert reply["coders"] == [{"name": name, "languages": ["zh", "en"], "tasks": 12} for name in ("anna", "bo")]
    other = small_study(tmp_path / "other")
    assert client_of(other.path).get("/api/coders").json()["study"] != reply["study"]
    assert client_of(study.path).get("/api/coders").json()["study"] == reply["study"]


def test_one_desk_in_both_languages(client):
    key = ask(client, "next").json()["sheet"]["key"]
    saved = ask(client, "save", key=key, answers={"kind": "joke", "action": "none"}, lang="zh", id="request-1")
    assert saved.json()["progress"]["done"] == 1
    assert ask(client, "next").json()["sheet"]["key"] != key
    labels = [next(iter(ask(client, "questions", lang=lang).json()["questions"].values()))[0]["label"] for lang in ("zh", "en")]
    assert labels == ["信息类型", "kind of message"]


def test_a_unit_that_is_coded_already_is_a_conflict(client):
    key = ask(client, "next").json()["sheet"]["key"]
    answers = {"kind": "joke", "action": "none"}
    assert ask(client, "save", key=key, answers=answers, id="request-1").status_code == 200
    second = ask(client, "save", key=key, answers=answers, id="request-2")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "YH513")


def test_training_says_what_is_right_and_counts_nothing_twice(client, study):
    first = client.get("/api/training/anna", params={"lang": "en", "code": "anger"}).json()
    drill = first["drill"]
    assert (first["progress"]["done"], drill["question"]["code"]) == (0, "anger")
    assert drill["question"]["examples"] == drill["question"]["near_misses"] == []
    given = {"key": drill["key"], "answers": {"anger": "?"}, "code": "anger"}
    told = client.post("/api/training/anna", params={"lang": "en"}, json=given).json()
    assert told["feedback"]["is_right"] is False
    assert told["feedback"]["why"]
    assert told["drill"]["key"] != drill["key"]
    assert (told["progress"]["done"], told["results"]) == (1, [{"code": "anger", "label": "anger", "n": 1, "right": 0}])
    assert client.post("/api/training/anna", params={"lang": "en"}, json=given).json() == told
    coded = read_codings(open_study(study.path).path)
    assert coded["purpose"].unique().to_list() == ["train"]
    strange = client.post("/api/training/anna", params={"lang": "en"}, json={**given, "key": "nothing"})
    assert (strange.status_code, strange.json()["error"]["code"]) == (409, "YH505")
