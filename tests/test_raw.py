"""The raw copy, and what is done with sources after they came in: remap, remove, forget, later exports, works."""

import json

import polars as pl
import pytest

import yuhu
from files import COMMENTS, POSTS, danmaku_xml, every_format, write
from yuhu.core.contracts import Personal, Raw
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.core.sample import Sample
from yuhu.study.codings import add_sample, append_codings, read_codings, read_samples
from yuhu.study.pseudonyms import KEY, Pseudonyms
from yuhu.study.scrub import Scrubber, is_name, spoken

SECRET = b"0123456789abcdef"


def everything(folder):
    """Every byte of a study, Parquet read as text as well."""
    held = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    held += [json.dumps(pl.read_parquet(path).to_dicts(), ensure_ascii=False, default=str).encode() for path in folder.rglob("*.parquet")]
    return b"\n".join(held)


def comments(n, *, first=0):
    return [
        {
            "_id": f"c{at:04d}",
            "created_at": f"2023-08-30 22:{at % 60:02d}:00",
            "content": f"我想回家 {at}",
            "comment_user": {"_id": f"user-{at % 7}-5550001"},
            "root_comment_id": f"c{at:04d}",
            "root_post_mblogid": "P1",
            "likes_count": at,
        }
        for at in range(first, n)
    ]


def scrubbed(record, *, author=(), drop=(), platform="weibo"):
    [text] = Scrubber(Pseudonyms(SECRET), Personal(author, drop), platform).texts(Raw(["1"], [record], platform))
    return json.loads(text)


def test_a_record_without_people():
    record = {
        "id": 7273000000000000001,
        "text": "看 @小明 https://weibo.com/u/5550001999",
        "user": {
            "uid": "5550001999",
            "nickname": "SECRETNAME",
            "avatar": {"url": "https://x/5550001999.jpg"},
            "follower_count": 12,
            "city": "Hidden",
        },
        "url": "https://weibo.com/5550001999/Nf1",
        "stats": {"likes": 3},
        "nickname": "SECRETNAME",
        "list": [{"screen_name": "SECRETNAME", "text": "ok"}],
        "private": {"a": 1},
    }
    held = scrubbed(record, author=("user.uid",), drop=("private",))
    key = KEY + Pseudonyms(SECRET).key("weibo", "5550001999")
    assert held["user"] == {"uid": key, "avatar": {}, "follower_count": 12}
    assert held["id"] == 7273000000000000001
    assert held["stats"] == {"likes": 3}
    assert held["list"] == [{"text": "ok"}]
    assert "private" not in held
    text = json.dumps(held, ensure_ascii=False)
    assert "SECRETNAME" not in text
    assert "5550001999" not in text
    assert "小明" not in text


def test_an_id_that_stands_elsewhere_as_a_number_leaves_sound_json():
    held = scrubbed(
        {"author_user_id": 88000000001, "owner_no": 88000000001, "near": 880000000012, "note": "by 88000000001."},
        author=("author_user_id",),
    )
    key = KEY + Pseudonyms(SECRET).key("weibo", "88000000001")
    assert held == {"author_user_id": key, "owner_no": key, "near": 880000000012, "note": f"by {key}."}


def test_a_record_nested_beyond_reason_is_not_kept():
    deep = {"a": 1}
    for _ in range(900):
        deep = {"a": deep}
    assert scrubbed(deep) == {"record": "nested too deeply to be kept"}


def test_scrubbing_twice_changes_nothing():
    record = {"author": "5550001999", "text": "hello @someone_else", "at": 3}
    once = scrubbed(record, author=("author",))
    assert scrubbed(once, author=("author",)) == once


def test_a_flat_frame_without_people():
    frame = pl.DataFrame(
        {
            "user_id": ["5550001999", None, ""],
            "nickname": ["SECRET", "B", None],
            "text": ["a @bob", "b", None],
            "url": ["https://a/5550001999", "x", "y"],
        }
    )
    texts = Scrubber(Pseudonyms(SECRET), Personal(("user_id",)), "douyin").texts(Raw(["1", "2", "3"], frame, "douyin"))
    rows = [json.loads(text) for text in texts]
    key = KEY + Pseudonyms(SECRET).key("douyin", "5550001999")
    assert rows[0]["user_id"] == key
    assert rows[0]["url"] == f"https://a/{key}"
    assert set(rows[0]) == {"user_id", "text", "url"}
    assert "bob" not in texts[0]
    assert rows[1]["user_id"] is None


def test_lists_in_objects_that_describe_a_person():
    record = {
        "avatar": {"url_list": ["https://x/SECRET1.jpg"], "width": 5},
        "mentions": ["SECRETNAME", {"id": "SECRET2", "follower_count": 3}, ["SECRET3"]],
        "user": {"tags": ["SECRET4"]},
        "tags": ["museum"],
        "note": "by SECRETNAME",
    }
    held = scrubbed(record)
    assert held == {
        "avatar": {"url_list": []},
        "mentions": [{"follower_count": 3}, []],
        "user": {"tags": []},
        "tags": ["museum"],
        "note": "by person",
    }


@pytest.mark.parametrize(
    "field",
    [
        *(
            "nickname",
            "user_id",
            "userName",
            "owner_nickname",
            "in_reply_to_screen_name",
            "in_reply_to_user_id_str",
            "retweeted_user",
            "quotedAuthor",
        ),
        *(
            "reply_to_username",
            "replyToUserName",
            "reply_to_userid",
            "atUserList",
            "authorGoogleplusProfileUrl",
            "uploader_url",
            "user-location",
        ),
        *(
            "用户昵称",
            "作者",
            "博主ID",
            "被回复者",
            "个人主页链接",
            "UP主",
            "uname",
            "headurl",
            "sec_uid",
            "speaker",
            "poster_name",
            "user_desc",
        ),
    ],
)
def test_fields_that_name_a_person(field):
    assert is_name(field)


@pytest.mark.parametrize(
    "field",
    [
        *(
            "reply_id",
            "reply_to_id",
            "reply_to_reply_id",
            "in_reply_to_status_id_str",
            "reply",
            "replies",
            "reply_count",
            "parent_id",
            "root_id",
        ),
        *(
            "text",
            "content",
            "desc",
            "title",
            "name",
            "id",
            "mid",
            "fans",
            "total_fans",
            "author_is_uploader",
            "authorStats",
            "author_pin",
            "location",
        ),
        *(
            "userDigged",
            "user_count",
            "作品名称",
            "视频地址",
            "发布时间",
            "IP属地",
            "评论内容",
            "replyTo",
            "location",
            "source",
            "target",
            "channel_count",
        ),
    ],
)
def test_fields_that_name_nobody(field):
    assert not is_name(field)


def test_the_same_field_stands_for_a_person_on_one_platform_only():
    assert scrubbed({"mid": 5550001999, "url": "https://a/5550001999"}, platform="bilibili") == {"url": "https://a/person"}
    assert scrubbed({"mid": 5550001999}, platform="weibo") == {"mid": 5550001999}


def test_objects_whose_keys_are_names_go():
    assert scrubbed({"content": {"at_name_to_mid": {"island": 5550001999}, "message": "a"}}) == {"content": {"message": "a"}}


def test_an_id_after_the_end_of_a_line_leaves_a_flat_frame():
    frame = pl.DataFrame({"user_id": ["5550001999"], "text": ["see\n5550001999"], "n": ["15550001999"]})
    [text] = Scrubber(Pseudonyms(SECRET), Personal(("user_id",)), "douyin").texts(Raw(["1"], frame, "douyin"))
    key = KEY + Pseudonyms(SECRET).key("douyin", "5550001999")
    assert json.loads(text) == {"user_id": key, "text": f"see\n{key}", "n": "15550001999"}


def test_names_that_are_spoken():
    texts = [pl.Series(["a tour of the British Museum", None]), pl.Series(["7273000000000000001"])]
    assert spoken({"British Museum", "Other Museum", "7273000000000000001"}, texts) == {"British Museum"}
    assert spoken({"British Museum"}, []) == set()


def test_a_name_that_is_spoken_stays_and_rows_stay_the_same(study, tmp_path):
    name, silent = "逃出大英博物馆剧组", "另一位没有人提到的作者"
    posts = [
        {"mblogid": "P1", "content": f"我是{name}，大家好", "user": {"_id": "5550001999", "nick_name": name}, "share": f"{name}的微博"},
        {"mblogid": "P2", "content": "回家", "user": {"_id": "5550001888", "nick_name": silent}, "share": f"{silent}的微博"},
    ]
    flat = "".join(
        json.dumps({"comment_id": str(at), "video_id": "7", "content": post["content"], "nickname": post["user"]["nick_name"], "note": post["share"],
                    "parent_comment_id": "0", "last_modify_ts": 1_701_000_000_000}) + "\n"
        for at, post in enumerate(posts)
    )  # fmt: skip
    yuhu.add(study, [write(tmp_path, "posts.json", posts), write(tmp_path, "flat.jsonl", flat)])
    opened = yuhu.open(study.path)
    assert f"我是{name}，大家好" in opened.scan("responses").collect()["text"].to_list()
    held = everything(study.path).decode("utf-8", "replace")
    assert silent not in held
    assert "person的微博" in held
    done = yuhu.remap(opened)
    assert set(done.sources.values()) == {"unchanged"}
    assert done.changes.height == 0


def test_an_authors_own_id_leaves_the_authors_words(study, tmp_path):
    who = "5550001999"
    posts = [
        {"mblogid": "P1", "content": f"加我\n{who}，谢谢 1{who}", "user": {"_id": who}},
        {"mblogid": "P2", "content": "just words", "user": {"_id": "just words"}},
        {"mblogid": "P3", "content": f"他是{who}", "user": {"_id": "5550001888"}},
    ]
    yuhu.add(study, [write(tmp_path, "posts.json", posts)])
    opened = yuhu.open(study.path)
    key = KEY + opened.pseudonyms().key("weibo", who)
    assert opened.scan("responses").collect()["text"].to_list() == [f"加我\n{key}，谢谢 1{who}", "just words", f"他是{who}"]
    assert set(yuhu.remap(opened).sources.values()) == {"unchanged"}


def test_every_family_maps_again_to_the_same_rows(study, tmp_path):
    yuhu.add(study, every_format(tmp_path))
    opened = yuhu.open(study.path)
    assert all(entry.raw for entry in opened.manifest.sources)
    done = yuhu.remap(opened)
    assert set(done.sources.values()) == {"unchanged"}
    assert done.changes.height == 0
    assert yuhu.open(study.path).manifest == opened.manifest


def test_a_newer_importer_is_applied_row_by_row(study, tmp_path, monkeypatch):
    yuhu.add(study, [write(tmp_path, "posts.json", POSTS), write(tmp_path, "comments.json", COMMENTS)])
    from yuhu.core import registry
    from yuhu.sources.weibo import WeiboComments

    class Newer(WeiboComments):
        name = "weibo_comments_json.v2"

        def rows(self, record, reading):
            if record["_id"] == "c2":
                return "no longer wanted"
            return super().rows({**record, "likes_count": (record["likes_count"] or 0) + 100}, reading)

    monkeypatch.setitem(registry._BUILT_IN["importers"], Newer.name, Newer)
    before = yuhu.open(study.path).scan("responses").collect()
    dry = yuhu.remap(yuhu.open(study.path), dry=True)
    assert yuhu.open(study.path).scan("responses").collect().equals(before)
    done = yuhu.remap(yuhu.open(study.path))
    assert dry.changes.equals(done.changes)
    assert sorted(done.changes.select("change", "column", "before", "after").rows()) == [
        ("changed", "likes", "1", "101"),
        ("removed", "text", "我也是", None),
    ]
    opened = yuhu.open(study.path)
    [entry] = [entry for entry in opened.manifest.sources if entry.file == "comments.json"]
    assert (entry.importer, entry.seen, entry.kept, entry.rejected) == ("weibo_comments_json.v2", 2, 1, 1)
    after = opened.scan("responses").collect()
    assert after.height == before.height - 1
    assert after.filter(pl.col("likes") == 101).height == 1
    assert opened.scan("rejects").filter(pl.col("why") == "no longer wanted").collect().height == 1
    assert set(yuhu.remap(opened).sources.values()) == {"unchanged"}


def test_without_a_raw_copy_nothing_is_mapped_again(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "posts.json", POSTS)], keep_raw=False)
    opened = yuhu.open(study.path)
    assert not opened.manifest.of("raw")
    assert set(yuhu.remap(opened).sources.values()) == {"no raw copy is kept"}


def test_the_raw_copy_can_be_dropped_later(study, tmp_path):
    yuhu.add(study, every_format(tmp_path))
    gone = yuhu.remove(yuhu.open(study.path), [], raw_only=True)
    assert set(gone.rows) == {"raw"}
    opened = yuhu.open(study.path)
    assert not opened.manifest.of("raw")
    assert not list((study.path / "raw").rglob("*.parquet"))
    assert len(opened.manifest.sources) == len(every_format(tmp_path))


def test_remove_leaves_the_study_as_if_the_file_had_never_come(tmp_path):
    files = every_format(tmp_path)
    with_all, without = (yuhu.init(tmp_path / name) for name in ("a", "b"))
    (without.path / "secret.key").write_bytes((with_all.path / "secret.key").read_bytes())
    yuhu.add(with_all, files)
    gone = yuhu.remove(yuhu.open(with_all.path), ["comments.json"])
    assert gone.rows["responses"] == 2
    yuhu.add(without, [file for file in files if file.name != "comments.json"])
    one, two = yuhu.open(with_all.path), yuhu.open(without.path)
    for table in ("responses", "videos", "metrics", "links", "rejects", "raw"):
        assert one.scan(table).collect().sort(pl.all().cast(pl.String)).equals(two.scan(table).collect().sort(pl.all().cast(pl.String))), (
            table
        )
    yuhu.run(one)
    [again] = yuhu.add(yuhu.open(with_all.path), [tmp_path / "comments.json"])
    assert again.status == "added"


def test_remove_asks_which_one(study, tmp_path):
    with pytest.raises(YuhuError, match="YH207"):
        yuhu.remove(study, ["nothing.json"])


def test_a_later_export_shows_deletions(study, tmp_path):
    all_of_them = comments(40)
    later = [record for record in all_of_them if record["_id"] not in {"c0005", "c0017"}]
    yuhu.add(study, [write(tmp_path, "early.json", all_of_them)], exported_at="2023-09-01", sort_order="time")
    [added] = yuhu.add(yuhu.open(study.path), [write(tmp_path, "late.json", later)], exported_at="2023-09-10", sort_order="time")
    opened = yuhu.open(study.path)
    gone = opened.scan("deletions").collect()
    assert sorted(gone["response_id"]) == ["weibo:-:comment:c0005", "weibo:-:comment:c0017"]
    assert str(gone["deleted_seen_at"][0]) == "2023-09-10 00:00:00+00:00"
    assert any("deleted in between" in note for note in added.entry.notes)
    assert opened.scan("responses").collect().height == 40
    assert {"kind": "deleted", "subject": "", "n": 2} in yuhu.status(opened)["missing"]


@pytest.mark.parametrize(
    ("kept", "order", "said"),
    [
        (range(20, 30), "time", None),  # a later page only: what lies outside its time says nothing
        (range(0, 40, 3), "time", "too many to be deletions"),
        (range(2, 40), "hot", "sorted by heat"),
    ],
)
def test_an_export_that_cannot_show_deletions(study, tmp_path, kept, order, said):
    all_of_them = comments(40)
    yuhu.add(study, [write(tmp_path, "early.json", all_of_them)], exported_at="2023-09-01", sort_order="time")
    chosen = [all_of_them[at] for at in kept]
    [added] = yuhu.add(yuhu.open(study.path), [write(tmp_path, "late.json", chosen)], exported_at="2023-09-10", sort_order=order)
    assert not yuhu.open(study.path).manifest.of("deletions")
    assert (said is None) == (not added.entry.notes)
    assert said is None or said in added.entry.notes[0]


def test_an_earlier_export_added_later_shows_nothing(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "late.json", comments(40))], exported_at="2023-09-10")
    yuhu.add(yuhu.open(study.path), [write(tmp_path, "early.json", comments(38))], exported_at="2023-09-01")
    assert not yuhu.open(study.path).manifest.of("deletions")


def coded(study, unit):
    import datetime as dt

    variable = next(iter(study.codebook().variables.values()))
    row = {
        "unit_kind": "response", "unit_id": unit, "video_id": None, "start_ms": None, "end_ms": None, "code": variable.id, "value": variable.values[0],
        "status": "coded", "coder": "ann", "coder_kind": "human", "code_hash": variable.code_hash, "codebook_hash": "x", "evidence": "我想回家 5",
        "at": dt.datetime(2023, 9, 1, tzinfo=dt.UTC),
    }  # fmt: skip
    append_codings(study.path, pl.DataFrame([row]))


def test_forget_a_person_everywhere(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "comments.json", comments(40)), write(tmp_path, "posts.json", POSTS)])
    opened = yuhu.open(study.path)
    person = "user-5-5550001"
    key = opened.pseudonyms().key("weibo", person)
    theirs = opened.scan("responses").filter(pl.col("author_key") == key).collect()
    assert theirs.height == 5
    unit = theirs["response_id"][0]
    add_sample(
        study.path, Sample("g", pl.DataFrame({"unit_id": [unit], "chance": [0.5], "stratum": ["all"]}), "srs", 1, 2), "2023-09-01T00:00:00Z"
    )
    coded(opened, unit)
    yuhu.run(opened)
    assert key.encode() in everything(study.path)
    receipt = yuhu.forget(yuhu.open(study.path), person=person, platform="weibo")
    assert receipt.rows["responses"] == 5
    assert (receipt.raw_records, receipt.codings, receipt.runs) == (5, 1, 1)
    left = everything(study.path)
    for trace in (key, unit, *theirs["text"]):
        assert trace.encode() not in left, trace
    opened = yuhu.open(study.path)
    assert opened.scan("responses").collect().height == 40 - 5 + 2
    assert read_codings(study.path)["unit_id"][0].startswith("forgotten:")
    assert read_samples(study.path)["g"].size == 1
    assert json.loads(receipt.path.read_text())["rows"]["responses"] == 5
    yuhu.run(opened)
    [again] = yuhu.add(yuhu.open(study.path), [write(tmp_path, "again.json", comments(42))])  # one of them, and one of the forgotten person
    assert again.entry.kept == 1
    assert key.encode() not in everything(study.path)


def test_forget_what_was_deleted_and_what_is_listed(study, tmp_path):
    all_of_them = comments(40)
    yuhu.add(study, [write(tmp_path, "early.json", all_of_them)], exported_at="2023-09-01")
    yuhu.add(
        yuhu.open(study.path), [write(tmp_path, "late.json", [r for r in all_of_them if r["_id"] != "c0009"])], exported_at="2023-09-10"
    )
    assert yuhu.forget(yuhu.open(study.path), deleted=True).rows["responses"] == 1
    listed = write(tmp_path, "ids.txt", "weibo:-:comment:c0011\n\nweibo:-:comment:c0012\n")
    receipt = yuhu.forget(yuhu.open(study.path), listed=listed)
    assert receipt.rows["responses"] == 2
    assert receipt.raw_records == 4
    left = everything(study.path)
    assert not [trace for trace in ("c0009", "c0011", "c0012") if trace.encode() in left]
    assert b"c0010" in left


def test_forget_a_message_that_has_no_id_of_its_own(study, tmp_path):
    columns = {
        "date": ["2023-08-30 12:00:00"] * 3,
        "level": ["1"] * 3,
        "text": ["我哭了真的很难过", "别的话在这里", "第三句话在这里"],
        "like": ["1"] * 3,
    }
    yuhu.add(study, [write(tmp_path, "film.json", columns)])
    rows = yuhu.open(study.path).scan("responses").collect()
    receipt = yuhu.forget(yuhu.open(study.path), [rows.filter(pl.col("text").str.starts_with("我"))["response_id"][0]])
    assert (receipt.rows["responses"], receipt.raw_records) == (1, 1)
    assert "我哭了真的很难过".encode() not in everything(study.path)


def test_replies_to_the_forgotten_stay_and_point_to_nobody(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "comments.json", COMMENTS), write(tmp_path, "posts.json", POSTS)])
    yuhu.forget(yuhu.open(study.path), ["weibo:-:comment:c1"])
    rows = yuhu.open(study.path).scan("responses").filter(pl.col("kind") == "reply").collect()
    assert rows.height == 1
    assert rows["parent_id"][0].startswith("forgotten:")


@pytest.mark.parametrize(
    ("named", "options", "code"),
    [((), {}, "YH108"), ((), {"person": "1"}, "YH108"), (("weibo:-:comment:none",), {}, "YH207"), ((), {"listed": "no.txt"}, "YH110")],
)
def test_forget_says_what_it_lacks(study, tmp_path, named, options, code):
    yuhu.add(study, [write(tmp_path, "comments.json", COMMENTS)])
    with pytest.raises(YuhuError, match=code):
        yuhu.forget(yuhu.open(study.path), named, **options)


def test_link_joins_and_parts_videos(study, tmp_path):
    files = [write(tmp_path, f"{n}.xml", danmaku_xml([(1, f"t{n}", {"id": n})], chat=str(n))) for n in (1, 2)]
    yuhu.add(study, files)
    settings = (study.path / "study.yaml").read_text().replace("seed:", "# mine\nseed:")
    (study.path / "study.yaml").write_text(settings)
    assert yuhu.link(yuhu.open(study.path), "ep1", ["bilibili:1", "bilibili:2"]) == {"ep1": ["bilibili:1", "bilibili:2"]}
    opened = yuhu.open(study.path)
    assert opened.n_works() == 1
    assert "# mine" in (study.path / "study.yaml").read_text()
    assert yuhu.link(opened, "ep2", ["bilibili:2"]) == {"ep1": ["bilibili:1"], "ep2": ["bilibili:2"]}
    assert yuhu.link(yuhu.open(study.path), "ep2", ["bilibili:2"], undo=True) == {"ep1": ["bilibili:1"]}
    with pytest.raises(YuhuError, match="YH207"):
        yuhu.link(yuhu.open(study.path), "ep1", ["bilibili:9"])


def test_ethics_states_what_the_study_is(study, tmp_path):
    yuhu.add(study, every_format(tmp_path))
    yuhu.code(yuhu.open(study.path))
    path = yuhu.ethics(yuhu.open(study.path))
    text = path.read_text("utf-8")
    for needed in (
        "not written for research",
        "minors",
        "pseudonymous, not anonymous",
        "Political opinion",
        "Reports quote no message",
        "retain_until",
        "no text left",
        "并非为研究而写",
        "未成年人",
        "假名",
    ):
        assert needed in text, needed
    (study.path / "study.yaml").write_text(
        (study.path / "study.yaml").read_text().replace("retain_until: ''", "retain_until: '2030-12-31'")
    )
    assert "2030-12-31" in yuhu.ethics(yuhu.open(study.path)).read_text("utf-8")


def test_every_importer_that_gives_raw_can_map_it_again():
    from yuhu.core.contracts import Remapper

    assert all(isinstance(make(), Remapper) for make in registered("importers").values())
