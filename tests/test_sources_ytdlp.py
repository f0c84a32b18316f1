"""yt-dlp's info JSON: videos, playlists, comments; both generations; hostile values; the raw copy."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.ago import UNKNOWN_S, seconds_ago, unit_of
from yuhu.sources.hypertext import plain
from yuhu.sources.ytdlp import YtDlpInfoJson
from yuhu.testing import check_importer

EPOCH = 1700000000
DAY = 86_400

YOUTUBE = {
    "id": "dQw4w9WgXcQ",
    "title": "Escape from the British Museum, part 1",
    "formats": [{"format_id": "sb3", "url": "https://rr1.googlevideo.com/videoplayback?ip=203.0.113.9", "protocol": "mhtml"}],
    "thumbnails": [{"url": "https://i.ytimg.com/x.jpg"}],
    "description": "A teapot wants to go home. @museumfan",
    "channel_id": "UCaaaaaaaaaaaaaaaaaaaaaa",
    "channel_url": "https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa",
    "channel": "Secret Channel",
    "uploader": "Secret Channel",
    "uploader_id": "@secretchannel",
    "uploader_url": "https://www.youtube.com/@secretchannel",
    "channel_follower_count": 5550000,
    "duration": 192.5,
    "view_count": 270000,
    "like_count": 20000,
    "comment_count": 7,
    "timestamp": 1693400000,
    "upload_date": "20230830",
    "chapters": [
        {"title": "<Untitled Chapter 1>", "start_time": 0.0, "end_time": 10.0},
        {"title": "The teapot", "start_time": 10.0, "end_time": 192.5},
    ],
    "heatmap": [{"start_time": 0.0, "end_time": 1.93, "value": 1.0}, {"start_time": 1.93, "end_time": 3.85, "value": 0.25}],
    "webpage_url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "extractor": "youtube",
    "extractor_key": "Youtube",
    "epoch": EPOCH,
    "_type": "video",
    "comments": [
        {
            "id": "UgA",
            "parent": "root",
            "text": "I cried @someone",
            "like_count": 12,
            "author": "@firstviewer",
            "author_id": "UCbbbbbbbbbbbbbbbbbbbbbb",
            "author_url": "https://www.youtube.com/@firstviewer",
            "author_thumbnail": "https://yt3.ggpht.com/x",
            "author_is_uploader": False,
            "is_favorited": True,
            "is_pinned": False,
            "_time_text": "3 months ago",
            "timestamp": EPOCH - 90 * DAY,
        },
        {
            "id": "UgA.9r1",
            "parent": "UgA",
            "text": "me too",
            "author_id": "UCcc",
            "_time_text": "2 months ago",
            "timestamp": EPOCH - 60 * DAY,
        },
        {
            "id": "UgA.9r2",
            "parent": "UgA.9r1",
            "text": "thank you",
            "author_id": "UCaaaaaaaaaaaaaaaaaaaaaa",
            "author_is_uploader": True,
            "is_pinned": True,
            "_time_text": "5 小时前（已编辑）",
        },
        {"id": "UgB", "text": "without a parent", "author": "@only a name", "_time_text": "???", "timestamp": EPOCH - DAY},
        {"id": "UgB.9r3", "text": "its own id names the parent"},
        {"id": "UgC", "parent": "root", "text": "  "},
        None,
    ],
}
TIKTOK = {
    "id": "7273000000000000001",
    "title": "short",
    "uploader": "name_of_user",
    "uploader_id": "6800000000000000001",
    "channel": "Nick",
    "channel_id": "MS4wLjABAAAA",
    "view_count": 10,
    "repost_count": 3,
    "save_count": 4,
    "comment_count": 7,
    "timestamp": 1693400000,
    "duration": 15,
    "extractor": "vm.tiktok",
    "extractor_key": "TikTokVM",
    "epoch": EPOCH,
}
BILIBILI = {
    "id": "BV1xx411c7mD_p2",
    "title": "film p02 the end",
    "uploader": "up",
    "uploader_id": "12345678",
    "view_count": 100,
    "like_count": 5,
    "comment_count": 900,
    "duration": 60,
    "timestamp": 1693400000,
    "_old_archive_ids": ["bilibili 987654_part2"],
    "extractor": "BiliBili",
    "extractor_key": "BiliBili",
    "epoch": EPOCH,
    "comments": [
        {"author": "a", "author_id": "1", "id": 111, "text": "哭了", "timestamp": 1693400001, "parent": "root"},
        {"author": "b", "author_id": "2", "id": 112, "text": "不哭", "timestamp": 1693400002, "parent": 111},
        {"author": "c", "author_id": "3", "id": 113, "text": "抱抱", "timestamp": 1693400003, "parent": 112},
    ],
}


def info(folder, document, name="a.info.json"):
    return write(folder, name, json.dumps(document, ensure_ascii=False))


def test_youtube_video(tmp_path):
    _, batches, facts = read(info(tmp_path, YOUTUBE))
    [video] = table(batches, "videos").to_dicts()
    assert (video["platform"], video["video"], video["title"]) == ("youtube", "dQw4w9WgXcQ", "Escape from the British Museum, part 1")
    assert (video["author"], video["duration_ms"], str(video["published_at"])) == (
        "UCaaaaaaaaaaaaaaaaaaaaaa",
        192_500,
        "2023-08-30 12:53:20+00:00",
    )
    assert video["description"] == "A teapot wants to go home. @museumfan"
    metrics = table(batches, "metrics")
    assert metrics.select("video", "account", "name", "value").rows() == [
        (None, "UCaaaaaaaaaaaaaaaaaaaaaa", "followers", 5550000.0),
        ("dQw4w9WgXcQ", None, "views", 270000.0),
        ("dQw4w9WgXcQ", None, "likes", 20000.0),
    ]
    assert set(metrics["at"].dt.epoch("s")) == {EPOCH}
    assert table(batches, "segments").select("kind", "name", "start_ms", "end_ms").rows() == [
        ("chapter", None, 0, 10_000),
        ("chapter", "The teapot", 10_000, 192_500),
    ]
    assert table(batches, "signals").select("at_ms", "name", "value").rows() == [(965, "most_replayed", 1.0), (2890, "most_replayed", 0.25)]
    assert (facts.platform, facts.what, facts.video_from, facts.exported_at) == (
        "youtube",
        "videos and comments",
        "a field",
        "2023-11-14T22:13:20Z",
    )


def test_youtube_comments(tmp_path):
    _, batches, facts = read(info(tmp_path, YOUTUBE))
    rows = table(batches)
    assert rows.select("native", "kind", "parent", "root", "actor", "likes").rows() == [
        ("UgA", "comment", None, "comment:UgA", None, 12),
        ("UgA.9r1", "reply", "comment:UgA", "comment:UgA", None, None),
        ("UgA.9r2", "reply", "comment:UgA.9r1", "comment:UgA", "creator", None),
        ("UgB", "comment", None, "comment:UgB", None, None),
        ("UgB.9r3", "reply", "comment:UgB", "comment:UgB", None, None),
    ]
    assert rows["author"].to_list() == ["UCbbbbbbbbbbbbbbbbbbbbbb", "UCcc", "UCaaaaaaaaaaaaaaaaaaaaaa", "@only a name", None]
    assert set(rows["video"]) == {"dQw4w9WgXcQ"}
    assert rows["sent_at"].dt.epoch("s").to_list() == [EPOCH - 90 * DAY, EPOCH - 60 * DAY, EPOCH - 5 * 3600, EPOCH - DAY, None]
    assert rows["sent_at_precision_s"].to_list() == [30 * DAY, 30 * DAY, 3600, UNKNOWN_S, None]
    rejects = [(reject.place, reject.why) for batch in batches for reject in batch.rejects]
    assert rejects == [("line 1, comment 6", "no text"), ("line 1, comment 7", "the record is no object")]
    assert sum(batch.seen for batch in batches) == 8
    assert [note.partition(" ")[2][:30] for note in facts.notes] == [
        "times are estimated from texts",
        "comments are pinned",
        "comments are marked with a hea",
        "videos: the number of comments",
    ]
    assert facts.notes[0].startswith("4 ")


def test_a_count_that_is_ytdlps_own_is_no_total(tmp_path):
    """With --write-comments yt-dlp puts the number of comments that it read in the place of the platform's total."""
    _, batches, facts = read(info(tmp_path, YOUTUBE))
    assert facts.expected == []
    assert "comments" not in table(batches, "metrics")["name"].to_list()
    assert not facts.is_truncated
    assert any("yt-dlp's own count" in note for note in facts.notes)


def test_a_total_beyond_the_comments_here(tmp_path):
    _, _, facts = read(info(tmp_path, {**YOUTUBE, "comment_count": 107}))
    assert facts.expected == [{"kind": "comment", "total": 107, "video": "dQw4w9WgXcQ", "root": None}]
    assert facts.truncation == ["7 of 107 comments are here, by the platform's own count"]


def test_comments_that_broke_off(tmp_path):
    _, _, facts = read(info(tmp_path, {**YOUTUBE, "comment_count": None}))
    assert facts.truncation == ["the reading of comments broke off for 1 videos: yt-dlp gives no count of them"]


def test_without_comments_the_count_is_the_platforms(tmp_path):
    for comments in ({}, {"comments": None}):
        bare = {key: value for key, value in YOUTUBE.items() if key != "comments"} | comments
        _, batches, facts = read(info(tmp_path, bare))
        assert facts.expected == [{"kind": "comment", "total": 7, "video": "dQw4w9WgXcQ", "root": None}]
        assert table(batches, "metrics").row(-1, named=True)["value"] == 7.0
        assert facts.what == "videos"
        assert not facts.is_truncated
        assert table(batches).height == 0


def test_tiktok_has_counts_and_no_comments(tmp_path):
    _, batches, facts = read(info(tmp_path, TIKTOK))
    assert facts.platform == "tiktok"
    assert table(batches, "videos")["author"].to_list() == ["6800000000000000001"]
    assert table(batches, "metrics").select("name", "value").rows() == [
        ("views", 10.0),
        ("comments", 7.0),
        ("shares", 3.0),
        ("favorites", 4.0),
    ]


def test_a_part_on_bilibili_gives_counts_and_comments_to_the_whole(tmp_path):
    _, batches, facts = read(info(tmp_path, BILIBILI))
    assert table(batches, "videos").select("video", "title", "aliases", "duration_ms").rows() == [
        ("BV1xx411c7mD_p2", "film p02 the end", ["987654_part2"], 60_000),
        ("BV1xx411c7mD", None, ["987654", "av987654"], None),
    ]
    assert set(table(batches, "metrics")["video"]) == {"BV1xx411c7mD"}
    rows = table(batches)
    assert rows.select("video", "native", "parent", "root", "sent_at_precision_s").rows() == [
        ("BV1xx411c7mD", "111", None, "comment:111", 1),
        ("BV1xx411c7mD", "112", "comment:111", "comment:111", 1),
        ("BV1xx411c7mD", "113", "comment:112", "comment:111", 1),
    ]
    assert facts.expected == [{"kind": "comment", "total": 900, "video": "BV1xx411c7mD", "root": None}]
    assert len(facts.truncation) == 2
    assert facts.truncation[1] == "3 of 900 comments are here, by the platform's own count"
    whole = {**BILIBILI, "id": "BV1xx411c7mD", "_old_archive_ids": ["bilibili 987654_part1"]}
    _, batches, _ = read(info(tmp_path, whole, "b.info.json"))
    assert table(batches, "videos").select("video", "aliases").rows() == [("BV1xx411c7mD", ["987654", "av987654"])]


def test_on_niconico_comments_are_danmaku(tmp_path):
    document = {"id": "sm9", "title": "t", "comment_count": 40, "view_count": 2, "extractor_key": "Niconico", "epoch": EPOCH}
    _, batches, facts = read(info(tmp_path, document))
    assert table(batches, "metrics").select("name", "value").rows() == [("views", 2.0), ("danmaku", 40.0)]
    assert facts.expected == [{"kind": "danmaku", "total": 40, "video": "sm9", "root": None}]


PLAYLIST = {
    "id": "UCaaaaaaaaaaaaaaaaaaaaaa",
    "_type": "playlist",
    "title": "Secret Channel - Videos",
    "channel_id": "UCaaaaaaaaaaaaaaaaaaaaaa",
    "channel_follower_count": 7,
    "extractor": "youtube:tab",
    "extractor_key": "YoutubeTab",
    "epoch": EPOCH,
    "entries": [
        {"_type": "url", "ie_key": "Youtube", "id": "aaaaaaaaaaa", "title": "first", "view_count": 3, "duration": 9.0},
        None,
        {"_type": "playlist", "id": "shorts", "entries": [{"id": "bbbbbbbbbbb", "title": "second"}]},
        {**YOUTUBE, "epoch": EPOCH + 60},
    ],
}


def test_a_playlist(tmp_path):
    _, batches, facts = read(info(tmp_path, PLAYLIST))
    assert table(batches, "videos")["video"].to_list() == ["aaaaaaaaaaa", "bbbbbbbbbbb", "dQw4w9WgXcQ"]
    assert set(table(batches, "videos")["platform"]) == {"youtube"}
    metrics = table(batches, "metrics")
    assert metrics.row(0, named=True)["account"] == "UCaaaaaaaaaaaaaaaaaaaaaa"
    assert metrics.filter(video="aaaaaaaaaaa").select("name", "value").rows() == [("views", 3.0)]
    rejects = [(reject.place, reject.why) for batch in batches for reject in batch.rejects]
    assert rejects[0] == ("line 1, entry 2", "the entry is empty: the video could not be read")
    assert facts.exported_at == "2023-11-14T22:14:20Z"


def test_json_lines_of_several_platforms(tmp_path):
    """Authors get their keys under the platform of their own batch."""
    lines = "\n".join(json.dumps(one) for one in (TIKTOK, BILIBILI, YOUTUBE))
    path = write(tmp_path, "all.jsonl", lines)
    _, batches, facts = read(path)
    assert table(batches, "videos")["platform"].to_list() == ["tiktok", "bilibili", "bilibili", "youtube"]
    assert [batch.raw.platform for batch in batches] == ["tiktok", "bilibili", "youtube"]
    assert facts.platform == "tiktok"
    assert "platforms: tiktok, bilibili, youtube" in facts.notes
    assert_maps_again(path)


def test_older_files_and_unknown_extractors(tmp_path):
    """Before 2021 there was no epoch, and the words of time stood under another name."""
    old = {"id": "v1", "title": "t", "extractor_key": "AcFunVideo", "view_count": 5, "upload_date": "20200131", "channel_follower_count": 3}
    path = info(tmp_path, old)
    _, batches, facts = read(path)
    assert str(table(batches, "videos")["published_at"][0]) == "2020-01-31 00:00:00+00:00"
    assert table(batches, "metrics").height == 0
    assert facts.notes == ["1 videos do not say when they were read, so their counts are left out; --exported-at gives them a time"]
    _, batches, _ = read(path, exported_at="2020-02-01T00:00:00Z")
    assert table(batches, "metrics").select("name", "value").rows() == [("views", 5.0)]
    words = {**YOUTUBE, "comments": [{"id": "1", "text": "a", "time_text": "1 week ago", "timestamp": EPOCH}]}
    _, batches, _ = read(info(tmp_path, words))
    assert table(batches)["sent_at_precision_s"].to_list() == [7 * DAY]
    html = {**TIKTOK, "extractor_key": "Other", "comments": [{"html": "a<br>b &amp; <b>c</b>", "start_time": 1.5}]}
    _, batches, facts = read(info(tmp_path, html))
    assert table(batches).select("platform", "native", "text", "at_ms").rows() == [("other", None, "a\nb & c", 1500)]
    nowhere = read(info(tmp_path, [{"id": "1", "extractor_key": ""}, {"extractor_key": "Youtube"}, {"id": "2", "ie_key": "Youtube"}]))[1]
    assert [reject.why for batch in nowhere for reject in batch.rejects] == ["no extractor: the platform is not told", "no id"]


def test_recognised_where_formats_fill_the_head(tmp_path):
    document = {**YOUTUBE, "formats": [{"format_id": str(at), "url": "u" * 900} for at in range(100)]}
    path = info(tmp_path, document)
    assert b"extractor_key" not in path.read_bytes()[:65_536]
    importer, batches, _ = read(path)
    assert importer.name == "ytdlp_info_json.v1"
    assert table(batches).height == 5
    subtitles = {"zh-CN": [{"ext": "srt", "data": "x" * 70_000}]}
    late = {"uploader_id": "1", "_old_archive_ids": [], "http_headers": {}, "subtitles": subtitles, **BILIBILI}
    assert read(info(tmp_path, late))[0].name == "ytdlp_info_json.v1"
    assert read(write(tmp_path, "bom.info.json", b"\xef\xbb\xbf" + json.dumps(TIKTOK).encode()))[0].name == "ytdlp_info_json.v1"
    with pytest.raises(YuhuError, match="YH103"):
        read(write(tmp_path, "other.json", '{"id": "1", "title": "x"}'))


def test_the_raw_copy_gives_the_same_rows_and_names_nobody(tmp_path):
    for document in (YOUTUBE, TIKTOK, BILIBILI, PLAYLIST):
        copy = assert_maps_again(info(tmp_path, document))
        for secret in (
            "Secret Channel",
            "@secretchannel",
            "firstviewer",
            "203.0.113.9",
            "museumfan",
            "UCbbbb",
            "Nick",
            "12345678",
            "someone",
        ):
            assert secret not in copy, secret


def test_contract_and_golden(tmp_path, golden):
    for name, document in (("youtube", YOUTUBE), ("bilibili", BILIBILI), ("playlist", PLAYLIST)):
        path = info(tmp_path, document, f"{name}.info.json")
        check_importer(YtDlpInfoJson(), path)
        golden(f"ytdlp/{name}", golden_of(path))


def test_video_and_platform_can_be_said(tmp_path):
    importer, _, facts = read(info(tmp_path, TIKTOK), video="mine", platform="douyin")
    assert importer.name == "ytdlp_info_json.v1"
    assert (facts.platform, facts.video_from, facts.expected[0]["video"]) == ("douyin", "--video", "mine")


COMMENT = st.fixed_dictionaries(
    {
        "id": st.text("abcXYZ09", min_size=1, max_size=4),
        "parent": st.just("root") | st.text("abcXYZ09", min_size=1, max_size=4),
        "text": st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1).filter(lambda text: text.strip()),
        "timestamp": st.integers(10**9, 2 * 10**9),
        "like_count": st.integers(0, 10**9) | st.none(),
        "author_id": st.text("0123456789", min_size=1),
        "author_is_uploader": st.booleans(),
    }
)


@given(st.lists(COMMENT, max_size=8, unique_by=lambda one: one["id"]))
def test_law_round_trip(tmp_path_factory, comments):
    path = info(tmp_path_factory.mktemp("ytdlp"), {**TIKTOK, "comments": comments})
    _, batches, _ = read(path)
    rows = table(batches)
    assert rows["native"].to_list() == [one["id"] for one in comments]
    assert rows["text"].to_list() == [one["text"].strip() for one in comments]
    assert rows["sent_at"].dt.epoch("s").to_list() == [one["timestamp"] for one in comments]
    assert rows["likes"].to_list() == [one["like_count"] for one in comments]
    assert rows["author"].to_list() == [one["author_id"] for one in comments]
    assert rows["kind"].to_list() == ["reply" if one["parent"] not in {"root", one["id"]} else "comment" for one in comments]
    ids = {one["id"]: one["parent"] for one in comments}
    for one, root in zip(comments, rows["root"], strict=True):
        top, met = one["id"], set()
        while ids.get(top, "root") not in {"root", top} and top not in met:
            met.add(top)
            top = ids[top]
        assert root.removeprefix("comment:") in ({top} if top not in met else met)
    assert_maps_again(path)


@given(broken_up(PLAYLIST | {"entries": [YOUTUBE, BILIBILI, TIKTOK]}) | st.lists(ANYTHING, max_size=4))
def test_law_nothing_is_lost_whatever_a_field_holds(tmp_path_factory, document):
    path = write(tmp_path_factory.mktemp("ytdlp"), "a.json", json.dumps(document).encode())
    try:
        batches = list(YtDlpInfoJson().read(Origin(path), Facts()))
    except YuhuError as error:
        assert error.code == "YH106"  # noqa: PT017 - a document that is no list and no object
        return
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


def test_many_comments_in_one_chain(tmp_path):
    """A chain as long as the file is walked once, and a circle ends."""
    chain = [{"id": str(at), "parent": str(at - 1) if at else "root", "text": "x"} for at in range(20_000)]
    circle = [{"id": "a", "parent": "b", "text": "x"}, {"id": "b", "parent": "a", "text": "y"}]
    _, batches, _ = read(info(tmp_path, {**TIKTOK, "comments": [*reversed(chain), *circle]}))
    roots = table(batches)["root"].to_list()
    assert set(roots[:20_000]) == {"comment:0"}
    assert roots[20_000] == roots[20_001]


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("3 months ago", 30 * DAY),
        ("1 year ago (edited)", 365 * DAY),
        ("2 days ago", DAY),
        ("1 minute ago", 60),
        ("30 seconds ago", 1),
        ("8 yr ago", 365 * DAY),
        ("5 d ago", DAY),
        ("2w ago", 7 * DAY),
        ("just now", 60),
        ("Yesterday", DAY),
        ("3个月前", 30 * DAY),
        ("1年前（已编辑）", 365 * DAY),
        ("10 分鐘前", 60),
        ("4 星期前", 7 * DAY),
        ("昨天", DAY),
        ("2 か月前", 30 * DAY),
        ("1 週間前 (編集済み)", 7 * DAY),
        ("5 時間前", 3600),
        ("3 日前", DAY),
        ("2주 전", 7 * DAY),
        ("1주일 전", 7 * DAY),
        ("6시간 전", 3600),
        ("10분 전", 60),
        ("4일 전(수정됨)", DAY),
        ("hace 1 año", 365 * DAY),
        ("há 1 mês", 30 * DAY),
        ("il y a 2 ans", 365 * DAY),
        ("vor 5 Stunden", 3600),
        ("2 ore fa", 3600),
        ("5 лет назад", 365 * DAY),
        ("3 bulan yang lalu", 30 * DAY),
        ("5 ngày trước", DAY),
        ("3 เดือนที่ผ่านมา", 30 * DAY),
        ("3 ay önce", 30 * DAY),
        ("قبل 5 أيام", DAY),
        ("2 साल पहले", 365 * DAY),
        ("5 uur geleden", 3600),
        ("2 lata temu", 365 * DAY),
        ("long, long before", None),
        ("", None),
    ],
)
def test_units_of_told_times(words, unit):
    assert unit_of(words) == unit


def test_seconds_ago():
    assert seconds_ago("3 months ago") == 90 * DAY
    assert seconds_ago("yesterday") is None
    assert seconds_ago("12 of something") is None


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("plain", "plain"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("1 < 2 &amp; 3 &lt; 4 <3", "1 < 2 & 3 < 4 <3"),
        ('<a href="https://x/?t=83">1:23</a> &quot;q&quot;', '1:23 "q"'),
        ("<span><img alt=[泪] src=x></span>好", "[泪]好"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<!-- gone -->kept", "kept"),
    ],
)
def test_plain(html, seen):
    assert plain(html) == seen


def test_plain_where_the_parser_gives_up(monkeypatch):
    def feed(self, data):
        raise AssertionError

    monkeypatch.setattr("yuhu.sources.hypertext._Seen.feed", feed)
    assert plain("<b>a</b> &lt; b") == "a < b"


@given(st.text())
def test_plain_never_raises(text):
    assert isinstance(plain(f"<b>{text}</b>&amp;"), str)
