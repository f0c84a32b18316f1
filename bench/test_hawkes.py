"""Hawkes and two clocks, warm and cold; `hawkesbook` beside them in the same run.

`hawkesbook` is no dependency. It is imported if it is installed, or from the environment whose Python YUHU_PEERS names:

    uv venv ../peers && uv pip install -p ../peers/bin/python hawkesbook
    YUHU_PEERS=../peers/bin/python python -m pytest bench/test_hawkes.py -o addopts= -p no:cacheprovider -s
"""

import os
import subprocess
import sys
import time
from functools import cache

import numpy as np
import pytest

from peers import peer
from yuhu.stats import hawkes, two_clock

LEVEL, BRANCHING, DECAY = 1.0, 0.6, 0.5


@cache
def times(about):
    """About this many events, and the end of their window."""
    end = about * (1 - BRANCHING) / LEVEL
    return hawkes.simulate(end=end, levels=[LEVEL], branching=BRANCHING, decay=DECAY, seed=1), end


def ours(about, baseline="constant", **more):
    found, end = times(about)
    base = hawkes.steps(0, end, width=end / 168) if baseline == "168 steps" else baseline
    return hawkes.fit(found, end=end, baseline=base, **more)


@pytest.mark.benchmark(group="1 100,000 events; ours with standard errors and fit tests, no bootstrap")
@pytest.mark.parametrize("baseline", ["constant", "168 steps"])
def test_ours(benchmark, baseline):
    benchmark.pedantic(lambda: ours(100_000, baseline), rounds=20, warmup_rounds=2)


@pytest.mark.benchmark(group="1 100,000 events; ours with standard errors and fit tests, no bootstrap")
def test_hawkesbook(benchmark):
    found, end = times(100_000)
    peer("hawkesbook.hawkes", "hawkesbook").exp_mle(found, end)
    theirs = benchmark.pedantic(lambda: peer("hawkesbook.hawkes", "hawkesbook").exp_mle(found, end), rounds=10)
    assert theirs[1] / theirs[2] == pytest.approx(ours(100_000).branching.value, abs=2e-3)


@pytest.mark.benchmark(group="2 1,000,000 events")
@pytest.mark.parametrize("baseline", ["constant", "168 steps"])
def test_ours_million(benchmark, baseline):
    benchmark.pedantic(lambda: ours(1_000_000, baseline), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="2 1,000,000 events")
def test_hawkesbook_million(benchmark):
    found, end = times(1_000_000)
    benchmark.pedantic(lambda: peer("hawkesbook.hawkes", "hawkesbook").exp_mle(found, end), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="3 10,000 events with 99 rounds of the bootstrap")
def test_bootstrap(benchmark):
    benchmark.pedantic(lambda: ours(10_000, draws=99), rounds=2, warmup_rounds=1)


@cache
def video(cohorts=40, seconds=180):
    at = np.arange(seconds)
    exposure, views, screen = np.exp(-at / 250), np.full(cohorts, 1000.0), two_clock.Screen(pool_cohorts=10)
    stimulus = 0.0021 + 0.008 * sum(np.exp(-0.5 * ((at - peak) / 4) ** 2) for peak in (40, 95, 150))
    counts, _ = two_clock.simulate(stimulus, response=5.2e-5, exposure=exposure, views=views, screen=screen)
    return counts, {"exposure": exposure, "views": views, "screen": screen}


def em(rounds=400):
    """Multiplicative EM as it is written down, in numpy."""
    counts, rest = video()
    mass, seen = rest["views"][:, None] * rest["exposure"], rest["screen"].visible(counts)
    stimulus, pull = counts.sum(axis=0) / mass.sum(axis=0), 1e-5
    for _ in range(rounds):
        ratio = counts / (stimulus + pull * seen)
        stimulus, pull = stimulus * ratio.sum(axis=0) / mass.sum(axis=0), pull * (seen * ratio).sum() / (mass * seen).sum()
    return pull


@pytest.mark.benchmark(group="4 two clocks, 180 s x 40 cohorts")
@pytest.mark.parametrize("draws", [0, 199])
def test_two_clock(benchmark, draws):
    counts, rest = video()
    benchmark.pedantic(lambda: two_clock.fit(counts, **rest, draws=draws), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="4 two clocks, 180 s x 40 cohorts")
def test_em_400_rounds(benchmark):
    benchmark.pedantic(em, rounds=3, warmup_rounds=1)


def test_cold(tmp_path):
    """First fit of a process, with the machine code to be made and with it in the cache."""
    script = (
        "import time, numpy as np; a = time.perf_counter(); from yuhu.stats import hawkes; "
        "t = np.sort(np.random.default_rng(1).random(1000) * 1e4); hawkes.fit(t, end=1e4); print(time.perf_counter() - a)"
    )
    for what in ("compiled", "from the cache"):
        began = time.perf_counter()
        out = subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        ).stdout
        print(f"\nfirst fit, {what}: {float(out):.2f} s, process {time.perf_counter() - began:.2f} s")
