"""Agreement and the meeting as routes."""

import pytest

from coding_studies import codings_of
from workbench import client_of, conflict_study
from yuhu.study.agreements import read_agreement
from yuhu.study.codings import append_codings
from yuhu.study.protocol_log import read_log
from yuhu.verbs.agree import agree


@pytest.fixture
def study(tmp_path):
    return conflict_study(tmp_path)


@pytest.fixture
def client(study):
    return client_of(study.path)


def asked(client, path, **params):
    return client.get(f"/api/agree{path}", params={"lang": "en", **params})


def test_before_agreement_is_measured_nothing_is_open(client):
    found = asked(client, "").json()
    assert (found["is_measured"], found["has_overlap"], found["decisions"]) == (False, True, [])
    assert found["stages"]["anger"] == {"stage": "train", "label": "train"}
    assert asked(client, "/conflicts").json() == {"codes": []}


def test_every_number_has_interval_n_and_verdict_as_the_verb_has_them(client, study):
    agree(study)
    [one] = asked(client, "").json()["decisions"]
    row = next(row for row in read_agreement(study.path)[1].iter_rows(named=True) if row["coefficient"] == "krippendorff_alpha")
    assert {name: one[name] for name in ("value", "low", "high", "n_units", "verdict")} == {
        name: row[name] for name in ("value", "low", "high", "n_units", "verdict")
    }
    assert (one["label"], one["unit"], one["is_current"], one["said"]) == ("anger", "response", True, "not shown to be reliable")
    assert one["percent"] == pytest.approx(28 / 30)
    assert [group["by"] for group in one["groups"]] == ["language", "language"]
    assert asked(client, "", lang="zh").json()["decisions"][0]["said"] == "未显示可靠"


def test_agreement_that_is_out_of_date_says_so(client, study):
    agree(study)
    assert asked(client, "").json()["is_current"] is True
    unit = asked(client, "/conflicts/list", code="anger").json()["conflicts"][0]["unit_id"]
    append_codings(study.path, codings_of(study, [(unit, "bo", "1")]))
    assert asked(client, "").json()["is_current"] is False
    assert asked(client, "/conflicts").json()["codes"][0]["n"] == 1


def test_a_conflict_is_looked_at_and_settled(client, study):
    agree(study)
    assert asked(client, "/conflicts").json() == {"codes": [{"code": "anger", "n": 2, "settled": 0}]}
    listed = asked(client, "/conflicts/list", code="anger").json()
    assert (listed["n"], listed["conflicts"][0]["values"]) == (2, ["anna: 1", "bo: 0"])
    unit = listed["conflicts"][0]["unit_id"]
    item = asked(client, "/conflict", unit=unit, code="anger").json()
    assert [(one["coder"], one["value"], one["evidence"]) for one in item["said"]] == [("anna", "1", [0, 3]), ("bo", "0", None)]
    assert (item["label"], item["labels"]["1"]) == ("anger", "present")
    given = {"unit": unit, "code": "anger", "value": "1", "why": "names the target", "who": "Li", "evidence": [0, 2]}
    assert client.post("/api/agree/adjudications", json=given).json() == {"value": "1", "coder": "Li"}
    assert asked(client, "/conflicts").json()["codes"][0]["settled"] == 1
    after = asked(client, "/conflict", unit=unit, code="anger").json()
    assert [one["coder"] for one in after["said"]] == ["anna", "bo"], "what they said is kept"
    assert [one["value"] for one in after["adjudicated"]] == ["1"]
    assert asked(client, "").json()["is_current"] is True, "agreement is not of adjudications"


def test_a_decision_goes_into_the_log(client, study):
    given = {"code": "anger", "text": "taunts count", "who": "Li"}
    assert client.post("/api/agree/decisions", json=given).json()["who"] == "Li"
    assert read_log(study.path)[-1].text == "taunts count"
    refused = client.post("/api/agree/decisions", json={**given, "who": ""})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "YH506")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"value": "7"}, 409),
        ({"evidence": None}, 409),
        ({"why": ""}, 422),
        ({"unit": "nobody"}, 409),
        ({"code": "envy"}, 409),
        ({"x": 1}, 422),
    ],
)
def test_what_cannot_be_settled(client, study, change, status):
    agree(study)
    unit = asked(client, "/conflicts/list", code="anger").json()["conflicts"][0]["unit_id"]
    given = {"unit": unit, "code": "anger", "value": "1", "why": "x", "who": "Li", "evidence": [0, 2]}
    assert client.post("/api/agree/adjudications", json={**given, **change}).status_code == status


def test_agreement_is_measured_as_a_job(client):
    job = client.post("/api/setup/jobs", json={"kind": "agree"}).json()
    while job["state"] not in ("done", "failed"):
        job = client.get(f"/api/setup/jobs/{job['id']}", params={"wait_s": 20}).json()
    assert job["error"] is None
    assert asked(client, "").json()["is_measured"] is True
    client.app.state.workbench.close()
