"""Why a branching ratio is not given."""

from scipy import special

from yuhu.stats.hawkes.model import Fitted

LEAST_EVENTS = 50
MOST = 0.99
"""Branching ratio that the 95 % interval must stay below."""
_SURE = 1.96
PER_LEVEL = 5
"""Events that each level of the baseline must have, on average."""
_EDGES = {"zero": "baseline_suffices", "one": "not_stationary", "slow": "baseline_as_flexible", "fast": "finer_than_clock"}


def why_not(fits: list[Fitted], *, is_excited: bool, precision: float, width: float) -> str:
    """The reason why excitation cannot be told, or an empty string.

    Parameters
    ----------
    fits : list of Fitted
        One for each set of times within the unit of the clock; the first that fails speaks.
    is_excited : bool
        Whether AIC asks for excitation.
    precision : float
        Unit of the clock, in seconds.
    width : float
        Seconds of a step of the baseline: excitation that decays no sooner follows the same rises and falls.
    """
    if not all(one.top.converged for one in fits):
        return "no_convergence"
    if not is_excited:
        return "baseline_suffices"
    for one in fits:
        if one.top.edge:
            return _EDGES[one.top.edge]
        if 1 / one.top.rate > width:
            return "baseline_as_flexible"
        if 1 / one.top.rate < precision:
            return "finer_than_clock"
        if one.top.covariance is None:
            return "no_convergence"
        if special.logit(one.top.branching) + _SURE * one.top.covariance[0, 0] ** 0.5 > special.logit(MOST):
            return "not_stationary"
    return ""
