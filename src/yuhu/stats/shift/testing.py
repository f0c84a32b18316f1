"""Event study within videos: responses after a strategy, against the same strategies shown at other times."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, Ints, proportion
from yuhu.stats.shift.fitting import joint_fit, shown_columns
from yuhu.stats.shift.heterogeneity import Heterogeneity, random_effects
from yuhu.stats.shift.inversion import inverted
from yuhu.stats.shift.preparing import Prepared, ShiftDesign, enough_near, prepared, tables_of
from yuhu.stats.shift.series import VideoSeries, checked_videos
from yuhu.stats.shift.solving import contrasted, estimable
from yuhu.stats.shift.tables import ShiftTables

METHOD = "circular_shift.v1"
LEAST_SHIFTS = 20
_CLOSE = 1e-9
_ENOUGH = 200


@dataclass(frozen=True)
class StrategyEffect:
    """What followed one strategy.

    Parameters
    ----------
    code : str
        The strategy.
    lift : Estimate
        Rate over the effect lags by the rate over the baseline lags, in these videos; interval by inversion of the shift test.
    p, p_adjusted : Estimate
        Two-sided p of the shift test, and p adjusted for all codes (max-T); `value` is p, `reason` is ``test_alone``.
    over_videos : Heterogeneity
        Random effects over videos: mean lift in videos like these, prediction for a new one, tau² of log lifts, I².
    by_video : tuple of Estimate
        Lift in each video, in order; interval from the spread over its shifts.
    onsets, videos : int
        Onsets, and videos with one.
    """

    code: str
    lift: Estimate
    p: Estimate
    p_adjusted: Estimate
    over_videos: Heterogeneity
    by_video: tuple[Estimate, ...]
    onsets: int
    videos: int


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
        Whether all shifts were taken (one video) rather than drawn.
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
        Shifts to draw. One video with fewer: all its shifts are taken.
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
    All segments of a video are shifted together, so distances between them stay. Statistic: one Newton step from the quasi-Poisson fit on position
    towards the joint model of all codes' lag groups, by its model error, so T(u) holds the weights as they are at u. A test of association net of smooth
    position: whatever else happens at the same moments is not told apart, and an effect is not shown to be caused. Approximate at the seam and by the
    fitted position; `tests/test_moments_levels.py` measures its level under four nulls.
    O(V T log T p² + B V p² + B p³) time and O(B p²) memory, p lag groups (usually 4 by code). Sources: westfall1993; ernst2004.
    """
    checked_videos(videos, codes)
    proportion(confidence, "confidence")
    if draws < 1:
        raise YuhuError("YH303", "too few draws", facts={"found": draws, "expected": "1 or more"}, fix="draws=4999")
    plan = design or ShiftDesign()
    ready = [one for one in (prepared(video, plan) for video in videos) if one is not None]
    names = {id(one.video) for one in ready}
    left_out = tuple(video.name for video in videos if id(video) not in names)
    if not ready:
        nothing = tuple(_undefined(code, "too_few_responses", len(videos)) for code in codes)
        return ShiftResult(nothing, 0, True, left_out, np.zeros((1, len(codes))), plan)
    study = _Study(ready, plan, draws, confidence, generator(seed, METHOD))
    return ShiftResult(
        tuple(study.effect(place, code) for place, code in enumerate(codes)),
        study.statistics.shape[0] - 1,
        study.exhaustive,
        left_out,
        study.statistics,
        plan,
    )


class _Study:
    """One pass over the videos, and what is read off it for each code."""

    def __init__(self, ready: list[Prepared], design: ShiftDesign, draws: int, confidence: float, rng: np.random.Generator) -> None:
        from yuhu.stats.shift.kernels import add_drawn

        codes = ready[0].video.strategies.shape[0]
        self.ready, self.design, self.confidence = ready, design, confidence
        self.contrasts = design.contrasts(codes)
        self.onsets, self.videos, self.enough = enough_near(ready, codes, design)
        self.kept = shown_columns([one.part for one in ready])
        self.fit = joint_fit([one.part for one in ready])
        self.effects = self.contrasts @ self.fit.beta
        self.drawn, self.exhaustive = _shifts(ready, draws, rng)
        size, p = self.drawn.shape[0], self.contrasts.shape[1]
        packed, scores = np.zeros((size, p * (p + 1) // 2)), np.zeros((size, codes + 2, p))
        self.own: list[tuple[Floats, Floats]] = []
        for place, one in enumerate(ready):
            tables = tables_of(one, design, np.where(self.enough, self.effects, 0.0))
            add_drawn(packed, scores, tables.information, np.ascontiguousarray(tables.scores), np.ascontiguousarray(self.drawn[:, place]))
            self.own.append(_own_errors(one, tables, self.contrasts))
        total = np.zeros((size, p, p))
        total[:, *np.tril_indices(p)] = packed
        self.found, self.variance = contrasted(total, scores, self.contrasts, self.kept)
        safe = np.where(self.variance > 0, self.variance, 1.0)
        self.statistics = np.where(self.variance > 0, self.found[:, 0] / np.sqrt(safe), 0.0)
        size_of = np.abs(self.statistics)
        told = estimable(total[0], self.contrasts)
        self.defined = self.enough & told & (self.variance[0] > 0) & (size_of.std(axis=0) > _CLOSE)
        self.relative = np.where(self.defined, size_of / np.maximum(self.statistics.std(axis=0), _CLOSE), 0.0)
        self.highest = self.relative.max(axis=1)

    def effect(self, place: int, code: str) -> StrategyEffect:
        onsets, videos = int(self.onsets[place]), int(self.videos[place])
        reason = self._why_not(place)
        if reason:
            return _undefined(code, reason, len(self.ready), onsets, videos)
        p, adjusted = (_p(one, self.relative[0, place]) for one in (self.relative[:, place], self.highest))
        (effects, errors), by_video = self._by_video(place)
        over = random_effects(effects, errors, confidence=self.confidence, ratio=True)
        first, second = _test(p, onsets, videos), _test(adjusted, onsets, videos)
        return StrategyEffect(code, self._lift(place, videos), first, second, over, by_video, onsets, videos)

    def _why_not(self, place: int) -> str:
        if not self.onsets[place]:
            return "no_onsets"
        if not self.enough[place]:
            return "too_few_responses"
        if self.statistics.shape[0] < LEAST_SHIFTS:
            return "too_few_shifts"
        return "" if self.defined[place] else "collinear"

    def _lift(self, place: int, videos: int) -> Estimate:
        value = float(np.exp(self.effects[place]))
        low, high = inverted(self.found[:, 1, place], self.found[:, 2 + place, place], self.variance[:, place], self.confidence)
        open_ended = Estimate(
            value=value, n=int(self.onsets[place]), n_videos=videos, unit="rate ratio", method=METHOD, reason="shifts_leave_it_open"
        )
        if not (np.isfinite(low) and np.isfinite(high)):
            return open_ended
        ends = np.exp(np.clip(np.array([low, high]) + self.effects[place], -30, 30))
        return open_ended.with_(low=min(float(ends[0]), value), high=max(float(ends[1]), value), confidence=self.confidence, reason="")

    def _by_video(self, place: int) -> tuple[tuple[Floats, Floats], tuple[Estimate, ...]]:
        """Log lifts and errors of videos that tell, and the lift of each with the code."""
        wide = float(special.ndtri(0.5 + self.confidence / 2))
        effects: list[float] = []
        errors: list[float] = []
        out: list[Estimate] = []
        for one, (effect, error) in zip(self.ready, self.own, strict=True):
            onsets = int(one.video.onsets(place)[0].size)
            why = "collinear" if onsets else "no_onsets"
            none = Estimate(value=None, n=onsets, n_videos=1, unit="rate ratio", method=METHOD, subject=one.video.name, reason=why)
            if not onsets or not error[place] > _CLOSE:
                out.append(none)
                continue
            effects.append(float(effect[place]))
            errors.append(float(error[place]))
            value, low, high = np.exp(np.clip(effect[place] + np.array([0, -wide, wide]) * error[place], -30, 30)).tolist()
            out.append(none.with_(value=value, low=low, high=high, confidence=self.confidence, reason=""))
        return (np.array(effects), np.array(errors)), tuple(out)


def _shifts(ready: list[Prepared], draws: int, rng: np.random.Generator) -> tuple[Ints, bool]:
    """(B + 1, V) shifts, the observed one first, and whether they are all there are."""
    if len(ready) == 1 and ready[0].allowed.size <= draws + 1:
        return ready[0].allowed[:, None].copy(), True
    drawn = np.stack([one.allowed[rng.integers(0, one.allowed.size, draws + 1)] for one in ready], axis=1)
    drawn[0] = 0
    return drawn, False


def _own_errors(one: Prepared, tables: ShiftTables, contrasts: Floats) -> tuple[Floats, Floats]:
    """Log lifts of a video's own fit, and the spread that its shifts give them; spread 0 where it cannot tell."""
    kept = shown_columns([one.part])
    if not kept.any():
        return np.zeros(contrasts.shape[0]), np.zeros(contrasts.shape[0])
    fit = joint_fit([one.part])
    some = one.allowed[:: max(1, one.allowed.size // _ENOUGH)]  # neighbouring shifts say nearly the same
    found, variance = contrasted(tables.information[some], tables.scores[some, 1:2], contrasts, kept)
    known = variance > 0
    ratio = np.where(known, found[:, 0] / np.sqrt(np.where(known, variance, 1.0)), 0.0)
    spread = np.sqrt((ratio**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    told = known[0] & estimable(tables.information[0], contrasts)
    return contrasts @ fit.beta, np.where(told, spread * np.sqrt(variance[0]), 0.0)


def _p(of: Floats, seen: float) -> float:
    return float((of >= seen - _CLOSE).sum() / of.size)


def _test(p: float, onsets: int, videos: int) -> Estimate:
    return Estimate(value=p, n=onsets, n_videos=videos, unit="p", method=METHOD, reason="test_alone")


def _undefined(code: str, reason: str, seen: int, onsets: int = 0, videos: int = 0) -> StrategyEffect:
    none = Estimate(value=None, n=onsets, n_videos=videos, unit="rate ratio", method=METHOD, reason=reason)
    test = none.with_(unit="p")
    over = Heterogeneity(none, none, none.with_(unit="variance"), none.with_(unit="share"))
    return StrategyEffect(code, none, test, test, over, (none,) * seen, onsets, videos)
