"""Event studies: tiny series by hand, FFT against the loop, laws, planted lifts, lags and doses, hostile input."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from moments import segments
from yuhu.core.errors import YuhuError
from yuhu.stats.position import fit_course, orthonormal, position_basis
from yuhu.stats.shift import (
    LagWindows,
    ShiftDesign,
    VideoSeries,
    circular_shift_test,
    circular_shift_tests,
    dose_response,
    gamma_kernel,
    lag_kernel,
    random_effects,
)
from yuhu.stats.shift.fitting import Part, joint_fit
from yuhu.stats.shift.inversion import inverted
from yuhu.stats.shift.series import lag_columns
from yuhu.stats.shift.solving import contrasted
from yuhu.stats.shift.tables import shift_tables, straddling

PLAIN = ShiftDesign(windows=LagWindows(lags=(0, 1), effect=(0, 1), baseline=None), position="none", seam=0)


def planted(rng, lift=1.0, codes=1, bins=400, onsets=5, base=3.0, name=""):
    shown = np.concatenate([segments(rng, bins, onsets) for _ in range(codes)])
    rate = np.full(bins, base)
    video = VideoSeries(np.zeros(bins), shown)
    for start in video.onsets(0)[0]:
        rate[start + 2 : start + 16] *= lift
    return VideoSeries(rng.poisson(rate), shown, name=name)


def names(count):
    return [chr(97 + at) for at in range(count)]


def test_onsets_and_intensities():
    video = VideoSeries(np.zeros(8), np.array([[1, 1, 0, 2, 3, 0, 0, 1]]))
    starts, heights = video.onsets(0)
    assert starts.tolist() == [0, 3, 7]
    assert heights.tolist() == [1, 3, 1]


def test_lag_groups_by_hand():
    windows = LagWindows(lags=(-2, 5), effect=(1, 3), baseline=(-1, -1))
    assert windows.groups() == [(-2, -2), (-1, -1), (0, 0), (1, 3), (4, 5)]
    assert windows.contrast().tolist() == [0, -1, 0, 1, 0]
    video = VideoSeries(np.zeros(6), np.array([[0, 0, 0, 0, 1, 0]]))
    assert lag_columns(video, 0, [(1, 3)], circular=False)[:, 0].tolist() == [0, 0, 0, 0, 0, 1]
    assert lag_columns(video, 0, [(1, 3)], circular=True)[:, 0].tolist() == [1, 1, 0, 0, 0, 1]
    assert lag_columns(video, 0, [(-1, 0)], circular=False)[:, 0].tolist() == [0, 0, 0, 1, 1, 0]


def test_all_shifts_of_a_tiny_series_by_hand():
    counts = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4])
    shown = np.zeros((1, 20))
    shown[0, [4, 11]] = 1
    found = circular_shift_test([VideoSeries(counts, shown)], ["a"], design=PLAIN)
    assert (found.exhaustive, found.draws) == (True, 19)
    mean, inside = counts.mean(), np.zeros(20)
    inside[[4, 5, 11, 12]] = 1
    model = mean * (inside @ inside - inside.sum() ** 2 / 20)
    dispersion = ((counts - mean) ** 2 / mean).sum() / 19
    by_hand = [(counts - mean) @ np.roll(inside, shift) / math.sqrt(model * dispersion) for shift in range(20)]
    assert found.statistics[:, 0] == pytest.approx(by_hand)
    assert found["a"].p.value == sum(abs(one) >= abs(by_hand[0]) - 1e-9 for one in by_hand) / 20
    outside = counts[inside == 0].mean()
    assert found["a"].lift.value == pytest.approx(counts[inside == 1].mean() / outside, rel=1e-3)  # but for the pull of 0.001 responses


def test_fft_equals_the_loop():
    rng = np.random.default_rng(1)
    columns, basis = rng.integers(0, 2, (37, 5)).astype(float), position_basis(37, "legendre", 3)
    weight, series = rng.random(37) * (rng.random(37) > 0.2), rng.normal(size=(2, 37))
    series *= weight > 0
    found = shift_tables(columns, basis, weight, series)
    smooth = orthonormal(basis, weight)
    for shift in range(37):
        moved = np.roll(columns, shift, axis=0)
        explained = smooth.T @ (weight[:, None] * moved)
        assert found.information[shift] == pytest.approx(moved.T @ (weight[:, None] * moved) - explained.T @ explained, abs=1e-9)
        assert found.scores[shift] == pytest.approx(series @ moved - (series @ smooth) @ explained, abs=1e-9)


def test_contrasts_equal_a_solver_and_say_what_cannot_be_told():
    rng = np.random.default_rng(2)
    roots = rng.normal(size=(4, 6, 6))
    information, scores = roots @ roots.transpose(0, 2, 1) + np.eye(6), rng.normal(size=(4, 2, 6))
    contrasts = np.array([[1.0, -1, 0, 0, 0, 0], [0, 0, 0, 1, 0, -1]])
    out, variance = contrasted(information, scores, contrasts, np.ones(6, bool))
    for draw in range(4):
        inverse = np.linalg.inv(information[draw])
        assert out[draw] == pytest.approx(scores[draw] @ inverse @ contrasts.T)
        assert variance[draw] == pytest.approx(np.diag(contrasts @ inverse @ contrasts.T))
    information[0, 1], information[0, :, 1] = information[0, 0], information[0, :, 0]
    information[0, 1, 1] = information[0, 0, 0]
    out, variance = contrasted(information, scores, contrasts, np.ones(6, bool))
    assert variance[0, 0] == 0
    assert variance[0, 1] > 0
    assert contrasted(information, scores, contrasts, np.arange(6) != 5)[1][:, 1].tolist() == [0, 0, 0, 0]


def test_joint_fit_is_where_the_score_is_zero():
    rng = np.random.default_rng(3)
    x, basis = rng.integers(0, 2, (300, 2)).astype(float), position_basis(300, "legendre", 2)
    counts = rng.poisson(np.exp(0.8 + x @ [0.5, -0.4] + basis[:, 1] * 0.3)).astype(float)
    course = fit_course(counts, basis, np.zeros(300), np.ones(300, bool))
    fit = joint_fit([Part(counts, x, basis, np.zeros(300), course.mean)])
    whole = np.concatenate([x, basis], axis=1)
    assert whole.T @ (counts - fit.means[0]) == pytest.approx(np.zeros(5), abs=0.02)
    assert fit.beta == pytest.approx([0.5, -0.4], abs=0.15)


def test_restricted_shifts_by_hand():
    begins = np.zeros(10, bool)
    begins[2] = True
    # lags -1 to 3 fit only if the onset lies in 1..6: shifts 9 (onset 1), 0 .. 4
    assert np.flatnonzero(~straddling(begins, -1, 3)).tolist() == [0, 1, 2, 3, 4, 9]
    video = planted(np.random.default_rng(4), onsets=2)
    found = circular_shift_test([video], ["a"], design=ShiftDesign(restricted=True))
    assert 100 < found.draws + 1 < 400


def test_inversion_agrees_with_the_test_it_inverts():
    rng = np.random.default_rng(5)
    found, slope, variance = rng.normal(size=200), rng.normal(0, 0.1, 200), rng.uniform(0.5, 1.5, 200)
    found[0], slope[0] = 0.7, 1.0
    low, high = inverted(found.copy(), slope, variance, 0.9)

    def p(effect):
        t = np.abs(found - effect * slope) / np.sqrt(variance)
        return (t >= t[0] - 1e-12).mean()

    assert p(low + 1e-6) > 0.1 >= p(low - 1e-6)
    assert p(high - 1e-6) > 0.1 >= p(high + 1e-6)
    assert inverted(found[:5], slope[:5], variance[:5], 0.9) == (-np.inf, np.inf)


def test_a_planted_lift_is_found_and_an_absent_one_not():
    rng = np.random.default_rng(6)
    found = circular_shift_test([planted(rng, 2.0, codes=3, name=str(at)) for at in range(10)], names(3), draws=999)
    lifted, *others = found.effects
    assert lifted.p.value == lifted.p_adjusted.value == 0.001
    assert lifted.lift.low < 2 < lifted.lift.high
    assert lifted.over_videos.mean.low < 2 < lifted.over_videos.mean.high
    assert (lifted.onsets, lifted.videos, len(lifted.by_video)) == (50, 10, 10)
    for other in others:
        assert other.p.value > 0.05
        assert other.lift.low < 1 < other.lift.high
        assert other.p_adjusted.value >= other.p.value


def test_overlapping_strategies_enter_jointly():
    # b begins 3 s after a in half of the cases: alone it would take a's lift for its own
    rng = np.random.default_rng(7)
    videos = []
    for _ in range(12):
        shown = np.concatenate([segments(rng, 500, 6), np.zeros((1, 500))])
        rate = np.full(500, 3.0)
        for at, start in enumerate(VideoSeries(rate, shown).onsets(0)[0]):
            rate[start + 2 : start + 16] *= 2
            shown[1, start + 3 if at % 2 else (start + 40) % 490] = 1
        videos.append(VideoSeries(rng.poisson(rate), shown))
    alone = circular_shift_test([VideoSeries(one.counts, one.strategies[1:]) for one in videos], ["b"], draws=499)["b"]
    both = circular_shift_test(videos, ["a", "b"], draws=499)
    assert alone.lift.high < 0.95 or alone.lift.low > 1.05
    assert both["b"].lift.low < 1 < both["b"].lift.high
    assert both["a"].lift.low < 2 < both["a"].lift.high


def test_position_is_taken_out():
    rng = np.random.default_rng(8)
    videos = []
    for _ in range(15):
        shown = np.zeros((1, 300))
        shown[0, 200 + rng.integers(0, 60)] = 1
        videos.append(VideoSeries(rng.poisson(np.linspace(0.5, 6, 300)), shown))
    windows = LagWindows(baseline=None)
    assert circular_shift_test(videos, ["a"], design=ShiftDesign(windows=windows, position="none"), draws=499)["a"].p.value <= 0.01
    for kind in ("legendre", "spline"):
        assert circular_shift_test(videos, ["a"], design=ShiftDesign(windows=windows, position=kind), draws=499)["a"].p.value > 0.05


def test_relabelling_codes_moves_the_answers_only():
    rng = np.random.default_rng(9)
    videos = [planted(rng, 1.5, codes=2) for _ in range(3)]
    one = circular_shift_test(videos, ["a", "b"], draws=199)
    two = circular_shift_test([VideoSeries(v.counts, v.strategies[::-1]) for v in videos], ["b", "a"], draws=199)
    for code in "ab":
        assert one[code].p.value == two[code].p.value
        assert one[code].lift.value == pytest.approx(two[code].lift.value, rel=1e-6)
        assert one[code].lift.low == pytest.approx(two[code].lift.low, rel=1e-6)


def test_scale_of_exposure_and_of_counts():
    video = planted(np.random.default_rng(10), 1.6)
    base = circular_shift_test([video], ["a"])["a"]
    exposed = circular_shift_test([VideoSeries(video.counts, video.strategies, exposure=np.full(400, 1e4))], ["a"])["a"]
    assert exposed.lift.value == pytest.approx(base.lift.value, rel=1e-6)
    assert exposed.p.value == base.p.value
    tenfold = circular_shift_test([VideoSeries(video.counts * 10, video.strategies)], ["a"])["a"]
    assert tenfold.lift.value == pytest.approx(base.lift.value, rel=1e-2)
    assert tenfold.p.value == base.p.value


def test_rotating_a_video_changes_nothing_without_position_and_seam():
    video = planted(np.random.default_rng(11), 1.6)
    plan = ShiftDesign(position="none", seam=0)
    turned = VideoSeries(np.roll(video.counts, 57), np.roll(video.strategies, 57, axis=1))
    one, two = (circular_shift_test([each], ["a"], design=plan) for each in (video, turned))
    assert one["a"].p.value == two["a"].p.value
    assert one.statistics[:, 0] == pytest.approx(two.statistics[:, 0])


def test_a_reversed_video_with_reversed_lags():
    video = planted(np.random.default_rng(12), 1.6)
    points = np.zeros((1, 400))
    points[0, video.onsets(0)[0]] = 1
    ahead = ShiftDesign(windows=LagWindows(lags=(-5, 30), effect=(2, 15), baseline=(-5, -1)))
    back = ShiftDesign(windows=LagWindows(lags=(-30, 5), effect=(-15, -2), baseline=(1, 5)))
    one = circular_shift_test([VideoSeries(video.counts, points)], ["a"], design=ahead)["a"]
    two = circular_shift_test([VideoSeries(video.counts[::-1], points[:, ::-1])], ["a"], design=back)["a"]
    assert one.p.value == two.p.value
    assert one.lift.value == pytest.approx(two.lift.value, rel=1e-6)
    assert (one.lift.low, one.lift.high) == pytest.approx((two.lift.low, two.lift.high), rel=1e-6)


def test_masked_bins_do_not_speak():
    video = planted(np.random.default_rng(13))
    masked = np.zeros(400, bool)
    masked[50:60] = True
    loud = np.array(video.counts)
    loud[50:60] += 500
    one = circular_shift_test([VideoSeries(loud, video.strategies, masked=masked)], ["a"])["a"]
    two = circular_shift_test([VideoSeries(video.counts, video.strategies, masked=masked)], ["a"])["a"]
    assert one == two


def test_same_seed_same_answer_and_another_seed_another():
    rng = np.random.default_rng(14)
    videos = [planted(rng) for _ in range(3)]
    one, two, three = (circular_shift_test(videos, ["a"], draws=199, seed=seed) for seed in (1, 1, 2))
    assert one.effects == two.effects
    assert not np.array_equal(one.statistics, three.statistics)


def test_too_little_is_said():
    rng = np.random.default_rng(15)
    video = planted(rng, codes=2)
    lacking = circular_shift_test([VideoSeries(video.counts, video.strategies * [[1], [0]])], ["a", "b"])
    assert (lacking["b"].lift.reason, lacking["b"].p.reason, lacking["b"].p.value) == ("no_onsets", "no_onsets", None)
    assert lacking["a"].p.value is not None
    twins = circular_shift_test([VideoSeries(video.counts, video.strategies[[0, 0]])], ["a", "b"])
    assert [effect.lift.reason for effect in twins.effects] == ["collinear", "collinear"]
    silent = circular_shift_test([VideoSeries(np.zeros(400), video.strategies, name="s")], ["a", "b"])
    assert (silent["a"].lift.reason, silent.left_out) == ("too_few_responses", ("s",))
    single = circular_shift_test([VideoSeries([4.0], [[1.0]])], ["a"])
    assert single["a"].lift.reason == "too_few_responses"
    few = circular_shift_test([VideoSeries(np.arange(12.0), np.eye(12)[8:9])], ["a"], design=PLAIN)
    assert few["a"].p.reason == "too_few_shifts"
    few_draws = circular_shift_test([planted(rng) for _ in range(2)], ["a"], draws=19, confidence=0.99)["a"]
    assert few_draws.lift.reason == "shifts_leave_it_open"
    assert few_draws.over_videos.mean.reason == "too_few_videos"


def test_one_silent_video_changes_nothing():
    rng = np.random.default_rng(16)
    video = planted(rng, 1.5)
    silent = VideoSeries(np.zeros(400), video.strategies, name="silent")
    one, two = circular_shift_test([video], ["a"]), circular_shift_test([video, silent], ["a"])
    assert (two["a"].lift, two.left_out) == (one["a"].lift, ("silent",))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (([1.0, -1], [[0, 1]]), "YH303"),
        (([1.0, float("nan")], [[0, 1]]), "YH303"),
        (([1.0, 2], [[0, float("nan")]]), "YH303"),
        (([1.0, 2], [[0, -1]]), "YH303"),
        (([1.0, 2], [[0, 1, 1]]), "YH305"),
        (([1.0, 2], [[0, 1]], [1.0]), "YH301"),
        (([1.0, 2], [[0, 1]], [1.0, 0.0]), "YH303"),
        (([1.0, 2], [[0, 1]], [1.0, 1.0], [True]), "YH305"),
    ],
)
def test_hostile_videos(arguments, code):
    with pytest.raises(YuhuError, match=code):
        VideoSeries(*arguments)


def test_hostile_calls():
    video = planted(np.random.default_rng(17))
    for videos, codes, options, code in [
        ([], ["a"], {}, "YH303"),
        ([video], [], {}, "YH303"),
        ([video], ["a", "b"], {}, "YH305"),
        ([video], ["a"], {"draws": 0}, "YH303"),
        ([video], ["a"], {"confidence": 1.5}, "YH303"),
    ]:
        with pytest.raises(YuhuError, match=code):
            circular_shift_test(videos, codes, **options)
    for make in (
        lambda: LagWindows(effect=(2, 40)),
        lambda: LagWindows(baseline=(1, 3)),
        lambda: ShiftDesign(seam=-1),
        lambda: ShiftDesign(position="none at all"),
    ):
        with pytest.raises(YuhuError, match="YH303"):
            make()
    assert circular_shift_test([video], ["a"], design=ShiftDesign(seam=500))["a"].lift.reason == "too_few_responses"


@given(st.integers(20, 60), st.integers(0, 2**31))
def test_any_series_gives_an_answer_or_a_reason(bins, seed):
    rng = np.random.default_rng(seed)
    counts, shown = rng.poisson(rng.gamma(0.5, 2, bins)), rng.random((2, bins)) > 0.8
    found = circular_shift_test([VideoSeries(counts, shown)], ["a", "b"], design=ShiftDesign(seam=0, degree=3), draws=99)
    for effect in found.effects:
        assert effect.p.reason
        assert effect.lift.is_defined or effect.lift.reason
        assert effect.p.value is None or 0 < effect.p.value <= 1


# random effects


def test_random_effects_by_hand():
    effects, errors = np.array([0.1, 0.5, 0.3, 0.9, -0.1, 0.4]), np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.15])
    found = random_effects(effects, errors)
    weight = 1 / (errors**2 + found.tau2.value)
    assert found.mean.value == pytest.approx(weight @ effects / weight.sum())
    assert weight @ (effects - found.mean.value) ** 2 == pytest.approx(5, rel=1e-6)  # Paule and Mandel: Q = V - 1
    half = stats.t.ppf(0.975, 5) * math.sqrt(1 / weight.sum())
    assert found.mean.high - found.mean.value == pytest.approx(half)
    assert found.predictive.high - found.predictive.value > stats.t.ppf(0.975, 5) * math.sqrt(found.tau2.value + 1 / weight.sum())
    assert found.tau2.low <= found.tau2.value <= found.tau2.high
    assert 0 <= found.i2.low <= found.i2.value <= found.i2.high < 1


def test_equal_effects_have_no_heterogeneity_and_few_videos_no_answer():
    same = random_effects(np.full(8, 0.3), np.full(8, 0.2), ratio=True)
    assert same.tau2.value == same.i2.value == 0
    assert same.mean.value == pytest.approx(math.exp(0.3))
    assert random_effects(np.zeros(4), np.ones(4)).mean.reason == "too_few_videos"
    for effects, errors, code in [([0.0, 1.0], [1.0], "YH301"), ([0.0], [0.0], "YH303"), ([float("nan")], [1.0], "YH303")]:
        with pytest.raises(YuhuError, match=code):
            random_effects(np.array(effects), np.array(errors))


def test_random_effects_cover_and_predict():
    rng = np.random.default_rng(18)
    mean = prediction = 0
    for _ in range(400):
        errors = rng.uniform(0.1, 0.3, 12)
        found = random_effects(rng.normal(0.4, 0.2, 12) + rng.normal(0, errors), errors)
        mean += found.mean.low <= 0.4 <= found.mean.high
        prediction += found.predictive.low <= rng.normal(0.4, 0.2) <= found.predictive.high
    assert mean / 400 >= 0.91
    assert prediction / 400 >= 0.91


# lags and doses


def responding(rng, mean=6.0, shape=3.0, height=0.9, doses=(1,), per_dose=True, bins=400):
    shown, rate = np.zeros((2, bins)), np.full(bins, 3.0)
    middle = np.arange(31) + 0.5
    response = middle ** (shape - 1) * np.exp(-middle * shape / mean)
    for start in rng.choice(np.arange(20, bins - 40), 5, replace=False):
        dose = rng.choice(doses)
        shown[0, start : start + 2] = dose
        rate[start : start + 31] *= np.exp(height * (dose if per_dose else 1) * response / response.max())
    shown[1, rng.integers(0, bins - 10)] = 1
    return VideoSeries(rng.poisson(rate), shown)


def test_the_lag_kernel_shows_the_planted_response():
    rng = np.random.default_rng(19)
    found = lag_kernel([responding(rng) for _ in range(12)], ["a", "b"], "a", draws=199)
    assert found.lags == tuple(range(-5, 31))
    assert 3 <= found.peak.value <= 5  # the mode of a gamma with mean 6 and shape 3 is 4
    assert found.peak.low <= found.peak.value <= found.peak.high
    top = found.curve[found.lags.index(4)]
    assert top.low > 1.5
    assert found.curve[-1].low < 1.1
    assert lag_kernel([responding(rng) for _ in range(3)], ["a", "b"], "a").peak.reason == "too_few_blocks"
    assert lag_kernel([VideoSeries(np.full(100, 3.0), np.zeros((1, 100)))], ["a"], "a").peak.reason == "no_onsets"
    with pytest.raises(YuhuError, match="YH303"):
        lag_kernel([responding(rng)], ["a", "b"], "c")


def test_the_gamma_kernel_finds_the_mean_lag_or_says_there_is_no_response():
    rng = np.random.default_rng(20)
    found = gamma_kernel([responding(rng) for _ in range(6)], ["a", "b"], "a")
    assert found.mean_lag.low <= 6 <= found.mean_lag.high
    assert found.mean_lag.high < 12
    assert found.height.value == pytest.approx(math.exp(0.9), rel=0.25)
    assert min(loss for _, loss in found.profile) == pytest.approx(0, abs=1e-9)
    nothing = gamma_kernel([responding(rng, height=0.0) for _ in range(6)], ["a", "b"], "a")
    assert nothing.mean_lag.reason == "not_identified"


def test_more_of_a_strategy_and_more_responses():
    rng = np.random.default_rng(21)
    windows = [responding(rng, height=0.3, doses=(1, 2, 3)) for _ in range(12)]
    found = dose_response(windows, ["a", "b"], "a", draws=499)
    lifts = [lift.value for _, lift in found.levels]
    assert [dose for dose, _ in found.levels] == [1, 2, 3]
    assert lifts == sorted(lifts)
    assert found.slope.value > 1.05
    assert found.p.value <= 0.01
    assert found.preferred != "step"
    flat = dose_response([responding(rng, doses=(1, 2, 3), per_dose=False) for _ in range(12)], ["a", "b"], "a", draws=499)
    assert flat.p.value > 0.05
    assert flat.preferred == "step"
    assert dose_response([responding(rng)], ["a", "b"], "a").p.reason == "one_dose"
    with pytest.raises(YuhuError, match="YH303"):
        dose_response(windows, ["a", "b"], "a", draws=5)


def test_permuted_doses_keep_their_level():
    low = 0
    for seed in range(150):
        rng = np.random.default_rng([22, seed])
        videos = [responding(rng, doses=(1, 2, 3), per_dose=False, bins=300) for _ in range(3)]
        low += dose_response(videos, ["a", "b"], "a", draws=99, seed=seed).p.value <= 0.05
    assert low / 150 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 150)


# position


@pytest.mark.parametrize("kind", ["legendre", "spline"])
def test_position_bases(kind):
    basis = position_basis(50, kind, 6)
    assert basis.shape == (50, 7)
    assert np.linalg.matrix_rank(basis) == 7
    assert (basis[:, 0] == 1).all()
    weight = np.random.default_rng(23).random(50)
    smooth = orthonormal(basis, weight)
    assert (smooth.T * weight) @ smooth == pytest.approx(np.eye(7), abs=1e-8)


def test_a_natural_spline_is_straight_at_its_ends():
    basis = position_basis(2000, "spline", 6)
    assert np.abs(np.diff(basis[-20:], n=2, axis=0)).max() < 1e-6


def test_the_course_follows_and_the_dispersion_is_seen():
    rng = np.random.default_rng(24)
    rate = np.exp(1 + np.linspace(-1, 1, 2000))
    course = fit_course(
        rng.poisson(rate * rng.gamma(4, 0.25, 2000)).astype(float), position_basis(2000), np.zeros(2000), np.ones(2000, bool)
    )
    assert np.abs(course.mean / rate - 1)[100:-100].max() < 0.15
    assert course.dispersion == pytest.approx(1 + np.mean(rate**2) / 4 / rate.mean(), rel=0.25)
    silent_end = np.concatenate([np.full(100, 5.0), np.zeros(100)])
    assert np.isfinite(fit_course(silent_end, position_basis(200), np.zeros(200), np.ones(200, bool)).mean).all()


def test_the_compiler_waits_for_the_first_call():
    code = "import sys, yuhu.stats.shift, yuhu.stats.scan, yuhu.stats.intensity; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# several series


def test_series_share_their_shifts_and_one_adjustment():
    rng = np.random.default_rng(31)
    base = [planted(rng, codes=2, name=str(at)) for at in range(4)]
    series = {str(one): [VideoSeries(rng.poisson(3.0, 400), video.strategies, name=video.name) for video in base] for one in range(5)}
    found = circular_shift_tests(series, names(2), draws=999)
    alone = {name: circular_shift_test(videos, names(2), draws=999) for name, videos in series.items()}
    for name, result in found.items():
        for code in names(2):
            assert result[code].p == alone[name][code].p, "the same shifts"
            assert result[code].lift == alone[name][code].lift
            assert result[code].p_adjusted.value >= alone[name][code].p_adjusted.value
    relative = [np.abs(one.statistics) / np.quantile(np.abs(one.statistics), 0.99, axis=0) for one in found.values()]
    highest = np.max(relative, axis=(0, 2))
    assert found["0"]["a"].p_adjusted.value == pytest.approx(np.mean(highest >= relative[0][0, 0] - 1e-9))


def test_a_copy_of_a_series_costs_nothing_and_one_without_responses_does_not_count():
    rng = np.random.default_rng(32)
    videos = [planted(rng, 1.4, name=str(at)) for at in range(3)]
    silent = [VideoSeries(np.zeros(400), video.strategies, name=video.name) for video in videos]
    found = circular_shift_tests({"a": videos, "again": videos, "silent": silent}, ["a"], draws=499)
    alone = circular_shift_test(videos, ["a"], draws=499)
    assert found["a"]["a"].p_adjusted == alone["a"].p_adjusted
    assert found["silent"]["a"].lift.reason == "too_few_responses"
    assert found["silent"].left_out == ("0", "1", "2")


def test_videos_that_are_shifted_as_one():
    rng = np.random.default_rng(33)
    one = planted(rng, 1.5, name="ep1")
    short = VideoSeries(one.counts[:390], one.strategies[:, :390], name="ep1 elsewhere", together="ep1")
    whole = VideoSeries(one.counts, one.strategies, name="ep1", together="ep1")
    found = circular_shift_test([whole, short], ["a"])
    assert (found.exhaustive, found.draws) == (True, 399), "the two have as many shifts as one"
    assert found["a"].videos == 2
    assert [each.n_videos for each in found["a"].by_video] == [2]
    assert found["a"].p.value == pytest.approx(circular_shift_test([one], ["a"])["a"].p.value, abs=0.03)
    apart = circular_shift_test([one, VideoSeries(short.counts, short.strategies)], ["a"], draws=999)
    assert apart["a"].lift.high / apart["a"].lift.low < found["a"].lift.high / found["a"].lift.low
    split = ShiftDesign(restricted=True)
    assert 100 < circular_shift_test([whole, short], ["a"], design=split).draws < 400


def test_hostile_series():
    rng = np.random.default_rng(34)
    video, other = planted(rng), planted(rng)
    for series, code in [
        ({}, "YH303"),
        ({"a": [video], "b": [other]}, "YH305"),
        ({"a": [video], "b": [video, other]}, "YH305"),
        ({"a": [video], "b": [VideoSeries(video.counts, video.strategies, masked=np.arange(400) < 9)]}, "YH305"),
        ({"a": [video], "b": []}, "YH303"),
    ]:
        with pytest.raises(YuhuError, match=code):
            circular_shift_tests(series, ["a"], draws=99)
