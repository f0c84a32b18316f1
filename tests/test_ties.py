"""Ties, groups and their stability; shares of small groups: by hand, nulls, planted groups."""

import numpy as np
import pytest
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.shrinkage import Prior, beta_prior, design_effect, excess_p, intra_class
from yuhu.stats.ties import Meetings, stability


def meetings(cells, people, places, answers=()):
    """`cells`: (person, place, times)."""
    ordered = np.array(sorted(cells), np.int64).reshape(-1, 3)
    return Meetings(ordered[:, 0], ordered[:, 1], ordered[:, 2], people, places, np.array(sorted(answers), np.int64).reshape(-1, 3))


def test_shared_places_by_hand():
    """0 and 1 share both of theirs among 1,000 places: p = 1/C(1000, 2). 2 shares one with 0. 3 and 4 answered each other, 5 answered 3 alone."""
    some = meetings(
        [(0, 7, 1), (0, 9, 1), (1, 7, 2), (1, 9, 1), (2, 9, 1), (2, 500, 1), (3, 1, 1), (4, 2, 1), (5, 3, 1)],
        6, 1_000, [(3, 4, 1), (4, 3, 2), (5, 3, 9)],
    )  # fmt: skip
    first, second, owner, pairs, any_shared = some.met
    assert pairs.tolist() == [[0, 1]]
    assert any_shared == 3
    assert sorted(zip(some.place[first].tolist(), some.place[second].tolist(), owner.tolist(), strict=True)) == [(7, 7, 0), (9, 9, 0)]
    found = some.groups(0.05)
    assert found[0] == found[1]
    assert found[3] == found[4]
    assert np.unique(found).size == 4
    assert stats.hypergeom.sf(1, 1_000, 2, 2) < 0.05 / 3


def test_where_everyone_is_everywhere_nobody_is_tied():
    everywhere = meetings([(person, place, 1) for person in range(20) for place in range(4)], 20, 4)
    assert np.unique(everywhere.groups(0.05)).size == 20
    found = stability(everywhere, everywhere.groups(0.05), np.random.default_rng(0), draws=20, error=0.05)
    assert (found.value, found.reason) == (None, "no_ties")


def crowd(rng, *, groups, members=8, strangers=400, places=3_000, own=12):
    """Members meet in most of their group's places; strangers write anywhere."""
    cells = {}
    for group in range(groups):
        mine = rng.choice(places, own, replace=False)
        for member in range(members):
            for place in mine[rng.random(own) < 0.85]:
                cells[group * members + member, int(place)] = 1 + int(rng.poisson(1.5))
    for stranger in range(strangers):
        for place in rng.choice(places, rng.integers(2, 8), replace=False):
            cells[groups * members + stranger, int(place)] = 1
    return meetings([(*key, times) for key, times in cells.items()], groups * members + strangers, places)


def test_planted_groups_are_found_and_last():
    some = crowd(np.random.default_rng(1), groups=6)
    found = some.groups(0.05)
    for group in range(6):
        members = found[group * 8 : group * 8 + 8]
        assert np.unique(members).size == 1
    assert np.unique(found).size >= 6 + 390
    lasting = stability(some, found, np.random.default_rng(2), draws=50, error=0.05)
    assert lasting.value > 0.9
    assert lasting == stability(some, found, np.random.default_rng(2), draws=50, error=0.05)


def test_strangers_make_no_groups():
    tied = 0
    for seed in range(20):
        found = crowd(np.random.default_rng(100 + seed), groups=0).groups(0.05)
        tied += int((np.bincount(found) >= 5).any())
    assert tied == 0


def test_shapes():
    with pytest.raises(YuhuError, match="YH301"):
        Meetings(np.zeros(2, int), np.zeros(1, int), np.zeros(2, int), 2, 1, np.zeros((0, 3), int))
    with pytest.raises(YuhuError, match="YH301"):
        Meetings(np.zeros(1, int), np.zeros(1, int), np.zeros(1, int), 2, 1, np.zeros((0, 2), int))
    nobody = meetings([], 0, 0)
    assert nobody.groups(0.05).size == 0


def test_shrunk_by_hand():
    """Methods 6.4: a = 2, b = 8, 3 of 5: (2 + 3)/(10 + 5) = 1/3."""
    assert Prior(2, 8, 0.2).shrunk([3], [5]) == pytest.approx([1 / 3])
    assert Prior(np.inf, np.inf, 0.2).shrunk([3], [5]).tolist() == [0.2]


def test_the_prior_is_found_again():
    rng = np.random.default_rng(3)
    n = rng.integers(5, 60, 4_000)
    prior = beta_prior(rng.binomial(n, rng.beta(2, 8, 4_000)), n)
    assert (prior.a, prior.b) == pytest.approx((2, 8), rel=0.1)
    even = beta_prior(rng.binomial(n, 0.2), n)
    assert even.a + even.b > 200
    for one in (beta_prior([0, 0], [4, 5]), beta_prior([3], [7])):
        assert np.isinf(one.a)
    with pytest.raises(YuhuError, match="YH303"):
        beta_prior([0], [0])


def test_intra_class_by_hand():
    """Two authors with two messages each, all or nothing: between 1, within 0, so 1; mixed ones: 0."""
    assert intra_class(np.array([2.0, 0.0]), np.array([2.0, 2.0])) == 1
    assert intra_class(np.array([1.0, 1.0]), np.array([2.0, 2.0])) == 0
    assert intra_class(np.array([1.0]), np.array([2.0])) == 0


def test_excess_is_binomial_where_messages_are_independent():
    ones = np.ones(3)
    p = excess_p(np.array([4.0, 0, 9]), np.array([10.0, 10, 10]), ones * 0.2, ones)
    assert p == pytest.approx([stats.binom.sf(3, 10, 0.2), 1.0, stats.binom.sf(8, 10, 0.2)])
    less = excess_p(np.array([8.0]), np.array([20.0]), np.array([0.2]), np.array([2.0]))
    assert less == pytest.approx([stats.binom.sf(3, 10, 0.2)]), "twice the messages at half their weight"


def test_design_effect_by_hand():
    """3 and 1 messages of two authors: 1 + .5·(10/4 − 1)."""
    assert design_effect(np.array([3, 1]), np.array([0, 0]), 1, 0.5) == pytest.approx([1.75])


def test_excess_keeps_its_level_when_authors_are_alike():
    rng = np.random.default_rng(5)
    rejected, rounds = 0, 1_500
    for _ in range(rounds):
        n = rng.integers(1, 20, 20)
        hits = rng.binomial(n, rng.beta(1, 4, 20))
        effect = design_effect(n, np.zeros(20, int), 1, 0.2 / 1.2)
        rejected += excess_p(np.array([float(hits.sum())]), np.array([float(n.sum())]), np.array([0.2]), effect)[0] <= 0.05
    assert 0.02 < rejected / rounds < 0.075
