"""MediaCrawler: both generations, seven platforms, every container; captures, threads, caps; hostile values; the raw copy."""

import datetime as dt
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediacrawler_files import (
    AT,
    HASH,
    SENT,
    WRITERS,
    bilibili_comment,
    bilibili_creator,
    bilibili_dynamic,
    bilibili_video,
    douyin_comment,
    douyin_video,
    kuaishou_comment,
    kuaishou_video,
    tieba_comment,
    tieba_note,
    weibo_comment,
    weibo_post,
    write_csv,
    write_json,
    write_jsonl,
    write_sqlite,
    write_xlsx,
    xhs_comment,
    xhs_note,
    zhihu_comment,
    zhihu_content,
)
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up, raw_copy
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources import flat_json, flat_separated, mediacrawler_sample
from yuhu.sources.mediacrawler import MediaCrawler
from yuhu.sources.mediacrawler_layouts import LAYOUTS, layout_of
from yuhu.sources.reading import read_head
from yuhu.testing import check_importer

AT_UTC = dt.datetime(2023, 11, 26, 12, tzinfo=dt.UTC)
SENT_UTC = dt.datetime(2023, 8, 30, 12, 53, 20, tzinfo=dt.UTC)
LATER_UTC = SENT_UTC + dt.timedelta(minutes=1)
XHS_USER = "5ff0000000000000000000aa"
USER = "60000000001"

VIDEOS = {
    "bilibili": (bilibili_video, ("701234567", "逃出大英博物馆 第一集", "回家 @小明同学", ["av701234567"])),
    "douyin": (douyin_video, ("7273000000000000001", "国宝回家 #大英博物馆", None, None)),
    "kuaishou": (kuaishou_video, ("3xabcdefghijk", "国宝", None, None)),
}
COUNTS = {
    "bilibili": {
        "views": 350000,
        "likes": 12000,
        "dislikes": 0,
        "favorites": 800,
        "shares": 70,
        "coins": 60,
        "danmaku": 5000,
        "comments": 42,
    },
    "douyin": {"likes": 12, "favorites": 3, "comments": 20},
    "kuaishou": {"views": 100, "likes": 9},
}
BELOW_VIDEOS = {
    "bilibili": (bilibili_comment, ("701234567", "1", "我哭了[泪]", 3), None),
    "douyin": (douyin_comment, ("7273000000000000001", "7273000000000000011", "小玉壶别怕", 5), "北京"),
    "kuaishou": (kuaishou_comment, ("3xabcdefghijk", "900000000001", "加油", None), None),
}
POSTS = {
    "weibo": (weibo_post, ("4940000000000001", "逃出大英博物馆更新了", 10), "河北", {"likes": 10, "comments": 2, "reposts": 1}),
    "xiaohongshu": (
        xhs_note,
        ("64f000000000000000000001", "看展记\n今天去看展", 15000),
        "上海",
        {"likes": 15000, "favorites": 7, "comments": 3, "shares": 2},
    ),
}
BELOW_POSTS = {
    "weibo": (weibo_comment, ("4940000000000001", "4940000000000011", "泪目", 4), "重庆", SENT_UTC),
    "xiaohongshu": (xhs_comment, ("64f000000000000000000001", "64f00000000000000000c001", "好想去", 0), "英国", LATER_UTC),
}
EVERYWHERE = pytest.mark.parametrize("kind", list(WRITERS))
GENERATIONS = pytest.mark.parametrize("gen", ["A", "B"])


def written(folder, kind, *records, name="search_contents_2023-11-26"):
    return WRITERS[kind](folder / f"{name}.{kind}", list(records))


@EVERYWHERE
@GENERATIONS
@pytest.mark.parametrize("platform", list(VIDEOS))
def test_videos(tmp_path, platform, gen, kind):
    make, expected = VIDEOS[platform]
    importer, batches, facts = read(written(tmp_path, kind, make(gen)))
    assert (importer.name, facts.what, facts.platform, facts.video_from) == ("mediacrawler.v1", "videos", platform, "a field")
    [video] = table(batches, "videos").to_dicts()
    assert (video["video"], video["title"], video["description"], video["aliases"]) == expected
    assert (video["platform"], video["author"], video["published_at"]) == (platform, HASH if gen == "B" else USER, SENT_UTC)
    metrics = table(batches, "metrics")
    assert dict(metrics.select("name", "value").rows()) == COUNTS[platform]
    assert set(metrics["video"]) == {expected[0]}
    assert set(metrics["at"]) == {AT_UTC}
    assert facts.exported_at == "2023-11-26T12:00:00Z"
    total = COUNTS[platform].get("comments")
    assert facts.expected == ([{"kind": "comment", "total": total, "video": expected[0], "root": None}] if total else [])
    assert ("hash" in " ".join(facts.notes)) == (gen == "B")


@EVERYWHERE
@GENERATIONS
@pytest.mark.parametrize("platform", list(BELOW_VIDEOS))
def test_comments_below_videos(tmp_path, platform, gen, kind):
    make, (video, native, text, likes), place = BELOW_VIDEOS[platform]
    _, batches, facts = read(written(tmp_path, kind, make(gen=gen)))
    [row] = table(batches).to_dicts()
    assert (row["video"], row["native"], row["text"], row["likes"]) == (video, native, text, likes)
    assert (row["platform"], row["fork"], row["kind"], row["parent"], row["root"]) == (
        platform,
        "comment",
        "comment",
        None,
        f"comment:{native}",
    )
    assert (row["sent_at"], row["sent_at_precision_s"], row["author"]) == (LATER_UTC, 1, HASH if gen == "B" else USER)
    assert row["region"] == (place if gen == "A" else None)
    assert (facts.what, facts.exported_at, facts.sort_order) == ("comments", "2023-11-26T12:00:00Z", "unknown")
    assert table(batches, "metrics").height == 0


@EVERYWHERE
@GENERATIONS
@pytest.mark.parametrize("platform", list(POSTS))
def test_posts(tmp_path, platform, gen, kind):
    make, (native, text, likes), place, counts = POSTS[platform]
    _, batches, facts = read(written(tmp_path, kind, make(gen)))
    [row] = table(batches).to_dicts()
    assert (row["video"], row["fork"], row["native"], row["kind"], row["text"], row["likes"]) == (None, "post", native, "post", text, likes)
    assert (row["parent"], row["root"], row["sent_at"]) == (None, f"post:{native}", SENT_UTC)
    assert row["region"] == (place if gen == "A" else None)
    metrics = table(batches, "metrics")
    assert dict(metrics.select("name", "value").rows()) == counts
    assert set(metrics["response"]) == {f"post:{native}"}
    assert facts.what == "posts"
    assert facts.expected == [{"kind": "comment", "total": counts["comments"], "video": None, "root": f"post:{native}"}]


@EVERYWHERE
@GENERATIONS
@pytest.mark.parametrize("platform", list(BELOW_POSTS))
def test_comments_below_posts(tmp_path, platform, gen, kind):
    make, (post, native, text, likes), place, sent = BELOW_POSTS[platform]
    reply = make("99", native, gen)
    _, batches, _ = read(written(tmp_path, kind, make(gen=gen), reply))
    first, second = table(batches).to_dicts()
    assert (first["video"], first["native"], first["text"], first["likes"], first["sent_at"]) == (None, native, text, likes, sent)
    assert (first["kind"], first["parent"], first["root"]) == ("comment", f"post:{post}", f"post:{post}")
    assert (second["kind"], second["parent"], second["root"]) == ("reply", f"comment:{native}", f"post:{post}")
    assert first["region"] == (place if gen == "A" else None)
    assert first["author"] == (HASH if gen == "B" else USER if platform == "weibo" else XHS_USER)


@EVERYWHERE
def test_tieba_and_zhihu(tmp_path, kind):
    _, batches, facts = read(written(tmp_path, kind, tieba_note()))
    [row] = table(batches).to_dicts()
    assert (row["platform"], row["native"], row["text"], row["author"]) == ("tieba", "8500000001", "看了吗\n太好哭了", HASH)
    assert (row["sent_at"], row["sent_at_precision_s"]) == (dt.datetime(2023, 8, 30, 12, 53, tzinfo=dt.UTC), 60)
    assert dict(table(batches, "metrics").select("name", "value").rows()) == {"comments": 1}
    [row] = table(read(written(tmp_path, kind, tieba_comment(publish_time="2023-08-30")))[1]).to_dicts()
    assert (row["text"], row["root"], row["sent_at_precision_s"]) == ("看了", "post:8500000001", 86_400)
    _, batches, facts = read(written(tmp_path, kind, zhihu_content()))
    [row] = table(batches).to_dicts()
    assert (facts.platform, row["text"], row["likes"], row["sent_at"]) == ("zhihu", "如何评价逃出大英博物馆\n我觉得很好", 8, SENT_UTC)
    [row] = table(read(written(tmp_path, kind, zhihu_comment()))[1]).to_dicts()
    assert (row["text"], row["parent"], row["likes"], row["sent_at"]) == ("同感", "post:3200000001", 1, LATER_UTC)


@EVERYWHERE
def test_dynamics_accounts_and_contacts(tmp_path, kind):
    _, batches, facts = read(written(tmp_path, kind, bilibili_dynamic(), bilibili_dynamic(dynamic_id="2", type="FORWARD")))
    assert table(batches).select("native", "kind", "text", "author").rows() == [
        ("840000000000000001", "post", "第三集今晚更新", USER),
        ("2", "repost", "第三集今晚更新", USER),
    ]
    assert table(batches, "metrics").filter(pl.col("response") == "post:2").select("name", "value").rows() == [
        ("likes", 30.0),
        ("comments", 4.0),
        ("reposts", 2.0),
    ]
    _, batches, facts = read(written(tmp_path, kind, bilibili_creator()))
    assert table(batches, "metrics").select("account", "name", "value").rows() == [
        (USER, "followers", 120000.0),
        (USER, "likes", 3500000.0),
    ]
    assert facts.what == "accounts"
    assert batches[0].raw.records.columns == ["user_id", "last_modify_ts", "total_fans", "total_liked"]
    contact = {"up_id": "1", "fan_id": "2", "up_name": "a", "fan_name": "b", "last_modify_ts": AT}
    _, batches, _ = read(written(tmp_path, kind, contact))
    assert [one.why for batch in batches for one in batch.rejects] == ["who follows whom is not imported"]
    assert batches[0].raw is None


def test_every_layout_is_told_from_the_others():
    """The columns of a table alone say which it is."""
    for layout in LAYOUTS:
        assert layout_of({*layout.columns, *layout.marks}) is layout, layout.name


def test_units_of_times(tmp_path):
    times = [SENT, SENT * 1000, str(SENT), f"{SENT}.0", "2023-08-30 20:53:20", 0, "", "soon"]
    records = [douyin_comment(str(at), create_time=time) for at, time in enumerate(times)]
    _, batches, facts = read(write_jsonl(tmp_path / "a.jsonl", records))
    rows = table(batches)
    assert rows["sent_at"].to_list() == [SENT_UTC] * 5 + [None] * 3
    assert rows["sent_at_precision_s"].to_list() == [1] * 5 + [None] * 3
    assert facts.notes == ["3 records have no time that is understood"]


def test_a_zone_can_be_said(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", [tieba_note()])
    [row] = table(read(path, tz="UTC")[1]).to_dicts()
    assert row["sent_at"] == dt.datetime(2023, 8, 30, 20, 53, tzinfo=dt.UTC)


@EVERYWHERE
def test_weibo_times_that_are_8_hours_late(tmp_path, kind):
    late = weibo_comment("1", create_time=SENT + 8 * 3600)
    right = weibo_comment("2", create_date_time="2023-08-30 20:53:20+08:00")
    bare = weibo_comment("3", create_date_time="")
    _, batches, facts = read(written(tmp_path, kind, late, right, bare))
    assert table(batches)["sent_at"].to_list() == [SENT_UTC] * 3
    assert facts.notes == [
        "create_time and create_date_time disagree in 1 records: create_time was written 8 hours late until 30 July 2026, so create_date_time counts"
    ]


@EVERYWHERE
def test_runs_that_were_appended(tmp_path, kind):
    """The newest capture counts, wherever it stands; counts of all stay as a time series."""
    hour = 3_600_000
    records = [
        bilibili_video(last_modify_ts=AT + hour, title="new", video_play_count="30"),
        bilibili_video(last_modify_ts=AT, title="old", video_play_count="10"),
        bilibili_video(video_id="2", video_play_count="5"),
    ]
    path = written(tmp_path, kind, *records)
    _, batches, facts = read(path)
    place = "record 2" if kind == "json" else "line 2" if kind == "jsonl" else "line 3"
    assert [(one.place, one.why) for batch in batches for one in batch.rejects] == [(place, "an older capture of the same item")]
    assert table(batches, "videos").select("video", "title").rows() == [("701234567", "new"), ("2", "逃出大英博物馆 第一集")]
    views = table(batches, "metrics").filter(pl.col("name") == "views").select("video", "at", "value").rows()
    assert views == [("701234567", AT_UTC + dt.timedelta(hours=1), 30.0), ("701234567", AT_UTC, 10.0), ("2", AT_UTC, 5.0)]
    assert facts.exported_at == "2023-11-26T13:00:00Z"
    assert_maps_again(path)


@EVERYWHERE
def test_comments_captured_twice(tmp_path, kind):
    records = [
        bilibili_comment("1", like_count=3),
        bilibili_comment("2"),
        bilibili_comment("1", like_count=9, sub_comment_count="2", last_modify_ts=AT + 1),
    ]
    path = written(tmp_path, kind, *records)
    _, batches, _ = read(path)
    assert table(batches).select("native", "likes").rows() == [("2", 3), ("1", 9)]
    metrics = table(batches, "metrics")
    assert metrics.select("response", "name", "value").rows() == [
        ("comment:1", "likes", 3.0),
        ("comment:1", "replies", 0.0),
        ("comment:1", "likes", 9.0),
        ("comment:1", "replies", 2.0),
    ]
    assert set(metrics["video"]) == {"701234567"}
    assert_maps_again(path)


def test_replies_find_their_thread(tmp_path, monkeypatch):
    """Bilibili names only what a reply answers; chains are followed, beyond a piece of the file, and circles end."""
    monkeypatch.setattr(flat_json, "PIECE_BYTES", 2000)
    chain = [bilibili_comment(f"r{at}", f"r{at - 1}") for at in range(1, 60)]
    odd = [bilibili_comment("a", "b"), bilibili_comment("b", "a"), bilibili_comment("c", "c"), bilibili_comment("d", "gone")]
    path = write_jsonl(tmp_path / "a.jsonl", [bilibili_comment("r0"), *chain, *odd])
    _, batches, _ = read(path)
    assert len(batches) > 5
    rows = table(batches)
    assert set(rows["root"][:60]) == {"comment:r0"}
    assert rows["parent"][:3].to_list() == [None, "comment:r0", "comment:r1"]
    assert rows["kind"][-4:].to_list() == ["reply", "reply", "comment", "reply"]
    assert set(rows["root"][60:62]) <= {"comment:a", "comment:b"}
    assert rows["root"][-2:].to_list() == ["comment:c", "comment:gone"]


def test_the_default_cap(tmp_path):
    """Ten first-level comments and no replies: what MediaCrawler reads unless it is told otherwise."""
    records = [
        douyin_comment(f"{video}{at:02}", aweme_id=str(video), sub_comment_count="3" if at == 0 else "0")
        for video, number in ((1, 10), (2, 10), (3, 4))
        for at in range(number)
    ]
    _, _, facts = read(write_jsonl(tmp_path / "a.jsonl", records))
    assert facts.caps == {"first_level": 10}
    assert facts.first_level_only
    assert facts.truncation == [
        "2 of 3 videos or posts have 10 first-level comments, and none has more: MediaCrawler reads no more unless it is told",
        "no replies are here, and the platform counts 9: MediaCrawler leaves them out unless it is told",
    ]
    assert facts.expected == [{"kind": "reply", "total": 3, "video": str(video), "root": f"comment:{video}00"} for video in (1, 2, 3)]


def test_no_cap_where_nothing_speaks_for_one(tmp_path):
    records = [
        douyin_comment(f"{video}{at:02}", aweme_id=str(video)) for video, number in ((1, 12), (2, 10), (3, 4)) for at in range(number)
    ]
    _, _, facts = read(write_jsonl(tmp_path / "a.jsonl", records))
    assert (facts.caps, facts.first_level_only, facts.is_truncated, facts.expected) == ({}, False, False, [])


def test_a_cap_that_a_person_set(tmp_path):
    records = [douyin_comment(f"{video}{at:03}", aweme_id=str(video)) for video in range(3) for at in range(50)]
    _, _, facts = read(write_jsonl(tmp_path / "a.jsonl", records))
    assert facts.caps == {"first_level": 50}
    assert "a cap of the crawler, it seems" in facts.truncation[0]


def test_replies_that_are_missing(tmp_path, monkeypatch):
    records = [
        weibo_comment("1", "1", sub_comment_count="5"),
        weibo_comment("2", "1"),
        weibo_comment("3", "", note_id="9", sub_comment_count="1"),
    ]
    path = write_jsonl(tmp_path / "a.jsonl", records)
    _, _, facts = read(path)
    assert facts.truncation == ["5 replies are not here, by the platform's own count"]
    assert not facts.first_level_only
    assert facts.expected == [
        {"kind": "reply", "total": 5, "video": None, "root": "comment:1"},
        {"kind": "reply", "total": 1, "video": None, "root": "comment:3"},
    ]
    monkeypatch.setattr(mediacrawler_sample, "MOST_TOTALS", 1)
    assert read(path)[2].expected == [{"kind": "reply", "total": 6, "video": None, "root": None}]
    one = write_jsonl(tmp_path / "b.jsonl", [records[0], weibo_comment("8", "", sub_comment_count="2")])
    assert read(one)[2].expected == [{"kind": "reply", "total": 7, "video": None, "root": "post:4940000000000001"}]


def test_counts_without_a_time(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", [douyin_video(last_modify_ts="")])
    _, batches, facts = read(path)
    assert table(batches, "metrics").height == 0
    assert table(batches, "videos").height == 1
    assert any("--exported-at" in note for note in facts.notes)
    _, batches, _ = read(path, exported_at="2023-12-01T00:00:00Z")
    assert set(table(batches, "metrics")["at"]) == {dt.datetime(2023, 12, 1, tzinfo=dt.UTC)}


def test_what_is_rejected(tmp_path):
    records = [
        douyin_comment(""),
        douyin_comment("1", content=" \u0000 "),
        douyin_comment("2", content="", pictures="https://example.invalid/1.jpg"),
        douyin_comment("7.273E+18"),
        douyin_comment("3", aweme_id="7.273e+18"),
        douyin_comment("4", parent="7E18"),
        douyin_comment("5.0"),
    ]
    path = write_csv(tmp_path / "a.csv", records)
    _, batches, _ = read(path)
    assert [(one.place, one.why) for batch in batches for one in batch.rejects] == [
        ("line 2", "no id"),
        ("line 3", "no text"),
        ("line 4", "no text, only pictures"),
        *((f"line {at}", "an id has lost digits in a spreadsheet") for at in (5, 6, 7)),
    ]
    assert table(batches)["native"].to_list() == ["5"]


def test_notes_on_pictures_and_films(tmp_path):
    _, _, facts = read(write_jsonl(tmp_path / "a.jsonl", [douyin_video(aweme_type="68"), douyin_video(aweme_id="2")]))
    assert facts.notes == ["1 works are notes with pictures, no videos"]
    _, _, facts = read(write_jsonl(tmp_path / "b.jsonl", [xhs_note(type="video")]))
    assert facts.notes == ["1 notes are videos; their comments stand below the note"]


def database(folder):
    return write_sqlite(
        folder / "sqlite_tables.db",
        {
            "bilibili_video": [bilibili_video()],
            "bilibili_video_comment": [bilibili_comment("1", sub_comment_count="4"), bilibili_comment("2", "1")],
            "bilibili_up_info": [bilibili_creator()],
            "douyin_aweme_comment": [douyin_comment(gen="B"), douyin_comment(gen="B", last_modify_ts=AT + 5, like_count=7)],
            "weibo_note": [weibo_post()],
            "something_else": [{"a": "1"}],
        },
    )


def test_a_database(tmp_path):
    path = database(tmp_path)
    importer, batches, facts = read(path)
    assert importer.name == "mediacrawler.v1"
    assert table(batches).select("platform", "video", "native", "likes").rows() == [
        ("bilibili", "701234567", "1", 3),
        ("bilibili", "701234567", "2", 3),
        ("douyin", "7273000000000000001", "7273000000000000011", 7),
        ("weibo", None, "4940000000000001", 10),
    ]
    assert table(batches, "videos").select("platform", "video").rows() == [("bilibili", "701234567")]
    assert [(one.place, one.why) for batch in batches for one in batch.rejects] == [
        ("table douyin_aweme_comment, row 1", "an older capture of the same item")
    ]
    assert (sum(batch.seen for batch in batches), sum(batch.kept for batch in batches)) == (7, 6)
    assert (facts.what, facts.platform) == ("videos and posts and comments and accounts", "bilibili")
    assert facts.expected == [
        {"kind": "comment", "total": 42, "video": "701234567", "root": None},
        {"kind": "reply", "total": 4, "video": "701234567", "root": "comment:1"},
    ], "totals are those of the file's platform"
    copy = assert_maps_again(path)
    assert "签名档" not in copy
    assert path.read_bytes()[:16] == b"SQLite format 3\x00"
    path.with_name(path.name + "-wal").write_bytes(b"changes")
    assert any("-wal" in message for message in read(path)[2].truncation)


def test_a_workbook(tmp_path):
    path = write_xlsx(
        tmp_path / "douyin_search_20231126.xlsx",
        {"Contents": [douyin_video()], "Comments": [douyin_comment(), douyin_comment(7273000000000000012), douyin_comment("13")]},
    )
    importer, batches, facts = read(path)
    assert importer.name == "mediacrawler.v1"
    assert facts.what == "videos and comments"
    assert table(batches)["native"].to_list() == ["7273000000000000011", "13"]
    assert table(batches)["sent_at"].to_list() == [LATER_UTC] * 2
    assert [(one.place, one.why) for batch in batches for one in batch.rejects] == [
        ("sheet Comments, row 3", "an id has lost digits in a spreadsheet")
    ]
    assert table(batches, "videos")["video"].to_list() == ["7273000000000000001"]
    assert_maps_again(path)


def test_other_databases_and_workbooks_are_not_taken(tmp_path):
    for path in (
        write_sqlite(tmp_path / "a.db", {"t": [{"comment_id": "1", "content": "x"}]}),
        write_xlsx(tmp_path / "a.xlsx", {"Sheet1": [{"comment": "x", "time": "y"}]}),
        write_csv(tmp_path / "a.csv", [{"comment_id": "1", "content": "x", "video_id": "2"}]),
    ):
        assert MediaCrawler().sniff(read_head(path)) == 0
        with pytest.raises(YuhuError) as raised:
            list(MediaCrawler().read(Origin(path), Facts()))
        assert raised.value.code == "YH102"
    mapped = write_csv(tmp_path / "b.csv", [douyin_comment()])
    assert MediaCrawler().sniff(read_head(mapped, mapped=True)) == 0


def test_video_and_platform_can_be_said(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", [douyin_video()])
    _, _, facts = read(path, video="mine", platform="tiktok")
    assert (facts.platform, facts.video_from, facts.expected[0]["video"]) == ("tiktok", "--video", "mine")


def test_broken_lines_between_good_ones(tmp_path):
    good = json.dumps(douyin_comment(), ensure_ascii=False)
    path = tmp_path / "a.jsonl"
    path.write_text(f'{good}\n{{"comment_id": "2", "aweme\n\n[]\n{good.replace("0011", "0012")}\n', "utf-8")
    _, batches, _ = read(path)
    assert table(batches)["native"].to_list() == ["7273000000000000011", "7273000000000000012"]
    assert [(one.place, one.why) for batch in batches for one in batch.rejects] == [
        ("line 2", "the line is no JSON"),
        ("line 4", "the record is no object"),
    ]


ALL = (
    [bilibili_video(), bilibili_video("B", video_id="2")],
    [bilibili_comment("1"), bilibili_comment("2", "1"), bilibili_comment("3", gen="B"), bilibili_comment("1", last_modify_ts=AT + 1)],
    [douyin_video()],
    [douyin_comment(), douyin_comment("2", "7273000000000000011", "B")],
    [weibo_post()],
    [weibo_comment()],
    [xhs_note(), xhs_note("B", note_id="2")],
    [xhs_comment()],
    [kuaishou_video()],
    [kuaishou_comment()],
    [tieba_note()],
    [tieba_comment()],
    [zhihu_content()],
    [zhihu_comment()],
    [bilibili_dynamic()],
    [bilibili_creator()],
)


@pytest.mark.parametrize("records", ALL, ids=lambda records: layout_of(records[0]).name)
def test_contract_and_raw_copy_without_people(tmp_path, records):
    for kind, write in {"jsonl": write_jsonl, "json": write_json}.items():
        path = write(tmp_path / f"a.{kind}", records)
        check_importer(MediaCrawler(), path)
        copy = assert_maps_again(path)
        people = (
            "小明同学",
            "@小明",
            "小***明",
            USER,
            HASH,
            XHS_USER,
            "签名档",
            "avatar.jpg",
            "MS4wLjAB",
            "xiaoming",
            "ABsecret",
            "weibo.com/u/6",
        )
        for secret in (*people, "贴***友", "知***友"):
            assert secret not in copy, secret


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_golden(tmp_path, golden, kind):
    for name, records in (("contents", ALL[0]), ("comments", ALL[3])):
        names = dict.fromkeys(field for one in records for field in one)
        filled = [{field: one.get(field, "") for field in names} for one in records]
        golden(f"mediacrawler/{name}_{kind}", golden_of(written(tmp_path, kind, *(filled if kind == "csv" else records), name=name)))


def test_golden_database(tmp_path, golden):
    golden("mediacrawler/database", golden_of(database(tmp_path)))


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="@＠﹫"), min_size=1, max_size=20).filter(
    lambda text: text.strip()
)
DIGITS = st.text("123456789", min_size=1, max_size=19)
COMMENTS = st.builds(
    lambda native, parent, text, sent, likes, place, gen: douyin_comment(
        native, parent, gen, content=text, create_time=sent, like_count=likes, **({"ip_location": place} if gen == "A" else {})
    ),
    DIGITS,
    st.just("0") | st.just("") | DIGITS,
    TEXTS,
    st.integers(10**9, 2 * 10**9),
    st.integers(0, 10**9) | st.integers(0, 10**9).map(str),
    st.sampled_from(["北京", "IP属地：北京", "来自北京", ""]),
    st.sampled_from("AB"),
)


@given(st.lists(COMMENTS, min_size=1, max_size=8, unique_by=lambda one: one["comment_id"]), st.sampled_from(["jsonl", "json", "csv"]))
def test_law_round_trip(tmp_path_factory, comments, kind):
    if kind == "csv":
        names = dict.fromkeys(name for one in comments for name in one)
        comments = [{name: one.get(name, "") for name in names} for one in comments]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat_json, "PIECE_BYTES", 700)
        patch.setattr(flat_separated, "PIECE_BYTES", 700)
        path = written(tmp_path_factory.mktemp("mediacrawler"), kind, *comments)
        _, batches, _ = read(path)
        rows = table(batches)
        assert rows["native"].to_list() == [one["comment_id"] for one in comments]
        assert rows["text"].to_list() == [one["content"].strip() for one in comments]
        assert rows["sent_at"].dt.epoch("s").to_list() == [one["create_time"] for one in comments]
        assert rows["likes"].to_list() == [int(one["like_count"]) for one in comments]
        assert rows["author"].to_list() == [one.get("user_id") or one.get("creator_hash") for one in comments]
        assert rows["region"].to_list() == ["北京" if one.get("ip_location") else None for one in comments]
        answers = [one["parent_comment_id"] not in {"0", "", one["comment_id"]} for one in comments]
        assert rows["kind"].to_list() == ["reply" if one else "comment" for one in answers]
        assert_maps_again(path)


@given(st.sampled_from(ALL).flatmap(lambda records: st.lists(broken_up(records[0]), min_size=1, max_size=4)), st.booleans())
def test_law_nothing_is_lost_whatever_a_field_holds(tmp_path_factory, records, as_list):
    folder = tmp_path_factory.mktemp("mediacrawler")
    dumped = [json.dumps(one) for one in records]
    path = folder / "a"
    path.write_text("[\n" + ",\n".join(dumped) + "\n]" if as_list else "\n".join(dumped), "utf-8")
    facts = Facts()
    try:
        batches = list(MediaCrawler().read(Origin(path), facts))
    except YuhuError as error:
        assert error.code == "YH102"  # noqa: PT017 - a key that tells the tables apart is gone
        return
    assert sum(batch.seen for batch in batches) == len(records)
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
    check_importer(MediaCrawler(), path)
    raw = iter(raw_copy(path)[3])
    assert sum(batch.seen for batch in MediaCrawler().again(raw, Origin(path), Facts(context=facts.context))) == len(records)


@given(st.lists(ANYTHING, max_size=4))
def test_law_other_records_between(tmp_path_factory, others):
    path = tmp_path_factory.mktemp("mediacrawler") / "a.jsonl"
    path.write_text("\n".join(json.dumps(one) for one in [douyin_comment(), *others, douyin_comment("2")]), "utf-8")
    _, batches, _ = read(path)
    assert sum(batch.seen for batch in batches) == len(others) + 2
    assert table(batches)["native"].to_list() == ["7273000000000000011", "2"]
