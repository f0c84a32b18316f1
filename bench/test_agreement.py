"""Alpha with its bootstrap beside `krippendorff` in the same run, 50 codes with all coefficients, and a million units.

`krippendorff` is GPL and no dependency. It is imported if it is installed, or from the environment whose Python YUHU_PEERS names:

    uv venv ../peers && uv pip install -p ../peers/bin/python krippendorff
    YUHU_PEERS=../peers/bin/python python -m pytest bench/test_agreement.py -o addopts= -p no:cacheprovider -s
"""

import time
import tracemalloc
from functools import cache

import numpy as np
import pytest

from peers import peer
from yuhu.stats.agreement import agreement, krippendorff_alpha

UNITS, CODERS, VALUES, CODES = 10_000, 3, 5, 50
DRAWS = 1000


@cache
def ratings(units=UNITS, seed=1):
    """Five values, a tenth missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, VALUES, units)
    seen = rng.random((CODERS, units)) < 0.75
    found = np.where(seen, truth, rng.integers(0, VALUES, (CODERS, units))).astype(float)
    found[rng.random(found.shape) < 0.1] = np.nan
    return found


def counted(table):
    return np.stack([(table == value).sum(axis=0) for value in range(VALUES)], axis=1)


def loop(level, draws):
    """The loop that users write: units drawn anew from the table of counts, so that `krippendorff` need not count them again."""
    krippendorff, counts, rng = peer("krippendorff", "krippendorff"), counted(ratings()), np.random.default_rng(1)
    return [
        krippendorff.alpha(value_counts=counts[rng.integers(0, UNITS, UNITS)], level_of_measurement=level, value_domain=list(range(VALUES)))
        for _ in range(draws)
    ]


@pytest.mark.benchmark(group="alpha with 1,000 unit bootstraps, 10,000 x 3, nominal")
def test_ours_nominal(benchmark):
    benchmark.pedantic(
        lambda: krippendorff_alpha(ratings(), level="nominal", interval="bootstrap", draws=DRAWS), rounds=20, warmup_rounds=2
    )


@pytest.mark.benchmark(group="alpha with 1,000 unit bootstraps, 10,000 x 3, nominal")
def test_loop_nominal(benchmark):
    loop("nominal", 2)
    benchmark.pedantic(lambda: loop("nominal", DRAWS), rounds=1)


@pytest.mark.benchmark(group="alpha with 1,000 unit bootstraps, 10,000 x 3, ordinal")
def test_ours_ordinal(benchmark):
    benchmark.pedantic(
        lambda: krippendorff_alpha(ratings(), level="ordinal", interval="bootstrap", draws=DRAWS), rounds=20, warmup_rounds=2
    )


@pytest.mark.benchmark(group="alpha with 1,000 unit bootstraps, 10,000 x 3, ordinal")
def test_loop_ordinal(benchmark):
    loop("ordinal", 2)
    benchmark.pedantic(lambda: loop("ordinal", DRAWS), rounds=1)


@pytest.mark.benchmark(group="one alpha, 1,000,000 x 3, ordinal")
def test_ours_million_with_interval_and_2000_draws(benchmark):
    many = ratings(1_000_000)
    benchmark.pedantic(lambda: krippendorff_alpha(many, level="ordinal"), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="one alpha, 1,000,000 x 3, ordinal")
def test_krippendorff_million_without_interval(benchmark):
    many = ratings(1_000_000)
    benchmark.pedantic(lambda: peer("krippendorff", "krippendorff").alpha(reliability_data=many, level_of_measurement="ordinal"), rounds=1)


@pytest.mark.benchmark(group="50 codes x 10,000 x 3, all coefficients, 2,000 draws")
@pytest.mark.parametrize("interval", ["bootstrap", "jackknife"])
def test_fifty_codes(benchmark, interval):
    codes = [ratings(seed=seed) for seed in range(CODES)]
    benchmark.pedantic(
        lambda: [agreement(code, level="nominal", values=range(VALUES), interval=interval) for code in codes], rounds=2, warmup_rounds=1
    )


def test_memory_of_fifty_codes():
    codes = [ratings(seed=seed) for seed in range(CODES)]
    agreement(codes[0], level="nominal", values=range(VALUES), interval="bootstrap")
    tracemalloc.start()
    found = [agreement(code, level="nominal", values=range(VALUES), interval="bootstrap") for code in codes]
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    print(f"\n50 codes: {peak:.0f} MB at most beside the ratings ({CODES * codes[0].nbytes / 1e6:.0f} MB)")
    assert len(found) == CODES
    assert peak < 200


def test_both_say_the_same_and_how_much_faster():
    for level in ("nominal", "ordinal", "interval", "ratio"):
        theirs = peer("krippendorff", "krippendorff").alpha(reliability_data=ratings(), level_of_measurement=level)
        assert krippendorff_alpha(ratings(), level=level).value == pytest.approx(theirs)
    seconds = {}
    for name, call in {
        "ours": lambda: krippendorff_alpha(ratings(), level="nominal", interval="bootstrap", draws=DRAWS),
        "loop": lambda: loop("nominal", DRAWS),
    }.items():
        started = time.perf_counter()
        call()
        seconds[name] = time.perf_counter() - started
    print(
        f"\n1,000 draws: {seconds['ours'] * 1e3:.1f} ms against {seconds['loop']:.2f} s: {seconds['loop'] / seconds['ours']:.0f} times faster"
    )
