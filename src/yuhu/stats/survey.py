"""Means from a probability sample, with design-based intervals."""

import math

import numpy as np
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, known_chances, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, wild_quantile

METHOD = "hajek_mean.v1"
LEAST_UNITS = 10
_NOTHING = 1e-12


def wilson(share: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a share.

    Parameters
    ----------
    share : float in [0, 1]
        The share found.
    n : float > 0
        Units, or the effective number of units.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    tuple of float
        Low and high, in [0, 1].

    Notes
    -----
    O(1). Source: wilson1927.
    """
    return wilson_at(share, n, float(special.ndtri(0.5 + confidence / 2)))


def wilson_at(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson interval of a share for a critical value of one's own.

    Notes
    -----
    O(1). Source: wilson1927.
    """
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(max(share * (1 - share) / n + z * z / (4 * n * n), 0.0))
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def hajek_mean(
    human: Floats, chance: Floats, *, cluster: Ints | None = None, confidence: float = 0.95, generator: np.random.Generator | None = None
) -> Estimate:
    """Share of a code among all units, from the units that people coded.

    Parameters
    ----------
    human : (n,) float in [0, 1]
        Human code of each drawn unit: 0/1, or the mean of several coders.
    chance : (n,) float in (0, 1]
        Chance with which the unit was drawn, fixed before it was coded.
    cluster : (n,) int, optional
        Independent work of each unit; None = inference to the units at hand.
    confidence : float in (0, 1)
        Level of the interval.
    generator : numpy.random.Generator, optional
        For the wild bootstrap with 5 to 9 clusters; seeded with 0 if none.

    Returns
    -------
    Estimate
        Unit "share". Without clusters: Wilson interval at the effective sample size of the Hájek estimator's linearised variance, with the
        finite-population factor (1 - chance), and never above Kish's effective size; no interval below 10 units. With clusters: t with G-1 degrees of freedom on the logit scale
        from 10 clusters, wild cluster bootstrap-t (Webb weights) from 5 to 9, undefined below 5.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance lies outside (0, 1]; YH303 confidence, or a human code outside [0, 1].

    Notes
    -----
    O(n). Sources: hajek1971; korn1998 (effective sample size); webb2023 (weights); cameron2008 (wild cluster bootstrap).
    """
    equal_lengths(human=human, chance=chance, cluster=cluster)
    known_chances(chance)
    if human.size and not bool(np.all((human >= 0) & (human <= 1))):
        raise YuhuError(
            "YH303",
            "a human code lies outside [0, 1]",
            facts={"found": human[~((human >= 0) & (human <= 1))][0]},
            fix="0/1, or the mean of several coders",
        )
    proportion(confidence, "confidence")
    n = int(human.size)
    if n == 0:
        return Estimate(value=None, reason="no_units", method=METHOD)
    weight = 1.0 / chance
    total = float(weight.sum())
    share = min(1.0, max(0.0, float(weight @ human) / total))
    if cluster is not None:
        return _clustered(human - share, weight, cluster, share, confidence, generator or np.random.default_rng(0), n)
    if n < LEAST_UNITS:
        return Estimate(value=share, n=n, n_gold=n, method=METHOD, reason="too_few_gold")
    residual = weight * (human - share)
    variance = float(((1 - chance) * residual**2).sum()) / total**2 * n / (n - 1)
    spread = share * (1 - share)
    open_share = 1 - n / total if total > n else 0.0
    if open_share <= 0:
        return Estimate(value=share, low=share, high=share, n=n, n_gold=n, confidence=confidence, method=METHOD)
    kish = total**2 / float((weight**2).sum())
    most = kish / open_share  # a stratum that shows no positive yet must not pass for certainty
    effective = min(spread / variance, most) if variance > 0 and spread > 0 else most
    low, high = wilson(share, effective, confidence)
    return Estimate(value=share, low=low, high=high, n=n, n_gold=n, confidence=confidence, method=METHOD)


def _clustered(
    residual: Floats, weight: Floats, cluster: Ints, share: float, confidence: float, generator: np.random.Generator, n: int
) -> Estimate:
    _, index = np.unique(cluster, return_inverse=True)
    groups = int(index.max()) + 1
    if groups < LEAST_CLUSTERS:
        return Estimate(value=None, n=n, n_gold=n, method=METHOD, reason="too_few_videos")
    sums: Floats = np.bincount(index, weights=weight * residual).astype(np.float64)
    sizes: Floats = np.bincount(index, weights=weight).astype(np.float64)
    total = float(weight.sum())
    error = math.sqrt(groups / (groups - 1) * float(sums @ sums)) / total
    if error < _NOTHING:
        return Estimate(value=share, n=n, n_gold=n, method=METHOD, reason="no_variation")
    if groups >= WILD_BELOW:
        half = float(special.stdtrit(groups - 1, 0.5 + confidence / 2)) * error
        low, high = logit_interval(share, half)
    else:
        half = wild_quantile(sums, sizes, total, confidence, generator) * error
        low, high = max(0.0, share - half), min(1.0, share + half)
    return Estimate(value=share, low=low, high=high, n=n, n_gold=n, confidence=confidence, method=METHOD)
