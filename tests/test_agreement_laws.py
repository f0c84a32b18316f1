"""Laws that agreement obeys whatever the ratings, each beside its slow definition."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import slow_agreement as slow
from ratings import DESIGNS, rated
from yuhu.core.randomness import generator
from yuhu.stats.agreement import (
    agreement,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    scott_pi,
    specific_agreement,
)
from yuhu.stats.agreement.coefficients import alpha as alpha_coefficient
from yuhu.stats.agreement.intervals import drawn, frame, jackknife_error, left_out
from yuhu.stats.agreement.patterns import coder_patterns, count_patterns
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.resampling import Resampler
from yuhu.stats.agreement.units import units_of

LEVELS = ("nominal", "ordinal", "interval", "ratio")
VALUES = (0.0, 1.0, 2.0, 3.0)
CELL = st.one_of(st.sampled_from(VALUES), st.just(math.nan))


@st.composite
def tables(draw, coders=(2, 4), units=(1, 12)):
    m, n = draw(st.integers(*coders)), draw(st.integers(*units))
    return np.array(draw(st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=m, max_size=m)), float)


def close(found, expected):
    if math.isnan(expected):
        return found.value is None
    return found.value == pytest.approx(expected, abs=1e-9)


@given(tables(), st.sampled_from(LEVELS))
def test_alpha_is_its_definition(ratings, level):
    found = krippendorff_alpha(ratings, level=level, draws=100)
    assume(found.reason != "one_pairable_unit")  # one unit has no alpha here, its definition has a number
    assert close(found, slow.alpha(ratings, level))


@given(tables(units=(2, 10)), st.sampled_from(LEVELS), st.data())
def test_weighted_alpha_is_its_definition(ratings, level, data):
    n = ratings.shape[1]
    weights = np.array(data.draw(st.lists(st.sampled_from([1.0, 2.5, 7.0]), min_size=n, max_size=n)))
    found = krippendorff_alpha(ratings, level=level, weights=weights, draws=100)
    assume(found.reason != "one_pairable_unit")
    assert close(found, slow.alpha(ratings, level, weights))


@given(tables(units=(2, 12)), st.data())
def test_the_kappa_family_is_its_definition(ratings, data):
    n = ratings.shape[1]
    weights = np.array(data.draw(st.lists(st.sampled_from([1.0, 3.0]), min_size=n, max_size=n)))
    for function, definition in ((gwet_ac1, slow.gwet_ac1), (fleiss_kappa, slow.fleiss), (conger_kappa, slow.conger)):
        found = function(ratings, values=VALUES, weights=weights)
        if found.value is not None:
            assert found.value == pytest.approx(definition(ratings, VALUES, weights), abs=1e-9)
    percent = percent_agreement(ratings, weights=weights)
    assert percent.value is None or percent.value == pytest.approx(slow.agreed(ratings, weights))
    for value in VALUES:
        assert close(specific_agreement(ratings, value=value, values=VALUES, weights=weights), slow.specific(ratings, value, weights))


@given(tables(coders=(2, 2), units=(2, 14)))
def test_two_coders(ratings):
    weights = np.ones(ratings.shape[1])
    for function, definition in ((cohen_kappa, slow.cohen), (scott_pi, slow.scott)):
        found = function(ratings, values=VALUES)
        if found.value is not None:
            assert found.value == pytest.approx(definition(ratings, VALUES, weights), abs=1e-9)


def everything(ratings, level="nominal", **more):
    found = agreement(ratings, level=level, values=VALUES, draws=200, **more)
    return [(each.method, each.value, each.low, each.high, each.n, each.reason) for each in found.estimates], found.p_below


@given(tables(units=(2, 30)), st.randoms(use_true_random=False), st.sampled_from(LEVELS))
def test_the_order_of_coders_and_units_is_irrelevant(ratings, random, level):
    coders, units = list(range(ratings.shape[0])), list(range(ratings.shape[1]))
    random.shuffle(coders)
    random.shuffle(units)
    before, after = everything(ratings, level), everything(ratings[coders][:, units], level)
    assert before[1] == after[1]
    for first, second in zip(before[0], after[0], strict=True):
        assert first[0] == second[0]
        assert first[4:] == second[4:]
        for one, two in zip(first[1:4], second[1:4], strict=True):
            assert one == pytest.approx(two, abs=1e-9)


@given(tables(units=(2, 30)), st.permutations(VALUES))
def test_relabelling_leaves_nominal_coefficients_alone(ratings, names):
    renamed = np.full_like(ratings, np.nan)
    for old, new in zip(VALUES, names, strict=True):
        renamed[ratings == old] = new
    for function in (lambda r: krippendorff_alpha(r, level="nominal", values=VALUES, draws=100), lambda r: gwet_ac1(r, values=VALUES)):
        first, second = function(ratings), function(renamed)
        assert first.reason == second.reason
        for one, two in zip((first.value, first.low, first.high), (second.value, second.low, second.high), strict=True):
            assert one == pytest.approx(two, abs=1e-9)


@given(tables(units=(2, 15)), st.sampled_from([-3.0, 0.5, 40.0]), st.sampled_from([-2.0, 0.1, 3.0]))
def test_metrics_keep_what_their_level_says(ratings, shift, scale):
    def value(level, table):
        return krippendorff_alpha(table, level=level, draws=100).value

    assert value("interval", ratings) == pytest.approx(value("interval", ratings * scale + shift), abs=1e-9)
    assert value("ratio", ratings) == pytest.approx(value("ratio", ratings * abs(scale)), abs=1e-9)
    assert value("ordinal", ratings) == pytest.approx(value("ordinal", np.exp(ratings)), abs=1e-9)
    assert value("ordinal", ratings) == pytest.approx(value("ordinal", -ratings), abs=1e-9)


@given(st.lists(st.sampled_from(VALUES), min_size=2, max_size=30), st.integers(2, 4), st.sampled_from(LEVELS))
def test_a_perfect_coder(truth, coders, level):
    found = krippendorff_alpha(np.tile(np.array(truth), (coders, 1)), level=level, values=VALUES, draws=100)
    if len(set(truth)) == 1:
        assert (found.value, found.reason) == (None, "one_value_used")
    else:
        assert (found.value, found.high) == (1.0, 1.0)
        assert -1 <= found.low < 1
        assert 0 <= found.p_below <= 1


@given(tables(coders=(2, 3), units=(2, 12)))
def test_a_constant_coder_agrees_no_better_than_by_chance(ratings):
    ratings = ratings.copy()
    ratings[0] = 1.0
    kappa = cohen_kappa(ratings[:2], values=VALUES)
    assert kappa.value is None or kappa.value == pytest.approx(0, abs=1e-12)


@given(tables(units=(1, 12)))
def test_without_overlap_nothing_is_said(ratings):
    owner = np.arange(ratings.shape[1]) % ratings.shape[0]
    alone = np.where(owner == np.arange(ratings.shape[0])[:, None], ratings, np.nan)
    found = agreement(alone, level="ordinal", values=VALUES)
    assert {each.reason for each in found.estimates} <= {"no_units", "one_coder", "no_overlap"}
    assert all(each.value is None for each in found.estimates)


@given(tables(units=(1, 8)), st.integers(1, 5))
def test_units_that_nobody_coded_change_nothing(ratings, more):
    wider = np.hstack([ratings, np.full((ratings.shape[0], more), np.nan)])
    taller = np.vstack([wider, np.full((1, wider.shape[1]), np.nan)])
    assert everything(ratings) == everything(taller)


@given(tables(units=(2, 9)), st.sampled_from(LEVELS), st.data())
def test_whole_weights_are_repeated_units(ratings, level, data):
    n = ratings.shape[1]
    times = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))
    repeated = np.repeat(ratings, times, axis=1)
    for function in (gwet_ac1, fleiss_kappa, conger_kappa):
        one, two = function(ratings, values=VALUES, weights=times), function(repeated, values=VALUES)
        if one.value is not None:
            assert one.value == pytest.approx(two.value, abs=1e-9)
    one = krippendorff_alpha(ratings, level=level, weights=times, draws=100)
    two = krippendorff_alpha(repeated, level=level, draws=100)
    if one.value is not None and two.value is not None:
        # a value is never paired with its own repeats, so only the divisor of the expected disagreement differs
        raters = (~np.isnan(ratings)).sum(axis=0)
        raters[raters < 2] = 0
        total, squares = float(times @ raters), float(times**2 @ raters)
        ratio = ((total**2 - squares) / total**2) / ((total - 1) / total)
        assert 1 - one.value == pytest.approx((1 - two.value) * ratio, abs=1e-9)


@given(tables(units=(2, 20)), st.sampled_from([0.5, 1.0, 40.0]))
def test_equal_weights_are_no_weights(ratings, weight):
    plain = krippendorff_alpha(ratings, level="ordinal", interval="bootstrap", draws=100)
    weighted = krippendorff_alpha(ratings, level="ordinal", interval="bootstrap", weights=np.full(ratings.shape[1], weight), draws=100)
    assert plain.reason == weighted.reason
    for one, two in zip((plain.value, plain.low, plain.high), (weighted.value, weighted.low, weighted.high), strict=True):
        assert one == pytest.approx(two, abs=1e-9)


def test_with_weights_t_counts_the_units_that_carry_the_variance():
    ratings = rated(np.random.default_rng(13), DESIGNS["N=50, 3 coders, 2 values 50/50"])
    weights = np.where(np.arange(50) % 10 == 0, 20.0, 1.0)
    n = ratings.shape[1]
    left = np.array([slow.alpha(np.delete(ratings, at, axis=1), "nominal", np.delete(weights, at)) for at in range(n)])
    squares = (left - left.mean()) ** 2
    error, carrying = math.sqrt((n - 1) / n * squares.sum()), squares.sum() ** 2 / (squares**2).sum()
    found = krippendorff_alpha(ratings, level="nominal", weights=weights, draws=100)
    half = stats.t.ppf(0.975, carrying - 1) * error / (1 - found.value)
    assert carrying < 25
    assert found.high == pytest.approx(1 - (1 - found.value) * math.exp(-half))


@pytest.mark.parametrize("level", LEVELS)
def test_the_jackknife_of_patterns_is_that_of_units(level):
    rng = np.random.default_rng(8)
    ratings = rng.integers(0, 4, (3, 40)).astype(float)
    ratings[1] = np.where(rng.random(40) < 0.7, ratings[0], ratings[1])
    ratings[rng.random(ratings.shape) < 0.15] = np.nan
    ratings = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    error = slow.jackknife(lambda table: slow.alpha(table, level), ratings)
    found = krippendorff_alpha(ratings, level=level, draws=100)
    half = stats.t.ppf(0.975, ratings.shape[1] - 1) * error / (1 - found.value)
    assert found.low == pytest.approx(1 - (1 - found.value) * math.exp(half))
    assert found.high == pytest.approx(1 - (1 - found.value) * math.exp(-half))


@pytest.mark.parametrize(("function", "definition"), [(gwet_ac1, slow.gwet_ac1), (fleiss_kappa, slow.fleiss), (conger_kappa, slow.conger)])
def test_the_jackknife_of_kappas_is_that_of_units(function, definition):
    rng = np.random.default_rng(9)
    ratings = rng.integers(0, 4, (3, 30)).astype(float)
    ratings[2] = np.where(rng.random(30) < 0.6, ratings[0], ratings[2])
    ratings[rng.random(ratings.shape) < 0.2] = np.nan
    ratings = ratings[:, ~np.isnan(ratings).all(axis=0)]
    error = slow.jackknife(lambda table: definition(table, VALUES, np.ones(table.shape[1])), ratings)
    found = function(ratings, values=VALUES)
    half = stats.t.ppf(0.975, ratings.shape[1] - 1) * error / (1 - found.value)
    assert found.low == pytest.approx(1 - (1 - found.value) * math.exp(half))


def test_the_jackknife_by_video_leaves_out_videos():
    rng = np.random.default_rng(10)
    ratings = rng.integers(0, 2, (2, 90)).astype(float)
    ratings[1] = np.where(rng.random(90) < 0.6, ratings[0], ratings[1])
    video = rng.integers(0, 9, 90)
    units = units_of(checked_ratings(ratings, level="nominal", cluster=video))
    coefficient = alpha_coefficient(units.ratings.values, "nominal")
    part = frame(units.by_count, units.ratings.values, [coefficient], level="nominal", scheme="identity")
    left, number = left_out(part, [coefficient], units.ratings.cluster)[0]
    slowly = [slow.alpha(ratings[:, video != one], "nominal") for one in range(9)]
    assert left == pytest.approx(slowly)
    assert jackknife_error(left, number) == pytest.approx(math.sqrt(8 / 9 * ((left - left.mean()) ** 2).sum()))


@pytest.mark.parametrize("count", [[400, 300, 150, 90, 40, 12, 5, 2, 1], [1] * 600 + [900] * 2, [1] * 30, [3, 2], [5000, 1], [7]])
def test_samples_of_patterns_have_the_law_of_samples_of_units(count):
    count = np.array(count)
    total, draws = int(count.sum()), 50_000
    found = np.concatenate(list(Resampler(count, generator(1, "law")).samples(draws, 500)))
    assert found.shape == (draws, count.size)
    assert np.all(found.sum(axis=1) == total)
    share = count / total
    expected = total * (np.diag(share) - np.outer(share, share))
    variance = np.diag(expected)
    assert np.all(np.abs(found.mean(axis=0) - count) <= 5 * np.sqrt(variance / draws) + 1e-12)
    spread = np.sqrt(
        (expected**2 + np.outer(variance, variance) + np.abs(expected)) / draws
    )  # the last term: rare counts have heavier tails
    assert np.all(np.abs(np.cov(found.T).reshape(expected.shape) - expected) <= 6 * spread + 1e-12)
    for place in range(min(count.size, 8)):  # each count is binomial
        least, most = (int(stats.binom.ppf(tail, total, share[place])) for tail in (1e-4, 1 - 1e-4))
        number = np.arange(least, most + 1)
        seen = np.bincount(found[:, place].astype(int), minlength=most + 1)[number]
        law = stats.binom.pmf(number, total, share[place]) * draws
        kept = law > 10
        assert stats.chi2.sf(((seen - law)[kept] ** 2 / law[kept]).sum(), max(int(kept.sum()) - 1, 1)) > 1e-5


def test_the_bootstrap_of_patterns_is_that_of_units():
    ratings = rated(np.random.default_rng(11), DESIGNS["N=100, 3, prevalence .10"])
    units = units_of(checked_ratings(ratings, level="nominal", values=(0, 1)))
    coefficient = alpha_coefficient(units.ratings.values, "nominal")
    part = frame(units.by_count, units.ratings.values, [coefficient], level="nominal", scheme="identity")
    fast = drawn(part, [coefficient], None, draws=4000, seed=1, task="by count")[0]
    rng = np.random.default_rng(12)
    slowly = np.array([krippendorff_alpha(ratings[:, rng.integers(0, 100, 100)], level="nominal", draws=100).value for _ in range(600)])
    assert stats.ks_2samp(fast, slowly).pvalue > 0.001
    assert np.std(fast) == pytest.approx(np.std(slowly), rel=0.12)


@given(tables(coders=(1, 4), units=(1, 40)))
def test_patterns_hold_every_unit(ratings):
    known = checked_ratings(ratings, level="nominal", values=VALUES, cluster=np.arange(ratings.shape[1]))
    fine = coder_patterns(known)
    coarse = count_patterns(fine)
    coded = ~np.isnan(ratings).all(axis=0)
    assert fine.count.sum() == coarse.count.sum() == coded.sum()
    for unit in np.flatnonzero(coded):
        codes = fine.codes[fine.member[unit]]
        assert np.array_equal(np.where(codes < 0, np.nan, codes), ratings[:, unit], equal_nan=True)
        ordered = [code for code in coarse.codes[coarse.member[unit]] if code >= 0]
        assert ordered == sorted(ratings[~np.isnan(ratings[:, unit]), unit])
    assert np.all(fine.member[~coded] == -1)


@pytest.mark.parametrize("coders", [30, 70])
def test_many_coders_who_coded_little_each(coders):
    rng = np.random.default_rng(coders)
    ratings = np.full((coders, 100), np.nan)
    for unit, truth in enumerate(rng.integers(0, 4, 100)):
        who = rng.choice(coders, 3, replace=False)
        ratings[who, unit] = np.where(rng.random(3) < 0.8, truth, rng.integers(0, 4, 3))
    found = agreement(ratings, level="ordinal", values=VALUES)
    assert found.alpha.value == pytest.approx(slow.alpha(ratings, "ordinal"))
    assert found.coefficients["conger_kappa"].value == pytest.approx(slow.conger(ratings, VALUES, np.ones(100)))
    assert found.n_coders == (~np.isnan(ratings)).any(axis=1).sum()


def test_pairs_of_levels_and_schemes_exist():
    ratings = rated(np.random.default_rng(1), DESIGNS["N=100, 3, 5 values, 15 % missing"])
    for level, interval in itertools.product((*LEVELS, "ordinal_gwet"), ("jackknife", "bootstrap")):
        found = agreement(ratings, level=level, interval=interval, values=range(5), draws=200)
        assert all(each.low <= each.value <= each.high for each in found.estimates)
        assert ("gwet_ac2" in found.coefficients) == (level != "nominal")
