"""Responses per second of watching: intervals, what was assumed of the exposure, and what holds whatever is assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, equal_lengths, proportion

METHOD = "gamma_poisson_rate.v1"
HALF_LIVES = (0.25, 0.5, 1.0)
"""Half-lives of watching, in durations of the video, that stand in for an unknown retention curve."""


@dataclass(frozen=True)
class RateIntervals:
    """Rates with their intervals.

    Parameters
    ----------
    rate, low, high : (n,) float
        Responses per unit of exposure; all three are 0 where `known` is False.
    known : (n,) bool
        Whether there was any exposure.
    """

    rate: Floats
    low: Floats
    high: Floats
    known: npt.NDArray[np.bool_]

    def estimates(self, count: npt.ArrayLike, *, unit: str = "responses per second", confidence: float = 0.95) -> list[Estimate]:
        """The same as estimates, in the order of the bins; without exposure undefined for `no_exposure`."""
        counts = np.atleast_1d(np.asarray(count, np.float64)).tolist()
        rows = zip(self.rate.tolist(), self.low.tolist(), self.high.tolist(), self.known.tolist(), counts, strict=True)
        return [
            Estimate(value=rate, low=low, high=high, n=int(n), unit=unit, method=METHOD, confidence=confidence)
            if known
            else Estimate(value=None, n=int(n), unit=unit, method=METHOD, reason="no_exposure")
            for rate, low, high, known, n in rows
        ]


def rate_interval(count: npt.ArrayLike, exposure: npt.ArrayLike, *, confidence: float = 0.95, dispersion: float = 1.0) -> RateIntervals:
    """Rates of responses with Gamma-Poisson intervals.

    Parameters
    ----------
    count : (n,) float >= 0
        Responses of each bin.
    exposure : (n,) float >= 0, or one number
        What they are counted per: seconds, or seconds times viewers.
    confidence : float in (0, 1)
        Level.
    dispersion : float >= 1
        How many times the variance of counts is their mean; above 1 intervals are wider.

    Returns
    -------
    RateIntervals
        Quantiles of a Gamma distribution with the shape c + 1/2 (Jeffreys' prior); with c = 0 the interval begins at 0.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a count or exposure is negative or not finite, responses without exposure, `confidence`, or `dispersion` below 1.

    Notes
    -----
    O(n). Sources: brown2003 (intervals of a Poisson mean); mccullagh1989 (dispersion).
    """
    counts, exposures = np.atleast_1d(np.asarray(count, np.float64)), np.atleast_1d(np.asarray(exposure, np.float64))
    if exposures.size == 1:
        exposures = np.full(counts.shape, exposures.flat[0])
    proportion(confidence, "confidence")
    counted(counts, exposures)
    if not 1 <= dispersion < np.inf:
        raise YuhuError("YH303", "dispersion lies below 1", facts={"found": dispersion}, fix="1 for counts that vary as Poisson counts do")
    known = exposures > 0
    per = np.where(known, exposures, 1.0)
    shape, tail = counts / dispersion + 0.5, (1 - confidence) / 2
    rate = counts / per
    low = np.where(counts > 0, np.minimum(special.gammaincinv(shape, tail) * dispersion / per, rate), 0.0)
    high = np.maximum(special.gammaincinv(shape, 1 - tail) * dispersion / per, rate)
    return RateIntervals(np.where(known, rate, 0.0), np.where(known, low, 0.0), np.where(known, high, 0.0), known)


def counted(counts: Floats, exposures: Floats) -> None:
    """Check counts and what they are counted per.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative or not finite, or there are responses without exposure.
    """
    equal_lengths(counts=counts, exposure=exposures)
    for name, array in (("a count", counts), ("an exposure", exposures)):
        if not bool(np.all(np.isfinite(array) & (array >= 0))):
            bad = array[~(np.isfinite(array) & (array >= 0))][0]
            raise YuhuError("YH303", f"{name} is negative or not a number", facts={"found": bad}, fix="0 where nothing was counted")
    if bool(np.any((exposures == 0) & (counts > 0))):
        place = int(np.flatnonzero((exposures == 0) & (counts > 0))[0])
        raise YuhuError(
            "YH303",
            "there are responses where nobody watched",
            facts={"bin": place, "count": counts[place]},
            fix="mask the bins, or mend the retention curve",
        )


def exposure_scenarios(
    bins: int, *, views: float = 1.0, declared: npt.ArrayLike | None = None, half_lives: Sequence[float] = HALF_LIVES
) -> dict[str, Floats]:
    """What watching may have looked like where no retention curve is known.

    Parameters
    ----------
    bins : int
        Bins of the video, of equal length.
    views : float
        Views at the start.
    declared : (bins,) float >= 0, optional
        A curve that somebody declared, as a share of the views.
    half_lives : sequence of float > 0
        Shares of the duration in which views halve.

    Returns
    -------
    dict of str to (bins,) float
        ``flat``; ``half_life_0.25``, ``half_life_0.5``, ``half_life_1``: views that halve every quarter, half and whole duration (or as `half_lives` says),
        each at the middle of a bin; ``declared``. Per bin: multiply with its seconds.

    Raises
    ------
    YuhuError
        YH301 the declared curve has another length; YH303 no bins, a number below 0, or a half-life of 0.

    Notes
    -----
    O(bins).
    """
    if bins < 1 or not 0 < views < np.inf:
        raise YuhuError("YH303", "no bins or no views", facts={"bins": bins, "views": views}, fix="at least one bin and views above 0")
    if not all(0 < half < np.inf for half in half_lives):
        raise YuhuError(
            "YH303", "a half-life is not above 0", facts={"found": list(half_lives)}, fix="shares of the duration, 0.5 for example"
        )
    middle = (np.arange(bins) + 0.5) / bins
    curves = {"flat": np.full(bins, float(views))}
    curves |= {f"half_life_{half:g}": views * 0.5 ** (middle / half) for half in half_lives}
    if declared is not None:
        curve = np.atleast_1d(np.asarray(declared, np.float64))
        counted(np.zeros(bins), curve)
        curves["declared"] = views * curve
    return curves


@dataclass(frozen=True)
class Verdict:
    """What can be said whatever was assumed.

    Parameters
    ----------
    holds : bool
        Whether all scenarios lead to one conclusion.
    direction : int
        1 above `against`, -1 below, 0 neither; 0 where scenarios differ.
    against_it : tuple of str
        Scenarios without the conclusion that the first of them leads to.
    reason : str
        A key of `REASONS`: ``depends_on_exposure`` where scenarios differ, else empty.
    """

    holds: bool
    direction: int
    against_it: tuple[str, ...] = ()
    reason: str = ""


def holds_in_all(scenarios: Mapping[str, Estimate], *, against: float = 1.0) -> Verdict:
    """Whether the same conclusion stands in every scenario.

    Parameters
    ----------
    scenarios : mapping of str to Estimate
        The estimate under each assumption.
    against : float
        What its interval is compared with: 1 for ratios, 0 for differences.

    Returns
    -------
    Verdict
        A conclusion is: above, below, or neither because the interval holds `against`. An estimate without an interval concludes nothing.

    Raises
    ------
    YuhuError
        YH303 no scenarios.

    Notes
    -----
    O(scenarios).
    """
    if not scenarios:
        raise YuhuError("YH303", "no scenarios", facts={"found": 0, "expected": "one or more"}, fix="exposure_scenarios(bins)")
    found = {name: _direction(estimate, against) for name, estimate in scenarios.items()}
    first = next(iter(found.values()))
    others = tuple(name for name, direction in found.items() if direction != first)
    return Verdict(False, 0, others, "depends_on_exposure") if others else Verdict(True, first)


def _direction(estimate: Estimate, against: float) -> int:
    if estimate.low is None or estimate.high is None:
        return 0
    return int(estimate.low > against) - int(estimate.high < against)
