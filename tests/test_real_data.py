"""Real files, named by YUHU_SHARED. No text of theirs is printed or kept."""

import json

import pytest

import yuhu
from yuhu.cli.app import invoke

FILES = [
    "danmaku_bilibili/danmaku01.xml",
    "bilibili_comments/RunningIntoSea_commentdata.json",
    "hotlists/weibo_xiadd_hourly_matches.csv",
    "weibo_posts/posts.json",
    "weibo_posts/comments.json",
    "danmaku_niconico/0.json",
]


@pytest.fixture(scope="module")
def real(tmp_path_factory, shared):
    path = tmp_path_factory.mktemp("real") / "s"
    assert invoke(["init", str(path)]) == 0
    assert invoke(["add", str(path), *(str(shared / name) for name in FILES)]) == 0
    assert invoke(["run", str(path)]) == 0
    return path


def test_counts(real, capsys):
    invoke(["status", str(real), "--json"])
    facts = json.loads(capsys.readouterr().out)
    assert facts["by_platform"]["bilibili"] == {"comment": 21877, "danmaku": 1200}
    assert facts["by_platform"]["niconico"] == {"danmaku": 954}
    weibo = facts["by_platform"]["weibo"]
    assert weibo["comment"] + weibo["reply"] == 1735
    assert weibo["post"] + weibo["repost"] == 1000
    assert facts["counts"]["comments"] == 21877 + 1735
    assert facts["counts"]["metric_observations"] == 308
    assert facts["counts"]["metrics"] == {"heat": 308, "rank": 308}
    for source in facts["sources"]:
        assert source["seen"] == source["kept"] + source["rejected"]
    assert {source["file"]: source["kept"] for source in facts["sources"]} == {
        "danmaku01.xml": 1200,
        "RunningIntoSea_commentdata.json": 21877,
        "weibo_xiadd_hourly_matches.csv": 308,
        "posts.json": 1000,
        "comments.json": 1735,
        "0.json": 954,
    }


def test_the_capped_file_is_called_a_sample(real):
    [danmaku] = [entry for entry in yuhu.open(real).manifest.sources if entry.file == "danmaku01.xml"]
    assert danmaku.is_truncated


def test_a_second_run_is_byte_identical(real):
    def state():
        return {path.relative_to(real): path.read_bytes() for path in real.rglob("*") if path.is_file() and path.name != ".lock"}

    before = state()
    yuhu.run(yuhu.open(real))
    assert state() == before


def test_no_raw_id_of_the_files_is_in_the_study(real, shared):
    posts = json.loads((shared / "weibo_posts/posts.json").read_text("utf-8"))
    people = {post["user"]["_id"] for post in posts} | {post["user"]["nick_name"] for post in posts}
    frame = yuhu.open(real).scan("responses").collect()
    assert not people & set(frame["author_key"].drop_nulls())
    everything = b"".join(path.read_bytes() for path in real.rglob("*") if path.is_file()) + frame.write_json().encode()
    assert not [person for person in sorted(people)[:300] if person.encode() in everything]


@pytest.mark.parametrize("name", ["2", "4", "5", "10", "12", "20", "22", "25"])
def test_every_niconico_file(tmp_path, shared, name):
    study = yuhu.init(tmp_path / "s")
    path = shared / f"danmaku_niconico/{name}.json"
    [added] = yuhu.add(study, [path])
    assert added.entry.seen == len(json.loads(path.read_text("utf-8")))
    assert added.entry.rejected <= 10
    assert {line.split(": ")[1] for line in added.entry.first_rejects} <= {"no text"}


@pytest.mark.parametrize("name", ["hourly_daily_lists_matches.csv", "zhihu_hot_hub_hourly_matches.csv"])
def test_other_hot_lists(tmp_path, shared, name):
    study = yuhu.init(tmp_path / "s")
    [added] = yuhu.add(study, [shared / "hotlists" / name])
    if name == "hourly_daily_lists_matches.csv":  # its rank is the one at first crawl; Zhihu rows carry neither rank nor heat
        assert (added.entry.seen, added.entry.kept) == (417, 23)
    else:
        assert added.entry.kept == added.entry.seen > 0


def test_a_mapped_table(tmp_path, shared):
    study = yuhu.init(tmp_path / "s")
    [added] = yuhu.add(
        study, [shared / "brighter/track_b_train_chn.csv"], mapping={"text": "text", "id": "id"}, platform="brighter", kind="comment"
    )
    assert added.entry.kept == added.entry.seen == 2642
