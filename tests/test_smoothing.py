"""The smooth course of a rate: laws, by brute force, coverage, and where there is too little."""

import numpy as np
import pytest
from scipy import optimize

from yuhu.core.errors import YuhuError
from yuhu.stats.smoothing import local_rate


def test_a_constant_rate_comes_back():
    found = local_rate(np.full(60, 4.0), np.ones(60))
    assert found.rate == pytest.approx(np.full(12, 4.0))
    assert found.expected == pytest.approx(np.full(12, 20.0))
    assert (found.dispersion, found.reason) == (1.0, "")
    assert ((found.low < 4) & (found.high > 4)).all()


def test_a_log_linear_rate_comes_back():
    rate = np.exp(2 + 0.02 * np.arange(100))
    found = local_rate(rate, np.ones(100), reaches=[15.0])
    assert found.rate == pytest.approx(np.exp(2 + 0.02 * (np.arange(20) * 5 + 2)), rel=0.01)


def test_exposure_divides():
    rng = np.random.default_rng(1)
    watching = 0.5 ** (np.arange(200) / 100)
    found = local_rate(rng.poisson(30 * watching), watching)
    assert found.rate == pytest.approx(np.full(40, 30.0), rel=0.25)
    twice = local_rate(rng.poisson(30 * watching), 2 * watching, reaches=[found.reach])
    assert twice.rate == pytest.approx(np.full(40, 15.0), rel=0.25)


def test_one_place_by_brute_force():
    rng = np.random.default_rng(2)
    counts, weight = rng.poisson(5.0, 30).astype(float), rng.uniform(0.5, 2, 30)
    found = local_rate(counts, weight, width=5, reaches=[8.0])
    far = (np.arange(30) - 12) / 8.0
    kernel = np.where(np.abs(far) < 1, 1 - far**2, 0.0)

    def minus(beta):
        mean = weight * np.exp(beta[0] + beta[1] * far)
        return -(kernel * (counts * np.log(mean) - mean)).sum() + beta[1] ** 2 / 2

    assert found.rate[2] == pytest.approx(np.exp(optimize.minimize(minus, [0.0, 0.0], tol=1e-10).x[0]), rel=1e-5)


def test_steps_without_exposure_say_nothing():
    rng = np.random.default_rng(3)
    counts, weight = rng.poisson(6.0, 100).astype(float), np.ones(100)
    weight[20:60] = 0
    counts[20:60] = 0
    found = local_rate(counts, weight, reaches=[10.0])
    assert np.flatnonzero(~found.known).tolist() == [6, 7, 8, 9]
    assert found.rate[found.known] == pytest.approx(np.full(found.known.sum(), 6.0), rel=0.4)
    assert (found.rate[~found.known] == 0).all()


def test_a_peak_is_kept_and_noise_is_smoothed():
    rng = np.random.default_rng(4)
    at = np.arange(300)
    peaked = local_rate(rng.poisson(3 + 12 * np.exp(-(((at - 150) / 6) ** 2))), np.ones(300))
    flat = local_rate(rng.poisson(3.0, 300), np.ones(300))
    assert peaked.reach < 20 < flat.reach
    assert int(np.argmax(peaked.rate)) in {29, 30}
    assert peaked.rate.max() > 8
    assert flat.rate.max() < 4.5


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_intervals_cover_a_flat_course(noise):
    rng = np.random.default_rng(5)
    held, spread = [], []
    for _ in range(150):
        rate = 3 * rng.gamma(1 / noise, noise, 200) if noise else np.full(200, 3.0)
        found = local_rate(rng.poisson(rate), np.ones(200))
        held.append(((found.low <= 3) & (found.high >= 3)).mean())
        spread.append(found.dispersion)
    assert np.mean(held) > 0.9
    assert np.mean(spread) == pytest.approx(1 + 3 * noise, rel=0.15)


def test_too_little_is_said():
    found = local_rate([1, 0, 2, 0, 0, 0], np.ones(6), width=2)
    assert found.reason == "too_few_responses"
    assert found.rate.tolist() == [0.5] * 3
    assert (found.high > 0.5).all()
    nothing = local_rate(np.zeros(4), np.zeros(4), width=2)
    assert (nothing.known.tolist(), nothing.reason) == ([False, False], "too_few_responses")
    assert local_rate([], []).rate.size == 0


def test_a_stretch_without_responses_has_an_upper_end():
    counts = np.zeros(100)
    counts[:20] = 5
    found = local_rate(counts, np.ones(100), reaches=[8.0])
    assert found.rate[-1] == 0
    assert (found.low[-1], found.high[-1] > 0) == (0.0, True)


@pytest.mark.parametrize(
    ("counts", "exposure", "options", "code"),
    [
        ([1.0], [1.0, 1.0], {}, "YH301"),
        ([-1.0], [1.0], {}, "YH303"),
        ([1.0], [0.0], {}, "YH303"),
        ([1.0], [1.0], {"width": 0}, "YH303"),
        ([1.0], [1.0], {"reaches": []}, "YH303"),
        ([1.0], [1.0], {"reaches": [0.0]}, "YH303"),
        ([1.0], [1.0], {"confidence": 1.0}, "YH303"),
    ],
)
def test_hostile_input(counts, exposure, options, code):
    with pytest.raises(YuhuError, match=code):
        local_rate(counts, exposure, **options)
