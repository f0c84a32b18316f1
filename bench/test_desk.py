"""The desk under load: 20 coders, each saving once a second, on a study of 200,000 responses; beside a bare SQLite insert of the same rows.

Times are printed, never asserted: ``python -m pytest bench/test_desk.py -o addopts= -p no:cacheprovider -s``.
"""

import multiprocessing
import os
import sqlite3
import threading
import time
from functools import cache

import numpy as np
import pytest

import yuhu
from yuhu.coding.desk import Desk
from yuhu.coding.desk_api import DeskApi
from yuhu.coding.questions import NOTHING, flat, questions
from yuhu.coding.tasks import now
from yuhu.core.codebook import built_in_codebook
from yuhu.core.schema import CODING
from yuhu.study.coding_file import connected
from yuhu.study.store import open_study
from yuhu.verbs.coders import add_coder
from yuhu.verbs.sample import sample

RESPONSES = int(os.environ.get("YUHU_BENCH_RESPONSES", "200000"))
CODERS = 20
UNITS = 200
SECONDS = int(os.environ.get("YUHU_BENCH_SECONDS", "20"))
EVERY_S = 1.0
GOAL_MS = 50

ANSWERS = {
    "kind": "expressing",
    "affective_empathy": "2",
    "affective_empathy.valence": "pain",
    "cognitive_empathy": "0",
    "empathic_concern": "0",
    "anger": "0",
    "cultural_identity": "0",
    "collective_memory": "0",
    "object_of_feeling": "one_character",
    "stance": "none",
    "action": NOTHING,
    "information": "none",
    "hostility": "0",
    "formula": "0",
    "sarcasm_unsure": "0",
}
"""Every code that is on: as many rows as a real unit has."""

_INSERT = f"insert into codings ({', '.join(CODING.names)}) values ({', '.join('?' * len(CODING.names))})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("desk")
    words = ("她说想回家", "哭了", "接你回家", "first", "signed", "这片子真好看", "什么时候更新", "my heart broke")
    with (root / "own.csv").open("w", encoding="utf-8") as file:
        file.write("id,text,time,who,second\n")
        file.writelines(
            f"{at},{words[at % len(words)]} {at},2023-09-01 12:{at // 60 % 60:02d}:{at % 60:02d},p{at % 5000},{at % 600}\n"
            for at in range(RESPONSES)
        )
    made = yuhu.init(root / "study")
    mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author", "second": "at_s"}
    yuhu.add(made, [root / "own.csv"], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video="1", kind="danmaku")
    study = open_study(made.path)
    for at in range(CODERS):
        add_coder(study, f"c{at:02d}")
    sample(study, size=UNITS * CODERS, coders=[f"c{at:02d}" for at in range(CODERS)], overlap=0.0)
    _history(study)
    bare = sqlite3.connect(study.path / "bare.sqlite", isolation_level=None)
    bare.execute("pragma journal_mode = wal")
    with connected(study.path) as connection:
        bare.executescript(";".join(row[0] for row in connection.execute("select sql from sqlite_master where tbl_name = 'codings'")))
    bare.close()
    return study.path


def _history(study):
    """Half of what each coder has to do, done before: reading answers must not slow down with what is there."""
    for at in range(CODERS):
        desk = Desk(study, f"c{at:02d}")
        for task in desk._tasks[: UNITS // 2]:
            desk.save(task.unit_id, ANSWERS)


@cache
def _rows_a_unit():
    book = built_in_codebook()
    asked = questions(book, [code.id for code in book.of_modules(book.default_modules) if not code.measured])
    return sum(len(flat(one)) for one in asked)


def _bare_rows(coder):
    row = {"unit_kind": "response", "unit_id": coder, "code": "x", "value": "0", "status": "coded", "coder": coder, "coder_kind": "human"}
    row |= {"code_hash": "0" * 16, "codebook_hash": "0" * 64, "at": now(), "purpose": "main", "occasion": 0, "sample": "main-1"}
    return [tuple(row.get(name) for name in CODING.names) for _ in range(_rows_a_unit())]


def _timed(act):
    start = time.perf_counter()
    made = act()
    return made, (time.perf_counter() - start) * 1000


def _paced(at, start, act):
    """Call `act` once a second from a start, each coder at a moment of its own."""
    for beat in range(SECONDS):
        time.sleep(max(0.0, start + at * EVERY_S / CODERS + beat * EVERY_S - time.monotonic()))
        act()


def _desk_process(folder, at, barrier, results):
    name = f"c{at:02d}"
    desk = Desk(open_study(folder), name)
    bare = sqlite3.connect(folder / "bare.sqlite", timeout=30, isolation_level=None)
    bare.execute("pragma synchronous = normal")
    rows = _bare_rows(name)
    times = {"save": [], "next": [], "bare": []}

    def insert():
        bare.execute("begin immediate")
        bare.executemany(_INSERT, rows)
        bare.execute("commit")

    def act():
        sheet, took = _timed(desk.next)
        times["next"].append(took)
        times["save"].append(_timed(lambda: desk.save(sheet.task.unit_id, ANSWERS))[1])
        times["bare"].append(_timed(insert)[1])

    barrier.wait(600)
    _paced(at, time.monotonic() + 1, act)
    results.put(times)


def _say(what, times):
    p50, p95, worst = np.percentile(times, [50, 95, 100])
    print(f"  {what:<34} p50 {p50:6.2f} ms   p95 {p95:6.2f} ms   worst {worst:7.2f} ms   n {len(times)}")
    return p95


def test_twenty_processes(folder):
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(CODERS), context.Queue()
    workers = [context.Process(target=_desk_process, args=(folder, at, barrier, results)) for at in range(CODERS)]
    for worker in workers:
        worker.start()
    found = [results.get(timeout=600) for _ in workers]
    for worker in workers:
        worker.join()
    print(
        f"\n{CODERS} processes, 1 save/s of {_rows_a_unit()} rows each, {RESPONSES:,} responses (goal for save and for next: p95 under {GOAL_MS} ms)"
    )
    merged = {name: [one for times in found for one in times[name]] for name in ("save", "next", "bare")}
    _say("Desk.save, all codes", merged["save"])
    _say("Desk.next", merged["next"])
    _say("bare insert of as many rows", merged["bare"])


def test_one_api_with_twenty_threads(folder):
    api = DeskApi(open_study(folder), "en")
    bare = threading.local()
    times = {"save": [], "next": [], "ahead": [], "bare": []}

    def insert(rows):
        if not hasattr(bare, "connection"):
            bare.connection = sqlite3.connect(folder / "bare.sqlite", timeout=30, isolation_level=None)
            bare.connection.execute("pragma synchronous = normal")
        bare.connection.execute("begin immediate")
        bare.connection.executemany(_INSERT, rows)
        bare.connection.execute("commit")

    def work(at, start):
        name = f"c{at:02d}"
        rows = _bare_rows(name)

        def act():
            reply, took = _timed(lambda: api.handle({"do": "next", "coder": name}))
            times["next"].append(took)
            key = reply["sheet"]["key"]
            times["ahead"].append(_timed(lambda: api.handle({"do": "next", "coder": name, "after": key, "ahead": 2}))[1])
            saved, took = _timed(lambda: api.handle({"do": "save", "coder": name, "key": key, "answers": ANSWERS}))
            assert saved["ok"], saved
            times["save"].append(took)
            times["bare"].append(_timed(lambda: insert(rows))[1])

        _paced(at, start, act)

    opened = [_timed(lambda at=at: api.handle({"do": "next", "coder": f"c{at:02d}"}))[1] for at in range(CODERS)]
    start = time.monotonic() + 0.2
    threads = [threading.Thread(target=work, args=(at, start)) for at in range(CODERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"\none DeskApi, {CODERS} threads, 1 save/s each, {RESPONSES:,} responses (goal: p95 under {GOAL_MS} ms)")
    _say("handle(save)", times["save"])
    _say("handle(next): key to next", times["next"])
    _say("handle(next, after, ahead 2)", times["ahead"])
    _say("bare insert of as many rows", times["bare"])
    _say("first request, which opens the desk", opened)
