"""Do the shift test and the scan keep their level where nothing is to be found, and what do they find? The tables of docs/moments-statistics.md.

`pytest tests/test_moments_levels.py -m slow -o addopts= -s` prints them; YUHU_ROUNDS sets the number of rounds, YUHU_SEED other data for the scan.
"""

import os
import sys

import numpy as np
import pytest

from moments import NULLS, SHORT, VIDEOS, bin_permutation, rates, regression, study
from yuhu.stats.position import position_basis
from yuhu.stats.scan import benjamini_hochberg, scan_peaks
from yuhu.stats.shift import ShiftDesign, circular_shift_test

ROUNDS = int(os.environ.get("YUHU_ROUNDS", "2000"))
SEED = int(os.environ.get("YUHU_SEED", "9"))
HIGHEST = 0.05 + 3 * np.sqrt(0.05 * 0.95 / ROUNDS)
PLACED = 20
"""Bins of a planted peak."""


def said(line):
    sys.stderr.write(line + "\n")


def shifted(null, lift, seed, **options):
    return circular_shift_test(study(np.random.default_rng([5, seed]), null, lift), ["a"], draws=999, seed=seed, **options)["a"]


def naive(design, seed):
    rng = np.random.default_rng([5, seed])
    videos = study(rng, design)
    return regression(videos), regression(videos, 30), bin_permutation(videos, rng, 199)


def scanned(design, lift, seed, null, draws=199):
    """p of the strongest window, the truth in it, and its estimate; over 20 videos the smallest p after Benjamini and Hochberg."""
    rng = np.random.default_rng([SEED, seed])
    if design == NULLS[3]:
        ps = [scan_peaks(rng.poisson(rates(rng, design, SHORT)), null=null, draws=499, seed=seed, most=1).p for _ in range(VIDEOS)]
        return min(benjamini_hochberg(ps)), None, None
    rate = rates(rng, design)
    exposure = rate.copy() if design == NULLS[0] else None
    start = int(rng.integers(30, rate.size - 60))
    rate[start : start + PLACED] *= lift
    found = scan_peaks(rng.poisson(rate), exposure=exposure, null=null, draws=draws, seed=seed, most=1)
    return found.p, (start, start + PLACED), found.strongest


def above_two(design, seed):
    """Whether some bin lies two standard deviations above the course of its video, in any video."""
    rng = np.random.default_rng([SEED, seed])
    for _ in range(VIDEOS if design == NULLS[3] else 1):
        counts = rng.poisson(rates(rng, design, SHORT if design == NULLS[3] else 600))
        basis = position_basis(counts.size)
        rest = counts - basis @ np.linalg.lstsq(basis, counts, rcond=None)[0]
        if (rest > 2 * rest.std()).any():
            return True
    return False


@pytest.mark.parametrize("design", NULLS[:3])
def test_level_and_coverage_fast(design):
    # 200 rounds: three binomial standard errors are .046
    found = [shifted(design, 1.0, seed).p.value for seed in range(200)]
    assert np.mean(np.array(found) <= 0.05) <= 0.096
    lifts = [shifted(design, 1.5, seed).lift for seed in range(200)]
    assert np.mean([each.low <= 1.5 <= each.high for each in lifts]) >= 0.9


@pytest.mark.parametrize("design", NULLS[:3])
def test_the_scan_keeps_its_level_fast(design):
    assert np.mean([scanned(design, 1.0, seed, "autocorrelated", 99)[0] <= 0.05 for seed in range(100)]) <= 0.12


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS)
def test_level_of_the_shift_test(design):
    ours = np.array([shifted(design, 1.0, seed).p.value for seed in range(ROUNDS)])
    raw = np.array([shifted(design, 1.0, seed, design=ShiftDesign(position="none")).p.value for seed in range(ROUNDS)])
    others = np.array([naive(design, seed) for seed in range(ROUNDS)])
    level = (ours <= 0.05).mean()
    rest = (others <= 0.05).mean(axis=0)
    said(f"SHIFT LEVEL | {design} | {level:.3f} | {(raw <= 0.05).mean():.3f} | {rest[0]:.3f} | {rest[1]:.3f} | {rest[2]:.3f} |")
    assert 0.035 <= level <= HIGHEST


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS)
def test_coverage_of_the_lift(design):
    found = [shifted(design, 1.5, seed) for seed in range(ROUNDS)]
    ends = np.array([(each.lift.low, each.lift.high) for each in found if each.lift.low is not None])
    covered = ((ends[:, 0] <= 1.5) & (ends[:, 1] >= 1.5)).mean()
    over = [each.over_videos.mean for each in found if each.over_videos.mean.low is not None]
    random = np.mean([each.low <= 1.5 <= each.high for each in over]) if over else None
    ratio = np.exp(np.median(np.log(ends[:, 1] / ends[:, 0])) / 2)
    said(f"SHIFT COVERAGE | {design} | {covered:.3f} | {len(found) - len(ends)} | {ratio:.2f} | {random} |")
    assert covered >= 0.93


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS)
def test_power_of_the_shift_test(design):
    rounds = ROUNDS // 8
    power = [np.mean([shifted(design, lift, seed).p.value <= 0.05 for seed in range(rounds)]) for lift in (1.1, 1.25, 1.5, 2.0, 3.0)]
    said(f"SHIFT POWER | {design} | " + " | ".join(f"{each:.2f}" for each in power) + " |")
    assert power[-1] > power[0]


@pytest.mark.slow
@pytest.mark.parametrize("null", ["autocorrelated", "blocks", "negative_binomial", "poisson"])
@pytest.mark.parametrize("design", NULLS[:3])
def test_level_of_the_scan(design, null):
    found = [scanned(design, 1.0, seed, null) for seed in range(ROUNDS)]
    level = np.mean([p <= 0.05 for p, _, _ in found])
    said(f"SCAN LEVEL | {design} | {null} | {level:.3f} |")
    if null == "autocorrelated":
        assert level <= HIGHEST


@pytest.mark.slow
def test_level_of_the_scan_over_twenty_videos():
    level = np.mean([scanned(NULLS[3], 1.0, seed, "autocorrelated")[0] <= 0.05 for seed in range(ROUNDS)])
    said(f"SCAN LEVEL | {NULLS[3]} | autocorrelated | {level:.3f} |")
    assert level <= HIGHEST


@pytest.mark.slow
def test_naive_scan_over_twenty_videos():
    for null in ("negative_binomial", "poisson"):
        level = np.mean([scanned(NULLS[3], 1.0, seed, null)[0] <= 0.05 for seed in range(ROUNDS // 8)])
        said(f"SCAN LEVEL | {NULLS[3]} | {null} | {level:.3f} |")
    assert level > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS)
def test_two_standard_deviations_alarm_always(design):
    level = np.mean([above_two(design, seed) for seed in range(ROUNDS)])
    said(f"SCAN LEVEL | {design} | z > 2 | {level:.3f} |")
    assert level > 0.99


@pytest.mark.slow
@pytest.mark.parametrize("design", NULLS[:3])
@pytest.mark.parametrize("null", ["autocorrelated", "blocks"])
def test_power_of_the_scan(design, null):
    rounds, lifts = ROUNDS // 4, (1.25, 1.5, 2.0, 3.0, 5.0)
    found = [[scanned(design, lift, seed, null) for seed in range(rounds)] for lift in lifts]
    power = [np.mean([p <= 0.05 and peak.start < at[1] and at[0] < peak.stop for p, at, peak in each]) for each in found]
    said(f"SCAN POWER | {design} | {null} | " + " | ".join(f"{each:.2f}" for each in power) + " |")
    assert power[-1] >= power[0]


@pytest.mark.slow
@pytest.mark.parametrize("lift", [1.0, 2.0])
@pytest.mark.parametrize("design", NULLS[:2])
def test_coverage_of_the_size_of_a_chosen_window(design, lift):
    hits = []
    for seed in range(ROUNDS // 2):
        _, (start, stop), peak = scanned(design, lift, seed, "autocorrelated")
        inside = max(0, min(stop, peak.stop) - max(start, peak.start)) / (peak.stop - peak.start)
        total = 600 - (peak.stop - peak.start)
        outside = (PLACED - inside * (peak.stop - peak.start)) / total
        truth = (1 + (lift - 1) * inside) / (1 + (lift - 1) * outside)
        hits.append(peak.size.low <= truth <= peak.size.high)
    said(f"SCAN COVERAGE | {design} | {lift} | {np.mean(hits):.3f} |")
    assert np.mean(hits) >= 0.93
