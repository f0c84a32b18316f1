"""A study on disk: whole after any crash, one writer, no raw ids."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import textwrap
import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from files import COMMENTS, POSTS, danmaku_xml, every_format, write
from yuhu.core.errors import CODES, RetryableError, YuhuError
from yuhu.core.schema import SCHEMA_VERSION, TABLES, arrow_schema
from yuhu.study.intake import KNOWN
from yuhu.study.lock import WriteLock
from yuhu.study.manifest import read_manifest
from yuhu.study.pseudonyms import Pseudonyms
from yuhu.study.settings import Settings, read_settings
from yuhu.study.transaction import Transaction


def snapshot(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"
    }


def test_init_makes_a_private_secret(study):
    assert stat.S_IMODE((study.path / "secret.key").stat().st_mode) == 0o600
    assert {path.name for path in study.path.iterdir()} == {"study.yaml", "codebook.yaml", "manifest.json", "secret.key", "codebooks"}


@pytest.mark.parametrize("make", ["study", "file"])
def test_init_refuses_a_folder_in_use(study, tmp_path, make):
    folder = study.path if make == "study" else tmp_path
    with pytest.raises(YuhuError, match="YH202"):
        yuhu.init(folder)


def test_open_errors(tmp_path, study):
    with pytest.raises(YuhuError, match="YH201"):
        yuhu.open(tmp_path / "nothing")
    manifest = study.path / "manifest.json"
    raw = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**raw, "schema_version": SCHEMA_VERSION + 1}))
    with pytest.raises(YuhuError, match="YH204") as error:
        yuhu.open(study.path)
    assert error.value.facts["schema found"] == str(SCHEMA_VERSION + 1)
    manifest.write_text("{")
    with pytest.raises(YuhuError, match="YH205"):
        yuhu.open(study.path)


def test_a_secret_that_others_can_read_is_refused(study, tmp_path):
    (study.path / "secret.key").chmod(0o644)
    with pytest.raises(YuhuError, match="YH208"):
        yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))])


def test_the_same_file_twice_adds_nothing(study, tmp_path):
    files = every_format(tmp_path)
    yuhu.add(study, files)
    before = snapshot(study.path)
    again = yuhu.add(yuhu.open(study.path), files)
    assert {one.status for one in again} == {"known"}
    assert snapshot(study.path) == before


def test_overlapping_exports_add_only_what_is_new(study, tmp_path):
    rows = [(at, f"t{at}", {"id": 100 + at}) for at in range(6)]
    yuhu.add(study, [write(tmp_path, "old.xml", danmaku_xml(rows[:4]))])
    [late] = yuhu.add(yuhu.open(study.path), [write(tmp_path, "new.xml", danmaku_xml(rows))])
    assert (late.entry.seen, late.entry.kept, late.entry.rejected) == (6, 2, 4)
    assert late.entry.first_rejects[0].endswith(KNOWN)
    found = yuhu.open(study.path)
    assert found.scan("responses").collect()["response_id"].n_unique() == 6
    assert found.scan("rejects").collect().height == 4


def test_equal_messages_without_ids_are_kept_apart(study, tmp_path):
    columns = {"date": ["2023-08-30 12:00:00"] * 3, "text": ["哭了", "哭了", "好"], "like": ["0"] * 3, "level": ["1"] * 3}
    yuhu.add(study, [write(tmp_path, "a.json", columns)])
    rows = yuhu.open(study.path).scan("responses").collect()
    assert rows.height == rows["response_id"].n_unique() == 3
    [again] = yuhu.add(
        yuhu.open(study.path),
        [write(tmp_path, "b.json", {**columns, "date": columns["date"]} | {"text": ["哭了", "哭了", "新"]})],
        video="a",
    )
    assert (again.entry.kept, again.entry.rejected) == (1, 2)


def test_tables_have_their_schemas(study, tmp_path):
    yuhu.add(study, every_format(tmp_path))
    found = yuhu.open(study.path)
    for part in found.manifest.partitions:
        import pyarrow.parquet as pq

        assert pq.read_schema(found.path / part.path).equals(arrow_schema(part.table))
        assert pq.read_metadata(found.path / part.path).num_rows == part.rows


def test_seen_is_kept_plus_rejected(study, tmp_path):
    for one in yuhu.add(study, every_format(tmp_path)):
        assert one.entry.seen == one.entry.kept + one.entry.rejected
    facts = yuhu.status(yuhu.open(study.path))
    assert facts["counts"]["rejects"] == yuhu.open(study.path).scan("rejects").collect().height


def test_no_raw_author_id_or_handle_is_written(study, tmp_path):
    rows = [
        (1, "@zz_handle_q 你好 a.b@mail.example", {"author": "deadbeef1"}),
        (2, "回复@某某:好", {"author": "deadbeef2"}),
        (-1, "bad @rejectedperson", {"author": "deadbeef3"}),
    ]
    files = [write(tmp_path, "a.xml", danmaku_xml(rows)), write(tmp_path, "posts.json", POSTS), write(tmp_path, "comments.json", COMMENTS)]
    yuhu.add(study, files)
    opened = yuhu.open(study.path)
    yuhu.run(opened)
    yuhu.export(opened, tmp_path / "out", form="csv")
    found = [*snapshot(study.path).values(), *snapshot(tmp_path / "out").values()]
    found.extend(opened.scan(name).collect().write_json().encode() for name in TABLES)
    secret = (study.path / "secret.key").read_bytes().strip()
    everything = b"\n".join(found)
    for raw in (b"deadbeef", b"SECRETNAME", b"zz_handle_q", b"mail.example", "某某".encode(), b"rejectedperson", "@小明".encode()):
        assert raw not in everything, raw
    exported = b"\n".join(snapshot(tmp_path / "out").values())
    assert secret not in exported
    texts = opened.scan("responses").collect()["text"].to_list()
    assert re.match(r"@person_[0-9a-f]{8} 你好 @person_[0-9a-f]{8}$", texts[0])


def test_keys_are_stable_within_a_study_and_unrelated_between_two(tmp_path):
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "a", {"author": "x"}), (2, "b", {"author": "x"}), (3, "c", {"author": "y"})]))
    keys = []
    for name in ("one", "two"):
        study = yuhu.init(tmp_path / name)
        yuhu.add(study, [path])
        keys.append(yuhu.open(study.path).scan("responses").collect()["author_key"].to_list())
    for found in keys:
        assert found[0] == found[1] != found[2]
    assert not set(keys[0]) & set(keys[1])


@given(st.text(max_size=40))
def test_law_masking_is_idempotent_and_hides_handles(text):
    names = Pseudonyms(b"0" * 32)
    once = names.mask(text + " @handle_x")
    assert names.mask(once) == once
    assert "handle_x" not in once


def test_masking_keeps_what_is_no_handle():
    names = Pseudonyms(b"0" * 32)
    assert names.mask("あと＠3 @ @@ 5@5") == "あと＠3 @ @@ 5@5"


def test_one_writer_at_a_time(study, tmp_path):
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))
    with WriteLock(study.path), pytest.raises(RetryableError, match="YH203") as error:
        yuhu.add(study, [path])
    assert error.value.facts["process"] == str(os.getpid())
    assert yuhu.add(study, [path])[0].status == "added"


def test_leaving_a_transaction_without_commit_changes_nothing(study):
    before = snapshot(study.path)
    with Transaction(study) as change:
        change.stage("metrics", ["s"], pl.DataFrame({"subject": ["a"], "name": ["b"], "value": [1.0], "source": ["s"]}))
    assert snapshot(study.path) == before


def test_what_no_manifest_names_is_swept(study, tmp_path):
    stray = study.path / "tables" / "responses" / "old" / "part-00000.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")
    yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))])
    assert not stray.exists()


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.3, 0.6])
def test_kill_at_any_moment_leaves_the_last_complete_state(tmp_path, delay):
    study = yuhu.init(tmp_path / "study")
    first = write(tmp_path, "first.xml", danmaku_xml([(1, "first", {})], chat="1"))
    yuhu.add(study, [first])
    for number in range(60):
        write(
            tmp_path,
            f"more{number:02d}.xml",
            danmaku_xml([(at, f"{number}-{at}", {"id": number * 1000 + at}) for at in range(300)], chat=str(100 + number)),
        )
    script = textwrap.dedent(
        """
        import sys, yuhu, pathlib
        study = yuhu.open(sys.argv[1])
        files = sorted(pathlib.Path(sys.argv[2]).glob("more*.xml"))
        print("go", flush=True)
        for at in range(0, len(files), 4):
            yuhu.add(yuhu.open(sys.argv[1]), files[at : at + 4])
        """
    )
    with subprocess.Popen([sys.executable, "-c", script, str(study.path), str(tmp_path)], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
    found = yuhu.open(study.path)
    rows = found.scan("responses").collect()
    assert rows.height == sum(entry.kept for entry in found.manifest.sources)
    assert (len(found.manifest.sources) - 1) % 4 == 0
    yuhu.add(found, sorted(tmp_path.glob("more*.xml")))
    after = yuhu.open(study.path)
    assert after.scan("responses").collect().height == 1 + 60 * 300
    named = {part.path for part in after.manifest.partitions}
    assert {str(path.relative_to(study.path)) for home in ("tables", "raw") for path in (study.path / home).rglob("*.parquet")} == named
    assert not list(study.path.glob(".incoming*"))


def test_stop_keeps_whole_files(study, tmp_path, monkeypatch):
    files = [write(tmp_path, f"{n}.xml", danmaku_xml([(1, f"t{n}", {"id": n})], chat=str(n))) for n in range(1, 5)]
    from yuhu.verbs import add as module
    from yuhu.verbs import intray

    real, calls = intray.recognise, []

    def third_time(origin):
        calls.append(origin)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(origin)

    monkeypatch.setattr(intray, "recognise", third_time)
    with pytest.raises(YuhuError, match="YH902") as error:
        module.add(study, files)
    assert error.value.facts["files that are in"] == "2"
    monkeypatch.setattr(intray, "recognise", real)
    assert [one.status for one in module.add(yuhu.open(study.path), files)] == ["known", "known", "added", "added"]


def test_disk_full_is_an_error_and_leaves_the_study(study, tmp_path, monkeypatch):
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))
    before = snapshot(study.path)

    def full(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("yuhu.study.transaction.pq.write_table", full)
    with pytest.raises(YuhuError, match="YH209"):
        yuhu.add(study, [path])
    assert snapshot(study.path) == before


@pytest.mark.parametrize(
    "line",
    [
        "target: moon",
        "seed: -1",
        "seed: x",
        "colour: red",
        "confidence: 2",
        "bin_seconds: 0",
        "works: [a]",
        "time_zone: Mars",
        "language: fr",
        "- a",
    ],
)
def test_settings_say_what_is_wrong(study, line):
    (study.path / "study.yaml").write_text(line + "\n")
    with pytest.raises(YuhuError, match="YH206"):
        yuhu.open(study.path)


def test_settings_round_trip(tmp_path):
    settings = Settings(
        title='壶: "a" # b', works={"ep1": ("bilibili:1", "douyin:2")}, modules=("image",), constructed=True, target="corpus"
    )
    (tmp_path / "study.yaml").write_text(settings.text(), "utf-8")
    assert read_settings(tmp_path) == settings


def test_works_of_the_settings_win(study, tmp_path):
    files = [write(tmp_path, f"{n}.xml", danmaku_xml([(1, "a", {})], chat=str(n))) for n in (1, 2, 3)]
    yuhu.add(study, files[:2], work="ep1")
    yuhu.add(yuhu.open(study.path), files[2:])
    assert yuhu.open(study.path).n_works() == 2
    text = (study.path / "study.yaml").read_text().replace("works: {}", 'works: {all: ["bilibili:1", "bilibili:2", "bilibili:3"]}')
    (study.path / "study.yaml").write_text(text)
    assert yuhu.open(study.path).n_works() == 1


def test_errors_survive_pickling():
    import pickle

    error = RetryableError("YH203", "busy", facts={"process": 1}, fix="wait")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (RetryableError, str(error))
    assert set(CODES) >= {"YH101", "YH901"}


def test_manifest_round_trip(study, tmp_path):
    yuhu.add(study, every_format(tmp_path))
    manifest = read_manifest(study.path)
    before = (study.path / "manifest.json").read_bytes()
    manifest.write(study.path)
    assert (study.path / "manifest.json").read_bytes() == before


def test_a_broken_large_file_leaves_no_trace_in_what_is_known(study, tmp_path, monkeypatch):
    monkeypatch.setattr("yuhu.verbs.intray.GROUP", 100)
    monkeypatch.setattr("yuhu.sources.bilibili_xml.BATCH", 100)
    monkeypatch.setattr("yuhu.sources.bilibili_xml._CHUNK", 4096)
    rows = [(at, f"t{at}", {"id": at + 1}) for at in range(450)]
    good = danmaku_xml(rows)
    broken = write(tmp_path, "a_broken.xml", good.replace("</i>", "</q>"))
    done = yuhu.add(study, [broken, write(tmp_path, "b_good.xml", good)], skip_broken=True)
    assert [one.status for one in done] == ["broken", "added"]
    assert done[1].entry.kept == 450
    assert yuhu.open(study.path).scan("responses").collect().height == 450


def test_a_large_file_among_small_ones(study, tmp_path, monkeypatch):
    monkeypatch.setattr("yuhu.verbs.intray.GROUP", 100)
    monkeypatch.setattr("yuhu.sources.bilibili_xml.BATCH", 60)
    monkeypatch.setattr("yuhu.sources.bilibili_xml._CHUNK", 2048)
    files = [
        write(tmp_path, f"{n}.xml", danmaku_xml([(at, f"{n}-{at}", {"id": n * 1000 + at}) for at in range(size)], chat=str(n)))
        for n, size in enumerate([10, 350, 20, 30], start=1)
    ]
    done = yuhu.add(study, files)
    opened = yuhu.open(study.path)
    assert [one.entry.kept for one in done] == [10, 350, 20, 30]
    assert opened.scan("responses").collect()["response_id"].n_unique() == 410
    assert {tuple(part.sources) for part in opened.manifest.of("responses")} >= {
        (done[1].entry.source,),
        (done[2].entry.source, done[3].entry.source),
    }


def test_a_file_known_under_other_options_is_said(study, tmp_path):
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))
    yuhu.add(study, [path])
    assert yuhu.add(yuhu.open(study.path), [path], video="9")[0].status == "known_otherwise"


def test_links_join_responses_and_come_once(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "posts.json", POSTS)], video="v1")
    yuhu.add(yuhu.open(study.path), [write(tmp_path, "later.json", [*POSTS, {**POSTS[0], "mblogid": "P9"}])], video="v1")
    opened = yuhu.open(study.path)
    links = opened.scan("links").collect()
    ids = set(opened.scan("responses").collect()["response_id"])
    assert links.height == 1
    assert set(links["node"]) | set(links["parent"]) <= ids


@pytest.mark.parametrize(
    "broken", ["{}", '{"schema_version": 1, "yuhu": "", "created_at": "", "sources": [], "partitions": [{"table": "x"}], "runs": []}']
)
def test_a_manifest_that_lacks_something_is_damage(study, broken):
    (study.path / "manifest.json").write_text(broken)
    with pytest.raises(YuhuError, match="YH205"):
        yuhu.open(study.path)


def test_machine_files_that_are_gone_are_coded_again(study, tmp_path):
    import shutil

    yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(at, "我哭了", {}) for at in range(9)]))])
    yuhu.run(yuhu.open(study.path))
    shutil.rmtree(study.path / "machine")
    text = (study.path / "study.yaml").read_text("utf-8").replace("bin_seconds: 5", "bin_seconds: 10")
    (study.path / "study.yaml").write_text(text, "utf-8")
    with pytest.raises(YuhuError, match="YH205"):
        yuhu.measure(yuhu.open(study.path))
    assert yuhu.run(yuhu.open(study.path)).is_file()


@pytest.mark.parametrize(
    "text",
    [
        "@12345678 好",
        "@🐱小明 好",
        "@\u200b小明 好",
        "﹫小明 好",
        "zhangsan＠qq.com",
        "foo%bar@x.com",
        "o'neil@x.com",
        "@e\u0301milie salut",
        "看 https://weibo.com/u/1234567890?x=1",
        "https://space.bilibili.com/12345",
        "https://weibo.com/n/小明",
    ],
)
def test_masking_hides_the_forms_that_names_take(text):
    names = Pseudonyms(b"0" * 32)
    once = names.mask(text)
    for raw in ("12345", "小明", "zhangsan", "foo", "neil", "milie"):
        assert raw not in once.replace("person_", ""), once
    assert names.mask(once) == once


def test_subjects_regions_and_actors_carry_no_names(study, tmp_path):
    hot = "commit_time,title,hot,band_rank\n2023-08-30T00:00:00Z,@张三丰 道歉 zs@qq.com,5,1\n"
    yuhu.add(study, [write(tmp_path, "weibo.csv", hot)])
    own = write(tmp_path, "own.csv", "t,who,where,lang\nhello there,张三丰,@张三丰,zh-CN\n")
    yuhu.add(yuhu.open(study.path), [own], mapping={"t": "text", "who": "actor", "where": "region", "lang": "lang"})
    opened = yuhu.open(study.path)
    row = opened.scan("responses").collect().row(0, named=True)
    assert (row["actor"], row["lang"]) == (None, "zh")
    assert row["region"].startswith("@person_")
    subject = opened.scan("metrics").collect()["subject"][0]
    assert "张三丰" not in subject
    assert "qq.com" not in subject
    assert "张三丰" not in yuhu.run(opened).read_text("utf-8")


def test_the_study_folder_is_private_and_exports_stay_out_of_its_tables(study, tmp_path):
    assert stat.S_IMODE(study.path.stat().st_mode) == 0o700
    yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))])
    for folder in (study.path, study.path / "tables" / "out", study.path / "results"):
        with pytest.raises(YuhuError, match="YH202"):
            yuhu.export(yuhu.open(study.path), folder)


def test_a_native_video_id_may_hold_a_colon(study, tmp_path):
    path = write(tmp_path, "a.csv", "t,v\nx,a:b:c\ny,a:d\n")
    yuhu.add(study, [path], mapping={"t": "text", "v": "video"}, platform="p")
    assert sorted(yuhu.open(study.path).videos()["native_id"]) == ["a:b:c", "a:d"]
