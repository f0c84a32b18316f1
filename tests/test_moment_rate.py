"""Rates over media time: by hand, by assumption, per viewer, by code, corrected in windows."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from shown import AE, drawn, shown, studied, video
from test_measures import evidence, get, messages
from yuhu.core.moments_reading import moments_from
from yuhu.measures.moment_rate import MomentRate
from yuhu.testing import check_measure

FLAT = "watching: {retention: flat}"


def rates(facts, method="gamma_poisson_rate.v1"):
    frame = check_measure(MomentRate(), facts)
    return frame.filter((pl.col("method") == method) & pl.col("at_ms").is_not_null())


def test_rates_by_hand():
    rows = [
        *messages(4, key=3, at_ms=1000),
        *messages(6, key=1, at_ms=6000),
        *messages(5, key=2, at_ms=11_000),
        *messages(2, key=1, at_ms=12_000),
    ]
    facts = evidence(rows, [(1, "zh", "affective_empathy", "1")], moments=moments_from(FLAT))
    seen = rates(facts).select("at_ms", "end_ms", "value", "count", "n", "reason").rows()
    assert seen == [
        (0, 5000, None, 4, 13, "masked_stretch"),
        (5000, 10_000, 1.2, 6, 13, ""),
        (10_000, 13_000, pytest.approx(7 / 3), 7, 13, ""),
    ]
    coded = rates(facts, "machine_rate.v1").filter(pl.col("code") == "affective_empathy")
    assert coded.select("value", "count", "n", "low", "reason").rows()[1:] == [
        (1.2, 6, 6, None, "machine_only_not_validated"),
        (pytest.approx(2 / 3), 2, 7, None, "machine_only_not_validated"),
    ]


def test_what_is_not_counted_has_rows_of_its_own():
    special = [{**one, "response_id": f"s{at}", "is_special": True} for at, one in enumerate(messages(3, key=9, at_ms=8000))]
    rows = [*messages(4, key=1, at_ms=1000), *messages(6, key=2, at_ms=8000), *special]
    flags = pl.DataFrame({"response_id": ["r2-0", "r2-1"], "rule": ["greeting_flood", "ritual"]})
    frame = check_measure(MomentRate(), evidence(rows, flags=flags.lazy()))
    counts = {row["method"]: (row["value"], row["n"]) for row in frame.filter(pl.col("reason") == "complete_count").to_dicts()}
    assert counts == {
        "counted_messages.v1": (5.0, 13),
        "masked_messages.v1": (4.0, 13),
        "messages_left_out.v1": (1.0, 13),
        "special_danmaku.v1": (3.0, 13),
    }


def test_average_watching_divides():
    rng = np.random.default_rng(1)
    frame = drawn(rng, "v", 10 * 0.5 ** (np.arange(200) / 50))
    told = {by: part for (by,), part in rates(studied(frame, shown([video("v", 200)])), "local_likelihood.v1").group_by("by")}
    assert set(told) == {"exposure=flat", "exposure=half_life_0.25", "exposure=half_life_0.5", "exposure=half_life_1"}
    even = told["exposure=half_life_0.25"]["value"].drop_nulls()
    assert even.max() / even.min() < 2.5, "watching that halves every quarter explains the fall"
    falls = told["exposure=flat"].sort("at_ms")["value"].drop_nulls()
    assert falls[0] > 5 * falls[-1]


def test_a_rate_per_viewer_needs_views_and_a_curve():
    rows = pl.DataFrame(messages(600, key=1, at_ms=6000, video="v"))
    views = [{"subject": "v", "at": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "name": "views", "value": 1000.0, "source": "s"}]
    curve = [{"video_id": "v", "at_ms": at, "retention": 0.5, "source": "a"} for at in (0, 15_000)]
    unit = "messages per 1,000 viewer-seconds"
    known = get(MomentRate().estimate(studied(rows, shown([video("v", 15)], exposure=curve), metrics=views)), unit=unit)
    assert known["value"] == pytest.approx(600 / (10 * 0.5 * 1000 / 1000))
    assert known["low"] < known["value"] < known["high"]
    for seen in (studied(rows, shown([video("v", 15)], exposure=curve)), studied(rows, shown([video("v", 15)]), metrics=views)):
        assert get(MomentRate().estimate(seen), unit=unit)["reason"] == "watching_unknown"
    cut = MomentRate().estimate(studied(rows, shown([video("v", 15)], exposure=curve, cut=["v"]), metrics=views))
    assert get(cut, unit=unit)["reason"] == "export_was_cut"
    assert get(cut, method="cut_export.v1")["value"] == 1.0


def test_steps_without_viewers_have_no_rate():
    rows = pl.DataFrame(messages(30, key=1, at_ms=6000, video="v"))
    curve = [
        {"video_id": "v", "at_ms": at, "retention": height, "source": "a"}
        for at, height in ((0, 1.0), (9_000, 1.0), (10_000, 0.0), (20_000, 0.0))
    ]
    seen = rates(studied(rows, shown([video("v", 20)], exposure=curve)))
    assert seen["reason"].to_list() == ["masked_stretch", "", "no_exposure", "no_exposure"]


def test_measured_was_asked_for_and_there_is_none():
    rows = pl.DataFrame(messages(30, key=1, at_ms=6000, video="v"))
    frame = check_measure(MomentRate(), studied(rows, shown([video("v", 20)]), spec=moments_from("watching: {retention: measured}")))
    assert get(frame, method="local_likelihood.v1")["reason"] == "no_retention"
    assert frame.filter(pl.col("at_ms").is_not_null()).height == 0


def test_small_cells_of_codes_are_suppressed_and_failures_leave_the_denominator():
    rows = [*messages(4, key=1, at_ms=6000), *messages(9, key=2, at_ms=11_000)]
    failed = pl.DataFrame(
        [{"text_key": 2, "lang": "zh", "code": "anger"}], schema={"text_key": pl.Int64, "lang": pl.String, "code": pl.String}
    )
    frame = check_measure(MomentRate(), evidence(rows, failed=failed.lazy()))
    anger = frame.filter((pl.col("method") == "machine_rate.v1") & (pl.col("code") == "anger"))
    assert anger.select("n", "value", "count", "reason").rows()[1:] == [(4, None, None, "small_cell"), (0, None, None, "small_cell")]


def test_gold_corrects_windows():
    rng = np.random.default_rng(2)
    seconds = np.arange(300)
    share = np.where(seconds < 150, 0.1, 0.6)
    wrong = (np.full(300, 0.1), np.where(seconds < 150, 0.5, 0.0))
    frame = drawn(rng, "v", np.full(300, 8.0), share, wrong=wrong)
    gold = frame["response_id"].sample(900, seed=3)
    facts = studied(
        frame, shown([video("v", 300)]), gold=gold, chance=900 / frame.height, spec=moments_from(f"{FLAT}\nmask: {{first_ms: 0}}")
    )
    found = rates(facts, "corrected_rate.v1").filter(pl.col("low").is_not_null()).sort("at_ms")
    assert found.height == 10
    truth = frame.filter(pl.col("truth")).group_by(window=pl.col("at_ms") // 30_000).len().sort("window")["len"].to_numpy() / 30
    held = [low <= rate <= high for low, high, rate in zip(found["low"], found["high"], truth, strict=True)]
    assert sum(held) >= 8
    machine = rates(facts, "machine_rate.v1").filter((pl.col("code") == AE[0]) & (pl.col("end_ms") <= 150_000))
    assert machine["value"].mean() > 3 * truth[:5].mean(), "the machine alone sees a rise that is not there"
    assert found["n_gold"].sum() == 900


def test_windows_with_too_little_gold_have_none():
    rng = np.random.default_rng(3)
    frame = drawn(rng, "v", np.full(300, 8.0))
    facts = studied(frame, shown([video("v", 300)]), gold=frame["response_id"].head(3))
    assert rates(facts, "corrected_rate.v1").height == 0


def test_nothing_to_measure():
    assert check_measure(MomentRate(), evidence(messages(5))).height == 0
    alone = evidence(messages(9, at_ms=8000), served=())
    assert check_measure(MomentRate(), alone).filter(pl.col("source") == "machine").height == 0


def test_longer_steps_than_bins():
    facts = evidence(messages(30, at_ms=65_000), moments=moments_from("step_ms: 60000\nmask: {first_ms: 0}"))
    assert rates(facts)["end_ms"].to_list() == [60_000, 120_000]
