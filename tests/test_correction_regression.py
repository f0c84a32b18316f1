"""Corrected regressions and plans: closed forms, laws, reasons, errors."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import fractional_matrix_power

from machine_codings import by_prediction, enriched, simple, videos
from yuhu.core.errors import YuhuError
from yuhu.stats.clusters import leverage, numbered, wild_quantile, wild_quantiles
from yuhu.stats.correction import (
    corrected_difference,
    corrected_logit,
    corrected_mean,
    corrected_ols,
    pilot_of,
    plan_difference,
    plan_mean,
)
from yuhu.stats.correction.solving import Rows, patterns_of


def pseudo_of(study):
    return study.machine + np.where(np.isnan(study.gold), 0, (study.gold - study.machine) / study.chance)


def fitted(fit, study, **options):
    return fit(study.machine, study.gold, study.chance, study.x, names=("constant", "group"), **options)


def test_ols_is_least_squares_of_the_pseudo_outcome():
    study = simple(np.random.default_rng(1))
    x = np.column_stack([study.x, np.random.default_rng(2).normal(size=study.truth.size)])
    found = corrected_ols(study.machine, study.gold, study.chance, x)
    expected = np.linalg.lstsq(x, pseudo_of(study), rcond=None)[0]
    assert [each.value for each in found.estimates] == pytest.approx(expected)
    assert found.estimates[0].unit == "slope"


def test_ols_of_a_group_is_the_difference_of_means():
    study = simple(np.random.default_rng(3))
    slope = fitted(corrected_ols, study)["group"]
    difference = corrected_difference(study.machine, study.gold, study.chance, study.group)
    assert slope.value == pytest.approx(difference.value)
    assert slope.high - slope.low == pytest.approx(difference.high - difference.low, rel=0.01)


def test_logit_of_a_group_is_the_difference_of_log_odds():
    study = by_prediction(np.random.default_rng(4))
    found = fitted(corrected_logit, study, stratum=study.stratum)["group"]
    shares = [pseudo_of(study)[study.group == k].mean() for k in (0, 1)]
    assert found.value == pytest.approx(math.log(shares[1] / (1 - shares[1])) - math.log(shares[0] / (1 - shares[0])))
    assert found.unit == "log odds"


def test_a_census_gives_the_plain_regressions_without_width():
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(300), rng.normal(size=300)])
    y = x @ [1.0, 2.0] + rng.normal(size=300)
    found = corrected_ols(rng.normal(size=300), y, np.ones(300), x)
    assert [each.value for each in found.estimates] == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])
    assert found.estimates[1].low == pytest.approx(found.estimates[1].high)
    binary = (rng.random(300) < 1 / (1 + np.exp(-x @ [0.2, 1.0]))).astype(float)
    logit = corrected_logit(np.zeros(300), binary, np.ones(300), x)
    beta = np.array([each.value for each in logit.estimates])
    assert x.T @ (binary - 1 / (1 + np.exp(-x @ beta))) == pytest.approx([0, 0], abs=1e-6)


def test_clustered_census_is_cr2_straight_from_its_definition():
    rng = np.random.default_rng(6)
    cluster = np.repeat(np.arange(12), rng.integers(4, 30, 12))
    x = np.column_stack([np.ones(cluster.size), rng.normal(size=cluster.size) + cluster / 6])
    y = x @ [1.0, 2.0] + rng.normal(size=12)[cluster] + rng.normal(size=cluster.size)
    found = corrected_ols(y, y, np.ones(y.size), x, cluster=cluster)
    bread = np.linalg.inv(x.T @ x)
    beta = bread @ x.T @ y
    meat = np.zeros((2, 2))
    for k in range(12):
        own = x[cluster == k]
        adjusted = fractional_matrix_power(np.eye(own.shape[0]) - own @ bread @ own.T, -0.5).real @ (y[cluster == k] - own @ beta)
        meat += np.outer(own.T @ adjusted, own.T @ adjusted)
    assert found.covariance == pytest.approx(bread @ meat @ bread)
    half = stats.t.ppf(0.975, 11) * math.sqrt((bread @ meat @ bread)[1, 1])
    assert found["x1"].high - found["x1"].value == pytest.approx(half)


def test_many_clusters_fall_back_on_one_factor_and_agree():
    rng = np.random.default_rng(7)
    x = np.column_stack([np.ones(3000), rng.normal(size=3000)])
    y = x @ [1.0, 2.0] + rng.normal(size=3000)
    few = corrected_ols(y, y, np.ones(3000), x, cluster=np.arange(3000) % 1000)
    many = corrected_ols(y, y, np.ones(3000), x, cluster=np.where(np.arange(3000) == 0, 1000, np.arange(3000) % 1000))
    assert np.sqrt(np.diag(many.covariance)) == pytest.approx(np.sqrt(np.diag(few.covariance)), rel=0.01)


def test_one_mean_of_the_wild_bootstrap_is_the_same_either_way():
    rng = np.random.default_rng(8)
    sums, sizes = rng.normal(size=7), np.full(7, 20.0)
    sums -= sums.mean()
    one = wild_quantile(sums, sizes, 140.0, 0.95, np.random.default_rng(1))
    several = wild_quantiles(sums[:, None], sizes[:, None, None], np.ones((1, 1)), 0.95, np.random.default_rng(1))
    assert several[0] == pytest.approx(one)  # equal sizes: CR2 is the factor G/(G − 1)
    assert leverage(np.full((7, 1, 1), 20.0))[:, 0, 0] == pytest.approx(np.full(7, math.sqrt(7 / 6)))


def test_labels_become_numbers():
    assert numbered([7, -2, 7])[0].tolist() == [1, 0, 1]
    assert numbered([10**12, 3, 3])[0].tolist() == [1, 0, 0]
    assert numbered(["b", "a"])[0].tolist() == [1, 0]
    assert numbered([])[1] == 0


@pytest.mark.parametrize("fit", [corrected_ols, corrected_logit])
@pytest.mark.parametrize("tuned", [False, True])
def test_order_and_names_do_not_matter(fit, tuned):
    study = by_prediction(np.random.default_rng(9))
    cluster = np.random.default_rng(10).integers(0, 8, study.truth.size)
    order = np.random.default_rng(11).permutation(study.truth.size)
    first = fit(study.machine, study.gold, study.chance, study.x, stratum=study.stratum, cluster=cluster, tuned=tuned)["x1"]
    again = fit(
        study.machine[order],
        study.gold[order],
        study.chance[order],
        study.x[order],
        stratum=study.stratum[order] + 5,
        cluster=cluster[order] * 2,
        tuned=tuned,
    )["x1"]
    assert (again.value, again.low, again.high) == pytest.approx((first.value, first.low, first.high), rel=1e-6)


def test_scales_of_covariates_do_not_matter():
    study = simple(np.random.default_rng(12))
    continuous = np.column_stack([study.x, np.random.default_rng(13).normal(size=study.truth.size)])
    plain = corrected_logit(study.machine, study.gold, study.chance, continuous, tuned=False)["x2"]
    large = corrected_logit(study.machine, study.gold, study.chance, continuous * [1, 1, 1e6], tuned=False)["x2"]
    assert (large.value * 1e6, large.low * 1e6) == pytest.approx((plain.value, plain.low), rel=1e-5)


def test_rows_with_the_same_covariates_are_put_together():
    rng = np.random.default_rng(14)
    x = np.column_stack([np.ones(5000), rng.integers(0, 3, 5000), rng.integers(0, 2, 5000)]).astype(float)
    y, weight, beta = rng.random(5000), rng.random(5000), np.array([0.1, -0.4, 0.3])
    patterns = patterns_of(x)
    assert patterns.x.shape == (6, 3)
    for given in (None, weight):
        together, apart = patterns.rows(y, given).equations(beta, True), Rows(x, y, given).equations(beta, True)
        assert together[0] == pytest.approx(apart[0])
        assert together[1] == pytest.approx(apart[1])
    assert patterns_of(rng.normal(size=(5000, 2))) is None


def test_a_perfect_machine_and_a_useless_one():
    study = simple(np.random.default_rng(15), n=600)
    sure = fitted(corrected_logit, study)["group"]
    perfect = corrected_logit(study.truth, study.gold, study.chance, study.x, guard=False)["x1"]
    assert perfect.low == pytest.approx(perfect.high)
    assert perfect.value == pytest.approx(study.log_odds)
    coin = np.random.default_rng(16).integers(0, 2, study.truth.size).astype(float)
    tuned = corrected_logit(coin, study.gold, study.chance, study.x, tuned=True)["x1"]
    alone = corrected_logit(np.zeros(study.truth.size), study.gold, study.chance, study.x, tuned=True, guard=False)["x1"]
    assert tuned.high - tuned.low == pytest.approx(alone.high - alone.low, rel=0.02)
    assert sure.high - sure.low < alone.high - alone.low


def test_gold_alone_where_the_machine_hardly_errs():
    study = simple(np.random.default_rng(17))
    found = corrected_logit(study.truth, study.gold, study.chance, study.x)["x1"]
    drawn = ~np.isnan(study.gold)
    shares = [study.gold[drawn & (study.group == k)].mean() for k in (0, 1)]
    assert found.method == "corrected_logit.gold_only.v1"
    assert found.value == pytest.approx(math.log(shares[1] / (1 - shares[1])) - math.log(shares[0] / (1 - shares[0])))


def test_predicted_covariates_from_a_census_are_the_people_s():
    rng = np.random.default_rng(18)
    human_x = np.column_stack([np.ones(400), rng.integers(0, 2, 400)]).astype(float)
    machine_x = np.where(rng.random((400, 2)) < 0.2, 1 - human_x, human_x)
    machine_x[:, 0] = 1
    y = human_x @ [0.5, 1.5] + rng.normal(size=400)
    found = corrected_ols(y, y, np.ones(400), machine_x, human_x=human_x)
    assert [each.value for each in found.estimates] == pytest.approx(np.linalg.lstsq(human_x, y, rcond=None)[0])


def test_predicted_covariates_solve_their_moments():
    rng = np.random.default_rng(19)
    study = simple(rng)
    ones = np.ones(study.truth.size)
    y = 0.3 * study.truth + rng.normal(size=ones.size)
    drawn = ~np.isnan(study.gold)
    machine_x, human_x = np.column_stack([ones, study.machine]), np.column_stack([ones, study.gold])
    found = corrected_ols(y, np.where(drawn, y, np.nan), study.chance, machine_x, human_x=human_x)
    beta = np.array([each.value for each in found.estimates])
    weight = 1 / study.chance[drawn]
    machine, human = machine_x[drawn], human_x[drawn]
    moment = (
        machine_x.T @ (y - machine_x @ beta)
        + human.T @ (weight * (y[drawn] - human @ beta))
        - machine.T @ (weight * (y[drawn] - machine @ beta))
    )
    assert moment / ones.size == pytest.approx([0, 0], abs=1e-9)
    assert found["x1"].low < 0.3 < found["x1"].high


def test_works_of_regressions():
    study = videos(np.random.default_rng(20), number=20)
    works = fitted(corrected_logit, study, cluster=study.cluster)["group"]
    wild = fitted(corrected_logit, study, cluster=study.cluster % 6)["group"]
    few = fitted(corrected_logit, study, cluster=study.cluster % 4)["group"]
    assert works.low < 0 < works.high
    assert wild.low < wild.value < wild.high
    assert (few.value, few.reason) == (None, "too_few_videos")


def test_reasons_of_regressions():
    study = simple(np.random.default_rng(21), n=200)
    here = (study.machine, study.gold, study.chance)
    many = np.random.default_rng(22).normal(size=(study.truth.size, 25))
    assert corrected_ols(*here, many)["x3"].reason == "too_few_for_model"
    assert corrected_ols(*here, np.column_stack([study.x, study.x[:, 1]]))["x0"].reason == "collinear"
    assert corrected_logit(*here, np.column_stack([study.x, study.x[:, 1]]))["x0"].reason == "collinear"
    rare = simple(np.random.default_rng(23), share=0.01)
    assert fitted(corrected_logit, rare)["group"].reason == "too_few_for_model"
    split = np.repeat([0.0, 1.0], 500)
    apart = corrected_logit(split, split, np.ones(1000), np.column_stack([np.ones(1000), split]))
    assert (apart["x1"].value, apart["x1"].reason) == (None, "separation")
    assert np.isnan(apart.covariance).all()
    lonely = (np.arange(study.truth.size) < 30).astype(float)
    assert corrected_ols(*here, np.column_stack([study.x, lonely]))["x2"].reason == "not_estimable"
    assert corrected_ols(study.machine, study.gold, None, study.x, design="convenience")["x1"].reason == "no_design"
    assert corrected_ols([], [], [], np.empty((0, 2)))["x1"].reason == "no_units"
    assert corrected_ols([1, 0], [np.nan, np.nan], [0.5, 0.5], np.ones((2, 1)))["x0"].reason == "too_few_gold"


def test_bad_covariates_are_refused():
    study = simple(np.random.default_rng(24), units=2000, n=100)
    here = (study.machine, study.gold, study.chance)
    for x, options, code in (
        (study.x[:5], {}, "YH301"),
        (study.x[:, 0], {}, "YH301"),
        (study.x, {"human_x": study.x[:, :1]}, "YH301"),
        (study.x * np.nan, {}, "YH303"),
        (study.x, {"human_x": study.x * np.nan}, "YH303"),
        (study.x, {"names": ("a", "a")}, "YH303"),
        (study.x, {"names": ("a",)}, "YH303"),
    ):
        with pytest.raises(YuhuError, match=code):
            corrected_logit(*here, x, **options)
    with pytest.raises(YuhuError, match="outside the bounds"):
        corrected_logit(study.machine * 2, study.gold, study.chance, study.x)


def test_plan_by_hand():
    # z² σ² (1 − ρ²) / h² = 3.8415 · .25 · .5 / .0009 = 533.5, and 1,067.07 without the machine
    plan = plan_mean(0.03, rho=math.sqrt(0.5), sd=0.5)
    assert (plan.gold, plan.gold_alone, plan.multiplier) == (534, 1068, pytest.approx(0.5))
    assert plan_mean(0.03, rho=math.sqrt(0.5), sd=0.5, have=500).more == 34
    small = plan_mean(0.03, rho=math.sqrt(0.5), sd=0.5, units=1000)
    assert small.gold == math.ceil(0.125 / (0.03**2 / stats.norm.ppf(0.975) ** 2 + 0.125 / 1000))
    assert plan_mean(0.03, rho=0.9, sd=0.5, units=500, target="superpopulation").gold is None
    assert plan_mean(0.03, rho=0.9, sd=0.2, share=0.04).gold == 375  # fifteen positives
    assert plan_mean(0.03, rho=-0.5, sd=0.5).gold == 1068


def test_break_even_by_hand():
    # 20,000 units at .001 cost as much as 200 codings at .1; 1,014 of them would do: rho² must exceed .197
    plan = plan_mean(0.03, rho=0.7, sd=0.5, units=20_000, machine_cost=0.001, human_cost=0.1)
    assert plan.break_even == pytest.approx(20 / (0.1 * plan.gold_alone))
    assert plan.pays
    assert not plan_mean(0.03, rho=0.4, sd=0.5, units=20_000, machine_cost=0.001, human_cost=0.1).pays
    assert plan_mean(0.03, rho=0.4, sd=0.5).break_even is None


def test_plan_of_a_difference():
    plan = plan_difference(0.05, rho=(0.6, 0.8), sd=(0.5, 0.4), have=100)
    left = (0.5 * 0.8, 0.4 * 0.6)
    z = stats.norm.ppf(0.975)
    assert plan.by_group == tuple(math.ceil((z / 0.05) ** 2 * each * sum(left)) for each in left)
    assert plan.more == plan.gold - 100
    variance = sum(each**2 / n for each, n in zip(left, plan.by_group, strict=True))
    assert z * math.sqrt(variance) <= 0.05
    assert plan_difference(0.05, rho=(0, 0), sd=(0.5, 0.5)).multiplier == 1


def test_a_plan_from_a_pilot_gives_the_width_that_was_wished():
    study = simple(np.random.default_rng(25), n=5000)
    pilot = pilot_of(study.machine, study.gold, study.chance)
    drawn = ~np.isnan(study.gold)
    assert pilot.rho == pytest.approx(np.corrcoef(study.machine[drawn], study.gold[drawn])[0, 1])
    assert pilot.cautious_rho < pilot.rho
    assert pilot.sd == pytest.approx(study.gold[drawn].std())
    gold = plan_mean(0.025, rho=pilot.rho, sd=pilot.sd, units=study.truth.size).gold
    studies = [simple(np.random.default_rng([26, k]), n=gold) for k in range(20)]
    found = [corrected_mean(each.machine, each.gold, each.chance, tuned=True) for each in studies]
    assert np.mean([each.high - each.low for each in found]) == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(
    "wishes",
    [
        {"half_width": 0},
        {"sd": -1},
        {"confidence": 2},
        {"target": "all"},
        {"units": 0},
        {"share": 1},
        {"human_cost": -1, "machine_cost": 1, "units": 10},
    ],
)
def test_bad_wishes_are_refused(wishes):
    given = {"half_width": 0.05, "rho": 0.5, "sd": 0.5, **wishes}
    with pytest.raises(YuhuError, match="YH303"):
        plan_mean(given.pop("half_width"), **given)


def test_a_small_pilot_is_refused():
    with pytest.raises(YuhuError, match="too few gold"):
        pilot_of([1, 0, 1], [1, 0, np.nan], [0.5] * 3)


@pytest.mark.parametrize("per_class", [100, 250])
def test_errors_that_an_enriched_sample_does_not_show_are_in_the_interval(per_class):
    """The short form of test_enriched_regressions in test_correction_coverage.py."""
    rng = np.random.default_rng(11)
    held, rounds = {"constant": [], "group": []}, 60
    for _ in range(rounds):
        study = enriched(rng, each=per_class)
        odds = math.log(study.truth[study.group == 0].mean() / (1 - study.truth[study.group == 0].mean()))
        found = fitted(corrected_logit, study)
        for name, true in (("constant", odds), ("group", study.log_odds)):
            if found[name].low is not None:
                held[name].append(found[name].low <= true <= found[name].high)
    assert all(len(each) > rounds * 0.4 for each in held.values())
    assert all(np.mean(each) >= 0.88 for each in held.values())


def test_an_interval_says_that_errors_may_be_unseen():
    rng = np.random.default_rng(12)
    machine = np.repeat([1.0, 0.0], [1_000, 9_000])
    truth = np.where(machine == 1, rng.random(10_000) < 0.7, rng.random(10_000) < 0.0).astype(float)
    chance = np.repeat([0.3, 0.02], [1_000, 9_000])
    drawn = np.concatenate([np.arange(0, 1_000)[:: 10 // 3], np.arange(1_000, 10_000)[::50]])
    gold = np.full(10_000, math.nan)
    gold[drawn] = truth[drawn]
    chance = np.where(machine == 1, np.isfinite(gold[:1_000]).mean(), chance)
    x = np.ones((10_000, 1))
    [careful] = corrected_ols(machine, gold, chance, x).estimates
    [bare] = corrected_ols(machine, gold, chance, x, guard=False).estimates
    assert careful.method == "corrected_ols.few_errors.v1"
    assert bare.method == "corrected_ols.v1"
    assert careful.value == bare.value
    hidden = (careful.high - careful.low) ** 2 - (bare.high - bare.low) ** 2
    q = stats.beta.ppf(0.975, 0.5, 180.5)  # 180 gold units, none wrong
    assert math.sqrt(hidden) / 2 == pytest.approx(0.9 * q * math.sqrt(1 - 0.02), rel=0.02)
