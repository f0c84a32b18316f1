"""Corrected mean, least squares and logistic regression of a million units beside ppi-python in the same run, and their memory.

ppi-python is no dependency. It is imported if it is installed, or from the environment whose Python YUHU_PEERS names:

    uv venv ../peers && uv pip install -p ../peers/bin/python ppi-python
    YUHU_PEERS=../peers/bin/python python -m pytest bench/test_correction.py -o addopts= -p no:cacheprovider -s
"""

import os
import time
import tracemalloc
import warnings
from functools import cache

import numpy as np
import pytest
from scipy.special import expit

from peers import peer
from yuhu.stats.correction import corrected_difference, corrected_logit, corrected_mean, corrected_ols

UNITS, GOLD, COLUMNS = int(os.environ.get("YUHU_BENCH_ROWS", "1000000")), 1000, 10


@cache
def study():
    """Machine codes, gold codes, chances, covariates."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(UNITS, COLUMNS))
    x[:, 0] = 1
    truth = (rng.random(UNITS) < expit(x @ (rng.normal(size=COLUMNS) * 0.3))).astype(float)
    machine = np.where(rng.random(UNITS) < 0.88, truth, 1 - truth)
    gold = np.full(UNITS, np.nan)
    at = np.sort(rng.choice(UNITS, GOLD, replace=False))
    gold[at] = truth[at]
    return machine, gold, np.full(UNITS, GOLD / UNITS), x


@cache
def apart():
    """The same in the form of ppi-python: gold, its machine codes and covariates, then those of the rest."""
    machine, gold, _, x = study()
    drawn = ~np.isnan(gold)
    return (x[drawn], gold[drawn], machine[drawn], x[~drawn], machine[~drawn])


def quiet(name, *arguments):
    """A call of the peer, whose own dependencies warn of their future."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(peer("ppi_py", "ppi-python"), name)(*arguments, alpha=0.05)


def their_mean():
    _, human, machine, _, rest = apart()
    return quiet("ppi_mean_ci", human, machine, rest)


def their_ols():
    x, human, machine, x_rest, rest = apart()
    return quiet("ppi_ols_ci", x, human, machine, x_rest, rest)


def their_logit():
    x, human, machine, x_rest, rest = apart()
    return quiet("ppi_logistic_ci", x, human, machine, x_rest, rest)


OURS = {
    "mean": lambda: corrected_mean(*study()[:3], tuned=True),
    "least squares": lambda: corrected_ols(*study(), tuned=True),
    "logistic": lambda: corrected_logit(*study(), tuned=True),
}
THEIRS = {"mean": their_mean, "least squares": their_ols, "logistic": their_logit}


@pytest.mark.parametrize("job", OURS)
def test_ours(benchmark, job):
    benchmark.group = f"{job}, 1,000,000 x {COLUMNS}, tuned"
    benchmark.pedantic(OURS[job], rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("job", THEIRS)
def test_ppi_python(benchmark, job):
    benchmark.group = f"{job}, 1,000,000 x {COLUMNS}, tuned"
    benchmark.pedantic(THEIRS[job], rounds=2, warmup_rounds=1)


@pytest.mark.parametrize("options", [{"cluster": 300}, {"stratum": 40}], ids=["300 works", "40 strata"])
@pytest.mark.parametrize("job", ["mean", "difference", "logistic"])
def test_ours_with_structure(benchmark, job, options):
    benchmark.group = f"{job}, 1,000,000, with works or strata"
    machine, gold, chance, x = study()
    labels = {name: np.arange(UNITS) % number for name, number in options.items()}
    calls = {
        "mean": lambda: corrected_mean(machine, gold, chance, tuned=True, **labels),
        "difference": lambda: corrected_difference(machine, gold, chance, x[:, 1] > 0, tuned=True, **labels),
        "logistic": lambda: corrected_logit(machine, gold, chance, x, **labels),
    }
    benchmark.pedantic(calls[job], rounds=3, warmup_rounds=1)


def test_both_say_the_same_and_how_much_faster():
    """The peer takes gold for apart from the rest, and tunes by a slightly other lambda: the two agree to a small part of the interval."""
    ours, theirs = OURS["mean"](), their_mean()
    assert ours.low == pytest.approx(float(theirs[0][0]), abs=0.1 * (ours.high - ours.low))
    logit, low = OURS["logistic"](), np.asarray(their_logit()[0])
    assert [each.low for each in logit.estimates] == pytest.approx(list(low), abs=0.1 * (logit.estimates[1].high - logit.estimates[1].low))
    seconds = {}
    for job in OURS:
        for name, calls in (("ours", OURS), ("theirs", THEIRS)):
            best = []
            for _ in range(3):
                started = time.perf_counter()
                calls[job]()
                best.append(time.perf_counter() - started)
            seconds[name, job] = min(best)
        ours_ms, theirs_ms = (seconds[name, job] * 1e3 for name in ("ours", "theirs"))
        print(f"\n{job}: {ours_ms:.1f} ms against {theirs_ms:.1f} ms: {theirs_ms / ours_ms:.1f} times faster")


@pytest.mark.parametrize("job", OURS)
def test_memory_stays_below_half_of_the_input(job):
    arrays = study()[: 4 if job != "mean" else 3]
    OURS[job]()
    tracemalloc.start()
    OURS[job]()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(array.nbytes for array in arrays)
    print(f"\n{job}: {peak / 1e6:.0f} MB at most beside {size / 1e6:.0f} MB of input")
    assert peak < 0.5 * size
