"""Coders who change: drift over waves, measured against the other coders of the same units, and a running alarm against anchors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement.mantel_haenszel import common_odds, log_interval
from yuhu.stats.agreement.patterns import grouped
from yuhu.stats.agreement.ratings import MISSING, checked_ratings
from yuhu.stats.arrays import Floats, Ints, equal_lengths, proportion

_ROUNDS = 60
_STILL = 1e-9
_RUNAWAY = 15.0


@dataclass(frozen=True)
class CoderDrift:
    """Drift of one coder.

    Parameters
    ----------
    coder : int
        Row of the ratings.
    slope : Estimate
        Change of the coder's log odds of saying 1 per wave, relative to the mean of all coders; unit "log odds".
    p : float or None
        Of a slope of 0 (Wald).
    by_wave : mapping of wave to Estimate
        Mantel-Haenszel log odds ratio of the coder against the others on the same units, in each wave.
    """

    coder: int
    slope: Estimate
    p: float | None
    by_wave: dict[float, Estimate]


def drift(ratings: npt.ArrayLike, wave: npt.ArrayLike, *, confidence: float = 0.95) -> tuple[CoderDrift, ...]:
    """Whether coders drift apart over waves, whatever the units are like.

    Parameters
    ----------
    ratings : (m, N) float in {0, 1}
        Binary ratings; NaN means "not coded". An ordinal code is asked as "at least", a nominal one value by value.
    wave : (N,) float
        Wave in which the unit was coded, by all its coders.
    confidence : float in (0, 1)
        Level of the intervals.

    Returns
    -------
    tuple of CoderDrift
        For each coder with any rating. Only differences between coders can be seen: if all drift alike, nothing shows (use anchors, `cusum`),
        and with two coders the slopes are each other's mirror image.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a wave is not a number; YH304 a rating is neither 0 nor 1.

    Notes
    -----
    logit P(y_ui = 1) = θ_u + b_i + s_i·wave, with θ_u removed by conditioning on the number of ones in each unit; Σ b = Σ s = 0. Newton's
    method on distinct patterns: O(rounds·P·m³). Sources: breslow1980; mantel1959; robins1986.
    """
    proportion(confidence, "confidence")
    codes = checked_ratings(ratings, level="nominal", values=(0.0, 1.0)).codes.astype(np.int64)
    waves = np.asarray(wave, np.float64).reshape(-1)
    equal_lengths(ratings=codes[0] if codes.shape[0] else waves[:0], wave=waves)
    if not bool(np.all(np.isfinite(waves))):
        raise YuhuError("YH303", "a wave is not a number", fix="number the waves in their order")
    active = np.flatnonzero((codes != MISSING).any(axis=1))
    codes = codes[active]
    slopes, errors = _slopes(codes, waves)
    found = []
    for place, coder in enumerate(active):
        by_wave = {float(one): _against_others(codes[:, waves == one], place, confidence) for one in np.unique(waves)}
        slope, p = _wald(codes, place, slopes, errors, confidence)
        found.append(CoderDrift(int(coder), slope, p, by_wave))
    return tuple(found)


def _wald(codes: Ints, place: int, slopes: Floats | None, errors: Floats | None, confidence: float) -> tuple[Estimate, float | None]:
    shared = (codes[place] != MISSING) & ((codes != MISSING).sum(axis=0) >= 2)
    plain = Estimate(value=None, n=int(shared.sum()), unit="log odds", method="conditional_logit_drift.v1", reason="not_identified")
    if slopes is None or errors is None:
        return plain, None
    value, error = float(slopes[place]), float(errors[place])
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    p = float(2 * stats.norm.sf(abs(value) / error))
    return plain.with_(value=value, low=value - half, high=value + half, confidence=confidence, reason=""), p


def _against_others(codes: Ints, place: int, confidence: float) -> Estimate:
    there = codes[place] != MISSING
    others = np.delete(codes, place, axis=0)
    ones, zeros = (others == 1).sum(axis=0), (others == 0).sum(axis=0)
    kept = there & (ones + zeros > 0)
    own = codes[place, kept]
    tables = np.stack([np.stack([own, 1 - own], axis=1), np.stack([ones[kept], zeros[kept]], axis=1)], axis=1)
    interval = log_interval(common_odds(tables), confidence)
    plain = Estimate(value=None, n=int(kept.sum()), unit="log odds", method="mantel_haenszel.v1", reason="not_identified")
    if interval is None:
        return plain
    return plain.with_(value=interval[0], low=interval[1], high=interval[2], confidence=confidence, reason="")


@dataclass(frozen=True)
class _Stratum:
    """Units that the same coders coded in one wave with the same number of ones: how many, ones by coder, and the design."""

    number: float
    ones: Floats
    design: Floats
    total: int


def _slopes(codes: Ints, waves: Floats) -> tuple[Floats, Floats] | tuple[None, None]:
    """Slopes of all coders with their standard errors, or nothing if the codings do not determine them."""
    coders = codes.shape[0]
    there = codes != MISSING
    ones = np.where(there, codes, 0).sum(axis=0)
    telling = (ones > 0) & (ones < there.sum(axis=0))
    if coders < 2 or not telling.any() or np.unique(waves[telling]).size < 2:
        return None, None
    contrast = np.linalg.svd(np.eye(coders) - 1 / coders)[0][:, : coders - 1]
    strata = _strata(codes[:, telling], waves[telling] - waves[telling].mean(), contrast)
    theta = np.zeros(2 * (coders - 1))
    for _ in range(_ROUNDS):
        score, information = _derivatives(strata, theta)
        if np.linalg.cond(information) > 1e10:
            return None, None
        step = np.linalg.solve(information, score)
        theta = theta + step / max(1.0, float(np.abs(step).max()) / 2)
        if float(np.abs(step).max()) < _STILL:
            break
    else:
        return None, None
    if float(np.abs(theta).max()) > _RUNAWAY:
        return None, None
    covariance = np.linalg.inv(_derivatives(strata, theta)[1])[coders - 1 :, coders - 1 :]
    errors = np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance, contrast))
    return contrast @ theta[coders - 1 :], errors


def _strata(codes: Ints, waves: Floats, contrast: Floats) -> list[_Stratum]:
    distinct, level = np.unique(waves, return_inverse=True)
    there = codes != MISSING
    ones = np.where(there, codes, 0)
    columns = [*there.astype(np.int64), ones.sum(axis=0), level.reshape(-1)]
    seen, number, member = grouped(columns, [2] * codes.shape[0] + [codes.shape[0] + 1, distinct.size], keep=True)
    found = []
    for at, unit in enumerate(seen):
        rows = np.flatnonzero(there[:, unit])
        design = np.hstack([contrast[rows], contrast[rows] * waves[unit]])
        summed = ones[np.ix_(rows, np.flatnonzero(member == at))].sum(axis=1).astype(np.float64)
        found.append(_Stratum(float(number[at]), summed, design, int(ones[:, unit].sum())))
    return found


def _derivatives(strata: list[_Stratum], theta: Floats) -> tuple[Floats, Floats]:
    score, information = np.zeros(theta.size), np.zeros((theta.size, theta.size))
    for one in strata:
        mean, covariance = _conditional(one.design @ theta, one.total)
        score += one.design.T @ (one.ones - one.number * mean)
        information += one.number * one.design.T @ covariance @ one.design
    return score, information


def _conditional(eta: Floats, total: int) -> tuple[Floats, Floats]:
    """Mean and covariance of independent ones with log odds eta, given that there are `total` of them."""
    odds = np.exp(eta - eta.mean())
    all_ways = _ways(odds, total)
    size = odds.size
    mean = np.array([odds[i] * _ways(np.delete(odds, i), total - 1) for i in range(size)]) / all_ways
    both = np.zeros((size, size))
    for i in range(size):
        for j in range(i):
            both[i, j] = both[j, i] = odds[i] * odds[j] * _ways(np.delete(odds, [i, j]), total - 2) / all_ways
    return mean, both + np.diag(mean) - np.outer(mean, mean)


def _ways(odds: Floats, total: int) -> float:
    """Elementary symmetric polynomial: sum over all ways to choose `total` of them of the product of their odds."""
    if total < 0:
        return 0.0
    sums = np.zeros(total + 1)
    sums[0] = 1.0
    for one in odds:
        sums[1:] += one * sums[:-1].copy()
    return float(sums[total])
