"""Training: keyed units, feedback, results that nothing else counts."""

import re
from dataclasses import replace

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

import yuhu
from yuhu.cli.app import app, invoke
from yuhu.coding.questions import ABSTAIN, NOTHING
from yuhu.coding.sitting import TrainingSitting
from yuhu.coding.training import Drill, Training, keyed_units, training_results
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import read_people
from yuhu.study.codings import read_codings
from yuhu.study.store import CODEBOOK, open_study
from yuhu.verbs.coders import add_coder

BOOK = built_in_codebook()


@pytest.fixture
def study(tmp_path):
    made = yuhu.init(tmp_path / "s", language="zh")
    add_coder(made, "anna", reads=["zh"], training="2 h with Li")
    add_coder(made, "bo", reads=[])
    return open_study(made.path)


def drill(code, text):
    return next(one for one in keyed_units(BOOK, [BOOK.code(code)], ()) if one.example.text == text)


def answer(training, unit, *, right=True):
    rest = {one.id: values[0][0] for one, values in unit.question.attributes}
    return training.save(unit.unit_id, {**rest, **unit.expected} if right else {unit.question.code: ABSTAIN})


def test_the_key_of_an_example_is_what_is_right():
    assert drill("affective_empathy", "哭了").expected == {"affective_empathy": "1", "affective_empathy.valence": "pain"}
    assert drill("action", "我要去国博看看").expected == {"action.visit": "intends"}
    assert drill("action", "first").expected == {"action": NOTHING}
    assert drill("action", "first").is_near_miss
    assert drill("hostility", "楼上你就是个蠢货").expected == {
        "hostility": "1", "hostility.target": "person", "hostility.form": "insult"
    }  # fmt: skip


def test_right_is_the_code_each_cell_and_each_keyed_attribute():
    moved = drill("affective_empathy", "哭了")
    assert moved.is_right({"affective_empathy": "1", "affective_empathy.valence": "pain"})
    assert not moved.is_right({"affective_empathy": "1", "affective_empathy.valence": "joy"})
    assert not moved.is_right({"affective_empathy": "2", "affective_empathy.valence": "pain"})
    assert not moved.is_right({"affective_empathy": ABSTAIN})
    visit = drill("action", "我要去国博看看")
    assert visit.is_right({"action.visit": "intends", "action.learn": "none"})
    assert not visit.is_right({"action.visit": "intends", "action.share": "calls"})
    assert not visit.is_right({"action": NOTHING})
    assert drill("action", "first").is_right({"action": NOTHING})
    assert drill("action", "first").is_right({"action.visit": "none"})


def test_an_attribute_without_a_key_may_be_anything():
    keyed = drill("affective_empathy", "哭了")
    free = Drill(keyed.unit_id, keyed.question, replace(keyed.example, attributes={}), is_near_miss=False)
    assert free.is_right({"affective_empathy": "1", "affective_empathy.valence": "joy"})


def test_an_example_that_does_not_say_its_cell_is_no_keyed_unit():
    code = BOOK.code("action")
    broken = replace(code, examples=(replace(code.examples[0], facets=()),), near_misses=())
    book = replace(BOOK, codes=tuple(broken if one.id == "action" else one for one in BOOK.codes))
    assert keyed_units(book, [broken], ()) == []


def test_every_code_can_be_trained_and_every_key_is_accepted(study):
    book = study.codebook()
    training = Training(study, "bo", codes=[code.id for code in book.codes if code.unit == "response"])
    n = sum(len(code.examples) + len(code.near_misses) for code in book.codes if code.unit == "response")
    assert training.progress().total == n
    while (unit := training.next()) is not None:
        assert answer(training, unit).is_right, unit.unit_id
    assert training_results(study).select(pl.col("n").sum(), right=pl.col("right").sum()).row(0) == (n, n)


def test_units_are_those_that_the_coder_reads_in_an_order_of_their_own(study):
    anna = Training(study, "anna", codes=["anger"])
    assert {one.example.lang for one in anna._drills.values()} == {"zh"}
    bo = Training(study, "bo", codes=["anger"])
    assert {one.example.lang for one in bo._drills.values()} == {"zh", "en"}
    assert list(bo._drills) == list(Training(study, "bo", codes=["anger"])._drills)
    assert list(bo._drills) != sorted(bo._drills)
    assert list(Training(study, "bo", codes=["anger"], seed=1)._drills) != list(bo._drills)


def test_feedback_resuming_and_results(study):
    training = Training(study, "anna", codes=["anger", "stance"])
    first = training.next()
    told = answer(training, first, right=False)
    assert not told.is_right
    assert told.expected == first.expected
    assert told.why == first.example.why
    with pytest.raises(YuhuError, match="not open"):
        answer(training, first)
    again = Training(study, "anna", codes=["anger", "stance"])
    assert again.next().unit_id != first.unit_id
    while (unit := again.next()) is not None:
        answer(again, unit)
    results = training_results(study)
    assert results.columns == ["coder", "code", "n", "right"]
    assert results["code"].to_list() == ["anger", "stance"]
    assert results["n"].sum() == again.progress().total == results["right"].sum() + 1
    assert again.results().rows() == results.drop("coder").rows()


def test_training_is_stored_apart(study):
    training = Training(study, "anna", codes=["action"])
    answer(training, training.next())
    rows = read_codings(study.path)
    assert set(rows["purpose"]) == {"train"}
    assert set(rows["unit_kind"]) == {"text"}
    assert re.fullmatch(r"example:action:\d+:[0-9a-f]{8}", rows["unit_id"][0])
    assert rows["code"].to_list() == sorted(variable.id for variable in BOOK.code("action").variables())
    assert read_codings(study.path, counted=True).height == 0
    assert read_people(study.path)["anna"].training == "2 h with Li", "what a person wrote stays"


def test_a_changed_example_is_another_unit(study):
    training = Training(study, "bo", codes=["anger"])
    while (unit := training.next()) is not None:
        answer(training, unit)
    path = study.path / CODEBOOK
    document = yaml.safe_load(path.read_text("utf-8"))
    raw = next(code for code in document["codes"] if code["id"] == "anger")
    raw["examples"][0]["text"] += "！"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    changed = open_study(study.path)
    again = Training(changed, "bo", codes=["anger"])
    assert again.progress().total - again.progress().done == 1
    assert again.next().example.text.endswith("！")
    assert training_results(changed)["n"].to_list() == [again.progress().done]


def test_what_cannot_be_trained(study, tmp_path):
    with pytest.raises(YuhuError, match="no code for responses"):
        Training(study, "anna", codes=["loss"])
    with pytest.raises(YuhuError, match="no coder is called"):
        Training(study, "zoe")
    add_coder(study, "che", reads=["fr"])
    with pytest.raises(YuhuError, match="no example that che reads"):
        Training(study, "che")
    training = Training(study, "anna", codes=["anger"])
    with pytest.raises(YuhuError, match="cannot have this value"):
        training.save(training.next().unit_id, {"anger": "7"})
    assert training.progress().done == 0


def test_results_of_a_study_without_codings(tmp_path):
    assert training_results(yuhu.init(tmp_path / "new")).height == 0


def test_feedback_stays_until_the_next_key(study):
    sitting = TrainingSitting(Training(study, "anna", codes=["empathic_concern"]))
    first = sitting.drill
    for key in "eusa":
        sitting.press(key)
        assert sitting.message is not None
    sitting.press(first.example.value)
    assert sitting.feedback.is_right
    sitting.press("1")
    assert sitting.drill != first
    assert sitting.feedback is None


def test_the_command_says_what_is_right_and_why(study):
    drill = Training(study, "anna", codes=["empathic_concern"]).next()
    wrong = "0" if drill.example.value == "1" else "1"
    arguments = ["desk", str(study.path), "--coder", "anna", "--train", "--code", "empathic_concern"]
    out = CliRunner().invoke(app, arguments, input=f"{wrong}\nq\n").stdout
    said = "".join(out.split())
    assert "与编码手册不同" in out, "the study's language is Chinese"
    assert "".join(drill.example.why["zh"].split()) in said
    assert re.search(r"共情关怀\s+1\s+0\s+0\.00", out)
    assert "--train --code empathic_concern" in " ".join(out.split())


def test_a_code_that_is_not_known(study, capsys):
    assert invoke(["desk", str(study.path), "--coder", "anna", "--train", "--code", "nope"]) == 1
    assert "[YH303]" in capsys.readouterr().err
