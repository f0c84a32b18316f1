"""Differential item functioning: whether a code is given as readily in one group of answers as in another, where all else that was said is alike."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement.mantel_haenszel import CommonOdds, common_odds
from yuhu.stats.arrays import Floats, equal_lengths, proportion
from yuhu.stats.logistic import Fit, fitted

ETS = -2.35
"""Delta of the Educational Testing Service: this times the log odds ratio."""

MODERATE, LARGE = 1.0, 1.5
_ETS_LEVEL = 0.05
_METHOD = "mantel_haenszel_dif.v1"
_LOGISTIC = "logistic_dif.v1"


@dataclass(frozen=True)
class OddsDif:
    """Uniform DIF after Mantel and Haenszel.

    Parameters
    ----------
    odds_ratio : Estimate
        Odds of the code in the reference group to those in the focal group at equal total.
    delta : Estimate
        -2.35 times its logarithm: below 0 where the focal group is given the code less readily.
    chi2, chi2_corrected : float or None
        M² without and with continuity correction, one degree of freedom; None where undefined (then the estimates say why).
    p, p_corrected : float or None
        Of the two.
    ets_class : str
        ``A`` negligible, ``B`` moderate, ``C`` large; empty where undefined.
    """

    odds_ratio: Estimate
    delta: Estimate
    chi2: float | None
    chi2_corrected: float | None
    p: float | None
    p_corrected: float | None
    ets_class: str


@dataclass(frozen=True)
class LikelihoodRatio:
    """Twice the difference of two log likelihoods, with its degrees of freedom and p; or the reason, a key of `REASONS`, why there is none."""

    chi2: float | None
    df: int
    p: float | None
    reason: str = ""


@dataclass(frozen=True)
class LogisticDif:
    """DIF by logistic regression.

    Parameters
    ----------
    uniform : LikelihoodRatio
        The group on top of the total, 1 degree of freedom.
    non_uniform : LikelihoodRatio
        The product of group and total on top of both, 1 degree of freedom.
    joint : LikelihoodRatio
        Both together, 2 degrees of freedom.
    effect : Estimate
        Log odds of the focal group against the reference group at equal total, from the model without the product.
    interaction : Estimate
        Change of that for each step of the total.
    """

    uniform: LikelihoodRatio
    non_uniform: LikelihoodRatio
    joint: LikelihoodRatio
    effect: Estimate
    interaction: Estimate


def odds_dif(
    answers: npt.ArrayLike, focal: npt.ArrayLike, total: npt.ArrayLike, *, cluster: npt.ArrayLike | None = None, confidence: float = 0.95
) -> OddsDif:
    """Mantel-Haenszel DIF of one code.

    Parameters
    ----------
    answers : (R,) float in {0, 1}
        Whether the code was given.
    focal : (R,) bool or 0/1
        Whether the answer is of the focal group.
    total : (R,) float
        What answers are matched by; each value is a stratum.
    cluster : (R,) int, optional
        Answers that belong together, as those on one unit: intervals then leave out one cluster at a time.
    confidence : float in (0, 1)
        Level of intervals.

    Returns
    -------
    OddsDif
        Without clusters the interval is normal on the logarithm with the variance of Robins, Breslow and Greenland; with clusters t(G-1) with that of the
        jackknife. Class after Zieky: ``A`` where |delta| < 1 or it does not differ from 0 (5 %), ``C`` where |delta| >= 1.5 and above 1 (one-sided 5 %).

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an answer or a group is neither 0 nor 1, or the confidence.

    Notes
    -----
    O(R + clusters x strata). Sources: mantel1959; robins1986; holland1988; zieky1993.
    """
    hits, group, level = _checked(answers, focal, total, confidence)
    equal_lengths(answers=hits, cluster=None if cluster is None else np.asarray(cluster))
    reason = _why_not(hits, group)
    if reason:
        return _no_odds(hits.size, reason)
    _, stratum = np.unique(level, return_inverse=True)
    tables = _tables(hits, group, stratum)
    found = common_odds(tables)
    if found.odds_ratio is None or found.log_error is None:
        return _no_odds(hits.size, "odds_undefined", found)
    log = math.log(found.odds_ratio)
    error: float | None = found.log_error
    half = float(stats.norm.ppf(0.5 + confidence / 2))
    if cluster is not None:
        error, n_clusters = _jackknifed(hits, group, stratum, np.asarray(cluster), tables)
        half = float(stats.t.ppf(0.5 + confidence / 2, max(n_clusters - 1, 1)))
    reach = None if error is None else half * error
    return OddsDif(
        _estimate(
            found.odds_ratio, None if reach is None else (math.exp(log - reach), math.exp(log + reach)), hits.size, "odds ratio", confidence
        ),
        _estimate(ETS * log, None if reach is None else (ETS * (log + reach), ETS * (log - reach)), hits.size, "ETS delta", confidence),
        found.statistic,
        found.corrected,
        found.p,
        None if found.corrected is None else float(stats.chi2.sf(found.corrected, 1)),
        _ets_class(ETS * log, None if error is None else abs(ETS) * error, found.p if cluster is None else None),
    )


def logistic_dif(answers: npt.ArrayLike, focal: npt.ArrayLike, total: npt.ArrayLike, *, confidence: float = 0.95) -> LogisticDif:
    """Uniform and non-uniform DIF of one code: does the group, or its product with the total, say more than the total alone.

    Parameters
    ----------
    answers, focal, total, confidence
        See `odds_dif`; the total enters as a number.

    Returns
    -------
    LogisticDif
        Wald intervals. A test without a finite fit says why: ``separation``, ``collinear``, ``no_convergence``.

    Raises
    ------
    YuhuError
        YH301, YH303 as `odds_dif`.

    Notes
    -----
    O(R log R). Answers are taken for independent. Source: swaminathan1990.
    """
    hits, group, level = _checked(answers, focal, total, confidence)
    reason = _why_not(hits, group)
    if reason:
        return _no_logistic(hits.size, reason)
    patterns, place = np.unique(np.column_stack([level, group]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    n = np.bincount(place).astype(np.float64)
    sums = np.bincount(place, weights=hits).astype(np.float64)
    spread = float(level.std())
    if spread == 0:
        return _one_total(patterns[:, 1], n, sums, hits.size, confidence)
    scaled = (patterns[:, 0] - level.mean()) / spread
    ones = np.ones(len(n))
    designs = [np.column_stack([ones, scaled]), np.column_stack([ones, scaled, patterns[:, 1]])]
    designs.append(np.column_stack([designs[1], scaled * patterns[:, 1]]))
    null, uniform, full = (fitted(one, n, sums) for one in designs)
    return LogisticDif(
        _ratio(null, uniform, 1),
        _ratio(uniform, full, 1),
        _ratio(null, full, 2),
        _wald(uniform, 2, 1.0, hits.size, confidence),
        _wald(full, 3, spread, hits.size, confidence),
    )


def _checked(answers: npt.ArrayLike, focal: npt.ArrayLike, total: npt.ArrayLike, confidence: float) -> tuple[Floats, Floats, Floats]:
    proportion(confidence, "confidence")
    hits, group, level = (np.asarray(one, np.float64).reshape(-1) for one in (answers, focal, total))
    equal_lengths(answers=hits, focal=group, total=level)
    for name, one in (("an answer", hits), ("a group", group)):
        if not bool(np.all((one == 0) | (one == 1))):
            raise YuhuError("YH303", f"{name} is neither 0 nor 1", fix="leave out what was not coded")
    if not bool(np.all(np.isfinite(level))):
        raise YuhuError("YH303", "a total is no number", fix="leave out answers without a total")
    return hits, group, level


def _why_not(hits: Floats, group: Floats) -> str:
    if not hits.size:
        return "no_units"
    if group.min() == group.max():
        return "one_group"
    return "one_value_used" if hits.min() == hits.max() else ""


def _tables(hits: Floats, group: Floats, stratum: npt.NDArray[np.intp]) -> Floats:
    """(S, 2, 2): reference above focal, given before not given."""
    cell = stratum * 4 + group.astype(np.intp) * 2 + (1 - hits).astype(np.intp)
    return np.bincount(cell, minlength=4 * (int(stratum.max()) + 1)).reshape(-1, 2, 2).astype(np.float64)


def _jackknifed(
    hits: Floats, group: Floats, stratum: npt.NDArray[np.intp], cluster: npt.NDArray[np.generic], tables: Floats
) -> tuple[float | None, int]:
    """Standard error of the log odds ratio with one cluster left out at a time, or None, and the number of clusters."""
    names, place = np.unique(cluster, return_inverse=True)
    cell = stratum * 4 + group.astype(np.intp) * 2 + (1 - hits).astype(np.intp)
    own = np.bincount(place.reshape(-1) * tables.size + cell, minlength=len(names) * tables.size).reshape(len(names), -1, 2, 2)
    left = tables[None] - own
    n = left.sum(axis=(2, 3))
    n[n == 0] = 1.0
    high = (left[:, :, 0, 0] * left[:, :, 1, 1] / n).sum(axis=1)
    low = (left[:, :, 0, 1] * left[:, :, 1, 0] / n).sum(axis=1)
    if len(names) < 2 or bool(np.any((high <= 0) | (low <= 0))):
        return None, len(names)
    logs = np.log(high / low)
    return math.sqrt((len(names) - 1) / len(names) * float(((logs - logs.mean()) ** 2).sum())), len(names)


def _ets_class(delta: float, error: float | None, p: float | None) -> str:
    if error is None:
        return ""
    if p is None:
        p = 2 * float(stats.norm.sf(abs(delta) / error)) if error > 0 else 0.0
    if abs(delta) < MODERATE or p >= _ETS_LEVEL:
        return "A"
    is_above = error == 0 or (abs(delta) - MODERATE) / error > float(stats.norm.ppf(1 - _ETS_LEVEL))
    return "C" if abs(delta) >= LARGE and is_above else "B"


def _estimate(value: float, interval: tuple[float, float] | None, n: int, unit: str, confidence: float) -> Estimate:
    if interval is None:
        return Estimate(value=value, n=n, unit=unit, method=_METHOD, reason="rests_on_few_units")
    return Estimate(value=value, low=interval[0], high=interval[1], n=n, unit=unit, method=_METHOD, confidence=confidence)


def _no_odds(n: int, reason: str, found: CommonOdds | None = None) -> OddsDif:
    ratio, delta = (Estimate(value=None, n=n, unit=unit, method=_METHOD, reason=reason) for unit in ("odds ratio", "ETS delta"))
    if found is None or found.corrected is None:
        return OddsDif(ratio, delta, None, None, None, None, "")
    return OddsDif(ratio, delta, found.statistic, found.corrected, found.p, float(stats.chi2.sf(found.corrected, 1)), "")


def _ratio(smaller: Fit, larger: Fit, df: int) -> LikelihoodRatio:
    reason = smaller.reason or larger.reason
    if reason:
        return LikelihoodRatio(None, df, None, reason)
    chi2 = max(0.0, 2 * (larger.log_likelihood - smaller.log_likelihood))
    return LikelihoodRatio(chi2, df, float(stats.chi2.sf(chi2, df)))


def _wald(fit: Fit, at: int, scale: float, n: int, confidence: float) -> Estimate:
    if fit.reason:
        return Estimate(value=None, n=n, unit="log odds", method=_LOGISTIC, reason=fit.reason)
    value = float(fit.coefficients[at]) / scale
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * math.sqrt(float(fit.covariance[at, at])) / scale
    return Estimate(value=value, low=value - half, high=value + half, n=n, unit="log odds", method=_LOGISTIC, confidence=confidence)


def _one_total(group: Floats, n: Floats, hits: Floats, size: int, confidence: float) -> LogisticDif:
    """All have one total: the group is tested alone, and nothing can depend on the total."""
    ones = np.ones(len(n))
    null, uniform = fitted(ones[:, None], n, hits), fitted(np.column_stack([ones, group]), n, hits)
    none = LikelihoodRatio(None, 1, None, "collinear")
    interaction = Estimate(value=None, n=size, unit="log odds", method=_LOGISTIC, reason="collinear")
    joint = LikelihoodRatio(None, 2, None, "collinear")
    return LogisticDif(_ratio(null, uniform, 1), none, joint, _wald(uniform, 1, 1.0, size, confidence), interaction)


def _no_logistic(n: int, reason: str) -> LogisticDif:
    none = Estimate(value=None, n=n, unit="log odds", method=_LOGISTIC, reason=reason)
    one = LikelihoodRatio(None, 1, None, reason)
    return LogisticDif(one, one, LikelihoodRatio(None, 2, None, reason), none, none)


__all__ = ["ETS", "LARGE", "MODERATE", "LikelihoodRatio", "LogisticDif", "OddsDif", "logistic_dif", "odds_dif"]
