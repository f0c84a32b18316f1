"""Shares within coded parts: by hand, over all samples, coverage, rare codes, strata, works; `-m slow -s` prints the table of docs/moments.md."""

import itertools

import numpy as np
import pytest

from yuhu.core.errors import YuhuError
from yuhu.stats.correction.joint import GOLD_ONLY, METHOD, JointDrawn, JointShares

WITH, WITHOUT = (0, 1), (2, 3)
STRATA = [((4 + 4 * each, 5 + 4 * each), (6 + 4 * each, 7 + 4 * each)) for each in range(3)]


def columns(acts, feels, stratum):
    """Acts with empathy, empathy, acts without, no empathy; then the same of each stratum."""
    plain = np.stack([acts * feels, feels, acts * (1 - feels), 1 - feels], axis=1)
    return np.concatenate([plain, *(plain * (stratum == each)[:, None] for each in range(3))], axis=1)


def shares(machine, human, at, chance, *, works=None, **options):
    cluster = np.zeros(len(machine), int) if works is None else works
    units = np.bincount(cluster).astype(float)
    sums = np.stack([np.bincount(cluster, weights=column, minlength=units.size) for column in machine.T])
    drawn = JointDrawn(machine[at], human[at], np.full(len(at), chance), np.zeros(len(at), int), None if works is None else works[at])
    return JointShares(drawn, units, sums, **options)


def world(rng, n, *, feels=0.3, acts=(0.15, 0.05), confounded=False, works=None):
    """The machine finds .85 of empathy and .7 of acts, and invents both; acts more often where it sees empathy."""
    stratum = rng.integers(0, 3, n)
    more = np.array([0.3, 1.0, 2.0])[stratum] if confounded else 1.0
    by_work = 1.0 if works is None else rng.gamma(4, 1 / 4, works.max() + 1)[works]
    emp = (rng.random(n) < np.minimum(feels * more, 0.9)).astype(float)
    act = (rng.random(n) < np.minimum(np.where(emp == 1, *acts) * more * by_work, 0.9)).astype(float)
    seen = np.where(emp == 1, rng.random(n) < 0.85, rng.random(n) > 0.93).astype(float)
    said = np.where(act == 1, rng.random(n) < 0.7, rng.random(n) < np.where(seen == 1, 0.1, 0.02)).astype(float)
    return columns(said, seen, stratum), columns(act, emp, stratum)


def true_adjusted(totals):
    pairs = [(totals[a], totals[one], totals[c], totals[other]) for (a, one), (c, other) in STRATA]
    above = sum((a * other - c * one) / (one + other) for a, one, c, other in pairs)
    return above / sum(one * other / (one + other) for _, one, _, other in pairs)


def test_by_hand():
    """Four of six drawn; the machine counts in full below ten units: 3 + 6·(1 − 0)/4 … acts and 3 + 6·0/4 with empathy."""
    machine = np.array([[1, 1], [0, 1], [1, 1], [0, 0], [0, 0], [0, 0]], float)
    human = np.array([[1, 1], [1, 1], [0, 0], [0, 1], [0, 0], [0, 0]], float)
    found = shares(machine, human, np.array([0, 1, 2, 3]), 4 / 6)
    assert found.totals.tolist() == [2 + 6 * 0 / 4, 3 + 6 * 0 / 4]
    assert found.share((0, 1)).reason == "too_few_gold"


def test_a_census_is_what_people_said():
    rng = np.random.default_rng(1)
    machine, human = world(rng, 500)
    found = shares(machine, human, np.arange(500), 1.0)
    one = found.share(WITH)
    assert (one.low, one.value, one.high) == (pytest.approx(human[:, 0].sum() / human[:, 1].sum()),) * 3
    assert one.n == human[:, 1].sum()
    totals = human.sum(axis=0)
    assert found.adjusted_difference(STRATA).value == pytest.approx(true_adjusted(totals))


def test_sums_are_unbiased_over_all_samples():
    rng = np.random.default_rng(2)
    machine, human = rng.random((7, 2)).round(1), (rng.random((7, 2)) < 0.5).astype(float)
    means = np.mean([shares(machine, human, np.array(at), 4 / 7).totals for at in itertools.combinations(range(7), 4)], axis=0)
    assert means == pytest.approx(human.sum(axis=0))


def test_few_units_are_left_to_gold_alone():
    rng = np.random.default_rng(3)
    machine, human = world(rng, 5_000, acts=(0.03, 0.02))
    at = np.sort(rng.choice(5_000, 300, replace=False))
    found = shares(machine, human, at, 0.06)
    assert found.share(WITH).method == GOLD_ONLY
    assert found.share(WITH).value == pytest.approx(human[at, 0].sum() / human[at, 1].sum())
    assert found.adjusted_difference(STRATA).reason == "not_estimable"
    none = shares(machine * 0, human * np.array([0, 1] * 8), at, 0.06)
    assert none.ratio(WITH, WITHOUT).reason == "ratio_undefined"
    assert none.difference(WITH, WITHOUT).value == 0


def test_a_perfect_machine_is_not_believed():
    rng = np.random.default_rng(4)
    _, human = world(rng, 5_000)
    at = np.sort(rng.choice(5_000, 900, replace=False))
    found = shares(human, human, at, 0.18)
    assert found.share(WITH).method == GOLD_ONLY
    assert found.adjusted_difference(STRATA).method.endswith("gold_only.v1")


def test_works_like_these():
    rng = np.random.default_rng(5)
    for works, reason in ((4, "too_few_videos"), (7, ""), (20, "")):
        each = np.repeat(np.arange(works), 4_200 // works)
        machine, human = world(rng, each.size, works=each)
        at = np.sort(rng.choice(each.size, 900, replace=False))
        found = shares(machine, human, at, 900 / each.size, works=each)
        for one in (found.share(WITH), found.difference(WITH, WITHOUT), found.adjusted_difference(STRATA)):
            assert one.reason == reason
            assert (one.low is None) == bool(reason)
        again = shares(machine, human, at, 900 / each.size, works=each)
        assert found.difference(WITH, WITHOUT) == again.difference(WITH, WITHOUT)


def test_turned_round():
    rng = np.random.default_rng(6)
    machine, human = world(rng, 6_000)
    found = shares(machine, human, np.sort(rng.choice(6_000, 1_000, replace=False)), 1 / 6)
    one, other = found.difference(WITH, WITHOUT), found.difference(WITHOUT, WITH)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    one, other = found.ratio(WITH, WITHOUT), found.ratio(WITHOUT, WITH)
    assert (one.value, one.low, one.high) == pytest.approx((1 / other.value, 1 / other.high, 1 / other.low))
    assert found.share(WITH).method == METHOD


@pytest.mark.parametrize(("change", "code"), [({"chance": np.zeros(2)}, "YH302"), ({"stratum": np.zeros(3, int)}, "YH301")])
def test_what_makes_no_sense_is_refused(change, code):
    fields = {"machine": np.zeros((2, 2)), "human": np.zeros((2, 2)), "chance": np.ones(2), "stratum": np.zeros(2, int)}
    with pytest.raises(YuhuError, match=code):
        JointShares(JointDrawn(**{**fields, **change}), np.ones(1), np.zeros((2, 1)))


DESIGNS = {
    "1,200 of 6,000, shares .15 and .05": {"gold": 1_200},
    "600 of 6,000, shares .15 and .05": {"gold": 600},
    "1,200 of 6,000, no difference, .10": {"gold": 1_200, "acts": (0.1, 0.1)},
    "1,200 of 6,000, difference by strata only": {"gold": 1_200, "acts": (0.12, 0.12), "confounded": True},
    "400 of 6,000, rare: .05 and .02": {"gold": 400, "acts": (0.05, 0.02)},
    "20 works, 1,200 of 6,000": {"gold": 1_200, "works": 20},
}


def rounds_of(name, rounds, seed=1):
    """Coverage and width of shares, difference, ratio and adjusted difference; how often the machine's own difference is covered by its textbook interval."""
    design = dict(DESIGNS[name])
    gold, works = design.pop("gold"), design.pop("works", None)
    rng = np.random.default_rng([seed, *name.encode()])
    hits = {key: [] for key in ("with", "difference", "ratio", "adjusted", "machine")}
    each = None if works is None else np.repeat(np.arange(works), 6_000 // works)
    for _ in range(rounds):
        machine, human = world(rng, 6_000, works=each, **design)
        found = shares(machine, human, np.sort(rng.choice(6_000, gold, replace=False)), gold / 6_000, works=each)
        totals, naive = human.sum(axis=0), machine.sum(axis=0)
        if works is None:
            first, second, within = totals[0] / totals[1], totals[2] / totals[3], true_adjusted(totals)
        else:  # what works like these have: acts do not depend on strata here
            (first, second), within = (0.15, 0.05), 0.10
        estimates = {
            "with": (found.share(WITH), first),
            "difference": (found.difference(WITH, WITHOUT), first - second),
            "ratio": (found.ratio(WITH, WITHOUT), first / second),
            "adjusted": (found.adjusted_difference(STRATA), within),
        }
        for key, (one, true) in estimates.items():
            if one.low is not None:
                hits[key].append((one.low <= true <= one.high, one.high - one.low))
        p, q = naive[0] / naive[1], naive[2] / naive[3]
        half = 1.96 * np.sqrt(p * (1 - p) / naive[1] + q * (1 - q) / naive[3])
        hits["machine"].append((abs(p - q - (first - second)) <= half, 2 * half))
    return {
        key: (np.mean([hit for hit, _ in rows]), np.mean([width for _, width in rows]), len(rows)) for key, rows in hits.items() if rows
    }


@pytest.mark.parametrize("name", [*DESIGNS][:4])
def test_intervals_cover(name):
    found = rounds_of(name, 150, seed=7)
    assert all(found[key][0] >= 0.89 for key in ("with", "difference", "ratio", "adjusted")), found
    assert found["machine"][0] < 0.6, "the machine's own difference is wrong, whatever its interval says"


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_the_table_of_the_docs(name):
    found = rounds_of(name, 2_000)
    cells = [f"{found[key][0]:.3f} ({found[key][1]:.3f})" if key in found else "–" for key in ("with", "difference", "ratio", "adjusted")]
    print(f"| {name} | {found['machine'][0]:.3f} | " + " | ".join(cells) + " |")  # noqa: T201
    assert all(rate >= 0.925 for key, (rate, _, n) in found.items() if key != "machine" and n > 1_000)
