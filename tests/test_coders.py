"""Coders: who they are, and how far."""

import json

import pytest

import yuhu
from yuhu.cli.app import invoke
from yuhu.coding.desk import Desk
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import Person, put_person, read_people
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
    anna, bo = coders(study)
    assert (anna["assigned"], anna["done"]) == (8, 7)
    assert 0 < anna["seconds"] < 300
    assert anna["last"] is not None
    assert (bo["assigned"], bo["done"], bo["seconds"], bo["last"]) == (8, 0, None, None)


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
