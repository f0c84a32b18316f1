"""Peaks, change points, false discoveries: by hand, by brute force, laws, planted ones, hostile input."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moments import autocorrelated
from yuhu.core.errors import YuhuError
from yuhu.stats.position import fit_course, position_basis
from yuhu.stats.scan import benjamini_hochberg, change_points, scan_peaks
from yuhu.stats.scan.courses import courses
from yuhu.stats.scan.kernels import best_windows
from yuhu.stats.scan.nulls import NULLS, drawn_counts, variation, variations
from yuhu.stats.scan.ratios import ratios_kept

MOST = 3


def windows(counts, expected, shortest, longest, left_out=()):
    counts, expected = np.atleast_2d(np.asarray(counts, float)), np.atleast_2d(np.asarray(expected, float))
    broken = np.concatenate(([0], np.cumsum(np.isin(np.arange(counts.shape[1]), left_out)))).astype(np.int64)
    shape = counts.shape[0], longest - shortest + 1
    ratio, start, dispersion = np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape)
    chosen = np.zeros((counts.shape[0], MOST, 2), np.int64)
    best_windows(counts, expected, broken, shortest, MOST, ratio, start, dispersion, chosen)
    return ratio, start, dispersion, [(low, high) for low, high in chosen[0].tolist() if low >= 0]


def likelihood_ratio(c, e, total):
    """Kulldorff's, as published."""
    if c <= e:
        return 0.0
    return c * math.log(c / e) + ((total - c) * math.log((total - c) / (total - e)) if total > c else 0.0)


def brute(counts, expected, width, left_out=()):
    total = sum(counts)
    found = []
    for at in range(len(counts) - width + 1):
        if not set(range(at, at + width)) & set(left_out):
            e = total * sum(expected[at : at + width]) / sum(expected)
            found.append(likelihood_ratio(sum(counts[at : at + width]), e, total))
    return max(found, default=0.0)


def test_one_window_by_hand():
    # 8 of 11 responses in 2 of 5 bins: e = 4.4
    ratio, start, *_ = windows([1, 4, 4, 1, 1], np.ones(5), 2, 2)
    assert ratio[0, 0] == pytest.approx(8 * math.log(8 / 4.4) + 3 * math.log(3 / 6.6))
    assert start[0, 0] == 1


@given(st.lists(st.integers(0, 30), min_size=4, max_size=14), st.data())
def test_windows_equal_the_loop(counts, data):
    expected = data.draw(st.lists(st.floats(0.1, 5), min_size=len(counts), max_size=len(counts)))
    left_out = data.draw(st.sets(st.integers(0, len(counts) - 1), max_size=2))
    counts = [0 if at in left_out else count for at, count in enumerate(counts)]
    expected = [0.0 if at in left_out else one for at, one in enumerate(expected)]
    longest = len(counts) // 2
    ratio, *_ = windows(counts, expected, 1, longest, tuple(left_out))
    assert ratio[0] == pytest.approx([brute(counts, expected, width, left_out) for width in range(1, longest + 1)], abs=1e-9)


@given(st.lists(st.integers(0, 30), min_size=6, max_size=24).filter(lambda counts: sum(counts) > 0), st.data())
def test_dispersion_away_from_the_strongest_windows(counts, data):
    expected = np.array(data.draw(st.lists(st.floats(0.5, 5), min_size=len(counts), max_size=len(counts))))
    counts, n = np.array(counts, float), len(counts)
    ratio, start, dispersion, chosen = windows(counts, expected, 1, n // 2)
    due = expected * counts.sum() / expected.sum()
    if ratio.max() <= 1e-6 or np.subtract(*sorted(ratio[0])[:-3:-1]) < 1e-6:
        return  # no window is the strongest
    width = int(np.argmax(ratio[0])) + 1
    assert chosen[0] == (start[0, width - 1], start[0, width - 1] + width)
    assert {high - low for low, high in chosen} == {width}
    assert len(chosen) <= min(MOST, max(1, n // (4 * width)))
    inside = np.zeros(n, bool)
    for low, high in chosen:
        assert not inside[low:high].any()
        inside[low:high] = True

    def excess(at):
        e = due[at : at + width].sum()
        return (counts[at : at + width].sum() - e) / math.sqrt(e)

    for before, (low, _) in enumerate(chosen[1:], start=1):
        free = [at for at in range(n - width + 1) if all(at + width <= a or at >= b for a, b in chosen[:before])]
        assert excess(low) == pytest.approx(max(map(excess, free)))
    rest = counts[~inside].sum()
    level = rest / due[~inside].sum()
    for length in range(1, n // 2 + 1):
        places = [at for at in range(n - length + 1) if not inside[at : at + length].any()]
        c, e = (np.array([one[at : at + length].sum() for at in places]) for one in (counts, due))
        base = (level * e * (1 - level * e / rest)).sum() if places and rest else 0.0
        assert dispersion[0, length - 1] == pytest.approx(((c - level * e) ** 2).sum() / base if base > 1e-9 else 0.0, abs=1e-6)


def test_a_planted_peak_is_found_with_its_size():
    rng = np.random.default_rng(2)
    rate = np.full(600, 2.0)
    rate[200:215] *= 4
    found = scan_peaks(rng.poisson(rate), seed=1)
    assert len(found.peaks) == 1
    peak = found.peaks[0]
    assert abs(peak.start - 200) <= 2
    assert abs(peak.stop - 215) <= 2
    assert peak.size.low < 4 < peak.size.high
    assert peak.size.low > 1
    assert found.p == peak.p.value == 0.001


def test_secondary_peaks_and_their_order():
    rng = np.random.default_rng(3)
    rate = np.full(900, 2.0)
    rate[100:120] *= 5
    rate[600:610] *= 4
    found = scan_peaks(rng.poisson(rate), seed=1, draws=199).peaks
    assert [round(peak.start / 100) for peak in found] == [1, 6]


@pytest.mark.parametrize("seed", range(3))
def test_several_peaks_do_not_hide_each_other(seed):
    rng = np.random.default_rng(seed)
    rate = np.full(400, 4.0)
    begin = (45, 130, 210, 300, 365)
    for start in begin:
        rate[start : start + 10] *= 4
    found = sorted(scan_peaks(rng.poisson(rate), seed=seed, draws=199).peaks, key=lambda peak: peak.start)
    assert [any(peak.start < start + 10 and peak.stop > start for peak in found) for start in begin] == [True] * 5
    assert len(found) <= 6


def test_the_shoulders_of_a_peak_are_no_peaks():
    rng = np.random.default_rng(5)
    rate = 4 + 40 * np.exp(-(((np.arange(600) - 300) / 8) ** 2) / 2)
    assert len(scan_peaks(rng.poisson(rate), draws=199).peaks) == 1


@pytest.mark.parametrize("lift", [3, 10, 100])
def test_a_higher_peak_does_not_hide_itself(lift):
    rate = np.full(600, 3.0)
    rate[300:320] *= lift
    assert scan_peaks(np.random.default_rng(4).poisson(rate), draws=199).p <= 0.01


def test_nothing_is_found_in_a_flat_or_a_rising_video():
    rng = np.random.default_rng(5)
    assert scan_peaks(rng.poisson(3.0, 600), draws=199).peaks == ()
    assert scan_peaks(rng.poisson(np.linspace(0.5, 8, 600)), draws=199).peaks == ()


def test_autocorrelated_noise_is_no_peak_but_to_the_poisson_scan():
    noise = [np.random.default_rng([6, seed]).poisson(3 * autocorrelated(np.random.default_rng([7, seed]), 600)) for seed in range(20)]
    assert sum(len(scan_peaks(one, draws=99).peaks) > 0 for one in noise) <= 4
    assert all(scan_peaks(one, draws=99, null="poisson", most=1).peaks for one in noise)


@pytest.mark.parametrize("null", NULLS)
def test_same_seed_same_answer(null):
    counts = np.random.default_rng(8).poisson(3, 200)
    one, two = (scan_peaks(counts, null=null, seed=5, draws=99) for _ in range(2))
    assert (one.p, one.strongest) == (two.p, two.strongest)


def test_exposure_explains_what_looks_like_a_peak():
    exposure = np.ones(400)
    exposure[100:120] = 4
    counts = np.random.default_rng(9).poisson(2 * exposure)
    assert scan_peaks(counts, draws=199).peaks
    assert not scan_peaks(counts, exposure=exposure, draws=199).peaks


def test_scale_of_exposure_does_not_matter():
    counts = np.random.default_rng(10).poisson(3, 300)
    one, two = (scan_peaks(counts, exposure=np.full(300, factor), draws=99) for factor in (1.0, 1000.0))
    assert one.p == two.p
    assert one.strongest.size.value == pytest.approx(two.strongest.size.value)


def test_reversed_videos_have_the_same_best_window():
    counts = np.random.default_rng(11).poisson(3, 300)
    counts[50:60] += 6
    one, two = scan_peaks(counts, draws=19).strongest, scan_peaks(counts[::-1].copy(), draws=19).strongest
    assert (one.start, one.stop) == (300 - two.stop, 300 - two.start)


def test_masks_hide_peaks_and_nobody_scans_over_them():
    counts = np.random.default_rng(12).poisson(3, 300)
    counts[60:65] += 100
    masked = (np.arange(300) >= 60) & (np.arange(300) < 65)
    assert scan_peaks(counts, draws=99).peaks[0].start == 60
    assert scan_peaks(counts, draws=99, masked=masked).peaks == ()


@pytest.mark.parametrize("degree", [0, 3])
def test_courses_of_many_rows_are_those_of_each(degree):
    rng = np.random.default_rng(21)
    counts = rng.poisson(np.linspace(0.2, 9, 200), (6, 200)).astype(float)
    kept = rng.random((6, 200)) < np.linspace(0.3, 1, 6)[:, None]
    counts[4] *= kept[4] & (np.arange(200) < 20)  # most of a course without any response
    counts[5] = 0.0
    basis, offset = position_basis(200, "legendre", degree), np.log(rng.uniform(0.5, 2, 200))
    alone = [fit_course(row, basis, offset, seen).mean for row, seen in zip(counts, kept, strict=True)]
    assert courses(counts, kept, basis, offset) == pytest.approx(np.array(alone), rel=1e-5, abs=1e-9)
    assert not courses(counts, kept, basis, offset)[~kept].any()


def test_variations_of_many_rows_are_those_of_each():
    rng = np.random.default_rng(22)
    counts = np.array([rng.poisson(5 * autocorrelated(rng, 300)) for _ in range(4)], float)
    expected = np.full((4, 300), 5.0)
    alone = [variation(row, due, 15, 1) for row, due in zip(counts, expected, strict=True)]
    assert variations(counts, expected, 15, 1) == alone
    rest = counts[0] - 5
    assert alone[0].dispersion == pytest.approx((rest**2 / 5).sum() / 299)


def test_variation_is_seen_as_it_was_made():
    rng = np.random.default_rng(13)
    white = [variation(rng.poisson(5 * rng.gamma(4, 0.25, 3000)), np.full(3000, 5.0), 15, 1) for _ in range(10)]
    assert np.mean([one.white + one.lasting for one in white]) == pytest.approx(0.25, abs=0.03)
    lasting = [variation(rng.poisson(5 * autocorrelated(rng, 3000)), np.full(3000, 5.0), 15, 1) for _ in range(10)]
    assert np.mean([one.lasting for one in lasting]) == pytest.approx(math.exp(0.25) - 1, abs=0.06)
    assert np.mean([one.carry for one in lasting]) == pytest.approx(0.88, abs=0.05)


@pytest.mark.parametrize("null", NULLS)
def test_draws_have_the_mean_and_differ(null):
    rng = np.random.default_rng(14)
    counts, expected = rng.poisson(4, 400).astype(float), np.full(400, 4.0)
    expected *= counts.sum() / expected.sum()
    found = drawn_counts(null, counts, expected, variation(counts, expected, 15, 1), block=15, draws=300, rng=rng)
    assert found.mean() == pytest.approx(counts.mean(), rel=0.02)
    assert np.unique(found, axis=0).shape[0] == 300


def test_the_interval_of_a_ratio_by_its_definition():
    value, low, high = ratios_kept(20.0, 10.0, 100.0, 2.0)
    assert value == pytest.approx((20 / 10) / (80 / 90))

    def height(ratio):
        share = 0.1 * ratio / (0.1 * ratio + 0.9)
        return 20 * math.log(share) + 80 * math.log(1 - share)

    assert height(value) - height(low) == pytest.approx(2.0, abs=1e-6)
    assert height(value) - height(high) == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([], "too_few_responses"),
        ([50], "too_few_responses"),
        ([0] * 100, "too_few_responses"),
        ([1] + [0] * 99, "too_few_responses"),
        ([5] * 60, "no_variation"),
    ],
)
def test_too_little_is_said(counts, reason):
    found = scan_peaks(counts, degree=0)
    assert (found.peaks, found.strongest, found.p, found.reason) == ((), None, None, reason)


def test_no_exposure_anywhere():
    assert scan_peaks([0, 0, 0, 0], exposure=[0, 0, 0, 0]).reason == "too_few_responses"


@pytest.mark.parametrize(
    ("counts", "options", "code"),
    [
        ([1, -1], {}, "YH303"),
        ([1, float("nan")], {}, "YH303"),
        ([1, float("inf")], {}, "YH303"),
        ([1, 2], {"exposure": [1.0]}, "YH301"),
        ([1, 2], {"exposure": [1.0, 0.0]}, "YH303"),
        ([1, 2], {"masked": [False]}, "YH301"),
        ([1, 2], {"windows": (3, 2)}, "YH303"),
        ([1, 2], {"windows": (0, 2)}, "YH303"),
        ([1, 2], {"draws": 5}, "YH303"),
        ([1, 2], {"alpha": 0.0}, "YH303"),
        ([1, 2], {"null": "normal"}, "YH303"),
        ([1, 2], {"block": 0}, "YH303"),
    ],
)
def test_hostile_input(counts, options, code):
    with pytest.raises(YuhuError, match=code):
        scan_peaks(counts, **options)


def test_all_responses_in_one_bin():
    counts = np.zeros(100)
    counts[40] = 200
    found = scan_peaks(counts, draws=99)
    assert found.strongest.start <= 40 < found.strongest.stop
    assert found.strongest.size.reason == "no_variation"


def cost(counts, exposure):
    c, e = sum(counts), sum(exposure)
    return 2 * (c - (c * math.log(c / e) if c else 0.0))


@given(st.lists(st.integers(0, 12), min_size=2, max_size=10), st.data())
def test_change_points_equal_the_best_of_all_divisions(counts, data):
    exposure = data.draw(st.lists(st.floats(0.5, 2), min_size=len(counts), max_size=len(counts)))
    shortest, penalty = data.draw(st.integers(1, 3)), data.draw(st.floats(0, 8))
    if sum(counts) == 0:
        counts[0] = 1

    def total(points):
        ends = [0, *points, len(counts)]
        return sum(cost(counts[a:b], exposure[a:b]) for a, b in itertools.pairwise(ends)) + penalty * len(points)

    def allowed(points):
        return all(b - a >= shortest for a, b in itertools.pairwise([0, *points, len(counts)]))

    every = [
        points
        for size in range(len(counts))
        for points in itertools.combinations(range(1, len(counts)), size)
        if not points or allowed(points)
    ]
    found = change_points(counts, exposure=exposure, shortest=shortest, penalty=penalty)
    assert not found.points or allowed(found.points)
    assert total(found.points) == pytest.approx(min(total(points) for points in every), abs=1e-6)


def test_changes_are_found_with_their_levels():
    rate = np.repeat([2.0, 12.0, 3.0], [200, 100, 300])
    found = change_points(np.random.default_rng(15).poisson(rate), penalty=30.0)
    assert found.points == pytest.approx([200, 300], abs=2)
    for level, truth in zip(found.levels, (2, 12, 3), strict=True):
        assert level.low < truth < level.high


def test_the_penalty_grows_with_length_and_dispersion():
    found = change_points(np.random.default_rng(15).poisson(np.repeat([2.0, 12.0], [200, 400])))
    assert 200 in {point + shift for point in found.points for shift in (-1, 0, 1)}
    assert found.penalty == pytest.approx(2 * math.log(600) * found.dispersion, rel=0.1)


def test_overdispersion_is_no_change():
    counts = np.random.default_rng(16).poisson(3 * np.random.default_rng(17).gamma(2, 0.5, 600))
    assert change_points(counts).points == ()
    assert len(change_points(counts, penalty=2 * math.log(600)).points) > 0


def test_change_points_of_nothing():
    for counts in ([], [0, 0, 0]):
        found = change_points(counts)
        assert (found.points, found.levels[0].reason) == ((), "too_few_responses")
    assert change_points([7]).levels[0].value == 7.0
    assert change_points([5] * 20).points == ()


@pytest.mark.parametrize(
    ("counts", "options", "code"),
    [
        ([1, -1], {}, "YH303"),
        ([1, 2], {"exposure": [1.0, 0.0]}, "YH303"),
        ([1, 2], {"exposure": [1.0]}, "YH301"),
        ([1, 2], {"shortest": 0}, "YH303"),
        ([1], {"penalty": -1.0}, "YH303"),
    ],
)
def test_change_points_refuse(counts, options, code):
    with pytest.raises(YuhuError, match=code):
        change_points(counts, **options)


def test_benjamini_hochberg_by_hand():
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert benjamini_hochberg([]).size == 0
    with pytest.raises(YuhuError, match="YH303"):
        benjamini_hochberg([0.5, 1.5])
    with pytest.raises(YuhuError, match="YH303"):
        benjamini_hochberg([float("nan")])
