"""Media times named in texts: a table of what is one and what is none, in Chinese and English."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.texts.media_clocks import LONGEST_MS, SCHEMA, media_mentions, media_times


def ms(clock):
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000


NAMED = [
    ("1:23", "1:23"),
    ("01:02:03", "1:02:03"),
    ("1:23 哭死我了", "1:23"),
    ("看到2:05直接破防", "2:05"),
    ("2:05开始泪目", "2:05"),
    ("3：07 这里的眼神", "3:07"),
    ("１２：３４ 名场面", "12:34"),
    ("12分34秒", "12:34"),
    ("12分34秒那里太好哭了", "12:34"),
    ("第12分34秒 玉壶回头", "12:34"),
    ("1小时2分", "1:02:00"),
    ("1小时02分03秒处", "1:02:03"),
    ("1個小時2分", "1:02:00"),
    ("1时02分03秒", "1:02:03"),
    ("第34秒的表情", "0:34"),
    ("34秒那个镜头", "0:34"),
    ("5分钟那里", "5:00"),
    ("第1小时20分钟", "1:20:00"),
    ("5分20秒後面", "5:20"),
    ("哭了 12分34秒", "12:34"),
    ("1:20-1:35 这一段循环了十遍", "1:20 1:35"),
    ("1:20~1:35", "1:20 1:35"),
    ("1:20到1:35", "1:20 1:35"),
    ("1:20 – 1:35 is the best part", "1:20 1:35"),
    ("0:45 1:50 2:10 三次落泪", "0:45 1:50 2:10"),
    ("0:45/1:50/2:10 都是名场面", "0:45 1:50 2:10"),
    ("1:23 / 4:56", "1:23"),
    ("1:23：这里", "1:23"),
    ("好看,2:05", "2:05"),
    ("所以 1:23 是什么歌", "1:23"),
    ("bgm1:23是什么", "1:23"),
    ("1:23画面太美", "1:23"),
    ("P2 3:21 那句台词", "3:21"),
    ("at 2:05 he finally looks back", "2:05"),
    ("I lost it at 2:05", "2:05"),
    ("75:30 best speech", "1:15:30"),
    ("2:05:30 goosebumps", "2:05:30"),
    ("the score at 1:23 is beautiful", "1:23"),
    ('[1:23] (4:56) "0:07"', "1:23 4:56 0:07"),
    ("1m23s", "1:23"),
    ("rewatch 1h02m03s", "1:02:03"),
    ("at 2 min 5 sec she smiles", "2:05"),
    ("0:00 first", "0:00"),
    ("2:05\n3:10", "2:05 3:10"),
    ("good job 1:23", "1:23"),
    ("注意47秒时的牌", "0:47"),
    ("有没有人知道60:20时的BGM", "1:00:20"),
    ("P1的43分钟开始", "43:00"),
    ("1:23, and then 1:40.", "1:23 1:40"),
]
NONE = [
    "",
    "3:0 完胜",
    "16:9 的画面",
    "比例 21:09",
    "1:50模型",
    "比分 21:15",
    "25:23 险胜",
    "scored 98:45",
    "we won 21:15",
    "98:95",
    "1:75",
    "晚上8:30",
    "晚8:30见",
    "早上 7:05 起床",
    "今天12:30更新",
    "每周五20:00更新",
    "下午3:20 开会",
    "现在是 23:50 我还在看",
    "北京时间 20:00",
    "凌晨2:05还在哭",
    "8:30 pm",
    "8:30PM",
    "08:30 a.m.",
    "20:00 GMT",
    "it's 3:15 here and I'm crying",
    "tomorrow at 10:30",
    "Friday 20:00",
    "Sept 3, 2023 at 12:30",
    "2023-08-30 12:00",
    "2023-08-30T12:00:05",
    "8/30 12:00",
    "2023年8月30日 12:00",
    "8月30日12:00 首播",
    "20:00首播",
    "192.168.1.1:80",
    "10.0.0.1:8080",
    "v1:23",
    "1.2:05",
    "00:1a:22:33:44:55",
    "12:34:56:78",
    "1:234",
    "John 3:16",
    "Genesis 1:12",
    "Mark 10:45",
    "约翰福音3:16",
    "诗篇 23:04",
    "时长 12:34",
    "took 3:20 to load",
    "https://example.org/watch?t=1:23",
    "www.example.org/1:23",
    "等了34秒",
    "花了3分20秒",
    "还剩12分34秒",
    "1小时20分钟太短了",
    "一个3分20秒的视频",
    "12分34秒之后",
    "8时30分",
    "8时30分开始",
    "打3分",
    "3分球",
    "5分钟",
    "34秒",
    "12分75秒",
    "三分二十秒",
    "ran for 1m23s",
    "1h",
    "2 min 5 sec",
    "aspect ratio 1:33",
    "2:35 aspect",
    "ID:12:3",
    "190105 07:15 来了",
    "五号1:36来的",
    "2020.1.9 /12：00 来了",
    "23:45补课完毕",
    "4：40，看完了",
]


@pytest.mark.parametrize(("text", "clocks"), NAMED)
def test_named(text, clocks):
    assert media_times(text) == [ms(clock) for clock in clocks.split()]


@pytest.mark.parametrize("text", NONE)
def test_none(text):
    assert media_times(text) == []


def test_fractions():
    assert media_times("1:23.5") == [83_500]
    assert media_times("1:23.456") == [83_456]
    assert media_times("1:23.4.5") == []


def test_frame():
    texts = pl.Series(["2:05 and 1:20", None, "nothing", "第34秒", "2:05 and 1:20", "晚上8:30"])
    found = media_mentions(texts)
    assert found.schema == SCHEMA
    assert found.rows() == [(0, 125_000, 0), (0, 80_000, 1), (3, 34_000, 0), (4, 125_000, 0), (4, 80_000, 1)]
    assert media_mentions(pl.Series([], dtype=pl.String)).schema == SCHEMA
    assert media_mentions(pl.Series([None, None])).height == 0


def test_beyond_two_days_is_none():
    assert media_times("47:59:59") == [ms("47:59:59")]
    assert media_times("48:00:01") == []
    assert media_times("99:10:10") == []


@given(st.lists(st.text(st.sampled_from("0123456789:：-/. 分秒小时第了那处hms pma晚上\n"), max_size=24), max_size=8))
def test_law_frame_is_each_text_alone(texts):
    found = media_mentions(pl.Series(texts, dtype=pl.String))
    assert found.rows() == [(row, at_ms, nth) for row, text in enumerate(texts) for nth, at_ms in enumerate(media_times(text))]
    assert found["at_ms"].is_between(0, LONGEST_MS).all()


@given(st.integers(0, 999), st.integers(0, 59), st.sampled_from(["", "看", " 这里 ", "omg "]))
def test_law_minutes_and_seconds(minutes, seconds, before):
    expected = [(minutes * 60 + seconds) * 1000]
    assert media_times(f"{before}{minutes}:{seconds:02d}") == expected
    assert media_times(f"{before}{minutes}分{seconds}秒") == expected


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    assert all(0 <= at_ms <= LONGEST_MS for at_ms in media_times(text))


def test_long_texts_take_linear_time():
    assert media_times("1" * 200_000 + ":" + "2" * 200_000) == []
    assert media_times("1:23 " * 50_000) == [83_000] * 50_000
    assert len(media_times("1:23/" * 20_000)) == 20_000
