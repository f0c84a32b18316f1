"""4CAT's tables and results, and Zeeschuimer's own table: every module, what a table does not tell, hostile values, the raw copy."""

import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import yuhu
from files import write
from reading import golden_of, read, table
from scrubbed import assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.fourcat_results import FourcatScenes, FourcatTranscripts
from yuhu.sources.fourcat_tables import FourcatTable
from yuhu.sources.reading import read_head
from yuhu.sources.recognise import recognise
from yuhu.testing import check_importer

CREATED = 1_693_400_000  # 2023-08-30T12:53:20Z
LOCAL = "2023-08-30 14:53:20"  # the same in Amsterdam, where many servers of 4CAT stand

TIKTOK = {
    "collected_from_url": "https://www.tiktok.com/tag/museum?researcherstoken",
    "id": "7273000000000000001",
    "thread_id": "7273000000000000001",
    "author": "secretuser01",
    "author_full": "Secret Nickname",
    "author_followers": "1001",
    "author_likes": "5",
    "author_videos": "7",
    "author_avatar": "https://p16/secretavatar",
    "body": 'Escape from the British Museum,\n"a" teapot #museum',
    "stickers": "",
    "timestamp": "2023-08-30 12:53:20",
    "unix_timestamp": str(CREATED),
    "is_duet": "yes",
    "is_ad": "no",
    "music_author": "Secret Nickname",
    "tiktok_url": "https://www.tiktok.com/@secretuser01/video/7273000000000000001",
    "likes": "20",
    "comments": "3",
    "shares": "4",
    "plays": "500",
    "hashtags": "museum",
}
TIKTOK_COMMENT = {
    "collected_from_url": "",
    "id": "7274000000000000001",
    "thread_id": "7273000000000000001",
    "author": "secretviewer",
    "author_full": "Secret Viewer",
    "body": "I cried",
    "timestamp": LOCAL,
    "unix_timestamp": str(CREATED),
    "likes": "12",
    "replies": "1",
    "post_id": "7273000000000000001",
    "post_url": "https://www.tiktok.com/@secretuser01/video/7273000000000000001",
    "post_body": "Escape from the British Museum",
    "comment_url": "https://m.tiktok.com/v/7273.html?comment=secretcomment",
    "is_liked_by_post_author": "yes",
    "is_sticky": "no",
    "is_comment_on_comment": "no",
    "language_guess": "en",
}
TIKTOK_REPLY = {
    **TIKTOK_COMMENT,
    "id": "7274000000000000002",
    "thread_id": "7274000000000000001",
    "body": "me too",
    "replies": "0",
    "post_id": "",
    "is_liked_by_post_author": "no",
    "is_comment_on_comment": "yes",
    "language_guess": "un",
}
DOUYIN = {
    "collected_from_url": "",
    "id": "7273111111111111111",
    "thread_id": "7273111111111111111",
    "subject": "Post",
    "body": "逃出大英博物馆",
    "timestamp": "2023-08-30 20:53:20",
    "post_url": "https://www.douyin.com/video/7273111111111111111",
    "region": "CN",
    "mentions": "https://www.douyin.com/user/MS4wsecret",
    "prevent_download": "no",
    "video_duration": "192500",
    "collect_count": "7",
    "comment_count": "10",
    "digg_count": "100",
    "download_count": "Unknown",
    "forward_count": "1",
    "play_count": "0",
    "share_count": "5",
    "author_user_id": "88000000001",
    "author_nickname": "作者昵称甲乙丙丁戊己",
    "author_profile_url": "https://www.douyin.com/user/MS4wsecret",
    "4CAT_first_video_displayed": "no",
    "unix_timestamp": str(CREATED),
}
XIAOHONGSHU = {
    "collected_from_url": "",
    "id": "64f000000000000000000001",
    "thread_id": "64f000000000000000000001",
    "url": "https://www.xiaohongshu.com/explore/64f000000000000000000001?xsec_token=researcherstoken",
    "title": "玉壶回家",
    "body": "她一路找回去",
    "hashtags": "",
    "timestamp": "2023-08-30 20:53:20",
    "author": "小红薯甲乙丙丁戊",
    "author_avatar_url": "https://sns/x",
    "image_urls": "https://sns/y",
    "video_url": "",
    "likes": "1.2万",
    "unix_timestamp": str(CREATED),
}
XIAOHONGSHU_COMMENT = {
    "collected_from_url": "",
    "id": "650000000000000000000001",
    "thread_id": "64f000000000000000000001",
    "url": "https://www.xiaohongshu.com/explore/64f000000000000000000001",
    "body": "泪目",
    "timestamp": "2023-08-30 20:53:20",
    "author": "丁丁丁丁丁丁丁丁丁",
    "author_avatar_url": "https://x",
    "ip_location": "重庆",
    "likes": "7",
    "replies": "3",
    "unix_timestamp": str(CREATED),
}
X = {
    "collected_from_url": "",
    "id": "1696900000000000001",
    "thread_id": "1696900000000000001",
    "timestamp": "2023-08-30 12:53:20",
    "unix_timestamp": str(CREATED),
    "link": "https://x.com/secretname1/status/1696900000000000001",
    "body": "The teapot &amp; the journey",
    "author": "secretname1",
    "author_fullname": "Secret Name",
    "author_id": "100000001",
    "author_followers": "44",
    "author_bio": "secretbio",
    "language_guess": "en",
    "retweet_count": "3",
    "reply_count": "2",
    "like_count": "10",
    "quote_count": "1",
    "impression_count": "1000",
    "is_retweet": "no",
    "retweeted_user": "",
    "is_quote_tweet": "yes",
    "quote_tweet_id": "1696900000000000009",
    "is_reply": "no",
    "mentions": "secretmention",
}
RETWEET = {
    **X,
    "id": "1696900000000000002",
    "thread_id": "1696900000000000002",
    "body": "RT @secretname1: The teapot",
    "author_id": "100000002",
    "is_retweet": "yes",
    "quote_tweet_id": "",
}
ANSWER = {**X, "id": "1696900000000000003", "body": "so good", "author_id": "100000003", "quote_tweet_id": "", "language_guess": "und"}
INSTAGRAM = {
    "collected_from_url": "",
    "partial_item": "False",
    "id": "CwReel00001",
    "thread_id": "CwReel00001",
    "parent_id": "CwReel00001",
    "url": "https://www.instagram.com/p/CwReel00001",
    "body": "reel caption",
    "author": "secretinsta",
    "author_id": "17841400000000001",
    "author_fullname": "Secret Insta",
    "coauthor_ids": "178414secret",
    "media_type": "video",
    "num_media": "1",
    "usertags": "secrettag",
    "play_count": "700",
    "likes_hidden": "yes",
    "num_likes": "3",
    "num_comments": "6",
    "timestamp": LOCAL,
    "unix_timestamp": str(CREATED),
}
ALBUM = {
    **INSTAGRAM,
    "id": "CwPict00001",
    "body": "three pictures",
    "num_media": "3",
    "play_count": "-1",
    "likes_hidden": "no",
    "num_comments": "-1",
}
OLD_PICTURE = {key: value for key, value in INSTAGRAM.items() if key not in {"media_type", "likes_hidden", "author_id"}} | {
    "id": "BgGraph0001",
    "type": "photo",
}
THREADS = {
    "id": "CxThread001",
    "url": "https://www.threads.net/@secretthreads/post/CxThread001",
    "body": "on Threads",
    "timestamp": LOCAL,
    "author": "secretthreads",
    "author_avatar": "https://x",
    "link_url": "",
    "likes": "4",
    "reposts": "1",
    "replies": "2",
    "quotes": "0",
    "unix_timestamp": str(CREATED),
}
BY_MODULE = {
    "tiktok": [TIKTOK],
    "tiktok-comments": [TIKTOK_COMMENT, TIKTOK_REPLY],
    "douyin": [DOUYIN, {**DOUYIN, "id": "2", "subject": "Stream"}],
    "xiaohongshu": [XIAOHONGSHU, {**XIAOHONGSHU, "id": "64f000000000000000000002", "body": "", "unix_timestamp": "", "timestamp": ""}],
    "xiaohongshu-comments": [XIAOHONGSHU_COMMENT],
    "twitter": [X, RETWEET, ANSWER],
    "instagram": [INSTAGRAM, ALBUM],
    "threads": [THREADS],
}


def as_csv(rows, separator=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_ndjson(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def rejects(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


def values(batches):
    return [
        (row["video"] or row["response"] or row["account"], row["name"], row["value"])
        for row in table(batches, "metrics").iter_rows(named=True)
    ]


@pytest.mark.parametrize("module", BY_MODULE)
def test_golden(tmp_path, golden, module):
    path = write(tmp_path, f"{module}-search-0123456789abcdef.csv", as_csv(BY_MODULE[module]))
    golden(f"fourcat/{module}", golden_of(path, exported_at="2026-01-01T00:00:00Z"))
    check_importer(FourcatTable(), path)
    assert recognise(Origin(path)).name == "fourcat_table.v1"


@pytest.mark.parametrize("module", BY_MODULE)
def test_the_same_in_every_form(tmp_path, module):
    rows = BY_MODULE[module]
    said = {"exported_at": "2026-01-01T00:00:00Z"}
    first = [table(read(write(tmp_path, "a.csv", as_csv(rows)), **said)[1], name) for name in ("responses", "videos", "metrics", "links")]
    missing = [{key: value or {"__missing": True, "value": ""} for key, value in row.items()} for row in rows]
    turned = [dict(reversed(list(row.items()))) for row in rows]
    for name, content in (
        ("b.csv", as_csv(rows, ";")),
        ("c.csv", "\ufeff" + as_csv(turned)),
        ("d.ndjson", as_ndjson(rows)),
        ("e.ndjson", as_ndjson(missing)),
        ("f.json", json.dumps(rows)),
    ):
        path = write(tmp_path, name, content)
        importer, batches, _ = read(path, **said)
        assert importer.name == "fourcat_table.v1", name
        assert [table(batches, kind).rows() for kind in ("responses", "videos", "metrics", "links")] == [frame.rows() for frame in first], (
            name
        )


def test_tiktok(tmp_path):
    path = write(tmp_path, "a.csv", as_csv([TIKTOK]))
    _, batches, facts = read(path)
    [video] = table(batches, "videos").to_dicts()
    assert video["description"] == 'Escape from the British Museum,\n"a" teapot #museum'
    assert (video["platform"], video["video"], video["author"]) == ("tiktok", "7273000000000000001", "secretuser01")
    assert video["published_at"].timestamp() == CREATED
    assert not table(batches, "metrics").height
    assert "1 items do not say when they were captured, so their counts are left out; --exported-at gives them a time" in facts.notes
    assert "1 videos are duets with a video that the file does not name" in facts.notes
    _, batches, facts = read(path, exported_at="2026-01-01T00:00:00Z")
    who = "7273000000000000001"
    assert values(batches) == [
        (who, "views", 500),
        (who, "likes", 20),
        (who, "comments", 3),
        (who, "shares", 4),
        ("secretuser01", "followers", 1001),
    ]
    assert (facts.what, facts.platform, facts.sort_order) == ("videos", "tiktok", "relevance")
    assert facts.expected == [{"kind": "comment", "total": 3, "video": who, "root": None}]


def test_tiktok_comments(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["tiktok-comments"])))
    assert table(batches).select("native", "kind", "video", "parent", "root", "likes", "lang").rows() == [
        ("7274000000000000001", "comment", "7273000000000000001", None, "comment:7274000000000000001", 12, "en"),
        ("7274000000000000002", "reply", "7273000000000000001", "comment:7274000000000000001", "comment:7274000000000000001", 12, None),
    ]
    assert table(batches, "videos")["description"].to_list() == ["Escape from the British Museum"]
    assert facts.sort_order == "unknown"
    assert not facts.is_truncated
    assert "1 comments are marked as liked by the video's author" in facts.notes


def test_a_comment_without_a_video(tmp_path):
    rows = [TIKTOK_COMMENT, {**TIKTOK_REPLY, "post_url": ""}, {**TIKTOK_COMMENT, "id": "9", "post_id": "", "post_url": ""}]
    _, batches, _ = read(write(tmp_path, "a.csv", as_csv(rows)))
    assert len(rejects(batches)) == 1
    assert rejects(batches)[0][1] == "no video"
    assert table(batches)["video"].to_list() == ["7273000000000000001"] * 2, "the thread of a first comment is its video"


def test_douyin(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["douyin"])), exported_at="2026-01-01")
    [video] = table(batches, "videos").to_dicts()
    assert (video["author"], video["duration_ms"], video["published_at"].timestamp()) == ("88000000001", 192_500, CREATED)
    assert {name: value for _, name, value in values(batches)} == {"likes": 100, "comments": 10, "shares": 5, "favorites": 7, "reposts": 1}
    assert [why for _, why in rejects(batches)] == ["a live stream"]
    assert "1 videos were listed in a collection, and not necessarily shown" in facts.notes


def test_xiaohongshu(tmp_path):
    _, batches, _ = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["xiaohongshu"])))
    assert table(batches).select("native", "kind", "text", "likes", "author").rows() == [
        ("64f000000000000000000001", "post", "玉壶回家\n她一路找回去", 12000, "小红薯甲乙丙丁戊"),
        ("64f000000000000000000002", "post", "玉壶回家", 12000, "小红薯甲乙丙丁戊"),
    ]
    assert table(batches)["sent_at"].is_null().to_list() == [False, True]


def test_video_notes(tmp_path):
    _, _, facts = read(write(tmp_path, "a.csv", as_csv([XIAOHONGSHU, {**XIAOHONGSHU, "id": "2", "video_url": "https://sns/v.mp4"}])))
    assert "1 notes are videos; their comments stand below the note" in facts.notes


def test_xiaohongshu_comments(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["xiaohongshu-comments"])))
    post = "post:64f000000000000000000001"
    assert table(batches).select("kind", "parent", "root", "region", "video").rows() == [("comment", post, post, "重庆", None)]
    assert "1 comments: the file does not tell replies from comments" in facts.notes


def test_x(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["twitter"])), exported_at="2026-01-01")
    assert table(batches).select("native", "kind", "root", "likes", "lang", "text", "author").rows() == [
        ("1696900000000000001", "post", "post:1696900000000000001", 10, "en", "The teapot & the journey", "100000001"),
        ("1696900000000000002", "repost", "post:1696900000000000002", None, "en", "RT @secretname1: The teapot", "100000002"),
        ("1696900000000000003", "reply", "post:1696900000000000001", 10, None, "so good", "100000003"),
    ]
    assert table(batches, "links").select("node", "parent", "kind").rows() == [
        ("post:1696900000000000001", "post:1696900000000000009", "quote")
    ]
    assert [name for who, name, _ in values(batches) if who == "post:1696900000000000002"] == [], "they belong to the post that is repeated"
    assert "1 reposts repeat a post that the file does not name" in facts.notes


def test_instagram(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.csv", as_csv(BY_MODULE["instagram"])), exported_at="2026-01-01")
    assert table(batches, "videos").select("video", "author").rows() == [("CwReel00001", "17841400000000001")]
    assert table(batches).select("native", "text", "likes").rows() == [("CwPict00001", "three pictures", 3)]
    assert values(batches) == [("CwReel00001", "views", 700), ("CwReel00001", "comments", 6), ("post:CwPict00001", "likes", 3)], (
        "-1 is missing"
    )
    assert facts.what == "videos and posts"
    _, batches, _ = read(write(tmp_path, "old.csv", as_csv([OLD_PICTURE])))
    assert table(batches).select("native", "author").rows() == [("BgGraph0001", "secretinsta")]


def test_timestamp_is_read_only_with_a_zone(tmp_path):
    rows = [{key: value for key, value in TIKTOK_COMMENT.items() if key != "unix_timestamp"}]
    path = write(tmp_path, "a.csv", as_csv(rows))
    _, batches, facts = read(path)
    assert table(batches)["sent_at"].to_list() == [None]
    assert "1 items have no unix_timestamp; their timestamp is in the zone of a server that nobody names: --tz says it" in facts.notes
    _, batches, facts = read(path, tz="Europe/Amsterdam")
    assert table(batches)["sent_at"].dt.timestamp("ms").to_list() == [CREATED * 1000]
    assert not any("unix_timestamp" in note for note in facts.notes)
    both = write(tmp_path, "b.csv", as_csv([TIKTOK_COMMENT]))
    assert table(read(both, tz="Asia/Shanghai")[1])["sent_at"].dt.timestamp("ms").to_list() == [CREATED * 1000], "unix_timestamp wins"


def test_an_item_with_several_rows(tmp_path):
    rows = [{**TIKTOK, "likes": likes} for likes in ("1", "2", "3")]
    _, batches, _ = read(write(tmp_path, "a.csv", as_csv(rows)), exported_at="2026-01-01")
    assert [why for _, why in rejects(batches)] == ["another row of the same item is kept"] * 2
    assert [value for _, name, value in values(batches) if name == "likes"] == [3.0]


def test_zeeschuimers_own_table_is_dated_by_its_name(tmp_path):
    path = write(tmp_path, "zeeschuimer-export-tiktok.com-2026-01-02T030405.csv", as_csv([TIKTOK]))
    _, batches, facts = read(path)
    assert facts.exported_at == "2026-01-02T03:04:05Z"
    assert {str(at) for at in table(batches, "metrics")["at"]} == {"2026-01-02 03:04:05+00:00"}
    assert facts.notes[0] == "exported at 2026-01-02T03:04:05Z, by the name of the file: counts are dated by it, and were captured before"


def test_lines_that_do_not_fit(tmp_path):
    _, batches, _ = read(write(tmp_path, "a.csv", as_csv([TIKTOK_COMMENT]) + "1,2\r\n"))
    assert rejects(batches) == [("line 3", "2 cells, the header has 18")]


def test_others_are_left_alone(tmp_path):
    others = [
        write(tmp_path, "a.csv", "id,thread_id,author,body,timestamp\n1,1,a,b,2023-08-30 12:00:00\n"),
        write(tmp_path, "b.csv", "id,isReplyTo,authorName,text,publishedAt\n1,,a,b,2023-08-30 12:00:00\n"),
        write(tmp_path, "c.csv", "date,likes,comments,shares,plays\n2023-08-30,1,2,3,4\n"),
        write(tmp_path, "d.json", [{"id": "1", "body": "x"}]),
        write(tmp_path, "tiktok-search-0123456789abcdef.csv", "a,b\n1,2\n"),
        write(tmp_path, "e.json", {"text": "x", "segments": [{"start": 0, "end": 1, "text": "x"}]}),
    ]
    for importer in (FourcatTable(), FourcatTranscripts(), FourcatScenes()):
        assert [importer.sniff(read_head(path)) for path in others] == [0.0] * len(others)
    tables = [write(tmp_path, f"{name}.csv", as_csv(rows)) for name, rows in BY_MODULE.items()]
    assert [FourcatTable().sniff(read_head(path, mapped=True)) for path in tables] == [0.0] * len(tables)
    with pytest.raises(YuhuError) as error:
        list(FourcatTable().read(Origin(others[0]), Facts()))
    assert error.value.code == "YH102"


SECRETS = ("ecret", "researcherstoken", "昵称", "小红薯甲", "丁丁", "8800000000", "10000000", "1784140000")


@pytest.mark.parametrize("module", BY_MODULE)
def test_the_raw_copy_holds_no_people(tmp_path, module):
    text = assert_maps_again(write(tmp_path, "a.csv", as_csv(BY_MODULE[module])), exported_at="2026-01-01T00:00:00Z")
    assert [secret for secret in SECRETS if secret in text] == []
    assert "key:" in text
    assert_maps_again(write(tmp_path, "a.ndjson", as_ndjson(BY_MODULE[module])))


ROWS = [row for rows in BY_MODULE.values() for row in rows]


@given(row=st.sampled_from(ROWS).flatmap(lambda row: broken_up(row, times=4)), sound=st.sampled_from(ROWS))
def test_hostile_values(tmp_path_factory, row, sound):
    path = write(tmp_path_factory.mktemp("fourcat"), "a.ndjson", json.dumps(sound) + "\n" + json.dumps(row) + "\n")
    facts = check_importer(FourcatTable(), path)
    assert facts.context["module"]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and text
)


@given(
    data=st.lists(
        st.tuples(st.integers(10**18, 2**63), CELLS, st.integers(1_400_000_000, 1_790_000_000), st.integers(0, 10**9), CELLS),
        min_size=1,
        max_size=5,
        unique_by=lambda one: one[0],
    )
)
@example(data=[(10**18, '"__import_meta"', 1_400_000_000, 0, '"__import_meta"')])
def test_round_trip(tmp_path_factory, data):
    rows = [
        {**TIKTOK_COMMENT, "id": str(native), "body": text, "unix_timestamp": str(time), "likes": str(likes), "author": author}
        for native, text, time, likes, author in data
    ]
    _, batches, _ = read(write(tmp_path_factory.mktemp("fourcat"), "a.csv", as_csv(rows)))
    found = table(batches)
    assert list(zip(found["native"], found["text"], found["sent_at"].dt.timestamp("ms"), found["likes"], found["author"], strict=True)) == [
        (str(native), text, time * 1000, likes, author) for native, text, time, likes, author in data
    ]


def audio(name="7273000000000000001", *, segments=True, **more):
    result = {
        "text": " I want to go home. Take me.",
        "segments": [
            {"id": 0, "seek": 0, "start": 0.0, "end": 2.5, "text": " I want to go home.", "tokens": [1, 2], "speaker": "Secret Speaker"},
            {"id": 1, "seek": 0, "start": 2.5, "end": 4.0, "text": " Take me."},
            {"id": 2, "start": "x", "end": 5, "text": "bad"},
            {"id": 3, "start": 5, "end": 4, "text": "turned"},
            {"id": 4, "start": 5, "end": 6, "text": ""},
        ]
        if segments
        else [],
        "language": "en",
        "4CAT_metadata": {
            "audio_id": name,
            "model_host": "local",
            "auto_translate": False,
            "audio_metadata": {
                "url": "https://v16-webapp.tiktok.com/secretpath?tk=secret",
                "post_ids": ["7273000000000000001"],
                "from_dataset": "abc",
            },
        },
    }
    return {**result, **more}


SPEECH_ROW = {
    "id": "clip",
    "model_host": "openai",
    "model": "whisper-1",
    "openai_action": "transcribe",
    "auto_translate": "False",
    "body": "回家",
    "language": "chinese",
    "duration": "4.0",
    "segments": "我想 (start: 0.0; end: 2.0)\n[音乐] 回家 (start: 2.0; end: 4.0)",
    "words": "",
    "original_video_url": "https://www.douyin.com/video/1",
    "post_ids": "7273111111111111111, 7273111111111111112",
    "from_dataset": "abc",
}


def test_transcripts(tmp_path, golden):
    path = write(tmp_path, "audio-to-text-0123456789abcdef.ndjson", as_ndjson([audio(), audio("b", segments=False, duration=9.5)]))
    _, batches, facts = read(path)
    assert table(batches, "segments").select("platform", "video", "kind", "start_ms", "end_ms", "text", "lang").rows() == [
        ("tiktok", "7273000000000000001", "line", 0, 2500, "I want to go home.", "en"),
        ("tiktok", "7273000000000000001", "line", 2500, 4000, "Take me.", "en"),
        ("tiktok", "7273000000000000001", "transcript", 0, 9500, "I want to go home. Take me.", "en"),
    ]
    assert rejects(batches) == [
        ("line 1, segment 3", "the times are not understood"),
        ("line 1, segment 4", "the end lies before the start"),
        ("line 1, segment 5", "no text"),
    ]
    assert (facts.what, facts.platform) == ("transcript lines", "tiktok")
    golden("fourcat/transcripts", golden_of(path))
    check_importer(FourcatTranscripts(), path)
    assert "ecret" not in assert_maps_again(path)


def test_a_table_of_transcripts(tmp_path):
    path = write(tmp_path, "a.csv", as_csv([SPEECH_ROW]))
    _, batches, _ = read(path)
    assert table(batches, "segments").select("platform", "video", "start_ms", "end_ms", "text", "lang").rows() == [
        ("douyin", video, start, end, text, "zh")
        for start, end, text in ((0, 2000, "我想"), (2000, 4000, "[音乐] 回家"))
        for video in ("7273111111111111111", "7273111111111111112")
    ]
    older = {
        "id": "clip.mp4",
        "body": "x",
        "language": "en",
        "segments": "text:  one (start: 0; end: 1; ),\ntext:  two (start: 1; end: 2.5; )",
        "original_video_url": "",
        "post_ids": "",
    }
    _, batches, facts = read(write(tmp_path, "b.csv", as_csv([older])))
    assert table(batches, "segments").select("platform", "video", "start_ms", "end_ms", "text").rows() == [
        ("file", "clip", 0, 1000, "one"),
        ("file", "clip", 1000, 2500, "two"),
    ]
    assert len(facts.notes) == 2
    _, batches, _ = read(write(tmp_path, "c.csv", as_csv([{**SPEECH_ROW, "openai_action": "diarize"}])))
    assert table(batches, "segments")["text"].unique(maintain_order=True).to_list() == ["我想", "回家"], "who speaks is not kept"


def test_translations_are_said(tmp_path):
    made = audio(language="zh")
    made["4CAT_metadata"]["auto_translate"] = True
    _, batches, facts = read(write(tmp_path, "a.ndjson", as_ndjson([made])))
    assert table(batches, "segments")["lang"].unique().to_list() == ["en"]
    assert facts.notes == ["2 lines are translations into English by the speech recogniser, not what was said"]


def test_a_transcript_longer_than_the_head(tmp_path):
    made = audio()
    made["segments"][0]["tokens"] = [1] * 40_000
    path = write(tmp_path, "a.ndjson", as_ndjson([made]))
    assert read(path)[0].name == "fourcat_transcripts.v1"


def test_speech_of_an_unnamed_file(tmp_path):
    made = {key: value for key, value in audio().items() if key != "4CAT_metadata"}
    path = write(tmp_path, "a.ndjson", as_ndjson([made, {**made, "segments": [], "text": ""}]))
    assert [why for _, why in rejects(read(path)[1])][-2:] == ["no text", "no speech"]
    assert rejects(read(path)[1])[0] == ("line 1, segment 1", "no video: neither a post nor a file is named")
    _, batches, _ = read(path, video="v1", platform="tiktok")
    assert table(batches, "segments").select("platform", "video").unique().rows() == [("tiktok", "v1")]


SCENE = {
    "id": "clip.mp4_scene_1",
    "url": "https://v16-webapp.tiktok.com/secretpath",
    "from_dataset": "abc",
    "start_frame": "0",
    "start_time": "00:00:00.000",
    "start_fps": "30.0",
    "end_frame": "75",
    "end_time": "00:00:02.500",
    "end_fps": "30.0",
    "scene_num": "1",
    "num_scenes_detected": "2",
    "total_video_frames": "1830",
    "total_video_duration": "00:01:01.000",
    "post_ids": "7273000000000000001",
}


def test_scenes(tmp_path, golden):
    second = {**SCENE, "id": "clip.mp4_scene_2", "start_time": "00:00:02.500", "end_time": "00:01:01.000", "scene_num": "2"}
    bad = [{**SCENE, "start_time": "x"}, {**SCENE, "start_time": "00:00:03.000"}, {**SCENE, "end_time": "99:00:00.000"}]
    path = write(tmp_path, "video-scene-detector-0123456789abcdef.csv", as_csv([SCENE, second, *bad]))
    _, batches, facts = read(path)
    assert table(batches, "segments").select("platform", "video", "kind", "name", "start_ms", "end_ms").rows() == [
        ("tiktok", "7273000000000000001", "scene", "1", 0, 2500),
        ("tiktok", "7273000000000000001", "scene", "2", 2500, 61_000),
    ]
    assert table(batches, "videos").select("video", "duration_ms").rows() == [("7273000000000000001", 61_000)]
    assert [why for _, why in rejects(batches)] == [
        "the times are not understood",
        "the end lies before the start",
        "the times are not understood",
    ]
    assert (facts.what, facts.notes) == ("scenes", [])
    golden("fourcat/scenes", golden_of(path))
    check_importer(FourcatScenes(), path)
    assert "secret" not in assert_maps_again(path)
    nameless = {key: value for key, value in SCENE.items() if key not in {"url", "post_ids", "from_dataset"}} | {"filename": "clip.mp4"}
    _, batches, facts = read(write(tmp_path, "b.csv", as_csv([nameless])))
    assert table(batches, "segments").select("platform", "video").rows() == [("file", "clip")]
    assert len(facts.notes) == 2


@given(made=broken_up(audio(), times=4), scene=broken_up(SCENE, times=4))
def test_hostile_results(tmp_path_factory, made, scene):
    folder = tmp_path_factory.mktemp("fourcat")
    for importer, sound, one in ((FourcatTranscripts(), audio(), made), (FourcatScenes(), SCENE, scene)):
        path = write(folder, "a.ndjson", json.dumps(sound) + "\n" + json.dumps(one) + "\n")
        check_importer(importer, path)
        assert_maps_again(path)


def test_a_study(study, tmp_path):
    paths = [write(tmp_path, f"{name}.csv", as_csv(rows)) for name, rows in BY_MODULE.items()]
    paths += [write(tmp_path, "speech.ndjson", as_ndjson([audio()])), write(tmp_path, "scenes.csv", as_csv([SCENE]))]
    added = yuhu.add(study, paths, exported_at="2026-01-01")
    assert all(one.entry.seen == one.entry.kept + one.entry.rejected for one in added)
    again = yuhu.open(study.path)
    assert set(again.scan("segments").collect()["video_id"]) == {"tiktok:7273000000000000001"}
    assert set(yuhu.remap(again, dry=True).sources.values()) == {"unchanged"}
