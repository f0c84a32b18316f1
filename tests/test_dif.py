"""DIF: published and independent figures, laws, and what has no number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import ADMISSIONS
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import REASONS
from yuhu.stats.dif import ETS, logistic_dif, odds_dif
from yuhu.stats.dif_randomised import Comparison, randomised_dif
from yuhu.stats.logistic import fitted, is_separated
from yuhu.stats.multiplicity import holm

TABLES = {0: (5, 40, 3, 45), 1: (12, 38, 8, 41), 2: (20, 25, 13, 30), 3: (22, 14, 12, 20), 4: (18, 5, 9, 13)}
"""Total: reference with and without the code, focal with and without it; made up."""


def _answers(tables):
    rows = [
        (hit, group, total, n) for total, (a, b, c, d) in tables.items() for n, hit, group in ((a, 1, 0), (b, 0, 0), (c, 1, 1), (d, 0, 1))
    ]
    hits, focal, level, n = np.array(rows, float).T
    return [np.repeat(one, n.astype(int)) for one in (hits, focal, level)]


def test_admissions_of_berkeley():
    """UCBAdmissions, six departments: the pooled odds ratio, M² with and without correction of R's `mantelhaen.test` (mantel1959, bickel1975)."""
    tables = {at: (one[0][0], one[0][1], one[1][0], one[1][1]) for at, one in enumerate(ADMISSIONS)}
    found = odds_dif(*_answers(tables))
    assert found.odds_ratio.value == pytest.approx(0.904697, abs=5e-7)
    assert (round(found.chi2, 4), round(found.chi2_corrected, 4)) == (1.5246, 1.4269)
    assert found.delta.value == pytest.approx(-2.35 * np.log(0.904697), abs=2e-6)
    assert found.ets_class == "A"


def test_mantel_haenszel_against_statsmodels():
    """`StratifiedTable` of statsmodels 0.15.0 on `TABLES`."""
    found = odds_dif(*_answers(TABLES))
    assert found.odds_ratio.value == pytest.approx(2.2454031761646496, rel=1e-12)
    assert (found.odds_ratio.low, found.odds_ratio.high) == pytest.approx((1.3974259041132713, 3.6079447280101515), rel=1e-9)
    assert (found.chi2, found.chi2_corrected) == pytest.approx((11.351975909162867, 10.57484006877138), rel=1e-12)
    assert (found.p, found.p_corrected) == pytest.approx((0.0007536774141143621, 0.0011463718608201168), rel=1e-9)
    assert (found.delta.low, found.delta.high) == pytest.approx((ETS * np.log(3.6079447280101515), ETS * np.log(1.3974259041132713)))
    assert found.ets_class == "B"


def test_logistic_against_statsmodels():
    """`Logit` of statsmodels 0.15.0 on `TABLES`: log likelihoods -213.792896, -207.908882, -206.871735."""
    found = logistic_dif(*_answers(TABLES))
    assert found.uniform.chi2 == pytest.approx(11.768028107406792, abs=1e-8)
    assert found.uniform.p == pytest.approx(0.0006025677729482667, rel=1e-7)
    assert found.non_uniform.chi2 == pytest.approx(2.0742945776555644, abs=1e-8)
    assert found.non_uniform.p == pytest.approx(0.14979918403606882, rel=1e-7)
    assert found.joint.chi2 == pytest.approx(13.842322685062356, abs=1e-8)
    assert found.joint.p == pytest.approx(0.000986683397501175, rel=1e-7)
    assert found.effect.value == pytest.approx(-0.82477274, abs=1e-7)
    assert (found.effect.low, found.effect.high) == pytest.approx((-1.30397986, -0.34556561), abs=1e-7)
    assert found.interaction.value == pytest.approx(-0.2819859859428019, abs=1e-7)
    assert (found.interaction.low, found.interaction.high) == pytest.approx((-0.66649232, 0.10252035), abs=1e-7)


def test_classes_of_the_testing_service():
    strong = {0: (10, 90, 2, 98), 1: (60, 40, 20, 80), 2: (80, 20, 40, 60)}
    assert odds_dif(*_answers(strong)).ets_class == "C"
    few = {total: tuple(-(-n // 10) for n in counts) for total, counts in strong.items()}
    small = odds_dif(*_answers(few))
    assert abs(small.delta.value) > 1.5
    assert small.ets_class == "B"  # large, and not shown to be above 1
    assert odds_dif(*_answers({0: (50, 50, 52, 48), 1: (70, 30, 69, 31)})).ets_class == "A"


def test_answers_of_one_unit_are_left_out_together():
    hits, focal, total = _answers(TABLES)
    once = odds_dif(hits, focal, total, cluster=np.arange(hits.size))
    twice = odds_dif(np.tile(hits, 2), np.tile(focal, 2), np.tile(total, 2), cluster=np.tile(np.arange(hits.size), 2))
    assert once.odds_ratio.value == pytest.approx(twice.odds_ratio.value)
    width = [np.log(one.odds_ratio.high / one.odds_ratio.low) for one in (once, twice)]
    assert width[1] == pytest.approx(width[0], rel=0.01)  # every answer twice: nothing more is known
    naive = odds_dif(np.tile(hits, 2), np.tile(focal, 2), np.tile(total, 2))
    assert np.log(naive.odds_ratio.high / naive.odds_ratio.low) < 0.75 * width[1]


@pytest.mark.parametrize(
    ("tables", "odds", "uniform"),
    [
        ({}, "no_units", "no_units"),
        ({0: (5, 5, 0, 0), 1: (4, 6, 0, 0)}, "one_group", "one_group"),
        ({0: (0, 5, 0, 5), 1: (0, 6, 0, 6)}, "one_value_used", "one_value_used"),
        ({0: (5, 0, 0, 5), 1: (6, 0, 0, 6)}, "odds_undefined", "separation"),
        ({0: (5, 5, 0, 9), 1: (7, 3, 0, 9)}, "odds_undefined", "separation"),
        ({0: (0, 9, 0, 9), 1: (9, 0, 9, 0)}, "odds_undefined", "separation"),
    ],
)
def test_what_has_no_number_says_why(tables, odds, uniform):
    answers = _answers(tables) if tables else ([], [], [])
    assert odds_dif(*answers).odds_ratio.reason == odds
    found = logistic_dif(*answers)
    assert (found.uniform.reason, found.effect.reason) == (uniform, uniform)
    assert {odds, uniform} <= set(REASONS)
    assert odds_dif(*answers).ets_class == ""


def test_one_total_tests_the_group_alone():
    found = logistic_dif(*_answers({3: (20, 30, 10, 40)}))
    assert found.effect.value == pytest.approx(np.log((10 / 40) / (20 / 30)))
    assert found.non_uniform.reason == found.interaction.reason == found.joint.reason == "collinear"


def test_separation_is_found_exactly():
    design = np.column_stack([np.ones(4), [0.0, 1.0, 2.0, 3.0]])
    n = np.full(4, 5.0)
    assert is_separated(design, n, np.array([0.0, 0.0, 5.0, 5.0]))
    assert is_separated(design, n, np.array([0.0, 2.0, 5.0, 5.0]))  # in part
    assert not is_separated(design, n, np.array([0.0, 5.0, 0.0, 5.0]))
    assert fitted(np.column_stack([design, design[:, 1] * 2]), n, n / 2).reason == "collinear"


def test_what_is_refused():
    with pytest.raises(YuhuError, match="neither 0 nor 1"):
        odds_dif([0, 2], [0, 1], [0, 0])
    with pytest.raises(YuhuError, match="differ in length"):
        logistic_dif([0, 1], [0, 1], [0])
    with pytest.raises(YuhuError, match="no number"):
        odds_dif([0, 1], [0, 1], [0, np.nan])
    with pytest.raises(YuhuError, match="confidence"):
        odds_dif([0, 1], [0, 1], [0, 0], confidence=1)
    with pytest.raises(YuhuError, match="too few draws"):
        randomised_dif([], [], [], [], draws=10, generator=np.random.default_rng(1))


@given(st.lists(st.tuples(*[st.integers(1, 30)] * 4), min_size=2, max_size=5))
def test_the_other_group_as_reference_turns_the_sign(strata):
    hits, focal, total = _answers(dict(enumerate(strata)))
    one, other = odds_dif(hits, focal, total), odds_dif(hits, 1 - focal, total)
    assert one.delta.value == pytest.approx(-other.delta.value, abs=1e-9)
    assert (one.chi2, one.ets_class) == (pytest.approx(other.chi2, abs=1e-9), other.ets_class)
    first, second = logistic_dif(hits, focal, total), logistic_dif(hits, 1 - focal, total)
    assert first.uniform.reason == second.uniform.reason
    if not first.uniform.reason:
        assert first.effect.value == pytest.approx(-second.effect.value, abs=1e-6)
        assert first.joint.chi2 == pytest.approx(second.joint.chi2, abs=1e-6)
        moved = logistic_dif(hits, focal, total * 3 + 7)
        assert moved.uniform.chi2 == pytest.approx(first.uniform.chi2, abs=1e-6)
        assert moved.interaction.value * 3 == pytest.approx(first.interaction.value, abs=1e-6)


def test_holm():
    """By hand: .01 x 4, .02 x 3, .03 x 2, .04 x 1, each at least as large as the one before."""
    assert holm([0.04, 0.01, 0.03, 0.02]).tolist() == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([]).size == 0


def _world(seed, *, effect=0.0, n=120, codes=4):
    """Sheets of two coders in each group; answers of one unit hang together; code 0 is given more readily in the focal version if `effect`."""
    rng = np.random.default_rng(seed)
    lot = np.zeros(n, int)
    for block in (0, 1):
        members = np.flatnonzero(np.arange(n) % 2 == block)
        lot[rng.choice(members, members.size // 2, replace=False)] = 1
    unit, is_a = np.repeat(np.arange(n), 4), np.tile([True, True, False, False], n)
    focal = ~is_a ^ (lot[unit] == 1)
    depth = rng.normal(size=n)[unit]
    answers = [
        (rng.random(unit.size) < 1 / (1 + np.exp(-(2 * depth - 0.5 + (effect * focal if code == 0 else 0.0))))).astype(float)
        for code in range(codes)
    ]
    comparisons = [Comparison(one, sum(answers) - one, ~is_a) for one in answers]
    return comparisons, unit, lot, np.arange(n) % 2


def test_randomised_tests_keep_their_level_where_answers_hang_together():
    ps = [randomised_dif(*_world(seed), draws=199, generator=np.random.default_rng(seed)) for seed in range(300)]
    first = np.array([one[0].uniform for one in ps])
    trend = np.array([one[0].non_uniform for one in ps])
    any_of_all = np.array([min(min(each.uniform_adjusted, each.non_uniform_adjusted) for each in one) for one in ps])
    for p in (first, trend, any_of_all):
        assert abs((p <= 0.05).mean() - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 300)


def test_randomised_tests_find_what_is_there():
    found = randomised_dif(*_world(1, effect=1.5), draws=999, generator=np.random.default_rng(1))
    assert found[0].uniform_adjusted <= 0.01
    assert min(one.uniform_adjusted for one in found[1:]) > 0.05
    assert all(one.uniform_adjusted >= one.uniform for one in found)


def test_a_code_that_never_varies_has_no_p_and_harms_none():
    comparisons, *rest = _world(2, effect=1.5)
    nothing = Comparison(np.zeros_like(comparisons[0].answers), comparisons[0].total, comparisons[0].focal)
    missing = Comparison(np.full_like(comparisons[0].answers, np.nan), comparisons[0].total, comparisons[0].focal)
    found = randomised_dif([comparisons[0], nothing, missing], *rest, draws=199, generator=np.random.default_rng(1))
    alone = randomised_dif([comparisons[0]], *rest, draws=199, generator=np.random.default_rng(1))
    assert found[0] == alone[0]
    for one in found[1:]:
        assert (one.uniform, one.uniform_adjusted, one.non_uniform, one.non_uniform_adjusted) == (None, None, None, None)
    assert [one.uniform for one in randomised_dif([nothing], *rest, draws=199, generator=np.random.default_rng(1))] == [None]
