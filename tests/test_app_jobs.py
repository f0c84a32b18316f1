"""Jobs of the workbench: files that are dropped, long work in a process of its own, a stop, and a list that outlives the server."""

import json
import os
import signal
import time
from pathlib import Path

import httpx2
import pytest

from browser import Served, site
from coding_studies import study_of
from workbench import client_of, small_study
from yuhu.app.jobs import FILE, Jobs
from yuhu.app.uploads import MOST_UPLOAD, Uploads, safe_name
from yuhu.core.errors import YuhuError
from yuhu.study.coding_file import connected
from yuhu.study.store import open_study
from yuhu.study.transaction import INCOMING

TABLE = "内容,时间,昵称,点赞\n她回家了,2023-09-01 10:00:00,张三,3\n再看一遍,2023-09-01 11:00:00,李四,5\n"
XML = '<?xml version="1.0" encoding="UTF-8"?><i><chatid>77</chatid><maxlimit>8000</maxlimit>{}</i>'
ROW = '<d p="{}.5,1,25,16777215,1693400000,0,ab{:x},{},10">回家 {}</d>'


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


@pytest.fixture
def client(study):
    found = client_of(study.path)
    yield found
    found.app.state.workbench.close()


def drop(client, name, content):
    reply = client.post("/api/setup/files", params={"name": name}, content=content)
    assert reply.status_code == 200, reply.text
    return reply.json()["id"]


def ran(client, **asked):
    """The job, once it has ended."""
    reply = client.post("/api/setup/jobs", json=asked)
    assert reply.status_code == 200, reply.text
    return ended(client, reply.json()["id"])


def ended(client, name):
    for _ in range(10):
        job = client.get(f"/api/setup/jobs/{name}", params={"wait_s": 20}).json()
        if job["state"] in {"done", "failed", "stopped"}:
            return job
    raise AssertionError(job)


def danmaku(n, chat=77):
    return XML.replace("77", str(chat)).format("".join(ROW.format(at % 300, at, at, at) for at in range(n))).encode()


def test_a_dropped_file_is_recognised_and_added_as_on_the_command_line(client, study):
    before = study.scan("responses").collect().height
    one = drop(client, "../../ep1.xml", danmaku(7))
    [looked] = ran(client, kind="look", uploads=[one])["result"]["files"]
    assert (looked["file"], looked["status"], looked["importer"]) == ("ep1.xml", "recognised", "bilibili_danmaku_xml.v1")
    assert looked["upload"] == one
    assert "source" not in looked
    job = ran(client, kind="add", uploads=[one])
    assert job["state"] == "done", job
    [added] = job["result"]["files"]
    assert (added["seen"], added["kept"], added["rejected"]) == (7, 7, 0)
    assert open_study(study.path).scan("responses").collect().height == before + 7
    assert client.get("/api/setup/files").json() == {"files": []}
    assert not list(study.path.rglob("ep1.xml"))


def test_a_table_is_explained_before_it_is_added(client, study):
    one = drop(client, "own.csv", TABLE.encode())
    [looked] = ran(client, kind="look", uploads=[one])["result"]["files"]
    assert looked["status"] == "table"
    assert {column["name"]: column["field"] for column in looked["columns"]} == {
        "内容": "text",
        "时间": "sent_at",
        "昵称": "author",
        "点赞": "likes",
    }
    assert looked["columns"][0]["cells"] == ["她回家了", "再看一遍"]
    assert looked["needs_zone"]
    refused = ran(client, kind="add", uploads=[one])
    assert (refused["state"], refused["error"]["code"]) == ("failed", "YH103")
    assert len(client.get("/api/setup/files").json()["files"]) == 1, "it is there to be explained"
    mapping = {"内容": "text", "时间": "sent_at", "点赞": "likes"}
    job = ran(client, kind="add", uploads=[one], mapping=mapping, tz="Asia/Shanghai", platform="own", record_kind="comment", video="v1")
    assert job["state"] == "done", job
    assert job["result"]["files"][0]["kept"] == 2
    again = drop(client, "next.csv", TABLE.replace("回家", "归来").encode())
    [looked] = ran(client, kind="look", uploads=[again])["result"]["files"]
    assert looked["where_from"] == "saved"
    written = b"".join(path.read_bytes() for path in study.path.rglob("*") if path.is_file() and INCOMING not in str(path))
    assert "张三".encode() not in written


def test_what_a_file_tells_of_itself_comes_in_both_languages(client):
    cut = danmaku(7).removesuffix(b"</i>") + b'<d p="1,1,25,16777215,1700'
    [added] = ran(client, kind="add", uploads=[drop(client, "cut.xml", cut)])["result"]["files"]
    assert added["truncation"] == [{"en": "the file ends in the middle: download it again", "zh": "文件在中间就结束了：请重新下载"}]
    assert added["first_rejects"] == [{"en": "end of file: the file ends inside a record", "zh": "文件末尾：文件在一条记录中间结束"}]
    assert added["what"] == {"en": "danmaku", "zh": "弹幕"}
    [table] = ran(client, kind="look", uploads=[drop(client, "own.csv", TABLE.encode())])["result"]["files"]
    assert table["columns"][0]["why"] == {"en": "its name, its cells are words", "zh": "列名相符，内容是文字"}


def test_a_file_that_nobody_reads_is_refused_with_its_reason_in_both_languages(client):
    one = drop(client, "film.mp4", b"\0\0\0\x20ftypisom" + bytes(64))
    [looked] = ran(client, kind="look", uploads=[one])["result"]["files"]
    assert (looked["status"], looked["error"]["code"]) == ("refused", "YH104")
    assert looked["error"]["shown"]["en"]["problem"] == "`film.mp4` is a video or audio file"
    assert looked["error"]["shown"]["zh"]["problem"] == "`film.mp4` 是视频或音频文件"
    assert client.delete(f"/api/setup/files/{one}").json() == {"files": []}
    gone = client.post("/api/setup/jobs", json={"kind": "look", "uploads": [one]})
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "YH704")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\exports\\a.csv", "a.csv"),
        ("..", "file"),
        ("", "file"),
        ("\x00\x1b[2J.xml", "[2J.xml"),
        ("评论\u202elmx.csv", "评论lmx.csv"),
        (".hidden.json", "hidden.json"),
    ],
)
def test_names_of_files_cannot_climb_or_hide(name, expected):
    assert safe_name(name) == expected


def test_a_long_name_keeps_its_ending():
    made = safe_name("很" * 400 + ".jsonl")
    assert made.endswith(".jsonl")
    assert len(made.encode()) <= 255


def test_half_a_file_is_no_file(tmp_path):
    held = Uploads(tmp_path)

    async def breaks_off():
        yield b"<i><d"
        raise ConnectionResetError

    async def take():
        await held.take("a.xml", breaks_off())

    with pytest.raises(ConnectionResetError):
        __import__("asyncio").run(take())
    assert held.held() == []
    assert not list(tmp_path.rglob("a.xml"))


def test_what_was_dropped_goes_with_the_workbench_and_is_private(study):
    client = client_of(study.path)
    drop(client, "a.xml", danmaku(1))
    [room] = study.path.glob(f"{INCOMING}*")
    assert room.stat().st_mode & 0o077 == 0
    client.app.state.workbench.close()
    assert not room.exists()


def test_a_large_file_passes_where_other_bodies_may_not(client):
    one = drop(client, "large.xml", danmaku(40_000))
    assert client.get("/api/setup/files").json()["files"][0]["bytes"] > 2_000_000
    assert one
    assert MOST_UPLOAD > 1 << 30
    refused = client.post("/api/setup/codebook/check", params={"lang": "en"}, json={"text": "x" * 2_100_000})
    assert refused.status_code == 413


def test_machines_measure_and_report_one_after_another(client, study):
    first = client.post("/api/setup/jobs", json={"kind": "code", "coder": "lexicon"}).json()["id"]
    second = client.post("/api/setup/jobs", json={"kind": "measure"}).json()["id"]
    third = client.post("/api/setup/jobs", json={"kind": "report", "language": "zh"}).json()["id"]
    done = [ended(client, name) for name in (first, second, third)]
    assert [one["state"] for one in done] == ["done"] * 3, done
    assert done[0]["ended_at"] <= done[1]["started_at"]
    assert done[1]["result"]["estimates"] > 0
    assert (study.path / done[2]["result"]["file"]).is_file()
    listed = client.get("/api/setup/jobs").json()["jobs"]
    assert [one["id"] for one in listed] == [third, second, first]
    assert ran(client, kind="forecast", coder="lexicon")["result"] == {"forecast": None}


def test_a_sample_is_planned_and_drawn(client, study):
    [plan] = ran(client, kind="plan", codes=["kind"], half_width=0.1)["result"]["plans"] or [None]
    assert plan is None or plan["units_share"] > 0
    job = ran(client, kind="sample", size=20, codes=["kind"], coders=["anna"], overlap=0.0, name="more")
    assert job["state"] == "done", job
    assert job["result"]["sample"] == "more"
    assert job["result"]["assigned"] == 20
    taken = ran(client, kind="sample", size=20, codes=["kind"], name="more")
    assert (taken["state"], taken["error"]["code"]) == ("failed", "YH503")


def test_a_job_is_stopped_and_goes_on(tmp_path, client):
    running = client.post("/api/setup/jobs", json={"kind": "code", "coder": "lexicon"}).json()["id"]
    waiting = client.post("/api/setup/jobs", json={"kind": "measure"}).json()["id"]
    assert client.post(f"/api/setup/jobs/{waiting}/stop").json()["state"] == "stopped"
    client.post(f"/api/setup/jobs/{running}/stop")
    job = ended(client, running)
    assert job["state"] in {"stopped", "done"}, "it may have been faster"
    assert ended(client, waiting)["error"]["code"] == "YH902"
    again = client.post(f"/api/setup/jobs/{running}/again").json()
    assert ended(client, again["id"])["state"] == "done"


def test_a_job_ends_when_its_workbench_is_killed(study):
    server = Served(study.path).start()
    with httpx2.Client(base_url=site(server), headers={"x-yuhu": "1"}) as client:
        client.get(server.address)
        started = client.post("/api/setup/jobs", json={"kind": "measure"}).json()
        assert started["state"] in {"waiting", "running"}
        while not (children := _children(server.process.pid)):
            time.sleep(0.01)
    server.kill()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() and _state(pid) != "Z" for pid in children):
        assert time.monotonic() < deadline, "the job goes on alone"
        time.sleep(0.05)
    with connected(study.path) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    [job] = [one for one in Jobs(study.path).all() if one.id == started["id"]]
    assert job.state == "stopped"


def _children(pid):
    return [int(one) for path in Path(f"/proc/{pid}/task").iterdir() for one in (path / "children").read_text().split()]


def _state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_a_job_that_is_killed_says_so(study):
    jobs = Jobs(study.path)
    job = jobs.start("measure", {})
    run = jobs._runs[job.id]
    while run.process is None:
        time.sleep(0.01)
    os.kill(run.process.pid, signal.SIGKILL)
    found = jobs.wait(job.id, 30)
    assert (found.state, found.error["code"]) == ("failed", "YH709")
    assert found.error["facts"] == {"status": "-9"}
    jobs.close()
    with pytest.raises(YuhuError, match="YH709"):
        jobs.start("measure", {})


def test_the_list_outlives_the_workbench(study):
    jobs = Jobs(study.path)
    job = jobs.start("clean", {"kind": "clean"}, arguments={})
    assert jobs.wait(job.id, 60).state == "done"
    jobs.close()
    held = json.loads((study.path / FILE).read_text("utf-8"))
    assert [one["id"] for one in held] == [job.id]
    (study.path / FILE).write_text(json.dumps([{**held[0], "state": "running"}]), "utf-8")
    [earlier] = Jobs(study.path).all()
    assert (earlier.state, earlier.error["code"]) == ("stopped", "YH902")
    client = client_of(study.path)
    again = client.post(f"/api/setup/jobs/{job.id}/again")
    assert again.status_code == 200, again.text
    client.app.state.workbench.close()
    (study.path / FILE).write_text(
        json.dumps([{**held[0], "kind": "of another version", "params": {"kind": "of another version"}}]), "utf-8"
    )
    refused = client_of(study.path).post(f"/api/setup/jobs/{job.id}/again")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "YH704")
    (study.path / FILE).write_text("{", "utf-8")
    assert Jobs(study.path).all() == []


def test_what_a_page_may_not_ask_is_refused(client):
    for asked in (
        {"kind": "remove"},
        {"kind": "measure", "spec": "/etc/passwd"},
        {"kind": "sample", "size": 0},
        {"kind": "add", "uploads": []},
    ):
        refused = client.post("/api/setup/jobs", json=asked)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "YH701"), asked
    secret = client.post("/api/setup/jobs", json={"kind": "forecast", "coder": "llm", "options": {"key_env": "PATH"}})
    assert (secret.status_code, secret.json()["error"]["code"]) == (409, "YH508")
    assert client.get("/api/setup/jobs/nothing").status_code == 404


def test_strangers_and_coders_reach_nothing_of_it(tmp_path):
    path = study_of(tmp_path).path
    stranger = client_of(path, signed_in=False)
    assert stranger.post("/api/setup/files", params={"name": "a"}, content=b"x" * 3_000_000).status_code == 401
    assert stranger.get("/api/setup/jobs").status_code == 401
    assert not list(path.glob(f"{INCOMING}*"))
