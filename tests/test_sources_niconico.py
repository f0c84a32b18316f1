"""Niconico: the flat list, threads of today, comments as yt-dlp writes them, and what was served before 2022."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import NICONICO, write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.errors import YuhuError
from yuhu.sources.niconico import NiconicoFlatJson
from yuhu.sources.niconico_legacy import NiconicoLegacy
from yuhu.sources.niconico_threads import NiconicoThreadsJson
from yuhu.sources.reading import read_head
from yuhu.testing import check_importer


def comment(number, body="うぽつ", ms=1500, **more):
    return {
        "id": f"10000000{number:02d}",
        "no": number,
        "vposMs": ms,
        "body": body,
        "commands": ["184", "red"],
        "userId": f"nvc:SecretPerson{number}",
        "isPremium": True,
        "score": -100,
        "postedAt": "2023-08-30T21:00:00+09:00",
        "nicoruCount": number,
        "nicoruId": "SecretNicoru",
        "source": "leaf",
        "isMyPost": False,
        **more,
    }


OWNER = [comment(1, "/vote start", 0, userId=""), comment(2, "投稿者です", 100, userId="")]
MAIN = [comment(1), comment(2, "泣いた", 4_321), comment(3, ""), comment(4, ms=None), comment(5, ms=-20), "no object"]
THREADS = [
    {"id": 1173108780, "fork": "owner", "commentCount": 2, "comments": OWNER},
    {"id": 1173108780, "fork": "main", "commentCount": 5000, "comments": MAIN},
    {"id": 1173108780, "fork": "easy", "commentCount": 0, "comments": []},
]


def whys(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


@pytest.mark.parametrize(
    "shape",
    [
        THREADS,
        {"threads": THREADS},
        {"meta": {"status": 200}, "data": {"globalComments": [{"id": "1", "count": 5000}], "threads": THREADS}},
        "\n".join(json.dumps(thread) for thread in THREADS),
        json.dumps({"data": {"threads": THREADS}}, indent=2),
    ],
)
def test_threads(tmp_path, shape):
    importer, batches, facts = read(write(tmp_path, "sm9.json", shape))
    assert importer.name == "niconico_threads_json.v1"
    rows = table(batches)
    assert rows.select("fork", "native", "at_ms", "text", "author", "actor", "likes", "is_special").rows() == [
        ("owner", "1000000001", 0, "/vote start", None, "creator", 1, True),
        ("owner", "1000000002", 100, "投稿者です", None, "creator", 2, False),
        ("main", "1000000001", 1500, "うぽつ", "nvc:SecretPerson1", None, 1, False),
        ("main", "1000000002", 4321, "泣いた", "nvc:SecretPerson2", None, 2, False),
    ]
    assert {str(time) for time in rows["sent_at"]} == {"2023-08-30 12:00:00+00:00"}
    assert set(rows["video"]) == {"sm9"}
    assert facts.expected == [{"kind": "danmaku", "total": 5002, "video": "sm9", "root": None}]
    assert [why for _, why in whys(batches)] == [
        "no text",
        "media time is no number",
        "media time lies outside 0 to 48 hours",
        "the record is no object",
    ]
    assert facts.notes == []


def test_yt_dlp(tmp_path):
    path = write(tmp_path, "題名 [sm12345].comments.json", MAIN)
    importer, batches, facts = read(path)
    assert importer.name == "niconico_threads_json.v1"
    assert table(batches).select("video", "fork", "native").rows() == [("sm12345", "main", "1000000001"), ("sm12345", "main", "1000000002")]
    assert facts.video_from == "file name"
    assert facts.expected == []
    assert "of the video's owner cannot be" in facts.notes[0]
    assert table(read(path, video="sm1")[1])["video"].unique().to_list() == ["sm1"]


def test_threads_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "sm9.json", THREADS)
    check_importer(NiconicoThreadsJson(), path)
    golden("niconico/threads", golden_of(path))
    assert "Secret" not in assert_maps_again(path)
    assert NiconicoThreadsJson().sniff(read_head(path, mapped=True)) == 0.0


@given(st.lists(broken_up(THREADS[1]) | ANYTHING, max_size=4))
def test_law_threads_hostile(tmp_path_factory, threads):
    path = write(tmp_path_factory.mktemp("nico"), "a.json", json.dumps([THREADS[0], *threads]).encode())
    _, batches, _ = read(path)
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert_maps_again(path)


COMMENT = st.builds(
    comment,
    st.integers(1, 10**9),
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), blacklist_characters="@＠﹫"), min_size=1, max_size=20).filter(
        str.strip
    ),
    st.integers(0, 3_600_000),
)


@given(st.lists(COMMENT, min_size=1, max_size=6))
def test_law_threads_round_trip(tmp_path_factory, comments):
    path = write(
        tmp_path_factory.mktemp("nico"), "so1.json", [{"id": 1, "fork": "easy", "commentCount": len(comments), "comments": comments}]
    )
    _, batches, facts = read(path)
    expected = [("easy", one["id"], one["vposMs"], one["body"].strip(), one["no"]) for one in comments]
    assert table(batches).select("fork", "native", "at_ms", "text", "likes").rows() == expected
    assert facts.expected[0]["total"] == len(comments)


# before 2022

XML = (
    '<?xml version="1.0" encoding="UTF-8"?><packet><thread resultcode="0" thread="100" server_time="1637400000" last_res="4000" ticket="0x1" revision="1"/>'
    '<thread resultcode="0" thread="100" fork="1" server_time="1637400000" last_res="3"/>'
    '<chat thread="100" no="1" vpos="150" date="1637314561" date_usec="5" user_id="SecretPerson" mail="184 red" premium="1" anonymity="1">うぽつ &amp; 8888</chat>'
    '<chat thread="100" no="1" vpos="0" date="1637314562" fork="1" user_id="-1">@ボタン</chat>'
    '<chat thread="100" no="2" vpos="100" date="1637314562" owner="1">投稿者</chat>'
    '<chat thread="200" no="1" vpos="300" date="1637314563" user_id="0" nicoru="4">別スレ</chat>'
    '<chat thread="100" no="3" vpos="200" date="1637314564" deleted="1"/>'
    '<chat thread="100" no="4" vpos="-5" date="1637314564">前</chat>'
    '<chat thread="100" no="5" vpos="x" date="1637314564">字</chat>'
    '<chat thread="100" no="6" vpos="1" date="1637314564"> </chat></packet>'
)
EXPECTED = [
    ("main", "1", 1500, "うぽつ & 8888", "SecretPerson", None, None, False),
    ("owner", "1", 0, "@ボタン", None, "creator", None, True),
    ("owner", "2", 1000, "投稿者", None, "creator", None, False),
    ("main", "200.1", 3000, "別スレ", None, None, 4, False),
]
WHYS = [
    ("chat 5", "deleted on the site"),
    ("chat 6", "media time lies outside 0 to 48 hours"),
    ("chat 7", "media time is no number"),
    ("chat 8", "no text"),
]


def as_json():
    found = [{"ping": {"content": "rs:0"}}]
    for name, attributes, text in re.findall(r"<(thread|chat) ([^>]*?)/?>(?:([^<]*)</chat>)?", XML):
        held = {
            key: int(value) if re.fullmatch(r"-?\d+", value) and key not in {"user_id", "thread"} else value
            for key, value in re.findall(r'(\w+)="([^"]*)"', attributes)
        }
        found.append({name: {**held, **({"content": text.replace("&amp;", "&")} if name == "chat" and text else {})}})
    return [*found, {"global_num_res": {"thread": "100", "num_res": 9}}, {"ping": {"content": "rf:0"}}]


def test_legacy_xml(tmp_path):
    importer, batches, facts = read(write(tmp_path, "nm77.xml", XML))
    assert importer.name == "niconico_legacy.v1"
    rows = table(batches)
    assert rows.select("fork", "native", "at_ms", "text", "author", "actor", "likes", "is_special").rows() == EXPECTED
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [1637314561000, 1637314562000, 1637314562000, 1637314563000]
    assert whys(batches) == WHYS
    assert set(rows["video"]) == {"nm77"}
    assert facts.expected == [{"kind": "danmaku", "total": 4003, "video": "nm77", "root": None}]
    assert facts.exported_at == "2021-11-20T09:20:00Z"


def test_legacy_json(tmp_path):
    importer, batches, facts = read(write(tmp_path, "nm77.json", as_json()))
    assert importer.name == "niconico_legacy.v1"
    assert table(batches).select("fork", "native", "at_ms", "text", "author", "actor", "likes", "is_special").rows() == EXPECTED
    assert [why for _, why in whys(batches)] == [why for _, why in WHYS]
    assert facts.expected[0]["total"] == 4003
    assert facts.exported_at == "2021-11-20T09:20:00Z"


def test_legacy_cut_off_and_refused(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.xml", XML[: XML.index("別スレ")]))
    assert table(batches).height == 3
    assert whys(batches) == [("end of file", "the file ends inside a record")]
    assert facts.is_truncated
    with pytest.raises(YuhuError, match="YH106"):
        read(write(tmp_path, "b.xml", XML.replace("</packet>", "</chat>")))
    with pytest.raises(YuhuError, match="YH109"):
        read(write(tmp_path, "c.xml", '<!DOCTYPE packet [<!ENTITY a "b">]><packet><chat vpos="1">&a;</chat></packet>'))


def test_legacy_characters_that_xml_forbids(tmp_path):
    text = XML.replace("うぽつ", "う\x08ぽ&#x0;つ&#xD800;\ufffe")
    _, batches, facts = read(write(tmp_path, "a.xml", text))
    assert table(batches)["text"][0] == "うぽつ & 8888"
    assert facts.notes == ["6 characters that XML forbids were left out"]


def test_legacy_golden_and_contract(tmp_path, golden):
    for name, content in (("nm77.xml", XML), ("nm78.json", as_json())):
        path = write(tmp_path, name, content)
        check_importer(NiconicoLegacy(), path)
        golden(f"niconico/legacy_{name.rpartition('.')[2]}", golden_of(path))
        assert "Secret" not in assert_maps_again(path)


@given(st.lists(broken_up(as_json()[3]) | broken_up(as_json()[1]) | ANYTHING, max_size=6))
def test_law_legacy_hostile(tmp_path_factory, records):
    path = write(tmp_path_factory.mktemp("nico"), "a.json", json.dumps([as_json()[3], *records]).encode())
    _, batches, _ = read(path)
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert_maps_again(path)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 17_279_999), st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1).filter(str.strip)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_law_legacy_round_trip(tmp_path_factory, chats):
    from xml.sax.saxutils import escape

    body = "".join(
        f'<chat thread="1" no="{at}" vpos="{vpos}" date="1637314561">{escape(text)}</chat>' for at, (vpos, text) in enumerate(chats)
    )
    _, batches, _ = read(write(tmp_path_factory.mktemp("nico"), "a.xml", f"<packet>{body}</packet>"))
    assert table(batches).select("native", "at_ms", "text").rows() == [
        (str(at), vpos * 10, text.strip()) for at, (vpos, text) in enumerate(chats)
    ]


# the flat list


def test_flat_keeps_the_owner_when_mapped_again(tmp_path, golden):
    path = write(
        tmp_path, "sm5.json", [*NICONICO, {"id": 5, "vpos": 12.345, "content": "半", "date": 1637314563.5, "user_id": "SecretPerson"}]
    )
    check_importer(NiconicoFlatJson(), path)
    golden("niconico/flat", golden_of(path))
    _, batches, _ = read(path)
    assert table(batches).select("fork", "at_ms", "actor").rows() == [
        ("main", 1500, None),
        ("owner", 99990, "creator"),
        ("main", 123, None),
    ]
    assert "Secret" not in assert_maps_again(path)


@given(st.lists(broken_up({**NICONICO[1], "user_id": "u"}) | ANYTHING, max_size=6))
def test_law_flat_hostile(tmp_path_factory, records):
    path = write(tmp_path_factory.mktemp("nico"), "a.json", json.dumps([NICONICO[0], *records]).encode())
    _, batches, _ = read(path)
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert sum(batch.seen for batch in batches) == 1 + len(records)
    assert_maps_again(path)


@pytest.mark.parametrize(("name", "n"), [("0", 954), ("2", 1250), ("25", 538), ("12", 143), ("4", 644)])
def test_real_files(shared, name, n):
    importer, batches, _ = read(shared / f"danmaku_niconico/{name}.json")
    assert importer.name == "niconico_flat_json.v1"
    assert sum(batch.seen for batch in batches) == n
    assert table(batches).height + len(whys(batches)) == n
    assert_maps_again(shared / f"danmaku_niconico/{name}.json")
