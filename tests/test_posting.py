"""Did messages draw messages: planted excitation is found, a rise by the hour is not taken for it, and costs are bounded."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from test_measures import evidence, get
from yuhu.core.moments import Posting as Spec
from yuhu.core.moments_reading import moments_from
from yuhu.measures.posting import PLAIN_EVENTS, Posting, dense, planned
from yuhu.stats import hawkes
from yuhu.testing import check_measure

START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
HOURS = 10
RISING = np.linspace(0.01, 0.1, HOURS)


def rows_of(times, *, video="bilibili:1", kind="danmaku", authors=None, precision=1):
    """A message for each second since the start."""
    found = np.floor(np.asarray(times) / precision) * precision
    return pl.DataFrame({"sent": (found * 1000).astype(np.int64)}).select(
        response_id=pl.format("{}-{}-{}", pl.lit(video), pl.lit(kind), pl.int_range(pl.len())),
        text_key=pl.lit(1, dtype=pl.Int64),
        lang=pl.lit("zh"),
        video_id=pl.lit(video),
        kind=pl.lit(kind),
        at_ms=pl.lit(None, dtype=pl.Int64),
        sent_at=(pl.lit(START) + pl.duration(milliseconds="sent")).cast(pl.Datetime("ms", "UTC")),
        sent_at_precision_s=pl.lit(precision, dtype=pl.Int32),
        author_key=pl.Series([f"a{at}" for at in range(len(found))] if authors is None else authors, dtype=pl.String),
        is_special=pl.lit(value=False),
    )


def drawn(branching, *, seed=1, decay=20.0):
    return hawkes.simulate(end=HOURS * 3600, levels=RISING, branching=branching, decay=decay, baseline="hourly", seed=seed)


def estimated(rows, spec="posting: {draws: 39}", **more):
    return check_measure(Posting(), evidence(rows, moments=moments_from(spec), **more))


def test_planted_excitation_is_found():
    frame = estimated(rows_of(drawn(0.5)))
    found = get(frame, by="branching")
    assert found["low"] <= 0.5 <= found["high"]
    assert (found["value_id"], found["method"], found["rung"], found["source"]) == (
        "danmaku",
        "hawkes_bootstrap.v1",
        "A-within",
        "observed",
    )
    decay = get(frame, by="decay")
    assert decay["low"] <= 20 <= decay["high"]
    assert decay["unit"] == "seconds"
    assert get(frame, by="aic_gain")["value"] > 2
    for test in ("kolmogorov_smirnov", "ljung_box"):
        assert get(frame, by=test)["value"] > 0.025
        assert (get(frame, by=test)["unit"], get(frame, by=test)["reason"]) == ("p", "test_alone")
    assert get(frame, by="branching_of_first")["value"] == pytest.approx(found["value"], abs=0.02)
    window = get(frame, by="window")
    assert window["value"] == pytest.approx(HOURS, abs=0.3)
    assert abs((window["at"] - START).total_seconds()) < 600


def test_a_rise_by_the_hour_is_no_excitation():
    rows = rows_of(drawn(0.0, seed=4))
    assert get(estimated(rows), by="branching")["reason"] == "baseline_suffices"
    stiff = get(estimated(rows, "posting: {draws: 39, baseline: constant}"), by="branching")
    assert stiff["reason"] != "baseline_suffices"


def test_people_who_send_several_in_a_row_are_seen_through():
    first = drawn(0.0, seed=4)
    again = np.concatenate([first, first[::2] + 15, first[::4] + 30])
    names = [f"a{at}" for at in range(first.size)]
    order = np.argsort(again)
    authors = np.array([*names, *names[::2], *names[::4]])[order]
    frame = estimated(rows_of(again[order], authors=authors.tolist()))
    assert get(frame, by="aic_gain")["value"] > 20
    assert get(frame, by="branching")["value"] > 0.2
    assert get(frame, by="branching_of_first")["reason"] == "baseline_suffices"


def test_an_interval_needs_a_model_that_the_times_follow():
    rng = np.random.default_rng(2)
    drawings = rng.uniform(0, HOURS * 3600, 60)[:, None] + 4.0 * np.arange(12)
    times = np.sort(np.concatenate([drawings.ravel(), rng.uniform(0, HOURS * 3600, 400)]))
    frame = estimated(rows_of(times[times < HOURS * 3600]))
    found = get(frame, by="branching")
    assert found["value"] > 0.1
    assert (found["low"], found["high"], found["reason"]) == (None, None, "model_rejected")
    assert min(get(frame, by=test)["value"] for test in ("kolmogorov_smirnov", "ljung_box")) <= 0.025


def test_kinds_apart_and_replies_with_comments():
    rows = pl.concat(
        [
            rows_of(drawn(0.5)),
            rows_of(drawn(0.3, seed=2), kind="comment"),
            rows_of(drawn(0.3, seed=3)[:100], kind="reply"),
            rows_of([5], kind="post"),
        ]
    )
    frame = estimated(rows)
    kinds = frame.filter(pl.col("by") == "branching").select("value_id", "reason").rows()
    assert [kind for kind, _ in kinds] == ["comment", "danmaku", "post"]
    assert kinds[2][1] == "too_few_events"
    assert get(frame, by="window", value_id="comment")["n"] == drawn(0.3, seed=2).size + 100


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (rows_of(drawn(0.5)[:49]), "too_few_events"),
        (rows_of(drawn(0.5), precision=86_400), "posting_time_coarse"),
        (rows_of(drawn(0.5)).with_columns(sent_at=pl.lit(None, dtype=pl.Datetime("ms", "UTC"))), "posting_time_coarse"),
        (rows_of(np.zeros(60)), "finer_than_clock"),
        (rows_of(np.arange(200) * 7200.0), "baseline_as_flexible"),
    ],
)
def test_what_gives_no_value(rows, reason):
    found = get(estimated(rows), by="branching")
    assert (found["value"], found["reason"]) == (None, reason)


def test_one_coarse_time_does_not_spoil_the_others():
    rows = rows_of(drawn(0.5))
    mixed = pl.concat([rows, rows_of([0], precision=3600).with_columns(response_id=pl.lit("x"))])
    assert get(estimated(mixed), by="branching")["value"] == get(estimated(rows), by="branching")["value"]


def test_a_tail_is_left_out_of_an_hourly_baseline():
    tail = HOURS * 3600 + np.arange(600) * 86_400.0
    frame = estimated(rows_of(np.concatenate([drawn(0.5), tail])))
    window = get(frame, by="window")
    assert window["count"] < window["n"]
    assert window["count"] >= 10 * (window["count"] - drawn(0.5).size)
    assert get(frame, by="branching")["value"] is not None
    assert dense(np.concatenate([np.arange(100.0), 3600 * np.arange(1, 50)])) == 110
    assert dense(np.arange(60) * 3600.0) == 60


def test_costs_are_planned_by_size_alone():
    assert planned([], Spec()) == []
    [alone] = planned([100_000], Spec())
    assert (alone.events, alone.refits, alone.draws) == (100_000, 20, 40)
    plans = planned([5_000] * 5 + [200], Spec(bootstrapped=5))
    assert [plan.draws for plan in plans] == [99, 99, 99, 99, 99, 0]
    assert plans[5].events == PLAIN_EVENTS
    many = planned([20_000] * 1000, Spec())
    assert sum(plan is not None for plan in many) == 100
    assert [plan.draws for plan in many[:21]] == [39] * 20 + [0]
    assert planned([10, 60, 60, 70], Spec(most=1))[:3] == [None, None, None]
    assert planned([1000], Spec(draws=19))[0].draws == 19


def test_beyond_the_largest_plain_intervals_and_then_none():
    videos = [(0.5, 1, 4000), (0.5, 2, 600), (0.5, 3, 300)]
    rows = pl.concat([rows_of(drawn(n, seed=seed)[:size], video=f"bilibili:{seed}") for n, seed, size in videos])
    frame = estimated(rows, "posting: {draws: 39, most: 2, bootstrapped: 1}")
    assert get(frame, by="branching", subject="bilibili:1")["method"] == "hawkes_bootstrap.v1"
    assert get(frame, by="branching", subject="bilibili:2")["method"] == "hawkes_information.v1"
    assert get(frame, by="kolmogorov_smirnov", subject="bilibili:2")["method"] == "time_rescaling_usual.v1"
    assert get(frame, by="branching", subject="bilibili:3")["reason"] == "not_fitted"
    assert not frame.filter((pl.col("by") == "branching_of_first") & (pl.col("subject") == "bilibili:2")).height


def test_views_stand_behind_a_stiff_baseline():
    times = drawn(0.0, seed=6)
    totals = np.concatenate([[0], np.cumsum(RISING * 1e6)])
    metrics = [
        {"subject": "bilibili:1", "at": START + dt.timedelta(hours=hour - 1), "name": "views", "value": float(total)}
        for hour, total in enumerate([0, *totals, totals[-1] + 1e5])
    ]
    metrics[0]["value"] = -1.0
    metrics = metrics[1:]
    spec = "posting: {draws: 0, baseline: constant}"
    with_views = get(estimated(rows_of(times), spec, metrics=metrics), by="aic_gain")
    without = get(estimated(rows_of(times), spec), by="aic_gain")
    assert with_views["value"] < without["value"] - 50


def test_day_and_night_are_local():
    day = np.sort(np.random.default_rng(1).uniform(0, 86_400 * 3, 4000))
    local = (day / 3600 + 8) % 24
    times = day[(local >= 7) & (local < 23)]
    aware = get(estimated(rows_of(times), "posting: {draws: 0, baseline: day_night}"), by="aic_gain")
    wrong = get(estimated(rows_of(times), "posting: {draws: 0, baseline: day_night, offset_hours: 0}"), by="aic_gain")
    assert aware["value"] < 2 < wrong["value"]


def test_nothing_to_measure():
    assert not estimated(rows_of([])).height
