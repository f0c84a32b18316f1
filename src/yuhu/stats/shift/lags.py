"""How long after a strategy people respond: the curve over lags, its peak, and a gamma-shaped response."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, proportion
from yuhu.stats.shift.fitting import JointFit, joint_fit
from yuhu.stats.shift.preparing import Prepared, ShiftDesign, ready_for, with_columns
from yuhu.stats.shift.series import VideoSeries, lag_columns
from yuhu.stats.shift.tables import shift_tables

METHOD = "lag_kernel.v1"
GAMMA = "gamma_kernel.v1"
LEAST_VIDEOS = 8
MEANS = np.concatenate([np.arange(1.0, 10.0, 0.5), np.arange(10.0, 21.0)])
SHAPES = (1.5, 3.0, 6.0)
"""Mean lags, in bins, and shapes that a gamma response is looked for among."""


@dataclass(frozen=True, eq=False)
class LagKernel:
    """Rates over lags from the onset, by the baseline.

    Parameters
    ----------
    lags : (L,) int
        Bins after the onset.
    curve : tuple of Estimate
        Rate ratio at each lag; pointwise intervals from resampling videos, none below 8 videos.
    peak : Estimate
        Lag of the highest mean of three neighbouring lags, in bins.
    """

    lags: tuple[int, ...]
    curve: tuple[Estimate, ...]
    peak: Estimate


def lag_kernel(
    videos: Sequence[VideoSeries],
    codes: Sequence[str],
    code: str,
    *,
    design: ShiftDesign | None = None,
    draws: int = 999,
    confidence: float = 0.95,
    seed: int = 0,
) -> LagKernel:
    """Rates at each lag after one strategy, with the lag groups of all others in the model.

    Parameters
    ----------
    videos, codes, design
        As in `circular_shift_test`.
    code : str
        The strategy.
    draws : int
        Resamples of videos.
    confidence : float in (0, 1)
        Level of each interval; the curve as a whole is held less often.
    seed : int
        Seed of the resamples.

    Returns
    -------
    LagKernel

    Raises
    ------
    YuhuError
        YH303 parameters or an unknown code; YH305 strategies do not fit the codes.

    Notes
    -----
    Resamples are one Newton step from the fit to all videos. O(V T (L + p)² + draws (V + L) L²). Source: cameron2015 (resampling of clusters).
    """
    plan, place, ready = ready_for(videos, codes, code, design)
    proportion(confidence, "confidence")
    lags = tuple(range(plan.windows.lags[0], plan.windows.lags[1] + 1))
    showing = [one for one in ready if one.video.onsets(place)[0].size]
    onsets = sum(int(one.video.onsets(place)[0].size) for one in showing)
    kind = {"n": onsets, "n_videos": len(showing)}
    if not showing:
        none = Estimate(value=None, n=0, n_videos=0, unit="rate ratio", method=METHOD, reason="no_onsets")
        return LagKernel(lags, (none,) * len(lags), none.with_(unit="bins"))
    parts = [
        with_columns(one, plan, place, lag_columns(one.video, place, [(lag, lag) for lag in lags], circular=False, dose=plan.dose))
        for one in showing
    ]
    fit = joint_fit(parts)
    level = _below(plan, lags)
    found = fit.beta[: len(lags)] - level @ fit.beta[: len(lags)]
    drawn = _resampled(fit, draws, seed)[:, : len(lags)]
    drawn = drawn - (drawn @ level)[:, None]
    reason = "" if len(showing) >= LEAST_VIDEOS else "too_few_blocks"
    curve = tuple(
        _held(np.exp(one), np.exp(many), confidence, reason, "rate ratio", **kind) for one, many in zip(found, drawn.T, strict=True)
    )
    highest = _peaks(np.concatenate([found[None, :], drawn]), lags)
    return LagKernel(lags, curve, _held(highest[0], highest[1:], confidence, reason, "bins", **kind))


def _below(plan: ShiftDesign, lags: Sequence[int]) -> Floats:
    """(L,) float: what is taken off the curve, the mean over the baseline."""
    if plan.windows.baseline is None:
        return np.zeros(len(lags))
    low, high = plan.windows.baseline
    inside = np.array([low <= lag <= high for lag in lags], np.float64)
    return np.asarray(inside / inside.sum())


def _resampled(fit: JointFit, draws: int, seed: int) -> Floats:
    """(draws, p): coefficients if videos were drawn with replacement."""
    videos, p = fit.scores.shape
    rng = generator(seed, METHOD)
    times = rng.multinomial(videos, np.full(videos, 1 / videos), draws).astype(np.float64)
    information = np.einsum("bv,vpq->bpq", times, fit.information) + 1e-3 * np.eye(p)
    return np.asarray(fit.beta + np.linalg.solve(information, (times @ fit.scores)[:, :, None])[:, :, 0])


def _peaks(curves: Floats, lags: Sequence[int]) -> Floats:
    smooth = (curves[:, :-2] + curves[:, 1:-1] + curves[:, 2:]) / 3
    after = np.array(lags[1:-1]) >= 0
    return np.asarray(np.array(lags[1:-1])[after][np.argmax(smooth[:, after], axis=1)], np.float64)


def _held(value: float, drawn: Floats, confidence: float, reason: str, unit: str, *, n: int, n_videos: int) -> Estimate:
    """An estimate with the middle of the draws around it."""
    if reason:
        return Estimate(value=float(value), n=n, n_videos=n_videos, unit=unit, method=METHOD, reason=reason)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
    return Estimate(
        value=float(value),
        low=min(low, float(value)),
        high=max(high, float(value)),
        n=n,
        n_videos=n_videos,
        unit=unit,
        method=METHOD,
        confidence=confidence,
    )


@dataclass(frozen=True, eq=False)
class GammaKernel:
    """A response that rises and falls like a gamma density over lags.

    Parameters
    ----------
    mean_lag : Estimate
        Mean of the density, in bins; interval by profile.
    shape : float or None
        Its shape at the best fit.
    height : Estimate
        Rate ratio at the top of the response; no interval.
    profile : tuple of (float, float)
        Mean lag, and what the fit loses there against the best, in log likelihood by dispersion and autocorrelation.
    """

    mean_lag: Estimate
    shape: float | None
    height: Estimate
    profile: tuple[tuple[float, float], ...]


def gamma_kernel(
    videos: Sequence[VideoSeries], codes: Sequence[str], code: str, *, design: ShiftDesign | None = None, confidence: float = 0.95
) -> GammaKernel:
    """Mean lag of the response to one strategy, from a gamma-shaped response with any height.

    Parameters
    ----------
    videos, codes, design
        As in `circular_shift_test`.
    code : str
        The strategy.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    GammaKernel

    Raises
    ------
    YuhuError
        YH303 parameters or an unknown code; YH305 strategies do not fit the codes.

    Notes
    -----
    Joint fit at each of 29 mean lags x 3 shapes (ends of the interval go out to the next mean lag; at 20 it has no end in sight); quasi-likelihood profile, divided by how far circular shifts spread the score of the best response beyond
    its model variance, so that autocorrelation widens it. Undefined (`not_identified`) where no response fits better than none by the same measure.
    O(87 V T (p + q)²). Source: mccullagh1989 (quasi-likelihood).
    """
    plan, place, ready = ready_for(videos, codes, code, design)
    proportion(confidence, "confidence")
    showing = [one for one in ready if one.video.onsets(place)[0].size]
    onsets = sum(int(one.video.onsets(place)[0].size) for one in showing)
    lost = Estimate(value=None, unit="bins", method=GAMMA, reason="not_identified", n=onsets, n_videos=len(showing))
    if not showing:
        none = lost.with_(reason="no_onsets")
        return GammaKernel(none, None, none.with_(unit="rate ratio"), ())
    heights = np.zeros((MEANS.size, len(SHAPES)))
    sizes = np.zeros(heights.shape)
    behind = [_behind(one, plan, place, circular=False) for one in showing]
    empty = _likelihood(showing, plan, place, [np.zeros((one.video.bins, 1)) for one in showing])[0]
    start: Floats | None = None
    for row, mean in enumerate(MEANS):
        for column, shape in enumerate(SHAPES):
            responses = [each @ _density(plan, (mean, shape)) for each in behind]
            heights[row, column], start = _likelihood(showing, plan, place, responses, start)
            sizes[row, column] = start[0]
    row, column = (int(one) for one in np.unravel_index(int(np.argmax(heights)), heights.shape))
    spread = _inflation(showing, plan, place, (float(MEANS[row]), SHAPES[column]))
    profile = (heights[row, column] - heights.max(axis=1)) / spread
    limit = float(special.chdtri(1, 1 - confidence)) / 2
    steps = tuple(zip(MEANS.tolist(), profile.tolist(), strict=True))
    if (heights[row, column] - empty) / spread <= limit:
        return GammaKernel(lost, None, lost.with_(unit="rate ratio"), steps)
    inside = np.flatnonzero(profile <= limit)
    low = float(MEANS[inside[0] - 1]) if inside[0] > 0 else 0.0
    high = float(MEANS[min(int(inside[-1]) + 1, MEANS.size - 1)])
    best = Estimate(
        value=float(MEANS[row]), low=low, high=high, unit="bins", method=GAMMA, confidence=confidence, n=onsets, n_videos=len(showing)
    )
    height = Estimate(
        value=float(np.exp(np.clip(sizes[row, column], -30, 30))),
        unit="rate ratio",
        method=GAMMA,
        reason="model_based",
        n=onsets,
        n_videos=len(showing),
    )
    return GammaKernel(best, SHAPES[column], height, steps)


def _behind(one: Prepared, plan: ShiftDesign, place: int, *, circular: bool) -> Floats:
    """(T, lags): onsets of a code that lie each lag from 0 on back."""
    lags = range(plan.windows.lags[1] + 1)
    return lag_columns(one.video, place, [(lag, lag) for lag in lags], circular=circular, dose=plan.dose)


def _density(plan: ShiftDesign, kernel: tuple[float, float]) -> Floats:
    """(lags, 1): the response to an onset at each lag, 1 at its top."""
    mean, shape = kernel
    middle = np.arange(plan.windows.lags[1] + 1) + 0.5
    density = middle ** (shape - 1) * np.exp(-middle * shape / mean)
    return np.asarray((density / density.max())[:, None])


def _likelihood(
    showing: Sequence[Prepared], plan: ShiftDesign, place: int, responses: Sequence[Floats], start: Floats | None = None
) -> tuple[float, Floats]:
    """Quasi-log-likelihood at its maximum, and the coefficients; `responses` (T, 1) of each video."""
    parts = [with_columns(one, plan, place, response) for one, response in zip(showing, responses, strict=True)]
    fit = joint_fit(parts, start=start)
    total = sum(part.weight * float(part.counts @ np.log(mean) - mean.sum()) for part, mean in zip(parts, fit.means, strict=True))
    return total, fit.beta


def _inflation(showing: Sequence[Prepared], plan: ShiftDesign, place: int, kernel: tuple[float, float]) -> float:
    """Variance of the score over circular shifts by its model variance, at least 1."""
    ratios = []
    for one in showing:
        rest = np.where(one.kept, one.video.counts - one.mean, 0.0)
        tables = shift_tables(_behind(one, plan, place, circular=True) @ _density(plan, kernel), one.basis, one.mean, rest[None, :])
        ratios.append(float((tables.scores[:, 0, 0] ** 2).mean() / max(float(tables.information[:, 0, 0].mean()) * one.dispersion, 1e-9)))
    return max(1.0, float(np.mean(ratios)))
