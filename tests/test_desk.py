"""The desk: gates, facets, blindness, undo, resuming, several processes at once."""

import multiprocessing

import polars as pl
import pytest

import yuhu
from yuhu.coding.desk import Desk
from yuhu.coding.questions import ABSTAIN, NOTHING, decide, open_questions, questions
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.study.assignments import Person, put_person
from yuhu.study.coding_file import connected
from yuhu.study.codings import read_codings
from yuhu.study.store import open_study
from yuhu.verbs.sample import sample

AT = "2026-01-01T00:00:00Z"
CODES = ("kind", "affective_empathy", "object_of_feeling", "action")
OTHER = {"kind": "joke"}
MOVED = {
    "kind": "expressing",
    "affective_empathy": "2",
    "affective_empathy.valence": "pain",
    "cognitive_empathy": "0",
    "empathic_concern": "0",
    "object_of_feeling": "one_character",
    "action": NOTHING,
}


@pytest.fixture
def study(tmp_path):
    table = tmp_path / "own.csv"
    rows = [f'{at},"{text} {at}",2023-09-01 12:00:{at % 60:02d},p{at % 7}' for at in range(60) for text in ["她想回家"]]
    table.write_text("id,text,time,who\n" + "\n".join(rows), "utf-8")
    made = yuhu.init(tmp_path / "s")
    mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author"}
    yuhu.add(made, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video="1", kind="danmaku")
    for name in ("anna", "bo"):
        put_person(made.path, Person(name, languages=("zh", "en")), AT)
    return open_study(made.path)


@pytest.fixture
def asked():
    return questions(built_in_codebook(), CODES)


def test_a_code_brings_what_opens_it(asked):
    assert [one.code for one in asked] == [
        "kind", "affective_empathy", "cognitive_empathy", "empathic_concern", "object_of_feeling", "action"
    ]  # fmt: skip


def test_each_flat_decision_has_exactly_one_outcome(asked):
    wanted = sorted(one.id for question in asked for one in (*question.variables, *(a for a, _ in question.attributes)))
    for answers in (OTHER, MOVED):
        full = {**answers, "action": NOTHING}
        assert sorted(one.variable.id for one in decide(asked, full)) == wanted


def test_a_closed_gate_is_not_shown(asked):
    found = {one.variable.id: (one.status, one.value) for one in decide(asked, {**OTHER, "action": NOTHING})}
    assert found["affective_empathy"] == ("not_shown", None)
    assert found["object_of_feeling"] == ("not_shown", None)
    assert found["action.visit"] == ("coded", "none")
    assert [one.code for one in open_questions(asked, OTHER)] == ["action"]


def test_object_is_asked_only_with_a_feeling(asked):
    calm = {"kind": "expressing", "affective_empathy": "0", "cognitive_empathy": "0", "empathic_concern": "0", "action": NOTHING}
    found = {one.variable.id: one.status for one in decide(asked, calm)}
    assert found["object_of_feeling"] == found["affective_empathy.valence"] == "not_shown"
    assert open_questions(asked, calm) == []
    assert [one.code for one in open_questions(asked, {**calm, "empathic_concern": "1"})] == ["object_of_feeling"]


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        ({"kind": "nonsense"}, "cannot have this value"),
        ({"mood": "1"}, "was not asked"),
        ({"kind": "expressing"}, "not answered"),
        ({**MOVED, "affective_empathy.valence": "9"}, "cannot have this value"),
    ],
)
def test_answers_that_are_refused(asked, answers, what):
    with pytest.raises(YuhuError, match=what) as caught:
        decide(asked, answers)
    assert caught.value.code == "YH503"
    assert caught.value.fix


def test_abstaining(asked):
    found = {one.variable.id: one.status for one in decide(asked, {**MOVED, "action": ABSTAIN, "affective_empathy": ABSTAIN})}
    assert found["action.visit"] == found["affective_empathy"] == "abstained"
    assert found["affective_empathy.valence"] == "not_shown"


def test_coding_resumes_and_is_blind(study):
    drawn = sample(study, size=20, codes=CODES, coders=("anna", "bo"), overlap=1.0)
    assert drawn.sample.size == 20
    anna, bo = Desk(study, "anna"), Desk(study, "bo")
    first = anna.next()
    anna.save(first.task.unit_id, MOVED, note="sure")
    again = Desk(study, "anna")
    assert again.progress().as_dict() == {"done": 1, "total": 20, "waiting": 0}
    assert again.next().task.unit_id != first.task.unit_id
    assert again.sheet(first.task.unit_id).answers == MOVED
    assert again.sheet(first.task.unit_id).note == "sure"
    seen = bo.sheet(first.task.unit_id)
    assert seen.answers == {}
    assert not {"likes", "author_key", "author", "codings", "occasion_of", "role"} & set(seen.as_dict("zh"))


def test_each_coder_has_an_order_of_their_own(study):
    sample(study, size=30, codes=CODES, coders=("anna", "bo"), overlap=1.0)
    orders = [[task.unit_id for task in Desk(study, name)._tasks] for name in ("anna", "bo")]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]


def test_undo_is_a_row(study):
    sample(study, size=5, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    unit = desk.next().task.unit_id
    assert desk.undo() is None
    desk.save(unit, {**OTHER, "action": NOTHING})
    desk.save(unit, MOVED, purpose="main")
    assert desk.undo().answers == MOVED
    assert read_codings(study.path).height == 0
    assert desk.progress().done == 0
    with connected(study.path) as connection:
        kinds = dict(connection.execute("select status, count(*) from codings group by status").fetchall())
    assert kinds["withdrawn"] > 0
    assert kinds["coded"] > kinds["withdrawn"] / 2
    desk.save(unit, MOVED)
    assert desk.progress().done == 1


def test_skipped_units_come_last(study):
    sample(study, size=3, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    first = desk.next().task.unit_id
    desk.skip(first)
    order = []
    while (sheet := desk.next()) is not None:
        order.append(sheet.task.unit_id)
        desk.save(sheet.task.unit_id, {**OTHER, "action": NOTHING})
    assert order[-1] == first
    assert len(order) == 3


def test_half_an_answer_leaves_the_task_open(study):
    sample(study, size=3, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    unit = desk.next().task.unit_id
    desk.save(unit, {"kind": "expressing"}, is_partial=True)
    again = Desk(study, "anna")
    assert again.progress().done == 0
    assert again.next().answers == {"kind": "expressing"}


def test_repeats_wait_and_say_nothing(study):
    sample(study, size=20, codes=CODES, coders=("anna",), repeats=0.2)
    desk = Desk(study, "anna")
    assert desk.progress().as_dict() == {"done": 0, "total": 24, "waiting": 4}
    while (sheet := desk.next()) is not None:
        assert sheet.task.occasion == 0
        desk.save(sheet.task.unit_id, {**OTHER, "action": NOTHING}, purpose=sheet.task.purpose, occasion=0)
    assert desk.progress().done == 20


def test_evidence_lies_inside_the_text(study):
    sample(study, size=3, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    sheet = desk.next()
    with pytest.raises(YuhuError, match="outside the text"):
        desk.save(sheet.task.unit_id, MOVED, evidence={"affective_empathy": (0, 999)})
    desk.save(sheet.task.unit_id, MOVED, evidence={"affective_empathy": (0, 4)})
    mine = read_codings(study.path).filter(pl.col("code") == "affective_empathy")
    assert mine["evidence"].to_list() == ["[0, 4]"]


def test_a_unit_of_two_samples_is_two_tasks(study):
    for name in ("one", "two"):
        sample(study, name=name, size=60, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    unit = desk.next().task.unit_id
    desk.save(unit, {**OTHER, "action": NOTHING}, purpose="main", sample="two")
    desk.save(unit, MOVED, purpose="main", sample="one")
    again = Desk(study, "anna")
    assert again.progress().done == 2
    assert again.sheet(unit, "main", sample="one").answers == MOVED
    assert again.sheet(unit, "main", sample="two").answers == {**OTHER, "action": NOTHING}
    assert again.undo().task.sample == "one"


def test_an_undecided_cell_stays_undecided(study):
    sample(study, size=3, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    unit = desk.next().task.unit_id
    cells = {"action.visit": "intends", "action.learn": ABSTAIN}
    desk.save(unit, {**OTHER, **cells})
    assert Desk(study, "anna").sheet(unit).answers == {**OTHER, **cells}
    desk.save(unit, {**OTHER, "action": ABSTAIN})
    assert Desk(study, "anna").sheet(unit).answers == {**OTHER, "action": ABSTAIN}


def test_a_draft_is_no_coding(study):
    sample(study, size=3, codes=CODES, coders=("anna",))
    desk = Desk(study, "anna")
    unit = desk.next().task.unit_id
    desk.save(unit, MOVED, is_partial=True, note="not sure")
    assert read_codings(study.path).height == 0
    again = Desk(study, "anna")
    assert again.progress().done == 0
    assert (again.next().answers, again.next().note) == (MOVED, "not sure")
    again.save(unit, {**OTHER, "action": NOTHING})
    assert Desk(study, "anna").sheet(unit).answers == {**OTHER, "action": NOTHING}


def test_who_is_not_known_or_has_nothing(study):
    with pytest.raises(YuhuError, match="no coder is called") as caught:
        Desk(study, "zoe")
    assert "yuhu coders" in caught.value.fix
    with pytest.raises(YuhuError, match="nothing is assigned"):
        Desk(study, "anna")


def _code_all(folder, coder):
    desk = Desk(open_study(folder), coder)
    while (sheet := desk.next()) is not None:
        desk.save(sheet.task.unit_id, {**OTHER, "action": NOTHING})


def test_several_processes_lose_nothing(study):
    names = [f"c{at}" for at in range(4)]
    for name in names:
        put_person(study.path, Person(name), AT)
    sample(study, size=25, codes=CODES, coders=names, overlap=1.0)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_code_all, args=(study.path, name)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    coded = read_codings(study.path)
    flat = sum(len(one.variables) + len(one.attributes) for one in questions(built_in_codebook(), CODES))
    assert coded.height == 4 * 25 * flat
    assert {Desk(study, name).progress().done for name in names} == {25}
