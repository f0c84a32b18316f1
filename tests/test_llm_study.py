"""The language-model coder in a study: command line, cache, replay, caps, forgetting, ethics; and that the key stays where it is."""

import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import yuhu
from llm_server import by_rule, llm_server
from yuhu.cli.app import invoke
from yuhu.coding.llm import cache
from yuhu.core.errors import YuhuError
from yuhu.core.ids import text_key
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.store import open_study
from yuhu.study.transaction import Transaction
from yuhu.verbs.code import code as code_verb

TEXTS = [
    "我哭了，她好可怜",
    "强盗！把国宝还来吧",
    "我要去国博看看",
    "别怕，不哭了",
    "路过",
    "I cried for her",
    "thieves, all of them",
    "hope she's safe",
    "lol",
    "I will visit",
]
KEY = "sk-very-secret-key-1234567890"


@pytest.fixture
def llm():
    with llm_server() as found:
        yield found


@pytest.fixture
def made(tmp_path):
    table = tmp_path / "own.csv"
    rows = ["id,text,parent,author", *(f'{at},"{text}",,author-{at}' for at, text in enumerate(TEXTS, start=1)), '20,"谢谢你",1,author-20']
    table.write_text("\n".join(rows), "utf-8")
    study = yuhu.init(tmp_path / "study")
    said = {"id": "id", "text": "text", "parent": "parent", "author": "author"}
    yuhu.add(study, [table], mapping=said, platform="bilibili", video="1", kind="comment")
    return open_study(study.path)


def options(llm, **more):
    return {"server": llm.url, "model": "qwen3-8b", "codes": "affective_empathy,anger,action", "codes_per_call": "9"} | more


def arguments(study, llm, *more, **settings):
    told = [part for name, value in options(llm, **settings).items() for part in ("--set", f"{name}={value}")]
    return ["code", str(study.path), "--with", "llm", *told, *more]


def machine_files(study):
    return {path.name: path.read_bytes() for path in sorted((study.path / "machine").rglob("*.parquet"))}


def everything(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_from_start_to_end(made, llm, capsys):
    assert invoke(arguments(made, llm, "--yes", price_in="1", price_out="2", currency="CNY")) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"11 texts go to 127.0.0.1:{llm.port}, a server on this machine (model qwen3-8b): each text without context" in out
    assert "author names, keys, likes, times, ids and video names never go" in out
    assert "11 distinct texts: 11 requests, 0 more are answered already" in out
    assert "CNY" in out
    assert "qwen3-8b at 127.0.0.1" in out
    assert sorted(llm.texts) == sorted([*TEXTS, "谢谢你"])
    [run] = open_study(made.path).manifest.runs
    assert (run.coder, run.kind, run.parameters["model"]) == ("llm", "llm", "qwen3-8b")
    assert not [body for body in llm.requests if "author-" in json.dumps(body)]
    coded = pl.read_parquet(made.path / next(iter(run.parts.values()))["file"])
    assert dict(coded.filter(pl.col("text_key") == text_key(TEXTS[1])).select("code", "value").iter_rows()) == {"kind": "expressing", "anger": "1", "anger.target": "museum"}  # fmt: skip
    assert invoke(["measure", str(made.path), "--with", "llm"]) == 0
    n = len(llm.requests)
    assert invoke(arguments(made, llm, "--yes", "--json", price_in="1", price_out="2", currency="CNY")) == 0
    assert len(llm.requests) == n, "what is finished is not asked again"


def test_json(made, llm, capsys):
    assert invoke(arguments(made, llm, "--yes", "--json", "--as", "qwen3")) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["coder"], found["decisions_failed"]) == ("qwen3", 0)
    assert found["codings"] > 11


def test_nothing_is_sent_without_a_yes(made, llm, capsys, monkeypatch):
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        assert invoke(arguments(made, llm)) == 1
        assert "[YH510]" in capsys.readouterr().err
        assert invoke(arguments(made, llm, "--json")) == 1
    assert llm.requests == []
    assert open_study(made.path).manifest.runs == []


def test_nothing_is_sent_without_a_server(made, capsys):
    assert invoke(["code", str(made.path), "--with", "llm", "--set", "model=m", "--yes"]) == 1
    assert "nothing is sent anywhere unless one is named" in capsys.readouterr().err


def test_the_cache_is_replayed_offline_to_the_byte(made, llm, capsys):
    code_verb(made, coder="llm", options=options(llm, repeats="3"))
    first = machine_files(made)
    for path in (made.path / "machine").rglob("*.parquet"):
        path.unlink()
    n = len(llm.requests)
    heard = []
    again = {"replay": "yes", "model": "qwen3-8b", "codes": "affective_empathy,anger,action", "codes_per_call": "9", "repeats": "3"}
    code_verb(open_study(made.path), coder="llm", options=again, confirm=lambda forecast: heard.append(forecast) or True)
    assert len(llm.requests) == n
    assert machine_files(made) == first
    [forecast] = heard
    assert (forecast.requests, forecast.cached, forecast.sends, forecast.cost) == (0, 33, "", None)


def test_a_replay_says_what_it_lacks(made, llm):
    code_verb(made, coder="llm", options=options(llm))
    llm.requests.clear()
    run = code_verb(open_study(made.path), coder="llm", options=options(llm, replay="yes", temperature="0.5"))
    assert llm.requests == []
    failed = pl.read_parquet(made.path / next(iter(run.parts.values()))["failed"])
    assert set(failed["why"]) == {"the answer is not in the cache"}
    assert failed.height == 11 * len(run.served)


def test_failures_are_asked_for_again(made, llm):
    llm.behave = lambda n, body: {"status": 500, "body": b""} if "国宝" in str(body["messages"][1]) else {}
    run = code_verb(made, coder="llm", options=options(llm, tries="1"))
    failed = pl.read_parquet(made.path / next(iter(run.parts.values()))["failed"])
    assert failed["text_key"].unique().to_list() == [text_key(TEXTS[1])]
    assert set(failed["why"]) == {"the server answered 500"}
    llm.behave = lambda n, body: {}
    n = len(llm.requests)
    run = code_verb(open_study(made.path), coder="llm", options=options(llm, tries="1"), retry_failed=True)
    assert len(llm.requests) == n + 1
    assert pl.read_parquet(made.path / next(iter(run.parts.values()))["failed"]).height == 0


def test_a_forecast_knows_of_answers_that_will_be_asked_for_again(made, llm):
    llm.behave = lambda n, body: {"refusal": "no"} if "国宝" in str(body["messages"][1]) else {}
    code_verb(made, coder="llm", options=options(llm))
    heard = []

    def confirm(forecast):
        heard.append(forecast)
        return False

    with pytest.raises(YuhuError, match="YH510"):
        code_verb(open_study(made.path), coder="llm", options=options(llm, ask_again="yes"), confirm=confirm, retry_failed=True)
    assert (heard[0].requests, heard[0].cached) == (1, 10)
    assert heard[0].sends.startswith("1 texts go to")


def test_a_forecast_knows_of_halves_that_are_not_there(made, llm):
    llm.behave = lambda n, body: {"finish": "length"} if n == 0 else {"status": 500, "body": b""}
    with pytest.raises(YuhuError, match="YH511"):
        code_verb(made, coder="llm", options=options(llm, concurrency="1", tries="1"))
    heard = []
    with pytest.raises(YuhuError, match="YH510"):
        code_verb(open_study(made.path), coder="llm", options=options(llm), confirm=lambda forecast: bool(heard.append(forecast)))
    assert (heard[0].requests, heard[0].cached) == (12, 1), "two halves of one text, and ten texts"


def test_another_model_asks_anew_and_another_server_does_not(made, llm):
    code_verb(made, coder="llm", options=options(llm))
    with llm_server() as other:
        code_verb(open_study(made.path), coder="llm", options=options(other))
        assert other.requests == []
        code_verb(open_study(made.path), coder="llm", options=options(other, model="other"))
        assert len(other.requests) == 11
        code_verb(open_study(made.path), coder="llm", options=options(other, model="other", codes_per_call="2"))
        assert len(other.requests) > 11


def stopped_by(call):
    """The error that stops a call; None where nothing does."""
    try:
        call()
    except YuhuError as error:
        return error
    return None


@pytest.mark.parametrize("cap", [{"cap": "0.02", "price_in": "1", "price_out": "2"}, {"cap_tokens": "20000"}])
def test_a_cap_stops_the_run_and_the_next_one_goes_on(made, llm, cap):
    settings = options(llm, concurrency="3", max_tokens="200", **cap)
    started = []
    while len(started) < 20 and len(llm.requests) < 11:
        before = len(llm.requests)
        if error := stopped_by(lambda: code_verb(open_study(made.path), coder="llm", options=settings)):
            assert error.code == "YH512"
            assert error.facts["left in this group"] != "0"
            assert open_study(made.path).manifest.runs == []
        started.append(len(llm.requests) - before)
    code_verb(open_study(made.path), coder="llm", options=settings)
    assert len(started) >= 2
    assert min(started) >= 1, "each run goes on"
    assert len(llm.requests) == 11, "nothing is asked twice"
    [sent] = cache.sent_from(made.path / "cache")
    assert (sent.texts, sent.requests) == (11, 11)
    assert sent.tokens_in / 2 < 20_000 * (len(started) + 1)


def test_a_run_stays_below_its_cap(made, llm):
    with pytest.raises(YuhuError, match="YH512"):
        code_verb(made, coder="llm", options=options(llm, concurrency="8", max_tokens="200", cap_tokens="20000"))
    [sent] = cache.sent_from(made.path / "cache")
    assert 5_000 < sent.tokens_in + sent.tokens_out <= 20_000


def test_a_cap_below_one_request_sends_nothing(made, llm):
    with pytest.raises(YuhuError, match="YH512"):
        code_verb(made, coder="llm", options=options(llm, cap_tokens="10"))
    assert llm.requests == []


def test_the_key_is_nowhere(made, llm, monkeypatch, capsys):
    monkeypatch.setenv("LLM_KEY", KEY)
    assert invoke(arguments(made, llm, "--yes", key_env="LLM_KEY")) == 0
    assert llm.headers[-1]["authorization"] == f"Bearer {KEY}"
    llm.behave = lambda n, body: {"status": 401, "body": json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()}
    assert invoke(arguments(made, llm, "--yes", key_env="LLM_KEY", model="other")) == 1
    assert invoke(arguments(made, llm, "--yes", "--json", key_env="LLM_KEY", model="other")) == 1
    heard = capsys.readouterr()
    assert "[YH511]" in heard.err
    assert KEY not in heard.out + heard.err
    assert KEY.encode() not in everything(made.path)
    assert b"LLM_KEY" not in everything(made.path / "machine")


def test_forgetting_reaches_the_cache(made, llm):
    llm.rule = lambda body: (
        by_rule(body) | ({"anger": {"value": "1", "evidence": "国宝不在这里"}} if "强盗" in str(body["messages"][1]) else {})
    )
    code_verb(made, coder="llm", options=options(llm, context="yes"))
    path = made.path / "cache" / "llm" / cache.FILE

    def keys(table, column="text_key"):
        db = sqlite3.connect(path)
        try:
            return {row[0] for row in db.execute(f"SELECT {column} FROM {table}")}
        finally:
            db.close()

    assert {text_key(text) for text in TEXTS} <= keys("answers")
    assert text_key(TEXTS[0]) in keys("answers", "parent_key")
    before = everything(path.parent)
    for text in TEXTS:
        assert text.encode() not in before, "no text ever stands in the cache"
    assert "国宝不在这里".encode() not in before
    receipt = yuhu.forget(open_study(made.path), ["bilibili:1:comment:1", "bilibili:1:comment:2"])
    assert receipt.answers == 3, "two messages, and the answer to one of them"
    gone = {text_key(text) for text in TEXTS[:2]}
    assert not gone & (keys("answers") | keys("answers", "parent_key") | keys("sent") | keys("sent", "parent_key"))
    assert text_key("谢谢你") not in keys("answers")
    left = everything(made.path)
    for key in gone:
        assert key.to_bytes(8, "big", signed=True) not in left, "nor in a free page"
    for text in TEXTS[:2]:
        assert text.encode() not in left
    [sent] = cache.sent_from(made.path / "cache")
    assert sent.texts == 11, "that it was sent stays true"


def test_a_forget_that_broke_off_is_finished_by_the_same_call(made, llm, monkeypatch):
    code_verb(made, coder="llm", options=options(llm))
    book = made.codebook()
    unit = "bilibili:1:comment:4"
    row = {
        "unit_kind": "response", "unit_id": unit, "code": "anger", "value": "0", "status": "coded", "coder": "ann", "coder_kind": "human",
        "code_hash": book.variables["anger"].code_hash, "codebook_hash": book.content_hash, "evidence": TEXTS[3], "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    append_codings(made.path, pl.DataFrame([row]))

    def no_commit(change):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "commit", no_commit)
        with pytest.raises(KeyboardInterrupt):
            yuhu.forget(open_study(made.path), [unit])
    assert not list(made.path.glob("receipts/*"))
    receipt = yuhu.forget(open_study(made.path), [unit])
    assert (receipt.rows["responses"], receipt.codings, receipt.runs) == (1, 1, 1)
    homes = ("cache", "machine", "raw", "receipts", "tables")  # the codebook has this sentence among its examples
    left = b"".join(everything(made.path / home) for home in homes) + (made.path / "codings.sqlite").read_bytes()
    for trace in (TEXTS[3].encode(), unit.encode(), text_key(TEXTS[3]).to_bytes(8, "big", signed=True)):
        assert trace not in left
    assert read_codings(made.path)["unit_id"][0].startswith("forgotten:")


@pytest.mark.parametrize("broken", ["forget_units", "forget_texts"])
def test_nothing_is_committed_before_codings_and_answers_are_gone(made, llm, monkeypatch, broken):
    code_verb(made, coder="llm", options=options(llm))

    def breaks(*_):
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(f"yuhu.verbs.forget.{broken}", breaks)
        with pytest.raises(OSError):
            yuhu.forget(open_study(made.path), ["bilibili:1:comment:1"])
    assert open_study(made.path).scan("responses").collect().height == 11
    assert yuhu.forget(open_study(made.path), ["bilibili:1:comment:1"]).answers == 1
    assert text_key(TEXTS[0]).to_bytes(8, "big", signed=True) not in everything(made.path)


def test_forgetting_reaches_runs_that_were_broken_off(made, llm):
    run = code_verb(made, coder="lexicon")
    unfinished = made.path / "machine" / "qwen3" / "0123456789ab"
    unfinished.mkdir(parents=True)
    (unfinished / "partial").touch()
    (unfinished / "aa.parquet").write_bytes(b"codings of a message")
    yuhu.forget(open_study(made.path), ["bilibili:1:comment:1"])
    assert not unfinished.exists()
    assert not (made.path / "machine" / run.coder / run.run).exists()


def test_forgetting_reaches_groups_that_no_finished_run_names(made, llm, tmp_path):
    table = tmp_path / "more.csv"
    table.write_text("id,text\n50,thieves again\n", "utf-8")
    code_verb(made, coder="lexicon")
    run = code_verb(open_study(made.path), coder="lexicon")
    yuhu.add(open_study(made.path), [table], mapping={"id": "id", "text": "text"}, platform="bilibili", video="2", kind="comment")
    folder = made.path / "machine" / run.coder / run.run
    model = folder / "model" / "model.bin"
    model.parent.mkdir()
    model.write_bytes(b"x")
    stray = folder / "ffffffffffffffff.parquet"
    stray.write_bytes(b"codings of a message")
    (folder / "partial").touch()
    named = [made.path / path for part in run.parts.values() for path in part.values()]
    yuhu.forget(open_study(made.path), ["bilibili:2:comment:50"])
    assert not stray.exists()
    assert all(path.is_file() for path in [*named, model]), "the run that does not know the message stays"
    assert open_study(made.path).manifest.run_of("lexicon") is not None


def test_how_failed_decisions_are_asked_again(made, llm, capsys):
    llm.behave = lambda n, body: {"refusal": "no"}
    assert invoke(arguments(made, llm, "--yes")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "refusals, malformed answers and bad evidence come back from the cache unless --set ask_again=yes stands beside it" in said
    asked = len(llm.requests)
    assert invoke(arguments(open_study(made.path), llm, "--yes", "--retry-failed")) == 0
    assert len(llm.requests) == asked
    llm.behave = lambda n, body: {}
    assert invoke(arguments(open_study(made.path), llm, "--yes", "--retry-failed", ask_again="yes")) == 0
    assert len(llm.requests) == 2 * asked


def test_the_ethics_statement_says_what_was_sent(made, llm):
    code_verb(made, coder="llm", name="qwen3", options=options(llm))
    code_verb(open_study(made.path), coder="llm", name="other", options=options(llm, model="m2", context="yes"))
    text = yuhu.ethics(open_study(made.path)).read_text("utf-8")
    assert f"qwen3: 11 distinct texts were sent to 127.0.0.1:{llm.port}, model qwen3-8b, in 11 requests" in text
    assert (
        f"other: 11 distinct texts, 1 of them with the message answered to or the lines spoken nearby were sent to 127.0.0.1:{llm.port}, model m2"
        in text
    )
    assert f"qwen3：11 条不同的文本已发送至 127.0.0.1:{llm.port}，模型 qwen3-8b，共 11 次请求" in text
    assert "no text left it for them" in text
    assert "it is the ledger that counts" in text
    assert "以请求记录为准" in text
    assert text == yuhu.ethics(open_study(made.path)).read_text("utf-8")


def test_what_was_sent_stays_said_after_another_run(made, llm):
    code_verb(made, coder="llm", options=options(llm))
    code_verb(open_study(made.path), coder="lexicon", name="llm")
    text = yuhu.ethics(open_study(made.path)).read_text("utf-8")
    assert "llm: 11 distinct texts were sent to" in text


def test_two_settings_of_one_coder_give_two_runs(made, llm):
    first = code_verb(made, coder="llm", options=options(llm))
    second = code_verb(open_study(made.path), coder="llm", options=options(llm, concurrency="1", timeout_s="9", tries="2"))
    third = code_verb(open_study(made.path), coder="llm", options=options(llm, temperature="0.3"))
    assert first.run == second.run != third.run


def test_a_damaged_cache(made, llm):
    folder = made.path / "cache" / "llm"
    folder.mkdir(parents=True)
    (folder / cache.FILE).write_bytes(b"no database " * 400)
    with pytest.raises(YuhuError, match="YH205"):
        code_verb(made, coder="llm", options=options(llm))
    assert llm.requests == []
    (folder / cache.FILE).unlink()
    db = sqlite3.connect(folder / cache.FILE)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(YuhuError, match="YH204"):
        code_verb(made, coder="llm", options=options(llm))


def test_ctrl_c_on_the_command_line(made, llm):
    llm.behave = lambda n, body: {} if n < 4 else {"wait_s": 60}
    program = [sys.executable, "-c", "from yuhu.cli.app import main; main()", *arguments(made, llm, "--yes", concurrency="2")]
    done = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for _ in range(1200):
        if len(llm.requests) >= 6 or done.poll() is not None:
            break
        time.sleep(0.05)
    start = time.monotonic()
    done.send_signal(signal.SIGINT)
    _, err = done.communicate(timeout=30)
    assert time.monotonic() - start < 10
    assert done.returncode == 1
    assert "YH902" in err
    assert "Traceback" not in err
    llm.behave = lambda n, body: {}
    n = len(llm.requests)
    code_verb(open_study(made.path), coder="llm", options=options(llm))
    assert len(llm.requests) - n == 7
