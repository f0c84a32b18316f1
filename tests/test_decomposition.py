"""Mix and rate by hand, the exact identity, intervals that cover; shares within strata."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yuhu.core.errors import YuhuError
from yuhu.stats.decomposition import BATCHES, decomposed, kitagawa
from yuhu.stats.strata import mantel_haenszel


def test_by_hand():
    """First 50:50 with rates .2 and .4, then 20:80 with .3 and .5: .30 to .46; mix −.3·.25 + .3·.45 = .06; rate .1·.35 + .1·.65 = .10."""
    found = kitagawa(np.array([[50, 50], [20, 80]]), np.array([[10, 20], [6, 40]]))
    assert (found.difference, found.mix, found.rate) == pytest.approx((0.16, 0.06, 0.10))
    assert found.of_mix == pytest.approx([-0.075, 0.135])
    assert found.of_rate == pytest.approx([0.035, 0.065])


def test_a_kind_in_one_population_belongs_to_the_mix():
    found = kitagawa(np.array([[10, 0], [5, 5]]), np.array([[1, 0], [0.5, 4]]))
    assert found.rate == pytest.approx(0)
    assert found.mix == pytest.approx(0.35)


@given(arrays(np.int64, (2, 4), elements=st.integers(0, 50)), arrays(np.float64, (2, 4), elements=st.floats(0, 1)))
@settings(max_examples=200, deadline=None)
def test_the_parts_add_up(units, rates):
    units = units.astype(float)
    units[:, 0] += 1
    hits = units * rates
    found = kitagawa(units, hits)
    shares = hits.sum(axis=1) / units.sum(axis=1)
    assert found.mix + found.rate == pytest.approx(shares[1] - shares[0], abs=1e-12)
    assert found.of_mix.sum() + found.of_rate.sum() == pytest.approx(found.difference, abs=1e-12)
    turned = kitagawa(units[::-1], hits[::-1])
    assert (turned.mix, turned.rate) == pytest.approx((-found.mix, -found.rate), abs=1e-12)


def authors(rng, n, late_mix=0.7, late_rate=0.1):
    """Authors of two kinds, each in one period, some of whom write much and are alike in what they say."""
    period, size = rng.integers(0, 2, n), rng.geometric(0.5, n)
    kind = (rng.random(n) < np.where(period, late_mix, 0.3)).astype(int)
    chance = rng.beta(2, 5, n) * 0.5 + 0.3 * kind + late_rate * period
    units, hits = np.zeros((n, 2, 2)), np.zeros((n, 2, 2))
    units[np.arange(n), period, kind] = size
    hits[np.arange(n), period, kind] = rng.binomial(size, np.clip(chance, 0, 1))
    return units, hits


def test_intervals_cover():
    """Mix .4·.3 = .12 and rate .1 hold in the world that authors come from."""
    rng = np.random.default_rng(3)
    rounds, inside = 200, np.zeros(3)
    for _ in range(rounds):
        parts = decomposed(*authors(rng, 300), rng, draws=199)
        inside += [one.low <= true <= one.high for one, true in zip(parts, (0.22, 0.12, 0.10), strict=True)]
    assert (inside / rounds >= 0.89).all(), inside
    assert (inside / rounds <= 0.99).all(), inside


def test_many_authors_in_batches_have_the_same_interval():
    rng = np.random.default_rng(4)
    units, hits = authors(rng, 4 * BATCHES)
    wide = decomposed(units, hits, np.random.default_rng(1))[1]
    again = decomposed(units, hits, np.random.default_rng(1))[1]
    assert wide == again
    size = units.shape[0]
    drawn = [kitagawa(units[at].sum(axis=0), hits[at].sum(axis=0)).mix for at in (rng.integers(0, size, size) for _ in range(200))]
    assert wide.high - wide.low == pytest.approx(np.quantile(drawn, 0.975) - np.quantile(drawn, 0.025), rel=0.25)


def test_too_few_and_none():
    units, hits = authors(np.random.default_rng(5), 9)
    found = decomposed(units, hits, np.random.default_rng(0))
    assert {one.reason for one in found} == {"too_few_resampled"}
    empty = np.zeros((20, 2, 2))
    assert {one.reason for one in decomposed(empty, empty, np.random.default_rng(0))} == {"no_units"}
    with pytest.raises(YuhuError, match="YH303"):
        kitagawa(np.array([[0, 0], [1, 1]]), np.zeros((2, 2)))
    with pytest.raises(YuhuError, match="YH301"):
        kitagawa(np.ones((2, 2)), np.ones((2, 3)))


def test_within_strata_by_hand():
    """Strata of 10 and 30: (4·6 − 2·4)/10 … = 1.6, (10·20 − 5·10)/30 = 5; weights 2.4 and 6.667."""
    difference, ratio = mantel_haenszel([[4, 10], [2, 5]], [[4, 10], [6, 20]])
    assert difference == pytest.approx((1.6 + 5) / (2.4 + 200 / 30))
    assert ratio == pytest.approx((4 * 6 / 10 + 10 * 20 / 30) / (2 * 4 / 10 + 5 * 10 / 30))
    assert mantel_haenszel([[1, 0], [0, 1]], [[3, 0], [0, 3]]) == (None, None)
    assert mantel_haenszel([[1], [0]], [[3], [3]]) == (pytest.approx(1 / 3), None)
    with pytest.raises(YuhuError, match="YH301"):
        mantel_haenszel([[1], [0]], [[3, 1], [3, 1]])
