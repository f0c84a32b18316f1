"""Ratios of two rates of rare events: exact, whatever their size."""

import math
from dataclasses import dataclass

from scipy import special, stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import proportion

METHOD = "exact_rate_ratio.v1"


@dataclass(frozen=True)
class RateRatio:
    """One rate against another.

    Parameters
    ----------
    ratio : Estimate
        Unit "rate ratio"; n = events of both. Undefined for ``no_exposure``, ``no_events`` or ``none_to_compare``.
    least : float
        The ratio is at least this with half the doubt of the interval on this side; also where there is no ratio, because the second rate is 0.
    p : float
        Exact, two-sided: twice the smaller tail, the test that the interval inverts. 1 without events.
    p_mid : float
        The same with half the chance of what was found: less cautious, right on average.
    """

    ratio: Estimate
    least: float
    p: float
    p_mid: float


def exact_rate_ratio(count: int, exposure: float, other: int, other_exposure: float, *, confidence: float = 0.95) -> RateRatio:
    """How many times as often something happened as elsewhere.

    Parameters
    ----------
    count, other : int >= 0
        Events here and elsewhere.
    exposure, other_exposure : float >= 0
        What they are counted per: messages, seconds, viewer-seconds.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    RateRatio
        Given all events, those here are binomial: the interval is that of Clopper and Pearson for their share, turned into a ratio.

    Raises
    ------
    YuhuError
        YH303 a count or exposure is negative or not a number, events without exposure, or `confidence`.

    Notes
    -----
    O(1). Exact for Poisson events; wide for shares that are not small (an upper bound of a binomial's doubt); too narrow where events come in bursts.
    Sources: przyborowski1940; clopper1934; lancaster1961 (mid p).
    """
    proportion(confidence, "confidence")
    for events, size in ((count, exposure), (other, other_exposure)):
        if not (math.isfinite(size) and size >= 0 and events >= 0 and float(events).is_integer()) or (events and not size):
            raise YuhuError(
                "YH303",
                "a count or exposure makes no sense",
                facts={"count": events, "exposure": size},
                fix="events of 0 or more, per what",
            )
    count, other = int(count), int(other)
    events = count + other
    blank = Estimate(value=None, n=events, count=count, unit="rate ratio", method=METHOD, reason="no_exposure")
    if not exposure or not other_exposure:
        return RateRatio(blank, 0.0, 1.0, 1.0)
    if not events:
        return RateRatio(blank.with_(reason="no_events"), 0.0, 1.0, 1.0)
    scale = other_exposure / exposure
    low, high = _clopper_pearson(count, events, confidence)
    least = scale * low / (1 - low) if low < 1 else math.inf
    p, p_mid = _ps(count, events, exposure / (exposure + other_exposure))
    if not other:
        return RateRatio(blank.with_(reason="none_to_compare"), least, p, p_mid)
    ratio = blank.with_(value=scale * count / other, low=least, high=scale * high / (1 - high), confidence=confidence, reason="")
    return RateRatio(ratio, least, p, p_mid)


def _clopper_pearson(found: int, events: int, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low = float(special.betaincinv(found, events - found + 1, tail)) if found else 0.0
    high = float(special.betaincinv(found + 1, events - found, 1 - tail)) if found < events else 1.0
    return low, high


def _ps(found: int, events: int, chance: float) -> tuple[float, float]:
    below, above = float(stats.binom.cdf(found, events, chance)), float(stats.binom.sf(found - 1, events, chance))
    half = float(stats.binom.pmf(found, events, chance)) / 2
    return min(1.0, 2 * min(below, above)), min(1.0, 2 * (min(below, above) - half))
