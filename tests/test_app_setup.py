"""Setting a study up in the browser: choices, the codebook with its linter and what a change does to codings, people."""

import re
from pathlib import Path

import pytest

from workbench import client_of, small_study


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


@pytest.fixture
def client(study):
    return client_of(study.path)


def test_the_forms_offer_what_the_study_has(client):
    found = client.get("/api/setup/choices", params={"lang": "zh"}).json()
    assert "text" in found["columns"]
    assert "lexicon.v1" in found["machines"]
    assert [one["coder"] for one in found["people"]] == ["anna", "bo"]
    assert {"id": "affective_empathy", "label": "情感共情"} in found["codes"]
    assert found["purposes"] == ["main", "pilot", "reliability", "train"]
    assert found["has_responses"]


def test_every_choice_has_a_name_on_the_page(client):
    found = client.get("/api/setup/choices", params={"lang": "en"}).json()
    offered = {"column": found["columns"], "record": found["record_kinds"], "allocation": found["allocations"], "by": found["by"]}
    offered["sorted"] = [one for one in found["sort_orders"] if one != "unknown"]
    keys = {f"choice_{of}_{one}" for of, ids in offered.items() for one in ids}
    words = (Path(__file__).parents[1] / "ui" / "src" / "words" / "choices.ts").read_text("utf-8")
    assert set(re.findall(r"^  (choice_\w+):", words, re.MULTILINE)) == keys


def test_a_draft_is_checked_line_by_line(client):
    text = client.get("/api/setup/codebook").json()["text"]
    fine = client.post("/api/setup/codebook/check", params={"lang": "en"}, json={"text": text}).json()
    assert not [one for one in fine["findings"] if one["severity"] == "error"]
    assert fine["diff"]["is_empty"]
    broken = client.post(
        "/api/setup/codebook/check", params={"lang": "en"}, json={"text": text.replace("level: binary", "level: bniary", 1)}
    ).json()
    [wrong] = [one for one in broken["findings"] if one["severity"] == "error"]
    assert text.splitlines()[wrong["line"] - 1].strip() == "level: binary"
    assert broken["diff"] is None
    zh = client.post(
        "/api/setup/codebook/check", params={"lang": "zh"}, json={"text": text.replace("level: binary", "level: bniary", 1)}
    ).json()
    assert "level 须为 binary, nominal, ordinal, interval 之一，实际为 'bniary'" in [one["message"] for one in zh["findings"]]
    for hostile in ("", "a: [", "- " * 5000, "&a [*a, *a]", "\x00"):
        reply = client.post("/api/setup/codebook/check", params={"lang": "en"}, json={"text": hostile})
        assert reply.status_code == 200, hostile
        assert reply.json()["findings"]


def test_a_version_is_adopted_with_its_effect_on_codings_said_first(client, study):
    asked = client.post("/api/desks/anna", params={"lang": "en"}, json={"do": "next"}).json()
    saved = client.post(
        "/api/desks/anna",
        params={"lang": "en"},
        json={"do": "save", "key": asked["sheet"]["key"], "answers": {"kind": "joke", "action": "none"}},
    )
    assert saved.status_code == 200, saved.text
    held = client.get("/api/setup/codebook").json()
    major, minor, _ = held["version"].split(".")
    defined = "    definition:"
    at = held["text"].index(defined, held["text"].index("id: kind"))
    end = held["text"].index("\n", held["text"].index("en:", at))
    changed = held["text"][:end].rstrip('"') + " Newly worded." + ('"' if held["text"][:end].endswith('"') else "") + held["text"][end:]
    body = {"text": changed, "base": held["hash"]}
    checked = client.post("/api/setup/codebook/check", params={"lang": "en"}, json={"text": changed}).json()
    assert not checked["diff"]["version_is_enough"]
    low = client.put("/api/setup/codebook", json=body)
    assert (low.status_code, low.json()["error"]["code"]) == (409, "YH403")
    body["text"] = changed.replace(f"version: {held['version']}", f"version: {major}.{int(minor) + 1}.0", 1).replace(
        f'version: "{held["version"]}"', f'version: "{major}.{int(minor) + 1}.0"', 1
    )
    concerned = client.put("/api/setup/codebook", json=body)
    assert (concerned.status_code, concerned.json()["error"]["code"]) == (409, "YH404"), concerned.text
    done = client.put("/api/setup/codebook", json={**body, "yes": True}).json()
    assert done["invalidated"] == {"kind": 1}
    stale = client.put("/api/setup/codebook", json={**body, "yes": True})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "YH403")
    history = client.get("/api/setup/codebook").json()["history"]
    assert [one["version"] for one in history][-1] == f"{major}.{int(minor) + 1}.0"


def test_people_are_added(client):
    made = client.post("/api/setup/people", json={"name": "chen", "reads": ["zh", "en"], "training": "two rounds"})
    assert made.status_code == 200, made.text
    assert (made.json()["coder"], made.json()["languages"]) == ("chen", ["zh", "en"])
    refused = client.post("/api/setup/people", json={"name": "Chen"})
    assert refused.json()["error"]["code"] == "YH505"
