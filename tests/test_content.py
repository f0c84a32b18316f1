"""The content side: seconds, hooks, symbols and access by hand; novelty, length and completion among other works; what is not known."""

import datetime as dt

import polars as pl
import pytest

from shown import shown
from test_measures import evidence, get, messages
from test_novelty import WORDS
from yuhu.measures.content import ContentSide
from yuhu.testing import check_measure

DAY = dt.datetime(2023, 8, 1, tzinfo=dt.UTC)


def video(name="bilibili:1", *, duration=120_000, day=0, **more):
    facts = {
        "video_id": name,
        "work_id": name,
        "platform": "bilibili",
        "title": "",
        "duration_ms": duration,
        "published_at": DAY + dt.timedelta(days=day),
    }
    return {**facts, **more}  # fmt: skip


def content(videos, spans=(), *, said=None, **more):
    rows = [each for at, one in enumerate(videos) for each in messages(5, key=at, video=one["video_id"], at_ms=1_000)]
    facts = evidence(rows if said is None else said, shown=shown(videos, spans, **more))
    return check_measure(ContentSide(), facts)


def test_strategies_by_hand():
    """Two minutes: loss at 12 to 20 s and 60 to 62.5 s, homecoming at 61 to 70 s, a recap at 0 to 5 s that is no strategy."""
    spans = [
        ("bilibili:1", "loss", 12, 20),
        ("bilibili:1", "loss", 60, 62.5),
        ("bilibili:1", "homecoming", 61, 70),
        ("bilibili:1", "recap", 0, 5),
    ]
    frame = content([video()], spans)
    assert get(frame, by="hook_latency")["value"] == 12
    density = get(frame, by="strategy_density")
    assert (density["value"], density["count"], density["unit"]) == (1.5, 3, "per minute")
    seconds = {row["code"]: row["value"] for row in frame.filter(pl.col("by") == "seconds_shown").iter_rows(named=True)}
    assert seconds == {"loss": 11, "homecoming": 9, "recap": 5}
    assert get(frame, by="share_shown", code="homecoming")["value"] == pytest.approx(9 / 120)
    assert get(frame, by="hook_latency")["reason"] == "complete_count"


def test_a_strategy_that_never_comes_and_nobody_watching():
    nothing = content([video()], watched=[("bilibili:1", "loss", 0, 120, "a")])
    assert get(nothing, by="hook_latency")["reason"] == "nothing_shown", "a code that is shown nowhere in the study is no strategy of it"
    two = content([video(), video("bilibili:2")], [("bilibili:2", "loss", 3, 9)])
    assert get(two, by="hook_latency", subject="bilibili:1")["reason"] == "no_onsets"
    assert get(two, by="strategy_density", subject="bilibili:1")["value"] == 0
    assert get(content([video()]), by="hook_latency")["reason"] == "nothing_shown"


def test_what_machines_marked_is_theirs():
    frame = content([video()], [("bilibili:1", "loss", 12, 20, "1", "llm-1")])
    row = get(frame, by="seconds_shown", code="loss")
    assert (row["source"], row["reason"], row["low"]) == ("machine", "machine_only_not_validated", None)


def test_symbols_by_hand():
    """a: pot, pot, moon = 2 symbols, .918 bits; b: pot, moon, poem, boat = 4, 2 bits; the lower middle one counts."""
    marks = [("a", "Pot"), ("a", "pot "), ("a", "moon"), ("b", "pot"), ("b", "moon"), ("b", "poem"), ("b", "boat")]
    spans = [("bilibili:1", "symbol.entity_id", 10 * at, 10 * at + 5, name, who) for at, (who, name) in enumerate(marks)]
    frame = content([video()], [*spans, ("bilibili:1", "symbol", 0, 9)])
    assert get(frame, by="symbols_per_minute")["value"] == 1
    assert get(frame, by="symbol_entropy")["value"] == pytest.approx(0.9183, abs=1e-4)


def line(lang, text, *, name="bilibili:1", at=0):
    return {"video_id": name, "kind": "line", "start_ms": at, "end_ms": at + 1_000, "lang": lang, "text": text}


def test_access_for_outsiders():
    spans = [("bilibili:1", "context_for_outsiders", 0, 12)]
    both = content([video()], spans, segments=[line("zh", "回家"), line("en-GB", "home"), line("und", "…")])
    assert get(both, by="other_language")["value"] == 1
    assert get(both, by="accessibility")["value"] == pytest.approx((0.1 + 1) / 2)
    alone = content([video()], spans, segments=[line("zh", "回家"), line("zh-Hant", "回家")])
    assert get(alone, by="other_language")["value"] == 0
    assert get(content([video()], spans), by="other_language")["reason"] == "no_text_shown"


def corpus(n=13):
    videos = [video(f"bilibili:{at:02d}", day=at, duration=60_000 + 1_000 * at) for at in range(n)]
    segments = [line("zh", WORDS[at % 12] * 8, name=one["video_id"]) for at, one in enumerate(videos)]
    return videos, segments


def test_novelty_against_earlier_works():
    videos, segments = corpus()
    again = video("bilibili:re", day=30, work_id="bilibili:03")
    frame = content([*videos, again], segments=[*segments, line("zh", WORDS[3] * 8, name="bilibili:re")])
    assert get(frame, by="novelty", subject="bilibili:12")["value"] == pytest.approx(0, abs=1e-9), "the same words as the first"
    assert get(frame, by="novelty", subject="bilibili:11")["value"] > 0.9
    assert get(frame, by="novelty", subject="bilibili:09")["reason"] == "too_few_earlier"
    assert not frame.filter((pl.col("subject") == "bilibili:re") & (pl.col("by") == "novelty")).height, "another upload is no other work"
    assert get(frame, by="novelty_percentile", subject="bilibili:12")["reason"] == "too_few_others"


def test_length_and_completion_among_others():
    videos, segments = corpus()
    curve = [
        {"video_id": one["video_id"], "at_ms": at, "retention": share, "source": "s"}
        for number, one in enumerate(videos)
        for at, share in ((0, 1.0), (one["duration_ms"], 0.2 + number / 100))
    ]
    frame = content(videos, segments=segments, exposure=curve)
    assert get(frame, by="length", subject="bilibili:12")["value"] == 72
    place = get(frame, by="length_percentile", subject="bilibili:12")
    assert (place["value"], place["n"]) == (1, 12)
    assert place["low"] < 1
    assert get(frame, by="completion", subject="bilibili:05")["value"] == pytest.approx(0.25, abs=0.01)
    assert get(frame, by="completion_percentile", subject="bilibili:00")["value"] == 0
    bare = content([video(duration=None)])
    assert get(bare, by="length")["reason"] == "no_duration"
    assert get(bare, by="completion")["reason"] == "no_retention"


def test_combinations_of_codes():
    videos, _ = corpus()
    spans = [(one["video_id"], "loss", 1, 9) for one in videos] + [("bilibili:12", "humour", 20, 30)]
    frame = content(videos, spans)
    odd, plain = (get(frame, by="surprisal", subject=f"bilibili:{at}")["value"] for at in (12, 11))
    assert odd > plain + 3


def test_nothing_known():
    assert not ContentSide().estimate(evidence(messages(3))).height
    empty = check_measure(ContentSide(), evidence(messages(3), shown=shown([])))
    assert not empty.filter(pl.col("by") == "length").height
