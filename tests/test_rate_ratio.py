"""Exact rate ratios against published numbers and scipy; coverage; errors."""

import numpy as np
import pytest
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.rate_ratio import exact_rate_ratio


def test_published_example():
    """The example of R's poisson.test: 11 events in 800, 21 in 3,011; ratio 1.971488, 95 % from 0.8584264 to 4.2772659."""
    found = exact_rate_ratio(11, 800, 21, 3_011)
    assert (found.ratio.value, found.ratio.low, found.ratio.high) == pytest.approx((1.971488, 0.8584264, 4.2772659), abs=1e-6)
    assert found.ratio.n == 32


@pytest.mark.parametrize(("count", "other", "exposure", "elsewhere"), [(3, 9, 10, 40), (0, 4, 5, 5), (20, 1, 2.5, 100), (7, 7, 1, 1)])
def test_the_same_as_from_scipy(count, other, exposure, elsewhere):
    found = exact_rate_ratio(count, exposure, other, elsewhere, confidence=0.9)
    low, high = stats.binomtest(count, count + other).proportion_ci(0.9, "exact")
    odds = elsewhere / exposure
    assert (found.ratio.low, found.ratio.high) == pytest.approx((odds * low / (1 - low), odds * high / (1 - high)))
    chance = exposure / (exposure + elsewhere)
    tails = [stats.binomtest(count, count + other, chance, alternative=side).pvalue for side in ("less", "greater")]
    assert found.p == pytest.approx(min(1.0, 2 * min(tails)))
    assert found.p_mid <= found.p


def test_the_interval_and_the_test_agree():
    for count in range(1, 30):
        found = exact_rate_ratio(count, 100, 12, 150)
        assert (found.p <= 0.05) == (found.ratio.low >= 1 or found.ratio.high <= 1)
        turned = exact_rate_ratio(12, 150, count, 100)
        assert (turned.ratio.low, turned.ratio.high) == pytest.approx((1 / found.ratio.high, 1 / found.ratio.low))


def test_covers_and_keeps_its_level():
    rng = np.random.default_rng(1)
    inside, rejected, rounds = 0, 0, 3_000
    for here, there in zip(rng.poisson(6, rounds).tolist(), rng.poisson(12, rounds).tolist(), strict=True):
        found = exact_rate_ratio(here, 1.0, there, 2.0)
        rejected += found.p <= 0.05
        inside += found.ratio.low is None or found.ratio.low <= 1 <= found.ratio.high
    assert rejected / rounds <= 0.05
    assert inside / rounds >= 0.95


def test_what_cannot_be_said():
    assert exact_rate_ratio(0, 10, 0, 10).ratio.reason == "no_events"
    assert exact_rate_ratio(3, 10, 0, 0).ratio.reason == "no_exposure"
    none = exact_rate_ratio(8, 10, 0, 10)
    assert none.ratio.reason == "none_to_compare"
    assert none.ratio.value is None
    assert none.least > 1
    assert none.p < 0.05


@pytest.mark.parametrize("numbers", [(-1, 1, 0, 1), (1, 0, 0, 1), (1, float("nan"), 1, 1), (1.5, 1, 1, 1)])
def test_numbers_that_make_no_sense(numbers):
    with pytest.raises(YuhuError, match="YH303"):
        exact_rate_ratio(*numbers)
    with pytest.raises(YuhuError, match="YH303"):
        exact_rate_ratio(1, 1, 1, 1, confidence=1)
