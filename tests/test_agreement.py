"""Agreement coefficients: published figures, what is undefined and why, bounds, arguments."""

import math

import numpy as np
import pytest
from scipy import stats

from brighter import by_emotion
from published import ADMISSIONS, DAWID_SKENE, FLEISS, HAYES, KRIPPENDORFF, two_coders
from yuhu.core.errors import YuhuError, YuhuWarning
from yuhu.core.estimate import estimates_frame
from yuhu.core.randomness import generator
from yuhu.stats.agreement import (
    agreement,
    bloch_kraemer_units,
    brennan_prediger,
    cohen_kappa,
    common_odds,
    conger_kappa,
    dawid_skene,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
    plan_half_width,
    plan_lower_bound,
    scott_pi,
    specific_agreement,
)
from yuhu.stats.agreement.coincidences import hayes_draws
from yuhu.stats.agreement.patterns import pairable
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.units import units_of

NAN = math.nan


def error_of(found, freedom):
    """Standard error that a symmetric interval was made from."""
    return (found.value - found.low) / stats.t.ppf(0.975, freedom)


@pytest.mark.parametrize(
    ("level", "printed"),
    [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403), ("ordinal_gwet", 0.83364)],
)
def test_krippendorffs_example(level, printed):
    # krippendorff2019; ordinal_gwet is what irrCAC calls "ordinal"
    digits = 5 if level == "ordinal_gwet" else 6
    assert round(krippendorff_alpha(KRIPPENDORFF, level=level).value, digits) == printed


def test_gwets_family_on_krippendorffs_example():
    # irrCAC 0.4.4, twelve units with a rating
    values = (1, 2, 3, 4, 5)
    ac1 = gwet_ac1(KRIPPENDORFF, values=values, interval="gwet")
    fleiss = fleiss_kappa(KRIPPENDORFF, values=values, interval="gwet")
    ac2 = gwet_ac2(KRIPPENDORFF, values=values, interval="gwet")
    assert (round(ac1.value, 5), round(error_of(ac1, 11), 5)) == (0.77544, 0.14295)
    assert (round(fleiss.value, 5), round(error_of(fleiss, 11), 5)) == (0.76117, 0.15302)
    assert (round(ac2.value, 5), round(error_of(ac2, 11), 5)) == (0.914, 0.10396)
    assert round(brennan_prediger(KRIPPENDORFF, values=values).value, 5) == 0.77273
    assert round(conger_kappa(KRIPPENDORFF, values=values).value, 5) == 0.76207
    assert round(percent_agreement(KRIPPENDORFF).value, 5) == 0.81818


def test_hayes_and_krippendorffs_example():
    found = agreement(HAYES, level="ordinal", interval="bootstrap", minimum=0.70, draws=20_000)
    assert round(found.alpha.value, 4) == 0.7598
    assert (found.n_pairs, sum(found.used)) == (239, 159)
    assert (found.alpha.low, found.alpha.high) == pytest.approx((0.624, 0.842), abs=0.003)
    assert found.p_below == pytest.approx(0.19, abs=0.01)


def test_what_hayes_and_krippendorff_print_can_be_reproduced_under_protest():
    with pytest.warns(YuhuWarning, match="hayes2007"):
        found = krippendorff_alpha(HAYES, level="ordinal", interval="hayes2007", draws=20_000, minimum=0.70)
    assert (found.low, found.high) == pytest.approx((0.708, 0.807), abs=0.002)
    assert found.p_below == pytest.approx(0.19, abs=0.01)  # from the units, whatever the interval
    known = checked_ratings(HAYES, level="ordinal")
    draws, pairs = hayes_draws(
        pairable(units_of(known).by_count), known, "ordinal", draws=20_000, capped=False, generator=generator(0, "x")
    )
    assert pairs == 239
    assert np.mean(draws < 0.70) == pytest.approx(0.013, abs=0.003)


def test_fleiss_example():
    assert round(fleiss_kappa(FLEISS, values=range(5)).value, 6) == 0.430245  # fleiss1971


def test_two_by_two_examples():
    assert round(cohen_kappa(two_coders([[45, 15], [25, 15]])).value, 4) == 0.1304
    assert round(cohen_kappa(two_coders([[20, 5], [10, 15]])).value, 2) == 0.40
    hand = two_coders([[1, 1], [0, 8]])  # gwet2008 by hand: p_a .9, p_e .255
    assert round(percent_agreement(hand).value, 4) == 0.9
    assert round(gwet_ac1(hand).value, 4) == 0.8658
    assert round(scott_pi(hand).value, 4) == 0.6078


def test_prevalence_paradox():
    # 120 of 125 agree, and nobody ever agreed that the code is there
    ratings = two_coders([[118, 5], [2, 0]])
    found = agreement(ratings, level="nominal", values=(0, 1))
    assert round(found.coefficients["percent_agreement"].value, 3) == 0.944
    assert round(found.coefficients["cohen_kappa"].value, 4) == -0.0234
    assert round(found.alpha.value, 4) == -0.0247
    assert round(found.coefficients["gwet_ac1"].value, 4) == 0.9408
    positive, negative = found.specific[1.0], found.specific[0.0]
    assert positive.value == 0.0
    assert (positive.low, positive.high, positive.n) == (0.0, pytest.approx(1 - 0.05 ** (1 / 7)), 7)
    assert negative.value == pytest.approx(236 / 243)
    assert found.verdict == "below"


def test_bloch_kraemer():
    # methods 2.6: alpha .667, .80, .90 by share of the rarest value .5, .25, .10, .05
    printed = {0.667: [30, 41, 86, 165], 0.80: [52, 70, 147, 280], 0.90: [106, 142, 298, 566]}
    for minimum, units in printed.items():
        assert [bloch_kraemer_units(minimum, share) for share in (0.5, 0.25, 0.1, 0.05)] == units


def test_planning_by_influence():
    # methods 2.6, from standard deviations printed with two digits
    deviations = [0.60, 0.77, 1.02, 1.40, 0.48, 0.60, 0.82, 1.15]
    for sd, units in zip(deviations, [55, 90, 160, 299, 35, 56, 104, 204], strict=True):
        found = plan_lower_bound(sd, 0.80, minimum=0.667, sides=1, assurance=0.5, log=False)
        assert found == pytest.approx(units, abs=1 + units * 0.012 / sd)
    for sd, units in zip(deviations[4:], [349, 561, 1041, 2043], strict=True):
        assert plan_half_width(sd, 0.05) == pytest.approx(units, rel=0.01 / sd + 0.005)


def test_berkeley_admissions():
    found = common_odds(ADMISSIONS)
    assert (round(found.odds_ratio, 6), round(found.statistic, 6), round(found.corrected, 6)) == (0.904697, 1.524607, 1.426946)


def test_anaesthetists():
    # dawid1979, tables 2 and 3: class shares and the first observer's error rates
    found = dawid_skene(DAWID_SKENE, coders=(0, 0, 0, 1, 2, 3, 4))
    assert np.round(found.prior, 2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert np.round(found.confusion[0], 2).tolist() == [[0.89, 0.11, 0, 0], [0.07, 0.88, 0.05, 0], [0, 0.34, 0.66, 0], [0, 0, 0.56, 0.44]]
    assert (found.converged, found.caution) == (True, "")
    assert dawid_skene(DAWID_SKENE[3:6]).caution == "few_coders"


ONE = [[0, 1, 0, 1], [NAN] * 4]
UNDEFINED = {
    "no_units": [[NAN] * 4, [NAN] * 4],
    "one_coder": ONE,
    "no_overlap": [[0, 1, NAN, NAN], [NAN, NAN, 0, 1]],
    "one_pairable_unit": [[0, 1, NAN], [1, NAN, 0]],
    "one_value_used": [[0] * 12, [0] * 12],
}
CHANCE = {
    "alpha": lambda ratings: krippendorff_alpha(ratings, level="nominal", values=(0, 1)),
    "ac1": lambda ratings: gwet_ac1(ratings, values=(0, 1)),
    "ac2": lambda ratings: gwet_ac2(ratings, values=(0, 1)),
    "cohen": lambda ratings: cohen_kappa(ratings, values=(0, 1)),
    "scott": lambda ratings: scott_pi(ratings, values=(0, 1)),
    "fleiss": lambda ratings: fleiss_kappa(ratings, values=(0, 1)),
    "conger": lambda ratings: conger_kappa(ratings, values=(0, 1)),
    "brennan": lambda ratings: brennan_prediger(ratings, values=(0, 1)),
}


@pytest.mark.parametrize("reason", UNDEFINED)
@pytest.mark.parametrize("name", CHANCE)
def test_undefined_says_why(name, reason):
    found = CHANCE[name](np.array(UNDEFINED[reason], float))
    assert (found.value, found.low, found.reason) == (None, None, reason)
    assert found.why_none("zh")


@pytest.mark.parametrize("ratings", [np.empty((0, 0)), np.empty((2, 0)), np.empty((0, 5)), np.full((3, 2), NAN)])
def test_nothing_at_all(ratings):
    found = agreement(ratings, level="ordinal")
    assert {each.reason for each in found.estimates} == {"no_units"}
    assert found.verdict == "undefined"


def test_percent_agreement_is_defined_where_chance_is_not():
    same = percent_agreement(np.zeros((2, 12)))
    assert (same.value, same.high) == (1.0, 1.0)
    assert same.low == pytest.approx(0.05 ** (1 / 12))
    assert specific_agreement(np.zeros((2, 12)), value=1, values=(0, 1)).reason == "value_not_used"


def test_a_constant_coder():
    ratings = np.array([[0.0] * 20, [0.0, 1.0] * 10])
    kappa = cohen_kappa(ratings)
    assert (kappa.value, kappa.low, kappa.reason) == (0.0, None, "constant_coder")
    alpha = krippendorff_alpha(ratings, level="nominal")
    assert alpha.value < 0
    assert alpha.low < alpha.value < alpha.high


def test_few_units_have_a_value_and_no_interval():
    found = krippendorff_alpha(KRIPPENDORFF[:, :9], level="nominal")
    assert (found.low, found.reason, found.p_below) == (None, "too_few_pairable", None)
    assert found.value is not None


def test_variation_in_one_unit_gives_no_interval():
    # without the only unit with a 1 nothing varies
    ratings = np.zeros((2, 40))
    ratings[0, 0] = 1
    found = krippendorff_alpha(ratings, level="nominal")
    assert (found.low, found.reason) == (None, "rests_on_few_units")
    assert krippendorff_alpha(ratings, level="nominal", interval="bootstrap").reason == "rests_on_few_units"


def test_equal_units_give_no_interval():
    found = krippendorff_alpha(np.array([[0.0] * 20, [1.0] * 20]), level="nominal")
    assert found.value < 0
    assert found.reason == "no_variation"


def test_no_disagreement_is_no_certainty():
    # 50 units, half of each value: D_e = 2·50·50/(100·99); none of 50 disagreed, so up to 1 - .05^(1/50) may
    ratings = np.tile([0.0, 1.0], (2, 25))
    share, expected = 1 - 0.05 ** (1 / 50), 2 * 50 * 50 / (100 * 99)
    for interval in ("jackknife", "bootstrap"):
        found = krippendorff_alpha(ratings, level="nominal", interval=interval)
        assert (found.value, found.high, found.method) == (1.0, 1.0, "krippendorff_alpha.nominal.bound.v1")
        assert found.low == pytest.approx(1 - share / expected)
        assert found.p_below == pytest.approx((1 - (1 - 0.667) * expected) ** 50)
    three = krippendorff_alpha(np.tile([0.0, 1.0], (3, 25)), level="nominal")
    assert three.low == pytest.approx(1 - share * (2 / 3) / (2 * 75 * 75 / (150 * 149)))  # of three pairs two can differ
    rare = np.zeros((2, 100))
    rare[:, :2] = 1
    assert krippendorff_alpha(rare, level="nominal").low < 0.3  # two positives prove little


def test_the_bound_counts_videos_if_there_are_any():
    ratings, video = np.tile([0.0, 1.0], (2, 60)), np.repeat(np.arange(12), 10)
    found = krippendorff_alpha(ratings, level="nominal", cluster=video)
    expected = 2 * 120 * 120 / (240 * 239)
    assert found.low == pytest.approx(1 - (1 - 0.05 ** (1 / 12)) / expected)


def clustered(rng, videos=12, units=15):
    ease = np.repeat(rng.beta(2, 1, videos), units)
    truth = rng.integers(0, 2, ease.size)
    seen = rng.random((3, ease.size)) < ease
    return np.where(seen, truth, rng.integers(0, 2, (3, ease.size))).astype(float), np.repeat(np.arange(videos), units)


def test_videos_widen_the_interval():
    ratings, video = clustered(np.random.default_rng(5))
    units = krippendorff_alpha(ratings, level="nominal")
    for interval in ("jackknife", "bootstrap", "video"):
        found = krippendorff_alpha(ratings, level="nominal", cluster=video, interval=interval)
        assert found.value == units.value
        assert found.high - found.low > units.high - units.low
        assert found.n_videos == 12
    named = krippendorff_alpha(ratings, level="nominal", cluster=[f"video {at}" for at in video], interval="video")
    again = krippendorff_alpha(ratings, level="nominal", cluster=video, interval="video")
    assert (named.value, named.n_videos) == (again.value, again.n_videos)
    few = krippendorff_alpha(ratings, level="nominal", cluster=video % 7)
    assert (few.low, few.reason, few.n_videos) == (None, "too_few_blocks", 7)


def test_all_coefficients_in_one_pass_equal_those_one_by_one():
    two = HAYES[:2]
    found = agreement(two, level="nominal", values=range(4))
    for name, function in {
        "gwet_ac1": gwet_ac1,
        "cohen_kappa": cohen_kappa,
        "scott_pi": scott_pi,
        "fleiss_kappa": fleiss_kappa,
        "conger_kappa": conger_kappa,
        "brennan_prediger": brennan_prediger,
        "percent_agreement": percent_agreement,
    }.items():
        alone = function(two, values=range(4))
        assert same(found.coefficients[name], alone), name
    alone = krippendorff_alpha(two, level="nominal", values=range(4))
    assert same(found.alpha, alone)
    assert found.p_below == alone.p_below
    assert same(found.specific[1.0], specific_agreement(two, value=1, values=range(4)))
    assert estimates_frame(found.estimates).height == len(found.estimates)


def same(first, second):
    numbers = ("value", "low", "high")
    close = all(
        (getattr(first, name) is None) == (getattr(second, name) is None)
        and (getattr(first, name) is None or math.isclose(getattr(first, name), getattr(second, name), abs_tol=1e-9))
        for name in numbers
    )
    return close and (first.n, first.method, first.reason, first.unit) == (second.n, second.method, second.reason, second.unit)


def test_an_enriched_sample_speaks_of_its_population_only_with_weights():
    rng = np.random.default_rng(3)
    truth = rng.random(200_000) < 0.03
    ratings = np.stack([truth ^ (rng.random(truth.size) < 0.02) for _ in range(3)]).astype(float)
    likely = truth ^ (rng.random(truth.size) < 0.05)
    chance = np.where(likely, 0.06, 0.006)
    drawn = rng.random(truth.size) < chance
    whole = krippendorff_alpha(ratings, level="nominal").value
    found = agreement(ratings[:, drawn], level="nominal", weights=1 / chance[drawn])
    assert found.alpha.low < whole < found.alpha.high
    assert found.enriched.low > whole
    assert found.enriched.value == pytest.approx(krippendorff_alpha(ratings[:, drawn], level="nominal").value)


def test_same_seed_same_bytes():
    first, second = (agreement(HAYES, level="ordinal", interval="bootstrap", seed=4) for _ in range(2))
    assert first == second
    assert first.alpha != agreement(HAYES, level="ordinal", interval="bootstrap", seed=5).alpha


def test_verdicts():
    assert agreement(np.tile([0.0, 1.0], (2, 100)), level="nominal").verdict == "firm"
    assert agreement(KRIPPENDORFF[:, :9], level="nominal").verdict == "no_interval"
    good = np.tile([0.0, 1.0], (2, 100))
    good[0, :20] = 1 - good[0, :20]
    assert agreement(good, level="nominal").verdict == "tentative"


def test_many_values_stay_within_reach():
    rng = np.random.default_rng(2)
    true = rng.normal(40, 10, 3000)
    ratings = true + rng.normal(0, 4, (3, 3000))
    found = agreement(ratings, level="interval")
    assert found.alpha.low < 100 / 116 < found.alpha.high
    assert set(found.coefficients) == {"percent_agreement"}
    slider = krippendorff_alpha(np.clip(np.round(ratings), 0, 100), level="ordinal", values=range(101))
    assert 0.8 < slider.low < slider.value < slider.high < 0.9


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": "metric"}, "YH303"),
        ({"interval": "percentile"}, "YH303"),
        ({"interval": "gwet"}, "YH303"),
        ({"interval": "video"}, "YH303"),
        ({"confidence": 1.0}, "YH303"),
        ({"minimum": 2.0}, "YH303"),
        ({"draws": 10}, "YH303"),
        ({"values": (0, 0, 1)}, "YH303"),
        ({"values": ()}, "YH303"),
        ({"values": (0, 1)}, "YH304"),
        ({"weights": [1.0]}, "YH301"),
        ({"weights": [0.0] * 12}, "YH303"),
        ({"cluster": [1, 2]}, "YH301"),
        ({"ratings": [1.0, 2.0]}, "YH303"),
        ({"ratings": [["yes", "no"], ["no", "no"]]}, "YH304"),
        ({"ratings": [[1.0, 2.0], [1.0]]}, "YH304"),
        ({"ratings": [[np.inf, 1.0], [0.0, 1.0]]}, "YH304"),
        ({"ratings": [[-1.0, 1.0], [0.0, 1.0]], "level": "ratio"}, "YH304"),
        ({"ratings": [[0.5, 1.0], [0.0, 1.0]], "values": (0, 1)}, "YH304"),
        ({"ratings": np.arange(2002.0).reshape(2, -1), "level": "ordinal"}, "YH304"),
    ],
)
def test_bad_arguments(change, code):
    arguments = {"ratings": KRIPPENDORFF, "level": "nominal", **change}
    with pytest.raises(YuhuError, match=code):
        krippendorff_alpha(arguments.pop("ratings"), **arguments)


def test_coefficients_of_two_coders_refuse_more():
    with pytest.raises(YuhuError, match="two coders"):
        cohen_kappa(HAYES)
    with pytest.raises(YuhuError, match="two coders"):
        scott_pi(HAYES)
    with pytest.raises(YuhuError, match="scheme"):
        fleiss_kappa(HAYES, scheme="cubic")
    with pytest.raises(YuhuError, match="none of the values"):
        specific_agreement(HAYES, value=9)
    with pytest.raises(YuhuError, match="Gwet"):
        conger_kappa(HAYES, interval="gwet")
    with pytest.raises(YuhuError, match="hayes2007"):
        agreement(HAYES, level="nominal", interval="hayes2007")
    with pytest.raises(YuhuError, match="hayes2007"):
        fleiss_kappa(HAYES, interval="hayes2007")
    with pytest.raises(YuhuError, match="weights"):
        gwet_ac1(HAYES, interval="gwet", weights=np.ones(40))


BRIGHTER = {
    ("swe", "Joy"): 0.82241,
    ("swe", "Fear"): 0.176058,
    ("swe", "Anger"): 0.404777,
    ("swe", "Sadness"): 0.208,
    ("swe", "Disgust"): 0.276657,
    ("swe", "Surprise"): 0.089806,
    ("ukr", "Fear"): 0.579591,
    ("ukr", "Surprise"): 0.385022,
    ("ukr", "Disgust"): 0.365559,
    ("ukr", "Anger"): 0.365491,
    ("ukr", "Joy"): 0.474463,
    ("ukr", "Sad"): 0.471897,
    ("ron", "bucurie"): 0.849358,
    ("ron", "tristete"): 0.436357,
    ("ron", "furie"): 0.368696,
    ("ron", "frica"): 0.553982,
    ("ron", "surpriza"): 0.028007,
    ("ron", "dezgust"): 0.349302,
}
"""Ordinal alpha of krippendorff 0.9.0 on the same files, to six digits."""


@pytest.mark.parametrize("language", ["swe", "ukr", "ron"])
def test_brighter_per_coder_files(shared, language):
    coders = {"swe": 3, "ukr": 3, "ron": 7}[language]
    for emotion, ratings in by_emotion(shared, language).items():
        found = agreement(ratings, level="ordinal", values=range(4))
        assert round(found.alpha.value, 6) == BRIGHTER[language, emotion]
        assert found.alpha.low < found.alpha.value < found.alpha.high
        assert found.verdict == ("firm" if emotion in {"Joy", "bucurie"} and language != "ukr" else "below")
        assert (found.n_coders, found.p_below == 1.0) == (coders, found.verdict == "below")
        assert found.n_pairable == ratings.shape[1]
