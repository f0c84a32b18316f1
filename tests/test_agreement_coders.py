"""Coders one by one: who lowers alpha, who drifts, who disagrees with themself; and how much to code."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

import slow_agreement as slow
from published import ADMISSIONS
from ratings import DESIGNS, rated, seen
from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import (
    agreement,
    agreement_by,
    common_odds,
    cusum,
    dawid_skene,
    drift,
    false_discovery,
    influence_sd,
    intra_coder_agreement,
    krippendorff_alpha,
    leave_one_coder_out,
    pairwise_agreement,
    plan_half_width,
    plan_lower_bound,
    plan_reliability,
)

NAN = math.nan


def with_a_bad_coder(units=150, seed=1):
    rng = np.random.default_rng(seed)
    ratings = seen(rng, (0.5, 0.5), np.full(units, 0.9), 4)
    ratings[3] = np.where(rng.random(units) < 0.5, ratings[3], rng.integers(0, 2, units))
    ratings[rng.random(ratings.shape) < 0.1] = NAN
    return ratings


def test_the_coder_who_lowers_alpha_is_found():
    ratings = with_a_bad_coder()
    found = leave_one_coder_out(ratings, level="nominal", values=(0, 1), draws=200)
    assert [each.coder for each in found] == [0, 1, 2, 3]
    for each in found:
        alone = krippendorff_alpha(np.delete(ratings, each.coder, axis=0), level="nominal", values=(0, 1), draws=200)
        assert each.alpha == alone
        assert each.change.value == pytest.approx(alone.value - krippendorff_alpha(ratings, level="nominal").value)
    assert found[3].change.low > 0
    assert max(each.change.value for each in found[:3]) < 0


def test_the_error_of_a_change_is_a_jackknife_over_units():
    ratings = with_a_bad_coder(units=40)
    ratings = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    change = leave_one_coder_out(ratings, level="nominal", values=(0, 1), draws=200)[3].change

    def difference(table):
        return slow.alpha(table[:3], "nominal") - slow.alpha(table, "nominal")

    error = slow.jackknife(difference, ratings)
    assert (change.high - change.low) / 2 == pytest.approx(error * stats.t.ppf(0.975, ratings.shape[1] - 1))


def test_without_one_of_two_nothing_is_left():
    found = leave_one_coder_out(with_a_bad_coder()[:2], level="nominal", draws=200)
    assert {each.change.reason for each in found} == {"one_coder"}


def test_pairs():
    ratings = with_a_bad_coder()
    found = pairwise_agreement(ratings, level="nominal", values=(0, 1))
    assert [(each.first, each.second) for each in found] == list(itertools.combinations(range(4), 2))
    for each in found:
        assert each.alpha.value == pytest.approx(slow.alpha(ratings[[each.first, each.second]], "nominal"))
    assert min(each.kappa.value for each in found if each.second < 3) > max(each.kappa.value for each in found if each.second == 3)


def test_a_coder_with_themself():
    first = with_a_bad_coder()
    rng = np.random.default_rng(4)
    second = np.where(rng.random(first.shape) < 0.1, 1 - first, first)
    second[:, 60:] = NAN
    days = np.full(first.shape, 9.0)
    days[:, :10] = 2.0
    found = intra_coder_agreement(first, second, level="nominal", values=(0, 1), days=days, draws=200)
    for coder, each in enumerate(found):
        kept = np.stack([first[coder], np.where(days[coder] >= 7, second[coder], NAN)])
        assert each.alpha.value == pytest.approx(slow.alpha(kept, "nominal"))
        assert each.too_soon == (~np.isnan(first[coder, :10])).sum()
    with pytest.raises(YuhuError, match="YH301"):
        intra_coder_agreement(first, second[:2], level="nominal")


def test_groups():
    ratings = with_a_bad_coder()
    group = np.where(np.arange(150) % 3 == 0, "zh", "en")
    weights, video = np.linspace(1, 3, 150), np.arange(150) % 30
    found = agreement_by(ratings, group, level="nominal", values=(0, 1), weights=weights, cluster=video, draws=200)
    assert list(found) == ["en", "zh"]
    one = group == "zh"
    assert found["zh"] == agreement(ratings[:, one], level="nominal", values=(0, 1), weights=weights[one], cluster=video[one], draws=200)
    with pytest.raises(YuhuError, match="YH301"):
        agreement_by(ratings, group[:5], level="nominal")


def drifting(seed, units=1500, slope=0.0, coders=3):
    rng = np.random.default_rng(seed)
    wave = rng.integers(0, 5, units)
    logit = rng.normal(0, 1.5, units) + np.outer(np.arange(coders) * 0.3, np.ones(units))
    logit[0] += slope * wave
    ratings = (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(float)
    ratings[rng.random(ratings.shape) < 0.1] = NAN
    return ratings, wave


def test_drift_is_found_with_its_size():
    ratings, wave = drifting(1, slope=0.5)
    found = drift(ratings, wave)
    # relative to the mean of the coders: +.5 of one is +.333 for it and -.167 for the others
    assert [each.slope.low < truth < each.slope.high for each, truth in zip(found, (1 / 3, -1 / 6, -1 / 6), strict=True)] == [True] * 3
    assert found[0].p < 1e-4
    assert sum(each.slope.value for each in found) == pytest.approx(0, abs=1e-9)
    odds = [each.value for each in found[0].by_wave.values()]
    assert odds[-1] - odds[0] > 0.8


def test_drift_keeps_its_level():
    small = np.array([[each.p for each in drift(*drifting(seed, units=150))] for seed in range(120)])
    assert np.all(np.abs((small < 0.05).mean(axis=0) - 0.05) < 0.06)  # three binomial standard errors


def test_drift_is_the_conditional_likelihood():
    ratings, wave = drifting(3, units=120, slope=0.4)
    centred = wave - wave.mean()

    def minus_log(theta):
        base = np.array([theta[0], theta[1], -theta[0] - theta[1]])
        slope = np.array([theta[2], theta[3], -theta[2] - theta[3]])
        total = 0.0
        for unit in range(120):
            there = np.flatnonzero(~np.isnan(ratings[:, unit]))
            ones = ratings[there, unit]
            eta = base[there] + slope[there] * centred[unit]
            ways = [eta[list(chosen)].sum() for chosen in itertools.combinations(range(there.size), int(ones.sum()))]
            total -= ones @ eta - np.logaddexp.reduce(ways)
        return total

    best = optimize.minimize(minus_log, np.zeros(4), method="BFGS").x
    found = drift(ratings, wave)
    assert [each.slope.value for each in found] == pytest.approx([best[2], best[3], -best[2] - best[3]], abs=1e-3)


def test_two_coders_drift_as_mirror_images():
    ratings, wave = drifting(5, slope=0.6, coders=2)
    first, second = drift(ratings, wave)
    assert first.slope.value == pytest.approx(-second.slope.value)
    assert first.p == pytest.approx(second.p)
    both = ~np.isnan(ratings).any(axis=0)
    ones, others = ratings[0, both] * (1 - ratings[1, both]), (1 - ratings[0, both]) * ratings[1, both]
    for one, found in first.by_wave.items():  # with pairs, Mantel and Haenszel's ratio is that of the discordant ones
        there = wave[both] == one
        assert found.value == pytest.approx(math.log(ones[there].sum() / others[there].sum()))


@pytest.mark.parametrize(
    "ratings", [np.tile([0.0, 1.0], (3, 20)), np.vstack([np.zeros(40), np.ones(40)]), np.full((2, 40), NAN), [[0.0, 1.0] * 20, [NAN] * 40]]
)
def test_drift_that_cannot_be_told(ratings):
    found = drift(np.array(ratings), np.arange(40) % 4)
    assert all((each.slope.value, each.slope.reason, each.p) == (None, "not_identified", None) for each in found)
    one_wave = drift(*(drifting(1)[0], np.ones(1500)))
    assert {each.slope.reason for each in one_wave} == {"not_identified"}


def test_bad_waves():
    with pytest.raises(YuhuError, match="YH301"):
        drift(np.zeros((2, 5)), np.zeros(4))
    with pytest.raises(YuhuError, match="YH303"):
        drift(np.zeros((2, 5)), [0, 1, NAN, 0, 1])
    with pytest.raises(YuhuError, match="YH304"):
        drift(np.full((2, 5), 2.0), np.zeros(5))


def test_mantel_haenszel_by_hand():
    found = common_odds([[[10, 5], [4, 8]]])
    assert found.odds_ratio == pytest.approx(10 * 8 / (5 * 4))
    assert found.log_error == pytest.approx(math.sqrt(1 / 10 + 1 / 5 + 1 / 4 + 1 / 8))  # of one stratum: Woolf's
    assert common_odds([[[0, 5], [0, 5]]]).odds_ratio is None
    assert common_odds(np.zeros((1, 2, 2))).p is None
    assert common_odds(ADMISSIONS).p == pytest.approx(stats.chi2.sf(1.524607, 1), rel=1e-5)
    for bad in ([[1, 2], [3, 4]], [[[1, -2], [3, 4]]]):
        with pytest.raises(YuhuError, match="YH303"):
            common_odds(bad)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_false_discovery_is_its_definition(p):
    found = false_discovery(p)
    p = np.array(p)
    for at in range(p.size):
        larger = [min(1, q * p.size / (p <= q).sum()) for q in p if q >= p[at]]
        assert found[at] == pytest.approx(min(larger))
    assert false_discovery([]).size == 0
    with pytest.raises(YuhuError, match="YH303"):
        false_discovery([1.5])


def test_cusum_waits_as_long_as_it_should_and_then_is_quick():
    rng = np.random.default_rng(2)

    def first_alarm(share):
        chart = cusum(rng.random(3000) < share, expected=0.1, slack=0.1, run_length=200)
        return chart.alarms[0] + 1 if chart.alarms else 3000

    calm = [first_alarm(0.1) for _ in range(60)]
    drifted = [first_alarm(0.35) for _ in range(60)]
    assert 130 < np.mean(calm) < 500  # errors come in whole ones: the height jumps past 200
    assert np.mean(drifted) < 30


def test_cusum_by_hand():
    chart = cusum([1, 0, 1, 1, 1, 1, 0], expected=0.1, slack=0.2, run_length=50)
    heights, height = [], 0.0
    for error in [1, 0, 1, 1, 1, 1, 0]:
        height = max(0.0, height + error - 0.3)
        heights.append(height)
        if height >= chart.threshold - 1e-8:
            height = 0.0
    assert chart.path == pytest.approx(heights)
    assert cusum([1, 0], expected=0.1, slack=0.2, seed=3).threshold == cusum([], expected=0.1, slack=0.2, seed=3).threshold
    for bad in ({"expected": 0.0}, {"slack": -1.0}, {"slack": 0.95}, {"run_length": 1}):
        with pytest.raises(YuhuError, match="YH303"):
            cusum([0, 1], **{"expected": 0.1, "slack": 0.1, **bad})
    with pytest.raises(YuhuError, match="YH303"):
        cusum([0.5], expected=0.1, slack=0.1)


def test_dawid_skene_finds_how_coders_err():
    rng = np.random.default_rng(6)
    truth = rng.choice(3, 4000, p=(0.6, 0.3, 0.1))
    confusion = np.stack([np.eye(3) * keep + (1 - keep) / 3 for keep in (0.9, 0.8, 0.7, 0.6, 0.85)])
    ratings = np.stack([(rng.random((4000, 1)) > confusion[i][truth].cumsum(axis=1)).sum(axis=1) for i in range(5)]).astype(float)
    ratings[rng.random(ratings.shape) < 0.2] = NAN
    ratings[:, 0] = NAN
    found = dawid_skene(ratings, values=range(3))
    assert found.converged
    assert found.caution == ""
    assert np.abs(found.prior - (0.6, 0.3, 0.1)).max() < 0.03
    assert np.abs(found.confusion - confusion).max() < 0.08
    assert np.isnan(found.posterior[0]).all()
    there = ~np.isnan(ratings).all(axis=0)
    assert found.posterior[there].sum(axis=1) == pytest.approx(1)
    assert (found.posterior[there].argmax(axis=1) == truth[there]).mean() > 0.93


def test_dawid_skene_is_the_em_of_units():
    rng = np.random.default_rng(7)
    ratings = rated(rng, DESIGNS["N=100, 3, 5 values, 15 % missing"])
    ratings = ratings[:, ~np.isnan(ratings).all(axis=0)]
    said = (ratings[:, :, None] == np.arange(5)).astype(float)
    posterior = said.sum(axis=0) / said.sum(axis=(0, 2))[:, None]
    for _ in range(30):
        prior = posterior.mean(axis=0)
        confusion = np.einsum("uk,iul->ikl", posterior, said)
        confusion /= confusion.sum(axis=2, keepdims=True)
        joint = np.einsum("iul,ikl->uk", said, np.log(np.maximum(confusion, 1e-300))) + np.log(prior)
        likelihood = np.logaddexp.reduce(joint, axis=1).sum()
        posterior = np.exp(joint - np.logaddexp.reduce(joint, axis=1)[:, None])
    found = dawid_skene(ratings, values=range(5), most_rounds=30, tolerance=-1e9)
    assert found.rounds == 30
    assert found.log_likelihood == pytest.approx(likelihood)
    assert found.posterior == pytest.approx(posterior, abs=1e-9)
    assert found.caution == "few_coders"
    with pytest.raises(YuhuError, match="YH303"):
        dawid_skene(np.full((3, 4), NAN))


def test_planning_holds_what_it_promises():
    design = DESIGNS["N=100, 3, prevalence .10"]
    pilot = rated(np.random.default_rng(1), design)
    found = plan_reliability(pilot, level="nominal", values=(0, 1), half_width=0.1)
    alpha = krippendorff_alpha(pilot, level="nominal", values=(0, 1))
    _, sd, n = influence_sd(pilot, level="nominal", values=(0, 1))
    assert (found.alpha, found.sd, found.pilot_units) == (alpha.value, sd, n)
    half = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    assert alpha.low == pytest.approx(1 - (1 - alpha.value) * math.exp(half / (1 - alpha.value)))
    assert found.units == plan_half_width(sd, 0.1) < found.cautious

    rng = np.random.default_rng(3)
    sd = np.mean([influence_sd(rated(rng, DESIGNS["N=1000, 3, prevalence .05"]), level="nominal", values=(0, 1))[1] for _ in range(20)])
    units = plan_lower_bound(float(sd), 0.745, minimum=0.60, assurance=0.80)
    planned = type(design)(units, 3, (0.95, 0.05))
    above = np.mean([krippendorff_alpha(rated(rng, planned), level="nominal", draws=100).low > 0.60 for _ in range(200)])
    assert 0.70 < above < 0.92


def test_a_bound_above_what_is_expected_is_out_of_reach():
    assert plan_lower_bound(0.6, 0.6, minimum=0.667) is None
    pilot = rated(np.random.default_rng(2), DESIGNS["N=100, 3, prevalence .10"])
    found = plan_reliability(pilot, level="nominal", minimum=0.95)
    assert (found.units, found.cautious) == (None, None)
    hoped = plan_reliability(pilot, level="nominal", minimum=0.667, alpha=0.9)
    assert hoped.units < plan_reliability(pilot, level="nominal", minimum=0.667, alpha=0.8).units


def test_bad_plans():
    pilot = rated(np.random.default_rng(2), DESIGNS["N=100, 3, prevalence .10"])
    calls = [
        lambda: plan_reliability(pilot, level="nominal"),
        lambda: plan_reliability(pilot, level="nominal", half_width=0.1, minimum=0.6),
        lambda: plan_reliability(np.zeros((2, 30)), level="nominal", half_width=0.1),
        lambda: plan_reliability(np.tile([0.0, 1.0], (2, 30)), level="nominal", half_width=0.1),
        lambda: plan_half_width(-1.0, 0.1),
        lambda: plan_half_width(1.0, 1.5),
        lambda: plan_lower_bound(1.0, 0.8, assurance=0.2),
        lambda: plan_lower_bound(1.0, 0.8, sides=3),
        lambda: plan_lower_bound(1.0, 1.0),
    ]
    for call in calls:
        with pytest.raises(YuhuError, match="YH303"):
            call()
