"""Checking a machine coder against people: rates by hand, groups, calibration, agreement, and the list of disagreements."""

import csv
import json

import polars as pl
import pytest

import yuhu
from coding_studies import codings_of, study_of
from test_corrected import gold_of, half_coded
from test_measures import evidence, get, measure, messages
from yuhu.cli.app import invoke
from yuhu.core.sample import Sample
from yuhu.study.codings import add_sample, append_codings
from yuhu.study.store import open_study
from yuhu.testing import check_measure
from yuhu.verbs.check_coder import check_coder
from yuhu.verbs.plan import plan


def test_rates_by_hand():
    """40 messages: people found anger in 16, the machine in 12 of these and in 6 others."""
    rows = [messages(1, key=at)[0] for at in range(40)]
    coded = [(at, "zh", "anger", "1") for at in [*range(12), *range(16, 22)]]
    frame = check_measure(
        measure("coder_quality.v1"),
        evidence(rows, coded, served=["anger"], gold=gold_of([(row, float(at < 16)) for at, row in enumerate(rows)])),
    )
    rate = {row["method"]: row for row in frame.filter(pl.col("by") == "all").iter_rows(named=True)}
    assert rate["precision.v1"]["value"] == pytest.approx(12 / 18)
    assert rate["recall.v1"]["value"] == pytest.approx(12 / 16)
    assert rate["specificity.v1"]["value"] == pytest.approx(18 / 24)
    assert rate["f1.v1"]["value"] == pytest.approx(24 / 34)
    assert (rate["recall.v1"]["n_gold"], rate["recall.v1"]["rung"]) == (16, "D")
    assert rate["recall.v1"]["low"] < 0.75 < rate["recall.v1"]["high"]


def test_what_the_machine_did_not_code_is_no_error_of_its():
    rows = [messages(1, key=at, lang="ja" if at < 10 else "zh")[0] for at in range(40)]
    gold = gold_of([(row, 1.0) for row in rows])
    failed = pl.LazyFrame([{"text_key": 39, "lang": "zh", "code": "anger", "why": "x"}])
    coded = [(at, "zh", "anger", "1") for at in range(10, 39)]
    facts = evidence(rows, coded, served=["anger"], gold=gold, abstained=[(at, "ja") for at in range(10)], failed=failed)
    found = get(measure("coder_quality.v1").estimate(facts), by="all", method="recall.v1")
    assert (found["value"], found["n_gold"]) == (1.0, 29)


def test_ties_are_left_out():
    rows = [messages(1, key=at)[0] for at in range(30)]
    gold = gold_of([(row, 0.5 if at < 5 else float(at < 15)) for at, row in enumerate(rows)])
    frame = measure("coder_quality.v1").estimate(
        evidence(rows, [(at, "zh", "anger", "1") for at in range(15)], served=["anger"], gold=gold)
    )
    assert get(frame, by="all", method="recall.v1")["n_gold"] == 10


def test_unequal_errors_between_languages_are_found():
    rows, coded, gold = half_coded()
    frame = measure("coder_quality.v1").estimate(evidence(rows, coded, served=["anger"], gold=gold_of(gold)))
    chinese, english = (get(frame, by="language", subject=lang, method="specificity.v1") for lang in ("zh", "en"))
    assert chinese["value"] == 1.0
    assert english["high"] < 0.95
    assert get(frame, by="language", method="equal_specificity.v1")["reason"] in ("test_alone", "no_variation")


def test_calibration_is_said_where_there_are_probabilities():
    rows, coded, gold = half_coded()
    scores = pl.LazyFrame(
        [{"text_key": at, "lang": lang, "code": code, "value_id": "1", "probability": 0.9} for at, lang, code, _ in coded],
        schema_overrides={"probability": pl.Float32},
    )
    facts = evidence(rows, coded, served=["anger"], gold=gold_of(gold), scores=scores)
    frame = check_measure(measure("coder_quality.v1"), facts)
    bins = frame.filter(pl.col("by") == "probability")
    assert bins["subject"].to_list() == ["0.0000", "0.9000"]
    assert bins["value"][0] == 0
    assert get(frame, method="calibration_error.v1")["unit"] == "share"
    assert (
        not measure("coder_quality.v1")
        .estimate(evidence(rows, coded, served=["anger"], gold=gold_of(gold)))
        .filter(pl.col("by") == "probability")
        .height
    )


def test_incomplete_gold_gives_no_interval():
    rows, coded, gold = half_coded()
    frame = measure("coder_quality.v1").estimate(evidence(rows, coded, served=["anger"], gold=gold_of(gold, complete=False)))
    assert frame["low"].null_count() == frame.height
    assert get(frame, by="all", method="recall.v1")["reason"] == "gold_incomplete"


def test_small_groups_and_bins_are_not_shown():
    rows, coded, gold = half_coded()
    few = [({**row, "video_id": "tiny:1" if at < 4 else row["video_id"]}, human) for at, (row, human) in enumerate(gold)]
    scores = pl.LazyFrame(
        [{"text_key": at, "lang": lang, "code": code, "value_id": "1", "probability": 0.95 if at else 0.45} for at, lang, code, _ in coded],
        schema_overrides={"probability": pl.Float32},
    )
    frame = measure("coder_quality.v1").estimate(evidence(rows, coded, served=["anger"], gold=gold_of(few), scores=scores))
    assert "tiny:1" not in frame["subject"].to_list()
    assert (frame.filter(pl.col("by") == "probability")["n_gold"] >= 5).all()


@pytest.fixture
def coded(tmp_path):
    """A study coded by the lexicon and by two people, on units drawn with a chance."""
    study = study_of(tmp_path, 200)
    ids = study.scan("responses").collect().sort("response_id")["response_id"].to_list()
    drawn = ids[::2]
    add_sample(
        study.path,
        Sample("s", pl.DataFrame({"unit_id": drawn, "chance": 0.5, "stratum": "all"}), "simple_random.v1", 1, len(ids)),
        "2026-01-01T00:00:00Z",
    )
    for name in ("anna", "bo"):
        rows = [(unit, name, "1" if at % 4 == 0 or (name == "bo" and at == 1) else "0") for at, unit in enumerate(drawn)]
        append_codings(study.path, codings_of(study, rows, purpose="main"))
    yuhu.code(study)
    return open_study(study.path)


def test_against_each_person_and_where_they_differ(coded, tmp_path):
    found = check_coder(coded, to=tmp_path / "apart.csv")
    assert found.tables["anger", "1"] == {"both": 0, "missed": 25, "invented": 0, "neither": 74, "ties": 1}
    assert [(row["first"], row["second"]) for row in found.people] == [("lexicon", "anna"), ("lexicon", "bo"), ("anna", "bo")]
    assert found.people[2]["estimate"].value > 0.9
    lines = list(csv.DictReader((tmp_path / "apart.csv").read_text("utf-8-sig").splitlines()))
    assert len(lines) == found.disagreements.height == 25
    assert {(line["people"], line["machine"]) for line in lines} == {("1.0", "0.0")}


def test_a_strange_text_is_harmless_in_the_list(tmp_path):
    study = yuhu.init(tmp_path / "s")
    table = tmp_path / "own.csv"
    table.write_text("id,text\n" + "\n".join(f'{at},"=HYPERLINK(""x"") {at}"' for at in range(20)), "utf-8")
    yuhu.add(study, [table], mapping={"id": "id", "text": "text"}, platform="x", video="1", kind="comment")
    study = open_study(study.path)
    ids = study.scan("responses").collect()["response_id"].to_list()
    add_sample(
        study.path,
        Sample("s", pl.DataFrame({"unit_id": ids, "chance": 1.0, "stratum": "all"}), "simple_random.v1", 1, 20),
        "2026-01-01T00:00:00Z",
    )
    append_codings(study.path, codings_of(study, [(unit, "anna", "1") for unit in ids], purpose="main"))
    yuhu.code(study)
    check_coder(open_study(study.path), to=tmp_path / "apart.csv")
    lines = list(csv.DictReader((tmp_path / "apart.csv").read_text("utf-8-sig").splitlines()))
    assert all(line["text"].startswith("'=") for line in lines)


def test_from_the_command_line(coded, capsys, tmp_path):
    assert invoke(["check-coder", str(coded.path), "--most", "2", "--to", str(tmp_path / "a.csv")]) == 0
    said = capsys.readouterr().out
    assert "anger" in said
    assert "never predicted" in said or "machine calls nothing" in said or "0.00" in said
    assert invoke(["check-coder", str(coded.path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["tables"][0]["missed"] == 25
    assert "text" not in document["disagreements"][0], "no text of strangers without being asked"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--with", "nobody"], "YH501"),
        (["--for", "nothing"], "YH303"),
        (["--for", "stance"], "YH207"),
        (["--to", "/no/such/folder/x.csv"], "YH110"),
    ],
)
def test_errors(coded, capsys, arguments, code):
    assert invoke(["check-coder", str(coded.path), *arguments]) == 1
    assert code in capsys.readouterr().err


def test_the_plan_says_what_the_machine_saves(tmp_path):
    study = study_of(tmp_path, 400)
    ids = study.scan("responses").collect().sort("response_id")["response_id"].to_list()
    texts = dict(study.scan("responses").select("response_id", "text").collect().iter_rows())
    drawn = ids[::4]
    units = pl.DataFrame({"unit_id": drawn, "chance": 0.25, "stratum": "all"})
    add_sample(study.path, Sample("s", units, "simple_random.v1", 1, len(ids)), "2026-01-01T00:00:00Z")
    assert all(one.rho is None for one in plan(study, ["anger"]))
    rows = [(unit, "anna", "1" if texts[unit].endswith(("3", "7")) else "0") for unit in drawn]
    append_codings(study.path, codings_of(study, rows, purpose="main"))
    yuhu.code(study)
    [useless] = plan(open_study(study.path), ["anger"], half_width=0.1, human_cost=1.0, machine_cost=0.01)
    assert (useless.rho, useless.pays, useless.gold) == (0.0, False, 100)
    assert useless.units_corrected >= useless.units_share - 1, "a machine that never sees the code saves nothing"
    with pytest.raises(yuhu.YuhuError, match="YH303"):
        plan(study, ["anger"], human_cost=1.0)
