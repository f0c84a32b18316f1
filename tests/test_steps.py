"""Work beside its caller: nothing that failed or was interrupted is passed over."""

import threading
from concurrent.futures import Future

import pytest

import yuhu
from files import danmaku_xml, write
from yuhu.core.errors import YuhuError
from yuhu.study.transaction import Transaction
from yuhu.verbs import intray
from yuhu.verbs.steps import Step


@pytest.fixture
def files(tmp_path):
    return [
        write(tmp_path, f"{name}.xml", danmaku_xml([*((1 + at, f"{name}{at}", {}) for at in range(3)), (-1, "x", {})], chat=name))
        for name in "123456"
    ]


def test_things_are_done_in_order():
    step, done = Step("test"), []
    for number in range(5):
        step.hand(lambda number=number: done.append(number))
    step.wait()
    step.close()
    assert done == list(range(5))


def test_what_failed_is_said_again():
    step = Step("test")
    step.hand(lambda: 1 / 0)
    for again in (step.wait, step.wait, lambda: step.hand(list)):
        with pytest.raises(ZeroDivisionError):
            again()
    step.close()


def test_a_full_disk_ends_everything_even_where_broken_files_are_skipped(tmp_path, files, monkeypatch):
    study = yuhu.init(tmp_path / "study")

    def full(*_):
        raise YuhuError("YH209", "the disk is full", fix="free some space")

    monkeypatch.setattr(intray, "GROUP", 1)
    monkeypatch.setattr(Transaction, "stage", full)
    with pytest.raises(YuhuError, match="YH209"):
        yuhu.add(study, files, skip_broken=True)
    assert yuhu.open(study.path).manifest.sources == []


@pytest.mark.parametrize(
    ("group", "call", "finished"), [(1, 1, 1), (10, 0, 6)], ids=["a file that is handed on alone", "small files together"]
)
def test_an_interrupt_while_waiting_loses_nothing(tmp_path, files, monkeypatch, group, call, finished):
    study = yuhu.init(tmp_path / "study")
    real, calls = Future.result, iter(range(100))

    def interrupted(self, timeout=None):
        if threading.current_thread() is threading.main_thread() and next(calls) == call:
            raise KeyboardInterrupt
        return real(self, timeout)

    monkeypatch.setattr(intray, "GROUP", group)
    monkeypatch.setattr(Future, "result", interrupted)
    with pytest.raises(YuhuError, match="YH902"):
        yuhu.add(study, files)
    monkeypatch.setattr(Future, "result", real)
    found = yuhu.open(study.path)
    held = found.scan("responses").collect()
    assert len(found.manifest.sources) == finished
    assert all(entry.rejected == 1 for entry in found.manifest.sources)
    assert {entry.source: entry.kept for entry in found.manifest.sources} == dict(held.group_by("source").len().iter_rows())
    yuhu.add(found, files)
    assert yuhu.open(study.path).scan("responses").collect().height == 18
