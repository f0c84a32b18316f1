"""Feedback action: shares with and without empathy by hand, harm apart, corrected on joint gold."""

import numpy as np
import polars as pl
import pytest

from joint_worlds import merged, row, with_errors, world
from test_measures import evidence, get
from yuhu.core.evidence import Frame
from yuhu.measures.feedback_action import ALL, WITHIN, FeedbackAction
from yuhu.testing import check_measure

CODES = ("affective_empathy", "cognitive_empathy", "empathic_concern", "action.visit", "action.sign", "action.raid")


def few():
    """Ten short messages with empathy of which four act, twenty without of which two act; the raid is no act."""
    truth = [{"affective_empathy": "1"} for _ in range(10)] + [{} for _ in range(20)]
    truth[0] |= {"action.visit": "calls"}
    truth[1] |= {"action.visit": "reports", "action.sign": "calls"}
    truth[2] |= {"action.sign": "reports"}
    truth[3] |= {"action.sign": "calls"}
    truth[4] |= {"action.visit": "intends"}
    truth[5] |= {"action.raid": "calls"}
    truth[10] |= {"action.sign": "reports"}
    truth[11] |= {"action.visit": "calls"}
    return [row(at) for at in range(30)], truth


def test_by_hand():
    rows, truth = few()
    frame = check_measure(FeedbackAction(), world(rows, truth, truth, CODES))
    mine = {"code": "action", "source": "machine"}
    with_, without = (get(frame, **mine, by="empathy", subject=one) for one in ("with", "without"))
    assert (with_["count"], with_["n"], with_["value"], with_["low"], with_["reason"]) == (4, 10, 0.4, None, "machine_only_not_validated")
    assert (without["count"], without["n"]) == (2, 20)
    assert get(frame, **mine, by="difference", subject=ALL)["value"] == pytest.approx(0.3)
    assert get(frame, **mine, by="ratio", subject=ALL)["value"] == pytest.approx(4.0)
    raid = get(frame, code="action.raid", by="empathy", subject="with")
    assert (raid["count"], raid["n"]) == (1, 10)
    assert get(frame, code="action.raid", by="ratio", subject=ALL)["reason"] == "ratio_undefined"
    assert set(frame["rung"]) == {"D"}


def test_length_alone_makes_no_difference_within_lengths():
    """Long messages carry more codes: acts and empathy both sit in them and have nothing to do with each other."""
    rng = np.random.default_rng(3)
    rows, truth = [], []
    for at in range(8_000):
        long = at % 2
        rows.append(row(at, text="话" * (40 if long else 4)))
        one = {"affective_empathy": "1"} if rng.random() < (0.6 if long else 0.1) else {}
        truth.append(one | ({"action.sign": "calls"} if rng.random() < (0.3 if long else 0.02) else {}))
    said = merged(
        with_errors(rng, truth, "affective_empathy", "1", finds=0.8, invents=0.05),
        with_errors(rng, truth, "action.sign", "calls", finds=0.8, invents=0.02),
    )
    frame = FeedbackAction().estimate(world(rows, truth, said, CODES, gold=1_200))
    mine = {"code": "action", "by": "difference"}
    assert get(frame, **mine, source="machine", subject=ALL)["value"] > 0.05
    assert abs(get(frame, **mine, source="machine", subject=WITHIN)["value"]) < 0.02
    plain, within = (get(frame, **mine, source="corrected", subject=one) for one in (ALL, WITHIN))
    assert plain["low"] > 0
    assert within["low"] < 0 < within["high"]
    perfect = get(FeedbackAction().estimate(world(rows, truth, truth, CODES, gold=1_200)), **mine, source="corrected", subject=WITHIN)
    assert perfect["method"] == "corrected_mantel_haenszel.gold_only.v1", "no error in 1,200 units is no proof that there is none"
    assert perfect["low"] < 0 < perfect["high"]


def planted(seed, *, gold, rate=(0.15, 0.05), target="corpus", videos=1):
    """4,000 messages; the machine invents acts where it sees empathy."""
    rng = np.random.default_rng(seed)
    n = 4_000
    feels = rng.random(n) < 0.3
    acts = rng.random(n) < np.where(feels, *rate)
    truth = [
        ({"empathic_concern": "1"} if a else {}) | ({"action.visit": "reports"} if b else {}) for a, b in zip(feels, acts, strict=True)
    ]
    said = merged(
        with_errors(rng, truth, "empathic_concern", "1", finds=0.8, invents=0.1),
        [
            {"action.visit": "reports"} if (b and rng.random() < 0.7) or (not b and rng.random() < (0.2 if a else 0.02)) else {}
            for a, b in zip(feels, acts, strict=True)
        ],
    )
    rows = [row(at, video=f"bilibili:{at % videos}") for at in range(n)]
    facts = world(rows, truth, said, CODES, gold=gold, seed=seed, target=target)
    return facts, float(acts[feels].mean() - acts[~feels].mean())


def test_gold_finds_what_is_planted_and_the_machine_does_not():
    covered, beyond, naive, rounds = 0, 0, [], 40
    for seed in range(rounds):
        facts, true = planted(seed, gold=1_000)
        frame = FeedbackAction().estimate(facts)
        found = get(frame, code="action", by="difference", subject=ALL, source="corrected")
        assert found["method"] == "corrected_part_difference.v1"
        covered += found["low"] <= true <= found["high"]
        beyond += found["low"] > 0
        naive.append(get(frame, code="action", by="difference", subject=ALL, source="machine")["value"] - true)
    assert np.mean(naive) > 0.05
    assert covered >= 35
    assert beyond >= 36


def test_no_false_findings():
    wrong = 0
    for seed in range(60):
        facts, _ = planted(1_000 + seed, gold=800, rate=(0.1, 0.1))
        found = get(FeedbackAction().estimate(facts), code="action", by="difference", subject=ALL, source="corrected")
        wrong += found["low"] > 0 or found["high"] < 0
    assert wrong <= 8


def test_works_like_these():
    facts, true = planted(5, gold=1_000, target="superpopulation", videos=20)
    found = get(FeedbackAction().estimate(facts), code="action", by="difference", subject=ALL, source="corrected")
    assert found["low"] < true < found["high"]
    few_works, _ = planted(5, gold=1_000, target="superpopulation", videos=3)
    assert (
        get(FeedbackAction().estimate(few_works), code="action", by="difference", subject=ALL, source="corrected")["reason"]
        == "too_few_videos"
    )


def test_gold_of_other_samples_is_no_joint_gold():
    facts, _ = planted(6, gold=500)
    apart = facts.gold.__class__(facts.gold.units, ["a"], ["s"], [Frame(["empathic_concern"]), Frame(["action.visit"])])
    facts = facts.__class__(**{**vars(facts), "gold": apart, "made": {}})
    frame = check_measure(FeedbackAction(), facts)
    assert get(frame, code="action", source="corrected")["reason"] == "no_joint_gold"


@pytest.mark.parametrize("gold", [5, 60])
def test_too_little_gold_says_so(gold):
    facts, _ = planted(7, gold=gold)
    rows = FeedbackAction().estimate(facts).filter((pl.col("source") == "corrected") & (pl.col("subject") == WITHIN))
    assert set(rows["reason"]) <= {"too_few_gold", "not_estimable", "small_cell"}
    assert rows["value"].null_count() == rows.height


def test_incomplete_gold_has_no_interval():
    facts, _ = planted(8, gold=1_000)
    units = facts.gold.units.with_columns(is_complete=pl.lit(value=False))
    facts = facts.__class__(**{**vars(facts), "gold": facts.gold.__class__(units, ["a"], ["s"], facts.gold.frames), "made": {}})
    rows = FeedbackAction().estimate(facts).filter(pl.col("source") == "corrected")
    assert rows["low"].null_count() == rows.height


def test_small_cells_and_nothing_at_all():
    rows, truth = few()
    frame = FeedbackAction().estimate(world(rows[:3] + rows[10:], truth[:3] + truth[10:], truth[:3] + truth[10:], CODES))
    assert set(frame.filter((pl.col("code") == "action") & (pl.col("subject") != "without"))["reason"]) == {"small_cell"}
    empty = world(rows, truth, truth, CODES)
    nothing = empty.__class__(**{**vars(empty), "responses": empty.responses.filter(pl.lit(value=False)), "made": {}})
    assert set(check_measure(FeedbackAction(), nothing)["reason"]) == {"no_units"}
    assert not FeedbackAction().estimate(evidence(rows, served=["anger"])).height
