"""Estimates from one fit, or from several with times drawn anew within the unit of the clock."""

import numpy as np
from scipy import special

from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats
from yuhu.stats.hawkes.model import Fitted

LEAST_DRAWS = 19
METHOD = "hawkes_exponential.v1"


def estimates(fits: list[Fitted], simulated: Floats, n: int, confidence: float, reason: str) -> tuple[Estimate, Estimate]:
    """Branching ratio and decay with their intervals, or with the reason why there are none.

    Parameters
    ----------
    fits : list of Fitted
        At least one, each with a covariance if there is no reason.
    simulated : (B, 2) float
        logit n and ln b fitted to events simulated from the first fit; B may be 0.
    n : int
        Events.
    confidence : float in (0, 1)
        Level.
    reason : str
        Empty, or why there is no value.

    Notes
    -----
    Normal on the scales logit n and ln b. Several fits: the mean, its variance the mean variance plus (1 + 1/R) times that between fits, and
    Student's t. From 19 simulations on, their median error is taken off, and half the distance of their middle 68 % stands for the information:
    each level that was fitted has soaked up some excitation, more than the information knows. Sources: rubin1987; efron1993.
    """
    if reason:
        return undefined(n, reason)
    points = np.array([[special.logit(one.top.branching), np.log(one.top.rate)] for one in fits])
    inner = np.mean([np.diag(one.top.covariance) for one in fits if one.top.covariance is not None], axis=0)
    outer = (1 + 1 / len(fits)) * points.var(axis=0, ddof=1) if len(fits) > 1 else np.zeros(2)
    centre = points.mean(axis=0)
    if len(simulated) >= LEAST_DRAWS:
        low, mid, high = np.quantile(simulated, [0.16, 0.5, 0.84], axis=0)
        centre, inner = centre - (mid - points[0]), ((high - low) / 2) ** 2
    error = np.sqrt(inner + outer)
    half = np.array([_quantile(len(fits) - 1, float(a), float(b), confidence) for a, b in zip(inner, outer, strict=True)]) * error
    least, value, most = (special.expit(centre[0] + sign * half[0]) for sign in (-1, 0, 1))
    soon, mean, late = (np.exp(-centre[1] + sign * half[1]) for sign in (-1, 0, 1))
    return (
        Estimate(value=float(value), low=float(least), high=float(most), n=n, method=METHOD, confidence=confidence),
        Estimate(value=float(mean), low=float(soon), high=float(late), n=n, unit="seconds", method=METHOD, confidence=confidence),
    )


def undefined(n: int, reason: str) -> tuple[Estimate, Estimate]:
    """Neither branching ratio nor decay."""
    return Estimate(value=None, n=n, method=METHOD, reason=reason), Estimate(value=None, n=n, unit="seconds", method=METHOD, reason=reason)


def _quantile(degrees: int, inner: float, outer: float, confidence: float) -> float:
    if outer <= 0:
        return float(special.ndtri(0.5 + confidence / 2))
    return float(special.stdtrit(degrees * (1 + inner / outer) ** 2, 0.5 + confidence / 2))
