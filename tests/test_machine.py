"""Machine coders in a study: contexts, failures, scores, names, confirmation, and people's labels for those that learn."""

import json
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

import yuhu
from coding_studies import codings_of
from files import write
from yuhu.cli.app import invoke
from yuhu.core import registry
from yuhu.core.contracts import CodedBatch, Forecast
from yuhu.core.schema import ABSTAINED, FAILED, MACHINE_CODING, SCORES
from yuhu.study.codings import append_codings
from yuhu.study.machine import read_machine
from yuhu.study.store import open_study
from yuhu.testing import check_coder
from yuhu.verbs.code import sizes
from yuhu.verbs.labels import labels
from yuhu.verbs.sample import population

SUBTITLES = "1\n00:00:01,000 --> 00:00:03,000\nI want to go home\n\n2\n00:00:40,000 --> 00:00:42,000\nthe end\n"


class Fake:
    """Codes anger where `rule` says so, and fails on texts that hold "fail"."""

    name = "fake.v1"
    kind = "llm"
    serves = ("anger", "affective_empathy")

    def __init__(self, rule, *, uses_context=False, broken=False, mark=""):
        self.rule, self.uses_context, self.broken, self.mark, self.seen = rule, uses_context, broken, mark, []

    def parameters(self):
        return {"mark": self.mark}

    def code(self, texts):
        codings, failed, scores = [], [], []
        for row in texts.to_pylist():
            self.seen.append(row)
            key = {"text_key": row["text_key"], "lang": row["lang"]}
            if self.broken and "fail" in row["text"]:
                failed.append({**key, "code": "anger", "why": "no answer"})
            elif self.rule(row):
                codings.append({**key, "code": "anger", "value": "1", "evidence_start": [], "evidence_end": []})
                scores.append({**key, "code": "anger", "value_id": "1", "probability": 0.75})
        return CodedBatch(
            pa.Table.from_pylist(codings, MACHINE_CODING),
            ABSTAINED.empty_table(),
            pa.Table.from_pylist(scores, SCORES),
            pa.Table.from_pylist(failed, FAILED),
        )


@pytest.fixture
def install(monkeypatch):
    def put(worker):
        monkeypatch.setitem(registry._BUILT_IN["coders"], "fake.v1", lambda _setup: worker)
        return worker

    return put


@pytest.fixture
def talk(tmp_path):
    """A study with replies, danmaku and subtitles."""
    study = yuhu.init(tmp_path / "s")
    rows = [
        {"id": "1", "text": "give it back", "parent": ""},
        {"id": "2", "text": "so sad", "parent": ""},
        {"id": "3", "text": "yes", "parent": "1"},
        {"id": "4", "text": "yes", "parent": "2"},
        {"id": "5", "text": "yes", "parent": ""},
        {"id": "6", "text": "fail please", "parent": ""},
    ]
    mapping = {"id": "id", "text": "text", "parent": "parent"}
    yuhu.add(
        study, [write(tmp_path, "c.jsonl", "\n".join(map(json.dumps, rows)))], mapping=mapping, platform="x", video="1", kind="comment"
    )
    danmaku = [{"id": "7", "text": "oh no", "at": 2.0}, {"id": "8", "text": "oh no", "at": 25.0}, {"id": "9", "text": "oh no", "at": 45.0}]
    mapping = {"id": "id", "text": "text", "at": "at_s"}
    yuhu.add(
        study, [write(tmp_path, "d.jsonl", "\n".join(map(json.dumps, danmaku)))], mapping=mapping, platform="x", video="1", kind="danmaku"
    )
    yuhu.add(open_study(study.path), [write(tmp_path, "s.srt", SUBTITLES)], platform="x", video="1")
    return open_study(study.path)


def shares(study, **where):
    frame = yuhu.measure(open_study(study.path), coder="fake").estimates.filter(
        (pl.col("measure") == "prevalence.v1") & (pl.col("by") == "all")
    )
    for name, value in where.items():
        frame = frame.filter(pl.col(name) == value)
    return frame.row(0, named=True)


def test_the_context_decides_and_is_counted_per_message(talk, install):
    worker = install(Fake(lambda row: row["text"] == "yes" and row["parent"] == "give it back", uses_context=True))
    run = yuhu.code(talk, coder="fake")
    assert {row["parent"] for row in worker.seen if row["text"] == "yes"} == {"give it back", "so sad", None}
    assert [row["transcript"] for row in worker.seen if row["text"] == "oh no"].count(None) == 1
    assert {row["transcript"] for row in worker.seen if row["text"] == "oh no"} == {"I want to go home", None, "the end"}
    assert len({row["text_key"] for row in worker.seen}) == len(worker.seen) == 9
    found = shares(talk, source="machine", code="anger")
    assert (found["count"], found["n"]) == (1, 9)
    assert read_machine(talk, run).keys is not None
    more = write(talk.path.parent, "later.srt", SUBTITLES.replace("00:00:40", "00:00:20"))
    yuhu.add(open_study(talk.path), [more], platform="x", video="1")
    assert yuhu.code(open_study(talk.path), coder="fake").run != run.run, "another context is another run"


def test_a_text_without_context_keeps_its_key(talk, install):
    worker = install(Fake(lambda _row: True, uses_context=True))
    yuhu.code(talk, coder="fake")
    plain = talk.scan("responses").filter(pl.col("parent_id").is_null() & pl.col("at_ms").is_null()).collect()
    keys = {row["text"]: row["text_key"] for row in worker.seen if row["parent"] is None and row["transcript"] is None}
    assert {row["text"]: row["text_key"] for row in plain.iter_rows(named=True)}.items() <= keys.items()


def test_failures_leave_the_denominator_and_are_asked_again(talk, install):
    install(Fake(lambda row: "yes" in row["text"], broken=True))
    run = yuhu.code(talk, coder="fake")
    assert sizes(talk.path, run) == {"codings": 1, "abstained": 0, "failed": 1}
    found = shares(talk, source="machine", code="anger")
    assert (found["count"], found["n"]) == (3, 8)
    assert shares(talk, source="machine", code="affective_empathy", value_id="1")["n"] == 9
    worker = install(Fake(lambda row: "yes" in row["text"] or "fail" in row["text"]))
    assert yuhu.code(open_study(talk.path), coder="fake") == run, "what is finished is not coded again"
    assert not worker.seen
    mended = yuhu.code(open_study(talk.path), coder="fake", retry_failed=True)
    assert sizes(talk.path, mended)["failed"] == 0
    assert (mended.run, shares(talk, source="machine", code="anger")["count"]) == (run.run, 4)


def test_a_retry_that_is_stopped_loses_no_failure(talk, install, monkeypatch):
    install(Fake(lambda row: "yes" in row["text"], broken=True))
    yuhu.code(talk, coder="fake")
    real, renamed = Path.replace, []

    def stopped(self, target):
        renamed.append(target)
        if str(target).endswith(".parquet") and len(renamed) > 1:
            raise KeyboardInterrupt
        return real(self, target)

    install(Fake(lambda row: "yes" in row["text"] or "fail" in row["text"]))
    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        yuhu.code(open_study(talk.path), coder="fake", retry_failed=True)
    monkeypatch.undo()
    install(Fake(lambda row: "yes" in row["text"] or "fail" in row["text"]))
    with pytest.raises(yuhu.YuhuError, match="YH205"):
        yuhu.measure(open_study(talk.path), coder="fake")
    yuhu.code(open_study(talk.path), coder="fake")
    assert shares(talk, source="machine", code="anger")["count"] == 4


def test_scores_are_kept(talk, install):
    install(Fake(lambda row: "yes" in row["text"]))
    machine = read_machine(talk, yuhu.code(talk, coder="fake"))
    assert machine.scores.collect().select("code", "value_id", "probability").rows() == [("anger", "1", 0.75)]


def test_several_codings_stand_side_by_side(talk, install):
    yuhu.code(talk)
    install(Fake(lambda row: "yes" in row["text"], mark="a"))
    yuhu.code(open_study(talk.path), coder="fake", name="first")
    install(Fake(lambda _row: True, mark="b"))
    yuhu.code(open_study(talk.path), coder="fake.v1", name="second")
    study = open_study(talk.path)
    assert [run.coder for run in study.manifest.runs] == ["lexicon", "first", "second"]
    frame = yuhu.measure(study, coder="first").estimates.filter((pl.col("measure") == "multiverse.v1") & (pl.col("code") == "anger"))
    assert dict(frame.select("subject", "count").iter_rows()) == {"first": 3, "lexicon": 0, "second": 9}
    for name in ("Bad Name", "../x", "", "x" * 60):
        with pytest.raises(yuhu.YuhuError, match="YH508"):
            yuhu.code(study, coder="fake", name=name or "!")


class Costly(Fake):
    def forecast(self, texts):
        return Forecast(texts.num_rows, 3, 1, 1_000, 50, 0.25, "USD", "3 texts go to model m at example.org")


def test_nothing_is_coded_without_a_yes(talk, install, capsys):
    worker = install(Costly(lambda _row: True))
    assert invoke(["code", str(talk.path), "--with", "fake"]) == 1
    said = capsys.readouterr()
    assert "YH510" in said.err
    assert "example.org" in said.out
    assert "about 0.25 USD" in said.out
    assert not worker.seen
    assert not open_study(talk.path).manifest.runs
    assert invoke(["code", str(talk.path), "--with", "fake", "--json"]) == 1
    capsys.readouterr()
    assert invoke(["code", str(talk.path), "--with", "fake", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["codings"] == len(worker.seen)


@pytest.mark.parametrize("settings", [["folds"], ["=5"], ["a=1", "a=2"], ["folds=5"]])
def test_settings_that_make_no_sense(talk, capsys, settings):
    arguments = [part for setting in settings for part in ("--set", setting)]
    assert invoke(["code", str(talk.path), *arguments]) == 1
    assert "YH508" in capsys.readouterr().err


def test_labels_are_what_people_decided(talk):
    ids = dict(talk.scan("responses").select("text", "response_id").collect().sort("response_id").unique("text", keep="first").iter_rows())
    rows = [
        (ids["so sad"], "anna", "0"),
        (ids["so sad"], "bo", "1"),
        (ids["give it back"], "anna", "1"),
        (ids["oh no"], "anna", "abstained"),
    ]
    append_codings(talk.path, codings_of(talk, rows))
    append_codings(talk.path, codings_of(talk, [(ids["fail please"], "anna", "1")], purpose="pilot"))
    append_codings(talk.path, codings_of(talk, [(ids["fail please"], "m", "1")], kind="llm"))
    found = labels(talk, talk.codebook())
    assert sorted(found.select("text", "code", "value", "weight").rows()) == [
        ("give it back", "anger", "1", 1.0),
        ("so sad", "anger", "0", 0.5),
        ("so sad", "anger", "1", 0.5),
    ]


def test_the_public_suite_checks_scores_and_failures(talk):
    book = talk.codebook()
    texts = [("yes", "en"), ("fail", "en"), ("no", "zh")]
    check_coder(Fake(lambda row: "yes" in row["text"], broken=True), book, texts)
    check_coder(Fake(lambda row: row["parent"] is None, uses_context=True), book, texts)

    class Wrong(Fake):
        def code(self, batch):
            out = super().code(batch)
            return CodedBatch(out.codings, out.abstained, pa.Table.from_pylist([{**out.scores.to_pylist()[0], "probability": 1.5}], SCORES))

    with pytest.raises(AssertionError, match=r"probability of 1\.5"):
        check_coder(Wrong(lambda row: "yes" in row["text"]), book, texts)


def test_strata_by_what_the_machine_is_sure_of(talk, install, capsys):
    yuhu.code(talk)
    assert invoke(["sample", str(talk.path), "--size", "2", "--for", "anger", "--by", "confidence"]) == 1
    assert "does not say how sure it is" in capsys.readouterr().err
    install(Fake(lambda row: "yes" in row["text"]))
    (talk.path / "study.yaml").write_text((talk.path / "study.yaml").read_text("utf-8").replace("coder: lexicon", "coder: fake"), "utf-8")
    study = open_study(talk.path)
    yuhu.code(study)
    drawn = population(open_study(talk.path), ["anger"], ["predicted", "confidence"], open_study(talk.path).manifest.run_of("fake"))[0]
    assert drawn.group_by("stratum").len().sort("stratum").rows() == [
        ("predicted=0|confidence=<= 0.05", 6),
        ("predicted=1|confidence=<= 0.75", 3),
    ]
