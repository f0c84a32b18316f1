"""Zeeschuimer's captures: every module and shape, repeated captures, mixed files, hostile values, the raw copy."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import captures as zs
import yuhu
from captures import AT, BY_MODULE, CREATED, capture, flattened, lines_of, ndjson
from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up, raw_copy
from yuhu.core.clock import iso_utc
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.captured import SHOWN, count
from yuhu.sources.reading import read_head
from yuhu.sources.recognise import recognise
from yuhu.sources.records import Reading
from yuhu.sources.zeeschuimer import MODULES, ZeeschuimerCaptures
from yuhu.testing import check_importer

PUBLISHED = "2023-08-30T12:53:20Z"


def export(folder, *lines, name="zeeschuimer-export-x-2026-01-01T000000.ndjson"):
    return write(folder, name, ndjson(lines))


def rejects(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


def metrics(batches):
    rows = table(batches, "metrics")
    return [
        (row["video"] or row["response"] or row["account"], iso_utc(round(row["at"].timestamp() * 1000)), row["name"], row["value"])
        for row in rows.iter_rows(named=True)
    ]


@pytest.mark.parametrize("module", BY_MODULE)
def test_golden(tmp_path, golden, module):
    path = export(tmp_path, *lines_of(module), name=f"zeeschuimer-export-{module}-2026-01-01T000000.ndjson")
    golden(f"zeeschuimer/{module}", golden_of(path))
    facts = check_importer(ZeeschuimerCaptures(), path)
    assert facts.notes[0] == SHOWN
    as_4cat_keeps_it = export(tmp_path, *map(flattened, lines_of(module)))
    golden(f"zeeschuimer/{module}", golden_of(as_4cat_keeps_it))
    as_a_list = write(tmp_path, "list.json", lines_of(module))
    _, batches, _ = read(as_a_list)
    assert table(batches).equals(table(read(path)[1]))


def test_tiktok_videos(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("tiktok.com")))
    first, second = table(batches, "videos").to_dicts()
    assert (first["platform"], first["video"], first["author"], first["duration_ms"]) == (
        "tiktok",
        "7273000000000000001",
        "6800000000000000001",
        61_000,
    )
    assert first["description"] == "Escape from the British Museum #museum @teapotfan"
    assert first["title"] is None
    assert iso_utc(round(first["published_at"].timestamp() * 1000)) == PUBLISHED
    assert (second["author"], second["duration_ms"], second["description"]) == ("6800000000000000002", None, None)
    assert second["published_at"] == first["published_at"], "an epoch may be a text"
    values = [(name, value) for who, _, name, value in metrics(batches) if who == "7273000000000000001"]
    assert values == [("views", 501), ("likes", 21), ("comments", 3), ("shares", 4), ("favorites", 6), ("reposts", 2)]
    assert ("6800000000000000001", "2026-01-01T00:00:00Z", "followers", 1001) in metrics(batches)
    [link] = table(batches, "links").to_dicts()
    assert (link["node"], link["parent"], link["kind"]) == ("video:7273000000000000001", "video:7272000000000000009", "duet")
    assert rejects(batches) == [("line 3", "a live stream")]
    assert (facts.what, facts.platform, facts.sort_order, facts.exported_at) == ("videos", "tiktok", "relevance", "2026-01-01T00:00:01Z")
    assert facts.expected[0] == {"kind": "comment", "total": 3, "video": "7273000000000000001", "root": None}


def test_an_author_known_by_name_alone(tmp_path):
    nameless = {key: value for key, value in zs.TIKTOK_EMBEDDED.items() if key != "authorId"}
    _, batches, _ = read(export(tmp_path, capture("tiktok.com", nameless)))
    assert table(batches, "videos")["author"].to_list() == ["secretuser02"]


def test_tiktok_comments(tmp_path):
    second = {**zs.TIKTOK_REPLY, "cid": "3", "text": "to you", "reply_to_reply_id": "7274000000000000002", "comment_language": "zh-Hant"}
    _, batches, facts = read(export(tmp_path, *lines_of("tiktok-comments"), capture("tiktok-comments", second, n=9)))
    rows = table(batches)
    assert rows.select("native", "kind", "parent", "root").rows() == [
        ("7274000000000000001", "comment", None, "comment:7274000000000000001"),
        ("7274000000000000002", "reply", "comment:7274000000000000001", "comment:7274000000000000001"),
        ("3", "reply", "comment:7274000000000000002", "comment:7274000000000000001"),
    ]
    assert rows["lang"].to_list() == ["en", None, "zh"], "`un` is no language"
    assert rows["video"].unique().to_list() == ["7273000000000000001"]
    assert rows["author"][0] == "6911111111111111111"
    assert rows["likes"].to_list() == [12, 0, 0]
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [(CREATED + 60) * 1000] * 3
    assert table(batches, "videos").select("video", "description").rows() == [("7273000000000000001", "Escape from the British Museum")]
    assert not table(batches, "metrics").height, "one capture of a comment says what the comment says"
    assert facts.sort_order == "unknown"
    assert facts.expected == [{"kind": "reply", "total": 2, "video": "7273000000000000001", "root": "comment:7274000000000000001"}]
    assert not facts.is_truncated, "both replies that the platform counts are here"
    assert facts.notes[1:] == ["1 comments are pinned", "1 comments are marked as liked by the video's author"]


def test_replies_inside_a_comment(tmp_path):
    inside = {**zs.TIKTOK_COMMENT, "reply_comment": [zs.TIKTOK_REPLY]}
    _, batches, _ = read(export(tmp_path, capture("tiktok-comments", inside)))
    assert table(batches).select("native", "kind").rows() == [("7274000000000000001", "comment"), ("7274000000000000002", "reply")]
    [batch] = batches
    assert batch.raw.places == ["line 1", "line 1, reply_comment 1"]
    assert "reply_comment" not in batch.raw.records[0]["data"]


def test_douyin(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("douyin.com")))
    rows = table(batches, "videos")
    assert rows.select("video", "author", "duration_ms", "description").rows() == [
        ("7273111111111111111", "88000000001", 192_500, "逃出大英博物馆 第一集"),
        ("7273222222222222222", "88000000002", 60_000, "第二集"),
    ]
    first = [(name, value) for who, _, name, value in metrics(batches) if who == "7273111111111111111"]
    assert first == [("likes", 100), ("comments", 10), ("shares", 5), ("favorites", 7), ("reposts", 1), ("downloads", 3)], "0 views is none"
    second = [(name, value) for who, _, name, value in metrics(batches) if who == "7273222222222222222"]
    assert second == [("views", 33), ("likes", 200), ("shares", 1), ("favorites", 2)], "$undefined is none"
    assert rejects(batches) == [("line 3", "a live stream")]
    assert "1 videos were listed in a collection, and not necessarily shown" in facts.notes
    assert [one["total"] for one in facts.expected] == [10]


@pytest.mark.parametrize("live", [{"rawdata": "{}"}, {"cell_room": {"rawdata": "{}"}}, {"cellRoom": {"rawdata": {"title": "x"}}}])
def test_live_streams_are_no_short_videos(tmp_path, live):
    _, batches, _ = read(export(tmp_path, capture("douyin.com", {**zs.DOUYIN, **live}), capture("douyin.com", zs.DOUYIN_EMBEDDED)))
    assert rejects(batches) == [("line 1", "a live stream")]


def test_xiaohongshu_notes(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("xiaohongshu.com")))
    rows = table(batches)
    assert rows.select("native", "text", "likes", "region", "author").rows() == [
        ("64f000000000000000000002", "看哭了，推荐", 10, None, "5f0000000000000000000002"),
        ("64f000000000000000000001", "玉壶回家\n她一路找回去 #玉壶", 12001, "河北", "5f0000000000000000000001"),
        ("64f000000000000000000003", "只有标题", 3000, None, "丙丙丙丙丙丙丙丙丙"),
    ]
    assert rows["kind"].unique().to_list() == ["post"]
    assert rows["sent_at"].is_null().to_list() == [False, False, True]
    assert rejects(batches) == [("line 1", "a partial capture of the same item"), ("line 5", "a tile without its note")]
    first = [(at, name, value) for who, at, name, value in metrics(batches) if who == "post:64f000000000000000000001"]
    assert first == [
        ("2026-01-01T00:00:00Z", "likes", 12000),
        ("2026-01-01T00:00:02Z", "likes", 12001),
        ("2026-01-01T00:00:02Z", "favorites", 300),
        ("2026-01-01T00:00:02Z", "comments", 4),
        ("2026-01-01T00:00:02Z", "shares", 5),
    ]
    assert facts.expected == [{"kind": "comment", "total": 4, "video": None, "root": "post:64f000000000000000000001"}]
    assert "1 notes are videos; their comments stand below the note" in facts.notes


def test_xiaohongshu_comments(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("xiaohongshu-comments")))
    [batch] = batches
    assert (batch.seen, batch.kept) == (4, 3), "the line and the three replies inside it"
    assert rejects(batches) == [("line 1, sub_comments 3", "no text (a picture)")]
    assert table(batches).select("native", "kind", "parent", "root", "region", "actor", "video").rows() == [
        ("650000000000000000000001", "comment", "post:64f000000000000000000001", "post:64f000000000000000000001", "重庆", "creator", None),
        ("650000000000000000000002", "reply", "comment:650000000000000000000001", "post:64f000000000000000000001", None, None, None),
        ("650000000000000000000003", "reply", "comment:650000000000000000000002", "post:64f000000000000000000001", None, None, None),
    ]
    assert table(batches)["sent_at"].dt.timestamp("ms").to_list() == [CREATED * 1000 + 5, CREATED * 1000 + 60_000, None]
    assert facts.expected == [{"kind": "reply", "total": 3, "video": None, "root": "comment:650000000000000000000001"}]
    assert facts.truncation == [
        "1 replies of 1 threads are not here, by the platform's own count: only what was unfolded on the page is captured"
    ]


def test_a_reply_captured_inside_and_alone(tmp_path):
    [comment] = lines_of("xiaohongshu-comments")
    alone = capture("xiaohongshu-comments", zs.XHS_COMMENT["sub_comments"][0], at=AT - 1)
    _, batches, _ = read(export(tmp_path, alone, comment))
    assert table(batches)["native"].n_unique() == table(batches).height == 3
    assert rejects(batches)[0] == ("line 1", "an older capture of the same item")


def test_instagram(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("instagram.com")))
    assert table(batches, "videos").select("video", "author", "duration_ms", "description").rows() == [
        ("CwReel00001", "17841400000000001", 30_500, "reel caption"),
        ("BgGraph0001", "17841400000000002", 12_000, "an older one"),
    ]
    assert table(batches).select("native", "kind", "text", "likes").rows() == [("CwPict00001", "post", "three pictures", None)]
    assert rejects(batches) == [("line 2", "a partial capture of the same item"), ("line 5", "no text"), ("line 6", "an advertisement")]
    assert ("CwReel00001", "2026-01-01T00:00:01Z", "views", 900) in metrics(batches), "a newer capture in part gives its counts"
    assert ("BgGraph0001", "2026-01-01T00:00:03Z", "likes", 8) in metrics(batches)
    assert facts.what == "videos and posts"
    assert [(one["total"], one["video"] or one["root"]) for one in facts.expected] == [
        (6, "CwReel00001"),
        (6, "post:CwPict00001"),
        (9, "BgGraph0001"),
    ]


def test_x(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("twitter.com")))
    rows = table(batches)
    original = "post:1696900000000000001"
    assert rows.select("native", "kind", "parent", "root", "likes", "lang").rows() == [
        ("1696900000000000001", "post", None, original, 10, "en"),
        ("1696900000000000002", "reply", original, original, 10, None),
        ("1696900000000000003", "repost", original, original, None, "en"),
        ("1696900000000000004", "post", None, "post:1696900000000000004", 10, "en"),
        ("1696900000000000005", "post", None, "post:1696900000000000005", 10, "id"),
        ("1696900000000000007", "post", None, "post:1696900000000000007", 10, "en"),
    ]
    assert rows["text"].to_list()[:4] == [
        "The teapot & the journey @mentioned1",
        "so good",
        "The teapot & the journey @mentioned1",
        "look at this, in full length",
    ]
    assert table(batches, "links").select("node", "parent", "kind").rows() == [
        ("post:1696900000000000003", original, "repost"),
        ("post:1696900000000000004", original, "quote"),
    ]
    assert [at for who, at, name, _ in metrics(batches) if who == original and name == "likes"] == [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:02Z",
    ]
    assert rejects(batches) == [("line 6", "a post that the platform does not show")]
    assert "1 items are advertisements or promoted" in facts.notes
    assert not facts.expected


def test_threads(tmp_path):
    _, batches, facts = read(export(tmp_path, *lines_of("threads.net")))
    assert table(batches).select("platform", "native", "text", "author", "likes").rows() == [
        ("threads", "CxThread001", "on Threads", "63000000001", 4)
    ]
    assert [(name, value) for _, _, name, value in metrics(batches)] == [("likes", 4), ("reposts", 1), ("replies", 2), ("quotes", 0)]
    assert facts.platform == "threads"


def liked(likes, at, **more):
    return capture("tiktok.com", {**zs.TIKTOK, "statsV2": {}, "stats": {"diggCount": likes}}, at=at, **more)


def test_repeated_captures_are_a_time_series(tmp_path):
    lines = [liked(1, AT, last_updated=AT + 9000), liked(2, AT + 1000), liked(3, AT + 9000), liked(4, AT + 3000)]
    _, batches, facts = read(export(tmp_path, *lines))
    assert rejects(batches) == [(f"line {at}", "an older capture of the same item") for at in (1, 2, 4)], (
        "of equal times the later line is kept"
    )
    assert [(at, value) for _, at, name, value in metrics(batches) if name == "likes"] == [
        ("2026-01-01T00:00:09Z", 1),
        ("2026-01-01T00:00:01Z", 2),
        ("2026-01-01T00:00:09Z", 3),
        ("2026-01-01T00:00:03Z", 4),
    ]
    assert table(batches, "videos").height == 1
    assert table(batches, "links").height == 1
    assert facts.exported_at == "2026-01-01T00:00:09Z"


def test_counts_of_a_comment_captured_twice(tmp_path):
    later = capture("tiktok-comments", {**zs.TIKTOK_COMMENT, "digg_count": 15}, at=AT + 5000)
    _, batches, _ = read(export(tmp_path, lines_of("tiktok-comments")[0], later))
    assert table(batches)["likes"].to_list() == [15]
    subject = "comment:7274000000000000001"
    found = [(row["video"], row["response"], row["name"], row["value"]) for row in table(batches, "metrics").iter_rows(named=True)]
    assert found == [
        ("7273000000000000001", subject, name, value) for likes in (12, 15) for name, value in (("likes", likes), ("replies", 2))
    ]


def test_what_cannot_be_read_does_not_replace_what_can(tmp_path):
    gone = capture("twitter.com", zs.HIDDEN | {"rest_id": zs.TWEET["rest_id"]}, at=AT + 5000)
    _, batches, _ = read(export(tmp_path, capture("twitter.com", zs.TWEET), gone))
    assert table(batches)["native"].to_list() == ["1696900000000000001"]


def test_a_mixed_file(tmp_path):
    unread = capture("9gag.com", {"id": "a1"}, n=77)
    broken = '{"nav_index": "1:2:3", "data": {\n'
    lines = [*lines_of("tiktok.com"), unread, *lines_of("twitter.com", "tiktok-comments")]
    path = write(tmp_path, "mixed.ndjson", ndjson(lines[:4]) + broken + ndjson(lines[4:]) + '{"a": 1}\n[1]\n')
    _, batches, facts = read(path)
    assert [batch.raw.platform for batch in batches] == ["tiktok", "x"]
    assert facts.platform == "tiktok"
    assert facts.what == "videos and comments and posts"
    assert facts.sort_order == "unknown", "comments are among them"
    assert "platforms: tiktok, x" in facts.notes
    assert rejects(batches) == [
        ("line 3", "a live stream"),
        ("line 4", "items of 9gag.com are not read"),
        ("line 5", "the line is no JSON"),
        ("line 15", "no source_platform: not a capture"),
        ("line 16", "the record is no object"),
        ("line 11", "a post that the platform does not show"),
    ]
    assert sum(batch.seen for batch in batches) == 16
    assert_maps_again(path)


@pytest.mark.parametrize("name", ["9gag.com", "pinterest.com", "twitter-comments"])
def test_modules_that_are_not_read(tmp_path, name):
    with pytest.raises(YuhuError) as error:
        read(export(tmp_path, capture(name, {"id": "1"})))
    assert error.value.code == "YH103"
    assert name in error.value.problem
    assert "tiktok-comments" in str(error.value.facts["read"])


def test_a_name_of_a_stranger_is_not_repeated(tmp_path):
    _, batches, _ = read(export(tmp_path, capture("SECRETNAME", {"id": "1"}), capture("tiktok.com", zs.TIKTOK)))
    assert rejects(batches) == [("line 1", "items of an unknown module")]


def long_line(at_start):
    """A capture whose object is longer than the head."""
    line = capture("instagram.com", {**zs.REEL, "video_dash_manifest": "x" * 70_000})
    return line if at_start else flattened(line)


def test_lines_longer_than_the_head(tmp_path):
    for at_start, confidence in ((True, 0.97), (False, 0.4)):
        path = export(tmp_path, long_line(at_start))
        assert ZeeschuimerCaptures().sniff(read_head(path)) == confidence
        _, batches, _ = read(path)
        assert table(batches, "videos").height == 1


def test_others_are_left_alone(tmp_path):
    importer = ZeeschuimerCaptures()
    others = [
        write(tmp_path, "a.json", [zs.TIKTOK]),
        write(tmp_path, "b.json", {"source_platform": "tiktok", "text": "x"}),
        write(tmp_path, "c.jsonl", ndjson([zs.TIKTOK_COMMENT])),
        write(tmp_path, "d.csv", "source_platform,item_id\ntiktok.com,1\n"),
        write(tmp_path, "zeeschuimer-export-tiktok.com-2026-01-01T000000.ndjson", '{"text": "only the name"}\n'),
    ]
    assert [importer.sniff(read_head(path)) for path in others] == [0.0] * len(others)
    assert importer.sniff(read_head(export(tmp_path, *lines_of("tiktok.com")), mapped=True)) == 0.0
    not_one = write(tmp_path, "e.json", {"aweme_id": "1", "statistics": {}, "desc": "x" * 70_000})
    with pytest.raises(YuhuError) as error:
        read(not_one)
    assert error.value.code == "YH103"


@pytest.mark.parametrize("module", BY_MODULE)
def test_every_module_is_recognised(tmp_path, module):
    for lines in (lines_of(module), list(map(flattened, lines_of(module)))):
        turned = [dict(reversed(list(line.items()))) for line in lines]
        for made in (lines, turned):
            assert recognise(Origin(export(tmp_path, *made))).name == "zeeschuimer_ndjson.v1"


SECRETS = (
    *(
        "ecret",
        "researcherstoken",
        "teapotfan",
        "mentioned1",
        "Mentioned",
        "99900001",
        "name1000",
        "oldname1",
        "taggedperson",
        "someoneelse",
    ),
    *(
        "昵称",
        "小红薯甲",
        "乙乙",
        "丙丙",
        "丁丁",
        "6800000000",
        "6911111111",
        "8800000000",
        "5f00000000",
        "1784140000",
        "6300000000",
        "10000000",
    ),
)


@pytest.mark.parametrize("module", BY_MODULE)
def test_the_raw_copy_holds_no_people(tmp_path, module):
    path = export(tmp_path, *lines_of(module))
    text = assert_maps_again(path)
    assert [secret for secret in SECRETS if secret in text] == []
    assert "key:" in text
    *_, copies = raw_copy(path)
    *_, same = raw_copy(export(tmp_path, *map(flattened, lines_of(module))))
    assert [one.records for one in same] == [one.records for one in copies]


def test_viewers_are_not_kept(tmp_path):
    *_, copies = raw_copy(export(tmp_path, *lines_of()))
    text = "".join(str(record) for one in copies for record in one.records)
    assert [name for name in ("'digged'", "'favorited'", "'has_liked'", "'liked'", "'user_agent'", "'source_url'") if name in text] == []


def test_a_study(study, tmp_path):
    paths = [export(tmp_path, *lines_of(module), name=f"{module}.ndjson") for module in BY_MODULE]
    added = yuhu.add(study, paths)
    assert [one.entry.importer for one in added] == ["zeeschuimer_ndjson.v1"] * len(paths)
    assert all(one.entry.seen == one.entry.kept + one.entry.rejected for one in added)
    again = yuhu.open(study.path)
    responses = again.scan("responses").collect()
    subjects = set(again.scan("metrics").collect()["subject"])
    assert "x:-:post:1696900000000000001" in subjects & set(responses["response_id"])
    assert "tiktok:7273000000000000001" in subjects & set(again.scan("videos").collect()["video_id"])
    assert set(yuhu.remap(again, dry=True).sources.values()) == {"unchanged"}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda text: text.strip() and text == text.strip()
)
IDS = st.integers(10**18, 2**63 - 1)
COUNTS = st.integers(0, 10**9)
TIMES = st.integers(1_400_000_000, 1_790_000_000)


@given(
    data=st.lists(
        st.tuples(IDS, WORDS, TIMES, IDS, COUNTS, st.integers(1, 600), st.booleans()), min_size=1, max_size=5, unique_by=lambda one: one[0]
    )
)
def test_round_trip_of_videos(tmp_path_factory, data):
    lines = []
    for at, (native, text, time, author, likes, seconds, is_embedded) in enumerate(data):
        who = {"author": "name", "authorId": str(author)} if is_embedded else {"author": {"id": author, "uniqueId": "name"}}
        made = {"id": str(native), "desc": text, "createTime": time, "stats": {"diggCount": likes}, "video": {"duration": seconds}, **who}
        lines.append(capture("tiktok.com", made, n=at))
    _, batches, _ = read(export(tmp_path_factory.mktemp("zs"), *lines))
    found = table(batches, "videos")
    assert list(
        zip(
            found["video"],
            found["description"],
            found["published_at"].dt.timestamp("ms"),
            found["author"],
            found["duration_ms"],
            strict=True,
        )
    ) == [(str(native), text, time * 1000, str(author), seconds * 1000) for native, text, time, author, _, seconds, _ in data]
    assert table(batches, "metrics")["value"].to_list() == [float(likes) for *_, likes, _, _ in data]


@given(data=st.lists(st.tuples(IDS, WORDS, TIMES, IDS, COUNTS, st.booleans()), min_size=1, max_size=5, unique_by=lambda one: one[0]))
def test_round_trip_of_comments(tmp_path_factory, data):
    first = str(data[0][0])
    comments = [
        {
            "cid": str(native),
            "aweme_id": "7273",
            "reply_id": first if at and is_reply else "0",
            "text": text,
            "create_time": time,
            "digg_count": likes,
            "user": {"uid": str(author)},
        }
        for at, (native, text, time, author, likes, is_reply) in enumerate(data)
    ]
    _, batches, _ = read(export(tmp_path_factory.mktemp("zs"), *(capture("tiktok-comments", one) for one in comments)))
    rows = table(batches)
    assert list(zip(rows["native"], rows["text"], rows["author"], rows["likes"], rows["sent_at"].dt.timestamp("ms"), strict=True)) == [
        (one["cid"], one["text"], one["user"]["uid"], one["digg_count"], one["create_time"] * 1000) for one in comments
    ]
    assert rows["parent"].to_list() == [None if one["reply_id"] == "0" else f"comment:{first}" for one in comments]


OBJECTS = [(module, data) for module, found in BY_MODULE.items() for data in found]


@given(made=st.sampled_from(OBJECTS).flatmap(lambda one: broken_up(capture(one[0], one[1]))), is_flat=st.booleans())
def test_hostile_values(tmp_path_factory, made, is_flat):
    sound = capture("tiktok.com", {**zs.TIKTOK_EMBEDDED, "id": "sound"})
    made = flattened(made) if is_flat and isinstance(made.get("data"), dict) else made
    text = "".join(json.dumps(line) + "\n" for line in (sound, made))
    path = write(tmp_path_factory.mktemp("zs"), "a.ndjson", text)
    facts = Facts()
    batches = list(ZeeschuimerCaptures().read(Origin(path), facts))
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
    assert "sound" in set(table(batches, "videos")["video"])
    check_importer(ZeeschuimerCaptures(), path)


@given(
    record=st.dictionaries(st.sampled_from(["source_platform", "data", "yuhu", "timestamp_collected", "x"]), ANYTHING),
    module=st.sampled_from(list(MODULES)),
    data=ANYTHING,
)
def test_any_record(record, module, data):
    for one in (record, {**record, "source_platform": module, "data": data}, {**record, "source_platform": module, "data": record}):
        reading = Reading(Origin(Path("a.ndjson")), Facts())
        why = ZeeschuimerCaptures().rows(copy.deepcopy(one), reading)
        assert why is None or (isinstance(why, str) and why)
        reading.rows.frames()
        ZeeschuimerCaptures().finish(reading)


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("1.2万", 12000),
        ("1.2万+", 12000),
        ("10+", 10),
        ("3千", 3000),
        ("赞", None),
        ("", None),
        (-1, None),
        (None, None),
        ({}, None),
        ("$undefined", None),
    ],
)
def test_counts_as_pages_show_them(shown, number):
    assert count(shown) == number
    assert count(None, shown, 7) == (7 if number is None else number)
