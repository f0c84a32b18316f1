"""TikTok Research API: videos and comments, in whole responses and alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.tiktok_research import TikTokResearchJson
from yuhu.testing import check_importer

VIDEO_ID = 7273000000000000001
VIDEO = {
    "id": VIDEO_ID,
    "video_description": "a teapot goes home #museum @friend",
    "create_time": 1693400000,
    "region_code": "US",
    "share_count": 7,
    "view_count": 270000,
    "like_count": 20000,
    "comment_count": 1500,
    "music_id": 1,
    "hashtag_names": ["museum"],
    "username": "secretuser",
    "effect_ids": ["0"],
    "playlist_id": 2,
    "voice_to_text": "I want to go home",
    "is_stem_verified": False,
    "favorites_count": 30,
    "video_duration": 15,
    "video_mention_list": ["@secretfriend"],
}
COMMENTS = [
    {
        "id": 11,
        "video_id": VIDEO_ID,
        "text": "I cried",
        "like_count": 3,
        "reply_count": 2,
        "parent_comment_id": VIDEO_ID,
        "create_time": 1693400100,
    },
    {
        "id": 12,
        "video_id": VIDEO_ID,
        "text": "me too",
        "like_count": 0,
        "reply_count": 0,
        "parent_comment_id": 11,
        "create_time": 1693400200,
    },
    {"id": 13, "video_id": VIDEO_ID, "text": "and me", "like_count": 0, "reply_count": 0, "parent_comment_id": 12, "create_time": 0},
    {"id": 14, "video_id": VIDEO_ID, "text": "orphan", "parent_comment_id": 99, "create_time": 1693400200},
    {"id": 15, "video_id": VIDEO_ID, "text": "", "parent_comment_id": VIDEO_ID, "create_time": 1693400200},
]


def response(has_more=False, **data):
    return {"data": {**data, "cursor": 100, "has_more": has_more, "search_id": "s"}, "error": {"code": "ok", "message": "", "log_id": "l"}}


def saved(folder, document, name="a.json"):
    return write(folder, name, json.dumps(document, ensure_ascii=False))


def test_videos(tmp_path):
    path = saved(tmp_path, response(videos=[VIDEO]))
    _, batches, facts = read(path, exported_at="2023-09-01T00:00:00Z")
    assert table(batches, "videos").select("video", "title", "description", "author", "duration_ms").rows() == [
        ("7273000000000000001", None, "a teapot goes home #museum @friend", "secretuser", 15_000)
    ]
    assert str(table(batches, "videos")["published_at"][0]) == "2023-08-30 12:53:20+00:00"
    metrics = table(batches, "metrics")
    assert dict(metrics.select("name", "value").rows()) == {
        "views": 270000.0,
        "likes": 20000.0,
        "comments": 1500.0,
        "shares": 7.0,
        "favorites": 30.0,
    }
    assert set(metrics["at"].dt.to_string("iso")) == {"2023-09-01 00:00:00.000+00:00"}
    assert table(batches, "segments").select("kind", "start_ms", "end_ms", "text").rows() == [
        ("transcript", 0, 15_000, "I want to go home")
    ]
    assert facts.expected == [{"kind": "comment", "total": 1500, "video": "7273000000000000001", "root": None}]
    assert (facts.what, facts.platform, facts.is_truncated) == ("videos", "tiktok", False)
    _, batches, facts = read(path)
    assert table(batches, "metrics").height == 0
    assert facts.notes[0].startswith("1 videos: the file does not say when its counts were read")


def test_the_other_spelling(tmp_path):
    british = {key.replace("favorites", "favourites"): value for key, value in VIDEO.items()}
    _, batches, _ = read(saved(tmp_path, [british]), exported_at="2023-09-01T00:00:00Z")
    assert table(batches, "metrics").filter(name="favorites")["value"].to_list() == [30.0]


def test_comments(tmp_path):
    _, batches, facts = read(saved(tmp_path, response(comments=COMMENTS)))
    rows = table(batches)
    assert rows.select("video", "native", "kind", "parent", "root").rows() == [
        ("7273000000000000001", "11", "comment", None, "comment:11"),
        ("7273000000000000001", "12", "reply", "comment:11", "comment:11"),
        ("7273000000000000001", "13", "reply", "comment:12", "comment:11"),
        ("7273000000000000001", "14", "reply", "comment:99", "comment:99"),
    ]
    assert rows["sent_at"].dt.epoch("s").to_list() == [1693400100, 1693400200, None, 1693400200]
    assert rows["sent_at_precision_s"].to_list() == [1, 1, None, 1]
    assert rows["author"].null_count() == rows["region"].null_count() == 4
    assert [(reject.place, reject.why) for batch in batches for reject in batch.rejects] == [("line 1, item 5", "no text")]
    assert facts.caps == {"comment": 1000}
    assert facts.what == "comments"
    assert facts.expected == [{"kind": "reply", "total": 2, "video": "7273000000000000001", "root": "comment:11"}]
    assert facts.truncation == ["1 replies stand without the first message of their thread"]


def test_the_cap_of_a_thousand(tmp_path):
    many = [{**COMMENTS[0], "id": at, "reply_count": 0, "text": "x"} for at in range(1, 1001)]
    pages = [response(comments=many[at : at + 100], has_more=True) for at in range(0, 1000, 100)]
    lines = write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, pages)))
    truncation = read(lines)[2].truncation
    assert truncation[0] == "the last page says that there are more, which are not in this file"
    assert truncation[1] == "1 videos have 1,000 comments or more, and the API gives only the top 1,000"
    assert not read(saved(tmp_path, many[:999]))[2].is_truncated
    assert not read(saved(tmp_path, [response(comments=many[:10], has_more=True), response(comments=many[10:20])]))[2].is_truncated


@pytest.mark.parametrize("form", ["response", "bare data", "responses", "lines", "items", "item lines"])
def test_all_forms_give_the_same(tmp_path, form):
    both = response(videos=[VIDEO], comments=COMMENTS)
    contents = {
        "response": json.dumps(both, indent=2),
        "bare data": json.dumps(both["data"]),
        "responses": json.dumps([response(videos=[VIDEO]), response(comments=COMMENTS)]),
        "lines": "\n".join(json.dumps(one) for one in (response(videos=[VIDEO]), response(comments=COMMENTS))),
        "items": json.dumps([VIDEO, *COMMENTS]),
        "item lines": "\n".join(json.dumps(one) for one in (VIDEO, *COMMENTS)),
    }
    importer, batches, facts = read(write(tmp_path, "a.json", contents[form]))
    assert importer.name == "tiktok_research_json.v1"
    assert table(batches)["native"].to_list() == ["11", "12", "13", "14"]
    assert table(batches, "videos").height == 1
    assert facts.what == "videos and comments"
    assert [reject.why for batch in batches for reject in batch.rejects] == ["no text"]


def test_what_is_neither(tmp_path):
    failed = {"data": {}, "error": {"code": "rate_limit_exceeded", "message": "m", "log_id": "l"}}
    _, batches, _ = read(saved(tmp_path, [response(videos=[VIDEO]), failed, {"id": 1, "create_time": 5}, {"video_description": "x"}, 5]))
    assert [reject.why for batch in batches for reject in batch.rejects] == [
        "an error in place of a page",
        "neither a comment nor a video",
        "no id",
        "the record is no object",
    ]


def test_files_of_other_collectors_are_left_to_them(tmp_path):
    other = [{"comment_id": "1", "create_time": 5, "video_id": "2", "parent_comment_id": "0", "content": "x", "text": "y", "nickname": "n"}]
    assert TikTokResearchJson().sniff(_head(saved(tmp_path, other))) == 0.0
    assert TikTokResearchJson().sniff(_head(write(tmp_path, "t.csv", "id,video_description,create_time\n1,a,2\n"))) == 0.0


def _head(path):
    from yuhu.sources.reading import read_head

    return read_head(path)


def test_contract_golden_and_raw_copy(tmp_path, golden):
    path = saved(tmp_path, [response(videos=[VIDEO]), response(comments=COMMENTS)], "research.json")
    check_importer(TikTokResearchJson(), path)
    golden("tiktok_research/pages", golden_of(path))
    copy = assert_maps_again(path, exported_at="2023-09-01T00:00:00Z")
    assert "secretuser" not in copy
    assert "secretfriend" not in copy


@given(broken_up([response(videos=[VIDEO]), response(comments=COMMENTS)], times=4) | st.lists(ANYTHING, max_size=4))
def test_law_nothing_is_lost_whatever_a_field_holds(tmp_path_factory, document):
    path = write(tmp_path_factory.mktemp("research"), "a.json", json.dumps(document).encode())
    try:
        batches = list(TikTokResearchJson().read(Origin(path), Facts()))
    except YuhuError as error:
        assert error.code == "YH106"  # noqa: PT017 - neither a list nor an object
        return
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=20).filter(lambda text: text.strip())


@given(st.lists(st.tuples(TEXTS, st.integers(0, 10**9), st.integers(10**9, 2 * 10**9), st.booleans()), max_size=8))
def test_law_round_trip(tmp_path_factory, made):
    first = 7300000000000000000
    comments = [
        {
            "id": first + at,
            "video_id": VIDEO_ID,
            "text": text,
            "like_count": likes,
            "create_time": sent,
            "parent_comment_id": first if below and at else VIDEO_ID,
        }
        for at, (text, likes, sent, below) in enumerate(made)
    ]
    path = saved(tmp_path_factory.mktemp("research"), response(videos=[VIDEO], comments=comments))
    rows = table(read(path)[1])
    assert rows["native"].to_list() == [str(first + at) for at in range(len(made))]
    assert rows["text"].to_list() == [text.strip() for text, *_ in made]
    assert rows["likes"].to_list() == [likes for _, likes, *_ in made]
    assert rows["sent_at"].dt.epoch("s").to_list() == [sent for *_, sent, _ in made]
    assert rows["parent"].to_list() == [f"comment:{first}" if below and at else None for at, (*_, below) in enumerate(made)]
    assert_maps_again(path)
