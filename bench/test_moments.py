"""Shift test, scan and change points, beside the loops that they replace.

python -m pytest bench/test_moments.py -o addopts= -p no:cacheprovider -s
"""

import subprocess
import sys
import time
from functools import cache

import numpy as np
import pytest

from yuhu.stats.position import fit_course, position_basis
from yuhu.stats.scan import change_points, scan_peaks
from yuhu.stats.shift import VideoSeries, circular_shift_test

VIDEOS, CODES, SHIFTS, BINS = 100, 5, 4999, 600
DRAWS, SCANNED = 999, 1200


@cache
def videos():
    rng, out = np.random.default_rng(1), []
    for _ in range(VIDEOS):
        shown = np.zeros((CODES, BINS))
        for code in range(CODES):
            for start in rng.choice(BINS - 30, 6, replace=False):
                shown[code, start : start + 15] = 1
        out.append(VideoSeries(rng.poisson(3.0, BINS), shown))
    return out


@cache
def counts():
    rng = np.random.default_rng(2)
    return rng.poisson(3 * rng.gamma(5, 0.2, SCANNED))


@pytest.mark.benchmark(group="100 videos x 600 s x 5 codes x 4,999 shifts")
def test_shift(benchmark):
    benchmark.pedantic(lambda: circular_shift_test(videos(), list("abcde"), draws=SHIFTS), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="1 video, 1 code, all 600 shifts")
def test_shift_of_one_video(benchmark):
    video = VideoSeries(videos()[0].counts, videos()[0].strategies[:1])
    benchmark.pedantic(lambda: circular_shift_test([video], ["a"]), rounds=50, warmup_rounds=2)


@pytest.mark.benchmark(group="1 video, 1 code, all 600 shifts")
def test_loop_of_one_video(benchmark):
    """What people write: residuals once, then roll the window and take its mean; no weights, no other lags."""
    video, basis = videos()[0], position_basis(BINS)
    window = np.zeros(BINS)
    for start in video.onsets(0)[0]:
        window[start + 2 : start + 16] = 1

    def loop():
        rest = video.counts - fit_course(video.counts, basis, np.zeros(BINS), np.ones(BINS, bool)).mean
        return [rest @ np.roll(window, shift) for shift in range(BINS)]

    benchmark.pedantic(loop, rounds=50, warmup_rounds=2)


@pytest.mark.benchmark(group="scan of 1,200 bins, windows 2 to 30, 999 draws")
@pytest.mark.parametrize("null", ["autocorrelated", "poisson"])
def test_scan(benchmark, null):
    benchmark.pedantic(lambda: scan_peaks(counts(), draws=DRAWS, most=1, null=null), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group="scan of 1,200 bins, windows 2 to 30, 999 draws")
def test_scan_in_numpy(benchmark):
    """Multinomial null and likelihood ratios as array operations, all draws at once."""

    def scan():
        rng, seen = np.random.default_rng(1), counts()
        total = seen.sum()
        drawn = np.concatenate([seen[None, :], rng.multinomial(total, np.full(SCANNED, 1 / SCANNED), DRAWS)])
        sums = np.concatenate([np.zeros((DRAWS + 1, 1)), np.cumsum(drawn, axis=1)], axis=1)
        best = np.zeros(DRAWS + 1)
        for width in range(2, 31):
            c, e = sums[:, width:] - sums[:, :-width], total * width / SCANNED
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = np.where(c > e, c * np.log(c / e) + (total - c) * np.log((total - c) / (total - e)), 0.0)
            best = np.maximum(best, ratio.max(axis=1))
        return (best >= best[0]).mean()

    benchmark.pedantic(scan, rounds=2, warmup_rounds=0)


@pytest.mark.benchmark(group="change points of 3,600 bins with 9 changes")
def test_changes(benchmark):
    rate = np.repeat([2.0, 5.0] * 5, 360)
    series = np.random.default_rng(3).poisson(rate)
    benchmark.pedantic(lambda: change_points(series), rounds=20, warmup_rounds=2)


def test_what_the_issue_asks_for():
    for name, call, most in (
        ("100 videos x 5 codes x 4,999 shifts", lambda: circular_shift_test(videos(), list("abcde"), draws=SHIFTS), 2.0),
        ("scan, 999 draws, 1,200 bins, windows 2 to 30", lambda: scan_peaks(counts(), draws=DRAWS, most=1), 0.3),
    ):
        call()
        seconds = []
        for _ in range(5):
            started = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - started)
        print(f"\n{name}: {min(seconds):.2f} s at best of 5, {max(seconds):.2f} s at worst; asked for {most} s")


def test_cold_start():
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "from yuhu.stats.scan import scan_peaks; scan_peaks([3, 4] * 100, draws=19)"], check=True)
    print(f"\nfirst scan of a process, imports and compiled code from the cache: {time.perf_counter() - started:.1f} s")
