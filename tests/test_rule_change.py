"""The rule of one code is changed: the rest of the file stays, what is voided is said, and only that is coded again."""

import pytest
import yaml

from workbench import client_of, small_study
from yuhu.coding.desk_api import DeskApi
from yuhu.core.codebook import built_in_codebook, load_codebook
from yuhu.core.codebook_text import code_text, with_code_text, with_version
from yuhu.core.errors import YuhuError
from yuhu.study.codings import read_codings
from yuhu.study.protocol_log import read_log
from yuhu.study.store import open_study
from yuhu.verbs.rule_change import change_rule, draft_rule, requeue, voided

BOOK = built_in_codebook("empathy.v1").source_text


def test_the_text_of_a_code_goes_out_and_in_again():
    lines = BOOK.split("\n")
    for code in (one.id for one in built_in_codebook("empathy.v1").codes):
        text, line = code_text(BOOK, code)
        assert text.startswith(f"id: {code}\n")
        assert f"id: {code}" in lines[line - 1]
        assert with_code_text(BOOK, code, text) == BOOK


def test_comments_and_layout_of_other_codes_stay():
    book = "version: '1'\ncodes:\n  # first\n  - id: a\n    label: |\n      x\n\n  # second\n  - {id: b, label: y} # b\n"
    text, line = code_text(book, "b")
    assert (text, line) == ("{id: b, label: y}\n", 9)
    assert with_code_text(book, "b", "id: b\nlabel: z\n") == book.replace("{id: b, label: y}", "id: b\n    label: z")
    assert with_version(book, "2") == book.replace("'1'", '"2"')


def test_another_version_changes_nothing_else():
    found = load_codebook(with_version(BOOK, "9.9.9"))
    assert (found.version, len(found.codes)) == ("9.9.9", len(load_codebook(BOOK).codes))
    with pytest.raises(YuhuError, match="no code `envy`"):
        code_text(BOOK, "envy")


ANSWERS = {"kind": "expressing", "affective_empathy": "0", "action": "none"}


def asked(study, coder, do, **more):
    reply = DeskApi(study).handle({"do": do, "coder": coder, **more})
    assert reply["ok"], reply
    return reply


@pytest.fixture
def study(tmp_path):
    made = small_study(tmp_path, size=3)
    for coder in ("anna", "bo"):
        while (sheet := asked(made, coder, "next")["sheet"]) is not None:
            asked(made, coder, "save", key=sheet["key"], answers=ANSWERS)
    return open_study(made.path)


def narrower(study):
    text, _ = code_text(study.codebook().source_text, "affective_empathy")
    document = yaml.safe_load(text)
    document["definition"]["en"] += " Sighs alone do not count."
    document["definition"]["zh"] += "只有叹气不算。"
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def change(study, text, **more):
    base = study.codebook().content_hash
    return change_rule(study, "affective_empathy", text, **{"base": base, "who": "Li", "why": "sighs", "unit_id": "u", **more})


def test_a_draft_says_what_it_voids_and_writes_nothing(study):
    before = study.codebook()
    draft = draft_rule(study, "affective_empathy", narrower(study))
    assert draft.concerned["invalidated"]["affective_empathy"] == 6
    assert draft.diff.version_is_enough
    assert not [one for one in draft.findings if one.is_error]
    broken = draft_rule(study, "affective_empathy", narrower(study).replace("level: ordinal", "level: lofty"))
    assert [one.line > 0 for one in broken.findings if one.is_error] == [True]
    assert broken.diff is None
    assert open_study(study.path).codebook().content_hash == before.content_hash


def test_what_a_change_needs(study):
    for more, code in (({"why": " "}, "YH506"), ({"who": ""}, "YH506"), ({"base": "0" * 64}, "YH403"), ({}, "YH404")):
        with pytest.raises(YuhuError) as caught:
            change(study, narrower(study), **more)
        assert caught.value.code == code
    with pytest.raises(YuhuError):
        change(study, "id: [", yes=True)
    assert read_log(study.path) == []


def test_only_what_is_voided_is_coded_again(study):
    assert voided(study, "affective_empathy").height == 0
    done = change(study, narrower(study), yes=True)
    assert done.invalidated["affective_empathy"] == 6
    assert "sighs" in read_log(study.path)[-1].text
    after = open_study(study.path)
    assert asked(after, "anna", "next")["sheet"] is None, "nothing comes again by itself"
    assert requeue(after, "affective_empathy", who="Li", why="sighs") == {"anna": 3, "bo": 3}
    assert "coded again: anna 3, bo 3" in read_log(study.path)[-1].text
    sheet = asked(after, "anna", "next")["sheet"]
    assert sheet["answers"] == {"kind": "expressing", "action": "none"}, "other decisions stay"
    assert requeue(after, "affective_empathy", who="Li", why="again") == {}
    asked(after, "anna", "save", key=sheet["key"], answers=ANSWERS)
    assert asked(after, "anna", "progress")["progress"] == {"done": 1, "total": 3, "waiting": 0}
    assert read_codings(study.path).filter(code="affective_empathy").height == 1
    with pytest.raises(YuhuError, match="words and a name"):
        requeue(after, "affective_empathy", who="Li", why=" ")


def test_the_routes(study):
    client = client_of(study.path)
    served = client.post("/api/desks/anna", params={"lang": "en"}, json={"do": "next"}).json()
    assert served["sheet"] is None
    rule = client.get("/api/agree/rule", params={"code": "affective_empathy"}).json()
    assert rule["text"].startswith("id: affective_empathy")
    given = {"code": "affective_empathy", "text": narrower(study)}
    checked = client.post("/api/agree/rule/check", params={"lang": "en"}, json=given).json()
    assert (checked["invalidated"]["affective_empathy"], checked["is_empty"]) == (6, False)
    assert checked["version"] != rule["version"]
    put = {**given, "base": rule["hash"], "why": "sighs", "who": "Li"}
    refused = client.put("/api/agree/rule", json=put)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "YH404")
    assert client.put("/api/agree/rule", json={**put, "yes": True}).json()["version"] == checked["version"]
    assert client.get("/api/agree/rule", params={"code": "affective_empathy"}).json()["voided"] == {"anna": 3, "bo": 3}
    again = client.post("/api/agree/requeue", json={"code": "affective_empathy", "text": "sighs", "who": "Li"}).json()
    assert again == {"requeued": {"anna": 3, "bo": 3}}
    assert client.post("/api/desks/anna", params={"lang": "en"}, json={"do": "next"}).json()["sheet"] is not None
