"""Episode transitions: confusion against matched stretches by hand, demand, recaps, corrected by gold, nulls."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from joint_worlds import row, world
from shown import shown
from test_measures import get
from yuhu.measures.transitions import ALL, APART, BASELINE, EpisodeTransitions
from yuhu.testing import check_measure

CODES = ("confusion", "continuation")
MINUTES_4 = 240_000
LOST, MORE = {"confusion": "1"}, {"continuation": "1"}


def videos(numbers=(1, 2), *, platform="bilibili", series="s", duration=MINUTES_4):
    return [
        {"video_id": f"{platform}:{series}{n}", "work_id": f"{series}{n}", "platform": platform, "duration_ms": duration, "series": series, "number": n}
        for n in numbers
    ]  # fmt: skip


def lines(*parts):
    """Messages of (video, second or None for a comment, how many, truth)."""
    rows, truth = [], []
    for video, second, n, one in parts:
        for _ in range(n):
            at_ms = None if second is None else int(second * 1000)
            rows.append(row(len(rows), video=video, at_ms=at_ms, kind="comment" if at_ms is None else "danmaku"))
            truth.append(one)
    return rows, truth


BY_HAND = (
    ("bilibili:s2", 3, 12, LOST), ("bilibili:s2", 19.9, 28, {}), ("bilibili:s1", 10, 1, LOST), ("bilibili:s1", 11, 19, {}),
    ("bilibili:s2", 60, 3, LOST), ("bilibili:s2", 100, 57, {}), ("bilibili:s2", 20, 9, LOST), ("bilibili:s1", 100, 9, LOST),
    ("bilibili:s1", 230, 6, MORE), ("bilibili:s1", 239, 14, {}), ("bilibili:s1", None, 5, MORE), ("bilibili:s1", None, 5, {}),
)  # fmt: skip


def test_by_hand():
    """12 of 40 after the transition; 1 of 20 in the first episode and 3 of 60 in the middle; what lies elsewhere counts nowhere."""
    rows, truth = lines(*BY_HAND)
    frame = check_measure(EpisodeTransitions(), world(rows, truth, truth, CODES, shown=shown(videos())))
    name = "s 1→2 (bilibili)"
    counts = {by: get(frame, by=by, subject=name) for by in ("confusion_next", "confusion_first", "confusion_middle", BASELINE)}
    assert {by: (one["count"], one["n"]) for by, one in counts.items()} == {
        "confusion_next": (12, 40), "confusion_first": (1, 20), "confusion_middle": (3, 60), BASELINE: (4, 80),
    }  # fmt: skip
    assert get(frame, by=APART, subject=name)["value"] == pytest.approx(0.25)
    ratio = get(frame, by="confusion_ratio", subject=name, unit="rate ratio")
    assert (ratio["value"], ratio["low"], ratio["reason"]) == (pytest.approx(6.0), None, "machine_only_not_validated")
    p = get(frame, by="confusion_ratio", subject=name, unit="p")
    assert p["value"] == pytest.approx(2 * stats.binom.sf(11, 16, 1 / 3))
    assert (p["rung"], p["reason"]) == ("A-within", "test_alone")
    end, below = (get(frame, by=by, subject="s 1 (bilibili)") for by in ("continuation_end", "continuation_comments"))
    assert ((end["count"], end["n"]), (below["count"], below["n"])) == ((6, 20), (5, 10))
    assert set(frame.filter(pl.col("by") == "recap")["reason"]) == {"nothing_shown"}


def test_episodes_of_other_platforms_and_gaps_are_no_transitions():
    rows, truth = lines(*BY_HAND)
    apart = shown([*videos((1,)), *videos((2,), platform="douyin")])
    assert set(EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=apart))["reason"]) == {"no_series"}
    gap = shown(videos((1, 3)))
    assert set(EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=gap))["reason"]) == {"no_series"}
    lone = [{**one, "series": None, "number": None} for one in videos()]
    assert set(check_measure(EpisodeTransitions(), world(rows, truth, truth, CODES, shown=shown(lone)))["reason"]) == {"no_series"}
    assert not EpisodeTransitions().estimate(world(rows, truth, truth, ("anger",), shown=shown(videos()))).height


def test_without_lengths_only_beginnings_are_compared():
    rows, truth = lines(*BY_HAND)
    unknown = [{**one, "duration_ms": None} for one in videos()]
    frame = check_measure(EpisodeTransitions(), world(rows, truth, truth, CODES, shown=shown(unknown)))
    assert get(frame, by=BASELINE)["n"] == 20
    assert get(frame, by="continuation_end", subject="s 1 (bilibili)")["reason"] == "no_units"


def test_small_cells_and_silence():
    rows, truth = lines(("bilibili:s2", 3, 2, LOST), ("bilibili:s1", 3, 30, {}))
    frame = check_measure(EpisodeTransitions(), world(rows, truth, truth, CODES, shown=shown(videos())))
    assert get(frame, by="confusion_next")["reason"] == "small_cell"
    assert get(frame, by=APART)["reason"] == "small_cell"
    assert not frame.filter(pl.col("unit") == "p").filter(pl.col("value").is_not_null()).height
    quiet, none = lines(("bilibili:s2", 3, 20, {}), ("bilibili:s1", 3, 30, {}))
    frame = EpisodeTransitions().estimate(world(quiet, none, none, CODES, shown=shown(videos())))
    assert get(frame, by="confusion_ratio")["reason"] == "no_events"


def chance(rng, numbers, *, after, usual, n=60):
    parts = []
    for number in numbers:
        where = f"bilibili:s{number}"
        for second, share in ((5, after if number > 1 else usual), (100, usual)):
            lost = int(rng.binomial(n, share))
            parts += [(where, second, lost, LOST), (where, second, n - lost, {})]
    return lines(*parts)


def test_no_false_findings_where_nothing_changes():
    rng = np.random.default_rng(2)
    rejected, rounds = 0, 100
    for _ in range(rounds):
        rows, truth = chance(rng, (1, 2), after=0.1, usual=0.1)
        frame = EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=shown(videos())))
        rejected += get(frame, by="confusion_ratio", unit="p", subject="s 1→2 (bilibili)")["value"] <= 0.05
    assert rejected <= 9


def erring(rng, truth, late):
    """The machine takes short messages at a beginning for confusion."""
    return [{**one, **(LOST if is_late and rng.random() < 0.2 else {})} for one, is_late in zip(truth, late, strict=True)]


@pytest.mark.parametrize(("after", "is_there"), [(0.1, False), (0.4, True)])
def test_gold_corrects_what_the_machine_takes_for_confusion(after, is_there):
    rng = np.random.default_rng(3)
    numbers = (1, 2, 3, 4)
    rows, truth = chance(rng, numbers, after=after, usual=0.1, n=250)
    late = [each["at_ms"] == 5_000 and each["video_id"] != "bilibili:s1" for each in rows]
    facts = world(rows, truth, erring(rng, truth, late), CODES, gold=800, shown=shown(videos(numbers)))
    frame = check_measure(EpisodeTransitions(), facts)
    found = get(frame, by=APART, subject=ALL, source="corrected")
    true = np.mean([bool(one) for one, yes in zip(truth, late, strict=True) if yes]) - np.mean(
        [bool(one) for one, yes in zip(truth, late, strict=True) if not yes]
    )
    assert found["low"] <= true <= found["high"]
    assert (found["low"] > 0) == is_there
    assert get(frame, by=APART, subject=ALL, source="machine")["value"] > true + 0.1
    assert get(frame, by="confusion_next", subject=ALL, source="corrected")["low"] is not None


def test_recaps_are_described_and_tested_from_five_on():
    numbers = tuple(range(1, 13))
    recapped = {number for number in numbers if number % 2 == 0}
    parts = []
    for number in numbers:
        lost = 4 if number in recapped else 16
        where = f"bilibili:s{number}"
        parts += [
            (where, 5, lost if number > 1 else 2, LOST),
            (where, 5, 20, {}),
            (where, 100, 1, LOST),
            (where, 100, 19, {}),
            (where, 235, number, MORE),
            (where, 235, 10, {}),
        ]
    rows, truth = lines(*parts)
    spans = [(f"bilibili:s{number}", "recap", 1, 9) for number in sorted(recapped)]
    frame = check_measure(EpisodeTransitions(), world(rows, truth, truth, CODES, shown=shown(videos(numbers), spans)))
    with_, without = (get(frame, by="recap", subject=one, unit="difference of shares") for one in ("with", "without"))
    assert (with_["n"], without["n"]) == (6, 5)
    assert with_["value"] < without["value"]
    assert get(frame, by="recap", unit="p")["value"] < 0.05
    few = EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=shown(videos(numbers[:5]), spans[:2])))
    assert get(few, by="recap", unit="p")["reason"] == "too_few_cases"


def test_a_recap_that_comes_late_is_none():
    rows, truth = lines(*BY_HAND)
    late = shown(videos(), [("bilibili:s2", "recap", 60, 70)])
    frame = EpisodeTransitions().estimate(world(rows, truth, truth, CODES, shown=late))
    assert get(frame, by="recap", subject="without", unit="difference of shares")["n"] == 1
