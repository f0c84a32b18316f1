"""Coders: who they are, and how far."""

import datetime as dt
import json
import time

import polars as pl
import pytest

import yuhu
from yuhu.cli.app import invoke
from yuhu.coding.desk import Desk
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.study.assignments import Person, add_assignments, put_person, read_people
from yuhu.study.codings import append_codings, tallies
from yuhu.study.store import open_study
from yuhu.verbs.coders import add_coder, coders
from yuhu.verbs.sample import sample


def test_what_is_not_given_stays(study):
    first = add_coder(study, "anna", reads=["ZH", " en ", "zh"], training="pilot 1", stance="for return")
    assert first["is_new"]
    assert first["languages"] == ["zh", "en"]
    second = add_coder(study, "anna", training="pilot 2")
    assert not second["is_new"]
    assert {key: second[key] for key in ("languages", "training", "stance")} == {
        "languages": ["zh", "en"], "training": "pilot 2", "stance": "for return"
    }  # fmt: skip


def test_a_simulated_coder_stays_simulated(study):
    put_person(study.path, Person("coder-a", "simulated"), "2026-01-01T00:00:00Z")
    assert add_coder(study, "coder-a", reads=["zh"])["kind"] == "simulated"


@pytest.mark.parametrize(
    ("name", "what"),
    [("", "no name"), ("a\x1b[2J", "no name"), ("x" * 61, "no name"), ("lexicon", "machine coder"), ("lexicon.v1", "machine coder"),
     ("Anna", "case or width"), ("ａnna", "case or width")],
)  # fmt: skip
def test_names_that_are_refused(study, name, what):
    add_coder(study, "anna")
    with pytest.raises(YuhuError, match=what) as caught:
        add_coder(study, name)
    assert caught.value.code == "YH505"
    assert list(read_people(study.path)) == ["anna"]


@pytest.mark.parametrize("code", ["chinese", "z", "z1", "中文", "zh-CN"])
def test_languages_are_codes(study, code):
    with pytest.raises(YuhuError, match="no code of a language"):
        add_coder(study, "anna", reads=["en", code])
    assert read_people(study.path) == {}


def test_progress_and_pace(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("id,text\n" + "\n".join(f"{at},好 {at}" for at in range(20)), "utf-8")
    study = yuhu.init(tmp_path / "s")
    yuhu.add(study, [table], mapping={"id": "id", "text": "text"}, platform="bilibili", video="1", kind="comment")
    study = open_study(study.path)
    add_coder(study, "anna")
    add_coder(study, "bo")
    sample(study, size=8, codes=("hostility",), coders=("anna", "bo"), overlap=1.0)
    desk = Desk(study, "anna")
    for _ in range(7):
        desk.save(desk.next().task.unit_id, {"hostility": "0"})
        time.sleep(0.002)  # times are stored to the millisecond, and a pace needs them apart
    anna, bo = coders(study)
    assert (anna["assigned"], anna["done"]) == (8, 7)
    assert (anna["responses"], anna["spans"], bo["responses"]) == (7, 0, 0)
    assert 0 < anna["seconds"] < 300
    assert anna["last"] is not None
    assert (bo["assigned"], bo["done"], bo["seconds"], bo["last"]) == (8, 0, None, None)


def test_what_was_coded_without_an_assignment_is_counted(study):
    book = study.codebook()
    add_coder(study, "anna")
    row = {
        "code": "anger",
        "value": "1",
        "status": "coded",
        "coder": "anna",
        "coder_kind": "human",
        "at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    }
    hashes = {"code_hash": book.variables["anger"].code_hash, "codebook_hash": book.content_hash}
    said = [
        {"unit_kind": "response", "unit_id": "r1"},
        {"unit_kind": "response", "unit_id": "r1", "code": "pride"},
        {"unit_kind": "response", "unit_id": "r2"},
        {"unit_kind": "response", "unit_id": "r2", "value": None, "status": "withdrawn"},
        {"unit_kind": "span", "video_id": "v1", "start_ms": 0, "end_ms": 900, "code": "symbol"},
        {"unit_kind": "span", "video_id": "v1", "start_ms": 900, "end_ms": 1000, "code": "symbol"},
    ]
    for one in said:  # an undo is a row after the one that it takes back
        append_codings(study.path, conform(pl.DataFrame([{**row, **hashes, **one}], infer_schema_length=None), polars_schema(CODING)))
    [anna] = coders(study)
    assert (anna["responses"], anna["spans"], anna["assigned"]) == (1, 2, 0)
    assert tallies(study.path)["anna"].codings == 4


def test_an_assignment_with_a_hole_is_an_error(study):
    with pytest.raises(YuhuError):
        add_assignments(study.path, [("gold", "r1", "anna", "main", 0, 0, None, "2024-01-01T00:00:00Z")])


def test_the_command(study, capsys):
    folder = str(study.path)
    assert invoke(["coders", folder]) == 0
    assert "no coders yet" in capsys.readouterr().out
    assert invoke(["coders", folder, "add", "anna", "--reads", "zh,en", "--training", "[red]2 h[/red]"]) == 0
    assert "added anna: reads zh, en" in capsys.readouterr().out
    assert invoke(["coders", folder]) == 0
    assert "[red]2 h[/red]" in capsys.readouterr().out
    assert invoke(["coders", folder, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["coders"][0]["coder"] == "anna"
    assert invoke(["coders", folder, "add", "bo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_new"]
    assert invoke(["coders", folder, "remove", "anna"]) == 1
    assert "[YH901]" in capsys.readouterr().err
