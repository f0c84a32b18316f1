"""The meeting: what may be looked at when, and by whom; what each coder said of a message."""

import pytest

from coding_studies import codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.study.codings import append_codings
from yuhu.verbs.adjudicate import adjudicate
from yuhu.verbs.agree import agree
from yuhu.verbs.meeting import conflict, conflicts
from yuhu.verbs.protocol import note
from yuhu.verbs.sample import sample


@pytest.fixture
def drawn(tmp_path):
    made = study_of(tmp_path, 100, coders=("anna", "bo", "cy"))
    units = sample(made, size=30, purpose="reliability", codes=("anger",), coders=("anna", "bo", "cy"), overlap=1.0).sample.units["unit_id"]
    rows = [(unit, "anna", "1" if at < 10 else "0") for at, unit in enumerate(units)]
    rows += [(unit, "bo", "1" if at < 8 else "0") for at, unit in enumerate(units)]
    append_codings(made.path, codings_of(made, rows))
    return made, list(units)


@pytest.fixture
def study(drawn):
    return drawn[0]


def test_conflicts_are_open_once_agreement_is_measured(study):
    assert conflicts(study).height == 0
    agree(study)
    assert conflicts(study)["values"].to_list() == [["anna: 1", "bo: 0"]] * 2


def test_what_pilots_show_is_for_the_meeting_at_any_time(tmp_path):
    made = study_of(tmp_path, 100)
    units = sample(made, size=10, purpose="pilot", codes=("anger",)).sample.units["unit_id"]
    rows = [(unit, coder, "1" if coder == "anna" else "0") for unit in units for coder in ("anna", "bo")]
    append_codings(made.path, codings_of(made, rows, purpose="pilot"))
    assert conflicts(made, purpose="pilot").height == 10
    assert conflict(made, units[0], "anger")["purpose"] == "pilot"


def test_who_is_still_to_code_a_message_does_not_see_it(drawn):
    study, units = drawn
    agree(study)
    assert conflicts(study, reader="anna").height == 2
    assert conflicts(study, reader="cy").height == 0
    with pytest.raises(YuhuError, match="still to code this message yourself") as caught:
        conflict(study, units[8], "anger", reader="cy")
    assert caught.value.code == "YH506"
    append_codings(study.path, codings_of(study, [(units[8], "cy", "0")]))
    agree(study)
    assert conflicts(study, reader="cy")["unit_id"].to_list() == [units[8]]


def test_a_conflict_shows_what_each_said_and_what_was_decided(drawn):
    study, units = drawn
    with pytest.raises(YuhuError, match="not measured yet"):
        conflict(study, units[8], "anger")
    agree(study)
    adjudicate(study, units[8], "anger", "1", who="Li", why="names the target", evidence=(0, 2))
    note(study, "anger", "taunts count", who="Li")
    found = conflict(study, units[8], "anger")
    assert [(one["coder"], one["value"]) for one in found["said"]] == [("anna", "1"), ("bo", "0")]
    assert [(one["coder"], one["value"], one["evidence"], one["note"]) for one in found["adjudicated"]] == [
        ("Li", "1", [0, 2], "names the target")
    ]
    assert [one["text"] for one in found["log"]] == ["anger = 1: names the target", "taunts count"]
    assert found["text"].startswith(("她想回家", "she just"))
    assert (found["of"], found["zero"], found["values"]) == ("anger", "0", ["0", "1"])


@pytest.mark.parametrize(("unit", "code", "error"), [("nobody", "anger", "YH503"), ("nobody", "envy", "YH303")])
def test_what_is_not_there(study, unit, code, error):
    agree(study)
    with pytest.raises(YuhuError) as caught:
        conflict(study, unit, code)
    assert caught.value.code == error
