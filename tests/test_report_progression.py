"""Sections on transitions, progression and what is shown: sentences by rung, reasons instead of numbers, hostile names, both languages."""

import re

import polars as pl
import pytest

from joint_worlds import BOOK, row, world
from shown import shown as of_videos
from test_content import corpus, line, video
from test_empathic_groups import threads
from test_feedback_action import planted
from test_measures import evidence, messages
from test_progression import of_authors, two_weeks
from test_transitions import BY_HAND, CODES, chance, lines, videos
from yuhu.core.estimate import estimates_frame
from yuhu.measures.content import ContentSide
from yuhu.measures.empathic_groups import EmpathicGroups
from yuhu.measures.feedback_action import FeedbackAction
from yuhu.measures.progression import Progression
from yuhu.measures.transitions import EpisodeTransitions
from yuhu.reporting.cells import cell, leaves_out, p_value
from yuhu.reporting.page import Facts
from yuhu.reporting.progression import progression
from yuhu.reporting.said import KEY
from yuhu.reporting.transitions import shown, transitions
from yuhu.reporting.words_progression import PROGRESSION
from yuhu.reporting.words_transitions import CONTENT, TRANSITIONS
from yuhu.study.settings import Settings

EVIL = "</td><script>alert(1)</script>"


def facts(*frames):
    estimates = pl.concat(frames) if frames else estimates_frame([])
    return Facts(Settings(title="t"), (), BOOK, None, {}, estimates, "hash", {}, (), 1, 1, "0", "corpus")


def texts(view):
    cells = [each for table in view.tables for line_ in table.rows for each in line_]
    return [*view.paragraphs, *view.points, *cells]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_estimated_gives_no_section(lang):
    assert progression(facts(), lang) is None
    assert transitions(facts(), lang) is None
    assert shown(facts(), lang) is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_of_progression(lang):
    within, _ = of_authors(103, widen=0.3, gold=700)
    days, _, _ = two_weeks(6, newcomers_wide=0.4, later_wide=0.0, gold=1_500)
    acting, _ = planted(3, gold=1_000)
    mixes = Progression().estimate(days).filter(pl.col("by").str.starts_with("mix") | pl.col("by").is_in(["periods", "day"]))
    own = Progression().estimate(within).filter(pl.col("by").is_in(["author_change", "first_and_later"]))
    view = progression(facts(own, mixes, EmpathicGroups().estimate(threads(1)), FeedbackAction().estimate(acting)), lang)
    assert [figure.id for figure in view.figures] == ["figure-turns", "figure-objects-by-day"]
    assert {"progression-within", "progression-turns", "progression-mix", "empathic-groups", "feedback-acts", "feedback-raid"} <= {
        table.id for table in view.tables
    }
    assert all(re.search(r"\[D\]$", point) for point in view.points)
    assert any("3" in point and "Rand" in point for point in view.points) or lang == "zh"
    assert all(len(line_) == len(table.columns) for table in view.tables for line_ in table.rows)
    assert not [text for text in texts(view) if "None" in text or "nan" in text]


def test_machine_only_has_no_sentence_of_difference():
    acting, _ = planted(3, gold=0)
    view = progression(facts(FeedbackAction().estimate(acting)), "en")
    assert not view.points
    [table] = [table for table in view.tables if table.id == "feedback-acts"]
    assert "~" in table.columns[1]


def test_a_plain_difference_that_may_be_length_concludes_nothing():
    acting, _ = planted(3, gold=1_000)
    frame = FeedbackAction().estimate(acting)
    gone = (pl.col("subject") == "within channel and length") & (pl.col("source") == "corrected")
    open_ = frame.with_columns(
        *(pl.when(gone).then(None).otherwise(pl.col(name)).alias(name) for name in ("value", "low", "high", "confidence")),
        reason=pl.when(gone).then(pl.lit("not_estimable")).otherwise("reason"),
    )
    assert "Nothing follows" in progression(facts(open_), "en").points[0]
    assert "Nothing follows" not in progression(facts(frame), "en").points[0]


def test_groups_that_do_not_last_are_said_to_be_none():
    view = progression(facts(EmpathicGroups().estimate(threads(3, own=3, present=0.7))), "en")
    assert any("these are no groups" in point for point in view.points)
    nobody = [row(at, author_key=None) for at in range(9)]
    why = progression(facts(EmpathicGroups().estimate(evidence(nobody, served=("we",)))), "en")
    assert any("authors of the messages are not known" in point for point in why.points)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_transitions_with_and_without_gold(lang):
    import numpy as np

    rng = np.random.default_rng(3)
    rows, truth = chance(rng, (1, 2, 3), after=0.4, usual=0.1, n=300)
    gold = EpisodeTransitions().estimate(world(rows, truth, truth, CODES, gold=900, shown=of_videos(videos((1, 2, 3)))))
    view = transitions(facts(gold), lang)
    assert "[A-within]" in view.points[0]
    assert ("corrected" if lang == "en" else "校正") in view.points[0]
    assert view.figures
    few, said = lines(*BY_HAND)
    alone = transitions(facts(EpisodeTransitions().estimate(world(few, said, said, CODES, shown=of_videos(videos())))), lang)
    assert ("not validated" if lang == "en" else "未经验证") in alone.points[0]
    assert all(len(line_) == len(table.columns) for table in alone.tables for line_ in table.rows)


def test_no_series_says_so():
    rows, truth = lines(*BY_HAND)
    frame = EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=of_videos(videos((1,)))))
    view = transitions(facts(frame), "en")
    assert "series" in view.points[0]
    assert not view.tables


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_shown(lang):
    made, segments = corpus()
    spans = [(made[0]["video_id"], "loss", 3, 9), (made[0]["video_id"], "humour", 3, 9, "1", "llm-1")]
    rows = [each for at, one in enumerate(made) for each in messages(5, key=at, video=one["video_id"], at_ms=1_000)]
    facts_ = facts(ContentSide().estimate(evidence(rows, shown=of_videos(made, spans, segments=segments))))
    view = shown(facts_, lang)
    assert [table.id for table in view.tables] == ["shown-videos", "shown-seconds"]
    assert any(("machines only" if lang == "en" else "仅由机器") in point for point in view.points)


def test_hostile_names_are_text():
    strange = video(EVIL, series=EVIL)
    rows = [row(at, video=strange["video_id"], at_ms=1_000) for at in range(6)]
    frame = ContentSide().estimate(
        evidence(rows, shown=of_videos([strange], [(EVIL, "loss", 3, 9)], segments=[line("zh", EVIL, name=EVIL)]))
    )
    view = shown(facts(frame), "en")
    assert not any(character in text for text in texts(view) for character in "\x00\x1b\u202e")


def test_words_are_complete():
    for table in (PROGRESSION, TRANSITIONS, CONTENT):
        for key, said in table.items():
            assert set(said) == {"en", "zh"}, key
            assert set(re.findall(r"\{(\w+)\}", said["en"])) == set(re.findall(r"\{(\w+)\}", said["zh"])), key


def test_cells():
    base = {
        **dict.fromkeys(KEY),
        "value": 0.25,
        "low": None,
        "high": None,
        "unit": "share",
        "source": "machine",
        "count": 5,
        "n": 20,
        "reason": "machine_only_not_validated",
    }
    assert cell(base, "en") == "25.0\u00a0% (5 / 20)"
    assert cell({**base, "source": "corrected", "low": 0.1, "high": 0.5}, "en") == "25.0\u00a0% [10.0\u00a0%,\u00a050.0\u00a0%]"
    assert cell({**base, "value": None, "reason": "small_cell"}, "en") == "suppressed: too few messages"
    assert cell({**base, "unit": "rate ratio"}, "en") == "0.25 ×"
    assert cell(None, "en") == "–"
    assert [p_value(p) for p in (0.0001, 0.034, 1.0, None)] == ["< .001", ".034", "1", "–"]
    assert leaves_out({**base, "low": 0.1, "high": 0.5})
    assert not leaves_out({**base, "low": -0.1, "high": 0.5})
    assert not leaves_out(None)
