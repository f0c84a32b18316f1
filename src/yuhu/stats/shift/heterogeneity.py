"""Effects that differ between videos: random effects, and what a new video may show."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, equal_lengths, proportion

METHOD = "random_effects.v1"
LEAST_VIDEOS = 5
_QUANTILES = 200


@dataclass(frozen=True)
class Heterogeneity:
    """Effects over videos.

    Parameters
    ----------
    mean : Estimate
        Mean effect in videos like these.
    predictive : Estimate
        The same value with the interval in which the effect of one new video lies.
    tau2 : Estimate
        Variance of true effects between videos, on the scale of the effects.
    i2 : Estimate
        Share of the variance of estimates that is not error of estimation.
    """

    mean: Estimate
    predictive: Estimate
    tau2: Estimate
    i2: Estimate


def random_effects(effects: Floats, errors: Floats, *, confidence: float = 0.95, ratio: bool = False) -> Heterogeneity:
    """Effects of videos pooled as draws from a normal distribution.

    Parameters
    ----------
    effects : (V,) float
        Estimates, on a scale without bounds: log ratios.
    errors : (V,) float > 0
        Their standard errors.
    confidence : float in (0, 1)
        Level.
    ratio : bool
        Give mean and prediction as exp of the effects.

    Returns
    -------
    Heterogeneity
        Undefined for `too_few_videos` below 5.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number that is none, an error that is not above 0, or `confidence`.

    Notes
    -----
    tau² after Paule and Mandel, intervals of it and of I² by the Q profile; mean with t of V - 1 degrees of freedom and the variance of Hartung, Knapp,
    Sidik and Jonkman (never below the usual one); prediction with t of V - 1 over the confidence distribution of tau², so that a tau² that happens to be
    estimated as 0 does not promise a new video like the mean. O(V). Sources: paule1982; viechtbauer2007; hartung2001; nagashima2019.
    """
    equal_lengths(effects=effects, errors=errors)
    proportion(confidence, "confidence")
    if not (bool(np.isfinite(effects).all()) and bool(np.isfinite(errors).all()) and bool((errors > 0).all())):
        raise YuhuError(
            "YH303", "an effect is not finite or an error is not above 0", facts={"videos": effects.size}, fix="leave the video out"
        )
    n, unit = int(effects.size), "rate ratio" if ratio else "log rate ratio"
    if n < LEAST_VIDEOS:
        none = Estimate(value=None, n=n, n_videos=n, method=METHOD, reason="too_few_videos", unit=unit)
        return Heterogeneity(none, none, none.with_(unit="variance"), none.with_(unit="share"))
    tau2, low, high = _tau2(effects, errors**2, confidence)
    weight = 1 / (errors**2 + tau2)
    mean = float(weight @ effects / weight.sum())
    knapp = float(weight @ (effects - mean) ** 2) / (n - 1)
    error = math.sqrt(max(1.0, knapp) / float(weight.sum()))
    ask = 0.5 + confidence / 2
    half = float(special.stdtrit(n - 1, ask)) * error
    wide = _predictive(effects, errors**2, max(1.0, knapp), confidence)

    def given(value: float, lower: float, upper: float, kind: str) -> Estimate:
        return Estimate(value=value, low=lower, high=upper, n=n, n_videos=n, unit=kind, method=METHOD, confidence=confidence)

    def scaled(reach: float) -> Estimate:
        value, lower, upper = (math.exp(end) if ratio else end for end in (mean, mean - reach, mean + reach))
        return given(value, lower, upper, unit)

    typical = _typical(errors**2)
    share, least, most = (one / (one + typical) for one in (tau2, low, high))
    return Heterogeneity(scaled(half), scaled(wide), given(tau2, low, high, "variance"), given(share, least, most, "share"))


def _q(effects: Floats, variances: Floats, tau2: float) -> float:
    weight = 1 / (variances + tau2)
    return float(weight @ (effects - weight @ effects / weight.sum()) ** 2)


def _tau2(effects: Floats, variances: Floats, confidence: float) -> tuple[float, float, float]:
    """tau² where Q has its mean, and where it has both its quantiles."""
    free = effects.size - 1
    most = 100.0 * (float(np.var(effects)) + float(variances.max())) + 1e-9

    def root(target: float) -> float:
        if _q(effects, variances, 0.0) <= target:
            return 0.0
        if _q(effects, variances, most) >= target:
            return most
        return float(optimize.brentq(lambda tau2: _q(effects, variances, tau2) - target, 0.0, most, xtol=1e-14, rtol=1e-10))

    tail = (1 - confidence) / 2
    tau2 = root(float(free))
    low, high = root(float(special.chdtri(free, tail))), root(float(special.chdtri(free, 1 - tail)))
    return tau2, min(low, tau2), max(high, tau2)


def _predictive(effects: Floats, variances: Floats, knapp: float, confidence: float) -> float:
    """Half width: tau² is that at which Q would be each quantile of its distribution in turn."""
    free = effects.size - 1
    most = 100.0 * (float(np.var(effects)) + float(variances.max())) + 1e-9
    grid = np.concatenate(([0.0], np.geomspace(most * 1e-8, most, 400)))
    seen = np.array([_q(effects, variances, tau2) for tau2 in grid])
    wanted = special.chdtri(free, (np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    drawn = np.interp(wanted, seen[::-1], grid[::-1])
    spread = np.sqrt(drawn + knapp / (1 / (variances[None, :] + drawn[:, None])).sum(axis=1))

    def missing(half: float) -> float:
        return float(np.mean(2 * special.stdtr(free, half / spread) - 1)) - confidence

    return float(optimize.brentq(missing, 0.0, float(spread.max()) * float(special.stdtrit(free, 0.5 + confidence / 2)) * 1.01))


def _typical(variances: Floats) -> float:
    """Typical error variance after Higgins and Thompson."""
    weight = 1 / variances
    return float((variances.size - 1) * weight.sum() / (weight.sum() ** 2 - (weight**2).sum()))
