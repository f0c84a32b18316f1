"""Corrected means and differences: hand-computed values, laws, reasons, errors."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from machine_codings import by_prediction, simple, videos
from yuhu.core.errors import YuhuError
from yuhu.stats.correction import corrected_difference, corrected_mean, gold_sensitivity, ppi_mean, rarity, rogan_gladen
from yuhu.stats.correction.design import collapsed, gold_of
from yuhu.stats.correction.means import group_means, power_tuning
from yuhu.stats.correction.rare import clopper_pearson, kish
from yuhu.stats.correction.tabled import CorrectedShares, Drawn, Totals
from yuhu.stats.correction.variance import skewed_interval
from yuhu.stats.survey import hajek_mean

NUMBERS = st.lists(st.floats(-5, 5), min_size=6, max_size=6)


def gold_at(truth, at):
    gold = np.full(truth.size, np.nan)
    gold[list(at)] = truth[list(at)]
    return gold


def test_mean_by_hand():
    # f = 1 1 0 0, people say 0 of the first (drawn with .5) and 1 of the last (drawn with .25): pseudo-outcomes 1-2, 1, 0, 0+4
    found = corrected_mean([1, 1, 0, 0], [0, np.nan, np.nan, 1], [0.5, 0.5, 0.25, 0.25], bounds=None)
    assert found.value == pytest.approx((-1 + 1 + 0 + 4) / 4)
    assert (found.n, found.n_gold, found.unit, found.reason) == (4, 2, "mean", "too_few_gold")


@given(truth=NUMBERS, machine=NUMBERS)
@settings(max_examples=30, deadline=None)
def test_unbiased_for_any_machine_over_all_samples_of_three(truth, machine):
    truth, machine = np.array(truth), np.array(machine)
    found = [corrected_mean(machine, gold_at(truth, at), np.full(6, 0.5), bounds=None).value for at in itertools.combinations(range(6), 3)]
    assert np.mean(found) == pytest.approx(truth.mean(), abs=1e-9)


@given(truth=NUMBERS, machine=NUMBERS)
@settings(max_examples=20, deadline=None)
def test_unbiased_for_any_machine_over_all_poisson_samples(truth, machine):
    truth, machine = np.array(truth), np.array(machine)
    chance = np.array([1.0, 0.3, 0.5, 0.6, 0.4, 0.7])  # one certain unit, so that no sample is empty
    expected = 0.0
    for drawn in itertools.product((False, True), repeat=5):
        at = [0, *(k + 1 for k in range(5) if drawn[k])]
        odds = math.prod(chance[k + 1] if drawn[k] else 1 - chance[k + 1] for k in range(5))
        expected += odds * corrected_mean(machine, gold_at(truth, at), chance, bounds=None).value
    assert expected == pytest.approx(truth.mean(), abs=1e-9)


@given(truth=NUMBERS, machine=NUMBERS)
@settings(max_examples=20, deadline=None)
def test_difference_is_unbiased_over_all_stratified_samples(truth, machine):
    truth, machine, group = np.array(truth), np.array(machine), np.array([0, 0, 0, 1, 1, 1])
    found = [
        corrected_difference(machine, gold_at(truth, (*a, *b)), np.full(6, 2 / 3), group, stratum=group, bounds=None).value
        for a in itertools.combinations((0, 1, 2), 2)
        for b in itertools.combinations((3, 4, 5), 2)
    ]
    assert np.mean(found) == pytest.approx(truth[3:].mean() - truth[:3].mean(), abs=1e-9)


def test_variance_is_unbiased_over_all_samples():
    rng = np.random.default_rng(1)
    truth, machine, chance = rng.normal(size=7), rng.normal(size=7), np.full(7, 3 / 7)
    means = [
        group_means(
            gold_of(machine, gold_at(truth, at), chance, stratum=None, design="probability", bounds=None),
            None,
            1,
            tuned=False,
            cluster=None,
            clusters=0,
        )
        for at in itertools.combinations(range(7), 3)
    ]
    values = np.array([each.values[0] for each in means])
    assert np.mean([each.covariance[0, 0] for each in means]) == pytest.approx(((values - values.mean()) ** 2).mean())


@pytest.mark.parametrize("options", [{}, {"tuned": True}, {"bounds": None}, {"guard": False}])
def test_a_census_returns_the_human_mean_exactly(options):
    human = np.array([1.0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0])
    found = corrected_mean(np.ones(12), human, np.ones(12), **options)
    assert (found.low, found.value, found.high) == pytest.approx((human.mean(),) * 3, abs=1e-15)
    assert found.reason == ""


def test_a_perfect_machine_has_no_width_left_among_the_units_at_hand():
    study = simple(np.random.default_rng(1), n=200)
    found = corrected_mean(study.truth, study.gold, study.chance, guard=False)
    assert found.low == found.high == found.value == pytest.approx(study.truth.mean())


def test_but_gold_cannot_know_that_it_is_perfect():
    study = simple(np.random.default_rng(1), n=200)
    found = corrected_mean(study.truth, study.gold, study.chance)
    assert found.method == "corrected_mean.few_errors.v1"
    # no error in 200 units leaves each kind below the exact bound 1 - .025^(1/200)
    assert (found.high - found.value, found.value - found.low) == pytest.approx((1 - 0.025 ** (1 / 200),) * 2)


def test_without_bounds_a_machine_that_never_errs_has_no_interval():
    study = simple(np.random.default_rng(1), n=400)
    found = corrected_mean(study.truth, study.gold, study.chance, bounds=None)
    assert (found.value, found.reason, found.low) == (pytest.approx(study.truth.mean()), "not_estimable", None)
    apart = corrected_difference(study.truth, study.gold, study.chance, study.group, bounds=None)
    assert (apart.value, apart.reason) == (pytest.approx(study.difference), "not_estimable")


def test_errors_that_weigh_much_bound_less():
    # 200 gold units, half of which stand for nine times as many; no error: the exact bounds of both halves, by their parts of all units
    chance = np.repeat([0.9, 0.1], [111, 1000])
    at = np.r_[0:100, 111:211]
    code = np.zeros(1111)
    code[np.r_[0:50, 111:511]] = 1
    found = corrected_mean(code, gold_at(code, at), chance)
    most = 1 - 0.025 ** (1 / 100)
    parts = np.array([1 / 0.9, 1 / 0.1]) / (1 / 0.9 + 1 / 0.1)
    assert found.method == "corrected_mean.few_errors.v1"
    assert found.high - found.value == pytest.approx(most * math.hypot(parts[0] * math.sqrt(0.1), parts[1] * math.sqrt(0.9)), rel=1e-6)


@pytest.mark.parametrize("as_table", [False, True])
def test_errors_that_an_enriched_sample_does_not_show_are_allowed_for(as_table):
    # half of the gold from what the machine found: every false positive shows, and hardly a false negative, though there are as many of them
    rng, covered = np.random.default_rng(9), 0
    for _ in range(200):
        truth = (rng.random(20_000) < 0.1).astype(float)
        machine = np.where(truth == 1, rng.random(20_000) < 0.9, rng.random(20_000) < 0.01).astype(float)
        at = np.concatenate([rng.choice(np.flatnonzero(machine == said), 100, replace=False) for said in (0, 1)])
        chance = 100 / np.where(machine == 1, machine.sum(), 20_000 - machine.sum())
        if as_table:
            drawn = Drawn(machine[at], truth[at], chance[at], np.zeros(200, int), machine[at].astype(int), None)
            found = CorrectedShares(drawn, Totals(np.array([[2e4]]), np.array([[machine.sum()]])), tuned=True).share(0)
        else:
            found = corrected_mean(machine, gold_at(truth, at), chance, stratum=machine.astype(int))
        covered += found.low <= truth.mean() <= found.high
    assert covered >= 186


def test_a_useless_machine_costs_nothing_and_gives_the_textbook_interval():
    human = np.full(1000, np.nan)
    human[:100] = np.tile([0.0, 1.0], 50)
    chance = np.full(1000, 0.1)
    error = math.sqrt(100 / 99 * 0.25 / 100 * 0.9)
    half = stats.t.ppf(0.975, 99) * error
    found = corrected_mean(np.full(1000, 0.3), human, chance, bounds=None)
    assert (found.low, found.value, found.high) == pytest.approx((0.5 - half, 0.5, 0.5 + half))
    tuned = corrected_mean(np.full(1000, 0.3), human, chance, bounds=None, tuned=True)
    assert tuned.value == pytest.approx(0.5)
    assert tuned.high - tuned.low == pytest.approx(2 * half * math.sqrt(99 / 98), rel=1e-3)


@pytest.mark.parametrize("tuned", [False, True])
def test_order_of_units_and_names_of_strata_and_videos_do_not_matter(tuned):
    study = by_prediction(np.random.default_rng(2))
    cluster = np.random.default_rng(3).integers(0, 25, study.truth.size)
    order = np.random.default_rng(4).permutation(study.truth.size)
    first = corrected_mean(study.machine, study.gold, study.chance, stratum=study.stratum, cluster=cluster, tuned=tuned)
    names = np.array(["d", "b", "a", "c"])[study.stratum][order]
    again = corrected_mean(
        study.machine[order], study.gold[order], study.chance[order], stratum=names, cluster=(7 * cluster + 3)[order], tuned=tuned
    )
    assert (again.value, again.low, again.high) == pytest.approx((first.value, first.low, first.high))


@pytest.mark.parametrize("tuned", [False, True])
def test_affine_scales_move_the_estimate_with_them(tuned):
    study = by_prediction(np.random.default_rng(5))
    plain = corrected_mean(study.machine, study.gold, study.chance, stratum=study.stratum, tuned=tuned, bounds=None)
    moved = corrected_mean(3 * study.machine - 7, 3 * study.gold - 7, study.chance, stratum=study.stratum, tuned=tuned, bounds=None)
    assert (moved.low, moved.value, moved.high) == pytest.approx(tuple(3 * end - 7 for end in (plain.low, plain.value, plain.high)))
    steps = corrected_mean(2 * study.machine, 2 * study.gold, study.chance, stratum=study.stratum, tuned=tuned, bounds=(0, 2))
    share = corrected_mean(study.machine, study.gold, study.chance, stratum=study.stratum, tuned=tuned)
    assert (steps.low, steps.value, steps.high) == pytest.approx((2 * share.low, 2 * share.value, 2 * share.high))
    assert (steps.unit, share.unit) == ("mean", "share")


@pytest.mark.parametrize("tuned", [False, True])
def test_the_share_without_the_code_is_the_rest(tuned):
    study = simple(np.random.default_rng(6))
    found = corrected_mean(study.machine, study.gold, study.chance, tuned=tuned)
    rest = corrected_mean(1 - study.machine, 1 - study.gold, study.chance, tuned=tuned)
    assert (rest.low, rest.value, rest.high) == pytest.approx((1 - found.high, 1 - found.value, 1 - found.low))


def test_each_unit_its_own_cluster_is_the_sandwich_of_independent_units():
    rng = np.random.default_rng(7)
    truth, machine = rng.normal(size=400), rng.normal(size=400)
    chance = rng.uniform(0.2, 0.8, 400)
    at = np.flatnonzero(rng.random(400) < chance)
    found = corrected_mean(machine, gold_at(truth, at), chance, cluster=np.arange(400), bounds=None)
    pseudo = machine.copy()
    pseudo[at] += (truth[at] - machine[at]) / chance[at]
    half = stats.t.ppf(0.975, at.size - 1) * pseudo.std(ddof=1) / 20
    assert (found.value, found.low, found.high) == pytest.approx((pseudo.mean(), pseudo.mean() - half, pseudo.mean() + half))


def test_strata_add_up():
    study = by_prediction(np.random.default_rng(8))
    whole = corrected_mean(study.machine, study.gold, study.chance, stratum=study.stratum, bounds=None)
    parts = [study.stratum == k for k in range(4)]
    each = [corrected_mean(study.machine[own], study.gold[own], study.chance[own], bounds=None).value for own in parts]
    assert whole.value == pytest.approx(sum(own.mean() * value for own, value in zip(parts, each, strict=True)))


def test_small_strata_are_put_together():
    strata = np.repeat([0, 1, 2, 3], [40, 8, 9, 40])
    chances = np.repeat([0.5, 0.4, 0.6, 0.25], [40, 8, 9, 40])
    at = np.r_[0:20, 40:43, 48:53, 57:67]
    merged = collapsed(strata, chances, at)
    # 3 + 5 gold units are fewer than 10: the small ones join the stratum whose chance (.5) lies nearest to their .506
    assert np.bincount(merged).tolist() == [57, 40]
    assert collapsed(strata, chances, np.r_[0:20, 40:46, 48:53, 57:67]).tolist() == np.repeat([0, 2, 2, 1], [40, 8, 9, 40]).tolist()
    study = simple(np.random.default_rng(9))
    fine = corrected_mean(study.machine, study.gold, study.chance, stratum=np.arange(study.truth.size) % 400)
    none = corrected_mean(study.machine, study.gold, study.chance)
    assert (fine.value, fine.low, fine.high) == pytest.approx((none.value, none.low, none.high))


def test_a_stratum_drawn_with_certainty_adds_no_doubt():
    rng = np.random.default_rng(10)
    truth, machine = (rng.random(300) < 0.4).astype(float), (rng.random(300) < 0.5).astype(float)
    chance = np.where(np.arange(300) < 100, 1.0, 0.5)
    at = np.r_[0:100, 100 + rng.choice(200, 100, replace=False)]
    found = corrected_mean(machine, gold_at(truth, at), chance, bounds=None)
    rest = corrected_mean(machine[100:], gold_at(truth, at)[100:], chance[100:], bounds=None)
    assert found.value == pytest.approx((truth[:100].sum() + 200 * rest.value) / 300)
    assert found.high - found.low == pytest.approx((rest.high - rest.low) * 2 / 3)


def test_tuning_is_least_squares_in_each_cell():
    rng = np.random.default_rng(11)
    machine, cell = rng.normal(size=60), np.repeat([0, 1], 30)
    human = np.where(cell == 0, 0.5 * machine, -machine) + rng.normal(size=60)
    found = power_tuning(machine, human, np.full(60, 4.0), np.full(60, 0.75), cell, 3)
    first = np.cov(machine[:30], human[:30])
    assert found[0] == pytest.approx(first[0, 1] / first[0, 0])
    assert found[1] == 0  # never below 0
    assert found[2] == 1  # nothing to tune with


def test_tuning_helps_a_poor_machine_and_hurts_no_good_one():
    poor, good = simple(np.random.default_rng(12), quality="poor"), simple(np.random.default_rng(12), quality="excellent")
    found = [corrected_mean(study.machine, study.gold, study.chance, tuned=tuned) for study in (poor, good) for tuned in (False, True)]
    width = [each.high - each.low for each in found]
    assert width[1] < 0.85 * width[0]
    assert width[3] < 1.02 * width[2]
    assert width[3] < 0.5 * width[1]


def test_rare_codes_switch_the_method():
    study = simple(np.random.default_rng(13), share=0.03, n=200)
    found = corrected_mean(study.machine, study.gold, study.chance)
    drawn = ~np.isnan(study.gold)
    alone = hajek_mean(study.gold[drawn], study.chance[drawn])
    assert found.method == "corrected_mean.gold_only.v1"
    assert (found.low, found.value, found.high, found.n) == (alone.low, alone.value, alone.high, study.truth.size)
    verdict = rarity(study.gold[drawn], study.machine[drawn], study.chance[drawn])
    positives = study.gold[drawn].sum()
    assert verdict.verdict == "few_positives"
    assert verdict.positives == pytest.approx(positives)
    assert verdict.more == math.ceil(200 * (15 / positives - 1))


def test_rarity_counts_what_unequal_weights_leave():
    # 20 positives, one of which stands for as many units as the 19 others: worth (19 + 19)² / (19 + 361) = 3.8
    human, chance = np.repeat([1.0, 0.0], [20, 80]), np.r_[0.01, np.full(99, 0.19)]
    found = rarity(human, np.zeros(100), chance)
    assert found.positives == pytest.approx(38**2 / 380)
    assert found.verdict == "few_positives"
    assert rarity(np.ones(50), np.ones(50), np.r_[1e-4, np.full(49, 0.5)]).verdict == "not_estimable"
    assert rarity(np.zeros(50), np.zeros(50), np.full(50, 0.5)).more is None
    assert kish(np.zeros(3)) == 0


def test_a_few_heavy_units_are_not_estimable():
    chance = np.full(60, 0.9)
    chance[0] = 1e-4
    found = corrected_mean(np.zeros(60), np.tile([0.0, 1.0], 30), chance)
    assert (found.value, found.reason) == (None, "not_estimable")


def test_clopper_pearson_published():
    # Clopper and Pearson (1934): 3 of 10 at .95 lies in .0667 to .6525
    assert clopper_pearson(3, 10, 0.95) == pytest.approx((0.06674, 0.65245), abs=1e-5)
    assert clopper_pearson(0, 20, 0.95) == pytest.approx((0, 1 - 0.025 ** (1 / 20)))
    assert clopper_pearson(20, 20, 0.95)[1] == 1


def test_the_interval_leans_as_the_errors_do():
    pulls, left = np.r_[np.full(5, -1.0), np.full(95, 5 / 95)], np.ones(100)
    error = math.sqrt(float(pulls @ pulls))
    low, high = skewed_interval(0.0, error, pulls, left, degrees=99, confidence=0.95)
    assert -low > high  # false positives only: the estimate may have come out far too high
    mirrored = skewed_interval(0.0, error, -pulls, left, degrees=99, confidence=0.95)
    assert mirrored == pytest.approx((-high, -low))


def test_works():
    study = videos(np.random.default_rng(14), number=12)
    at_hand = corrected_mean(study.machine, study.gold, study.chance)
    many = corrected_mean(study.machine, study.gold, study.chance, cluster=study.cluster)
    wild = corrected_mean(study.machine, study.gold, study.chance, cluster=study.cluster % 7)
    few = corrected_mean(study.machine, study.gold, study.chance, cluster=study.cluster % 4)
    assert (few.value, few.reason) == (None, "too_few_videos")
    assert many.high - many.low > 1.2 * (at_hand.high - at_hand.low)
    assert wild.low < wild.value < wild.high
    assert wild == corrected_mean(study.machine, study.gold, study.chance, cluster=study.cluster % 7)
    only = np.where(study.cluster < 4, study.gold, np.nan)
    four = corrected_mean(study.machine, only, study.chance / 3, cluster=study.cluster)
    assert four.reason == "too_few_videos"  # twelve works, but people looked at four


def test_difference_of_groups_that_hold_different_works():
    study = videos(np.random.default_rng(15), number=24, between=True)
    found = corrected_difference(study.machine, study.gold, study.chance, study.group, cluster=study.cluster)
    parts = [study.group == k for k in (0, 1)]
    spread = []
    for own in parts:
        scaled = study.chance[own]
        each = corrected_mean(study.machine[own], study.gold[own], scaled, cluster=study.cluster[own], bounds=None)
        spread.append((each.high - each.value) / stats.t.ppf(0.975, 11))
    error = math.hypot(*spread)
    assert (found.high - found.value) / error == pytest.approx(stats.t.ppf(0.975, 22), rel=0.06)


def test_difference_by_hand_and_outside_of_both_groups():
    study = simple(np.random.default_rng(16))
    group = np.where(np.arange(study.truth.size) % 3 == 0, -1, study.group)
    found = corrected_difference(study.machine, study.gold, study.chance, group)
    pseudo = study.machine + np.where(np.isnan(study.gold), 0, (study.gold - study.machine) / study.chance)
    assert found.value == pytest.approx(pseudo[group == 1].mean() - pseudo[group == 0].mean())
    assert found.n == int((group >= 0).sum())
    turned = corrected_difference(study.machine, study.gold, study.chance, np.where(group >= 0, 1 - group, -1))
    assert (turned.low, turned.value, turned.high) == pytest.approx((-found.high, -found.value, -found.low))


def test_difference_of_rare_codes_by_squares():
    study = simple(np.random.default_rng(17), share=0.03, n=300)
    found = corrected_difference(study.machine, study.gold, study.chance, study.group)
    one, zero = (corrected_mean(study.machine[own], study.gold[own], study.chance[own]) for own in (study.group == 1, study.group == 0))
    assert found.method == "corrected_difference.by_squares.v1"
    assert found.value == pytest.approx(one.value - zero.value)
    assert found.low == pytest.approx(found.value - math.hypot(one.value - one.low, zero.high - zero.value))


def test_difference_reasons():
    study = simple(np.random.default_rng(18), n=60)
    here = (study.machine, study.gold, study.chance)
    first = np.zeros(study.truth.size, int)
    assert corrected_difference(*here, first).reason == "no_units"
    drawn = np.flatnonzero(~np.isnan(study.gold))
    first[drawn[:4]] = 1
    assert corrected_difference(*here, first).reason == "too_few_gold"
    first[drawn[:4]] = 0
    first[np.flatnonzero(np.isnan(study.gold))[:50]] = 1
    assert (corrected_difference(*here, first).value, corrected_difference(*here, first).reason) == (None, "too_few_gold")
    works = corrected_difference(*here, study.group, cluster=np.arange(study.truth.size) % 3)
    assert (works.value, works.reason) == (None, "too_few_videos")
    rare = videos(np.random.default_rng(19), number=20)
    alone = corrected_difference(rare.truth, rare.gold, rare.chance, rare.group, cluster=rare.cluster)
    assert alone.method == "corrected_difference.gold_only.v1"


def test_convenience_gold_gives_no_interval():
    study = simple(np.random.default_rng(20))
    found = corrected_mean(study.machine, study.gold, None, design="convenience")
    assert found.reason == "no_design"
    assert found.low is None
    assert found.value == pytest.approx(corrected_mean(study.machine, study.gold, study.chance).value)
    assert corrected_difference(study.machine, study.gold, None, study.group, design="convenience").reason == "no_design"


@pytest.mark.parametrize(
    ("machine", "human", "reason"),
    [([], [], "no_units"), ([1, 0], [np.nan, np.nan], "too_few_gold"), ([1, 0], [1, np.nan], "too_few_gold")],
)
def test_too_little_is_said(machine, human, reason):
    found = corrected_mean(machine, human, np.full(len(machine), 0.5))
    assert (found.reason, found.low) == (reason, None)
    assert (found.value is None) == (found.n_gold == 0)


def test_clusters_without_any_difference_are_said():
    human = np.tile([0.0, 1.0], 200)
    found = corrected_mean(human, human, np.ones(400), cluster=np.repeat(np.arange(20), 20))
    assert (found.value, found.reason) == (0.5, "no_variation")


ONES = np.ones(40)


@pytest.mark.parametrize(
    ("machine", "human", "chance", "options", "code"),
    [
        (ONES, ONES[:30], ONES, {}, "YH301"),
        (ONES, ONES, ONES[:1], {}, "YH301"),
        (ONES, ONES, ONES, {"cluster": [1]}, "YH301"),
        (ONES, ONES, ONES, {"stratum": [1]}, "YH301"),
        (ONES, ONES, None, {}, "YH302"),
        (ONES, ONES, ONES * np.nan, {}, "YH302"),
        (ONES, ONES, ONES * 0, {}, "YH302"),
        (ONES, ONES, ONES * 2, {}, "YH302"),
        (ONES, ONES, ONES * 0.2, {}, "YH302"),
        (ONES, ONES * np.nan, ONES, {}, "YH303"),
        (ONES * np.nan, ONES, ONES, {}, "YH303"),
        (ONES, ONES * np.inf, ONES, {}, "YH303"),
        (ONES * 2, ONES, ONES, {}, "YH303"),
        (ONES, ONES * -1, ONES, {}, "YH303"),
        (ONES, np.r_[np.nan, ONES[1:]], ONES, {}, "YH303"),
        (ONES, ONES, ONES, {"confidence": 1}, "YH303"),
        (ONES, ONES, ONES, {"bounds": (1, 1)}, "YH303"),
        (ONES, ONES, ONES, {"design": "sloppy"}, "YH303"),
        (ONES, ONES, ONES, {"cluster": ONES * np.nan}, "YH303"),
    ],
)
def test_bad_input_is_refused(machine, human, chance, options, code):
    with pytest.raises(YuhuError, match=code):
        corrected_mean(machine, human, chance, **options)


def test_bad_groups_are_refused():
    with pytest.raises(YuhuError, match="none of -1, 0, 1"):
        corrected_difference(ONES, ONES, ONES, ONES * 2)
    with pytest.raises(YuhuError, match="YH301"):
        corrected_difference(ONES, ONES, ONES, [0, 1])


def test_ppi_mean_reference():
    # methods 3.2, from ppi-python 0.2.3 (variances by n, normal quantiles)
    human, machine, rest = [1, 0, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0, 1, 0, 1, 1]
    plain = ppi_mean(machine, human, rest, tuned=False)
    assert (plain.value, plain.low, plain.high) == pytest.approx((0.375, -0.165935, 0.915935), abs=5e-7)
    tuned = ppi_mean(machine, human, rest)
    assert (tuned.value, tuned.low, tuned.high) == pytest.approx((0.457031, 0.018698, 0.895364), abs=5e-7)


def test_ppi_mean_edges():
    assert ppi_mean([1], [1], [1, 0]).reason == "too_few_gold"
    assert ppi_mean([1, 0], [1, 0], []).reason == "no_units"
    classical = ppi_mean([1, 1, 1], [0, 1, 2], [1, 1])
    assert classical.value == 1
    with pytest.raises(YuhuError, match="YH301"):
        ppi_mean([1], [1, 0], [1])
    with pytest.raises(YuhuError, match="YH303"):
        ppi_mean([1, np.nan], [1, 0], [1])


def test_rogan_gladen_reference():
    assert rogan_gladen(0.30, 0.85, 0.90).value == pytest.approx(0.26667, abs=5e-6)
    assert rogan_gladen(0.30, 0.85, 0.90).reason == "assumed_rates"
    assert rogan_gladen(0.05, 0.85, 0.90).value == 0
    assert (rogan_gladen(0.3, 0.5, 0.5).value, rogan_gladen(0.3, 0.5, 0.5).reason) == (None, "not_identified")
    with pytest.raises(YuhuError, match="YH303"):
        rogan_gladen(30, 0.85, 0.9)


def test_gold_of_two_coders():
    rng = np.random.default_rng(21)
    study = simple(rng, n=400)
    drawn = np.flatnonzero(~np.isnan(study.gold))
    ratings = np.stack([study.gold, study.gold])
    flipped = rng.choice(drawn, 40, replace=False)
    ratings[1, flipped] = 1 - ratings[1, flipped]
    ratings[0, drawn[:100]] = np.nan
    found = gold_sensitivity(study.machine, ratings, study.chance, tuned=True)
    both = np.setdiff1d(drawn, drawn[:100])
    assert found.several == 300
    assert found.disagreement == pytest.approx(np.isin(flipped, both).sum() / 300)
    assert found.lowest.value < found.mean.value < found.highest.value
    assert (found.low, found.high) == (found.lowest.low, found.highest.high)
    assert found.by_coder[1].value == pytest.approx(corrected_mean(study.machine, ratings[1], study.chance, tuned=True).value)
    assert found.by_coder[0].n_gold == 300


def test_gold_of_one_coder_and_bad_ratings():
    study = simple(np.random.default_rng(22))
    found = gold_sensitivity(study.machine, study.gold[None, :], study.chance)
    assert found.mean == found.lowest == found.highest == found.by_coder[0]
    assert found.disagreement is None
    empty = gold_sensitivity(study.machine, np.stack([study.gold, study.gold * np.nan]), study.chance)
    assert empty.by_coder[1].n_gold == 0
    with pytest.raises(YuhuError, match="YH301"):
        gold_sensitivity(study.machine, study.gold, study.chance)
