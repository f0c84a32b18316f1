"""The overview, and the figures and tables of the report as pages."""

import pytest

import yuhu
from coding_studies import study_of
from workbench import client_of, small_study


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    study = study_of(tmp_path_factory.mktemp("look"))
    yuhu.run(study)
    return client_of(study.path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return client_of(small_study(tmp_path_factory.mktemp("bare")).path)


def test_the_overview_counts_what_is_there(bare):
    found = bare.get("/api/overview").json()
    assert (found["responses"], found["videos"], found["works"]) == (200, 2, 2)
    assert found["by_platform"] == [{"platform": "bilibili", "kind": "danmaku", "n": 200}]
    assert {one["coder"]: (one["done"], one["assigned"]) for one in found["coders"]} == {"anna": (0, 12), "bo": (0, 12)}


def test_progress_follows_each_coding(tmp_path):
    client = client_of(small_study(tmp_path).path)

    def done():
        return {one["coder"]: one["done"] for one in client.get("/api/overview").json()["coders"]}

    assert done() == {"anna": 0, "bo": 0}
    sheet = client.post("/api/desks/anna?lang=en", json={"do": "next"}).json()["sheet"]
    client.post("/api/desks/anna?lang=en", json={"do": "save", "key": sheet["key"], "answers": {"kind": "joke", "action": "none"}})
    assert done() == {"anna": 1, "bo": 0}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_results_it_is_said_why_there_are_no_findings(bare, lang):
    found = bare.get("/api/overview/findings", params={"lang": lang}).json()
    assert found["findings"] == []
    assert found["why_none"]
    assert bare.get("/api/overview/results").json()["spec"] is None
    assert bare.get("/api/gallery/audience").json()["error"]["code"] == "YH602"


def test_a_machine_alone_is_no_finding(measured):
    found = measured.get("/api/overview/findings", params={"lang": "en"}).json()
    assert found["findings"] == []
    assert found["why_none"]
    assert measured.get("/api/overview/results").json()["changed"] == []


def test_sections_have_figures_and_tables_as_files(measured):
    view = measured.get("/api/gallery/audience/shares", params={"lang": "en"}).json()["view"]
    figure = view["figures"][0]["id"]
    address = f"/api/gallery/audience/shares/figures/{figure}"
    svg = measured.get(address, params={"lang": "en", "form": "svg"})
    assert svg.text.startswith("<svg")
    assert "sandbox" in svg.headers["content-security-policy"]
    assert measured.get(address, params={"lang": "en", "form": "png"}).content.startswith(b"\x89PNG")
    assert len(measured.get(address, params={"lang": "en", "form": "csv"}).text.splitlines()) > 1
    table = measured.get("/api/gallery/audience/shares/tables/0", params={"lang": "en"})
    assert len(table.text.splitlines()) == len(view["tables"][0]["rows"]) + 1


@pytest.mark.parametrize(
    "address",
    [
        "/api/gallery/none",
        "/api/gallery/audience/none",
        "/api/gallery/audience/shares/tables/99",
        "/api/gallery/audience/shares/figures/none?form=svg",
    ],
)
def test_what_is_not_there_is_said(measured, address):
    reply = measured.get(address, params={"lang": "en"} if "?" not in address else {"lang": "en", "form": "svg"})
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "YH704"
