"""Adjudication: after agreement, with evidence and a reason, and nothing of what coders said is lost."""

import polars as pl
import pytest

from coding_studies import codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.protocol_log import read_log
from yuhu.verbs.adjudicate import adjudicate, disagreements
from yuhu.verbs.agree import agree
from yuhu.verbs.sample import sample


@pytest.fixture
def study(tmp_path):
    made = study_of(tmp_path, 100)
    units = sample(made, size=30, purpose="reliability", codes=("anger",)).sample.units["unit_id"]
    rows = [(unit, "anna", "1" if at < 10 else "0") for at, unit in enumerate(units)]
    rows += [(unit, "bo", "1" if at < 8 else "not_shown" if at < 12 else "0") for at, unit in enumerate(units)]
    append_codings(made.path, codings_of(made, rows))
    return made


def test_disagreements(study):
    found = disagreements(study, ["anger"])
    assert found.height == 2  # 8 and 9: a closed gate against a 1; 10 and 11: not there for both
    assert found["values"].to_list() == [["anna: 1", "bo: not_shown"]] * 2
    assert found["text"].null_count() == 0


def test_what_it_needs(study):
    unit = disagreements(study)["unit_id"][0]
    with pytest.raises(YuhuError, match="not measured yet") as caught:
        adjudicate(study, unit, "anger", "1", who="Li", why="a taunt", evidence=(0, 2))
    assert caught.value.code == "YH506"
    agree(study)
    for options, match in (
        ({"why": " ", "evidence": (0, 2)}, "a name and a reason"),
        ({"why": "x"}, "evidence is missing"),
        ({"why": "x", "evidence": (0, 400)}, "outside the text"),
    ):
        with pytest.raises(YuhuError, match=match):
            adjudicate(study, unit, "anger", "1", who="Li", **options)
    with pytest.raises(YuhuError, match="cannot have this value"):
        adjudicate(study, unit, "anger", "5", who="Li", why="x")
    with pytest.raises(YuhuError, match="not coded by two"):
        adjudicate(study, "bilibili:1:danmaku:nobody", "anger", "0", who="Li", why="x")


def test_both_are_kept_and_agreement_stays(study):
    before = agree(study)
    unit = disagreements(study)["unit_id"][0]
    adjudicate(study, unit, "anger", "1", who="Li", why="names the target", evidence=(0, 2))
    kept = read_codings(study.path).filter(pl.col("unit_id") == unit)
    assert sorted(kept["coder"]) == ["Li", "anna", "bo"]
    assert agree(study).rows.equals(before.rows)
    assert disagreements(study)["adjudicated"].to_list() == ["1", None]
    assert read_log(study.path)[-1].text == "anger = 1: names the target"
    adjudicate(study, unit, "anger", "0", who="Li", why="second thoughts")
    assert disagreements(study)["adjudicated"].to_list() == ["0", None]
