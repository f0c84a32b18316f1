"""Two clocks: what is visible by hand, the top against EM, laws, recovery, refusals, hostile input, and the recovery table."""

import numpy as np
import pytest

from two_clock_designs import BROKEN, COHORTS, EXPOSURE, HOLDS, PULLS, RETENTION, SCREEN, SECONDS, UNKNOWN, VIEWS, by_em, drawn, fitted
from yuhu.core.errors import YuhuError
from yuhu.stats import two_clock
from yuhu.stats.two_clock.checks import checks
from yuhu.stats.two_clock.climbing import profile, score
from yuhu.stats.two_clock.model import dispersion, optimum, table


def model(counts, views=VIEWS, exposure=EXPOSURE, screen=SCREEN):
    return table(counts[None], views[None], exposure, screen)


def test_what_is_visible_by_hand():
    screen = two_clock.Screen(seconds=1, decay=1, window=2)
    kernel = np.exp([0.0, -1, -2]) / np.exp([0.0, -1, -2]).sum()
    assert screen.kernel == pytest.approx(kernel)
    counts = np.zeros((3, 5))
    counts[0, 1], counts[1, 4] = 2, 1
    seen = screen.visible(counts)
    assert seen[0] == pytest.approx(np.zeros(5))
    assert seen[1] == pytest.approx([0, *(2 * kernel), 0])
    assert seen[2] == pytest.approx([0, *(2 * kernel), kernel[0]])
    assert screen.from_future(counts)[0] == pytest.approx([0, 0, 0, 0, kernel[0]])
    assert screen.from_future(counts)[2] == pytest.approx(np.zeros(5))
    assert two_clock.Screen(window=2, decay=1, later=2).from_later(counts)[1] == pytest.approx([2 * kernel[1], 2 * kernel[2], 0, 0, 0])
    assert screen.from_next(counts)[1] == pytest.approx([2 * kernel[1], 0, 0, 0, 0])
    assert screen.from_next(counts)[2] == pytest.approx([2 * kernel[1], 0, kernel[2], kernel[1], 0])


def test_pools():
    counts = np.array([[4.0], [0.0], [6.0], [3.0]])
    assert two_clock.Screen(pool_cohorts=1).pool(counts)[3].tolist() == [0, 0, 1, 0]
    assert two_clock.Screen(pool_messages=8).pool(counts)[3].tolist() == [0.5, 0, 1, 0]
    assert two_clock.Screen(pool_messages=3).pool(counts)[3].tolist() == [0, 0, 0.5, 0]
    assert two_clock.Screen(pool_messages=8, pool_cohorts=2).pool(counts)[3].tolist() == [0, 0, 1, 0]
    assert two_clock.Screen().pool(counts)[3].tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize("pull", PULLS)
def test_the_top_is_where_em_goes(pull):
    counts, _ = drawn(1, pull)
    data = model(counts)
    at = optimum(data)
    mass, seen = VIEWS[:, None] * EXPOSURE, SCREEN.visible(counts)
    stimulus, reached, value = by_em(counts, mass, seen, 4000)
    assert at.value >= value - 1e-9
    assert at.value == pytest.approx(value, abs=5e-3), "EM creeps where there is no excitation"
    assert at.pull == pytest.approx(reached, rel=1e-4, abs=2e-8)
    assert at.stimulus == pytest.approx(stimulus, rel=1e-3, abs=1e-5)
    assert at.expected(data).sum() == pytest.approx(counts.sum())
    assert at.share == pytest.approx(at.pull * (mass * seen).sum() / counts.sum())


def test_slope_and_bend_of_the_profile_agree_with_differences():
    data = model(drawn(2, "middle")[0])
    at, room = optimum(data), np.empty(COHORTS)

    def here(pull):
        return np.array(profile(data.counts, data.mass, data.drawn, pull, at.stimulus.copy(), room))

    for pull in (1e-5, 4e-5, 9e-5):
        above, below = here(pull + 1e-9), here(pull - 1e-9)
        assert (above[0] - below[0]) / 2e-9 == pytest.approx(here(pull)[1], rel=1e-4)
        assert (above[1] - below[1]) / 2e-9 == pytest.approx(here(pull)[2], rel=1e-4)


def test_the_score_is_the_slope_towards_another_regressor():
    data = model(drawn(3, "middle")[0])
    at = optimum(data)
    other = np.random.default_rng(1).random(data.counts.shape) * 10

    def value(pull):
        rate = data.mass * (at.stimulus[:, None] + at.pull * data.drawn + pull * other)
        return (data.counts * np.log(rate) - rate).sum()

    slope, variance = score(data.counts, data.mass, data.drawn, other, at.pull, at.stimulus)
    assert slope == pytest.approx((value(1e-8) - value(-1e-8)) / 2e-8, rel=1e-4)
    root = np.sqrt(data.counts) / (at.stimulus[:, None] + at.pull * data.drawn)
    columns = np.zeros((data.counts.size, SECONDS + 1))
    columns[np.arange(data.counts.size), np.repeat(np.arange(SECONDS), COHORTS)] = root.ravel()
    columns[:, -1] = (root * data.drawn).ravel()
    target = (root * other).ravel()
    left = target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]
    assert variance == pytest.approx(left @ left, rel=1e-6)


@pytest.mark.parametrize(("pull", "within"), [("none", 0.02), ("middle", 0.04), ("strong", 0.02)])
def test_recovery(pull, within):
    found, share = fitted(4, pull=pull, draws=60)
    assert found.doubts == ()
    assert found.share.value == pytest.approx(share, abs=within)
    assert found.share.low < found.share.value < found.share.high < found.share.low + 0.08 or pull == "none"
    assert found.response.low <= PULLS[pull] <= found.response.high
    assert (found.p < 0.05) == (pull != "none")
    assert found.share.n == found.n


@pytest.mark.parametrize("pull", [0.0, 3e-5])
def test_segments_have_stimuli_of_their_own(pull):
    stimulus = np.stack([0.002 + 0.008 * (np.arange(SECONDS) // 30 == 1), 0.002 + 0.008 * (np.arange(SECONDS) // 30 == 4)])
    early = np.linspace(1900, 100, COHORTS)
    views = np.stack([early, 2000 - early])
    counts, share = two_clock.simulate(stimulus, response=pull, exposure=EXPOSURE, views=views, screen=SCREEN, seed=1)
    found = two_clock.fit(counts, exposure=EXPOSURE, views=views, screen=SCREEN, draws=60)
    assert found.doubts == ()
    assert found.share.value == pytest.approx(share, abs=0.03)
    assert found.stimulus.shape == (2, SECONDS)
    together = two_clock.fit(counts.sum(axis=0), exposure=EXPOSURE, views=views.sum(axis=0), screen=SCREEN, draws=60)
    assert together.share.reason == "cannot_be_separated"
    assert "placebo" in together.doubts


@pytest.mark.parametrize("design", BROKEN)
def test_a_broken_condition_is_found_out(design):
    found, _ = fitted(5, draws=99, **BROKEN[design])
    assert (found.share.value, found.share.reason, found.response.reason) == (None, "cannot_be_separated", "cannot_be_separated")
    assert {"placebo", "control", "lead"} & set(found.doubts)
    assert found.share_if_clean is not None


@pytest.mark.parametrize(
    ("change", "doubt"),
    [({"views": None}, "views_unknown"), ({"truncated": True}, "truncated"), ({"draws": 0}, "unchecked"), ({"draws": 59}, "unchecked")],
)
def test_what_is_not_known_is_said(change, doubt):
    counts, _ = drawn(4, "middle")
    found = two_clock.fit(counts, **{"exposure": EXPOSURE, "views": VIEWS, "screen": SCREEN, "draws": 19, **change})
    assert doubt in found.doubts
    assert found.share.reason == "cannot_be_separated"


def test_unknown_views_hide_contagion_and_make_none():
    none, middle = drawn(4)[0], drawn(4, "middle")
    options = {"exposure": EXPOSURE, "views": None, "screen": SCREEN, "draws": 0}
    assert two_clock.fit(none, **options).share_if_clean < 0.03
    assert 0.1 < two_clock.fit(middle[0], **options).share_if_clean < middle[1]


def test_too_little_is_said():
    few = two_clock.fit(np.eye(10), exposure=None, views=np.ones(10))
    assert (few.share.reason, few.n, few.doubts) == ("too_few_events", 10, ())
    assert two_clock.fit(np.full((7, 30), 9), exposure=None, views=np.ones(7)).share.reason == "too_few_cohorts"
    assert two_clock.fit(np.zeros((1, 1)), exposure=None, views=[1]).share.reason == "too_few_events"
    alone = np.zeros((10, 30))
    alone[-1] = 9
    silent = two_clock.fit(alone, exposure=None, views=np.ones(10), draws=19)
    assert "nothing_visible" in silent.doubts
    assert silent.share.reason == "cannot_be_separated"
    short = two_clock.fit(np.random.default_rng(1).poisson(5, (10, 15)), exposure=None, views=np.ones(10), draws=19)
    assert "control" in short.doubts, "a video of 15 s has nothing 20 s later"


def test_laws_of_scale_and_empty_rows():
    counts, _ = drawn(6, "middle")
    here = two_clock.fit(counts, exposure=EXPOSURE, views=VIEWS, screen=SCREEN, draws=0)
    scaled = two_clock.fit(counts, exposure=EXPOSURE * 3, views=VIEWS * 7, screen=SCREEN, draws=0)
    assert scaled.share_if_clean == pytest.approx(here.share_if_clean, rel=1e-9)
    assert scaled.response_if_clean * 21 == pytest.approx(here.response_if_clean, rel=1e-9)
    assert scaled.likelihood_ratio == pytest.approx(here.likelihood_ratio, rel=1e-6)
    wider = np.concatenate([np.zeros((COHORTS, 3)), counts], axis=1)
    moved = two_clock.fit(wider, exposure=np.append([1.0, 1, 1], EXPOSURE), views=VIEWS, screen=SCREEN, draws=0)
    assert moved.share_if_clean == pytest.approx(here.share_if_clean, rel=1e-9)
    assert moved.stimulus[:3].tolist() == [0, 0, 0]
    unseen = two_clock.fit(np.append(counts, np.zeros((1, SECONDS)), axis=0), exposure=EXPOSURE, views=[*VIEWS, 0], screen=SCREEN, draws=0)
    assert unseen.share_if_clean == pytest.approx(here.share_if_clean, rel=1e-9)


def test_same_seed_same_numbers():
    assert repr(fitted(7, pull="weak", draws=19)) == repr(fitted(7, pull="weak", draws=19))
    counts, _ = drawn(7, "weak")
    other = two_clock.fit(counts, exposure=EXPOSURE, views=VIEWS, screen=SCREEN, draws=19, seed=1)
    assert repr(other) != repr(fitted(7, pull="weak", draws=19)[0])


def test_dispersion_by_simulation():
    data = model(drawn(8, "middle", overdispersion=0.25)[0])
    spread, extra = dispersion(data, optimum(data))
    assert spread > 1.3
    assert extra == pytest.approx(0.25, abs=0.06)
    calm = model(drawn(8, "middle")[0])
    assert dispersion(calm, optimum(calm))[0] == pytest.approx(1, abs=0.05)


def test_chance_of_a_check_by_hand():
    simulated = np.tile(np.arange(-9.5, 10), (3, 1)).T
    found = checks(np.array([[0.0, 0.1], [30.0, 0.2], [np.nan, np.nan]]), simulated)
    assert [round(one.p, 4) for one in found] == [1.0, round(1 / 21, 4), 0.0]
    assert [one.is_clean for one in found] == [True, True, False]


GOOD = np.full((10, 30), 3.0)
REST = {"exposure": np.ones(30), "views": np.ones(10)}


def changed(place, value):
    found = GOOD.copy()
    found[place] = value
    return found


@pytest.mark.parametrize(
    ("counts", "change", "code"),
    [
        (changed((0, 0), -1), {}, "YH303"),
        (changed((0, 0), np.nan), {}, "YH303"),
        (changed((0, 0), np.inf), {}, "YH303"),
        (changed((0, 0), 0.5), {}, "YH303"),
        (np.zeros((0, 30)), {"views": []}, "YH303"),
        (np.zeros(30), {}, "YH303"),
        (GOOD, {"exposure": np.zeros(30)}, "YH303"),
        (GOOD, {"exposure": -np.ones(30)}, "YH303"),
        (GOOD, {"exposure": np.full(30, np.nan)}, "YH303"),
        (GOOD, {"exposure": np.ones(29)}, "YH301"),
        (GOOD, {"views": np.zeros(10)}, "YH303"),
        (GOOD, {"views": -np.ones(10)}, "YH303"),
        (GOOD, {"views": np.ones(11)}, "YH301"),
        (GOOD, {"draws": -1}, "YH303"),
        (GOOD, {"block": 11}, "YH303"),
        (GOOD, {"block": 0}, "YH303"),
        (GOOD, {"confidence": 0}, "YH303"),
    ],
)
def test_hostile_input(counts, change, code):
    with pytest.raises(YuhuError) as caught:
        two_clock.fit(counts, **{**REST, **change})
    assert caught.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": 0}, {"decay": -1}, {"window": -1}, {"window": float("nan")}, {"pool_cohorts": 0}, {"pool_messages": 0}, {"later": 0}],
)
def test_hostile_screens(wrong):
    with pytest.raises(YuhuError, match="outside") as caught:
        two_clock.Screen(**wrong)
    assert caught.value.code == "YH303"


def test_hostile_simulations():
    with pytest.raises(YuhuError, match="without end"):
        two_clock.simulate(np.full(30, 0.1), response=1.0, exposure=np.ones(30), views=np.full(40, 1000.0))
    with pytest.raises(YuhuError, match="negative"):
        two_clock.simulate(np.full(30, -0.1), response=0.0, exposure=np.ones(30), views=np.ones(4))
    with pytest.raises(YuhuError, match="differ in length"):
        two_clock.simulate(np.full(30, 0.1), response=0.0, exposure=np.ones(29), views=np.ones(4))


ROUNDS = 20


@pytest.mark.slow
@pytest.mark.parametrize("design", [*HOLDS, *RETENTION, *BROKEN, *UNKNOWN])
def test_recovery_table(design):
    fits = [fitted(100 + seed, draws=99, **{**HOLDS, **RETENTION, **BROKEN, **UNKNOWN}[design]) for seed in range(ROUNDS)]
    truth = np.array([share for _, share in fits])
    value = np.array([one.share_if_clean for one, _ in fits])
    raw = np.array([one.share_if_clean + one.bias for one, _ in fits])
    rejected = np.mean([one.p < 0.05 for one, _ in fits])
    given = [one.share.low <= share <= one.share.high for one, share in fits if one.share.is_defined]
    covered = f"{np.mean(given):.2f}" if len(given) > ROUNDS / 2 else ""
    events = np.mean([one.n for one, _ in fits]) / 1000
    print(  # noqa: T201
        f"\n| {design} | {events:.0f} k | {truth.mean():.3f} | {raw.mean():.3f} | {value.mean():.3f} ({np.std(value - truth):.3f}) | "
        f"{rejected:.2f} | {len(given) / ROUNDS:.2f} | {covered} |"
    )
    if design in HOLDS:
        assert abs(np.mean(value - truth)) < 0.03
        assert len(given) > 0.8 * ROUNDS
        assert rejected < 0.15 or ("none" not in design and design != "no contagion")
    elif design in RETENTION:
        assert -0.1 < np.mean(value - truth) < 0.01
    elif design in BROKEN:
        assert len(given) < 0.1 * ROUNDS
    else:
        assert not given
