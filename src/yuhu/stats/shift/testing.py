"""Event study within videos: responses after a strategy, against the same strategies shown at other times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, proportion
from yuhu.stats.shift.heterogeneity import Heterogeneity, random_effects
from yuhu.stats.shift.inversion import inverted
from yuhu.stats.shift.preparing import Grid, Prepared, ShiftDesign, grid_of, prepared
from yuhu.stats.shift.series import VideoSeries, checked_videos, same_strategies
from yuhu.stats.shift.turning import drawn_shifts, groups_of
from yuhu.stats.shift.under_shifts import Passed, passed

METHOD = "circular_shift.v1"
LEAST_SHIFTS = 20
_CLOSE = 1e-9
_ALONE = "responses"


@dataclass(frozen=True)
class StrategyEffect:
    """What followed one strategy.

    Parameters
    ----------
    code : str
        The strategy.
    lift : Estimate
        Rate over the effect lags by the rate over the baseline lags, in these videos; interval by inversion of the shift test. None where fewer than 5 responses
        are expected on either side, or none came: the ratio has no bound then, the test stands.
    p, p_adjusted : Estimate
        Two-sided p of the shift test, and p adjusted for all codes and all series that were tested with it (max-T of sizes by their own 99 % quantile over the shifts); `value` is p, `reason` is ``test_alone``.
    over_videos : Heterogeneity
        Random effects over videos: mean lift in videos like these, prediction for a new one, tau² of log lifts, I². Videos that are shifted together count as one.
    by_video : tuple of Estimate
        Lift in each video, or group of videos that are shifted together, in order; interval from the spread over its shifts. None where fewer than 5 responses are
        expected on either side.
    onsets, videos : int
        Onsets, and videos with one.
    near : int
        Responses within the lags that are compared.
    """

    code: str
    lift: Estimate
    p: Estimate
    p_adjusted: Estimate
    over_videos: Heterogeneity
    by_video: tuple[Estimate, ...]
    onsets: int
    videos: int
    near: int = 0


@dataclass(frozen=True, eq=False)
class ShiftResult:
    """An event study.

    Parameters
    ----------
    effects : tuple of StrategyEffect
        One for each code, in order.
    draws : int
        Shifts beside the one observed; `exhaustive` if they are all there are.
    exhaustive : bool
        Whether all shifts were taken (strategies in one video) rather than drawn.
    left_out : tuple of str
        Videos without 5 responses.
    statistics : (draws + 1, K) float
        The test statistic under each shift, the observed one first; 0 where undefined.
    design : ShiftDesign
        How it was made.
    """

    effects: tuple[StrategyEffect, ...]
    draws: int
    exhaustive: bool
    left_out: tuple[str, ...]
    statistics: Floats
    design: ShiftDesign

    def __getitem__(self, code: str) -> StrategyEffect:
        return next(effect for effect in self.effects if effect.code == code)


def circular_shift_test(
    videos: Sequence[VideoSeries],
    codes: Sequence[str],
    *,
    design: ShiftDesign | None = None,
    draws: int = 4999,
    confidence: float = 0.95,
    seed: int = 0,
) -> ShiftResult:
    """Lift of responses after each strategy, jointly for all codes, tested by circular shifts within videos.

    Parameters
    ----------
    videos : sequence of VideoSeries
        Each has one row for each code.
    codes : sequence of str
        Names of the strategies.
    design : ShiftDesign, optional
        Lags, position, seam; the defaults if None.
    draws : int
        Shifts to draw. Strategies in one video with fewer: all its shifts are taken.
    confidence : float in (0, 1)
        Level of the intervals.
    seed : int
        Seed of the draws.

    Returns
    -------
    ShiftResult
        Lifts have the unit "rate ratio".

    Raises
    ------
    YuhuError
        YH303 parameters, or no videos or codes; YH305 strategies do not fit the codes.

    Notes
    -----
    All segments of a video are shifted together, so distances between them stay; so are videos that are to be shifted as one (`VideoSeries.together`). Statistic: one Newton step from the quasi-Poisson fit on position
    towards the joint model of all codes' lag groups, by its model error, so T(u) holds the weights as they are at u. A test of association net of smooth
    position: whatever else happens at the same moments is not told apart, and an effect is not shown to be caused. Approximate at the seam and by the
    fitted position; `tests/test_moments_levels.py` measures its level under four nulls.
    O(V T log T p² + B V p² + B p³) time and O(B p²) memory, p lag groups (usually 4 by code). Sources: westfall1993; ernst2004.
    """
    return circular_shift_tests({_ALONE: videos}, codes, design=design, draws=draws, confidence=confidence, seed=seed)[_ALONE]


def circular_shift_tests(
    series: Mapping[str, Sequence[VideoSeries]],
    codes: Sequence[str],
    *,
    design: ShiftDesign | None = None,
    draws: int = 4999,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, ShiftResult]:
    """`circular_shift_test` for several series of responses to the same videos, under the same shifts.

    Parameters
    ----------
    series : mapping of str to sequence of VideoSeries
        Each series has the same videos in the same order, with the same strategies: all messages, those with a code, and so on.
    codes, design, draws, confidence, seed
        As in `circular_shift_test`.

    Returns
    -------
    dict of str to ShiftResult
        `p_adjusted` is over all codes and all series: the chance that the largest statistic of any of them is as large, if no strategy has to do with any
        series. Whatever series have in common, the shifts keep.

    Raises
    ------
    YuhuError
        YH303 parameters, or no series, videos or codes; YH305 strategies do not fit the codes, or differ between series.

    Notes
    -----
    As `circular_shift_test` for each series; lag columns and their transforms are shared. Source: westfall1993.
    """
    if not series:
        raise YuhuError("YH303", "no series", facts={"found": 0, "expected": "one or more"}, fix="all messages, for example")
    first = next(iter(series.values()))
    for videos in series.values():
        checked_videos(videos, codes)
        same_strategies(first, videos)
    proportion(confidence, "confidence")
    if draws < 1:
        raise YuhuError("YH303", "too few draws", facts={"found": draws, "expected": "1 or more"}, fix="draws=4999")
    plan = design or ShiftDesign()
    grids = [grid_of(video, plan) for video in first]
    ready = {name: _ready(videos, plan, grids) for name, videos in series.items()}
    used = sorted({place for found in ready.values() for place in found})
    drawn, exhaustive = drawn_shifts([(first[place], grids[place]) for place in used], draws, generator(seed, METHOD))
    column = {place: at for at, place in enumerate(used)}
    studies = {
        name: passed(list(found.values()), groups_of(list(found.values())), plan, drawn[:, [column[place] for place in found]])
        for name, found in ready.items()
        if found
    }
    highest = np.max([one.relative.max(axis=1) for one in studies.values()], axis=0) if studies else np.zeros(1)
    return {
        name: _result(videos, codes, plan, ready[name], studies.get(name), highest, confidence, exhaustive)
        for name, videos in series.items()
    }


def _ready(videos: Sequence[VideoSeries], plan: ShiftDesign, grids: Sequence[Grid]) -> dict[int, Prepared]:
    made = {place: prepared(video, plan, grid) for place, (video, grid) in enumerate(zip(videos, grids, strict=True))}
    return {place: one for place, one in made.items() if one is not None}


def _result(
    videos: Sequence[VideoSeries],
    codes: Sequence[str],
    plan: ShiftDesign,
    ready: Mapping[int, Prepared],
    study: Passed | None,
    highest: Floats,
    confidence: float,
    exhaustive: bool,
) -> ShiftResult:
    left_out = tuple(video.name for place, video in enumerate(videos) if place not in ready)
    if study is None:
        nothing = tuple(_undefined(code, "too_few_responses", len(videos)) for code in codes)
        return ShiftResult(nothing, 0, True, left_out, np.zeros((1, len(codes))), plan)
    effects = tuple(_effect(study, place, code, highest, confidence) for place, code in enumerate(codes))
    return ShiftResult(effects, study.statistics.shape[0] - 1, exhaustive, left_out, study.statistics, plan)


def _effect(study: Passed, place: int, code: str, highest: Floats, confidence: float) -> StrategyEffect:
    onsets, videos, near = int(study.near.onsets[place]), int(study.near.videos[place]), int(study.near.counts[place].sum())
    reason = _why_not(study, place)
    if reason:
        return _undefined(code, reason, len(study.groups), onsets, videos, near)
    p, adjusted = (_test(_p(one, study.relative[0, place]), onsets, videos) for one in (study.relative[:, place], highest))
    (effects, errors), by_video = _by_video(study, place, confidence)
    over = random_effects(effects, errors, confidence=confidence, ratio=True)
    return StrategyEffect(code, _lift(study, place, videos, confidence), p, adjusted, over, by_video, onsets, videos, near)


def _why_not(study: Passed, place: int) -> str:
    if not study.near.onsets[place]:
        return "no_onsets"
    if not study.near.enough[place]:
        return "too_few_responses"
    if study.statistics.shape[0] < LEAST_SHIFTS:
        return "too_few_shifts"
    return "" if study.defined[place] else "collinear"


def _lift(study: Passed, place: int, videos: int, confidence: float) -> Estimate:
    value = float(np.exp(study.effects[place]))
    low, high = inverted(study.found[:, 1, place], study.found[:, 2, place], study.variance[:, place], confidence)
    open_ended = Estimate(
        value=value, n=int(study.near.onsets[place]), n_videos=videos, unit="rate ratio", method=METHOD, reason="shifts_leave_it_open"
    )
    if not study.near.is_bounded[place]:
        return open_ended.with_(value=None, reason="too_few_responses")
    if not (np.isfinite(low) and np.isfinite(high)):
        return open_ended
    ends = np.exp(np.clip(np.array([low, high]) + study.effects[place], -30, 30))
    return open_ended.with_(low=min(float(ends[0]), value), high=max(float(ends[1]), value), confidence=confidence, reason="")


def _by_video(study: Passed, place: int, confidence: float) -> tuple[tuple[Floats, Floats], tuple[Estimate, ...]]:
    """Log lifts and errors of videos that tell, and the lift of each with the code."""
    from scipy import special

    wide = float(special.ndtri(0.5 + confidence / 2))
    effects: list[float] = []
    errors: list[float] = []
    out: list[Estimate] = []
    for group, (effect, error, bounded) in zip(study.groups, study.own, strict=True):
        onsets = sum(int(one.video.onsets(place)[0].size) for one in group)
        why = "no_onsets" if not onsets else "collinear" if bounded[place] else "too_few_responses"
        name = group[0].video.together or group[0].video.name
        none = Estimate(value=None, n=onsets, n_videos=len(group), unit="rate ratio", method=METHOD, subject=name, reason=why)
        if not onsets or not error[place] > _CLOSE:
            out.append(none)
            continue
        effects.append(float(effect[place]))
        errors.append(float(error[place]))
        value, low, high = np.exp(np.clip(effect[place] + np.array([0, -wide, wide]) * error[place], -30, 30)).tolist()
        out.append(none.with_(value=value, low=low, high=high, confidence=confidence, reason=""))
    return (np.array(effects), np.array(errors)), tuple(out)


def _p(of: Floats, seen: float) -> float:
    return float((of >= seen - _CLOSE).sum() / of.size)


def _test(p: float, onsets: int, videos: int) -> Estimate:
    return Estimate(value=p, n=onsets, n_videos=videos, unit="p", method=METHOD, reason="test_alone")


def _undefined(code: str, reason: str, seen: int, onsets: int = 0, videos: int = 0, near: int = 0) -> StrategyEffect:
    none = Estimate(value=None, n=onsets, n_videos=videos, unit="rate ratio", method=METHOD, reason=reason)
    test = none.with_(unit="p")
    over = Heterogeneity(none, none, none.with_(unit="variance"), none.with_(unit="share"))
    return StrategyEffect(code, none, test, test, over, (none,) * seen, onsets, videos, near)
