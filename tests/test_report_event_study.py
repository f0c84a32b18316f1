"""The section on what was followed by more responses: every number with what it needs, in both languages."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from shown import drawn, shown, studied, video
from test_event_study import QUICK, SECONDS, measured, world
from yuhu.core.codebook import built_in_codebook
from yuhu.core.estimate import Estimate, estimates_frame
from yuhu.reporting.event_study import followed
from yuhu.reporting.words_event_study import FOLLOWED

BOOK = built_in_codebook()
EVIL = "<script>alert(1)</script>"


def view(estimates, lang="en"):
    return followed(SimpleNamespace(estimates=estimates, book=BOOK), lang)


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(1)
    frame, known, spans = world(rng, {"homecoming": 1.7, "symbol": 1.0}, videos=8, coded={"homecoming": 1.4}, wrong=(0.2, 0.05))
    segments = [{"video_id": one["video_id"], "kind": "line", "start_ms": 0, "end_ms": 1000, "text": "家里的灯还亮着吗"} for one in known]
    frame = frame.with_columns(text=pl.lit("好看"))
    gold = frame["response_id"].sample(3000, seed=1)
    return measured(studied(frame, shown(known, spans, segments=segments), gold=gold, chance=3000 / frame.height, spec=QUICK))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_lift_has_what_it_needs(found, lang):
    page = view(found, lang)
    assert [one.id for one in page.figures] == ["figure-followed", "figure-followed-lags"]
    messages, coded = page.tables[:2]
    lift = found.filter((pl.col("by") == "strategy") & (pl.col("subject") == "homecoming") & pl.col("code").is_null()).row(0, named=True)
    row = next(line for line in messages.rows if line[0] == BOOK.variables["homecoming"].label[lang])
    assert row[1] == f"{lift['value']:.2f} [{lift['low']:.2f}, {lift['high']:.2f}]"
    assert row[-3:] == ("24", "8", "8")
    assert [column.endswith("#~") for column in coded.columns].count(True) == 2, "what the machine says is hatched"
    fixed = found.filter((pl.col("source") == "corrected") & (pl.col("subject") == "homecoming")).row(0, named=True)
    assert f"{fixed['value']:.2f} [{fixed['low']:.2f}" in next(line for line in coded.rows if line[0] == row[0])[3]
    assert sum("[A-within]" in point for point in page.points) == 2, "both lifts after homecoming stand, none after symbols"
    assert "[A-within]" in page.paragraphs[0]


def test_no_word_of_cause_or_feeling():
    said = " ".join(one["en"] for one in FOLLOWED.values()).lower()
    assert not any(word in said for word in ("caused", "because of the", "viewers", "felt", "effect of the strategy"))
    assert all(set(one) == {"en", "zh"} for one in FOLLOWED.values())


def test_nothing_stands_and_nothing_to_say():
    assert view(estimates_frame([])) is None
    rng = np.random.default_rng(2)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    page = view(measured(studied(frame, shown(known, spans), spec=QUICK)))
    assert page.points[0].startswith("No lift stands")
    assert "no lines of these videos are known" in page.points[1]
    unfinished = view(measured(studied(frame, shown(known, spans, ()), spec=QUICK)))
    assert "nobody said that a video was watched" in unfinished.points[0]
    assert not unfinished.figures


def planted(**answered):
    rows = [
        Estimate(
            value=value, unit="answered", method="planted.v1", source="truth", rung="D", measure="event_study.v1", by="planted_answer", subject=code,
            target="corpus", reason="planted",
        )
        for code, value in answered.items()
    ]  # fmt: skip
    return estimates_frame(rows)


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (
            {"homecoming": 1.0, "symbol": 0.0},
            ("answer 1 of", "stands for 1 of them (homecoming)", "none.", "Of the 1 that", "stands for 0."),
        ),
        (
            {"homecoming": 0.0, "symbol": 1.0},
            ("answer 1 of", "stands for 0 of them,", "none (cultural symbol)", "Of the 1 that", "stands for 1 (homecoming)."),
        ),
        ({"homecoming": 1.0, "loss": 1.0}, ("answer 1 of", "stands for 1 of them", "none.", "Of the 0 that")),
    ],
)
def test_what_was_planted_is_compared(found, answered, said):
    [line] = [point for point in view(pl.concat([found, planted(**answered)])).points if point.startswith("Planted")]
    assert all(part in line for part in said), line
    assert not any(point.startswith("Planted") for point in view(found).points)


def test_planted_answers_are_no_reason_why_there_is_nothing():
    frame, known, spans = world(np.random.default_rng(2), {"loss": 1.0}, videos=2)
    unfinished = measured(studied(frame, shown(known, spans, ()), spec=QUICK))
    assert view(pl.concat([unfinished, planted(homecoming=1.0)])).points == view(unfinished).points


def test_suppressed_lifts_are_said_and_not_drawn():
    rng = np.random.default_rng(3)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    page = view(measured(studied(frame, shown(known, spans), spec=QUICK, k_anonymity=10_000)))
    assert not page.figures
    assert "suppressed" in page.tables[0].rows[0][1]


def test_hostile_names_stay_texts(found):
    evil = found.with_columns(pl.col("subject").str.replace("homecoming", EVIL, literal=True))
    page = view(evil)
    assert all("<script" not in figure.svg for figure in page.figures)


def test_intensities():
    rng = np.random.default_rng(4)
    spans = [("v", "anthropomorphism", start, start + 4, str(level)) for start, level in ((40, 1), (90, 3), (150, 2), (220, 3))]
    frame = drawn(rng, "v", np.full(SECONDS, 4.0))
    table = view(measured(studied(frame, shown([video("v")], spans), spec=QUICK))).tables[-1]
    assert table.id == "followed-doses"
    assert table.rows[0][2].startswith("1: ")
