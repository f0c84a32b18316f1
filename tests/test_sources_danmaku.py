"""Danmaku of Bilibili: protobuf segments, JSON dumps, live recorders, ASS."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import danmaku_xml, write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from segments import NEW, OLD, OTT, segment
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.sources.bilibili_danmaku_json import BilibiliDanmakuJson
from yuhu.sources.bilibili_recorder import BilibiliRecorderXml
from yuhu.sources.bilibili_segments import BilibiliSegments
from yuhu.sources.bilibili_wire import PAD, Envelope, MalformedError, columns, fields
from yuhu.sources.danmaku_ass import DanmakuAss
from yuhu.sources.reading import read_head
from yuhu.sources.recognise import recognise
from yuhu.sources.records import Reading
from yuhu.testing import check_importer

CTIME = 1_693_400_000
ROWS = [
    {
        "id": 51870527213010951,
        "progress": 15_250,
        "mode": 1,
        "fontsize": 25,
        "color": 16777215,
        "mid_hash": "5bd04b14",
        "content": "我哭了",
        "ctime": CTIME,
        "weight": 10,
        "id_str": "51870527213010951",
        "attr": 1_048_576,
        "likes": 3,
        "oid": 1176840,
    },
    {"id": 1_616_000_000_000_000_001, "mode": 5, "mid_hash": "856d216", "content": " 不哭 @小明 ", "ctime": CTIME + 60, "oid": 1176840},
    {"id": 3, "progress": 361_000, "mode": 7, "content": '[0,0,"1-1",4.5,"看这里",0]', "ctime": CTIME, "pool": 0, "oid": 1176840},
    {"id": 4, "progress": 20, "mode": 8, "content": "def x", "ctime": CTIME, "pool": 2, "oid": 1176840},
]
OLD_ROWS = [
    {
        "id": 7,
        "progress": 1000,
        "mode": 1,
        "mid_hash": "a",
        "content": "旧",
        "ctime": CTIME,
        "action": "airborne:1",
        "pool": 1,
        "id_str": "7",
    },
    {"id": 8, "progress": 2000, "mode": 1, "mid_hash": "b", "content": "布局", "ctime": CTIME, "id_str": "8"},
]


def whys(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


# segments


def test_segment_new_layout(tmp_path):
    path = write(tmp_path, "seg.so", segment(ROWS, rules=[1, 2], context_src=b"x"))
    importer, batches, facts = read(path)
    rows = table(batches)
    assert importer.name == "bilibili_danmaku_segments.v1"
    assert rows["at_ms"].to_list() == [15_250, 0, 361_000, 20]
    assert rows["text"].to_list() == ["我哭了", "不哭 @小明", "看这里", "def x"]
    assert rows["native"].to_list() == ["51870527213010951", "1616000000000000001", "3", "4"]
    assert rows["author"].to_list() == ["5bd04b14", "856d216", None, None]
    assert rows["likes"].to_list() == [3, None, None, None]
    assert rows["is_special"].to_list() == [False, False, True, True]
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [CTIME * 1000, (CTIME + 60) * 1000, CTIME * 1000, CTIME * 1000]
    assert set(rows["video"]) == {"1176840"}
    assert rows["kind"].unique().to_list() == ["danmaku"] == rows["fork"].unique().to_list()
    assert facts.video_from == "oid in the file"
    assert facts.notes == ["holds segments of six minutes: 1 to 2; others of the video, if any, stand in files of their own"]
    assert not facts.is_truncated


def test_segment_old_layout(tmp_path):
    _, batches, facts = read(write(tmp_path, "old.so", segment(OLD_ROWS, OLD)))
    rows = table(batches)
    assert rows["native"].to_list() == ["7", "8"]
    assert rows["is_special"].to_list() == [True, False]
    assert set(rows["video"]) == {"old"}
    assert "give --video (the cid)" in facts.notes[1]
    assert facts.video_from == "file name"


def test_segment_of_tv_and_closed_danmaku(tmp_path):
    _, batches, facts = read(write(tmp_path, "tv.so", segment(ROWS, OTT, state=1)))
    assert table(batches)["text"].to_list() == ["我哭了", "不哭 @小明", "看这里", "def x"]
    assert facts.notes[-1] == "the platform had closed the danmaku of this video"
    _, _, phone = read(write(tmp_path, "phone.so", segment(ROWS, state=1)))
    assert phone.notes[-1] == "the platform had closed the danmaku of this video"


def test_segment_is_the_same_danmaku_as_in_xml(tmp_path):
    row = {"id": 1000, "progress": 1234, "mode": 1, "mid_hash": "aa000000", "content": "好", "ctime": CTIME, "weight": 10, "oid": 42}
    proto = table(read(write(tmp_path, "a.so", segment([row])))[1])
    xml = table(read(write(tmp_path, "a.xml", danmaku_xml([(1.234, "好", {})])))[1])
    assert proto.rows() == xml.rows()


def test_segment_id_only_as_text(tmp_path):
    new = segment([{"mode": 1, "content": "a", "ctime": CTIME, "id_str": "99", "mid_hash": "1"}])
    old = segment([{"mode": 1, "content": "a", "ctime": CTIME, "id_str": "98", "mid_hash": "1"}], OLD)
    assert table(read(write(tmp_path, "n.so", new))[1])["native"].to_list() == ["99"]
    assert table(read(write(tmp_path, "o.so", old))[1])["native"].to_list() == ["98"]
    none = segment([{"mode": 1, "content": "a", "ctime": CTIME, "mid_hash": "1"}])
    assert table(read(write(tmp_path, "x.so", none))[1])["native"].to_list() == [None]


def test_segment_bad_records(tmp_path):
    good = {"id": 1, "mode": 1, "content": "ok", "ctime": CTIME, "mid_hash": "1"}
    rows = [good, {**good, "content": ""}, {**good, "progress": -5}, {**good, "progress": 172_800_001}, {**good, "content": b"\x00\x07"}]
    damaged = b"\x0a\x04\x08\xff\xff\xff"
    path = write(tmp_path, "seg.so", segment(rows) + damaged + segment([good]))
    _, batches, facts = read(path)
    assert whys(batches) == [
        ("record 2", "no text"),
        ("record 3", "media time lies outside 0 to 48 hours"),
        ("record 4", "media time lies outside 0 to 48 hours"),
        ("record 5", "no text"),
        ("record 6", "the record is damaged"),
    ]
    assert sum(batch.kept for batch in batches) == 2
    assert not facts.is_truncated


def test_segment_cut_off(tmp_path):
    whole = segment([{"id": at, "mode": 1, "content": f"t{at}", "ctime": CTIME, "mid_hash": "1"} for at in range(1, 9)])
    _, batches, facts = read(write(tmp_path, "seg.so", whole[:-3]))
    assert table(batches)["text"].to_list() == [f"t{at}" for at in range(1, 8)]
    assert whys(batches) == [("end of file", "the file ends inside a record")]
    assert facts.is_truncated
    for cut in range(len(whole) // 2, len(whole)):
        path = write(tmp_path, "cut.so", whole[:cut])
        found = list(BilibiliSegments().read(Origin(path), Facts()))
        assert sum(batch.seen for batch in found) == sum(batch.kept for batch in found) + sum(len(batch.rejects) for batch in found)
        kept = table(found)["text"].to_list()
        assert kept == [f"t{at}" for at in range(1, len(kept) + 1)]


def test_segment_long_fields_and_unknown_ones(tmp_path):
    long = "长" * 50_000
    rows = [
        {"id": 1, "mode": 1, "content": "first", "ctime": CTIME, "mid_hash": "1", "extra": "{}", "animation": "x" * 300},
        {"id": 2, "mode": 1, "content": long, "ctime": CTIME, "mid_hash": "1", "fixed": 7, "double": 1.5, "far": b"zzz"},
        {"id": 3, "mode": 1, "content": "last", "ctime": CTIME, "mid_hash": "1", "colorful": 60001},
    ]
    assert table(read(write(tmp_path, "seg.so", segment(rows)))[1])["text"].to_list() == ["first", long, "last"]


def test_segment_text_that_is_no_utf8(tmp_path):
    rows = [
        {"id": at, "mode": 1, "content": text, "ctime": CTIME, "mid_hash": "1"}
        for at, text in enumerate([b"ok", b"a\xff\xfeb", b"c\x00\x08d"])
    ]
    assert table(read(write(tmp_path, "seg.so", segment(rows)))[1])["text"].to_list() == ["ok", "a��b", "cd"]


def test_segment_rounded_days(tmp_path):
    midnight = 1_693_411_200
    rows = [{"id": at, "mode": 1, "content": "a", "ctime": midnight + at * 86_400, "mid_hash": "1"} for at in range(1, 4)]
    assert table(read(write(tmp_path, "seg.so", segment(rows)))[1])["sent_at_precision_s"].to_list() == [86_400] * 3


def test_segment_of_many_records(tmp_path):
    rows = [
        {"id": at + 1, "progress": at, "mode": 1, "content": f"t{at}", "ctime": CTIME + at, "mid_hash": "1", "oid": 5}
        for at in range(40_000)
    ]
    path = write(tmp_path, "seg.so", segment(rows))
    _, batches, _ = read(path)
    assert len(batches) == 3
    assert table(batches)["at_ms"].to_list() == list(range(40_000))
    assert whys(batches) == []


@pytest.mark.parametrize(
    "start",
    [
        b"\n\n\nplain text with empty lines\n",
        b'\n{"a": 1}\n',
        b"\x0a\x00\x0a\x00",
        b"\x08\x01",
        b"\x12\x0bhello world",
        b"\x0a" + b"\xff" * 20,
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"MZ" + bytes(100),
        "弹幕,时间\n一,1\n".encode(),
        segment([{"id": 1, "mode": 1, "content": "no time", "mid_hash": "1"}]),
        segment([{"id": 1, "mode": 1, "content": b"\xff\xfe", "ctime": CTIME, "mid_hash": "1"}]),
        segment([{"id": 1, "mode": 1, "content": "a", "ctime": CTIME, "mid_hash": "no hash!"}]),
        segment([{"id": 1, "mode": 1, "content": "a", "ctime": CTIME}]) + b"\x0a\x03\x08\xff\xff" * 2,
    ],
)
def test_other_bytes_are_no_segment(start):
    assert BilibiliSegments().sniff(Head("seg.so", start, len(start))) == 0.0


def test_segment_is_told_from_its_first_bytes():
    data = segment([{"id": at, "mode": 1, "content": "长" * 400, "ctime": CTIME, "mid_hash": "ab"} for at in range(1, 200)])
    sniff = BilibiliSegments().sniff
    assert sniff(Head("a", data[:65_536], len(data))) == 0.95
    assert sniff(Head("a", data[:65_536], len(data), mapped=True)) == 0.0
    script = segment([{"id": 1, "mode": 9, "content": "x" * 200_000, "ctime": CTIME, "pool": 2, "mid_hash": "ab"}])
    assert sniff(Head("a", script[:65_536], len(script))) == 0.95


FIELD = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(0, 2**64 - 1),
        "progress": st.integers(-(2**31), 2**31 - 1),
        "mode": st.integers(0, 12),
        "mid_hash": st.text(max_size=20),
        "content": st.text(max_size=40) | st.binary(max_size=40),
        "ctime": st.integers(-(2**63), 2**63 - 1),
        "weight": st.integers(-1, 11),
        "pool": st.integers(0, 3),
        "attr": st.integers(-(2**31), 2**31 - 1),
        "likes": st.integers(0, 2**32 - 1),
        "oid": st.integers(-(2**63), 2**63 - 1),
        "extra": st.binary(max_size=200),
        "far": st.binary(max_size=3),
        "fixed": st.integers(0, 2**32 - 1),
    },
)
WANTED = (0x08, 0x10, 0x18, 0x32, 0x3A, 0x40, 0x48, 0x58, 0x68, 0x78, 0xD0)


def by_protobuf(elem):
    numbers = {0x08: elem.id, 0x10: elem.progress, 0x18: elem.mode, 0x40: elem.ctime, 0x48: elem.weight, 0x58: elem.pool}
    numbers |= {0x68: elem.attr, 0x78: elem.likes, 0xD0: elem.oid}
    return {tag: value % 2**64 for tag, value in numbers.items()}, {0x32: elem.mid_hash, 0x3A: elem.content}


@given(st.lists(FIELD, max_size=12))
def test_law_wire_reads_what_protobuf_wrote(rows):
    data = segment(rows) + bytes(PAD)
    made = NEW.FromString(data[:-PAD])
    envelope = Envelope(data, len(data) - PAD)
    found = [(columns(data, starts, ends, WANTED), len(starts)) for starts, ends in envelope.spans() if len(starts)]
    assert envelope.broken_at is None
    assert sum(n for _, n in found) == len(rows)
    for part, n in found:
        assert not part.broken.any()
        for row in range(n):
            numbers, texts = by_protobuf(made.elems[row])
            assert {tag: int(column[row]) for tag, column in part.numbers.items()} == numbers
            assert {
                tag: data[at : at + part.lengths[tag][row]] for tag, column in part.places.items() if (at := int(column[row])) >= 0
            } == texts


@given(st.binary(max_size=120))
def test_law_in_step_or_alone_any_bytes_read_the_same(data):
    padded = data + bytes(PAD)
    starts, ends = np.array([0], np.int64), np.array([len(data)], np.int64)
    part = columns(padded, starts, ends, WANTED)
    numbers, texts, broken = dict.fromkeys((tag for tag in WANTED if not tag & 7), 0), {}, False
    try:
        for tag, value, start in fields(padded, 0, len(data)):
            if tag in numbers:
                numbers[tag] = value
            elif tag in WANTED:
                texts[tag] = data[start : start + value]
    except MalformedError:
        broken = True
    assert bool(part.broken[0]) == broken
    if not broken:
        assert {tag: int(column[0]) for tag, column in part.numbers.items()} == numbers
        assert {
            tag: padded[column[0] : column[0] + part.lengths[tag][0]] for tag, column in part.places.items() if part.lengths[tag][0]
        } == {tag: text for tag, text in texts.items() if text}


@given(st.lists(FIELD, min_size=1, max_size=4), st.data())
def test_law_hostile_segments_keep_the_law(tmp_path_factory, rows, data):
    content = bytearray(segment([ROWS[0], *rows]))
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = write(tmp_path_factory.mktemp("seg"), "seg.so", bytes(content) + data.draw(st.binary(max_size=12)))
    importer = BilibiliSegments()
    assert 0 <= importer.sniff(read_head(path)) <= 1
    facts = Facts()
    batches = list(importer.read(Origin(path), facts))
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
    assert all(batch.responses is None or batch.responses.height == batch.kept for batch in batches)


def test_hostile_lengths_and_numbers_cost_nothing(tmp_path):
    first = segment([ROWS[0]])
    for tail in (
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x0a" + b"\x80" * 200_000,
        b"\xff" * 200_000,
        b"\x0b" * 200_000,
        b"\x0a\xff\xff\xff\x7f",
    ):
        _, batches, facts = read(write(tmp_path, "seg.so", first + tail))
        assert table(batches).height == 1
        assert facts.is_truncated
    started = time.process_time()
    many = first + b"\x0a\x82\x80\x08" + b"\xf0\x01\x01" * 43_691 + b"\x08"
    _, batches, _ = read(write(tmp_path, "seg.so", many))
    assert sum(batch.seen for batch in batches) == 2
    batches = list(BilibiliSegments().read(Origin(write(tmp_path, "seg.so", first + b"\x0a\x00" * 100_000)), Facts()))
    assert sum(len(batch.rejects) for batch in batches) == 100_000
    assert time.process_time() - started < 20


def test_segment_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "seg.so", segment([*ROWS, {"id": 9, "mode": 1, "content": "", "ctime": CTIME}]))
    check_importer(BilibiliSegments(), path)
    golden("danmaku/segments", golden_of(path))
    kept = assert_maps_again(path)
    assert "5bd04b14" not in kept
    assert_maps_again(write(tmp_path, "old.so", segment(OLD_ROWS, OLD)), video="BV1")


def test_segment_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr("yuhu.sources.bilibili_segments.LARGEST", 10)
    with pytest.raises(YuhuError, match="YH110"):
        read(write(tmp_path, "seg.so", segment(ROWS)))


# JSON

SNAKE = [
    {
        "id": 51870527213010951,
        "id_str": "51870527213010951",
        "progress": 15250,
        "mode": 1,
        "fontsize": 25,
        "color": 16777215,
        "mid_hash": "5bd04b14",
        "content": "我哭了",
        "ctime": CTIME,
        "weight": 10,
        "pool": 0,
        "attr": 1,
        "likes": 2,
    },
    {"id": "2", "mode": 5, "mid_hash": "b", "content": "开头", "ctime": str(CTIME)},
    {"id": "3", "progress": None, "mid_hash": "b", "content": "x", "ctime": CTIME},
    {"id": "4", "progress": -1, "mid_hash": "b", "content": "x", "ctime": CTIME},
    {"id": "5", "progress": "12", "mid_hash": "b", "content": " ", "ctime": CTIME},
    {"id": "6", "progress": "1200", "mid_hash": "b", "content": '[1,2,"3",4,"看"]', "mode": 7, "ctime": "2023-08-30 12:00:00"},
]
CAMEL = [
    {"idStr": "7", "progress": 1, "midHash": "c", "content": "驼峰", "ctime": "2023-08-30", "mode": 1, "pool": 2, "oid": "77"},
    {"idStr": "0", "progress": 2, "midHash": "", "content": "无号", "ctime": 0, "mode": 1, "oid": 0},
    "no object",
]
EXPECTED = [
    ("51870527213010951", 15_250, "我哭了", "5bd04b14", CTIME * 1000, 1, 2, False),
    ("2", 0, "开头", "b", CTIME * 1000, 1, None, False),
    ("6", 1_200, "看", "b", 1_693_368_000_000, 1, None, True),
]


def shapes():
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in SNAKE)
    return {
        "list.json": SNAKE,
        "lines.jsonl": lines,
        "elems.json": {"elems": SNAKE, "state": 0},
        "data.json": {"code": 0, "data": SNAKE},
        "nested.json": json.dumps({"code": 0, "data": {"elems": SNAKE}}, indent=1, ensure_ascii=False),
        "replies.json": [{"elems": SNAKE[:2]}, {"elems": SNAKE[2:]}],
        "replies.jsonl": "\n".join(json.dumps({"elems": part}) for part in (SNAKE[:2], SNAKE[2:])),
    }


@pytest.mark.parametrize("name", list(shapes()))
def test_json_shapes(tmp_path, name):
    importer, batches, facts = read(write(tmp_path, name, shapes()[name]))
    assert importer.name == "bilibili_danmaku_json.v1"
    rows = table(batches)
    found = rows.select(
        "native", "at_ms", "text", "author", rows["sent_at"].dt.timestamp("ms"), "sent_at_precision_s", "likes", "is_special"
    )
    assert found.rows() == EXPECTED
    assert [why for _, why in whys(batches)] == ["media time is no number", "media time lies outside 0 to 48 hours", "no text"]
    assert set(rows["video"]) == {name.partition(".")[0]}
    assert facts.what == "danmaku"


def test_json_camel(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.json", CAMEL))
    rows = table(batches)
    assert rows.select("native", "video", "author", "sent_at_precision_s", "is_special").rows() == [
        ("7", "77", "c", 86_400, True),
        (None, "77", None, 1, False),
    ]
    assert str(rows["sent_at"][0]) == "2023-08-29 16:00:00+00:00"
    assert rows["sent_at"][1] is None
    assert whys(batches) == [("record 3", "the record is no object")]
    assert facts.video_from == "a field"


def test_json_video_of_the_reply_and_rounded_days(tmp_path):
    midnight = 1_693_411_200
    rows = [{"idStr": str(at), "progress": at, "midHash": "c", "content": "a", "ctime": midnight + 86_400 * at} for at in range(1, 4)]
    _, batches, facts = read(write(tmp_path, "a.json", {"cid": 99, "elems": rows}))
    assert table(batches).select("video", "sent_at_precision_s").unique().rows() == [("99", 86_400)]
    assert facts.video_from == "a field"
    assert_maps_again(tmp_path / "a.json")


def test_json_is_not_taken_for_other_families(tmp_path):
    sniff = BilibiliDanmakuJson().sniff
    comment = [{"rpid": 1, "ctime": CTIME, "content": {"message": "x"}, "progress": 1, "mid_hash": "x"}]
    assert sniff(read_head(write(tmp_path, "a.json", comment))) == 0.0
    assert sniff(read_head(write(tmp_path, "b.json", [{"progress": 1, "content": "download", "status": "x"}]))) == 0.0
    assert sniff(read_head(write(tmp_path, "c.json", SNAKE), mapped=True)) == 0.0


def test_json_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "dump.json", [*SNAKE, *CAMEL])
    check_importer(BilibiliDanmakuJson(), path)
    golden("danmaku/json", golden_of(path))
    assert "5bd04b14" not in assert_maps_again(path)


@given(st.lists(broken_up(SNAKE[0]) | broken_up(CAMEL[0]) | ANYTHING, max_size=6))
def test_law_json_hostile(tmp_path_factory, records):
    path = write(tmp_path_factory.mktemp("json"), "a.json", json.dumps([SNAKE[0], *records]).encode())
    _, batches, _ = read(path)
    assert sum(batch.seen for batch in batches) >= 1
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert_maps_again(path)


RECORD = st.fixed_dictionaries(
    {
        "progress": st.integers(0, 3_600_000),
        "content": st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20).filter(str.strip),
        "mid_hash": st.text("0123456789abcdef", min_size=1, max_size=8),
        "ctime": st.integers(1_300_000_000, 1_900_000_000),
        "id": st.integers(1, 2**63 - 1),
        "mode": st.sampled_from([1, 4, 5, 6]),
    }
)


@given(st.lists(RECORD, min_size=1, max_size=6))
def test_law_round_trip_json_and_protobuf(tmp_path_factory, records):
    folder = tmp_path_factory.mktemp("trip")
    expected = [(str(row["id"]), row["progress"], row["content"].strip(), row["mid_hash"], row["ctime"] * 1000) for row in records]
    for name, content in (("a.json", records), ("a.so", segment([{**row, "mid_hash": row["mid_hash"]} for row in records]))):
        rows = table(read(write(folder, name, content))[1])
        assert rows.select("native", "at_ms", "text", "author", rows["sent_at"].dt.timestamp("ms")).rows() == expected


# recorders

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><?xml-stylesheet type="text/xsl" href="#s"?>\n<i>\n<!-- made for a test -->\n'
    "<chatserver>chat.bilibili.com</chatserver><chatid>0</chatid><mission>0</mission><maxlimit>3</maxlimit><state>0</state>"
    '<BililiveRecorder version="2.0.0" />'
    '<BililiveRecorderRecordInfo roomid="23058" shortid="3" name="SecretStreamer" title="玉壶 直播" start_time="2023-08-30T20:00:00.5+08:00" />'
    '<BililiveRecorderXmlStyle><z:stylesheet version="1.0" id="s" xmlns:z="http://www.w3.org/1999/XSL/Transform"><html><h1>弹幕</h1></html>'
    "</z:stylesheet></BililiveRecorderXmlStyle>\n"
)
BODY = (
    '<d p="1.5,1,25,16777215,1693396801500,0,4567,0" user="SecretUser" raw="[&quot;SecretRaw&quot;]">来了</d>\n'
    '<d p="2,4,25,16777215,1693396802,0,0,0" user="某***">好看 &amp; 好哭</d>\n'
    '<d p="3,7,25,1,1693396803000,0,0,0" user="SecretNamed">[0,0,"1",4,"位置"]</d>\n'
    '<sc ts="10.25" user="SecretUser" price="30" time="60">加油</sc>\n'
    '<sc ts="11" user="SecretOther" uid="99" price="30" time="60">回家</sc>\n'
    '<gift ts="12" user="SecretUser" giftname="小心心" giftcount="1" />\n<guard ts="13" user="SecretUser" level="3" count="1" />\n'
    '<d p="14,1">short</d><d p="x,1,25,1,1693396803000,0,5,0" user="a">clock</d><d p="15,1,25,1,0,0,5,0" user="a">&#x8;</d>\n'
)


def test_recorder(tmp_path):
    importer, batches, facts = read(write(tmp_path, "room.xml", f"{HEAD}{BODY}</i>"))
    assert importer.name == "bilibili_recorder_xml.v1"
    rows = table(batches)
    assert rows.select("fork", "at_ms", "text", "author", "is_special", "sent_at_precision_s").rows() == [
        ("danmaku", 1_500, "来了", "4567", False, 1),
        ("danmaku", 2_000, "好看 & 好哭", None, False, 1),
        ("danmaku", 3_000, "位置", "SecretNamed", True, 1),
        ("superchat", 10_250, "加油", "4567", False, 60),
        ("superchat", 11_000, "回家", "99", False, 60),
    ]
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [1693396801500, 1693396802000, 1693396803000, 1693396810750, 1693396811500]
    assert set(rows["video"]) == {"live-23058-20230830T120000Z"}
    assert table(batches, "videos").select("video", "title", "author").rows() == [
        ("live-23058-20230830T120000Z", "玉壶 直播", "SecretStreamer")
    ]
    assert whys(batches) == [
        ("record 6", "a gift, no message"),
        ("record 7", "a membership, no message"),
        ("record 8", "p has 2 fields, expected 8 or more"),
        ("record 9", "media time is no number"),
        ("record 10", "no text"),
    ]
    assert facts.video_from == "room and start in the file"
    assert not facts.is_truncated
    assert "1 characters that XML forbids were left out" in facts.notes


def test_recorder_blrec(tmp_path):
    text = (
        "<i><chatserver>chat.bilibili.com</chatserver><metadata><user_name>SecretStreamer</user_name><room_id>55</room_id>"
        "<room_title>标题</room_title><record_start_time>2023-08-30T20:00:00+08:00</record_start_time><recorder>blrec</recorder></metadata>"
        '<d p="0.500,1,25,1,1693396800500,0,abcd12,0" uid="12" user="SecretUser">一</d></i>'
    )
    _, batches, _ = read(write(tmp_path, "b.xml", text))
    assert table(batches).select("video", "at_ms", "author").rows() == [("live-55-20230830T120000Z", 500, "12")]
    assert table(batches, "videos")["title"].to_list() == ["标题"]


def test_recorder_that_was_stopped(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.xml", HEAD + BODY.split("\n", 1)[0] + "\n"))
    assert table(batches).height == 1
    assert whys(batches) == []
    assert facts.is_truncated
    _, batches, facts = read(write(tmp_path, "b.xml", HEAD + BODY.split("\n", 1)[0][:-9]))
    assert table(batches).height == 0
    assert whys(batches) == [("end of file", "the file ends inside a record")]
    assert facts.is_truncated
    _, batches, facts = read(write(tmp_path, "c.xml", (HEAD + BODY).encode() + bytes(4096)))
    assert table(batches).height == 5


def test_recorder_without_a_head(tmp_path):
    _, batches, facts = read(
        write(tmp_path, "live.xml", '<i><d p="1,1,25,1,1693396800500,0,7,0" user="u">一</d><sc ts="2" user="u">二</sc></i>')
    )
    assert table(batches).select("video", "sent_at_precision_s").rows() == [("live", 1), ("live", 60)]
    assert table(batches)["sent_at"].to_list()[1] is None
    assert table(batches)["author"].to_list() == ["7", "7"]
    assert facts.video_from == "file name"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<i><BililiveRecorder/><d p="1" user="u">a</q></i>', "YH106"),
        ('<!DOCTYPE i [<!ENTITY a "b">]><i><BililiveRecorder/><d p="1" user="u">&a;</d></i>', "YH109"),
    ],
)
def test_recorder_refuses(tmp_path, text, code):
    with pytest.raises(YuhuError, match=code):
        read(write(tmp_path, "a.xml", text))


def test_recorder_and_video_xml_are_told_apart(tmp_path):
    video = write(tmp_path, "video.xml", danmaku_xml([(1, "a", {})]))
    assert recognise(Origin(video)).name == "bilibili_danmaku_xml.v1"
    assert BilibiliRecorderXml().sniff(read_head(video)) == 0.0
    for start in (b"<html><i>x</i><d user='u'>", b"<??>" * 16_000, b"<!---->" * 9_000, b"<d user=" * 8_000, b"<i>" + b"<d " * 20_000):
        assert BilibiliRecorderXml().sniff(Head("a.xml", start, len(start))) == 0.0


def test_recorder_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "room.xml", f"{HEAD}{BODY}</i>")
    check_importer(BilibiliRecorderXml(), path)
    golden("danmaku/recorder", golden_of(path))
    assert not re.search("Secret|4567", assert_maps_again(path))


@given(st.data())
def test_law_recorder_hostile_bytes(tmp_path_factory, data):
    content = bytearray(f"{HEAD}{BODY}</i>".encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(len(HEAD.encode()), len(content) - 1))
        new = data.draw(st.sampled_from([b"<", b">", b"&", b'"', b"\xff", b"\x00", b"]]>", b"&#0;", b"1" * 400, b"</d>", b"<d p='1'>"]))
        content[at : at + data.draw(st.integers(0, 2))] = new
    try:
        batches = list(BilibiliRecorderXml().read(Origin(write(tmp_path_factory.mktemp("live"), "a.xml", bytes(content))), Facts()))
    except YuhuError as error:
        assert error.code in {"YH106", "YH109"}  # noqa: PT017 - both outcomes are right
    else:
        assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


@given(
    broken_up({"tag": "d", "p": "1,1,25,1,1693396800500,0,,0", "author": "7", "text": "一"})
    | broken_up({"tag": "sc", "ts": "1", "author": "7", "text": "一"})
)
def test_law_recorder_hostile(record):
    assert_rows_survive(BilibiliRecorderXml(), record)


def assert_rows_survive(importer, record):
    """Whatever a record holds, it gives rows or a reason."""
    reading = Reading(Origin(Path("nothing.json")), Facts(platform="x"))
    why = importer.rows(record, reading) if isinstance(record, dict) else "no object"
    frames = reading.rows.frames()
    assert why is None or (isinstance(why, str) and why)
    assert all(frame.height for frame in frames.values())


# ASS

BILIASS = (
    "[Script Info]\n; Script generated by biliass\nScriptType: v4.00+\nPlayResX: 1920\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: biliass_1,Arial\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 2,0:00:01.50,0:00:09.50,biliass_1,,0000,0000,0000,,{\\move(1920,1,-100,1)}我哭了, 真的\n"
    "Dialogue: 2,0:00:02.00,0:00:06.00,biliass_1,,0000,0000,0000,,{\\an8\\pos(960,1)\\c&HFF&}顶端\n"
    "Dialogue: 2,0:0x:02.00,0:00:06.00,biliass_1,,0000,0000,0000,,{\\an8\\pos(960,1)}时间\n"
    "Dialogue: 2,1:00:03.25,0:00:06.00,biliass_1,,0000,0000,0000,,{\\move(1,1,2,2)}\n"
    "Dialogue: 2,1:00:03.25,0:00:06.00,biliass_1,,0000,0000,0000,,{\\move(1,1,2,2)}一\\N二\n"
)
FACTORY = (
    "[Script Info]\nScriptType: v4.00+\nCollisions: Normal\n\n[V4+ Styles]\nStyle: R2L,Microsoft YaHei,38\nStyle: message_box,Microsoft YaHei,28\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\n"
    "Dialogue: 0,0:00:00.48,0:00:05.48,TOP,,0000,0000,0000,,{\\pos(960,1)\\c&HFEFEFE}第一\n"
    "Dialogue: 0,0:00:00.50,0:00:12.50,R2L,,0000,0000,0000,,{\\move(2000,1,-100,1)}第二\n"
    "Dialogue: 0,0:00:01.00,0:00:12.50,message_box,,0000,0000,0000,,{\\pos(20,600)}SecretUser: 30\n"
    "Dialogue: 0,0:00:01.00,0:00:12.50,message_box,,0000,0000,0000,,{\\pos(20,600)\\p1}m 0 0 l 1 1\n"
)
SUBTITLES = (
    "[Script Info]\nTitle: x\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,你好\nDialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\pos(1,1)}标志\n"
    "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,再见\n"
)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_ass_of_biliass(tmp_path, newline):
    importer, batches, facts = read(write(tmp_path, "片 [BV1xx411c7mD].danmaku.ass", BILIASS.replace("\n", newline)))
    assert importer.name == "danmaku_ass.v1"
    assert table(batches).select("video", "at_ms", "text").rows() == [
        ("BV1xx411c7mD", 1_500, "我哭了, 真的"),
        ("BV1xx411c7mD", 2_000, "顶端"),
        ("BV1xx411c7mD", 3_603_250, "一\n二"),
    ]
    assert [why for _, why in whys(batches)] == ["media time is not understood", "no text"]
    assert any("no sender, no time of sending" in note for note in facts.notes)
    assert table(batches)["author"].null_count() == table(batches)["sent_at"].null_count() == 3


def test_ass_of_danmakufactory(tmp_path):
    _, batches, facts = read(write(tmp_path, "a.ass", FACTORY), platform="niconico")
    assert table(batches)["text"].to_list() == ["第一", "第二"]
    assert [why for _, why in whys(batches)] == ["a box of gifts or paid messages, drawn beside the danmaku"] * 2
    assert facts.platform == "niconico"
    assert not any("taken for granted" in note for note in facts.notes)


def test_ass_subtitles_are_left_to_subtitles(tmp_path):
    path = write(tmp_path, "a.ass", SUBTITLES)
    assert DanmakuAss().sniff(read_head(path)) == 0.0
    assert recognise(Origin(path)).name == "subtitles_ass.v1"
    typeset = re.sub(r",,(?=[你再])", r",,{\\pos(9,9)}", SUBTITLES)
    assert DanmakuAss().sniff(read_head(write(tmp_path, "b.ass", typeset))) == 0.0
    for other in (BILIASS, FACTORY):
        assert registered("importers")["subtitles_ass.v1"]().sniff(read_head(write(tmp_path, "c.ass", other))) < 0.95


def test_ass_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "ep.ass", BILIASS)
    check_importer(DanmakuAss(), path)
    golden("danmaku/ass", golden_of(path))
    assert "SecretUser" not in assert_maps_again(write(tmp_path, "f.ass", FACTORY))
    assert_maps_again(path)


@given(broken_up({"start": "0:00:01.00", "style": "R2L", "text": "{\\move(1,1,2,2)}a"}))
def test_law_ass_hostile(record):
    assert_rows_survive(DanmakuAss(), record)
