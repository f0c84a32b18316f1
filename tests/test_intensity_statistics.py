"""Rates with intervals, exposure scenarios, and what holds in all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.intensity import exposure_scenarios, holds_in_all, rate_interval


def test_by_hand():
    found = rate_interval([4, 0], [2.0, 10.0])
    assert found.rate.tolist() == [2.0, 0.0]
    assert found.low == pytest.approx([stats.gamma.ppf(0.025, 4.5) / 2, 0.0])
    assert found.high == pytest.approx([stats.gamma.ppf(0.975, 4.5) / 2, stats.gamma.ppf(0.975, 0.5) / 10])


def test_overdispersed_counts_have_wider_intervals():
    plain, wide = rate_interval(100, 10), rate_interval(100, 10, dispersion=4)
    assert wide.rate == plain.rate
    assert (wide.high - wide.low) == pytest.approx(2 * (plain.high - plain.low), rel=0.05)


def test_no_exposure_is_said():
    found = rate_interval([0, 3], [0.0, 1.0])
    assert found.known.tolist() == [False, True]
    first, second = found.estimates([0, 3])
    assert (first.value, first.reason) == (None, "no_exposure")
    assert (second.value, second.n) == (3.0, 3)


@pytest.mark.parametrize("mean", [0.5, 3.0, 40.0])
@pytest.mark.parametrize("dispersion", [1, 3])
def test_intervals_cover(mean, dispersion):
    rng = np.random.default_rng(1)
    rates = mean if dispersion == 1 else rng.gamma(mean / (dispersion - 1), dispersion - 1, 4000)
    found = rate_interval(rng.poisson(rates, 4000), 1.0, dispersion=dispersion)
    assert ((found.low <= mean) & (mean <= found.high)).mean() >= 0.91


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30), st.floats(1e-3, 1e6))
def test_more_exposure_scales_rates(counts, factor):
    one, other = rate_interval(counts, 1.0), rate_interval(counts, factor)
    for a, b in ((one.rate, other.rate), (one.low, other.low), (one.high, other.high)):
        assert b * factor == pytest.approx(a)
    assert (one.low <= one.rate).all()
    assert (one.rate <= one.high).all()


@pytest.mark.parametrize(
    ("counts", "exposure", "options", "code"),
    [
        ([1, 2], [1.0, 2.0, 3.0], {}, "YH301"),
        ([-1], [1.0], {}, "YH303"),
        ([float("nan")], [1.0], {}, "YH303"),
        ([1], [float("inf")], {}, "YH303"),
        ([1], [-1.0], {}, "YH303"),
        ([1], [0.0], {}, "YH303"),
        ([1], [1.0], {"dispersion": 0.5}, "YH303"),
        ([1], [1.0], {"dispersion": float("nan")}, "YH303"),
        ([1], [1.0], {"confidence": 1.0}, "YH303"),
    ],
)
def test_hostile_input(counts, exposure, options, code):
    with pytest.raises(YuhuError, match=code):
        rate_interval(counts, exposure, **options)


def test_nothing_in_nothing_out():
    assert rate_interval([], []).estimates([]) == []


def test_scenarios_by_hand():
    found = exposure_scenarios(2, views=100, declared=[1.0, 0.5])
    assert list(found) == ["flat", "half_life_0.25", "half_life_0.5", "half_life_1", "declared"]
    assert found["flat"].tolist() == [100, 100]
    assert found["half_life_0.25"] == pytest.approx([50.0, 12.5])
    assert found["half_life_0.5"] == pytest.approx([100 * 0.5**0.5, 100 * 0.5**1.5])
    assert found["half_life_1"] == pytest.approx([100 * 0.5**0.25, 100 * 0.5**0.75])
    assert found["declared"].tolist() == [100, 50]
    assert "declared" not in exposure_scenarios(2)


@pytest.mark.parametrize(
    ("bins", "options", "code"),
    [(0, {}, "YH303"), (2, {"views": 0}, "YH303"), (2, {"declared": [1.0]}, "YH301"), (1, {"declared": [-1.0]}, "YH303")],
)
def test_scenarios_refuse(bins, options, code):
    with pytest.raises(YuhuError, match=code):
        exposure_scenarios(bins, **options)


def estimate(low, high):
    return Estimate(value=(low + high) / 2, low=low, high=high, confidence=0.95)


def test_only_what_holds_in_all_is_concluded():
    up, wide, down = estimate(1.2, 1.9), estimate(0.8, 1.6), estimate(0.2, 0.9)
    assert holds_in_all({"flat": up, "declared": up}).direction == 1
    assert holds_in_all({"flat": down}).direction == -1
    neither = holds_in_all({"flat": wide, "declared": wide})
    assert (neither.holds, neither.direction, neither.reason) == (True, 0, "")
    mixed = holds_in_all({"flat": up, "half_life_1": wide, "declared": up})
    assert (mixed.holds, mixed.direction, mixed.against_it, mixed.reason) == (False, 0, ("half_life_1",), "depends_on_exposure")
    assert not holds_in_all({"flat": up, "declared": Estimate(value=None, reason="no_exposure")}).holds
    assert holds_in_all({"flat": estimate(0.1, 0.3)}, against=0.0).direction == 1
    with pytest.raises(YuhuError, match="YH303"):
        holds_in_all({})
