"""The report in the workbench: preview, file, and from a sentence to what it rests on."""

import re

import pytest
from fastapi.testclient import TestClient

import yuhu
from coding_studies import codings_of, study_of
from test_app_watch import As
from workbench import CODES, TOKEN, client_of
from yuhu.app.access import Role
from yuhu.app.application import create_app
from yuhu.app.workbench import Workbench
from yuhu.reporting.said import Said, by_id, estimate_id, estimates_of
from yuhu.study.codings import append_codings
from yuhu.study.results import read_results
from yuhu.study.samples import read_samples
from yuhu.study.store import open_study
from yuhu.verbs.sample import sample
from yuhu.verbs.trace import MOST_UNITS

CODE = "affective_empathy"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Forty units that two people coded; they differ on the first ten."""
    made = study_of(tmp_path_factory.mktemp("report"))
    sample(made, size=40, codes=CODES, coders=("anna", "bo"), overlap=1.0)
    units = sorted(next(iter(read_samples(made.path).values())).units["unit_id"])
    rows = [(unit, who, "1" if at < 20 + 10 * (who == "bo") else "0") for at, unit in enumerate(units) for who in ("anna", "bo")]
    append_codings(made.path, codings_of(open_study(made.path), rows, code=CODE, purpose="main"))
    yuhu.run(open_study(made.path))
    return open_study(made.path)


@pytest.fixture(scope="module")
def client(study):
    return client_of(study.path)


@pytest.fixture(scope="module")
def said(client):
    """Sentences that state estimates."""
    found = client.get("/api/report", params={"lang": "en"}).json()
    return [line for section in found["sections"] for line in section["sentences"] if line["estimates"]]


def test_a_sentence_knows_its_estimates(study):
    rows = read_results(study).estimates.to_dicts()
    one = Said("so it is", rows[0], rows[1], rows[0])
    assert (one, one.estimates) == ("so it is", (estimate_id(rows[0]), estimate_id(rows[1])))
    assert estimates_of("plain") == ()
    assert len(by_id(read_results(study).estimates)) == len(rows), "each estimate has a name of its own"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_preview_is_the_report_and_runs_nothing(client, study, lang):
    reply = client.get("/api/report/preview", params={"lang": lang})
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin" in policy
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy
    assert reply.content == (study.path / "report.en.html").read_bytes() if lang == "en" else "zh-Hans" in reply.text
    assert "data-estimates=" in reply.text


def test_a_row_names_the_estimates_in_it_and_each_can_be_followed(client, study):
    page = client.get("/api/report/preview", params={"lang": "en"}).text
    named = [set(one.split()) for one in re.findall(r'<tr data-estimates="([^"]+)"', page)]
    held = by_id(read_results(study).estimates)
    assert len(named) > 20
    assert set().union(*named) <= set(held)
    stated = {
        name
        for name, row in held.items()
        if (row["measure"], row["by"], row["code"], row["value_id"]) == ("prevalence.v1", "all", "affective_empathy", "1")
        and row["source"] != "truth"
        and row["value"] is not None
    }
    assert len(stated) > 1
    assert stated in named
    for one in sorted(stated):
        assert client.get(f"/api/report/trace/{one}", params={"lang": "en"}).json()["n_units"] > 0


def test_sections_can_be_chosen_and_taken_along(client):
    found = client.get("/api/report", params={"lang": "en"}).json()
    first, second = (one["id"] for one in found["sections"][:2])
    reply = client.get("/api/report/file", params={"lang": "en", "section": [first]})
    assert f'<section id="{first}"' in reply.text
    assert f'<section id="{second}"' not in reply.text
    assert reply.headers["content-disposition"] == 'attachment; filename="report.en.html"'
    assert client.get("/api/report/file", params={"lang": "en", "section": ["none"]}).status_code == 404
    assert found["written"]["name"] == "report.en.html"


def test_from_a_sentence_to_the_decisions_of_each_coder(client, said, study):
    line = next(one for one in said if "affective empathy" in one["text"])
    found = client.get(f"/api/report/trace/{line['estimates'][0]}", params={"lang": "en"}).json()
    estimate = found["estimate"]
    assert f"{estimate['value'] * 100:.1f}" in line["text"]
    assert (found["n_units"], estimate["n_gold"], found["is_exact"]) == (40, 40, True)
    assert found["coders"] == [{"coder": "anna", "kind": "human", "n": 40}, {"coder": "bo", "kind": "human", "n": 40}]
    [version] = found["versions"]
    assert (version["version"], version["hash"], version["n"]) == (study.codebook().version, study.codebook().content_hash, 80)
    first = found["units"][0]
    assert first["share"] == 0.5, "units on which coders differ come first"
    assert sorted((one["coder"], one["value"]) for one in first["decisions"]) == [("anna", "0"), ("bo", "1")]
    assert first["text"]
    assert len(found["units"]) <= MOST_UNITS


def test_a_code_that_nobody_coded_is_the_machines_alone(client, study):
    rows = by_id(read_results(study).estimates)
    name = next(one for one, row in rows.items() if row["source"] == "machine" and row["code"] == "anger" and row["by"] == "all")
    found = client.get(f"/api/report/trace/{name}", params={"lang": "en"}).json()
    assert (found["n_units"], found["units"], found["is_exact"]) == (0, [], False)
    assert found["estimate"]["why"]


def test_groups_rest_on_their_own_units(client, study):
    rows = by_id(read_results(study).estimates)
    mine = {
        one: row
        for one, row in rows.items()
        if row["measure"] == "prevalence.v1" and row["code"] == CODE and row["by"] == "video" and row["n_gold"]
    }
    assert mine
    for name, row in mine.items():
        found = client.get(f"/api/report/trace/{name}", params={"lang": "en"}).json()
        assert (found["n_units"], found["is_exact"]) == (row["n_gold"], True)
        assert {one["video"] for one in found["units"]} == {row["subject"]}


def test_what_is_not_there_is_said(client):
    assert client.get("/api/report/trace/none", params={"lang": "en"}).status_code == 404


def as_role(study, role):
    client = TestClient(create_app(Workbench(study.path, As(role))), base_url="http://127.0.0.1")
    client.get("/enter", params={"token": TOKEN}, follow_redirects=False)
    return client


def test_coders_stay_blind_and_viewers_see_no_texts(study, said):
    line = next(one for one in said if "affective empathy" in one["text"])
    address = f"/api/report/trace/{line['estimates'][0]}"
    assert as_role(study, Role.CODER).get(address, params={"lang": "en"}).status_code == 403
    found = as_role(study, Role.VIEWER).get(address, params={"lang": "en"}).json()
    assert {one["text"] for one in found["units"]} == {None}


def test_limits_name_the_rungs_that_are_there(client, study):
    found = client.get("/api/report", params={"lang": "en"}).json()
    [limits] = [one["sentences"] for one in found["sections"] if one["id"] == "limits"]
    rungs = set(read_results(study).estimates["rung"])
    assert ("Every statement is on rung D" in limits[0]["text"]) == (rungs == {"D"})
    assert all(one in limits[0]["text"] for one in rungs)
