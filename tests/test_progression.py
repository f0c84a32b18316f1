"""Progression within authors and change in who comments: by hand, nulls, planted widening, decomposition."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from joint_worlds import merged, row, with_errors, world
from test_measures import get
from yuhu.core.evidence import Shown
from yuhu.measures.joint import OBJECTS
from yuhu.measures.progression import CHANGE, LATER_LESS_FIRST, TURNS, Progression
from yuhu.testing import check_measure

CODES = ("affective_empathy", "cognitive_empathy", "empathic_concern", "object_of_feeling")
START = dt.datetime(2023, 8, 30, 12, tzinfo=dt.UTC)
ONE, RELICS, NATION, ALL = OBJECTS


def feels(what):
    return {"affective_empathy": "1", "object_of_feeling": what}


def said(at, author, minutes, **more):
    return row(at, author_key=author, sent_at=None if minutes is None else START + dt.timedelta(minutes=minutes), **more)


def shown(videos):
    """What is known of videos, for their release."""
    frame = pl.DataFrame(
        [{"video_id": video, "published_at": at} for video, at in videos],
        schema={"video_id": pl.String, "published_at": pl.Datetime("ms", "UTC")},
    )
    empty = pl.LazyFrame()
    return Shown(frame, empty, empty, empty, empty, pl.DataFrame(), pl.DataFrame())


def test_pairs_by_hand():
    """a: one, relics, relics, nation = wider, same, wider; b: nation, one = narrower; c: once; d: twice at one time; e: an object and no feeling."""
    lines = [
        ("a", 0, feels(ONE)), ("a", 10, {}), ("a", 20, feels(RELICS)), ("a", 30, feels(RELICS)), ("a", 40, feels(NATION)),
        ("b", 0, feels(NATION)), ("b", 5, feels(ONE)), ("c", 0, feels(ONE)), ("d", 7, feels(ONE)), ("d", 7, feels(ALL)),
        ("e", 1, feels(ONE)), ("e", 2, {"object_of_feeling": ALL}), (None, 1, feels(ONE)), (None, 2, feels(ALL)), ("a", None, feels(ALL)),
    ]  # fmt: skip
    rows = [said(at, author, minutes) for at, (author, minutes, _) in enumerate(lines)]
    truth = [one for _, _, one in lines]
    frame = check_measure(Progression(), world(rows, truth, truth, CODES, k_anonymity=1))
    found = {subject: get(frame, by=CHANGE, subject=subject) for subject in ("wider", "narrower", "same", "wider less narrower", "authors")}
    assert {name: (one["value"], one["n"]) for name, one in found.items()} == {
        "wider": (0.5, 4), "narrower": (0.25, 4), "same": (0.25, 4), "wider less narrower": (0.25, 4), "authors": (2.0, 4),
    }  # fmt: skip
    assert found["wider"]["count"] == 2
    assert {one["reason"] for one in found.values()} == {"machine_only_not_validated"}
    hidden = Progression().estimate(world(rows, truth, truth, CODES))
    assert set(hidden.filter(pl.col("by") == CHANGE)["reason"]) == {"small_cell"}, "two authors are too few to speak of"


def test_first_and_later_by_hand():
    lines = [
        ("a", 0, feels(ONE)),
        ("a", 1, feels(NATION)),
        ("a", 2, feels(ALL)),
        ("b", 0, {}),
        ("b", 1, feels(RELICS)),
        ("c", 0, feels(ALL)),
    ]
    rows, truth = [said(at, author, minutes) for at, (author, minutes, _) in enumerate(lines)], [one for _, _, one in lines]
    frame = Progression().estimate(world(rows, truth, truth, CODES, k_anonymity=1))
    assert {
        (turn, value): (get(frame, by=TURNS, subject=turn, value_id=value)["count"], get(frame, by=TURNS, subject=turn, value_id=value)["n"])
        for turn in ("first", "later")
        for value in (RELICS, NATION, ALL)
    } == {
        ("first", RELICS): (0, 1), ("first", NATION): (0, 1), ("first", ALL): (0, 1),
        ("later", RELICS): (3, 3), ("later", NATION): (2, 3), ("later", ALL): (1, 3),
    }  # fmt: skip


def of_authors(seed, *, widen, authors=900, gold=0):
    """Three messages an author; in later ones the object is wide with the chance .3 + `widen`; the machine takes narrow for wide in later ones."""
    rng = np.random.default_rng(seed)
    rows, truth, noise = [], [], []
    for author in range(authors):
        for turn in range(3):
            at = len(rows)
            rows.append(said(at, f"a{author}", turn * 60 + author))
            wide = rng.random() < 0.3 + (widen if turn else 0)
            truth.append(feels(NATION if wide else ONE) if rng.random() < 0.6 else {})
            noise.append(turn > 0 and rng.random() < 0.3)
    machine = merged(
        with_errors(rng, truth, "affective_empathy", "1", finds=0.85, invents=0.05),
        [{"object_of_feeling": NATION if wrong else one.get("object_of_feeling", ONE)} for one, wrong in zip(truth, noise, strict=True)],
    )
    later = np.array([turn for _ in range(authors) for turn in (0, 1, 1)])
    wide, felt = (np.array([one.get("object_of_feeling") in objects for one in truth]) for objects in ((NATION,), (NATION, ONE)))
    true = wide[later == 1].sum() / felt[later == 1].sum() - wide[later == 0].sum() / felt[later == 0].sum()
    return world(rows, truth, machine, CODES, gold=gold, seed=seed), true


def test_a_machine_that_errs_in_later_messages_widens_nothing():
    wrong, naive, rounds = 0, [], 30
    for seed in range(rounds):
        facts, _ = of_authors(seed, widen=0.0, gold=700)
        frame = Progression().estimate(facts)
        found = get(frame, by=TURNS, subject=LATER_LESS_FIRST, value_id=NATION, source="corrected")
        wrong += found["low"] > 0 or found["high"] < 0
        naive.append(get(frame, by=CHANGE, subject="wider less narrower")["value"])
    assert wrong <= 5
    assert np.mean(naive) > 0.03, "the machine alone sees a widening"


def test_planted_widening_is_found():
    covered, found_it, rounds = 0, 0, 30
    for seed in range(rounds):
        facts, true = of_authors(100 + seed, widen=0.3, gold=700)
        found = get(Progression().estimate(facts), by=TURNS, subject=LATER_LESS_FIRST, value_id=NATION, source="corrected")
        covered += found["low"] <= true <= found["high"]
        found_it += found["low"] > 0
    assert covered >= 26
    assert found_it >= 28


def test_corrected_rows_pass_the_contract():
    facts, _ = of_authors(3, widen=0.2, gold=600)
    frame = check_measure(Progression(), facts)
    assert get(frame, by=TURNS, subject="later", value_id=NATION, source="corrected")["n_gold"] > 50


def two_weeks(seed, *, newcomers_wide, later_wide, gold=0):
    """Early days hold mostly authors who stay, later ones newcomers. Newcomers are wide with one chance; everyone is wider later by another."""
    rng = np.random.default_rng(seed)
    rows, truth = [], []
    for at in range(4_000):
        late = at % 2
        is_new = rng.random() < (0.8 if late else 0.2)
        author = f"n{at}" if is_new else f"r{rng.integers(0, 40)}"
        day = (7 + at % 3) if late else at % 3
        rows.append(said(at, author, day * 1_440 + int(rng.integers(0, 300))))
        wide = rng.random() < 0.2 + (newcomers_wide if is_new else 0) + (later_wide if late else 0)
        truth.append(feels(NATION if wide else ONE) if rng.random() < 0.5 else {})
    facts = world(rows, truth, truth, CODES, gold=gold, seed=seed, shown=shown([("bilibili:1", START - dt.timedelta(hours=1))]))
    return facts, rows, truth


def test_who_comments_is_told_from_what_they_say():
    for newcomers_wide, later_wide, big, small in ((0.4, 0.0, "mix", "rate"), (0.0, 0.3, "rate", "mix")):
        facts, _, _ = two_weeks(4, newcomers_wide=newcomers_wide, later_wide=later_wide)
        frame = check_measure(Progression(), facts)
        parts = {part: get(frame, by="mix_of_authors", subject=part, value_id=NATION)["value"] for part in ("difference", "mix", "rate")}
        assert parts["mix"] + parts["rate"] == pytest.approx(parts["difference"], abs=1e-12)
        assert parts[big] > 0.12
        assert abs(parts[small]) < 0.05


def test_shares_by_day_and_the_middle():
    facts, rows, truth = two_weeks(5, newcomers_wide=0.4, later_wide=0.0)
    frame = Progression().estimate(facts)
    day = get(frame, by="day", subject="8", value_id=NATION)
    of_day = [one for each, one in zip(rows, truth, strict=True) if (each["sent_at"] - START).days == 8 and one]
    assert (day["count"], day["n"]) == (sum(one["object_of_feeling"] == NATION for one in of_day), len(of_day))
    assert get(frame, by="periods")["value"] == 2


def test_corrected_decomposition():
    facts, _, _ = two_weeks(6, newcomers_wide=0.4, later_wide=0.0, gold=1_500)
    frame = check_measure(Progression(), facts)
    mix, rate = (get(frame, by="mix_of_authors", subject=part, value_id=NATION, source="corrected") for part in ("mix", "rate"))
    assert mix["low"] > 0.05
    assert rate["low"] < 0 < rate["high"]
    few, _, _ = two_weeks(6, newcomers_wide=0.4, later_wide=0.0, gold=60)
    assert get(Progression().estimate(few), by="mix_of_authors", value_id=NATION, source="corrected")["reason"] == "not_estimable"


def test_without_authors_or_times():
    rows = [row(at) for at in range(20)]
    truth = [feels(ONE)] * 20
    frame = check_measure(Progression(), world(rows, truth, truth, CODES))
    assert set(frame["reason"]) == {"no_authors"}
    once = [said(at, f"a{at}", at) for at in range(20)]
    frame = check_measure(Progression(), world(once, truth, truth, CODES))
    assert set(frame.filter(pl.col("by") == CHANGE)["reason"]) == {"no_pairs"}
    assert not Progression().estimate(world(rows, truth, truth, ("affective_empathy",))).height
