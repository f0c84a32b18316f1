"""Hawkes: the vector, derivatives, laws, recovery, reasons, hostile input, and how often intervals cover."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats import hawkes
from yuhu.stats.compiled import compiled
from yuhu.stats.hawkes.baseline import baseline_of, cells
from yuhu.stats.hawkes.goodness import distances, goodness
from yuhu.stats.hawkes.likelihood import compensator, events

TIMES, END = np.array([1.0, 2.0, 4.0]), 5.0
HOURS = 10
DAY = HOURS * 3600.0
RISING = np.linspace(0.02, 0.2, HOURS)


def one_level(end):
    return cells(hawkes.constant(0, end), None, 0, end)


def rising(seed, branching=0.3, decay=30.0):
    return hawkes.simulate(end=DAY, baseline="hourly", levels=RISING, branching=branching, decay=decay, seed=seed)


def test_the_vector_of_the_methods():
    found = hawkes.log_likelihood(TIMES, end=END, levels=[0.5], branching=0.5, decay=1.0)
    assert found == pytest.approx(-5.3783427604, abs=5e-11)
    assert compensator(TIMES, one_level(END), np.array([0.5]), 0.5, 1.0) == pytest.approx([0.5, 1.3160602794, 2.9074388242], abs=5e-11)


def test_likelihood_by_double_sum_with_levels_and_exposure():
    base, exposure = hawkes.Baseline([0, 2.5, 5], [0, 1]), ([0, 1.5, 5], [2.0, 3.0])
    levels, n, b = np.array([0.3, 0.4]), 0.45, 1.7
    ages = TIMES[:, None] - TIMES[None]
    excited = n * b * np.where(ages > 0, np.exp(-b * np.abs(ages)), 0).sum(axis=1)
    background = np.array([0.3 * 2, 0.3 * 3, 0.4 * 3])
    whole = 0.3 * (1.5 * 2 + 1 * 3) + 0.4 * 2.5 * 3 + n * (1 - np.exp(-b * (END - TIMES))).sum()
    found = hawkes.log_likelihood(TIMES, end=END, levels=levels, branching=n, decay=1 / b, baseline=base, exposure=exposure)
    assert found == pytest.approx(np.log(background + excited).sum() - whole, abs=1e-12)


def test_derivatives_agree_with_differences():
    rng = np.random.default_rng(2)
    times = np.sort(rng.random(40) * 9)
    data = events(times, cells(hawkes.steps(0, 9, width=3), ([0, 4, 9], [1.0, 2.5]), 0, 9))
    at, size = np.array([0.8, 1.1, 0.6, 0.4, 1.3]), 1e-6

    def slopes(place):
        found = data.surface(place[:3], place[3], place[4])
        return found, np.append(found.by_level, found.by_kernel)

    here, gradient = slopes(at)
    bend = np.zeros((5, 5))
    bend[:3, :3], bend[:3, 3:], bend[3:, :3], bend[3:, 3:] = np.diag(here.levels_bend), here.cross, here.cross.T, here.kernel_bend
    for place, step in enumerate(np.eye(5) * size):
        (above, up), (below, down) = slopes(at + step), slopes(at - step)
        assert (above.value - below.value) / (2 * size) == pytest.approx(gradient[place], rel=1e-6, abs=1e-6)
        assert (up - down) / (2 * size) == pytest.approx(bend[place], rel=1e-5, abs=1e-5)


def test_the_top_is_one_and_errors_are_those_of_the_whole_information():
    times = rising(1)
    found = hawkes.fit(times, end=DAY)
    data = events(times, cells(baseline_of("hourly", 0, DAY), None, 0, DAY))
    n, b = found.branching.value, 1 / found.decay.value
    here = data.surface(found.levels, n, b)
    scale = np.sqrt(times.size)
    assert np.abs(np.append(here.by_level * found.levels, here.by_kernel * [n * (1 - n), b])).max() < 1e-3 * scale
    whole = np.zeros((12, 12))
    whole[:10, :10], whole[:10, 10:], whole[10:, :10], whole[10:, 10:] = (
        np.diag(here.levels_bend),
        here.cross,
        here.cross.T,
        here.kernel_bend,
    )
    error = np.sqrt(np.diag(np.linalg.inv(-whole)))
    logit = stats.norm.ppf(0.975) * error[10] / (n * (1 - n))
    assert found.branching.high == pytest.approx(1 / (1 + (1 - n) / n * np.exp(-logit)), rel=1e-3)
    assert found.decay.high == pytest.approx(found.decay.value * np.exp(1.959964 * error[11] / b), rel=1e-3)
    assert found.levels_error == pytest.approx(error[:10] / found.levels, rel=1e-3)
    assert found.aic == pytest.approx(2 * 12 - 2 * found.log_likelihood)
    assert found.aic < found.aic_baseline


def test_recovery():
    found = hawkes.fit(hawkes.simulate(end=40_000, levels=[1.0], branching=0.6, decay=0.5, seed=1), end=40_000, baseline="constant")
    assert found.branching.low < 0.6 < found.branching.high < 0.62
    assert found.decay.low < 0.5 < found.decay.high
    assert found.levels[0] == pytest.approx(1.0, abs=0.05)
    assert found.goodness.ks_p > 0.05
    assert found.goodness.ljung_box_p > 0.01
    assert found.goodness.qq[1, 50] == pytest.approx(found.goodness.qq[0, 50], rel=0.03)


def test_exposure_explains_what_a_constant_baseline_cannot():
    views = np.array([100.0, 2000, 500, 50, 1000])
    exposure = (np.linspace(0, DAY, 6), views)
    times = hawkes.simulate(end=DAY, levels=[1e-4], branching=0, decay=1, exposure=exposure, seed=4)
    assert hawkes.fit(times, end=DAY, baseline="constant", exposure=exposure).branching.reason == "baseline_suffices"
    assert hawkes.fit(times, end=DAY, baseline="constant").is_excited
    found = hawkes.fit(times, end=DAY, baseline="constant", exposure=exposure)
    assert found.levels[0] == pytest.approx(times.size / (views.sum() * DAY / 5))


def test_laws_of_shift_and_unit():
    times = rising(3)
    here = hawkes.fit(times, end=DAY)
    moved = hawkes.fit(times + 1e6, start=1e6, end=DAY + 1e6)
    assert moved.branching.value == pytest.approx(here.branching.value, rel=1e-6)
    assert moved.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-4)
    minutes = hawkes.fit(times / 60, end=DAY / 60, baseline=hawkes.steps(0, DAY / 60, width=60))
    assert minutes.branching.low == pytest.approx(here.branching.low, rel=1e-4)
    assert minutes.decay.value * 60 == pytest.approx(here.decay.value, rel=1e-4)
    assert minutes.levels / 60 == pytest.approx(here.levels, rel=1e-4)
    views = hawkes.fit(times, end=DAY, exposure=([0, DAY], [7.0]))
    assert views.levels * 7 == pytest.approx(here.levels, rel=1e-4)
    assert views.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-6)


def test_order_is_irrelevant_and_nothing_is_left_to_chance():
    times = rising(3)
    mixed = np.random.default_rng(0).permutation(times)
    first, second = hawkes.fit(times, end=DAY, draws=3), hawkes.fit(mixed, end=DAY, draws=3)
    assert repr(first) == repr(second)
    whole = np.floor(times)
    assert repr(hawkes.fit(whole, end=DAY, precision=1, refits=3)) == repr(hawkes.fit(whole, end=DAY, precision=1, refits=3))
    assert repr(hawkes.fit(whole, end=DAY, precision=1, refits=3, seed=1)) != repr(hawkes.fit(whole, end=DAY, precision=1, refits=3))


def test_whole_seconds_are_fitted_many_times_and_the_spread_is_told():
    times = rising(5)
    exact, whole = hawkes.fit(times, end=DAY), hawkes.fit(np.floor(times), end=DAY, precision=1.0)
    assert whole.spread.branching.size == whole.spread.decay.size == 20
    assert 0 < whole.spread.branching.std() < 0.01
    assert whole.branching.value == pytest.approx(exact.branching.value, abs=0.02)
    assert exact.spread is None


def test_coarse_times_widen_the_interval_by_rubins_rule():
    times = hawkes.simulate(end=DAY, levels=[0.1], branching=0.4, decay=20.0, seed=6)
    found = hawkes.fit(np.floor(times / 15) * 15, end=DAY, precision=15.0, baseline="constant")
    z = np.log(found.spread.branching / (1 - found.spread.branching))
    half = (np.log(found.branching.high / (1 - found.branching.high)) - np.log(found.branching.low / (1 - found.branching.low))) / 2
    assert half > 1.96 * np.sqrt((1 + 1 / 20) * z.var(ddof=1))
    assert np.log(found.branching.value / (1 - found.branching.value)) == pytest.approx(z.mean())


def test_bootstrap_of_the_fit_tests():
    found = hawkes.fit(rising(7), end=DAY, draws=39)
    assert found.goodness.draws == 39
    assert found.goodness.ks_p_bootstrap >= 1 / 40
    assert found.goodness.ks_p_bootstrap <= found.goodness.ks_p + 0.1
    assert 0.05 < found.goodness.ljung_box_p_bootstrap <= 1


def test_the_bootstrap_takes_off_what_the_levels_soaked_up():
    times = rising(11, 0.5, 60.0)
    plain, corrected = hawkes.fit(times, end=DAY), hawkes.fit(times, end=DAY, draws=39)
    assert plain.branching.value < corrected.branching.value < plain.branching.value + 0.15
    assert corrected.branching.low <= 0.5 <= corrected.branching.high
    few = hawkes.fit(times, end=DAY, draws=5)
    assert few.branching == plain.branching


def test_a_wrong_model_is_found_out():
    rng = np.random.default_rng(1)
    regular = np.cumsum(rng.gamma(4, 2.5, 2000))
    found = hawkes.fit(regular, end=float(regular[-1]) + 1, baseline="constant", draws=19)
    assert found.goodness.ks_p < 1e-6
    assert found.goodness.ks_p_bootstrap == 1 / 20


def test_distances_by_hand():
    steps = np.array([0.1, 0.5, 1.0, 2.0])
    ks, _, lags = distances(steps, steps)
    assert ks == pytest.approx(stats.kstest(steps, "expon").statistic)
    assert lags == 1
    many = np.random.default_rng(3).exponential(size=200)
    centred = many - many.mean()
    linked = [(centred[k:] * centred[:-k]).sum() / (centred**2).sum() for k in range(1, 21)]
    assert distances(many, np.sort(many))[1] == pytest.approx(200 * 202 * sum(r**2 / (200 - k) for k, r in enumerate(linked, 1)))
    assert goodness(steps, np.zeros((0, 2))) is None


def test_day_and_night():
    base = hawkes.day_night(0, 2 * 86400, offset=8 * 3600)
    assert base.edges.tolist() == [0, 15 * 3600, 23 * 3600, 39 * 3600, 47 * 3600, 48 * 3600]
    assert base.level.tolist() == [0, 1, 0, 1, 0]
    assert hawkes.day_night(0, 2 * 86400, by_date=True).level.tolist() == [0, 1, 2, 3, 4]
    times = hawkes.simulate(end=2 * 86400, baseline=base, levels=[0.02, 0.002], branching=0.3, decay=60, seed=1)
    assert hawkes.fit(times, end=2 * 86400, baseline=base).levels == pytest.approx([0.02, 0.002], rel=0.2)


@pytest.mark.parametrize("count", [0, 1, 2, 49])
def test_too_few_events(count):
    found = hawkes.fit(np.linspace(1, 9, count), end=DAY)
    assert (found.branching.value, found.branching.reason, found.decay.reason, found.n) == (None, "too_few_events", "too_few_events", count)
    assert (found.levels * 3600).sum() == pytest.approx(count)
    assert (found.goodness is None) == (count < 10)


def test_a_baseline_as_flexible_as_the_data():
    times = rising(1)
    many = hawkes.fit(times, end=DAY, baseline=hawkes.steps(0, DAY, width=5))
    assert (many.branching.reason, many.aic) == ("baseline_as_flexible", None)
    waves = hawkes.simulate(end=DAY, levels=[0.01, 0.2, 0.03], baseline=hawkes.steps(0, DAY, width=DAY / 3), branching=0, decay=1, seed=3)
    turns = hawkes.Baseline(np.arange(0, DAY + 1, 300.0), np.arange(120) % 2)
    slow = hawkes.simulate(end=DAY, levels=[0.05], branching=0.5, decay=1000.0, seed=2)
    assert hawkes.fit(slow, end=DAY, baseline=turns).branching.reason == "baseline_as_flexible"
    assert hawkes.fit(waves, end=DAY, baseline="constant").branching.reason == "not_stationary"


def test_other_reasons():
    poisson = np.sort(np.random.default_rng(1).random(2000) * DAY)
    assert hawkes.fit(poisson, end=DAY).branching.reason == "baseline_suffices"
    burst = DAY - np.geomspace(1, DAY - 1, 2000)
    assert hawkes.fit(burst, end=DAY, baseline="constant").branching.reason == "not_stationary"
    pairs = np.sort(np.concatenate([np.arange(0, DAY, 60.0), np.arange(0, DAY, 60.0)]))
    assert hawkes.fit(pairs, end=DAY, precision=1.0, refits=3).branching.reason == "finer_than_clock"


def test_an_hour_without_events_has_level_0():
    times = np.concatenate([rising(2)[:400] % 3600, 7200 + np.linspace(1, 3000, 100)])
    found = hawkes.fit(times, end=3 * 3600)
    assert found.levels[1] == 0
    assert found.levels_error[1] == 0


EXACT = {"end": 10.0, "baseline": "constant"}


@pytest.mark.parametrize(
    ("times", "options", "words"),
    [
        ([1, float("nan")], EXACT, "outside of the window"),
        ([1, float("inf")], EXACT, "outside of the window"),
        ([-1, 2], EXACT, "outside of the window"),
        ([1, 11], EXACT, "outside of the window"),
        ([1, 1], EXACT, "same time"),
        ([1], {**EXACT, "start": 10.0}, "does not come after"),
        ([1], {**EXACT, "end": float("nan")}, "does not come after"),
        ([1], {**EXACT, "precision": -1}, "precision"),
        ([1], {**EXACT, "precision": float("nan")}, "precision"),
        ([1], {**EXACT, "precision": 1, "refits": 1}, "refits"),
        ([1], {**EXACT, "draws": -1}, "draws"),
        ([1], {**EXACT, "confidence": 1.0}, "confidence"),
        ([1], {**EXACT, "baseline": "weekly"}, "no baseline has this name"),
        ([1], {**EXACT, "baseline": hawkes.Baseline([0, 5], [0])}, "does not cover"),
        ([1], {**EXACT, "exposure": ([0, 5], [1])}, "does not cover"),
        ([1], {**EXACT, "exposure": ([0, 5, 10], [1, -1])}, "negative"),
        ([1], {**EXACT, "exposure": ([0, 5, 10], [1, float("nan")])}, "not finite"),
        ([1], {**EXACT, "exposure": ([0, 10], [0])}, "0 throughout"),
        ([1], {**EXACT, "exposure": ([0, 5, 10], [0, 1])}, "lies where exposure is 0"),
        ([1], {**EXACT, "exposure": ([0, 5, 5, 10], [1, 1, 1])}, "does not come after the one before"),
    ],
)
def test_hostile_input(times, options, words):
    with pytest.raises(YuhuError, match=words) as caught:
        hawkes.fit(times, **options)
    assert caught.value.code == "YH303"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: hawkes.fit([1], end=10, exposure=([0, 5, 10], [1])), "YH301"),
        (lambda: hawkes.Baseline([0, 5, 10], [0]), "YH301"),
        (lambda: hawkes.Baseline([0, 5, 10], [0, 2]), "YH303"),
        (lambda: hawkes.Baseline([0, 5, 10], [0.0, 1.0]), "YH303"),
        (lambda: hawkes.Baseline([5, 0], [0]), "YH303"),
        (lambda: hawkes.steps(0, 10, width=0), "YH303"),
        (lambda: hawkes.steps(0, 1e9, width=1e-3), "YH303"),
        (lambda: hawkes.day_night(0, 10, day=(23, 7)), "YH303"),
        (lambda: hawkes.simulate(end=10, levels=[1], branching=1, decay=1), "YH303"),
        (lambda: hawkes.simulate(end=10, levels=[-1], branching=0, decay=1), "YH303"),
        (lambda: hawkes.simulate(end=10, levels=[1, 2], branching=0, decay=1), "YH301"),
        (lambda: hawkes.log_likelihood([1], end=10, levels=[0], branching=0.1, decay=1), "YH303"),
        (lambda: hawkes.log_likelihood([1], end=10, levels=[1, 1], branching=0.1, decay=1), "YH301"),
    ],
)
def test_hostile_models(call, code):
    with pytest.raises(YuhuError) as caught:
        call()
    assert caught.value.code == code


def test_numba_is_loaded_only_where_it_is_needed():
    script = "import sys, yuhu.stats.hawkes, yuhu.stats.two_clock; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_without_any_place_for_a_cache_it_is_compiled_anew(tmp_path):
    package = Path(hawkes.__file__).parents[2]
    for name in ("core", "stats"):
        shutil.copytree(package / name, tmp_path / "yuhu" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "yuhu" / "__init__.py").write_text("", "utf-8")
    (tmp_path / "yuhu" / "stats" / "hawkes" / "__pycache__").write_text("a file where the cache would be", "utf-8")
    blocked = tmp_path / "no folder"
    blocked.write_text("", "utf-8")
    script = (
        "import numpy as np; from yuhu.stats.hawkes.recursion import alive_before as f; a = np.empty(2); "
        "f(np.array([1.0, 0.5]), a); print(a.tolist(), type(f._cache).__name__)"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(blocked), "XDG_CACHE_HOME": str(blocked), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("NUMBA_CACHE_DIR", None)
    out = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True, env=env, cwd=tmp_path)
    assert out.stdout.strip() == "[0.0, 0.5] NullCache"


def test_compiled_falls_back(monkeypatch):
    plain = numba.njit

    def refusing(*arguments, cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return plain(*arguments, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    assert compiled(lambda x: x + 1)(1) == 2


ROUNDS = 200


@pytest.mark.slow
@pytest.mark.parametrize("draws", [0, 59])
@pytest.mark.parametrize(("branching", "decay"), [(0.2, 60.0), (0.5, 20.0), (0.5, 60.0), (0.8, 60.0), (0.5, 300.0)])
def test_intervals_cover(branching, decay, draws):
    covered, given, values, rounds = np.zeros(2), 0, [], 60 if draws else ROUNDS
    for seed in range(rounds):
        found = hawkes.fit(rising(1000 + seed, branching, decay), end=DAY, draws=draws)
        if found.branching.is_defined:
            given += 1
            values.append(found.branching.value)
            covered += [found.branching.low <= branching <= found.branching.high, found.decay.low <= decay <= found.decay.high]
    shares = covered / given
    print(  # noqa: T201
        f"\n| {branching} | {decay:.0f} s | {draws or 'none'} | {given} of {rounds} | {np.mean(values):.3f} | {shares[0]:.3f} | {shares[1]:.3f} |"
    )
    if draws and branching >= 0.5 and decay <= 60:
        assert given > 0.95 * rounds
        assert shares.min() >= 0.85


@pytest.mark.slow
def test_how_often_excitation_is_seen_where_there_is_none():
    seen = np.zeros(3)
    for seed in range(ROUNDS):
        times = rising(5000 + seed, 0.0)
        for place, base in enumerate(("constant", hawkes.steps(0, DAY, width=DAY / 3), "hourly")):
            seen[place] += hawkes.fit(times, end=DAY, baseline=base).is_excited
    print(f"\n| no excitation, rising by the hour | {' | '.join(f'{share:.3f}' for share in seen / ROUNDS)} |")  # noqa: T201
    assert seen[0] == ROUNDS
    assert seen[2] < 0.09 * ROUNDS


@pytest.mark.slow
def test_level_of_the_fit_test():
    plain = bootstrap = 0
    rounds = 100
    for seed in range(rounds):
        times = hawkes.simulate(end=6000, levels=[0.05], branching=0.4, decay=20, seed=9000 + seed)
        found = hawkes.fit(times, end=6000, baseline="constant", draws=99)
        plain += found.goodness.ks_p <= 0.05
        bootstrap += found.goodness.ks_p_bootstrap <= 0.05
    print(f"\n| KS at 5 % | asymptotic {plain / rounds:.3f} | bootstrap {bootstrap / rounds:.3f} |")  # noqa: T201
    assert plain <= 0.03 * rounds
    assert bootstrap <= 0.11 * rounds
