"""Stages: forward one at a time and only with what they need, back at any time, and a log that keeps everything."""

import pytest

from coding_studies import codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.study.codings import append_codings
from yuhu.study.protocol_log import read_log
from yuhu.study.store import open_study
from yuhu.verbs.agree import agree
from yuhu.verbs.protocol import move, note, protocol
from yuhu.verbs.sample import sample


def _code(study, purpose, n):
    units = sample(study, size=n, purpose=purpose, codes=("anger",)).sample.units["unit_id"]
    rows = [(unit, coder, str(int(at % 3 == 0))) for at, unit in enumerate(units) for coder in ("anna", "bo")]
    append_codings(study.path, codings_of(study, rows, purpose=purpose))


def test_the_whole_way(tmp_path):
    study = study_of(tmp_path, 400)
    assert protocol(study).of("anger").stage == "train"
    move(study, ["anger"], "pilot", who="Li")
    assert "100 are needed" in protocol(study).of("anger").needs[0]
    _code(study, "pilot", 100)
    assert protocol(study).of("anger").needs == []
    move(study, ["anger"], "meeting", who="Li")
    with pytest.raises(YuhuError, match="cannot move to freeze") as caught:
        move(study, ["anger"], "freeze", who="Li")
    assert "no decision of the meeting" in str(caught.value)
    note(study, "anger", "a taunt is hostility, not anger", who="Li", unit_id="bilibili:1:danmaku:4")
    assert [one.stage for one in move(study, ["anger"], "freeze", who="Li")] == ["freeze"]
    move(study, ["anger"], "reliability", who="Li")
    assert protocol(study).of("anger").needs
    _code(study, "reliability", 60)
    move(study, ["anger"], "main", who="Li")
    assert "yuhu agree" in protocol(study).of("anger").needs[0]
    agree(study)
    assert move(study, ["anger"], "adjudication", who="Li")[0].next_stage is None
    log = read_log(study.path)
    assert [entry.stage or entry.kind for entry in log] == [
        "pilot", "meeting", "decision", "freeze", "reliability", "main", "adjudication"
    ]  # fmt: skip
    assert log[2].unit_id == "bilibili:1:danmaku:4"
    assert protocol(study).of("kind").stage == "train"


def test_no_stage_is_left_out_but_in_public(tmp_path):
    study = study_of(tmp_path, 60)
    with pytest.raises(YuhuError, match="lies between"):
        move(study, ["anger"], "freeze", who="Li")
    with pytest.raises(YuhuError, match="--despite"):
        move(study, ["anger"], "freeze", who="Li", why="no time")
    moved = move(study, ["anger"], "freeze", who="Li", why="no time", despite=True)[0]
    assert moved.stage == "freeze"
    assert moved.deviations == ["no time [despite: the stage pilot lies between; the stage meeting lies between]"]


def test_back_is_free_and_dropping_needs_a_reason(tmp_path):
    study = study_of(tmp_path, 60)
    move(study, ["anger"], "pilot", who="Li")
    assert move(study, ["anger"], "train", who="Li")[0].stage == "train"
    with pytest.raises(YuhuError, match="cannot move to dropped"):
        move(study, ["anger"], "dropped", who="Li")
    assert move(study, ["anger"], "dropped", who="Li", why="never above .4")[0].stage == "dropped"
    assert move(study, ["anger"], "train", who="Li")[0].stage == "train"


def test_a_changed_definition_falls_back(tmp_path):
    study = study_of(tmp_path, 60)
    move(study, ["anger"], "freeze", who="Li", why="x", despite=True)
    path = study.path / "codebook.yaml"
    text = path.read_text("utf-8")
    definition = study.codebook().code("anger").definition["en"]
    assert text.count(definition) == 1
    path.write_text(text.replace(definition, definition + " Mockery counts."), "utf-8")
    standing = protocol(open_study(study.path)).of("anger")
    assert (standing.stage, standing.is_changed) == ("meeting", True)
    assert "definition changed" in standing.needs[0]


@pytest.mark.parametrize(
    ("codes", "stage", "who", "match"),
    [
        (["mood"], "pilot", "Li", "no code that is on"),
        (["anger"], "party", "Li", "not known"),
        (["anger"], "pilot", " ", "nobody is named"),
    ],
)
def test_what_is_refused(tmp_path, codes, stage, who, match):
    study = study_of(tmp_path, 60)
    with pytest.raises(YuhuError, match=match) as caught:
        move(study, codes, stage, who=who)
    assert caught.value.code == "YH506"
    assert caught.value.fix
    assert not read_log(study.path)


def test_one_coder_is_too_few(tmp_path):
    study = study_of(tmp_path, 60, coders=("anna",))
    assert "two are needed" in protocol(study).of("anger").needs[0]
