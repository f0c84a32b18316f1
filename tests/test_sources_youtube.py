"""YouTube: pages of the Data API v3, and the tables of YouTube Data Tools."""

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.youtube_api import YouTubeApiJson, duration_ms
from yuhu.sources.youtube_data_tools import YouTubeDataToolsComments, YouTubeDataToolsVideos
from yuhu.testing import check_importer

OWNER = "UCowner000000000000000aa"


def comment(native, text, *, author="UCviewer00000000000000aa", parent=None, video="vvvvvvvvvvv", **more):
    snippet = {
        "authorDisplayName": "@SecretViewer",
        "authorProfileImageUrl": "https://yt3.ggpht.com/face",
        "authorChannelUrl": "http://www.youtube.com/@SecretViewer",
        "authorChannelId": {"value": author},
        "channelId": OWNER,
        "textDisplay": text,
        "textOriginal": text,
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 3,
        "publishedAt": "2023-08-30T12:00:00Z",
        "updatedAt": "2023-08-31T12:00:00Z",
        **more,
    }
    if parent:
        snippet["parentId"] = parent
    if video:
        snippet["videoId"] = video
    return {"kind": "youtube#comment", "etag": "e", "id": native, "snippet": snippet}


def thread(native, text, *, total=0, replies=(), **more):
    top = comment(native, text, **more)
    item = {
        "kind": "youtube#commentThread",
        "etag": "e",
        "id": native,
        "snippet": {
            "channelId": OWNER,
            "videoId": "vvvvvvvvvvv",
            "topLevelComment": top,
            "canReply": True,
            "totalReplyCount": total,
            "isPublic": True,
        },
    }
    return {**item, "replies": {"comments": list(replies)}} if replies else item


def page(kind, items, **more):
    return {
        "kind": f"youtube#{kind}ListResponse",
        "etag": "e",
        "pageInfo": {"totalResults": len(items), "resultsPerPage": 100},
        "items": items,
        **more,
    }


REPLIES = [comment(f"T1.r{at}", f"reply {at}", parent="T1") for at in range(1, 6)]
THREADS = page(
    "commentThread",
    [
        thread("T1", "I cried", total=8, replies=REPLIES),
        thread("T2", "from me", author=OWNER),
        thread("T3", "", textOriginal="", textDisplay="<b>so</b> sad<br>1:23 &lt;3 &quot;home&quot;"),
        thread("T4", " "),
    ],
)
MORE = page("comment", [comment("T1.r5", "reply 5", parent="T1", video=None), comment("T1.r6", "reply 6", parent="T1", video=None)])
VIDEO = {
    "kind": "youtube#video",
    "etag": "e",
    "id": "vvvvvvvvvvv",
    "snippet": {
        "publishedAt": "2023-08-30T04:00:00Z",
        "channelId": OWNER,
        "title": "Escape",
        "description": "A teapot goes home",
        "thumbnails": {"default": {"url": "https://i.ytimg.com/vi/x"}},
        "channelTitle": "Secret Owner",
        "tags": ["museum"],
    },
    "contentDetails": {"duration": "PT3M12S", "caption": "false"},
    "statistics": {"viewCount": "270000", "likeCount": "20000", "favoriteCount": "0", "commentCount": "11"},
}
VIDEOS = page("video", [VIDEO])


def saved(folder, document, name="a.json"):
    return write(folder, name, json.dumps(document, ensure_ascii=False, indent=2))


def test_threads_with_replies(tmp_path):
    _, batches, facts = read(saved(tmp_path, THREADS))
    rows = table(batches)
    assert rows.select("native", "kind", "parent", "root", "actor").rows() == [
        ("T1", "comment", None, "comment:T1", None),
        *((f"T1.r{at}", "reply", "comment:T1", "comment:T1", None) for at in range(1, 6)),
        ("T2", "comment", None, "comment:T2", "creator"),
        ("T3", "comment", None, "comment:T3", None),
    ]
    assert set(rows["video"]) == {"vvvvvvvvvvv"}
    assert rows["text"].to_list()[-1] == 'so sad\n1:23 <3 "home"'
    assert rows["author"].to_list()[0] == "UCviewer00000000000000aa"
    assert str(rows["sent_at"][0]) == "2023-08-30 12:00:00+00:00"
    assert rows["likes"].to_list() == [3] * 8
    assert [(reject.place, reject.why) for batch in batches for reject in batch.rejects] == [("record 1, item 4", "no text")]
    assert facts.expected == [{"kind": "reply", "total": 8, "video": "vvvvvvvvvvv", "root": "comment:T1"}]
    assert facts.truncation == [
        "3 replies of 1 threads are not here, by the platform's own count: commentThreads.list gives 5 of a thread at most, comments.list the others"
    ]
    assert facts.notes == ["YouTube's terms: data from its API is refreshed or deleted within 30 days"]
    assert (facts.what, facts.video_from) == ("comments", "a field")


def test_replies_of_their_own_pages_join_their_thread(tmp_path):
    """comments.list names no video; the thread in the same file does. A reply that both hold counts once."""
    _, batches, facts = read(saved(tmp_path, [THREADS, MORE]))
    rows = table(batches).filter(native="T1.r6")
    assert rows.select("video", "root").rows() == [("vvvvvvvvvvv", "comment:T1")]
    assert facts.truncation[0].startswith("2 replies of 1 threads")
    whole_thread = page("commentThread", [thread("T1", "a", total=1, replies=REPLIES[:1])])
    assert not read(saved(tmp_path, whole_thread))[2].is_truncated


def test_replies_alone_are_no_whole(tmp_path):
    _, batches, facts = read(saved(tmp_path, MORE))
    assert table(batches)["video"].null_count() == 2
    assert facts.truncation == ["2 replies stand without the first message of their thread"]
    assert "2 comments name no video: --video gives it" in facts.notes
    assert not any("name no video" in note for note in read(saved(tmp_path, MORE), video="vvvvvvvvvvv")[2].notes)


@pytest.mark.parametrize("form", ["page", "pages", "lines", "items", "item lines", "one item"])
def test_all_forms_give_the_same_comments(tmp_path, form):
    contents = {
        "page": json.dumps(THREADS),
        "pages": json.dumps([THREADS]),
        "lines": json.dumps(page("commentThread", THREADS["items"][:1]))
        + "\n"
        + json.dumps(page("commentThread", THREADS["items"][1:]))
        + "\n",
        "items": json.dumps(THREADS["items"], indent=1),
        "item lines": "\n".join(json.dumps(item) for item in THREADS["items"]),
        "one item": json.dumps(THREADS["items"][0]),
    }
    importer, batches, facts = read(write(tmp_path, "a.json", contents[form]))
    assert importer.name == "youtube_api_json.v1"
    assert table(batches)["native"].to_list() == ["T1", *(f"T1.r{at}" for at in range(1, 6)), "T2", "T3"][: 6 if form == "one item" else 8]
    assert len(facts.truncation) == 1


def test_a_next_page_that_is_not_here(tmp_path):
    first, last = page("commentThread", THREADS["items"][1:2], nextPageToken="more"), page("commentThread", THREADS["items"][2:3])
    assert read(saved(tmp_path, first))[2].truncation == ["the last page names a next one, which is not in this file"]
    assert not read(saved(tmp_path, [first, last]))[2].is_truncated


def test_videos(tmp_path):
    _, batches, facts = read(saved(tmp_path, VIDEOS))
    [video] = table(batches, "videos").to_dicts()
    assert (video["video"], video["title"], video["author"], video["duration_ms"]) == ("vvvvvvvvvvv", "Escape", OWNER, 192_000)
    assert str(video["published_at"]) == "2023-08-30 04:00:00+00:00"
    assert table(batches, "metrics").height == 0
    assert facts.what == "videos"
    assert facts.notes[0].startswith("1 videos: the file does not say when its counts were read")
    assert facts.expected == [{"kind": "comment", "total": 11, "video": "vvvvvvvvvvv", "root": None}]
    _, batches, facts = read(saved(tmp_path, VIDEOS), exported_at="2023-09-01T00:00:00Z")
    assert table(batches, "metrics").select("name", "value").rows() == [
        ("views", 270000.0),
        ("likes", 20000.0),
        ("favorites", 0.0),
        ("comments", 11.0),
    ]
    assert set(table(batches, "metrics")["at"].dt.to_string("iso")) == {"2023-09-01 00:00:00.000+00:00"}
    assert facts.notes == [
        "YouTube's terms: data from its API is refreshed or deleted within 30 days; these were taken at 2023-09-01T00:00:00Z"
    ]


def test_counts_alone_and_other_kinds(tmp_path):
    bare = page("video", [{"kind": "youtube#video", "id": "w", "statistics": {"viewCount": "5"}}])
    _, batches, _ = read(saved(tmp_path, bare), exported_at="2023-09-01T00:00:00Z")
    assert table(batches, "metrics").select("video", "name", "value").rows() == [("w", "views", 5.0)]
    others = [
        VIDEO,
        {"kind": "youtube#searchResult", "id": {"videoId": "w"}, "snippet": {"title": "x", "channelId": "c"}},
        {"error": {"code": 403, "message": "quotaExceeded"}},
        {"kind": "youtube#video", "snippet": {}},
        {"kind": "youtube#comment", "snippet": {"topLevelComment": {"id": "1"}}},
        7,
    ]
    _, batches, _ = read(saved(tmp_path, others))
    assert [reject.why for batch in batches for reject in batch.rejects] == [
        "neither a comment nor a video",
        "an error in place of a page",
        "no id",
        "no snippet",
        "the record is no object",
    ]


def test_the_raw_copy_of_pages(tmp_path):
    copy = assert_maps_again(saved(tmp_path, [THREADS, MORE, VIDEOS]), exported_at="2023-09-01T00:00:00Z")
    for secret in ("SecretViewer", "Secret Owner", OWNER, "UCviewer", "ggpht"):
        assert secret not in copy, secret


def test_pages_contract_and_golden(tmp_path, golden):
    path = saved(tmp_path, [THREADS, MORE, VIDEOS], "pages.json")
    check_importer(YouTubeApiJson(), path)
    golden("youtube/api", golden_of(path))


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ("PT3M12S", 192_000),
        ("PT1H", 3_600_000),
        ("P1DT2S", 86_402_000),
        ("P0D", None),
        ("PT", None),
        ("3:12", None),
        (None, None),
        (5, None),
    ],
)
def test_durations(value, ms):
    assert duration_ms(value) == ms


@given(broken_up([THREADS, MORE, VIDEOS], times=4) | st.lists(ANYTHING, max_size=4))
def test_law_no_page_is_too_odd(tmp_path_factory, document):
    path = write(tmp_path_factory.mktemp("api"), "a.json", json.dumps(document).encode())
    try:
        batches = list(YouTubeApiJson().read(Origin(path), Facts()))
    except YuhuError as error:
        assert error.code == "YH106"  # noqa: PT017 - neither a list nor an object
        return
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=20).filter(lambda text: text.strip())
COMMENTS = st.lists(st.tuples(TEXTS, st.integers(0, 10**6), st.text("abc", min_size=1), st.lists(TEXTS, max_size=3)), max_size=5)


@given(COMMENTS)
def test_law_pages_round_trip(tmp_path_factory, made):
    items = []
    for at, (text, likes, author, replies) in enumerate(made):
        below = [comment(f"{at}.{n}", reply, parent=str(at)) for n, reply in enumerate(replies)]
        items.append(thread(str(at), text, total=len(below), replies=below, likeCount=likes, author=author))
    path = saved(tmp_path_factory.mktemp("api"), page("commentThread", items))
    _, batches, facts = read(path)
    rows = table(batches)
    assert rows.filter(kind="comment").select("text", "likes", "author").rows() == [
        (text.strip(), likes, author) for text, likes, author, _ in made
    ]
    assert rows.filter(kind="reply")["text"].to_list() == [reply.strip() for *_, replies in made for reply in replies]
    assert not facts.is_truncated
    assert [one["total"] for one in facts.expected] == [len(replies) for *_, replies in made if replies]
    assert_maps_again(path)


HEADER = next(
    csv.reader(["id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,authorChannelUrl,isReply,isReplyTo,isReplyToName"])
)
ROWS = [
    ["U1", "2", "5", "2023-08-30 12:00:00", "SecretViewer", 'so "sad"', "UCviewer00000000000000aa", "http://y/UCviewer", "0", "", ""],
    ["U1.a", "", "0", "2023-08-30 13:00:00", "Other Viewer", "me\ntoo", "UCother", "http://y", "1", "U1", "SecretViewer"],
    ["U2", "0", "1", "2023-08-31 00:00:00", "SecretViewer", "¯\\_(ツ)_/¯ \\", "", "", "0", "", ""],
    ["U3", "0", "1", "2023-08-31 00:00:00", "x", " ", "UCx", "", "0", "", ""],
    ["", "0", "1", "2023-08-31 00:00:00", "x", "no id here", "UCx", "", "0", "", ""],
]
NAME = "videoinfo_vvvvvvvvvvv_2023_09_01-08_30_00_comments.csv"


def tabled(header, rows, separator=","):
    """As the tool writes: quotes doubled, a backslash left alone."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(("separator", "name"), [(",", NAME), ("\t", NAME.replace(".csv", ".tab"))])
def test_comment_tables(tmp_path, separator, name):
    importer, batches, facts = read(write(tmp_path, name, "\ufeff" + tabled(HEADER, ROWS, separator)))
    assert importer.name == "youtube_data_tools_comments.v1"
    rows = table(batches)
    assert rows.select("video", "native", "kind", "parent", "root", "text", "likes").rows() == [
        ("vvvvvvvvvvv", "U1", "comment", None, "comment:U1", 'so "sad"', 5),
        ("vvvvvvvvvvv", "U1.a", "reply", "comment:U1", "comment:U1", "me\ntoo", 0),
        ("vvvvvvvvvvv", "U2", "comment", None, "comment:U2", "¯\\_(ツ)_/¯ \\", 1),
    ]
    assert rows["author"].to_list() == ["UCviewer00000000000000aa", "UCother", "SecretViewer"]
    assert str(rows["sent_at"][1]) == "2023-08-30 13:00:00+00:00"
    assert [(reject.place, reject.why) for batch in batches for reject in batch.rejects] == [("line 6", "no text"), ("line 7", "no id")]
    assert facts.expected == [{"kind": "reply", "total": 2, "video": "vvvvvvvvvvv", "root": "comment:U1"}]
    assert facts.truncation == [
        "1 replies of 1 threads are not here, by the platform's own count: the tool was stopped, or the platform hides them"
    ]
    assert facts.exported_at == "2023-09-01T08:30:00Z"
    assert facts.video_from == "file name"


def test_a_column_wins_over_the_name_of_the_file(tmp_path):
    _, batches, facts = read(write(tmp_path, NAME, tabled([*HEADER, "videoId"], [[*ROWS[0], "wwwwwwwwwww"], [*ROWS[2], ""]])))
    assert table(batches)["video"].to_list() == ["wwwwwwwwwww", "vvvvvvvvvvv"]
    assert facts.video_from == "a column"


def test_escaped_quotes_and_ragged_rows(tmp_path):
    """Older tables escape a quote with a backslash; a backslash that ends a cell is only a backslash."""
    lines = ["id,isReplyTo,authorName,text,publishedAt,isReply", 'A,,n,"she said \\"go\\" home",2023-08-30 12:00:00,0', 'B.c,,n,"a\\",x,1']
    lines += ["C,,n,too,many,cells,here", ""]
    path = write(tmp_path, "some.csv", "\n".join(lines) + '\nD,,n,"never closed,2023-08-30 12:00:00,0\n')
    _, batches, facts = read(path)
    assert table(batches).select("video", "native", "text", "parent", "sent_at_precision_s").rows() == [
        ("some", "A", 'she said "go" home', None, 1),
        ("some", "B.c", "a\\", "comment:B", None),
    ]
    assert [(reject.place, reject.why) for batch in batches for reject in batch.rejects] == [
        ("line 4", "7 cells, the header has 6"),
        ("line 6", "4 cells, the header has 6"),
    ]
    assert facts.truncation == ["1 replies stand without the first message of their thread"]
    assert facts.exported_at == ""


def test_a_cell_beyond_the_limit_is_a_reject(tmp_path):
    limit = csv.field_size_limit(1000)
    try:
        rows = [[*ROWS[0][:5], "x" * 2000, *ROWS[0][6:]], ROWS[0]]
        _, batches, _ = read(write(tmp_path, NAME, tabled(HEADER, rows)))
    finally:
        csv.field_size_limit(limit)
    assert table(batches)["native"].to_list() == ["U1"]
    assert [reject.why for batch in batches for reject in batch.rejects] == ["the row cannot be read"]


VIDEO_TABLE = f"""\
position,channelId,channelTitle,videoId,publishedAt,publishedAtSQL,videoTitle,videoDescription,tags,videoCategoryId,videoCategoryLabel,duration,\
durationSec,dimension,definition,caption,thumbnail_maxres,licensedContent,viewCount,likeCount,dislikeCount,favoriteCount,commentCount
1,{OWNER},Secret Owner,vvvvvvvvvvv,2023-08-30T04:00:00Z,2023-08-30 04:00:00,Escape,A teapot,museum,1,Film,PT3M12S,\
192,2d,hd,false,,1,270000,20000,,0,11
"""
VIDEO_HEADER, VIDEO_ROW = csv.reader(VIDEO_TABLE.splitlines())


def test_video_tables(tmp_path):
    rows = [VIDEO_ROW, [*VIDEO_ROW[:3], "w", *VIDEO_ROW[4:12], "", *VIDEO_ROW[13:]], [*VIDEO_ROW[:3], "", *VIDEO_ROW[4:]]]
    path = write(tmp_path, "videolist_search1_2023_09_01-08_30_00.tab", tabled(VIDEO_HEADER, rows, "\t"))
    importer, batches, facts = read(path)
    assert importer.name == "youtube_data_tools_videos.v1"
    videos = table(batches, "videos")
    assert videos.select("video", "title", "description", "author", "duration_ms").rows() == [
        ("vvvvvvvvvvv", "Escape", "A teapot", OWNER, 192_000),
        ("w", "Escape", "A teapot", OWNER, 192_000),
    ]
    metrics = table(batches, "metrics").filter(video="w")
    assert metrics.select("name", "value").rows() == [("views", 270000.0), ("likes", 20000.0), ("favorites", 0.0), ("comments", 11.0)]
    assert set(metrics["at"].dt.to_string("iso")) == {"2023-09-01 08:30:00.000+00:00"}
    assert facts.expected[0] == {"kind": "comment", "total": 11, "video": "vvvvvvvvvvv", "root": None}
    assert [reject.why for batch in batches for reject in batch.rejects] == ["no id"]
    plain_name = write(tmp_path, "list.csv", tabled(VIDEO_HEADER, rows))
    assert table(read(plain_name)[1], "metrics").height == 0
    assert table(read(plain_name, exported_at="2023-09-02T00:00:00Z")[1], "metrics").height == 8
    assert str(table(read(path, tz="Asia/Shanghai")[1], "metrics")["at"][0]) == "2023-09-01 00:30:00+00:00"


def test_tables_contract_golden_and_raw_copy(tmp_path, golden):
    comments = write(tmp_path, NAME, tabled(HEADER, ROWS))
    videos = write(tmp_path, "videolist_search1_2023_09_01-08_30_00.csv", tabled(VIDEO_HEADER, [VIDEO_ROW]))
    check_importer(YouTubeDataToolsComments(), comments)
    check_importer(YouTubeDataToolsVideos(), videos)
    golden("youtube/data_tools_comments", golden_of(comments))
    golden("youtube/data_tools_videos", golden_of(videos))
    copies = assert_maps_again(comments) + assert_maps_again(videos)
    for secret in ("SecretViewer", "Other Viewer", "UCviewer", "Secret Owner", OWNER):
        assert secret not in copies, secret


CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")) | st.sampled_from('\\",\t\n'), max_size=20).filter(
    lambda text: not re.search(r'\\"[,\t\n]', text)  # the one place where both ways to write a quote look the same
)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 10**6)), max_size=6), st.sampled_from(",\t"))
def test_law_tables_round_trip(tmp_path_factory, made, separator):
    rows = [
        [f"U{at}", "0", str(likes), "2023-08-30 12:00:00", author, text, "", "", "0", "", ""]
        for at, (text, author, likes) in enumerate(made)
    ]
    path = write(tmp_path_factory.mktemp("ytdt"), "a.csv", tabled(HEADER, rows, separator))
    batches = list(YouTubeDataToolsComments().read(Origin(path), Facts()))
    kept = [(text.strip(), likes) for text, _, likes in made if text.strip()]
    assert table(batches).select("text", "likes").rows() == kept
    assert sum(batch.seen for batch in batches) == len(made) == sum(batch.kept + len(batch.rejects) for batch in batches)


@given(st.lists(st.lists(st.text(max_size=6), max_size=12), max_size=6), st.text(max_size=30))
def test_law_no_table_is_too_odd(tmp_path_factory, rows, tail):
    path = tmp_path_factory.mktemp("ytdt") / "a.csv"
    path.write_bytes((tabled(HEADER, rows) + tail).encode("utf-8", "surrogatepass"))
    for importer in (YouTubeDataToolsComments(), YouTubeDataToolsVideos()):
        batches = list(importer.read(Origin(path), Facts()))
        assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


def test_other_tables_are_left_to_others(tmp_path):
    with pytest.raises(YuhuError, match="YH103"):
        read(write(tmp_path, "a.csv", "id,text,publishedAt\n1,a,2023\n"))
    with pytest.raises(YuhuError, match="YH103"):
        read(write(tmp_path, "a.json", '[{"kind": "drive#file", "snippet": {}}]'))
