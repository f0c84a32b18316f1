"""How well a machine codes: hand-computed rates, weights, intervals that cover, tests that keep their level."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from machine_codings import by_prediction, poisson, simple, videos
from yuhu.core.errors import YuhuError
from yuhu.stats.classification import calibration, confusion, equal_rates, error_rates, f1_scores
from yuhu.stats.classification.rates import PARTS, parts_of
from yuhu.stats.survey import wilson_at

TABLE = np.repeat([(1, 1), (1, 0), (0, 1), (0, 0)], [30, 10, 20, 140], axis=0).astype(float)  # machine, human
SMALL = np.full(200, 1e-6)


def test_rates_by_hand():
    found = error_rates(*TABLE.T, SMALL)
    assert found.precision.value == pytest.approx(30 / 40)
    assert found.recall.value == pytest.approx(30 / 50)
    assert found.specificity.value == pytest.approx(140 / 150)
    assert found.f1.value == pytest.approx(60 / 90)
    assert found.accuracy.value == pytest.approx(170 / 200)
    assert (found.precision.n, found.recall.n, found.specificity.n, found.f1.n) == (40, 50, 150, 60)


def test_the_interval_of_a_plain_rate_is_wilson_s_with_t():
    found = error_rates(*TABLE.T, SMALL).recall
    expected = wilson_at(0.6, 0.6 * 0.4 / (0.6 * 0.4 / 49), stats.t.ppf(0.975, 49))
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-6)


def test_weights_undo_an_enriched_sample():
    machine, human = TABLE.T
    chance = np.where(machine == 1, 0.5, 0.1)
    found = error_rates(machine, human, chance)
    assert found.precision.value == pytest.approx(0.75)  # equal chances among what the machine calls positive
    assert found.recall.value == pytest.approx(60 / (60 + 200))
    table = confusion(machine, human, chance)
    assert table.units.tolist() == [[140, 10], [20, 30]]
    assert table.weighted == pytest.approx(np.array([[1400, 20], [200, 60]]))


def test_a_census_has_no_width():
    found = error_rates(*TABLE.T, np.ones(200)).f1
    assert found.low == found.value == found.high == pytest.approx(2 / 3)


def test_no_errors_in_a_sample_are_no_proof():
    same = np.repeat([1.0, 0.0], [30, 70])
    found = error_rates(same, same, np.full(100, 1e-6))
    assert (found.recall.value, found.recall.high) == (1, 1)
    assert found.recall.low == pytest.approx(wilson_at(1.0, 30, stats.t.ppf(0.975, 29))[0], abs=1e-6)
    assert found.f1.low < 1


@pytest.mark.parametrize(
    ("machine", "human", "rate", "reason"),
    [
        ([0, 0], [1, 0], "precision", "never_predicted"),
        ([0, 1], [0, 0], "recall", "no_gold_positives"),
        ([0, 1], [1, 1], "specificity", "no_gold_negatives"),
        ([0, 0], [0, 0], "f1", "no_gold_positives"),
        ([], [], "accuracy", "no_units"),
    ],
)
def test_undefined_rates_say_why(machine, human, rate, reason):
    found = getattr(error_rates(machine, human, np.full(len(machine), 0.5)), rate)
    assert (found.value, found.reason) == (None, reason)
    assert error_rates([1, 1], [1, 0], [0.5, 0.5]).precision.reason == "too_few_gold"


def test_undrawn_units_do_not_count():
    machine, human = np.tile(TABLE, (2, 1)).T
    human = np.where(np.arange(400) < 200, human, np.nan)
    chance = np.where(np.arange(400) < 200, 0.5, np.nan)
    assert error_rates(machine, human, chance) == error_rates(*TABLE.T, np.full(200, 0.5))


def test_works_of_rates():
    study = videos(np.random.default_rng(1), number=20)
    works = error_rates(study.machine, study.gold, study.chance, cluster=study.cluster)
    wild = error_rates(study.machine, study.gold, study.chance, cluster=study.cluster % 7)
    few = error_rates(study.machine, study.gold, study.chance, cluster=study.cluster % 3)
    for name in PARTS:
        assert getattr(works, name).low < getattr(works, name).value < getattr(works, name).high
        assert getattr(wild, name).low < getattr(wild, name).value
        assert (getattr(few, name).value, getattr(few, name).reason) == (None, "too_few_videos")
    assert error_rates(study.machine, study.machine, np.ones(study.machine.size), cluster=study.cluster).recall.reason == "no_variation"


def test_f1_of_several_codes_and_values():
    rng = np.random.default_rng(2)
    human = rng.choice(3, 400, p=(0.5, 0.3, 0.2)).astype(float)
    machine = np.where(rng.random(400) < 0.7, human, rng.choice(3, 400))
    found = f1_scores(machine, human, np.full(400, 0.1), values=(0, 1, 2))
    by_hand = [2 * ((machine == k) & (human == k)).sum() / ((machine == k).sum() + (human == k).sum()) for k in range(3)]
    assert [each.value for each in found.by_value] == pytest.approx(by_hand)
    assert found.macro.value == pytest.approx(np.mean(by_hand))
    assert found.micro.value == pytest.approx((machine == human).mean())
    columns = f1_scores((machine[:, None] == range(3)) * 1.0, (human[:, None] == range(3)) * 1.0, np.full(400, 0.1))
    assert columns == found
    absent = f1_scores(machine, human, np.full(400, 0.1), values=(0, 1, 2, 9))
    assert (absent.macro.value, absent.macro.reason) == (None, "no_gold_positives")
    assert f1_scores(np.zeros(40), np.tile([0.0, 1.0], 20), np.full(40, 0.1)).by_value[1].value == 0


def test_macro_of_works():
    study = videos(np.random.default_rng(3), number=20)
    here = (study.machine, study.gold, study.chance)
    works, wild = (f1_scores(*here, cluster=study.cluster % number).macro for number in (20, 8))
    assert works.low < works.value < works.high
    assert wild.low < wild.value < wild.high
    assert f1_scores(*here, cluster=study.cluster % 4).macro.reason == "too_few_videos"
    assert f1_scores([1, 0], [1, 0], [0.5, 0.5]).macro.reason == "too_few_gold"
    assert f1_scores([], [], []).macro.reason == "no_units"
    same = np.repeat([0.0, 1.0], 20)
    assert f1_scores(same, same, np.full(40, 0.5)).macro.reason == "no_variation"


def covered(rounds, draw):
    """Share of rounds in which each of several intervals holds its truth; rounds without an interval are left out."""
    found = [
        [np.nan if low is None else low <= truth <= high for truth, low, high in draw(np.random.default_rng([3, seed]))]
        for seed in range(rounds)
    ]
    return np.nanmean(np.array(found, float), axis=0)


def rates_of(make, **options):
    def draw(rng):
        study = make(rng, **options)
        found = error_rates(study.machine, study.gold, study.chance)
        for name in PARTS:
            part, whole = parts_of(name, study.machine, study.truth)
            yield part.sum() / whole.sum(), getattr(found, name).low, getattr(found, name).high

    return draw


def three_values(rng):
    human = rng.choice(3, 20_000, p=(0.6, 0.28, 0.12))
    machine = np.where(rng.random(20_000) < 0.75, human, rng.choice(3, 20_000))
    at = rng.choice(20_000, 300, replace=False)
    gold = np.full(20_000, np.nan)
    gold[at] = human[at]
    found = f1_scores(machine, gold, np.full(20_000, 0.015), values=(0, 1, 2))
    truth = [2 * ((machine == k) & (human == k)).sum() / ((machine == k).sum() + (human == k).sum()) for k in range(3)]
    return [(np.mean(truth), found.macro.low, found.macro.high), (truth[2], found.by_value[2].low, found.by_value[2].high)]


def probabilities(rng, n, too_sure):
    z = rng.normal(-1, 1.3, 20_000)
    said, truth = expit(z * (1 + too_sure)), (rng.random(20_000) < expit(z)).astype(float)
    at = rng.choice(20_000, n, replace=False)
    gold = np.full(20_000, np.nan)
    gold[at] = truth[at]
    error = np.abs(np.bincount(np.minimum((said * 10).astype(int), 9), weights=truth - said, minlength=10)).sum() / 20_000
    return said, truth, gold, np.full(20_000, n / 20_000), error


def calibrations(n, too_sure):
    def draw(rng):
        said, truth, gold, chance, error = probabilities(rng, n, too_sure)
        found = calibration(said, gold, chance)
        return [(error, found.error.low, found.error.high), ((said - truth).mean(), found.bias.low, found.bias.high)]

    return draw


COVERED = {
    "simple, 88 %, n=500": (rates_of(simple), 0.935, 0.98),
    "simple, 88 %, n=100": (rates_of(simple, n=100), 0.935, 0.985),
    "simple, excellent, n=200": (rates_of(simple, quality="excellent", n=200), 0.935, 0.985),
    "strata, positives 3:1": (rates_of(by_prediction), 0.935, 1.0),
    "chances of each unit": (rates_of(poisson), 0.935, 1.0),
    "three values: macro F1, F1 of the rarest": (three_values, 0.935, 0.97),
    "calibration error and bias, n=200, none": (calibrations(200, 0.0), 0.90, 0.99),
    "calibration error and bias, n=1000, none": (calibrations(1000, 0.0), 0.93, 0.99),
    "calibration error and bias, n=200, too sure": (calibrations(200, 0.5), 0.92, 0.99),
    "calibration error and bias, n=1000, too sure": (calibrations(1000, 0.5), 0.92, 0.99),
}


@pytest.mark.parametrize("design", ["simple, 88 %, n=500", "strata, positives 3:1", "three values: macro F1, F1 of the rarest"])
def test_intervals_cover_fast(design):
    # 150 rounds at .95: three binomial standard errors are .053
    assert covered(150, COVERED[design][0]).min() >= 0.897


@pytest.mark.slow
@pytest.mark.parametrize("design", COVERED)
def test_intervals_cover(design):
    draw, low, high = COVERED[design]
    shares = covered(2000, draw)
    print(f"| {design} | {' | '.join(f'{share:.4f}' for share in shares)} |")  # noqa: T201 - this table is what the run is for
    assert low <= shares.min()
    assert shares.max() <= high


def test_calibration_by_hand():
    said, human = np.repeat([0.1, 0.9], [60, 40]), np.r_[np.repeat([1.0, 0.0], [12, 48]), np.repeat([1.0, 0.0], [30, 10])]
    found = calibration(said, human, np.full(100, 1e-6))
    assert [each.said for each in found.bins if each.found.n] == pytest.approx([0.1, 0.9])
    assert [each.found.value for each in found.bins if each.found.n] == pytest.approx([0.2, 0.75])
    assert found.error_seen == pytest.approx(0.6 * 0.1 + 0.4 * 0.15)
    assert found.bias.value == pytest.approx(said.mean() - human.mean())
    assert found.bins[5].found.reason == "no_units"
    assert found.error.low <= found.error.value <= found.error.high
    assert found == calibration(said, human, np.full(100, 1e-6))


def test_calibration_edges():
    assert calibration([], [], []).error.reason == "no_units"
    assert calibration([0.5], [1.0], [0.5]).error.reason == "too_few_gold"
    study = videos(np.random.default_rng(4), number=20)
    assert calibration(study.machine, study.gold, study.chance, cluster=study.cluster).error.low is not None
    assert calibration(study.machine, study.gold, study.chance, cluster=study.cluster % 6).error.reason == "too_few_videos"
    for arguments, options in ((([2.0], [1.0], [0.5]), {}), (([0.5], [1.0], [0.5]), {"bins": 1})):
        with pytest.raises(YuhuError, match="YH303"):
            calibration(*arguments, **options)


def test_equal_rates_are_pearson_s_test_for_equal_weights():
    rng = np.random.default_rng(5)
    group = np.repeat([0, 1], 200)
    machine = (rng.random(400) < np.where(group == 1, 0.8, 0.7)).astype(float)
    found = equal_rates(machine, np.ones(400), np.full(400, 0.1), group, rates=("recall",))[0]
    table = np.array([[(machine[group == k] == v).sum() for v in (0, 1)] for k in (0, 1)])
    pearson = stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(pearson.statistic, rel=0.02)
    assert found.degrees == (1.0,)
    assert [each.subject for each in found.by_group] == ["0", "1"]


def test_unequal_errors_are_found_and_equal_ones_are_not():
    study = simple(np.random.default_rng(6), n=3000)
    apart = equal_rates(study.machine, study.gold, study.chance, study.group)
    assert all(test.p_holm < 0.05 for test in apart)
    level = rejected(300, lambda rng: simple(rng, n=300, quality=((0.85, 0.85), (0.1, 0.1))))
    assert level.max() < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 300)


def rejected(rounds, make, clustered=False):
    hits = np.zeros(2)
    for seed in range(rounds):
        study = make(np.random.default_rng([8, seed]))
        cluster = study.cluster if clustered else None
        hits += [test.p < 0.05 for test in equal_rates(study.machine, study.gold, study.chance, study.group, cluster=cluster)]
    return hits / rounds


def equal_and_enriched(rng):
    return poisson(rng, quality=((0.85, 0.85), (0.1, 0.1)))


@pytest.mark.slow
def test_equality_keeps_its_level():
    for name, shares in {
        "simple, n=300": rejected(2000, lambda rng: simple(rng, n=300, quality=((0.85, 0.85), (0.1, 0.1)))),
        "chances of each unit": rejected(2000, equal_and_enriched),
        "30 videos": rejected(1000, lambda rng: videos(rng, number=30), clustered=True),
    }.items():
        print(f"| equality, {name} | {shares[0]:.4f} | {shares[1]:.4f} |")  # noqa: T201 - this table is what the run is for
        assert 0.03 <= shares.min() <= shares.max() <= 0.075


def test_equality_says_why_not():
    study = simple(np.random.default_rng(7), n=400)
    here = (study.machine, study.gold, study.chance)
    assert equal_rates(*here, np.zeros(study.truth.size))[0].reason == "no_units"
    few = np.where(np.arange(study.truth.size) < 800, 1, 0)
    assert equal_rates(*here, few)[0].reason == "too_few_gold"
    assert equal_rates(study.truth, study.gold, study.chance, study.group)[0].reason == "no_variation"
    works = np.arange(study.truth.size) % 8
    assert equal_rates(*here, study.group, cluster=works)[0].reason == "too_few_videos"
    many = videos(np.random.default_rng(9), number=20)
    same = equal_rates(many.truth, many.gold, many.chance, many.group, cluster=many.cluster)[0]
    assert (same.reason, same.p) == ("no_variation", None)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: error_rates([1], [1, 0], [0.5]), "YH301"),
        (lambda: error_rates([1], [1], None), "YH302"),
        (lambda: error_rates([1], [1], [0]), "YH302"),
        (lambda: error_rates([0.4], [1], [0.5]), "YH303"),
        (lambda: error_rates([1], [0.5], [0.5]), "YH303"),
        (lambda: error_rates([np.nan], [1], [0.5]), "YH303"),
        (lambda: error_rates([1], [1], [0.5], confidence=0), "YH303"),
        (lambda: f1_scores(np.ones((2, 2)), np.ones((2, 3)), np.ones(2)), "YH301"),
        (lambda: f1_scores([1], [1], [0.5], values=[[1]]), "YH303"),
        (lambda: confusion([5], [1], [0.5], values=(0, 1)), "YH303"),
        (lambda: equal_rates([1], [1], [0.5], [1, 2]), "YH301"),
        (lambda: equal_rates([1], [1], [0.5], [1], rates=("luck",)), "YH303"),
    ],
)
def test_bad_input_is_refused(call, code):
    with pytest.raises(YuhuError, match=code):
        call()
