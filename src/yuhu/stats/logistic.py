"""Logistic regression of grouped counts by Newton's method, for models of a few coefficients; says why where there is no finite fit."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from yuhu.stats.arrays import Floats

_STEPS = 50
_HALVINGS = 30
_TINY = 1e-9
_CLIMBED = 1e-13


@dataclass(frozen=True)
class Fit:
    """Coefficients, their covariance, and the log likelihood; or, with a `reason`, none."""

    coefficients: Floats
    covariance: Floats
    log_likelihood: float
    reason: str = ""


def fitted(design: Floats, n: Floats, hits: Floats) -> Fit:
    """Maximum likelihood of a logistic model.

    Parameters
    ----------
    design : (P, k) float
        One row for each pattern of covariates, the constant included.
    n : (P,) float > 0
        Answers with the pattern.
    hits : (P,) float in [0, n]
        Those that are 1.

    Returns
    -------
    Fit
        ``reason`` is ``collinear`` (columns depend on each other), ``separation`` (a combination of the columns tells the answers apart, wholly or in
        part, so that a coefficient would be infinite), ``no_convergence``, or empty.

    Notes
    -----
    O(P k²) a step, and one linear program of k variables that finds separation exactly. Sources: albert1984; konis2007.
    """
    k = design.shape[1]
    if design.shape[0] < k or np.linalg.matrix_rank(design) < k:
        return _none(k, "collinear")
    if is_separated(design, n, hits):
        return _none(k, "separation")
    beta = np.zeros(k)
    likelihood = _log_likelihood(design @ beta, n, hits)
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-(design @ beta)))
        score = design.T @ (hits - n * share)
        information = (design * (n * share * (1 - share))[:, None]).T @ design
        step = np.linalg.solve(information, score)
        if float(score @ step) < _CLIMBED:
            return Fit(beta, _inverse(information), likelihood)
        size = 1.0
        for _ in range(_HALVINGS):
            reached = _log_likelihood(design @ (beta + size * step), n, hits)
            if reached > likelihood:
                break
            size /= 2
        else:  # no step climbs any more: the numbers of the machine are used up
            return Fit(beta, _inverse(information), likelihood)
        beta, likelihood = beta + size * step, reached
    return _none(k, "no_convergence")


def is_separated(design: Floats, n: Floats, hits: Floats) -> bool:
    """Whether a combination of the columns is nowhere on the wrong side of the answers and somewhere on the right one.

    Parameters
    ----------
    design, n, hits
        See `fitted`.

    Notes
    -----
    The largest sum of margins with coefficients in [-1, 1] is above 0 exactly then. Source: konis2007.
    """
    sign = np.where(hits == n, 1.0, np.where(hits == 0, -1.0, 0.0))
    pure, mixed = design[sign != 0] * sign[sign != 0, None], design[sign == 0]
    if not pure.size:
        return False
    found = optimize.linprog(
        -pure.sum(axis=0),
        A_ub=-pure,
        b_ub=np.zeros(len(pure)),
        A_eq=mixed if len(mixed) else None,
        b_eq=np.zeros(len(mixed)) if len(mixed) else None,
        bounds=[(-1, 1)] * design.shape[1],
    )
    return bool(-found.fun > _TINY)


def _log_likelihood(linear: Floats, n: Floats, hits: Floats) -> float:
    return float(hits @ linear - n @ np.logaddexp(0, linear))


def _inverse(information: Floats) -> Floats:
    return np.asarray(np.linalg.inv(information), np.float64)


def _none(k: int, reason: str) -> Fit:
    return Fit(np.zeros(k), np.zeros((k, k)), 0.0, reason)
