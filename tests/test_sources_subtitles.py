"""Subtitles and transcripts of every kind, and ELAN annotations: what is kept, what is rejected, and what is merged."""

import datetime as dt
import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.formats.cues import ass_cues, clock_ms, plain_srt, plain_vtt, srt_cues, vtt_cues
from yuhu.formats.eaf import read_eaf
from yuhu.formats.eaf_writing import Span, write_eaf
from yuhu.sources.elan import ElanAnnotations
from yuhu.sources.file_names import language, moments, video_and_language
from yuhu.sources.records import Reading
from yuhu.sources.subtitles import SubRip, SubStation, WebVtt
from yuhu.sources.subtitles_json import BilibiliSubtitles, WhisperTranscript, YoutubeTimedText
from yuhu.testing import check_importer

SRT = """\ufeff1
00:00:01,000 --> 00:00:02,500
<i>我想回家</i>
{\\an8}I want to go home

2
00:00:03.000 -> 00:00:04:250 X1:100
no number below, and odd separators
00:00:05,000-->00:00:06,000
2023

4
00:00:06,500 --> 00:00:0x,000
a broken time

5
a block without times

6
00:00:09,000 --> 00:00:08,000
backwards

7
00:00:10,000 --> 00:00:11,000
<b></b>

8
00：00：12，000 －－＞ 00：00：13，000
全角
"""
VTT = """WEBVTT - made by hand
Kind: captions
Language: zh-Hans

NOTE a note
of two lines

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.000 align:start position:0%
<v Roger Bingham>我要 &amp; 你<rt></rt></v>

01:00:02.000 --> 01:00:03.000
second
third

a lost block

00:99.000 --> 01:40.000
bad seconds
"""
ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.389 align:start position:0%
␣
hello<00:00:00.400><c> everyone</c>

00:00:02.389 --> 00:00:02.399 align:start position:0%
hello everyone
␣

00:00:02.399 --> 00:00:04.150 align:start position:0%
hello everyone
welcome<00:00:02.600><c> back</c>

00:00:04.150 --> 00:00:04.160 align:start position:0%
welcome back
␣

00:00:09.000 --> 00:00:10.000 align:start position:0%
␣
welcome<00:00:09.100><c> back</c>
""".replace("␣", " ")
ROLLED_SRT = """1
00:00:00,160 --> 00:00:02,389
hello everyone

2
00:00:02,389 --> 00:00:02,399
hello everyone

3
00:00:02,399 --> 00:00:04,150
hello everyone
welcome back

4
00:00:04,150 --> 00:00:04,160
welcome back
"""
ASS = """[Script Info]
Title: x
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: zh,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:01.00,0:00:02.00,zh,,0,0,0,,a note of the translator
Dialogue: 0,0:00:01.00,0:00:02.50,zh,Actor,0,0,0,,{\\i1}我要回家{\\i0}，好吗\\N真的
Dialogue: 0,0:00:01.00,0:00:02.50,en,Actor,0,0,0,,I want, to go\\hhome
Dialogue: 1,0:00:01.00,0:00:02.50,en,Actor,0,0,0,,I want, to go\\hhome
Dialogue: 0,0:00:03.00,0:00:04.00,en,,0,0,0,,{\\p1}m 0 0 l 100 0{\\p0}
Dialogue: 0,0:00:03.00
Dialogue: 0,0:00:05.00,0:00:06.00,en,,0,0,0,,{\\pos(1,2)}on a sign
"""
BILIBILI = {
    "font_size": 0.4,
    "lan": "ai-zh",
    "body": [
        {"from": 1.2, "to": 3.45, "sid": 1, "location": 2, "content": "大英博物馆", "music": 0.0},
        {"from": 3.45, "to": 5, "content": "我迷路了"},
        {"from": 9, "to": 5, "content": "backwards"},
        {"from": "x", "to": 5, "content": "no time"},
        {"from": 1, "to": 5, "content": " "},
        "no object",
    ],
}
WHISPER = {
    "text": "all of it",
    "language": "zh",
    "segments": [
        {"id": 0, "start": 0.0, "end": 2.48, "text": " 我迷路了", "speaker": "SPEAKER_00", "words": [{"word": "我", "start": 0, "end": 1}]},
        {"id": 1, "start": 2.48, "end": 1.0, "text": "backwards"},
    ],
}
JSON3 = {
    "wireMagic": "pb3",
    "events": [
        {"tStartMs": 0, "dDurationMs": 99999, "id": 1, "wpWinPosId": 1},
        {"tStartMs": 160, "dDurationMs": 2000, "segs": [{"utf8": "hello"}, {"utf8": " everyone", "tOffsetMs": 240}]},
        {"tStartMs": 2150, "dDurationMs": 10, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": -5, "dDurationMs": 10, "segs": [{"utf8": "before"}]},
    ],
}
EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="SECRETAUTHOR" DATE="2023-09-01T00:00:00+08:00" FORMAT="3.0" VERSION="3.0">
 <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Users/SECRETUSER/a.mp4" MIME_TYPE="video/mp4"/></HEADER>
 <TIME_ORDER>
  <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="1000"/>
  <TIME_SLOT TIME_SLOT_ID="ts2"/>
  <TIME_SLOT TIME_SLOT_ID="ts9" TIME_VALUE="1500"/>
  <TIME_SLOT TIME_SLOT_ID="ts3"/>
  <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="4000"/>
  <TIME_SLOT TIME_SLOT_ID="ts5"/>
 </TIME_ORDER>
 <TIER TIER_ID="utterance" LINGUISTIC_TYPE_REF="main" PARTICIPANT="SECRETSPEAKER" ANNOTATOR="SECRETCODER" LANG_REF="zho">
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE>我要回家</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts4" TIME_SLOT_REF2="ts5"><ANNOTATION_VALUE>no end</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="ts9" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
 </TIER>
 <TIER TIER_ID="phrases" LINGUISTIC_TYPE_REF="time" PARENT_REF="utterance">
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>one</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3"><ANNOTATION_VALUE>two</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="b3" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE>three</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
 </TIER>
 <TIER TIER_ID="words" LINGUISTIC_TYPE_REF="split" PARENT_REF="utterance">
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c2" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="c1"><ANNOTATION_VALUE>要</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c1" ANNOTATION_REF="a1"><ANNOTATION_VALUE>我</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="c3" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="c2"><ANNOTATION_VALUE>回家</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
 </TIER>
 <TIER TIER_ID="gloss" LINGUISTIC_TYPE_REF="same" PARENT_REF="words">
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="d1" ANNOTATION_REF="c3"><ANNOTATION_VALUE>go home</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="d2" ANNOTATION_REF="d3"><ANNOTATION_VALUE>round</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="d3" ANNOTATION_REF="d2"><ANNOTATION_VALUE>and round</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="d4" ANNOTATION_REF="gone"><ANNOTATION_VALUE>orphan</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
 </TIER>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="main" TIME_ALIGNABLE="true"/>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="time" TIME_ALIGNABLE="true" CONSTRAINTS="Time_Subdivision"/>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="split" TIME_ALIGNABLE="false" CONSTRAINTS="Symbolic_Subdivision"/>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="same" TIME_ALIGNABLE="false" CONSTRAINTS="Symbolic_Association"/>
</ANNOTATION_DOCUMENT>
"""

FILES = {
    "ep1.zh-CN.srt": (SRT, SubRip),
    "ep1.vtt": (VTT, WebVtt),
    "talk.en.vtt": (ROLLING, WebVtt),
    "ep1.ass": (ASS, SubStation),
    "BV1xx411c7mD.json": (BILIBILI, BilibiliSubtitles),
    "whisper.json": (WHISPER, WhisperTranscript),
    "talk.json3": (JSON3, YoutubeTimedText),
    "ep1.eaf": (EAF, ElanAnnotations),
}


def lines(batches):
    return table(batches, "segments").select("start_ms", "end_ms", "text").rows()


def why(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


@pytest.mark.parametrize("name", FILES)
def test_contract_golden_and_the_raw_copy(tmp_path, golden, name):
    content, made = FILES[name]
    path = write(tmp_path, name, content)
    importer, _, _ = read(path)
    assert type(importer) is made
    check_importer(importer, path)
    golden(f"subtitles/{name.replace('.', '_')}", golden_of(path))
    assert "SECRET" not in assert_maps_again(path, platform="bilibili", video="BV1")


def test_srt(tmp_path):
    _, batches, facts = read(write(tmp_path, "ep1.zh-CN.srt", SRT))
    assert lines(batches) == [
        (1000, 2500, "我想回家\nI want to go home"),
        (3000, 4250, "no number below, and odd separators"),
        (5000, 6000, "2023"),
        (12000, 13000, "全角"),
    ]
    assert why(batches) == [
        ("line 13", "the times are not understood"),
        ("line 16", "no times"),
        ("line 20", "the end lies before the start"),
        ("line 24", "no text"),
    ]
    rows = table(batches, "segments")
    assert rows.select("platform", "video", "kind", "name", "lang").unique().rows() == [("file", "ep1", "line", None, "zh")]
    assert facts.video_from == "file name"
    assert any("--platform" in note for note in facts.notes)


def test_what_the_person_says_wins(tmp_path):
    _, batches, facts = read(write(tmp_path, "ep1.zh-CN.srt", SRT), platform="douyin", video="727")
    assert table(batches, "segments").select("platform", "video").unique().rows() == [("douyin", "727")]
    assert (facts.video_from, facts.notes) == ("--video", [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path, end):
    path = tmp_path / "ep1.srt"
    path.write_bytes(SRT.replace("\n", end).encode())
    assert lines(read(path)[1])[0] == (1000, 2500, "我想回家\nI want to go home")
    path = tmp_path / "ep1.vtt"
    path.write_bytes(VTT.replace("\n", end).encode())
    assert len(lines(read(path)[1])) == 2


def test_vtt(tmp_path):
    _, batches, _ = read(write(tmp_path, "ep1.vtt", VTT))
    assert lines(batches) == [(1000, 2000, "我要 & 你"), (3602000, 3603000, "second\nthird")]
    assert why(batches) == [("line 19", "no times"), ("line 21", "the times are not understood")]
    assert table(batches, "segments")["lang"].unique().to_list() == ["zh"]
    assert "Roger" not in str(batches[0].raw.records)


def test_roll_up_captions_are_collapsed(tmp_path):
    _, batches, facts = read(write(tmp_path, "talk.en.vtt", ROLLING))
    assert lines(batches) == [(160, 2399, "hello everyone"), (2399, 4160, "welcome back"), (9000, 10000, "welcome back")]
    assert (batches[0].seen, batches[0].kept) == (5, 5)
    assert any(note.startswith("2 cues only repeat the line before them") for note in facts.notes)
    assert table(batches, "segments")["lang"].unique().to_list() == ["en"]


def test_roll_up_captions_turned_into_srt(tmp_path):
    _, batches, _ = read(write(tmp_path, "talk.srt", ROLLED_SRT))
    assert lines(batches) == [(160, 2399, "hello everyone"), (2399, 4160, "welcome back")]


def test_a_line_said_twice_is_no_roll_up(tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\nno\n\n2\n00:00:02,000 --> 00:00:03,000\nno\n\n3\n00:00:02,000 --> 00:00:03,000\nno\n"
    _, batches, _ = read(write(tmp_path, "a.srt", text))
    assert lines(batches) == [(1000, 2000, "no"), (2000, 3000, "no")]
    assert why(batches) == [("line 10", "the line before it, again")]


def test_ass(tmp_path):
    _, batches, _ = read(write(tmp_path, "ep1.ass", ASS))
    assert lines(batches) == [
        (1000, 2500, "我要回家，好吗\n真的"),
        (1000, 2500, "I want, to go home"),
        (5000, 6000, "on a sign"),
    ]
    assert [reason for _, reason in why(batches)] == ["the line before it, again", "no text", "the times are not understood"]
    assert "Actor" not in str(batches[0].raw.records)


def test_the_order_of_ass_fields_is_the_one_of_its_format_line():
    text = "[Events]\nFormat: Text, Start, End\nDialogue: hello,0:00:01.00,0:00:02.00\n"
    assert [(cue.text, cue.start, cue.end) for cue in ass_cues(text.splitlines())] == [("hello", "0:00:01.00", "0:00:02.00")]


def test_danmaku_as_ass_is_left_to_others(tmp_path):
    head = ASS.partition("Comment:")[0]
    moving = "".join(f"Dialogue: 0,0:00:0{at}.00,0:00:09.00,R2L,,0,0,0,,{{\\move(1,2,3,4)}}hi\n" for at in range(3))
    from yuhu.sources.reading import read_head

    assert SubStation().sniff(read_head(write(tmp_path, "d.ass", head + moving))) < 0.5


def test_bilibili_json(tmp_path):
    _, batches, facts = read(write(tmp_path, "BV1xx411c7mD.zh-CN.json", BILIBILI))
    assert lines(batches) == [(1200, 3450, "大英博物馆"), (3450, 5000, "我迷路了")]
    assert [reason for _, reason in why(batches)] == [
        "the end lies before the start",
        "the times are not understood",
        "no text",
        "the record is no object",
    ]
    assert table(batches, "segments").select("platform", "video", "lang").unique().rows() == [("bilibili", "BV1xx411c7mD", "zh")]
    assert facts.what == "transcript lines"


def test_whisper_json(tmp_path):
    _, batches, _ = read(write(tmp_path, "whisper.json", WHISPER))
    assert lines(batches) == [(0, 2480, "我迷路了")]
    assert why(batches) == [("line 2", "the end lies before the start")]
    assert "SPEAKER_00" not in assert_maps_again(tmp_path / "whisper.json")


def test_youtube_json3(tmp_path):
    _, batches, _ = read(write(tmp_path, "Talk [dQw4w9WgXcQ].en-orig.json3", JSON3))
    assert lines(batches) == [(160, 2160, "hello everyone")]
    assert (batches[0].seen, batches[0].kept) == (4, 3)
    assert table(batches, "segments").select("platform", "video", "lang").rows() == [("youtube", "dQw4w9WgXcQ", "en")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.vtt", "WEBVTT\n\nNOTE nothing\n", "YH106"),
        ("a.json", '{"body": [{"from": 1, "to": 2, "content": "x"}', "YH106"),
        ("a.eaf", "<ANNOTATION_DOCUMENT><TIER></ANNOTATION_DOCUMENT>", "YH106"),
        ("b.eaf", '<!DOCTYPE a [<!ENTITY x "y">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>', "YH109"),
        ("c.eaf", "<!-- <ANNOTATION_DOCUMENT --><other/>", "YH106"),
    ],
)
def test_files_that_are_refused(tmp_path, name, content, code):
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, name, content))
    assert error.value.code == code


def test_a_transcript_without_its_list_is_refused(tmp_path):
    path = write(tmp_path, "a.json", {"body": {"from": 1, "to": 2, "content": "x"}})
    with pytest.raises(YuhuError) as error:
        list(BilibiliSubtitles().read(Origin(path), Facts()))
    assert error.value.code == "YH102"


@pytest.mark.parametrize(
    ("name", "video", "lang"),
    [
        ("ep1.srt", "ep1", None),
        ("ep1.zh-CN.srt", "ep1", "zh"),
        ("ep1.chs.ass", "ep1", "zh"),
        ("ep.one.srt", "ep.one", None),
        ("my.talk.en-orig.vtt", "my.talk", "en"),
        ("Escape [BV1xx411c7mD_p2].ai-zh.srt", "BV1xx411c7mD_p2", "zh"),
        ("Escape [7273000000000000001].cmn-Hans-CN.vtt", "7273000000000000001", "zh"),
        ("Song [Documentary].srt", "Song [Documentary]", None),
        ("Song [dQw4w9WgXcQ].srt", "dQw4w9WgXcQ", None),
    ],
)
def test_video_and_language_from_the_name(tmp_path, name, video, lang):
    assert video_and_language(Origin(tmp_path / name)) == (video, lang)


def test_languages_and_dates():
    assert [language(tag) for tag in ("zh-Hans", "ENG", "x", "xx", "", "zh-Hans-CN-extra", "123")] == [
        "zh",
        "en",
        None,
        None,
        None,
        "zh",
        None,
    ]
    times, is_day = moments(Origin(path=Path("raw/2023-09-01/hot.json")), "Asia/Shanghai")
    assert (times, is_day) == ([1693497600000], True)
    times, is_day = moments(Origin(path=Path("hot_20230901T0815.json")), "UTC")
    assert (times, is_day) == ([1693556100000], False)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("00:00:01,5", 1500),
        ("1:02.25", 62250),
        ("99:00", 5_940_000),
        ("49:00:00,000", None),
        ("00:60:00,000", None),
        ("00:00:60", None),
        ("x", None),
        ("", None),
    ],
)
def test_clocks(text, ms):
    assert clock_ms(text) == ms


def test_eaf(tmp_path):
    _, batches, facts = read(write(tmp_path, "ep1.eaf", EAF))
    rows = table(batches, "segments")
    assert rows.select("name", "start_ms", "end_ms", "text").rows() == [
        ("utterance", 1000, 4000, "我要回家"),
        ("utterance", 1500, 4000, None),
        ("phrases", 1000, 2000, "one"),
        ("phrases", 2000, 3000, "two"),
        ("phrases", 3000, 4000, "three"),
        ("words", 2000, 3000, "要"),
        ("words", 1000, 2000, "我"),
        ("words", 3000, 4000, "回家"),
        ("gloss", 3000, 4000, "go home"),
    ]
    assert why(batches) == [
        ("annotation a2", "its time slots have no time"),
        ("annotation d2", "it refers to itself, by way of others"),
        ("annotation d3", "it refers to itself, by way of others"),
        ("annotation d4", "it refers to an annotation that is not there"),
    ]
    assert rows.filter(name="utterance")["lang"].unique().to_list() == ["zh"]
    assert rows["kind"].unique().to_list() == ["tier"]
    assert facts.what == "annotations"


def test_eaf_units_offsets_and_slots_between_others(tmp_path):
    frames = '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"><MEDIA_DESCRIPTOR TIME_ORIGIN="500"/></HEADER><TIME_ORDER>'
    slots = '<TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="10"/><TIME_SLOT TIME_SLOT_ID="b"/><TIME_SLOT TIME_SLOT_ID="c" TIME_VALUE="20"/></TIME_ORDER>'
    tier = (
        '<TIER TIER_ID="t"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="x" TIME_SLOT_REF1="b" TIME_SLOT_REF2="c"/></ANNOTATION></TIER>'
    )
    path = write(tmp_path, "a.eaf", frames + slots + tier + "</ANNOTATION_DOCUMENT>")
    [one] = read_eaf(path, "a.eaf")
    assert (one.start_ms, one.end_ms) == (1100, 1300)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.dictionaries(TEXTS.filter(bool), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 1000), TEXTS), max_size=8), max_size=4))
def test_eaf_round_trip(tmp_path, tiers):
    spans = {}
    for name, found in tiers.items():
        end, spans[name] = 0, []
        for gap, length, text in found:
            spans[name].append(Span(end + gap, end + gap + length, text))
            end += gap + length
    path = tmp_path / "a.eaf"
    path.write_bytes(
        write_eaf(spans, date=dt.datetime(2026, 11, 24, tzinfo=dt.UTC), media="a.mp4", annotators=dict.fromkeys(spans, "a coder"))
    )
    found = [(one.tier, one.start_ms, one.end_ms, one.text) for one in read_eaf(path, "a.eaf")]
    assert found == [(name, span.start_ms, span.end_ms, span.text) for name, held in spans.items() for span in held]


def test_written_eaf_is_in_the_order_of_its_schema():
    spans = {"valence@wang": [Span(0, 1000, "sad"), Span(500, 900, "\x00glad\r\n"), Span(2000, 2000, "!")], "empty": []}
    made = write_eaf(spans, date=dt.datetime(2026, 11, 24, tzinfo=dt.UTC), media="a.mp4", vocabularies={"valence@wang": ["sad", "glad"]})
    root = fromstring(made)
    assert root.attrib["FORMAT"] == "3.0"
    order = list(dict.fromkeys(child.tag for child in root))
    assert order == ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONSTRAINT", "CONTROLLED_VOCABULARY"]
    times = [int(slot.attrib["TIME_VALUE"]) for slot in root.iterfind("TIME_ORDER/TIME_SLOT")]
    assert times == sorted(times)
    ids = [element.attrib[name] for element in root.iter() for name in ("TIME_SLOT_ID", "ANNOTATION_ID") if name in element.attrib]
    assert len(ids) == len(set(ids)) == 9
    tiers = {tier.attrib["TIER_ID"]: [one.text for one in tier.iter("ANNOTATION_VALUE")] for tier in root.iterfind("TIER")}
    assert tiers == {"valence@wang": ["sad", "!"], "empty": [], "valence@wang (2)": ["glad\n"]}
    kinds = {kind.attrib["LINGUISTIC_TYPE_ID"] for kind in root.iterfind("LINGUISTIC_TYPE")}
    assert {tier.attrib["LINGUISTIC_TYPE_REF"] for tier in root.iterfind("TIER")} <= kinds
    [vocabulary] = root.iterfind("CONTROLLED_VOCABULARY")
    assert [value.text for value in vocabulary.iter("CVE_VALUE")] == ["sad", "glad"]
    assert all(int(one.attrib["TIME_VALUE"]) >= 0 for one in root.iterfind("TIME_ORDER/TIME_SLOT"))


CUE_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters="<>{}&\ufeff"),
    min_size=1,
    max_size=12,
)


def stamp(ms, point):
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{point}{ms % 1000:03d}"


@st.composite
def transcripts(draw):
    at, rows = 0, []
    for gap, length, text in draw(st.lists(st.tuples(st.integers(200, 5000), st.integers(200, 5000), CUE_TEXTS), min_size=1, max_size=12)):
        rows.append((at + gap, at + gap + length, text))
        at += gap + length
    return rows


@given(transcripts())
def test_srt_and_vtt_round_trip(rows):
    srt = "".join(f"{at}\n{stamp(start, ',')} --> {stamp(end, ',')}\n{text}\n\n" for at, (start, end, text) in enumerate(rows, start=1))
    assert [(clock_ms(cue.start), clock_ms(cue.end), plain_srt(cue.text)) for cue in srt_cues(srt.splitlines(keepends=True))] == rows
    vtt = "WEBVTT\n\n" + "".join(f"{stamp(start, '.')} --> {stamp(end, '.')} align:start\n{text}\n\n" for start, end, text in rows)
    assert [(clock_ms(cue.start), clock_ms(cue.end), plain_vtt(cue.text)) for cue in vtt_cues(vtt.split("\n"))] == rows


@given(transcripts())
def test_json_round_trip(tmp_path, rows):
    body = [{"from": start / 1000, "to": end / 1000, "content": text} for start, end, text in rows]
    assert lines(read(write(tmp_path, "a.json", {"body": body}))[1]) == rows


@given(st.text(max_size=400), st.sampled_from([SRT, VTT, ROLLING, ASS]), st.integers(0, 600))
def test_broken_subtitles_never_raise(tmp_path, junk, text, at):
    path = tmp_path / "a.srt"
    path.write_text(text[:at] + junk + text[at:], "utf-8", errors="replace")
    for importer in (SubRip(), WebVtt(), SubStation()):
        if not importer.cues(Origin(path), Facts()):
            continue  # nothing is left of the file: YH106
        batches = list(importer.read(Origin(path), Facts()))
        assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
        rows = table(batches, "segments")
        assert (rows["end_ms"] >= rows["start_ms"]).all()


HOSTILE = [
    (SubRip, {"start": "00:00:01,000", "end": "00:00:02,000", "text": "hi"}),
    (WebVtt, {"start": "00:01.000", "end": "00:02.000", "text": "hi"}),
    (SubStation, {"start": "0:00:01.00", "end": "0:00:02.00", "text": "hi"}),
    (BilibiliSubtitles, BILIBILI["body"][0]),
    (WhisperTranscript, WHISPER["segments"][0]),
    (YoutubeTimedText, JSON3["events"][1]),
    (ElanAnnotations, {"tier": "t", "start_ms": 1, "end_ms": 2, "value": "x", "lang": "zho", "why": ""}),
]


@pytest.mark.parametrize(("made", "record"), HOSTILE)
@given(data=st.data())
def test_hostile_records_never_raise(made, record, data):
    hostile = data.draw(broken_up(record) | st.dictionaries(st.sampled_from(list(record)), ANYTHING))
    context = {"video": "v", "platform": "p", "rolls_up": data.draw(st.sampled_from(["", "yes"]))}
    reading = Reading(Origin(path=Path("a")), Facts(context=context))
    for _ in range(2):
        why = made().rows(json.loads(json.dumps(hostile, default=str)), reading)
        assert why is None or why
    frames = reading.rows.frames()
    assert all((frame["end_ms"] >= frame["start_ms"]).all() for frame in frames.values())


def test_a_long_line_of_nothing_takes_no_time(tmp_path):
    head = "1\n00:00:01,000 --> 00:00:02,000\n"
    for junk in ("<" * 300_000, "{" * 300_000, " " * 300_000 + "-->", "<v " * 100_000, "{\\p" * 100_000):
        [batch] = read(write(tmp_path, "a.srt", head + junk))[1]
        assert batch.seen == 1
